/*
 * tcp_cong.c: how much can the way take? The congestion window: slow start
 * and congestion avoidance of RFC 5681, in bytes, as NewReno uses them.
 *
 * Another algorithm (CUBIC, RFC 9438) is another set of these five answers;
 * what was lost is found out elsewhere (tcp_recover.c).
 */
#include "tcp_conn.h"

/* RFC 6928 2; one segment when the SYN was lost (RFC 5681 3.1). */
static uint32_t
initial_window(const struct tcp_conn *c)
{
    uint32_t mss = c->snd.mss;
    uint32_t most = 14600 > 2 * mss ? 14600 : 2 * mss;
    uint32_t wanted = c->tcp->config.initial_window * mss;

    if (c->tcp->config.initial_window == 10 && wanted > most)
        wanted = most;
    return wanted;
}

void
tcp_cong_start(struct tcp_conn *c)
{
    bool lost_syn = c->retries > 0;

    c->cc.cwnd = lost_syn ? c->snd.mss : initial_window(c);
    c->cc.ssthresh = UINT32_MAX / 2;
    c->cc.recover = c->cc.used_until = c->snd.iss;
    tcp_rack_start(c);
    tcp_note_cwnd(c, lost_syn ? RULE_TCP_CWND_LOST_SYN : RULE_TCP_CWND_INITIAL);
}

/* By how much one ACK opens the window in slow start. After a timeout by one
 * segment: the ACK may cover much that was received long ago. */
static uint32_t
slow_start_most(const struct tcp_conn *c, uint32_t acked)
{
    unsigned limit = c->tcp->config.slow_start_limit;
    uint32_t room = c->cc.ssthresh - c->cc.cwnd;

    if (c->cc.recovery == REC_TIMEOUT)
        limit = 1;
    if (limit > 0 && acked > limit * c->snd.mss)
        acked = limit * c->snd.mss;
    return acked < room ? acked : room;
}

/*
 * New data was acknowledged outside of fast recovery. Below ssthresh the
 * window grows by what has arrived (RFC 3465: an ACK for every second segment
 * must not halve the growth); above, by one segment for each window.
 * A window that was not used up says nothing about the way and stays; in
 * slow start, half of it is enough, as in Linux (tcp_is_cwnd_limited).
 */
void
tcp_cong_acked(struct tcp_conn *c, uint32_t acked)
{
    uint32_t mss = c->snd.mss;

    if (!c->cc.limited &&
        (c->cc.cwnd >= c->cc.ssthresh || c->cc.cwnd >= 2 * c->cc.most_out))
        return;
    if (c->cc.cwnd < c->cc.ssthresh) {
        uint32_t most = slow_start_most(c, acked);

        c->cc.cwnd += most;
        acked -= most;
        tcp_note_cwnd(c, RULE_TCP_SLOW_START);
        if (acked == 0 || c->cc.cwnd < c->cc.ssthresh)
            return;
    }
    if (c->tune.cubic && tcp_path_own(c)) {
        tcp_cubic_acked(c, acked);
        tcp_note_cwnd(c, RULE_TCP_CUBIC);
        return;
    }
    c->cc.acked += acked;
    if (c->cc.acked < c->cc.cwnd)
        return;
    c->cc.acked -= c->cc.cwnd;
    c->cc.cwnd += mss;
    tcp_note_cwnd(c, RULE_TCP_AVOIDANCE);
}

/* Notes how much of the window was used, for one window of data at a time
 * (RFC 7661 4.2; tcp_cwnd_validate in Linux). */
void
tcp_cong_used(struct tcp_conn *c)
{
    uint32_t out = tcp_flight(c);
    bool limited = c->cc.full || tcp_pipe(c) + c->snd.mss > c->cc.cwnd;

    if (seq_lt(c->snd.una, c->cc.used_until) && !limited &&
        (c->cc.limited || out <= c->cc.most_out))
        return;
    c->cc.limited = limited;
    c->cc.most_out = out;
    c->cc.used_until = c->snd.nxt;
}

/* What is kept of `out` bytes; the next new data say so (RFC 3168 6.1.2). */
static void
reduce(struct tcp_conn *c, uint32_t out)
{
    bool cubic = c->tune.cubic && tcp_path_own(c);
    uint32_t kept = cubic ? tcp_cubic_loss(c) : out / 2;
    uint32_t least = 2u * c->snd.mss;

    c->cc.ssthresh = kept > least ? kept : least;
    c->cc.acked = 0;
    c->ecn_reduced = c->ecn_ok;
}

/* RFC 5681 (4): half of what is out now, not counting what limited transmit
 * has added (RFC 3042 2); CUBIC keeps seven tenths of the window. */
void
tcp_cong_loss(struct tcp_conn *c)
{
    reduce(c, tcp_flight(c) - c->cc.extra);
}

/* A router marked instead of dropping: RFC 3168 6.1.2 speaks of the window,
 * not of what is out. */
void
tcp_cong_marked(struct tcp_conn *c)
{
    reduce(c, c->cc.cwnd);
}

void
tcp_cong_timeout(struct tcp_conn *c)
{
    /* The first time only (RFC 5681 3.1), and once for one crowd. */
    if (c->retries == 0 && c->cc.recovery != REC_CWR)
        tcp_cong_loss(c);
    if (c->tune.cubic)
        tcp_cubic_timeout(c);
    c->cc.cwnd = c->snd.mss;
    c->cc.acked = 0;
}

/* RFC 5681 4.1: after a silence the way must be felt out again. */
void
tcp_cong_idle(struct tcp_conn *c)
{
    uint32_t restart = initial_window(c);

    if (c->cc.cwnd <= restart || !c->tcp->config.restart_after_idle)
        return;
    c->cc.cwnd = restart;
    tcp_note_cwnd(c, RULE_TCP_CWND_IDLE);
}
