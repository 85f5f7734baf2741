/*
 * test_route.c: the routing table: is its tree right, is it fast however
 * large it is, and what do routes do that refuse?
 */
#include "route.h"
#include "check.h"
#include "craft.h"
#include "net.h"
#include "net_fixture.h"
#include "rng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MANY 20000

static struct net net;
static struct routes table;
static struct route list[MANY]; /* the same routes, in a row */
static unsigned nlist;

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
    routes_free(&table);
    nlist = 0;
}

/* The answer by looking at each route, as the definition says. */
static const struct route *
slow_find(struct ipv4 dst)
{
    const struct route *best = NULL;

    for (unsigned i = 0; i < nlist; i++) {
        const struct route *r = &list[i];

        if (((r->dst.v ^ dst.v) & ipv4_mask(r->prefix).v) != 0)
            continue;
        if (!best || r->prefix > best->prefix ||
            (r->prefix == best->prefix && r->metric < best->metric))
            best = r;
    }
    return best;
}

static bool
same(const struct route *a, const struct route *b)
{
    return (!a && !b) || (a && b && a->gateway.v == b->gateway.v &&
                             a->prefix == b->prefix && a->metric == b->metric);
}

/* A route like no other: the gateway is its number. Prefixes crowd together,
 * so that they nest and fork. */
static struct route
random_route(struct rng *rng, uint32_t number)
{
    struct route r = {.prefix = (unsigned)rng_below(rng, 33),
        .metric = (uint32_t)rng_below(rng, 4),
        .gateway = {number}};

    r.dst.v = (uint32_t)rng_u64(rng) & 0xc003c0ffu & ipv4_mask(r.prefix).v;
    return r;
}

static bool
has_twin(const struct route *r)
{
    for (unsigned i = 0; i < nlist; i++)
        if (list[i].prefix == r->prefix && list[i].dst.v == r->dst.v &&
            list[i].metric == r->metric)
            return true;
    return false;
}

static void
ask_and_compare(struct rng *rng, unsigned times, unsigned *wrong)
{
    for (unsigned i = 0; i < times; i++) {
        struct ipv4 dst = {(uint32_t)rng_u64(rng) & 0xc003c0ffu};

        if (i % 2 && nlist) /* near one that is there */
            dst.v =
                list[rng_below(rng, nlist)].dst.v ^ 1u << rng_below(rng, 32);
        *wrong += !same(route_find(&table, dst), slow_find(dst));
        *wrong += !same(route_find(&table, dst), slow_find(dst)); /* cached */
        *wrong += route_steps(&table, dst) > 33;
    }
}

static void
the_tree_is_right(void)
{
    unsigned wrong = 0;
    struct rng rng;

    for (uint64_t seed = 0; seed < 30; seed++) {
        rng_init(&rng, seed, "routes");
        for (uint32_t i = 1; i <= 200; i++) { /* they come and go */
            struct route r = random_route(&rng, i);

            if (!has_twin(&r)) {
                list[nlist++] = r;
                wrong += route_add(&table, &r) != 0;
            }
            if (i % 3 == 0) {
                unsigned k = (unsigned)rng_below(&rng, nlist);

                wrong += route_delete(&table, &list[k]) != 0;
                list[k] = list[--nlist];
            }
            ask_and_compare(&rng, 10, &wrong);
        }
        CHECK_EQ(table.count, nlist);
        while (nlist > 0) {
            wrong += route_delete(&table, &list[--nlist]) != 0;
            wrong += route_delete(&table, &list[nlist]) != -ESRCH;
            ask_and_compare(&rng, 2, &wrong);
        }
        CHECK(table.root == NULL); /* no node is left over */
    }
    CHECK_EQ(wrong, 0);
}

/* Twenty thousand routes of which most are /16 to /24, as in a table of the
 * Internet: how many nodes does a lookup look at? */
