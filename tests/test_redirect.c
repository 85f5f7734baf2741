/*
 * test_redirect.c: ICMP that teaches: better gateways and smaller packets;
 * who is believed, and for how long. And how often errors are sent at all.
 */
#include "check.h"
#include "craft.h"
#include "bytes.h"
#include "net.h"
#include "net_fixture.h"
#include "sum.h"
#include "tcp.h"
#include "udp.h"

#include <errno.h>
#include <string.h>

static struct net net;
static struct udp_sock *talker; /* port 7 of a's, connected to anybody's */

static void
teardown(void)
{
    if (talker)
        udp_close(talker);
    talker = NULL;
    if (net.world)
        net_close(&net);
}

static void
ignore(void *owner)
{
    (void)owner;
}

/* An ICMP error from `from` that quotes a packet of a's to dst, down to the
 * first 8 bytes of what it carried. */
static void
inject_about(const char *from, uint8_t type, uint8_t code, uint32_t rest,
    const char *src, const char *dst, uint8_t protocol, const void *first)
{
    uint8_t packet[56] = {0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1};
    struct writer w = writer_of(packet + 12, 44);

    put_ipv4(&w, net_ip(from));
    put_ipv4(&w, net_ip("10.0.0.1"));
    put_u8(&w, type);
    put_u8(&w, code);
    put_be16(&w, 0);
    put_be32(&w, rest);
    put_bytes(&w, "\x45\0\0\x40\0\0\0\0\x40", 9);
    put_u8(&w, protocol);
    put_be16(&w, 0);
    put_ipv4(&w, net_ip(src));
    put_ipv4(&w, net_ip(dst));
    put_bytes(&w, first, 8);
    w = writer_of(packet + 22, 2);
    put_be16(&w, sum_fold(sum_add(0, packet + 20, 36)));
    w = writer_of(packet + 10, 2);
    put_be16(&w, sum_fold(sum_add(0, packet, 20)));
    net_inject_ip(&net, packet, sizeof packet);
}

/* ... a datagram from port 7 to port 7. */
static void
inject(const char *from, uint8_t type, uint8_t code, uint32_t rest,
    const char *src, const char *dst)
{
    inject_about(
        from, type, code, rest, src, dst, IP_UDP, "\0\x07\0\x07\0\x10\0");
}

/* ... while a really talks to dst. */
static void
redirect(const char *from, const char *dst, const char *gateway)
{
    udp_connect(talker, (struct udp_end){net_ip(dst), 7});
    inject(from, 5, 1, net_ip(gateway).v, "10.0.0.1", dst);
}

/* The next hop that a uses for dst. */
static const char *
hop(const char *dst)
{
    CHECK_EQ(icmp_echo(host_ip(net.a), net_ip(dst), 0, 1, 1, "", 0), 0);
    return recorder_text(recorder_find(&net.rec, EV_IP_ROUTE,
                             recorder_count(&net.rec, EV_IP_ROUTE) - 1),
        "next_hop", 0);
}

static void
begin(void)
{
    net_bare(&net, 1, true);
    CHECK_EQ(host_add_route(net.a, (struct ipv4){0}, 0, net_ip("10.0.0.2")), 0);
    REQUIRE(udp_open(host_udp(net.a), (struct udp_end){{0}, 7}, ignore, NULL,
                &talker) == 0);
}

static void
a_redirect_is_heeded_for_a_while(void)
{
    begin();
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.2");
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.9");
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.9");
    CHECK_TEXT(hop("192.0.2.2"), "10.0.0.2"); /* for one host alone */
    /* The new one may send us on, the old one may not any more. */
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.7");
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.9");
    redirect("10.0.0.9", "192.0.2.1", "10.0.0.8");
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.8");
    net_forget(&net);
    net_run(&net, 301 * LW_S);
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.2");
    /* Doubt ends it at once. */
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.9");
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.9");
    ip_doubt(host_ip(net.a), net_ip("192.0.2.1"));
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.2");
    CHECK_EQ(recorder_count(&net.rec, EV_ROUTE_GONE), 3);
    net_run(&net, 10 * LW_S);
}

