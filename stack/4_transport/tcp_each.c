/*
 * tcp_each.c: who is there? Every listener and connection of a host as a row
 * of ss(8) or /proc/net/tcp, and the counters of /proc/net/netstat.
 */
#include "tcp_conn.h"

uint64_t
tcp_mib(const struct tcp *tcp, enum tcp_mib m)
{
    return tcp->mib[m];
}

const char *
tcp_mib_name(enum tcp_mib m)
{
    static const char *const names[] = {
#define MIB(name) #name,
#include "tcp_mib.def"
#undef MIB
    };

    return names[m];
}

static struct tcp_row
listener_row(const struct tcp_listener *l)
{
    return (struct tcp_row){.local = l->local,
        .state = TCP_LISTEN,
        .rcv_queue = l->accept_count,
        .snd_queue = l->backlog};
}

/* The timer that matters: what is out, else what is idle. */
static void
fill_timer(const struct tcp_conn *c, struct tcp_row *row)
{
    struct instant now = c->tcp->env->timers->now;
    const struct timer *t = &c->retx;

    if (timer_armed(&c->retx)) {
        row->timer = c->retx_kind == RETX_PERSIST ? 4 : 1;
    } else if (timer_armed(&c->keep)) {
        row->timer = c->keep_kind == KEEP_ALIVE ? 2 : 3;
        t = &c->keep;
    } else {
        return;
    }
    row->timer_in_ns = instant_diff(t->due, now);
}

static struct tcp_row
conn_row(const struct tcp_conn *c)
{
    struct tcp_row row = {.local = c->local,
        .remote = c->remote,
        .state = (enum tcp_state)c->state,
        .rcv_queue = c->rcv.queued,
        .snd_queue = tcp_outq(c),
        .retries = c->retries,
        .probes = c->probes,
        .sock = c->orphan || c->state == TCP_TIME_WAIT ? 0 : c->sock};

    fill_timer(c, &row);
    return row;
}

void
tcp_each(const struct tcp *tcp,
    void (*see)(void *arg, const struct tcp_row *row), void *arg)
{
    struct tcp_row row;

    for (unsigned i = 0; i < TCP_LISTEN_BUCKETS; i++)
        for (const struct tcp_listener *l = tcp->listeners[i]; l; l = l->next) {
            row = listener_row(l);
            see(arg, &row);
        }
    for (uint32_t i = 0; i <= tcp->mask; i++)
        for (const struct tcp_conn *c = tcp->bucket[i]; c; c = c->chain) {
            row = conn_row(c);
            see(arg, &row);
        }
}
