/*
 * test_timer.c: timers fire when they are due, in order, and cost nothing
 * while they are put off.
 */
#include "check.h"
#include "rng.h"
#include "timer.h"

#include <stdlib.h>
#include <string.h>

/* Timers write their letter into a text; 'r' arms 'R' for the same time. */
struct alarm {
    struct timer timer;
    struct timers *timers;
    char letter;
    char *log;
    struct alarm *next;
};

static void
ring(void *owner)
{
    struct alarm *a = owner;
    size_t n = strlen(a->log);

    a->log[n] = a->letter;
    a->log[n + 1] = 0;
    if (a->next)
        timer_arm(a->timers, &a->next->timer, a->timers->now);
}

static void
pausing_ring(void *owner)
{
    struct alarm *a = owner;

    ring(a);
    timers_pause(a->timers);
}

/* Do timers fire in the order of time, and of arming where times tie? */
static void
timers_fire_in_order(void)
{
    struct timers ts;
    struct instant due;
    char log[32] = "";
    struct alarm a[5];

    timers_init(&ts, NULL);
    for (int i = 0; i < 5; i++)
        a[i] = (struct alarm){
            .timer = {.fire = ring, .owner = &a[i]},
            .timers = &ts,
            .letter = (char)('a' + i),
            .log = log,
        };
    a[0].next = &a[4];
    CHECK(!timers_next(&ts, &due));
    timer_arm(&ts, &a[0].timer, (struct instant){20});
    timer_arm(&ts, &a[1].timer, (struct instant){20});
    timer_arm(&ts, &a[2].timer, (struct instant){10});
    timer_arm(&ts, &a[3].timer, (struct instant){15});
    CHECK(timers_next(&ts, &due));
    CHECK_EQ(due.ns, 10);
    timer_cancel(&ts, &a[3].timer);
    timer_cancel(&ts, &a[3].timer);
    CHECK(!timer_armed(&a[3].timer));
    CHECK_EQ(timers_advance(&ts, (struct instant){9}), 0);
    CHECK_EQ(timers_advance(&ts, (struct instant){25}), 4);
    CHECK_TEXT(log, "cabe");
    CHECK_EQ(ts.now.ns, 25);
    timer_arm(&ts, &a[0].timer, (struct instant){40});
    timer_arm(&ts, &a[1].timer, (struct instant){30});
    timer_arm(&ts, &a[0].timer, (struct instant){30}); /* now after b */
    timer_arm(&ts, &a[2].timer, (struct instant){5});  /* late already */
    timers_advance(&ts, (struct instant){30});
    CHECK_TEXT(log, "cabecbae");
    CHECK_EQ(ts.fired, 8);
    timers_close(&ts);
}

struct tick {
    struct timer timer;
    struct timers *timers;
    int64_t *last;
    unsigned *disorder;
};

static void
note_tick(void *owner)
{
    struct tick *t = owner;

    *t->disorder +=
        t->timers->now.ns < *t->last || t->timers->now.ns != t->timer.due.ns;
    *t->last = t->timers->now.ns;
}

/* Does a timer that is put off, or rests, neither move others nor fire? */
static void
timers_put_off_for_nothing(void)
{
    struct timers ts;
    struct instant due;
    char log[32] = "";
    struct alarm a[3];
    uint64_t moved;

    timers_init(&ts, NULL);
    for (int i = 0; i < 3; i++) {
        a[i] = (struct alarm){.timer = {.fire = ring, .owner = &a[i]},
            .timers = &ts,
            .letter = (char)('a' + i),
            .log = log};
        timer_arm(&ts, &a[i].timer, (struct instant){10 + i});
    }
    moved = timers_moved(&ts);
    for (int i = 0; i < 100; i++)
        timer_arm(&ts, &a[0].timer, (struct instant){20 + i});
    timer_rest(&a[1].timer);
    CHECK(!timer_armed(&a[1].timer));
    timer_arm(&ts, &a[1].timer, (struct instant){12}); /* now after c */
    CHECK_EQ(timers_moved(&ts), moved);
    CHECK(timers_next(&ts, &due));
    CHECK_EQ(due.ns, 12);
    CHECK_EQ(timers_advance(&ts, (struct instant){118}), 2);
    CHECK_TEXT(log, "cb");
    timer_arm(&ts, &a[0].timer, (struct instant){118}); /* earlier again */
    CHECK_EQ(timers_advance(&ts, (struct instant){118}), 1);
    timer_arm(&ts, &a[2].timer, (struct instant){130});
    timer_rest(&a[2].timer);
    CHECK(!timers_next(&ts, &due));
    CHECK_EQ(timers_advance(&ts, (struct instant){140}), 0);
    CHECK_TEXT(log, "cba");
    timers_close(&ts);
}

/* Does the heap stay a heap through thousands of moves and cancels? */
static void
timers_in_thousands(void)
{
    enum {
        N = 2000
    };
    struct tick *ticks = calloc(N, sizeof *ticks);
    struct timers ts;
    struct rng rng;
    int64_t last = 0;
    unsigned disorder = 0, cancelled = 0;

    REQUIRE(ticks != NULL);
    timers_init(&ts, NULL);
    rng_init(&rng, 3, "timers");
    for (int i = 0; i < N; i++)
        ticks[i] = (struct tick){
            {.fire = note_tick, .owner = &ticks[i]}, &ts, &last, &disorder};
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < N; i++)
            timer_arm_in(
                &ts, &ticks[i].timer, (int64_t)rng_below(&rng, 5000) * LW_MS);
    for (int i = 0; i < N; i += 3, cancelled++)
        timer_cancel(&ts, &ticks[i].timer);
    CHECK_EQ(
        timers_advance(&ts, (struct instant){5000 * LW_MS}), N - cancelled);
    CHECK_EQ(disorder, 0);
    timers_close(&ts);
    free(ticks);
}

/* Does whoever fires get the programs their turn, and the time stand still? */
static void
timers_pause_for_programs(void)
{
    struct timers ts;
    char log[32] = "";
    struct alarm a[2];

    timers_init(&ts, NULL);
    for (int i = 0; i < 2; i++) {
        a[i] = (struct alarm){.timer = {.fire = pausing_ring, .owner = &a[i]},
            .timers = &ts,
            .letter = (char)('a' + i),
            .log = log};
        timer_arm(&ts, &a[i].timer, (struct instant){10 + i});
    }
    CHECK_EQ(timers_advance(&ts, (struct instant){20}), 1);
    CHECK_EQ(ts.now.ns, 10);
    CHECK_EQ(timers_advance(&ts, (struct instant){20}), 1);
    CHECK_EQ(timers_advance(&ts, (struct instant){20}), 0);
    CHECK_EQ(ts.now.ns, 20);
    CHECK_TEXT(log, "ab");
    timers_close(&ts);
}

static CU_TestInfo cases[] = {
    TEST(timers_fire_in_order),
    TEST(timers_put_off_for_nothing),
    TEST(timers_in_thousands),
    TEST(timers_pause_for_programs),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_timer = {.pName = "timer", .pTests = cases};
