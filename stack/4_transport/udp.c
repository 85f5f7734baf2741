/*
 * udp.c: the User Datagram Protocol (RFC 768, RFC 1122 4.1): ports and a
 * checksum on top of IP, and nothing else. This file: the sockets.
 *
 *     down   udp_send -> header -> ip_output
 *     up     IP -> udp_input -> socket by port -> its queue -> udp_recv
 *
 * Datagrams wait in their packets, headers in front, until they are fetched;
 * what a queue may hold is limited. Left out: multicast.
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
in_use(struct udp *udp, struct udp_end local, unsigned reuse)
{
    const struct udp_sock *s;

    for (s = *udp_bucket(udp, local.port); s; s = s->chain)
        if (s->local.port == local.port &&
            !(s->card && reuse >> 8 && s->card != reuse >> 8) &&
            !(s->reuse & reuse & ~UDP_FREEBIND) &&
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
        if (!in_use(udp, *local, 0))
            return true;
    }
    return false;
}

int
udp_open_shared(struct udp *udp, struct udp_end local, unsigned reuse,
    void (*notify)(void *owner), void *owner, struct udp_sock **out)
{
    struct udp_sock *s;
    bool group = local.addr.v && ip_is_broadcast(udp->ip, local.addr);

    if (local.addr.v && !group && !(reuse & UDP_FREEBIND) &&
        !ip_is_ours(udp->ip, local.addr))
        return -EADDRNOTAVAIL;
    if (local.port ? in_use(udp, local, reuse) : !choose_port(udp, &local))
        return -EADDRINUSE;
    s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    if ((reuse & UDP_REUSEPORT) && !udp->keyed) {
        udp->key = rng_key(&udp->env->rng);
        udp->keyed = true;
    }
    s->udp = udp;
    s->local = local;
    s->notify = notify;
    s->owner = owner;
    s->queue_end = &s->queue;
    s->troubles_end = &s->troubles;
    s->reuse = (uint8_t)reuse;
    s->card = (uint8_t)(reuse >> 8);
    s->group = group;
    s->rcvbuf = UDP_RCVBUF;
    s->chain = *udp_bucket(udp, local.port);
    *udp_bucket(udp, local.port) = s;
    *out = s;
    return 0;
}

int
udp_open(struct udp *udp, struct udp_end local, void (*notify)(void *owner),
    void *owner, struct udp_sock **out)
{
    return udp_open_shared(udp, local, 0, notify, owner, out);
}

void
udp_set_reuse(struct udp_sock *s, unsigned reuse)
{
    s->reuse = (uint8_t)reuse;
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
    udp_forget_troubles(s);
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
    s->addr_by_connect = remote.port && !s->local.addr.v &&
                         ip_source_by(s->udp->ip, s->card, remote.addr,
                             &s->local.addr, &mtu) == 0;
}

void
udp_set_card(struct udp_sock *s, unsigned card)
{
    s->card = (uint8_t)card;
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
    return POLLOUT | (s->queue ? POLLIN : 0) |
           (s->error || s->troubles ? POLLERR : 0);
}

/* What the headers of p, which stands at its data, say of it. */
static void
describe(const struct udp_sock *s, const struct pkt *p, struct udp_info *info)
{
    struct cursor ip = cursor_of(p->buf + p->l3, 20);
    struct cursor udp = cursor_of(p->data - UDP_LEN, 2);
    unsigned mtu;

    (void)get_u8(&ip);
    info->tos = get_u8(&ip);
    (void)get_be32(&ip);
    (void)get_be16(&ip);
    info->ttl = get_u8(&ip);
    (void)get_u8(&ip);
    (void)get_be16(&ip);
    info->from.addr = get_ipv4(&ip);
    info->from.port = get_be16(&udp);
    info->to = info->spec = get_ipv4(&ip);
    info->port = s->local.port;
    info->full = p->len;
    info->at = (struct instant){p->came.at_ns};
    info->card = ip_card_index(s->udp->ip, p->came.nif);
    /* A broadcast was meant for the address that would answer it. */
    if (!ip_is_ours(s->udp->ip, info->to) &&
        ip_source(s->udp->ip, info->from.addr, &info->spec, &mtu))
        info->spec = (struct ipv4){0};
}

int64_t
udp_recvmsg(
    struct udp_sock *s, void *buf, size_t len, struct udp_info *info, bool peek)
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
    describe(s, p, info);
    if (!peek)
        pkt_free(dequeue(s));
    return (int64_t)n;
}

int64_t
udp_recv(struct udp_sock *s, void *buf, size_t len, struct udp_end *from,
    size_t *full, bool peek)
{
    struct udp_info info;
    int64_t n = udp_recvmsg(s, buf, len, &info, peek);

    if (n >= 0) {
        *from = info.from;
        *full = info.full;
    }
    return n;
}
