/*
 * test_send_room.c: is a writer who found no room told when there is some?
 * Who is told too late is slow; who is never told sleeps for ever, and none
 * of these programs would come to its last word.
 */
#include "check.h"
#include "net_programs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
    MUCH = 300000,
    ROOM = 20000, /* SO_SNDBUF; doubled, the memory that there is */
    FILL = 28000, /* more than two thirds of it, in one buffer of Linux's */
    LOW = 4096    /* TCP_NOTSENT_LOWAT */
};

static struct net net;
static char said[100];
static uint8_t bytes[MUCH];

static void
setup(void)
{
    net_pair(&net, 1);
    said[0] = '\0';
}

static void
teardown(void)
{
    net_close(&net);
}

static int
reader(struct proc *p, int argc, char **argv)
{
    int fd = net_listen(p, 80), c = sys_accept4(p, fd, NULL, NULL, 0);
    static uint8_t buf[10000];

    (void)argc, (void)argv;
    while (sys_read(p, c, buf, sizeof buf) > 0) {
    }
    return 0;
}

/* A connection with one option set. */
static int
connected(struct proc *p, int level, int name, int value)
{
    struct sockaddr_in in = net_at("10.0.0.2", 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

    CHECK_EQ(sys_setsockopt(p, fd, level, name, &value, sizeof value), 0);
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    return fd;
}

static void
play(program_main *writer, const char *want)
{
    net_start(net.b, "reader", reader);
    net_start(net.a, "writer", writer);
    net_run(&net, 60 * LW_S);
    CHECK_TEXT(said, want);
}

/* --- the buffer is exactly full ------------------------------------------ */

static int
fills_it(struct proc *p, int argc, char **argv)
{
    int fd = connected(p, SOL_SOCKET, SO_SNDBUF, ROOM);
    int ep = sys_epoll_create1(p, 0);
    struct epoll_event e = {.events = EPOLLOUT};

    (void)argc, (void)argv;
    CHECK_EQ(sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e), 0);
    CHECK_EQ(sys_write(p, fd, bytes, FILL), FILL); /* all: nobody was short */
    CHECK_EQ(sys_epoll_wait(p, ep, &e, 1, 0), 0);
    CHECK_EQ(sys_epoll_wait(p, ep, &e, 1, -1), 1);
    strcpy(said, "room again");
    return 0;
}

static void
epoll_tells_when_a_brimful_buffer_has_room(void)
{
    play(fills_it, "room again");
}

/* --- TCP_NOTSENT_LOWAT --------------------------------------------------- */

static int
sleeps_in_write(struct proc *p, int argc, char **argv)
{
    int fd = connected(p, IPPROTO_TCP, TCP_NOTSENT_LOWAT, LOW);

    (void)argc, (void)argv;
    CHECK_EQ(sys_write(p, fd, bytes, MUCH), MUCH);
    strcpy(said, "wrote all");
    return 0;
}

static void
a_blocking_writer_gets_past_the_low_mark(void)
{
    play(sleeps_in_write, "wrote all");
}

static int
asks_epoll(struct proc *p, int argc, char **argv)
{
    int fd = connected(p, IPPROTO_TCP, TCP_NOTSENT_LOWAT, LOW);
    int ep = sys_epoll_create1(p, 0), waits = 0;
    struct epoll_event e = {.events = EPOLLOUT | EPOLLET};
    ssize_t done = 0, n;

    (void)argc, (void)argv;
    CHECK_EQ(sys_fcntl(p, fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    CHECK_EQ(sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e), 0);
    while (done < MUCH) {
        int unsent = 0;

        CHECK_EQ(sys_epoll_wait(p, ep, &e, 1, -1), 1);
        CHECK_EQ(sys_ioctl(p, fd, SIOCOUTQNSD, &unsent), 0);
        CHECK(unsent < LOW / 2);
        while ((n = sys_write(p, fd, bytes, (size_t)(MUCH - done))) > 0)
            done += n;
        waits++;
    }
    CHECK(waits > 1);
    strcpy(said, "wrote all");
    return 0;
}

static void
epoll_wakes_below_half_of_the_low_mark(void)
{
    play(asks_epoll, "wrote all");
}

static CU_TestInfo cases[] = {TEST(epoll_tells_when_a_brimful_buffer_has_room),
    TEST(a_blocking_writer_gets_past_the_low_mark),
    TEST(epoll_wakes_below_half_of_the_low_mark), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_send_room = {.pName = "send_room",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
