/*
 * test_fpm_pool.c: php-fpm's process manager and its FastCGI server: workers
 * that come and go, the status page, and records that make no sense.
 */
#include "check.h"
#include "fastcgi.h"
#include "fpm_fixture.h"
#include "host.h"

#include <signal.h>
#include <stdio.h>
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
a_crash_costs_one_worker(void)
{
    fpm_write(&fx, "etc/php/fpm/pool.d/www.conf",
        "[www]\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 1\n"
        "php_admin_value[memory_limit] = 64M\n");
    fpm_write(&fx, "srv/a.php", "<?php echo ini_get('memory_limit');");
    fpm_write(&fx, "srv/deep.php",
        "<?php ini_set('memory_limit', -1); class A { public $x; }"
        "function f($n) { $a = new A; $a->x = $n; return $a; }"
        "$a = null; for ($i = 0; $i < 1000000; $i++) $a = f($a);"
        "unset($a); echo 'survived';");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S),
                   *c = fpm_ask(&fx, "/deep.php", 2 * LW_S),
                   *b = fpm_ask(&fx, "/a.php", 4 * LW_S);
    fpm_run_for(&fx, 10 * LW_S);
    CHECK_TEXT(fpm_body(a), "64M");
    CHECK(!c->ended); /* freeing a long chain overflows the stack */
    CHECK_TEXT(fpm_body(b), "64M");
    CHECK(fpm_logged(&fx, "exited on signal 11 (SIGSEGV"));
    CHECK_EQ(recorder_count(&fx.rec, EV_FPM_REQUEST), 3);
}

static void
dynamic_pools_grow_and_shrink(void)
{
    fpm_write_pool(&fx, "listen = 127.0.0.1:9000\npm = "
                        "dynamic\npm.max_children = 4\npm.start_servers = 1\n"
                        "pm.min_spare_servers = 1\npm.max_spare_servers = 2\n");
    fpm_write(&fx, "srv/slow.php", "<?php sleep(10);");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    for (int i = 0; i < 3; i++)
        fpm_ask(&fx, "/slow.php", LW_S);
    fpm_run_for(&fx, 8 * LW_S);
    CHECK_EQ(fpm_alive(&fx), 1 + 4 + 3);
    fpm_run_for(&fx, 60 * LW_S);
    CHECK_EQ(fpm_alive(&fx), 1 + 2);
    for (int i = 0; i < 3; i++)
        CHECK(fx.asks[i].ended);
}

static void
stops_when_told(void)
{
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    fpm_run_for(&fx, 2 * LW_S);
    CHECK_EQ(fpm_alive(&fx), 2);
    kernel_kill(host_kernel(fx.host), fx.master, SIGQUIT);
    fpm_run_for(&fx, 2 * LW_S);
    CHECK_EQ(fpm_alive(&fx), 0);
    CHECK_EQ(kernel_status(host_kernel(fx.host), fx.master), 0);
    CHECK(fpm_logged(&fx, "exiting, bye-bye!"));
}

static void
ondemand_forks_for_a_connection(void)
{
    fpm_write_pool(&fx,
        "listen = 127.0.0.1:9000\npm = ondemand\npm.max_children = 2\n"
        "pm.process_idle_timeout = 5s\n");
    fpm_write(&fx, "srv/a.php", "<?php echo 'here';");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", 3 * LW_S);
    fpm_run_for(&fx, 2 * LW_S);
    CHECK_EQ(fpm_alive(&fx), 2); /* the master and the client */
    fpm_run_for(&fx, 3 * LW_S);
    CHECK_TEXT(fpm_body(a), "here");
    CHECK_EQ(fpm_alive(&fx), 2); /* the master and a worker */
    fpm_run_for(&fx, 10 * LW_S);
    CHECK_EQ(fpm_alive(&fx), 1);
}

static void
workers_wear_out(void)
{
    fpm_write_pool(&fx, "listen = /run.sock\npm = static\npm.max_children = 1\n"
                        "pm.max_requests = 2\n");
    fpm_write(&fx, "srv/a.php", "<?php echo getmypid();");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    for (int i = 1; i <= 3; i++)
        fpm_ask(&fx, "/a.php", i * LW_S)->unix_path = "/run.sock";
    fpm_run_for(&fx, 9 * LW_S);
    CHECK_TEXT(fpm_body(&fx.asks[0]), fpm_body(&fx.asks[1]));
    CHECK(fx.asks[2].ended);
    CHECK(strcmp(fpm_body(&fx.asks[0]), fpm_body(&fx.asks[2])) != 0);
    CHECK(fpm_logged(&fx, "exited with code 0"));
}

