/*
 * test_link.c: ARP: how a neighbour's hardware address is found, kept,
 * doubted and given up.
 */
#include "arp_fixture.h"
#include "check.h"
#include "net.h"

#include <stdio.h>
#include <string.h>

static struct net net;

/* Every arrow seen in this suite, for every_arrow_is_used. */
static bool seen[ARP_STATE_COUNT][ARP_STATE_COUNT][RULE_COUNT];

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

/* --- ARP: finding ------------------------------------------------------ */

static void
the_first_packet_waits_for_the_answer(void)
{
    const struct event *ask, *hold, *frame, *release;
    struct mac mac;

    net_pair(&net, 1);
    arp_ping(net.a, "10.0.0.2");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_INCOMPLETE);
    arp_ping(net.a, "10.0.0.2");
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
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", &mac), ARP_REACHABLE);
    CHECK(mac_eq(mac, net.b0->addr));
    /* b learned a from the question, and then used what it had learned. */
    CHECK_EQ(arp_state_at(net.b0, "10.0.0.1", &mac), ARP_DELAY);
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
    arp_ping(net.a, "10.0.0.9");
    net_run(&net, 10 * LW_S);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 3);
    e = recorder_find(&net.rec, EV_ARP_ASK, 2);
    REQUIRE(e);
    CHECK_EQ(e->at.ns, 2 * LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "ARP_NO_ANSWER"), 1);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.9", NULL), ARP_FAILED);
    /* The sender, here a itself, is told by an ICMP message over lo. */
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "host unreachable");
    CHECK_EQ(e->at.ns, 3 * LW_S);
    /* The next packet asks anew. */
    arp_ping(net.a, "10.0.0.9");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.9", NULL), ARP_INCOMPLETE);
    net_run(&net, LW_MS);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 4);
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
    arp_ping(net.a, "10.0.0.2");
    net_run(&net, 31 * LW_S);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
    recorder_clear(&net.rec);
    arp_ping(net.a, "10.0.0.2"); /* goes at once, to the old address */
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 0);
    CHECK_EQ(recorder_count(&net.rec, EV_FRAME_SENT), 1);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_DELAY);
    net_run(&net, 6 * LW_S);
    ask = recorder_find(&net.rec, EV_ARP_ASK, 0);
    REQUIRE(ask);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    /* Gone for good: asked three times, then forgotten. */
    net_run(&net, 31 * LW_S);
    cable_set_fate(net.left, lose_all, NULL);
    arp_ping(net.a, "10.0.0.2");
    net_run(&net, 9 * LW_S);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_FAILED);
    /* It comes back by itself. */
    cable_set_fate(net.left, NULL, NULL);
    arp_ping(net.b, "10.0.0.1");
    net_run(&net, 2 * LW_S);
}

static void
good_news_spare_the_probe(void)
{
    net_bare(&net, 1, false);
    arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
    arp_ping(net.a, "10.0.0.2");
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    net_run(&net, 20 * LW_S);
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    net_run(&net, 29 * LW_S);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    net_run(&net, 2 * LW_S);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 0);
    /* They end a probe, too. */
    arp_ping(net.a, "10.0.0.2");
    net_run(&net, 5 * LW_S + LW_MS);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_PROBE);
    ip_confirm(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
}

/* Brings 10.0.0.2 into state s; the storey above then hears nothing. */
static void
doubt_in(enum arp_state s)
{
    net_bare(&net, 1, false);
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2")); /* unknown: no effect */
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
    arp_ping(net.a, "10.0.0.2");
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2")); /* asked already */
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_INCOMPLETE);
    arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    if (s != ARP_REACHABLE)
        net_run(&net, 31 * LW_S);
    if (s == ARP_DELAY)
        arp_ping(net.a, "10.0.0.2");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), s);
    net_forget(&net);
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_PROBE);
    REQUIRE(net.nsent == 1);
    CHECK_MEM(net.sent[0].bytes, NET_PEER_MAC.b, 6); /* the neighbour alone */
    ip_doubt(host_ip(net.a), net_ip("10.0.0.2"));
    CHECK_EQ(net.nsent, 1);
    net_run(&net, 10 * LW_S);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_FAILED);
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
    arp_ping(net.a, "10.0.0.2");
    arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1"); /* INCOMPLETE */
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_DELAY);
    net_run(&net, LW_S); /* a rival within a second is not believed */
    arp_inject(&net, 1, "10.0.0.2", OTHER_MAC, "10.0.0.1"); /* DELAY */
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", &mac), ARP_STALE);
    CHECK(mac_eq(mac, OTHER_MAC));
    arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.2"); /* gratuitous */
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", &mac), ARP_STALE);
    CHECK(mac_eq(mac, NET_PEER_MAC));
    arp_ping(net.a, "10.0.0.2");
    net_run(&net, 5 * LW_S + LW_MS);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_PROBE);
    CHECK_MEM(net.sent[net.nsent - 1].bytes, NET_PEER_MAC.b, 6);
    arp_inject(&net, 1, "10.0.0.2", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
    arp_ping(net.a, "10.0.0.2");
    net_run(&net, 5 * LW_S + LW_MS);
    arp_inject(&net, 2, "10.0.0.2", OTHER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_REACHABLE);
    net_run(&net, LW_S);
    arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
}

