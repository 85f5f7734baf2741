/*
 * sock_tcp.c: TCP sockets: what a program holds in its hand, on top of what
 * tcp.h calls a connection or a listener. A socket begins as neither: bind
 * only reserves a port; listen makes it a listener, connect a connection,
 * and accept returns sockets that are connections from the start.
 *
 *     socket --bind--> (a port) --listen--> listener --accept--> connection
 *        \-------------connect-----------------------> connection
 *
 * TCP tells through `told` that something may have changed; here it becomes
 * the edges that sleepers and epoll wait for: more to read, room again.
 */
#include "sock.h"
#include "sock_tcp.h"
#include "tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
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

/* ACKs have come. No program waits for so little, but somebody may look. */
static void
acked(void *owner)
{
    struct tcp_sock *t = owner;

    if (t->c && tcp_state(t->c) != TCP_CLOSED && tcp_unsent(t->c) != t->unsent)
        note_queue(t);
}

/* Both directions shut is a hang-up, though TCP may still have work. */
static unsigned
conn_poll(const struct tcp_sock *t)
{
    unsigned events = tcp_poll(t->c);

    return events | (t->shut_snd && (events & EPOLLRDHUP) ? EPOLLHUP : 0u);
}

/* Has the program's side of the connection ended? In Linux TIME-WAIT is no
 * longer the socket's. */
static bool
is_over(const struct tcp_sock *t)
{
    return tcp_state(t->c) == TCP_CLOSED || tcp_state(t->c) == TCP_TIME_WAIT;
}

static bool
is_opening(const struct tcp_sock *t)
{
    return tcp_state(t->c) == TCP_SYN_SENT ||
           tcp_state(t->c) == TCP_SYN_RECEIVED;
}

static void
conn_told(struct tcp_sock *t)
{
    const unsigned ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    unsigned now = conn_poll(t);
    uint32_t readable = tcp_readable(t->c);
    unsigned events = now & ends & ~t->ended;

    t->ended = now & ends;
    if ((now & EPOLLIN) && (events || readable > t->readable))
        events |= EPOLLIN;
    if ((now & (EPOLLOUT | ends)) && t->wants_room) {
        t->wants_room = false;
        events |= EPOLLOUT;
    }
    if (events & EPOLLIN || readable != t->readable)
        note_queue(t);
    t->readable = readable;
    if (events)
        file_tell(&t->s.f, events);
}

static void
told(void *owner)
{
    struct tcp_sock *t = owner;

    if (t->c) {
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
                         (is_over(t) || tcp_state(t->c) == TCP_SYN_SENT)))
            return -ENOTCONN;
        e = tcp_remote(t->c);
    } else if (t->c) {
        e = tcp_local(t->c);
    } else if (t->l) {
        e = tcp_listener_local(t->l);
    }
    sock_put_in(e.addr, e.port, addr, len);
    return 0;
}

/* --- being called -------------------------------------------------------- */

static int
tcp_sock_listen(struct sock *s, int backlog)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int err;

    if (t->c)
        return -EINVAL;
    s->backlog = backlog;
    if (t->l) {
        tcp_set_backlog(t->l, backlog);
        return 0;
    }
    if (list_empty(&t->bound)) {
        err = tcp_sock_reserve(t, (struct tcp_end){0});
        if (err)
            return err;
    } else if (tcp_sock_port_taken(t)) {
        return -EADDRINUSE; /* another one listens here by now */
    }
    err = tcp_listen(
        s->f.k->tcp, t->local, backlog, s->reuse_addr, told, t, &t->l);
    return err ? err : tcp_sock_apply(t);
}

static const struct file_ops tcp_ops;

static struct tcp_sock *
new_sock(struct kernel *k)
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
    struct tcp_sock *t = new_sock(k);

    return t ? &t->s : NULL;
}

static int
tcp_sock_accept(struct sock *s, struct sock **out)
{
    struct tcp_sock *l = tcp_sock_of(s), *t;
    struct tcp_conn *c;

    if (!l->l)
        return -EINVAL;
    if (!(tcp_listener_poll(l->l) & TCP_IN))
        return -EAGAIN;
    t = new_sock(s->f.k);
    if (!t)
        return -ENOMEM;
    c = tcp_accept(l->l);
    if (!c) {
        file_put(&t->s.f);
        return -EAGAIN;
    }
    t->c = c;
    t->local = tcp_local(c);
    t->s.linger = s->linger;
    t->s.keep_alive = s->keep_alive;
    t->wants_room = false;
    tcp_sock_inherit(t, l);
    tcp_set_owner(c, told, t);
    tcp_set_acked(c, acked);
    tcp_set_socket(c, t->s.f.no);
    t->readable = tcp_readable(c);
    t->ended = conn_poll(t) & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    t->s.f.cause_in = s->f.cause_in;
    sock_note_backlog(s, tcp_listener_waiting(l->l));
    *out = &t->s;
    return 0;
}

/* --- calling ------------------------------------------------------------- */

/* No connection any more: the next connect begins afresh. */
static void
forget(struct tcp_sock *t)
{
    tcp_abort(t->c);
    t->c = NULL;
    t->connecting = t->shut_snd = false;
    t->wants_room = true;
    t->ended = 0;
    t->readable = t->unsent = 0;
}

