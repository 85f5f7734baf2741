/*
 * test_bad_app.c: the last of the bad inputs go for the program above: many
 * callers who never finish their sentence, counts without end, and a program
 * behind whose records lie about their lengths. The server answers as nginx
 * does and serves the next one.
 */
#include "check.h"
#include "bytes.h"
#include "fastcgi.h"
#include "nginx_fixture.h"
#include "tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char server[] =
    "server { listen 80; server_name localhost; root /srv;\n"
    "location ~ \\.php$ { fastcgi_pass 127.0.0.1:9000;\n"
    "fastcgi_read_timeout 5s;\n"
    "fastcgi_param SCRIPT_FILENAME $fastcgi_script_name; } }";
static const char page[] = "GET /page.html HTTP/1.1\r\nHost: localhost\r\n"
                           "Connection: close\r\n\r\n";
static const char script[] =
    "GET /index.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

static struct web web;

static void
setup(void)
{
    web_open(&web, server);
    web_file(&web, "/srv/page.html", "<p>page</p>\n", 12);
    web_file(&web, "/srv/index.php", "<?php\n", 6);
    web_start(&web, true);
}

static void
teardown(void)
{
    CHECK_TEXT(web_body(web_ask(&web, page, 0, 1000)), "<p>page</p>\n");
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_WORKER), 1); /* it survived */
    web_close(&web);
}

static unsigned
status(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0
               ? (unsigned)strtoul(answer + 9, NULL, 10)
               : 0;
}

/* --- callers who do not finish ------------------------------------------- */

#define SLOW 50 /* of the 64 connections that the worker has */

/* One header line every ten seconds, until the server has enough. */
static int
slow(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
        .sin_port = htons(80),
        .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    const char *line = "GET / HTTP/1.1\r\n";

    (void)argc, (void)argv;
    if (sys_connect(p, fd, (void *)&a, sizeof a) < 0)
        return 1;
    while (sys_sendto(p, fd, line, strlen(line), MSG_NOSIGNAL, NULL, 0) > 0) {
        line = "X-a: b\r\n";
        sys_nanosleep(p, &(struct timespec){10, 0});
    }
    return 0;
}

static void
bad_input_60_slowloris(void)
{
    struct kernel *k = host_kernel(web.host);
    char *argv[] = {"slow", NULL};
    int pid[SLOW];
    unsigned ended = 0;

    for (unsigned i = 0; i < SLOW; i++)
        pid[i] = kernel_start(k, "slow", slow, 1, argv);
    web_run(&web, 30 * LW_S);
    CHECK_EQ(status(web_ask(&web, page, 0, 1000)), 200);
    web_run(&web, 60 * LW_S); /* client_header_timeout is over */
    for (unsigned i = 0; i < SLOW; i++)
        ended += kernel_status(k, pid[i]) == 0;
    CHECK_EQ(ended, SLOW);
    web_run(&web, 120 * LW_S);
    CHECK_EQ(tcp_counts(host_tcp(web.host)).conns, 0);
    CHECK_EQ(pkt_pool_used(world_pool(web.world)), 0);
}

/* --- counts -------------------------------------------------------------- */

/* A request with so many of these between its first line and its end. */
static unsigned
status_of_many(const char *piece, unsigned times)
{
    size_t room = 200 + strlen(piece) * times;
    char *text = malloc(room);
    size_t n = (size_t)snprintf(text, room, "GET /page.html HTTP/1.1\r\n");
    unsigned found;

    for (unsigned i = 0; i < times; i++)
        n += (size_t)snprintf(text + n, room - n, "%s", piece);
    snprintf(text + n, room - n, "Host: x\r\nConnection: close\r\n\r\n");
    found = status(web_ask(&web, text, 0, 1000));
    free(text);
    return found;
}

static void
bad_input_60_header_counts(void)
{
    CHECK_EQ(status_of_many("A: b\r\n", 100), 200);
    CHECK_EQ(status_of_many("A: b\r\n", 20000), 400); /* 4 buffers of 8k */
    CHECK_EQ(status_of_many(":\r\n", 30000), 400);
    CHECK_EQ(status_of_many("Cookie: a=b\r\n", 10000), 400);
}

