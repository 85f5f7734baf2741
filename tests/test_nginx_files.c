/*
 * test_nginx_files.c: open_file_cache of our nginx: what is remembered, for
 * how long, and what happens to a file that is replaced meanwhile. Told by
 * the answers and by the system calls; test_peers asks real nginx the same.
 */
#include "check.h"
#include "nginx_fixture.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct web web;

#define GET(target)                                                            \
    "GET " target " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
#define LARGE 3000000

static const char server[] =
    "server { listen 80; root /srv; sendfile on;\n"
    "open_file_cache max=3 inactive=40; open_file_cache_valid 10;\n"
    "location /none { open_file_cache off; }\n"
    "location /twice/ { open_file_cache_min_uses 2; }\n"
    "location /errors/ { open_file_cache_errors on; }\n"
    "location /try/ { try_files $uri =404; }\n"
    "location /one/ { open_file_cache max=1; } }";

static void
add(const char *path, const char *text)
{
    web_file(&web, path, text, strlen(text));
}

static void
setup(void)
{
    web_open(&web, server);
    add("/srv/a.html", "first");
    add("/srv/none/a.html", "none");
    add("/srv/twice/a.html", "twice");
    add("/srv/try/a.html", "try");
    add("/srv/one/a.html", "a");
    add("/srv/one/b.html", "b");
    add("/srv/dir/x", "x");
    web_start(&web, false);
}

static void
teardown(void)
{
    web_close(&web);
}

/* The name leads nowhere from now on; who has the file open keeps it. */
static void
unlink_file(const char *path)
{
    for (unsigned i = 0; i < web.nfiles; i++)
        if (strcmp(web.path[i], path) == 0)
            web.path[i] = "";
}

/* Another file takes the name. */
static void
replace(const char *path, const char *text)
{
    unlink_file(path);
    add(path, text);
}

static const char *
body(const char *request)
{
    return web_body(web_ask(&web, request, 0, 1000));
}

static unsigned
status(const char *request)
{
    const char *answer = web_ask(&web, request, 0, 1000);

    return strlen(answer) > 9 ? (unsigned)strtoul(answer + 9, NULL, 10) : 0;
}

/* How many calls of that name with that in their arguments were made. */
static unsigned
calls(const char *name, const char *args)
{
    const struct event *e;
    unsigned n = 0;

    for (unsigned i = 0; (e = recorder_find(&web.rec, EV_SYSCALL, i)); i++)
        n += strcmp(recorder_text(e, "name", 0), name) == 0 &&
             strstr(recorder_text(e, "args", 1), args) != NULL;
    return n;
}

/* What the cache has said last about that path; "": nothing. */
static const char *
last_word(const char *path)
{
    const char *word = "";
    const struct event *e;

    for (unsigned i = 0; (e = recorder_find(&web.rec, EV_NGINX_OPEN_FILE, i));
         i++)
        if (strcmp(recorder_text(e, "path", 0), path) == 0)
            word = recorder_text(e, "result", 1);
    return word;
}

/* Is a hit without any call of the disk's? */
static void
must_open_once_what_is_asked_for_twice(void)
{
    unsigned stats;

    CHECK_TEXT(body(GET("/a.html")), "first");
    CHECK_TEXT(last_word("/srv/a.html"), "miss");
    CHECK_EQ(calls("openat", "/srv/a.html"), 1);
    stats = calls("fstat", "");
    CHECK_TEXT(body(GET("/a.html")), "first");
    CHECK_TEXT(last_word("/srv/a.html"), "hit");
    CHECK_EQ(calls("openat", "/srv/a.html"), 1);
    CHECK_EQ(calls("fstat", ""), stats);
    CHECK_EQ(calls("newfstatat", "/srv/a.html"), 0);
    CHECK_EQ(calls("sendfile", ""), 2);
    CHECK_TEXT(body(GET("/none/a.html")), "none");
    CHECK_TEXT(body(GET("/none/a.html")), "none");
    CHECK_EQ(calls("openat", "/srv/none/a.html"), 2);
    CHECK_TEXT(last_word("/srv/none/a.html"), "");
}

