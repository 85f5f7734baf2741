/*
 * out.c: the bytes of answers on their way to a socket that may not take
 * them all. A queue of pieces: memory goes out with one writev for many
 * pieces, files with sendfile, without passing through the program.
 */
#include "request.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#define PIECES_MAX   64
#define SENDFILE_MAX 2147479552 /* what Linux sends at once */

void
out_put(struct conn *c, struct out *o)
{
    o->next = NULL;
    if (c->out_last)
        c->out_last->next = o;
    else
        c->out = o;
    c->out_last = o;
}

static struct out *
out_new(struct request *r)
{
    struct out *o = arena_alloc(&r->arena, sizeof(*o));

    if (!o)
        return NULL;
    o->fd = -1;
    out_put(r->conn, o);
    return o;
}

void
out_bytes(struct request *r, const void *at, size_t len)
{
    struct out *o = len > 0 ? out_new(r) : NULL;

    if (!o)
        return;
    o->at = at;
    o->len = len;
}

void
out_file(struct request *r, int fd, off_t offset, size_t len)
{
    struct out *o = out_new(r);

    if (!o)
        return;
    o->fd = fd;
    o->offset = offset;
    o->len = len;
}

static void
pop(struct conn *c)
{
    struct out *o = c->out;

    c->out = o->next;
    if (!c->out)
        c->out_last = NULL;
    if (o->sent)
        o->sent(o);
}

void
out_drop(struct conn *c)
{
    while (c->out)
        pop(c);
}

static ssize_t
send_memory(struct conn *c)
{
    struct iovec iov[PIECES_MAX];
    int n = 0;

    for (struct out *o = c->out; o && o->fd < 0 && n < PIECES_MAX; o = o->next)
        iov[n++] = (struct iovec){(void *)o->at, o->len};
    return sys_writev(c->worker->proc, c->source.fd, iov, n);
}

/* sendfile off: through memory, 32 KiB at a time (output_buffers). */
static ssize_t
send_copy(struct conn *c, struct out *o)
{
    size_t want = o->len < 32768 ? o->len : 32768;
    void *buf = malloc(want);
    ssize_t n = -ENOMEM;

    if (!buf)
        return n;
    n = sys_pread64(c->worker->proc, o->fd, buf, want, o->offset);
    if (n > 0) {
        struct iovec iov = {buf, (size_t)n};

        n = sys_writev(c->worker->proc, c->source.fd, &iov, 1);
    } else if (n == 0) {
        n = -EIO; /* the file became shorter */
    }
    free(buf);
    return n;
}

static ssize_t
send_file(struct conn *c, struct out *o)
{
    off_t at = o->offset;
    ssize_t n;

    if (!c->request->location->sendfile)
        return send_copy(c, o);
    n = sys_sendfile(c->worker->proc, c->source.fd, o->fd, &at,
        o->len < SENDFILE_MAX ? o->len : SENDFILE_MAX);
    return n == 0 ? -EIO : n;
}

static void
advance(struct conn *c, size_t n)
{
    c->sent += n;
    while (c->out && n >= c->out->len) {
        n -= c->out->len;
        pop(c);
    }
    if (n == 0 || !c->out)
        return;
    c->out->len -= n;
    if (c->out->fd >= 0)
        c->out->offset += (off_t)n;
    else
        c->out->at += n;
}

/* tcp_nopush: head and file leave in full segments (TCP_CORK). */
static void
cork(struct conn *c, int on)
{
    c->corked = on;
    sys_setsockopt(
        c->worker->proc, c->source.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

static int
wait_writable(struct conn *c)
{
    c->writable = false;
    if (worker_watch(c->worker, &c->source,
            EPOLLIN | EPOLLOUT | EPOLLRDHUP | (uint32_t)EPOLLET) < 0)
        return RC_ERROR;
    if (c->request)
        timer_arm_in(&c->worker->timers, &c->write_timer,
            c->request->location->send_timeout * LW_MS);
    return RC_AGAIN;
}

int
out_flush(struct conn *c)
{
    while (c->out) {
        bool file = c->out->fd >= 0;
        ssize_t n;

        if (!c->writable)
            return RC_AGAIN;
        if (!file && c->out->next && !c->corked && c->request &&
            c->request->location->tcp_nopush &&
            c->request->location->sendfile && c->out_last->fd >= 0)
            cork(c, 1);
        n = file ? send_file(c, c->out) : send_memory(c);
        if (n == -EAGAIN)
            return wait_writable(c);
        if (n < 0) {
            log_error(c, LOG_LEVEL_INFO, "%s() failed (%d)",
                file ? "sendfile" : "writev", (int)-n);
            return RC_ERROR;
        }
        advance(c, (size_t)n);
    }
    timer_cancel(&c->worker->timers, &c->write_timer);
    if (c->corked)
        cork(c, 0);
    return RC_OK;
}
