/*
 * sys_poll.c: poll(2), ppoll(2), select(2) and pselect(2): the same question
 * in two forms, a list of descriptors or sets of bits. select is poll with
 * its sets written as a list.
 */
#include "sys.h"
#include "polling.h"
#include "strace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- poll ---------------------------------------------------------------- */

int
sys_poll(struct proc *p, struct pollfd *fds, nfds_t n, int timeout_ms)
{
    int64_t ns = timeout_ms < 0 ? -1 : timeout_ms * LW_MS;
    int ret = -EFAULT;

    call_begin(p, CALL_poll);
    if (fds || !n)
        ret = poll_files(p, fds, n, POLLERR | POLLHUP, &ns);
    CALL_END(p, -1, ret, "%s, %llu, %d%s", tr_poll(p, fds, n),
        (unsigned long long)n, timeout_ms, tr_poll_result(p, fds, n, ret));
    return ret;
}

int
sys_ppoll(struct proc *p, struct pollfd *fds, nfds_t n,
    const struct timespec *timeout, const uint64_t *mask)
{
    int64_t ns = timeout ? time_left_ns(timeout) : -1;
    int ret = -EFAULT;

    call_begin(p, CALL_ppoll);
    if (timeout && ns < 0) {
        ret = -EINVAL;
    } else if (fds || !n) {
        uint64_t before = poll_mask(p, mask);

        ret = poll_files(p, fds, n, POLLERR | POLLHUP, &ns);
        poll_unmask(p, mask, before);
    }
    CALL_END(p, -1, ret, "%s, %llu, %s, %s, 8%s", tr_poll(p, fds, n),
        (unsigned long long)n, tr_time(p, timeout),
        mask ? tr_sigset(p, *mask) : "NULL", tr_poll_result(p, fds, n, ret));
    return ret;
}

/* --- select -------------------------------------------------------------- */

enum {
    WORD = 8 * sizeof(unsigned long)
};

struct sets {
    unsigned long *of[SELECT_WAYS]; /* to read, to write, except; or NULL */
    bool given[SELECT_WAYS];
    int n;      /* the descriptors below this one */
    int listed; /* how many are in the list made of them */
};

static bool
is_set(const struct sets *s, int way, int fd)
{
    return s->of[way] && s->of[way][fd / WORD] >> (fd % WORD) & 1;
}

/* The sets as a list at p->polls; its length, or -EBADF, -ENOMEM. */
static int
list_of(struct proc *p, struct sets *s)
{
    bool closed = false;
    int n = 0;

    p->polls = malloc((size_t)(s->n + 1) * sizeof *p->polls);
    if (!p->polls)
        return -ENOMEM;
    for (int fd = 0; fd < s->n; fd++) {
        short events = 0;

        for (int w = 0; w < SELECT_WAYS; w++)
            if (is_set(s, w, fd))
                events |= select_ways[w].events;
        closed |= events && !fd_get(p, fd);
        if (events)
            p->polls[n++] = (struct pollfd){.fd = fd, .events = events};
    }
    s->listed = n;
    return closed ? -EBADF : n;
}

/* The answer of poll as sets; how many bits are set. The rest of the last
 * word is cleared, too, as in Linux. */
static int
fill(struct sets *s, const struct pollfd *fds, int n)
{
    int bits = 0;

    for (int w = 0; w < SELECT_WAYS; w++) {
        if (!s->of[w])
            continue;
        for (int i = 0; i < n; i++) {
            bool yes = select_said(&fds[i], w);

            bits += yes;
            if (!yes)
                s->of[w][fds[i].fd / WORD] &= ~(1ul << (fds[i].fd % WORD));
        }
        if (s->n % WORD)
            s->of[w][s->n / WORD] &= (1ul << (s->n % WORD)) - 1;
    }
    return bits;
}

/* *ns as poll_files has it. The list is left for the report. */
static int
select_files(struct proc *p, struct sets *s, int64_t *ns)
{
    int ret;

    if (s->n < 0)
        return -EINVAL;
    if ((unsigned)s->n > p->fds.room) /* as Linux: nobody looks further */
        s->n = (int)p->fds.room;
    ret = list_of(p, s);
    if (ret >= 0)
        ret = poll_files(p, p->polls, (nfds_t)s->listed, 0, ns);
    if (ret >= 0)
        ret = fill(s, p->polls, s->listed);
    return ret;
}

static struct sets
sets_of(int n, fd_set *to_read, fd_set *to_write, fd_set *except)
{
    return (struct sets){
        .of = {(void *)to_read, (void *)to_write, (void *)except},
        .given = {to_read, to_write, except},
        .n = n};
}

static void
forget_list(struct proc *p)
{
    free(p->polls);
    p->polls = NULL;
}

int
sys_select(struct proc *p, int n, fd_set *to_read, fd_set *to_write,
    fd_set *except, struct timeval *timeout)
{
    struct timeval before = timeout ? *timeout : (struct timeval){0, 0};
    struct sets s = sets_of(n, to_read, to_write, except);
    int ret = -EINVAL;
    int64_t ns = -1;

    call_begin(p, CALL_select);
    if (timeout)
        ns = time_left_ns(
            &(struct timespec){before.tv_sec + before.tv_usec / 1000000,
                before.tv_usec % 1000000 * 1000});
    if (!timeout || ns >= 0)
        ret = select_files(p, &s, &ns);
    if (timeout && ret >= 0)
        *timeout = (struct timeval){ns / LW_S, ns % LW_S / LW_US};
    CALL_END(p, -1, ret, "%d%s, %s%s", n,
        tr_select(p, p->polls, s.listed, s.given),
        tr_timeval(p, timeout ? &before : NULL),
        tr_select_result(p, p->polls, s.listed, ret));
    forget_list(p);
    return ret;
}

int
sys_pselect6(struct proc *p, int n, fd_set *to_read, fd_set *to_write,
    fd_set *except, const struct timespec *timeout, const uint64_t *mask)
{
    struct sets s = sets_of(n, to_read, to_write, except);
    int64_t ns = timeout ? time_left_ns(timeout) : -1;
    int ret = -EINVAL;

    call_begin(p, CALL_pselect6);
    if (!timeout || ns >= 0) {
        uint64_t before = poll_mask(p, mask);

        ret = select_files(p, &s, &ns);
        poll_unmask(p, mask, before);
    }
    CALL_END(p, -1, ret, "%d%s, %s, %s%s", n,
        tr_select(p, p->polls, s.listed, s.given), tr_time(p, timeout),
        mask ? tr_sigset(p, *mask) : "NULL",
        tr_select_result(p, p->polls, s.listed, ret));
    forget_list(p);
    return ret;
}
