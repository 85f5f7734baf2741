/*
 * spin.h: a short look around before a sleep, for the two sides of live use
 * (the driver, live.c, and the real processes, sys_remote_link.c). To fall
 * asleep and be woken costs both sides more than most messages do: the
 * sleeper two switches of context, the other the interrupt of a processor.
 * So while what is waited for keeps coming within microseconds, it is asked
 * for again and again, and only then slept for:
 *
 *     spin_begin(s, now)
 *     while spin_more(s) and it is not there:
 *         sched_yield(2)
 *         spin_asked(s, now)
 *     if it is not there: sleep until it is
 *     spin_end(s, now)
 *
 * For how long follows what was seen, as in Linux's governor of idle
 * processors haltpoll: a wait that was short but longer than the look doubles
 * it, a long one halves it, so that who is idle uses no processor. Whoever
 * wants the processor gets it each time something was asked in vain; when
 * that took long, others have work for all processors, and for a second there
 * is no look at all.
 *
 * No clock is read here: the callers say what time it is.
 */
#ifndef LW_SPIN_H
#define LW_SPIN_H

#include "words.h"

enum {
    SPIN_FIRST_NS = 6250, /* doubled three times it is the most */
    SPIN_MOST_NS = 50000,
    SPIN_TAKEN_NS = 5000,  /* asking takes less, if nobody takes its turn */
    SPIN_HELD_NS = 500000, /* and no turn of one of ours takes as long */
    SPIN_REST_NS = LW_S
};

struct spin {
    bool off;           /* one processor only: nobody could do anything */
    int64_t ns;         /* how long to look */
    int64_t rest_until; /* not before */
    int64_t began, now, until;
};

void spin_begin(struct spin *s, int64_t now);

static inline bool
spin_more(const struct spin *s)
{
    return s->now < s->until;
}

void spin_asked(struct spin *s, int64_t now);
void spin_end(struct spin *s, int64_t now);

#endif
