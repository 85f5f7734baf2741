/*
 * tcp_output.c: what may I send? The one place that decides whether data
 * leave now, and the questions in their order: is something lost that must
 * go again first? does the peer's window allow it? does the congestion
 * window? is the segment large enough to be worth a packet (the sender's
 * side of silly windows, Nagle)?
 *
 * Called at the end of all work on a connection (tcp_leave).
 */
#include "tcp_conn.h"

#include <errno.h>

static uint32_t
smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t
tcp_waiting(const struct tcp_conn *c)
{
    int32_t n = seq_diff(tcp_ring_end(c), c->snd.nxt);

    return n > 0 ? (uint32_t)n : 0;
}

/* Room in the peer's window from SND.NXT on. */
static uint32_t
usable(const struct tcp_conn *c)
{
    struct seq edge = seq_add(c->snd.una, c->snd.wnd);
    int32_t n = seq_diff(edge, c->snd.nxt);

    return n > 0 ? (uint32_t)n : 0; /* it may have shrunk: MUST-34 */
}

/*
 * Room in the congestion window. Limited transmit (RFC 3042): each of the
 * first two duplicate ACKs lets one new segment out. With SACK the pipe
 * shrinks by itself.
 */
static uint32_t
congestion_room(const struct tcp_conn *c)
{
    uint32_t cwnd = c->cc.cwnd, pipe = tcp_pipe(c);

    if (c->cc.recovery == REC_OPEN && !c->sack_ok &&
        c->cc.dupacks < TCP_DUP_THRESH)
        cwnd += c->cc.dupacks * (uint32_t)c->snd.mss;
    return cwnd > pipe ? cwnd - pipe : 0;
}

bool
tcp_window_holds(const struct tcp_conn *c)
{
    uint32_t waiting = smaller(tcp_waiting(c), c->snd.mss);

    return waiting > usable(c) && congestion_room(c) >= waiting;
}

/*
 * Is a segment of len bytes, less than a full one, worth sending?
 * RFC 9293 3.8.6.2.1 (MUST-38) and Nagle, 3.7.4, in Minshall's form, as
 * Linux has it: a short segment waits only while another short one is out.
 */
static enum rule
small_may_go(const struct tcp_conn *c, uint32_t len, uint32_t waiting)
{
    bool last = len == waiting;
    bool short_out = seq_lt(c->snd.una, c->snd.small);

    if (last && c->fin_queued)
        return RULE_TCP_SEND_LAST;
    if (last && tcp_urgent_out(c))
        return RULE_TCP_SEND_URGENT;
    if (last && c->push_out)
        return RULE_TCP_SEND_NODELAY;
    if (c->tune.cork || c->more)
        return RULE_NONE;
    if (last && c->tune.nodelay)
        return RULE_TCP_SEND_NODELAY;
    if (last && !short_out)
        return RULE_TCP_SEND_NAGLE;
    if (!last && len >= c->snd.max_wnd / 2)
        return RULE_TCP_SEND_HALF_WINDOW;
    return RULE_NONE;
}

/* How many bytes may go in a new segment that begins `ahead` bytes after
 * SND.NXT; 0: none, or nothing that is worth a packet. */
static uint32_t
next_length(struct tcp_conn *c, uint32_t ahead, enum rule *why)
{
    uint32_t waiting = tcp_waiting(c) - ahead, room = usable(c), len;

    room = room > ahead ? room - ahead : 0;
    len = smaller(smaller(waiting, c->snd.mss), room);
    if (len == 0)
        return 0;
    if (congestion_room(c) < ahead + len) {
        c->cc.full = true;
        return 0;
    }
    if (len == c->snd.mss) {
        *why = RULE_TCP_SEND_FULL;
        return len;
    }
    *why = small_may_go(c, len, waiting);
    return *why == RULE_NONE ? 0 : len;
}

/* SACK blocks take their room from the text. */
static uint32_t
fit_options(const struct tcp_conn *c, uint32_t len)
{
    struct tcp_opts o;
    uint32_t most;

    if (c->reasm->count == 0 && !tcp_dsack_due(c))
        return len;
    most = c->snd.mss + (c->ts.ok ? 12u : 0u) -
           (uint32_t)tcp_segment_options(c, SEG_ACK, &o);
    return len < most ? len : most;
}

/* PSH says: this is all for now, hand it over (MUST-60, MUST-61): on the
 * last segment that waits, and on the last one of a burst of several. */
