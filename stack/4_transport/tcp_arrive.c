/*
 * tcp_arrive.c: what does it say? A segment for an existing connection, step
 * by step in the order of RFC 9293 3.10.7.3 (SYN-SENT) and 3.10.7.4 (all
 * other states):
 *
 *     first   is it within the window?      here
 *     second  RST                           here
 *     third   (security compartments: nobody uses them)
 *     fourth  SYN                           here
 *     fifth   ACK                           tcp_arrive_ack.c
 *     sixth   URG                           tcp_urgent.c
 *     seventh the text                      tcp_arrive_text.c
 *     eighth  FIN                           tcp_arrive_text.c
 *
 * The order of the checks is the protocol. Each step returns whether to go
 * on; one that does not has dropped the segment and said why.
 */
#include "tcp_conn.h"

#include <errno.h>

/* --- first: is it within the window? ---------------------------------- */

/* RFC 7323 5.3 R1: protection against wrapped sequence numbers. */
static bool
timestamp_ok(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_opts *o = &a->seg.opts;

    if (!c->ts.ok || (a->seg.flags & SEG_RST))
        return true;
    if (!o->ts) {
        tcp_arrive_drop(a, DROP_TCP_PAWS, RULE_TCP_TS_MISSING);
        return false;
    }
    if (!tcp_ts_old(c, o->tsval))
        return true;
    tcp_challenge(c, RULE_TCP_PAWS);
    tcp_arrive_drop(a, DROP_TCP_PAWS, RULE_TCP_PAWS);
    return false;
}

/*
 * Table 6 of RFC 9293 3.10.7.4. One edge is wider than the table: an empty
 * segment may stand at the right edge itself, for that is where a sender
 * stands who has filled the window, and its ACKs must count. Not so a RST,
 * which is worth an answer only within (RFC 5961 3.2, with erratum 4845); its
 * text (an explanation for people, 3.10.7.4) takes no room.
 */
static bool
acceptable(const struct tcp_conn *c, const struct tcp_seg *seg)
{
    uint32_t len = seg->flags & SEG_RST ? 0 : seg_len(seg);
    struct seq last = seq_add(seg->seq, len ? len - 1 : 0);

    if (seg->flags & SEG_RST && seq_eq(seg->seq, c->rcv.adv))
        return seq_eq(c->rcv.nxt, c->rcv.adv);
    if (len == 0)
        return seq_leq(c->rcv.nxt, seg->seq) && seq_leq(seg->seq, c->rcv.adv);
    if (!seq_lt(c->rcv.nxt, c->rcv.adv))
        return false;
    return seq_leq(c->rcv.nxt, last) && seq_lt(seg->seq, c->rcv.adv);
}

/* Our SYN,ACK was lost, or slow: the caller asks again. */
static bool
syn_again(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;

    if (c->state != TCP_SYN_RECEIVED || !c->passive ||
        (a->seg.flags & (SEG_SYN | SEG_ACK)) != SEG_SYN ||
        !seq_eq(a->seg.seq, c->rcv.irs))
        return false;
    tcp_send_syn(c, RULE_TCP_SYNACK_AGAIN);
    tcp_arrive_drop(a, DROP_TCP_DUPLICATE, RULE_TCP_SYNACK_AGAIN);
    return true;
}

/* Both called, both got a SYN, and this SYN,ACK acknowledges ours: the SYN
 * in it is known, the rest is as good as an ACK (RFC 9293 3.5, figure 7). */
static void
simultaneous(struct tcp_conn *c, struct tcp_seg *seg)
{
    if (c->state != TCP_SYN_RECEIVED || c->passive ||
        (seg->flags & (SEG_SYN | SEG_ACK | SEG_RST)) != (SEG_SYN | SEG_ACK) ||
        !seq_eq(seg->seq, c->rcv.irs) || !seq_eq(seg->ack, c->snd.nxt))
        return;
    seg->flags &= (uint8_t)~SEG_SYN;
    seg->seq = seq_add(seg->seq, 1);
}

static void
unacceptable(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;
    bool old = seq_leq(seq_add(seg->seq, seg_len(seg)), c->rcv.nxt);
    enum drop why = old ? DROP_TCP_DUPLICATE : DROP_TCP_WINDOW;

    if (seg->flags & SEG_RST) {
        tcp_arrive_drop(a, DROP_TCP_WINDOW, RULE_TCP_RST_WINDOW);
        return;
    }
    if (c->state == TCP_TIME_WAIT && (seg->flags & SEG_FIN))
        tcp_arm_keep(c, KEEP_TIME_WAIT, c->tcp->config.time_wait_ns);
    if (seg_len(seg) > 0 && !(seg->flags & SEG_SYN))
        tcp_ack_at_once(c, RULE_TCP_ACK_UNACCEPTABLE);
    else
        tcp_challenge(c, RULE_TCP_ACK_UNACCEPTABLE);
    if (c->ack.now && seg->data > 0 && seq_lt(seg->seq, c->rcv.nxt)) {
        struct seq end = seq_add(seg->seq, seg->data);

        tcp_dsack_note(c, seg->seq, seq_lt(end, c->rcv.nxt) ? end : c->rcv.nxt);
    }
    tcp_arrive_drop(a, why, old ? RULE_TCP_DUPLICATE : RULE_TCP_WINDOW);
}

