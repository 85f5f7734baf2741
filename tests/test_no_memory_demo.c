/*
 * test_no_memory_demo.c: what if there is no memory just now, anywhere on the
 * walk? The default world is built and its page fetched with the first
 * request for memory refused, with the second, and so on to the last, none
 * left out; and again with that one and all after it refused. This is done
 * twice: with the real php-fpm, in whose memory nobody here can interfere,
 * and with a program of ours in its place, so that the test is there where
 * no PHP is.
 *
 * No crash, no leak, and the walk ends: each is a process of its own, and
 * one that goes round in circles is ended by an alarm. With one request
 * refused every program comes to its end or to rest, and when the page did
 * not come somebody says that something failed: ENOMEM in a system call, the
 * builder's fault, nginx's log, the browser, or a program that exits with
 * other than 0. With no memory ever again nginx may try for ever to accept,
 * and not even be able to say so.
 *
 * Left out: requests by libraries, and by the heaps of timers (timer.h).
 */
#include "check.h"
#include "fastcgi.h"
#include "faulty.h"
#include "places.h"
#include "sys.h"
#include "worldmake.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST      (900 * LW_S)
#define HEAP         (64 * sizeof(struct timer_place)) /* timer.c */
#define WORKERS      3
#define REAL_SECONDS 60 /* a walk that takes longer hangs */

static const char text[] =
    "name: shop\nseed: 1\nepoch: 2026-01-01\nhosts:\n"
    "  browser:\n    interfaces: {eth0: 10.0.1.2/24}\n"
    "    gateway: 10.0.1.1\n    run: [browser http://shop.test/index.php]\n"
    "  router:\n"
    "    interfaces: {eth0: 10.0.1.1/24, eth1: 10.0.2.1/24}\n"
    "    forward: yes\n"
    "  web:\n    interfaces: {eth0: 10.0.2.10/24}\n"
    "    gateway: 10.0.2.1\n    run: [nginx]\n"
    "links:\n"
    "  home: {ends: [browser:eth0, router:eth0], delay: 1ms}\n"
    "  internet: {ends: [router:eth1, web:eth0], delay: 10ms}\n";

/* Which world. */
struct walk {
    struct worldfile file;
    char fpm[4096]; /* path of the real php-fpm; empty: pool() below */
};

/* What is seen of one walk. */
struct seen {
    bool page;   /* it was shown */
    bool wanted; /* somebody said that something failed */
    bool ended;  /* nothing goes on any more */
};

/* --- in the place of php-fpm -------------------------------------------  */

static void
serve(struct proc *p, int fd)
{
    static const char page[] = "Content-Type: text/html\r\n\r\n<p>a page</p>\n";
    struct fcgi_parser f = {0};
    uint8_t buf[4096];
    struct writer w = writer_of(buf, sizeof buf);
    bool asked = false;
    ssize_t n;

    while (!asked && (n = sys_read(p, fd, buf, sizeof buf)) > 0) {
        struct cursor in = cursor_of(buf, (size_t)n);
        enum fcgi_step step;

        while ((step = fcgi_parse(&f, &in)) != FCGI_MORE && step != FCGI_BAD)
            asked = asked ||
                    (step == FCGI_END && f.type == FCGI_STDIN && f.length == 0);
    }
    if (!asked)
        return;
    fcgi_put_record(&w, FCGI_STDOUT, 1, page, sizeof page - 1);
    fcgi_put_end(&w, 1, 0, FCGI_REQUEST_COMPLETE);
    sys_write(p, fd, buf, writer_len(&w));
}

static int
pool(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
        .sin_port = htons(9000),
        .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), c;

    (void)argc, (void)argv;
    if (fd < 0 || sys_bind(p, fd, (void *)&in, sizeof in) ||
        sys_listen(p, fd, 8))
        return 1;
    while ((c = sys_accept4(p, fd, NULL, NULL, 0)) >= 0) {
        serve(p, c);
        sys_close(p, c);
    }
    return 1;
}

/* --- one walk -----------------------------------------------------------  */

static void
look(void *owner, const struct event *e)
{
    struct seen *seen = owner;
    char line[1024];

    if (e->kind == EV_PAGE_LOADED)
        seen->page = true;
    if (seen->wanted)
        return;
    event_text(e, line, sizeof line);
    seen->wanted = strstr(line, "ENOMEM") || strstr(line, "emory") ||
                   e->kind == EV_NGINX_ERROR || e->kind == EV_PAGE_FAILED ||
                   (e->kind == EV_PROC_EXIT && !strstr(line, "with 0"));
}

static bool
over(void *owner)
{
    return made_quiet(owner);
}

static int
go(struct made *m, struct fault *fault)
{
    char *argv[] = {"pool", NULL};
    int err = made_build(m, fault);

    if (!err && !m->options.fpm[0] &&
        kernel_start(host_kernel(m->hosts[2]), "pool", pool, 1, argv) < 0)
        err = fault_set(fault, NULL, 0, "no memory for the pool");
    if (!err)
        err = made_servers(m, fault);
    if (!err)
        err = made_clients(m, fault);
    if (!err)
        made_run(m, (struct instant){LONGEST}, over, m);
    return err;
}

