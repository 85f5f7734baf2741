/*
 * test_tcp_loss.c: two whole stacks, and two ways to find what was lost: by
 * time (RFC 8985, the usual one) and by counting (RFC 6675). Over many seeds
 * and kinds of wires every byte arrives either way, and time needs no more
 * time than counting.
 */
#include "check.h"
#include "faulty.h"
#include "tcp_talk.h"

#include <stdio.h>

#define LONG_ENOUGH (900 * LW_S)
#define SEEDS       100

static struct tcp_world w;

struct outcome {
    int64_t ms; /* until the last byte was read */
    uint64_t again;
};

static void
use(struct tcp_host *h, bool rack)
{
    tcp_config(h->tcp)->rack = rack;
    tcp_config(h->tcp)->tail_probe = rack;
}

/* Moves so many bytes one way. */
static void
transfer(uint64_t seed, const struct cable_faults *faults, uint32_t bytes,
    bool rack, struct outcome *sum)
{
    struct cable_config config = {.name = "t",
        .delay_ns = 20 * LW_MS,
        .rate = 20000000,
        .faults = *faults};
    struct talk t;

    tcp_world_pair(&w, seed, &config);
    use(&w.a, rack);
    use(&w.b, rack);
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, bytes, 1);
    while (!t.server.saw_end && w.timers.now.ns < LONG_ENOUGH)
        tcp_world_run(&w, LW_MS);
    sum->ms += w.timers.now.ns / LW_MS;
    sum->again += tcp_counts(w.a.tcp).retransmits;
    tcp_world_finish(&w, LONG_ENOUGH);
    CHECK(talk_good(&t));
    CHECK_EQ(tcp_counts(w.a.tcp).conns + tcp_counts(w.b.tcp).conns, 0);
    talk_end(&t);
    tcp_world_close(&w);
}

static void
compare(const struct cable_faults *faults, uint32_t bytes, struct outcome *time,
    struct outcome *count)
{
    *time = *count = (struct outcome){0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        transfer(seed, faults, bytes, true, time);
        transfer(seed, faults, bytes, false, count);
    }
    printf("(%lld ms, not %lld; %llu again, not %llu) ", (long long)time->ms,
        (long long)count->ms, (unsigned long long)time->again,
        (unsigned long long)count->again);
}

static void
finds_losses_as_fast(void)
{
    struct cable_faults faults = {.loss = 0.02};
    struct outcome time, count;

    compare(&faults, 300000, &time, &count);
    CHECK(time.ms <= count.ms);
}

static void
finds_lost_tails_faster(void)
{
    struct cable_faults faults = {.loss = 0.1};
    struct outcome time, count;

    compare(&faults, 6000, &time, &count);
    CHECK(time.ms < count.ms);
}

static void
is_not_misled_by_reordering(void)
{
    struct cable_faults faults = {.reorder = 0.1, .reorder_ns = 5 * LW_MS};
    struct outcome time, count;

    compare(&faults, 300000, &time, &count);
    CHECK(time.ms <= count.ms);
    CHECK(time.again <= count.again);
}

static void
bears_everything_at_once(void)
{
    struct cable_faults faults = {.loss = 0.02,
        .duplicate = 0.02,
        .reorder = 0.05,
        .reorder_ns = 5 * LW_MS};
    struct outcome time, count;

    compare(&faults, 200000, &time, &count);
    CHECK(time.ms <= count.ms);
}

/* --- without memory ------------------------------------------------------ */

static const struct option_set {
    bool sack, rack, cubic;
    unsigned ecn;
} option_sets[] = {
    {true, true, true, 1}, /* as usual */
    {true, false, false, 0},
    {false, false, true, 0},
    {false, false, false, 0},
};

struct seen_windows {
    unsigned cubic, paced, undone, hystart, avoidance;
};

static void
count_windows(void *owner, const struct event *e)
{
    struct seen_windows *s = owner;

    s->cubic += e->rule == RULE_TCP_CUBIC;
    s->paced += e->rule == RULE_TCP_PRR;
    s->undone += e->kind == EV_TCP_UNDO;
    s->hystart +=
        e->rule == RULE_TCP_HYSTART_TRAIN || e->rule == RULE_TCP_HYSTART_DELAY;
    s->avoidance += e->rule == RULE_TCP_AVOIDANCE;
}

static void
use_set(struct tcp_host *h, const struct option_set *o)
{
    struct tcp_config *config = tcp_config(h->tcp);

    config->sack = o->sack;
    config->rack = config->tail_probe = o->rack;
    config->cubic = o->cubic;
    config->ecn = o->ecn;
}

/* 300 KB each way over a wire that loses, marks, doubles and reorders. lack:
 * there is no memory of this size. */
static void
transfer_with(const struct option_set *o, uint64_t seed, size_t lack,
    struct seen_windows *seen)
{
    const struct cable_config config = {.name = "t",
        .delay_ns = 20 * LW_MS,
        .rate = 20000000,
        .ecn = o->ecn ? 10 : 0,
        .faults = {.loss = 0.01,
            .duplicate = 0.01,
            .reorder = 0.02,
            .reorder_ns = 5 * LW_MS}};
    struct listener listener = {
        .event = count_windows, .owner = seen, .level = LEVEL_DETAIL};
    struct talk t;