static bool
step_sequence(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    struct tcp_seg *seg = &a->seg;

    if (syn_again(a))
        return false;
    simultaneous(c, seg);
    if (!timestamp_ok(a))
        return false;
    if (acceptable(c, seg))
        return true;
    if (seq_eq(c->rcv.nxt, c->rcv.adv) && seq_eq(seg->seq, c->rcv.nxt) &&
        !(seg->flags & (SEG_SYN | SEG_RST))) {
        /* A probe of our shut window: the text cannot be taken, but its
         * ACK counts (RFC 9293 3.10.7.4, MUST-66). */
        tcp_ack_at_once(c, RULE_TCP_ACK_ZERO_WINDOW);
        seg->data = 0;
        pkt_trim(a->p, 0);
        seg->flags &= (uint8_t)~SEG_FIN;
        return true;
    }
    unacceptable(a);
    return false;
}

/* --- second: RST ------------------------------------------------------ */

/* As Linux; RFC 9293 3.10.7.4 has other words for SYN-RECEIVED (refused) and
 * CLOSE-WAIT (reset), but leaves the form of the interface to the system
 * (3.9.1): rfc_errors. */
static int
reset_error(const struct tcp_conn *c)
{
    if (c->tcp->config.rfc_errors)
        return c->state == TCP_SYN_RECEIVED ? ECONNREFUSED : ECONNRESET;
    return c->state == TCP_CLOSE_WAIT ? EPIPE : ECONNRESET;
}

/* RFC 5961 3.2: only the exact next number is believed (insecure_rst: any in
 * the window, as RFC 793 had it). */
static bool
step_reset(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;

    if (!(a->seg.flags & SEG_RST))
        return true;
    if (c->state == TCP_TIME_WAIT) {
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_TIME_WAIT_RST);
        return false;
    }
    if (!seq_eq(a->seg.seq, c->rcv.nxt) && !a->tcp->config.insecure_rst) {
        tcp_challenge(c, RULE_TCP_CHALLENGE_RST);
        tcp_arrive_drop(a, DROP_TCP_WINDOW, RULE_TCP_CHALLENGE_RST);
        return false;
    }
    if (c->state == TCP_SYN_RECEIVED && c->passive)
        tcp_move(c, TCP_LISTEN, RULE_TCP_RST_LISTEN);
    tcp_conn_end(c, reset_error(c), RULE_TCP_RST_CAME);
    return false;
}

/* --- fourth: SYN ------------------------------------------------------ */

/* RFC 5961 4.2: a SYN on a living connection proves nothing; ask. One that
 * has only been asked for goes back to its listener (RFC 9293 3.10.7.4).
 * insecure_syn: the connection ends, as RFC 793 had it. */
static bool
step_syn(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;

    if (!(a->seg.flags & SEG_SYN))
        return true;
    if (c->state == TCP_SYN_RECEIVED && c->passive) {
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_RST_LISTEN);
        tcp_move(c, TCP_LISTEN, RULE_TCP_RST_LISTEN);
        tcp_conn_end(c, ECONNRESET, RULE_TCP_RST_LISTEN);
        return false;
    }
    if (a->tcp->config.insecure_syn && !seq_lt(a->seg.seq, c->rcv.nxt)) {
        tcp_transmit(c, c->snd.nxt, 0, SEG_RST | SEG_ACK, RULE_TCP_SYN_RESETS);
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_SYN_RESETS);
        tcp_conn_end(c, ECONNRESET, RULE_TCP_SYN_RESETS);
        return false;
    }
    tcp_challenge(c, RULE_TCP_CHALLENGE_SYN);
    tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_CHALLENGE_SYN);
    return false;
}

/* --- SYN-SENT --------------------------------------------------------- */

/* Both ends have each other's SYN: what is common to both ways there. */
void
tcp_established(struct tcp_arrival *a, enum rule why)
{
    struct tcp_conn *c = a->c;

    tcp_move(c, TCP_ESTABLISHED, why);
    c->connected = true;
    c->ack.data_at = c->tcp->env->timers->now;
    tcp_mtu_start(c);
    tcp_cong_start(c);
    if (c->tcp->config.pacing)
        tcp_pace_own(c);
    tcp_wmem_expand(c);
    if (c->retries > 0 && c->rtt.srtt_ns == 0)
        c->rtt.rto_ns = 3 * LW_S; /* RFC 6298 5.7 */
    c->retries = 0;
    c->backoff = 0;
    c->rcv.tuned_at = c->tcp->env->timers->now;
    tcp_restart_keepalive(c);
    tcp_listen_established(c);
    tcp_deliver_syn_text(c);
    c->wake = true;
}

