/*
 * test_truth.c: is everything true that a walk says about itself? The
 * default world runs with several seeds, and with cables that lose, double
 * and reorder; then every event is held against the bytes of the frames,
 * against the events around it, and against its cause.
 */
#include "truth.h"

#include "shell.h"
#include "worldmake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST (900 * LW_S)
#define PIDS    32

/* --- a world, run --------------------------------------------------------- */

struct run {
    struct worldfile file;
    struct made made;
    struct story *story;
    char fpm[4200];
};

static bool
over(void *owner)
{
    return made_quiet(owner);
}

static bool
walk(struct run *r, struct fault *fault)
{
    if (made_build(&r->made, fault) || made_servers(&r->made, fault) ||
        made_clients(&r->made, fault))
        return false;
    made_run(&r->made, (struct instant){LONGEST}, over, &r->made);
    return true;
}

/* The story of the world in `dir`; NULL: it cannot run here. */
static struct story *
run(const char *dir, uint64_t seed)
{
    struct run *r = calloc(1, sizeof *r);
    struct fault fault = {{0}};
    struct shell s = shell("dirname \"$LW\"");

    if (!r)
        abort();
    snprintf(r->fpm, sizeof r->fpm, "%.*s/layerwalk-php-fpm",
        (int)strcspn(s.out, "\n"), s.out);
    shell_free(&s);
    if (access(r->fpm, X_OK) != 0) {
        printf("(no PHP pool: not run) ");
        free(r);
        return NULL;
    }
    struct world_options options = {.seed = seed, .fpm = r->fpm};

    CHECK_EQ(worldfile_read(&r->file, dir, &fault), 0);
    CHECK_EQ(made_open(&r->made, &r->file, &options, &fault), 0);
    r->story = story_new();
    struct listener *l = story_listener(r->story, &r->made.journal);
    journal_listen(&r->made.journal, l);
    CHECK(walk(r, &fault));
    CHECK_TEXT(fault.text, "");
    journal_unlisten(&r->made.journal, l);
    made_close(&r->made);
    worldfile_free(&r->file);
    struct story *story = r->story;
    free(r);
    CHECK(!story_full(story));
    return story;
}

static const char *
names_of(const struct event *e)
{
    return event_info(e->kind)->name;
}

/* --- causes --------------------------------------------------------------- */

/* Every event but the first has a cause before it; so has the cause. */
static void
causes(const struct story *s)
{
    int64_t now = 0;

    CHECK_EQ(story_event(s, 1)->kind, EV_WORLD_BEGIN);
    CHECK_EQ(story_event(s, 1)->cause, 0);
    for (uint64_t i = 2; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i);

        if (!CHECK(e->cause > 0 && e->cause < e->no))
            printf("  %s, event %llu, because of %llu\n", names_of(e),
                (unsigned long long)e->no, (unsigned long long)e->cause);
        CHECK(story_index(s, e->cause) != 0);
        CHECK(e->rule != RULE_NONE);
        CHECK(e->at.ns >= now);
        now = e->at.ns;
    }
}

/* From the page back to the beginning, through everybody who took part. */
static void
why_the_page(const struct story *s)
{
    static const enum event_kind way[] = {EV_PAGE_LOADED, EV_HTTP_RESPONSE_READ,
        EV_TCP_ARRIVE, EV_FRAME_RECEIVED, EV_FRAME_SENT, EV_IP_FORWARD,
        EV_FRAME_RECEIVED, EV_FRAME_SENT, EV_NGINX_RESPONSE, EV_TCP_ARRIVE,
        EV_FRAME_RECEIVED, EV_FRAME_SENT, EV_ZEND_EXECUTE, EV_ZEND_COMPILE,
        EV_FPM_REQUEST, EV_TCP_ARRIVE, EV_FRAME_SENT, EV_NGINX_UPSTREAM,
        EV_NGINX_LOCATION, EV_NGINX_REQUEST, EV_TCP_ARRIVE, EV_IP_FORWARD,
        EV_FRAME_SENT, EV_HTTP_REQUEST_SENT, EV_TCP_ARRIVE, EV_FRAME_SENT,
        EV_TCP_ARRIVE, EV_FRAME_SENT, EV_NAME_HOSTS, EV_URL_PARSED,
        EV_PROC_START, EV_WORLD_BEGIN};
    uint64_t i = story_count(s);
    unsigned k = 0;

    while (i && story_event(s, i)->kind != EV_PAGE_LOADED)
        i--;
    REQUIRE(i != 0);
    for (; i; i = story_index(s, story_event(s, i)->cause))
        if (k < LW_COUNT(way) && story_event(s, i)->kind == way[k])
            k++;
    if (!CHECK_EQ(k, LW_COUNT(way)))
        printf("  not on the way: %s\n", event_info(way[k])->name);
}

