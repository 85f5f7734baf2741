/*
 * test_sent_model.c: a record may stand for many segments (tcp_sent.c). Does
 * anybody notice? The same is done at random to the list and to a model that
 * knows nothing but single segments: sent, acknowledged and reported by SACK
 * at any byte, lost, sent again, cut to a smaller size, found not to be lost.
 * After each step both must say the same of every segment.
 */
#include "check.h"
#include "faulty.h"
#include "rng.h"
#include "sent_model.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    WORLDS = 100,
    STEPS = 150
};

static struct model m;
static struct timers timers;
static struct journal journal;
static struct env env = {.timers = &timers, .journal = &journal};
static struct tcp tcp = {.env = &env};
static struct tcp_conn conn;
static struct tcp_told told;
static uint32_t lost_told[MODEL_MOST];
static unsigned nlost_told;
static struct rng rng;

/* --- are they the same? -------------------------------------------------- */

static bool
same_segments(void)
{
    unsigned k = 0;
    uint32_t sums[5] = {0};

    for (uint32_t i = 0; i < conn.sent->count; i++) {
        const struct tcp_rec *r = tcp_sent_at(&conn, i);
        uint32_t n = tcp_rec_segments(r), from = 0;

        for (uint32_t j = 1; j <= n; j++, k++) {
            uint32_t to = tcp_rec_numbers(r, j);
            uint32_t flags = r->flags;

            if (j < n)
                flags &= ~(uint32_t)(SENT_FIN | SENT_PUSH | SENT_LAST);
            if (k >= m.n || m.seg[k].seq != r->seq.v + from ||
                m.seg[k].len != to - from || m.seg[k].flags != flags ||
                m.seg[k].at != r->at.ns)
                return CHECK_EQ(k, -1);
            from = to;
        }
    }
    for (unsigned i = 0; i < m.n; i++) {
        uint32_t flags = m.seg[i].flags, len = m.seg[i].len;
        bool sacked = flags & SENT_SACKED;

        sums[0] += sacked ? len : 0;
        sums[1] += sacked;
        sums[2] += !sacked && (flags & SENT_LOST) ? len : 0;
        sums[3] += !sacked && (flags & SENT_AGAIN) ? len : 0;
        sums[4] += !!(flags & SENT_LAST);
    }
    return CHECK_EQ(k, m.n) && CHECK_EQ(conn.sent->segs, m.n) &&
           CHECK_EQ(conn.sent->sacked, sums[0]) &&
           CHECK_EQ(conn.sent->segs_sacked, sums[1]) &&
           CHECK_EQ(conn.sent->lost, sums[2]) &&
           CHECK_EQ(conn.sent->again, sums[3]) &&
           CHECK_EQ(conn.sent->bursts, sums[4]);
}

static bool
same_order(void)
{
    const struct tcp_rec *r = tcp_sent_oldest(&conn);
    unsigned k = 0;

    for (; r; r = tcp_sent_newer(&conn, r)) {
        uint32_t from = 0;

        for (uint32_t j = 1; from < r->len; j++, k++) {
            if (k >= m.nopen || m.order[k] != r->seq.v + from)
                return CHECK_EQ(k, -2);
            from = tcp_rec_numbers(r, j);
        }
    }
    return CHECK_EQ(k, m.nopen);
}

