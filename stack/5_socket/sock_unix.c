/*
 * sock_unix.c: Unix stream sockets (unix(7)): connections that never leave
 * the computer. No packets, no ports, no handshake: connect(2) makes the
 * server's end at once and puts it into the listener's queue, and a write
 * puts bytes straight into the peer's receive queue.
 *
 *     client            listener "/run/php-fpm.sock"
 *       | peer            | queue (backlog)
 *       v                 v
 *     server end <------ server end, server end, ... wait for accept(2)
 *
 * Names: sock_unix_name.c. What is sent and received: sock_unix_msg.c.
 * Datagrams: sock_unix_dgram.c. Connections that keep messages apart are made
 * and ended here as well: sock_unix_seqpacket.c.
 */
#include "sock_unix.h"
#include "flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/un.h>

enum {
    UNIX_BUFFER = 212992,    /* net.core.wmem_default */
    UNIX_MESSAGES = 1 << 30, /* of messages: sock_unix_dgram.c has the limit */
};

/* --- connections --------------------------------------------------------- */

static int
caller(const struct kernel *k)
{
    return k->current ? k->current->pid : 0;
}

struct unix_sock *
unix_new(struct kernel *k, int type)
{
    struct unix_sock *u = calloc(1, sizeof *u);

    if (!u)
        return NULL;
    u->rcv.limit = type == SOCK_STREAM ? UNIX_BUFFER : UNIX_MESSAGES;
    list_init(&u->queue);
    list_init(&u->waiting);
    list_init(&u->waits);
    list_init(&u->link);
    list_init(&u->holds);
    list_init(&u->reached);
    u->marks_end = &u->marks;
    list_init(&u->fans);
    list_init(&u->fan);
    sock_init(&u->s, k,
        type == SOCK_STREAM  ? &unix_ops
        : type == SOCK_DGRAM ? &unix_dgram_ops
                             : &unix_seqpacket_ops,
        AF_UNIX, type, 0);
    return u;
}

struct sock *
unix_sock_new(struct kernel *k, int type)
{
    struct unix_sock *u = unix_new(k, type);

    return u ? &u->s : NULL;
}

/* What I write waits in the peer's queue: my SO_SNDBUF is its limit. */
static void
limit_peer(struct unix_sock *u)
{
    struct ring *r = u->peer ? &u->peer->rcv : NULL;
    int set = sock_rare_of(&u->s)->sndbuf;
    size_t most = set ? (size_t)set : UNIX_BUFFER;

    if (r)
        r->limit = most > r->len ? most : r->len;
}

static void
join(struct unix_sock *a, struct unix_sock *b)
{
    a->peer = b;
    b->peer = a;
    a->state = b->state = UNIX_CONNECTED;
    if (a->s.type == SOCK_STREAM) {
        limit_peer(a);
    } else { /* each is told when the other's queue has room */
        list_add(&a->fans, &b->fan);
        list_add(&b->fans, &a->fan);
    }
}

int
unix_sock_pair(struct kernel *k, int type, struct sock *out[2])
{
    struct unix_sock *a = unix_new(k, type), *b = a ? unix_new(k, type) : NULL;

    if (!b) {
        if (a)
            file_put(&a->s.f);
        return -ENOMEM;
    }
    join(a, b);
    a->peer_pid = b->peer_pid = caller(k);
    out[0] = &a->s;
    out[1] = &b->s;
    return 0;
}

static int
unix_listen(struct sock *s, int backlog)
{
    struct unix_sock *u = unix_of(s);

    if (!u->addr.n || u->state == UNIX_CONNECTED)
        return -EINVAL;
    u->state = UNIX_LISTENING;
    u->peer_pid = caller(s->f.k); /* as whom its clients will know it */
    s->backlog = backlog;
    unix_wake_waiting(u); /* there may be room now */
    return 0;
}

static int
unix_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct unix_sock *u = unix_of(s), *l, *end;
    int err = unix_find(u, addr, len, &l);

    if (err)
        return err;
    if (l->state != UNIX_LISTENING || l->shut_rcv)
        return -ECONNREFUSED;
    if (u->state != UNIX_CLOSED)
        return u->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
    /* One more than the backlog, as in Linux (unix_recvq_full). */
    if (l->queued > (unsigned)l->s.backlog) {
        return file_nonblocking(&s->f, 0) ? -EAGAIN : unix_wait_for(u, l);
    }
    end = unix_new(s->f.k, s->type);
    if (!end)
        return -ENOMEM;
    if (sock_rare_of(&l->s)->passcred) {
        if (!sock_rare_own(&end->s)) {
            file_put(&end->s.f);
            return -ENOMEM;
        }
        end->s.rare->passcred = true;
    }
    join(u, end);
    end->s.f.cause_in = s->f.k->env->journal->cause;
    end->addr = u->peer_addr = l->addr;
    end->peer_addr = u->addr;
    u->peer_pid = l->peer_pid;
    end->peer_pid = caller(s->f.k);
    end->listener = l;
    list_add(&l->queue, &end->link);
    l->queued++;
    sock_note_connect(s, addr, len);
    sock_note_backlog(&l->s, l->queued);
    file_tell(&l->s.f, EPOLLIN);
    return 0;
}

static int
unix_accept(struct sock *s, struct sock **out)
{
    struct unix_sock *l = unix_of(s), *end;

    if (l->state != UNIX_LISTENING)
        return -EINVAL;
    if (list_empty(&l->queue))
        return l->shut_rcv && !file_nonblocking(&s->f, 0) ? -EINVAL : -EAGAIN;
    end = LW_CONTAINER(l->queue.next, struct unix_sock, link);
    list_remove(&end->link);
    end->listener = NULL;
    l->queued--;
    sock_note_backlog(s, l->queued);
    unix_wake_waiting(l);
    *out = &end->s;
    return 0;
}

