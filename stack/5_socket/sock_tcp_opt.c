/*
 * sock_tcp_opt.c: the options of TCP sockets (socket(7), tcp(7)). They may
 * be set before there is a connection: they are kept here, handed to TCP
 * when it begins, and passed on from a listener to what it accepts.
 */
#include "sock_tcp.h"

#include <errno.h>
#include <linux/tcp.h> /* netinet/tcp.h brings names of states */
#include <netinet/in.h>
#include <string.h>

static const struct {
    int level, name;
    enum tcp_option option;
    int low, high; /* the values that are accepted */
} table[] = {
    {SOL_SOCKET, SO_SNDBUF, TCP_OPT_SNDBUF, INT32_MIN, INT32_MAX},
    {SOL_SOCKET, SO_RCVBUF, TCP_OPT_RCVBUF, INT32_MIN, INT32_MAX},
    {SOL_SOCKET, SO_KEEPALIVE, TCP_OPT_KEEPALIVE, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_NODELAY, TCP_OPT_NODELAY, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_CORK, TCP_OPT_CORK, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_QUICKACK, TCP_OPT_QUICKACK, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_MAXSEG, TCP_OPT_MAXSEG, 88, 32767},
    {IPPROTO_TCP, TCP_KEEPIDLE, TCP_OPT_KEEPIDLE, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPINTVL, TCP_OPT_KEEPINTVL, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPCNT, TCP_OPT_KEEPCNT, 1, 127},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_OPT_USER_TIMEOUT, 0, INT32_MAX},
};

enum {
    BUFFER_MIN = 1024,       /* socket(7): 2048 when doubled */
    BUFFER_MAX = 4 * 1048576 /* net.core.wmem_max, set generously */
};

/* The row of the table; -1: there is no such option. */
static int
row(int level, int name)
{
    for (unsigned i = 0; i < LW_COUNT(table); i++)
        if (table[i].level == level && table[i].name == name)
            return (int)i;
    return -1;
}

static bool
is_size(enum tcp_option o)
{
    return o == TCP_OPT_SNDBUF || o == TCP_OPT_RCVBUF;
}

static bool
is_switch(enum tcp_option o)
{
    return o == TCP_OPT_KEEPALIVE || o == TCP_OPT_NODELAY ||
           o == TCP_OPT_CORK || o == TCP_OPT_QUICKACK;
}

int
tcp_sock_setopt(struct sock *s, int level, int name, int value)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int i = row(level, name);
    enum tcp_option o;

    if (i < 0)
        return -ENOPROTOOPT;
    if (value < table[i].low || value > table[i].high)
        return -EINVAL;
    o = table[i].option;
    if (is_switch(o))
        value = value != 0;
    if (is_size(o) && (value < BUFFER_MIN || value > BUFFER_MAX))
        value = value < BUFFER_MIN ? BUFFER_MIN : BUFFER_MAX;
    t->options[o] = value;
    t->options_set |= (uint16_t)(1u << o);
    if (t->c)
        return tcp_set_option(t->c, o, value);
    return t->l ? tcp_listener_set_option(t->l, o, value) : 0;
}

/* What holds when nobody has set anything. */
static int
default_of(const struct tcp_sock *t, enum tcp_option o)
{
    const struct tcp_config *config = tcp_config(t->s.f.k->tcp);

    switch (o) {
    case TCP_OPT_SNDBUF: return (int)config->sndbuf;
    case TCP_OPT_RCVBUF: return (int)config->rcvbuf;
    case TCP_OPT_MAXSEG: return 536; /* RFC 9293 3.7.1 */
    case TCP_OPT_QUICKACK: return 1;
    case TCP_OPT_KEEPIDLE: return 7200; /* tcp(7) */
    case TCP_OPT_KEEPINTVL: return 75;
    case TCP_OPT_KEEPCNT: return 9;
    default: return 0;
    }
}

int
tcp_sock_getopt(struct sock *s, int level, int name, int *value)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int i = row(level, name);
    enum tcp_option o;
    int err = 0;

    if (i < 0)
        return level == SOL_SOCKET || level == IPPROTO_TCP ? -ENOPROTOOPT
                                                           : -EOPNOTSUPP;
    o = table[i].option;
    if (t->options_set >> o & 1)
        *value = t->options[o];
    else
        *value = default_of(t, o);
    if (t->c && o != TCP_OPT_SNDBUF && o != TCP_OPT_RCVBUF)
        err = tcp_get_option(t->c, o, value);
    /* socket(7): the value that was set comes back doubled. */
    if (is_size(o) && (t->options_set >> o & 1))
        *value *= 2;
    return err;
}

int
tcp_sock_apply(struct tcp_sock *t)
{
    int err = 0;

    for (int o = 0; o < TCP_SOCK_OPTIONS && !err; o++) {
        if (!(t->options_set >> o & 1))
            continue;
        err = tcp_listener_set_option(t->l, o, t->options[o]);
    }
    return err;
}

void
tcp_sock_inherit(struct tcp_sock *t, const struct tcp_sock *listener)
{
    t->options_set = listener->options_set;
    memcpy(t->options, listener->options, sizeof t->options);
}