/* The whole walk with the nth request refused. How many there were. */
static unsigned
walk(const struct walk *w, unsigned nth, bool for_ever, struct seen *seen,
    int *left)
{
    static struct made m;
    struct world_options options = {.seed = 1, .fpm = w->fpm};
    struct fault fault = {""};
    struct listener ear = {.event = look, .owner = seen, .level = LEVEL_STEP};
    struct instant due;
    int err;

    *seen = (struct seen){0};
    faulty_spare_size(HEAP);
    faulty_begin(nth, for_ever);
    err = made_open(&m, &w->file, &options, &fault);
    if (!err) {
        journal_listen(&m.journal, &ear);
        err = go(&m, &fault);
        seen->ended = err || made_quiet(&m) || !world_next(m.world, &due);
        journal_unlisten(&m.journal, &ear);
        made_close(&m);
    }
    if (err)
        seen->ended = true;
    seen->wanted = seen->wanted || (err && fault.text[0]);
    return faulty_end(left);
}

/* --- all of them --------------------------------------------------------  */

/* Is a walk with this one refused as it must be? */
static bool
bears(const struct walk *w, unsigned nth, bool for_ever)
{
    struct seen seen;
    int left;
    bool good;

    walk(w, nth, for_ever, &seen, &left);
    good =
        left == 0 && (for_ever || (seen.ended && (seen.page || seen.wanted)));
    if (!good)
        fprintf(stderr,
            "    request %u refused%s: %d pieces left, page %d, said %d, "
            "ended %d\n",
            nth, for_ever ? " and all after it" : "", left, seen.page,
            seen.wanted, seen.ended);
    return good;
}

/* One walk in a process of its own, so that a crash says which it was. */
static pid_t
set_out(const struct walk *w, unsigned nth, bool for_ever)
{
    pid_t pid = fork();

    if (pid == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(REAL_SECONDS);
        check_leave(!bears(w, nth, for_ever));
    }
    return pid;
}

/* Waits for one of them. */
static void
come_back(pid_t pid[WORKERS], const unsigned nth[WORKERS], bool for_ever)
{
    int status = -1;
    pid_t ended = wait(&status);

    for (unsigned i = 0; i < WORKERS; i++)
        if (pid[i] == ended) {
            pid[i] = 0;
            if (!CHECK_EQ(status, 0))
                printf("    request %u refused%s\n", nth[i],
                    for_ever ? " and all after it" : "");
        }
}

static void
refuse_each(const struct walk *w, bool for_ever)
{
    pid_t pid[WORKERS] = {0};
    unsigned nth[WORKERS], asked, going = 0;
    struct seen seen;
    int left;

    asked = walk(w, 0, false, &seen, &left);
    CHECK(seen.page && seen.ended && !seen.wanted);
    CHECK_EQ(left, 0);
    CHECK(asked > 150);
    fflush(NULL);
    for (unsigned n = 1; n <= asked || going > 0;) {
        unsigned i = 0;

        while (i < WORKERS && pid[i] > 0)
            i++;
        if (i < WORKERS && n <= asked) {
            nth[i] = n++;
            pid[i] = set_out(w, nth[i], for_ever);
            REQUIRE(pid[i] > 0);
            going++;
        } else {
            come_back(pid, nth, for_ever);
            going--;
        }
    }
    printf("(%u requests) ", asked);
}

/* The world in which a program of ours is php-fpm. */
static void
refuse_each_here(bool for_ever)
{
    static struct walk w;
    struct fault fault = {""};

    CHECK_EQ(worldfile_parse(&w.file, text, sizeof text - 1, "world.yaml",
                 "lessons/worlds/shop", &fault),
        0);
    refuse_each(&w, for_ever);
    worldfile_free(&w.file);
}

/* The default world as it is, with the real one. */
static void
refuse_each_of_the_shop(bool for_ever)
{
    static struct walk w;
    struct fault fault = {""};

    CHECK_EQ(worldfile_read(&w.file, "lessons/worlds/shop", &fault), 0);
    if (places_fpm(w.fpm, sizeof w.fpm))
        refuse_each(&w, for_ever);
    else
        printf("(no php-fpm) ");
    worldfile_free(&w.file);
}

static void
one_request_is_refused(void)
{
    refuse_each_here(false);
}

static void
no_memory_from_then_on(void)
{
    refuse_each_here(true);
}

static void
one_request_is_refused_in_the_shop(void)
{
    refuse_each_of_the_shop(false);
}

static void
no_memory_from_then_on_in_the_shop(void)
{
    refuse_each_of_the_shop(true);
}

static CU_TestInfo cases[] = {
    TEST(one_request_is_refused),
    TEST(no_memory_from_then_on),
    TEST(one_request_is_refused_in_the_shop),
    TEST(no_memory_from_then_on_in_the_shop),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_no_memory_demo = {
    .pName = "no_memory_demo", .pTests = cases};
