/*
 * test_nginx.c: our nginx on our kernel: what it answers, and what it does
 * when somebody is slow, wrong, or gone. (test_peers compares it with real
 * nginx, request by request.)
 */
#include "check.h"
#include "faulty.h"
#include "nginx_fixture.h"
#include "request.h"
#include "states.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct web web;

static const char server[] =
    "server { listen 80; server_name localhost;\n"
    "root /srv; index index.html index.php;\n"
    "location / { try_files $uri $uri/ /index.php?$query_string; }\n"
    "location ~ \\.php$ { fastcgi_pass 127.0.0.1:9000;\n"
    "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n"
    "fastcgi_param QUERY_STRING $query_string; try_files $uri =404; }\n"
    "location /plain/ { root /srv; }\n"
    "location = /moved { return 301 /there; }\n"
    "location /no { deny all; } }";

static void
setup(void)
{
    web_open(&web, server);
    web_file(&web, "/srv/page.html", "<p>page</p>\n", 12);
    web_file(&web, "/srv/index.php", "<?php\n", 6);
    web_file(&web, "/srv/plain/a.css", "a{}", 3);
}

static void
teardown(void)
{
    web_close(&web);
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define GET_CLOSE(target)                                                      \
    "GET " target " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

static bool
status_is(const char *answer, const char *status)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 &&
           strncmp(answer + 9, status, strlen(status)) == 0;
}

static const char *
access_line(unsigned nth)
{
    return recorder_text(
        recorder_find(&web.rec, EV_NGINX_ACCESS, nth), "line", 1);
}

static void
must_send_a_file(void)
{
    web_start(&web, false);
    CHECK_TEXT(web_ask(&web, GET_CLOSE("/page.html"), 0, 5000),
        "HTTP/1.1 200 OK\r\nServer: nginx/layerwalk\r\n"
        "Date: Tue, 06 Jan 2026 11:46:40 GMT\r\nContent-Type: text/html\r\n"
        "Content-Length: 12\r\n"
        "Last-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\n"
        "Connection: close\r\nETag: \"695735a5-c\"\r\n"
        "Accept-Ranges: bytes\r\n\r\n<p>page</p>\n");
    CHECK(web_closed());
    CHECK(strstr(access_line(0),
              "127.0.0.1 - - [06/Jan/2026:11:46:40 +0000] "
              "\"GET /page.html HTTP/1.1\" 200 12 \"-\" \"-\"") != NULL);
}

static void
must_read_a_request_in_two_pieces_split_anywhere(void)
{
    static const char text[] = GET_CLOSE("/plain/a.css");

    web_start(&web, false);
    for (size_t split = 1; split < sizeof(text) - 1; split += 5) {
        const char *answer = web_ask(&web, text, split, 5000);

        if (!CHECK(status_is(answer, "200 OK")))
            printf("      split %zu: %s\n", split, answer);
        CHECK_TEXT(web_body(answer), "a{}");
    }
}

/* The first buffer (1024 bytes) is full behind a whole line: what was read
 * from it must stay, for the fields are not copied. */
static void
must_keep_the_lines_of_a_buffer_that_is_full(void)
{
    char text[1200] = "GET /index.php HTTP/1.1\r\nHost: localhost\r\nX-A: ";
    size_t len = strlen(text);
    const char *answer, *field;

    memset(text + len, 'a', 1022 - len);
    strcpy(text + 1022, "\r\nX-B: bbb\r\nConnection: close\r\n\r\n");
    web_start(&web, true);
    for (size_t split = 1020; split < 1028; split++) {
        answer = web_ask(&web, text, split, 5000);
        field = strstr(answer, "HTTP_X_A=");
        CHECK(status_is(answer, "200 OK"));
        CHECK(field && strspn(field + 9, "a") == 1022 - len);
        CHECK(strstr(answer, "HTTP_HOST=localhost\n") != NULL);
        CHECK(strstr(answer, "HTTP_X_B=bbb\n") != NULL);
        CHECK(strstr(access_line(0), "\"GET /index.php HTTP/1.1\" 200"));
    }
}

static void
must_ask_the_program_and_chunk_its_answer(void)
{
    const char *answer;

    web_start(&web, true);
    answer = web_ask(&web, GET_CLOSE("/?a=1"), 0, 5000);
    CHECK(status_is(answer, "200 OK"));
    CHECK(strstr(answer, "Transfer-Encoding: chunked\r\n") != NULL);
    CHECK(strstr(answer, "SCRIPT_FILENAME=/srv/index.php\n") != NULL);
    CHECK(strstr(answer, "QUERY_STRING=a=1\n") != NULL);
    CHECK(strstr(answer, "HTTP_HOST=localhost\n") != NULL);
    CHECK(strstr(answer, "\r\n0\r\n\r\n") != NULL);
    CHECK_EQ(web.served, 1);
    CHECK_EQ(recorder_count(&web.rec, EV_FCGI_RECORD_SENT), 4);
    CHECK(recorder_count(&web.rec, EV_NGINX_PHASE) >= 10);
    answer = web_ask(&web,
        "POST /index.php HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        101, 5000);
    CHECK(strstr(answer, "body 5: abcde\n") != NULL);
}

static void
must_keep_the_connection_and_pipeline(void)
{
    const char *answer, *second;

    web_start(&web, true);
    answer = web_ask(
        &web, GET("/plain/a.css") GET("/index.php") GET("/none.php"), 0, 5000);
    CHECK(status_is(answer, "200 OK"));
    second = strstr(answer, "a{}HTTP/1.1 200 OK");
    CHECK(second && strstr(second, "0\r\n\r\nHTTP/1.1 404 Not Found"));
    CHECK(!web_closed());
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_CONN), 1);
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_REQUEST), 3);
}

