/*
 * sys_epoll.c: epoll_create1(2), epoll_ctl(2), epoll_wait(2).
 */
#include "sys.h"
#include "epoll.h"
#include "strace.h"

#include <errno.h>

int
sys_epoll_create1(struct proc *p, int flags)
{
    struct file *f = NULL;
    int fd = 0;

    call_begin(p, CALL_epoll_create1);
    if (flags & ~EPOLL_CLOEXEC)
        fd = -EINVAL;
    else if (!(f = epoll_new(p->k)))
        fd = -ENOMEM;
    if (f) {
        fd = fd_add(p, f, flags & EPOLL_CLOEXEC, 0);
        if (fd < 0)
            file_put(f);
    }
    CALL_END(p, fd, fd, "%s", tr_flags_epoll(p, flags));
    return fd;
}

static int
control(
    struct proc *p, int epfd, int op, int fd, const struct epoll_event *event)
{
    struct file *ep = fd_get(p, epfd), *target = fd_get(p, fd);

    if (!ep || !target)
        return -EBADF;
    if (target->ops->always_ready) /* the order of Linux's checks */
        return -EPERM;
    if (!is_epoll(ep) || ep == target)
        return -EINVAL;
    if (op != EPOLL_CTL_DEL && (event->events & EPOLLEXCLUSIVE) &&
        (op == EPOLL_CTL_MOD || is_epoll(target)))
        return -EINVAL;
    if (op == EPOLL_CTL_ADD && is_epoll(target) && epoll_would_loop(ep, target))
        return -ELOOP;
    switch (op) {
    case EPOLL_CTL_ADD: return epoll_add(ep, fd, target, event);
    case EPOLL_CTL_MOD: return epoll_mod(ep, fd, target, event);
    case EPOLL_CTL_DEL: return epoll_del(ep, fd, target);
    default: return -EINVAL;
    }
}

int
sys_epoll_ctl(
    struct proc *p, int epfd, int op, int fd, struct epoll_event *event)
{
    static const char *const names[] = {
        "?", "EPOLL_CTL_ADD", "EPOLL_CTL_DEL", "EPOLL_CTL_MOD"};
    int ret;

    call_begin(p, CALL_epoll_ctl);
    if (op != EPOLL_CTL_DEL && !event)
        ret = -EFAULT;
    else
        ret = control(p, epfd, op, fd, event);
    CALL_END(p, fd, ret, "%d, %s, %d, %s", epfd,
        names[op >= 1 && op <= 3 ? op : 0], fd,
        event ? tr_epoll(p, event, 1) : "NULL");
    return ret;
}

static int
wait_events(
    struct proc *p, int epfd, struct epoll_event *events, int max, int ms)
{
    struct file *ep = fd_get(p, epfd);
    struct timers *ts = p->k->env->timers;
    struct instant end = instant_add(ts->now, ms * LW_MS);
    int n;

    if (!ep)
        return -EBADF;
    if (!is_epoll(ep) || max <= 0)
        return -EINVAL;
    while (!(n = epoll_collect(ep, events, max)) && ms) {
        int64_t left = instant_diff(end, ts->now);

        if (ms > 0 && left <= 0)
            break;
        if (!file_wait(p, ep, EPOLLIN, true, ms < 0 ? -1 : left))
            return epoll_collect(ep, events, max);
    }
    return n;
}

int
sys_epoll_wait(struct proc *p, int epfd, struct epoll_event *events, int max,
    int timeout_ms)
{
    int n;

    call_begin(p, CALL_epoll_wait);
    n = wait_events(p, epfd, events, max, timeout_ms);
    CALL_END(p, epfd, n, "%d, [%s], %d, %d", epfd,
        tr_epoll(p, events, n > 0 ? n : 0), max, timeout_ms);
    return n;
}