static void
lies_are_not_heeded(void)
{
    static const char *const lies[][3] = {
        {"10.0.0.3", "192.0.2.1", "10.0.0.9"},    /* not our gateway */
        {"10.0.0.2", "192.0.2.1", "203.0.113.1"}, /* not a neighbour */
        {"10.0.0.2", "192.0.2.1", "10.0.0.1"},    /* ourselves */
        {"10.0.0.2", "192.0.2.1", "10.0.0.255"},  /* all */
        {"10.0.0.2", "192.0.2.1", "224.0.0.1"},
        {"10.0.0.2", "192.0.2.1", "0.0.0.0"},
        {"10.0.0.2", "192.0.2.1", "127.0.0.1"},
        {"10.0.0.2", "192.0.2.1", "10.0.0.2"}, /* no news */
        {"10.0.0.2", "10.0.0.9", "10.0.0.8"},  /* on the link already */
        {"10.0.0.2", "10.0.0.1", "10.0.0.8"},  /* our own address */
    };
    struct sysctl *k;

    begin();
    k = ip_sysctl(host_ip(net.a));
    for (size_t i = 0; i < LW_COUNT(lies); i++)
        redirect(lies[i][0], lies[i][1], lies[i][2]);
    inject("10.0.0.2", 5, 4, net_ip("10.0.0.9").v, "10.0.0.1", "192.0.2.1");
    inject("10.0.0.2", 5, 1, net_ip("10.0.0.9").v, "10.0.0.4", "192.0.2.1");
    k->accept_redirects = 0;
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.9");
    k->accept_redirects = k->ip_forward = 1; /* a router knows better */
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.9");
    k->ip_forward = k->shared_media = 0; /* secure_redirects: no gateway */
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.9");
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_IGNORED"), LW_COUNT(lies) + 5);
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.2");
    CHECK_EQ(recorder_count(&net.rec, EV_ROUTE_GONE), 0);
    k->secure_redirects = 0;
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.9");
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.9");
    net_run(&net, 400 * LW_S);
}

/* The gateway's address can be forged, and so can a packet of ours: only one
 * that a socket can have sent is believed. */
static void
what_nobody_sent_is_not_redirected(void)
{
    begin();
    /* A socket has the port, but talks to nobody; then to another. */
    inject("10.0.0.2", 5, 1, net_ip("10.0.0.9").v, "10.0.0.1", "192.0.2.1");
    udp_connect(talker, (struct udp_end){net_ip("192.0.2.2"), 7});
    inject("10.0.0.2", 5, 1, net_ip("10.0.0.9").v, "10.0.0.1", "192.0.2.1");
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_IGNORED"), 2);
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.2");
    redirect("10.0.0.2", "192.0.2.1", "10.0.0.9");
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.9");
    net_run(&net, 400 * LW_S);
}

/* TCP vouches for the numbers that are out, and for no others. */
static void
a_connection_is_redirected(void)
{
    struct tcp_end to = {net_ip("192.0.2.1"), 80};
    uint32_t gateway = net_ip("10.0.0.9").v;
    struct tcp_conn *c;
    uint8_t first[8];

    begin();
    net_forget(&net);
    REQUIRE(tcp_connect(host_tcp(net.a), (struct tcp_end){{0}, 0}, to, ignore,
                NULL, &c) == 0);
    REQUIRE(net.nsent == 1 && net.sent[0].len >= 54);
    memcpy(first, net.sent[0].bytes + 34, sizeof first);
    first[7]++; /* one number too many */
    inject_about(
        "10.0.0.2", 5, 1, gateway, "10.0.0.1", "192.0.2.1", IP_TCP, first);
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.2");
    first[7]--;
    inject_about(
        "10.0.0.2", 5, 1, gateway, "10.0.0.1", "192.0.2.1", IP_TCP, first);
    CHECK_TEXT(hop("192.0.2.1"), "10.0.0.9");
    tcp_abort(c);
    net_run(&net, 400 * LW_S);
}

