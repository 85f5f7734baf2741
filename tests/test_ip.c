/*
 * test_ip.c: IPv4 packets: which are taken, which way they go, what changes
 * on the way.
 */
#include "ip_header.h"
#include "bytes.h"
#include "check.h"
#include "craft.h"
#include "net_fixture.h"
#include "net.h"
#include "route.h"
#include "sum.h"

#include <errno.h>
#include <string.h>

static struct net net;

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
}

/* A good echo request from the peer to a. */
static size_t
good_frame(uint8_t *frame)
{
    struct craft c = {
        .eth_dst = net.a0->addr,
        .eth_src = NET_PEER_MAC,
        .src = net_ip("10.0.0.2"),
        .dst = net_ip("10.0.0.1"),
        .ttl = 64,
        .sport = 7,
        .dport = 1,
        .data = "0123456789",
        .len = 10,
    };

    return craft_echo(frame, &c, 8);
}

static void
sign(uint8_t *ip, size_t len)
{
    struct writer w = writer_of(ip + 10, 2);

    memset(ip + 10, 0, 2);
    put_be16(&w, sum_fold(sum_add(0, ip, len)));
}

static void
ping(struct host *from, const char *to, uint8_t ttl)
{
    CHECK_EQ(icmp_echo(host_ip(from), net_ip(to), ttl, 7, 1, "abc", 3), 0);
}

/* --- the header -------------------------------------------------------- */

static void
our_headers_are_as_libnet_makes_them(void)
{
    struct craft c = {
        .src = net_ip("10.0.0.1"),
        .dst = net_ip("192.0.2.200"),
        .ttl = 7,
        .tos = 0x28,
        .id = 0xbeef,
        .fragment = IP_MF | 0x123,
        .data = "abc",
        .len = 3,
    };
    struct ip_fields f = {
        .h = {.src = c.src,
            .dst = c.dst,
            .protocol = IP_UDP,
            .ttl = 7,
            .tos = 0x28,
            .id = 0xbeef},
        .total = 31,
        .offset = 0x123 * 8,
        .mf = true,
    };
    uint8_t theirs[CRAFT_ROOM], ours[IP_LEN];
    struct ip_fields back;

    CHECK_EQ(craft_udp(theirs, &c), 14 + 31);
    ip_build(&f, ours);
    CHECK_MEM(ours, theirs + 14, IP_LEN);
    CHECK_EQ(ip_parse(&back, theirs + 14, 31).why, DROP_NONE);
    CHECK_EQ(back.offset, f.offset);
    CHECK_EQ(back.total, 31);
    CHECK(back.mf && !back.h.df);
    CHECK_EQ(back.h.id, 0xbeef);
    CHECK_EQ(back.h.tos, 0x28);
    CHECK_EQ(back.h.header_len, 20);
    CHECK(ipv4_eq(back.h.src, c.src) && ipv4_eq(back.h.dst, c.dst));
}

static void
the_checksum_follows_the_ttl(void)
{
    uint8_t header[IP_LEN];
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < 0x10000; i++) {
        struct ip_fields f = {
            .h = {.ttl = (uint8_t)(1 + i % 255),
                .protocol = i >> 8 & 0xff,
                .src = {i * 2654435761u},
                .dst = {i}},
            .total = (uint16_t)i,
        };

        ip_build(&f, header);
        ip_decrement_ttl(header);
        wrong += sum_fold(sum_add(0, header, IP_LEN)) != 0;
        wrong += header[8] != f.h.ttl - 1;
    }
    CHECK_EQ(wrong, 0);
}

static void
broken_headers_are_refused(void)
{
    static const struct {
        uint8_t at, value;
        bool sign;
        const char *reason;
    } lies[] = {
        {0, 0x65, true, "IP_VERSION"},
        {0, 0x05, true, "IP_VERSION"},
        {0, 0x40, true, "IP_HEADER_LENGTH"},
        {0, 0x44, true, "IP_HEADER_LENGTH"},
        {0, 0x4f, true, "IP_HEADER_LENGTH"}, /* past the packet */
        {8, 63, false, "IP_CHECKSUM"},
        {10, 0, false, "IP_CHECKSUM"},
        {2, 1, true, "IP_TOTAL_LENGTH"},
        {3, 0, true, "IP_TOTAL_LENGTH"},
        {3, 19, true, "IP_TOTAL_LENGTH"},
        {3, 39, true, "IP_TOTAL_LENGTH"},
    };
    uint8_t good[CRAFT_ROOM], bad[CRAFT_ROOM];
    size_t len;

    net_bare(&net, 1, true);
    len = good_frame(good);
    REQUIRE(len == 14 + 38);
    for (size_t i = 0; i < LW_COUNT(lies); i++) {
        memcpy(bad, good, len);
        bad[14 + lies[i].at] = lies[i].value;
        if (lies[i].sign)
            sign(bad + 14, IP_LEN);
        recorder_clear(&net.rec);
        net_inject(&net, bad, len);
        if (!CHECK_EQ(recorder_drops(&net.rec, lies[i].reason), 1))
            recorder_print(&net.rec);
    }
    recorder_clear(&net.rec);
    for (size_t cut = 14; cut < 34; cut++)
        net_inject(&net, good, cut);
    CHECK_EQ(recorder_drops(&net.rec, "TOO_SHORT"), 20);
    for (size_t cut = 34; cut < len; cut++)
        net_inject(&net, good, cut);
    CHECK_EQ(recorder_drops(&net.rec, "IP_TOTAL_LENGTH"), len - 34);
    CHECK_EQ(net.nsent, 0);
    net_inject(&net, good, len);
    CHECK_EQ(net.nsent, 1);
}

