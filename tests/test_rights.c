/*
 * test_rights.c: descriptors that processes send one another through Unix
 * sockets. What one call answers is compared with Linux (same_rights.c);
 * here is what takes several processes, a thousand sockets, or no memory.
 */
#include "check.h"
#include "faulty.h"
#include "kernel_fixture.h"
#include "proc.h"

#include <errno.h>
#include <string.h>

/* One byte with descriptor `sent` through fd; sent -1: without. */
static ssize_t
pass(struct proc *p, int fd, int sent)
{
    union {
        struct cmsghdr h;
        uint8_t bytes[CMSG_SPACE(sizeof(int))];
    } u = {{CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec iov = {"x", 1};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

    memcpy(CMSG_DATA(&u.h), &sent, sizeof sent);
    if (sent >= 0) {
        m.msg_control = &u;
        m.msg_controllen = sizeof u;
    }
    return sys_sendmsg(p, fd, &m, 0);
}

/* The descriptor that comes, with at most n bytes, or -1; *who: who wrote. */
static int
claim(struct proc *p, int fd, size_t n, int flags, ssize_t *got, int *who)
{
    union {
        struct cmsghdr h;
        uint8_t bytes[64];
    } u;
    char buf[16];
    struct iovec iov = {buf, n};
    struct msghdr m = {.msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = &u,
        .msg_controllen = sizeof u};
    int received = -1;

    *got = sys_recvmsg(p, fd, &m, flags);
    for (struct cmsghdr *c = *got >= 0 ? CMSG_FIRSTHDR(&m) : NULL; c;
         c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_type == SCM_RIGHTS)
            memcpy(&received, CMSG_DATA(c), sizeof received);
        else if (who && c->cmsg_type == SCM_CREDENTIALS)
            memcpy(who, CMSG_DATA(c), sizeof *who);
    }
    return received;
}

/* --- does a worker get what its master has opened? ----------------------- */

static int channel[2];

static int
worker(struct proc *p, void *arg)
{
    ssize_t n;
    int fd;

    (void)arg;
    sys_close(p, channel[0]);
    fd = claim(p, channel[1], 1, 0, &n, NULL); /* sleeps until it comes */
    CHECK_EQ(n, 1);
    CHECK_EQ(sys_write(p, fd, "done", 4), 4);
    return 0;
}

static int
master(struct proc *p, int argc, char **argv)
{
    int ends[2], status;
    char buf[8];

    (void)argc, (void)argv;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, channel), 0);
    sys_clone(p, worker, NULL);
    sys_close(p, channel[1]);
    CHECK_EQ(sys_pipe2(p, ends, 0), 0); /* after the fork: not inherited */
    CHECK_EQ(pass(p, channel[0], ends[1]), 1);
    sys_close(p, ends[1]);
    CHECK_EQ(sys_read(p, ends[0], buf, sizeof buf), 4);
    CHECK_MEM(buf, "done", 4);
    CHECK_EQ(sys_read(p, ends[0], buf, sizeof buf), 0); /* all are closed */
    CHECK_EQ(sys_wait4(p, -1, &status, 0), 2);
    return 0;
}

static void
a_worker_gets_what_its_master_opened(void)
{
    sim_ends_well(&sim, master);
    CHECK_TEXT(sim_strace(&sim, "sendmsg", 0),
        "sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"x\", "
        "iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, "
        "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5]}], "
        "msg_controllen=24, msg_flags=0}, 0) = 1");
    CHECK_TEXT(sim_strace(&sim, "recvmsg", 0),
        "recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"x\", "
        "iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, "
        "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}], "
        "msg_controllen=24, msg_flags=0}, 0) = 1");
}

/* --- whose bytes are they? ----------------------------------------------- */

static int
writes(struct proc *p, void *arg)
{
    (void)arg;
    CHECK_EQ(sys_write(p, channel[0], "abc", 3), 3);
    return 0;
}

