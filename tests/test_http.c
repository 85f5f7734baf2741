/*
 * test_http.c: messages of HTTP/1.1, every one cut into two at every byte.
 */
#include "check.h"
#include "http.h"
#include "http_chunked.h"
#include "http_line.h"
#include "http_response.h"
#include "http_uri.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct http_text
part(const char *line, struct http_part p)
{
    return (struct http_text){line + p.at, p.end - p.at};
}

/* The parser's last word about a line that comes in two pieces. */
static enum http_line
request_line(struct http_request_line *r, const char *text, size_t split)
{
    enum http_line found;

    *r = (struct http_request_line){0};
    found = http_request_line(r, (const uint8_t *)text, split);
    if (found == HTTP_LINE_AGAIN)
        found = http_request_line(r, (const uint8_t *)text, strlen(text));
    return found;
}

static void
must_read_request_lines(void)
{
    static const char text[] = "\r\nPOST /a/b.php?x=1 HTTP/1.1\r\nHost";
    struct http_request_line r;

    for (size_t split = 0; split < sizeof(text); split++) {
        REQUIRE(request_line(&r, text, split) == HTTP_LINE_OK);
        CHECK(http_text_is(part(text, r.method), "POST"));
        CHECK(http_text_is(part(text, r.target), "/a/b.php?x=1"));
        CHECK(http_text_is(part(text, r.path), "/a/b.php?x=1"));
        CHECK_EQ(r.host.end, r.host.at);
        CHECK_EQ(r.major * 10 + r.minor, 11);
        CHECK_EQ(r.end, strlen(text) - 4);
    }
}

static void
must_read_absolute_form_and_old_versions(void)
{
    struct http_request_line r;
    const char *text = "GET http://shop.test:81?q HTTP/1.0\n";

    REQUIRE(request_line(&r, text, 9) == HTTP_LINE_OK);
    CHECK(http_text_is(part(text, r.host), "shop.test:81"));
    CHECK(http_text_is(part(text, r.path), "?q"));
    CHECK_EQ(r.minor, 0);
    text = "GET /x\r\n";
    REQUIRE(request_line(&r, text, 7) == HTTP_LINE_OK);
    CHECK_EQ(r.minor, 9);
    CHECK(http_text_is(part(text, r.target), "/x"));
    text = "GET /x \n";
    REQUIRE(request_line(&r, text, 2) == HTTP_LINE_OK);
    CHECK(http_text_is(part(text, r.target), "/x"));
}

static void
must_refuse_bad_request_lines_at_the_bad_byte(void)
{
    static const struct {
        const char *text;
        enum http_line why;
    } bad[] = {{"get", HTTP_LINE_METHOD}, {"G\x01", HTTP_LINE_METHOD},
        {" GET /", HTTP_LINE_METHOD}, {"GET x:y", HTTP_LINE_BAD},
        {"GET *", HTTP_LINE_BAD}, {"GET /\x01", HTTP_LINE_BAD},
        {"GET /\x7f", HTTP_LINE_BAD}, {"GET / x", HTTP_LINE_BAD},
        {"GET / HTTq", HTTP_LINE_BAD}, {"GET / HTTP/0", HTTP_LINE_BAD},
        {"GET / HTTP/2", HTTP_LINE_AGAIN}, {"GET / HTTP/2.", HTTP_LINE_VERSION},
        {"GET / HTTP/1.1000", HTTP_LINE_BAD},
        {"GET / HTTP/1.1x", HTTP_LINE_BAD}, {"GET /\rx", HTTP_LINE_BAD},
        {"GET http://:80/", HTTP_LINE_BAD}, {"GET http://a_b/", HTTP_LINE_BAD}};

    for (size_t i = 0; i < LW_COUNT(bad); i++) {
        struct http_request_line r;

        if (!CHECK_EQ(request_line(&r, bad[i].text, 1), bad[i].why))
            printf("      %s\n", bad[i].text);
    }
}

