/*
 * tcp_sent.c: what is out? One record for each segment that was sent and is
 * not acknowledged, or for a run of them that nothing sets apart: the
 * scoreboard of RFC 6675. From it come the round trip times (when was it
 * sent, was it sent only once), the choice of what to send again, and the
 * pipe, of which the three sums are kept up to date here.
 *
 *     44 full segments leave at one instant   |------- one record -------|
 *     an ACK covers 4 of them                     |----- the same -------|
 *     SACK reports the 20th to 30th               |-------|=======|------|
 *     the first goes again                        |-|-----|=======|------|
 *
 * So a train costs what a segment does, and the way of each segment is told
 * as ever: whoever counts, counts segments (tcp_rec_segments), and each has
 * its event. There are never more records than segments, whatever a peer
 * reports. Where there is no memory for a cut, nothing is lost but news: a
 * SACK is not believed, what goes again goes later.
 *
 * A second order goes through the same records: by the time at which each
 * was sent last (RFC 8985). It holds only those whose fate is open, neither
 * reported by SACK nor taken for lost and not sent again, so whoever asks
 * which of them are overdue looks at those alone, and at the oldest first.
 */
#include "tcp_conn.h"

/* --- what leaves --------------------------------------------------------- */

/* May more segments, sent now, share the record of those sent last? */
static bool
joins(const struct tcp_conn *c, const struct tcp_rec *r, uint32_t text,
    uint32_t size)
{
    return r->flags == 0 && r->at.ns == c->tcp->env->timers->now.ns &&
           c->sent->newest == (uint32_t)(r - c->sent->rec) && text > 0 &&
           (size == r->size || (text == size && text < r->size)) &&
           (r->len + r->gone) % r->size == 0 && r->len + text < 0xffffff;
}

bool
tcp_sent_push(struct tcp_conn *c, struct seq seq, uint32_t len, uint32_t size,
    uint8_t flags)
{
    uint32_t before = c->sent->count;
    struct tcp_rec *r = before > 0 ? tcp_sent_at(c, before - 1) : NULL;
    uint32_t text = len - !!(flags & SENT_FIN);

    if (r && joins(c, r, text, size)) {
        r->len = (r->len + len) & 0xffffff;
        r->flags = flags;
    } else {
        r = tcp_recs_push(c);
        if (!r)
            return false;
        *r = (struct tcp_rec){.seq = seq,
            .len = len & 0xffffff,
            .flags = flags,
            .size = (uint16_t)size,
            .at = c->tcp->env->timers->now};
        tcp_recs_chain(c, r, c->sent->newest);
    }
    c->sent->segs += text > size ? (text + size - 1) / size : 1;
    c->sent->bursts += !!(flags & SENT_LAST);
    return true;
}

/* --- marks --------------------------------------------------------------- */

/* Adds (or takes, sign -1) the first len numbers of r to the sums. */
static void
count(struct tcp_sent *s, const struct tcp_rec *r, uint32_t len, int sign)
{
    uint32_t n = sign < 0 ? 0 - len : len;

    if (r->flags & SENT_SACKED)
        s->sacked += n;
    else if (r->flags & SENT_LOST)
        s->lost += n;
    if (!(r->flags & SENT_SACKED) && (r->flags & SENT_AGAIN))
        s->again += n;
}

static void
set_flags(struct tcp_conn *c, struct tcp_rec *r, uint32_t flags)
{
    bool was_open = tcp_rec_open(r);

    count(c->sent, r, r->len, -1);
    r->flags = flags & 0xff;
    count(c->sent, r, r->len, 1);
    if (was_open && !tcp_rec_open(r))
        tcp_recs_unchain(c, r);
    else if (!was_open && tcp_rec_open(r))
        tcp_recs_chain(c, r, c->sent->newest);
}

/* --- what has arrived ---------------------------------------------------- */

/* The first n segments of r have, and SACK had not said so before. What is
 * asked of each is told by the first of them or by the last. */
static void
arrived(struct tcp_conn *c, const struct tcp_rec *r, uint32_t n,
    struct tcp_told *told)
{
    struct seq end = seq_add(r->seq, tcp_rec_numbers(r, n));
    struct seq first = seq_add(r->seq, tcp_rec_numbers(r, 1));

    c->sum.delivered += n;
    tcp_rack_arrived(c, r, end, told);
    if (seq_lt(told->highest, end))
        told->highest = end;
    if (r->flags & SENT_EVER)
        return;
    if (seq_leq(first, seq_add(c->cc.recover, 1)))
        told->original = true;
    if (seq_lt(first, c->rack.fack) && seq_lt(r->seq, told->reordered))
        told->reordered = r->seq;
}

/* How many segments of r end within its first n numbers? */
static uint32_t
whole(const struct tcp_rec *r, uint32_t n)
{
    if (n >= r->len)
        return tcp_rec_segments(r);
    /* The FIN keeps the segment that bears it. */
    return n + r->gone < tcp_rec_text(r) ? (n + r->gone) / r->size
                                         : tcp_rec_segments(r) - 1;
}

