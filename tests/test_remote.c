/*
 * test_remote.c: real Linux processes whose system calls our kernel carries
 * out. The program is tests/remote/child.c, built here with the compiler's
 * plain name: the tests themselves are linked with our kernel's calls, and
 * a program has either those or sys_remote*.c.
 */
#include "check.h"
#include "faulty.h"
#include "kernel_fixture.h"
#include "remote.h"
#include "shell.h"
#include "spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char program[300];

static int
build(void)
{
    struct shell s =
        shell("cc -std=c11 -D_GNU_SOURCE -O1 -Istack/0_base -Istack/5_socket "
              "-Iapps/4_fpm -o $TMP/child tests/remote/child.c "
              "apps/4_fpm/sys_remote*.c stack/0_base/*.c");
    int status = s.status;

    if (status)
        fprintf(stderr, "%s", s.err);
    shell_free(&s);
    snprintf(program, sizeof program, "%s/child", shell_tmp());
    return status;
}

static int
clean(void)
{
    shell_clean();
    return 0;
}

/* Starts the program; its pid in our kernel is 1 when it is the first. */
static pid_t
start(const char *part)
{
    char name[16] = "child", arg[16];
    char *argv[] = {name, arg, NULL};
    int fd = -1;
    pid_t real;

    snprintf(arg, sizeof arg, "%s", part);
    real = spawn_remote(program, argv, &fd);
    if (CHECK(real > 0))
        CHECK(kernel_adopt(sim.k, "child", fd) > 0);
    return real;
}

static int
visitor(struct proc *p, int argc, char **argv)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/r"};
    struct timespec ms = {0, LW_MS};
    int fd = sys_socket(p, AF_UNIX, SOCK_STREAM, 0);
    static char out[90000], in[90000];

    (void)argc;
    (void)argv;
    memset(out, 'y', sizeof out);
    sys_nanosleep(p, &ms);
    CHECK_EQ(sys_connect(p, fd, (void *)&un, sizeof un), 0);
    CHECK_EQ(sys_write(p, fd, out, sizeof out), sizeof out);
    CHECK_EQ(
        sys_recvfrom(p, fd, in, sizeof in, MSG_WAITALL, NULL, NULL), sizeof in);
    CHECK_MEM(in, out, sizeof in);
    sim_log(&sim, "echoed;");
    return 0;
}

static void
a_real_process_serves_a_simulated_one(void)
{
    pid_t real = start("echo");

    sim_start(&sim, visitor);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "echoed;");
    CHECK_EQ(WEXITSTATUS(kernel_status(sim.k, 1)), 5);
    CHECK_EQ(WEXITSTATUS(spawn_wait(real)), 5);
    CHECK_TEXT(sim_strace(&sim, "epoll_wait", 0),
        "epoll_wait(4, [{events=EPOLLIN, data={u32=3, u64=3}}], 1, -1) = 1");
}

static void
long_transfers_are_split(void)
{
    pid_t real = start("big");

    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(spawn_wait(real), 0);
}

/* fork, a crash, statuses, and the same story every time. */
static void
a_family_lives_and_dies_in_virtual_time(void)
{
    pid_t real = start("family");
    const struct event *e;

    sim_run(&sim);
    CHECK_EQ(WEXITSTATUS(kernel_status(sim.k, 1)), 7);
    CHECK_EQ(WEXITSTATUS(kernel_status(sim.k, 2)), 3);
    CHECK_EQ(kernel_status(sim.k, 3), SIGSEGV);
    CHECK_EQ(WEXITSTATUS(spawn_wait(real)), 7);
    CHECK_EQ(kernel_alive(sim.k), 0);
    /* What it said before it crashed is not lost. */
    e = recorder_find(&sim.rec, EV_FPM_LOG, 0);
    REQUIRE(e != NULL);
    CHECK_TEXT(recorder_text(e, "line", 0), "about to crash");
    CHECK_TEXT(e->func, "family");
    CHECK_EQ(e->pid, 3);
}

static uint64_t
story(void)
{
    char text[1024];
    uint64_t h = 0;
    pid_t real = start("family");

    sim_run(&sim);
    spawn_wait(real);
    for (unsigned i = 0; i < sim.rec.count; i++) {
        event_text(&sim.rec.events[i], text, sizeof text);
        for (const char *c = text; *c; c++)
            h = h * 31 + (uint8_t)*c;
        h = h * 31 + sim.rec.events[i].cause;
    }
    return h;
}

