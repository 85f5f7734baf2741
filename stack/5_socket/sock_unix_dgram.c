/*
 * sock_unix_dgram.c: Unix datagram sockets (unix(7)): whole messages, in
 * order, none lost. syslog(3) and sd_notify(3) send such. A message goes
 * straight into the receiver's queue: bytes in its ring, and a mark that says
 * where they end, who sent them, and what descriptors came along.
 *
 * A queue takes eleven messages (net.unix.max_dgram_qlen and one more, as in
 * Linux) and then the sender waits; not of who is connected to it: between
 * the two of a pair the sender's SO_SNDBUF is the limit. connect(2) fixes the
 * peer, and who has one is sent to by him alone.
 */
#include "flight.h"
#include "sock_unix.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    QUEUE_MOST = 10, /* net.unix.max_dgram_qlen; one more fits */
    SIZE_DEFAULT = 212992,
    OVERHEAD = 768, /* what a message is counted with beside its bytes */
};

static size_t
sndbuf(const struct unix_sock *u)
{
    int value = SIZE_DEFAULT;

    sock_get_buffer(&u->s, SO_SNDBUF, &value);
    return (size_t)value;
}

/* --- is there room? ------------------------------------------------------ */

/* Do u's own messages count, not those in the queue of `to`? */
static bool
by_bytes(const struct unix_sock *u, const struct unix_sock *to)
{
    return to == u || to->peer == u;
}

static size_t
charged(const struct unix_sock *to)
{
    return to->rcv.len + OVERHEAD * to->messages;
}

/* Does the queue of `to` take one more from u? As in Linux the last may go
 * beyond the limit (sock_alloc_send_pskb). */
static bool
has_room(const struct unix_sock *u, const struct unix_sock *to)
{
    return by_bytes(u, to) ? charged(to) < sndbuf(u)
                           : to->messages <= QUEUE_MOST;
}

/* What poll(2) says: a quarter of the send buffer is used at most. */
static bool
writable(const struct unix_sock *u, const struct unix_sock *to)
{
    return by_bytes(u, to) ? charged(to) <= sndbuf(u) / 4 : has_room(u, to);
}

/* There is room in the queue of u for those who found none. */
static void
tell_room(struct unix_sock *u)
{
    for (struct link *l = u->fans.next; l != &u->fans; l = l->next) {
        struct unix_sock *fan = LW_CONTAINER(l, struct unix_sock, fan);

        if (!fan->wants_room || !writable(fan, u))
            continue;
        fan->wants_room = false;
        file_tell(&fan->s.f, EPOLLOUT);
    }
    unix_wake_waiting(u);
}

/* --- who is whose peer --------------------------------------------------- */

/* Only its peer may send to who has one. */
static bool
may_send(const struct unix_sock *u, const struct unix_sock *to)
{
    return !to->peer || to->peer == u;
}

static void
leave(struct unix_sock *u)
{
    list_remove(&u->fan);
    u->peer = NULL;
}

/* u turns away from a peer, closed or not: what it has received is thrown away
 * (the caller settles what was in flight with it), a peer that still talks to
 * it is told, and who waits for room has it. */
static void
turn_away(struct unix_sock *u)
{
    struct unix_sock *old = u->peer;

    leave(u);
    if (!u->messages)
        return;
    unix_forget(u);
    u->taken += u->rcv.len;
    ring_free(&u->rcv);
    u->messages = 0;
    if (old && old->peer == u) {
        old->err = ECONNRESET;
        file_tell(&old->s.f, EPOLLERR);
    }
    tell_room(u);
}

static int
dgram_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct unix_sock *u = unix_of(s), *to;
    int err;

    if (len >= sizeof addr->sa_family && addr->sa_family == AF_UNSPEC) {
        if (u->state == UNIX_CONNECTED)
            turn_away(u);
        u->state = UNIX_CLOSED;
        flight_settle(s->f.k);
        return 0;
    }
    err = unix_find(u, addr, len, &to);
    if (!err && !may_send(u, to))
        err = -EPERM;
    if (err)
        return err;
    if (u->state == UNIX_CONNECTED && u->peer != to)
        turn_away(u);
    leave(u);
    u->peer = to;
    list_add(&to->fans, &u->fan);
    u->state = UNIX_CONNECTED;
    u->peer_addr = to->addr;
    sock_note_connect(s, addr, len);
    flight_settle(s->f.k); /* last: it may close `to` */
    return 0;
}

static int
dgram_listen(struct sock *s, int backlog)
{
    (void)s, (void)backlog;
    return -EOPNOTSUPP;
}

static int
dgram_accept(struct sock *s, struct sock **out)
{
    (void)s, (void)out;
    return -EOPNOTSUPP;
}