/* What the last ACK told, and what RACK made of it. */
static bool
same_news(void)
{
    const struct tcp_conn *a = &conn, *b = &m.rack;

    return CHECK_EQ(told.len, m.told.len) &&
           CHECK_EQ(told.fresh, m.told.fresh) &&
           CHECK_EQ(told.delivered, m.told.delivered) &&
           CHECK_EQ(told.sacked, m.told.sacked) &&
           CHECK_EQ(told.again, m.told.again) &&
           CHECK_EQ(told.original, m.told.original) &&
           CHECK_EQ(told.once, m.told.once) &&
           CHECK_EQ(told.timed, m.told.timed) &&
           CHECK_EQ(told.sack_timed, m.told.sack_timed) &&
           CHECK_EQ(told.at.ns, m.told.at.ns) &&
           CHECK_EQ(told.sack_at.ns, m.told.sack_at.ns) &&
           CHECK_EQ(told.once_at.ns, m.told.once_at.ns) &&
           CHECK_EQ(told.once_end.v, m.told.once_end.v) &&
           CHECK_EQ(told.highest.v, m.told.highest.v) &&
           CHECK_EQ(told.reordered.v, m.told.reordered.v) &&
           CHECK_EQ(a->sum.delivered, b->sum.delivered) &&
           CHECK_EQ(a->rack.rtt_ns, b->rack.rtt_ns) &&
           CHECK_EQ(a->rack.xmit_ts.ns, b->rack.xmit_ts.ns) &&
           CHECK_EQ(a->rack.end_seq.v, b->rack.end_seq.v) &&
           CHECK_EQ(a->rack.advanced, b->rack.advanced);
}

static bool
same(void)
{
    const struct tcp_rec *r = tcp_sent_next_lost(&conn);
    int64_t next = -1;

    for (unsigned i = m.n; i-- > 0;)
        if ((m.seg[i].flags & (SENT_LOST | SENT_AGAIN | SENT_SACKED)) ==
            SENT_LOST)
            next = m.seg[i].seq;
    return same_segments() && same_order() && same_news() &&
           CHECK_EQ(nlost_told, m.nlost) &&
           CHECK_MEM(lost_told, m.lost, m.nlost * 4) &&
           CHECK_EQ(r ? (int64_t)r->seq.v : -1, next) &&
           CHECK(conn.sent->count <= conn.sent->segs);
}

/* --- what is done to both ------------------------------------------------ */

static uint32_t
first(void)
{
    return m.n ? m.seg[0].seq : conn.snd.nxt.v;
}

static void
push(void)
{
    uint32_t n = 1 + (uint32_t)rng_below(&rng, 45), size = conn.snd.mss;
    uint32_t last = rng_chance(&rng, 0.7) ? size : 1 + rng_below(&rng, size);
    uint32_t len = (n - 1) * size + last;
    uint8_t flags = rng_chance(&rng, 0.7) ? SENT_LAST | SENT_PUSH : 0;
    bool fin = rng_chance(&rng, 0.02), by_one = rng_chance(&rng, 0.3);

    if (m.n + 45 > MODEL_MOST / 8)
        return;
    flags |= fin ? SENT_FIN : 0;
    for (uint32_t at = 0; at < len;) {
        uint32_t some = by_one && len - at > size ? size : len - at;
        bool end = at + some == len, bears = end && fin;

        if (!tcp_sent_push(&conn, conn.snd.nxt, some + bears,
                some < size ? some : size, end ? flags : 0))
            return;
        for (uint32_t k = 0; k < some; k += size)
            model_push(&m, conn.snd.nxt.v + k,
                some - k <= size ? some - k + bears : size,
                some - k <= size && end ? flags : 0);
        conn.snd.nxt = seq_add(conn.snd.nxt, some + bears);
        at += some;
    }
}

/* A number that is out, or the one after the last: mostly an edge. */
static uint32_t
somewhere(void)
{
    uint32_t out = conn.snd.nxt.v - first();

    if (m.n > 0 && rng_chance(&rng, 0.6))
        return m.seg[rng_below(&rng, m.n)].seq;
    return first() + (uint32_t)rng_below(&rng, out + 1ull);
}

static void
ack(void)
{
    struct seq una = {somewhere()};

    tcp_sent_ack(&conn, una, &told);
    model_ack(&m, una.v);
}

static void
sack(void)
{
    uint32_t a = somewhere(), b = somewhere();
    struct tcp_range block = {{a}, {b}};

    if (!seq_lt(block.from, block.to))
        block = (struct tcp_range){{b}, {a}};
    tcp_sent_sack(&conn, &block, &told);
    model_sack(&m, block.from.v, block.to.v);
}