/* A flood of true ones does not grow the table without end. */
static void
only_so_many_are_remembered(void)
{
    char dst[16];

    begin();
    for (uint32_t i = 1; i <= 500; i++)
        redirect("10.0.0.2", ipv4_text((struct ipv4){0xc6336400 + i}, dst),
            "10.0.0.9");
    CHECK_EQ(recorder_count(&net.rec, EV_ROUTE_GONE), 500 - 64);
    net_run(&net, 301 * LW_S);
    CHECK_EQ(recorder_count(&net.rec, EV_ROUTE_GONE), 500);
}

/* A packet from the peer for 192.0.2.1, whose gateway is on the same link. */
static void
through(const char *src)
{
    struct craft c = {.eth_dst = net.a0->addr,
        .eth_src = NET_PEER_MAC,
        .src = net_ip(src),
        .dst = net_ip("192.0.2.1"),
        .ttl = 64};
    uint8_t frame[CRAFT_ROOM];

    net_inject(&net, frame, craft_echo(frame, &c, 8));
}

static unsigned
redirects_sent(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < net.nsent; i++)
        n += net.sent[i].bytes[23] == 1 && net.sent[i].bytes[34] == 5;
    return n;
}

static void
a_router_tells_of_a_better_way(void)
{
    unsigned sent = 1;

    net_bare(&net, 1, true);
    host_set_forwarding(net.a, true);
    CHECK_EQ(
        host_add_route(net.a, net_ip("192.0.2.0"), 24, net_ip("10.0.0.9")), 0);
    /* It passes the packet on all the same. */
    through("10.0.0.2");
    REQUIRE(redirects_sent() == 1);
    CHECK_MEM(net.sent[0].bytes + 34 + 4, "\x0a\0\0\x09", 4);
    CHECK_EQ(net.sent[0].bytes[35], 1); /* for the host */
    CHECK_EQ(recorder_count(&net.rec, EV_IP_FORWARD), 1);
    /* Not to those who are not neighbours. */
    through("203.0.113.5");
    CHECK_EQ(redirects_sent(), 1);
    /* Backing off, 20 ms doubled each time; after nine, silence. */
    net_forget(&net);
    for (int ms = 0; ms < 15000 && sent < 9; ms++) {
        net_run(&net, LW_MS);
        through("10.0.0.2");
        sent += redirects_sent();
        net_forget(&net);
    }
    CHECK_EQ(sent, 9);
    /* 20 ms * (2 + 4 + ... + 2^8), and a step each for "later than". */
    CHECK(net_now(&net).ns > 10 * LW_S && net_now(&net).ns < 11 * LW_S);
    net_forget(&net);
    net_run(&net, 15 * LW_S);
    through("10.0.0.2");
    CHECK_EQ(redirects_sent(), 0); /* not heeded, and still asking */
    net_run(&net, 21 * LW_S);
    through("10.0.0.2");
    CHECK_EQ(redirects_sent(), 1);
}

/* Who chose the way is not told of a better one (RFC 1812 5.2.7.2). */
static void
a_chosen_way_is_not_redirected(void)
{
    uint8_t packet[36] = {0x47, 0, 0, 36, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2,
        10, 0, 0, 1, 131, 7, 4, 192, 0, 2, 1, 0, 8, 0, 0xf7, 0xff};
    struct writer w = writer_of(packet + 10, 2);

    net_bare(&net, 1, true);
    host_set_forwarding(net.a, true);
    ip_sysctl(host_ip(net.a))->accept_source_route = 1;
    CHECK_EQ(
        host_add_route(net.a, net_ip("192.0.2.0"), 24, net_ip("10.0.0.9")), 0);
    put_be16(&w, sum_fold(sum_add(0, packet, 28)));
    net_inject_ip(&net, packet, sizeof packet);
    CHECK_EQ(recorder_count(&net.rec, EV_IP_FORWARD), 1);
    CHECK_EQ(redirects_sent(), 0);
}

/* --- path MTU ------------------------------------------------------------ */

