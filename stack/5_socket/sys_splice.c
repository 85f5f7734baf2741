/*
 * sys_splice.c: splice(2) and tee(2): bytes go between a pipe and something
 * else without passing through the program. A proxy moves a connection's
 * bytes into a pipe and out of it again:
 *
 *     socket --recv--> [ the pipe's own buffer ] --send--> socket
 *
 * Each arrow is one copy, straight into or out of the pipe's buffer, where
 * read(2) and write(2) would need two. (Linux moves pages, and makes none
 * where the card allows it; SPLICE_F_MOVE asks for what happens anyway.)
 */
#include "sys.h"
#include "disk_file.h"
#include "pipe.h"
#include "sock.h"
#include "strace.h"
#include "sys_io.h"

#include <errno.h>

enum {
    SPLICE_ALL =
        SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT
};

/* One call's ends and how it may wait. */
struct splice {
    struct proc *p;
    struct file *in, *out;
    off_t *off_in, *off_out; /* NULL: where the file stands */
    size_t len;
    unsigned flags;
};

static bool
may_wait(const struct splice *s, const struct file *pipe)
{
    return !(s->flags & SPLICE_F_NONBLOCK) && !(pipe->flags & O_NONBLOCK);
}

/* Waits for room in the pipe `out`. 0, -EAGAIN or -EPIPE. */
static int
await_room(const struct splice *s)
{
    struct ring *r = pipe_ring(s->out, true);

    for (;;) {
        if (pipe_alone(s->out))
            return -EPIPE;
        if (r->len < r->limit)
            return 0;
        if (!may_wait(s, s->out))
            return -EAGAIN;
        file_wait(s->p, s->out, EPOLLOUT | EPOLLERR, false, -1);
    }
}

/* Waits for bytes in the pipe `in`. 1, or 0: there will be none; -EAGAIN. */
static int
await_bytes(const struct splice *s)
{
    struct ring *r = pipe_ring(s->in, false);

    while (!r->len) {
        if (pipe_alone(s->in))
            return 0;
        if (!may_wait(s, s->in))
            return -EAGAIN;
        file_wait(s->p, s->in, EPOLLIN | EPOLLHUP, false, -1);
    }
    return 1;
}

/* --- into a pipe --------------------------------------------------------- */

static ssize_t
read_once(const struct splice *s, struct iovec *part, int n)
{
    ssize_t got;

    if (s->off_in)
        got = disk_file_pread(
            s->in, part[0].iov_base, part[0].iov_len, *s->off_in);
    else
        got = s->in->ops->recv(s->in, &(struct io){.iov = part, .n = n});
    if (s->off_in && got > 0)
        *s->off_in += got;
    return got == -EISDIR ? -EINVAL : got; /* splice(2) */
}

/* splice(2) takes nothing beyond the mark of urgent data: read(2) must pass
 * it first. */
static bool
at_mark(struct file *f)
{
    const struct sock_ops *ops = f->ops->sock;

    return ops && ops->at_mark && ops->at_mark(sock_of(f));
}

static ssize_t
into_pipe(const struct splice *s)
{
    struct ring *r = pipe_ring(s->out, true);
    struct patience w = sock_patience(s->in, 0, false);
    struct iovec part[2];
    ssize_t n = await_room(s);
    int parts;

    if (n)
        return n;
    if (s->in->ops->sock && sock_of(s->in)->domain == AF_UNIX &&
        (s->flags & SPLICE_F_NONBLOCK))
        w.ns = 0;
    for (;;) {
        parts = ring_room_parts(r, s->len, part);
        if (parts <= 0)
            return parts ? parts : -EAGAIN; /* filled while we slept */
        n = at_mark(s->in) ? -EAGAIN : read_once(s, part, parts);
        if (n != -EAGAIN)
            break;
        if (w.ns != 0 && at_mark(s->in) &&
            (s->in->ops->poll(s->in) & (EPOLLIN | EPOLLPRI)))
            return 0; /* for what is there, waiting does not help */
        if (!sock_wait(
                s->p, s->in, EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR, &w))
            return -EAGAIN;
    }
    if (n > 0) {
        ring_added(r, (size_t)n);
        pipe_moved(s->out, EPOLLIN);
    }
    return n;
}

/* --- out of a pipe ------------------------------------------------------- */

static ssize_t
write_once(const struct splice *s, struct iovec *part, int n, bool more)
{
    if (s->off_out)
        return disk_file_pwrite(s->out, part, n, s->off_out);
    return s->out->ops->send(s->out,
        &(struct io){.iov = part, .n = n, .flags = more ? MSG_MORE : 0});
}

