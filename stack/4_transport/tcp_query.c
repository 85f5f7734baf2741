/*
 * tcp_query.c: how do things stand? The calls of tcp.h that ask about a
 * connection and that set its options.
 */
#include "tcp_conn.h"

#include <errno.h>

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

uint64_t
tcp_id(const struct tcp_conn *c)
{
    return c->id;
}

uint32_t
tcp_readable(const struct tcp_conn *c)
{
    return c->rcv.queued;
}

uint32_t
tcp_unsent(const struct tcp_conn *c)
{
    return c->ring.used;
}

int
tcp_error(struct tcp_conn *c)
{
    int error = c->error;

    c->error = 0;
    return error;
}

/* As Linux's tcp_poll. Room to write means a third of the buffer: waking a
 * writer for every acknowledged byte would cost more than it brings. */
unsigned
tcp_poll(const struct tcp_conn *c)
{
    bool closed = c->state == TCP_CLOSED;
    bool no_more_in = c->rcv.fin_done || c->read_shut || closed;
    unsigned ready = 0;

    if (c->rcv.queued > 0 || no_more_in || c->error)
        ready |= TCP_IN;
    if (no_more_in)
        ready |= TCP_RDHUP;
    if (c->error)
        ready |= TCP_ERR;
    if (closed || (c->fin_queued && c->rcv.fin_done))
        ready |= TCP_HUP;
    if (closed || c->fin_queued ||
        ((c->state == TCP_ESTABLISHED || c->state == TCP_CLOSE_WAIT) &&
            tcp_ring_room(c) >= c->tune.sndbuf / 3))
        ready |= TCP_OUT;
    return ready;
}

/* --- options ---------------------------------------------------------- */

#define RCVBUF_LEAST 2304 /* SOCK_MIN_RCVBUF of Linux */
#define SNDBUF_LEAST 4608
#define BUF_MOST     (64 * 1024 * 1024)

static int
set_seconds(uint16_t *to, int value)
{
    if (value < 1 || value > 32767)
        return -EINVAL;
    *to = (uint16_t)value;
    return 0;
}

static uint32_t
buffer_size(int value, uint32_t least)
{
    if (value < 0 || value > BUF_MOST)
        return BUF_MOST;
    return (uint32_t)value < least ? least : (uint32_t)value;
}

int
tcp_tune_set(struct tcp_tune *t, enum tcp_option o, int value)
{
    switch (o) {
    case TCP_OPT_NODELAY: t->nodelay = value != 0; return 0;
    case TCP_OPT_CORK: t->cork = value != 0; return 0;
    case TCP_OPT_QUICKACK: t->quickack = value != 0; return 0;
    case TCP_OPT_KEEPALIVE: t->keepalive = value != 0; return 0;
    case TCP_OPT_SNDBUF: t->sndbuf = buffer_size(value, SNDBUF_LEAST); return 0;
    case TCP_OPT_RCVBUF:
        t->rcvbuf = buffer_size(value, RCVBUF_LEAST);
        t->rcvbuf_fixed = true;
        return 0;
    case TCP_OPT_MAXSEG:
        if (value != 0 && (value < TCP_MSS_MIN || value > 32767))
            return -EINVAL;
        t->maxseg = (uint16_t)value;
        return 0;
    case TCP_OPT_KEEPIDLE: return set_seconds(&t->keepidle, value);
    case TCP_OPT_KEEPINTVL: return set_seconds(&t->keepintvl, value);
    case TCP_OPT_KEEPCNT:
        if (value < 1 || value > 127)
            return -EINVAL;
        t->keepcnt = (uint8_t)value;
        return 0;
    case TCP_OPT_USER_TIMEOUT:
        if (value < 0)
            return -EINVAL;
        t->user_timeout_ms = (uint32_t)value;
        return 0;
    }
    return -ENOPROTOOPT;
}

/* What a changed option sets in motion on a living connection. */
static void
apply(struct tcp_conn *c, enum tcp_option o)
{
    switch (o) {
    case TCP_OPT_RCVBUF:
        /* The shift of the window was agreed on in the SYN. */
        if (c->tune.rcvbuf > 65535u << c->rcv.wscale)
            c->tune.rcvbuf = 65535u << c->rcv.wscale;
        c->rcv.window_max = c->tune.rcvbuf;
        break;
    case TCP_OPT_MAXSEG: tcp_update_mss(c); break;
    case TCP_OPT_QUICKACK:
        if (c->tune.quickack && c->ack.pending)
            tcp_ack_at_once(c, RULE_TCP_ACK_QUICK);
        break;
    case TCP_OPT_CORK:
        if (!c->tune.cork)
            c->more = c->no_push = false;
        break;
    case TCP_OPT_NODELAY: /* as in Linux, it also pulls a cork once */
        c->push_out = c->tune.nodelay;
        tcp_output(c);
        c->push_out = false;
        break;
    case TCP_OPT_KEEPALIVE:
    case TCP_OPT_KEEPIDLE: tcp_restart_keepalive(c); break;
    default: break;
    }
}

int
tcp_set_option(struct tcp_conn *c, enum tcp_option o, int value)
{
    int err = tcp_tune_set(&c->tune, o, value);

    if (err || c->state == TCP_CLOSED)
        return err;
    tcp_enter(c);
    apply(c, o);
    tcp_leave(c);
    return 0;
}

int
tcp_listener_set_option(struct tcp_listener *l, enum tcp_option o, int value)
{
    return tcp_tune_set(&l->tune, o, value);
}

int
tcp_get_option(const struct tcp_conn *c, enum tcp_option o, int *value)
{
    const struct tcp_tune *t = &c->tune;

    switch (o) {
    case TCP_OPT_NODELAY: *value = t->nodelay; return 0;
    case TCP_OPT_CORK: *value = t->cork; return 0;
    case TCP_OPT_QUICKACK: *value = t->quickack || !c->ack.pingpong; return 0;
    case TCP_OPT_SNDBUF: *value = (int)t->sndbuf; return 0;
    case TCP_OPT_RCVBUF:
        *value = (int)(t->rcvbuf_fixed ? t->rcvbuf : c->rcv.window_max);
        return 0;
    case TCP_OPT_MAXSEG: *value = c->snd.mss; return 0;
    case TCP_OPT_KEEPALIVE: *value = t->keepalive; return 0;
    case TCP_OPT_KEEPIDLE: *value = t->keepidle; return 0;
    case TCP_OPT_KEEPINTVL: *value = t->keepintvl; return 0;
    case TCP_OPT_KEEPCNT: *value = t->keepcnt; return 0;
    case TCP_OPT_USER_TIMEOUT: *value = (int)t->user_timeout_ms; return 0;
    }
    return -ENOPROTOOPT;
}
