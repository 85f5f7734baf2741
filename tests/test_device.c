/*
 * test_device.c: sockets that are bound to one of several cards, on a router
 * with eth0 towards a and eth1 towards b. What the calls answer, and what
 * happens with one card, is compared with Linux in test_same_as_linux.c and
 * test_every_state.c.
 */
#include "bytes.h"
#include "check.h"
#include "ip.h"
#include "net_fixture.h"
#include "sum.h"
#include "sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum {
    PORT = 7000
};

static struct net net;
static char heard[256];

static void
setup(void)
{
    heard[0] = '\0';
    net_walk(&net, 1);
}

static void
teardown(void)
{
    net_close(&net);
}

static struct sockaddr_in
at(const char *ip)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};

    inet_pton(AF_INET, ip, &in.sin_addr);
    return in;
}

static int
bound(struct proc *p, int type, const char *card)
{
    int fd = sys_socket(p, AF_INET, type, 0);

    if (card)
        CHECK_EQ(sys_setsockopt(p, fd, SOL_SOCKET, SO_BINDTODEVICE, card,
                     (socklen_t)strlen(card)),
            0);
    return fd;
}

static void
hear(const char *who, const char *what, ssize_t n)
{
    size_t used = strlen(heard);

    snprintf(heard + used, sizeof heard - used, "%s:%.*s ", who,
        n > 0 ? (int)n : 0, what);
}

/* --- UDP ----------------------------------------------------------------- */

static int
hears_by_card(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = at("0.0.0.0"), far = at("10.0.0.2");
    int eth0 = bound(p, SOCK_DGRAM, "eth0"), eth1, none;
    char buf[16];

    (void)argc, (void)argv;
    CHECK_EQ(sys_bind(p, eth0, (void *)&any, sizeof any), 0);
    eth1 = bound(p, SOCK_DGRAM, "eth1");
    CHECK_EQ(sys_bind(p, eth1, (void *)&any, sizeof any), 0);
    none = bound(p, SOCK_DGRAM, NULL);
    CHECK_EQ(sys_bind(p, none, (void *)&any, sizeof any), -EADDRINUSE);
    for (int i = 0; i < 2; i++) {
        hear("eth0", buf, sys_read(p, eth0, buf, sizeof buf));
        hear("eth1", buf, sys_read(p, eth1, buf, sizeof buf));
    }
    /* Whatever the routes say, this one leaves by eth1, where nobody is. */
    CHECK_EQ(sys_sendto(p, eth1, "lost", 4, 0, (void *)&far, sizeof far), 4);
    CHECK_EQ(sys_sendto(p, eth0, "found", 5, 0, (void *)&far, sizeof far), 5);
    return 0;
}

static int
sends_to_the_router(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = at(argv[1]), any = at("0.0.0.0");
    int fd = bound(p, SOCK_DGRAM, NULL);
    char buf[16];

    (void)argc;
    CHECK_EQ(sys_bind(p, fd, (void *)&any, sizeof any), 0);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(sys_sendto(p, fd, argv[0], 1, 0, (void *)&to, sizeof to), 1);
    hear(argv[0], buf, sys_read(p, fd, buf, sizeof buf));
    return 0;
}

static void
start(struct host *h, program_main *main, const char *name, const char *arg)
{
    char own[16], to[16];
    char *argv[] = {own, to, NULL};

    snprintf(own, sizeof own, "%s", name);
    snprintf(to, sizeof to, "%s", arg);
    kernel_start(host_kernel(h), name, main, 2, argv);
}

static void
datagrams_are_heard_and_leave_by_their_card(void)
{
    const struct event *e;
    unsigned astray = 0;

    start(net.router, hears_by_card, "router", "");
    start(net.b, sends_to_the_router, "b", "10.0.1.1");
    net_run(&net, 100 * LW_MS);
    CHECK_TEXT(heard, ""); /* eth0 has heard nothing, and is waited for */
    /* a names the router by its other card: it still comes by eth0. */
    start(net.a, sends_to_the_router, "a", "10.0.1.1");
    net_run(&net, 5 * LW_S);
    CHECK_TEXT(heard, "eth0:a eth1:b eth0:a eth1:b a:found ");
    for (unsigned i = 0; (e = recorder_find(&net.rec, EV_ARP_ASK, i)); i++)
        astray += strcmp(recorder_text(e, "ip", 0), "10.0.0.2") == 0 &&
                  strcmp(recorder_text(e, "from_ip", 1), "10.0.1.1") == 0;
    CHECK(astray > 0);
}

