/*
 * ready.c: poll, epoll and pipes for the tool.
 */
#include "calls.h"
#include "sys.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct poll_args {
    struct engine *e;
    struct pollfd *fds;
    nfds_t n;
    int timeout_ms;
};

static ssize_t
do_poll(struct proc *p, void *arg)
{
    struct poll_args *a = arg;
    struct pollfd *ours = calloc(a->n + 1, sizeof *ours);
    ssize_t ready;

    if (!ours)
        return -ENOMEM;
    for (nfds_t i = 0; i < a->n; i++) {
        ours[i] = a->fds[i];
        if (ours[i].fd >= 0 && (ours[i].fd = calls_fd(a->e, ours[i].fd)) < 0)
            ours[i].fd = INT_MAX; /* a number that none has: POLLNVAL */
    }
    ready = sys_poll(p, ours, a->n, a->timeout_ms);
    for (nfds_t i = 0; i < a->n; i++)
        a->fds[i].revents = ours[i].revents;
    free(ours);
    return ready;
}

static int
pd_poll(void *e, struct pollfd *fds, nfds_t n, int timeout_ms)
{
    struct poll_args a = {e, fds, n, timeout_ms};

    return (int)calls_result(engine_call(e, do_poll, &a));
}

/* --- epoll --------------------------------------------------------------- */

struct epoll_args {
    int epfd, op, fd, max, timeout_ms;
    struct epoll_event *events;
};

static ssize_t
do_create(struct proc *p, void *arg)
{
    (void)arg;
    return sys_epoll_create1(p, 0);
}

static int
pd_epoll_create(void *e, int size)
{
    if (size <= 0) {
        errno = EINVAL;
        return -1;
    }
    return calls_publish(e, engine_call(e, do_create, NULL));
}

static ssize_t
do_ctl(struct proc *p, void *arg)
{
    struct epoll_args *a = arg;

    return sys_epoll_ctl(p, a->epfd, a->op, a->fd, a->events);
}

static int
pd_epoll_ctl(void *e, int epfd, int op, int fd, struct epoll_event *event)
{
    struct epoll_args a = {
        .epfd = calls_fd(e, epfd), .op = op, .fd = calls_fd(e, fd)};

    a.events = event;
    return (int)calls_result(engine_call(e, do_ctl, &a));
}

static ssize_t
do_wait(struct proc *p, void *arg)
{
    struct epoll_args *a = arg;

    return sys_epoll_wait(p, a->epfd, a->events, a->max, a->timeout_ms);
}

static int
pd_epoll_wait(
    void *e, int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    struct epoll_args a = {
        .epfd = calls_fd(e, epfd), .max = max, .timeout_ms = timeout_ms};

    a.events = events;
    return (int)calls_result(engine_call(e, do_wait, &a));
}

/* --- pipes --------------------------------------------------------------- */

static ssize_t
do_pipe(struct proc *p, void *arg)
{
    return sys_pipe2(p, arg, 0);
}

static int
pd_pipe(void *e, int fds[2])
{
    int ours[2];
    ssize_t ret = engine_call(e, do_pipe, ours);

    if (ret < 0)
        return (int)calls_result(ret);
    fds[0] = calls_publish(e, ours[0]);
    fds[1] = calls_publish(e, ours[1]);
    return 0;
}

struct splice_args {
    int in, out;
    off_t *in_off, *out_off;
    size_t len;
    unsigned flags;
};

static ssize_t
do_splice(struct proc *p, void *arg)
{
    struct splice_args *a = arg;

    return sys_splice(
        p, a->in, a->in_off, a->out, a->out_off, a->len, a->flags);
}

/* The tool hands over where the offset of the script stands, which is 0 for
 * its NULL; another value would be an address, and no script has one. */
static off_t *
offset_meant(off_t *off)
{
    return off && *off ? off : NULL;
}

static int
pd_splice(void *e, int in, off_t *in_off, int out, off_t *out_off, size_t len,
    unsigned flags)
{
    struct splice_args a = {.in = calls_fd(e, in), .out = calls_fd(e, out)};

    a.in_off = offset_meant(in_off);
    a.out_off = offset_meant(out_off);
    a.len = len;
    a.flags = flags;
    return (int)calls_result(engine_call(e, do_splice, &a));
}

void
ready_fill(struct packetdrill_interface *t)
{
    t->poll = pd_poll;
    t->epoll_create = pd_epoll_create;
    t->epoll_ctl = pd_epoll_ctl;
    t->epoll_wait = pd_epoll_wait;
    t->pipe = pd_pipe;
    t->splice = pd_splice;
}
