/*
 * test_url.c: a URL cut apart (RFC 3986), and what becomes of the parts.
 */
#include "check.h"
#include "url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool
is(struct url_part p, const char *text)
{
    if (!p.at || !text)
        return !p.at && !text;
    return p.len == strlen(text) && memcmp(p.at, text, p.len) == 0;
}

static void
must_find_nine_parts(void)
{
    struct fault f = {""};
    struct url u;

    REQUIRE(url_parse("http://joe:secret@shop.test:8000/a/index.php;v=1?q=milk"
                      "#top",
                &u, &f) == 0);
    CHECK(is(u.scheme, "http"));
    CHECK(is(u.user, "joe"));
    CHECK(is(u.password, "secret"));
    CHECK(is(u.host, "shop.test"));
    CHECK(is(u.port_text, "8000"));
    CHECK_EQ(u.port, 8000);
    CHECK(is(u.path, "/a/index.php"));
    CHECK(is(u.params, "v=1"));
    CHECK(is(u.query, "q=milk"));
    CHECK(is(u.fragment, "top"));
    CHECK(is(u.full_path, "/a/index.php;v=1"));
}

static void
must_tell_absent_from_empty(void)
{
    struct fault f = {""};
    struct url u;

    REQUIRE(url_parse("https://shop.test?#", &u, &f) == 0);
    CHECK(is(u.query, ""));
    CHECK(is(u.fragment, ""));
    CHECK(is(u.path, ""));
    CHECK(is(u.user, NULL));
    CHECK_EQ(u.port, 443);
    REQUIRE(url_parse("http://shop.test/", &u, &f) == 0);
    CHECK(is(u.query, NULL));
    CHECK(is(u.fragment, NULL));
    CHECK(is(u.params, NULL));
    CHECK_EQ(u.port, 80);
}

static void
must_read_an_address_bar(void)
{
    struct fault f = {""};
    struct url u;

    REQUIRE(url_parse("shop.test:81/x", &u, &f) == 0);
    CHECK(is(u.scheme, "http"));
    CHECK(is(u.host, "shop.test"));
    CHECK_EQ(u.port, 81);
    REQUIRE(url_parse("10.0.2.2", &u, &f) == 0);
    CHECK(is(u.host, "10.0.2.2"));
    CHECK(is(u.path, ""));
}

static void
must_refuse_with_a_column(void)
{
    static const char *const bad[][2] = {
        {"ftp://shop.test/", "column 1: only http and https are known"},
        {"http://", "column 8: a host name is missing"},
        {"http://:80/", "column 8: a host name is missing"},
        {"http://a:b/", "column 10: a port is a number"},
        {"http://a:65536/", "a port is at most 65535"},
        {"http://a:0/", "no connection to port 0"},
        {"http://a b/", "column 9: this character cannot stand"},
        {"http://[::1]/", "IPv6 addresses are not supported"},
        {"http://a/\n", "column 10: a control character"}};

    for (size_t i = 0; i < LW_COUNT(bad); i++) {
        struct fault f = {""};
        struct url u;

        CHECK_EQ(url_parse(bad[i][0], &u, &f), -EINVAL);
        if (!CHECK(strstr(f.text, bad[i][1])))
            printf("      %s\n", f.text);
    }
}

static void
must_build_target_and_host(void)
{
    struct fault f = {""};
    struct url u;
    char buf[64];

    REQUIRE(url_parse("http://shop.test:8000/a b;p?q=\xc3\xa9#x", &u, &f) == 0);
    CHECK_EQ(url_target(&u, buf, sizeof(buf)), 17);
    CHECK_TEXT(buf, "/a%20b;p?q=%C3%A9");
    CHECK_EQ(url_host_field(&u, buf, sizeof(buf)), 14);
    CHECK_TEXT(buf, "shop.test:8000");
    REQUIRE(url_parse("http://shop.test:80?x", &u, &f) == 0);
    url_target(&u, buf, sizeof(buf));
    CHECK_TEXT(buf, "/?x");
    url_host_field(&u, buf, sizeof(buf));
    CHECK_TEXT(buf, "shop.test");
    CHECK_EQ(url_target(&u, buf, 3), -ENAMETOOLONG);
    CHECK_EQ(url_host_field(&u, buf, 9), -ENAMETOOLONG);
}

static CU_TestInfo cases[] = {TEST(must_find_nine_parts),
    TEST(must_tell_absent_from_empty), TEST(must_read_an_address_bar),
    TEST(must_refuse_with_a_column), TEST(must_build_target_and_host),
    CU_TEST_INFO_NULL};
CU_SuiteInfo suite_url = {.pName = "url", .pTests = cases};
