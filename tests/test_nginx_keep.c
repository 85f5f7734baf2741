/*
 * test_nginx_keep.c: connections to the program behind that serve more than
 * one request (`keepalive`, fastcgi_keep_conn): how many there are, when they
 * end, and what happens when the other end closes one at the wrong moment.
 * test_peers counts those of real nginx and real php-fpm.
 */
#include "check.h"
#include "nginx_fixture.h"
#include "upstream.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct web web;

#define GET(target)                                                            \
    "GET " target " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
#define POST(target)                                                           \
    "POST " target " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"     \
    "Content-Length: 3\r\n\r\nabc"
#define TWO 2

static const char server[] =
    "server { listen 80; root /srv; fastcgi_keep_conn on;\n"
    "location /a { fastcgi_pass few; }\n"
    "location /plain { fastcgi_pass 127.0.0.1:9000; }\n"
    "location /off { fastcgi_pass few; fastcgi_keep_conn off; }\n"
    "location /three { fastcgi_pass three; } }\n"
    "upstream few { server 127.0.0.1:9000; keepalive 1;\n"
    "keepalive_timeout 5s; }\n"
    "upstream three { server 127.0.0.1:9000; keepalive 4;\n"
    "keepalive_requests 3; keepalive_time 20s; }\n";

static void
setup(void)
{
    web_open(&web, server);
}

static void
teardown(void)
{
    web_close(&web);
}

static unsigned
ask(const char *request)
{
    const char *answer = web_ask(&web, request, 0, 100);
    unsigned status = 0;

    sscanf(answer, "HTTP/1.1 %u", &status);
    return status;
}

/* How often this was said of a kept connection. */
static unsigned
said(const char *state)
{
    const struct event *e;
    unsigned n = 0;

    for (unsigned i = 0;
         (e = recorder_find(&web.rec, EV_NGINX_UPSTREAM_KEPT, i)); i++)
        n += strcmp(recorder_text(e, "state", 0), state) == 0;
    return n;
}

static void
must_ask_again_over_the_same_connection(void)
{
    uint64_t last = 0;
    const struct event *e;

    web_start(&web, true);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(ask(POST("/a")), 200);
    CHECK_EQ(web.accepted, 1);
    CHECK_EQ(web.served, 4);
    CHECK_EQ(web.kept, 4);
    CHECK_EQ(said("is kept"), 4);
    CHECK_EQ(said("is taken"), 3);
    /* the places of the records in the stream go on rising */
    for (unsigned i = 0; (e = recorder_find(&web.rec, EV_FCGI_RECORD_SENT, i));
         i++) {
        CHECK(i == 0 || e->off > last);
        last = e->off;
    }
    last = 0;
    for (unsigned i = 0; (e = recorder_find(&web.rec, EV_FCGI_RECORD_READ, i));
         i++) {
        CHECK(i == 0 || e->off > last);
        last = e->off;
    }
    CHECK(last > 0);
}

