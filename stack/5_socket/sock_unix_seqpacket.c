/*
 * sock_unix_seqpacket.c: Unix sockets of type SOCK_SEQPACKET (unix(7)):
 * connections, made and ended as those of sock_unix.c, through which whole
 * messages go, as through those of sock_unix_dgram.c. What a reader has no
 * room for is lost; an empty message is one, and reads like the end.
 */
#include "sock_unix.h"
#include "flight.h"

#include <errno.h>
#include <sys/epoll.h>

static ssize_t
seqpacket_send(struct file *f, struct io *io)
{
    struct unix_sock *u = unix_file(f);
    int err = unix_error(&u->s);

    if (err)
        return -err;
    if (u->state != UNIX_CONNECTED)
        return -ENOTCONN;
    io->addr = NULL; /* there is one peer, whoever was named */
    return unix_dgram_send(f, io);
}

static ssize_t
seqpacket_recv(struct file *f, struct io *io)
{
    struct unix_sock *u = unix_file(f);

    if (u->state != UNIX_CONNECTED)
        return -ENOTCONN;
    if (!u->err && !u->marks && u->shut_rcv)
        return 0; /* the end is no secret to who does not wait for it */
    return unix_dgram_recv(f, io);
}

static unsigned
seqpacket_poll(struct file *f)
{
    struct unix_sock *u = unix_file(f);
    unsigned events = unix_dgram_poll(f);

    if (!list_empty(&u->queue))
        events |= EPOLLIN | EPOLLRDNORM;
    if (u->state == UNIX_CLOSED)
        events |= EPOLLHUP;
    if (u->state == UNIX_LISTENING)
        events &= ~(unsigned)(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
    return events;
}

const struct file_ops unix_seqpacket_ops = {.recv = seqpacket_recv,
    .send = seqpacket_send,
    .poll = seqpacket_poll,
    .close = unix_close,
    .left = flight_left,
    .sock = &unix_sock_ops,
    .signals = true};
