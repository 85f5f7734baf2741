/*
 * strace_poll.c: the arguments and results of epoll_wait(2), poll(2) and
 * select(2) in the notation of strace(1).
 */
#include "strace.h"
#include "polling.h"
#include "trace.h"

enum {
    SHOWN = 32 /* elements, as strace -s 32 has it */
};

static const struct flag event_flags[] = {FLAG(EPOLLIN), FLAG(EPOLLPRI),
    FLAG(EPOLLOUT), FLAG(EPOLLRDNORM), FLAG(EPOLLWRNORM), FLAG(EPOLLERR),
    FLAG(EPOLLHUP), FLAG(EPOLLRDHUP), FLAG(EPOLLEXCLUSIVE), FLAG(EPOLLONESHOT),
    FLAG(EPOLLET), FLAGS_END};
static const struct flag poll_flags[] = {FLAG(POLLIN), FLAG(POLLPRI),
    FLAG(POLLOUT), FLAG(POLLRDNORM), FLAG(POLLWRNORM), FLAG(POLLRDBAND),
    FLAG(POLLWRBAND), FLAG(POLLERR), FLAG(POLLHUP), FLAG(POLLNVAL),
    {0x2000, "POLLRDHUP"}, FLAGS_END};

/*
 * What a program stores beside a descriptor is usually the descriptor or a
 * pointer. A pointer differs from run to run: it is not shown.
 */
static void
put_epoll(struct proc *p, const struct epoll_event *e)
{
    trace_put(p, "{events=");
    trace_flags(p, e->events, event_flags);
    if (e->data.u64 <= FD_LIMIT)
        trace_put(p, ", data={u32=%u, u64=%llu}}", e->data.u32,
            (unsigned long long)e->data.u64);
    else
        trace_put(p, ", data={...}}");
}

const char *
tr_epoll(struct proc *p, const struct epoll_event *e, int n)
{
    const char *text = trace_text(p);

    for (int i = 0; i < n; i++) {
        trace_put(p, "%s", i ? ", " : "");
        put_epoll(p, &e[i]);
    }
    return text;
}

/* --- poll ---------------------------------------------------------------- */

const char *
tr_poll(struct proc *p, const struct pollfd *fds, nfds_t n)
{
    const char *text = trace_text(p);

    if (!fds)
        return "NULL";
    if (n > FD_LIMIT) /* refused, and not looked at */
        return "0x...";
    trace_put(p, "[");
    for (nfds_t i = 0; i < n && i <= SHOWN; i++) {
        if (i == SHOWN) {
            trace_put(p, ", ...");
            break;
        }
        trace_put(p, "%s{fd=%d", i ? ", " : "", fds[i].fd);
        if (fds[i].fd >= 0) {
            trace_put(p, ", events=");
            trace_flags(p, (uint16_t)fds[i].events, poll_flags);
        }
        trace_put(p, "}");
    }
    trace_put(p, "]");
    return text;
}

const char *
tr_poll_result(struct proc *p, const struct pollfd *fds, nfds_t n, int ret)
{
    const char *text = trace_text(p), *comma = "";

    if (ret < 0)
        return "";
    if (ret == 0)
        trace_put(p, "0 (Timeout)");
    else
        trace_put(p, "%d ([", ret);
    for (nfds_t i = 0; i < n && ret > 0; i++) {
        if (!fds[i].revents)
            continue;
        trace_put(p, "%s{fd=%d, revents=", comma, fds[i].fd);
        trace_flags(p, (uint16_t)fds[i].revents, poll_flags);
        trace_put(p, "}");
        comma = ", ";
    }
    if (ret > 0)
        trace_put(p, "])");
    p->k->trace->result = text;
    return "";
}

/* --- select -------------------------------------------------------------- */

/* "[3 5]": what is in that set of the list; said: of poll's answer. */
static bool
put_set(struct proc *p, const char *name, const struct pollfd *fds, int n,
    int way, bool said)
{
    bool any = false;

    for (int i = 0; i < n; i++) {
        if (said ? !select_said(&fds[i], way)
                 : !(fds[i].events & select_ways[way].mark))
            continue;
        trace_put(p, any ? " %s%d" : "%s%d", any ? "" : name, fds[i].fd);
        any = true;
    }
    if (any)
        trace_put(p, "]");
    return any;
}

const char *
tr_select(struct proc *p, const struct pollfd *fds, int n, const bool given[3])
{
    const char *text = trace_text(p);

    for (int w = 0; w < SELECT_WAYS; w++) {
        if (!given[w])
            trace_put(p, ", NULL");
        else if (!put_set(p, ", [", fds, n, w, false))
            trace_put(p, ", []");
    }
    return text;
}

const char *
tr_select_result(struct proc *p, const struct pollfd *fds, int n, int ret)
{
    static const char *const names[2][SELECT_WAYS] = {
        {"in [", "out [", "exc ["}, {", in [", ", out [", ", exc ["}};
    const char *text = trace_text(p);
    bool any = false;

    if (ret < 0)
        return "";
    trace_put(p, ret ? "%d (" : "%d (Timeout)", ret);
    for (int w = 0; w < SELECT_WAYS && ret; w++)
        any |= put_set(p, names[any][w], fds, n, w, true);
    if (ret)
        trace_put(p, ")");
    p->k->trace->result = text;
    return "";
}

const char *
tr_timeval(struct proc *p, const struct timeval *tv)
{
    const char *text = trace_text(p);

    if (!tv)
        return "NULL";
    trace_put(p, "{tv_sec=%lld, tv_usec=%ld}", (long long)tv->tv_sec,
        (long)tv->tv_usec);
    return text;
}