static void
a_large_table_costs_little(void)
{
    unsigned steps[2] = {0, 0}, wrong = 0;
    struct rng rng;

    rng_init(&rng, 7, "large");
    for (uint32_t i = 1; i <= MANY; i++) {
        struct route r = {
            .prefix = 16 + (unsigned)rng_below(&rng, 9), .gateway = {i}};

        r.dst.v = (uint32_t)rng_u64(&rng) & ipv4_mask(r.prefix).v;
        if (i == MANY / 100 || i == MANY)
            for (int n = 0; n < 1000; n++)
                steps[i == MANY] +=
                    route_steps(&table, (struct ipv4){(uint32_t)rng_u64(&rng)});
        list[nlist++] = r;
        CHECK_EQ(route_add(&table, &r), 0);
    }
    for (int i = 0; i < 500; i++) {
        struct ipv4 dst = {list[rng_below(&rng, nlist)].dst.v | 1};
        const struct route *a = route_find(&table, dst), *b = slow_find(dst);

        wrong += !a || !b || a->prefix != b->prefix;
    }
    CHECK_EQ(wrong, 0);
    /* A hundred times as many routes: not even three times the nodes. */
    CHECK(steps[1] < 3 * steps[0]);
    CHECK(steps[1] < 1000 * 25);
}

/* --- in a host ----------------------------------------------------------- */

static int
add(struct host *h, const char *dst, unsigned prefix, uint32_t metric,
    enum route_type type, const char *gateway)
{
    struct route r = {.dst = net_ip(dst),
        .prefix = prefix,
        .metric = metric,
        .type = type,
        .gateway = net_ip(gateway)};

    return ip_add_route_like(host_ip(h), &r);
}

static void
the_smaller_metric_wins(void)
{
    struct ip *ip;

    net_bare(&net, 1, false);
    ip = host_ip(net.a);
    CHECK_EQ(add(net.a, "192.0.2.0", 24, 20, ROUTE_UNICAST, "10.0.0.2"), 0);
    CHECK_EQ(add(net.a, "192.0.2.0", 24, 10, ROUTE_UNICAST, "10.0.0.3"), 0);
    CHECK_EQ(
        add(net.a, "192.0.2.9", 24, 10, ROUTE_UNICAST, "10.0.0.4"), -EEXIST);
    CHECK_EQ(icmp_echo(ip, net_ip("192.0.2.1"), 0, 1, 1, "", 0), 0);
    CHECK_TEXT(recorder_text(recorder_find(&net.rec, EV_ARP_ASK, 0), "ip", 0),
        "10.0.0.3");
    CHECK_EQ(ip_remove_route(ip, net_ip("192.0.2.0"), 24, 10), 0);
    CHECK_EQ(ip_remove_route(ip, net_ip("192.0.2.0"), 24, 10), -ESRCH);
    CHECK_EQ(recorder_count(&net.rec, EV_ROUTE_GONE), 1);
    CHECK_EQ(icmp_echo(ip, net_ip("192.0.2.1"), 0, 1, 1, "", 0), 0);
    CHECK_TEXT(recorder_text(recorder_find(&net.rec, EV_ARP_ASK, 1), "ip", 0),
        "10.0.0.2");
}

/* What ICMP taught goes before all, the greatest metric too. */
static void
what_was_learnt_wins(void)
{
    static const uint32_t metrics[] = {0, 1, UINT32_MAX};

    for (unsigned i = 0; i < LW_COUNT(metrics); i++) {
        struct routes t = {0};
        struct route r = {.prefix = 32, .metric = metrics[i]};

        CHECK_EQ(route_add(&t, &r), 0);
        r.metric = 0;
        r.learnt = true;
        CHECK_EQ(route_add(&t, &r), 0);
        CHECK(route_at(&t, r.dst, 32)->learnt);
        routes_free(&t);
    }
}

