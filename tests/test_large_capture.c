/*
 * test_large_capture.c: of a capture only an index is kept, and its events
 * are read off the frames again when somebody looks. Is what is seen then
 * the same as when every event had been kept; and how much is kept?
 */
#include "check.h"
#include "made_capture.h"

#include "rng.h"
#include "state.h"
#include "story.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    char path[64];
    struct fault fault;
    struct story *kept, *lazy;
} f;

static void
setup(void)
{
    memset(&f, 0, sizeof f);
    snprintf(f.path, sizeof f.path, "/tmp/layerwalk-test-%d", (int)getpid());
}

static void
let_go(void)
{
    story_free(f.kept);
    story_free(f.lazy);
    f.kept = f.lazy = NULL;
}

static void
teardown(void)
{
    let_go();
    unlink(f.path);
}

static bool
make(uint64_t frames, bool pcapng, bool mixed)
{
    FILE *file = fopen(f.path, "wb");
    bool good = file && made_capture(file, frames, pcapng, mixed);

    return CHECK(file && fclose(file) == 0 && good);
}

static bool
load(const char *path)
{
    return CHECK(story_load(path, &f.lazy, &f.fault) == 0 &&
                 story_load_kept(path, &f.kept, &f.fault) == 0);
}

/* The event at i as text, with all that the window knows of it. */
static void
describe(const struct story *s, uint64_t i, char *text, size_t size)
{
    const struct event *e = story_event(s, i);
    unsigned long long no = e->no, cause = e->cause, pkt = e->pkt;
    int n = snprintf(text, size, "%llu at %lld by %llu of %llu (%u %u %u %u) ",
        no, (long long)e->at.ns, cause, pkt, e->len, e->host, e->rule,
        e->nfields);
    size_t len = 0, used = (size_t)n;
    const uint8_t *bytes = story_bytes(e, &len);

    n = snprintf(text + used, size - used, "%s: before %llu next %llu ",
        story_host(s, e->host), (unsigned long long)story_pkt_before(s, i),
        (unsigned long long)story_pkt_next(s, i));
    used += (size_t)n;
    n = snprintf(text + used, size - used, "first %llu frame %llu type %u ",
        (unsigned long long)story_pkt_first(s, pkt),
        (unsigned long long)story_frame(s, i), story_linktype(s, i));
    used += (size_t)n;
    n = snprintf(text + used, size - used, "sum %016llx ",
        bytes ? (unsigned long long)fnv(FNV_BEGIN, bytes, len + 1) : 0);
    used += (size_t)n;
    story_text(s, i, text + used, size - used);
}

static void
same_event(uint64_t i)
{
    char kept[1200], lazy[1200];

    describe(f.kept, i, kept, sizeof kept);
    describe(f.lazy, i, lazy, sizeof lazy);
    CHECK_TEXT(lazy, kept);
}

static char *
state(struct states *ss, const struct story *s, uint64_t i)
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
same_state(struct states *kept, struct states *lazy, uint64_t i)
{
    char *a = state(kept, f.kept, i), *b = state(lazy, f.lazy, i);

    if (CHECK(a && b))
        CHECK_TEXT(b, a);
    free(a);
    free(b);
}

/* A step on, a step back, or a jump. */
static uint64_t
go(struct rng *rng, uint64_t i, uint64_t count)
{
    uint64_t what = rng_below(rng, 10);

    if (what < 4 && i < count)
        return i + 1;
    if (what < 8 && i > 1)
        return i - 1;
    return 1 + rng_below(rng, count);
}

static void
same_rows(void)
{
    for (enum level l = LEVEL_STAGE; l <= LEVEL_MICRO; l++) {
        uint64_t n = story_rows(f.kept, l), seen = 0;

        CHECK_EQ(story_rows(f.lazy, l), n);
        for (uint64_t row = 0; row < n; row += 1 + n / 50) {
            uint64_t i = story_at_row(f.kept, l, row);

            CHECK_EQ(story_at_row(f.lazy, l, row), i);
            CHECK_EQ(story_row(f.lazy, l, i), row);
            CHECK_EQ(story_row(f.kept, l, i), row);
            CHECK_EQ(story_row(f.kept, l, i + 1), row + 1);
            CHECK(event_info(story_event(f.kept, i)->kind)->level <= l);
            seen++;
        }
        CHECK_EQ(story_at_row(f.lazy, l, n), 0);
        CHECK(seen > 0 || n == 0);
    }
}