static void
a_request_may_take_too_long(void)
{
    fpm_write_pool(&fx,
        "listen = 127.0.0.1:9000\npm = static\npm.max_children = 1\n"
        "request_terminate_timeout = 3s\n");
    fpm_write(&fx, "srv/a.php", "<?php echo 'x'; sleep(100);");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
    fpm_run_for(&fx, 10 * LW_S);
    CHECK(!a->ended);
    CHECK(fpm_logged(&fx, "execution timed out (3."));
    CHECK(fpm_logged(&fx, "exited on signal 15 (SIGTERM)"));
    CHECK_EQ(fpm_alive(&fx), 2); /* there is a new worker */
}

static void
the_status_page_counts(void)
{
    fpm_write_pool(&fx,
        "listen = 127.0.0.1:9000\npm = static\npm.max_children = 2\n"
        "pm.status_path = /status\nping.path = /ping\n");
    fpm_write(&fx, "srv/a.php", "<?php sleep(5);");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    fpm_ask(&fx, "/a.php", LW_S);
    struct fpm_ask *text = fpm_ask(&fx, "/status", 2 * LW_S),
                   *json = fpm_ask(&fx, "/status", 3 * LW_S),
                   *ping = fpm_ask(&fx, "/ping", 4 * LW_S);
    json->query = "json&full";
    fpm_run_for(&fx, 20 * LW_S);
    CHECK_TEXT(fpm_body(text),
        "pool:                 www\n"
        "process manager:      static\n"
        "start time:           14/Nov/2023:22:13:20 +0000\n"
        "start since:          2\n"
        "accepted conn:        2\n"
        "listen queue:         0\n"
        "max listen queue:     0\n"
        "listen queue len:     511\n"
        "idle processes:       0\n"
        "active processes:     2\n"
        "total processes:      2\n"
        "max active processes: 2\n"
        "max children reached: 0\n"
        "slow requests:        0\n");
    CHECK(strstr(fpm_body(json), "\"accepted conn\":3,"));
    CHECK(strstr(fpm_body(json), "\"script\":\"/srv/a.php\""));
    CHECK(strstr(json->out, "Content-Type: application/json"));
    CHECK_TEXT(fpm_body(ping), "pong");
}

/* The answer is out before the script goes on, whatever becomes of that; also
 * on a connection that is kept, where nothing is read after it. */
static void
what_is_finished_is_sent(void)
{
    fpm_write(&fx, "etc/php/php.ini", "extension = posix\n");
    fpm_write(&fx, "srv/end.php",
        "<?php echo 'all'; fastcgi_finish_request();"
        "posix_kill(getmypid(), 9);");
    fx.live = true;
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/end.php", LW_S);
    a->keep = true;
    fpm_run_for(&fx, 10 * LW_S);
    fx.live = false;
    CHECK_TEXT(fpm_body(a), "all");
    CHECK(a->ended);
    CHECK(fpm_logged(&fx, "exited on signal 9 (SIGKILL"));
}

/* Sends bytes and sees what comes; the worker must live on. */
static struct fpm_ask *
send_raw(const struct writer *w, int64_t after_ns)
{
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", after_ns);

    a->raw = w->start;
    a->raw_len = writer_len(w);
    return a;
}

static void
odd_records_get_the_answers_of_the_specification(void)
{
    uint8_t buf[4][256], pair[32];
    struct writer w[4], p = writer_of(pair, sizeof(pair));
    struct fpm_ask *a[4];

    for (int i = 0; i < 4; i++)
        w[i] = writer_of(buf[i], sizeof(buf[i]));
    fcgi_put_pair(&p, "FCGI_MPXS_CONNS", 15, "", 0);
    fcgi_put_record(&w[0], FCGI_GET_VALUES, 0, pair, writer_len(&p));
    fcgi_put_record(&w[0], 77, 0, "??", 2);
    fcgi_put_begin(&w[0], 1, FCGI_AUTHORIZER, 0);
    fcgi_put_begin(&w[1], 1, FCGI_FILTER, 0);
    fcgi_put_begin(&w[2], 1, FCGI_RESPONDER, 0);
    fcgi_put_begin(&w[2], 2, FCGI_RESPONDER, 0);
    put_text(&w[2], "\2");
    put_text(&w[2], "1234567");
    fcgi_put_begin(&w[3], 1, FCGI_RESPONDER, 0);
    fcgi_put_record(&w[3], FCGI_PARAMS, 1, "\377\377\377\377", 4);
    fcgi_put_record(&w[3], FCGI_PARAMS, 1, NULL, 0);
    fpm_write(&fx, "srv/a.php", "<?php echo 'alive';");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    for (int i = 0; i < 4; i++)
        a[i] = send_raw(&w[i], (i + 1) * LW_S);
    struct fpm_ask *last = fpm_ask(&fx, "/a.php", 6 * LW_S);
    fpm_run_for(&fx, 20 * LW_S);
    CHECK_EQ(a[0]->records[FCGI_GET_VALUES_RESULT], 1);
    CHECK_EQ(a[0]->records[FCGI_UNKNOWN_TYPE], 1);
    CHECK_EQ(a[1]->protocol, FCGI_UNKNOWN_ROLE);
    CHECK_EQ(a[2]->protocol, FCGI_CANT_MPX_CONN);
    CHECK(!a[3]->ended);
    CHECK_TEXT(fpm_body(last), "alive");
    CHECK(!fpm_logged(&fx, "exited"));
}