/* --- processes ------------------------------------------------------------ */

struct asleep {
    bool sleeps;
    char call[32]; /* "": it is in no call */
    int64_t since;
};

/* Who sleeps is woken before it does anything; calls begin and end. */
static void
processes(const struct story *s)
{
    struct asleep(*all)[PIDS] = calloc(story_hosts(s), sizeof *all);
    unsigned calls = 0;

    if (!all)
        abort();
    for (uint64_t i = 1; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i);
        uint64_t pid = event_u64(e, "pid", e->pid);
        struct asleep *p = &all[e->host][pid < PIDS ? pid : 0];

        if (e->kind == EV_PROC_BLOCK) {
            CHECK(!p->sleeps);
            CHECK_TEXT(truth_text(e, "call"), p->call);
            p->sleeps = true;
        } else if (e->kind == EV_PROC_WAKE) {
            CHECK(p->sleeps);
            p->sleeps = false;
        } else if (e->kind == EV_SYSCALL_ENTER) {
            CHECK(!p->sleeps && !p->call[0]);
            snprintf(p->call, sizeof p->call, "%s", truth_text(e, "name"));
            p->since = e->at.ns;
        } else if (e->kind == EV_SYSCALL && p->call[0]) {
            CHECK(!p->sleeps);
            CHECK_TEXT(truth_text(e, "name"), p->call);
            CHECK_EQ(event_field(e, "took")->i, e->at.ns - p->since);
            p->call[0] = 0;
            calls++;
        } else if (e->pid == pid && e->pid) {
            CHECK(!p->sleeps);
        }
    }
    CHECK(calls > 80);
    free(all);
}

/* --- connections ---------------------------------------------------------- */

/* The newest event of a kind about the same connection, before i. */
static const struct event *
last(const struct story *s, uint64_t i, enum event_kind kind, const char *field)
{
    const struct event *e = story_event(s, i);

    while (--i) {
        const struct event *x = story_event(s, i);

        if (x->kind == kind && x->host == e->host &&
            event_u64(x, field, 0) == event_u64(e, field, 0))
            return x;
    }
    return NULL;
}

/* What is said of a connection fits what was said before. */
static void
variables(const struct story *s, uint64_t i)
{
    const struct event *e = story_event(s, i);
    const struct event *sent = last(s, i, EV_TCP_SEND, "conn");
    const struct event *came = last(s, i, EV_TCP_ARRIVE, "conn");
    uint32_t una = (uint32_t)event_u64(e, "una", 0);
    uint32_t nxt = (uint32_t)event_u64(e, "nxt", 0);
    uint32_t behind =
        sent ? (uint32_t)(event_u64(sent, "seq", 0) + event_u64(sent, "len", 0))
             : nxt;

    CHECK((int32_t)(nxt - una) >= 0);
    CHECK((int32_t)(nxt - behind) >= 0); /* nothing unsent is counted */
    if (!sent || !strchr(truth_text(sent, "flags"), '.') ||
        (came && came->no > sent->no))
        return;
    CHECK(
        (int32_t)(event_u64(e, "rcv_nxt", 0) - event_u64(sent, "ack", 0)) >= 0);
}

/* The newest event before i that says `field` is `value` on that host. */
static const struct event *
newest(const struct story *s, uint64_t i, enum event_kind kind,
    const char *field, uint64_t value)
{
    uint16_t host = story_event(s, i)->host;

    while (--i) {
        const struct event *x = story_event(s, i);

        if (x->kind == kind && x->host == host &&
            event_u64(x, field, 0) == value)
            return x;
    }
    return NULL;
}

