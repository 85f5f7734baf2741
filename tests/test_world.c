/*
 * test_world.c: computers and cables under one clock: the same seed gives
 * the same run, and time leaps only when nothing is left to do.
 */
#include "check.h"
#include "net.h"
#include "net_fixture.h"
#include "sys.h"
#include "udp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct net net;

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
}

static void
ping(struct host *from, const char *to)
{
    CHECK_EQ(icmp_echo(host_ip(from), net_ip(to), 0, 7, 1, "abc", 3), 0);
}

static void
names_and_numbers(void)
{
    const struct event *e;
    struct journal *j;

    net_walk(&net, 42);
    j = world_journal(net.world);
    CHECK_EQ(world_seed(net.world), 42);
    CHECK(world_host(net.world, "router") == net.router);
    CHECK(world_host(net.world, "nobody") == NULL);
    CHECK(world_host_at(net.world, 0) == net.a);
    CHECK(world_host_at(net.world, 2) == net.b);
    CHECK(world_host_at(net.world, 3) == NULL);
    CHECK(world_cable_at(net.world, 1) == net.right);
    CHECK(world_cable_at(net.world, 2) == NULL);
    CHECK(world_add_host(net.world, "a", NULL) == NULL);
    CHECK(host_add_netdev(net.a, "eth0", net_ip("10.9.9.9"), 24) == NULL);
    CHECK_TEXT(host_name(net.b), "b");
    CHECK_TEXT(j->hosts[host_env(net.b)->host], "b");
    CHECK_EQ(recorder_count(&net.rec, EV_WORLD_HOST), 3);
    CHECK_EQ(recorder_count(&net.rec, EV_WORLD_CABLE), 2);
    CHECK_EQ(recorder_count(&net.rec, EV_NETDEV), 3 + 4);
    e = recorder_find(&net.rec, EV_NETDEV, 5); /* 3 x lo, then a, router */
    CHECK_TEXT(recorder_text(e, "if", 0), "eth1");
    CHECK_TEXT(recorder_text(e, "mac", 0), "02:00:00:00:02:02");
    CHECK_TEXT(recorder_text(e, "ip", 0), "10.0.1.1");
    CHECK_EQ(event_u64(e, "prefix", 0), 24);
    world_set_epoch(net.world, 1700000000);
    CHECK_EQ(world_epoch(net.world), 1700000000);
    CHECK_EQ(world_timers(net.world)->epoch, 1700000000);
}

/* A sum over all that was told, in order. */
static uint64_t
digest(void)
{
    struct sipkey key = {{1, 2}};
    uint64_t sum = 0;
    char text[512];

    for (unsigned i = 0; i < net.rec.count; i++) {
        const struct event *e = &net.rec.events[i];
        const struct field *bytes = event_field(e, "bytes");
        uint64_t parts[6] = {sum, e->no, (uint64_t)e->at.ns, e->cause, e->pkt};

        event_text(e, text, sizeof text);
        parts[5] = siphash(key, text, strlen(text));
        if (bytes)
            parts[5] += siphash(key, bytes->at, bytes->len);
        sum = siphash(key, parts, sizeof parts);
    }
    return sum;
}

static void
nothing(void *owner)
{
    (void)owner;
}

static uint64_t
run(uint64_t seed)
{
    struct udp_sock *s;
    uint64_t sum;

    net_walk(&net, seed);
    for (int i = 0; i < 5; i++) {
        ping(net.a, "10.0.1.2");
        ping(net.b, "10.0.0.2");
        CHECK_EQ(udp_open(host_udp(net.a), (struct udp_end){{0}, 0}, nothing,
                     NULL, &s),
            0);
        udp_send(s, "x", 1, (struct udp_end){net_ip("10.0.1.2"), 9});
        net_run(&net, 700 * LW_MS);
    }
    sum = digest();
    net_close(&net);
    return sum;
}

static void
the_same_seed_gives_the_same_run(void)
{
    uint64_t first = run(1);

    CHECK(run(1) == first);
    CHECK(run(2) != first);
}

