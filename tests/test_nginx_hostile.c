/*
 * test_nginx_hostile.c: what strangers send on purpose. tests/peers holds
 * the questions and what real nginx 1.22.1 said to each of them:
 * requests.txt from clients, answers.txt from the program behind. A line is
 *
 *     NAME <tab> STATUS[,STATUS...] closed|open <tab> BYTES
 *
 * with `-` for no answer and `bare` for one without a head. In BYTES stand
 * \r \n \t \" \\ \xNN, and \{8000a} for 8000 times `a`.
 */
#include "check.h"
#include "nginx_fixture.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (2u << 20)

static const char server[] =
    "server_tokens off;\n"
    "server { listen 80; server_name localhost; root /srv; index index.html;\n"
    "location / { try_files $uri $uri/ =404; }\n"
    "location ~ \\.php$ { fastcgi_pass 127.0.0.1:9000;\n"
    "fastcgi_param SCRIPT_FILENAME $fastcgi_script_name;\n"
    "fastcgi_param CONTENT_LENGTH $content_length; }\n"
    "location = /moved { return 301 /there; }\n"
    "location /no { deny all; }\n"
    "location ~ ^/img/(.+)$ { alias /srv/pictures/$1; }\n"
    "location /inside/ { internal; alias /srv/; }\n"
    "location /small { client_max_body_size 10;\n"
    "fastcgi_pass 127.0.0.1:9000; } }";

static struct web web;
static char *bytes;

static void
setup(void)
{
    web_open(&web, server);
    web_file(&web, "/srv/page.html", "<p>page</p>\n", 12);
    web_file(&web, "/srv/index.php", "<?php\n", 6);
    web_file(&web, "/srv/pictures/a.png", "picture", 7);
    web_file(&web, "/srv/a.css", "a{}", 3);
    web_file(&web, "/srv/folder/index.html", "folder", 6);
    web_start(&web, true);
    bytes = malloc(BYTES_MAX);
}

static void
teardown(void)
{
    free(bytes);
    web_close(&web);
}

/* One byte, perhaps written as an escape; moves *at behind it. */
static char
one_byte(const char **at)
{
    static const char letters[] = "r\rn\nt\t\"\"\\\\";
    const char *c = *at;
    char hex[3] = "";

    *at += 1;
    if (*c != '\\')
        return *c;
    *at += 1;
    if (c[1] == 'x') {
        memcpy(hex, c + 2, 2);
        *at += 2;
        return (char)strtoul(hex, NULL, 16);
    }
    for (const char *l = letters; *l; l += 2)
        if (*l == c[1])
            return l[1];
    CHECK(!"an escape that is none");
    return 0;
}

/* The length; the bytes are in `bytes`. */
static size_t
decode(const char *at)
{
    size_t n = 0;

    while (*at && *at != '\n') {
        size_t times = 1;
        bool many = strncmp(at, "\\{", 2) == 0;
        char c;

        if (many)
            times = strtoul(at + 2, (char **)(void *)&at, 10);
        c = one_byte(&at);
        at += many; /* } */
        for (; times > 0 && n < BYTES_MAX; times--)
            bytes[n++] = c;
    }
    return n;
}

/* "200,404 closed" */
static void
summary(const char *answer, char *out, size_t size)
{
    size_t n = 0;

    for (const char *a = strstr(answer, "HTTP/1.1 "); a;
         a = strstr(a + 1, "HTTP/1.1 ")) {
        bool head = a == answer || a[-1] == '\n' || a[-1] == '}';

        if (head && isdigit((unsigned char)a[9]) && n + 5 < size)
            n += (size_t)snprintf(
                out + n, size - n, "%s%.3s", n > 0 ? "," : "", a + 9);
    }
    if (n == 0)
        n = (size_t)snprintf(
            out, size, "%s", web_answer_len() > 0 ? "bare" : "-");
    snprintf(out + n, size - n, " %s", web_closed() ? "closed" : "open");
}

/* Each line of the file to ask(); how many differ from the recorded ones. */
static unsigned
compare(const char *path, const char *(*ask)(size_t len))
{
    FILE *f = fopen(path, "r");
    char *line = NULL, got[128];
    size_t room = 0;
    unsigned rows = 0;

    while (f && getline(&line, &room, f) > 0) {
        char *wanted = strchr(line, '\t');
        char *text = wanted ? strchr(wanted + 1, '\t') : NULL;

        if (!text || line[0] == '#')
            continue;
        *wanted++ = *text++ = '\0';
        summary(ask(decode(text)), got, sizeof got);
        if (!CHECK(strcmp(got, wanted) == 0))
            printf("      %s: %s, should be: %s\n", line, got, wanted);
        rows++;
    }
    free(line);
    if (f)
        fclose(f);
    return rows;
}

static const char *
send_request(size_t len)
{
    return web_ask_bytes(&web, bytes, len, 0, 1000);
}

static void
requests_are_answered_as_by_nginx(void)
{
    CHECK(compare("tests/peers/requests.txt", send_request) > 250);
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_WORKER), 1); /* it survived */
}

static const char *
send_answer(size_t len)
{
    web.backend = BACKEND_SCRIPT;
    web.script = bytes;
    web.script_len = len;
    return web_ask(
        &web, "GET /index.php HTTP/1.1\r\nHost: localhost\r\n\r\n", 0, 1000);
}

static void
answers_are_passed_on_as_by_nginx(void)
{
    CHECK(compare("tests/peers/answers.txt", send_answer) > 90);
    CHECK_EQ(recorder_count(&web.rec, EV_NGINX_WORKER), 1);
}

/* client_header_timeout is counted from the first byte, not from the last. */
static void
a_slow_head_has_one_deadline(void)
{
    int64_t from = world_timers(web.world)->now.ns;

    CHECK_TEXT(
        web_drip(&web, "GET /a.css HTTP/1.1\r\nHost: x\r\nX: ", 7000), "");
    CHECK(web_closed());
    CHECK((world_timers(web.world)->now.ns - from) / LW_S <= 71);
    CHECK(strstr(recorder_text(
                     recorder_find(&web.rec, EV_NGINX_ACCESS, 0), "line", 1),
              "\" 408 0 ") != NULL);
}

static CU_TestInfo cases[] = {TEST(requests_are_answered_as_by_nginx),
    TEST(answers_are_passed_on_as_by_nginx), TEST(a_slow_head_has_one_deadline),
    CU_TEST_INFO_NULL};
CU_SuiteInfo suite_nginx_hostile = {.pName = "nginx_hostile",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
