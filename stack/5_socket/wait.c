/*
 * wait.c: telling those who wait. Everybody who shares the news hears it,
 * but among the exclusive watchers only until one process was woken: a new
 * connection wakes one worker in accept(2), not all of them.
 */
#include "wait.h"

bool
watch_tell(struct link *head, unsigned events)
{
    bool woken = false, chosen = false;
    struct link *next;

    for (struct link *l = head->next; l != head; l = next) {
        struct watch *w = LW_CONTAINER(l, struct watch, link);

        next = l->next;
        if (!(w->events & events) || (w->exclusive && chosen))
            continue;
        if (!w->ready(w, events))
            continue;
        woken = true;
        chosen |= w->exclusive;
    }
    return woken;
}
