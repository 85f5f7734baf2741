/*
 * test_unix_messages.c: Unix sockets that are shared by processes, that keep
 * messages apart, and that have names which no file has. What calls answer
 * is compared with Linux in test_same_as_linux.c; here is what only several
 * processes, or the events, can tell.
 */
#include "check.h"
#include "kernel_fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/un.h>

static socklen_t
name(struct sockaddr_un *un, const char *text, size_t n)
{
    *un = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(un->sun_path, text, n);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* --- one socket, two processes, two that have no room -------------------- */

/* What both children share; they have the same numbers for descriptors. */
enum {
    FD_A = 3,
    FD_B = 4,
    FD_SHARED = 5
};

static ssize_t
send_to(struct proc *p, const char *to, int flags)
{
    struct sockaddr_un un;
    socklen_t len = name(&un, to, 2);

    return sys_sendto(p, FD_SHARED, "x", 1, flags, (void *)&un, len);
}

static int
sends_to_a(struct proc *p, void *arg)
{
    (void)arg;
    sim_log(&sim, "A:%zd;", send_to(p, "\0A", 0));
    return 0;
}

static int
sends_to_b(struct proc *p, void *arg)
{
    (void)arg;
    sim_log(&sim, "B:%zd;", send_to(p, "\0B", 0));
    return 0;
}

static void
sleep_ms(struct proc *p, int ms)
{
    sys_nanosleep(p, &(struct timespec){0, ms * LW_MS});
}

/* A and B can take no more. */
static void
open_and_fill(struct proc *p)
{
    struct sockaddr_un un;

    for (int fd = FD_A; fd <= FD_SHARED; fd++)
        CHECK_EQ(sys_socket(p, AF_UNIX, SOCK_DGRAM, 0), fd);
    CHECK_EQ(sys_bind(p, FD_A, (void *)&un, name(&un, "\0A", 2)), 0);
    CHECK_EQ(sys_bind(p, FD_B, (void *)&un, name(&un, "\0B", 2)), 0);
    while (send_to(p, "\0A", MSG_DONTWAIT) == 1)
        CHECK_EQ(send_to(p, "\0B", MSG_DONTWAIT), 1);
    CHECK_EQ(send_to(p, "\0B", MSG_DONTWAIT), -EAGAIN);
}

static int
shares_a_sender(struct proc *p, int argc, char **argv)
{
    char byte;

    (void)argc, (void)argv;
    open_and_fill(p);
    sys_clone(p, sends_to_a, NULL);
    sleep_ms(p, 1);
    sys_clone(p, sends_to_b, NULL); /* the socket waits for both now */
    sleep_ms(p, 1);
    CHECK_EQ(sys_read(p, FD_A, &byte, 1), 1);
    sleep_ms(p, 1);
    sim_log(&sim, "then ");
    CHECK_EQ(sys_read(p, FD_B, &byte, 1), 1);
    return 0;
}

static void
a_sender_shared_by_two_is_woken_for_each_receiver(void)
{
    sim_ends_well(&sim, shares_a_sender);
    CHECK_TEXT(sim.log, "A:1;then B:1;");
}

static int
sends_to_another_b(struct proc *p, void *arg)
{
    sys_close(p, FD_A);
    sys_close(p, FD_B);
    return sends_to_b(p, arg);
}

static int
closes_what_is_waited_for(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    open_and_fill(p);
    sys_clone(p, sends_to_another_b, NULL);
    sleep_ms(p, 1);
    sys_close(p, FD_B);
    return 0;
}

static void
a_receiver_that_closes_is_not_waited_for(void)
{
    sim_ends_well(&sim, closes_what_is_waited_for);
    sim_run(&sim);
    CHECK_EQ(kernel_alive(sim.k), 0);
    CHECK_TEXT(sim.log, "B:-111;"); /* ECONNREFUSED */
}

static int
kills_who_waits(struct proc *p, int argc, char **argv)
{
    char byte;
    int pid;

    (void)argc, (void)argv;
    open_and_fill(p);
    pid = sys_clone(p, sends_to_another_b, NULL);
    sleep_ms(p, 1);
    sys_close(p, FD_SHARED);
    CHECK_EQ(sys_kill(p, pid, SIGKILL), 0);
    sleep_ms(p, 1);
    CHECK_EQ(sys_read(p, FD_B, &byte, 1), 1); /* there is nobody to tell */
    return 0;
}

static void
a_sender_that_is_gone_does_not_wait(void)
{
    sim_ends_well(&sim, kills_who_waits);
    CHECK_TEXT(sim.log, "");
}

/* --- names --------------------------------------------------------------- */

static int
has_names(struct proc *p, int argc, char **argv)
{
    struct sockaddr_un un, own;
    socklen_t len = sizeof own;
    int fd = sys_socket(p, AF_UNIX, SOCK_SEQPACKET, 0);
    int other = sys_socket(p, AF_UNIX, SOCK_DGRAM, 0);

    (void)argc, (void)argv;
    CHECK_EQ(sys_bind(p, fd, (void *)&un, name(&un, "\0a\0b", 4)), 0);
    CHECK_EQ(sys_listen(p, fd, 1), 0);
    CHECK_EQ(sys_bind(p, other, (void *)&un, name(&un, "", 0)), 0);
    CHECK_EQ(sys_getsockname(p, other, (void *)&own, &len), 0);
    CHECK_EQ(len, offsetof(struct sockaddr_un, sun_path) + 6);
    CHECK_EQ(own.sun_path[0], 0);
    CHECK_EQ(strspn(own.sun_path + 1, "0123456789abcdef"), 5);
    return 0;
}

static void
an_abstract_name_is_told_with_an_at_sign(void)
{
    sim_ends_well(&sim, has_names);
    CHECK_TEXT(
        recorder_text(recorder_find(&sim.rec, EV_SOCKET_LISTEN, 0), "local", 0),
        "@a@b");
    CHECK_TEXT(
        recorder_text(recorder_find(&sim.rec, EV_SOCKET_LISTEN, 0), "type", 0),
        "Unix seqpacket");
    CHECK_TEXT(sim_strace(&sim, "bind", 0),
        "bind(3, {sa_family=AF_UNIX, sun_path=@\"a\\0b\"}, 6) = 0");
    CHECK_TEXT(
        sim_strace(&sim, "bind", 1), "bind(4, {sa_family=AF_UNIX}, 2) = 0");
}

static CU_TestInfo cases[] = {
    TEST(a_sender_shared_by_two_is_woken_for_each_receiver),
    TEST(a_receiver_that_closes_is_not_waited_for),
    TEST(a_sender_that_is_gone_does_not_wait),
    TEST(an_abstract_name_is_told_with_an_at_sign), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_unix_messages = {.pName = "unix_messages",
    .pTests = cases,
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown};
