/*
 * tcp_sent.c: what is out? One record for each segment that was sent and is
 * not acknowledged, in a ring in order of sequence numbers: the scoreboard
 * of RFC 6675. From it come the round trip times (when was it sent, was it
 * sent only once), the choice of what to send again, and the pipe, of which
 * the three sums are kept up to date here.
 *
 * A second order goes through the same records: by the time at which each
 * was sent last (RFC 8985). It holds only those whose fate is open, neither
 * reported by SACK nor taken for lost and not sent again, so whoever asks
 * which of them are overdue looks at those alone, and at the oldest first.
 *
 *     ring   1 2 3 4 5 6 7 8     2 was sent again after 8,
 *     time   1 . . 5 6 . 8 2     3 and 4 are lost, 7 is SACKed
 */
#include "tcp_conn.h"

#include <assert.h>
#include <stdlib.h>

/* What all idle connections share: only read, as nothing is in it. */
static const struct tcp_sent nothing_out;

void
tcp_sent_init(struct tcp_conn *c)
{
    c->sent = (struct tcp_sent *)&nothing_out;
}

struct tcp_rec *
tcp_sent_at(struct tcp_conn *c, uint32_t i)
{
    return &c->sent->rec[(c->sent->head + i) & (c->sent->room - 1)];
}

/* --- the order in time -------------------------------------------------- */

static bool
is_open(uint32_t flags)
{
    return !(flags & SENT_SACKED) &&
           (flags & (SENT_LOST | SENT_AGAIN)) != SENT_LOST;
}

static void
unchain(struct tcp_sent *s, const struct tcp_rec *r)
{
    if (r->older == SENT_NONE)
        s->oldest = r->newer;
    else
        s->rec[r->older].newer = r->newer;
    if (r->newer == SENT_NONE)
        s->newest = r->older;
    else
        s->rec[r->newer].older = r->older;
}

/* Puts r behind all that were sent before it, looking from the place `near`
 * on, which is in the chain (or SENT_NONE: the chain is empty). */
static void
chain_near(struct tcp_sent *s, struct tcp_rec *r, uint32_t near)
{
    uint32_t place = (uint32_t)(r - s->rec), next;

    r->older = near;
    for (; r->older != SENT_NONE && instant_lt(r->at, s->rec[r->older].at);
         s->steps++)
        r->older = s->rec[r->older].older;
    for (; r->older != SENT_NONE; r->older = next, s->steps++) {
        next = s->rec[r->older].newer;
        if (next == SENT_NONE || instant_lt(r->at, s->rec[next].at))
            break;
    }
    if (r->older == SENT_NONE) {
        r->newer = s->oldest;
        s->oldest = place;
    } else {
        r->newer = s->rec[r->older].newer;
        s->rec[r->older].newer = place;
    }
    if (r->newer == SENT_NONE)
        s->newest = place;
    else
        s->rec[r->newer].older = place;
}

/* What is sent now goes to the end. */
static void
chain(struct tcp_sent *s, struct tcp_rec *r)
{
    chain_near(s, r, s->newest);
}

struct tcp_rec *
tcp_sent_oldest(struct tcp_conn *c)
{
    struct tcp_sent *s = c->sent;

    return s->count == 0 || s->oldest == SENT_NONE ? NULL : &s->rec[s->oldest];
}

struct tcp_rec *
tcp_sent_newer(struct tcp_conn *c, const struct tcp_rec *r)
{
    return r->newer == SENT_NONE ? NULL : &c->sent->rec[r->newer];
}

/* --- the ring ----------------------------------------------------------- */

static struct tcp_sent *
list_new(struct tcp *tcp, uint32_t room)
{
    if (room == TCP_RECS && tcp->nrecs > 0)
        return tcp->recs[--tcp->nrecs];
    return malloc(sizeof(struct tcp_sent) + room * sizeof(struct tcp_rec));
}

static void
list_free(struct tcp *tcp, struct tcp_sent *s)
{
    if (s == &nothing_out)
        return;
    if (s->room == TCP_RECS && tcp->nrecs < TCP_RINGS_KEPT)
        tcp->recs[tcp->nrecs++] = s;
    else
        free(s);
}

/* Into how many pieces is r cut? Those that will go again, and `must`. */
static uint32_t
pieces(const struct tcp_rec *r, const struct tcp_rec *must, uint32_t most)
{
    uint32_t data = r->len - !!(r->flags & SENT_FIN);
    bool goes = (r->flags & (SENT_LOST | SENT_SACKED)) == SENT_LOST;

    if (!must || (r != must && !goes) || (r->flags & SENT_SYN) || data <= most)
        return 1;
    return (data + most - 1) / most;
}

/* Copies r to `to`, in n pieces of `most` numbers and a rest, which keeps
 * the FIN. */
