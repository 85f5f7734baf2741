/*
 * test_spin.c: how long somebody looks around before a sleep.
 */
#include "check.h"
#include "spin.h"

/* One wait that begins at *now and takes `ns`, asked each microsecond: how
 * long it was looked. */
static int64_t
wait_for(struct spin *s, int64_t *now, int64_t ns)
{
    int64_t start = *now, looked;

    spin_begin(s, *now);
    while (spin_more(s) && *now - start < ns) {
        *now += LW_US;
        spin_asked(s, *now);
    }
    looked = *now - start;
    *now = start + ns > *now ? start + ns : *now;
    spin_end(s, *now);
    return looked;
}

/* After waits of 30 us it looks until all of them end within the look. */
static void
short_waits_make_it_longer(void)
{
    struct spin s = {0};
    int64_t now = 5 * LW_S, looked[8];

    for (int i = 0; i < 8; i++)
        looked[i] = wait_for(&s, &now, 30 * LW_US);
    CHECK_EQ(looked[0], 0);
    for (int i = 1; i < 4; i++)
        CHECK(looked[i] > looked[i - 1] && looked[i] < 30 * LW_US);
    for (int i = 4; i < 8; i++)
        CHECK_EQ(looked[i], 30 * LW_US);
    CHECK_EQ(s.ns, SPIN_MOST_NS);
}

/* A second of waits that are too long costs no more than the first few. */
static void
long_waits_end_it(void)
{
    struct spin s = {.ns = SPIN_MOST_NS};
    int64_t now = 0, looked = 0;

    while (now < LW_S)
        looked += wait_for(&s, &now, 200 * LW_US);
    CHECK_EQ(s.ns, 0);
    CHECK(looked > SPIN_MOST_NS && looked < 2 * SPIN_MOST_NS + 10 * LW_US);
}

/* Who gives the processor away and gets it back late sleeps instead. */
static void
others_come_first(void)
{
    struct spin s = {.ns = SPIN_MOST_NS};
    int64_t now = 0;

    spin_begin(&s, now);
    spin_asked(&s, now += LW_US);
    CHECK(spin_more(&s));
    spin_asked(&s, now += 20 * LW_US); /* one of ours had something to do */
    CHECK(!spin_more(&s));
    spin_end(&s, now += 5 * LW_US);
    CHECK_EQ(s.ns, SPIN_MOST_NS);
    spin_begin(&s, now);
    CHECK(spin_more(&s));
    spin_asked(&s, now += 3 * LW_MS); /* somebody computes */
    CHECK(!spin_more(&s));
    spin_end(&s, now);
    s.ns = SPIN_MOST_NS;
    CHECK_EQ(wait_for(&s, &now, 30 * LW_US), 0);
    now += LW_S;
    CHECK_EQ(wait_for(&s, &now, 30 * LW_US), 30 * LW_US);
}

static void
one_processor_is_never_spent_on_it(void)
{
    struct spin s = {.off = true};
    int64_t now = 0;

    for (int i = 0; i < 20; i++)
        CHECK_EQ(wait_for(&s, &now, 30 * LW_US), 0);
}

static CU_TestInfo cases[] = {
    TEST(short_waits_make_it_longer),
    TEST(long_waits_end_it),
    TEST(others_come_first),
    TEST(one_processor_is_never_spent_on_it),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_spin = {.pName = "spin", .pTests = cases};
