/*
 * flight.c: descriptors in flight, counted, and the rings among them found.
 *
 * A Unix socket is alive when somebody has a descriptor of it, or when it
 * waits in the queue of a socket that is alive. So: begin with every socket
 * that has other references than those in flight, follow what waits in its
 * queue, and so on; whatever is not reached can never be received. (Linux
 * looks for strongly connected components instead, which it can keep between
 * two collections; for the few sockets of a simulated computer the plain way
 * is fast enough.)
 *
 * What a listener's clients have sent before accept(2) waits in server ends
 * that only the listener knows: they live and die with it.
 */
#include "flight.h"

#include <errno.h>
#include <stdlib.h>

/* The Unix socket that f is; NULL: f is something else. */
static struct unix_sock *
unix_or_null(struct file *f)
{
    return f->ops == &unix_ops || f->ops == &unix_dgram_ops ||
                   f->ops == &unix_seqpacket_ops
               ? unix_file(f)
               : NULL;
}

void
flight_make_room(struct kernel *k)
{
    if (k->flight.files > FD_LIMIT)
        flight_settle(k);
}

int
flight_may_begin(const struct kernel *k, unsigned n)
{
    return n && k->flight.files > FD_LIMIT ? -ETOOMANYREFS : 0;
}

void
flight_begin(struct unix_sock *u, struct unix_mark *m)
{
    struct kernel *k = u->s.f.k;

    k->flight.files += m->n;
    for (unsigned i = 0; i < m->n; i++) {
        struct unix_sock *sent = unix_or_null(m->at[i]);

        if (sent) {
            sent->flying++;
            k->flight.sockets++;
        }
    }
    if (m->n && !u->laden++)
        list_add(&k->flight.holders, &u->holds);
}

void
flight_end(struct unix_sock *u, struct unix_mark *m)
{
    struct kernel *k = u->s.f.k;

    k->flight.files -= m->n;
    for (unsigned i = 0; i < m->n; i++) {
        struct unix_sock *sent = unix_or_null(m->at[i]);

        if (sent) {
            sent->flying--;
            k->flight.sockets--;
        }
    }
    if (m->n && !--u->laden)
        list_remove(&u->holds);
}

void
flight_drop(struct kernel *k, struct unix_mark *m)
{
    m->next = k->flight.dropped;
    k->flight.dropped = m;
}

/* --- who can be reached -------------------------------------------------- */

/* Nobody has a descriptor of u: all there is of it is in flight. */
static bool
adrift(const struct unix_sock *u)
{
    const struct unix_sock *known = u->listener ? u->listener : u;

    return known->s.f.refs == known->flying;
}

/* A ring gets out of reach only when one of its sockets goes adrift. */
void
flight_left(struct file *f)
{
    if (adrift(unix_file(f)))
        f->k->flight.suspect = true;
}

static bool
is_reached(const struct unix_sock *u)
{
    return u->reached_in == u->s.f.k->flight.collections;
}

static void
reach(struct unix_sock *u, struct link *work)
{
    if (is_reached(u))
        return;
    u->reached_in = u->s.f.k->flight.collections;
    list_add(work, &u->reached);
}

/* What waits in the queue of u, or with u to be accepted, is reached. */
static void
follow(struct unix_sock *u, struct link *work)
{
    for (struct unix_mark *m = u->marks; m; m = m->next)
        for (unsigned i = 0; i < m->n; i++) {
            struct unix_sock *sent = unix_or_null(m->at[i]);

            if (sent)
                reach(sent, work);
        }
    for (struct link *l = u->queue.next; l != &u->queue; l = l->next)
        reach(LW_CONTAINER(l, struct unix_sock, link), work);
}

/* May there be a ring? Each has a queue of somebody who is adrift himself.
 * Mostly nobody is, and then nothing needs to be followed: else every close
 * would cost as much as there is in flight. */
static bool
anybody_adrift(const struct kernel *k)
{
    const struct link *holders = &k->flight.holders;

    for (const struct link *l = holders->next; l != holders; l = l->next)
        if (adrift(LW_CONTAINER(l, struct unix_sock, holds)))
            return true;
    return false;
}

/* Lets go of the queues that nobody can reach; were there any? */
static bool
collect(struct kernel *k)
{
    struct link work, *holders = &k->flight.holders, *next;
    bool any = false;

    list_init(&work);
    k->flight.suspect = false;
    k->flight.collections++;
    for (struct link *l = holders->next; l != holders; l = l->next) {
        struct unix_sock *u = LW_CONTAINER(l, struct unix_sock, holds);

        if (!adrift(u))
            reach(u, &work);
    }
    while (!list_empty(&work)) {
        struct unix_sock *u =
            LW_CONTAINER(work.next, struct unix_sock, reached);

        list_remove(&u->reached);
        follow(u, &work);
    }
    for (struct link *l = holders->next; l != holders; l = next) {
        struct unix_sock *u = LW_CONTAINER(l, struct unix_sock, holds);

        next = l->next;
        if (is_reached(u))
            continue;
        unix_forget(u);
        any = true;
    }
    return any;
}

/* --- letting go ---------------------------------------------------------- */

static void
put_dropped(struct kernel *k)
{
    while (k->flight.dropped) {
        struct unix_mark *m = k->flight.dropped;

        k->flight.dropped = m->next;
        for (unsigned i = 0; i < m->n; i++)
            file_put(m->at[i]);
        free(m);
    }
}

/* A socket that is closed here ends in this function again, which then has
 * nothing to do: a chain of a thousand sockets, each in the queue of the
 * next, is closed without a thousand calls inside one another. */
void
flight_settle(struct kernel *k)
{
    if (k->flight.settling)
        return;
    k->flight.settling = true;
    do
        put_dropped(k);
    while (k->flight.suspect && anybody_adrift(k) && collect(k));
    k->flight.settling = false;
}
