/*
 * test_epoll.c: which descriptors are ready?
 */
#include "check.h"
#include "kernel_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int
watch(struct proc *p, int ep, int op, int fd, unsigned events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};

    return sys_epoll_ctl(p, ep, op, fd, &e);
}

/* What is ready now, as "fd:events fd:events ". */
static const char *
ready(struct proc *p, int ep)
{
    static const struct {
        unsigned bit;
        char letter;
    } names[] = {{EPOLLIN, 'i'}, {EPOLLOUT, 'o'}, {EPOLLERR, 'e'},
        {EPOLLHUP, 'h'}, {EPOLLRDHUP, 'r'}};
    static char text[200];
    struct epoll_event e[16];
    int n = sys_epoll_wait(p, ep, e, 16, 0);
    char *at = text;

    for (int i = 0; i < n; i++) {
        at += sprintf(at, "%d:", e[i].data.fd);
        for (size_t b = 0; b < LW_COUNT(names); b++)
            if (e[i].events & names[b].bit)
                *at++ = names[b].letter;
        *at++ = ' ';
    }
    *at = '\0';
    return text;
}

/* --- level and edge ------------------------------------------------------ */

static int
levels_and_edges(struct proc *p, int argc, char **argv)
{
    int l[2], e[2], ep = sys_epoll_create1(p, EPOLL_CLOEXEC);
    char c[10];

    (void)argc;
    (void)argv;
    sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, l); /* 4 5 */
    sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, e); /* 6 7 */
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, l[0], EPOLLIN), 0);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, e[0], EPOLLIN | EPOLLET), 0);
    CHECK_TEXT(ready(p, ep), "");
    sys_write(p, e[1], "ab", 2);
    sys_write(p, l[1], "ab", 2);
    CHECK_TEXT(ready(p, ep), "6:i 4:i "); /* in the order of happening */
    CHECK_TEXT(ready(p, ep), "4:i ");     /* the level is still there */
    sys_write(p, e[1], "c", 1);
    CHECK_TEXT(ready(p, ep), "4:i 6:i "); /* a new edge */
    CHECK_EQ(sys_read(p, l[0], c, 10), 2);
    CHECK_TEXT(ready(p, ep), "");
    CHECK_EQ(sys_read(p, e[0], c, 1), 1);
    CHECK_TEXT(ready(p, ep), ""); /* there is more, but no edge */
    CHECK_EQ(watch(p, ep, EPOLL_CTL_MOD, e[0], EPOLLIN | EPOLLET), 0);
    CHECK_TEXT(ready(p, ep), "6:i "); /* a change looks again */
    sys_shutdown(p, l[1], SHUT_WR);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_MOD, l[0], EPOLLIN | EPOLLRDHUP), 0);
    CHECK_TEXT(ready(p, ep), "4:ir ");
    sys_close(p, l[1]);
    CHECK_TEXT(ready(p, ep), "4:ihr ");
    sys_close(p, l[0]); /* the last close takes it out */
    CHECK_TEXT(ready(p, ep), "");
    return 0;
}

static void
levels_stay_and_edges_pass(void)
{
    sim_start(&sim, levels_and_edges);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_TEXT(sim_strace(&sim, "epoll_create1", 0),
        "epoll_create1(EPOLL_CLOEXEC) = 3");
    CHECK_TEXT(sim_strace(&sim, "epoll_ctl", 1),
        "epoll_ctl(3, EPOLL_CTL_ADD, 6, {events=EPOLLIN|EPOLLET, "
        "data={u32=6, u64=6}}) = 0");
    CHECK_TEXT(sim_strace(&sim, "epoll_wait", 2),
        "epoll_wait(3, [{events=EPOLLIN, data={u32=4, u64=4}}], 16, 0) = 1");
    CHECK_EQ(recorder_count(&sim.rec, EV_EPOLL_READY) > 0, true);
}

/* --- one shot, room to write, errors ------------------------------------- */

static int
one_shots(struct proc *p, int argc, char **argv)
{
    static char big[300000];
    int s[2], ep = sys_epoll_create1(p, 0);

    (void)argc;
    (void)argv;
    sys_socketpair(p, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s); /* 4 5 */
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, 4, EPOLLIN | EPOLLONESHOT), 0);
    sys_write(p, 5, "a", 1);
    CHECK_TEXT(ready(p, ep), "4:i ");
    sys_write(p, 5, "a", 1);
    CHECK_TEXT(ready(p, ep), "");
    CHECK_EQ(watch(p, ep, EPOLL_CTL_MOD, 4, EPOLLIN | EPOLLONESHOT), 0);
    CHECK_TEXT(ready(p, ep), "4:i ");
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, 5, EPOLLOUT | EPOLLET), 0);
    CHECK_TEXT(ready(p, ep), "5:o ");
    CHECK_TEXT(ready(p, ep), "");
    CHECK_EQ(sys_write(p, 5, big, sizeof big), 212990);
    CHECK_TEXT(ready(p, ep), "");
    CHECK_EQ(sys_read(p, 4, big, 100000), 100000);
    CHECK_TEXT(ready(p, ep), "5:o ");
    CHECK_EQ(watch(p, ep, EPOLL_CTL_DEL, 5, 0), 0);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_DEL, 5, 0), -ENOENT);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_MOD, 5, 0), -ENOENT);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, 4, 0), -EEXIST);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, 99, 0), -EBADF);
    CHECK_EQ(watch(p, 4, EPOLL_CTL_ADD, 5, 0), -EINVAL);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, ep, 0), -EINVAL);
    CHECK_EQ(watch(p, ep, 77, 5, 0), -EINVAL);
    CHECK_EQ(sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, 5, NULL), -EFAULT);
    CHECK_EQ(
        watch(p, ep, EPOLL_CTL_ADD, 5, EPOLLRDHUP | EPOLLEXCLUSIVE), -EINVAL);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_ADD, 5, EPOLLIN | EPOLLEXCLUSIVE), 0);
    CHECK_EQ(watch(p, ep, EPOLL_CTL_MOD, 5, EPOLLIN), -EINVAL);
    CHECK_EQ(sys_epoll_wait(p, ep, NULL, 0, 0), -EINVAL);
    CHECK_EQ(sys_epoll_create1(p, 1), -EINVAL);
    return 0;
}

