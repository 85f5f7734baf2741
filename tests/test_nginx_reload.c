/*
 * test_nginx_reload.c: a configuration in several files, and another one
 * while the server runs (SIGHUP): what is under way is finished by the old
 * workers, what comes is for the new ones, and nobody is refused.
 */
#include "check.h"
#include "nginx_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct web web;

#define SERVER(name)                                                           \
    "server { listen 80; server_name " name "; location / { return 200 " name  \
    "; } }\n"
#define ASK(host)                                                              \
    "GET / HTTP/1.1\r\nHost: " host "\r\nConnection: close\r\n\r\n"

static void
setup(void)
{
    web_open(&web, "include conf.d/*.conf; include none/*.conf;");
}

static void
teardown(void)
{
    web_close(&web);
}

/* Replaces the text of a file; it keeps its name. */
static void
change(const char *path, const char *text)
{
    for (unsigned i = 0; i < web.nfiles; i++)
        if (strcmp(web.path[i], path) == 0) {
            web.text[i] = text;
            web.size[i] = strlen(text);
        }
}

static void
hang_up(void)
{
    CHECK_EQ(kernel_kill(host_kernel(web.host), web.nginx, SIGHUP), 0);
    web_run(&web, LW_S);
}

static void
add(const char *path, const char *text)
{
    web_file(&web, path, text, strlen(text));
}

static const char *
answer(const char *request)
{
    return web_body(web_ask(&web, request, 0, 5000));
}

/* In the order of their names, whatever the order in the folder: the first
 * server is the one for names that nobody has. */
static void
include_takes_all_that_match_in_order(void)
{
    add("/etc/nginx/conf.d/20-b.conf", SERVER("b"));
    add("/etc/nginx/conf.d/10-a.conf", SERVER("a"));
    add("/etc/nginx/conf.d/30-c.conf.off", "this is no configuration");
    add("/etc/nginx/conf.d/.hidden.conf", "nor is this");
    web_start(&web, false);
    CHECK_TEXT(answer(ASK("unknown")), "a");
    CHECK_TEXT(answer(ASK("b")), "b");
    CHECK_TEXT(
        recorder_text(recorder_find(&web.rec, EV_NGINX_CONFIG, 1), "file", 1),
        "/etc/nginx/conf.d/10-a.conf");
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_CONFIG), 3);
}

static void
a_fault_is_told_with_its_file(void)
{
    add("/etc/nginx/conf.d/a.conf", SERVER("a"));
    add("/etc/nginx/conf.d/b.conf", "\nlisen 80;");
    web_start(&web, false);
    CHECK(strstr(recorder_text(
                     recorder_find(&web.rec, EV_NGINX_ERROR, 0), "line", 1),
              "in /etc/nginx/conf.d/b.conf:2") != NULL);
    change("/etc/nginx/conf.d/b.conf", SERVER("b"));
    web.nginx = 0;
    web_start(&web, false); /* so that teardown finds one to end */
    CHECK_TEXT(answer(ASK("b")), "b");
}

static void
sighup_brings_the_new_configuration(void)
{
    add("/etc/nginx/conf.d/a.conf", SERVER("a"));
    web_start(&web, false);
    CHECK_TEXT(answer(ASK("a")), "a");
    change("/etc/nginx/conf.d/a.conf",
        "server { listen 80; listen 81; location / { return 200 new; } }");
    hang_up();
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_WORKER), 2);
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_LISTEN), 2); /* 80 stayed */
    CHECK_TEXT(answer(ASK("a")), "new");
    CHECK(!kernel_status(host_kernel(web.host),
        (int)event_u64(recorder_find(&web.rec, EV_NGINX_WORKER, 0), "pid", 0)));
    change("/etc/nginx/conf.d/a.conf", SERVER("third"));
    hang_up();
    CHECK_TEXT(answer(ASK("a")), "third");
}

static void
sighup_with_a_fault_changes_nothing(void)
{
    add("/etc/nginx/conf.d/a.conf", SERVER("a"));
    web_start(&web, false);
    change("/etc/nginx/conf.d/a.conf", "server { listen 80; lisen 1; }");
    hang_up();
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_WORKER), 1);
    CHECK(strstr(recorder_text(
                     recorder_find(&web.rec, EV_NGINX_ERROR, 1), "line", 1),
              "unknown directive \"lisen\"") != NULL);
    CHECK_TEXT(answer(ASK("a")), "a");
}

/* The signal comes while a client's request is half there. */
static void
the_old_worker_finishes_what_it_has(void)
{
    static const char slow[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    add("/etc/nginx/conf.d/a.conf", SERVER("a"));
    web_start(&web, false);
    change("/etc/nginx/conf.d/a.conf", SERVER("b"));
    web_kill_after(&web, SIGHUP, 2 * LW_S);
    CHECK(strstr(web_drip(&web, slow, 200), "\r\n\r\na") != NULL);
    CHECK(web_closed()); /* no keep-alive with a worker that leaves */
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_WORKER), 2);
    CHECK_TEXT(answer(ASK("a")), "b");
}

static CU_TestInfo cases[] = {TEST(include_takes_all_that_match_in_order),
    TEST(a_fault_is_told_with_its_file),
    TEST(sighup_brings_the_new_configuration),
    TEST(sighup_with_a_fault_changes_nothing),
    TEST(the_old_worker_finishes_what_it_has), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_nginx_reload = {.pName = "nginx_reload",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