/* The calls of the worker since the nth event, but those about epoll. */
static const char *
calls_since(unsigned from, int worker)
{
    static char text[512];

    text[0] = '\0';
    for (unsigned i = from; i < web.rec.count; i++) {
        const struct event *e = &web.rec.events[i];
        const char *name = recorder_text(e, "name", 0);

        if (e->kind == EV_SYSCALL && (int)e->pid == worker &&
            strncmp(name, "epoll", 5) != 0)
            snprintf(
                text + strlen(text), sizeof text - strlen(text), "%s ", name);
    }
    return text;
}

/*
 * What strace shows of nginx 1.22.1 with such locations, asked twice over one
 * connection, and once where the cache is off: there the file is closed behind
 * the access log's line. (Its fstat is newfstatat with AT_EMPTY_PATH.)
 */
static void
must_make_the_calls_that_real_nginx_makes(void)
{
    static const char again[] =
        "GET /try/a.html HTTP/1.1\r\nHost: localhost\r\n\r\n";
    int worker =
        (int)event_u64(recorder_find(&web.rec, EV_NGINX_WORKER, 0), "pid", 0);
    char two[256];
    unsigned from = web.rec.count;

    snprintf(two, sizeof two, "%s%s", again, again);
    web_ask(&web, two, strlen(again), 1000);
    CHECK_TEXT(calls_since(from, worker),
        "accept4 recvfrom openat fstat writev sendfile write setsockopt "
        "recvfrom writev sendfile write recvfrom close ");
    from = web.rec.count;
    CHECK_EQ(status(GET("/none/a.html")), 200);
    CHECK_TEXT(calls_since(from, worker),
        "accept4 recvfrom openat fstat writev sendfile write close close ");
}

/* Is a file that took the name served at once, or when the time is over? */
static void
must_believe_what_it_knows_until_it_is_no_longer_valid(void)
{
    unsigned closed;

    CHECK_TEXT(body(GET("/a.html")), "first");
    replace("/srv/a.html", "second");
    web_run(&web, 8 * LW_S);
    CHECK_TEXT(body(GET("/a.html")), "first");
    web_run(&web, 2 * LW_S);
    closed = calls("close", "");
    CHECK_TEXT(body(GET("/a.html")), "second");
    CHECK_TEXT(last_word("/srv/a.html"), "tested again: changed");
    CHECK_EQ(calls("close", "") - closed, 2); /* file, connection */
    CHECK_EQ(calls("openat", "/srv/a.html"), 2);
    web_run(&web, 10 * LW_S);
    CHECK_TEXT(body(GET("/a.html")), "second");
    CHECK_TEXT(last_word("/srv/a.html"), "tested again: the same file");
    CHECK_EQ(calls("openat", "/srv/a.html"), 2);
    CHECK_EQ(calls("newfstatat", "/srv/a.html"), 2);
}

/* A file that was written anew in its place is the same file. */
static void
must_learn_the_size_of_the_same_file_anew(void)
{
    CHECK_TEXT(body(GET("/a.html")), "first");
    for (unsigned i = 0; i < web.nfiles; i++)
        if (strcmp(web.path[i], "/srv/a.html") == 0) {
            web.text[i] = "longer than before";
            web.size[i] = strlen(web.text[i]);
        }
    CHECK_TEXT(body(GET("/a.html")), "longe");
    web_run(&web, 10 * LW_S);
    CHECK_TEXT(body(GET("/a.html")), "longer than before");
    CHECK_EQ(calls("openat", "/srv/a.html"), 1);
}

