/*
 * sock_trouble.c: what recvmsg(2) gives with MSG_ERRQUEUE (ip(7),
 * IP_RECVERR): as data what was quoted of the datagram that is in trouble,
 * as address where it should have gone, and a control message that tells
 * what happened and who says so. And the time of a datagram (socket(7)).
 */
#include "sock.h"
#include "control.h"
#include "ip.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/time.h>

void
sock_tell_time(const struct sock *s, struct instant at, struct io *io)
{
    const struct sock_rare *r = sock_rare_of(s);
    int64_t second = s->f.k->env->timers->epoch + at.ns / LW_S;
    struct timespec ns = {second, at.ns % LW_S};
    struct timeval us = {second, at.ns % LW_S / LW_US};

    if (r->timestampns)
        control_put(io, SOL_SOCKET, SO_TIMESTAMPNS, &ns, sizeof ns);
    else if (r->timestamp)
        control_put(io, SOL_SOCKET, SO_TIMESTAMP, &us, sizeof us);
}

void
sock_tell_header(
    const struct sock *s, const struct sock_came *came, struct io *io)
{
    const struct sock_rare *r = sock_rare_of(s);
    struct in_pktinfo where = {.ipi_ifindex = (int)came->card,
        .ipi_spec_dst.s_addr = htonl(came->spec.v),
        .ipi_addr.s_addr = htonl(came->to.v)};
    int ttl = came->ttl;

    if (r->pktinfo)
        control_put(io, IPPROTO_IP, IP_PKTINFO, &where, sizeof where);
    if (r->recvttl)
        control_put(io, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    if (r->recvtos)
        control_put(io, IPPROTO_IP, IP_TOS, &came->tos, 1);
}

ssize_t
sock_tell_trouble(struct sock *s, struct ip_trouble *t, struct io *io)
{
    struct {
        struct sock_extended_err err;
        struct sockaddr_in from;
    } what = {
        .err = {.ee_errno = (uint32_t)t->error,
            .ee_origin = t->local ? SO_EE_ORIGIN_LOCAL : SO_EE_ORIGIN_ICMP,
            .ee_type = t->type,
            .ee_code = t->code,
            .ee_info = t->info}};
    size_t done = io_spread(io, t->data, t->len);

    if (done < t->len)
        io->msg_flags |= MSG_TRUNC;
    io->msg_flags |= MSG_ERRQUEUE;
    if (io->addr)
        sock_put_in(t->to, t->port, io->addr, &io->addrlen);
    if (!t->local) {
        what.from.sin_family = AF_INET;
        what.from.sin_addr.s_addr = htonl(t->from.v);
    }
    sock_tell_time(s, t->at, io);
    if (!t->local) /* of the packet in which that was said */
        sock_tell_header(s,
            &(struct sock_came){
                .to = t->us, .card = t->card, .ttl = t->ttl, .tos = t->tos},
            io);
    control_put(io, IPPROTO_IP, IP_RECVERR, &what, sizeof what);
    free(t);
    return (ssize_t)done;
}