static void
two_runs_tell_the_same(void)
{
    uint64_t first = story();

    sim_teardown();
    sim_setup();
    CHECK_EQ(story(), first);
}

static void
a_kill_reaches_the_real_process(void)
{
    pid_t real = start("killer");

    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(kernel_status(sim.k, 2), SIGTERM);
    CHECK_EQ(spawn_wait(real), 0);

    real = start("sleeps");
    kernel_run(sim.k);
    CHECK_EQ(kernel_kill(sim.k, 3, SIGINT), 0);
    CHECK_EQ(kernel_status(sim.k, 3), SIGINT);
    CHECK_EQ(WTERMSIG(spawn_wait(real)), SIGINT);
}

static void
without_a_kernel_there_is_no_process(void)
{
    pid_t real = start("sleeps");

    kernel_run(sim.k);
    sim_teardown();
    CHECK_EQ(WTERMSIG(spawn_wait(real)), SIGKILL);
    sim_setup();
}

static void
nonsense_ends_only_who_says_it(void)
{
    pid_t good = start("echo");
    int kinds = 0, status;

    for (;; kinds++) {
        char part[16];
        pid_t bad;

        snprintf(part, sizeof part, "babbles%d", kinds);
        bad = start(part);
        sim_run(&sim);
        status = spawn_wait(bad);
        if (!WIFSIGNALED(status))
            break;
        CHECK_EQ(WTERMSIG(status), SIGKILL);
        CHECK_EQ(kernel_status(sim.k, kinds + 2), SIGKILL);
    }
    CHECK_EQ(WEXITSTATUS(status), 7); /* that was all */
    CHECK_EQ(kinds, 33);
    sim_start(&sim, visitor);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "echoed;");
    CHECK_EQ(WEXITSTATUS(spawn_wait(good)), 5);
}

/* Builds whose lists differ do not begin to talk past one another. */
static void
a_stranger_is_told_so(void)
{
    pid_t stranger = start("stranger"), good = start("echo");

    sim_start(&sim, visitor);
    sim_run(&sim);
    CHECK_EQ(WEXITSTATUS(spawn_wait(stranger)), 6);
    CHECK_EQ(WEXITSTATUS(spawn_wait(good)), 5);
}

/* As a driver in live use does: how often a real process has spoken. */
static unsigned
drive(void)
{
    struct pollfd fds[4];
    unsigned n, rounds = 0;
    struct instant due;

    for (;;) {
        kernel_run(sim.k);
        if (!kernel_alive(sim.k))
            return rounds;
        n = kernel_remote_fds(sim.k, fds, 4);
        if (n == 0 && timers_next(&sim.timers, &due)) {
            timers_advance(&sim.timers, due);
            continue;
        }
        if (!CHECK(n > 0) || !CHECK(poll(fds, n, 5000) > 0))
            return rounds;
        for (unsigned i = 0; i < n; i++)
            if (fds[i].revents)
                kernel_remote_ready(sim.k, fds[i].fd);
        rounds++;
    }
}

/* In live use the driver says when a real process has spoken. */
static void
a_live_driver_polls(void)
{
    pid_t real;

    kernel_set_live(sim.k, true);
    real = start("family");
    CHECK(drive() > 0); /* how often is for Linux to decide */
    CHECK_EQ(WEXITSTATUS(kernel_status(sim.k, 1)), 7);
    CHECK_EQ(WEXITSTATUS(spawn_wait(real)), 7);
}

static int
numbers(struct proc *p, int argc, char **argv)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/r"};
    struct timespec ms = {0, LW_MS};
    int fd = sys_socket(p, AF_UNIX, SOCK_STREAM, 0);
    uint8_t out[800], in[8];

    (void)argc;
    (void)argv;
    for (unsigned i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)i;
    sys_nanosleep(p, &ms);
    CHECK_EQ(sys_connect(p, fd, (void *)&un, sizeof un), 0);
    CHECK_EQ(sys_write(p, fd, out, sizeof out), sizeof out);
    ssize_t n = sys_recvfrom(p, fd, in, 4, MSG_WAITALL, NULL, NULL);
    if (n > 0)
        sim_log(&sim, "%.*s;", (int)n, in);
    return 0;
}

