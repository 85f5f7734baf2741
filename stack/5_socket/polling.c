/*
 * polling.c: one process waits for several descriptors.
 *
 *     process --> watch, watch, watch, ...      one for each that is open
 *                   |      |      |
 *                 socket  pipe  socket          in their rings of watchers
 *
 * First everything is looked at; only when nothing is ready the watches are
 * hung up, the process sleeps, and everything is looked at again. So a call
 * costs as much as there are descriptors, ready or not: what epoll avoids.
 * The watches stay with the process for its next call.
 *
 * Programs here install no signal handlers (signal.c), so none of these
 * calls ever ends with EINTR.
 */
#include "polling.h"

#include <errno.h>
#include <stdlib.h>

const struct select_way select_ways[SELECT_WAYS] = {
    {POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR, POLLIN},
    {POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR, POLLOUT},
    {POLLPRI, POLLPRI},
};

struct many {
    struct watch watch;
    struct proc *p;
};

static bool
one_ready(struct watch *w, unsigned events)
{
    (void)events;
    return proc_wake_asleep(LW_CONTAINER(w, struct many, watch)->p);
}

/* Room for n watches, none of them hung up. */
static int
make_room(struct proc *p, nfds_t n)
{
    struct many *many;

    if (n <= p->many_room)
        return 0;
    many = malloc(n * sizeof *many); /* no ring holds one of the old ones */
    if (!many)
        return -ENOMEM;
    free(p->many);
    p->many = many;
    p->many_room = (unsigned)n;
    return 0;
}

static unsigned
asked(const struct pollfd *fd, unsigned unasked)
{
    return (uint16_t)fd->events | unasked;
}

/* What is there now; how many descriptors have something. */
static int
look(struct proc *p, struct pollfd *fds, nfds_t n, unsigned unasked)
{
    int ready = 0;

    for (nfds_t i = 0; i < n; i++) {
        struct file *f = fd_get(p, fds[i].fd);
        unsigned there = 0;

        if (f)
            there = f->ops->poll(f) & asked(&fds[i], unasked);
        else if (fds[i].fd >= 0)
            there = POLLNVAL;
        fds[i].revents = (short)there;
        ready += there != 0;
    }
    return ready;
}

static void
hang_up(struct proc *p, const struct pollfd *fds, nfds_t n, unsigned unasked)
{
    p->nmany = (unsigned)n;
    for (nfds_t i = 0; i < n; i++) {
        struct file *f = fd_get(p, fds[i].fd);
        struct many *m = &p->many[i];

        *m = (struct many){.p = p,
            .watch = {.ready = one_ready, .events = asked(&fds[i], unasked)}};
        list_init(&m->watch.link);
        if (f)
            list_add(&f->watchers, &m->watch.link);
    }
}

static void
take_down(struct proc *p)
{
    for (unsigned i = 0; i < p->nmany; i++)
        list_remove(&p->many[i].watch.link);
    p->nmany = 0;
}

void
poll_release(struct proc *p)
{
    take_down(p);
    free(p->many);
    free(p->polls);
    p->many = NULL;
    p->polls = NULL;
    p->many_room = 0;
}

int
poll_files(struct proc *p, struct pollfd *fds, nfds_t n, unsigned unasked,
    int64_t *timeout_ns)
{
    struct timers *ts = p->k->env->timers;
    int64_t left = *timeout_ns;
    struct instant end = instant_add(ts->now, left < 0 ? 0 : left);
    int ready;

    if (n > FD_LIMIT)
        return -EINVAL;
    if (make_room(p, n))
        return -ENOMEM;
    while (!(ready = look(p, fds, n, unasked)) && left) {
        hang_up(p, fds, n, unasked);
        (void)proc_sleep(p, left);
        take_down(p);
        if (left > 0) { /* and never below 0, which would be for ever */
            left = instant_diff(end, ts->now);
            left = left < 0 ? 0 : left;
        }
    }
    *timeout_ns = left;
    return ready;
}

uint64_t
poll_mask(struct proc *p, const uint64_t *mask)
{
    uint64_t before = p->blocked;

    if (mask)
        proc_mask(p, *mask);
    return before;
}

void
poll_unmask(struct proc *p, const uint64_t *mask, uint64_t before)
{
    if (mask)
        proc_mask(p, before);
}
