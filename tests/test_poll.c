/*
 * test_poll.c: poll(2) and select(2) in virtual time: how long they sleep,
 * who wakes them, what a signal does, and how they look in strace(1). What
 * they answer is compared with Linux in test_same_as_linux.c.
 */
#include "kernel_fixture.h"
#include "check.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static int64_t
now_ms(struct proc *p)
{
    struct timespec ts;

    sys_clock_gettime(p, CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000 + ts.tv_nsec / LW_MS;
}

/* --- who wakes it -------------------------------------------------------- */

static int ends[4];

static int
writes_later(struct proc *p, void *arg)
{
    struct timespec wait = {0, 30 * LW_MS};

    (void)arg;
    sys_nanosleep(p, &wait);
    sys_write(p, ends[3], "x", 1);
    return 0;
}

static int
polls_two_pipes(struct proc *p, int argc, char **argv)
{
    struct pollfd fds[3];

    (void)argc, (void)argv;
    sys_pipe2(p, ends, 0);
    sys_pipe2(p, ends + 2, 0);
    sys_clone(p, writes_later, NULL);
    fds[0] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    fds[1] = (struct pollfd){.fd = -1, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = ends[2], .events = POLLRDNORM};
    CHECK_EQ(sys_poll(p, fds, 3, 20), 0);
    CHECK_EQ(now_ms(p), 20);
    CHECK_EQ(sys_poll(p, fds, 3, 500), 1);
    CHECK_EQ(now_ms(p), 30);
    CHECK_EQ(fds[2].revents, POLLRDNORM);
    CHECK_EQ(sys_poll(p, fds, 3, -1), 1);
    CHECK_EQ(sys_poll(p, NULL, 1, 0), -EFAULT);
    CHECK_EQ(sys_poll(p, fds, FD_LIMIT + 1, 0), -EINVAL);
    CHECK_EQ(sys_poll(p, NULL, 0, 15), 0);
    CHECK_EQ(now_ms(p), 45);
    return 0;
}

static void
poll_sleeps_until_one_is_ready_or_time_is_up(void)
{
    sim_ends_well(&sim, polls_two_pipes);
    CHECK_TEXT(sim_strace(&sim, "poll", 0),
        "poll([{fd=3, events=POLLIN}, {fd=-1}, {fd=5, events=POLLRDNORM}], 3, "
        "20) = 0 (Timeout)");
    CHECK_TEXT(sim_strace(&sim, "poll", 1),
        "poll([{fd=3, events=POLLIN}, {fd=-1}, {fd=5, events=POLLRDNORM}], 3, "
        "500) = 1 ([{fd=5, revents=POLLRDNORM}])");
    CHECK_TEXT(sim_strace(&sim, "poll", 3),
        "poll(NULL, 1, 0) = -1 EFAULT (Bad address)");
    CHECK_TEXT(sim_strace(&sim, "poll", 4),
        "poll(0x..., 65537, 0) = -1 EINVAL (Invalid argument)");
}

static int
selects(struct proc *p, int argc, char **argv)
{
    fd_set to_read, to_write;
    struct timeval tv = {0, 500000}, over = {0, 1500000}, bad = {-1, 0};
    struct timespec none = {0, 0};

    (void)argc, (void)argv;
    sys_pipe2(p, ends, 0);
    sys_pipe2(p, ends + 2, 0);
    sys_clone(p, writes_later, NULL);
    FD_ZERO(&to_read);
    FD_SET(ends[0], &to_read);
    FD_SET(ends[2], &to_read);
    CHECK_EQ(sys_select(p, ends[2] + 1, &to_read, NULL, NULL, &tv), 1);
    CHECK_EQ(now_ms(p), 30);
    CHECK_EQ(tv.tv_sec, 0);
    CHECK_EQ(tv.tv_usec, 470000);
    CHECK(!FD_ISSET(ends[0], &to_read) && FD_ISSET(ends[2], &to_read));
    FD_ZERO(&to_write);
    FD_SET(ends[0], &to_write);
    FD_SET(ends[3], &to_write);
    CHECK_EQ(
        sys_pselect6(p, ends[3] + 1, &to_read, &to_write, NULL, &none, NULL),
        2);
    CHECK(!FD_ISSET(ends[0], &to_write) && FD_ISSET(ends[3], &to_write));
    CHECK_EQ(sys_select(p, 0, NULL, NULL, NULL, &over), 0);
    CHECK_EQ(now_ms(p), 1530);
    CHECK_EQ(over.tv_usec, 0);
    CHECK_EQ(sys_select(p, 0, NULL, NULL, NULL, &bad), -EINVAL);
    CHECK_EQ(bad.tv_sec, -1);
    return 0;
}

static void
select_tells_what_is_left_of_its_time(void)
{
    sim_ends_well(&sim, selects);
    CHECK_TEXT(sim_strace(&sim, "select", 0),
        "select(6, [3 5], NULL, NULL, {tv_sec=0, tv_usec=500000}) = 1 (in "
        "[5])");
    CHECK_TEXT(sim_strace(&sim, "pselect6", 0),
        "pselect6(7, [5], [3 6], NULL, {tv_sec=0, tv_nsec=0}, NULL) = 2 (in "
        "[5], out [6])");
    CHECK_TEXT(sim_strace(&sim, "select", 1),
        "select(0, NULL, NULL, NULL, {tv_sec=0, tv_usec=1500000}) = 0 "
        "(Timeout)");
}

static int
waits_for_hangup(struct proc *p, void *arg)
{
    struct pollfd f = {.fd = ends[0], .events = *(short *)arg};
    int n = sys_poll(p, &f, 1, -1);

    sim_log(&sim, "%lld:%d:%x;", (long long)now_ms(p), n, f.revents);
    return 0;
}

/* The news that each of three wait for comes at another time. */
static int
shuts_down_slowly(struct proc *p, int argc, char **argv)
{
    static short asked[] = {POLLIN, 0x2000 /* POLLRDHUP */, 0};
    struct timespec wait = {0, 10 * LW_MS};

    (void)argc, (void)argv;
    sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, ends);
    for (int i = 0; i < 3; i++)
        sys_clone(p, waits_for_hangup, &asked[i]);
    sys_nanosleep(p, &wait);
    sys_write(p, ends[1], "x", 1);
    sys_nanosleep(p, &wait);
    sys_shutdown(p, ends[1], SHUT_WR);
    sys_nanosleep(p, &wait);
    sys_shutdown(p, ends[0], SHUT_WR);
    for (int i = 0; i < 3; i++)
        sys_wait4(p, -1, NULL, 0);
    return 0;
}

