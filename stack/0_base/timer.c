/*
 * timer.c: two heaps of four children a node. The timer that is due next
 * stands in place[0]; the children of place[i] are place[4i+1] to [4i+4]. Four
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
#define FAR_NS   (4 * LW_S)

void
timers_init(struct timers *ts, struct journal *journal)
{
    *ts = (struct timers){.journal = journal};
}

static void
close_heap(struct timer_heap *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        h->place[i].timer->slot = 0;
        h->place[i].timer->armed = false;
    }
    free(h->place);
    *h = (struct timer_heap){0};
}

void
timers_close(struct timers *ts)
{
    close_heap(&ts->near);
    close_heap(&ts->far);
}

static inline bool
before(const struct timer_place *a, const struct timer_place *b)
{
    return a->due_ns < b->due_ns ||
           (a->due_ns == b->due_ns && a->order < b->order);
}

static inline void
put(struct timer_heap *h, uint32_t i, struct timer_place p)
{
    h->place[i] = p;
    p.timer->slot = i + 1;
    h->moved++;
}

/* p belongs at i or above: moves later ones down until its place is free. */
static void
sift_up(struct timer_heap *h, uint32_t i, struct timer_place p)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / CHILDREN;

        if (!before(&p, &h->place[parent]))
            break;
        put(h, i, h->place[parent]);
        i = parent;
    }
    put(h, i, p);
}

/* The child of i that is due first; i itself when it has none. */
static inline uint32_t
first_child(const struct timer_heap *h, uint32_t i)
{
    uint32_t first = i * CHILDREN + 1, best = first;

    if (first >= h->count)
        return i;
    for (uint32_t c = first + 1; c < first + CHILDREN && c < h->count; c++)
        if (before(&h->place[c], &h->place[best]))
            best = c;
    return best;
}

/* p belongs at i or below: moves earlier ones up until its place is free. */
static void
sift_down(struct timer_heap *h, uint32_t i, struct timer_place p)
{
    for (;;) {
        uint32_t child = first_child(h, i);

        if (child == i || !before(&h->place[child], &p))
            break;
        put(h, i, h->place[child]);
        i = child;
    }
    put(h, i, p);
}

static void
settle(struct timer_heap *h, uint32_t i, struct timer_place p)
{
    if (i > 0 && before(&p, &h->place[(i - 1) / CHILDREN]))
        sift_up(h, i, p);
    else
        sift_down(h, i, p);
}

static inline struct timer_heap *
heap_of(struct timers *ts, const struct timer *t)
{
    return t->far ? &ts->far : &ts->near;
}

/* Gives t, which has none, a place in the heap where it belongs. */
static void
enter(struct timers *ts, struct timer *t)
{
    struct timer_heap *h;

    t->far = t->due.ns - ts->now.ns >= FAR_NS;
    h = heap_of(ts, t);
    if (h->count == h->room) {
        uint32_t room = h->room ? h->room * 2 : 64;
        struct timer_place *place = realloc(h->place, room * sizeof *place);

        if (!place)
            abort(); /* timer.h: a lost timer would be a silent hang */
        h->place = place;
        h->room = room;
    }
    sift_up(h, h->count++, (struct timer_place){t->due.ns, t->order, t});
}

/* Takes t's place away. */
static void
leave(struct timers *ts, struct timer *t)
{
    struct timer_heap *h = heap_of(ts, t);
    uint32_t i = t->slot - 1;
    struct timer_place last;

    assert(i < h->count && h->place[i].timer == t);
    t->slot = 0;
    last = h->place[--h->count];
    if (last.timer != t)
        settle(h, i, last);
}

void
timer_arm(struct timers *ts, struct timer *t, struct instant due)
{
    t->due = due;
    t->order = ++ts->order;
    t->cause = ts->journal ? ts->journal->cause : 0;
    t->armed = true;
    if (t->slot && due.ns >= heap_of(ts, t)->place[t->slot - 1].due_ns)
        return;
    if (t->slot)
        leave(ts, t);
    enter(ts, t);
}

void
timer_arm_in(struct timers *ts, struct timer *t, int64_t ns)
{
    timer_arm(ts, t, instant_add(ts->now, ns));
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
tidy(struct timers *ts, struct timer_heap *h)
{
    while (h->count > 0) {
        struct timer *t = h->place[0].timer;

        if (t->armed && t->order == h->place[0].order)
            return;
        if (t->armed && (t->due.ns - ts->now.ns >= FAR_NS) == t->far) {
            sift_down(h, 0, (struct timer_place){t->due.ns, t->order, t});
            continue;
        }
        leave(ts, t);
        if (t->armed)
            enter(ts, t);
    }
}

/* The place that is due first; NULL: none. */
static const struct timer_place *
first_place(struct timers *ts)
{
    const struct timer_place *near, *far;

    tidy(ts, &ts->near);
    /* No timer is due before its place: nearly always that is enough. */
    if (ts->near.count > 0 &&
        (ts->far.count == 0 || before(ts->near.place, ts->far.place)))
        return ts->near.place;
    tidy(ts, &ts->far); /* which may move some to the near ones */
    near = ts->near.count > 0 ? ts->near.place : NULL;
    far = ts->far.count > 0 ? ts->far.place : NULL;
    if (!near || !far)
        return near ? near : far;
    return before(far, near) ? far : near;
}

bool
timers_next(struct timers *ts, struct instant *due)
{
    const struct timer_place *first = first_place(ts);

    if (first)
        due->ns = first->due_ns;
    return first != NULL;
}

/* No timer is due before its place: while no place is due by now, none is,
 * and those that rest may keep theirs, for when they are armed again. */
static inline bool
none_due(const struct timer_heap *h, struct instant now)
{
    return h->count == 0 || h->place[0].due_ns > now.ns;
}

/* The first timer that is due by now; NULL: none is. */
static struct timer *
first_due(struct timers *ts, struct instant now)
{
    const struct timer_place *first;

    if (none_due(&ts->near, now) && none_due(&ts->far, now))
        return NULL;
    first = first_place(ts);
    return first && first->due_ns <= now.ns ? first->timer : NULL;
}

unsigned
timers_advance(struct timers *ts, struct instant now)
{
    struct timer *t;
    unsigned fired = 0;

    assert(!instant_lt(now, ts->now));
    while ((t = first_due(ts, now)) != NULL) {
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
