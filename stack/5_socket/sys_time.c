/*
 * sys_time.c: the clock, sleep and chance. Time is the world's: virtual in a
 * simulation, the wall clock's in live use; chance comes from its seed.
 */
#include "sys.h"
#include "strace.h"

#include <errno.h>

/* The longest sleep, a century: later than any end, without overflow. */
#define TIME_MOST_NS (100 * 366 * 86400LL * LW_S)

int64_t
time_left_ns(const struct timespec *d)
{
    if (d->tv_sec < 0 || d->tv_nsec < 0 || d->tv_nsec >= LW_S)
        return -1;
    if (d->tv_sec >= TIME_MOST_NS / LW_S)
        return TIME_MOST_NS;
    return d->tv_sec * LW_S + d->tv_nsec;
}

/*
 * No event and no cost: Linux answers this call in the process itself, from
 * a page that it shares with the kernel (vdso(7)), and strace never sees it.
 */
int
sys_clock_gettime(struct proc *p, clockid_t clock, struct timespec *ts)
{
    struct timers *t = p->k->env->timers;
    int64_t ns = t->now.ns;

    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE: ts->tv_sec = t->epoch + ns / LW_S; break;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: ts->tv_sec = ns / LW_S; break;
    default: return -EINVAL;
    }
    ts->tv_nsec = ns % LW_S;
    return 0;
}

int
sys_nanosleep(struct proc *p, const struct timespec *d)
{
    int64_t ns = time_left_ns(d);
    int ret = 0;

    call_begin(p, CALL_nanosleep);
    if (ns < 0)
        ret = -EINVAL;
    else
        proc_sleep(p, ns);
    CALL_END(p, -1, ret, "%s, NULL", tr_time(p, d));
    return ret;
}

ssize_t
sys_getrandom(struct proc *p, void *buf, size_t len, unsigned flags)
{
    static const char *const names[] = {
        "0", "GRND_NONBLOCK", "GRND_RANDOM", "GRND_NONBLOCK|GRND_RANDOM"};
    bool known = flags < LW_COUNT(names);
    ssize_t ret = known ? (ssize_t)len : -EINVAL;
    uint8_t *to = buf;

    call_begin(p, CALL_getrandom);
    for (ssize_t i = 0; i < ret; i++)
        to[i] = (uint8_t)rng_below(&p->k->env->rng, 256);
    CALL_END(p, -1, ret, "%s, %zu, %s", tr_data(p, buf, ret), len,
        known ? names[flags] : "0x...");
    return ret;
}
