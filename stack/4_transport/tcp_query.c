/*
 * tcp_query.c: how do things stand? The calls of tcp.h that ask about a
 * connection.
 */
#include "tcp_conn.h"

void
tcp_set_owner(struct tcp_conn *c, tcp_notify *notify, void *owner)
{
    c->notify = notify;
    c->owner = owner;
}

void
tcp_set_acked(struct tcp_conn *c, tcp_notify *acked)
{
    c->acked = acked;
}

void
tcp_set_socket(struct tcp_conn *c, uint64_t sock)
{
    c->sock = sock;
    tcp_note_conn(c);
}

struct tcp_end
tcp_local(const struct tcp_conn *c)
{
    return c->local;
}

struct tcp_end
tcp_remote(const struct tcp_conn *c)
{
    return c->remote;
}

enum tcp_state
tcp_state(const struct tcp_conn *c)
{
    return (enum tcp_state)c->state;
}

uint32_t
tcp_unsent(const struct tcp_conn *c)
{
    return c->ring.used;
}

/* As in Linux the FIN counts, and after the end what was never acknowledged,
 * the SYN too; not while the connection opens. */
uint32_t
tcp_outq(const struct tcp_conn *c)
{
    if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED)
        return 0;
    if (c->state == TCP_CLOSED)
        return tcp_flight(c);
    return c->ring.used +
           (c->fin_queued && (!c->fin_sent || tcp_flight(c) > 0));
}

uint32_t
tcp_outq_nsd(const struct tcp_conn *c)
{
    if (!tcp_synchronized(c))
        return 0;
    return tcp_waiting(c) + (c->fin_queued && !c->fin_sent);
}

int
tcp_error(struct tcp_conn *c)
{
    int error = c->error;

    c->error = 0;
    return error;
}

int
tcp_soft_error(struct tcp_conn *c)
{
    int error = c->soft_error;

    c->soft_error = 0;
    return error;
}

uint32_t
tcp_unsent_most(const struct tcp_conn *c)
{
    uint32_t lowat = c->tune.notsent_lowat;

    return lowat ? lowat : c->tcp->config.notsent_lowat;
}

/* As Linux's tcp_poll. */
unsigned
tcp_poll(const struct tcp_conn *c)
{
    bool closed = c->state == TCP_CLOSED;
    bool no_more_in = c->rcv.fin_done || c->read_shut || closed;
    unsigned ready = 0;

    if (c->rcv.queued > tcp_urgent_hides(c) || no_more_in)
        ready |= TCP_IN;
    if (c->rcv.urgent == URGENT_HERE)
        ready |= TCP_PRI;
    if (no_more_in)
        ready |= TCP_RDHUP;
    if (c->error)
        ready |= TCP_ERR;
    if (closed || (c->fin_queued && c->rcv.fin_done))
        ready |= TCP_HUP;
    if (closed || c->fin_queued || tcp_writable(c))
        ready |= TCP_OUT;
    return ready;
}
