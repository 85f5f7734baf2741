/*
 * test_browser.c: does the browser find the name, follow links, and read an
 * answer however it is cut into pieces?
 */
#include "browser.h"
#include "check.h"
#include "hosts.h"
#include "resolv_conf.h"
#include "net_fixture.h"
#include "reference.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char hosts[] = "127.0.0.1\tlocalhost\n"
                            "# 10.0.0.9 shop.test\n"
                            "::1 shop.test ip6\n"
                            "10.0.2.10  shop.test www.shop.test # 10.0.0.8 x\n"
                            "\n"
                            "10.0.2.11 shop.test\n"
                            "300.0.0.1 bad.test\n"
                            "10.0.0.7 last.test";

static unsigned
find(const char *name, uint32_t *addr)
{
    /* A copy without a zero behind it, so that a byte too far is noticed. */
    char *text = malloc(sizeof hosts - 1);
    struct ipv4 found = {0};

    memcpy(text, hosts, sizeof hosts - 1);
    unsigned line =
        hosts_find(text, sizeof hosts - 1, name, strlen(name), &found);
    *addr = line ? found.v : 0;
    free(text);
    return line;
}

/* Does the first line win, and are comments and other families passed? */
static void
hosts_file(void)
{
    uint32_t addr;

    CHECK_EQ(find("shop.test", &addr), 4);
    CHECK_EQ(addr, 0x0a00020a);
    CHECK_EQ(find("WWW.Shop.Test", &addr), 4);
    CHECK_EQ(find("localhost", &addr), 1);
    CHECK_EQ(find("last.test", &addr), 8);
    CHECK_EQ(addr, 0x0a000007);
    CHECK_EQ(find("x", &addr), 0);
    CHECK_EQ(find("bad.test", &addr), 0);
    CHECK_EQ(find("shop", &addr), 0);
    CHECK_EQ(find("10.0.2.10", &addr), 0);
    CHECK_EQ(find("", &addr), 0);
}

static void
resolver_file(void)
{
    struct resolv_conf c;
    static const char conf[] = "# nameserver 10.0.0.1\n; nameserver 10.0.0.2\n"
                               "search x.test\nnameserver ::1\n"
                               "nameserver\nnameserver 10.0.0.53\n"
                               "search a.test b..test lan # c.test\n"
                               "options ndots:99 timeout:3 attempts:0 use-vc "
                               "no-such-option timeout:\n"
                               "nameserver 10.0.0.54\nnameserver 10.0.0.55\n"
                               "nameserver 10.0.0.56";
    char text[DNS_NAME_TEXT];

    resolv_conf_parse(conf, sizeof conf - 1, &c);
    CHECK_EQ(c.nservers, 3);
    CHECK_EQ(c.servers[0].v, 0x0a000035);
    CHECK_EQ(c.servers[2].v, 0x0a000037);
    CHECK_EQ(c.nsearch, 2);
    CHECK_TEXT(dns_name_text(&c.search[0], text), "a.test");
    CHECK_TEXT(dns_name_text(&c.search[1], text), "lan");
    CHECK_EQ(c.ndots, 15);
    CHECK_EQ(c.attempts, 1);
    CHECK_EQ(c.timeout, 3);
    CHECK(c.use_vc && !c.edns0);
    resolv_conf_parse("", 0, &c);
    CHECK_EQ(c.nservers, 1);
    CHECK_EQ(c.servers[0].v, 0x7f000001);
    CHECK_EQ(c.nsearch, 0);
    CHECK(c.ndots == 1 && c.timeout == 5 && c.attempts == 2);
}

/* The examples of RFC 3986 5.4, on the base that it gives (as http). */
static void
references(void)
{
    static const char *const rows[][2] = {
        {"http://g", "http://g"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
    };
    struct arena arena;
    struct fault fault = {{0}};
    struct url base;

    arena_init(&arena, 0);
    CHECK_EQ(url_parse("http://a/b/c/d;p?q", &base, &fault), 0);
    for (size_t i = 0; i < LW_COUNT(rows); i++)
        CHECK_TEXT(
            reference_resolve(&arena, &base, rows[i][0], strlen(rows[i][0])),
            rows[i][1]);
    CHECK_EQ(url_parse("http://a:81", &base, &fault), 0);
    CHECK_TEXT(reference_resolve(&arena, &base, "g", 1), "http://a:81/g");
    CHECK_TEXT(reference_resolve(&arena, &base, "?x", 2), "http://a:81/?x");
    arena_free(&arena);
}

/* --- the program itself, against a server that says what the test wants --- */

static struct stage_set {
    struct net net;
    const char *answers[4]; /* to the nth connection; then it refuses */
    int piece;              /* bytes a write; 0: all at once */
    char request[1024];     /* the last one */
    bool stay;              /* the server does not close */
} set;

/* Accepts, reads to the end of the request's head, answers, closes. */
static int
server(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = 0x5000};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

    (void)argc, (void)argv;
    sys_bind(p, fd, (struct sockaddr *)&any, sizeof any);
    sys_listen(p, fd, 8);
    for (int i = 0; i < 4 && set.answers[i]; i++) {
        int c = sys_accept4(p, fd, NULL, NULL, 0);
        size_t got = 0, len = strlen(set.answers[i]);
        ssize_t n;

        memset(set.request, 0, sizeof set.request);
        while (!strstr(set.request, "\r\n\r\n") &&
               (n = sys_read(
                    p, c, set.request + got, sizeof set.request - 1 - got)) > 0)
            got += (size_t)n;
        for (size_t at = 0; at < len;) {
            size_t k = set.piece ? (size_t)set.piece : len;

            n = sys_write(
                p, c, set.answers[i] + at, k < len - at ? k : len - at);
            if (n < 0)
                break;
            at += (size_t)n;
        }
        if (set.stay)
            sys_read(p, c, set.request, 1);
        sys_close(p, c);
    }
    sys_close(p, fd);
    return 0;
}

