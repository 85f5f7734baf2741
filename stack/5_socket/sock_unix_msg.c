/*
 * sock_unix_msg.c: bytes through a Unix socket, and what goes with them
 * (unix(7)): open descriptors (SCM_RIGHTS) and who has written them
 * (SCM_CREDENTIALS, SO_PASSCRED).
 *
 * A stream has no messages, but descriptors divide it: a read that takes some
 * ends with the bytes that were sent together with them. With SO_PASSCRED a
 * read also ends where the next byte is somebody else's.
 *
 * Every program here is the user 0 without privileges: it can tell nobody's
 * name but its own.
 */
#include "sock_unix.h"
#include "control.h"
#include "flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static void
note_queue(struct unix_sock *u)
{
    sock_note_queue(&u->s, u->rcv.len, u->peer ? u->peer->rcv.len : 0);
}

/* --- what a program sends ------------------------------------------------ */

static struct unix_mark *
mark_new(unsigned room)
{
    struct unix_mark *m = malloc(sizeof *m + room * sizeof *m->at);

    if (m)
        *m = (struct unix_mark){.next = NULL};
    return m;
}

/* One that was never sent: the sender has the descriptors still. */
void
unix_mark_free(struct unix_mark *m)
{
    for (unsigned i = 0; m && i < m->n; i++)
        file_put(m->at[i]);
    free(m);
}

/* One message more of descriptors. -EINVAL: too many; -EBADF. */
static int
add_rights(struct proc *p, const struct control *c, struct unix_mark *m)
{
    size_t n = c->len / sizeof(int);

    if (n > UNIX_RIGHTS || m->n + n > UNIX_RIGHTS)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        struct file *f;
        int fd;

        memcpy(&fd, c->data + i * sizeof fd, sizeof fd);
        f = fd_get(p, fd);
        if (!f)
            return -EBADF;
        f->refs++;
        m->at[m->n++] = f;
    }
    return 0;
}

/* credentials(7): nobody lies about who he is. */
static int
check_credentials(const struct proc *p, const struct control *c)
{
    struct ucred who;

    if (c->len != sizeof who)
        return -EINVAL;
    memcpy(&who, c->data, sizeof who);
    return who.pid == p->pid && !who.uid && !who.gid ? 0 : -EPERM;
}

/* The control messages of io, into m. */
static int
read_control(struct proc *p, const struct io *io, struct unix_mark *m)
{
    struct control c;
    size_t at = 0;
    int more, err = 0;

    while ((more = control_next(io, &at, &c)) > 0) {
        if (c.level != SOL_SOCKET)
            continue;
        switch (c.type) {
        case SCM_RIGHTS: err = add_rights(p, &c, m); break;
        case SCM_CREDENTIALS:
            err = check_credentials(p, &c);
            m->pid = p->pid;
            break;
        default: err = -EINVAL; break;
        }
        if (err)
            return err;
    }
    return more;
}

int
unix_mark_of(struct unix_sock *u, const struct unix_sock *to,
    const struct io *io, bool always, struct unix_mark **out)
{
    struct proc *p = u->s.f.k->current;
    bool tell =
        sock_rare_of(&u->s)->passcred || (to && sock_rare_of(&to->s)->passcred);
    bool control = io->control && io->controllen;
    struct unix_mark *m, *smaller;
    int err = 0;

    *out = NULL;
    if (!always && (!p || (!control && !tell)))
        return 0;
    m = mark_new(control ? UNIX_RIGHTS : 0);
    if (!m)
        return -ENOMEM;
    if (control && p)
        err = read_control(p, io, m);
    if (tell && p)
        m->pid = p->pid;
    if (err || (!always && !m->n && !m->pid)) {
        unix_mark_free(m);
        return err;
    }
    smaller = realloc(m, sizeof *m + m->n * sizeof *m->at);
    *out = smaller ? smaller : m;
    return 0;
}

void
unix_attach(
    struct unix_sock *u, struct unix_mark *m, uint64_t from, uint64_t to)
{
    m->from = from;
    m->to = to;
    *u->marks_end = m;
    u->marks_end = &m->next;
    flight_begin(u, m);
}

