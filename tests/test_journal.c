/*
 * test_journal.c: numbers, causes, levels, sentences.
 */
#include "check.h"
#include "env.h"

#include <string.h>

/* A world of one host, and a listener that remembers what it heard. */
static struct {
    struct journal journal;
    struct timers timers;
    struct env env;
} world;

struct ear {
    struct listener listener;
    unsigned heard;
    struct event last;
    char text[128];
};

static void
hear(void *owner, const struct event *e)
{
    struct ear *ear = owner;

    ear->heard++;
    ear->last = *e;
    event_text(e, ear->text, sizeof ear->text);
}

static void
listen_at(struct ear *ear, enum level level)
{
    *ear =
        (struct ear){.listener = {.event = hear, .owner = ear, .level = level}};
    journal_listen(&world.journal, &ear->listener);
}

static void
setup(void)
{
    memset(&world, 0, sizeof world);
    journal_init(&world.journal, &world.timers.now);
    timers_init(&world.timers, &world.journal);
    world.env.journal = &world.journal;
    world.env.timers = &world.timers;
    world.env.host = (uint16_t)journal_host(&world.journal, "web");
}

static void
teardown(void)
{
    timers_close(&world.timers);
    journal_close(&world.journal);
}

/* Does an event that nobody wants leave no trace and cost no fields? */
static void
unwanted_events_do_not_happen(void)
{
    unsigned evaluated = 0;
    struct ear ear;

    CHECK_EQ(
        NOTE(&world.env, EV_PROC_WAKE, RULE_NONE, f_u64("pid", ++evaluated)),
        0);
    listen_at(&ear, LEVEL_STEP);
    CHECK(!journal_wants(&world.journal, EV_PROC_WAKE));
    CHECK(journal_wants(&world.journal, EV_SOCKET_CLOSE));
    NOTE(&world.env, EV_PROC_WAKE, RULE_NONE, f_u64("pid", ++evaluated));
    CHECK_EQ(evaluated, 0);
    CHECK_EQ(world.journal.last, 0);
    CHECK_EQ(ear.heard, 0);
}

/* Do listeners get their own level, and numbers run without gaps? */
static void
levels_and_numbers(void)
{
    struct ear fine, coarse;

    listen_at(&fine, LEVEL_MICRO);
    listen_at(&coarse, LEVEL_STAGE);
    CHECK_EQ(NOTE(&world.env, EV_PROC_WAKE, RULE_NONE, f_u64("pid", 1)), 1);
    CHECK_EQ(
        NOTE(&world.env, EV_NAME_UNKNOWN, RULE_NONE, f_text("name", "a")), 2);
    CHECK_EQ(fine.heard, 2);
    CHECK_EQ(coarse.heard, 1);
    CHECK_EQ(coarse.last.no, 2);
    CHECK_EQ(coarse.last.host, world.env.host);
    CHECK_TEXT(coarse.last.func, "levels_and_numbers");
    journal_unlisten(&world.journal, &fine.listener);
    CHECK(!journal_wants(&world.journal, EV_PROC_WAKE));
    CHECK(journal_wants(&world.journal, EV_NAME_UNKNOWN));
    journal_unlisten(&world.journal, &coarse.listener);
    CHECK(!journal_wants(&world.journal, EV_NAME_UNKNOWN));
}

static void
wake(void *owner)
{
    (void)owner;
    NOTE(&world.env, EV_PROC_WAKE, RULE_NONE, f_u64("pid", 2));
}

/* Does a timer carry the event that armed it to the events it leads to? */
static void
causes_travel_with_timers(void)
{
    struct timer t = {.fire = wake};
    struct ear ear;
    uint64_t before;

    listen_at(&ear, LEVEL_MICRO);
    NOTE(&world.env, EV_PROC_WAKE, RULE_NONE, f_u64("pid", 1));
    before = journal_enter(&world.journal, 1);
    timer_arm(&world.timers, &t, (struct instant){500});
    journal_leave(&world.journal, before);
    CHECK_EQ(world.journal.cause, 0);
    NOTE(&world.env, EV_PROC_WAKE, RULE_NONE, f_u64("pid", 1));
    CHECK_EQ(ear.last.cause, 0);
    timers_advance(&world.timers, (struct instant){900});
    CHECK_EQ(ear.last.no, 3);
    CHECK_EQ(ear.last.cause, 1);
    CHECK_EQ(ear.last.at.ns, 500);
    CHECK_EQ(world.journal.cause, 0);
    before = journal_enter(&world.journal, 3);
    CHECK_EQ(journal_enter(&world.journal, 0), 3); /* 0 keeps it */
    CHECK_EQ(world.journal.cause, 3);
    journal_leave(&world.journal, before);
}