/* Both stories are walked, with `walks` steps and jumps; all of a short one
 * is looked at. */
static void
same_stories(unsigned walks)
{
    uint64_t count = story_count(f.kept), i = 1;
    struct states *kept = states_new(f.kept), *lazy = states_new(f.lazy);
    struct rng rng;

    REQUIRE(kept && lazy);
    REQUIRE(CHECK_EQ(story_count(f.lazy), count));
    CHECK(story_passes(f.lazy) && !story_passes(f.kept));
    CHECK_EQ(story_hosts(f.lazy), story_hosts(f.kept));
    CHECK_EQ(story_stages(f.lazy), story_stages(f.kept));
    for (unsigned k = 0; k < story_stages(f.kept); k++)
        CHECK_EQ(story_stage(f.lazy, k).first, story_stage(f.kept, k).first);
    for (unsigned k = 0; k < EV_COUNT; k++)
        CHECK_EQ(story_has(f.lazy, k), story_has(f.kept, k));
    same_rows();
    for (i = 1; i <= count && count < 5000; i++)
        same_event(i);
    rng_init(&rng, count, "walk");
    i = 1;
    while (walks-- > 0) {
        i = go(&rng, i, count);
        same_event(i);
        same_state(kept, lazy, i);
    }
    same_state(kept, lazy, 0);
    same_state(kept, lazy, count);
    states_free(kept);
    states_free(lazy);
}

static void
what_is_seen_is_what_was_kept(void)
{
    REQUIRE(make(20000, true, false) && load(f.path));
    CHECK(story_count(f.kept) > 100000);
    same_stories(1500);
}

static void
classic_captures_are_read_again_too(void)
{
    REQUIRE(make(5000, false, false) && load(f.path));
    same_stories(300);
}

/* Interfaces of three link types: is each frame read as what it is? */
static void
each_frame_has_its_own_link_type(void)
{
    unsigned types[3] = {0};
    char text[512];

    REQUIRE(make(3000, true, true) && load(f.path));
    same_stories(300);
    for (uint64_t i = 1; i <= story_count(f.lazy); i++) {
        if (story_event(f.lazy, i)->kind != EV_FRAME_SENT)
            continue;
        unsigned type = story_linktype(f.lazy, i);
        types[type == 1 ? 0 : type == 101 ? 1 : 2]++;
        story_text(f.lazy, i, text, sizeof text);
        CHECK(strstr(text, ": TCP") || strstr(text, ": HTTP") ||
              strstr(text, ": ARP") || strstr(text, ": ICMP") ||
              strstr(text, ": DNS"));
    }
    CHECK(types[0] > 900 && types[1] > 900 && types[2] > 900);
}

