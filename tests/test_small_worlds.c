/*
 * test_small_worlds.c: more of the small worlds of test_tcp.c. Two computers
 * open a connection, send some segments each way and close; and each pattern
 * of up to three faults is tried: each frame of the clean run, and one more,
 * lost, doubled, or held until the one behind it has passed. In all of them
 * both programs read every byte rightly and to its end, both connections
 * reach CLOSED, and no packet, timer or buffer is left.
 *
 * Here both call at once, or both close at once, or both: the walks through
 * RFC 9293 3.3.2 that a client and a server alone never take.
 */
#include "check.h"
#include "tcp_talk.h"

#include <stdio.h>

#define LONG_ENOUGH (900 * LW_S)

static struct tcp_world w;

struct pattern {
    uint64_t at[3]; /* frame, from 1; 0: none */
    enum cable_fate fate[3];
    struct talk_plan plan;
    uint64_t frames;
};

static enum cable_fate
by_pattern(void *owner, uint64_t n, const struct pkt *p)
{
    struct pattern *pattern = owner;

    (void)p;
    pattern->frames = n;
    for (unsigned i = 0; i < 3; i++)
        if (pattern->at[i] == n)
            return pattern->fate[i];
    return FATE_DELIVER;
}

static bool
small_world(struct pattern *pattern)
{
    struct cable_config config = {.name = "t", .delay_ns = 5 * LW_MS};
    struct talk t;
    bool fine;

    tcp_world_pair(&w, 1, &config);
    cable_set_fate(w.cable, by_pattern, pattern);
    talk_begin_plan(&t, &w.a, &w.b, &pattern->plan);
    tcp_world_finish(&w, LONG_ENOUGH);
    fine = talk_good(&t) && tcp_counts(w.a.tcp).conns == 0 &&
           tcp_counts(w.b.tcp).conns == 0 && timers_places(&w.timers) == 0;
    talk_end(&t);
    tcp_world_close(&w); /* no packet is left: checked there */
    for (unsigned i = 0; !fine && i < 3; i++)
        fprintf(stderr, "fault %d at frame %d\n", (int)pattern->fate[i],
            (int)pattern->at[i]);
    return fine;
}

/* One world with faults at these frames; the fates are the digits of f. */
static bool
faulty_world(const struct talk_plan *plan, const uint64_t i[3], unsigned f)
{
    struct pattern p = {.plan = *plan,
        .at = {i[0], i[1] == i[0] ? 0 : i[1], i[2] == i[1] ? 0 : i[2]},
        .fate = {(enum cable_fate)(FATE_LOSE + f % 3),
            (enum cable_fate)(FATE_LOSE + f / 3 % 3),
            (enum cable_fate)(FATE_LOSE + f / 9)}};

    return small_world(&p);
}

static void
every_world(struct talk_plan plan, unsigned faults, unsigned least)
{
    struct pattern clean = {.plan = plan};
    uint64_t last, i[3];
    unsigned bad = !small_world(&clean), worlds = 1;
    unsigned fates = faults == 3 ? 27 : 9;

    last = clean.frames + 1;
    for (i[0] = 1; i[0] <= last; i[0]++)
        for (i[1] = i[0]; i[1] <= last; i[1]++)
            for (i[2] = i[1]; i[2] <= (faults == 3 ? last : i[1]); i[2]++)
                for (unsigned f = 0; f < fates; f++, worlds++)
                    bad += !faulty_world(&plan, i, f);
    CHECK_EQ(bad, 0);
    CHECK(worlds > least);
    printf("(%u worlds) ", worlds);
}

static void
survives_every_three_faults_when_both_close(void)
{
    every_world((struct talk_plan){.up = 1500, .down = 1500, .both_end = true},
        3, 2000);
}

static void
survives_every_three_faults_when_both_call(void)
{
    every_world(
        (struct talk_plan){
            .up = 1500, .down = 1500, .both_call = true, .both_end = true},
        3, 2000);
}

static void
survives_every_two_faults_when_both_call_and_one_closes(void)
{
    every_world((struct talk_plan){.up = 2500, .down = 2500, .both_call = true},
        2, 300);
}

static CU_TestInfo cases[] = {
    TEST(survives_every_three_faults_when_both_close),
    TEST(survives_every_three_faults_when_both_call),
    TEST(survives_every_two_faults_when_both_call_and_one_closes),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_small_worlds = {.pName = "small_worlds", .pTests = cases};
