/*
 * udp.c: the User Datagram Protocol (RFC 768, RFC 1122 4.1): ports and a
 * checksum on top of IP, and nothing else. This file: the sockets.
 *
 *     down   udp_send -> header -> ip_output
 *     up     IP -> udp_input -> socket by port -> its queue -> udp_recv
 *
 * Datagrams wait in their packets, headers in front, until they are fetched;
 * what a queue may hold is limited. Left out: multicast, and datagrams to a
 * broadcast address reaching more than one socket.
 */
#include "udp_core.h"
#include "bytes.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* The ephemeral range, as Linux's ip_local_port_range. */
#define PORT_FIRST 32768
#define PORT_COUNT 28232

const char *
udp_end_text(struct udp_end end, char *buf)
{
    char ip[16];

    snprintf(buf, 22, "%s:%u", ipv4_text(end.addr, ip), end.port);
    return buf;
}

struct udp *
udp_new(struct env *env, struct ip *ip)
{
    struct udp *udp = calloc(1, sizeof *udp);
    struct ip_proto proto = {
        .protocol = IP_UDP,
        .input = udp_input,
        .error = udp_icmp_error,
        .owner = udp,
    };

    if (!udp || ip_register(ip, &proto) < 0) {
        free(udp);
        return NULL;
    }
    udp->env = env;
    udp->ip = ip;
    return udp;
}

void
udp_free(struct udp *udp)
{
    if (!udp)
        return;
    for (unsigned i = 0; i < UDP_BUCKETS; i++)
        while (udp->buckets[i])
            udp_close(udp->buckets[i]);
    free(udp);
}

/* Would a socket at `local` stand in another's way? */
static bool
in_use(struct udp *udp, struct udp_end local)
{
    const struct udp_sock *s;

    for (s = *udp_bucket(udp, local.port); s; s = s->chain)
        if (s->local.port == local.port &&
            (!s->local.addr.v || !local.addr.v ||
                ipv4_eq(s->local.addr, local.addr)))
            return true;
    return false;
}

/* A free port: a random one, or the next free after it (RFC 6056 3.3.1). */
static bool
choose_port(struct udp *udp, struct udp_end *local)
{
    uint32_t start = (uint32_t)rng_below(&udp->env->rng, PORT_COUNT);

    for (uint32_t i = 0; i < PORT_COUNT; i++) {
        local->port = (uint16_t)(PORT_FIRST + (start + i) % PORT_COUNT);
        if (!in_use(udp, *local))
            return true;
    }
    return false;
}

int
udp_open(struct udp *udp, struct udp_end local, void (*notify)(void *owner),
    void *owner, struct udp_sock **out)
{
    struct udp_sock *s;

    if (local.addr.v && !ip_is_ours(udp->ip, local.addr))
        return -EADDRNOTAVAIL;
    if (local.port ? in_use(udp, local) : !choose_port(udp, &local))
        return -EADDRINUSE;
    s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->udp = udp;
    s->local = local;
    s->notify = notify;
    s->owner = owner;
    s->queue_end = &s->queue;
    s->rcvbuf = UDP_RCVBUF;
    s->chain = *udp_bucket(udp, local.port);
    *udp_bucket(udp, local.port) = s;
    *out = s;
    return 0;
}

/* Takes the oldest datagram out of the queue, or NULL. */
static struct pkt *
dequeue(struct udp_sock *s)
{
    struct pkt *p = s->queue;

    if (p) {
        s->queue = p->next;
        if (!s->queue)
            s->queue_end = &s->queue;
        s->queued -= p->room;
    }
    return p;
}

void
udp_close(struct udp_sock *s)
{
    struct udp_sock **at = udp_bucket(s->udp, s->local.port);

    while (*at != s)
        at = &(*at)->chain;
    *at = s->chain;
    while (s->queue)
        pkt_free(dequeue(s));
    free(s);
}

void
udp_connect(struct udp_sock *s, struct udp_end remote)
{
    unsigned mtu;

    s->remote = remote;
    s->error = 0;
    if (s->addr_by_connect)
        s->local.addr = (struct ipv4){0};
    /* As connect(2) on Linux: from now on one address of ours as well. */
    s->addr_by_connect =
        remote.port && !s->local.addr.v &&
        ip_source(s->udp->ip, remote.addr, &s->local.addr, &mtu) == 0;
}

void
udp_set_rcvbuf(struct udp_sock *s, uint32_t bytes)
{
    s->rcvbuf = bytes;
}

struct udp_end
udp_local(const struct udp_sock *s)
{
    return s->local;
}

struct udp_end
udp_remote(const struct udp_sock *s)
{
    return s->remote;
}

int
udp_error(struct udp_sock *s)
{
    int error = s->error;

    s->error = 0;
    return error;
}

unsigned
udp_poll(const struct udp_sock *s)
{
    return POLLOUT | (s->queue ? POLLIN : 0) | (s->error ? POLLERR : 0);
}

/* Who sent p, which stands at its data: read again from the headers. */
static struct udp_end
sender(const struct pkt *p)
{
    struct cursor ip = cursor_of(p->buf + p->l3 + 12, 4);
    struct cursor udp = cursor_of(p->data - UDP_LEN, 2);

    return (struct udp_end){get_ipv4(&ip), get_be16(&udp)};
}

int64_t
udp_recv(struct udp_sock *s, void *buf, size_t len, struct udp_end *from,
    size_t *full, bool peek)
{
    struct pkt *p = s->queue;
    int err = udp_error(s);
    size_t n;
    struct cursor c;

    if (err)
        return -err;
    if (!p)
        return -EAGAIN;
    n = len < p->len ? len : p->len;
    c = cursor_of(p->data, p->len);
    if (n) {
        struct writer w = writer_of(buf, n);

        put_bytes(&w, get_bytes(&c, n), n);
    }
    *from = sender(p);
    *full = p->len;
    if (!peek)
        pkt_free(dequeue(s));
    return (int64_t)n;
}