static void
padding_is_not_data(void)
{
    uint8_t frame[CRAFT_ROOM];
    size_t len;

    net_bare(&net, 1, true);
    len = good_frame(frame);
    memset(frame + len, 0xee, 60);
    net_inject(&net, frame, len + 60);
    REQUIRE(net.nsent == 1);
    CHECK_EQ(net.sent[0].len, len);
}

static void
impossible_addresses_are_refused(void)
{
    static const struct {
        const char *src, *dst, *reason;
    } lies[] = {
        {"0.0.0.0", "10.0.0.1", "IP_SOURCE"},
        {"0.1.2.3", "10.0.0.1", "IP_SOURCE"},
        {"127.0.0.1", "10.0.0.1", "IP_SOURCE"},
        {"224.0.0.1", "10.0.0.1", "IP_SOURCE"},
        {"240.0.0.1", "10.0.0.1", "IP_SOURCE"},
        {"255.255.255.255", "10.0.0.1", "IP_SOURCE"},
        {"10.0.0.255", "10.0.0.1", "IP_SOURCE"},
        {"10.0.0.1", "10.0.0.1", "IP_SOURCE"}, /* LAND */
        {"10.0.0.2", "0.0.0.0", "IP_DESTINATION"},
        {"10.0.0.2", "127.0.0.1", "IP_DESTINATION"},
        {"10.0.0.2", "250.0.0.1", "IP_DESTINATION"},
        {"10.0.0.2", "224.0.0.251", "IP_NOT_FOR_US"},
        {"10.0.0.2", "10.0.0.3", "IP_NOT_FOR_US"},
        {"10.0.0.2", "198.51.100.1", "IP_NOT_FOR_US"},
    };
    uint8_t frame[CRAFT_ROOM];

    net_bare(&net, 1, true);
    for (size_t i = 0; i < LW_COUNT(lies); i++) {
        size_t len = good_frame(frame);
        struct writer w = writer_of(frame + 26, 8);

        put_ipv4(&w, net_ip(lies[i].src));
        put_ipv4(&w, net_ip(lies[i].dst));
        sign(frame + 14, IP_LEN);
        recorder_clear(&net.rec);
        net_inject(&net, frame, len);
        if (!CHECK_EQ(recorder_drops(&net.rec, lies[i].reason), 1))
            recorder_print(&net.rec);
    }
    /* A frame for all holds a packet for one (RFC 1122 3.3.6). */
    recorder_clear(&net.rec);
    good_frame(frame);
    memset(frame, 0xff, 6);
    net_inject(&net, frame, 52);
    CHECK_EQ(recorder_drops(&net.rec, "IP_DESTINATION"), 1);
    CHECK_EQ(net.nsent, 0);
}

/* The good frame with these options, `n` a multiple of 4, injected. */
static void
inject_options(const void *options, size_t n)
{
    uint8_t good[CRAFT_ROOM], frame[CRAFT_ROOM];
    size_t len = good_frame(good);
    struct writer w = writer_of(frame, sizeof frame);

    put_bytes(&w, good, 34);
    put_bytes(&w, options, n);
    put_bytes(&w, good + 34, len - 34);
    frame[14] = (uint8_t)(0x45 + n / 4);
    frame[17] = (uint8_t)(len - 14 + n);
    sign(frame + 14, IP_LEN + n);
    net_inject(&net, frame, writer_len(&w));
}