static void
setup(void)
{
    memset(&set, 0, sizeof set);
    net_pair(&set.net, 1);
}

static void
teardown(void)
{
    net_close(&set.net);
}

/* Visits the URL: the browser's exit status. */
static int
visit(const char *url)
{
    char *const args[] = {"browser", (char *)url, NULL};

    kernel_start(
        host_kernel(set.net.b), "server", server, 0, (char *const[]){NULL});
    net_run(&set.net, LW_MS);
    int pid =
        kernel_start(host_kernel(set.net.a), "browser", browser_main, 2, args);
    net_run(&set.net, 30 * LW_S);
    int status = kernel_status(host_kernel(set.net.a), pid);
    return status < 0 ? -1 : status >> 8;
}

static bool
asked(const char *head)
{
    return strncmp(set.request, head, strlen(head)) == 0;
}

static const char *
said(enum event_kind kind, const char *field)
{
    return recorder_text(recorder_find(&set.net.rec, kind, 0), field, 0);
}

/* A page that comes at once, and one whose every byte comes alone. */
static void
page(void)
{
    set.answers[0] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                     "Content-Length: 5\r\n\r\nhello";
    set.answers[1] = set.answers[0];
    CHECK_EQ(visit("http://10.0.0.2/a%20b?c=d#e"), 0);
    CHECK_TEXT(said(EV_URL_PARSED, "fragment"), "e");
    CHECK_TEXT(said(EV_HTTP_REQUEST_SENT, "target"), "/a%20b?c=d");
    CHECK_TEXT(said(EV_PAGE_LOADED, "status"), "200");
    CHECK_TEXT(said(EV_PAGE_LOADED, "len"), "5");
    CHECK_TEXT(said(EV_PAGE_LOADED, "type"), "text/plain");
    CHECK(asked("GET /a%20b?c=d HTTP/1.1\r\nHost: 10.0.0.2\r\n"));
    CHECK(strchr(set.request, '#') == NULL);
}

static void
page_in_pieces(void)
{
    set.answers[0] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    set.piece = 1;
    set.stay = true; /* the end must be known from the message alone */
    CHECK_EQ(visit("http://10.0.0.2/"), 0);
    CHECK_TEXT(said(EV_PAGE_LOADED, "len"), "5");
    CHECK_TEXT(said(EV_PAGE_LOADED, "body"), "abcde");
    const struct event *close = recorder_find(&set.net.rec, EV_SOCKET_CLOSE, 0);
    REQUIRE(close);
    CHECK(recorder_find(&set.net.rec, EV_PAGE_LOADED, 0)->no < close->no);
}

static void
page_until_close(void)
{
    set.answers[0] = "HTTP/1.0 404 Not Found\r\n\r\nnothing";
    CHECK_EQ(visit("10.0.0.2"), 0);
    CHECK_TEXT(said(EV_PAGE_LOADED, "status"), "404");
    CHECK_TEXT(said(EV_PAGE_LOADED, "len"), "7");
}

static void
redirected(void)
{
    set.answers[0] = "HTTP/1.1 302 Found\r\nLocation: ../cart?id=7\r\n"
                     "Content-Length: 0\r\n\r\n";
    set.answers[1] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    CHECK_EQ(visit("http://10.0.0.2/a/b/c"), 0);
    CHECK(asked("GET /a/cart?id=7 HTTP/1.1\r\n"));
}

/* What can go wrong is told, and ends the browser with status 1. */
static void
refused_connection(void)
{
    CHECK_EQ(visit("http://10.0.0.2:81/"), 1);
    CHECK_TEXT(said(EV_PAGE_FAILED, "reason"), "connect: Connection refused");
}

static void
cut_short(void)
{
    set.answers[0] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    CHECK_EQ(visit("http://10.0.0.2/"), 1);
    CHECK(recorder_count(&set.net.rec, EV_PAGE_FAILED) == 1);
}

static void
not_a_page(void)
{
    set.answers[0] = "SSH-2.0-OpenSSH_9.2\r\n\r\n";
    CHECK_EQ(visit("http://10.0.0.2/"), 1);
    CHECK(recorder_count(&set.net.rec, EV_PAGE_FAILED) == 1);
}

static void
bad_urls(void)
{
    CHECK_EQ(visit("https://10.0.0.2/"), 1);
    CHECK_TEXT(
        said(EV_PAGE_FAILED, "reason"), "https: only http is spoken so far");
    CHECK_EQ(visit("http://nobody.test/"), 1);
    CHECK_TEXT(said(EV_NAME_FAILED, "name"), "nobody.test");
    CHECK_TEXT(recorder_text(
                   recorder_find(&set.net.rec, EV_PAGE_FAILED, 1), "reason", 0),
        "could not resolve nobody.test: Temporary failure in name resolution");
    CHECK_EQ(visit("http://10.0.0.2:99999/"), 1);
    CHECK_EQ(visit("http://"), 1);
}

static CU_TestInfo cases[] = {TEST(hosts_file), TEST(resolver_file),
    TEST(references), TEST(page), TEST(page_in_pieces), TEST(page_until_close),
    TEST(redirected), TEST(refused_connection), TEST(cut_short),
    TEST(not_a_page), TEST(bad_urls), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_browser = {.pName = "browser",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