/* 106 calls in a handful of messages, and each of them is made. */
static void
what_is_known_is_not_waited_for(void)
{
    unsigned reads = 0, rounds;
    pid_t real;

    kernel_set_live(sim.k, true);
    real = start("frugal");
    sim_start(&sim, numbers);
    rounds = drive();
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(spawn_wait(real), 0);
    CHECK_TEXT(sim.log, "done;");
    for (unsigned i = 0; i < 50; i++)
        reads += !strncmp(sim_strace(&sim, "read", i), "read(4, ", 8);
    CHECK_EQ(reads, 50);
    CHECK_TEXT(sim_strace(&sim, "read", 3), "read(4, \"89:;<=>?\", 8) = 8");
    CHECK_TEXT(sim_strace(&sim, "shutdown", 0), "shutdown(4, SHUT_WR) = 0");
    CHECK_TEXT(sim_strace(&sim, "close", 0), "close(4) = 0");
    /* HELLO, socket, bind, listen, accept, the rest: not all may be seen
     * apart, but never more. */
    CHECK(rounds <= 7);
}

static void
what_two_can_read_is_asked_for(void)
{
    pid_t real = start("shares");

    sim_start(&sim, numbers);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(spawn_wait(real), 0);
}

static void
an_answer_holds_what_fits(void)
{
    pid_t real = start("greedy");

    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(spawn_wait(real), 0);
}

static void
where_calls_take_time_each_is_waited_for(void)
{
    pid_t real;

    kernel_set_call_cost(sim.k, 250);
    real = start("clock");
    sim_start(&sim, numbers);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(spawn_wait(real), 0);
    CHECK_TEXT(sim.log, "done;");
}

/* Each request for memory refused once, from the first message to the end of
 * a process that has forked: it may fail, but everything ends. */
static void
without_memory_all_the_same_ends(void)
{
    unsigned total = 0, refused = 0;
    int left, fd;

    for (unsigned nth = 1; nth <= total + 1; nth++) {
        char name[] = "child", part[] = "killer";
        char *argv[] = {name, part, NULL};
        pid_t real;

        sim_teardown();
        sim_setup();
        journal_unlisten(&sim.journal, &sim.rec.listener);
        real = spawn_remote(program, argv, &fd);
        REQUIRE(real > 0);
        faulty_begin(nth, false);
        int pid = kernel_adopt(sim.k, "child", fd);
        sim_run(&sim);
        total = faulty_end(&left);
        CHECK(pid == 1 || pid == -ENOMEM);
        CHECK_EQ(kernel_alive(sim.k), 0);
        int status = spawn_wait(real);
        if (pid == 1)
            CHECK_EQ(WEXITSTATUS(kernel_status(sim.k, 1)), WEXITSTATUS(status));
        refused += status != 0;
        if (nth > total)
            CHECK_EQ(status, 0);
    }
    CHECK(total > 10);
    CHECK(refused > 5);
}

static void
what_cannot_be_started_is_an_error(void)
{
    char *argv[] = {program, NULL};
    int fd;

    CHECK_EQ(spawn_remote("/no/such/program", argv, &fd), -ENOENT);
    CHECK_EQ(spawn_remote("/etc/passwd", argv, &fd), -EACCES);
}

static CU_TestInfo cases[] = {TEST(a_real_process_serves_a_simulated_one),
    TEST(long_transfers_are_split),
    TEST(a_family_lives_and_dies_in_virtual_time), TEST(two_runs_tell_the_same),
    TEST(a_kill_reaches_the_real_process),
    TEST(without_a_kernel_there_is_no_process),
    TEST(nonsense_ends_only_who_says_it), TEST(a_stranger_is_told_so),
    TEST(a_live_driver_polls), TEST(what_is_known_is_not_waited_for),
    TEST(what_two_can_read_is_asked_for), TEST(an_answer_holds_what_fits),
    TEST(where_calls_take_time_each_is_waited_for),
    TEST(without_memory_all_the_same_ends),
    TEST(what_cannot_be_started_is_an_error), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_remote = {.pName = "remote",
    .pInitFunc = build,
    .pCleanupFunc = clean,
    .pTests = cases,
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown};