static void
options_are_checked_and_skipped(void)
{
    static const struct {
        const char *bytes;
        uint8_t n, blame; /* offset blamed in the parameter problem; 0: good */
        const char *what;
    } options[] = {
        {"\x01\x01\x01\x01", 4, 0, "nothing, four times"},
        {"\x00\xff\xff\xff", 4, 0, "end: what follows is not looked at"},
        {"\x94\x04\x00\x00", 4, 0, "router alert"},
        {"\x07\x07\x04\x00\x00\x00\x00\x00", 8, 0, "record route"},
        {"\x07\x07\x08\x0a\x00\x00\x09\x00", 8, 0, "record route, full"},
        {"\x44\x0c\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00", 12, 0,
            "timestamp"},
        {"\x01\x94\x00\x00", 4, 21, "length 0"},
        {"\x01\x01\x94\x01", 4, 22, "length 1"},
        {"\x94\x05\x00\x00", 4, 20, "past the header"},
        {"\x01\x01\x01\x94", 4, 23, "no length"},
        {"\x07\x07\x03\x00\x00\x00\x00\x00", 8, 22, "pointer below 4"},
        {"\x07\x02\x00\x00", 4, 21, "no pointer"},
        {"\x44\x04\x04\x00", 4, 22, "timestamp, pointer below 5"},
    };

    net_bare(&net, 1, true);
    for (size_t i = 0; i < LW_COUNT(options); i++) {
        net_forget(&net);
        net_run(&net, 10 * LW_S); /* not to be silenced by the rate limit */
        net_forget(&net);
        inject_options(options[i].bytes, options[i].n);
        if (!CHECK_EQ(net.nsent, 1))
            continue;
        CHECK_EQ(net.sent[0].bytes[14 + 4 * (net.sent[0].bytes[14] & 15)],
            options[i].blame ? 12 : 0);
        if (options[i].blame)
            CHECK_EQ(net.sent[0].bytes[38], options[i].blame);
    }
    net_forget(&net);
    inject_options("\x83\x07\x04\x0a\x00\x00\x09\x00", 8); /* loose route */
    inject_options("\x89\x07\x04\x0a\x00\x00\x09\x00", 8); /* strict route */
    CHECK_EQ(net.nsent, 0);
    CHECK_EQ(recorder_drops(&net.rec, "IP_OPTION"), 9);
}

/* --- routes ------------------------------------------------------------ */

static void
the_longest_prefix_wins(void)
{
    static const struct {
        const char *dst;
        unsigned prefix;
        const char *gateway;
    } table[] = {
        {"0.0.0.0", 0, "10.0.0.1"},
        {"192.0.2.0", 24, "10.0.0.2"},
        {"192.0.2.128", 25, "10.0.0.3"},
        {"192.0.2.129", 32, "10.0.0.4"},
        {"192.0.0.0", 16, "10.0.0.5"},
    };
    static const char *const ask[][2] = {{"8.8.8.8", "10.0.0.1"},
        {"192.0.2.1", "10.0.0.2"}, {"192.0.2.130", "10.0.0.3"},
        {"192.0.2.129", "10.0.0.4"}, {"192.0.3.1", "10.0.0.5"},
        {"255.255.255.255", "10.0.0.1"}};
    struct routes t = {0};
    struct route r = {0};

    CHECK(route_find(&t, net_ip("8.8.8.8")) == NULL);
    for (size_t i = 0; i < LW_COUNT(table); i++) {
        r.dst = net_ip(table[i].dst);
        r.prefix = table[i].prefix;
        r.gateway = net_ip(table[i].gateway);
        CHECK_EQ(route_add(&t, &r), 0);
    }
    for (int twice = 0; twice < 2; twice++) /* the second from the cache */
        for (size_t i = 0; i < LW_COUNT(ask); i++) {
            const struct route *found = route_find(&t, net_ip(ask[i][0]));

            REQUIRE(found);
            CHECK(ipv4_eq(found->gateway, net_ip(ask[i][1])));
        }
    routes_free(&t);
}

static void
which_address_speaks(void)
{
    struct ipv4 src;
    unsigned mtu;
    struct ip *ip;

    net_walk(&net, 1);
    ip = host_ip(net.router);
    CHECK_EQ(ip_source(ip, net_ip("10.0.1.9"), &src, &mtu), 0);
    CHECK(ipv4_eq(src, net_ip("10.0.1.1")));
    CHECK_EQ(mtu, 1500);
    CHECK_EQ(ip_source(ip, net_ip("10.0.0.1"), &src, &mtu), 0);
    CHECK(ipv4_eq(src, net_ip("10.0.0.1")));
    CHECK_EQ(mtu, 65535);
    CHECK_EQ(ip_source(ip, net_ip("127.0.0.53"), &src, &mtu), 0);
    CHECK(ipv4_eq(src, net_ip("127.0.0.1")));
    CHECK_EQ(ip_source(ip, net_ip("192.0.2.1"), &src, &mtu), -ENETUNREACH);
    CHECK_EQ(ip_source(host_ip(net.a), net_ip("192.0.2.1"), &src, &mtu), 0);
    CHECK_EQ(
        ip_source(host_ip(net.a), net_ip("0.0.0.0"), &src, &mtu), -ENETUNREACH);
    CHECK(ip_is_ours(ip, net_ip("127.9.9.9")));
    CHECK(ip_is_ours(ip, net_ip("10.0.1.1")));
    CHECK(!ip_is_ours(ip, net_ip("10.0.1.2")));
    CHECK_EQ(host_add_route(
                 net.router, net_ip("192.0.2.0"), 24, net_ip("203.0.113.1")),
        -ENETUNREACH);
    CHECK_EQ(icmp_echo(ip, net_ip("192.0.2.1"), 0, 1, 1, "", 0), -ENETUNREACH);
}

