/*
 * tcp_rack.c: what is overdue? RACK of RFC 8985, recent acknowledgment: what
 * was sent before something that has arrived should have arrived as well.
 * If it has not, it is lost; or it was overtaken, so it gets a little more
 * time, the reordering window:
 *
 *     sent     A ---- B ----- C
 *     arrived          B: its round trip was `rtt`
 *     A is lost at     sent(A) + rtt + window, C is not judged
 *
 * The window is zero while nothing has ever come out of order here and three
 * segments above the hole (or a recovery under way) speak for a loss. Else
 * it is a quarter of the shortest round trip, and grows while DSACKs tell
 * that what was sent again had not been lost.
 *
 * Time works where counting fails: for the last segments of a flight, for
 * what was sent again and lost again, and on ways that reorder.
 *
 * Called for each segment that arrives (tcp_sent.c), after each ACK
 * (tcp_recover.c), and by the timer of what was overtaken. The segments are
 * looked at in the order in which they were sent, up to the first that is
 * not due: without losses that is one comparison for an ACK.
 */
#include "tcp_conn.h"

#define PERSIST 16 /* recoveries: RFC 8985 6.2, step 4 */

void
tcp_rack_start(struct tcp_conn *c)
{
    c->rack.fack = c->rack.end_seq = c->snd.una;
    c->rack.reo_wnd_mult = 1;
    c->rack.reordering = TCP_DUP_THRESH;
}

/* RACK_sent_after of 6.1: in one instant, the higher number is later. */
static bool
sent_after(
    struct instant t1, struct seq end1, struct instant t2, struct seq end2)
{
    return instant_lt(t2, t1) || (t1.ns == t2.ns && seq_lt(end2, end1));
}

/*
 * 6.2, step 2: r has arrived, up to `end`. Of what was sent again it is not
 * clear which one arrived: not the second, if the echoed time or the round
 * trip is too short for it.
 */
void
tcp_rack_arrived(struct tcp_conn *c, const struct tcp_rec *r, struct seq end,
    struct tcp_told *told)
{
    int64_t rtt = instant_diff(c->tcp->env->timers->now, r->at);

    if (r->flags & SENT_EVER) {
        if (told->ts && (int32_t)(told->tsecr - tcp_ts_at(c, r->at)) < 0)
            return;
        if (rtt < c->sum.min_rtt_ns)
            return;
    } else if (sent_after(r->at, end, told->once_at, told->once_end)) {
        told->once = true;
        told->once_at = r->at;
        told->once_end = end;
    }
    c->rack.rtt_ns = rtt;
    c->rack.advanced = true;
    if (sent_after(r->at, end, c->rack.xmit_ts, c->rack.end_seq)) {
        c->rack.xmit_ts = r->at;
        c->rack.end_seq = end;
    }
}

/* A timeout was undone: what seemed to be the arrival of something sent
 * again was that of the first copy. Only what was sent once counts. */
void
tcp_rack_forget(struct tcp_conn *c, const struct tcp_told *told)
{
    c->rack.xmit_ts = told->once_at;
    c->rack.end_seq = told->once_end;
    c->rack.advanced = true;
    if (!told->once) /* nothing of that arrived */
        c->rack.rtt_ns = c->rtt.srtt_ns;
    else
        c->rack.rtt_ns = instant_diff(c->tcp->env->timers->now, told->once_at);
}

/* 6.2, step 3: something sent once arrives after what was sent later. */
static void
detect_reordering(struct tcp_conn *c, const struct tcp_told *told)
{
    uint32_t mss = c->snd.mss, width;

    if (!seq_lt(told->reordered, c->rack.fack))
        return;
    width = (c->rack.fack.v - told->reordered.v + mss - 1) / mss;
    if (width > c->rack.reordering)
        c->rack.reordering = (uint16_t)(width < 300 ? width : 300);
    c->rack.reordering_seen = true;
    c->rack.reorderings++;
    NOTE(c->tcp->env, EV_TCP_REORDERED, RULE_TCP_REORDERED,
        f_u64("conn", c->id), f_u64("seq", told->reordered.v),
        f_u64("rel_seq", told->reordered.v - c->snd.iss.v),
        f_u64("segments", width));
}

/* 6.2, step 4: how long what was overtaken is waited for. */
static int64_t
window(const struct tcp_conn *c)
{
    int64_t wnd = c->rack.reo_wnd_mult * c->sum.min_rtt_ns / 4;

    if (!c->rack.reordering_seen &&
        (c->cc.recovery > REC_CWR || c->sent->segs_sacked >= TCP_DUP_THRESH))
        return 0;
    return wnd < c->rtt.srtt_ns ? wnd : c->rtt.srtt_ns;
}

