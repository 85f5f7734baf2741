/*
 * test_splice.c: splice(2) and tee(2) that wait: for bytes, for room in a
 * pipe, for room in a socket. What they answer at once is compared with Linux
 * in test_same_as_linux.c.
 */
#include "check.h"
#include "kernel_fixture.h"

#include <errno.h>
#include <string.h>

enum {
    IN, /* pipe: read, write */
    OUT = 2,
    A = 4, /* pair */
    B = 5,
    PIPE = 65536
};

static int fd[6];
static char big[300000];

static void
open_all(struct proc *p)
{
    CHECK_EQ(sys_pipe2(p, &fd[IN], 0), 0);
    CHECK_EQ(sys_pipe2(p, &fd[OUT], 0), 0);
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, &fd[A]), 0);
}

static void
sleep_ms(struct proc *p, int ms)
{
    sys_nanosleep(p, &(struct timespec){0, ms * LW_MS});
}

/* The child's part comes when the parent has been waiting for a while. */
static void
later(struct proc *p, int (*part)(struct proc *child, void *arg))
{
    CHECK(sys_clone(p, part, NULL) > 0);
}

static int64_t
ms_since(struct proc *p, struct instant then)
{
    return instant_diff(sys_env(p)->timers->now, then) / LW_MS;
}

/* --- room in the pipe ---------------------------------------------------- */

static int
makes_room(struct proc *p, void *arg)
{
    (void)arg;
    sleep_ms(p, 5);
    CHECK_EQ(sys_read(p, fd[OUT], big, 4096), 4096);
    return 0;
}

static int
waits_for_room(struct proc *p, int argc, char **argv)
{
    struct instant begin;

    (void)argc, (void)argv;
    open_all(p);
    CHECK_EQ(sys_write(p, fd[OUT + 1], big, PIPE), PIPE);
    CHECK_EQ(sys_write(p, fd[B], "hello", 5), 5);
    CHECK_EQ(sys_splice(p, fd[A], NULL, fd[OUT + 1], NULL, 5, 2), -EAGAIN);
    begin = sys_env(p)->timers->now;
    later(p, makes_room);
    CHECK_EQ(sys_splice(p, fd[A], NULL, fd[OUT + 1], NULL, 5, 0), 5);
    CHECK_EQ(ms_since(p, begin), 5);
    /* Of two pipes the second is full again: tee waits for it as well. */
    CHECK_EQ(sys_write(p, fd[OUT + 1], big, 4096 - 5), 4096 - 5);
    CHECK_EQ(sys_write(p, fd[IN + 1], "again", 5), 5);
    begin = sys_env(p)->timers->now;
    later(p, makes_room);
    CHECK_EQ(sys_tee(p, fd[IN], fd[OUT + 1], 5, 0), 5);
    CHECK_EQ(ms_since(p, begin), 5);
    return 0;
}

static void
a_full_pipe_is_waited_for(void)
{
    sim_ends_well(&sim, waits_for_room);
}

/* --- bytes --------------------------------------------------------------- */

static int
writes_to_the_pipe(struct proc *p, void *arg)
{
    (void)arg;
    sleep_ms(p, 5);
    CHECK_EQ(sys_write(p, fd[IN + 1], "hello", 5), 5);
    return 0;
}

static int
leaves_the_pipe(struct proc *p, void *arg)
{
    (void)arg;
    sleep_ms(p, 5);
    return 0;
}