/* n bytes have been put into the queue of u, and m belongs to them: the
 * descriptors to the first piece, the name to all, for which there is `rest`
 * when m has both. */
static void
attach(
    struct unix_sock *u, struct unix_mark *m, struct unix_mark *rest, size_t n)
{
    uint64_t to = u->taken + u->rcv.len, from = to - n;

    if (!m->n || n <= UNIX_PIECE) {
        unix_attach(u, m, from, to);
        free(rest);
        return;
    }
    unix_attach(u, m, from, from + UNIX_PIECE);
    if (!rest)
        return;
    rest->pid = m->pid;
    unix_attach(u, rest, from + UNIX_PIECE, to);
}

static ssize_t
put(struct unix_sock *u, const struct io *io, struct unix_mark *m)
{
    struct unix_sock *to = u->peer;
    struct unix_mark *rest = NULL;
    ssize_t n;

    if (io->addr)
        return u->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
    if (u->state != UNIX_CONNECTED)
        return -ENOTCONN;
    if (u->shut_snd)
        return -EPIPE;
    if (!iov_total(io->iov, io->n))
        return 0; /* and the descriptors go nowhere, as in Linux */
    if (to->rcv.len >= to->rcv.limit) {
        u->wants_room = true;
        return -EAGAIN;
    }
    n = flight_may_begin(u->s.f.k, m ? m->n : 0);
    if (n < 0)
        return n;
    if (m && m->n && m->pid && !(rest = mark_new(0)))
        return -ENOMEM;
    n = ring_write(&to->rcv, io->iov, io->n);
    if (n >= 0 && (size_t)n < iov_total(io->iov, io->n))
        u->wants_room = true;
    if (n < 0) {
        free(rest);
        return n;
    }
    if (m)
        attach(to, m, rest, (size_t)n);
    note_queue(to);
    file_tell(&to->s.f, EPOLLIN);
    return n;
}

ssize_t
unix_send(struct file *f, struct io *io)
{
    struct unix_sock *u = unix_file(f);
    struct unix_mark *m;
    ssize_t n = unix_mark_of(u, u->peer, io, false, &m);

    if (n < 0)
        return n;
    if (m && m->n)
        flight_make_room(f->k);
    n = put(u, io, m);
    if (n <= 0)
        unix_mark_free(m);
    return n;
}

/* --- what a program receives --------------------------------------------- */

/* What one read takes: never more than `size`. */
struct portion {
    size_t size;
    int pid;                /* who wrote its first byte; 0: not told */
    struct unix_mark *with; /* whose descriptors come with it; or NULL */
    bool ends;              /* the next byte belongs to another message */
};

static struct portion
portion_of(const struct unix_sock *u, size_t size)
{
    uint64_t at = u->taken, end = at + (size < u->rcv.len ? size : u->rcv.len);
    bool apart = sock_rare_of(&u->s)->passcred;
    struct unix_mark *m = u->marks;
    struct portion part = {.pid = m && m->from <= at ? m->pid : 0};

    do {
        bool inside = m && m->from <= at;

        if (apart && (inside ? m->pid : 0) != part.pid) {
            end = at;
            part.ends = true;
        } else if (inside && m->n) {
            part.with = m;
            part.ends = true;
            end = end < m->to ? end : m->to;
            at = end;
        } else if (inside) {
            at = m->to;
            m = m->next;
        } else {
            at = m ? m->from : end;
        }
    } while (at < end);
    part.size = (size_t)(end - u->taken);
    return part;
}

/* SCM_CREDENTIALS: once for a read, however many steps it takes. */
void
unix_tell_writer(const struct unix_sock *u, int pid, struct io *io)
{
    struct ucred who = {pid, pid ? 0 : UNIX_NOBODY, pid ? 0 : UNIX_NOBODY};

    if (!sock_rare_of(&u->s)->passcred || io->writer)
        return;
    io->writer = 1 + pid;
    control_put(io, SOL_SOCKET, SCM_CREDENTIALS, &who, sizeof who);
}