static void
routes_that_refuse(void)
{
    static const struct {
        enum route_type type;
        int error;
        const char *told; /* NULL: silence */
    } t[] = {{ROUTE_UNREACHABLE, -EHOSTUNREACH, "host unreachable"},
        {ROUTE_PROHIBIT, -EACCES, "communication prohibited"},
        {ROUTE_BLACKHOLE, -EINVAL, NULL}};
    struct ipv4 src;
    unsigned mtu;

    for (size_t i = 0; i < LW_COUNT(t); i++) {
        net_walk(&net, 1);
        CHECK_EQ(add(net.router, "192.0.2.0", 24, 0, t[i].type, "0.0.0.0"), 0);
        CHECK_EQ(
            ip_source(host_ip(net.router), net_ip("192.0.2.1"), &src, &mtu),
            t[i].error);
        CHECK_EQ(
            icmp_echo(host_ip(net.router), net_ip("192.0.2.1"), 0, 1, 1, "", 0),
            t[i].error);
        CHECK_EQ(
            icmp_echo(host_ip(net.a), net_ip("192.0.2.1"), 0, 1, 1, "", 0), 0);
        net_run(&net, LW_S);
        CHECK_EQ(recorder_drops(&net.rec, "IP_NO_ROUTE"), 1);
        CHECK_TEXT(recorder_text(
                       recorder_find(&net.rec, EV_ICMP_ARRIVE, 0), "type", 0),
            t[i].told ? t[i].told : "");
        net_close(&net);
    }
}

/* An echo request that seems to come from src arrives at a's only card. */
static unsigned
from(const char *src)
{
    struct craft c = {.eth_dst = net.a0->addr,
        .eth_src = NET_PEER_MAC,
        .src = net_ip(src),
        .dst = net_ip("10.0.0.1"),
        .ttl = 64};
    uint8_t frame[CRAFT_ROOM];
    unsigned before = recorder_drops(&net.rec, "IP_SOURCE");

    net_inject(&net, frame, craft_echo(frame, &c, 8));
    return recorder_drops(&net.rec, "IP_SOURCE") - before;
}

/* 10.0.0/24 is behind the card it came from, 10.0.5/24 behind another, and
 * nothing leads to 203.0.113/24 (RFC 3704). */
static void
sources_are_checked_backwards(void)
{
    static const unsigned refused[3][3] = {{0, 0, 0}, {0, 1, 1}, {0, 0, 1}};

    net_bare(&net, 1, true);
    REQUIRE(host_add_netdev(net.a, "eth1", net_ip("10.0.5.1"), 24));
    for (int filter = 0; filter < 3; filter++) {
        CHECK_EQ(sysctl_set(ip_sysctl(host_ip(net.a)),
                     "net.ipv4.conf.all.rp_filter", filter),
            0);
        CHECK_EQ(from("10.0.0.2"), refused[filter][0]);
        CHECK_EQ(from("10.0.5.2"), refused[filter][1]);
        CHECK_EQ(from("203.0.113.2"), refused[filter][2]);
    }
    CHECK_EQ(
        sysctl_set(ip_sysctl(host_ip(net.a)), "net.ipv4.conf.all.rp_filter", 3),
        -EINVAL);
    CHECK_EQ(
        sysctl_set(ip_sysctl(host_ip(net.a)), "net.ipv4.none", 3), -ENOENT);
    net_run(&net, 10 * LW_S);
}

static void
link_local_stays_on_its_link(void)
{
    net_walk(&net, 1);
    CHECK_EQ(
        icmp_echo(host_ip(net.a), net_ip("169.254.1.1"), 0, 1, 1, "", 0), 0);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "IP_DESTINATION"), 1);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 0);
}

static CU_TestInfo cases[] = {
    TEST(the_tree_is_right),
    TEST(a_large_table_costs_little),
    TEST(the_smaller_metric_wins),
    TEST(what_was_learnt_wins),
    TEST(routes_that_refuse),
    TEST(sources_are_checked_backwards),
    TEST(link_local_stays_on_its_link),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_route = {
    .pName = "route", .pTests = cases, .pTearDownFunc = teardown};