/* Does each type of field read as people write it? */
static void
fields_in_words(void)
{
    static const struct {
        int64_t ns;
        const char *text;
    } times[] = {{0, "0 ns"}, {999, "999 ns"}, {1000, "1 us"}, {1500, "1.5 us"},
        {12345678, "12.345 ms"}, {20000000, "20 ms"}, {1000000000, "1 s"},
        {3600001000000, "3600.001 s"}, {-1050, "-1.05 us"},
        {INT64_MIN, "-9223372036.854 s"}};
    char buf[64];
    struct field f;

    for (size_t i = 0; i < LW_COUNT(times); i++) {
        f = f_ns("t", times[i].ns);
        CHECK_TEXT(field_text(&f, buf, sizeof buf), times[i].text);
    }
    f = f_mac("m", (struct mac){{2, 0, 0, 0, 1, 0xfe}});
    CHECK_TEXT(field_text(&f, buf, sizeof buf), "02:00:00:00:01:fe");
    f = f_ip("i", (struct ipv4){0x7f000001});
    CHECK_TEXT(field_text(&f, buf, sizeof buf), "127.0.0.1");
    f = f_hex("h", 0xbeef);
    CHECK_TEXT(field_text(&f, buf, sizeof buf), "0xbeef");
    f = f_i64("i", INT64_MIN);
    CHECK_TEXT(field_text(&f, buf, sizeof buf), "-9223372036854775808");
    f = f_text("t", NULL);
    CHECK_TEXT(field_text(&f, buf, sizeof buf), "");
    f = f_text("t", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7");
    CHECK_TEXT(field_text(&f, buf, sizeof buf),
        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7");
    /* Controls, a stray byte, an overlong slash, a surrogate, C1, half. */
    f = f_text("t", "\033[\n\xff\xc0\xaf\xed\xa0\x80\xc2\x85\xe2\x82");
    CHECK_TEXT(field_text(&f, buf, sizeof buf),
        "\\x1b[\\x0a\\xff\\xc0\\xaf\\xed\\xa0\\x80\\xc2\\x85\\xe2\\x82");
    f = f_bytes("b", "A\0\xc3\xa9", 4);
    CHECK_TEXT(field_text(&f, buf, sizeof buf), "A\\x00\\xc3\\xa9");
}

/* Is the sentence filled in, and cut where the buffer ends? */
static void
sentences_are_filled_in(void)
{
    char buf[64];
    struct ear ear;
    struct event e;

    listen_at(&ear, LEVEL_MICRO);
    NOTE(&world.env, EV_PROC_START, RULE_NONE, f_u64("pid", 7),
        f_text("name", "nginx"), f_u64("ppid", 1), f_text("extra", "x"));
    CHECK_TEXT(ear.text, "process 7 (nginx) starts, parent 1");
    e = ear.last;
    e.fields = (struct field[]){f_u64("pid", 7), f_text("name", "n\xc3\xa9")};
    e.nfields = 2;
    CHECK_TEXT(event_text(&e, buf, sizeof buf),
        "process 7 (n\xc3\xa9) starts, parent ?");
    CHECK_TEXT(event_text(&e, buf, 5), "proc");
    CHECK_TEXT(event_text(&e, buf, 14), "process 7 (n"); /* not half a letter */
    CHECK_TEXT(event_text(&e, buf, 1), "");
    CHECK_EQ(event_u64(&e, "pid", 9), 7);
    CHECK_EQ(event_u64(&e, "name", 9), 9);
    CHECK_EQ(event_u64(&e, "none", 9), 9);
    CHECK(event_field(&e, "pid") == &e.fields[0]);
}

/* Is every name found again, and every sentence well-formed? */
static void
tables_are_sound(void)
{
    for (unsigned i = EV_NONE + 1; i < EV_COUNT; i++) {
        const struct event_info *info = event_info(i);
        int open = 0;

        CHECK_EQ(event_kind_of(info->name), i);
        for (const char *at = info->what; *at; at++) {
            open += (*at == '{') - (*at == '}');
            check_true(open == 0 || open == 1, info->what, __FILE__, __LINE__);
        }
        CHECK_EQ(open, 0);
    }
    for (unsigned i = RULE_NONE + 1; i < RULE_COUNT; i++) {
        CHECK_EQ(rule_of(rule_info(i)->name), i);
        CHECK(rule_info(i)->source[0] && rule_info(i)->why[0]);
    }
    CHECK_EQ(event_kind_of("NO_SUCH_KIND"), EV_NONE);
    CHECK_EQ(rule_of("NO_SUCH_RULE"), RULE_NONE);
    CHECK_TEXT(layer_name(LAYER_FPM), "php-fpm");
    CHECK_TEXT(drop_name(DROP_TCP_WINDOW), "TCP_WINDOW");
}

/* Is a refused packet counted, told with its reason, and given back? */
static void
drop_counts_tells_and_frees(void)
{
    struct pkt_pool *pool = pkt_pool_new(&world.journal, 1);
    struct ear ear;
    struct pkt *p;

    listen_at(&ear, LEVEL_STEP);
    p = pkt_new(pool, 10, 20);
    REQUIRE(p != NULL && pkt_put(p, 20) != NULL);
    pkt_drop(&world.env, p, DROP_IP_TTL, RULE_NONE);
    CHECK_EQ(world.env.drops[DROP_IP_TTL], 1);
    CHECK_TEXT(ear.text, "packet dropped: IP: time to live used up");
    CHECK_EQ(ear.last.pkt, 1);
    CHECK_EQ(ear.last.off, 10);
    CHECK_EQ(ear.last.len, 20);
    CHECK_EQ(pkt_pool_used(pool), 0);
    pkt_pool_free(pool);
}

/* Are host names numbered from 1 and cut to their room? */
static void
hosts_are_numbered(void)
{
    CHECK_EQ(world.env.host, 1);
    CHECK_EQ(journal_host(
                 &world.journal, "a-name-that-is-longer-than-thirty-one-bytes"),
        2);
    CHECK_TEXT(world.journal.hosts[0], "");
    CHECK_TEXT(world.journal.hosts[1], "web");
    CHECK_TEXT(world.journal.hosts[2], "a-name-that-is-longer-than-thir");
}

static void
hear_many(void *owner, const struct event *e, uint32_t times)
{
    struct ear *ear = owner;

    ear->heard += times;
    ear->last = *e;
}

/* Events without fields are told only where nobody reads fields, singly or
 * all at once, before whatever comes next. */
static void
tallied_events_are_told_in_their_place(void)
{
    struct journal *j = &world.journal;
    const struct tally step = {EV_ZEND_STEP, RULE_ZEND_EXECUTE, "f", 1};
    struct ear single, many, reader;

    listen_at(&single, LEVEL_MICRO);
    CHECK(journal_reads(j, EV_ZEND_STEP));
    journal_unlisten(j, &single.listener);
    single.listener.counts = true;
    journal_listen(j, &single.listener);
    many = single;
    many.listener.owner = &many;
    many.listener.repeat = hear_many;
    journal_listen(j, &many.listener);
    CHECK(journal_wants(j, EV_ZEND_STEP) && !journal_reads(j, EV_ZEND_STEP));
    listen_at(&reader, LEVEL_DETAIL); /* opcodes are finer */
    CHECK(!journal_reads(j, EV_ZEND_STEP));
    for (int i = 0; i < 10; i++)
        journal_tally(j, &step);
    CHECK_EQ(single.heard + many.heard, 0);
    NOTE(&world.env, EV_ZEND_EXECUTE, RULE_ZEND_EXECUTE, f_text("file", "x"));
    CHECK_EQ(single.heard, 11);
    CHECK_EQ(single.last.no, 11);
    CHECK_EQ(many.heard, 11);
    CHECK_EQ(reader.heard, 1);
    journal_settle(j); /* nothing is left */
    CHECK_EQ(many.heard, 11);
    for (int i = 0; i < TALLY_MOST; i++)
        journal_tally(j, &step);
    CHECK_EQ(many.heard, 11 + TALLY_MOST);
    CHECK_EQ(many.last.no, 12); /* the first of them */
    CHECK_EQ(single.heard, 11 + TALLY_MOST);
    CHECK_EQ(single.last.no, 11 + TALLY_MOST);
    CHECK_TEXT(single.last.func, "f");
}

/* Those that came before are told to who counts; a process whose journal is
 * elsewhere (remote_msg.h) hears too late that fields are wanted. */
static void
who_reads_hears_no_tally(void)
{
    struct journal *j = &world.journal;
    const struct tally step = {EV_ZEND_STEP, RULE_ZEND_EXECUTE, "f", 1};
    struct ear counter, reader;

    listen_at(&counter, LEVEL_MICRO);
    journal_unlisten(j, &counter.listener);
    counter.listener.counts = true;
    journal_listen(j, &counter.listener);
    for (int i = 0; i < 3; i++)
        journal_tally(j, &step);
    listen_at(&reader, LEVEL_MICRO);
    CHECK_EQ(counter.heard, 3);
    journal_tally(j, &step);
    journal_settle(j);
    CHECK_EQ(counter.heard, 3);
    CHECK_EQ(reader.heard, 0);
    CHECK_EQ(j->last, 3);
}

static CU_TestInfo cases[] = {
    TEST(unwanted_events_do_not_happen),
    TEST(levels_and_numbers),
    TEST(causes_travel_with_timers),
    TEST(fields_in_words),
    TEST(sentences_are_filled_in),
    TEST(tables_are_sound),
    TEST(drop_counts_tells_and_frees),
    TEST(hosts_are_numbered),
    TEST(tallied_events_are_told_in_their_place),
    TEST(who_reads_hears_no_tally),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_journal = {
    .pName = "journal",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
};
