/*
 * udp_error.c: what went wrong with a datagram that left: an ICMP error has
 * come about it (called by IP), or it was too big to leave at all.
 *
 * One error number is pending for the next call, whichever it is. With
 * IP_RECVERR the circumstances wait as well, in a queue of their own that
 * recvmsg(2) reads with MSG_ERRQUEUE: who complains, about which datagram,
 * and what of it was quoted (ip(7)). What the queue may hold is limited as
 * that of datagrams is.
 */
#include "udp_core.h"
#include "bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ORDINARY = 512, /* what a trouble is counted with beside its data */
};

/* Appends what `t` says to the queue, with len bytes of data. */
static void
queue(struct udp_sock *s, const struct ip_trouble *t, const uint8_t *data,
    size_t len)
{
    struct ip_trouble *new;

    if (s->trouble + ORDINARY + len > s->rcvbuf ||
        !(new = malloc(sizeof *new + len)))
        return; /* the number alone is pending, then */
    *new = *t;
    new->next = NULL;
    new->at = s->udp->env->timers->now;
    new->len = len;
    if (len)
        memcpy(new->data, data, len);
    *s->troubles_end = new;
    s->troubles_end = &new->next;
    s->trouble += ORDINARY + (uint32_t)len;
}

struct ip_trouble *
udp_trouble(struct udp_sock *s)
{
    struct ip_trouble *t = s->troubles;

    if (!t)
        return NULL;
    s->troubles = t->next;
    if (!s->troubles)
        s->troubles_end = &s->troubles;
    s->trouble -= ORDINARY + (uint32_t)t->len;
    if (s->troubles && !s->troubles->local)
        s->error = s->troubles->error;
    else if (!t->local)
        s->error = 0;
    return t;
}

void
udp_forget_troubles(struct udp_sock *s)
{
    int error = s->error;

    while (s->troubles)
        free(udp_trouble(s));
    s->error = error;
}

void
udp_set_recverr(struct udp_sock *s, bool on)
{
    s->recverr = on;
    if (!on)
        udp_forget_troubles(s);
}

void
udp_too_big(struct udp_sock *s, struct udp_end to, unsigned mtu)
{
    if (s->recverr)
        queue(s,
            &(struct ip_trouble){.error = EMSGSIZE,
                .local = true,
                .info = mtu,
                .to = to.addr,
                .port = to.port},
            NULL, 0);
}

/*
 * An ICMP error about a datagram of ours is for its socket: without
 * IP_RECVERR when that is connected, as only then it is clear whom the
 * program was talking to; and, as in Linux, only when to try again is of no
 * use or the datagram was too big (udp(7); RFC 1122 4.1.3.3 would tell all).
 * Linux learns the path's MTU from errors about unconnected sockets too; here
 * whoever knows a port could forge them for any destination.
 */
bool
udp_icmp_error(void *owner, const struct ip_error *err)
{
    struct udp *udp = owner;
    struct cursor c = cursor_of(err->data, err->len);
    struct udp_end local = {err->src, get_be16(&c)};
    struct udp_end remote = {err->dst, get_be16(&c)};
    struct udp_sock *s = udp_find(udp, local, remote, err->came->nif);
    bool hard;
    int error = ip_error_errno(err, &hard);

    (void)get_be32(&c); /* length and checksum */
    if (c.over || !s || (s->remote.port == 0 && !s->recverr))
        return false;
    if (error == EMSGSIZE && s->remote.port)
        ip_learn_mtu(udp->ip, err->dst, err->next_mtu);
    if (s->recverr && error) {
        struct ip_trouble t;

        ip_trouble_fill(udp->ip, err, &t);
        t.to = remote.addr;
        t.port = remote.port;
        queue(s, &t, c.at, cursor_left(&c));
    }
    if (error && (hard || error == EMSGSIZE || s->recverr)) {
        s->error = error;
        s->notify(s->owner);
    }
    return s->remote.port != 0;
}
