/*
 * sock_tcp.c: TCP sockets: what a program holds in its hand, on top of what
 * tcp.h calls a connection or a listener: names, bytes, readiness, the end.
 * How a socket becomes one of them: sock_tcp_open.c.
 *
 * TCP tells through tcp_sock_told that something may have changed; here it
 * becomes the edges that sleepers and epoll wait for: more to read, room
 * again.
 */
#include "sock.h"
#include "control.h"
#include "ip.h"
#include "sock_tcp.h"
#include "tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static struct tcp_sock *
tcp_file(struct file *f)
{
    return tcp_sock_of(sock_of(f));
}

/* --- news from TCP ------------------------------------------------------- */

static void
note_queue(struct tcp_sock *t)
{
    if (!journal_wants(t->s.f.k->env->journal, EV_SOCKET_QUEUE))
        return;
    t->unsent = tcp_unsent(t->c);
    sock_note_queue(&t->s, tcp_readable(t->c), t->unsent);
}

void
tcp_sock_acked(void *owner)
{
    struct tcp_sock *t = owner;

    if (t->c && tcp_state(t->c) != TCP_CLOSED && tcp_unsent(t->c) != t->unsent)
        note_queue(t);
}

/* As Linux's tcp_poll: with what shutdown(2) has said, and SO_RCVLOWAT. */
unsigned
tcp_sock_ready(const struct tcp_sock *t)
{
    unsigned events;

    if (t->l)
        return tcp_listener_poll(t->l) & EPOLLIN;
    events = t->c ? tcp_poll(t->c) : EPOLLOUT | EPOLLHUP;
    if (t->c && t->s.rare && !(events & (EPOLLRDHUP | EPOLLERR | EPOLLPRI)) &&
        t->s.rare->rcvlowat > 1 &&
        tcp_readable(t->c) < (uint32_t)t->s.rare->rcvlowat)
        events &= ~(unsigned)EPOLLIN;
    if (t->shut_rcv)
        events |= EPOLLIN | EPOLLRDHUP;
    if (t->shut_snd && (events & EPOLLRDHUP))
        events |= EPOLLHUP;
    return events | (t->err || t->trouble ? EPOLLERR : 0u);
}

static void
conn_told(struct tcp_sock *t)
{
    const unsigned ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    unsigned now = tcp_sock_ready(t);
    uint32_t readable = tcp_readable(t->c);
    unsigned events = now & ends & ~t->ended, urgent = 0;

    if (now & EPOLLPRI & ~t->ended)
        urgent = EPOLLPRI;
    t->ended = now & (ends | EPOLLPRI);
    if (!(now & EPOLLHUP)) /* IP_RECVERR: there may be another one */
        t->ended &= (uint16_t)~EPOLLERR;
    if (t->lingers)
        events |= EPOLLOUT;
    if ((now & EPOLLIN) && (events || readable > t->readable))
        events |= EPOLLIN;
    if ((now & (EPOLLOUT | ends)) && t->wants_room) {
        t->wants_room = false;
        events |= EPOLLOUT;
    }
    if (events & EPOLLIN || readable != t->readable)
        note_queue(t);
    if (readable > t->readable)
        sock_stamp(&t->s, readable - t->readable);
    t->readable = readable;
    if (events | urgent)
        file_tell(&t->s.f, events | urgent);
}

/* SHUT_WR before the connection was there: Linux lets it open first. */
static void
shut_late(struct tcp_sock *t)
{
    if (t->shut_snd && tcp_state(t->c) == TCP_ESTABLISHED)
        tcp_shutdown(t->c);
}

/* fcntl(2), F_SETOWN: who wants to hear of urgent data is signalled, as soon
 * as it is announced and once each time (RFC 9293 3.8.5, MUST-32). */
static void
urge(struct tcp_sock *t)
{
    uint32_t mark;

    if (!t->s.f.owner || !tcp_urgent_mark(t->c, &mark) ||
        (t->urged && mark == t->mark))
        return;
    t->urged = true;
    t->mark = mark;
    file_signal(&t->s.f, SIGURG);
}

/* As in Linux, the ICMP error that ends the opening of a connection waits to
 * be read with MSG_ERRQUEUE, IP_RECVERR or not; the latest only. */
static void
keep_trouble(struct tcp_sock *t)
{
    const struct ip_error *err = tcp_blame(t->c);
    struct tcp_end remote = tcp_remote(t->c);
    struct ip_trouble *trouble;

    if (!err || !(trouble = malloc(sizeof *trouble + err->len)))
        return;
    ip_trouble_fill(t->s.f.k->ip, err, trouble);
    trouble->to = remote.addr;
    trouble->port = remote.port;
    trouble->at = t->s.f.k->env->timers->now;
    trouble->len = err->len;
    memcpy(trouble->data, err->data, err->len);
    free(t->trouble);
    t->trouble = trouble;
}

