/*
 * sock_unix_wait.c: who waits for room in the queue of a Unix socket: clients
 * that found a listener's backlog full, and senders of datagrams. Several
 * processes may share one socket (fork(2)) and wait with it for several
 * others, so a wait is a thing of its own, between the two:
 *
 *     waiting socket   its waits:    to A, to B
 *     A, B             who waits:    a ring of those waits each
 */
#include "sock_unix.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct unix_wait {
    struct unix_sock *who, *to;
    struct link of, at; /* in the rings of the two */
};

int
unix_wait_for(struct unix_sock *u, struct unix_sock *to)
{
    struct unix_wait *w;

    for (struct link *l = u->waits.next; l != &u->waits; l = l->next)
        if (LW_CONTAINER(l, struct unix_wait, of)->to == to)
            return -EAGAIN;
    w = malloc(sizeof *w);
    if (!w)
        return -ENOMEM;
    *w = (struct unix_wait){.who = u, .to = to};
    list_add(&u->waits, &w->of);
    list_add(&to->waiting, &w->at);
    return -EAGAIN;
}

static void
end(struct unix_wait *w)
{
    list_remove(&w->of);
    list_remove(&w->at);
    free(w);
}

/* All of them look again, the first one first: who has given up (a signal,
 * SO_SNDTIMEO) must not take the turn of one that still sleeps. */
void
unix_wake_waiting(struct unix_sock *to)
{
    while (!list_empty(&to->waiting)) {
        struct unix_wait *w =
            LW_CONTAINER(to->waiting.next, struct unix_wait, at);
        struct unix_sock *who = w->who;

        end(w);
        file_wake(&who->s.f, EPOLLOUT);
    }
}

void
unix_wait_end(struct unix_sock *u)
{
    while (!list_empty(&u->waits))
        end(LW_CONTAINER(u->waits.next, struct unix_wait, of));
}