/* The first n numbers of r, not all, are acknowledged. */
static void
take_off(struct tcp_rec *r, uint32_t n, uint32_t segments)
{
    r->gone = (uint16_t)(n + r->gone - segments * r->size);
    r->seq = seq_add(r->seq, n);
    r->len = (r->len - n) & 0xffffff;
    r->flags &= (uint8_t)~SENT_SYN;
}

void
tcp_sent_ack(struct tcp_conn *c, struct seq una, struct tcp_told *told)
{
    struct tcp_sent *s = c->sent;

    while (s->count > 0) {
        struct tcp_rec *r = tcp_sent_at(c, 0);
        uint32_t n = una.v - r->seq.v, segments;

        if (seq_leq(una, r->seq))
            break;
        if (n > r->len)
            n = r->len;
        segments = whole(r, n);
        told->len += n;
        if (!(r->flags & SENT_SACKED))
            told->fresh += n;
        if (r->flags & SENT_EVER) {
            told->again = true;
        } else if (!told->timed && !(r->flags & SENT_SACKED)) {
            told->timed = true;
            told->at = r->at;
        }
        count(s, r, n, -1);
        s->segs -= segments;
        if (r->flags & SENT_SACKED)
            s->segs_sacked -= segments;
        else if (segments > 0)
            arrived(c, r, segments, told);
        if (n < r->len) {
            take_off(r, n, segments);
            break;
        }
        if (tcp_rec_open(r))
            tcp_recs_unchain(c, r);
        s->bursts -= !!(r->flags & SENT_LAST);
        tcp_recs_shift(c);
    }
    if (s->count == 0)
        tcp_sent_free(c); /* idle connections hold none */
}

/*
 * Makes a record of those segments of the i-th that lie within the block;
 * its number, or -1: there are none, or there is no memory.
 */
static int64_t
within(struct tcp_conn *c, uint32_t i, const struct tcp_range *block)
{
    const struct tcp_rec *r = tcp_sent_at(c, i);
    uint32_t all = tcp_rec_segments(r), from = 0, to = all;

    if (seq_lt(r->seq, block->from)) /* the first that begins within */
        from = (block->from.v - r->seq.v + r->gone + r->size - 1) / r->size;
    if (seq_lt(block->to, tcp_rec_end(r)))
        to = whole(r, block->to.v - r->seq.v);
    if (from >= to || (to < all && !tcp_recs_cut(c, i, to)))
        return -1;
    if (from == 0)
        return i;
    return tcp_recs_cut(c, i, from) ? (int64_t)i + 1 : -1;
}

/* The peer has this range. */
void
tcp_sent_sack(
    struct tcp_conn *c, const struct tcp_range *block, struct tcp_told *told)
{
    for (uint32_t i = tcp_recs_find(c, block->from); i < c->sent->count; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);
        int64_t in;
        uint32_t n;

        if (seq_leq(block->to, r->seq))
            break;
        in = r->flags & SENT_SACKED ? -1 : within(c, i, block);
        if (in < 0)
            continue;
        i = (uint32_t)in;
        r = tcp_sent_at(c, i);
        n = tcp_rec_segments(r);
        if (!(r->flags & SENT_EVER) && !told->sack_timed) {
            told->sack_timed = true;
            told->sack_at = r->at;
        }
        arrived(c, r, n, told);
        set_flags(c, r, r->flags | SENT_SACKED);
        c->sent->segs_sacked += n;
        told->delivered += r->len;
        told->sacked = true;
    }
}

/* --- what is lost -------------------------------------------------------- */

static void
note_lost(const struct tcp_conn *c, const struct tcp_rec *r, enum rule why)
{
    for (uint32_t i = 0, from = 0; from < r->len; i++) {
        uint32_t to = tcp_rec_numbers(r, i + 1);
        struct seq seq = seq_add(r->seq, from);

        NOTE(c->tcp->env, EV_TCP_LOST, why, f_u64("conn", c->id),
            f_u64("seq", seq.v), f_u64("rel_seq", seq.v - c->snd.iss.v),
            f_u64("len", to - from));
        from = to;
    }
}

/* r is lost; if it was sent again, that one is lost too. */
void
tcp_sent_lose(struct tcp_conn *c, struct tcp_rec *r, enum rule why)
{
    uint32_t i = tcp_recs_find(c, r->seq);

    if (!journal_silent(c->tcp->env->journal))
        note_lost(c, r, why);
    if (r->flags & SENT_SACKED)
        c->sent->segs_sacked -= tcp_rec_segments(r);
    set_flags(
        c, r, (r->flags & ~(uint32_t)(SENT_AGAIN | SENT_SACKED)) | SENT_LOST);
    if (i < c->sent->next_lost)
        c->sent->next_lost = i;
}

void
tcp_sent_lose_all(struct tcp_conn *c, bool forget_sacks, enum rule why)
{
    for (uint32_t i = 0; i < c->sent->count; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);

        if (!(r->flags & SENT_SACKED) || forget_sacks)
            tcp_sent_lose(c, r, why);
    }
}