static uint8_t
data_flags(const struct tcp_conn *c, uint32_t len, uint8_t burst)
{
    uint8_t flags = SEG_ACK;

    if (burst & SENT_PUSH)
        flags |= SEG_PSH;
    if (len == tcp_waiting(c)) {
        if (len > 0 && !c->no_push)
            flags |= SEG_PSH;
        if (c->fin_queued)
            flags |= SEG_FIN;
    }
    return flags;
}

/* The RTO runs while anything is out, unless what was overtaken is due
 * before it; and anew when the oldest goes again, as in Linux. */
static void
watch_for_ack(struct tcp_conn *c, bool oldest)
{
    if (!timer_armed(&c->retx) ||
        (c->retx_kind != RETX_REORDER && (oldest || c->retx_kind != RETX_RTO)))
        tcp_arm_retx(c, RETX_RTO);
}

/*
 * Segments that follow one another and leave as one, for the card to cut
 * (offload.h): what is done once per segment below TCP is done once for all.
 * They are counted and recorded one by one all the same.
 */
struct train {
    bool may; /* the card can, and nobody wants to see each segment */
    struct seq seq;
    uint32_t len; /* 0: there is none yet */
    uint8_t flags;
    enum rule why; /* the first one's */
};

enum {
    TRAIN_MOST = 65535 - 20 - 60 /* IP's total length */
};

static void
depart(struct tcp_conn *c, struct train *t)
{
    c->train = t->len > c->snd.mss;
    if (t->len > 0)
        tcp_transmit(c, t->seq, t->len, t->flags, t->why);
    t->len = 0;
}

/* Sends a new segment, or joins it to those that wait to leave. */
static void
send_or_join(struct tcp_conn *c, struct train *t, struct seq seq, uint32_t len,
    uint8_t flags, enum rule why)
{
    if (!t || !t->may || len == 0) {
        if (t)
            depart(c, t);
        tcp_transmit(c, seq, len, flags, why);
        return;
    }
    if (t->len == 0)
        *t = (struct train){.may = true, .seq = seq, .why = why};
    t->len += len;
    t->flags |= flags;
    if (len < c->snd.mss || flags != SEG_ACK ||
        t->len + c->snd.mss > TRAIN_MOST)
        depart(c, t);
}

/* len is that of one segment; with a train, or of several full ones.
 * burst: SENT_LAST where it ends, with SENT_PUSH if it is more than one. */
static bool
send_new(struct tcp_conn *c, uint32_t len, uint8_t burst, enum rule why,
    struct train *train)
{
    uint8_t flags;
    bool fin, was_idle = tcp_flight(c) == 0;
    struct seq seq = c->snd.nxt;
    struct instant now = c->tcp->env->timers->now;

    len = fit_options(c, len);
    flags = data_flags(c, len, burst);
    fin = flags & SEG_FIN;
    burst &= SENT_LAST;
    if ((flags & SEG_PSH) && seq_eq(seq_add(seq, len), tcp_ring_end(c)))
        burst |= SENT_PUSH;
    if (!tcp_sent_push(c, seq, len + fin,
            train && len > c->snd.mss ? c->snd.mss : len,
            burst | (fin ? SENT_FIN : 0)))
        return false;
    c->snd.nxt = seq_add(seq, len + fin);
    tcp_recover_sent(c, len);
    if (len < c->snd.mss)
        c->snd.small = c->snd.nxt;
    c->fin_sent = c->fin_sent || fin;
    if (c->cc.dupacks > 0 && c->cc.recovery == REC_OPEN)
        c->cc.extra += len;
    if (was_idle)
        tcp_cubic_idle(c);
    c->cc.sent_at = now;
    if (was_idle)
        c->waiting_since = now;
    c->fresh = true;
    send_or_join(c, train, seq, len, flags, why);
    if (!train || train->len == 0) /* else once for all that have joined */
        watch_for_ack(c, false);
    return true;
}

/* Sends the first segment of record r again, as it is or cut to today's size.
 * False: no memory to cut it. */