static void
bad_input_60_param_counts(void)
{
    static char text[60000];
    int n = snprintf(text, sizeof text, "GET /index.php?");

    for (int i = 0; i < 1000; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "a[]=&");
    snprintf(text + n, sizeof text - (size_t)n,
        " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK_EQ(status(web_ask(&web, text, 0, 1000)), 200);
    n = snprintf(text, sizeof text, "GET /index.php?");
    for (int i = 0; i < 9000; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "a[]=&");
    snprintf(text + n, sizeof text - (size_t)n, " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ(status(web_ask(&web, text, 0, 1000)), 414);
}

/* --- the program behind -------------------------------------------------- */

static unsigned
status_of_script(const void *bytes, size_t len)
{
    web.backend = BACKEND_SCRIPT;
    web.script = bytes;
    web.script_len = len;
    return status(web_ask(&web, script, 0, 6000));
}

/* A record that says what it is and then, perhaps, is something else. */
static size_t
record(uint8_t *buf, unsigned version, unsigned type, unsigned id,
    unsigned length, unsigned padding, const char *content)
{
    struct writer w = writer_of(buf, 600);

    put_u8(&w, (uint8_t)version);
    put_u8(&w, (uint8_t)type);
    put_be16(&w, (uint16_t)id);
    put_be16(&w, (uint16_t)length);
    put_u8(&w, (uint8_t)padding);
    put_u8(&w, 0);
    put_text(&w, content);
    return writer_len(&w);
}

static void
bad_input_60_fastcgi_records_lie(void)
{
    static const char head[] = "Content-Type: text/plain\r\n\r\n";
    static const struct {
        unsigned version, type, id, length, padding, status;
        const char *content;
    } q[] = {
        {0, FCGI_STDOUT, 1, 28, 0, 502, head}, /* no such version */
        {2, FCGI_STDOUT, 1, 28, 0, 502, head},
        {1, FCGI_STDOUT, 1, 65535, 255, 502, ""}, /* and then the end */
        {1, FCGI_STDOUT, 1, 0, 255, 502, ""},     /* padding alone */
        {1, FCGI_STDOUT, 2, 28, 0, 502, head},    /* of another request */
        {1, FCGI_STDOUT, 0, 28, 0, 502, head},
        {1, FCGI_PARAMS, 1, 28, 0, 502, head}, /* from the wrong side */
        {1, 0, 1, 28, 0, 502, head}, {1, 255, 1, 28, 0, 502, head},
        {1, FCGI_END_REQUEST, 1, 0, 0, 502, ""}, /* eight bytes are due */
        {1, FCGI_END_REQUEST, 1, 65535, 9, 502, ""},
        {1, FCGI_STDOUT, 1, 5, 0, 502, head}, /* cut in its middle */
    };

    for (unsigned i = 0; i < LW_COUNT(q); i++) {
        uint8_t buf[600];
        size_t len = record(buf, q[i].version, q[i].type, q[i].id, q[i].length,
            q[i].padding, q[i].content);

        if (!CHECK_EQ(status_of_script(buf, len), q[i].status))
            printf("    record %u\n", i);
    }
    CHECK_EQ(status_of_script("", 0), 502);
    CHECK_EQ(status_of_script("\1", 1), 502);
}

/* Headers without end from behind: fastcgi_buffer_size is 4k or 8k. */
static void
bad_input_60_fastcgi_header_counts(void)
{
    static uint8_t buf[70000];
    static char text[60000];
    struct writer w = writer_of(buf, sizeof buf);

    for (int i = 0; i < 9000; i++)
        memcpy(text + i * 6, "A: b\r\n", 6);
    fcgi_put_record(&w, FCGI_STDOUT, 1, text, 54000);
    CHECK_EQ(status_of_script(buf, writer_len(&w)), 502);
}

/* One byte in each record, as often as a record can be. */
static void
bad_input_60_fastcgi_crumbs(void)
{
    static const char body[] = "Content-Type: text/plain\r\n\r\nall of it";
    static uint8_t buf[4000];
    struct writer w = writer_of(buf, sizeof buf);

    for (unsigned i = 0; i < sizeof body - 1; i++) {
        fcgi_put_record(&w, FCGI_STDERR, 1, "", 0);
        fcgi_put_record(&w, FCGI_STDOUT, 1, body + i, 1);
    }
    fcgi_put_end(&w, 1, 0, FCGI_REQUEST_COMPLETE);
    CHECK_EQ(status_of_script(buf, writer_len(&w)), 200);
    CHECK(strstr(web_ask(&web, script, 0, 1000), "all of it") != NULL);
}

static CU_TestInfo cases[] = {
    TEST(bad_input_60_slowloris),
    TEST(bad_input_60_header_counts),
    TEST(bad_input_60_param_counts),
    TEST(bad_input_60_fastcgi_records_lie),
    TEST(bad_input_60_fastcgi_header_counts),
    TEST(bad_input_60_fastcgi_crumbs),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_app = {.pName = "bad_app",
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
    .pTests = cases};
