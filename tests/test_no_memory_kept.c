/*
 * test_no_memory_kept.c: what if there is no memory just now for what is kept
 * of a walk: the capture file while it is written, the same file and those of
 * others while they are read, the story and its states? Each is done with
 * the first request for memory refused, with the second, and so on; and again
 * with that one and all after it refused.
 *
 * Then either all is as it would have been, to the last byte, or who asked is
 * told that there was no memory. Half a file that looks whole is the one
 * thing that must not be. Nothing is left either way, and a story that was
 * looked at in vain shows everything when it is looked at again.
 */
#include "check.h"
#include "faulty.h"
#include "made_capture.h"
#include "sample.h"

#include "capture.h"
#include "pcapng_write.h"
#include "state.h"
#include "story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM  (1 << 20) /* no file here is larger */
#define TIMES 8         /* the sample, again and again */

static struct {
    struct story *sample;
    uint8_t *file;
    size_t len;
    char path[64];
    struct fault fault;
    uint64_t sum; /* of all that came of it */
} f;

static void
setup(void)
{
    memset(&f, 0, sizeof f);
    f.sample = sample_story();
    f.file = malloc(ROOM);
    snprintf(f.path, sizeof f.path, "/tmp/layerwalk-kept-%d", (int)getpid());
}

static void
teardown(void)
{
    story_free(f.sample);
    free(f.file);
    unlink(f.path);
}

static void
add(const void *data, size_t len)
{
    f.sum = fnv(f.sum, data, len);
}

/* --- each refused in turn -----------------------------------------------  */

/* What is tried: 0, with f.sum; or a negative errno, and f.fault if `says`. */
struct task {
    int (*run)(void);
    bool says;
};

static int
once(const struct task *t, unsigned nth, bool for_ever, unsigned *asked)
{
    int left, r;

    f.sum = FNV_BEGIN;
    f.fault = (struct fault){""};
    faulty_begin(nth, for_ever);
    r = t->run();
    *asked = faulty_end(&left);
    if (!CHECK_EQ(left, 0))
        printf("    request %u refused\n", nth);
    return r;
}

static void
refuse_each(const struct task *t)
{
    unsigned asked, more, said = 0, first;
    uint64_t whole;

    REQUIRE(once(t, 0, false, &asked) == 0);
    whole = f.sum;
    first = asked;
    REQUIRE(first > 1 && first < 20000);
    for (unsigned n = 0; n < 2 * first; n++) {
        int r = once(t, 1 + n / 2, n % 2, &more);
        bool good = r == 0 ? f.sum == whole
                           : r == -ENOMEM && (!t->says || f.fault.text[0]);

        if (!check_true(good, "all or none", __FILE__, __LINE__))
            printf("    request %u of %u refused%s: %d %s\n", 1 + n / 2, first,
                n % 2 ? " and all after it" : "", r, f.fault.text);
        said += r != 0;
    }
    CHECK(said > first);
    printf("(%u requests) ", first);
}

/* --- a file that we write -----------------------------------------------  */

static int
sink(void *owner, const void *data, size_t len)
{
    (void)owner;
    if (len > ROOM - f.len)
        return -ENOSPC;
    memcpy(f.file + f.len, data, len);
    f.len += len;
    return 0;
}

/* The sample's events told to whoever listens to j, as if they happened. */
static void
happen(struct journal *j)
{
    uint64_t count = story_count(f.sample);

    for (uint64_t i = 0; i < TIMES * count; i++) {
        struct event e = *story_event(f.sample, 1 + i % count);

        e.no = i + 1;
        e.pkt += e.pkt ? i / count * 1000 : 0;
        e.cause = 0;
        for (struct listener *l = j->listeners; l; l = l->next)
            l->event(l->owner, &e);
    }
}

static int
write_all(void)
{
    const struct capture_world world = {"sample", 1, 1700000000};
    const struct pcapng_sink to = {.write = sink};
    struct instant now = {0};
    struct journal j;
    struct pcapng_writer *w;
    int error = -ENOMEM;

    faulty_spare(true);
    journal_init(&j, &now);
    for (unsigned h = 1; h < story_hosts(f.sample); h++)
        journal_host(&j, story_host(f.sample, h));
    faulty_spare(false);
    f.len = 0;
    w = pcapng_writer_new(&j, &world, LEVEL_MICRO, &to);
    if (w) {
        happen(&j);
        error = pcapng_writer_close(w);
    }
    faulty_spare(true);
    journal_close(&j);
    faulty_spare(false);
    add(f.file, f.len);
    return error;
}

static void
a_file_is_written_whole_or_not(void)
{
    static const struct task task = {write_all, false};

    REQUIRE(f.sample && f.file);
    refuse_each(&task);
}

/* --- files that are read ------------------------------------------------  */

static void
on_section(void *owner, const char *application, const char *comment)
{
    (void)owner;
    add(application, strlen(application) + 1);
    add(comment, strlen(comment) + 1);
}

static void
on_world(void *owner, const struct capture_world *world)
{
    (void)owner;
    add(world->name, strlen(world->name) + 1);
}

static void
on_host(void *owner, uint16_t number, const char *name)
{
    (void)owner;
    add(&number, sizeof number);
    add(name, strlen(name) + 1);
}

