/*
 * test_async.c: O_ASYNC (fcntl(2)): news on a descriptor signals its owner.
 * What it does beside Linux's own is in same_msg.c; here are the ends that
 * it can bring.
 */
#include "check.h"
#include "kernel_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int fds[2];

static int
writer_child(struct proc *p, void *arg)
{
    (void)arg;
    sys_close(p, fds[0]);
    CHECK_EQ(sys_write(p, fds[1], "hello\n", 6), 6);
    return 3;
}

/* The owner of a pipe's reading end, as argv tells: who sleeps (s), who waits
 * for SIGIO (w) or who writes himself (m). */
static int
is_signalled(struct proc *p, int argc, char **argv)
{
    struct timespec second = {1, 0};
    const char how = argv[1][0];

    (void)argc;
    CHECK_EQ(sys_pipe2(p, fds, 0), 0);
    CHECK_EQ(sys_fcntl(p, fds[0], F_SETOWN, sys_getpid(p)), 0);
    CHECK_EQ(sys_fcntl(p, fds[0], F_SETFL, O_ASYNC), 0);
    if (how == 'm')
        sys_write(p, fds[1], "x", 1);
    else
        sys_clone(p, writer_child, NULL);
    if (how == 'w')
        sim_log(
            &sim, "%d;", sys_rt_sigtimedwait(p, 1ull << (SIGIO - 1), &second));
    else
        sys_nanosleep(p, &second);
    sim_log(&sim, "lives;");
    return 0;
}

/* signal(7): who does not wait for SIGIO is ended by it. */
static void
data_signals_the_owner(void)
{
    for (const char *how = "smw"; *how; how++) {
        char word[] = {*how, '\0'}, *argv[] = {"test", word, NULL};
        int pid = kernel_start(sim.k, "test", is_signalled, 2, argv);

        sim_run(&sim);
        CHECK_EQ(kernel_status(sim.k, pid), *how == 'w' ? 0 : SIGIO);
    }
    CHECK_TEXT(sim.log, "29;lives;");
    CHECK_TEXT(sim_strace(&sim, "fcntl", 1),
        "fcntl(3, F_SETFL, O_RDONLY|O_ASYNC) = 0");
}

/* Asks for SIGIO about its end of a pair, fills the other's queue when arg
 * says so, and sleeps. */
static int
owner_child(struct proc *p, void *arg)
{
    struct timespec second = {1, 0};
    const char full[1024] = {0};

    sys_close(p, fds[0]);
    CHECK_EQ(sys_fcntl(p, fds[1], F_SETFL, O_NONBLOCK), 0);
    while (*(const char *)arg == 'r' &&
           sys_write(p, fds[1], full, sizeof full) > 0)
        continue;
    CHECK_EQ(sys_fcntl(p, fds[1], F_SETOWN, sys_getpid(p)), 0);
    CHECK_EQ(sys_fcntl(p, fds[1], F_SETFL, O_ASYNC), 0);
    sys_nanosleep(p, &second);
    sim_log(&sim, "lives;");
    return 0;
}

/* Gives the child news: what it wrote is read (r), its end's other closes (c),
 * or is shut (s). */
static int
tells_the_owner(struct proc *p, int argc, char **argv)
{
    struct timespec soon = {0, 1000};
    static char bytes[300000];
    int status = 0;

    (void)argc;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, fds), 0);
    sys_clone(p, owner_child, argv[1]);
    sys_close(p, fds[1]);
    sys_nanosleep(p, &soon);
    if (argv[1][0] == 'r')
        CHECK(sys_read(p, fds[0], bytes, sizeof bytes) > 0);
    else if (argv[1][0] == 's')
        CHECK_EQ(sys_shutdown(p, fds[0], SHUT_WR), 0);
    if (argv[1][0] != 'c') /* the other end is gone */
        CHECK_EQ(sys_read(p, fds[0], bytes, 1), 0);
    sys_close(p, fds[0]);
    CHECK_EQ(sys_wait4(p, -1, &status, 0), 2);
    CHECK_EQ(status, SIGIO);
    return 0;
}

/* Its descriptors are closed, while the other end tells it the news. */
static void
news_can_end_the_other_end(void)
{
    for (const char *how = "rsc"; *how; how++) {
        char word[] = {*how, '\0'}, *argv[] = {"test", word, NULL};
        int pid = kernel_start(sim.k, "test", tells_the_owner, 2, argv);

        sim_run(&sim);
        CHECK_EQ(kernel_status(sim.k, pid), 0);
        sim_teardown();
        sim_setup();
    }
}

static CU_TestInfo cases[] = {TEST(data_signals_the_owner),
    TEST(news_can_end_the_other_end), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_async = {.pName = "async",
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown,
    .pTests = cases};