static void
must_read_header_lines(void)
{
    static const char text[] = "Accept:  text/html, x \r\n";
    struct http_header_line h;

    for (size_t split = 0; split < sizeof(text); split++) {
        enum http_line found;

        h = (struct http_header_line){0};
        found = http_header_line(&h, (const uint8_t *)text, split);
        if (found == HTTP_LINE_AGAIN)
            found = http_header_line(&h, (const uint8_t *)text, strlen(text));
        REQUIRE(found == HTTP_LINE_OK);
        CHECK(http_text_is(part(text, h.name), "Accept"));
        CHECK(http_text_is(part(text, h.value), "text/html, x"));
        CHECK_EQ(h.end, strlen(text));
        CHECK(!h.invalid);
    }
    h = (struct http_header_line){0};
    CHECK_EQ(http_header_line(&h, (const uint8_t *)"\r\n", 2), HTTP_LINE_EMPTY);
    h = (struct http_header_line){0};
    CHECK_EQ(
        http_header_line(&h, (const uint8_t *)"A_b: c\n", 7), HTTP_LINE_OK);
    CHECK(h.invalid);
    h = (struct http_header_line){0};
    CHECK_EQ(
        http_header_line(&h, (const uint8_t *)"A : c\n", 6), HTTP_LINE_BAD);
    h = (struct http_header_line){0};
    CHECK_EQ(
        http_header_line(&h, (const uint8_t *)"A: \0\n", 5), HTTP_LINE_BAD);
}

/* --- chunks -------------------------------------------------------------- */

static enum http_step
chunks(const char *text, size_t split, char *out)
{
    struct http_chunked d = {0};
    enum http_step step = HTTP_MORE;

    for (int half = 0; half < 2 && step == HTTP_MORE; half++) {
        struct cursor in = half == 0
                               ? cursor_of(text, split)
                               : cursor_of(text + split, strlen(text) - split);

        while ((step = http_chunked_parse(&d, &in)) == HTTP_PIECE)
            strncat(out, (const char *)d.piece, d.piece_len);
    }
    return step;
}

static void
must_decode_chunks_split_anywhere(void)
{
    static const char text[] =
        "5\r\nhello\r\nA;name=\"v\"\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\n";

    for (size_t split = 0; split < sizeof(text); split++) {
        char out[64] = "";

        REQUIRE(chunks(text, split, out) == HTTP_DONE);
        CHECK_TEXT(out, "hello, world!!!");
    }
}

static void
must_refuse_bad_chunks(void)
{
    static const char *const bad[] = {"x\r\n", "\r\n", "5\rx", "5 x\rz",
        "1\r\nab", "1\r\na\rb", "0\r\n\rx", "fffffffffffffffff\r\n", "-1\r\n",
        "5g\r\n"};

    for (size_t i = 0; i < LW_COUNT(bad); i++) {
        char out[64] = "";

        if (!CHECK_EQ(chunks(bad[i], 1, out), HTTP_BAD))
            printf("      %s\n", bad[i]);
    }
}

static void
must_write_chunk_heads(void)
{
    uint8_t buf[HTTP_CHUNK_HEAD_MAX];
    struct writer w = writer_of(buf, sizeof(buf));

    http_put_chunk_head(&w, 0x1f40);
    CHECK_EQ(writer_len(&w), 6);
    CHECK_MEM(buf, "1f40\r\n", 6);
    w = writer_of(buf, sizeof(buf));
    http_put_chunk_head(&w, UINT64_MAX);
    CHECK_EQ(writer_len(&w), 18);
    CHECK(!w.over);
}

/* --- answers ------------------------------------------------------------- */

struct heard {
    struct arena arena;
    struct http_response r;
    char body[256];
    unsigned heads;
    size_t used; /* bytes that belong to the message */
};

