/*
 * wait.h: who waits for what. A thing that can become ready (a socket, a
 * pipe's end, an epoll) owns a ring of watches; a sleeping process and an
 * epoll's item each hang one watch there. Becoming ready touches those who
 * watch and nobody else.
 */
#ifndef LW_WAIT_H
#define LW_WAIT_H

#include "list.h"

struct watch {
    struct link link; /* in the thing's ring */
    unsigned events;  /* what it waits for: EPOLLIN, EPOLLOUT, ... */
    bool exclusive;   /* one such watcher is enough (accept(2) sleepers,
                          EPOLLEXCLUSIVE): no thundering herd */
    /* Tells it; true when a sleeping process was woken by that. */
    bool (*ready)(struct watch *w, unsigned events);
    /* The thing is being closed for good; NULL for watches of processes,
     * which hold a descriptor and so keep it open. */
    void (*gone)(struct watch *w);
};

/* Tells the watchers in ring `head` that `events` have just happened. Did a
 * sleeping process wake up? */
bool watch_tell(struct link *head, unsigned events);

#endif
