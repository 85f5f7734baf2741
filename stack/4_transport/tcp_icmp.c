/*
 * tcp_icmp.c: who complains? ICMP errors about segments of ours
 * (RFC 9293 3.9.2.2), called by IP.
 *
 * Anybody can forge one, so it is believed only when the number that it
 * quotes is one that is out (RFC 5927 4.1), and it never ends a connection
 * that is synchronized (MUST-56; RFC 5927 5.2 for the "hard" ones): there it
 * is remembered, and is what the program hears should the retransmissions
 * come to nothing. A connection that is only being opened gives up at once,
 * as Linux does and RFC 5461 4.1 describes: the program can try elsewhere.
 */
#include "tcp_conn.h"

#include <errno.h>

const struct ip_error *
tcp_blame(const struct tcp_conn *c)
{
    return c->tcp->blamed == c ? c->tcp->blame : NULL;
}

bool
tcp_icmp(void *owner, const struct ip_error *err)
{
    struct tcp *tcp = owner;
    struct cursor cur = cursor_of(err->data, err->len);
    struct tcp_end local = {err->src, get_be16(&cur)};
    struct tcp_end remote = {err->dst, get_be16(&cur)};
    struct seq seq = {get_be32(&cur)};
    struct tcp_conn *c;
    bool hard;
    int error = ip_error_errno(err, &hard); /* MUST-55: 0 for a quench */

    if (cur.over)
        return false;
    c = tcp_find(tcp, local, remote);
    if (!c || seq_lt(seq, c->snd.una) || !seq_lt(seq, c->snd.nxt))
        return false;
    if (error == 0) /* a redirect is IP's to heed */
        return true;
    tcp_enter(c);
    if (error == EMSGSIZE) {
        tcp_mtu_told(c, seq, err->next_mtu);
    } else if (c->state == TCP_SYN_SENT ||
               (c->state == TCP_SYN_RECEIVED && !c->passive)) {
        tcp->blamed = c;
        tcp->blame = err;
        tcp_conn_end(c, error, RULE_TCP_ICMP_OPENING);
    } else if (c->tune.recverr) { /* the program wants to know, and goes on */
        c->error = (uint16_t)error;
        c->wake = true;
    } else {
        c->soft_error = (uint16_t)error;
    }
    tcp_leave(c);
    tcp->blamed = NULL;
    return true;
}
