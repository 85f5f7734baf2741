/*
 * sock_udp.c: UDP sockets (udp(7)): one port, whole datagrams. A socket that
 * sends without a bind gets a port at that moment; connect only fixes the
 * peer, no packet is sent.
 */
#include "sock_udp.h"
#include "ip.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static struct udp_socket *
udp_of(struct sock *s)
{
    return udp_socket_of(s);
}

static unsigned
events_of(const struct udp_socket *u)
{
    unsigned events = u->u ? udp_poll(u->u) : EPOLLOUT;

    return events | (u->shut_rcv ? EPOLLIN | EPOLLRDHUP : 0u) |
           (u->shut_rcv && u->shut_snd ? EPOLLHUP : 0u);
}

static void
told(void *owner)
{
    struct udp_socket *u = owner;

    file_tell(&u->s.f, events_of(u));
}

static unsigned
sharing(const struct sock *s)
{
    return (s->reuse_addr ? UDP_REUSEADDR : 0u) |
           (s->reuse_port ? UDP_REUSEPORT : 0u) |
           (sock_rare_of(s)->freebind ? UDP_FREEBIND : 0u) |
           UDP_CARD(sock_rare_of(s)->card);
}

/* Gets a port, and with it what was set before. */
static int
open_port(struct udp_socket *u, struct udp_end local)
{
    int err =
        udp_open_shared(u->s.f.k->udp, local, sharing(&u->s), told, u, &u->u);

    if (!err && sock_rare_of(&u->s)->rcvbuf)
        udp_set_rcvbuf(u->u, (uint32_t)sock_rare_of(&u->s)->rcvbuf);
    if (!err)
        udp_set_recverr(u->u, sock_rare_of(&u->s)->recverr);
    return err;
}

static int
udp_sock_bind(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct udp_socket *u = udp_of(s);
    struct udp_end local;
    int err = sock_addr_in(addr, len, &local.addr, &local.port);

    if (err)
        return err;
    if (u->u)
        return -EINVAL;
    if (!local.port && sock_rare_of(s)->bind_no_port) {
        if (local.addr.v && !sock_rare_of(s)->freebind &&
            !ip_is_ours(s->f.k->ip, local.addr))
            return -EADDRNOTAVAIL;
        u->addr = local.addr; /* ip(7): the port comes with the first use */
        return 0;
    }
    err = open_port(u, local);
    u->bound = !err && local.port;
    return err;
}

static int
own_port(struct udp_socket *u)
{
    if (u->u)
        return 0;
    return open_port(u, (struct udp_end){.addr = u->addr});
}

static int
udp_sock_listen(struct sock *s, int backlog)
{
    (void)s;
    (void)backlog;
    return -EOPNOTSUPP;
}

static int
udp_sock_accept(struct sock *s, struct sock **out)
{
    (void)s;
    (void)out;
    return -EOPNOTSUPP;
}

/* socket(7), SO_BROADCAST: nobody speaks to all by mistake. */
static int
check_remote(const struct sock *s, struct udp_end remote)
{
    return !s->broadcast && ip_is_broadcast(s->f.k->ip, remote.addr) ? -EACCES
                                                                     : 0;
}

/* connect(2) to AF_UNSPEC: no peer any more, and no port but a chosen one. */
static void
disconnect(struct udp_socket *u)
{
    u->connected = false;
    if (u->u && u->bound)
        udp_connect(u->u, (struct udp_end){0});
    else if (u->u)
        udp_close(u->u);
    if (!u->bound)
        u->u = NULL;
}

static int
udp_sock_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct udp_socket *u = udp_of(s);
    struct udp_end remote;
    int err;

    if (len >= sizeof addr->sa_family && addr->sa_family == AF_UNSPEC) {
        disconnect(u);
        return 0;
    }
    err = sock_addr_in(addr, len, &remote.addr, &remote.port);
    if (!err)
        err = check_remote(s, remote);
    if (!err)
        err = own_port(u);
    if (err)
        return err;
    udp_connect(u->u, remote);
    u->connected = true;
    sock_note_connect(s, addr, len);
    return 0;
}

static int
udp_sock_shutdown(struct sock *s, int how)
{
    struct udp_socket *u = udp_of(s);

    /* Linux shuts it even where it says that there is no connection. */
    u->shut_rcv |= how != SHUT_WR;
    u->shut_snd |= how != SHUT_RD;
    file_wake(&s->f, events_of(u));
    return u->connected ? 0 : -ENOTCONN;
}

static int
udp_sock_name(struct sock *s, enum sock_end which,
    struct sockaddr_storage *addr, socklen_t *len)
{
    struct udp_socket *u = udp_of(s);
    struct udp_end e = {.addr = u->addr};

    if (which != SOCK_OWN && (!u->connected || !udp_remote(u->u).port))
        return -ENOTCONN;
    if (u->u)
        e = which == SOCK_OWN ? udp_local(u->u) : udp_remote(u->u);
    sock_put_in(e.addr, e.port, addr, len);
    return 0;
}

static ssize_t
udp_sock_recv(struct file *f, struct io *io)
{
    struct udp_socket *u = udp_of(sock_of(f));
    struct kernel *k = f->k;
    struct udp_info info;
    int64_t n;

    if (io->flags & MSG_ERRQUEUE)
        return udp_sock_trouble(u, io);
    if (!u->u)
        return -EAGAIN;
    if (io->n == 1) {
        n = udp_recvmsg(u->u, io->iov[0].iov_base, io->iov[0].iov_len, &info,
            io->flags & MSG_PEEK);
    } else { /* a datagram is taken in one piece, then spread */
        n = udp_recvmsg(
            u->u, k->scratch, SCRATCH_SIZE, &info, io->flags & MSG_PEEK);
        n = n < 0 ? n : (int64_t)io_spread(io, k->scratch, (size_t)n);
    }
    if (n == -EAGAIN && u->shut_rcv && !file_nonblocking(f, io->flags))
        return 0;
    if (n < 0)
        return (ssize_t)n;
    if (io->addr)
        sock_put_in(info.from.addr, info.from.port, io->addr, &io->addrlen);
    udp_sock_tell(&u->s, &info, io);
    if ((size_t)n < info.full)
        io->msg_flags |= MSG_TRUNC;
    return (ssize_t)(io->flags & MSG_TRUNC ? info.full : (size_t)n);
}