static void
copy(struct tcp_rec *to, const struct tcp_rec *r, uint32_t n, uint32_t most)
{
    for (uint32_t k = 0; k < n; k++) {
        to[k] = *r;
        to[k].seq = seq_add(r->seq, k * most);
        if (k < n - 1) {
            to[k].len = most & 0xffffff;
            to[k].flags &= (uint8_t) ~(SENT_FIN | SENT_PUSH | SENT_LAST);
        } else {
            to[k].len = (r->len - k * most) & 0xffffff;
        }
    }
}

/* The order in time of old's records, for those that they have become in
 * s: each old one says where (older) and how many (len). */
static void
chain_moved(struct tcp_sent *s, const struct tcp_sent *old)
{
    uint32_t at = old->count ? old->oldest : SENT_NONE;

    s->oldest = s->newest = SENT_NONE;
    for (; at != SENT_NONE; at = old->rec[at].newer)
        for (uint32_t k = 0; k < old->rec[at].len; k++) {
            uint32_t place = old->rec[at].older + k;

            s->rec[place].older = s->newest;
            s->rec[place].newer = SENT_NONE;
            if (s->newest == SENT_NONE)
                s->oldest = place;
            else
                s->rec[s->newest].newer = place;
            s->newest = place;
        }
}

/* Moves all to a ring of `room`; with `must`, cut as pieces() says. Passes
 * once through each order, whatever is cut. */
static bool
move(struct tcp_conn *c, uint32_t room, const struct tcp_rec *must,
    uint32_t most)
{
    struct tcp_sent *old = c->sent, *s = list_new(c->tcp, room);

    if (!s)
        return false;
    *s = *old; /* the sums; none of the records */
    s->next_lost = 0;
    s->count = 0;
    for (uint32_t i = 0; i < old->count; i++) {
        struct tcp_rec *r = &old->rec[(old->head + i) & (old->room - 1)];
        uint32_t n = pieces(r, must, most);

        copy(s->rec + s->count, r, n, most);
        if (r->flags & SENT_SACKED)
            s->segs_sacked += n - 1;
        r->older = s->count;
        r->len = n & 0xffffff;
        s->count += n;
        if (i < old->next_lost)
            s->next_lost = s->count;
    }
    s->room = room;
    s->head = 0;
    chain_moved(s, old);
    c->sent = s;
    list_free(c->tcp, old);
    return true;
}

static bool
grow(struct tcp_conn *c)
{
    /* By four: a window grows from nothing after every silence. */
    return move(c, c->sent->room ? c->sent->room * 4 : TCP_RECS, NULL, 0);
}

bool
tcp_sent_push(struct tcp_conn *c, struct seq seq, uint32_t len, uint8_t flags)
{
    struct tcp_rec *r;

    if (c->sent->count == c->sent->room && !grow(c))
        return false;
    r = tcp_sent_at(c, c->sent->count++);
    *r = (struct tcp_rec){.seq = seq,
        .len = len & 0xffffff,
        .flags = flags,
        .at = c->tcp->env->timers->now};
    c->sent->bursts += !!(flags & SENT_LAST);
    chain(c->sent, r);
    return true;
}

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
set_flags(struct tcp_sent *s, struct tcp_rec *r, uint32_t flags)
{
    bool was_open = is_open(r->flags);

    count(s, r, r->len, -1);
    r->flags = flags & 0xff;
    count(s, r, r->len, 1);
    if (was_open && !is_open(flags))
        unchain(s, r);
    else if (!was_open && is_open(flags))
        chain(s, r);
}

/* --- what has arrived --------------------------------------------------- */

/* r has arrived, as far as SACK had not said so before. */
static void
arrived(struct tcp_conn *c, const struct tcp_rec *r, struct tcp_told *told)
{
    struct seq end = seq_add(r->seq, r->len);

    c->sum.delivered++;
    tcp_rack_arrived(c, r, told);
    if (seq_lt(told->highest, end))
        told->highest = end;
    if (r->flags & SENT_EVER)
        return;
    if (seq_leq(end, seq_add(c->cc.recover, 1)))
        told->original = true;
    if (seq_lt(end, c->rack.fack) && seq_lt(r->seq, told->reordered))
        told->reordered = r->seq;
}