static enum http_step
hear(struct heard *h, const char *text, size_t len)
{
    struct cursor in = cursor_of(text, len);
    enum http_step step;

    do {
        step = http_response_parse(&h->r, &in);
        if (step == HTTP_HEAD)
            h->heads++;
        if (step == HTTP_PIECE)
            strncat(h->body, (const char *)h->r.piece, h->r.piece_len);
    } while (step == HTTP_HEAD || step == HTTP_PIECE);
    h->used += len - cursor_left(&in);
    return step;
}

static enum http_step
answer(struct heard *h, const char *text, size_t split, bool head)
{
    enum http_step step;

    *h = (struct heard){0};
    arena_init(&h->arena, 0);
    h->r.arena = &h->arena;
    h->r.head_request = head;
    step = hear(h, text, split);
    if (step == HTTP_MORE)
        step = hear(h, text + split, strlen(text) - split);
    return step;
}

static void
must_read_answers_of_known_length(void)
{
    static const char text[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n"
                               "Connection: Keep-Alive\r\n\r\nhelloHTTP/1.1";

    for (size_t split = 0; split < sizeof(text); split++) {
        struct heard h;

        CHECK_EQ(answer(&h, text, split, false), HTTP_DONE);
        CHECK_EQ(h.r.status, 404);
        CHECK(http_text_is(h.r.reason, "Not Found"));
        CHECK_EQ(h.heads, 1);
        CHECK_TEXT(h.body, "hello");
        CHECK(h.r.keep_alive);
        if (split < strlen(text) - 8)
            CHECK_EQ(h.used, strlen(text) - 8);
        arena_free(&h.arena);
    }
}

static void
must_read_chunked_answers_and_pass_over_100(void)
{
    static const char text[] =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
        "Transfer-Encoding: chunked\r\nContent-Length: 99\r\n"
        "Connection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n";

    for (size_t split = 0; split < sizeof(text); split++) {
        struct heard h;

        CHECK_EQ(answer(&h, text, split, false), HTTP_DONE);
        CHECK_EQ(h.r.status, 200);
        CHECK_EQ(h.r.headers.count, 3);
        CHECK_TEXT(h.body, "ok");
        CHECK(!h.r.keep_alive);
        arena_free(&h.arena);
    }
}

static void
must_know_where_an_answer_ends(void)
{
    struct heard h;

    CHECK_EQ(
        answer(&h, "HTTP/1.0 200 OK\r\n\r\nall of it", 25, false), HTTP_MORE);
    CHECK(h.r.until_close);
    CHECK_EQ(http_response_eof(&h.r), HTTP_DONE);
    CHECK_TEXT(h.body, "all of it");
    arena_free(&h.arena);
    CHECK_EQ(
        answer(&h, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 3, true),
        HTTP_DONE);
    arena_free(&h.arena);
    CHECK_EQ(answer(&h, "HTTP/1.1 304\r\n\r\n", 3, false), HTTP_DONE);
    arena_free(&h.arena);
    CHECK_EQ(
        answer(&h, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", 3, false),
        HTTP_MORE);
    CHECK_EQ(http_response_eof(&h.r), HTTP_BAD);
    CHECK_TEXT(h.r.why, "the server closed in the middle of its answer");
    arena_free(&h.arena);
}

static void
must_refuse_bad_answers(void)
{
    static const char *const bad[] = {"HTTP/2 200\r\n", "220 smtp ready\r\n",
        "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};

    for (size_t i = 0; i < LW_COUNT(bad); i++) {
        struct heard h;

        CHECK_EQ(answer(&h, bad[i], 4, false), HTTP_BAD);
        CHECK(h.r.why != NULL);
        arena_free(&h.arena);
    }
}

static void
must_bound_the_head(void)
{
    struct heard h = {0};
    enum http_step step = HTTP_MORE;

    h.r.arena = &h.arena;
    hear(&h, "HTTP/1.1 200 OK\r\nX: ", 20);
    for (int i = 0; i < 2000 && step == HTTP_MORE; i++)
        step = hear(&h, "0123456789012345678901234567890123456789", 40);
    CHECK_EQ(step, HTTP_BAD);
    arena_free(&h.arena);
}

/* --- dates, targets ------------------------------------------------------ */

static void
must_write_and_read_dates(void)
{
    static const char *const same[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
    char buf[HTTP_DATE_LEN + 1];
    int64_t t = 0;

    CHECK_TEXT(http_date(784111777, buf), same[0]);
    for (size_t i = 0; i < LW_COUNT(same); i++) {
        t = 0;
        CHECK_EQ(http_date_parse(http_text(same[i]), &t), 0);
        CHECK_EQ(t, 784111777);
    }
    CHECK_TEXT(http_date(0, buf), "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK_TEXT(http_date(951782400, buf), "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK_EQ(http_date_parse(http_text("yesterday, or so"), &t), -EINVAL);
    CHECK_EQ(http_date_parse(http_text("Sun, 32 Nov 1994 08:49:37 GMT"), &t),
        -EINVAL);
    CHECK_EQ(http_date_parse(http_text("Sun, 06 Nov 1994 08:49:37 GMT+1"), &t),
        -EINVAL);
    for (int64_t day = 0; day < 60000; day += 7) { /* to the year 2134 */
        http_date(day * 86400 + 3661, buf);
        CHECK_EQ(http_date_parse(http_text(buf), &t), 0);
        CHECK_EQ(t, day * 86400 + 3661);
    }
}

static void
must_decode_targets(void)
{
    static const struct {
        const char *target, *path, *args;
    } good[] = {{"/a/b", "/a/b", NULL}, {"/a%20b?x=%20", "/a b", "x=%20"},
        {"//a///b/", "/a/b/", NULL}, {"/a/./b/../c", "/a/c", NULL},
        {"/a/..", "/", NULL}, {"/a/.", "/a/", NULL}, {"/%2e%2E/", NULL, NULL},
        {"/..", NULL, NULL}, {"/a/../..", NULL, NULL}, {"/%zz", NULL, NULL},
        {"/%0", NULL, NULL}, {"/a%00", NULL, NULL}, {"/a#f?x", "/a", NULL},
        {"/a?b#c", "/a", "b"}, {"/a?", "/a", ""}, {"/%2f%2fa", "/a", NULL},
        {"/a%3Fb", "/a?b", NULL}, {"?x", "/", "x"}, {"/...", "/...", NULL}};

    for (size_t i = 0; i < LW_COUNT(good); i++) {
        struct arena a;
        struct http_uri u;
        int err;

        arena_init(&a, 0);
        err = http_uri_parse(&a, http_text(good[i].target), true, &u);
        CHECK_EQ(err, good[i].path ? 0 : -EINVAL);
        if (err == 0 && good[i].path) {
            CHECK_TEXT(u.path.at, good[i].path);
            CHECK_EQ(u.args.at != NULL, good[i].args != NULL);
            if (good[i].args)
                CHECK(http_text_is(u.args, good[i].args));
        }
        arena_free(&a);
    }
}

static CU_TestInfo cases[] = {TEST(must_read_request_lines),
    TEST(must_read_absolute_form_and_old_versions),
    TEST(must_refuse_bad_request_lines_at_the_bad_byte),
    TEST(must_read_header_lines), TEST(must_decode_chunks_split_anywhere),
    TEST(must_refuse_bad_chunks), TEST(must_write_chunk_heads),
    TEST(must_read_answers_of_known_length),
    TEST(must_read_chunked_answers_and_pass_over_100),
    TEST(must_know_where_an_answer_ends), TEST(must_refuse_bad_answers),
    TEST(must_bound_the_head), TEST(must_write_and_read_dates),
    TEST(must_decode_targets), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_http = {.pName = "http", .pTests = cases};
