/*
 * tcp_tune.c: what can a program set? The options of tcp.h, on a connection,
 * on a listener (inherited by what it accepts), or before there is either.
 * What they mean is said where they are obeyed; the bounds are Linux's.
 */
#include "tcp_conn.h"

#include <errno.h>

#define RCVBUF_LEAST 2304 /* SOCK_MIN_RCVBUF of Linux, doubled as there */
#define SNDBUF_LEAST 4608
#define BUF_MOST     (64 * 1024 * 1024)
#define LINGER2_MOST 120 /* TCP_FIN_TIMEOUT_MAX, seconds */

static int
set_within(int value, int least, int most)
{
    return value < least || value > most ? -EINVAL : 0;
}

/* socket(7): the kernel doubles it, to have room for its own records. */
static uint32_t
sndbuf_size(int value)
{
    return value < SNDBUF_LEAST / 2 ? SNDBUF_LEAST : 2 * (uint32_t)value;
}

static uint32_t
buffer_size(int value, uint32_t least)
{
    if (value < 0 || value > BUF_MOST)
        return BUF_MOST;
    return (uint32_t)value < least ? least : (uint32_t)value;
}

/* The switches, which take any value. False: not one of them. */
static bool
set_switch(struct tcp_tune *t, enum tcp_option o, bool on)
{
    switch (o) {
    case TCP_OPT_NODELAY: t->nodelay = on; return true;
    case TCP_OPT_CORK: t->cork = on; return true;
    case TCP_OPT_QUICKACK: t->quickack = on; return true;
    case TCP_OPT_KEEPALIVE: t->keepalive = on; return true;
    case TCP_OPT_CUBIC: t->cubic = on; return true;
    case TCP_OPT_OOBINLINE: t->oob_inline = on; return true;
    case TCP_OPT_RECVERR: t->recverr = on; return true;
    default: return false;
    }
}

/* The sizes, which are moved into their bounds. False: not one of them. */
static bool
set_size(struct tcp_tune *t, enum tcp_option o, int value)
{
    switch (o) {
    case TCP_OPT_SNDBUF:
        t->sndbuf = sndbuf_size(value);
        t->sndbuf_fixed = true;
        return true;
    case TCP_OPT_RCVBUF:
        t->rcvbuf = buffer_size(value, RCVBUF_LEAST / 2);
        t->rcvbuf_fixed = true;
        return true;
    case TCP_OPT_LINGER2:
        t->linger2 = (int16_t)(value < 0              ? -1
                               : value > LINGER2_MOST ? LINGER2_MOST
                                                      : value);
        return true;
    case TCP_OPT_WINDOW_CLAMP:
        t->window_clamp = value && value < RCVBUF_LEAST / 2 ? RCVBUF_LEAST / 2
                                                            : (uint32_t)value;
        return true;
    case TCP_OPT_NOTSENT_LOWAT: t->notsent_lowat = (uint32_t)value; return true;
    case TCP_OPT_TOS: t->tos = (uint8_t)(value & ~3); return true;
    case TCP_OPT_MTU_DISCOVER: t->mtu_discover = (uint8_t)value; return true;
    case TCP_OPT_CARD: t->card = (uint8_t)value; return true;
    default: return false;
    }
}

