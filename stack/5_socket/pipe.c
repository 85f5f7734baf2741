/*
 * pipe.c: pipe(7): two ends of one queue. The reader sees end of file when
 * the last writer is gone; the writer gets EPIPE (and SIGPIPE, which is the
 * system call's business) when the last reader is.
 */
#include "pipe.h"
#include "sock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
    PIPE_SIZE = 65536,   /* pipe(7) */
    PIPE_BUF_SIZE = 4096 /* PIPE_BUF: smaller writes are not torn apart */
};

struct pipe_end {
    struct file f;
    struct pipe_end *other; /* NULL: closed */
    struct ring *ring;      /* shared; the last end frees it */
};

static struct pipe_end *
pipe_of(struct file *f)
{
    return LW_CONTAINER(f, struct pipe_end, f);
}

static ssize_t
pipe_recv(struct file *f, struct io *io)
{
    struct pipe_end *e = pipe_of(f);
    size_t total = iov_total(io->iov, io->n), n;

    if (!e->ring->len)
        return e->other && total ? -EAGAIN : 0;
    n = ring_read(e->ring, SIZE_MAX, io->iov, io->n, false);
    if (n && e->other)
        file_tell(&e->other->f, EPOLLOUT);
    return (ssize_t)n;
}

static ssize_t
pipe_send(struct file *f, struct io *io)
{
    struct pipe_end *e = pipe_of(f);
    size_t total = iov_total(io->iov, io->n);
    size_t left = e->ring->limit - e->ring->len;
    ssize_t n;

    if (!total) /* succeeds whatever the other end does */
        return 0;
    if (!e->other)
        return -EPIPE;
    if (!left || (total <= PIPE_BUF_SIZE && total > left))
        return -EAGAIN;
    n = ring_write(e->ring, io->iov, io->n);
    if (n > 0)
        file_tell(&e->other->f, EPOLLIN);
    return n;
}

static unsigned
read_poll(struct file *f)
{
    struct pipe_end *e = pipe_of(f);

    return (e->ring->len ? EPOLLIN | EPOLLRDNORM : 0u) |
           (e->other ? 0u : EPOLLHUP);
}

static unsigned
write_poll(struct file *f)
{
    struct pipe_end *e = pipe_of(f);
    bool room = e->ring->limit - e->ring->len >= PIPE_BUF_SIZE;

    return (room ? EPOLLOUT | EPOLLWRNORM : 0u) | (e->other ? 0u : EPOLLERR);
}

static void
pipe_close(struct file *f)
{
    struct pipe_end *e = pipe_of(f);

    if (e->other) {
        e->other->other = NULL;
        /* All its sleepers must look: for EOF, or for EPIPE. */
        file_tell(&e->other->f, EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLERR);
    } else {
        ring_free(e->ring);
        free(e->ring);
    }
    free(e);
}

static ssize_t
not_this_end(struct file *f, struct io *io)
{
    (void)f;
    (void)io;
    return -EBADF;
}

static const struct file_ops read_ops = {.recv = pipe_recv,
    .send = not_this_end,
    .poll = read_poll,
    .close = pipe_close,
    .signals = true};
static const struct file_ops write_ops = {.recv = not_this_end,
    .send = pipe_send,
    .poll = write_poll,
    .close = pipe_close,
    .signals = true};

struct ring *
pipe_ring(struct file *f, bool writes)
{
    if (f->ops != (writes ? &write_ops : &read_ops))
        return NULL;
    return pipe_of(f)->ring;
}

bool
is_pipe(const struct file *f)
{
    return f->ops == &read_ops || f->ops == &write_ops;
}

bool
pipe_alone(struct file *f)
{
    return !pipe_of(f)->other;
}

void
pipe_moved(struct file *f, unsigned events)
{
    if (pipe_of(f)->other)
        file_tell(&pipe_of(f)->other->f, events);
}

int
pipe_new(struct kernel *k, struct file *out[2])
{
    struct pipe_end *r = calloc(1, sizeof *r), *w = calloc(1, sizeof *w);
    struct ring *ring = calloc(1, sizeof *ring);

    if (!r || !w || !ring) {
        free(r);
        free(w);
        free(ring);
        return -ENOMEM;
    }
    ring->limit = PIPE_SIZE;
    file_init(&r->f, k, &read_ops, O_RDONLY);
    file_init(&w->f, k, &write_ops, O_WRONLY);
    r->other = w;
    w->other = r;
    r->ring = w->ring = ring;
    out[0] = &r->f;
    out[1] = &w->f;
    return 0;
}