void
tcp_sock_told(void *owner)
{
    struct tcp_sock *t = owner;

    if (t->c) {
        shut_late(t);
        urge(t);
        keep_trouble(t);
        conn_told(t);
    } else if (t->l && (tcp_listener_poll(t->l) & TCP_IN)) {
        sock_note_backlog(&t->s, tcp_listener_waiting(t->l));
        file_tell(&t->s.f, EPOLLIN);
    }
}

/* --- names --------------------------------------------------------------- */

static int
tcp_sock_name(struct sock *s, enum sock_end which,
    struct sockaddr_storage *addr, socklen_t *len)
{
    struct tcp_sock *t = tcp_sock_of(s);
    struct tcp_end e = t->local;

    if (which != SOCK_OWN) {
        if (!t->c || (which == SOCK_PEER &&
                         (tcp_sock_over(t) || tcp_state(t->c) == TCP_SYN_SENT)))
            return -ENOTCONN;
        e = tcp_remote(t->c);
    } else if (t->c && !t->renamed) {
        e = tcp_local(t->c);
    } else if (t->l) {
        e = tcp_listener_local(t->l);
    }
    sock_put_in(e.addr, e.port, addr, len);
    return 0;
}

/* --- bytes --------------------------------------------------------------- */

static int
take_error(struct tcp_sock *t)
{
    int err = t->err;

    t->err = 0;
    return -err;
}

/* There is no connection, or none that reads: why? */
static ssize_t
nothing_to_read(struct tcp_sock *t)
{
    if (t->err)
        return take_error(t);
    if (t->c && tcp_sock_opening(t))
        return t->shut_rcv ? 0 : -EAGAIN;
    return t->c || t->shut_rcv ? 0 : -ENOTCONN;
}

/* recv(2), MSG_OOB: it never waits. */
static ssize_t
recv_urgent(struct tcp_sock *t, struct io *io)
{
    void *to =
        io->n > 0 && !(io->flags & MSG_TRUNC) ? io->iov[0].iov_base : NULL;

    if (!t->c)
        return t->l ? -ENOTCONN : -EINVAL;
    return tcp_recv_urgent(
        t->c, to, iov_total(io->iov, io->n), io->flags & MSG_PEEK);
}

static bool
tcp_sock_at_mark(struct sock *s)
{
    struct tcp_sock *t = tcp_sock_of(s);

    return t->c && tcp_at_mark(t->c);
}

/* A look at what several buffers would get: a look always begins at the first
 * byte, so it is taken in one piece, then spread. */
static ssize_t
look(struct tcp_sock *t, struct io *io)
{
    uint8_t *scratch = t->s.f.k->scratch;
    size_t room = iov_total(io->iov, io->n);
    int64_t n = tcp_recv(
        t->c, scratch, room < SCRATCH_SIZE ? room : SCRATCH_SIZE, true);

    return n > 0            ? (ssize_t)io_spread(io, scratch, (size_t)n)
           : n == -ENOTCONN ? nothing_to_read(t)
                            : (ssize_t)n;
}

/* MSG_ERRQUEUE: the error counts as told, by this. */
static ssize_t
tell_trouble(struct tcp_sock *t, struct io *io)
{
    struct ip_trouble *trouble = t->trouble;

    if (!trouble)
        return -EAGAIN;
    t->trouble = NULL;
    if (t->c)
        (void)tcp_error(t->c);
    t->err = 0;
    return sock_tell_trouble(&t->s, trouble, io);
}

static ssize_t
tcp_sock_recv(struct file *f, struct io *io)
{
    struct tcp_sock *t = tcp_file(f);
    bool peek = io->flags & MSG_PEEK;
    uint32_t before;
    ssize_t done = 0;
    uint8_t byte;

    if (io->flags & MSG_ERRQUEUE)
        return tell_trouble(t, io);
    if (io->flags & MSG_OOB)
        return recv_urgent(t, io);
    if (!t->c)
        return nothing_to_read(t);
    if (!iov_total(io->iov, io->n)) { /* recv(2) waits for something */
        int64_t n = tcp_recv(t->c, &byte, 1, true);

        n = n == -ENOTCONN ? nothing_to_read(t) : n;
        if (n > 0)
            sock_tell_stamp(&t->s, tcp_readable(t->c), 1, true, io);
        return n < 0 ? (ssize_t)n : 0;
    }
    before = tcp_readable(t->c);
    if (peek && io->n > 1) {
        done = look(t, io);
        if (done > 0)
            sock_tell_stamp(&t->s, before, (uint32_t)done, true, io);
        return done;
    }
    for (int i = 0; i < io->n; i++) {
        /* tcp(7), MSG_TRUNC: taken and thrown away */
        void *to = io->flags & MSG_TRUNC ? NULL : io->iov[i].iov_base;
        int64_t n = tcp_recv(t->c, to, io->iov[i].iov_len, peek);

        if (n == -ENOTCONN)
            n = nothing_to_read(t);
        if (n < 0 && !done)
            return (ssize_t)n;
        if (n > 0)
            done += (ssize_t)n;
        if (n < (int64_t)io->iov[i].iov_len || peek)
            break;
    }
    if (done)
        sock_tell_stamp(&t->s, before, (uint32_t)done, peek, io);
    if (done && !peek) {
        t->readable = tcp_readable(t->c);
        note_queue(t);
    }
    return done;
}