static void
each_waiter_sleeps_for_its_own_news(void)
{
    sim_ends_well(&sim, shuts_down_slowly);
    CHECK_TEXT(sim.log, "10:1:1;20:1:2000;30:1:10;");
}

/* --- signals ------------------------------------------------------------- */

static int
sleeps_in_select(struct proc *p, void *arg)
{
    fd_set set;

    (void)arg;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return sys_select(p, ends[0] + 1, &set, NULL, NULL, NULL);
}

static int
kills_the_sleeper(struct proc *p, int argc, char **argv)
{
    struct timespec wait = {0, LW_MS};
    int status = 0;
    pid_t pid;

    (void)argc, (void)argv;
    sys_pipe2(p, ends, 0);
    pid = sys_clone(p, sleeps_in_select, NULL);
    sys_nanosleep(p, &wait);
    sys_kill(p, pid, SIGTERM);
    CHECK_EQ(sys_write(p, ends[1], "x", 1), 1); /* nobody is told any more */
    CHECK_EQ(sys_wait4(p, pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    return 0;
}

/* (What it slept with is freed: the sanitizers look.) */
static void
a_signal_ends_who_sleeps(void)
{
    sim_ends_well(&sim, kills_the_sleeper);
}

static int
opens_the_mask(struct proc *p, void *arg)
{
    struct timespec second = {1, 0};
    uint64_t mask = 0;

    (void)arg;
    sys_rt_sigprocmask(p, 1ull << (SIGTERM - 1) | 1ull << (SIGCHLD - 1));
    sys_kill(p, sys_getpid(p), SIGCHLD);
    sys_kill(p, sys_getpid(p), SIGTERM);
    CHECK_EQ(sys_ppoll(p, NULL, 0, &second, NULL), 0);
    CHECK_EQ(now_ms(p), 1000);
    sim_log(&sim, "still there;");
    sys_ppoll(p, NULL, 0, &second, &mask);
    sim_log(&sim, "not reached;");
    return 0;
}

static int
starts_it(struct proc *p, int argc, char **argv)
{
    int status = 0;

    (void)argc, (void)argv;
    sys_clone(p, opens_the_mask, NULL);
    sys_wait4(p, -1, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK_EQ(now_ms(p), 1000);
    return 0;
}

static void
a_mask_holds_for_one_call(void)
{
    sim_ends_well(&sim, starts_it);
    CHECK_TEXT(sim.log, "still there;");
    CHECK_TEXT(sim_strace(&sim, "ppoll", 0),
        "ppoll(NULL, 0, {tv_sec=1, tv_nsec=0}, NULL, 8) = 0 (Timeout)");
}

/* The mask of before is back after the call. */
static int
masks_for_a_while(struct proc *p, int argc, char **argv)
{
    struct timespec ms = {0, LW_MS};
    uint64_t all = ~0ull;

    (void)argc, (void)argv;
    CHECK_EQ(sys_pselect6(p, 0, NULL, NULL, NULL, &ms, &all), 0);
    sys_rt_sigprocmask(p, 1ull << (SIGUSR1 - 1));
    CHECK_EQ(sys_pselect6(p, 0, NULL, NULL, NULL, &ms, &all), 0);
    sys_kill(p, sys_getpid(p), SIGUSR1); /* still blocked */
    sys_kill(p, sys_getpid(p), SIGUSR2); /* and this one is not */
    sim_log(&sim, "not reached");
    return 0;
}

static void
a_mask_ends_with_the_call(void)
{
    sim_start(&sim, masks_for_a_while);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), SIGUSR2);
    CHECK_TEXT(sim.log, "");
}

/* A driver may move the clock on by more than was asked for. */
static int
polls_once(struct proc *p, int argc, char **argv)
{
    struct pollfd fd = {.events = POLLIN};

    (void)argc, (void)argv;
    sys_pipe2(p, ends, 0);
    fd.fd = ends[0];
    CHECK_EQ(sys_poll(p, &fd, 1, 20), 0);
    sim_log(&sim, "awake;");
    return 0;
}

static void
time_that_is_long_up_is_up(void)
{
    sim_start(&sim, polls_once);
    kernel_run(sim.k);
    timers_advance(&sim.timers, (struct instant){50 * LW_MS});
    kernel_run(sim.k);
    CHECK_TEXT(sim.log, "awake;");
}

/* --- many ---------------------------------------------------------------- */

static int
polls_thousands(struct proc *p, int argc, char **argv)
{
    enum {
        MANY = 3000
    };
    struct pollfd *fds = calloc(MANY, sizeof *fds);
    struct timeval none = {0, 0};
    fd_set *set = calloc(1, MANY);
    int last;

    (void)argc, (void)argv;
    sys_pipe2(p, ends, 0);
    for (int i = 0; i < MANY; i++)
        fds[i] = (struct pollfd){
            .fd = sys_fcntl(p, ends[0], F_DUPFD, 0), .events = POLLIN};
    last = fds[MANY - 1].fd;
    CHECK(last >= MANY);
    CHECK_EQ(sys_poll(p, fds, MANY, 7), 0);
    sys_write(p, ends[1], "x", 1);
    CHECK_EQ(sys_poll(p, fds, MANY, 7), MANY);
    /* More bits than an fd_set has: the kernel does not mind. */
    ((unsigned long *)(void *)set)[last / 64] = 1ul << (last % 64);
    CHECK_EQ(sys_select(p, last + 1, set, NULL, NULL, &none), 1);
    free(fds);
    free(set);
    return 0;
}

static void
thousands_at_once(void)
{
    sim_ends_well(&sim, polls_thousands);
}

static CU_TestInfo cases[] = {
    TEST(poll_sleeps_until_one_is_ready_or_time_is_up),
    TEST(select_tells_what_is_left_of_its_time),
    TEST(each_waiter_sleeps_for_its_own_news),
    TEST(a_signal_ends_who_sleeps),
    TEST(a_mask_holds_for_one_call),
    TEST(a_mask_ends_with_the_call),
    TEST(time_that_is_long_up_is_up),
    TEST(thousands_at_once),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_poll = {.pName = "poll",
    .pTests = cases,
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown};
