/*
 * test_growth.c: does a packet cost the same however many connections there
 * are? One connection works among 10, 1,000 and 100,000 that have asked once,
 * were answered, and since then keep their keep-alive timer, and what it
 * costs is counted, not timed: links followed in the tables of connections,
 * places written in the heaps of timers, requests for memory. The memory of
 * an idle connection is what the allocator was asked for, both ends divided
 * by two.
 */
#include "check.h"
#include "faulty.h"
#include "sys.h"
#include "tcp_conn.h"
#include "world.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#define EACH     25000 /* idle connections of one pair of processes */
#define PAIRS    4
#define ROUNDS   500 /* of a question and its answer */
#define QUESTION 64
#define STREAM   (1 << 20)
#define LIMIT    980 /* bytes of an idle connection, all of them together */

/* A program is given only words: here is what it counts into. */
static struct growth {
    struct journal journal;
    struct world *world;
    struct host *client, *server;
    int idle; /* connections of each pair */
    int up;
    struct counted {
        uint64_t packets, probed, moved;
    } before, after;
} g;

static struct sockaddr_in
server_at(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(0x0a000002)};
}

static int
port_of(char **argv)
{
    return atoi(argv[0]);
}

static struct counted
count_now(void)
{
    return (struct counted){g.journal.packets,
        host_tcp(g.client)->probed + host_tcp(g.server)->probed,
        timers_moved(world_timers(g.world))};
}

/* --- programs ------------------------------------------------------------ */

static int
listen_on(struct proc *p, int port)
{
    struct sockaddr_in at = server_at(port);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), one = 1;

    sys_setsockopt(p, fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    CHECK_EQ(sys_bind(p, fd, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_EQ(sys_listen(p, fd, 128), 0);
    return fd;
}

static int
call(struct proc *p, int port)
{
    struct sockaddr_in to = server_at(port);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), one = 1;

    sys_setsockopt(p, fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    if (sys_connect(p, fd, (struct sockaddr *)&to, sizeof to) < 0)
        return -1;
    return fd;
}

/* Answers a question of each that calls, and holds them all for ever. */
static int
holder(struct proc *p, int argc, char **argv)
{
    char text[QUESTION];
    int fd = listen_on(p, port_of(argv));

    (void)argc;
    for (int i = 0; i < g.idle; i++) {
        int with = sys_accept4(p, fd, NULL, NULL, 0);

        g.up += sys_read(p, with, text, QUESTION) == QUESTION &&
                sys_write(p, with, text, QUESTION) == QUESTION;
    }
    sys_accept4(p, fd, NULL, NULL, 0);
    return 0;
}

static int
idler(struct proc *p, int argc, char **argv)
{
    char text[QUESTION] = {0};
    int pipe[2];

    (void)argc;
    for (int i = 0; i < g.idle; i++) {
        int fd = call(p, port_of(argv));

        if (fd < 0 || sys_write(p, fd, text, QUESTION) != QUESTION ||
            sys_read(p, fd, text, QUESTION) != QUESTION)
            return 1;
    }
    sys_pipe2(p, pipe, 0);
    sys_read(p, pipe[0], text, 1);
    return 0;
}

static int
answerer(struct proc *p, int argc, char **argv)
{
    static char text[65536];
    int fd = listen_on(p, port_of(argv));
    ssize_t n;

    (void)argc;
    fd = sys_accept4(p, fd, NULL, NULL, 0);
    for (int i = 0; i < ROUNDS; i++) {
        sys_read(p, fd, text, QUESTION);
        sys_write(p, fd, text, QUESTION);
    }
    do
        n = sys_read(p, fd, text, sizeof text);
    while (n > 0);
    return 0;
}

static int
asker(struct proc *p, int argc, char **argv)
{
    static char text[STREAM];
    int fd = call(p, port_of(argv));

    (void)argc;
    g.before = count_now();
    for (int i = 0; i < ROUNDS; i++) {
        sys_write(p, fd, text, QUESTION);
        if (sys_read(p, fd, text, QUESTION) != QUESTION)
            return 1;
    }
    if (sys_write(p, fd, text, STREAM) != STREAM)
        return 1;
    g.after = count_now();
    return 0;
}

/* --- worlds -------------------------------------------------------------- */

static void
start(struct host *h, program_main *main, const char *name, int port)
{
    char text[8];
    char *argv[] = {text, NULL};

    snprintf(text, sizeof text, "%d", port);
    CHECK(kernel_start(host_kernel(h), name, main, 1, argv) > 0);
}

static void
open_world(int idle)
{
    struct netdev *a, *z;

    g = (struct growth){.idle = idle};
    g.world = world_new(&g.journal, 1);
    REQUIRE(g.world != NULL);
    g.client = world_add_host(g.world, "client", NULL);
    g.server = world_add_host(g.world, "server", NULL);
    a = host_add_netdev(g.client, "eth0", (struct ipv4){0x0a000001}, 24);
    z = host_add_netdev(g.server, "eth0", (struct ipv4){0x0a000002}, 24);
    world_add_cable(g.world,
        &(struct cable_config){
            .name = "wire", .queue = 100000, .delay_ns = LW_MS},
        a, z);
}

static void
run_for(int64_t ns)
{
    world_run(g.world, instant_add(world_timers(g.world)->now, ns), NULL, NULL);
}

struct growth_of {
    double probed, moved, asked; /* a packet */
    double bytes;                /* an idle connection's end */
};

static struct growth_of
measure(int pairs, int each)
{
    struct growth_of of = {0};
    int left, ends = 2 * pairs * each;
    unsigned asked;
    double packets;

    open_world(each);
    faulty_begin(0, false);
    for (int i = 0; i < pairs; i++) {
        start(g.server, holder, "holder", 1000 + i);
        start(g.client, idler, "idler", 1000 + i);
    }
    run_for(900 * LW_S); /* connecting takes 2 ms each, one after the other */
    CHECK_EQ(g.up, pairs * each);
    of.bytes = (double)faulty_held() / ends;
    faulty_end(&left);
    start(g.server, answerer, "answerer", 80);
    run_for(LW_S);
    faulty_begin(0, false);
    start(g.client, asker, "asker", 80);
    run_for(60 * LW_S);
    asked = faulty_end(&left);
    packets = (double)(g.after.packets - g.before.packets);
    CHECK(packets > 2 * ROUNDS);
    of.probed = (double)(g.after.probed - g.before.probed) / packets;
    of.moved = (double)(g.after.moved - g.before.moved) / packets;
    of.asked = asked / packets;
    printf("%d idle, a packet: %.3f links, %.3f places, %.3f requests for "
           "memory; %.0f bytes each; ",
        pairs * each, of.probed, of.moved, of.asked, of.bytes);
    world_free(g.world);
    return of;
}

/* Does a packet cost the same with 10, 1,000 and 100,000 idle connections? */
static void
a_packet_costs_the_same(void)
{
    struct growth_of few = measure(1, 10);
    struct growth_of some = measure(1, 1000);
    struct growth_of many = measure(PAIRS, EACH);

    CHECK(some.probed <= few.probed + 0.05);
    CHECK(many.probed <= few.probed + 0.05);
    CHECK(some.moved <= few.moved * 1.05);
    CHECK(many.moved <= few.moved * 1.05);
    CHECK(some.asked <= few.asked * 1.05);
    CHECK(many.asked <= few.asked * 1.05);
    CHECK(many.bytes <= LIMIT);
}

static CU_TestInfo cases[] = {
    TEST(a_packet_costs_the_same),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_growth = {.pName = "growth", .pTests = cases};
