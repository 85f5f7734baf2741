/*
 * test_link.c: ARP: how a neighbour's hardware address is found, kept,
 * doubted and given up.
 */
#include "arp.h"
#include "bytes.h"
#include "check.h"
#include "craft.h"
#include "net.h"
#include "net_fixture.h"

#include <stdio.h>
#include <string.h>

static struct net net;

/* Every arrow seen in this suite, for every_arrow_is_used. */
static bool seen[ARP_STATE_COUNT][ARP_STATE_COUNT][RULE_COUNT];

static const struct mac other_mac = {{0x02, 0, 0, 0, 0xee, 0x77}};

static int
state_of(const char *text)
{
    for (int s = 0; s < ARP_STATE_COUNT; s++)
        if (strcmp(arp_state_text(s), text) == 0)
            return s;
    return ARP_NONE;
}

/* Ends a test: notes which arrows were used, and that nothing leaked. */
static void
teardown(void)
{
    const struct event *e;

    if (!net.world)
        return;
    for (unsigned i = 0; (e = recorder_find(&net.rec, EV_ARP_MOVE, i)); i++)
        seen[state_of(recorder_text(e, "from", 0))]
            [state_of(recorder_text(e, "to", 1))][e->rule] = true;
    net_close(&net);
}

static struct arp *
arp_of(struct netdev *dev)
{
    struct netif *nif = dev->up;

    return nif->arp;
}

static enum arp_state
state(struct netdev *dev, const char *ip, struct mac *mac)
{
    struct mac ignored;

    return arp_find(arp_of(dev), net_ip(ip), mac ? mac : &ignored);
}

static void
ping(struct host *from, const char *to)
{
    CHECK_EQ(icmp_echo(host_ip(from), net_ip(to), 0, 7, 1, "abc", 3), 0);
}

/* An ARP message of the peer's from ip, at mac. */
static void
inject_arp(uint16_t operation, const char *ip, struct mac mac, const char *to)
{
    struct craft c = {
        .eth_dst = operation == 1 ? MAC_BROADCAST : net.a0->addr,
        .eth_src = mac,
        .src = net_ip(ip),
        .dst = net_ip(to),
    };
    uint8_t frame[CRAFT_ROOM];
    size_t len = craft_arp(
        frame, &c, operation, operation == 1 ? (struct mac){{0}} : c.eth_dst);

    CHECK_EQ(len, 42);
    net_inject(&net, frame, len);
}

/* --- ARP: finding ------------------------------------------------------ */

static void
the_first_packet_waits_for_the_answer(void)
{
    const struct event *ask, *hold, *frame, *release;
    struct mac mac;

    net_pair(&net, 1);
    ping(net.a, "10.0.0.2");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_INCOMPLETE);
    ping(net.a, "10.0.0.2");
    net_run(&net, 100 * LW_MS);
    ask = recorder_find(&net.rec, EV_ARP_ASK, 0);
    hold = recorder_find(&net.rec, EV_ARP_HOLD, 1);
    release = recorder_find(&net.rec, EV_ARP_RELEASE, 0);
    REQUIRE(ask && hold && release);
    CHECK_TEXT(recorder_text(ask, "ip", 0), "10.0.0.2");
    CHECK_TEXT(recorder_text(ask, "from_ip", 0), "10.0.0.1");
    CHECK_EQ(event_u64(hold, "held", 0), 2);
    CHECK_EQ(event_u64(release, "held", 0), 2);
    CHECK_EQ(release->at.ns, 2 * LW_MS);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 1);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ANSWER), 1);
    CHECK_EQ(state(net.a0, "10.0.0.2", &mac), ARP_REACHABLE);
    CHECK(mac_eq(mac, net.b0->addr));
    /* b learned a from the question, and then used what it had learned. */
    CHECK_EQ(state(net.b0, "10.0.0.1", &mac), ARP_DELAY);
    CHECK(mac_eq(mac, net.a0->addr));
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 4);
    /* The third frame is the first echo, sent because it had been held,
     * held because it was sent. */
    frame = recorder_find(&net.rec, EV_FRAME_SENT, 2);
    hold = recorder_at(&net.rec, frame->cause);
    REQUIRE(hold);
    CHECK_EQ(hold->kind, EV_ARP_HOLD);
    CHECK_EQ(recorder_at(&net.rec, hold->cause)->kind, EV_ICMP_SEND);
}

static void
nobody_answers(void)
{
    const struct event *e;

    net_pair(&net, 1);
    ping(net.a, "10.0.0.9");
    net_run(&net, 10 * LW_S);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), ARP_TRIES);
    e = recorder_find(&net.rec, EV_ARP_ASK, 2);
    REQUIRE(e);
    CHECK_EQ(e->at.ns, 2 * LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "ARP_NO_ANSWER"), 1);
    CHECK_EQ(state(net.a0, "10.0.0.9", NULL), ARP_FAILED);
    /* The sender, here a itself, is told by an ICMP message over lo. */
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "host unreachable");
    CHECK_EQ(e->at.ns, 3 * LW_S);
    /* The next packet asks anew. */
    ping(net.a, "10.0.0.9");
    CHECK_EQ(state(net.a0, "10.0.0.9", NULL), ARP_INCOMPLETE);
    net_run(&net, LW_MS);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 4);
}

