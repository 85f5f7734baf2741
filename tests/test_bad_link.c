/*
 * test_bad_link.c: frames and ARP messages that broke other stacks, sent to
 * a host that must go on serving.
 */
#include "arp.h"
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"
#include "net.h"

#include <string.h>

static const struct mac thief = {{0x02, 0, 0, 0, 0xbb, 0xbb}};

/* An ARP message, every field as wanted; 28 bytes. */
static void
arp(uint8_t *buf, unsigned htype, unsigned ptype, unsigned lengths,
    unsigned operation, struct mac sha, struct ipv4 spa, struct ipv4 tpa)
{
    struct writer w = writer_of(buf, 28);

    put_be16(&w, (uint16_t)htype);
    put_be16(&w, (uint16_t)ptype);
    put_be16(&w, (uint16_t)lengths);
    put_be16(&w, (uint16_t)operation);
    put_mac(&w, sha);
    put_ipv4(&w, spa);
    put_mac(&w, MAC_BROADCAST);
    put_ipv4(&w, tpa);
}

/* The host's table, and what it says of an address. */
static struct arp *
table(void)
{
    struct netif *nif = bad_net.a0->up;

    return nif->arp;
}

static bool
knows(const char *ip, struct mac mac)
{
    struct mac found;

    return arp_find(table(), net_ip(ip), &found) != ARP_NONE &&
           mac_eq(found, mac);
}

static void
bad_input_01_runt_frame(void)
{
    uint8_t frame[14];

    memset(frame, 0xff, sizeof frame);
    for (size_t n = 0; n < sizeof frame; n++)
        net_inject(&bad_net, frame, n);
    CHECK_EQ(bad_drops("TOO_SHORT"), 14);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_02_truncated_arp(void)
{
    uint8_t m[28];

    arp(m, 1, 0x0800, 0x0604, 1, thief, net_ip("10.0.0.9"), net_ip("10.0.0.1"));
    for (size_t n = 0; n < sizeof m; n++)
        bad_frame(0x0806, m, n);
    CHECK_EQ(bad_drops("ARP_MALFORMED"), 28);
    CHECK(!knows("10.0.0.9", thief));
}

static void
bad_input_03_arp_lengths_of_255(void)
{
    static const uint16_t lengths[] = {0xffff, 0xff04, 0x06ff, 0x0600, 0x0004};
    uint8_t m[28];

    for (unsigned i = 0; i < LW_COUNT(lengths); i++) {
        arp(m, 1, 0x0800, lengths[i], 1, thief, net_ip("10.0.0.9"),
            net_ip("10.0.0.1"));
        bad_frame(0x0806, m, sizeof m);
    }
    CHECK_EQ(bad_drops("ARP_MALFORMED"), 5);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_04_arp_of_other_kinds(void)
{
    static const struct {
        unsigned htype, ptype, operation;
    } m[] = {{6, 0x0800, 1}, {0xffff, 0x0800, 1}, {1, 0x86dd, 1},
        {1, 0x0806, 1}, {1, 0x0800, 0}, {1, 0x0800, 3}, {1, 0x0800, 0xffff}};
    uint8_t buf[28];

    for (unsigned i = 0; i < LW_COUNT(m); i++) {
        arp(buf, m[i].htype, m[i].ptype, 0x0604, m[i].operation, thief,
            net_ip("10.0.0.9"), net_ip("10.0.0.1"));
        bad_frame(0x0806, buf, sizeof buf);
    }
    CHECK_EQ(bad_drops("ARP_MALFORMED"), LW_COUNT(m));
    CHECK(!knows("10.0.0.9", thief));
}

static void
bad_input_05_arp_reply_for_our_address(void)
{
    uint8_t m[28];

    arp(m, 1, 0x0800, 0x0604, 2, thief, net_ip("10.0.0.1"), net_ip("10.0.0.1"));
    bad_frame(0x0806, m, sizeof m);
    arp(m, 1, 0x0800, 0x0604, 2, thief, net_ip("10.0.0.2"), net_ip("10.0.0.1"));
    bad_frame(0x0806, m, sizeof m); /* for the peer's, unasked */
    CHECK_EQ(bad_drops("ARP_CONFLICT"), 1);
    /* This one, and the fixture's answer to our defence. */
    CHECK_EQ(bad_drops("ARP_UNASKED"), 2);
    CHECK(knows("10.0.0.2", NET_PEER_MAC));
}

static void
bad_input_06_arp_flood(void)
{
    struct ipv4 ip = net_ip("10.0.0.3");
    uint8_t m[28];

    ip_sysctl(host_ip(bad_net.a))->gc_thresh3 = 16;
    for (unsigned i = 0; i < 5000; i++, ip.v = net_ip("10.0.0.3").v + i % 250) {
        /* Gratuitous, as question and answer; then asking for us. */
        arp(m, 1, 0x0800, 0x0604, 1 + i % 2, thief, ip, ip);
        bad_frame(0x0806, m, sizeof m);
        arp(m, 1, 0x0800, 0x0604, 1, thief, ip, net_ip("10.0.0.1"));
        bad_frame(0x0806, m, sizeof m);
    }
    CHECK(arp_count(table()) <= 16);
    CHECK(knows("10.0.0.2", NET_PEER_MAC)); /* it is in use */
}

static void
bad_input_07_vlan_and_length_types(void)
{
    static const uint16_t types[] = {0x8100, 0x88a8, 46, 0, 1500, 0x05ff};
    uint8_t payload[46] = {0x45};

    for (unsigned i = 0; i < LW_COUNT(types); i++)
        bad_frame(types[i], payload, sizeof payload);
    CHECK_EQ(bad_drops("UNKNOWN_ETHERTYPE"), LW_COUNT(types));
    CHECK_EQ(bad_answers(), 0);
}

/* Not in the list, but in the same spirit: a group has no single card. */
static void
arp_from_a_group_teaches_nothing(void)
{
    uint8_t m[28];

    arp(m, 1, 0x0800, 0x0604, 1, MAC_BROADCAST, net_ip("10.0.0.2"),
        net_ip("10.0.0.1"));
    bad_frame(0x0806, m, sizeof m);
    CHECK_EQ(bad_drops("ARP_MALFORMED"), 1);
    CHECK(knows("10.0.0.2", NET_PEER_MAC));
}

static CU_TestInfo cases[] = {
    TEST(bad_input_01_runt_frame),
    TEST(bad_input_02_truncated_arp),
    TEST(bad_input_03_arp_lengths_of_255),
    TEST(bad_input_04_arp_of_other_kinds),
    TEST(bad_input_05_arp_reply_for_our_address),
    TEST(bad_input_06_arp_flood),
    TEST(bad_input_07_vlan_and_length_types),
    TEST(arp_from_a_group_teaches_nothing),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_link = {.pName = "bad_link",
    .pSetUpFunc = bad_open,
    .pTearDownFunc = bad_close,
    .pTests = cases};