/* A read never joins the bytes of two writers, not even with MSG_WAITALL. */
static int
asks_who(struct proc *p, int argc, char **argv)
{
    int on = 1, who = -1, status;
    ssize_t n;

    (void)argc, (void)argv;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, channel), 0);
    CHECK_EQ(sys_setsockopt(p, channel[1], SOL_SOCKET, SO_PASSCRED, &on, 4), 0);
    sys_clone(p, writes, NULL);
    sys_clone(p, writes, NULL);
    for (int i = 0; i < 2; i++)
        CHECK(sys_wait4(p, -1, &status, 0) > 0);
    claim(p, channel[1], 2, 0, &n, &who);
    CHECK_EQ(n, 2);
    CHECK_EQ(who, 2);
    claim(p, channel[1], 10, MSG_WAITALL, &n, &who);
    CHECK_EQ(n, 1);
    CHECK_EQ(who, 2);
    claim(p, channel[1], 10, MSG_PEEK, &n, &who);
    CHECK_EQ(n, 3);
    CHECK_EQ(who, 3);
    sys_clone(p, writes, NULL);
    claim(p, channel[1], 10, MSG_WAITALL, &n, &who); /* sleeps in between */
    CHECK_EQ(n, 3);
    CHECK_EQ(who, 3);
    claim(p, channel[1], 10, 0, &n, &who);
    CHECK_EQ(n, 3);
    CHECK_EQ(who, 4);
    return 0;
}

static void
the_bytes_of_two_writers_stay_apart(void)
{
    sim_ends_well(&sim, asks_who);
    CHECK(strstr(sim_strace(&sim, "recvmsg", 0),
              "cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=2, uid=0, gid=0}") !=
          NULL);
}

/* --- a chain, a ring ----------------------------------------------------- */

enum {
    LINKS = 5000
};

/* Each socket waits in the queue of the next. */
static int
makes_a_chain(struct proc *p, int argc, char **argv)
{
    int before[2], next[2];

    (void)argc, (void)argv;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, before), 0);
    for (int i = 1; i < LINKS; i++) {
        CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, next), 0);
        CHECK_EQ(pass(p, next[0], before[1]), 1);
        sys_close(p, before[0]);
        sys_close(p, before[1]);
        memcpy(before, next, sizeof next);
    }
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), LINKS - 1);
    sys_close(p, before[0]);
    sys_close(p, before[1]);
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 2 * LINKS);
    return 0;
}

/* A process has a small stack: closing is not done inside of closing. */
static void
a_long_chain_is_closed(void)
{
    sim_ends_well(&sim, makes_a_chain);
}

/* Two that wait in each other's queues; a third, which is read, in one. */
static int
makes_a_ring(struct proc *p, int argc, char **argv)
{
    int a[2], b[2], c[2], fd;
    char byte;
    ssize_t n;

    (void)argv;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, a), 0);
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, b), 0);
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, c), 0);
    CHECK_EQ(pass(p, a[0], b[1]), 1);
    CHECK_EQ(pass(p, b[0], a[1]), 1);
    CHECK_EQ(pass(p, a[0], c[1]), 1);
    sys_close(p, a[1]);
    sys_close(p, b[1]);
    sys_close(p, c[1]);
    sys_close(p, a[0]);
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 4);
    if (argc > 1)
        return 0; /* the end of the process closes b[0] */
    CHECK_EQ(sys_close(p, b[0]), 0);
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 5);
    CHECK_EQ(sys_read(p, c[0], &byte, 1), 0);
    fd = claim(p, c[0], 1, 0, &n, NULL);
    CHECK_EQ(fd, -1);
    return 0;
}

static void
rings_are_found_at_the_end(void)
{
    char *argv[] = {"test", "end", NULL};

    kernel_start(sim.k, "test", makes_a_ring, 2, argv);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 6);
}

/* Sockets in flight to somebody who has his end are not followed when another
 * is closed: closing thousands is no work for each of thousands. */
static int
closes_many(struct proc *p, int argc, char **argv)
{
    int a[2], sent[2];

    (void)argc, (void)argv;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, a), 0);
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, sent), 0);
        CHECK_EQ(pass(p, a[0], sent[0]), 1);
        sys_close(p, sent[0]);
        sys_close(p, sent[1]);
    }
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 100);
    CHECK_EQ(sim.k->flight.collections, 0);
    CHECK_EQ(pass(p, a[0], a[1]), 1); /* a ring, with all of them in it */
    sys_close(p, a[1]);
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 100);
    sys_close(p, a[0]);
    CHECK(sim.k->flight.collections > 0);
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 202);
    return 0;
}

static void
what_is_held_is_not_followed(void)
{
    sim_ends_well(&sim, closes_many);
}

/* --- no memory ----------------------------------------------------------- */

static unsigned refused;