/* --- TCP ----------------------------------------------------------------- */

static int
listens_by_card(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = at("0.0.0.0");
    int l = bound(p, SOCK_STREAM, "eth1"), c;
    char is[16], buf[16];
    socklen_t len = sizeof is;

    (void)argc, (void)argv;
    CHECK_EQ(sys_bind(p, l, (void *)&any, sizeof any), 0);
    CHECK_EQ(sys_listen(p, l, 5), 0);
    c = sys_accept4(p, l, NULL, NULL, 0);
    CHECK_EQ(sys_getsockopt(p, c, SOL_SOCKET, SO_BINDTODEVICE, is, &len), 0);
    CHECK_TEXT(is, "eth1");
    hear("eth1", buf, sys_read(p, c, buf, sizeof buf));
    return 0;
}

static int
listens_to_the_rest(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = at("0.0.0.0");
    int l = bound(p, SOCK_STREAM, "eth0"), c;
    char buf[16];

    (void)argc, (void)argv;
    CHECK_EQ(sys_bind(p, l, (void *)&any, sizeof any), 0);
    CHECK_EQ(sys_listen(p, l, 5), 0);
    c = sys_accept4(p, l, NULL, NULL, 0);
    hear("eth0", buf, sys_read(p, c, buf, sizeof buf));
    return 0;
}

static int
calls_the_router(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = at(argv[1]);
    int fd = bound(p, SOCK_STREAM, NULL);
    int ret = sys_connect(p, fd, (void *)&to, sizeof to);

    (void)argc;
    if (ret)
        hear(argv[0], "refused", ret == -ECONNREFUSED ? 7 : 0);
    else
        CHECK_EQ(sys_write(p, fd, argv[0], 1), 1);
    return 0;
}

static void
callers_meet_the_listener_of_their_card(void)
{
    start(net.router, listens_by_card, "router", "");
    start(net.a, calls_the_router, "a", "10.0.0.1");
    net_run(&net, LW_S);
    CHECK_TEXT(heard, "a:refused ");
    heard[0] = '\0';
    start(net.router, listens_to_the_rest, "router", "");
    start(net.a, calls_the_router, "a", "10.0.0.1");
    net_run(&net, LW_S);
    start(net.b, calls_the_router, "b", "10.0.0.1");
    net_run(&net, LW_S);
    CHECK_TEXT(heard, "eth0:a eth1:b ");
}