/* First and second check: an ACK of something else, or a RST. */
static bool
syn_sent_ack(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;
    bool ours = (seg->flags & SEG_ACK) && seq_lt(c->snd.iss, seg->ack) &&
                seq_leq(seg->ack, c->snd.nxt);

    if ((seg->flags & SEG_ACK) && !ours) {
        tcp_send_reset(a, RULE_TCP_SYN_SENT_BAD_ACK);
        tcp_arrive_drop(a, DROP_TCP_ACK, RULE_TCP_SYN_SENT_BAD_ACK);
        return false;
    }
    if (!(seg->flags & SEG_RST))
        return true;
    if (ours)
        tcp_conn_end(c, ECONNREFUSED, RULE_TCP_SYN_SENT_REFUSED);
    else
        tcp_arrive_drop(a, DROP_TCP_NO_ACK, RULE_TCP_SYN_SENT_BLIND_RST);
    return false;
}

static void
take_syn(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;
    uint32_t offered = c->rcv.adv.v - c->rcv.nxt.v; /* in our SYN */

    c->rcv.irs = seg->seq;
    c->rcv.nxt = seq_add(seg->seq, 1);
    c->rcv.adv = seq_add(c->rcv.nxt, offered);
    c->snd.wnd = c->snd.max_wnd = seg->wnd; /* a SYN's is not scaled */
    c->snd.wl1 = seg->seq;
    c->snd.wl2 = seg->flags & SEG_ACK ? seg->ack : c->snd.iss;
    tcp_agree(c, &seg->opts);
    tcp_ecn_agree(a);
}

static void
answered(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    struct tcp_seg *seg = &a->seg;
    struct tcp_told told = tcp_told_begin(c, seg);

    tcp_take_ack(c, seg, &told);
    tcp_established(a, RULE_TCP_SYNACK_CAME);
    tcp_ack_at_once(c, RULE_TCP_ACK_SYN);
    seg->flags &= (uint8_t)~SEG_SYN;
    seg->seq = seq_add(seg->seq, 1);
    tcp_arrive_text(a);
    if (c->state == TCP_ESTABLISHED)
        tcp_arrive_fin(a);
}

static void
arrive_syn_sent(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;

    if (!syn_sent_ack(a))
        return;
    if (!(seg->flags & SEG_SYN) ||
        ((seg->flags & SEG_FIN) && a->tcp->config.drop_synfin > 1)) {
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_SYN_SENT_OTHER);
        return;
    }
    take_syn(a);
    if (seg->flags & SEG_ACK) {
        answered(a);
        return;
    }
    tcp_move(c, TCP_SYN_RECEIVED, RULE_TCP_SIMULTANEOUS);
    tcp_send_syn(c, RULE_TCP_SIMULTANEOUS);
    tcp_keep_syn_text(a);
}

/* Nothing new can come to TIME-WAIT: whoever sends text or a FIN, or thinks
 * that there was more, is told where we stand, as if it were the FIN that
 * came again (3.10.7.4). */
static bool
step_time_wait(struct tcp_arrival *a)
{
    if (a->c->state != TCP_TIME_WAIT || !(a->seg.flags & SEG_ACK) ||
        (seg_len(&a->seg) == 0 && seq_eq(a->seg.seq, a->c->rcv.nxt)))
        return true;
    tcp_challenge(a->c, RULE_TCP_ACK_UNACCEPTABLE);
    tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_ACK_UNACCEPTABLE);
    return false;
}

void
tcp_arrive(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;

    c->sum.segments_in++;
    c->sum.data_in += a->seg.data > 0;
    if (tcp_dsack_due(c)) /* it speaks of the most recent (RFC 2883 4) */
        tcp_ack_due(c);
    if (c->state == TCP_SYN_SENT) {
        c->heard_at = c->tcp->env->timers->now;
        arrive_syn_sent(a);
        return;
    }
    if (!step_sequence(a) || !step_reset(a) || !step_syn(a) ||
        !step_time_wait(a))
        return;
    c->heard_at = c->tcp->env->timers->now;
    c->probes = 0;
    if (!tcp_arrive_ack(a))
        return;
    tcp_ecn_text(a);
    tcp_urgent_arrive(a);
    tcp_arrive_text(a);
    if (c->state != TCP_CLOSED)
        tcp_arrive_fin(a);
}
