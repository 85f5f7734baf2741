/*
 * sock_stamp.c: when did which bytes of a stream come? For SO_TIMESTAMP on
 * TCP (socket(7)): a read tells the time of the last byte that it gives.
 *
 * Kept is a list of how many bytes came at which instant, of those that are
 * not read yet, and only once the option was set; what came before it has no
 * time. When the list is full, bytes count as come with later ones, as they
 * do in Linux when it joins segments.
 */
#include "sock.h"

#include <stdlib.h>
#include <string.h>

enum {
    STAMPS = 256,
    NO_TIME = -1 /* came while nobody wanted to know */
};

struct stamp {
    uint32_t n;
    struct instant at;
};

struct sock_stamps {
    unsigned first, count;
    uint32_t total; /* bytes of all */
    struct stamp at[STAMPS];
};

static struct stamp *
nth(struct sock_stamps *st, unsigned n)
{
    return &st->at[(st->first + n) % STAMPS];
}

void
sock_stamp(struct sock *s, uint32_t n)
{
    struct sock_rare *r = s->rare;
    struct instant at = {NO_TIME};
    struct sock_stamps *st;
    struct stamp *last;

    if (!r || (!r->timestamp && !r->stamps))
        return;
    if (!r->stamps && !(r->stamps = calloc(1, sizeof *r->stamps)))
        return; /* no time for these */
    st = r->stamps;
    if (r->timestamp)
        at = s->f.k->env->timers->now;
    last = st->count ? nth(st, st->count - 1) : NULL;
    if (!last || (last->at.ns != at.ns && st->count < STAMPS)) {
        last = nth(st, st->count++);
        last->n = 0;
    }
    last->n += n;
    last->at = at;
    st->total += n;
}

/* The first n bytes of the list are gone. */
static void
forget(struct sock_stamps *st, uint32_t n)
{
    while (n > 0 && st->count > 0) {
        struct stamp *first = nth(st, 0);
        uint32_t part = first->n < n ? first->n : n;

        first->n -= part;
        st->total -= part;
        n -= part;
        if (!first->n) {
            st->first = (st->first + 1) % STAMPS;
            st->count--;
        }
    }
}

/* When byte n of the list, from 1, has come. */
static struct instant
time_of(struct sock_stamps *st, uint32_t n)
{
    for (unsigned i = 0; i < st->count; i++) {
        if (n <= nth(st, i)->n)
            return nth(st, i)->at;
        n -= nth(st, i)->n;
    }
    return (struct instant){NO_TIME};
}

void
sock_tell_stamp(
    struct sock *s, uint32_t readable, uint32_t n, bool peek, struct io *io)
{
    struct sock_stamps *st = s->rare ? s->rare->stamps : NULL;
    struct instant at;
    uint32_t before; /* bytes without a place in the list */

    if (!st)
        return;
    if (st->total > readable) /* urgent bytes left by another way */
        forget(st, st->total - readable);
    before = readable - st->total;
    if (n <= before)
        return;
    at = time_of(st, n - before);
    if (at.ns != NO_TIME) {
        io->controlled = 0; /* MSG_WAITALL: the last one is told */
        sock_tell_time(s, at, io);
    }
    if (!peek)
        forget(st, n - before);
}
