/*
 * test_uring.c: many frames in one system call (uring.h): do they cross as
 * they do alone, and does everything work where io_uring(7) is not to be
 * had? A socket pair stands for the device.
 */
#include "check.h"
#include "tap.h"
#include "uring.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FRAMES = 100
};

static struct {
    struct journal journal;
    struct timers timers;
    struct env env;
    struct netdev dev;
    struct tap *tap;
    int fd[2];
    unsigned came, wrong;
} w;

/* Frame number i, of its own length. */
static size_t
frame(unsigned i, uint8_t *to)
{
    memset(to, (int)i, 60 + i);
    return 60 + i;
}

static void
receive(struct netdev *dev, struct pkt *p)
{
    uint8_t want[200];
    size_t len = frame(w.came++, want);

    (void)dev;
    w.wrong += p->len != len || memcmp(p->data, want, len) != 0;
    pkt_free(p);
}

static void
open_tap(void)
{
    memset(&w, 0, sizeof w);
    journal_init(&w.journal, &w.timers.now);
    timers_init(&w.timers, &w.journal);
    w.env = (struct env){.journal = &w.journal,
        .timers = &w.timers,
        .pool = pkt_pool_new(&w.journal, 300)};
    w.dev = (struct netdev){
        .name = "eth0", .mtu = NETDEV_MTU, .env = &w.env, .input = receive};
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, w.fd) == 0);
    w.tap = tap_new(&w.dev, w.fd[0], "tap0");
    REQUIRE(w.tap != NULL);
}

static void
close_tap(void)
{
    tap_free(w.tap);
    pkt_pool_free(w.env.pool); /* asserts that all are back */
    timers_close(&w.timers);
    journal_close(&w.journal);
    close(w.fd[0]);
    close(w.fd[1]);
}

/* FRAMES go out and come back; how many did not, or not as they were. */
static unsigned
there_and_back(void)
{
    uint8_t want[200], got[2000];
    unsigned bad = 0;
    int n = 1;

    for (unsigned i = 0; i < FRAMES; i++) {
        struct pkt *p = pkt_new(w.env.pool, PKT_HEADROOM, 200);

        frame(i, pkt_put(p, (uint32_t)frame(i, want)));
        w.dev.xmit(&w.dev, p);
    }
    tap_flush(w.tap);
    for (unsigned i = 0; i < FRAMES; i++) {
        size_t len = frame(i, want);

        bad += recv(w.fd[1], got, sizeof got, 0) != (ssize_t)len ||
               memcmp(got, want, len) != 0;
        bad += send(w.fd[1], want, len, 0) != (ssize_t)len;
    }
    bad += recv(w.fd[1], got, sizeof got, 0) >= 0; /* one too many */
    while (n > 0)
        n = tap_poll(w.tap, 30);
    return bad + w.wrong + (w.came != FRAMES) + (n != 0);
}

/* In order, each once, as they were; and none is waited for. */
static void
frames_cross_in_batches(void)
{
    struct uring *u;
    int err;

    u = uring_new(&err);
    if (!u) {
        printf("    (no io_uring here: %s)\n", strerror(-err));
        return;
    }
    uring_free(u);
    open_tap();
    CHECK_EQ(tap_batches(w.tap), 0);
    CHECK_EQ(there_and_back(), 0);
    close(w.fd[1]);
    CHECK(tap_poll(w.tap, 30) < 0); /* the device is gone */
    w.fd[1] = dup(w.fd[0]);
    close_tap();
}

/* From now on this system call fails in this process. */
static bool
forbid(unsigned call, int error)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog filter = {LW_COUNT(steps), steps};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* What a kernel without it says, and one that does not allow it: then each
 * frame crosses alone. */
static void
frames_cross_without(void)
{
    static const int errors[] = {ENOSYS, EPERM};

    for (unsigned i = 0; i < LW_COUNT(errors); i++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0) {
            open_tap();
            if (!forbid(SYS_io_uring_setup, errors[i]))
                check_leave(77);
            check_leave(
                tap_batches(w.tap) == -errors[i] && there_and_back() == 0 ? 0
                                                                          : 1);
        }
        CHECK_EQ(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            printf("    (no seccomp here: nothing can be forbidden)\n");
        else
            CHECK_EQ(status, 0);
    }
}

/* A ring with which FRAMES have crossed fails for good, while some come or
 * while some leave: do these and all after them cross once, in order? */
static bool
outlives_the_ring(bool at_reading)
{
    uint8_t bytes[200];
    bool good = there_and_back() == 0;

    w.came = 0;
    if (!forbid(SYS_io_uring_enter, EPERM))
        check_leave(77);
    if (at_reading) {
        for (unsigned i = 0; i < 2; i++)
            good &= send(w.fd[1], bytes, frame(i, bytes), 0) > 0;
        good &= tap_poll(w.tap, 30) == 2 && w.came == 2 && w.wrong == 0;
        w.came = 0;
    }
    return good && there_and_back() == 0;
}

static void
frames_outlive_the_ring(void)
{
    for (int at_reading = 0; at_reading < 2; at_reading++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0) {
            open_tap();
            if (tap_batches(w.tap) != 0)
                check_leave(77);
            check_leave(!outlives_the_ring(at_reading));
        }
        CHECK_EQ(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            printf("    (no io_uring or no seccomp here)\n");
        else
            CHECK_EQ(status, 0);
    }
}

/* No memory for a frame: it is counted and gone, and the next one comes. */
static void
frames_without_memory(void)
{
    struct pkt *all[300];
    uint8_t bytes[200];

    for (int batches = 0; batches < 2; batches++) {
        open_tap();
        if (batches && tap_batches(w.tap) != 0)
            printf("    (no io_uring here)\n");
        for (unsigned i = 0; i < LW_COUNT(all); i++)
            all[i] = pkt_new(w.env.pool, 0, 1);
        CHECK(send(w.fd[1], bytes, frame(0, bytes), 0) > 0);
        tap_poll(w.tap, 1);
        CHECK_EQ(w.came, 0);
        CHECK(w.env.drops[DROP_NO_MEMORY] > 0);
        for (unsigned i = 0; i < LW_COUNT(all); i++)
            pkt_free(all[i]);
        CHECK(send(w.fd[1], bytes, frame(0, bytes), 0) > 0);
        CHECK_EQ(tap_poll(w.tap, 1), 1);
        CHECK_EQ(w.came, 1);
        CHECK_EQ(w.wrong, 0);
        close_tap();
    }
}

/* What still waits to leave is freed with the card. */
static void
frames_that_wait_are_freed(void)
{
    struct pkt *p;

    open_tap();
    if (tap_batches(w.tap) == 0) {
        for (unsigned i = 0; i < 3; i++) {
            p = pkt_new(w.env.pool, PKT_HEADROOM, 60);
            memset(pkt_put(p, 60), 0, 60);
            w.dev.xmit(&w.dev, p);
        }
        CHECK_EQ(pkt_pool_used(w.env.pool), 3);
    }
    close_tap(); /* which asserts that all are back */
    tap_free(NULL);
}

static CU_TestInfo cases[] = {TEST(frames_cross_in_batches),
    TEST(frames_cross_without), TEST(frames_outlive_the_ring),
    TEST(frames_without_memory), TEST(frames_that_wait_are_freed),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_uring = {.pName = "uring", .pTests = cases};