static void
must_close_an_idle_connection_after_keepalive_timeout(void)
{
    const char *answer;

    web_start(&web, false);
    answer = web_ask(&web, GET("/page.html"), 0, 100000);
    CHECK(status_is(answer, "200 OK"));
    CHECK(web_closed()); /* 75 s later, which is less than 100 */
}

static void
must_close_on_a_client_that_does_not_finish_its_head(void)
{
    web_start(&web, false);
    CHECK_TEXT(web_ask(&web, "GET /page.html HT", 0, 100000), "");
    CHECK(web_closed());
    CHECK(strstr(access_line(0), "\" 408 0 ") != NULL);
}

static void
must_answer_502_when_nobody_listens_or_answers(void)
{
    web_start(&web, false);
    CHECK(status_is(
        web_ask(&web, GET_CLOSE("/index.php"), 0, 5000), "502 Bad Gateway"));
    web.backend = BACKEND_CLOSES;
    web_start(&web, true);
    CHECK(status_is(
        web_ask(&web, GET_CLOSE("/index.php"), 0, 5000), "502 Bad Gateway"));
    CHECK_EQ(web.served, 1);
}

static void
must_answer_504_when_the_program_is_silent(void)
{
    web.backend = BACKEND_SILENT;
    web_start(&web, true);
    CHECK(status_is(web_ask(&web, GET_CLOSE("/index.php"), 0, 100000),
        "504 Gateway Time-out"));
}

static void
must_log_499_when_the_client_goes(void)
{
    web.backend = BACKEND_SILENT;
    web_start(&web, true);
    CHECK_TEXT(web_ask(&web, GET_CLOSE("/index.php"), 0, 1000), "");
    web_run(&web, LW_S);
    CHECK(strstr(access_line(0), "\" 499 0 ") != NULL);
}

static void
must_not_hide_that_an_answer_broke_off(void)
{
    const char *answer;

    web.backend = BACKEND_BREAKS_OFF;
    web_start(&web, true);
    answer = web_ask(&web, GET("/index.php"), 0, 5000);
    CHECK(strstr(answer, "Content-Length: 10\r\n") != NULL);
    CHECK_TEXT(web_body(answer), "half!");
    CHECK(web_closed());
}

static void
must_pass_on_a_large_answer(void)
{
    const char *answer;

    web.backend = BACKEND_LARGE;
    web_start(&web, true);
    answer =
        web_ask(&web, "GET /index.php HTTP/1.0\r\nHost: x\r\n\r\n", 0, 5000);
    CHECK(status_is(answer, "200 OK"));
    CHECK_EQ(web_answer_len() - (size_t)(web_body(answer) - answer), 3000000);
    CHECK(web_closed());
}

static void
must_refuse_what_is_not_http(void)
{
    static const char *const bad[][2] = {{"\x16\x03\x01", "400"},
        {"get / HTTP/1.1\r\n", "400"}, {GET("/../x"), "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"}, {"GET / HTTP/2.0\r\n", "505"},
        {GET("/no"), "403"}, {GET("/moved"), "301"},
        {"PUT /page.html HTTP/1.1\r\nHost: x\r\n\r\n", "405"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n",
            "413"},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
            "501"}};

    web_start(&web, false);
    for (size_t i = 0; i < LW_COUNT(bad); i++) {
        const char *answer = web_ask(&web, bad[i][0], 0, 1000);

        if (!CHECK(status_is(answer, bad[i][1])))
            printf("      %s\n      %s\n", bad[i][0], answer);
    }
}

static void
must_start_a_new_worker_for_one_that_died(void)
{
    struct kernel *k = host_kernel(web.host);
    const struct event *e;
    int worker;

    web_start(&web, false);
    e = recorder_find(&web.rec, EV_NGINX_WORKER, 0);
    worker = (int)event_u64(e, "pid", 0);
    REQUIRE(worker > 0);
    CHECK_EQ(kernel_kill(k, worker, SIGSEGV), 0);
    web_run(&web, LW_S);
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_WORKER), 2);
    CHECK(status_is(web_ask(&web, GET_CLOSE("/page.html"), 0, 5000), "200 OK"));
}