static void
to_ourselves_by_loopback(void)
{
    net_pair(&net, 1);
    ping(net.a, "127.0.0.1", 0);
    ping(net.a, "10.0.0.1", 0);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 0); /* not by call */
    net_run(&net, LW_MS);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 4);
    CHECK_EQ(recorder_count(&net.rec, EV_ARP_ASK), 0);
    CHECK_TEXT(
        recorder_text(recorder_find(&net.rec, EV_FRAME_SENT, 0), "if", 0),
        "lo");
}

/* --- forwarding -------------------------------------------------------- */

static void
a_router_changes_little(void)
{
    const struct event *frames[2], *strip;
    const struct field *before, *after;
    uint8_t want[64];

    net_walk(&net, 1);
    ping(net.a, "10.0.1.2", 0);
    net_run(&net, LW_S);
    recorder_clear(&net.rec);
    ping(net.a, "10.0.1.2", 0);
    net_run(&net, LW_S);
    frames[0] = recorder_find(&net.rec, EV_FRAME_SENT, 0);
    frames[1] = recorder_find(&net.rec, EV_FRAME_SENT, 1);
    REQUIRE(frames[0] && frames[1]);
    CHECK(frames[0]->pkt != frames[1]->pkt);
    before = event_field(frames[0], "bytes");
    after = event_field(frames[1], "bytes");
    REQUIRE(before && after && before->len == after->len);
    /* B1: TTL falls, hardware addresses change, IP addresses stay. */
    memcpy(want, before->at, before->len);
    memcpy(want, net.b0->addr.b, 6);
    memcpy(want + 6, net.r1->addr.b, 6);
    want[22]--;
    sign(want + 14, IP_LEN);
    CHECK_MEM(after->at, want, before->len);
    strip = recorder_find(&net.rec, EV_ICMP_ARRIVE, 1);
    CHECK_TEXT(recorder_text(strip, "type", 0), "echo reply");
    /* Why was the second frame sent? Because the first was forwarded. */
    CHECK_EQ(recorder_at(&net.rec, frames[1]->cause)->kind, EV_IP_FORWARD);
}

static void
each_router_is_found_by_its_silence(void) /* traceroute */
{
    const struct event *e;

    net_walk(&net, 1);
    ping(net.a, "10.0.1.2", 1);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "IP_TTL"), 1);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "time exceeded");
    CHECK_TEXT(recorder_text(e, "src", 0), "10.0.0.1");
    recorder_clear(&net.rec);
    ping(net.a, "10.0.1.2", 2);
    net_run(&net, LW_S);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 1);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "echo reply");
    CHECK_TEXT(recorder_text(e, "src", 0), "10.0.1.2");
}

static void
a_router_without_a_way(void)
{
    const struct event *e;

    net_walk(&net, 1);
    ping(net.a, "192.0.2.1", 0);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "IP_NO_ROUTE"), 1);
    CHECK_EQ(recorder_count(&net.rec, EV_IP_NO_ROUTE), 1);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "network unreachable");
    recorder_clear(&net.rec);
    ping(net.a, "10.0.1.77", 0); /* the last link, but nobody there */
    net_run(&net, 10 * LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "ARP_NO_ANSWER"), 1);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "host unreachable");
    CHECK_TEXT(recorder_text(e, "src", 0), "10.0.0.1");
    recorder_clear(&net.rec);
    ping(net.a, "10.0.1.255", 0); /* to all of another link */
    host_set_forwarding(net.router, false);
    ping(net.a, "10.0.1.2", 0);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "IP_DESTINATION"), 1);
    CHECK_EQ(recorder_drops(&net.rec, "IP_NOT_FOR_US"), 1);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 0);
}

static CU_TestInfo cases[] = {
    TEST(our_headers_are_as_libnet_makes_them),
    TEST(the_checksum_follows_the_ttl),
    TEST(broken_headers_are_refused),
    TEST(padding_is_not_data),
    TEST(impossible_addresses_are_refused),
    TEST(options_are_checked_and_skipped),
    TEST(the_longest_prefix_wins),
    TEST(which_address_speaks),
    TEST(to_ourselves_by_loopback),
    TEST(a_router_changes_little),
    TEST(each_router_is_found_by_its_silence),
    TEST(a_router_without_a_way),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_ip = {
    .pName = "ip", .pTests = cases, .pTearDownFunc = teardown};