/* Nor is the path to whom a socket does not talk narrowed. */
static void
nobody_narrows_a_path_that_is_not_used(void)
{
    struct ipv4 src;
    unsigned mtu;

    begin();
    inject("10.0.0.77", 3, 4, 600, "10.0.0.1", "192.0.2.1");
    CHECK_EQ(ip_source(host_ip(net.a), net_ip("192.0.2.1"), &src, &mtu), 0);
    CHECK_EQ(mtu, 1500);
    udp_connect(talker, (struct udp_end){net_ip("192.0.2.1"), 7});
    inject("10.0.0.77", 3, 4, 600, "10.0.0.1", "192.0.2.1");
    CHECK_EQ(ip_source(host_ip(net.a), net_ip("192.0.2.1"), &src, &mtu), 0);
    CHECK_EQ(mtu, 600);
    net_run(&net, 601 * LW_S);
}

static void
smaller_packets_after_a_complaint(void)
{
    struct udp_end end = {net_ip("192.0.2.1"), 7};
    struct ipv4 src;
    unsigned mtu;
    char data[1400] = "";

    begin();
    udp_connect(talker, end);
    CHECK_EQ(udp_send(talker, data, sizeof data, end), sizeof data);
    inject("10.0.0.77", 3, 4, 1000, "10.0.0.1", "192.0.2.1");
    CHECK_EQ(udp_error(talker), EMSGSIZE);
    CHECK_EQ(ip_source(host_ip(net.a), end.addr, &src, &mtu), 0);
    CHECK_EQ(mtu, 1000);
    net_forget(&net);
    CHECK_EQ(udp_send(talker, data, sizeof data, end), sizeof data);
    REQUIRE(net.nsent == 2);
    CHECK(net.sent[0].len <= 1014 && net.sent[1].len <= 1014);
    CHECK_EQ(net.sent[0].bytes[20], 0x20); /* in pieces: DF is off */
    /* Larger is no news; less than the least is the least. */
    inject("10.0.0.77", 3, 4, 1200, "10.0.0.1", "192.0.2.1");
    inject("10.0.0.77", 3, 4, 68, "10.0.0.1", "192.0.2.1");
    CHECK_EQ(ip_source(host_ip(net.a), end.addr, &src, &mtu), 0);
    CHECK_EQ(mtu, 552);
    /* About a datagram that no socket sent: not believed. */
    inject("10.0.0.77", 3, 4, 700, "10.0.0.1", "192.0.2.9");
    CHECK_EQ(ip_source(host_ip(net.a), net_ip("192.0.2.9"), &src, &mtu), 0);
    CHECK_EQ(mtu, 1500);
    net_run(&net, 601 * LW_S);
    CHECK_EQ(ip_source(host_ip(net.a), end.addr, &src, &mtu), 0);
    CHECK_EQ(mtu, 1500);
}

/* --- how many errors ----------------------------------------------------- */

/* Bad packets from a thousand senders at once: some are told, not all. */
static void
errors_for_all_together_are_limited(void)
{
    unsigned total = 0;

    begin();
    for (uint32_t i = 0; i < 1000; i++) {
        struct craft c = {.eth_dst = net.a0->addr,
            .eth_src = NET_PEER_MAC,
            .src = {0xc6330000 + i},
            .dst = net_ip("10.0.0.1"),
            .sport = 9,
            .dport = 9,
            .ttl = 64};
        uint8_t frame[CRAFT_ROOM];

        net_inject(&net, frame, craft_udp(frame, &c));
        total += net.nsent;
        net_forget(&net);
    }
    CHECK(total >= 50 / 3 && total <= 50);
}

static CU_TestInfo cases[] = {
    TEST(a_redirect_is_heeded_for_a_while),
    TEST(lies_are_not_heeded),
    TEST(what_nobody_sent_is_not_redirected),
    TEST(a_connection_is_redirected),
    TEST(only_so_many_are_remembered),
    TEST(a_router_tells_of_a_better_way),
    TEST(a_chosen_way_is_not_redirected),
    TEST(nobody_narrows_a_path_that_is_not_used),
    TEST(smaller_packets_after_a_complaint),
    TEST(errors_for_all_together_are_limited),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_redirect = {
    .pName = "redirect", .pTests = cases, .pTearDownFunc = teardown};