static void
on_name(void *owner, struct ipv4 addr, const char *name)
{
    (void)owner;
    add(&addr.v, sizeof addr.v);
    add(name, strlen(name) + 1);
}

static void
on_frame(void *owner, const struct capture_frame *frame)
{
    (void)owner;
    add(frame->link, strlen(frame->link) + 1);
    add(&frame->time_ns, sizeof frame->time_ns);
    add(frame->data, frame->len);
    add(frame->comment, strlen(frame->comment) + 1);
}

static void
on_event(void *owner, const struct event *e)
{
    char text[1000];

    (void)owner;
    event_text(e, text, sizeof text);
    add(text, strlen(text) + 1);
}

static const struct capture_calls calls = {.section = on_section,
    .world = on_world,
    .host = on_host,
    .name = on_name,
    .frame = on_frame,
    .event = on_event};

static int
read_all(void)
{
    return capture_read(f.path, &calls, &f.fault);
}

/* All that a story tells of its events. */
static void
look_through(const struct story *s)
{
    char text[1000];

    for (uint64_t i = 1; i <= story_count(s); i++) {
        uint64_t frame = story_frame(s, i);
        unsigned type = story_linktype(s, i);

        story_text(s, i, text, sizeof text);
        add(text, strlen(text) + 1);
        add(&frame, sizeof frame);
        add(&type, sizeof type);
    }
    for (unsigned k = 0; k < story_stages(s); k++)
        add(story_stage(s, k).name, strlen(story_stage(s, k).name));
}

/* Every state, from the first to the last and the first again. */
static int
states_of(const struct story *s)
{
    struct states *ss = states_new(s);
    uint64_t n = story_count(s);
    int r = ss ? 0 : -ENOMEM;

    for (uint64_t i = 0; !r && i <= n + 1; i += n / 7 + 1) {
        const struct state *st = states_at(ss, i > n ? 0 : i);

        if (!st) {
            r = -ENOMEM;
            break;
        }
        add(&st->at, sizeof st->at);
        add(&st->nconn, sizeof st->nconn);
        for (unsigned c = 0; c < st->nconn; c++)
            add(st->conn[c].state, strlen(st->conn[c].state));
    }
    states_free(ss);
    return r;
}

static int
load(int (*how)(const char *path, struct story **out, struct fault *fault))
{
    struct story *s;
    int r = how(f.path, &s, &f.fault);

    if (r)
        return r;
    faulty_spare(true);
    look_through(s);
    faulty_spare(false);
    story_free(s);
    return 0;
}

static int
load_lazy(void)
{
    return load(story_load);
}

static int
load_kept(void)
{
    return load(story_load_kept);
}

static int
fold(void)
{
    struct story *s;
    int r;

    faulty_spare(true);
    r = story_load(f.path, &s, &f.fault);
    faulty_spare(false);
    r = r ? r : states_of(s);
    story_free(s);
    return r;
}

/* What could not be read off the file when it was looked at can be later. */
static int
look_again(void)
{
    struct story *s;
    int r;

    faulty_spare(true);
    r = story_load(f.path, &s, &f.fault);
    faulty_spare(false);
    if (r)
        return r;
    look_through(s);
    faulty_spare(true);
    f.sum = FNV_BEGIN;
    look_through(s);
    faulty_spare(false);
    story_free(s);
    return 0;
}

static void
read_each(void)
{
    static const struct task tasks[] = {
        {read_all, true}, {load_lazy, true}, {load_kept, true}, {fold, false}};

    for (unsigned i = 0; i < LW_COUNT(tasks); i++)
        refuse_each(&tasks[i]);
}

static void
our_file_is_read_whole_or_not(void)
{
    FILE *file;

    REQUIRE(f.sample && f.file && write_all() == 0);
    file = fopen(f.path, "wb");
    REQUIRE(file && fwrite(f.file, 1, f.len, file) == f.len);
    REQUIRE(fclose(file) == 0);
    read_each();
}

static bool
make(bool pcapng, unsigned frames)
{
    FILE *file = fopen(f.path, "wb");
    bool good = file && made_capture(file, frames, pcapng, pcapng);

    return CHECK(file && fclose(file) == 0 && good);
}

static void
a_foreign_file_is_read_whole_or_not(void)
{
    if (make(true, 100))
        read_each();
    if (make(false, 60))
        read_each();
}

static void
what_was_not_seen_is_seen_later(void)
{
    unsigned asked, more;
    uint64_t whole;
    static const struct task task = {look_again, true};

    REQUIRE(make(true, 40) && once(&task, 0, false, &asked) == 0);
    whole = f.sum;
    CHECK(asked > 3);
    for (unsigned n = 0; n < 2 * asked; n++) {
        CHECK_EQ(once(&task, 1 + n / 2, n % 2, &more), 0);
        CHECK(f.sum == whole);
    }
    printf("(%u requests) ", asked);
}

static CU_TestInfo cases[] = {
    TEST(a_file_is_written_whole_or_not),
    TEST(our_file_is_read_whole_or_not),
    TEST(a_foreign_file_is_read_whole_or_not),
    TEST(what_was_not_seen_is_seen_later),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_no_memory_kept = {.pName = "no_memory_kept",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