/* Whom the program names in sendto(2). */
static int
address_of(const struct sock *s, const struct io *io, struct udp_end *to)
{
    int err = sock_addr_in((void *)io->addr, io->addrlen, &to->addr, &to->port);

    if (!err && !to->port)
        err = -EINVAL;
    return err ? err : check_remote(s, *to);
}

static ssize_t
udp_sock_send(struct file *f, struct io *io)
{
    struct udp_socket *u = udp_of(sock_of(f));
    struct udp_end to = {0};
    const void *data = f->k->scratch;
    struct udp_how how;
    size_t len = 0;
    int err;

    if (io->addr)
        err = address_of(&u->s, io, &to);
    else
        err = u->connected ? 0 : -EDESTADDRREQ;
    if (!err)
        err = udp_sock_how(&u->s, io, &how);
    if (!err)
        err = own_port(u);
    if (!err && u->shut_snd)
        err = -EPIPE;
    if (err)
        return err;
    if (!io->addr)
        to = udp_remote(u->u);
    for (int i = 0; i < io->n && io->n > 1; i++) {
        if (io->iov[i].iov_len > SCRATCH_SIZE - len)
            return -EMSGSIZE;
        if (io->iov[i].iov_len)
            memcpy(
                f->k->scratch + len, io->iov[i].iov_base, io->iov[i].iov_len);
        len += io->iov[i].iov_len;
    }
    if (io->n == 1) {
        data = io->iov[0].iov_base;
        len = io->iov[0].iov_len;
    }
    return (ssize_t)udp_sendmsg(u->u, data, len, to, &how);
}

static unsigned
udp_sock_poll(struct file *f)
{
    unsigned events = events_of(udp_of(sock_of(f)));

    return events | (events & EPOLLIN ? EPOLLRDNORM : 0u) |
           (events & EPOLLOUT ? EPOLLWRNORM | EPOLLWRBAND : 0u);
}

static void
udp_sock_close(struct file *f)
{
    struct udp_socket *u = udp_of(sock_of(f));

    sock_fini(&u->s);
    if (u->u)
        udp_close(u->u);
    free(u);
}

static int
udp_sock_setopt(struct sock *s, int level, int name, int value)
{
    struct udp_socket *u = udp_of(s);
    int err;

    if (level == IPPROTO_IP && name == IP_RECVERR) {
        if (u->u)
            udp_set_recverr(u->u, value);
        return 0;
    }
    if (level != SOL_SOCKET)
        return -ENOPROTOOPT;
    if (name == SO_REUSEADDR || name == SO_REUSEPORT) {
        if (u->u)
            udp_set_reuse(u->u, sharing(s));
        return 0;
    }
    if (name == SO_BINDTOIFINDEX) {
        if (u->u)
            udp_set_card(u->u, (unsigned)value);
        return 0;
    }
    err = sock_set_buffer(s, name, value);
    if (!err && u->u && s->rare->rcvbuf)
        udp_set_rcvbuf(u->u, (uint32_t)s->rare->rcvbuf);
    return err;
}

static int
udp_sock_getopt(struct sock *s, int level, int name, int *value)
{
    if (level != SOL_SOCKET)
        return level == IPPROTO_UDP || level == IPPROTO_IP ? -ENOPROTOOPT
                                                           : -EOPNOTSUPP;
    return sock_get_buffer(s, name, value);
}

static int
udp_sock_error(struct sock *s)
{
    struct udp_socket *u = udp_of(s);

    return u->u ? udp_error(u->u) : 0;
}

/* FIONREAD: the size of the next datagram (udp(7)). */
static int
udp_sock_readable(struct sock *s)
{
    struct udp_socket *u = udp_of(s);
    struct udp_end from;
    size_t full = 0;
    uint8_t byte;

    if (!u->u || udp_recv(u->u, &byte, 1, &from, &full, true) < 0)
        return 0;
    return (int)full;
}

/* udp(7), SIOCOUTQ: a datagram goes to the card with the call. */
static int
udp_sock_unsent(struct sock *s, bool never)
{
    (void)s;
    return never ? -ENOTTY : 0;
}

static const struct sock_ops udp_sock_ops = {.bind = udp_sock_bind,
    .listen = udp_sock_listen,
    .accept = udp_sock_accept,
    .connect = udp_sock_connect,
    .shutdown = udp_sock_shutdown,
    .name = udp_sock_name,
    .setopt = udp_sock_setopt,
    .getopt = udp_sock_getopt,
    .error = udp_sock_error,
    .readable = udp_sock_readable,
    .unsent = udp_sock_unsent};

static const struct file_ops udp_ops = {.recv = udp_sock_recv,
    .send = udp_sock_send,
    .poll = udp_sock_poll,
    .close = udp_sock_close,
    .sock = &udp_sock_ops,
    .signals = true};

struct sock *
udp_sock_new(struct kernel *k)
{
    struct udp_socket *u = calloc(1, sizeof *u);

    if (!u)
        return NULL;
    sock_init(&u->s, k, &udp_ops, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    return &u->s;
}
