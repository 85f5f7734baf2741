/*
 * live.c: what happens next in the real world, a frame, a request of a real
 * process or a deadline, and when.
 */
#include "live.h"
#include "remote.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

#define FRAMES 64 /* most frames taken in before the rest gets its turn */

static int64_t
clock_ns(clockid_t which)
{
    struct timespec t;

    clock_gettime(which, &t);
    return t.tv_sec * LW_S + t.tv_nsec;
}

void
live_advance(struct live *l)
{
    struct instant now = {clock_ns(CLOCK_MONOTONIC) - l->origin};

    world_advance(l->made->world, now);
}

/* Virtual time 0 is the beginning of this second, so that the world's date
 * is right to the nanosecond although its epoch counts seconds. */
void
live_open(struct live *l, struct made *made)
{
    int64_t date = clock_ns(CLOCK_REALTIME);
    cpu_set_t ours;

    *l = (struct live){.made = made, .tap_fd = -1};
    l->spin.off =
        sched_getaffinity(0, sizeof ours, &ours) || CPU_COUNT(&ours) < 2;
    l->origin = clock_ns(CLOCK_MONOTONIC) - date % LW_S;
    world_set_epoch(made->world, date / LW_S);
    live_advance(l);
}

int
live_plug(struct live *l, int tap_fd, bool offload, struct fault *fault)
{
    if (!l->made->outlet)
        return fault_set(fault, l->made->file->path, 0,
            "no link leads to the host whose place the command takes");
    l->tap = tap_new(l->made->outlet, tap_fd, l->made->outlet_link);
    if (!l->tap)
        return fault_set(fault, NULL, 0, "no memory for the TAP device");
    if (offload && tap_offload(l->tap, !l->made->outlet_forwards) < 0) {
        live_close(l);
        return fault_set(fault, NULL, 0, "no memory for the TAP device");
    }
    if (!offload)
        tap_batches(l->tap); /* or not: it is only faster */
    l->tap_fd = tap_fd;
    return 0;
}

/* How long poll may sleep: to the next deadline, or to `until`; while it polls
 * busily, not at all. */
static struct timespec
patience(const struct live *l, int64_t until)
{
    struct instant due;
    int64_t now = clock_ns(CLOCK_MONOTONIC) - l->origin;

    if (now < l->awake_until)
        return (struct timespec){0};
    if (!world_next(l->made->world, &due) || due.ns > until)
        due.ns = until;
    int64_t left = due.ns > now ? due.ns - now : 0;
    return (struct timespec){left / LW_S, left % LW_S};
}

/* ppoll(2), with a look around before the sleep. */
static int
wait_for(struct live *l, struct pollfd *p, nfds_t n, struct timespec *sleep)
{
    const struct timespec none = {0};
    int got = 0;

    if (sleep->tv_sec == 0 && sleep->tv_nsec < SPIN_MOST_NS)
        return ppoll(p, n, sleep, NULL);
    spin_begin(&l->spin, clock_ns(CLOCK_MONOTONIC));
    while (spin_more(&l->spin) && (got = ppoll(p, n, &none, NULL)) == 0) {
        sched_yield();
        spin_asked(&l->spin, clock_ns(CLOCK_MONOTONIC));
    }
    if (got == 0)
        got = ppoll(p, n, sleep, NULL);
    spin_end(&l->spin, clock_ns(CLOCK_MONOTONIC));
    return got;
}

/* Fills in what can wake us: two of ours, then the real processes. */
static unsigned
collect(struct live *l, int fd, struct pollfd *p)
{
    unsigned n = 2;

    p[0] = (struct pollfd){fd, POLLIN, 0};
    p[1] = (struct pollfd){l->tap_fd, POLLIN, 0};
    for (unsigned i = 0; i < l->made->file->nhosts; i++) {
        if (!l->made->hosts[i])
            continue;
        l->first[i] = n;
        n += kernel_remote_fds(
            host_kernel(l->made->hosts[i]), p + n, LIVE_FDS - n);
        l->past[i] = n;
    }
    return n;
}

/* Tells each kernel which of its real processes have said something. */
static void
wake_processes(struct live *l, const struct pollfd *p)
{
    for (unsigned i = 0; i < l->made->file->nhosts; i++)
        for (unsigned k = l->first[i]; l->made->hosts[i] && k < l->past[i]; k++)
            if (p[k].revents)
                kernel_remote_ready(host_kernel(l->made->hosts[i]), p[k].fd);
}

int
live_run(struct live *l, int fd, int64_t most_ns)
{
    int64_t start = clock_ns(CLOCK_MONOTONIC) - l->origin;
    int64_t until = most_ns < 0 ? INT64_MAX : start + most_ns;
    struct pollfd p[LIVE_FDS];

    for (;;) {
        struct timespec sleep = patience(l, until);
        unsigned n = collect(l, fd, p);
        int got = 0;

        if (wait_for(l, p, n, &sleep) < 0 && errno != EINTR)
            return -errno;
        live_advance(l);
        wake_processes(l, p);
        if (p[1].revents)
            got = tap_poll(l->tap, FRAMES);
        if (got < 0)
            return got;
        if (got > 0)
            l->awake_until =
                world_timers(l->made->world)->now.ns + l->busy_poll_ns;
        world_settle(l->made->world);
        if (l->tap) /* all that this turn has to say, in few writes */
            tap_flush(l->tap);
        if (p[0].revents)
            return 0;
        if (world_timers(l->made->world)->now.ns >= until)
            return -ETIMEDOUT;
    }
}

/* A card without a cable. */
static void
lose(struct netdev *dev, struct pkt *p)
{
    (void)dev;
    pkt_free(p);
}

void
live_close(struct live *l)
{
    if (!l->tap)
        return;
    tap_free(l->tap);
    l->tap = NULL;
    l->made->outlet->xmit = lose;
}