/* TCP has taken n of so many bytes, or refused: as send(2) says it. */
static ssize_t
sent(struct tcp_sock *t, int64_t n, size_t of)
{
    if (n == -ENOTCONN)
        n = -EPIPE;
    else if (n > 0)
        note_queue(t);
    if (n == -EAGAIN || (n > 0 && (size_t)n < of))
        t->wants_room = true; /* SOCK_NOSPACE of Linux */
    return (ssize_t)n;
}

static ssize_t
tcp_sock_send(struct file *f, struct io *io)
{
    struct tcp_sock *t = tcp_file(f);
    int err = io->controllen ? control_check(io) : 0;

    if (err < 0)
        return err;
    if (!t->c)
        return t->err ? take_error(t) : -EPIPE;
    return sent(t,
        io->flags & MSG_OOB
            ? tcp_send_urgent(t->c, io->iov, io->n)
            : tcp_send(t->c, io->iov, io->n, io->flags & MSG_MORE),
        iov_total(io->iov, io->n));
}

static ssize_t
tcp_sock_send_page(
    struct file *f, struct page *page, uint32_t from, uint32_t len, bool more)
{
    struct tcp_sock *t = tcp_file(f);

    if (!t->c)
        return t->err ? take_error(t) : -EPIPE;
    return sent(t, tcp_send_page(t->c, page, from, len, more), len);
}

static unsigned
tcp_sock_poll(struct file *f)
{
    struct tcp_sock *t = tcp_file(f);
    unsigned events = tcp_sock_ready(t);

    if (!(events & EPOLLOUT))
        t->wants_room = true;
    if (events & EPOLLIN)
        events |= EPOLLRDNORM;
    if (events & EPOLLOUT)
        events |= EPOLLWRNORM;
    return events;
}

static void
tcp_sock_close(struct file *f)
{
    struct tcp_sock *t = tcp_file(f);
    const struct linger linger = sock_rare_of(&t->s)->linger;

    sock_fini(&t->s);
    list_remove(&t->bound);
    if (t->l)
        tcp_unlisten(t->l);
    if (t->c && linger.l_onoff && !linger.l_linger && !tcp_readable(t->c))
        tcp_abort(t->c);
    else if (t->c)
        tcp_close(t->c);
    free(t->options);
    free(t->trouble);
    free(t);
}

/* SO_ERROR; as in Linux, what ICMP said of a connection that goes on counts
 * when there is nothing worse. */
static int
tcp_sock_error(struct sock *s)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int err;

    err = t->err || !t->c ? -take_error(t) : tcp_error(t->c);
    if (!err && t->c)
        err = tcp_soft_error(t->c);
    if (t->c && !tcp_sock_opening(t))
        t->soft = 0; /* the new connection knows better */
    if (!err) {
        err = t->soft;
        t->soft = 0;
    }
    return err;
}

static int
tcp_sock_readable(struct sock *s)
{
    struct tcp_sock *t = tcp_sock_of(s);

    if (t->l)
        return -EINVAL;
    return t->c ? (int)tcp_readable(t->c) : 0;
}

static int
tcp_sock_unsent(struct sock *s, bool never)
{
    struct tcp_sock *t = tcp_sock_of(s);

    if (t->l)
        return -EINVAL;
    if (!t->c)
        return 0;
    return (int)(never ? tcp_outq_nsd(t->c) : tcp_outq(t->c));
}

static const struct sock_ops tcp_sock_ops = {.bind = tcp_sock_bind,
    .listen = tcp_sock_listen,
    .accept = tcp_sock_accept,
    .connect = tcp_sock_connect,
    .shutdown = tcp_sock_shutdown,
    .name = tcp_sock_name,
    .setopt = tcp_sock_setopt,
    .getopt = tcp_sock_getopt,
    .error = tcp_sock_error,
    .readable = tcp_sock_readable,
    .unsent = tcp_sock_unsent,
    .at_mark = tcp_sock_at_mark,
    .getraw = tcp_sock_getraw,
    .setraw = tcp_sock_setraw,
    .linger = tcp_sock_linger};

static const struct file_ops tcp_ops = {.recv = tcp_sock_recv,
    .send = tcp_sock_send,
    .send_page = tcp_sock_send_page,
    .poll = tcp_sock_poll,
    .close = tcp_sock_close,
    .sock = &tcp_sock_ops,
    .signals = true};

struct tcp_sock *
tcp_sock_make(struct kernel *k)
{
    struct tcp_sock *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    list_init(&t->bound);
    t->wants_room = true;
    sock_init(&t->s, k, &tcp_ops, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    return t;
}

struct sock *
tcp_sock_new(struct kernel *k)
{
    struct tcp_sock *t = tcp_sock_make(k);

    return t ? &t->s : NULL;
}
