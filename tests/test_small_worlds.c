/*
 * test_small_worlds.c: every pattern of faults in short conversations of
 * every kind: who calls (one, or both at the same time), who ends first (the
 * caller, the other, or both), which options are agreed on, whether segments
 * arrive one by one or a flight at once, and whether the window shuts on the
 * way. Up to three faults in the shapes of the first table, a loss, a copy
 * and a reordering mixed as they may be; up to two in those of the second.
 *
 * In each of them both programs read every byte rightly and to its end, both
 * connections reach CLOSED, and no packet, timer or piece of memory is left.
 */
#include "check.h"
#include "small_world.h"

#include <stdio.h>

/* The five ways through RFC 9293, figure 5, that two ends can take. */
#define CALLER_ENDS(text)                                                      \
    {                                                                          \
        .up = (text), .down = (text)                                           \
    }
#define OTHER_ENDS(text)                                                       \
    {                                                                          \
        .up = (text), .down = (text), .server_end = true                       \
    }
#define BOTH_END(text)                                                         \
    {                                                                          \
        .up = (text), .down = (text), .both_end = true                         \
    }
#define BOTH_CALL(text)                                                        \
    {                                                                          \
        .up = (text), .down = (text), .both_call = true                        \
    }
#define BOTH_BOTH(text)                                                        \
    {                                                                          \
        .up = (text), .down = (text), .both_call = true, .both_end = true      \
    }

/* Two segments fill the window, and nobody reads for a while. */
#define SHUTS(text)                                                            \
    {                                                                          \
        .up = (text), .down = 100, .deaf_ns = 700 * LW_MS                      \
    }

static const struct small_shape three_faults[] = {
    {.name = "caller ends", .plan = CALLER_ENDS(1500)},
    {.name = "other ends", .plan = OTHER_ENDS(500)},
    {.name = "both end", .plan = BOTH_END(500)},
    {.name = "both call, one ends", .plan = BOTH_CALL(500)},
    {.name = "both call, both end", .plan = BOTH_BOTH(500)},
    {.name = "window shuts", .plan = SHUTS(2500), .rcvbuf = 2048},
    {.name = "flights at once", .plan = CALLER_ENDS(1500), .at_once = true},
};

#define EACH_WAY(text, ...)                                                    \
    {.name = "caller ends", .plan = CALLER_ENDS(text), __VA_ARGS__},           \
        {.name = "other ends", .plan = OTHER_ENDS(text), __VA_ARGS__},         \
        {.name = "both end", .plan = BOTH_END(text), __VA_ARGS__},             \
        {.name = "both call, one ends", .plan = BOTH_CALL(text), __VA_ARGS__}, \
        {.name = "both call, both end", .plan = BOTH_BOTH(text), __VA_ARGS__}, \
    {                                                                          \
        .name = "window shuts", .plan = SHUTS(5000), .rcvbuf = 4096,           \
        __VA_ARGS__                                                            \
    }

static const struct small_shape two_faults[] = {
    EACH_WAY(1500, .at_once = false),
    EACH_WAY(1500, .at_once = true),
    EACH_WAY(1500, .no_sack = true),
    EACH_WAY(1500, .no_timestamps = true),
    EACH_WAY(3000, .ecn = true),
    EACH_WAY(1500, .no_sack = true, .no_timestamps = true, .no_scaling = true),
};

/* Was the run without faults what the shape says? Else the others prove
 * nothing about it. */
static void
is_what_it_says(const struct small_shape *shape, const struct small_seen *seen)
{
    const struct talk_plan *plan = &shape->plan;

    CHECK_EQ(seen->calls, plan->both_call ? 2 : 1);
    CHECK(seen->fin);
    CHECK_EQ(seen->closing, plan->both_end ? 2 : 0);
    if (!plan->both_end)
        CHECK_EQ(seen->a_ends_first, !plan->server_end);
    CHECK_EQ(seen->shut > 0, plan->deaf_ns > 0);
    CHECK_EQ(seen->sack, !shape->no_sack);
    CHECK_EQ(seen->timestamps, !shape->no_timestamps);
    CHECK_EQ(seen->scaling, !shape->no_scaling);
    if (plan->deaf_ns)
        return; /* too few are under way for a queue */
    CHECK_EQ(seen->marked > 0, shape->ecn);
    CHECK_EQ(seen->echoed > 0, shape->ecn);
}

static uint64_t
choose(uint64_t n, unsigned k)
{
    uint64_t ways = 1;

    for (unsigned i = 0; i < k; i++)
        ways = ways * (n - i) / (i + 1);
    return ways;
}

/* Counts the worlds run, and says which did not end well. */
static unsigned
every(const struct small_shape *shape, unsigned most)
{
    struct small_count n = small_every(shape, most);
    uint64_t fates = 1;
    unsigned sum = 0;

    is_what_it_says(shape, &n.clean);
    CHECK_EQ(n.bad, 0);
    for (unsigned k = 0; k <= most; k++, fates *= SMALL_FATES) {
        /* A fault only ever adds frames: so many there are at least. */
        CHECK(n.by_faults[k] >= choose(n.clean.frames, k) * fates);
        sum += n.by_faults[k];
    }
    CHECK_EQ(n.worlds, sum);
    return n.worlds;
}

static void
survives_every_three_faults(void)
{
    unsigned worlds = 0;

    for (unsigned i = 0; i < LW_COUNT(three_faults); i++)
        worlds += every(&three_faults[i], 3);
    printf("(%u worlds) ", worlds);
}

static void
survives_every_two_faults(void)
{
    unsigned worlds = 0;

    for (unsigned i = 0; i < LW_COUNT(two_faults); i++)
        worlds += every(&two_faults[i], 2);
    printf("(%u worlds) ", worlds);
}

/* Found by trying all that can be written down, the number is the same. */
static void
leaves_no_pattern_out(void)
{
    struct small_shape shape = {.plan = BOTH_END(500)};
    struct small_count n = small_every(&shape, 2);

    CHECK_EQ(small_count_two(&shape, 2 * n.clean.frames), n.worlds);
    CHECK(n.longest < 2 * n.clean.frames);
}

static CU_TestInfo cases[] = {
    TEST(survives_every_three_faults),
    TEST(survives_every_two_faults),
    TEST(leaves_no_pattern_out),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_small_worlds = {.pName = "small_worlds", .pTests = cases};