static void
only_so_many_packets_wait(void)
{
    net_bare(&net, 1, false);
    for (int i = 0; i < ARP_HELD_MAX + 5; i++)
        ping(net.a, "10.0.0.2");
    CHECK_EQ(recorder_drops(&net.rec, "QUEUE_FULL"), 5);
    net_forget(&net);
    inject_arp(2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(net.nsent, ARP_HELD_MAX);
}

/* --- ARP: keeping ------------------------------------------------------ */

static enum cable_fate
lose_all(void *owner, uint64_t n, const struct pkt *p)
{
    (void)owner, (void)n, (void)p;
    return FATE_LOSE;
}

static void
an_old_address_is_probed(void)
{
    const struct event *ask;

    net_pair(&net, 1);
    ping(net.a, "10.0.0.2");
    net_run(&net, 31 * LW_S);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_STALE);
    recorder_clear(&net.rec);
    ping(net.a, "10.0.0.2"); /* goes at once, to the old address */
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 0);
    CHECK_EQ(recorder_count(&net.rec, EV_FRAME_SENT), 1);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_DELAY);
    net_run(&net, 6 * LW_S);
    ask = recorder_find(&net.rec, EV_ARP_ASK, 0);
    REQUIRE(ask);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    /* Gone for good: asked three times, then forgotten. */
    net_run(&net, 31 * LW_S);
    cable_set_fate(net.left, lose_all, NULL);
    ping(net.a, "10.0.0.2");
    net_run(&net, 9 * LW_S);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_FAILED);
    /* It comes back by itself. */
    cable_set_fate(net.left, NULL, NULL);
    ping(net.b, "10.0.0.1");
    net_run(&net, 2 * LW_S);
}

static void
good_news_spare_the_probe(void)
{
    net_bare(&net, 1, false);
    inject_arp(1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_STALE);
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_STALE);
    ping(net.a, "10.0.0.2");
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    net_run(&net, 20 * LW_S);
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    net_run(&net, 29 * LW_S);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    net_run(&net, 2 * LW_S);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_STALE);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 0);
    /* They end a probe, too. */
    ping(net.a, "10.0.0.2");
    net_run(&net, 5 * LW_S + LW_MS);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_PROBE);
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
}

/* Brings 10.0.0.2 into state s; the storey above then hears nothing. */
static void
doubt_in(enum arp_state s)
{
    net_bare(&net, 1, false);
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2")); /* unknown: no effect */
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
    ping(net.a, "10.0.0.2");
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2")); /* asked already */
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_INCOMPLETE);
    inject_arp(2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    if (s != ARP_REACHABLE)
        net_run(&net, 31 * LW_S);
    if (s == ARP_DELAY)
        ping(net.a, "10.0.0.2");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), s);
    net_forget(&net);
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_PROBE);
    REQUIRE(net.nsent == 1);
    CHECK_MEM(net.sent[0].bytes, NET_PEER_MAC.b, 6); /* the neighbour alone */
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(net.nsent, 1);
    net_run(&net, 10 * LW_S);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_FAILED);
    teardown();
}

static void
silence_above_is_looked_into(void)
{
    doubt_in(ARP_REACHABLE);
    doubt_in(ARP_STALE);
    doubt_in(ARP_DELAY);
}

static void
a_neighbour_moves_to_another_card(void)
{
    struct mac mac;

    net_bare(&net, 1, false);
    ping(net.a, "10.0.0.2");
    inject_arp(1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1"); /* INCOMPLETE */
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_DELAY);
    inject_arp(1, "10.0.0.2", other_mac, "10.0.0.1"); /* DELAY */
    CHECK_EQ(state(net.a0, "10.0.0.2", &mac), ARP_STALE);
    CHECK(mac_eq(mac, other_mac));
    inject_arp(1, "10.0.0.2", NET_PEER_MAC, "10.0.0.2"); /* gratuitous */
    CHECK_EQ(state(net.a0, "10.0.0.2", &mac), ARP_STALE);
    CHECK(mac_eq(mac, NET_PEER_MAC));
    ping(net.a, "10.0.0.2");
    net_run(&net, 5 * LW_S + LW_MS);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_PROBE);
    CHECK_MEM(net.sent[net.nsent - 1].bytes, NET_PEER_MAC.b, 6);
    inject_arp(1, "10.0.0.2", other_mac, "10.0.0.1");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_STALE);
    ping(net.a, "10.0.0.2");
    net_run(&net, 5 * LW_S + LW_MS);
    inject_arp(2, "10.0.0.2", other_mac, "10.0.0.1");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    inject_arp(1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_STALE);
}

