/*
 * sock_tcp_opt.c: the options of TCP sockets (socket(7), tcp(7)) that are a
 * number. They may be set before there is a connection: they are kept here,
 * handed to TCP when it begins, and passed on from a listener to what it
 * accepts.
 */
#include "sock_tcp.h"

#include <errno.h>
#include <linux/tcp.h> /* netinet/tcp.h brings names of states */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int level, name;
    enum tcp_option option;
    int low, high; /* the values that are accepted */
} table[] = {
    {SOL_SOCKET, SO_SNDBUF, TCP_OPT_SNDBUF, INT32_MIN, INT32_MAX},
    {SOL_SOCKET, SO_RCVBUF, TCP_OPT_RCVBUF, INT32_MIN, INT32_MAX},
    {SOL_SOCKET, SO_KEEPALIVE, TCP_OPT_KEEPALIVE, INT32_MIN, INT32_MAX},
    {SOL_SOCKET, SO_OOBINLINE, TCP_OPT_OOBINLINE, INT32_MIN, INT32_MAX},
    {SOL_SOCKET, SO_BINDTOIFINDEX, TCP_OPT_CARD, 0, 255},
    {IPPROTO_IP, IP_TOS, TCP_OPT_TOS, 0, 255},
    {IPPROTO_IP, IP_TTL, TCP_OPT_TTL, 0, 255},
    {IPPROTO_IP, IP_MTU_DISCOVER, TCP_OPT_MTU_DISCOVER, 0, 255},
    {IPPROTO_IP, IP_RECVERR, TCP_OPT_RECVERR, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_NODELAY, TCP_OPT_NODELAY, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_CORK, TCP_OPT_CORK, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_QUICKACK, TCP_OPT_QUICKACK, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_MAXSEG, TCP_OPT_MAXSEG, 88, 32767},
    {IPPROTO_TCP, TCP_KEEPIDLE, TCP_OPT_KEEPIDLE, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPINTVL, TCP_OPT_KEEPINTVL, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPCNT, TCP_OPT_KEEPCNT, 1, 127},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_OPT_USER_TIMEOUT, 0, INT32_MAX},
    {IPPROTO_TCP, TCP_SYNCNT, TCP_OPT_SYNCNT, 1, 127},
    {IPPROTO_TCP, TCP_LINGER2, TCP_OPT_LINGER2, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT, TCP_OPT_DEFER_ACCEPT, INT32_MIN, INT32_MAX},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, TCP_OPT_WINDOW_CLAMP, 0, INT32_MAX},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, TCP_OPT_NOTSENT_LOWAT, INT32_MIN,
        INT32_MAX},
};

enum {
    CLAMP_MIN = 1152,        /* half of the smallest buffer */
    SNDBUF_MIN = 2304,       /* socket(7): the least, doubled (4608) */
    RCVBUF_MIN = 1152,       /* SOCK_MIN_RCVBUF when doubled */
    RCVBUF_MAX = 4 * 1048576 /* net.core.rmem_max, set generously */
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

/* --- TCP_DEFER_ACCEPT: seconds, and timeouts of the SYN,ACK --------------- */

/* How long so many timeouts take: 1, 2, 4, ... seconds, at most 120. */
static int
seconds_of(int timeouts)
{
    int period = 0, timeout = 1;

    for (; timeouts > 0; timeouts--) {
        period += timeout;
        timeout = timeout > 60 ? 120 : 2 * timeout;
    }
    return period;
}

static int
timeouts_of(int seconds)
{
    int n = 0;

    while (n < 255 && seconds > seconds_of(n))
        n++;
    return n;
}

/* --- setting ------------------------------------------------------------- */

/* From what the program says to what TCP keeps. */
static int
to_tcp(const struct tcp_sock *t, enum tcp_option o, int value)
{
    int most = (int)tcp_config(t->s.f.k->tcp)->wmem_max;

    switch (o) {
    case TCP_OPT_KEEPALIVE:
    case TCP_OPT_NODELAY:
    case TCP_OPT_CORK: return value != 0;
    case TCP_OPT_SNDBUF:
        return value < 0 || value > most ? most
               : value < SNDBUF_MIN      ? SNDBUF_MIN
                                         : value;
    case TCP_OPT_RCVBUF:
        return value < 0 || value > RCVBUF_MAX ? RCVBUF_MAX
               : value < RCVBUF_MIN            ? RCVBUF_MIN
                                               : value;
    case TCP_OPT_DEFER_ACCEPT: return timeouts_of(value);
    case TCP_OPT_LINGER2: return value < 0 ? -1 : value > 120 ? 120 : value;
    case TCP_OPT_WINDOW_CLAMP:
        return value && value < CLAMP_MIN ? CLAMP_MIN : value;
    default: return value;
    }
}

/* Was o set before? *i: the place of its value. */
static bool
kept(const struct tcp_sock *t, enum tcp_option o, unsigned *i)
{
    uint32_t set = t->options ? t->options->set : 0;

    *i = (unsigned)__builtin_popcount(set & ((1u << o) - 1));
    return set >> o & 1;
}

static int
keep(struct tcp_sock *t, enum tcp_option o, int value)
{
    struct tcp_sock_options *s = t->options;
    unsigned n = s ? (unsigned)__builtin_popcount(s->set) : 0, i;

    if (!kept(t, o, &i)) {
        s = realloc(s, sizeof *s + (n + 1) * sizeof *s->value);
        if (!s)
            return -ENOMEM;
        if (n == 0)
            s->set = 0;
        t->options = s;
        memmove(&s->value[i + 1], &s->value[i], (n - i) * sizeof *s->value);
        s->set |= 1u << o;
    }
    s->value[i] = value;
    return 0;
}

void
tcp_sock_preset(const struct tcp_sock *t, struct tcp_preset *preset,
    int value[TCP_OPT_COUNT])
{
    unsigned i = 0; /* they are kept in the order of their numbers */

    preset->set = t->options ? t->options->set : 0;
    preset->value = value;
    for (unsigned o = 0; preset->set >> o; o++)
        if (preset->set >> o & 1)
            value[o] = t->options->value[i++];
}

int
tcp_sock_set(struct tcp_sock *t, enum tcp_option o, int value)
{
    int err = keep(t, o, value);

    if (!err && t->c)
        err = tcp_set_option(t->c, o, value);
    else if (!err && t->l)
        err = tcp_listener_set_option(t->l, o, value);
    return err;
}

/* The rate stands in struct sock, for it has 64 bits and is seldom set. */
int
tcp_sock_pace(struct tcp_sock *t)
{
    uint64_t rate = sock_rare_of(&t->s)->max_pacing_rate;

    return t->c ? tcp_set_pacing_rate(t->c, rate) : 0;
}

int
tcp_sock_setopt(struct sock *s, int level, int name, int value)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int i = row(level, name);
    enum tcp_option o;

