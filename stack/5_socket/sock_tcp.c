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
#include "ip.h"
#include "sock_tcp.h"
#include "tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
    SOMAXCONN_SYSCTL = 4096, /* net.core.somaxconn */
    PORT_LOW = 32768,        /* net.ipv4.ip_local_port_range */
    PORT_HIGH = 60999
};

static struct tcp_sock *
tcp_file(struct file *f)
{
    return tcp_sock_of(sock_of(f));
}

/* --- news from TCP ------------------------------------------------------- */

static void
note_queue(struct tcp_sock *t)
{
    if (journal_wants(t->s.f.k->env->journal, EV_SOCKET_QUEUE))
        sock_note_queue(&t->s, tcp_readable(t->c), tcp_unsent(t->c));
}

static void
conn_told(struct tcp_sock *t)
{
    const unsigned ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    unsigned now = tcp_poll(t->c);
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

static bool
conflicts(const struct tcp_sock *a, const struct tcp_sock *b)
{
    if (a == b || a->local.port != b->local.port)
        return false;
    if (a->local.addr.v && b->local.addr.v &&
        !ipv4_eq(a->local.addr, b->local.addr))
        return false;
    /* SO_REUSEADDR on both, and nobody listens: socket(7). */
    return !a->s.reuse_addr || !b->s.reuse_addr || b->s.listening;
}

static bool
port_taken(const struct tcp_sock *t)
{
    struct link *head = &t->s.f.k->bound;

    for (struct link *l = head->next; l != head; l = l->next)
        if (conflicts(t, LW_CONTAINER(l, struct tcp_sock, bound)))
            return true;
    return false;
}

/* Reserves local; port 0 stands for any that is free. */
static int
reserve(struct tcp_sock *t, struct tcp_end local)
{
    struct kernel *k = t->s.f.k;
    unsigned range = PORT_HIGH - PORT_LOW + 1, first, tries = 0;

    t->local = local;
    if (local.port) {
        if (port_taken(t))
            return -EADDRINUSE;
        list_add(&k->bound, &t->bound);
        return 0;
    }
    first = (unsigned)rng_below(&k->env->rng, range);
    do {
        t->local.port = (uint16_t)(PORT_LOW + (first + tries) % range);
    } while (port_taken(t) && ++tries < range);
    if (tries == range)
        return -EADDRINUSE;
    list_add(&k->bound, &t->bound);
    return 0;
}

static int
tcp_sock_bind(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct tcp_sock *t = tcp_sock_of(s);
    struct tcp_end local;
    int err = sock_addr_in(addr, len, &local.addr, &local.port);

    if (err)
        return err;
    if (t->c || t->l || !list_empty(&t->bound))
        return -EINVAL;
    if (local.addr.v && !ip_is_ours(s->f.k->ip, local.addr))
        return -EADDRNOTAVAIL;
    err = reserve(t, local);
    if (err)
        t->local = (struct tcp_end){0};
    return err;
}

static int
tcp_sock_name(
    struct sock *s, bool peer, struct sockaddr_storage *addr, socklen_t *len)
{
    struct tcp_sock *t = tcp_sock_of(s);
    struct tcp_end e = t->local;

    if (peer) {
        if (!t->c || tcp_state(t->c) == TCP_CLOSED ||
            tcp_state(t->c) == TCP_SYN_SENT)
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
    if (backlog < 0 || backlog > SOMAXCONN_SYSCTL)
        backlog = SOMAXCONN_SYSCTL;
    s->backlog = backlog;
    if (t->l) {
        tcp_set_backlog(t->l, backlog);
        return 0;
    }
    if (list_empty(&t->bound)) {
        err = reserve(t, (struct tcp_end){0});
        if (err)
            return err;
    } else if (port_taken(t)) {
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
    tcp_set_socket(c, t->s.f.no);
    t->readable = tcp_readable(c);
    t->ended = tcp_poll(c) & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    t->s.f.cause_in = s->f.cause_in;
    sock_note_backlog(s, tcp_listener_waiting(l->l));
    *out = &t->s;
    return 0;
}

/* --- calling ------------------------------------------------------------- */

/* A connect that began before: how does it stand? */
static int
connect_again(struct tcp_sock *t)
{
    int err;

    if (!t->connecting)
        return -EISCONN;
    if (tcp_state(t->c) == TCP_SYN_SENT || tcp_state(t->c) == TCP_SYN_RECEIVED)
        return -EALREADY;
    t->connecting = false;
    if (tcp_state(t->c) != TCP_CLOSED)
        return 0;
    err = tcp_error(t->c);
    tcp_close(t->c);
    t->c = NULL; /* the next connect begins afresh */
    t->wants_room = true;
    t->ended = 0;
    return err ? -err : -ECONNABORTED;
}

static int
tcp_sock_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct tcp_sock *t = tcp_sock_of(s);
    struct tcp_end remote;
    int err = sock_addr_in(addr, len, &remote.addr, &remote.port);

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
    err = tcp_connect(s->f.k->tcp, t->local, remote, told, t, &t->c);
    if (err) {
        t->connecting = false;
        return err;
    }
    tcp_set_socket(t->c, s->f.no);
    err = tcp_sock_apply(t);
    if (err)
        return err;
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
    if (!t->c)
        return -ENOTCONN;
    if (how != SHUT_RD)
        err = tcp_shutdown(t->c);
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

    if (!t->c)
        return -ENOTCONN;
    for (int i = 0; i < io->n; i++) {
        int64_t n =
            tcp_recv(t->c, io->iov[i].iov_base, io->iov[i].iov_len, peek);

        if (n == -ENOTCONN && t->connecting)
            n = -EAGAIN;
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
        events = tcp_poll(t->c);
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

static const struct sock_ops tcp_sock_ops = {.bind = tcp_sock_bind,
    .listen = tcp_sock_listen,
    .accept = tcp_sock_accept,
    .connect = tcp_sock_connect,
    .shutdown = tcp_sock_shutdown,
    .name = tcp_sock_name,
    .setopt = tcp_sock_setopt,
    .getopt = tcp_sock_getopt,
    .error = tcp_sock_error,
    .readable = tcp_sock_readable};

static const struct file_ops tcp_ops = {.recv = tcp_sock_recv,
    .send = tcp_sock_send,
    .poll = tcp_sock_poll,
    .close = tcp_sock_close,
    .sock = &tcp_sock_ops};