/* Gone: 404 when the time is over, and nothing of it is kept. */
static void
must_notice_that_a_file_is_gone(void)
{
    CHECK_EQ(status(GET("/a.html")), 200);
    unlink_file("/srv/a.html");
    CHECK_EQ(status(GET("/a.html")), 200);
    web_run(&web, 10 * LW_S);
    CHECK_EQ(status(GET("/a.html")), 404);
    CHECK(strstr(recorder_text(
                     recorder_find(&web.rec, EV_NGINX_ERROR, 0), "line", 0),
              "stat() \"/srv/a.html\" failed (2: No such file") != NULL);
    add("/srv/a.html", "back");
    CHECK_TEXT(body(GET("/a.html")), "back");
}

static void
must_remember_errors_only_when_told_to(void)
{
    CHECK_EQ(status(GET("/b.html")), 404);
    CHECK_EQ(status(GET("/errors/b.html")), 404);
    add("/srv/b.html", "b");
    add("/srv/errors/b.html", "b");
    CHECK_EQ(status(GET("/b.html")), 200);
    CHECK_EQ(status(GET("/errors/b.html")), 404);
    CHECK_TEXT(last_word("/srv/errors/b.html"), "hit");
    CHECK_EQ(calls("openat", "/srv/errors/b.html"), 1);
    web_run(&web, 10 * LW_S);
    CHECK_EQ(status(GET("/errors/b.html")), 200);
    unlink_file("/srv/errors/b.html");
    web_run(&web, 10 * LW_S);
    CHECK_EQ(status(GET("/errors/b.html")), 404);
    CHECK_EQ(status(GET("/errors/b.html")), 404);
    CHECK_TEXT(last_word("/srv/errors/b.html"), "hit");
}

/* Below so many requests nothing stays open. */
static void
must_keep_open_what_was_asked_for_often_enough(void)
{
    unsigned n;

    CHECK_EQ(status(GET("/twice/a.html")), 200);
    n = calls("openat", "/srv/twice/a.html");
    CHECK_EQ(n, 1);
    CHECK_EQ(status(GET("/twice/a.html")), 200);
    CHECK_TEXT(last_word("/srv/twice/a.html"), "used before, but not open");
    CHECK_EQ(status(GET("/twice/a.html")), 200);
    CHECK_TEXT(last_word("/srv/twice/a.html"), "hit");
    CHECK_EQ(calls("openat", "/srv/twice/a.html"), 2);
}

static void
must_make_room_by_forgetting_who_was_used_longest_ago(void)
{
    CHECK_TEXT(body(GET("/one/a.html")), "a");
    CHECK_TEXT(body(GET("/one/b.html")), "b");
    CHECK_TEXT(last_word("/srv/one/a.html"), "dropped: max");
    CHECK_TEXT(body(GET("/one/a.html")), "a");
    CHECK_EQ(calls("openat", "/srv/one/a.html"), 2);
    CHECK_TEXT(body(GET("/a.html")), "first"); /* another cache */
    CHECK_EQ(status(GET("/dir/x")), 200);
    CHECK_EQ(status(GET("/try/a.html")), 200);
    CHECK_TEXT(body(GET("/a.html")), "first");
    CHECK_TEXT(last_word("/srv/a.html"), "hit");
    CHECK_EQ(status(GET("/twice/a.html")), 200); /* the fourth of three */
    CHECK_TEXT(last_word("/srv/dir/x"), "dropped: max");
    CHECK_TEXT(last_word("/srv/a.html"), "hit");
}

/* When a request ends, one or two that nobody wanted for 40 s go. */
static void
must_close_what_nobody_asks_for(void)
{
    CHECK_EQ(status(GET("/a.html")), 200);
    web_run(&web, 39 * LW_S);
    CHECK_EQ(status(GET("/try/a.html")), 200);
    CHECK_TEXT(last_word("/srv/a.html"), "miss");
    web_run(&web, 2 * LW_S);
    CHECK_EQ(status(GET("/try/a.html")), 200);
    CHECK_TEXT(last_word("/srv/a.html"), "dropped: inactive");
}

