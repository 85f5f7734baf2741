/*
 * test_fpm.c: requests to the real php-fpm with the real Zend engine, in
 * virtual time: what scripts answer, what they see, what the journal tells.
 */
#include "check.h"
#include "fpm_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fpm_fixture fx;

static void
setup(void)
{
    fpm_fixture_open(&fx);
}

static void
teardown(void)
{
    fpm_fixture_close(&fx);
}

static void
answers_a_request(void)
{
    fpm_write(
        &fx, "srv/a.php", "<?php echo 'Hello ', $_GET['n'], ' ', __FILE__;");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
    a->query = "n=Bob";
    fpm_run_for(&fx, 5 * LW_S);
    CHECK_EQ(a->error, 0);
    CHECK(a->ended);
    CHECK_TEXT(a->out,
        "Content-type: text/html; charset=UTF-8\r\n\r\nHello Bob /srv/a.php");
    CHECK_EQ(recorder_count(&fx.rec, EV_FPM_REQUEST), 1);
    CHECK_TEXT(
        recorder_text(recorder_find(&fx.rec, EV_ZEND_COMPILE, 0), "cache", 0),
        "MISS");
    CHECK(fpm_logged(&fx, "ready to handle connections"));
}

static void
the_second_request_hits_opcache(void)
{
    fpm_write_pool(
        &fx, "listen = 127.0.0.1:9000\npm = static\npm.max_children = 2\n");
    fpm_write(&fx, "srv/a.php", "<?php usleep(300000); echo getmypid();");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S),
                   *b = fpm_ask(&fx, "/a.php", LW_S + 100 * LW_MS);
    fpm_run_for(&fx, 5 * LW_S);
    CHECK(a->ended && b->ended);
    CHECK(strcmp(fpm_body(a), fpm_body(b)) !=
          0); /* two workers at the same time */
    CHECK_TEXT(
        recorder_text(recorder_find(&fx.rec, EV_ZEND_COMPILE, 0), "cache", 0),
        "MISS");
    CHECK_TEXT(
        recorder_text(recorder_find(&fx.rec, EV_ZEND_COMPILE, 1), "cache", 0),
        "HIT");
}

static void
errors_go_to_the_server_and_the_worker_survives(void)
{
    fpm_write(&fx, "srv/fatal.php", "<?php echo 'x'; nothing();");
    fpm_write(&fx, "srv/exit.php", "<?php echo 'bye'; exit(3);");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/fatal.php", LW_S),
                   *b = fpm_ask(&fx, "/none.php", 2 * LW_S),
                   *c = fpm_ask(&fx, "/exit.php", 3 * LW_S);
    fpm_run_for(&fx, 9 * LW_S);
    CHECK(strstr(a->err, "PHP message: PHP Fatal error:  Uncaught Error: "
                         "Call to undefined function nothing() in "
                         "/srv/fatal.php:1"));
    CHECK_TEXT(fpm_body(b), "File not found.\n");
    CHECK(strncmp(b->out, "Status: 404 Not Found\r\n", 23) == 0);
    CHECK_TEXT(b->err, "Primary script unknown");
    CHECK_TEXT(fpm_body(c), "bye");
    CHECK_EQ(recorder_count(&fx.rec, EV_ZEND_ERROR), 1);
    CHECK(!fpm_logged(&fx, "exited"));
}

static void
time_and_chance_are_the_worlds(void)
{
    fpm_write(&fx, "srv/a.php",
        "<?php echo date('c'), ' '; sleep(3600); echo date('c'), ' ', "
        "getmypid(), ' ', bin2hex(random_bytes(4)), mt_rand(), uniqid(), ' ',"
        "bin2hex(openssl_random_pseudo_bytes(8)), ' ',"
        "filemtime(__FILE__);");
    char first[256] = "";

    for (int i = 0; i < 2; i++) {
        REQUIRE(fpm_start(&fx, LEVEL_STEP));
        struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
        fpm_run_for(&fx, 4000 * LW_S);
        CHECK(strstr(fpm_body(a), "2023-11-14T22:13:21+00:00 "
                                  "2023-11-14T23:13:21+00:00 ") == fpm_body(a));
        if (i == 0)
            snprintf(first, sizeof(first), "%s", fpm_body(a));
        else
            CHECK_TEXT(fpm_body(a), first);
        fpm_fixture_stop(&fx);
    }
}