static void
a_bad_configuration_stops_it(void)
{
    fpm_write_pool(&fx, "listen = 127.0.0.1:9000\npm = sometimes\n");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    fpm_run_for(&fx, LW_S);
    CHECK_EQ(fpm_alive(&fx), 0);
    CHECK_EQ(kernel_status(host_kernel(fx.host), fx.master), 78 << 8);
    CHECK(
        fpm_logged(&fx, "[/etc/php/fpm/pool.d/www.conf:3] value 'sometimes'"));
}

static void
the_output_of_workers_is_logged(void)
{
    fpm_write_pool(&fx,
        "listen = 127.0.0.1:9000\npm = static\npm.max_children = 1\n"
        "chdir = /srv\ncatch_workers_output = yes\n");
    fpm_write(&fx, "srv/a.php",
        "<?php echo 'seen'; file_put_contents('php://stderr', \"one\\ntwo\");"
        "file_put_contents('php://stdout', 'three');"
        "register_shutdown_function(fn() => print(getcwd()));");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
    fpm_run_for(&fx, 5 * LW_S);
    CHECK_TEXT(fpm_body(a), "seen/srv");
    CHECK_EQ(a->err_len, 0);
    CHECK(fpm_logged(&fx, "said into stderr: \"one\""));
    CHECK(fpm_logged(&fx, "said into stderr: \"two\""));
    CHECK(fpm_logged(&fx, "said into stdout: \"three\""));
}

static void
a_folder_that_is_missing_stops_it(void)
{
    fpm_write_pool(&fx,
        "listen = 127.0.0.1:9000\npm = static\npm.max_children = 1\n"
        "chdir = /nowhere\n");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    fpm_run_for(&fx, LW_S);
    CHECK_EQ(fpm_alive(&fx), 0);
    CHECK(fpm_logged(&fx, "[pool www] the chdir path '/nowhere' does not"));
}

/* Into a file that the administrator has made. */
static void
the_log_is_a_file_too(void)
{
    char path[128], text[512] = "";
    FILE *f;

    fpm_write(&fx, "etc/php/fpm/php-fpm.conf",
        "[global]\nerror_log = /log\ninclude = /etc/php/fpm/pool.d/*.conf\n");
    fpm_write(&fx, "log", "");
    REQUIRE(fpm_start(&fx, LEVEL_STEP));
    fpm_run_for(&fx, LW_S);
    snprintf(path, sizeof(path), "%s/log", fx.folder);
    f = fopen(path, "r");
    REQUIRE(f != NULL);
    CHECK(fread(text, 1, sizeof(text) - 1, f) > 0);
    fclose(f);
    CHECK_TEXT(text,
        "[14-Nov-2023 22:13:20] NOTICE: fpm is running, pid 1\n"
        "[14-Nov-2023 22:13:20] NOTICE: [pool www] child 2 started\n"
        "[14-Nov-2023 22:13:20] NOTICE: ready to handle connections\n");
}

static CU_TestInfo cases[] = {TEST(a_crash_costs_one_worker),
    TEST(dynamic_pools_grow_and_shrink), TEST(stops_when_told),
    TEST(ondemand_forks_for_a_connection), TEST(workers_wear_out),
    TEST(a_request_may_take_too_long), TEST(the_status_page_counts),
    TEST(what_is_finished_is_sent),
    TEST(odd_records_get_the_answers_of_the_specification),
    TEST(a_bad_configuration_stops_it), TEST(the_output_of_workers_is_logged),
    TEST(a_folder_that_is_missing_stops_it), TEST(the_log_is_a_file_too),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_fpm_pool = {.pName = "fpm_pool",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