/* Captures of others, where they are: not part of this repository. */
static void
captures_of_others_are_the_same(void)
{
    const char *folder = getenv("LAYERWALK_CAPTURES");
    char pattern[512];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/*.pcap*", folder ? folder : "pcaps");
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t k = 0; k < found.gl_pathc; k++) {
        REQUIRE(story_load(found.gl_pathv[k], &f.lazy, &f.fault) == 0);
        REQUIRE(story_load_kept(found.gl_pathv[k], &f.kept, &f.fault) == 0);
        if (story_passes(f.lazy))
            same_stories(500);
        let_go();
    }
    globfree(&found);
}

/* While it is read, what has been read is seen as it will be. */
static void
a_beginning_is_what_it_stays(void)
{
    struct rng rng;
    uint64_t looked = 0;
    int more;

    REQUIRE(make(4000, true, false));
    REQUIRE(story_load_kept(f.path, &f.kept, &f.fault) == 0);
    rng_init(&rng, 1, "beginning");
    more = story_open(f.path, &f.lazy, &f.fault);
    REQUIRE(more == 1 && story_count(f.lazy) < story_count(f.kept) / 2);
    struct states *kept = states_new(f.kept), *lazy = states_new(f.lazy);
    REQUIRE(kept && lazy);
    while (more > 0) {
        for (unsigned k = 0; k < 20; k++) {
            uint64_t i = 1 + rng_below(&rng, story_count(f.lazy));

            CHECK_EQ(story_event(f.lazy, i)->no, i);
            CHECK_EQ(
                story_event(f.lazy, i)->kind, story_event(f.kept, i)->kind);
            CHECK_EQ(states_at(lazy, i)->nconn, states_at(kept, i)->nconn);
            looked++;
        }
        more = story_more(f.lazy, 1);
    }
    CHECK_EQ(more, 0);
    CHECK_EQ(story_more(f.lazy, 1), 0);
    CHECK(looked > 100);
    same_stories(200);
    states_free(kept);
    states_free(lazy);
}

/* The file has been cut since: the end reads as zeros, and nothing breaks. */
static void
a_file_that_shrinks_is_no_harm(void)
{
    uint64_t none = 0;

    REQUIRE(make(3000, true, false));
    REQUIRE(story_load(f.path, &f.lazy, &f.fault) == 0);
    CHECK_EQ(truncate(f.path, 100000), 0);
    for (uint64_t i = 1; i <= story_count(f.lazy); i++) {
        CHECK_EQ(story_event(f.lazy, i)->no, i);
        none += story_event(f.lazy, i)->kind == EV_NONE;
        story_frame(f.lazy, i);
    }
    CHECK(none > 0);
}

/* A million frames in 200 MB are 200 bytes each, with the file's HTTP. */
static void
a_frame_costs_some_dozens_of_bytes(void)
{
    REQUIRE(make(60000, true, false));
    REQUIRE(story_load(f.path, &f.lazy, &f.fault) == 0);
    CHECK(story_memory(f.lazy) / 60000 < 100);
    for (uint64_t i = 1; i <= story_count(f.lazy); i += 50)
        story_event(f.lazy, i); /* what is held has a bound */
    CHECK(story_memory(f.lazy) / 60000 < 400);
}

/* 157 MB of frames of a quarter of a megabyte each, all of them looked at. */
static void
long_frames_do_not_fill_the_memory(void)
{
    enum {
        LEN = 262144,
        FRAMES = 600
    };
    const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, LEN, 1};
    FILE *file = fopen(f.path, "wb");
    size_t len = 0;

    REQUIRE(file != NULL);
    CHECK_EQ(fwrite(head, sizeof head, 1, file), 1);
    for (uint32_t i = 0; i < FRAMES; i++) { /* their bytes are a hole */
        const uint32_t record[4] = {i, 0, LEN, LEN};

        CHECK_EQ(fwrite(record, sizeof record, 1, file), 1);
        CHECK_EQ(fseek(file, LEN - (i + 1 == FRAMES), SEEK_CUR), 0);
    }
    fputc(0, file);
    CHECK_EQ(fclose(file), 0);
    REQUIRE(story_load(f.path, &f.lazy, &f.fault) == 0);
    for (uint64_t i = 1; i <= story_count(f.lazy); i++) {
        const struct event *e = story_event(f.lazy, i);

        if (e->kind == EV_FRAME_SENT && story_bytes(e, &len))
            CHECK_EQ(len, LEN);
        CHECK(story_memory(f.lazy) < 72u << 20);
    }
    CHECK(len > 0 && story_memory(f.lazy) > 32u << 20);
}

static CU_TestInfo cases[] = {
    TEST(what_is_seen_is_what_was_kept),
    TEST(classic_captures_are_read_again_too),
    TEST(each_frame_has_its_own_link_type),
    TEST(captures_of_others_are_the_same),
    TEST(a_beginning_is_what_it_stays),
    TEST(a_file_that_shrinks_is_no_harm),
    TEST(a_frame_costs_some_dozens_of_bytes),
    TEST(long_frames_do_not_fill_the_memory),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_large_capture = {.pName = "large_capture",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
