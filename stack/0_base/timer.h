/*
 * timer.h: what is due when. A heap of timers that live inside their
 * owners (nothing is allocated per timer); arming, cancelling and firing
 * cost O(log n) and never look at timers that are not due.
 *
 * Most timers never fire: a connection's is put off with every ACK. So one
 * that is armed for later than before, or rests, keeps its place in the
 * heap, and only when that place comes to the top is it looked at again. To
 * put a timer off, or to let it rest and arm it again, then costs a few
 * stores in the timer itself, whatever the number of others. And those that
 * have long to wait (keep-alive, TIME-WAIT: one for each idle connection)
 * stand in a heap of their own, so that they do not make the one deep that
 * is in use all the time.
 *
 * Timers due at the same instant fire in the order in which they were
 * armed, so a run is the same every time. This module never reads a clock:
 * a driver says "it is now T" with timers_advance.
 */
#ifndef LW_TIMER_H
#define LW_TIMER_H

#include "words.h"

struct journal;

struct timer {
    void (*fire)(void *owner); /* called once; the timer is idle by then */
    void *owner;
    struct instant due; /* never before the time of its place */
    uint64_t order;     /* ties go to the one armed first */
    uint64_t cause;     /* the event that armed it; restored when it fires */
    uint32_t slot;      /* its place in a heap plus one; 0: it has none */
    bool armed;
    bool far; /* in which heap */
};

/* A place in the heap. Time and order stand here as well, so that nothing
 * that moves in the heap has to look at other timers. */
struct timer_place {
    int64_t due_ns;
    uint64_t order;
    struct timer *timer;
};

struct timer_heap {
    struct timer_place *place;
    uint32_t count, room;
    uint64_t moved; /* places written: the work done */
};

struct timers {
    struct instant now;
    int64_t epoch;               /* Unix time at instant 0, in seconds */
    struct journal *journal;     /* where causes come from; may be NULL */
    struct timer_heap near, far; /* by how long they had to wait when armed */
    uint64_t order;
    uint64_t fired; /* how many have fired since the beginning */
    bool pause;     /* see timers_pause */
};

void timers_init(struct timers *ts, struct journal *journal);
void timers_close(struct timers *ts); /* frees the heap, not the timers */

/*
 * Arms t for `due`, or moves it there when it is armed already. A due time
 * in the past fires at the next advance. Running out of memory for the heap
 * ends the program: a lost timer would be a silent hang.
 */
void timer_arm(struct timers *ts, struct timer *t, struct instant due);
void timer_arm_in(struct timers *ts, struct timer *t, int64_t ns);
void timer_cancel(struct timers *ts, struct timer *t); /* idle: no effect */

/* The same, for a timer that will soon be armed again: it may keep its place.
 * Its memory may go only after timer_cancel. */
static inline void
timer_rest(struct timer *t)
{
    t->armed = false;
}

static inline bool
timer_armed(const struct timer *t)
{
    return t->armed;
}

/* How many places are taken, also by timers that rest. */
static inline uint32_t
timers_places(const struct timers *ts)
{
    return ts->near.count + ts->far.count;
}

/* How many places were written so far: the work that was done. */
static inline uint64_t
timers_moved(const struct timers *ts)
{
    return ts->near.moved + ts->far.moved;
}

/* The next deadline; false when nothing is armed. */
bool timers_next(struct timers *ts, struct instant *due);

/*
 * It is now `now`: fires all that is due by then, in order, each with
 * ts->now at its own due time, and leaves ts->now == now. `now` is never
 * before the previous one. Returns how many fired.
 */
unsigned timers_advance(struct timers *ts, struct instant now);

/* For whoever fires: enough for now. timers_advance returns, though more may
 * be due; the driver lets programs run and calls it again. */
static inline void
timers_pause(struct timers *ts)
{
    ts->pause = true;
}

#endif
