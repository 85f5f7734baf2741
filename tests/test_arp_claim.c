/*
 * test_arp_claim.c: is our address ours? Probes, announcements, conflicts
 * (RFC 5227).
 */
#include "arp_claim.h"
#include "arp_fixture.h"
#include "bytes.h"
#include "check.h"
#include "net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct net net;
static bool seen[ARP_CLAIM_STATE_COUNT][ARP_CLAIM_STATE_COUNT];

static enum arp_claim_state
state_of(const char *text)
{
    for (unsigned s = 0; s < ARP_CLAIM_STATE_COUNT; s++)
        if (strcmp(arp_claim_text((enum arp_claim_state)s), text) == 0)
            return (enum arp_claim_state)s;
    return ARP_CLAIM_TAKEN;
}

static void
teardown(void)
{
    const struct event *e;

    if (!net.world)
        return;
    for (unsigned i = 0; (e = recorder_find(&net.rec, EV_ARP_CLAIM, i)); i++)
        seen[state_of(recorder_text(e, "from", 0))]
            [state_of(recorder_text(e, "to", 1))] = true;
    net_close(&net);
}

/* The last state that was told. */
static const char *
state(void)
{
    return recorder_text(recorder_find(&net.rec, EV_ARP_CLAIM,
                             recorder_count(&net.rec, EV_ARP_CLAIM) - 1),
        "to", 0);
}

/* Is the nth frame a question about a's address, from spa? */
static bool
is_about_us(unsigned n, const char *spa)
{
    uint8_t want[42];
    struct writer w = writer_of(want, sizeof want);

    put_mac(&w, MAC_BROADCAST);
    put_mac(&w, net.a0->addr);
    put_bytes(&w, "\x08\x06\0\x01\x08\0\x06\x04\0\x01", 10);
    put_mac(&w, net.a0->addr);
    put_ipv4(&w, net_ip(spa));
    put_mac(&w, (struct mac){{0}});
    put_ipv4(&w, net_ip("10.0.0.1"));
    return n < net.nsent && net.sent[n].len == 42 &&
           memcmp(net.sent[n].bytes, want, 42) == 0;
}

static void
begin(uint64_t seed)
{
    net_bare(&net, seed, false);
    CHECK_EQ(host_claim(net.a, "eth0"), 0);
    CHECK_EQ(host_claim(net.a, "lo"), -EINVAL);
    CHECK_EQ(host_claim(net.a, "eth7"), -ENODEV);
}

static void
nobody_has_it(void)
{
    int64_t gap;

    for (uint64_t seed = 1; seed < 20; seed++) {
        begin(seed);
        CHECK_EQ(icmp_echo(host_ip(net.a), net_ip("10.0.0.2"), 0, 1, 1, "", 0),
            -ENETUNREACH); /* not yet */
        CHECK(!ip_is_ours(host_ip(net.a), net_ip("10.0.0.1")));
        arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
        CHECK_EQ(net.nsent, 0); /* nor for others */
        net_run(&net, 20 * LW_S);
        REQUIRE(net.nsent == ARP_PROBE_NUM + ARP_ANNOUNCE_NUM);
        CHECK(net.sent[0].at.ns <= LW_S);
        for (unsigned i = 0; i < 5; i++)
            CHECK(is_about_us(i, i < 3 ? "0.0.0.0" : "10.0.0.1"));
        for (unsigned i = 1; i < 3; i++) {
            gap = instant_diff(net.sent[i].at, net.sent[i - 1].at);
            CHECK(gap >= LW_S && gap <= 2 * LW_S);
        }
        CHECK_EQ(instant_diff(net.sent[3].at, net.sent[2].at), 2 * LW_S);
        CHECK_EQ(instant_diff(net.sent[4].at, net.sent[3].at), 2 * LW_S);
        CHECK_TEXT(state(), "OWNED");
        CHECK(ip_is_ours(host_ip(net.a), net_ip("10.0.0.1")));
        arp_ping(net.a, "10.0.0.2");
        CHECK_EQ(net.nsent, 6);
        CHECK_EQ(host_claim(net.a, "eth0"), 0); /* and once more */
        CHECK_TEXT(state(), "PROBING");
        teardown();
    }
}