void
tcp_sent_ack(struct tcp_conn *c, struct seq una, struct tcp_told *told)
{
    struct tcp_sent *s = c->sent;

    while (s->count > 0) {
        struct tcp_rec *r = tcp_sent_at(c, 0);
        uint32_t n = una.v - r->seq.v;

        if (seq_leq(una, r->seq))
            break;
        if (n > r->len)
            n = r->len;
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
        if (n < r->len) { /* acknowledged in part */
            r->seq = una;
            r->len -= n;
            r->flags &= (uint8_t)~SENT_SYN;
            break;
        }
        if (r->flags & SENT_SACKED)
            s->segs_sacked--;
        else
            arrived(c, r, told);
        if (is_open(r->flags))
            unchain(s, r);
        s->bursts -= !!(r->flags & SENT_LAST);
        s->head = (s->head + 1) & (s->room - 1);
        s->count--;
        if (s->next_lost > 0)
            s->next_lost--;
    }
    if (s->count == 0)
        tcp_sent_free(c); /* idle connections hold none */
}

/* Index of the first record that ends after seq. */
static uint32_t
lower_bound(struct tcp_conn *c, struct seq seq)
{
    uint32_t low = 0, high = c->sent->count;

    while (low < high) {
        uint32_t mid = (low + high) / 2;
        struct tcp_rec *r = tcp_sent_at(c, mid);

        if (seq_leq(seq_add(r->seq, r->len), seq))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The peer has this range. */
void
tcp_sent_sack(
    struct tcp_conn *c, const struct tcp_range *block, struct tcp_told *told)
{
    for (uint32_t i = lower_bound(c, block->from); i < c->sent->count; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);

        if (seq_lt(block->to, seq_add(r->seq, r->len)))
            break;
        if (seq_lt(r->seq, block->from) || (r->flags & SENT_SACKED))
            continue;
        if (!(r->flags & SENT_EVER) && !told->sack_timed) {
            told->sack_timed = true;
            told->sack_at = r->at;
        }
        arrived(c, r, told);
        set_flags(c->sent, r, r->flags | SENT_SACKED);
        c->sent->segs_sacked++;
        told->delivered += r->len;
        told->sacked = true;
    }
}

/* --- what is lost ------------------------------------------------------- */

/* r is lost; if it was sent again, that one is lost too. */
void
tcp_sent_lose(struct tcp_conn *c, struct tcp_rec *r, enum rule why)
{
    uint32_t i =
        ((uint32_t)(r - c->sent->rec) - c->sent->head) & (c->sent->room - 1);

    NOTE(c->tcp->env, EV_TCP_LOST, why, f_u64("conn", c->id),
        f_u64("seq", r->seq.v), f_u64("rel_seq", r->seq.v - c->snd.iss.v),
        f_u64("len", r->len));
    c->sent->segs_sacked -= !!(r->flags & SENT_SACKED);
    set_flags(c->sent, r,
        (r->flags & ~(uint32_t)(SENT_AGAIN | SENT_SACKED)) | SENT_LOST);
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
        bool was_open = is_open(r->flags);

        if ((r->flags & (SENT_LOST | SENT_SACKED)) != SENT_LOST)
            continue;
        count(s, r, r->len, -1);
        r->flags &= (uint8_t) ~(SENT_LOST | SENT_AGAIN);
        count(s, r, r->len, 1);
        if (was_open)
            continue;
        chain_near(s, r, near);
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

/* --- what goes again ---------------------------------------------------- */

/* r goes again now: because it is lost, or, as a probe, on suspicion. */
void
tcp_sent_again(struct tcp_conn *c, struct tcp_rec *r, bool probe)
{
    struct tcp_sent *s = c->sent;
    uint32_t flags = r->flags | SENT_EVER;

    if (!probe)
        flags |= SENT_AGAIN | SENT_LOST;
    if (is_open(r->flags))
        unchain(s, r);
    count(s, r, r->len, -1);
    r->flags = flags & 0xff;
    r->at = c->tcp->env->timers->now;
    count(s, r, r->len, 1);
    if (is_open(flags))
        chain(s, r);
}

/*
 * The way takes no more than `most` bytes in a segment any more: cuts r, and
 * with it all others that will go again, so that cutting a whole flight costs
 * one pass. Returns the first piece of r; NULL: no memory.
 */
struct tcp_rec *
tcp_sent_split(struct tcp_conn *c, const struct tcp_rec *r, uint32_t most)
{
    uint32_t total = 0, before = 0, room = c->sent->room;

    for (uint32_t i = 0; i < c->sent->count; i++) {
        const struct tcp_rec *each = tcp_sent_at(c, i);
        uint32_t n;

        if (each == r)
            before = total;
        n = pieces(each, r, most);
        total += n;
        if (n > 1)
            tcp_mtu_lost(
                c, seq_add(each->seq, each->len - !!(each->flags & SENT_FIN)));
    }
    while (room < total)
        room *= 2;
    return move(c, room, r, most) ? tcp_sent_at(c, before) : NULL;
}

void
tcp_sent_free(struct tcp_conn *c)
{
    list_free(c->tcp, c->sent);
    tcp_sent_init(c);
}