static int
waits_for_bytes(struct proc *p, int argc, char **argv)
{
    struct instant begin;
    char buf[9] = "";

    (void)argc, (void)argv;
    open_all(p);
    begin = sys_env(p)->timers->now;
    CHECK_EQ(sys_splice(p, fd[IN], NULL, fd[A], NULL, 9, 2), -EAGAIN);
    later(p, writes_to_the_pipe);
    CHECK_EQ(sys_splice(p, fd[IN], NULL, fd[A], NULL, 9, 0), 5);
    CHECK_EQ(ms_since(p, begin), 5);
    CHECK_EQ(sys_read(p, fd[B], buf, sizeof buf), 5);
    CHECK_MEM(buf, "hello", 5);
    later(p, leaves_the_pipe); /* the last who could write */
    CHECK_EQ(sys_close(p, fd[IN + 1]), 0);
    CHECK_EQ(sys_splice(p, fd[IN], NULL, fd[A], NULL, 9, 0), 0);
    CHECK_EQ(ms_since(p, begin), 10);
    return 0;
}

static void
an_empty_pipe_is_waited_for(void)
{
    sim_ends_well(&sim, waits_for_bytes);
}

/* --- the socket ---------------------------------------------------------- */

static int
reads_the_socket(struct proc *p, void *arg)
{
    (void)arg;
    sleep_ms(p, 5);
    CHECK(sys_read(p, fd[B], big, sizeof big) > 0);
    return 0;
}

static int
waits_for_the_socket(struct proc *p, int argc, char **argv)
{
    struct timeval soon = {0, 20000};
    struct instant begin;

    (void)argc, (void)argv;
    open_all(p);
    CHECK(sys_sendto(p, fd[A], big, sizeof big, MSG_DONTWAIT, NULL, 0) > 0);
    CHECK_EQ(sys_write(p, fd[IN + 1], "hello", 5), 5);
    begin = sys_env(p)->timers->now;
    later(p, reads_the_socket);
    CHECK_EQ(sys_splice(p, fd[IN], NULL, fd[A], NULL, 5, 0), 5);
    CHECK_EQ(ms_since(p, begin), 5);
    /* SO_SNDTIMEO: nobody reads any more, and what did not go stays. */
    CHECK_EQ(
        sys_setsockopt(p, fd[A], SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon),
        0);
    CHECK(sys_sendto(p, fd[A], big, sizeof big, MSG_DONTWAIT, NULL, 0) > 0);
    CHECK_EQ(sys_write(p, fd[IN + 1], "hello", 5), 5);
    begin = sys_env(p)->timers->now;
    CHECK_EQ(sys_splice(p, fd[IN], NULL, fd[A], NULL, 5, 0), -EAGAIN);
    CHECK_EQ(ms_since(p, begin), 20);
    CHECK_EQ(sys_read(p, fd[IN], big, 9), 5);
    return 0;
}

static void
a_full_socket_is_waited_for(void)
{
    sim_ends_well(&sim, waits_for_the_socket);
}

/* While one waits for the socket, another fills the pipe that it goes to. */
static int
fills_the_pipe(struct proc *p, void *arg)
{
    (void)arg;
    sleep_ms(p, 5);
    CHECK_EQ(sys_write(p, fd[OUT + 1], big, PIPE), PIPE);
    CHECK_EQ(sys_write(p, fd[B], "hello", 5), 5);
    return 0;
}

static int
finds_the_pipe_full(struct proc *p, int argc, char **argv)
{
    char buf[9];

    (void)argc, (void)argv;
    open_all(p);
    later(p, fills_the_pipe);
    CHECK_EQ(sys_splice(p, fd[A], NULL, fd[OUT + 1], NULL, 5, 0), -EAGAIN);
    CHECK_EQ(sys_read(p, fd[A], buf, sizeof buf), 5); /* nothing is lost */
    return 0;
}

static void
a_pipe_that_was_filled_meanwhile_is_not_overrun(void)
{
    sim_ends_well(&sim, finds_the_pipe_full);
}

static CU_TestInfo cases[] = {
    TEST(a_full_pipe_is_waited_for),
    TEST(an_empty_pipe_is_waited_for),
    TEST(a_full_socket_is_waited_for),
    TEST(a_pipe_that_was_filled_meanwhile_is_not_overrun),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_splice = {.pName = "splice",
    .pTests = cases,
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown};