    if (level == SOL_SOCKET && name == SO_MAX_PACING_RATE)
        return tcp_sock_pace(t);
    if (i < 0)
        return -ENOPROTOOPT;
    if (table[i].option == TCP_OPT_MAXSEG && !value) /* none of its own */
        return tcp_sock_set(t, TCP_OPT_MAXSEG, 0);
    if (value < table[i].low || value > table[i].high)
        return -EINVAL;
    o = table[i].option;
    if (o == TCP_OPT_WINDOW_CLAMP && !value && t->phase != PHASE_NEW)
        return -EINVAL;
    return tcp_sock_set(t, o, to_tcp(t, o, value));
}

/* --- getting ------------------------------------------------------------- */

/* What holds when nobody has set anything. */
static int
default_of(const struct tcp_sock *t, enum tcp_option o)
{
    const struct tcp_config *config = tcp_config(t->s.f.k->tcp);

    switch (o) {
    case TCP_OPT_SNDBUF: return (int)config->sndbuf; /* tcp_wmem[1] */
    case TCP_OPT_RCVBUF: return 131072;              /* tcp_rmem[1], likewise */
    case TCP_OPT_MAXSEG: return 536;                 /* RFC 9293 3.7.1 */
    case TCP_OPT_QUICKACK: return 1;
    case TCP_OPT_KEEPIDLE: return config->keepidle;
    case TCP_OPT_KEEPINTVL: return config->keepintvl;
    case TCP_OPT_KEEPCNT: return config->keepcnt;
    case TCP_OPT_CUBIC: return config->cubic;
    case TCP_OPT_MTU_DISCOVER: return IP_PMTUDISC_WANT;
    default: return 0;
    }
}

/* From what TCP keeps to what the program is told. */
static int
to_program(const struct tcp_sock *t, enum tcp_option o, int value)
{
    const struct tcp_config *config = tcp_config(t->s.f.k->tcp);

    switch (o) {
    case TCP_OPT_SYNCNT: return value ? value : (int)config->syn_retries;
    case TCP_OPT_LINGER2: return value ? value : 60; /* tcp_fin_timeout */
    case TCP_OPT_DEFER_ACCEPT: return seconds_of(value);
    case TCP_OPT_QUICKACK: return value != 0;
    default: return value;
    }
}

/* socket(7): the size that was set comes back doubled. One that was not set
 * is the one that tuning has reached. */
static int
size_of(const struct tcp_sock *t, enum tcp_option o)
{
    int value = default_of(t, o), now = 0;
    unsigned i;

    if (t->c && (o == TCP_OPT_SNDBUF || tcp_size_fixed(t->c, o))) {
        tcp_get_option(t->c, o, &now);
        return o == TCP_OPT_SNDBUF ? now : 2 * now; /* TCP has doubled it */
    }
    if (kept(t, o, &i))
        return 2 * t->options->value[i];
    if (t->c)
        tcp_get_option(t->c, o, &now);
    return now > value ? now : value;
}

int
tcp_sock_get(const struct tcp_sock *t, enum tcp_option o)
{
    int value = default_of(t, o);
    unsigned i;

    if (kept(t, o, &i) && (o != TCP_OPT_MAXSEG || t->options->value[i]))
        value = t->options->value[i];
    if (t->c)
        tcp_get_option(t->c, o, &value);
    return value;
}

int
tcp_sock_getopt(struct sock *s, int level, int name, int *value)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int i = row(level, name);

    if (i < 0)
        return level == SOL_SOCKET || level == IPPROTO_TCP ||
                       level == IPPROTO_IP
                   ? -ENOPROTOOPT
                   : -EOPNOTSUPP;
    *value = is_size(table[i].option) ? size_of(t, table[i].option)
                                      : to_program(t, table[i].option,
                                            tcp_sock_get(t, table[i].option));
    return 0;
}

int
tcp_sock_apply(struct tcp_sock *t)
{
    int err = 0;
    unsigned i;

    for (int o = 0; o < TCP_OPT_COUNT && !err; o++)
        if (kept(t, (enum tcp_option)o, &i))
            err = tcp_listener_set_option(
                t->l, (enum tcp_option)o, t->options->value[i]);
    return err;
}