/* --- ARP: forgetting --------------------------------------------------- */

/* Brings 10.0.0.2 into state s. */
static void
bring_into(enum arp_state s)
{
    if (s == ARP_INCOMPLETE || s == ARP_REACHABLE || s == ARP_FAILED)
        arp_ping(net.a, "10.0.0.2");
    else
        arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    if (s == ARP_REACHABLE)
        arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    if (s == ARP_FAILED)
        net_run(&net, 4 * LW_S);
    if (s == ARP_DELAY || s == ARP_PROBE)
        arp_ping(net.a, "10.0.0.2");
    if (s == ARP_PROBE)
        net_run(&net, 5 * LW_S + LW_MS);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), s);
}

/* In a table for one, pushes it out. */
static void
evict_in(enum arp_state s)
{
    net_bare(&net, 1, false);
    ip_sysctl(host_ip(net.a))->gc_thresh3 = 1;
    bring_into(s);
    arp_ping(net.a, "10.0.0.3");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_NONE);
    CHECK_EQ(arp_count(arp_of(net.a0)), 1);
    teardown();
}

static void
a_full_table_forgets_in_any_state(void)
{
    for (enum arp_state s = ARP_INCOMPLETE; s < ARP_STATE_COUNT; s++)
        evict_in(s);
}

/* An entry in STALE and one in FAILED, which nobody needs, give way when the
 * table fills; before, they stay. */
static void
the_unused_go_first(void)
{
    struct sysctl *k;

    net_bare(&net, 1, false);
    k = ip_sysctl(host_ip(net.a));
    arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    arp_ping(net.a, "10.0.0.3");
    net_run(&net, 61 * LW_S);
    arp_ping(net.a, "10.0.0.4");
    CHECK_EQ(arp_count(arp_of(net.a0)), 3);
    k->gc_thresh1 = 3;
    arp_ping(net.a, "10.0.0.5");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_NONE);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.3", NULL), ARP_FAILED);
    net_run(&net, 4 * LW_S); /* both asked in vain */
    k->gc_thresh1 = 2;
    k->gc_thresh2 = 3;
    arp_ping(net.a, "10.0.0.6");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.3", NULL), ARP_NONE);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.4", NULL), ARP_FAILED);
    net_run(&net, 2 * LW_S); /* 6 s unused: enough when it is tight */
    arp_ping(net.a, "10.0.0.7");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.4", NULL), ARP_NONE);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.5", NULL), ARP_FAILED);
    CHECK_EQ(recorder_drops(&net.rec, "QUEUE_FULL"), 0);
}

/* Our own address is asked for anew: nothing is known of anybody then. */
static void
forget_in(enum arp_state s)
{
    net_bare(&net, 1, false);
    bring_into(s);
    CHECK_EQ(host_claim(net.a, "eth0"), 0);
    CHECK_EQ(arp_count(arp_of(net.a0)), 0);
    teardown();
}

static void
a_claim_forgets_in_any_state(void)
{
    for (enum arp_state s = ARP_INCOMPLETE; s < ARP_STATE_COUNT; s++)
        forget_in(s);
}

static void
a_failed_neighbour_asks_for_us(void)
{
    net_bare(&net, 1, false);
    arp_ping(net.a, "10.0.0.2");
    net_run(&net, 4 * LW_S);
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_FAILED);
    arp_inject(&net, 2, "10.0.0.2", NET_PEER_MAC, "10.0.0.1"); /* too late */
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_FAILED);
    arp_inject(&net, 1, "10.0.0.2", NET_PEER_MAC, "10.0.0.1");
    CHECK_EQ(arp_state_at(net.a0, "10.0.0.2", NULL), ARP_STALE);
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
    TEST(an_old_address_is_probed),
    TEST(good_news_spare_the_probe),
    TEST(silence_above_is_looked_into),
    TEST(a_neighbour_moves_to_another_card),
    TEST(a_full_table_forgets_in_any_state),
    TEST(a_claim_forgets_in_any_state),
    TEST(the_unused_go_first),
    TEST(a_failed_neighbour_asks_for_us),
    TEST(every_arrow_is_used),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_link = {
    .pName = "link", .pTests = cases, .pTearDownFunc = teardown};