static void
a_megabyte_goes_both_ways(void)
{
    fpm_write(&fx, "srv/a.php",
        "<?php $b = file_get_contents('php://input');"
        "echo strlen($b), ' ', md5($b), \"\\n\", $b;");
    char *data = malloc(1u << 20);
    REQUIRE(fpm_start(&fx, LEVEL_STAGE));
    for (size_t i = 0; i < 1u << 20; i++)
        data[i] = (char)('a' + i % 26);
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
    a->method = "POST";
    a->body = data;
    a->body_len = 1u << 20;
    fpm_run_for(&fx, 60 * LW_S);
    CHECK(a->ended);
    CHECK_EQ(strncmp(fpm_body(a), "1048576 ", 8), 0);
    const char *echoed = strchr(fpm_body(a), '\n');
    CHECK_EQ(echoed ? strlen(echoed + 1) : 0, 1u << 20);
    CHECK(echoed && memcmp(echoed + 1, data, 1u << 20) == 0);
    free(data);
}

static void
single_opcodes_can_be_seen(void)
{
    fpm_write(&fx, "srv/a.php", "<?php $x = 2; echo $x + strlen('abc');");
    REQUIRE(fpm_start(&fx, LEVEL_MICRO));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
    fpm_run_for(&fx, 5 * LW_S);
    CHECK_TEXT(fpm_body(a), "5");
    CHECK(recorder_count(&fx.rec, EV_ZEND_TOKEN) > 10);
    CHECK(recorder_count(&fx.rec, EV_ZEND_AST) > 5);
    CHECK_EQ(recorder_count(&fx.rec, EV_ZEND_OPCODE),
        recorder_count(&fx.rec, EV_ZEND_STEP));
    CHECK_TEXT(recorder_text(recorder_find(&fx.rec, EV_ZEND_STEP, 0), "op", 0),
        "ASSIGN CV0($x) CONST int(2)");
    CHECK_TEXT(
        recorder_text(recorder_find(&fx.rec, EV_ZEND_STEP, 1), "vars", 0),
        "$x = int(2)");
}

static void
preloading_compiles_once_at_the_start(void)
{
    fpm_write(&fx, "etc/php/php.ini",
        "expose_php = Off\nzend_extension = opcache\n"
        "opcache.preload = /srv/pre.php\nopcache.memory_consumption = 8\n"
        "opcache.interned_strings_buffer = 1\n"
        "opcache.file_update_protection = 0\n");
    fpm_write(&fx, "srv/pre.php", "<?php class Shop { const A = 'open'; }");
    fpm_write(&fx, "srv/a.php", "<?php echo Shop::A;");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
    fpm_run_for(&fx, 5 * LW_S);
    CHECK_TEXT(fpm_body(a), "open");
}

/* Everything that was told, as one text; the caller frees it. */
static char *
whole_story(enum level level)
{
    size_t size = 8u << 20, len = 0;
    char *all = calloc(1, size), line[2048];

    if (!fpm_start(&fx, level))
        return all;
    fpm_ask(&fx, "/a.php", LW_S)->query = "a=1&b[]=2";
    fpm_ask(&fx, "/a.php", 2 * LW_S);
    fpm_run_for(&fx, 5 * LW_S);
    for (unsigned i = 0; i < fx.rec.count; i++)
        len += (size_t)snprintf(all + len, size - len, "%s\n",
            event_text(&fx.rec.events[i], line, sizeof(line)));
    fpm_fixture_stop(&fx);
    return all;
}

static void
two_runs_tell_the_same_story(void)
{
    fpm_write(&fx, "srv/a.php",
        "<?php session_start(); print_r($_SERVER); print_r(stat(__FILE__));"
        "$o = new stdClass; echo spl_object_hash($o), uniqid(), microtime(),"
        "getmypid(), tempnam('/tmp', 'x'), memory_get_usage(), rand(), "
        "password_hash('x', PASSWORD_BCRYPT, ['cost' => 4]);"
        "print_r(getrusage()); var_dump($o, hrtime(), php_uname('n'));");
    char *first = whole_story(LEVEL_MICRO), *second = whole_story(LEVEL_MICRO);

    CHECK(strlen(first) > 20000);
    CHECK_TEXT(first, second);
    free(first);
    free(second);
}