/* What one record stands for is lost together, or only the first of all. */
static void
lose(void)
{
    const struct tcp_rec *r;
    uint32_t from, len;

    if (m.n == 0)
        return;
    r = rng_chance(&rng, 0.3)
            ? tcp_sent_first(&conn)
            : tcp_sent_at(&conn, (uint32_t)rng_below(&rng, conn.sent->count));
    from = r->seq.v;
    len = r->len;
    tcp_sent_lose(&conn, tcp_sent_at(&conn, tcp_recs_find(&conn, r->seq)),
        RULE_TCP_LOST_TIME);
    model_lose(&m, from, len);
}

static void
lose_all(void)
{
    bool forget = rng_chance(&rng, 0.3);

    tcp_sent_lose_all(&conn, forget, RULE_TCP_LOST_TIMEOUT);
    model_lose_all(&m, forget);
}

static void
unlose(void)
{
    tcp_sent_unlose(&conn);
    model_unlose(&m);
}

static void
again(struct tcp_rec *r, bool probe)
{
    if (r)
        r = tcp_sent_one(&conn, r, conn.snd.mss);
    if (!r)
        return;
    model_again(&m, r->seq.v, conn.snd.mss, probe);
    tcp_sent_again(&conn, r, probe);
}

static void
step(void)
{
    uint32_t what = (uint32_t)rng_below(&rng, 100);

    told = (struct tcp_told){.ts = rng_chance(&rng, 0.5),
        .tsecr = (uint32_t)(timers.now.ns / LW_MS),
        .highest = {first()},
        .once_end = {first()},
        .reordered = conn.snd.nxt};
    m.told = told;
    m.nlost = nlost_told = 0;
    if (rng_chance(&rng, 0.5))
        timers.now.ns += (int64_t)rng_below(&rng, 3 * LW_MS);
    if (what < 25)
        push();
    else if (what < 40)
        ack();
    else if (what < 60)
        sack();
    else if (what < 68)
        lose();
    else if (what < 70)
        lose_all();
    else if (what < 73)
        unlose();
    else if (what < 93)
        again(tcp_sent_next_lost(&conn), false);
    else if (what < 98)
        again(m.n ? tcp_sent_last(&conn) : NULL, true);
    else
        conn.snd.mss = (uint16_t)(100 + rng_below(&rng, 1360));
    if (seq_lt(conn.rack.fack, told.highest))
        conn.rack.fack = m.rack.rack.fack = told.highest;
}

static void
keep_lost(void *owner, const struct event *e)
{
    (void)owner;
    lost_told[nlost_told++] = (uint32_t)event_u64(e, "seq", 0);
}

static void
begin(uint64_t seed)
{
    rng_init(&rng, seed, "scoreboard");
    timers.now.ns = LW_S;
    m.n = m.nopen = 0;
    conn = (struct tcp_conn){.tcp = &tcp};
    tcp_sent_init(&conn);
    tcp_path_init(&conn);
    conn.snd.nxt.v = (uint32_t)rng_u64(&rng);
    conn.snd.mss = 1448;
    conn.sum.min_rtt_ns = LW_MS;
    conn.cc.recover = seq_add(conn.snd.nxt, (uint32_t)rng_below(&rng, 200000));
    tcp_rack_start(&conn);
    conn.rack.fack = conn.rack.end_seq = conn.snd.nxt;
    m.rack = conn;
}

static void
teardown(void)
{
    if (conn.sent)
        tcp_sent_free(&conn);
    for (unsigned i = 0; i < tcp.nrecs; i++)
        free(tcp.recs[i]);
    tcp.nrecs = 0;
}

