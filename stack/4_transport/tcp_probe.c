/*
 * tcp_probe.c: is the end of what is out lost? Nothing sent later could show
 * it, so it would be found out by the RTO alone. The tail loss probe of
 * RFC 8985 7 asks earlier: about two round trips after the last segment or
 * the last ACK one more segment goes, new if there is one, else the last one
 * again. Its ACK reports by SACK what is missing, and RACK does the rest.
 *
 *     PTO = 2 SRTT, and the delay of an ACK when a single segment is out;
 *     never after the RTO would be due
 *
 * One probe at a time, and none before a round trip was measured again: the
 * way may be gone, and then the RTO backs off.
 */
#include "tcp_conn.h"

#define SLACK_NS     (2 * LW_MS)   /* grain of clocks, as Linux adds it */
#define ACK_DELAY_NS (200 * LW_MS) /* TLP.max_ack_delay, 7.2 */

/* 7.2: how long until then, from now. */
int64_t
tcp_probe_in(struct tcp_conn *c)
{
    int64_t ns = LW_S, left;

    if (!c->tcp->config.tail_probe || !c->sack_ok || !tcp_synchronized(c) ||
        c->cc.recovery > REC_CWR || c->sent->sacked > 0 ||
        c->sent->count == 0 || c->backoff > 0 || c->tlp.out || c->tlp.asked)
        return 0;
    if (c->rtt.srtt_ns > 0)
        ns =
            2 * c->rtt.srtt_ns + (c->sent->segs == 1 ? ACK_DELAY_NS : SLACK_NS);
    left = tcp_rto(c) -
           instant_diff(c->tcp->env->timers->now, tcp_sent_at(c, 0)->at);
    if (left <= 0)
        return 0;
    return ns < left ? ns : left;
}

/* 7.3: then the RTO runs, from now, whatever became of the probe. */
void
tcp_probe_fire(struct tcp_conn *c)
{
    int old;

    c->tlp.out = c->tlp.asked = true;
    old = tcp_output_tail(c);
    c->tlp.is_retrans = old > 0;
    c->tlp.out = old >= 0;
    c->tlp.end_seq = c->snd.nxt;
    tcp_arm_retx(c, RETX_RTO);
}

/*
 * 7.4.2: did the probe repair a loss? If the last segment went again and
 * both copies arrived, a DSACK or a bare duplicate ACK tells so. Else the
 * first was lost, nobody else has noticed, and the congestion window must
 * answer for it.
 */
void
tcp_probe_told(struct tcp_conn *c, struct seq ack, const struct tcp_told *told)
{
    if (!c->tlp.out || seq_lt(ack, c->tlp.end_seq))
        return;
    if (!c->tlp.is_retrans || told->dsack_probe) {
        c->tlp.out = false;
    } else if (seq_lt(c->tlp.end_seq, ack)) {
        c->tlp.out = false;
        if (c->cc.recovery != REC_OPEN)
            return;
        tcp_cong_loss(c);
        c->cc.cwnd = c->cc.ssthresh;
        tcp_note_cwnd(c, RULE_TCP_TAIL_REPAIRED);
    } else if (told->bare) {
        c->tlp.out = false;
    }
}