/* It takes both: an upstream{} that keeps, and a location that asks for it. */
static void
must_not_keep_what_nobody_asked_to_keep(void)
{
    web_start(&web, true);
    CHECK_EQ(ask(GET("/plain")), 200);
    CHECK_EQ(ask(GET("/plain")), 200);
    CHECK_EQ(web.accepted, 2);
    CHECK_EQ(ask(GET("/off")), 200);
    CHECK_EQ(ask(GET("/off")), 200);
    CHECK_EQ(web.accepted, 4);
    CHECK_EQ(said("is kept"), 0);
    CHECK_EQ(web.kept, 2); /* the flag is sent all the same */
    /* END_REQUEST is not waited for when there is no body */
    CHECK_EQ(
        ask("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 200);
    CHECK_EQ(said("is kept"), 0);
}

static void
must_end_them_when_they_are_old_or_worn(void)
{
    web_start(&web, true);
    CHECK_EQ(ask(GET("/a")), 200);
    web_run(&web, 4 * LW_S);
    CHECK_EQ(said("is closed: keepalive_timeout"), 0);
    web_run(&web, 2 * LW_S);
    CHECK_EQ(said("is closed: keepalive_timeout"), 1);
    for (int i = 0; i < 7; i++)
        CHECK_EQ(ask(GET("/three")), 200);
    CHECK_EQ(web.accepted, 4); /* of three requests, three, and one */
    web_run(&web, 21 * LW_S);
    CHECK_EQ(ask(GET("/three")), 200); /* older than keepalive_time */
    CHECK_EQ(web.accepted, 4);
    CHECK_EQ(ask(GET("/three")), 200);
    CHECK_EQ(web.accepted, 5);
}

/* --- two at once ---------------------------------------------------------- */

static struct instant answered[TWO];

static int
two_main(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons(80),
        .sin_addr.s_addr = htonl(0x7f000001)};
    char answer[4096];
    int fd[TWO];

    (void)argc;
    (void)argv;
    for (int i = 0; i < TWO; i++) {
        fd[i] = sys_socket(p, AF_INET, SOCK_STREAM, 0);
        CHECK_EQ(sys_connect(p, fd[i], (struct sockaddr *)&to, sizeof to), 0);
        sys_write(p, fd[i], GET("/a"), strlen(GET("/a")));
    }
    for (int i = 0; i < TWO; i++) {
        CHECK(sys_read(p, fd[i], answer, sizeof answer) > 0);
        CHECK(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
        answered[i] = sys_env(p)->timers->now;
    }
    return 0;
}

/* The same, and ends without hearing the answers. */
static int
gone_main(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons(80),
        .sin_addr.s_addr = htonl(0x7f000001)};

    (void)argc;
    (void)argv;
    for (int i = 0; i < TWO; i++) {
        int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

        CHECK_EQ(sys_connect(p, fd, (struct sockaddr *)&to, sizeof to), 0);
        sys_write(p, fd, GET("/a"), strlen(GET("/a")));
    }
    sys_nanosleep(p, &(struct timespec){.tv_sec = 1});
    return 0;
}

static void
ask_two(void)
{
    char *argv[] = {"two", NULL};

    web.work_ms = 100;
    kernel_start(host_kernel(web.host), "two", two_main, 1, argv);
    web_run(&web, 20 * LW_S);
}

static void
must_keep_no_more_than_the_number_says(void)
{
    web.children = 2;
    web_start(&web, true);
    ask_two();
    CHECK_EQ(web.accepted, 2);
    CHECK_EQ(said("is kept"), 2);
    CHECK_EQ(said("is closed: keepalive"), 1);
    CHECK_EQ(said("is closed: keepalive_timeout"), 1);
}

/* What upstream_keep.c warns of: one child, and an idle connection has it. */
static void
an_idle_connection_holds_a_child_until_it_times_out(void)
{
    web_start(&web, true);
    ask_two();
    CHECK_EQ(web.served, 2);
    CHECK(answered[1].ns - answered[0].ns >= 5 * LW_S);
    CHECK(answered[1].ns - answered[0].ns < 6 * LW_S);
}

/* --- the other end closes ------------------------------------------------- */

/* Just when the request goes out: again, unless that could do harm. */
static void
must_try_again_when_a_kept_connection_breaks(void)
{
    web_start(&web, true);
    CHECK_EQ(ask(GET("/a")), 200);
    web.hang_up = 2;
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(web.served, 3);
    CHECK_EQ(web.accepted, 2);
    web.hang_up = 4;
    CHECK_EQ(ask(POST("/a")), 502);
    CHECK_EQ(web.served, 4);
    CHECK_EQ(ask(POST("/a")), 200);
    web.hang_up = 6; /* a new connection that breaks is not tried again */
    web_run(&web, 6 * LW_S);
    CHECK_EQ(ask(GET("/a")), 502);
}

static void
must_notice_that_the_program_closed_an_idle_one(void)
{
    web_start(&web, true);
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(kernel_kill(host_kernel(web.host), web.program, SIGKILL), 0);
    web_run(&web, LW_MS);
    CHECK_EQ(said("is closed, as the other end has done"), 1);
    CHECK_EQ(ask(GET("/a")), 502);
}

/* A worker that ends, in peace or not, leaves none behind. */
static void
must_close_them_when_the_worker_ends(void)
{
    int worker;

    web.children = 2;
    web_start(&web, true);
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(kernel_kill(host_kernel(web.host), web.nginx, SIGHUP), 0);
    web_run(&web, LW_S);
    CHECK_EQ(said("is closed: the worker ends"), 1);
    CHECK_EQ(ask(GET("/a")), 200);
    worker =
        (int)event_u64(recorder_find(&web.rec, EV_NGINX_WORKER, 1), "pid", 0);
    CHECK_EQ(kernel_kill(host_kernel(web.host), worker, SIGKILL), 0);
    web_run(&web, LW_S);
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(web.accepted, 3);
}

/* One is idle, two are being used: their timers stand in one heap. */
static void
must_free_them_in_order_when_the_worker_is_shot(void)
{
    char *argv[] = {"two", NULL};
    int worker;

    web.children = 3;
    web_start(&web, true);
    worker =
        (int)event_u64(recorder_find(&web.rec, EV_NGINX_WORKER, 0), "pid", 0);
    CHECK_EQ(ask(GET("/three")), 200);
    web.work_ms = 1000;
    kernel_start(host_kernel(web.host), "gone", gone_main, 1, argv);
    web_run(&web, LW_S / 2);
    CHECK_EQ(web.accepted, 3);
    CHECK_EQ(kernel_kill(host_kernel(web.host), worker, SIGKILL), 0);
    web_run(&web, 2 * LW_S);
    web.work_ms = 0;
    CHECK_EQ(ask(GET("/three")), 200);
}

/* What comes behind END_REQUEST belongs to no answer. */
static void
must_not_keep_a_connection_that_says_more(void)
{
    static const uint8_t script[] = {1, 6, 0, 1, 0, 3, 5, 0, '\n', '\n', 'x', 0,
        0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    web.backend = BACKEND_SCRIPT;
    web.script = script;
    web.script_len = sizeof script - 1;
    web_start(&web, true);
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(said("is kept"), 1);
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(web.accepted, 1);
    web.script_len = sizeof script;
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(said("is kept"), 2);
    CHECK_EQ(ask(GET("/a")), 200);
    CHECK_EQ(web.accepted, 2);
}

static CU_TestInfo cases[] = {TEST(must_ask_again_over_the_same_connection),
    TEST(must_not_keep_what_nobody_asked_to_keep),
    TEST(must_end_them_when_they_are_old_or_worn),
    TEST(must_keep_no_more_than_the_number_says),
    TEST(an_idle_connection_holds_a_child_until_it_times_out),
    TEST(must_try_again_when_a_kept_connection_breaks),
    TEST(must_notice_that_the_program_closed_an_idle_one),
    TEST(must_close_them_when_the_worker_ends),
    TEST(must_free_them_in_order_when_the_worker_is_shot),
    TEST(must_not_keep_a_connection_that_says_more), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_nginx_keep = {.pName = "nginx_keep",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
