/*
 * test_ether.c: Ethernet: which frames are taken, and which addresses need
 * no question.
 */
#include "check.h"
#include "link.h"
#include "net_fixture.h"

#include <string.h>

static struct net net;

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
}

static void
frames_for_others_are_refused(void)
{
    uint8_t frame[60] = {0x02, 0, 0, 0, 0, 0x99, 0x02, 0, 0, 0, 0xee, 2, 8, 0};

    net_bare(&net, 1, true);
    net_inject(&net, frame, sizeof frame);
    CHECK_EQ(recorder_drops(&net.rec, "NOT_FOR_US"), 1);
    for (size_t len = 0; len < 14; len++)
        net_inject(&net, frame, len);
    CHECK_EQ(recorder_drops(&net.rec, "TOO_SHORT"), 14);
    memcpy(frame, net.a0->addr.b, 6);
    memcpy(frame + 12, "\x81\x00", 2); /* a VLAN tag */
    net_inject(&net, frame, sizeof frame);
    memcpy(frame + 12, "\x00\x2e", 2); /* an IEEE 802.3 length */
    net_inject(&net, frame, sizeof frame);
    CHECK_EQ(recorder_drops(&net.rec, "UNKNOWN_ETHERTYPE"), 2);
    CHECK_EQ(net.nsent, 0);
}

static void
groups_need_no_question(void)
{
    static const struct mac multicast = {{0x01, 0, 0x5e, 0x01, 0x02, 0x03}};
    struct netif *nif;

    net_bare(&net, 1, false);
    nif = net.a0->up;
    link_output(
        nif, net_ip("10.0.0.255"), pkt_new(world_pool(net.world), 64, 9));
    link_output(
        nif, net_ip("255.255.255.255"), pkt_new(world_pool(net.world), 64, 9));
    link_output(
        nif, net_ip("239.129.2.3"), pkt_new(world_pool(net.world), 64, 9));
    REQUIRE(net.nsent == 3);
    CHECK_MEM(net.sent[0].bytes, MAC_BROADCAST.b, 6);
    CHECK_MEM(net.sent[1].bytes, MAC_BROADCAST.b, 6);
    CHECK_MEM(net.sent[2].bytes, multicast.b, 6);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 0);
}

static CU_TestInfo cases[] = {
    TEST(frames_for_others_are_refused),
    TEST(groups_need_no_question),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_ether = {
    .pName = "ether", .pTests = cases, .pTearDownFunc = teardown};
