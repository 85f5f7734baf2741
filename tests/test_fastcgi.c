/*
 * test_fastcgi.c: records of FastCGI, written and read again, cut into two
 * pieces at every byte.
 */
#include "check.h"
#include "fastcgi.h"

#include <stdlib.h>
#include <string.h>

/* What a parser saw, as text: "BEGIN_REQUEST/1 (8) END ..." */
struct seen {
    char text[2048];
    uint8_t content[4096];
    size_t len;
};

static void
add(struct seen *s, const char *word)
{
    strncat(s->text, word, sizeof(s->text) - strlen(s->text) - 1);
    strncat(s->text, " ", sizeof(s->text) - strlen(s->text) - 1);
}

/* False when the parser says that this is no FastCGI. */
static bool
feed(struct fcgi_parser *f, struct seen *s, const uint8_t *at, size_t len)
{
    struct cursor in = cursor_of(at, len);

    for (;;) {
        switch (fcgi_parse(f, &in)) {
        case FCGI_MORE: CHECK_EQ(cursor_left(&in), 0); return true;
        case FCGI_HEADER: add(s, fcgi_type_name(f->type)); break;
        case FCGI_CONTENT:
            memcpy(s->content + s->len, f->piece, f->piece_len);
            s->len += f->piece_len;
            break;
        case FCGI_END: add(s, "end"); break;
        default: return false;
        }
    }
}

static size_t
request(uint8_t *buf, size_t size)
{
    struct writer w = writer_of(buf, size);
    uint8_t pairs[512];
    struct writer p = writer_of(pairs, sizeof(pairs));
    char big[200];

    memset(big, 'v', sizeof(big));
    fcgi_put_pair(&p, "SCRIPT_NAME", 11, "/index.php", 10);
    fcgi_put_pair(&p, "LONG", 4, big, sizeof(big));
    fcgi_put_pair(&p, "EMPTY", 5, "", 0);
    fcgi_put_begin(&w, 1, FCGI_RESPONDER, FCGI_KEEP_CONN);
    fcgi_put_record(&w, FCGI_PARAMS, 1, pairs, writer_len(&p));
    fcgi_put_record(&w, FCGI_PARAMS, 1, NULL, 0);
    fcgi_put_record(&w, FCGI_STDIN, 1, "a=1", 3);
    fcgi_put_record(&w, FCGI_STDIN, 1, NULL, 0);
    CHECK(!w.over && !p.over);
    return writer_len(&w);
}

static void
must_read_what_was_written_split_anywhere(void)
{
    uint8_t buf[1024];
    size_t len = request(buf, sizeof(buf));

    CHECK_EQ(len % 8, 0); /* everything is padded to eight */
    for (size_t split = 0; split <= len; split++) {
        struct fcgi_parser f = {0};
        struct seen s = {.len = 0};

        REQUIRE(feed(&f, &s, buf, split));
        REQUIRE(feed(&f, &s, buf + split, len - split));
        CHECK_TEXT(s.text, "BEGIN_REQUEST end PARAMS end PARAMS end STDIN end "
                           "STDIN end ");
        CHECK_EQ(s.len, 8 + 23 + 1 + 4 + 4 + 200 + 7 + 3);
        CHECK_EQ(f.at, len - 8);
    }
}

static void
must_find_pairs_of_both_lengths(void)
{
    uint8_t buf[1024];
    struct fcgi_parser f = {0};
    struct seen s = {.len = 0};
    struct fcgi_pair pair;
    struct fcgi_begin begin;
    struct cursor c;

    REQUIRE(feed(&f, &s, buf, request(buf, sizeof(buf))));
    c = cursor_of(s.content, 8);
    REQUIRE(fcgi_get_begin(&c, &begin));
    CHECK_EQ(begin.role, FCGI_RESPONDER);
    CHECK_EQ(begin.flags, FCGI_KEEP_CONN);
    c = cursor_of(s.content + 8, s.len - 8 - 3);
    REQUIRE(fcgi_get_pair(&c, &pair));
    CHECK_EQ(pair.name_len, 11);
    CHECK_MEM(pair.value, "/index.php", 10);
    REQUIRE(fcgi_get_pair(&c, &pair));
    CHECK_EQ(pair.value_len, 200);
    CHECK_EQ(pair.value[199], 'v');
    REQUIRE(fcgi_get_pair(&c, &pair));
    CHECK_EQ(pair.value_len, 0);
    CHECK(!fcgi_get_pair(&c, &pair));
    CHECK(!c.over);
}

static void
must_refuse_pairs_that_run_past_the_end(void)
{
    static const uint8_t bad[][8] = {{5, 1, 'a', 'b'}, {0x80, 0, 0, 9, 1, 'a'},
        {1, 0xff, 0xff, 0xff, 0xff, 'a'}, {0x80}};
    static const size_t lens[] = {4, 6, 6, 1};

    for (size_t i = 0; i < LW_COUNT(bad); i++) {
        struct cursor c = cursor_of(bad[i], lens[i]);
        struct fcgi_pair pair;

        CHECK(!fcgi_get_pair(&c, &pair));
        CHECK(c.over);
    }
}

static void
must_refuse_another_version(void)
{
    uint8_t buf[8] = {2, 1, 0, 1, 0, 8, 0, 0};
    struct fcgi_parser f = {0};
    struct seen s = {.len = 0};

    CHECK(!feed(&f, &s, buf, sizeof(buf)));
    CHECK(!feed(&f, &s, buf, sizeof(buf))); /* and stays so */
}

static void
must_write_the_end_as_the_specification_says(void)
{
    static const uint8_t want[] = {
        1, 3, 0, 7, 0, 8, 0, 0, 0, 0, 1, 2, 2, 0, 0, 0};
    uint8_t buf[16];
    struct writer w = writer_of(buf, sizeof(buf));
    struct cursor c;
    struct fcgi_end end;

    fcgi_put_end(&w, 7, 258, FCGI_OVERLOADED);
    REQUIRE(writer_len(&w) == 16);
    CHECK_MEM(buf, want, 16);
    c = cursor_of(buf + 8, 8);
    REQUIRE(fcgi_get_end(&c, &end));
    CHECK_EQ(end.app_status, 258);
    CHECK_EQ(end.protocol_status, FCGI_OVERLOADED);
    w = writer_of(buf, 15);
    fcgi_put_end(&w, 7, 0, FCGI_REQUEST_COMPLETE);
    CHECK(w.over);
}

static void
must_know_all_types(void)
{
    CHECK_TEXT(fcgi_type_name(FCGI_STDERR), "STDERR");
    CHECK_TEXT(fcgi_type_name(11), "UNKNOWN_TYPE");
    CHECK_TEXT(fcgi_type_name(0), "UNKNOWN");
    CHECK_TEXT(fcgi_type_name(99), "UNKNOWN");
}

static CU_TestInfo cases[] = {TEST(must_read_what_was_written_split_anywhere),
    TEST(must_find_pairs_of_both_lengths),
    TEST(must_refuse_pairs_that_run_past_the_end),
    TEST(must_refuse_another_version),
    TEST(must_write_the_end_as_the_specification_says),
    TEST(must_know_all_types), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_fastcgi = {.pName = "fastcgi", .pTests = cases};