static void
one_shot_and_room_and_errors(void)
{
    sim_start(&sim, one_shots);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
}

/* --- time-outs ----------------------------------------------------------- */

static int
waits(struct proc *p, int argc, char **argv)
{
    struct epoll_event e[4];
    struct timespec now;
    int fds[2], ep = sys_epoll_create1(p, 0);

    (void)argc;
    (void)argv;
    sys_pipe2(p, fds, 0);
    watch(p, ep, EPOLL_CTL_ADD, fds[0], EPOLLIN);
    CHECK_EQ(sys_epoll_wait(p, ep, e, 4, 250), 0);
    sys_clock_gettime(p, CLOCK_MONOTONIC, &now);
    CHECK_EQ(now.tv_nsec, 250 * LW_MS);
    sys_close(p, fds[1]);
    CHECK_EQ(sys_epoll_wait(p, ep, e, 4, -1), 1);
    CHECK_EQ(e[0].events, EPOLLHUP);
    return 0;
}

static void
a_wait_ends_in_time(void)
{
    sim_start(&sim, waits);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
}

/* --- several epolls on one listening queue ------------------------------- */

static int queue[2];

static int
epoll_worker(struct proc *p, void *arg)
{
    unsigned mode = *(unsigned *)arg;
    struct epoll_event e;
    char c;
    int ep = sys_epoll_create1(p, 0);

    watch(p, ep, EPOLL_CTL_ADD, queue[0], EPOLLIN | mode);
    while (sys_epoll_wait(p, ep, &e, 1, -1) == 1) {
        ssize_t n = sys_read(p, queue[0], &c, 1);

        sim_log(&sim, "%d:%d;", sys_getpid(p), (int)n);
        if (n == 0)
            break;
    }
    return 0;
}

static unsigned mode;

static int
epoll_pool(struct proc *p, int argc, char **argv)
{
    struct timespec ms = {0, LW_MS};

    (void)argc;
    (void)argv;
    sys_pipe2(p, queue, O_NONBLOCK);
    for (int i = 0; i < 3; i++)
        sys_clone(p, epoll_worker, &mode);
    sys_nanosleep(p, &ms);
    sys_write(p, queue[1], "x", 1);
    sys_nanosleep(p, &ms);
    return 0;
}

static int
wakes_of(unsigned pid)
{
    const struct event *e;
    int n = 0;

    for (unsigned i = 0; (e = recorder_find(&sim.rec, EV_PROC_WAKE, i)); i++)
        n += event_u64(e, "pid", 0) == pid;
    return n;
}

static void
exclusive_wakes_one_and_plain_wakes_all(void)
{
    mode = 0;
    sim_start(&sim, epoll_pool);
    sim_run_for(&sim, 10 * LW_MS);
    /* The thundering herd: three wake, two of them for nothing. */
    CHECK_TEXT(sim.log, "2:1;");
    CHECK_EQ(wakes_of(2) + wakes_of(3) + wakes_of(4), 3);
    for (int pid = 2; pid <= 4; pid++)
        kernel_kill(sim.k, pid, SIGKILL);
    sim.log[0] = '\0';
    mode = EPOLLEXCLUSIVE;
    sim_start(&sim, epoll_pool);
    sim_run_for(&sim, 10 * LW_MS);
    CHECK_TEXT(sim.log, "6:1;");
    CHECK_EQ(wakes_of(6) + wakes_of(7) + wakes_of(8), 1);
}

/* --- a thousand sockets -------------------------------------------------- */

static int
thousand(struct proc *p, int argc, char **argv)
{
    static int fds[1000][2];
    struct epoll_event e[4];
    int ep = sys_epoll_create1(p, 0);

    (void)argc;
    (void)argv;
    for (int i = 0; i < 1000; i++) {
        sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, fds[i]);
        watch(p, ep, EPOLL_CTL_ADD, fds[i][0], EPOLLIN | EPOLLET);
    }
    sys_write(p, fds[500][1], "x", 1);
    sys_write(p, fds[7][1], "x", 1);
    CHECK_EQ(sys_epoll_wait(p, ep, e, 4, -1), 2);
    CHECK_EQ(e[0].data.fd, fds[500][0]);
    CHECK_EQ(e[1].data.fd, fds[7][0]);
    /* More are ready than fit: the rest comes first the next time. */
    for (int i = 0; i < 6; i++)
        sys_write(p, fds[i][1], "x", 1);
    CHECK_EQ(sys_epoll_wait(p, ep, e, 4, -1), 4);
    CHECK_EQ(e[0].data.fd, fds[0][0]);
    CHECK_EQ(sys_epoll_wait(p, ep, e, 4, -1), 2);
    CHECK_EQ(e[0].data.fd, fds[4][0]);
    return 0;
}

static void
a_thousand_sockets_and_two_ready(void)
{
    sim_start(&sim, thousand);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
}

static CU_TestInfo cases[] = {TEST(levels_stay_and_edges_pass),
    TEST(one_shot_and_room_and_errors), TEST(a_wait_ends_in_time),
    TEST(exclusive_wakes_one_and_plain_wakes_all),
    TEST(a_thousand_sockets_and_two_ready), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_epoll = {.pName = "epoll",
    .pTests = cases,
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown};
