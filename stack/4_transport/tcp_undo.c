/*
 * tcp_undo.c: was it for nothing? A segment that is only late looks lost:
 * it goes again and the congestion window shrinks. Three kinds of evidence
 * show afterwards that nothing was lost, and then the window is put back to
 * what it was before (as Linux does it):
 *
 *     DSACK   RFC 3708   all that went again came twice
 *     Eifel   RFC 3522   the ACK echoes a time before anything went again,
 *                        so the first copy caused it
 *     F-RTO   RFC 5682   after a timeout only the oldest goes again, then
 *                        something new: when what was sent just once is
 *                        acknowledged, the timeout was too early
 *
 * After a spurious timeout nothing else goes again: what was taken for lost
 * is simply out. Congestion reported by ECN is never undone.
 */
#include "tcp_conn.h"

/* A recovery begins now: what to go back to. */
void
tcp_undo_begin(struct tcp_conn *c)
{
    uint32_t out = c->sent->again; /* their DSACKs may still come */

    if (!tcp_path_own(c))
        return;
    c->path->undo.open = c->cc.recovery != REC_CWR;
    c->path->undo.stamped = false;
    c->path->undo.marker = c->snd.una;
    c->path->undo.again =
        out ? (int32_t)((out + c->snd.mss - 1) / c->snd.mss) : -1;
    c->path->undo.cwnd = c->cc.cwnd;
    c->path->undo.ssthresh = c->cc.ssthresh;
    c->path->undo.cubic_max = c->path->cubic.max;
    c->path->undo.cubic_before = c->path->cubic.before;
}

void
tcp_undo_sent(struct tcp_conn *c)
{
    if (!c->path->undo.open)
        return;
    c->path->undo.again = c->path->undo.again < 0 ? 1 : c->path->undo.again + 1;
    if (c->path->undo.stamped)
        return;
    c->path->undo.stamped = true;
    c->path->undo.stamp = tcp_ts_now(c);
}

/* RFC 3522 3.2: this ACK was caused by something that was sent before the
 * first retransmission. */
bool
tcp_undo_delayed(const struct tcp_conn *c, const struct tcp_told *told)
{
    return c->path->undo.open && c->path->undo.stamped && told->ts &&
           told->advanced && (int32_t)(told->tsecr - c->path->undo.stamp) < 0;
}

/* RFC 3708 2, or the above: all that went again went for nothing. */
bool
tcp_undo_may(const struct tcp_conn *c, const struct tcp_told *told)
{
    return c->path->undo.open &&
           (c->path->undo.again == 0 || tcp_undo_delayed(c, told));
}

/* unlose: what is marked as lost is not (else time will tell). */
void
tcp_undo(
    struct tcp_conn *c, const struct tcp_told *told, bool unlose, enum rule why)
{
    c->path->undo.open = false;
    c->path->undo.frto = FRTO_NO;
    c->ecn_reduced = false; /* no CWR: there was no reduction */
    if (unlose)
        tcp_sent_unlose(c);
    if (c->cc.cwnd < c->path->undo.cwnd)
        c->cc.cwnd = c->path->undo.cwnd;
    if (c->cc.ssthresh < c->path->undo.ssthresh)
        c->cc.ssthresh = c->path->undo.ssthresh;
    c->path->cubic.max = c->path->undo.cubic_max; /* RFC 9438 4.9 */
    c->path->cubic.before = c->path->undo.cubic_before;
    if (c->cc.recovery == REC_TIMEOUT)
        tcp_rack_forget(c, told);
    else /* late means overtaken */
        c->rack.reordering_seen = true;
    c->cc.recovery = REC_OPEN;
    c->cc.dupacks = 0;
    NOTE(c->tcp->env, EV_TCP_UNDO, why, f_u64("conn", c->id),
        f_u64("cwnd", c->cc.cwnd), f_u64("ssthresh", c->cc.ssthresh));
}

/* --- F-RTO -------------------------------------------------------------- */

/* RFC 5682 3.1 step 1: not when a recovery was under way already, unless it
 * is the same segment whose timer has run out again. */
void
tcp_frto_begin(struct tcp_conn *c)
{
    bool ask =
        c->tcp->config.frto && (c->cc.recovery <= REC_CWR || c->retries > 0);

    tcp_frto_end(c);
    if (ask && tcp_path_own(c))
        c->path->undo.frto = FRTO_ONE;
}

void
tcp_frto_end(struct tcp_conn *c)
{
    if (c->path->undo.frto != FRTO_NO)
        c->path->undo.frto = FRTO_NO;
}

static bool
new_data_may_go(const struct tcp_conn *c)
{
    return tcp_waiting(c) > 0 &&
           seq_lt(c->snd.nxt, seq_add(c->snd.una, c->snd.wnd));
}

/*
 * Steps 2 and 3 for an ACK after a timeout; true when it has been undone.
 * Without SACK, an ACK that covers something sent again proves nothing
 * about what it covers besides.
 */
bool
tcp_frto_told(struct tcp_conn *c, const struct tcp_told *told, bool duplicate)
{
    bool original = told->original && (c->sack_ok || !told->again);

    if (told->advanced && tcp_undo_may(c, told)) {
        tcp_undo(c, told, true,
            tcp_undo_delayed(c, told) ? RULE_TCP_UNDO_EIFEL
                                      : RULE_TCP_UNDO_DSACK);
    } else if (c->path->undo.frto != FRTO_NO && c->path->undo.open &&
               original) {
        tcp_undo(c, told, true, RULE_TCP_UNDO_FRTO);
    } else {
        if (c->path->undo.frto == FRTO_NEW && (duplicate || told->sacked))
            c->path->undo.frto = FRTO_NO;
        if (c->path->undo.frto == FRTO_ONE && told->advanced &&
            seq_leq(c->snd.una, c->cc.recover)) {
            c->cc.recover = seq_add(c->snd.nxt, UINT32_MAX);
            c->path->undo.frto = new_data_may_go(c) ? FRTO_NOW : FRTO_NO;
        }
        return false;
    }
    c->retries = 0;
    c->backoff = 0;
    return true;
}