/* ... once in a round trip, when a DSACK shows that it was too short. Not
 * for a tail loss probe, which goes on suspicion. */
static void
adapt(struct tcp_conn *c, const struct tcp_told *told)
{
    if (c->rack.in_dsack_round && seq_leq(c->rack.dsack_round, c->snd.una))
        c->rack.in_dsack_round = false;
    if (!told->dsack || told->dsack_probe || c->rack.in_dsack_round)
        return;
    c->rack.in_dsack_round = true;
    c->rack.dsack_round = c->snd.nxt;
    if (c->rack.reo_wnd_mult < UINT8_MAX)
        c->rack.reo_wnd_mult++;
    c->rack.reo_wnd_persist = PERSIST;
    NOTE(c->tcp->env, EV_TCP_PATIENCE, RULE_TCP_REO_WND, f_u64("conn", c->id),
        f_u64("quarters", c->rack.reo_wnd_mult), f_ns("window", window(c)));
}

void
tcp_rack_recovered(struct tcp_conn *c)
{
    if (c->rack.reo_wnd_persist == 0 || --c->rack.reo_wnd_persist > 0)
        return;
    c->rack.reo_wnd_mult = 1;
    NOTE(c->tcp->env, EV_TCP_PATIENCE, RULE_TCP_REO_WND_BACK,
        f_u64("conn", c->id), f_u64("quarters", 1), f_ns("window", window(c)));
}

/* 6.2, step 5: marks what is lost, the oldest first. How long to wait for
 * the rest; 0: for nothing. */
static int64_t
detect_loss(struct tcp_conn *c)
{
    struct instant now = c->tcp->env->timers->now;
    int64_t most = c->rack.rtt_ns + window(c), wait = 0;
    struct tcp_rec *r = tcp_sent_oldest(c), *next;

    for (; r; r = next) {
        int64_t left = most - instant_diff(now, r->at);

        next = tcp_sent_newer(c, r);
        if (!sent_after(
                c->rack.xmit_ts, c->rack.end_seq, r->at, tcp_rec_end(r))) {
            /* What went again in one instant need not be in order. */
            if (c->sent->again == 0 || instant_lt(c->rack.xmit_ts, r->at))
                break;
            continue;
        }
        if (left <= 0)
            tcp_sent_lose(c, r,
                r->flags & SENT_AGAIN ? RULE_TCP_LOST_AGAIN
                                      : RULE_TCP_LOST_TIME);
        else if (left > wait)
            wait = left;
    }
    return wait;
}

/* The timer of what was overtaken runs as long as something was. */
static void
wait_for(struct tcp_conn *c, int64_t ns)
{
    if (ns > 0)
        tcp_arm_reorder(c, ns);
    else if (timer_armed(&c->retx) && c->retx_kind == RETX_REORDER)
        tcp_rearm_rto(c);
}

/* 6.2: an ACK has been taken in. */
void
tcp_rack_told(struct tcp_conn *c, const struct tcp_told *told)
{
    detect_reordering(c, told);
    if (seq_lt(c->rack.fack, told->highest))
        c->rack.fack = told->highest;
    adapt(c, told);
    if (!c->rack.advanced)
        return;
    c->rack.advanced = false;
    wait_for(c, detect_loss(c));
}

/* The timer ran out. */
void
tcp_rack_fire(struct tcp_conn *c)
{
    uint32_t before = tcp_missing(c);
    int64_t wait = detect_loss(c);

    if (tcp_missing(c) > before)
        tcp_recover_late(c);
    if (wait > 0)
        tcp_arm_reorder(c, wait);
    else
        tcp_rearm_rto(c);
}

/*
 * 6.3: the RTO has run out: the oldest is lost, and what should have arrived
 * by now; what was sent only lately may still arrive.
 */
void
tcp_rack_timeout(struct tcp_conn *c, bool reneged)
{
    struct instant now = c->tcp->env->timers->now;
    int64_t most = c->rack.rtt_ns + window(c);

    for (uint32_t i = 0; i < c->sent->count; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);

        if ((r->flags & SENT_SACKED) && !reneged)
            continue;
        if (reneged || instant_diff(now, r->at) >= most)
            tcp_sent_lose(c, r, RULE_TCP_LOST_TIMEOUT);
        else if (i == 0)
            tcp_sent_lose(c, tcp_sent_first(c), RULE_TCP_LOST_TIMEOUT);
    }
}