/* New descriptors for as many files as fit into the control buffer, and as
 * the process may open. */
void
unix_receive(
    struct unix_sock *u, struct file *const *at, unsigned n, struct io *io)
{
    struct proc *p = u->s.f.k->current;
    size_t room = io->control ? io->controllen - io->controlled : 0;
    size_t most = room > sizeof(struct cmsghdr)
                      ? (room - sizeof(struct cmsghdr)) / sizeof(int)
                      : 0;
    int fds[UNIX_RIGHTS];
    unsigned done = 0;

    while (p && done < n && done < most) {
        int fd = fd_add(p, at[done], io->flags & MSG_CMSG_CLOEXEC, 0);

        if (fd < 0)
            break;
        at[done]->refs++;
        fds[done++] = fd;
    }
    if (done)
        control_put(io, SOL_SOCKET, SCM_RIGHTS, fds, done * sizeof *fds);
    if (done < n)
        io->msg_flags |= MSG_CTRUNC;
}

/* The marks of bytes that were read are not needed any more. */
static void
trim(struct unix_sock *u)
{
    while (u->marks && u->marks->to <= u->taken) {
        struct unix_mark *m = u->marks;

        u->marks = m->next;
        if (!u->marks)
            u->marks_end = &u->marks;
        free(m);
    }
}

/* The descriptors that wait with m are received, or lost. */
void
unix_take_rights(struct unix_sock *u, struct unix_mark *m, struct io *io)
{
    unsigned n = m->n;

    unix_receive(u, m->at, n, io);
    flight_end(u, m);
    m->n = 0;
    for (unsigned i = 0; i < n; i++)
        file_put(m->at[i]);
}

/* What there is to say when there is nothing to read. */
static ssize_t
nothing(struct unix_sock *u)
{
    int err = u->err;

    u->err = 0;
    if (err)
        return -err;
    return u->shut_rcv ? 0 : -EAGAIN;
}

/* recvfrom(2): the peer's name, when it has one. */
static void
tell_name(const struct unix_sock *u, struct io *io)
{
    socklen_t len = sizeof *io->addr;

    if (!io->addr || !u->peer_addr.n)
        return;
    u->s.f.ops->sock->name((struct sock *)&u->s, SOCK_CALLER, io->addr, &len);
    io->addrlen = len;
}

/* u can write again. */
static void
tell_room(struct unix_sock *u)
{
    if (u->wants_room)
        file_tell(&u->s.f, EPOLLOUT);
    else
        file_wake(&u->s.f, EPOLLOUT);
    u->wants_room = false;
}

ssize_t
unix_recv(struct file *f, struct io *io)
{
    struct unix_sock *u = unix_file(f);
    bool peek = io->flags & MSG_PEEK;
    struct portion part;

    if (u->state != UNIX_CONNECTED)
        return -EINVAL;
    if (!u->rcv.len)
        return nothing(u);
    part = portion_of(u, iov_total(io->iov, io->n));
    io->ended = part.ends;
    if (io->writer && io->writer != 1 + part.pid) {
        io->ended = true; /* MSG_WAITALL: these bytes are another's */
        return 0;
    }
    ring_read(&u->rcv, part.size, io->iov, io->n, peek);
    tell_name(u, io);
    unix_tell_writer(u, part.pid, io);
    if (peek && part.with)
        unix_receive(u, part.with->at, part.with->n, io);
    if (peek)
        return (ssize_t)part.size;
    if (part.with)
        unix_take_rights(u, part.with, io);
    u->taken += part.size;
    trim(u);
    note_queue(u);
    if (u->peer)
        tell_room(u->peer);
    return (ssize_t)part.size;
}

void
unix_forget(struct unix_sock *u)
{
    while (u->marks) {
        struct unix_mark *m = u->marks;

        u->marks = m->next;
        flight_end(u, m);
        flight_drop(u->s.f.k, m);
    }
    u->marks_end = &u->marks;
}