static void
tell_ends(struct unix_sock *u)
{
    file_tell(&u->s.f, EPOLLIN | EPOLLOUT | EPOLLRDHUP |
                           (u->shut_rcv && u->shut_snd ? EPOLLHUP : 0u));
}

/* Ends directions of u, and tells its sleepers and its peer's. */
static void
shut(struct unix_sock *u, bool rcv, bool snd)
{
    struct unix_sock *p = u->peer;

    u->shut_rcv |= rcv;
    u->shut_snd |= snd;
    u->s.f.quiet = true;
    tell_ends(u);
    u->s.f.quiet = false;
    if (!p)
        return;
    p->shut_rcv |= snd;
    p->shut_snd |= rcv;
    tell_ends(p);
}

static int
unix_shutdown(struct sock *s, int how)
{
    struct unix_sock *u = unix_of(s);

    if (u->state == UNIX_LISTENING && how != SHUT_WR)
        unix_wake_waiting(u); /* refused */
    shut(u, how != SHUT_WR, how != SHUT_RD);
    return 0;
}

static unsigned
unix_poll(struct file *f)
{
    struct unix_sock *u = unix_file(f);
    unsigned events = 0;

    if (u->rcv.len || u->shut_rcv || !list_empty(&u->queue))
        events |= EPOLLIN | EPOLLRDNORM;
    if (u->shut_rcv)
        events |= EPOLLRDHUP;
    if (u->err)
        events |= EPOLLERR;
    if ((u->shut_rcv && u->shut_snd) || u->state == UNIX_CLOSED)
        events |= EPOLLHUP;
    if (u->state != UNIX_LISTENING &&
        (!u->peer || u->peer->rcv.len < u->peer->rcv.limit))
        events |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
    return events;
}

static void
listener_close(struct unix_sock *l)
{
    while (!list_empty(&l->queue)) {
        struct unix_sock *end =
            LW_CONTAINER(l->queue.next, struct unix_sock, link);

        list_remove(&end->link);
        end->listener = NULL;
        if (end->peer)
            end->peer->err = ECONNRESET; /* never accepted */
        file_put(&end->s.f);
    }
    unix_wake_waiting(l);
}

void
unix_free(struct unix_sock *u)
{
    struct kernel *k = u->s.f.k;

    unix_forget(u);
    ring_free(&u->rcv);
    free(u);
    flight_settle(k);
}

void
unix_close(struct file *f)
{
    struct unix_sock *u = unix_file(f);

    sock_fini(&u->s);
    unix_name_leave(f->k, &u->name);
    listener_close(u);
    unix_wait_end(u);
    list_remove(&u->fan);
    if (u->peer) {
        if (u->rcv.len)
            u->peer->err = ECONNRESET; /* unread bytes are thrown away */
        shut(u, true, true);
        list_remove(&u->peer->fan);
        u->peer->peer = NULL;
    }
    unix_free(u);
}

/* --- what else can be asked ---------------------------------------------- */

int
unix_setopt(struct sock *s, int level, int name, int value)
{
    int err;

    if (level != SOL_SOCKET)
        return -EOPNOTSUPP;
    err = sock_set_buffer(s, name, value);
    if (s->type == SOCK_STREAM)
        limit_peer(unix_of(s));
    return err;
}

int
unix_getopt(struct sock *s, int level, int name, int *value)
{
    return level == SOL_SOCKET ? sock_get_buffer(s, name, value) : -EOPNOTSUPP;
}

/* SO_PEERCRED: who connected, listened or made the pair, at that time. */
int
unix_getraw(struct sock *s, int level, int name, void *value, socklen_t *len)
{
    int pid = unix_of(s)->peer_pid;
    struct ucred who = {pid, pid ? 0 : (uid_t)-1, pid ? 0 : (gid_t)-1};

    if (level != SOL_SOCKET || name != SO_PEERCRED)
        return -ENOPROTOOPT;
    return sock_give(&who, sizeof who, value, len);
}

int
unix_error(struct sock *s)
{
    struct unix_sock *u = unix_of(s);
    int err = u->err;

    u->err = 0;
    return err;
}

/* SIOCOUTQ: what the peer has not read yet. */
int
unix_unsent(struct sock *s, bool never)
{
    const struct unix_sock *u = unix_of(s);

    if (never)
        return -ENOTTY;
    return u->peer && u->peer->peer == u ? (int)u->peer->rcv.len : 0;
}

static int
unix_readable(struct sock *s)
{
    struct unix_sock *u = unix_of(s);

    return u->state == UNIX_LISTENING ? -EINVAL : (int)u->rcv.len;
}

const struct sock_ops unix_sock_ops = {.bind = unix_bind,
    .listen = unix_listen,
    .accept = unix_accept,
    .connect = unix_connect,
    .shutdown = unix_shutdown,
    .name = unix_name,
    .setopt = unix_setopt,
    .getopt = unix_getopt,
    .error = unix_error,
    .readable = unix_readable,
    .unsent = unix_unsent,
    .getraw = unix_getraw};

const struct file_ops unix_ops = {.recv = unix_recv,
    .send = unix_send,
    .poll = unix_poll,
    .close = unix_close,
    .left = flight_left,
    .sock = &unix_sock_ops,
    .signals = true};