static void
must_finish_what_is_open_on_sigquit(void)
{
    web.backend = BACKEND_ECHO;
    web_start(&web, true);
    kernel_kill(host_kernel(web.host), web.nginx, SIGQUIT);
    web_run(&web, LW_S);
    CHECK_EQ(kernel_status(host_kernel(web.host), web.nginx), 0);
}

/* How often this arrow was taken, by a connection or to the program. */
static unsigned
taken(const struct recorder *rec, const char *from, const char *to)
{
    unsigned n = 0;
    const struct event *e;

    for (unsigned i = 0; (e = recorder_find(rec, EV_NGINX_STATE, i)); i++)
        n += strcmp(recorder_text(e, "from", 0), from) == 0 &&
             strcmp(recorder_text(e, "to", 1), to) == 0;
    return n;
}

/* The table of states.c tells what happens, and nothing that does not. */
static void
must_use_every_arrow_of_a_connection(void)
{
    struct recorder rec;

    recorder_open(&rec, &web.journal, LEVEL_DETAIL);
    web_start(&web, true);
    web_ask(&web, GET("/page.html"), 0, 100000); /* and keepalive_timeout */
    web_ask(&web, GET_CLOSE("/page.html"), 0, 1000);
    web_ask(&web, "GET / HT", 0, 100000); /* client_header_timeout */
    web_ask(&web, GET_CLOSE("/page.html") "more", 0, 1000);
    web_run(&web, 60 * LW_S); /* lingering_time */
    for (unsigned i = 0; i < conn_arrow_count; i++) {
        const char *from = conn_state_text(conn_arrows[i].from);
        const char *to = conn_state_text(conn_arrows[i].to);

        if (!CHECK(taken(&rec, from, to) > 0))
            printf("      %s to %s\n", from, to);
    }
    recorder_close(&rec);
}

/* --- idle connections ---------------------------------------------------- */

#define IDLE 60

/* Connects IDLE times; then asks once on each, and reads the answer. */
static int
idle_main(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons(80),
        .sin_addr.s_addr = htonl(0x7f000001)};
    int fd[IDLE], pipe[2];
    char answer[2048];

    (void)argc;
    (void)argv;
    for (int i = 0; i < IDLE; i++) {
        fd[i] = sys_socket(p, AF_INET, SOCK_STREAM, 0);
        CHECK_EQ(sys_connect(p, fd[i], (struct sockaddr *)&to, sizeof to), 0);
    }
    sys_nanosleep(p, &(struct timespec){.tv_sec = 1});
    for (int i = 0; i < IDLE; i++) {
        sys_write(p, fd[i], GET("/page.html"), strlen(GET("/page.html")));
        CHECK(sys_read(p, fd[i], answer, sizeof answer) > 0);
        /* until TCP has its ACK, and its buffers back */
        sys_nanosleep(p, &(struct timespec){.tv_nsec = 100 * LW_MS});
    }
    sys_pipe2(p, pipe, 0);
    sys_read(p, pipe[0], answer, 1);
    return 0;
}

/* What sixty answers leave behind is what the next request will use (the
 * larger part: TCP's buffers), and not a kilobyte for each connection. */
static void
an_idle_connection_holds_no_buffer(void)
{
    char *argv[] = {"idle", NULL};
    long before, after;
    int left;

    journal_unlisten(&web.journal, &web.rec.listener); /* it keeps events */
    web_start(&web, false);
    faulty_begin(0, false);
    kernel_start(host_kernel(web.host), "idle", idle_main, 1, argv);
    web_run(&web, LW_S / 2);
    before = faulty_held();
    web_run(&web, IDLE * LW_S / 5);
    after = faulty_held();
    faulty_end(&left);
    printf("(%d bytes kept, and %u for each connection) ",
        (int)(after - before), (unsigned)sizeof(struct conn));
    CHECK(after - before < IDLE * 1000);
    CHECK(sizeof(struct conn) <= 512);
}

static CU_TestInfo cases[] = {TEST(must_send_a_file),
    TEST(must_read_a_request_in_two_pieces_split_anywhere),
    TEST(must_keep_the_lines_of_a_buffer_that_is_full),
    TEST(must_ask_the_program_and_chunk_its_answer),
    TEST(must_keep_the_connection_and_pipeline),
    TEST(must_close_an_idle_connection_after_keepalive_timeout),
    TEST(must_close_on_a_client_that_does_not_finish_its_head),
    TEST(must_answer_502_when_nobody_listens_or_answers),
    TEST(must_answer_504_when_the_program_is_silent),
    TEST(must_log_499_when_the_client_goes),
    TEST(must_not_hide_that_an_answer_broke_off),
    TEST(must_pass_on_a_large_answer), TEST(must_refuse_what_is_not_http),
    TEST(must_start_a_new_worker_for_one_that_died),
    TEST(must_use_every_arrow_of_a_connection),
    TEST(an_idle_connection_holds_no_buffer),
    TEST(must_finish_what_is_open_on_sigquit), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_nginx = {.pName = "nginx",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
