/*
 * polling.h: waiting for several descriptors at once, for poll(2), select(2)
 * and their kin. An epoll remembers what is watched; here everything is
 * handed over at every call, and one watch is hung on each descriptor for as
 * long as the call sleeps.
 */
#ifndef LW_POLLING_H
#define LW_POLLING_H

#include "file.h"

#include <poll.h>

/*
 * As poll(2) with RLIMIT_NOFILE = FD_LIMIT: fills revents and returns how
 * many are not 0. unasked: what is told although nobody asks for it, POLLERR
 * and POLLHUP for poll(2). *timeout_ns: 0 only looks, negative waits for
 * ever; it becomes what was left of it. -EINVAL, -ENOMEM.
 */
int poll_files(struct proc *p, struct pollfd *fds, nfds_t n, unsigned unasked,
    int64_t *timeout_ns);

/*
 * The sets of select(2): to read, to write, exceptional. events: what each
 * asks of poll(2), any of them means yes (select(2), "Correspondence between
 * select() and poll() notifications"); mark: the one no other set has.
 */
enum {
    SELECT_WAYS = 3
};
extern const struct select_way {
    short events, mark;
} select_ways[SELECT_WAYS];

/* Is the answer for this entry of a list made of sets a bit in that set? */
static inline bool
select_said(const struct pollfd *fd, int way)
{
    return (fd->events & select_ways[way].mark) &&
           (fd->revents & select_ways[way].events);
}

/*
 * ppoll(2), pselect(2): the mask that holds for the length of one call;
 * NULL: none, and returns what was before. The second undoes the first.
 */
uint64_t poll_mask(struct proc *p, const uint64_t *mask);
void poll_unmask(struct proc *p, const uint64_t *mask, uint64_t before);

/* Takes back what a process that ends was waiting with. */
void poll_release(struct proc *p);

#endif