static int
calls_by_card(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = at("10.0.1.2");
    struct timeval soon = {2, 0};
    int fd;

    (void)argc;
    fd = bound(p, SOCK_STREAM, argv[1]);
    sys_setsockopt(p, fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    hear(argv[1], "", 0);
    hear("called",
        sys_connect(p, fd, (void *)&to, sizeof to) == -ECONNREFUSED ? "b" : "-",
        1);
    return 0;
}

/* Nobody listens at b: who reaches it is refused. */
static void
calls_leave_by_their_card(void)
{
    start(net.router, calls_by_card, "router", "eth1");
    net_run(&net, LW_S);
    start(net.router, calls_by_card, "router", "eth0");
    net_run(&net, 10 * LW_S);
    CHECK_TEXT(heard, "eth1: called:b eth0: called:- ");
}

/* --- one caller, two cards ----------------------------------------------- */

static int
hears_twice(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = at("0.0.0.0");
    int l = bound(p, SOCK_STREAM, argv[1]), on = 1, c;
    struct timespec long_time = {3, 0};
    char buf[16];

    (void)argc;
    sys_setsockopt(p, l, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    CHECK_EQ(sys_bind(p, l, (void *)&any, sizeof any), 0);
    CHECK_EQ(sys_listen(p, l, 5), 0);
    c = sys_accept4(p, l, NULL, NULL, 0);
    for (int i = 0; i < 2; i++)
        hear(argv[0], buf, sys_read(p, c, buf, sizeof buf));
    sys_nanosleep(p, &long_time);
    return 0;
}

/* The same, bound to no card; it comes first. */
static int
hears_whoever_comes(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = at("0.0.0.0");
    int l = bound(p, SOCK_STREAM, NULL), on = 1;
    struct timespec long_time = {3, 0};

    (void)argc, (void)argv;
    sys_setsockopt(p, l, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    CHECK_EQ(sys_bind(p, l, (void *)&any, sizeof any), 0);
    CHECK_EQ(sys_listen(p, l, 5), 0);
    CHECK(sys_accept4(p, l, NULL, NULL, 0) >= 0);
    sys_nanosleep(p, &long_time);
    return 0;
}

static int
says_two_words(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = at(argv[1]), own = at("0.0.0.0");
    struct timespec second = {1, 0};
    int fd = bound(p, SOCK_STREAM, NULL);

    (void)argc;
    CHECK_EQ(sys_bind(p, fd, (void *)&own, sizeof own), 0);
    CHECK_EQ(sys_connect(p, fd, (void *)&to, sizeof to), 0);
    CHECK_EQ(sys_write(p, fd, "one", 3), 3);
    sys_nanosleep(p, &second);
    CHECK_EQ(sys_write(p, fd, "two", 3), 3);
    sys_nanosleep(p, &second);
    return 0;
}

/* A SYN from b, which says that it is from a, port PORT. */
static void
forge_syn(void)
{
    struct pkt *p = pkt_new(world_pool(net.world), PKT_HEADROOM, 20);
    struct ip_out out = {.src = net_ip("10.0.0.2"),
        .dst = net_ip("10.0.0.1"),
        .protocol = IP_TCP};
    struct writer w = writer_of(pkt_put(p, 20), 20);

    put_be16(&w, PORT);
    put_be16(&w, PORT);
    put_be32(&w, 1);
    put_be32(&w, 0);
    put_be16(&w, 0x5002);
    put_be16(&w, 1000);
    put_be32(&w, 0);
    w = writer_of(p->data + 16, 2);
    put_be16(&w, sum_fold(sum_add(
                     sum_pseudo(out.src, out.dst, IP_TCP, 20), p->data, 20)));
    CHECK_EQ(ip_output(host_ip(net.b), p, &out), 0);
}

/* Between two words that `a` says by eth0, eth1 brings its name with a SYN. */
static void
cut_in(void)
{
    net_run(&net, LW_MS);
    start(net.a, says_two_words, "a", "10.0.0.1");
    net_run(&net, LW_S / 2);
    CHECK_TEXT(heard, "eth0:one ");
    forge_syn();
    start(net.b, calls_the_router, "b", "10.0.0.1"); /* looked up last */
}

/* What comes by the other card, under the same names, is something else. */
static void
nobody_cuts_in_by_the_other_card(void)
{
    start(net.router, hears_twice, "eth0", "eth0");
    start(net.router, hears_twice, "eth1", "eth1");
    cut_in();
    net_run(&net, 5 * LW_S);
    CHECK_TEXT(heard, "eth0:one eth1:b eth1: eth0:two ");
}

static void
nor_where_all_cards_are_heard(void)
{
    start(net.router, hears_whoever_comes, "any", "");
    start(net.router, hears_twice, "eth0", "eth0");
    cut_in();
    net_run(&net, 2 * LW_S);
    CHECK_TEXT(heard, "eth0:one eth0:two ");
}

static CU_TestInfo cases[] = {
    TEST(nobody_cuts_in_by_the_other_card),
    TEST(nor_where_all_cards_are_heard),
    TEST(datagrams_are_heard_and_leave_by_their_card),
    TEST(callers_meet_the_listener_of_their_card),
    TEST(calls_leave_by_their_card),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_device = {.pName = "device",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