static int
passes_without_memory(struct proc *p, int argc, char **argv)
{
    int ends[2], got, on = 1;
    ssize_t n;

    (void)argc, (void)argv;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, channel), 0);
    CHECK_EQ(sys_pipe2(p, ends, 0), 0);
    CHECK_EQ(sys_setsockopt(p, channel[1], SOL_SOCKET, SO_PASSCRED, &on, 4), 0);
    for (unsigned nth = 1; nth < 6; nth++) {
        ssize_t sent;
        int left;

        faulty_begin(nth, true);
        sent = pass(p, channel[0], ends[1]);
        faulty_end(&left);
        got = claim(p, channel[1], 1, MSG_DONTWAIT, &n, NULL);
        CHECK(sent == 1 || sent == -ENOMEM);
        CHECK_EQ(n, sent == 1 ? 1 : -EAGAIN);
        CHECK_EQ(got >= 0, sent == 1);
        refused += sent < 0;
    }
    return 0;
}

static void
no_memory_loses_no_descriptor(void)
{
    refused = 0;
    recorder_close(&sim.rec); /* it takes memory too, and cannot do without */
    sim_ends_well(&sim, passes_without_memory);
    recorder_open(&sim.rec, &sim.journal, LEVEL_DETAIL);
    CHECK(refused > 0 && refused < 5);
}

/* --- how many may be in flight? ------------------------------------------ */

enum {
    MANY = 253 /* the most that one message takes */
};

static ssize_t
pass_many(struct proc *p, int fd, int n)
{
    static union {
        struct cmsghdr h;
        uint8_t bytes[CMSG_SPACE(MANY * sizeof(int))];
    } u; /* the descriptor 0, so often */
    struct iovec iov = {"x", 1};
    struct msghdr m = {.msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = &u,
        .msg_controllen = CMSG_SPACE((size_t)n * sizeof(int))};

    u.h = (struct cmsghdr){
        CMSG_LEN((size_t)n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    return sys_sendmsg(p, fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* As Linux does with less: who is above the limit sends none, neither there
 * nor elsewhere, until some have been received; but a queue that is full is
 * the first to say so. */
static int
sends_too_many(struct proc *p, int argc, char **argv)
{
    static char bytes[65536];
    const int most = 65536 / MANY + 1; /* RLIMIT_NOFILE may be passed once */
    int a[2], b[2], c[2];

    (void)argc, (void)argv;
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, a), 0);
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b), 0);
    for (int i = 0; i < most; i++)
        CHECK_EQ(pass_many(p, a[0], MANY), 1);
    CHECK_EQ(pass_many(p, a[0], 1), -ETOOMANYREFS);
    CHECK_EQ(pass_many(p, b[0], 1), -ETOOMANYREFS);
    while (sys_write(p, b[0], bytes, sizeof bytes) > 0)
        continue;
    CHECK_EQ(pass_many(p, b[0], 1), -EAGAIN);
    CHECK_EQ(sys_read(p, a[1], bytes, 1), 1); /* and its descriptors are lost */
    CHECK_EQ(pass_many(p, a[0], MANY), 1);
    CHECK_EQ(pass_many(p, a[0], 1), -ETOOMANYREFS);
    sys_shutdown(p, b[0], SHUT_WR);
    CHECK_EQ(pass_many(p, b[0], 1), -EPIPE);
    /* To make room, an end that waits in its own queue alone is let go: it may
     * be the one that is written to. */
    CHECK_EQ(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, c), 0);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(sys_read(p, a[1], bytes, 1), 1);
    CHECK_EQ(pass(p, c[0], c[1]), 1);
    CHECK_EQ(pass_many(p, c[0], MANY), 1);
    CHECK_EQ(pass_many(p, a[0], MANY), 1);
    sys_close(p, c[1]);
    CHECK_EQ(pass_many(p, c[0], 1), -EPIPE);
    return 0;
}

static void
too_many_are_refused(void)
{
    sim_ends_well(&sim, sends_too_many);
}

static CU_TestInfo cases[] = {
    TEST(a_worker_gets_what_its_master_opened),
    TEST(the_bytes_of_two_writers_stay_apart),
    TEST(a_long_chain_is_closed),
    TEST(rings_are_found_at_the_end),
    TEST(what_is_held_is_not_followed),
    TEST(no_memory_loses_no_descriptor),
    TEST(too_many_are_refused),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_rights = {.pName = "rights",
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown,
    .pTests = cases};