bool
tcp_retransmit(struct tcp_conn *c, struct tcp_rec *r, enum rule why)
{
    struct seq seq = r->seq;
    uint8_t flags = SEG_ACK;
    uint32_t len;

    if (r->flags & SENT_SYN) {
        tcp_sent_again(c, r, false);
        c->tcp->counts.retransmits++;
        c->sum.retransmits++;
        flags = c->state == TCP_SYN_SENT ? SEG_SYN : SEG_SYN | SEG_ACK;
        tcp_transmit(c, seq, 0, flags | tcp_ecn_syn(c, true), why);
        return true;
    }
    r = tcp_sent_one(c, r, c->snd.mss);
    if (!r) {
        watch_for_ack(c, false); /* the timer will ask again */
        return false;
    }
    len = r->len - !!(r->flags & SENT_FIN);
    if (r->flags & SENT_FIN)
        flags |= SEG_FIN;
    if ((r->flags & SENT_PUSH) || (c->joined && (r->flags & SENT_LAST)))
        flags |= SEG_PSH;
    c->joined = false;
    tcp_sent_again(c, r, why == RULE_TCP_TAIL_PROBE);
    if (why != RULE_TCP_TAIL_PROBE)
        tcp_undo_sent(c);
    c->tcp->counts.retransmits++;
    c->sum.retransmits++;
    c->sum.bytes_again += len;
    tcp_recover_sent(c, len);
    NOTE(c->tcp->env, EV_TCP_RETRANSMIT, why, f_u64("conn", c->id),
        f_u64("seq", seq.v), f_u64("rel_seq", seq.v - c->snd.iss.v),
        f_u64("len", len));
    tcp_transmit(c, seq, len, flags, why);
    watch_for_ack(c, seq_eq(seq, c->snd.una));
    return true;
}

/* What was lost goes before what is new, and first of all the oldest. What
 * was sent as one burst and goes again as one bears PSH as it did then. */
static bool
send_lost(struct tcp_conn *c)
{
    struct tcp_rec *r;
    struct seq end = c->snd.nxt; /* of the one before */
    bool fresh = true;           /* it was the last of its burst */

    while ((r = tcp_sent_next_lost(c)) != NULL) {
        uint32_t len = smaller(tcp_rec_numbers(r, 1), c->snd.mss); /* is cut */

        if (congestion_room(c) < len && tcp_pipe(c) > 0)
            return false;
        if (c->paced && !tcp_pace_ready(c))
            return false;
        c->joined = !fresh && seq_eq(r->seq, end);
        fresh = (r->flags & SENT_LAST) && r->len <= len;
        end = seq_add(r->seq, len);
        if (!tcp_retransmit(c, r,
                c->cc.recovery == REC_TIMEOUT ? RULE_TCP_RETRANSMIT_RTO
                                              : RULE_TCP_RETRANSMIT_FAST))
            return false;
    }
    return true;
}

static bool
may_send_text(const struct tcp_conn *c)
{
    return c->state == TCP_ESTABLISHED || c->state == TCP_CLOSE_WAIT ||
           c->state == TCP_FIN_WAIT_1 || c->state == TCP_CLOSING ||
           c->state == TCP_LAST_ACK;
}

/*
 * Data wait, nothing is out, and no answer will come that could set them
 * free: ask the peer from time to time (RFC 9293 3.8.6.1, MUST-36). Or what
 * was to go again in its turn, with a timer from then on, need not go: there
 * was no such turn.
 */
static void
watch_window(struct tcp_conn *c)
{
    bool waiting = tcp_waiting(c) > 0 || (c->fin_queued && !c->fin_sent);

    if (c->paced && tcp_pace_waits(c))
        return;
    if (timer_armed(&c->retx))
        return;
    if (waiting && tcp_flight(c) == 0)
        tcp_arm_retx(c, RETX_PERSIST);
    else if (c->paced && tcp_flight(c) > 0)
        tcp_arm_retx(c, RETX_RTO);
}

/*
 * How many segments of len bytes may leave now with nothing to be asked
 * between them? As many full ones as would go one by one before the burst is
 * over, nothing more fits or waits, or the train is full; else one.
 */
static uint32_t
count_alike(const struct tcp_conn *c, const struct train *t, uint32_t len,
    uint32_t most, uint32_t left)
{
    uint32_t all = TRAIN_MOST - t->len, n;

    if (!t->may || len < c->snd.mss || len > all || tcp_dsack_due(c))
        return 1;
    all = smaller(
        smaller(all, tcp_waiting(c)), smaller(usable(c), congestion_room(c)));
    n = smaller(all / len, most);
    return (n - 1) * len < left ? n : (left - 1) / len + 1;
}

/* Paced: a burst has left, and there is more. Is it time for that? */
static bool
next_turn(struct tcp_conn *c, struct train *t)
{
    depart(c, t);
    return tcp_pace_ready(c);
}

