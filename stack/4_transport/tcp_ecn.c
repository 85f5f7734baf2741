/*
 * tcp_ecn.c: is the way crowded? Explicit congestion notification, RFC 3168
 * as it was first written: routers mark packets (CE) where they would soon
 * have to drop them, and the two ends slow down without losing anything.
 *
 *     sender --- data, ECT(0) ---> crowded router --- data, CE ---> receiver
 *            <-------------- ACK with ECE, again and again ----------
 *            --- new data with CWR: "I have slowed down" ----------->
 *            <------------------------ ACK without ECE --------------
 *
 * Both must have agreed in their SYNs: the caller sends ECE and CWR, who is
 * called answers with ECE alone. config.ecn says who asks and who agrees, as
 * tcp_ecn in Linux. Only new data bear ECT(0): what goes again, bare ACKs,
 * probes and SYNs could otherwise be lost in silence, or marked by strangers
 * (6.1.4 to 6.1.6).
 *
 * An echo is answered as a loss would be, once in a round trip, but nothing
 * goes again (6.1.2): the state is REC_CWR, and tcp_recover.c leads out of
 * it. Left out: ECT on SYN,ACK (RFC 5562), nonces (RFC 3540, historic), and
 * the finer feedback of AccECN.
 */
#include "tcp_conn.h"

#define SETUP (SEG_ECE | SEG_CWR)

static void
note(const struct tcp_conn *c, const char *what, enum rule why)
{
    NOTE(c->tcp->env, EV_TCP_ECN, why, f_u64("conn", c->id),
        f_text("what", what));
}

/* --- agreeing --------------------------------------------------------- */

/*
 * What our SYN or SYN,ACK says about it (6.1.1). A SYN that must go again
 * goes without (6.1.1.1): old middleboxes drop what they do not know, and the
 * call should still get through. Who has once sent a SYN without must not use
 * ECN any more.
 */
uint8_t
tcp_ecn_syn(struct tcp_conn *c, bool again)
{
    if (c->state == TCP_SYN_RECEIVED)
        return c->ecn_ok ? SEG_ECE : 0;
    c->ecn_asked = !again && c->tcp->config.ecn == 1;
    return c->ecn_asked ? SETUP : 0;
}

/* The peer's SYN or SYN,ACK has come. A SYN that bears ECT breaks the rules
 * (6.1.1), so whoever sent it is not to be trusted with them. */
void
tcp_ecn_agree(const struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    uint8_t said = a->seg.flags & SETUP;
    bool agrees = a->seg.flags & SEG_ACK
                      ? said == SEG_ECE
                      : said == SETUP && !(a->ih->tos & IP_ECN);
    bool we = c->state == TCP_SYN_SENT ? c->ecn_asked : c->tcp->config.ecn != 0;

    c->ecn_ok = agrees && we;
    if (c->ecn_ok)
        note(c, "both ends can", RULE_TCP_ECN_AGREED);
}

/* --- receiving -------------------------------------------------------- */

/* Text has come, within the window (6.1.3): was it marked on its way, and
 * has the peer slowed down since the last mark? */
void
tcp_ecn_text(const struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;

    if (!c->ecn_ok || a->seg.data == 0)
        return;
    if (a->seg.flags & SEG_CWR) {
        if (c->ecn_echo)
            note(c, "the peer has slowed down", RULE_TCP_ECN_CWR);
        c->ecn_echo = false;
        tcp_ack_at_once(c, RULE_TCP_ECN_CWR); /* its window may be tiny */
    }
    if (a->ih->tos & IP_ECN)
        c->ecn_seen = true;
    if ((a->ih->tos & IP_ECN) != IP_CE)
        return;
    if (!c->ecn_echo) {
        note(c, "a mark has come", RULE_TCP_ECN_CE);
        tcp_ack_at_once(c, RULE_TCP_ECN_CE);
    }
    c->ecn_echo = true;
}

/* --- sending ---------------------------------------------------------- */

/* Puts ECE and CWR into a segment that is about to leave; what the ECN bits
 * of its IP header are. fresh: it carries data for the first time. */
uint8_t
tcp_ecn_stamp(struct tcp_conn *c, struct tcp_seg *seg, bool fresh)
{
    if (!c->ecn_ok || (seg->flags & (SEG_SYN | SEG_RST)))
        return 0;
    if (c->ecn_echo)
        seg->flags |= SEG_ECE;
    if (!fresh || seg->data == 0)
        return 0;
    if (c->ecn_reduced)
        seg->flags |= SEG_CWR;
    c->ecn_reduced = false;
    return IP_ECT_0;
}

/*
 * The peer echoes a mark. Only the first echo in a window of data counts:
 * the next ones tell of the same crowd, until data that were sent after the
 * window shrank are acknowledged.
 */
void
tcp_ecn_echoed(struct tcp_conn *c)
{
    if (!c->ecn_ok || tcp_flight(c) == 0)
        return;
    if (c->path->undo.open)
        c->path->undo.open = false; /* the way itself has said so */
    if (c->cc.recovery != REC_OPEN)
        return;
    note(c, "the peer echoes a mark", RULE_TCP_ECN_ECE);
    tcp_cong_marked(c);
    c->cc.recovery = REC_CWR;
    c->cc.recover = c->snd.nxt;
    if (!tcp_recover_pace(c, tcp_flight(c))) /* at once, then */
        c->cc.cwnd = c->cc.ssthresh;
    tcp_note_cwnd(c, RULE_TCP_ECN_ECE);
}
