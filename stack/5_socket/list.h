/*
 * list.h: a ring of links that live inside their owners: putting in and
 * taking out cost the same few stores wherever the link stands, and nothing
 * is allocated. An empty ring and a link in no ring point at themselves.
 */
#ifndef LW_LIST_H
#define LW_LIST_H

#include "words.h"

struct link {
    struct link *next, *prev;
};

static inline void
list_init(struct link *l)
{
    l->next = l->prev = l;
}

static inline bool
list_empty(const struct link *l)
{
    return l->next == l;
}

/* Puts l, which is in no ring, before `at`: at the end when at is the head. */
static inline void
list_add(struct link *at, struct link *l)
{
    l->prev = at->prev;
    l->next = at;
    at->prev->next = l;
    at->prev = l;
}

/* Takes l out of its ring; in none: no effect. */
static inline void
list_remove(struct link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

/* Moves all of `from` to the front of `to`. */
static inline void
list_splice(struct link *to, struct link *from)
{
    if (list_empty(from))
        return;
    from->prev->next = to->next;
    to->next->prev = from->prev;
    to->next = from->next;
    from->next->prev = to;
    list_init(from);
}

#endif
