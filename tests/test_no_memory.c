/*
 * test_no_memory.c: what if there is no memory just now? Two computers talk
 * by TCP, by UDP in one piece and in several, through a pipe, a Unix socket
 * and epoll; then the same again with the first request for memory refused,
 * with the second, and so on. Something may fail, but nothing may break:
 * no crash, no leak, and all that was asked for properly ends.
 *
 * The one exception is documented in timer.h: the heap of timers has its
 * memory from the beginning here.
 */
#include "check.h"
#include "faulty.h"
#include "net_fixture.h"
#include "sys.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static unsigned good; /* conversations that went well */

static struct sockaddr_in
at(uint32_t ip, unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(ip)};
}

static int
answer_once(struct proc *p, void *arg)
{
    int fd = *(const int *)arg;
    char buf[64];
    ssize_t n = sys_read(p, fd, buf, sizeof buf);

    if (n > 0)
        sys_write(p, fd, buf, (size_t)n);
    return 0;
}

static int
tcp_server(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = at(0, 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), c;

    (void)argc, (void)argv;
    if (fd < 0 || sys_bind(p, fd, (void *)&in, sizeof in) ||
        sys_listen(p, fd, 8))
        return 1;
    while ((c = sys_accept4(p, fd, NULL, NULL, 0)) >= 0) {
        if (sys_clone(p, answer_once, &c) < 0)
            answer_once(p, &c);
        else
            sys_wait4(p, -1, NULL, 0);
        sys_close(p, c);
    }
    return 1;
}

static int
udp_server(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = at(0, 53), from;
    socklen_t len = sizeof from;
    int fd = sys_socket(p, AF_INET, SOCK_DGRAM, 0);
    char buf[4000];
    ssize_t n;

    (void)argc, (void)argv;
    if (fd < 0 || sys_bind(p, fd, (void *)&in, sizeof in))
        return 1;
    while (
        (n = sys_recvfrom(p, fd, buf, sizeof buf, 0, (void *)&from, &len)) >= 0)
        sys_sendto(p, fd, buf, (size_t)n, 0, (void *)&from, len);
    return 1;
}

/* Is there something to read within a second? */
static bool
readable(struct proc *p, int fd)
{
    struct epoll_event e = {.events = EPOLLIN};
    int ep = sys_epoll_create1(p, 0);
    bool is = ep >= 0 && sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e) == 0 &&
              sys_epoll_wait(p, ep, &e, 1, 1000) == 1;

    sys_close(p, ep);
    return is;
}

static void
ask(struct proc *p, int type, unsigned port, size_t n)
{
    struct sockaddr_in to = at(0x0a000002, port);
    int fd = sys_socket(p, AF_INET, type, 0);
    char buf[4000] = "question";

    if (fd >= 0 && sys_connect(p, fd, (void *)&to, sizeof to) == 0 &&
        sys_sendto(p, fd, buf, n, MSG_NOSIGNAL, NULL, 0) == (ssize_t)n &&
        readable(p, fd) && sys_read(p, fd, buf, sizeof buf) == (ssize_t)n)
        good++;
    sys_close(p, fd);
}

/* Bytes to ourselves: pipe and Unix socket. */
static void
ask_inside(struct proc *p, const int fds[2])
{
    char buf[8];

    if (sys_write(p, fds[1], "inside", 6) == 6 && readable(p, fds[0]) &&
        sys_read(p, fds[0], buf, sizeof buf) == 6)
        good++;
    sys_close(p, fds[0]);
    sys_close(p, fds[1]);
}

static int
client(struct proc *p, int argc, char **argv)
{
    int fds[2];

    (void)argc, (void)argv;
    ask(p, SOCK_STREAM, 80, 20);
    ask(p, SOCK_DGRAM, 53, 20);
    ask(p, SOCK_DGRAM, 53, 3500); /* in three pieces */
    ask(p, SOCK_DGRAM, 9, 20);    /* nobody there */
    if (sys_pipe2(p, fds, 0) == 0)
        ask_inside(p, fds);
    if (sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, fds) == 0)
        ask_inside(p, fds);
    return 0;
}

static bool
build(struct world *w)
{
    struct cable_config config = {.name = "wire", .delay_ns = LW_MS};
    struct host *a = world_add_host(w, "a", NULL);
    struct host *b = world_add_host(w, "b", NULL);
    struct netdev *a0 =
        a ? host_add_netdev(a, "eth0", (struct ipv4){0x0a000001}, 24) : NULL;
    struct netdev *b0 =
        b ? host_add_netdev(b, "eth0", (struct ipv4){0x0a000002}, 24) : NULL;
    char *argv[] = {"program", NULL};

    if (!a0 || !b0 || !world_add_cable(w, &config, a0, b0))
        return false;
    kernel_start(host_kernel(b), "tcp", tcp_server, 1, argv);
    kernel_start(host_kernel(b), "udp", udp_server, 1, argv);
    kernel_start(host_kernel(a), "client", client, 1, argv);
    return true;
}

/* One life with the nth request refused. How many there were. */
static unsigned
live(unsigned nth, bool for_ever, int *left)
{
    struct journal journal;
    struct world *w;

    good = 0;
    faulty_begin(nth, for_ever);
    w = world_new(&journal, 1);
    if (w) {
        faulty_spare(true);
        faulty_warm(w);
        faulty_spare(false);
        if (build(w))
            world_run(w, (struct instant){30 * LW_S}, NULL, NULL);
        world_free(w);
    }
    return faulty_end(left);
}

/* Every place where memory can run out, for a moment or for ever. */
static void
refuse_each(bool for_ever)
{
    unsigned asked, failed = 0;
    int left;

    asked = live(0, false, &left);
    CHECK_EQ(good, 5);
    CHECK_EQ(left, 0);
    CHECK(asked > 50);
    for (unsigned n = 1; n <= asked; n++) {
        live(n, for_ever, &left);
        if (!CHECK_EQ(left, 0))
            printf("    the request refused was number %u\n", n);
        failed += good < 5;
    }
    CHECK(failed > asked / 2); /* it does refuse */
}

static void
one_request_is_refused(void)
{
    refuse_each(false);
}

static void
no_memory_from_then_on(void)
{
    refuse_each(true);
}

static CU_TestInfo cases[] = {
    TEST(one_request_is_refused),
    TEST(no_memory_from_then_on),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_no_memory = {.pName = "no_memory", .pTests = cases};