    tcp_world_pair(&w, seed, &config);
    use_set(&w.a, o);
    use_set(&w.b, o);
    journal_listen(&w.journal, &listener);
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 300000, 300000);
    faulty_lack(lack);
    tcp_world_finish(&w, LONG_ENOUGH);
    CHECK_EQ(faulty_lack(0) > 0, lack > 0);
    CHECK(talk_good(&t));
    CHECK_EQ(tcp_counts(w.a.tcp).conns + tcp_counts(w.b.tcp).conns, 0);
    talk_end(&t);
    tcp_world_close(&w);
}

/* There is never memory for what a way that is tried hard needs (tcp_path.c):
 * all arrives all the same, by slow start, avoidance and NewReno alone. */
static void
recovers_without_memory_for_it(void)
{
    struct seen_windows with = {0}, without = {0};

    for (unsigned i = 0; i < LW_COUNT(option_sets); i++)
        for (uint64_t seed = 1; seed <= 10; seed++) {
            transfer_with(&option_sets[i], seed, 0, &with);
            transfer_with(
                &option_sets[i], seed, sizeof(struct tcp_path), &without);
        }
    CHECK(with.cubic > 0 && with.paced > 0 && with.undone > 0);
    CHECK_EQ(without.cubic + without.paced + without.undone, 0);
    CHECK_EQ(without.hystart, 0);
    CHECK(without.avoidance > with.avoidance);
}

/* --- slow start ----------------------------------------------------------- */

struct slow_start {
    uint64_t again;        /* segments sent again */
    unsigned train, delay; /* how often each sign was seen */
};

static void
count_signs(void *owner, const struct event *e)
{
    struct slow_start *s = owner;

    s->train += e->rule == RULE_TCP_HYSTART_TRAIN;
    s->delay += e->rule == RULE_TCP_HYSTART_DELAY;
}

/* Four megabytes over a way of 40 ms that holds 100 frames more. */
static struct slow_start
slow_start(uint64_t rate, bool hystart)
{
    const struct cable_config config = {
        .name = "t", .delay_ns = 20 * LW_MS, .rate = rate, .queue = 100};
    struct slow_start s = {0};
    struct listener listener = {
        .event = count_signs, .owner = &s, .level = LEVEL_DETAIL};
    struct talk t;

    tcp_world_pair(&w, 1, &config);
    tcp_config(w.a.tcp)->hystart = hystart;
    tcp_config(w.a.tcp)->sndbuf = tcp_config(w.b.tcp)->rcvbuf = 4 << 20;
    journal_listen(&w.journal, &listener);
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 4000000, 1);
    while (!t.server.saw_end && w.timers.now.ns < LONG_ENOUGH)
        tcp_world_run(&w, LW_MS);
    s.again = tcp_counts(w.a.tcp).retransmits;
    tcp_world_finish(&w, LONG_ENOUGH);
    CHECK(talk_good(&t));
    talk_end(&t);
    tcp_world_close(&w);
    return s;
}

static void
leaves_slow_start_when_round_trips_grow(void)
{
    struct slow_start with = slow_start(50000000, true);
    struct slow_start without = slow_start(50000000, false);

    CHECK_EQ(with.delay, 1);
    CHECK_EQ(with.train, 0);
    CHECK_EQ(without.train + without.delay, 0);
    CHECK(with.again < without.again);
}

/* ACKs every gap_ns, of round trips of 40 ms: how long until it is seen that
 * the way is full? Microseconds; 0: not within a second. */
static int64_t
full_after(int64_t gap_ns)
{
    const struct cable_config config = {.name = "t", .delay_ns = 20 * LW_MS};
    struct slow_start s = {0};
    struct listener listener = {
        .event = count_signs, .owner = &s, .level = LEVEL_DETAIL};
    struct tcp_conn *c;
    struct talk t;
    int64_t now, ns = 0;

    tcp_world_pair(&w, 1, &config);
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 1000, 1);
    tcp_world_run(&w, 40 * LW_MS);
    journal_listen(&w.journal, &listener);
    now = w.timers.now.ns;
    c = t.client.c;
    c->cc.cwnd = 20 * (uint32_t)c->snd.mss;
    CHECK(tcp_path_own(c));
    tcp_hystart_restart(c);
    for (; s.train == 0 && ns < LW_S; ns += gap_ns) {
        w.timers.now.ns = now + ns;
        tcp_hystart_acked(c, 40 * LW_MS);
    }
    CHECK_EQ(s.delay, 0);
    CHECK_EQ(c->cc.ssthresh == c->cc.cwnd, s.train == 1);
    w.timers.now.ns = now;
    tcp_world_finish(&w, LONG_ENOUGH);
    CHECK(talk_good(&t));
    talk_end(&t);
    tcp_world_close(&w);
    return s.train ? (ns - gap_ns) / LW_US : 0;
}

static void
leaves_slow_start_when_the_way_is_full(void)
{
    CHECK_EQ(full_after(LW_MS), 21000); /* half a round trip, and one */
    CHECK_EQ(full_after(2 * LW_MS), 22000);
    CHECK_EQ(full_after(3 * LW_MS), 0); /* these do not follow each other */
}

static CU_TestInfo cases[] = {
    TEST(finds_losses_as_fast),
    TEST(finds_lost_tails_faster),
    TEST(is_not_misled_by_reordering),
    TEST(bears_everything_at_once),
    TEST(recovers_without_memory_for_it),
    TEST(leaves_slow_start_when_round_trips_grow),
    TEST(leaves_slow_start_when_the_way_is_full),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_tcp_loss = {.pName = "tcp_loss", .pTests = cases};