static int
dgram_shutdown(struct sock *s, int how)
{
    struct unix_sock *u = unix_of(s);

    u->shut_rcv |= how != SHUT_WR;
    u->shut_snd |= how != SHUT_RD;
    file_wake(&s->f, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
    return 0;
}

/* --- sending ------------------------------------------------------------- */

static int
take_error(struct unix_sock *u)
{
    int err = u->err;

    u->err = 0;
    return -err;
}

/* Who gets what is sent without an address. */
static int
receiver(struct unix_sock *u, struct unix_sock **to)
{
    *to = u->peer;
    if (*to)
        return unix_name_for_peer(u);
    if (u->state != UNIX_CONNECTED)
        return -ENOTCONN;
    turn_away(u);
    u->state = UNIX_CLOSED; /* the peer was closed; this is told once */
    return -ECONNREFUSED;
}

/* In the order of Linux 6: what is wrong with the message, then with the own
 * socket, then with the receiver. */
static int
check(
    struct unix_sock *u, const struct io *io, size_t len, struct unix_sock **to)
{
    int err;

    if (len > sndbuf(u) - 32)
        return -EMSGSIZE;
    if (u->err)
        return take_error(u);
    if (u->shut_snd)
        return -EPIPE;
    err = io->addr ? unix_find(u, (void *)io->addr, io->addrlen, to)
                   : receiver(u, to);
    if (!err && !may_send(u, *to))
        err = -EPERM;
    if (!err && (*to)->shut_rcv)
        err = -EPIPE;
    return err;
}

ssize_t
unix_dgram_send(struct file *f, struct io *io)
{
    struct unix_sock *u = unix_file(f), *to;
    size_t len = iov_total(io->iov, io->n);
    struct unix_mark *m = NULL;
    ssize_t n = unix_mark_of(u, u->peer, io, true, &m);

    if (n < 0)
        return n;
    if (m->n)
        flight_make_room(f->k);
    n = check(u, io, len, &to);
    if (!n && !has_room(u, to)) {
        u->wants_room = true;
        n = file_nonblocking(f, io->flags) ? -EAGAIN : unix_wait_for(u, to);
    }
    if (!n)
        n = flight_may_begin(f->k, m->n);
    if (!n && sock_rare_of(&to->s)->passcred && f->k->current)
        m->pid = f->k->current->pid;
    if (!n)
        n = ring_write(&to->rcv, io->iov, io->n);
    if (n < 0) {
        unix_mark_free(m);
        flight_settle(f->k); /* what a closed peer had sent */
        return n;
    }
    m->writer = u->addr;
    unix_attach(to, m, to->taken + to->rcv.len - len, to->taken + to->rcv.len);
    to->messages++;
    sock_note_queue(&to->s, to->rcv.len, 0);
    file_tell(&to->s.f, EPOLLIN);
    return (ssize_t)len;
}

/* --- receiving ----------------------------------------------------------- */

ssize_t
unix_dgram_recv(struct file *f, struct io *io)
{
    struct unix_sock *u = unix_file(f);
    bool peek = io->flags & MSG_PEEK;
    struct unix_mark *m = u->marks;
    size_t full, n;

    if (u->err)
        return take_error(u);
    if (!m)
        return u->shut_rcv && !file_nonblocking(f, io->flags) ? 0 : -EAGAIN;
    full = (size_t)(m->to - m->from);
    n = ring_read(&u->rcv, full, io->iov, io->n, true);
    if (io->addr && m->writer.n)
        unix_put_addr(&m->writer, io->addr, &io->addrlen);
    unix_tell_writer(u, m->pid, io);
    if (n < full)
        io->msg_flags |= MSG_TRUNC;
    if (peek && m->n)
        unix_receive(u, m->at, m->n, io);
    if (!peek) {
        u->marks = m->next;
        if (!u->marks)
            u->marks_end = &u->marks;
        if (m->n)
            unix_take_rights(u, m, io);
        unix_mark_free(m);
        ring_take(&u->rcv, full);
        u->taken += full;
        u->messages--;
        sock_note_queue(&u->s, u->rcv.len, 0);
        tell_room(u);
    }
    return (ssize_t)(io->flags & MSG_TRUNC ? full : n);
}

/* --- the rest ------------------------------------------------------------ */

unsigned
unix_dgram_poll(struct file *f)
{
    struct unix_sock *u = unix_file(f);
    unsigned events = 0;

    if (u->err)
        events |= EPOLLERR;
    if (u->shut_rcv)
        events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
    if (u->shut_rcv && u->shut_snd)
        events |= EPOLLHUP;
    if (u->marks)
        events |= EPOLLIN | EPOLLRDNORM;
    if (!u->peer || writable(u, u->peer))
        events |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
    else
        u->wants_room = true;
    return events;
}

static void
dgram_close(struct file *f)
{
    struct unix_sock *u = unix_file(f);

    sock_fini(&u->s);
    leave(u);
    unix_wait_end(u);
    unix_name_leave(f->k, &u->name);
    unix_wake_waiting(u);
    while (!list_empty(&u->fans)) {
        struct unix_sock *fan =
            LW_CONTAINER(u->fans.next, struct unix_sock, fan);

        leave(fan);
        file_wake(&fan->s.f, EPOLLOUT);
    }
    unix_free(u);
}

/* FIONREAD: the size of the next message. */
static int
dgram_readable(struct sock *s)
{
    const struct unix_mark *m = unix_of(s)->marks;

    return m ? (int)(m->to - m->from) : 0;
}

static const struct sock_ops dgram_sock_ops = {.bind = unix_bind,
    .listen = dgram_listen,
    .accept = dgram_accept,
    .connect = dgram_connect,
    .shutdown = dgram_shutdown,
    .name = unix_name,
    .setopt = unix_setopt,
    .getopt = unix_getopt,
    .error = unix_error,
    .readable = dgram_readable,
    .unsent = unix_unsent,
    .getraw = unix_getraw};

const struct file_ops unix_dgram_ops = {.recv = unix_dgram_recv,
    .send = unix_dgram_send,
    .poll = unix_dgram_poll,
    .close = dgram_close,
    .left = flight_left,
    .sock = &dgram_sock_ops,
    .signals = true};