/* All that may go now, in bursts. */
static void
send_all_new(struct tcp_conn *c)
{
    enum rule why = RULE_NONE, why_next;
    uint32_t len = next_length(c, 0, &why), next, in_burst = 0, most, left;
    uint32_t n, last; /* how many at once; the length of the last of them */
    uint8_t burst;
    bool any = len > 0;
    struct train train = {.may = false};

    if (c->paced && any && !tcp_pace_ready(c))
        return;
    if (c->paced)
        tcp_pace_stop(c); /* nobody waits any more, or for something else */
    if (any && tcp_flight(c) == 0 && c->cc.recovery == REC_OPEN &&
        instant_diff(c->tcp->env->timers->now, c->cc.sent_at) > tcp_rto(c))
        tcp_cong_idle(c);
    most = any && len < tcp_waiting(c) ? tcp_pace_burst(c) : 1;
    if (len == c->snd.mss && c->reasm->count == 0 && !tcp_urgent_out(c))
        train.may =
            tcp_card_sums(c) || (c->tune.mtu_discover != 0 &&
                                    ip_card_cuts(c->tcp->ip, c->remote.addr));
    left = any ? tcp_wmem_left(c, c->snd.nxt) : 0;
    for (; len > 0; len = next, why = why_next) {
        n = count_alike(c, &train, len, most - in_burst, left);
        last = len;
        len *= n;
        left -= len - last;
        next = next_length(c, len, &why_next);
        in_burst += n;
        burst = in_burst == most || next == 0 || last >= left ? SENT_LAST : 0;
        if (burst && (in_burst > 1 ||
                         (last == left && c->snd.max_wnd >= 4u * c->snd.mss)))
            burst |= SENT_PUSH;
        if (!send_new(c, len, burst, why, &train))
            break;
        left = last < left ? left - last : tcp_wmem_left(c, c->snd.nxt);
        if (burst)
            in_burst = 0;
        if (c->paced && burst && next > 0 && !next_turn(c, &train))
            break;
    }
    depart(c, &train);
    if (train.may && any)
        watch_for_ack(c, false);
    if (any) {
        tcp_cong_used(c);
        tcp_arm_tail(c);
    }
}

/* One segment that may be too large for the way (RFC 4821 7.4). */
static void
probe_mtu(struct tcp_conn *c)
{
    uint32_t room = usable(c), may = congestion_room(c), len;

    if (!c->path->mtu.searching && !c->path->mtu.lowered)
        return;
    if (c->paced && tcp_pace_early(c))
        return;
    len = tcp_mtu_probe(c, tcp_waiting(c), room < may ? room : may);
    if (len > 0)
        send_new(c, len, SENT_LAST | SENT_PUSH, RULE_TCP_MTU_PROBE, NULL);
}

/* The old that is lost, the new, the FIN; or a timer for what must wait. */
static void
send_all(struct tcp_conn *c)
{
    struct seq before = c->snd.nxt;

    /* RFC 5682: first something new, which will show what is lost. */
    if (c->path->undo.frto != FRTO_NOW && !send_lost(c))
        return;
    c->cc.full = false;
    probe_mtu(c);
    send_all_new(c);
    if (c->path->undo.frto == FRTO_NOW &&
        (!c->paced || !tcp_pace_waits(c) || !seq_eq(before, c->snd.nxt)))
        c->path->undo.frto = FRTO_NEW;
    if (c->fin_queued && !c->fin_sent && tcp_waiting(c) == 0 && usable(c) > 0) {
        send_new(c, 0, SENT_LAST, RULE_TCP_SEND_FIN, NULL);
        tcp_arm_tail(c);
    }
    watch_window(c);
}

void
tcp_output(struct tcp_conn *c)
{
    if (!may_send_text(c))
        return;
    send_all(c);
    if (c->paced)
        tcp_pace_settle(c);
}

/* What fits, whatever the congestion window says. */
static uint32_t
most_now(const struct tcp_conn *c)
{
    return smaller(smaller(tcp_waiting(c), c->snd.mss), usable(c));
}

/*
 * RFC 8985 7.3: something new, though the congestion window be full, or else
 * the last segment again: its ACK shows what of the tail is missing.
 */
int
tcp_output_tail(struct tcp_conn *c)
{
    uint32_t len = most_now(c);
    struct tcp_rec *r;

    if (len > 0)
        return send_new(c, len, SENT_LAST, RULE_TCP_TAIL_PROBE, NULL) ? 0
                                                                      : -ENOMEM;
    r = tcp_sent_last(c);
    return r && tcp_retransmit(c, r, RULE_TCP_TAIL_PROBE) ? 1 : -ENOMEM;
}

/* The override timer of 3.8.6.2.1: what fits goes now, however small. */
void
tcp_output_override(struct tcp_conn *c)
{
    uint32_t len = most_now(c);

    if (len > 0)
        send_new(c, len, SENT_LAST | SENT_PUSH, RULE_TCP_SEND_OVERRIDE, NULL);
}