static void
a_run_fares_as_its_segments(void)
{
    struct listener l = {
        .event = keep_lost, .level = LEVEL_MICRO, .only = EV_TCP_LOST};
    unsigned shared = 0, cut = 0;
    bool ok = true;

    journal_init(&journal, &timers.now);
    journal_listen(&journal, &l);
    for (uint64_t seed = 1; ok && seed <= WORLDS; seed++) {
        begin(seed);
        for (unsigned i = 0; ok && i < STEPS; i++) {
            uint32_t before = conn.sent->count, segs = conn.sent->segs;

            step();
            ok = same();
            if (!ok)
                printf("    in world %u, step %u\n", (unsigned)seed, i);
            shared += conn.sent->count < conn.sent->segs;
            cut += conn.sent->count > before && conn.sent->segs == segs;
        }
        tcp_sent_free(&conn);
    }
    journal_unlisten(&journal, &l);
    printf("(%u steps with shared records, %u cuts) ", shared, cut);
    CHECK(shared > WORLDS * STEPS / 4); /* else this shows nothing */
    CHECK(cut > WORLDS);
}

/* --- without memory ------------------------------------------------------ */

/* Do the sums and both orders agree with the records, whatever they say? */
static bool
consistent(void)
{
    struct tcp_sent *s = conn.sent, sums = {0};
    uint32_t chained = 0, open = 0;
    int64_t before = INT64_MIN;

    for (uint32_t i = 0; i < s->count; i++) {
        const struct tcp_rec *r = tcp_sent_at(&conn, i);
        struct seq next =
            i + 1 < s->count ? tcp_sent_at(&conn, i + 1)->seq : conn.snd.nxt;

        if (!CHECK_EQ(tcp_rec_end(r).v, next.v))
            return false;
        sums.segs += tcp_rec_segments(r);
        sums.bursts += !!(r->flags & SENT_LAST);
        open += tcp_rec_open(r);
        if (r->flags & SENT_SACKED) {
            sums.sacked += r->len;
            sums.segs_sacked += tcp_rec_segments(r);
            continue;
        }
        sums.lost += r->flags & SENT_LOST ? r->len : 0;
        sums.again += r->flags & SENT_AGAIN ? r->len : 0;
    }
    for (const struct tcp_rec *r = tcp_sent_oldest(&conn); r && chained <= open;
         r = tcp_sent_newer(&conn, r), chained++) {
        if (!CHECK(tcp_rec_open(r) && before <= r->at.ns))
            return false;
        before = r->at.ns;
    }
    return CHECK_EQ(chained, open) && CHECK_EQ(s->segs, sums.segs) &&
           CHECK_EQ(s->bursts, sums.bursts) &&
           CHECK_EQ(s->sacked, sums.sacked) && CHECK_EQ(s->lost, sums.lost) &&
           CHECK_EQ(s->segs_sacked, sums.segs_sacked) &&
           CHECK_EQ(s->again, sums.again);
}

/* One request is refused, or all from one on: how many were there? */
static unsigned
refused(unsigned nth, bool for_ever)
{
    unsigned requests;
    bool ok = true;
    int left;

    teardown();
    faulty_begin(nth, for_ever);
    for (uint64_t seed = 1; ok && seed <= 20; seed++) {
        begin(seed);
        for (unsigned i = 0; ok && i < STEPS; i++) {
            step();
            ok = consistent();
        }
        teardown();
    }
    requests = faulty_end(&left);
    if (!ok)
        printf("    without the request %u\n", nth);
    return requests;
}

static void
no_memory_for_a_cut_spoils_nothing(void)
{
    unsigned total = 0, nth = 1;

    for (; refused(nth, false) >= nth; nth++)
        total += refused(nth, true) >= nth;
    printf("(%u requests) ", total);
    CHECK(total > 20);
    CHECK_EQ(total, nth - 1);
}

static CU_TestInfo cases[] = {TEST(a_run_fares_as_its_segments),
    TEST(no_memory_for_a_cut_spoils_nothing), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_sent_model = {
    .pName = "sent_model", .pTests = cases, .pTearDownFunc = teardown};