/* Bytes were acknowledged: the socket, if it is open, says so, too. */
static bool
drained(const struct story *s, uint64_t i)
{
    const struct event *e = story_event(s, i),
                       *x = last(s, i, EV_TCP_CONN, "conn");
    uint64_t sock = x ? event_u64(x, "sock", 0) : 0;
    uint64_t left = event_u64(e, "snd_buf", 0);
    const struct event *queue = newest(s, i, EV_SOCKET_QUEUE, "sock", sock);

    if (!sock || !queue || event_u64(queue, "snd", 0) <= left ||
        newest(s, i, EV_SOCKET_CLOSE, "sock", sock))
        return false;
    while (++i <= story_count(s)) {
        x = story_event(s, i);
        if (x->host != e->host)
            continue;
        if (x->kind == EV_SOCKET_QUEUE && event_u64(x, "sock", 0) == sock)
            return CHECK_EQ(event_u64(x, "snd", 1), left);
        if (x->kind == EV_TCP_VARS &&
            event_u64(x, "conn", 0) == event_u64(e, "conn", 1))
            break;
    }
    return CHECK(!"the queue is not told");
}

static void
connections(const struct story *s)
{
    unsigned moves = 0, queues = 0, acked = 0;

    for (uint64_t i = 1; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i), *x;

        if (e->kind == EV_TCP_MOVE) {
            x = last(s, i, EV_TCP_MOVE, "conn");
            if (x)
                CHECK_TEXT(truth_text(e, "from"), truth_text(x, "to"));
            moves++;
        } else if (e->kind == EV_TCP_VARS) {
            variables(s, i);
            acked += drained(s, i);
        } else if (e->kind == EV_SOCKET_QUEUE &&
                   (x = last(s, i, EV_TCP_CONN, "sock")) != NULL) {
            uint64_t conn = event_u64(x, "conn", 0);
            uint64_t k = i;

            do
                x = story_event(s, --k);
            while (k > 1 && (x->kind != EV_TCP_VARS || x->host != e->host ||
                                event_u64(x, "conn", 0) != conn));
            CHECK_EQ(event_u64(e, "rcv", 1), event_u64(x, "rcv_buf", 2));
            CHECK_EQ(event_u64(e, "snd", 1), event_u64(x, "snd_buf", 2));
            queues++;
        }
    }
    CHECK(moves >= 20);
    CHECK(queues >= 10);
    CHECK(acked >= 2);
}

/* --- the tests ------------------------------------------------------------ */

static void
all_of_it(const char *dir, uint64_t seed, bool faults)
{
    struct story *s = run(dir, seed);

    if (!s)
        return;
    causes(s);
    truth_wire(s, faults);
    truth_layers(s);
    truth_segments(s);
    truth_forwarding(s);
    truth_streams(s);
    processes(s);
    connections(s);
    why_the_page(s);
    story_free(s);
}

/* The world as it comes. */
static void
default_world(void)
{
    all_of_it("lessons/worlds/shop", 1, false);
    all_of_it("lessons/worlds/shop", 7, false);
}

/* Cables as bad as radio: much is sent twice, and all is still true. */
static void
bad_cables(void)
{
    char dir[300];
    struct shell s =
        shell("cp -r lessons/worlds/shop $TMP/bad && printf '%%s\\n' "
              "'    loss: 15%%' '    duplicate: 15%%' '    reorder: 20%%' "
              "'    reorder_delay: 30ms' >>$TMP/bad/world.yaml && sed -i "
              "'s/rate: 100Mbit.s/&\\n    loss: 5%%\\n    duplicate: 10%%/' "
              "$TMP/bad/world.yaml");

    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    shell_free(&s);
    snprintf(dir, sizeof dir, "%s/bad", shell_tmp());
    for (uint64_t seed = 1; seed <= 6; seed++)
        all_of_it(dir, seed, true);
}

static void
teardown(void)
{
    shell_clean();
}

static CU_TestInfo cases[] = {
    TEST(default_world), TEST(bad_cables), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_truth = {
    .pName = "truth", .pTests = cases, .pTearDownFunc = teardown};
