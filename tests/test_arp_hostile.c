/*
 * test_arp_hostile.c: what strangers on the link can do to a neighbour
 * table: lies, floods, and packets for nobody.
 */
#include "arp_fixture.h"
#include "check.h"
#include "craft.h"
#include "net.h"

#include <string.h>

static struct net net;

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
}

static void
only_so_many_packets_wait(void)
{
    unsigned sent = 0;

    net_bare(&net, 1, false);
    /* Linux's default is enough for the pieces of a datagram of 64 KiB. */
    for (; sent < 45; sent++)
        arp_ping(net.a, "10.0.0.2");
    CHECK_EQ(recorder_drops(&net.rec, "QUEUE_FULL"), 0);
    for (; !recorder_drops(&net.rec, "QUEUE_FULL") && sent < 10000; sent++)
        arp_ping(net.a, "10.0.0.2");
    CHECK_EQ(recorder_drops(&net.rec, "QUEUE_FULL"), 1);
    CHECK(sent > 60 && sent < 1000);
    net_forget(&net);
    arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(net.nsent, sent - 1);
    net_forget(&net);
    /* The oldest went: the first that leaves is the second that came. */
    ip_sysctl(host_ip(net.a))->unres_qlen_bytes = 0;
    arp_ping(net.a, "10.0.0.3");
    arp_ping(net.a, "10.0.0.3");
    CHECK_EQ(recorder_drops(&net.rec, "QUEUE_FULL"), 2); /* the latest waits */
}

