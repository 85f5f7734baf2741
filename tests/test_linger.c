/*
 * test_linger.c: SO_LINGER with a time (socket(7)): close(2) waits until the
 * peer has acknowledged everything and the FIN, but no longer than that; what
 * is left then goes on by itself. 0 s, which resets, is in test_every_state.c.
 */
#include "check.h"
#include "net_programs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

enum {
    MUCH = 200000 /* more than the reader's window */
};

static struct net net;
static uint8_t bytes[MUCH];
static int64_t took_ms; /* the close */
static int64_t asleep_ms;
static size_t came;
static bool ended; /* the reader saw the end */

static void
setup(void)
{
    net_pair(&net, 1);
    took_ms = -1;
    came = 0;
    ended = false;
}

static void
teardown(void)
{
    net_close(&net);
}

/* Accepts, with a small window, sleeps, and then reads to the end. */
static int
reader(struct proc *p, int argc, char **argv)
{
    struct timespec nap = {asleep_ms / 1000, asleep_ms % 1000 * LW_MS};
    struct sockaddr_in in = net_at(NULL, 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), c, small = 10000;
    static uint8_t buf[10000];
    ssize_t n;

    (void)argc, (void)argv;
    sys_setsockopt(p, fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    CHECK_EQ(sys_bind(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_listen(p, fd, 1), 0);
    c = sys_accept4(p, fd, NULL, NULL, 0);
    sys_nanosleep(p, &nap);
    while ((n = sys_read(p, c, buf, sizeof buf)) > 0)
        came += (size_t)n;
    ended = n == 0;
    return 0;
}

/* Writes all at once and closes; argv[1]: how long it is ready to wait. */
static int
writer(struct proc *p, int argc, char **argv)
{
    struct linger linger = {1, argv[1][0] - '0'};
    struct sockaddr_in in = net_at("10.0.0.2", 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), room = MUCH;
    int64_t before;

    (void)argc;
    sys_setsockopt(p, fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    CHECK_EQ(
        sys_setsockopt(p, fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger),
        0);
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_write(p, fd, bytes, MUCH), MUCH);
    if (argv[1][1] == 'n')
        CHECK_EQ(sys_fcntl(p, fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    before = net_now(&net).ns / LW_MS;
    CHECK_EQ(sys_close(p, fd), 0);
    took_ms = net_now(&net).ns / LW_MS - before;
    return 0;
}

static void
play(const char *linger, int64_t reader_sleeps_ms)
{
    char seconds[8];
    char *argv[] = {"writer", seconds, NULL};

    asleep_ms = reader_sleeps_ms;
    strcpy(seconds, linger);
    net_start(net.b, "reader", reader);
    kernel_start(host_kernel(net.a), "writer", writer, 2, argv);
    net_run(&net, 60 * LW_S);
    CHECK_EQ(came, MUCH); /* whatever close has waited for */
    CHECK(ended);
}

static void
waits_until_all_is_acknowledged(void)
{
    play("5", 2000);
    CHECK(took_ms >= 1900 && took_ms < 4000);
}

static void
waits_no_longer_than_that(void)
{
    play("3", 20000);
    CHECK_EQ(took_ms, 3000);
}

static void
waits_though_the_socket_never_does(void)
{
    play("5n", 2000);
    CHECK(took_ms >= 1900 && took_ms < 4000);
}

static CU_TestInfo cases[] = {
    TEST(waits_until_all_is_acknowledged),
    TEST(waits_no_longer_than_that),
    TEST(waits_though_the_socket_never_does),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_linger = {.pName = "linger",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
