/*
 * tcp_rtt.c: how far is it? The round trip time, smoothed, and from it the
 * retransmission timeout: RFC 6298.
 *
 *     first measurement R:  SRTT = R, RTTVAR = R/2
 *     each later one:       RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|
 *                           SRTT   = 7/8 SRTT + 1/8 R
 *     RTO = SRTT + max(G, 4 RTTVAR), between config.min_rto_ns and max_rto_ns
 *
 * G is the grain of the clock, or, as in Linux, much more (200 ms), so that
 * a way whose times hardly vary does not time out at every delayed ACK.
 *
 * Only segments that were sent once are measured (Karn, MUST-18), or any by
 * their timestamps (RFC 7323 4).
 */
#include "tcp_conn.h"

#define GRANULARITY_NS LW_MS
#define MIN_RTT_FOR_S  300

/* RFC 8985 6.2, step 1: the least of the last minutes, so that a longer way
 * is noticed in the end. */
static void
keep_least(struct tcp_conn *c, int64_t rtt_ns)
{
    uint32_t second = tcp_second(c);

    if (c->sum.min_rtt_ns > 0 && rtt_ns > c->sum.min_rtt_ns &&
        second - c->sum.min_rtt_s <= MIN_RTT_FOR_S)
        return;
    c->sum.min_rtt_ns = rtt_ns;
    c->sum.min_rtt_s = second;
}

void
tcp_rtt_sample(struct tcp_conn *c, int64_t rtt_ns)
{
    int64_t off, spread;

    if (rtt_ns < 1)
        rtt_ns = 1; /* 0 means not measured */
    if (c->rtt.srtt_ns == 0) {
        c->rtt.srtt_ns = rtt_ns;
        c->rtt.rttvar_ns = rtt_ns / 2;
    } else {
        off = c->rtt.srtt_ns - rtt_ns;
        if (off < 0)
            off = -off;
        c->rtt.rttvar_ns += (off - c->rtt.rttvar_ns) / 4;
        c->rtt.srtt_ns += (rtt_ns - c->rtt.srtt_ns) / 8;
    }
    keep_least(c, rtt_ns);
    spread = 4 * c->rtt.rttvar_ns;
    if (spread < c->tcp->config.min_rttvar_ns)
        spread = c->tcp->config.min_rttvar_ns;
    c->rtt.rto_ns = c->rtt.srtt_ns + spread;
    c->rtt.rto_ns -= c->rtt.rto_ns % GRANULARITY_NS;
    if (c->rtt.rto_ns < c->tcp->config.min_rto_ns)
        c->rtt.rto_ns = c->tcp->config.min_rto_ns;
    if (c->rtt.rto_ns > c->tcp->config.max_rto_ns)
        c->rtt.rto_ns = c->tcp->config.max_rto_ns;
    c->tlp.asked = false;
    c->backoff = 0; /* RFC 6298 5, last paragraph */
    NOTE(c->tcp->env, EV_TCP_RTT, RULE_TCP_RTT, f_u64("conn", c->id),
        f_ns("rtt", rtt_ns), f_ns("srtt", c->rtt.srtt_ns),
        f_ns("rttvar", c->rtt.rttvar_ns), f_ns("rto", c->rtt.rto_ns));
}

int64_t
tcp_rto(const struct tcp_conn *c)
{
    int64_t rto = c->rtt.rto_ns, most = c->tcp->config.max_rto_ns;

    for (unsigned i = 0; i < c->backoff && rto < most; i++)
        rto *= 2;
    return rto < most ? rto : most;
}