int
tcp_tune_set(struct tcp_tune *t, enum tcp_option o, int value)
{
    static const struct {
        int least, most;
    } bounds[TCP_OPT_COUNT] = {
        [TCP_OPT_KEEPIDLE] = {1, 32767},
        [TCP_OPT_KEEPINTVL] = {1, 32767},
        [TCP_OPT_KEEPCNT] = {1, 127},
        [TCP_OPT_USER_TIMEOUT] = {0, INT32_MAX},
        [TCP_OPT_SYNCNT] = {1, 127},
        [TCP_OPT_DEFER_ACCEPT] = {0, 255},
        [TCP_OPT_TTL] = {0, 255}, /* 0: the host's again */
    };

    if (set_switch(t, o, value != 0) || set_size(t, o, value))
        return 0;
    if (o == TCP_OPT_MAXSEG) {
        if (value && set_within(value, TCP_MSS_MIN, 32767))
            return -EINVAL;
        t->maxseg = (uint16_t)value;
        return 0;
    }
    if (o >= TCP_OPT_COUNT)
        return -ENOPROTOOPT;
    if (set_within(value, bounds[o].least, bounds[o].most))
        return -EINVAL;
    switch (o) {
    case TCP_OPT_KEEPIDLE: t->keepidle = (uint16_t)value; break;
    case TCP_OPT_KEEPINTVL: t->keepintvl = (uint16_t)value; break;
    case TCP_OPT_KEEPCNT: t->keepcnt = (uint8_t)value; break;
    case TCP_OPT_USER_TIMEOUT: t->user_timeout_ms = (uint32_t)value; break;
    case TCP_OPT_SYNCNT: t->syn_retries = (uint8_t)value; break;
    case TCP_OPT_DEFER_ACCEPT: t->defer_accept = (uint8_t)value; break;
    default: t->ttl = (uint8_t)value; break;
    }
    return 0;
}

/* What a changed option sets in motion on a living connection. */
static void
apply(struct tcp_conn *c, enum tcp_option o)
{
    switch (o) {
    case TCP_OPT_RCVBUF: c->rcv.window_max = c->tune.rcvbuf; break;
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
    case TCP_OPT_NOTSENT_LOWAT: c->wake = true; break;
    default: break;
    }
}

int
tcp_set_option(struct tcp_conn *c, enum tcp_option o, int value)
{
    int err = tcp_tune_set(&c->tune, o, value);

    if (o == TCP_OPT_QUICKACK) /* no longer, or as if, in conversation */
        c->ack.pingpong = !value;
    if (err || c->state == TCP_CLOSED)
        return err;
    tcp_enter(c);
    apply(c, o);
    tcp_leave(c);
    return 0;
}

bool
tcp_size_fixed(const struct tcp_conn *c, enum tcp_option o)
{
    return o == TCP_OPT_SNDBUF ? c->tune.sndbuf_fixed : c->tune.rcvbuf_fixed;
}

int
tcp_listener_set_option(struct tcp_listener *l, enum tcp_option o, int value)
{
    return tcp_tune_set(&l->tune, o, value);
}

/* What was set, or what the buffer gives and the agreed scale can say. */
static uint32_t
clamp_now(const struct tcp_conn *c)
{
    uint32_t field = 65535u << c->rcv.wscale;

    if (c->tune.window_clamp)
        return c->tune.window_clamp;
    return c->rcv.window_max < field ? c->rcv.window_max : field;
}

int
tcp_get_option(const struct tcp_conn *c, enum tcp_option o, int *value)
{
    const struct tcp_tune *t = &c->tune;

    switch (o) {
    case TCP_OPT_NODELAY: *value = t->nodelay; return 0;
    case TCP_OPT_CORK: *value = t->cork; return 0;
    case TCP_OPT_QUICKACK: *value = !c->ack.pingpong; return 0;
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
    case TCP_OPT_SYNCNT: *value = t->syn_retries; return 0;
    case TCP_OPT_LINGER2: *value = t->linger2; return 0;
    case TCP_OPT_DEFER_ACCEPT: *value = t->defer_accept; return 0;
    case TCP_OPT_WINDOW_CLAMP: *value = (int)clamp_now(c); return 0;
    case TCP_OPT_NOTSENT_LOWAT: *value = (int)t->notsent_lowat; return 0;
    case TCP_OPT_TOS: *value = t->tos; return 0;
    case TCP_OPT_TTL: *value = t->ttl; return 0;
    case TCP_OPT_OOBINLINE: *value = t->oob_inline; return 0;
    case TCP_OPT_RECVERR: *value = t->recverr; return 0;
    case TCP_OPT_MTU_DISCOVER: *value = t->mtu_discover; return 0;
    case TCP_OPT_CARD: *value = t->card; return 0;
    case TCP_OPT_CUBIC: *value = t->cubic; return 0;
    case TCP_OPT_COUNT: break;
    }
    return -ENOPROTOOPT;
}