/* Nothing was lost after all: what was marked so is simply out, and goes back
 * to its place in time. Neighbours were mostly sent one after the other, so
 * each is looked for from where the one before it was put. */
void
tcp_sent_unlose(struct tcp_conn *c)
{
    struct tcp_sent *s = c->sent;
    uint32_t near = s->count ? s->newest : SENT_NONE;

    for (uint32_t i = 0; i < s->count && s->lost > 0; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);
        bool was_open = tcp_rec_open(r);

        if ((r->flags & (SENT_LOST | SENT_SACKED)) != SENT_LOST)
            continue;
        count(s, r, r->len, -1);
        r->flags &= (uint8_t) ~(SENT_LOST | SENT_AGAIN);
        count(s, r, r->len, 1);
        if (was_open)
            continue;
        tcp_recs_chain(c, r, near);
        near = (uint32_t)(r - s->rec);
    }
}

struct tcp_rec *
tcp_sent_next_lost(struct tcp_conn *c)
{
    struct tcp_sent *s = c->sent;

    if (s->lost <= s->again) /* all that is lost is on its way again */
        return NULL;
    for (; s->next_lost < s->count; s->next_lost++) {
        struct tcp_rec *r = tcp_sent_at(c, s->next_lost);

        if ((r->flags & (SENT_LOST | SENT_AGAIN | SENT_SACKED)) == SENT_LOST)
            return r;
    }
    return NULL;
}

/* --- what goes again ----------------------------------------------------- */

/* r goes again now: because it is lost, or, as a probe, on suspicion. */
void
tcp_sent_again(struct tcp_conn *c, struct tcp_rec *r, bool probe)
{
    struct tcp_sent *s = c->sent;
    uint32_t flags = r->flags | SENT_EVER;

    if (!probe)
        flags |= SENT_AGAIN | SENT_LOST;
    if (tcp_rec_open(r))
        tcp_recs_unchain(c, r);
    count(s, r, r->len, -1);
    r->flags = flags & 0xff;
    r->at = c->tcp->env->timers->now;
    count(s, r, r->len, 1);
    if (tcp_rec_open(r))
        tcp_recs_chain(c, r, s->newest);
}

struct tcp_rec *
tcp_sent_first(struct tcp_conn *c)
{
    if (tcp_rec_segments(tcp_sent_at(c, 0)) > 1)
        tcp_recs_cut(c, 0, 1);
    return tcp_sent_at(c, 0);
}

struct tcp_rec *
tcp_sent_last(struct tcp_conn *c)
{
    uint32_t i = c->sent->count - 1;
    uint32_t n = tcp_rec_segments(tcp_sent_at(c, i));

    if (n > 1 && !tcp_recs_cut(c, i, n - 1))
        return NULL;
    return tcp_sent_at(c, c->sent->count - 1);
}

/* The i-th was one segment, and is cut to pieces of `most` bytes. */
static void
resize(struct tcp_conn *c, uint32_t i, uint32_t most)
{
    struct tcp_rec *r = tcp_sent_at(c, i);
    uint32_t more, text = r->len - !!(r->flags & SENT_FIN);

    if (text <= most)
        return;
    tcp_mtu_lost(c, seq_add(r->seq, text));
    r->size = (uint16_t)most;
    r->gone = 0;
    more = tcp_rec_segments(r) - 1;
    c->sent->segs += more;
    if (r->flags & SENT_SACKED)
        c->sent->segs_sacked += more;
}

/*
 * The way takes no more than `most` bytes in a segment any more: cuts the one
 * that must be, and with it all others that will go again, as far as there is
 * memory to take them apart.
 */
static void
resize_all(struct tcp_conn *c, uint32_t must, uint32_t most)
{
    for (uint32_t i = 0; i < c->sent->count; i++) {
        const struct tcp_rec *r = tcp_sent_at(c, i);

        if (r->size <= most || (r->flags & SENT_SYN) ||
            (i != must && (r->flags & (SENT_LOST | SENT_SACKED)) != SENT_LOST))
            continue;
        if (tcp_rec_segments(r) > 1) {
            if (!tcp_recs_cut(c, i, 1))
                continue;
            must += i < must;
        }
        resize(c, i, most);
    }
}

struct tcp_rec *
tcp_sent_one(struct tcp_conn *c, const struct tcp_rec *r, uint32_t most)
{
    struct seq seq = r->seq;
    uint32_t i = tcp_recs_find(c, seq), first = tcp_rec_numbers(r, 1);

    if (tcp_rec_segments(r) > 1 && !tcp_recs_cut(c, i, 1))
        return NULL;
    if (first <= most + !!(tcp_sent_at(c, i)->flags & SENT_FIN))
        return tcp_sent_at(c, i);
    resize_all(c, i, most);
    i = tcp_recs_find(c, seq);
    return tcp_recs_cut(c, i, 1) ? tcp_sent_at(c, i) : NULL;
}