/* --- ARP: hostile ------------------------------------------------------ */

static void
unasked_answers_teach_nothing(void)
{
    struct mac mac;

    net_bare(&net, 1, false);
    inject_arp(2, "10.0.0.2", other_mac, "10.0.0.1");
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
    ping(net.a, "10.0.0.2");
    inject_arp(2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    inject_arp(2, "10.0.0.2", other_mac, "10.0.0.1");
    CHECK_EQ(state(net.a0, "10.0.0.2", &mac), ARP_REACHABLE);
    CHECK(mac_eq(mac, NET_PEER_MAC));
    CHECK_EQ(recorder_drops(&net.rec, "ARP_UNASKED"), 2);
}

static void
our_address_is_claimed(void)
{
    net_bare(&net, 1, false);
    inject_arp(1, "10.0.0.1", other_mac, "10.0.0.1");
    inject_arp(2, "10.0.0.1", other_mac, "10.0.0.1");
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_CONFLICT), 2);
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
    CHECK_EQ(net.nsent, 0);
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
    inject_arp(1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    REQUIRE(net.nsent == 1);
    CHECK_EQ(net.sent[0].len, craft_arp(want, &c, 2, NET_PEER_MAC));
    CHECK_MEM(net.sent[0].bytes, want, 42);
    CHECK_EQ(arp_count(arp_of(net.a0)), 1);
    inject_arp(1, "0.0.0.0", other_mac, "10.0.0.1");   /* a probe */
    inject_arp(1, "192.0.2.1", other_mac, "10.0.0.1"); /* a stranger */
    CHECK_EQ(net.nsent, 3);
    inject_arp(1, "10.0.0.3", other_mac, "10.0.0.4"); /* not for us */
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
    arp_set_limit(arp_of(net.a0), 8);
    ping(net.a, "10.0.0.2");
    inject_arp(2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    for (uint32_t i = 10; i < 200; i++) {
        net_forget(&net);
        inject_arp(1, ipv4_text((struct ipv4){0x0a000000 + i}, ip), other_mac,
            "10.0.0.1");
    }
    CHECK_EQ(arp_count(arp_of(net.a0)), 8);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
}

/* Brings 10.0.0.2 into state s, in a table for one, and pushes it out. */
static void
evict_in(enum arp_state s)
{
    net_bare(&net, 1, false);
    arp_set_limit(arp_of(net.a0), 1);
    if (s == ARP_INCOMPLETE || s == ARP_REACHABLE || s == ARP_FAILED)
        ping(net.a, "10.0.0.2");
    else
        inject_arp(1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    if (s == ARP_REACHABLE)
        inject_arp(2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    if (s == ARP_FAILED)
        net_run(&net, 4 * LW_S);
    if (s == ARP_DELAY || s == ARP_PROBE)
        ping(net.a, "10.0.0.2");
    if (s == ARP_PROBE)
        net_run(&net, 5 * LW_S + LW_MS);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), s);
    ping(net.a, "10.0.0.3");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_NONE);
    CHECK_EQ(arp_count(arp_of(net.a0)), 1);
    teardown();
}

static void
a_full_table_forgets_in_any_state(void)
{
    for (enum arp_state s = ARP_INCOMPLETE; s < ARP_STATE_COUNT; s++)
        evict_in(s);
}

static void
a_failed_neighbour_asks_for_us(void)
{
    net_bare(&net, 1, false);
    ping(net.a, "10.0.0.2");
    net_run(&net, 4 * LW_S);
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_FAILED);
    inject_arp(2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1"); /* too late */
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_FAILED);
    inject_arp(1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(state(net.a0, "10.0.0.2", NULL), ARP_STALE);
}

static void
every_arrow_is_used(void)
{
    for (unsigned i = 0; i < arp_arrow_count; i++)
        if (!CHECK(
                seen[arp_arrows[i].from][arp_arrows[i].to][arp_arrows[i].rule]))
            printf("    not used: %s to %s, %s\n",
                arp_state_text(arp_arrows[i].from),
                arp_state_text(arp_arrows[i].to), arp_arrows[i].cause);
}

static CU_TestInfo cases[] = {
    TEST(the_first_packet_waits_for_the_answer),
    TEST(nobody_answers),
    TEST(only_so_many_packets_wait),
    TEST(an_old_address_is_probed),
    TEST(good_news_spare_the_probe),
    TEST(silence_above_is_looked_into),
    TEST(a_neighbour_moves_to_another_card),
    TEST(unasked_answers_teach_nothing),
    TEST(our_address_is_claimed),
    TEST(questions_are_answered_but_not_all_remembered),
    TEST(malformed_messages_are_refused),
    TEST(a_flood_of_strangers_leaves_friends_alone),
    TEST(a_full_table_forgets_in_any_state),
    TEST(a_failed_neighbour_asks_for_us),
    TEST(every_arrow_is_used),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_link = {
    .pName = "link", .pTests = cases, .pTearDownFunc = teardown};