static void
unasked_answers_teach_nothing(void)
{
    struct mac mac;

    net_bare(&net, 1, false);
    arp_inject(&net, 2, "10.0.0.2", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
    arp_ping(net.a, "10.0.0.2");
    arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    arp_inject(&net, 2, "10.0.0.2", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", &mac), ARP_REACHABLE);
    CHECK(mac_eq(mac, NET_PEER_MAC));
    CHECK_EQ(recorder_drops(&net.rec, "ARP_UNASKED"), 2);
}

static void
our_address_is_claimed(void)
{
    net_bare(&net, 1, false);
    arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.1");
    arp_inject(&net, 2, "10.0.0.1", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_CONFLICT), 2);
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
    CHECK_EQ(net.nsent, 1); /* defended, once */
}

static void
questions_are_answered_but_not_all_remembered(void)
{
    struct craft c = {.eth_dst = NET_PEER_MAC};
    uint8_t want[CRAFT_ROOM];

    net_bare(&net, 1, false);
    c.eth_src = net.a0->addr;
    c.src = net_ip("10.0.0.1");
    c.dst = net_ip("10.0.0.2");
    arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    REQUIRE(net.nsent == 1);
    CHECK_EQ(net.sent[0].len, craft_arp(want, &c, 2, NET_PEER_MAC));
    CHECK_MEM(net.sent[0].bytes, want, 42);
    CHECK_EQ(arp_count(arp_of(net.a0)), 1);
    arp_inject(&net, 1, "0.0.0.0", OTHER_MAC, "10.0.0.1");   /* a probe */
    arp_inject(&net, 1, "192.0.2.1", OTHER_MAC, "10.0.0.1"); /* a stranger */
    CHECK_EQ(net.nsent, 3);
    arp_inject(&net, 1, "10.0.0.3", OTHER_MAC, "10.0.0.4"); /* not for us */
    CHECK_EQ(net.nsent, 3);
    CHECK_EQ(arp_count(arp_of(net.a0)), 1);
}

static void
malformed_messages_are_refused(void)
{
    static const struct {
        uint8_t at, value;
    } lies[] = {{15, 2}, {16, 6}, {18, 255}, {18, 0}, {19, 255}, {19, 16},
        {21, 0}, {21, 3}, {20, 1}, {22, 0x01}, {28, 224}, {28, 127}};
    struct craft c = {.eth_dst = MAC_BROADCAST, .eth_src = NET_PEER_MAC};
    uint8_t good[CRAFT_ROOM], bad[42];

    net_bare(&net, 1, false);
    c.src = net_ip("10.0.0.2");
    c.dst = net_ip("10.0.0.1");
    REQUIRE(craft_arp(good, &c, 1, (struct mac){{0}}) == 42);
    for (size_t i = 0; i < LW_COUNT(lies); i++) {
        memcpy(bad, good, sizeof bad);
        bad[lies[i].at] = lies[i].value;
        net_inject(&net, bad, sizeof bad);
    }
    for (size_t len = 14; len < 42; len++)
        net_inject(&net, good, len);
    CHECK_EQ(recorder_drops(&net.rec, "ARP_MALFORMED"), LW_COUNT(lies) + 28);
    CHECK_EQ(net.nsent, 0);
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
}

static void
a_flood_of_strangers_leaves_friends_alone(void)
{
    char ip[16];

    net_bare(&net, 1, false);
    ip_sysctl(host_ip(net.a))->gc_thresh3 = 8;
    arp_ping(net.a, "10.0.0.2");
    arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    for (uint32_t i = 10; i < 200; i++) {
        net_forget(&net);
        arp_inject(&net, 1, ipv4_text((struct ipv4){0x0a000000 + i}, ip),
            OTHER_MAC, "10.0.0.1");
    }
    CHECK_EQ(arp_count(arp_of(net.a0)), 8);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
}

/* A scan through us, of addresses where nobody lives, between two packets
 * for those that we do talk to. */
static void
a_scan_leaves_friends_alone(void)
{
    char ip[16];

    net_bare(&net, 1, false);
    ip_sysctl(host_ip(net.a))->gc_thresh3 = 32;
    for (uint32_t i = 2; i < 12; i++) {
        arp_ping(net.a, ipv4_text((struct ipv4){0x0a000000 + i}, ip));
        arp_inject(&net, 2, ip, OTHER_MAC, "10.0.0.1");
    }
    for (uint32_t i = 12; i < 255; i++) {
        net_forget(&net);
        arp_ping(net.a, ipv4_text((struct ipv4){0x0a000000 + i}, ip));
    }
    CHECK_EQ(arp_count(arp_of(net.a0)), 32);
    for (uint32_t i = 2; i < 12; i++)
        CHECK_EQ(arp_state_at(net.a0,
                     ipv4_text((struct ipv4){0x0a000000 + i}, ip), NULL),
            ARP_REACHABLE);
    /* Somebody new can be talked to in the midst of it. */
    arp_ping(net.a, "10.0.0.20");
    for (uint32_t i = 200; i < 210; i++)
        arp_ping(net.a, ipv4_text((struct ipv4){0x0a000000 + i}, ip));
    arp_inject(&net, 2, "10.0.0.20", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.20", NULL), ARP_REACHABLE);
    net_forget(&net);
}

/* What waits for all of them together has a limit, too. */
static void
a_scan_does_not_eat_the_memory(void)
{
    unsigned used, most = 0;
    char ip[16];

    net_bare(&net, 1, false);
    ip_sysctl(host_ip(net.a))->unres_qlen_bytes = 20000;
    for (uint32_t i = 2; i < 200; i++)
        for (int n = 0; n < 20; n++) {
            net_forget(&net);
            arp_ping(net.a, ipv4_text((struct ipv4){0x0a000000 + i}, ip));
            used = pkt_pool_used(world_pool(net.world));
            most = used > most ? used : most;
        }
    CHECK(most > 20 && most < 8 * 20000 / 128);
    CHECK(recorder_drops(&net.rec, "QUEUE_FULL") > 1000);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.199", NULL), ARP_INCOMPLETE);
    net_run(&net, 5 * LW_S);
    CHECK_EQ(pkt_pool_used(world_pool(net.world)), 0);
}

static void
the_first_of_two_rivals_is_kept(void)
{
    const struct event *e;
    struct mac mac;

    net_bare(&net, 1, false);
    arp_ping(net.a, "10.0.0.2");
    arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    arp_inject(&net, 1, "10.0.0.2", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", &mac), ARP_REACHABLE);
    CHECK(mac_eq(mac, NET_PEER_MAC));
    e = recorder_find(&net.rec, EV_ARP_LOCKED, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "mac", 0), "02:00:00:00:ee:02");
    CHECK_TEXT(recorder_text(e, "rival", 1), "02:00:00:00:ee:77");
    net_run(&net, LW_S);
    arp_inject(&net, 1, "10.0.0.2", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", &mac), ARP_STALE);
    CHECK(mac_eq(mac, OTHER_MAC));
}

/* An announcement moves whom we know at once (a standby that takes over), as
 * question and as answer, and makes nobody known, unless arp_accept. */
static void
announcements_move_and_do_not_make(void)
{
    struct mac mac;

    for (uint16_t operation = 1; operation <= 2; operation++) {
        struct craft c = {.eth_dst = MAC_BROADCAST,
            .eth_src = OTHER_MAC,
            .src = net_ip("10.0.0.2"),
            .dst = net_ip("10.0.0.2")};
        uint8_t frame[CRAFT_ROOM];
        size_t len = craft_arp(frame, &c, operation, OTHER_MAC);

        net_bare(&net, 1, false);
        net_inject(&net, frame, len);
        CHECK_EQ(arp_count(arp_of(net.a0)), 0);
        arp_ping(net.a, "10.0.0.2");
        arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
        net_inject(&net, frame, len);
        CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", &mac), ARP_STALE);
        CHECK(mac_eq(mac, OTHER_MAC));
        net_close(&net);
        net_bare(&net, 1, false);
        ip_sysctl(host_ip(net.a))->arp_accept = 1;
        net_inject(&net, frame, len);
        CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
        CHECK_EQ(net.nsent, 0);
        net_close(&net);
    }
}

static CU_TestInfo cases[] = {
    TEST(only_so_many_packets_wait),
    TEST(unasked_answers_teach_nothing),
    TEST(our_address_is_claimed),
    TEST(questions_are_answered_but_not_all_remembered),
    TEST(malformed_messages_are_refused),
    TEST(a_flood_of_strangers_leaves_friends_alone),
    TEST(a_scan_leaves_friends_alone),
    TEST(a_scan_does_not_eat_the_memory),
    TEST(the_first_of_two_rivals_is_kept),
    TEST(announcements_move_and_do_not_make),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_arp_hostile = {
    .pName = "arp_hostile", .pTests = cases, .pTearDownFunc = teardown};
