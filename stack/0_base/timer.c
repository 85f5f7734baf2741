/*
 * timer.c: a heap of four children a node. The timer that is due next stands
 * in heap[0]; the children of heap[i] are heap[4i+1] to heap[4i+4]. Four
 * lie side by side in memory and make the tree half as deep as two would,
 * which is worth a third with many timers. Each timer knows its place, so
 * cancelling needs no search.
 *
 * A place may be older than what its timer is armed for, never newer: the
 * order of the heap is that of the places, and tidy() sees to it that the
 * one at the top tells the truth before anybody acts on it.
 */
#include "timer.h"
#include "journal.h"

#include <assert.h>
#include <stdlib.h>

#define CHILDREN 4

void
timers_init(struct timers *ts, struct journal *journal)
{
    *ts = (struct timers){.journal = journal};
}

void
timers_close(struct timers *ts)
{
    for (uint32_t i = 0; i < ts->count; i++) {
        ts->heap[i].timer->slot = 0;
        ts->heap[i].timer->armed = false;
    }
    free(ts->heap);
    ts->heap = NULL;
    ts->count = ts->room = 0;
}

static inline bool
before(const struct timer_place *a, const struct timer_place *b)
{
    return a->due_ns < b->due_ns ||
           (a->due_ns == b->due_ns && a->order < b->order);
}

static inline void
put(struct timers *ts, uint32_t i, struct timer_place p)
{
    ts->heap[i] = p;
    p.timer->slot = i + 1;
    ts->moved++;
}

/* p belongs at i or above: moves later ones down until its place is free. */
static void
sift_up(struct timers *ts, uint32_t i, struct timer_place p)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / CHILDREN;

        if (!before(&p, &ts->heap[parent]))
            break;
        put(ts, i, ts->heap[parent]);
        i = parent;
    }
    put(ts, i, p);
}

/* The child of i that is due first; i itself when it has none. */
static inline uint32_t
first_child(const struct timers *ts, uint32_t i)
{
    uint32_t first = i * CHILDREN + 1, best = first;

    if (first >= ts->count)
        return i;
    for (uint32_t c = first + 1; c < first + CHILDREN && c < ts->count; c++)
        if (before(&ts->heap[c], &ts->heap[best]))
            best = c;
    return best;
}

/* p belongs at i or below: moves earlier ones up until its place is free. */
static void
sift_down(struct timers *ts, uint32_t i, struct timer_place p)
{
    for (;;) {
        uint32_t child = first_child(ts, i);

        if (child == i || !before(&ts->heap[child], &p))
            break;
        put(ts, i, ts->heap[child]);
        i = child;
    }
    put(ts, i, p);
}

static void
settle(struct timers *ts, uint32_t i, struct timer_place p)
{
    if (i > 0 && before(&p, &ts->heap[(i - 1) / CHILDREN]))
        sift_up(ts, i, p);
    else
        sift_down(ts, i, p);
}

void
timer_arm(struct timers *ts, struct timer *t, struct instant due)
{
    struct timer_place p = {due.ns, ++ts->order, t};

    t->due = due;
    t->order = p.order;
    t->cause = ts->journal ? ts->journal->cause : 0;
    t->armed = true;
    if (t->slot) {
        if (due.ns >= t->place_ns)
            return;
        t->place_ns = due.ns;
        settle(ts, t->slot - 1, p);
        return;
    }
    if (ts->count == ts->room) {
        uint32_t room = ts->room ? ts->room * 2 : 64;
        struct timer_place *heap = realloc(ts->heap, room * sizeof *heap);

        if (!heap)
            abort(); /* timer.h: a lost timer would be a silent hang */
        ts->heap = heap;
        ts->room = room;
    }
    t->place_ns = due.ns;
    sift_up(ts, ts->count++, p);
}

void
timer_arm_in(struct timers *ts, struct timer *t, int64_t ns)
{
    timer_arm(ts, t, instant_add(ts->now, ns));
}

/* Takes t's place out of the heap. */
static void
leave(struct timers *ts, struct timer *t)
{
    uint32_t i = t->slot - 1;
    struct timer_place last;

    assert(i < ts->count && ts->heap[i].timer == t);
    t->slot = 0;
    last = ts->heap[--ts->count];
    if (last.timer != t)
        settle(ts, i, last);
}

void
timer_cancel(struct timers *ts, struct timer *t)
{
    t->armed = false;
    if (t->slot)
        leave(ts, t);
}

/* Until the first place is one of a timer that is due just then. */
static void
tidy(struct timers *ts)
{
    while (ts->count > 0) {
        struct timer_place p = ts->heap[0];
        struct timer *t = p.timer;

        if (!t->armed) {
            leave(ts, t);
            continue;
        }
        if (t->order == p.order)
            return;
        t->place_ns = t->due.ns;
        sift_down(ts, 0, (struct timer_place){t->due.ns, t->order, t});
    }
}

bool
timers_next(struct timers *ts, struct instant *due)
{
    tidy(ts);
    if (ts->count == 0)
        return false;
    due->ns = ts->heap[0].due_ns;
    return true;
}

unsigned
timers_advance(struct timers *ts, struct instant now)
{
    unsigned fired = 0;

    struct instant due;

    assert(!instant_lt(now, ts->now));
    while (timers_next(ts, &due) && due.ns <= now.ns) {
        struct timer *t = ts->heap[0].timer;
        uint64_t cause = 0;

        timer_cancel(ts, t);
        if (instant_lt(ts->now, t->due))
            ts->now = t->due;
        if (ts->journal)
            cause = journal_enter(ts->journal, t->cause);
        t->fire(t->owner); /* may free t */
        if (ts->journal)
            journal_leave(ts->journal, cause);
        fired++;
        if (ts->pause)
            break;
    }
    if (!ts->pause)
        ts->now = now;
    ts->pause = false;
    ts->fired += fired;
    return fired;
}