/* A connect that began before: how does it stand? */
static int
connect_again(struct tcp_sock *t)
{
    int err;

    if (!t->connecting)
        return -EISCONN;
    if (is_opening(t))
        return -EALREADY;
    t->connecting = false;
    if (tcp_state(t->c) != TCP_CLOSED)
        return 0;
    err = tcp_error(t->c);
    forget(t);
    return err ? -err : -ECONNABORTED;
}

static int
tcp_sock_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct tcp_sock *t = tcp_sock_of(s);
    struct tcp_preset preset = {t->options_set, t->options};
    struct tcp_end remote;
    int err;

    if (len >= sizeof addr->sa_family && addr->sa_family == AF_UNSPEC) {
        if (t->c) /* connect(2): dissolves the association */
            forget(t);
        return 0;
    }
    err = sock_addr_in(addr, len, &remote.addr, &remote.port);
    if (err)
        return err;
    if (t->l)
        return -EISCONN;
    if (t->c)
        return connect_again(t);
    if (!remote.addr.v)
        remote.addr = (struct ipv4){0x7f000001}; /* ip(7): this host */
    t->connecting = true;
    sock_note_connect(s, addr, len);
    err = tcp_connect_preset(
        s->f.k->tcp, t->local, remote, &preset, told, t, &t->c);
    if (err) {
        t->connecting = false;
        return err;
    }
    tcp_set_acked(t->c, acked);
    tcp_set_socket(t->c, s->f.no);
    return connect_again(t) == -EALREADY ? -EINPROGRESS : 0;
}

static int
tcp_sock_shutdown(struct sock *s, int how)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int err = 0;

    if (t->l && how != SHUT_WR) { /* as in Linux: it stops listening */
        tcp_unlisten(t->l);
        t->l = NULL;
        s->listening = false;
        file_tell(&s->f, EPOLLIN | EPOLLHUP);
        return 0;
    }
    if (t->l) /* there is nothing to send anyway */
        return 0;
    if (!t->c || is_over(t))
        return -ENOTCONN;
    if (how != SHUT_RD) {
        err = tcp_shutdown(t->c);
        t->shut_snd = !err;
    }
    if (!err && how != SHUT_WR)
        tcp_shutdown_read(t->c);
    if (!err)
        told(t);
    return err;
}

/* --- bytes --------------------------------------------------------------- */

static ssize_t
tcp_sock_recv(struct file *f, struct io *io)
{
    struct tcp_sock *t = tcp_file(f);
    bool peek = io->flags & MSG_PEEK;
    ssize_t done = 0;
    uint8_t byte;

    if (!t->c)
        return -ENOTCONN;
    if (!iov_total(io->iov, io->n)) { /* recv(2) waits for something */
        int64_t n = tcp_recv(t->c, &byte, 1, true);

        return n < 0 ? (ssize_t)n : 0;
    }
    for (int i = 0; i < io->n; i++) {
        int64_t n =
            tcp_recv(t->c, io->iov[i].iov_base, io->iov[i].iov_len, peek);

        if (n == -ENOTCONN && t->connecting)
            n = is_opening(t) ? -EAGAIN : 0; /* failed: end of file */
        if (n < 0 && !done)
            return (ssize_t)n;
        if (n > 0)
            done += (ssize_t)n;
        if (n < (int64_t)io->iov[i].iov_len || peek)
            break;
    }
    if (done && !peek) {
        t->readable = tcp_readable(t->c);
        note_queue(t);
    }
    return done;
}

static ssize_t
tcp_sock_send(struct file *f, struct io *io)
{
    struct tcp_sock *t = tcp_file(f);
    int64_t n;

    if (!t->c)
        return -EPIPE;
    n = tcp_send(t->c, io->iov, io->n, io->flags & MSG_MORE);
    if (n == -EAGAIN)
        t->wants_room = true;
    else if (n == -ENOTCONN)
        n = -EPIPE;
    else if (n > 0)
        note_queue(t);
    return (ssize_t)n;
}

static unsigned
tcp_sock_poll(struct file *f)
{
    struct tcp_sock *t = tcp_file(f);
    unsigned events = EPOLLOUT | EPOLLHUP; /* neither nor, as in Linux */

    if (t->c)
        events = conn_poll(t);
    else if (t->l)
        events = tcp_listener_poll(t->l) & EPOLLIN;
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

    sock_note_close(&t->s);
    list_remove(&t->bound);
    if (t->l)
        tcp_unlisten(t->l);
    if (t->c && t->s.linger.l_onoff && !t->s.linger.l_linger)
        tcp_abort(t->c);
    else if (t->c)
        tcp_close(t->c);
    free(t);
}

static int
tcp_sock_error(struct sock *s)
{
    struct tcp_sock *t = tcp_sock_of(s);

    return t->c ? tcp_error(t->c) : 0;
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
tcp_sock_unsent(struct sock *s)
{
    struct tcp_sock *t = tcp_sock_of(s);

    if (t->l)
        return -EINVAL;
    return t->c ? (int)tcp_unsent(t->c) : 0;
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
    .getraw = tcp_sock_getraw};

static const struct file_ops tcp_ops = {.recv = tcp_sock_recv,
    .send = tcp_sock_send,
    .poll = tcp_sock_poll,
    .close = tcp_sock_close,
    .sock = &tcp_sock_ops};