/* Machine code made from hot loops answers the same, also when watched. */
static void
the_jit_changes_no_answer(void)
{
    static const enum level levels[] = {LEVEL_STEP, LEVEL_MICRO};

    fpm_write(&fx, "etc/php/php.ini",
        "zend_extension = opcache\nopcache.memory_consumption = 8\n"
        "opcache.interned_strings_buffer = 1\n"
        "opcache.file_update_protection = 0\n"
        "opcache.jit = tracing\nopcache.jit_buffer_size = 8M\n");
    fpm_write(&fx, "srv/a.php",
        "<?php function f($n) { return $n < 2 ? $n : f($n - 1) + f($n - 2); }"
        "for ($i = 0, $s = 0; $i < 300; $i++) $s += $i * 2 % 7;"
        "echo f(12), ' ', $s, ' ', opcache_get_status(false)['jit']['on'];");
    for (size_t i = 0; i < LW_COUNT(levels); i++) {
        REQUIRE(fpm_start(&fx, levels[i]));
        struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S),
                       *b = fpm_ask(&fx, "/a.php", 2 * LW_S);
        fpm_run_for(&fx, 5 * LW_S);
        CHECK_TEXT(fpm_body(a), "144 898 1");
        CHECK_TEXT(fpm_body(b), "144 898 1");
        CHECK(i == 0 || recorder_count(&fx.rec, EV_ZEND_STEP) > 5000);
        fpm_fixture_stop(&fx);
    }
}

/* The order of all kinds of events with their times, and the instructions. */
struct order {
    struct listener listener;
    uint64_t hash, last;
    unsigned steps, gaps, bare;
};

static void
hear_order(void *owner, const struct event *e)
{
    struct order *o = owner;

    o->hash = fnv(fnv(o->hash, &e->kind, sizeof e->kind), &e->at, sizeof e->at);
    o->steps += e->kind == EV_ZEND_STEP;
    o->bare += e->nfields == 0;
    o->gaps += o->last && e->no != o->last + 1;
    o->last = e->no;
}

static struct order
order_heard(bool counts)
{
    struct order o = {
        .listener = {
            .event = hear_order, .level = LEVEL_MICRO, .counts = counts}};

    o.listener.owner = &o;
    if (!CHECK(fpm_start(&fx, LEVEL_STAGE)))
        return o;
    journal_listen(&fx.journal, &o.listener);
    fpm_ask(&fx, "/a.php", LW_S);
    fpm_run_for(&fx, 5 * LW_S);
    CHECK(strstr(fpm_body(&fx.asks[0]), "9/8/7/6/5/4/3/2/1/0/"));
    journal_unlisten(&fx.journal, &o.listener);
    fpm_fixture_stop(&fx);
    return o;
}

/* Where nobody reads what instructions say, nothing else changes: not how
 * many there are, not their times, not their places among other events. */
static void
instructions_that_are_only_counted_are_all_there(void)
{
    fpm_write(&fx, "srv/a.php",
        "<?php function f($n) { echo $n, '/'; flush();"
        " for ($i = 0; $i < 999; $i++) { $n .= 'x'; }"
        " return strlen($n) ? $n : 0; }"
        "for ($k = 9; $k >= 0; $k--) { f($k); usleep(10); }"
        "try { throw new Exception; } catch (Exception $e) { }"
        "function g() { yield 1; yield 2; } foreach (g() as $v) echo $v;");
    struct order all = order_heard(false), counted = order_heard(true);
    CHECK(all.steps > 30000);
    CHECK_EQ(all.bare, 0);
    CHECK_EQ(counted.bare, counted.steps);
    CHECK_EQ(counted.steps, all.steps);
    CHECK_EQ(counted.hash, all.hash);
    CHECK_EQ(counted.gaps + all.gaps, 0);
}

static CU_TestInfo cases[] = {TEST(answers_a_request),
    TEST(the_second_request_hits_opcache),
    TEST(errors_go_to_the_server_and_the_worker_survives),
    TEST(time_and_chance_are_the_worlds), TEST(a_megabyte_goes_both_ways),
    TEST(single_opcodes_can_be_seen),
    TEST(instructions_that_are_only_counted_are_all_there),
    TEST(preloading_compiles_once_at_the_start),
    TEST(two_runs_tell_the_same_story), TEST(the_jit_changes_no_answer),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_fpm = {.pName = "fpm",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