static void
time_leaps_to_the_next_deadline(void)
{
    struct instant due;

    net_pair(&net, 1);
    CHECK(!world_next(net.world, &due));
    ping(net.a, "10.0.0.2");
    REQUIRE(world_next(net.world, &due));
    CHECK_EQ(due.ns, LW_MS);
    world_run(net.world, (struct instant){LW_MS - 1}, NULL, NULL);
    CHECK_EQ(net_now(&net).ns, LW_MS - 1);
    CHECK_EQ(recorder_count(&net.rec, EV_FRAME_RECEIVED), 0);
    world_run(net.world, (struct instant){LW_MS}, NULL, NULL);
    CHECK_EQ(recorder_count(&net.rec, EV_FRAME_RECEIVED), 1);
    CHECK_EQ(recorder_count(&net.rec, EV_WORLD_END), 0);
    /* Neighbours grow stale, are probed and answer; then all is quiet. */
    world_run(net.world, (struct instant){INT64_MAX}, NULL, NULL);
    CHECK_EQ(recorder_count(&net.rec, EV_WORLD_END), 1);
    CHECK(net_now(&net).ns > 30 * LW_S && net_now(&net).ns < 120 * LW_S);
    CHECK(!world_next(net.world, &due));
}

/* A program that answers one connection on port 7, and one that calls. */
static int
echo_main(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(7)};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    char buf[64];
    ssize_t n;
    int conn;

    (void)argc, (void)argv;
    sys_bind(p, fd, (struct sockaddr *)&at, sizeof at);
    sys_listen(p, fd, 5);
    conn = sys_accept4(p, fd, NULL, NULL, 0);
    while ((n = sys_read(p, conn, buf, sizeof buf)) > 0)
        sys_write(p, conn, buf, (size_t)n);
    return 0;
}

static int
call_main(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(7)};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    char buf[64] = "";

    (void)argc, (void)argv;
    to.sin_addr.s_addr = htonl(0x0a000102);
    if (sys_connect(p, fd, (struct sockaddr *)&to, sizeof to) < 0)
        return 1;
    sys_write(p, fd, "hello", 5);
    return sys_read(p, fd, buf, sizeof buf) == 5 && strcmp(buf, "hello") == 0
               ? 42
               : 2;
}

static void
programs_talk_across_a_router(void)
{
    struct kernel *a, *b;
    int pid;

    net_walk(&net, 1);
    a = host_kernel(net.a);
    b = host_kernel(net.b);
    CHECK(kernel_start(b, "echo", echo_main, 0, NULL) > 0);
    pid = kernel_start(a, "call", call_main, 0, NULL);
    REQUIRE(pid > 0);
    net_run(&net, LW_S);
    CHECK_EQ(kernel_status(a, pid), 42 << 8);
    CHECK_EQ(kernel_alive(a), 0);
    CHECK_EQ(kernel_alive(b), 0);
    CHECK_EQ(recorder_count(&net.rec, EV_DROP), 0);
}

static bool
answered(void *owner)
{
    return recorder_count(owner, EV_ICMP_ARRIVE) == 2;
}

static void
a_run_stops_when_asked(void)
{
    net_walk(&net, 1);
    ping(net.a, "10.0.1.2");
    world_run(net.world, (struct instant){INT64_MAX}, answered, &net.rec);
    CHECK_EQ(net_now(&net).ns, 8 * LW_MS);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 2);
}

static void
a_live_driver_advances(void)
{
    net_pair(&net, 1);
    ping(net.a, "10.0.0.2");
    world_advance(net.world, (struct instant){10 * LW_MS});
    CHECK_EQ(net_now(&net).ns, 10 * LW_MS);
    /* All in between has happened, each at its own time. */
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 2);
    CHECK_EQ(recorder_find(&net.rec, EV_ICMP_ARRIVE, 0)->at.ns, 3 * LW_MS);
    CHECK_EQ(recorder_find(&net.rec, EV_ICMP_ARRIVE, 1)->at.ns, 4 * LW_MS);
}

static void
a_world_ends_with_frames_under_way(void)
{
    net_walk(&net, 1);
    ping(net.a, "10.0.1.2");
    ping(net.a, "10.0.0.2");
    ping(net.a, "127.0.0.1");
    net_run(&net, 3 * LW_MS + 500 * LW_US);
    CHECK(cable_under_way(net.right) > 0);
    CHECK(pkt_pool_used(world_pool(net.world)) > 0);
}

static CU_TestInfo cases[] = {
    TEST(names_and_numbers),
    TEST(the_same_seed_gives_the_same_run),
    TEST(time_leaps_to_the_next_deadline),
    TEST(programs_talk_across_a_router),
    TEST(a_run_stops_when_asked),
    TEST(a_live_driver_advances),
    TEST(a_world_ends_with_frames_under_way),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_world = {
    .pName = "world", .pTests = cases, .pTearDownFunc = teardown};