static ssize_t
out_of_pipe(const struct splice *s)
{
    struct ring *r = pipe_ring(s->in, false);
    struct patience w = sock_patience(s->out, 0, true);
    size_t done = 0;
    ssize_t n = await_bytes(s);

    if (n <= 0)
        return n;
    while (done < s->len && r->len) {
        struct iovec part[2];
        int parts = ring_parts(r, s->len - done, part);
        bool more = (s->flags & SPLICE_F_MORE) || r->len > s->len - done;

        n = write_once(s, part, parts, more);
        if (n > 0) {
            ring_take(r, (size_t)n);
            pipe_moved(s->in, EPOLLOUT);
            done += (size_t)n;
        } else if (n != -EAGAIN || done ||
                   !sock_wait(
                       s->p, s->out, EPOLLOUT | EPOLLHUP | EPOLLERR, &w)) {
            return done ? (ssize_t)done : n;
        }
    }
    return (ssize_t)done;
}

/* From one pipe to another. keep: the bytes stay in the first (tee). */
static ssize_t
between_pipes(const struct splice *s, bool keep)
{
    struct ring *from = pipe_ring(s->in, false);
    struct ring *to = pipe_ring(s->out, true);
    struct iovec part[2];
    ssize_t n = await_bytes(s);
    int parts;

    if (n > 0 && (n = await_room(s)) == 0) {
        parts = ring_parts(from, s->len, part);
        n = ring_write(to, part, parts);
    }
    if (n > 0) {
        if (!keep) {
            ring_take(from, (size_t)n);
            pipe_moved(s->in, EPOLLOUT);
        }
        pipe_moved(s->out, EPOLLIN);
    }
    return n;
}

/* --- the calls ----------------------------------------------------------- */

static bool
readable(const struct file *f)
{
    return (f->flags & O_ACCMODE) != O_WRONLY;
}

static bool
writable(const struct file *f)
{
    return (f->flags & O_ACCMODE) != O_RDONLY;
}

/* The order of the checks is Linux's. */
static ssize_t
splice_ends(const struct splice *s)
{
    bool from = s->in && is_pipe(s->in), to = s->out && is_pipe(s->out);

    if (!s->len)
        return 0;
    if (s->flags & ~(unsigned)SPLICE_ALL)
        return -EINVAL;
    if (!s->in || !s->out)
        return -EBADF;
    if ((from && s->off_in) || (to && s->off_out))
        return -ESPIPE;
    if (!readable(s->in) || !writable(s->out))
        return -EBADF;
    if (from && to)
        return pipe_ring(s->in, false) == pipe_ring(s->out, true)
                   ? -EINVAL
                   : between_pipes(s, false);
    if ((s->off_in && !is_disk_file(s->in)) ||
        (s->off_out && !is_disk_file(s->out)))
        return -EINVAL;
    if (from) /* splice(2): nothing goes to the end of a file */
        return s->out->flags & O_APPEND ? -EINVAL : out_of_pipe(s);
    return to ? into_pipe(s) : -EINVAL;
}

static const char *
offset_text(const off_t *off)
{
    return off ? "[...]" : "NULL";
}

ssize_t
sys_splice(struct proc *p, int fd_in, off_t *off_in, int fd_out, off_t *off_out,
    size_t len, unsigned flags)
{
    struct splice s = {p, NULL, NULL, off_in, off_out, len, flags};
    ssize_t n;

    call_begin(p, CALL_splice);
    s.in = fd_get(p, fd_in);
    s.out = fd_get(p, fd_out);
    n = splice_ends(&s);
    if (n >= 0 && s.in)
        journal_enter(p->k->env->journal, s.in->cause_in);
    CALL_END(p, fd_out, n, "%d, %s, %d, %s, %zu, %s", fd_in,
        offset_text(off_in), fd_out, offset_text(off_out), len,
        tr_flags_splice(p, flags));
    io_broken_pipe(p, fd_out, n, 0);
    return n;
}

static ssize_t
tee_pipes(const struct splice *s)
{
    if (s->flags & ~(unsigned)SPLICE_ALL)
        return -EINVAL;
    if (!s->len)
        return 0;
    if (!s->in || !s->out || !readable(s->in) || !writable(s->out))
        return -EBADF;
    if (!is_pipe(s->in) || !is_pipe(s->out) ||
        pipe_ring(s->in, false) == pipe_ring(s->out, true))
        return -EINVAL;
    return between_pipes(s, true);
}

ssize_t
sys_tee(struct proc *p, int fd_in, int fd_out, size_t len, unsigned flags)
{
    struct splice s = {p, NULL, NULL, NULL, NULL, len, flags};
    ssize_t n;

    call_begin(p, CALL_tee);
    s.in = fd_get(p, fd_in);
    s.out = fd_get(p, fd_out);
    n = tee_pipes(&s);
    CALL_END(p, fd_out, n, "%d, %d, %zu, %s", fd_in, fd_out, len,
        tr_flags_splice(p, flags));
    io_broken_pipe(p, fd_out, n, 0);
    return n;
}
