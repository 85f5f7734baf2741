/*
 * sock_tcp_port.c: which TCP port belongs to which socket: bind(2), and the
 * port that a program gets that names none. Sockets that hold a port hang in
 * a ring of the kernel's; connections that were accepted share theirs.
 */
#include "sock_tcp.h"
#include "ip.h"

#include <errno.h>

enum {
    PORT_LOW = 32768, /* net.ipv4.ip_local_port_range */
    PORT_HIGH = 60999
};

static bool
conflicts(const struct tcp_sock *a, const struct tcp_sock *b)
{
    if (a == b || a->local.port != b->local.port)
        return false;
    if (a->local.addr.v && b->local.addr.v &&
        !ipv4_eq(a->local.addr, b->local.addr))
        return false;
    if (sock_rare_of(&a->s)->card && sock_rare_of(&b->s)->card &&
        sock_rare_of(&a->s)->card != sock_rare_of(&b->s)->card)
        return false;
    if (a->s.reuse_port && b->s.reuse_port)
        return false;
    /* SO_REUSEADDR on both, and nobody listens: socket(7). */
    return !a->s.reuse_addr || !b->s.reuse_addr || b->s.listening;
}

unsigned
tcp_sock_sharing(const struct tcp_sock *t)
{
    return (t->s.reuse_addr ? TCP_REUSEADDR : 0u) |
           (t->s.reuse_port ? TCP_REUSEPORT : 0u) |
           TCP_CARD(sock_rare_of(&t->s)->card);
}

bool
tcp_sock_port_taken(const struct tcp_sock *t)
{
    struct link *head = &t->s.f.k->bound;

    for (struct link *l = head->next; l != head; l = l->next)
        if (conflicts(t, LW_CONTAINER(l, struct tcp_sock, bound)))
            return true;
    return !tcp_can_bind(t->s.f.k->tcp, t->local, tcp_sock_sharing(t));
}

int
tcp_sock_reserve(struct tcp_sock *t, struct tcp_end local)
{
    struct kernel *k = t->s.f.k;
    unsigned range = PORT_HIGH - PORT_LOW + 1, first, tries = 0;

    t->local = local;
    if (local.port) {
        if (tcp_sock_port_taken(t))
            return -EADDRINUSE;
        list_add(&k->bound, &t->bound);
        return 0;
    }
    first = (unsigned)rng_below(&k->env->rng, range);
    do {
        t->local.port = (uint16_t)(PORT_LOW + (first + tries) % range);
    } while (tcp_sock_port_taken(t) && ++tries < range);
    if (tries == range)
        return -EADDRINUSE;
    list_add(&k->bound, &t->bound);
    return 0;
}

int
tcp_sock_bind(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct tcp_sock *t = tcp_sock_of(s);
    struct tcp_end local;
    int err = sock_addr_in(addr, len, &local.addr, &local.port);

    if (err)
        return err;
    if (local.addr.v && !sock_rare_of(s)->freebind &&
        !ip_is_ours(s->f.k->ip, local.addr))
        return -EADDRNOTAVAIL;
    if (t->l || (t->c && !tcp_sock_over(t)) || !list_empty(&t->bound))
        return -EINVAL;
    t->addr_given = local.addr.v != 0;
    t->port_given = local.port != 0;
    t->renamed = t->c != NULL;
    if (!local.port && sock_rare_of(s)->bind_no_port) {
        t->local = local; /* ip(7): the port is connect's to choose */
        return 0;
    }
    err = tcp_sock_reserve(t, local);
    if (err) {
        t->local = (struct tcp_end){0};
        t->addr_given = t->port_given = t->renamed = false;
    }
    return err;
}
