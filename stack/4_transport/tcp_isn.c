/*
 * tcp_isn.c: where do the numbers begin? Initial sequence numbers after
 * RFC 6528 and the offsets of the timestamp clock after RFC 7323 7.1.
 *
 * ISN = M + F(four-tuple, key): M ticks every 4 microseconds (MUST-8), so
 * that a new connection begins above an old one between the same ends; F is
 * a keyed hash (SHLD-1), so that nobody off the path can guess where another
 * connection stands.
 */
#include "tcp_conn.h"

static uint64_t
four_tuple_hash(struct sipkey key, struct tcp_end local, struct tcp_end remote)
{
    uint32_t words[3] = {
        local.addr.v, remote.addr.v, (uint32_t)local.port << 16 | remote.port};

    return siphash(key, words, sizeof words);
}

struct seq
tcp_isn(const struct tcp *tcp, struct tcp_end local, struct tcp_end remote)
{
    uint32_t m = (uint32_t)(tcp->env->timers->now.ns / (4 * LW_US));

    if (tcp->iss_fixed)
        return tcp->iss;
    return (struct seq){
        m + (uint32_t)four_tuple_hash(tcp->isn_key, local, remote)};
}

uint32_t
tcp_ts_offset(
    const struct tcp *tcp, struct tcp_end local, struct tcp_end remote)
{
    return (uint32_t)four_tuple_hash(tcp->ts_key, local, remote);
}

uint32_t
tcp_ts_at(const struct tcp_conn *c, struct instant at)
{
    return c->ts.offset + (uint32_t)(at.ns / LW_MS);
}

uint32_t
tcp_ts_now(const struct tcp_conn *c)
{
    return tcp_ts_at(c, c->tcp->env->timers->now);
}