static void
somebody_has_it(void)
{
    begin(1);
    net_run(&net, 2 * LW_S);
    net_forget(&net);
    arp_inject(&net, 2, "10.0.0.1", OTHER_MAC, "0.0.0.0"); /* the answer */
    CHECK_TEXT(state(), "LOST");
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_CONFLICT), 1);
    net_run(&net, 20 * LW_S);
    CHECK_EQ(net.nsent, 0);
    CHECK(!ip_is_ours(host_ip(net.a), net_ip("10.0.0.1")));
    arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.2"); /* theirs now */
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_CONFLICT), 1);
}

static void
somebody_wants_it_too(void)
{
    begin(1);
    net_run(&net, LW_S);
    arp_inject(&net, 1, "0.0.0.0", OTHER_MAC, "10.0.0.1"); /* a probe */
    CHECK_TEXT(state(), "LOST");
}

/* After ten lost claims the next one waits a minute. */
static void
many_conflicts_slow_it_down(void)
{
    net_bare(&net, 1, false);
    for (int i = 0; i < ARP_MAX_CONFLICTS; i++) {
        CHECK_EQ(host_claim(net.a, "eth0"), 0);
        net_run(&net, LW_S);
        arp_inject(&net, 2, "10.0.0.1", OTHER_MAC, "0.0.0.0");
        CHECK_TEXT(state(), "LOST");
    }
    net_forget(&net);
    CHECK_EQ(host_claim(net.a, "eth0"), 0);
    net_run(&net, 60 * LW_S);
    CHECK_EQ(net.nsent, 0);
    net_run(&net, LW_S);
    CHECK_EQ(net.nsent, 1);
}

/* Defended once; a second conflict within ten seconds ends it. */
static void
a_claimed_address_is_defended_once(void)
{
    begin(1);
    net_run(&net, 20 * LW_S);
    for (int i = 0; i < 3; i++) {
        net_forget(&net);
        arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.2");
        REQUIRE(net.nsent == 1);
        CHECK(is_about_us(0, "10.0.0.1"));
        CHECK_TEXT(state(), "OWNED");
        net_run(&net, 11 * LW_S);
    }
    arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.2");
    arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.2");
    CHECK_TEXT(state(), "LOST");
    CHECK_EQ(icmp_echo(host_ip(net.a), net_ip("10.0.0.2"), 0, 1, 1, "", 0),
        -ENETUNREACH);
}

static void
also_while_it_is_announced(void)
{
    begin(1);
    while (strcmp(state(), "ANNOUNCING") != 0)
        net_run(&net, 100 * LW_MS);
    arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.2");
    CHECK_TEXT(state(), "ANNOUNCING");
    arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.2");
    CHECK_TEXT(state(), "LOST");
}

/* What a person configured is never given up, and no battle is fought. */
static void
a_taken_address_is_kept(void)
{
    net_bare(&net, 1, false);
    for (int i = 0; i < 50; i++) {
        arp_inject(&net, 1, "10.0.0.1", OTHER_MAC, "10.0.0.2");
        net_run(&net, LW_S);
    }
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_CONFLICT), 50);
    CHECK_EQ(net.nsent, 5);
    CHECK(ip_is_ours(host_ip(net.a), net_ip("10.0.0.1")));
}

static void
every_arrow_is_used(void)
{
    for (unsigned i = 0; i < arp_claim_arrow_count; i++)
        if (!CHECK(seen[arp_claim_arrows[i].from][arp_claim_arrows[i].to]))
            printf("    not used: %s to %s\n",
                arp_claim_text(arp_claim_arrows[i].from),
                arp_claim_text(arp_claim_arrows[i].to));
}

static CU_TestInfo cases[] = {
    TEST(nobody_has_it),
    TEST(somebody_has_it),
    TEST(somebody_wants_it_too),
    TEST(many_conflicts_slow_it_down),
    TEST(a_claimed_address_is_defended_once),
    TEST(also_while_it_is_announced),
    TEST(a_taken_address_is_kept),
    TEST(every_arrow_is_used),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_arp_claim = {
    .pName = "arp_claim", .pTests = cases, .pTearDownFunc = teardown};
