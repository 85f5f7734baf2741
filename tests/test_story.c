/*
 * test_story.c: is a run kept whole, and is its state at any moment the one
 * that it had when it happened?
 */
#include "dissect.h"
#include "check.h"
#include "sample.h"

#include "narrate.h"
#include "rng.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

static struct story *story;

static void
setup(void)
{
    story = sample_story();
}

static void
teardown(void)
{
    story_free(story);
    story = NULL;
}

/* The state after event i as text; the caller frees it. */
static char *
dump(struct states *ss, const struct story *s, uint64_t i)
{
    const struct state *st = states_at(ss, i);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out || !st)
        return NULL;
    state_dump(st, s, out);
    fclose(out);
    return text;
}

static void
events_are_kept_with_their_fields(void)
{
    uint64_t i = 1;
    char text[200];

    REQUIRE(story != NULL);
    CHECK(!story_full(story));
    while (
        i < story_count(story) && story_event(story, i)->kind != EV_NAME_HOSTS)
        i++;
    CHECK_TEXT(event_text(story_event(story, i), text, sizeof text),
        "/etc/hosts line 3 says shop.test is 10.0.2.2");
    CHECK_TEXT(story_host(story, story_event(story, i)->host), "laptop");
    CHECK_EQ(story_index(story, story_event(story, i)->no), i);
    CHECK_EQ(story_index(story, 1000000), 0);
}

/* From a layer being added, is the frame found that is sent afterwards? */
static void
a_packet_leads_to_its_frame(void)
{
    unsigned frames = 0;

    REQUIRE(story != NULL);
    for (uint64_t i = 1; i <= story_count(story); i++) {
        const struct event *e = story_event(story, i);
        uint64_t sent = story_frame(story, i);
        size_t len;

        if (!e->pkt) {
            CHECK_EQ(sent, 0);
            continue;
        }
        REQUIRE(sent != 0);
        CHECK(story_bytes(story_event(story, sent), &len) != NULL);
        CHECK_EQ(story_event(story, sent)->pkt, e->pkt);
        if (e->kind == EV_LAYER_ADDED)
            CHECK(sent > i);
        if (e->kind == EV_FRAME_RECEIVED)
            CHECK(sent < i);
        frames++;
    }
    CHECK(frames > 50);
}

static void
the_walk_falls_into_stages(void)
{
    static const char *const names[] = {"world", "servers", "URL", "name",
        "connect", "ARP", "TCP", "HTTP", "nginx", "FastCGI", "php-fpm", "Zend",
        "response", "page", "close", "end"};

    REQUIRE(story != NULL);
    CHECK_EQ(story_stages(story), LW_COUNT(names));
    for (unsigned k = 0; k < story_stages(story); k++) {
        const struct stage s = story_stage(story, k);

        CHECK_TEXT(s.name, names[k]);
        CHECK_EQ(story_stage_at(story, s.first), k);
    }
}

static void
the_state_is_what_the_events_said(void)
{
    struct states *ss = states_new(story);
    const struct state *st;

    REQUIRE(ss != NULL);
    st = states_at(ss, story_count(story));
    if (CHECK(st != NULL) && CHECK_EQ(st->narp, 1)) {
        CHECK_TEXT(st->arp[0].state, "REACHABLE");
        CHECK_TEXT(st->arp[0].mac, "02:00:00:00:02:01");
        CHECK_EQ(st->narp, 1);
        CHECK_EQ(st->nconn, 1);
        CHECK_TEXT(st->conn[0].state, "FIN-WAIT-1");
        CHECK_TEXT(st->conn[0].local, "10.0.1.2:33000");
        CHECK_EQ(st->nproc, 3);
        CHECK_EQ(st->page[0].status, 200);
        CHECK_TEXT(st->nginx[0].location, "~ \\.php$");
        CHECK_EQ(st->worker[0].served, 1);
        CHECK_EQ(st->zend[0].nopcodes, 2);
    }
    st = states_at(ss, 0);
    if (CHECK(st != NULL)) {
        CHECK_EQ(st->at, 0);
        CHECK_EQ(st->nconn, 0);
    }
    states_free(ss);
}

/* A long story: the sample again and again, shifted in number and time. */
static struct story *
long_story(unsigned times)
{
    struct story *s = story_new();

    for (unsigned h = 1; h < story_hosts(story); h++)
        story_add_host(s, story_host(story, h));
    for (unsigned t = 0; t < times; t++) {
        for (uint64_t i = 1; i <= story_count(story); i++) {
            struct event e = *story_event(story, i);

            e.no += t * story_count(story);
            e.at.ns += (int64_t)t * LW_S;
            e.pkt += e.pkt ? t * 1000u : 0;
            story_add(s, &e);
        }
    }
    return s;
}

static void
a_jump_leads_to_the_state_of_the_walk(void)
{
    struct story *s = long_story(60);
    struct states *walk = states_new(s), *jump = states_new(s);
    struct rng rng;

    REQUIRE(walk && jump);
    CHECK(story_count(s) > 6 * STATE_SPACING);
    rng_init(&rng, 1, "story");
    CHECK(states_prepare(jump));
    for (uint64_t i = 0; i <= story_count(s); i += 1 + rng_below(&rng, 60)) {
        uint64_t elsewhere = rng_below(&rng, story_count(s) + 1);
        char *there, *here;

        states_at(jump, elsewhere); /* from anywhere, back and forth */
        here = dump(jump, s, i);
        there = dump(walk, s, i);
        if (CHECK(here && there))
            CHECK_TEXT(here, there);
        free(here);
        free(there);
    }
    states_free(walk);
    states_free(jump);
    story_free(s);
}

static void
one_step_back_is_the_state_before(void)
{
    struct states *ss = states_new(story);

    REQUIRE(ss != NULL);
    for (uint64_t i = 1; i < story_count(story); i++) {
        char *before = dump(ss, story, i);
        char *after = dump(ss, story, i + 1);
        char *again = dump(ss, story, i);

        if (CHECK(before && after && again)) {
            CHECK_TEXT(again, before);
            CHECK(strcmp(before, after) != 0);
        }
        free(before);
        free(after);
        free(again);
    }
    states_free(ss);
}

static struct listener *
narrator_of(void *owner, struct journal *j)
{
    struct narrator **n = owner;
    const struct narrate_options options = {LEVEL_STEP, 90, -1};
    FILE *out = (FILE *)*n;

    *n = narrate_new(out, j, &options);
    return narrate_listener(*n);
}

static void
the_narrator_keeps_to_its_width(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct narrator *n = (struct narrator *)out;

    REQUIRE(out != NULL);
    sample_tell(narrator_of, &n);
    narrate_free(n);
    fclose(out);
    CHECK(strstr(text, "=== TCP ===") != NULL);
    CHECK(strstr(text, "laptop browser") != NULL);
    CHECK(strstr(text, "[SYN], 0") != NULL);
    CHECK(strstr(text, "\033") == NULL);
    for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
        CHECK(strcspn(at, "\n") <= 92);
    free(text);
}

static CU_TestInfo cases[] = {
    TEST(events_are_kept_with_their_fields),
    TEST(a_packet_leads_to_its_frame),
    TEST(the_walk_falls_into_stages),
    TEST(the_state_is_what_the_events_said),
    TEST(one_step_back_is_the_state_before),
    TEST(a_jump_leads_to_the_state_of_the_walk),
    TEST(the_narrator_keeps_to_its_width),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_story = {.pName = "story",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