/* try_files and the file's own answer: one open for both. */
static void
must_remember_folders_and_what_try_files_found(void)
{
    CHECK_EQ(status(GET("/try/a.html")), 200);
    CHECK_EQ(calls("openat", "/srv/try/a.html"), 1);
    CHECK_EQ(calls("newfstatat", "/srv/try/a.html"), 0);
    CHECK_EQ(status(GET("/dir")), 301);
    CHECK_EQ(status(GET("/dir")), 301);
    CHECK_EQ(calls("openat", "\"/srv/dir\""), 1);
    web_run(&web, 10 * LW_S);
    CHECK_EQ(status(GET("/dir")), 301);
    CHECK_EQ(calls("openat", "\"/srv/dir\""), 1);
    CHECK_EQ(calls("newfstatat", "\"/srv/dir\""), 1);
    unlink_file("/srv/dir/x");
    add("/srv/dir", "a file now");
    web_run(&web, 10 * LW_S);
    CHECK_TEXT(body(GET("/dir")), "a file now");
}

/* --- a client that takes its time ----------------------------------------- */

static struct {
    char *bytes;
    size_t got;
} slow;

static int
slow_main(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons(80),
        .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    ssize_t n;

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_connect(p, fd, (struct sockaddr *)&to, sizeof to), 0);
    sys_write(p, fd, GET("/large"), strlen(GET("/large")));
    sys_nanosleep(p, &(struct timespec){.tv_sec = 20});
    while ((n = sys_read(
                p, fd, slow.bytes + slow.got, LARGE + 4096 - slow.got)) > 0)
        slow.got += (size_t)n;
    return 0;
}

static void
begin_slowly(void)
{
    static char large[LARGE + 1];
    char *argv[] = {"slow", NULL};

    memset(large, 'o', LARGE);
    add("/srv/large", large);
    slow.bytes = calloc(1, LARGE + 4096);
    slow.got = 0;
    REQUIRE(slow.bytes != NULL);
    kernel_start(host_kernel(web.host), "slow", slow_main, 1, argv);
    web_run(&web, LW_S);
    replace("/srv/large", "new");
    web_run(&web, 10 * LW_S);
    CHECK_TEXT(body(GET("/large")), "new"); /* while the old one is sent */
}

/* Who is being answered gets all of the file that he was promised. */
static void
must_finish_from_the_file_that_was_opened(void)
{
    const char *text;

    begin_slowly();
    web_run(&web, 30 * LW_S);
    text = web_body(slow.bytes);
    CHECK_EQ(slow.got - (size_t)(text - slow.bytes), LARGE);
    CHECK_EQ(strspn(text, "o"), LARGE);
    CHECK_TEXT(body(GET("/large")), "new");
    free(slow.bytes);
}

/* A worker that is shot meanwhile leaves nothing behind. */
static void
must_not_leak_when_the_worker_dies(void)
{
    int worker =
        (int)event_u64(recorder_find(&web.rec, EV_NGINX_WORKER, 0), "pid", 0);

    begin_slowly();
    CHECK_EQ(kernel_kill(host_kernel(web.host), worker, SIGKILL), 0);
    web_run(&web, 30 * LW_S);
    CHECK_TEXT(body(GET("/large")), "new");
    free(slow.bytes);
}

static CU_TestInfo cases[] = {TEST(must_open_once_what_is_asked_for_twice),
    TEST(must_make_the_calls_that_real_nginx_makes),
    TEST(must_believe_what_it_knows_until_it_is_no_longer_valid),
    TEST(must_learn_the_size_of_the_same_file_anew),
    TEST(must_notice_that_a_file_is_gone),
    TEST(must_remember_errors_only_when_told_to),
    TEST(must_keep_open_what_was_asked_for_often_enough),
    TEST(must_make_room_by_forgetting_who_was_used_longest_ago),
    TEST(must_close_what_nobody_asks_for),
    TEST(must_remember_folders_and_what_try_files_found),
    TEST(must_finish_from_the_file_that_was_opened),
    TEST(must_not_leak_when_the_worker_dies), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_nginx_files = {.pName = "nginx_files",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
