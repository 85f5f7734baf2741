/*
 * test_icmp.c: echoes answered, errors sent and errors heard, and when to
 * keep silent.
 */
#include "bytes.h"
#include "check.h"
#include "craft.h"
#include "net.h"
#include "net_fixture.h"
#include "sum.h"

#include <errno.h>
#include <string.h>

#define TEST_PROTOCOL 253 /* for experiments: RFC 3692 */

static struct net net;

/* What the error hook of TEST_PROTOCOL was told last. */
static struct {
    unsigned count;
    struct ip_error err;
    uint8_t data[8];
} told;

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
    memset(&told, 0, sizeof told);
}

static void
swallow(void *owner, struct pkt *p, const struct ip_hdr *ih)
{
    (void)owner, (void)ih;
    pkt_free(p);
}

static bool
tell(void *owner, const struct ip_error *err)
{
    (void)owner;
    told.count++;
    told.err = *err;
    memcpy(told.data, err->data, sizeof told.data);
    return true;
}

static void
listen_for_errors(struct host *h)
{
    struct ip_proto proto = {
        .protocol = TEST_PROTOCOL, .input = swallow, .error = tell};

    CHECK_EQ(ip_register(host_ip(h), &proto), 0);
    CHECK_EQ(ip_register(host_ip(h), &proto), -EEXIST);
}

/* A datagram of TEST_PROTOCOL with len bytes. */
static int
send_test(
    struct host *from, const char *src, const char *dst, size_t len, bool df)
{
    struct pkt *p = pkt_new(world_pool(net.world), PKT_HEADROOM, len);
    struct ip_out out = {
        .src = net_ip(src),
        .dst = net_ip(dst),
        .protocol = TEST_PROTOCOL,
        .df = df,
    };

    memset(pkt_put(p, (uint32_t)len), 0x5a, len);
    return ip_output(host_ip(from), p, &out);
}

static size_t
frame_from_peer(uint8_t *frame, const char *dst)
{
    struct craft c = {
        .eth_dst = net.a0->addr,
        .eth_src = NET_PEER_MAC,
        .src = net_ip("10.0.0.2"),
        .dst = net_ip(dst),
        .ttl = 64,
        .sport = 0x1234,
        .dport = 9,
        .data = "the same data back",
        .len = 18,
    };

    return craft_echo(frame, &c, 8);
}

static void
sign_message(uint8_t *frame, size_t len)
{
    struct writer w = writer_of(frame + 36, 2);

    memset(frame + 36, 0, 2);
    put_be16(&w, sum_fold(sum_add(0, frame + 34, len - 34)));
}

/* --- echo -------------------------------------------------------------- */

static void
an_echo_is_as_libnet_makes_it(void)
{
    struct craft c = {.eth_dst = NET_PEER_MAC,
        .ttl = 64,
        .sport = 0x1234,
        .dport = 9,
        .data = "the same data back",
        .len = 18};
    uint8_t frame[CRAFT_ROOM], want[CRAFT_ROOM];
    size_t len;

    net_bare(&net, 1, true);
    c.eth_src = net.a0->addr;
    c.src = net_ip("10.0.0.1");
    c.dst = net_ip("10.0.0.2");
    net_inject(&net, frame, frame_from_peer(frame, "10.0.0.1"));
    REQUIRE(net.nsent == 1);
    c.id = (uint16_t)(net.sent[0].bytes[18] << 8 | net.sent[0].bytes[19]);
    len = craft_echo(want, &c, 0);
    CHECK_EQ(net.sent[0].len, len);
    CHECK_MEM(net.sent[0].bytes, want, len);
}

static void
not_every_echo_is_answered(void)
{
    uint8_t frame[CRAFT_ROOM];
    size_t len;

    net_bare(&net, 1, true);
    len = frame_from_peer(frame, "10.0.0.255");
    memset(frame, 0xff, 6);
    net_inject(&net, frame, len);
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_IGNORED"), 1);
    len = frame_from_peer(frame, "10.0.0.1");
    frame[len - 1] ^= 1;
    net_inject(&net, frame, len);
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_CHECKSUM"), 1);
    for (uint8_t n = 0; n < 8; n++) {
        uint8_t packet[28] = {0x45, 0, 0, (uint8_t)(20 + n), 0, 0, 0, 0, 64,
            IP_ICMP, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 8};
        struct writer w = writer_of(packet + 10, 2);

        put_be16(&w, sum_fold(sum_add(0, packet, 20)));
        net_inject_ip(&net, packet, 20u + n);
    }
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_MALFORMED"), 8);
    CHECK_EQ(net.nsent, 0);
}

static void
other_types_are_ignored(void)
{
    uint8_t frame[CRAFT_ROOM];
    size_t len;

    net_bare(&net, 1, true);
    len = frame_from_peer(frame, "10.0.0.1");
    for (unsigned type = 1; type < 256; type++) {
        if (type == 3 || type == 5 || type == 8 || (type >= 11 && type <= 13))
            continue;
        frame[34] = (uint8_t)type;
        sign_message(frame, len);
        net_inject(&net, frame, len);
    }
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_IGNORED"), 249);
    CHECK_EQ(net.nsent, 0);
}

/* What time is it? RFC 792, and RFC 1122 3.2.2.8: 12:34:56.789 UT. */
static size_t
ask_the_time(const char *to, uint8_t times)
{
    uint8_t packet[40] = {0x45, 0, 0, (uint8_t)(28 + times), 0, 0, 0, 0, 64,
        IP_ICMP, 0, 0, 10, 0, 0, 2};
    struct writer w = writer_of(packet + 16, 24);

    put_ipv4(&w, net_ip(to));
    put_be16(&w, 13 << 8);
    put_be16(&w, 0);
    put_be32(&w, 0x12345678);
    put_be32(&w, 1000);
    w = writer_of(packet + 10, 2);
    put_be16(&w, sum_fold(sum_add(0, packet, 20)));
    w = writer_of(packet + 22, 2);
    put_be16(&w, sum_fold(sum_add(0, packet + 20, 8u + times)));
    net_inject_ip(&net, packet, 28u + times);
    return net.nsent;
}

static void
the_time_is_told(void)
{
    struct cursor c;

    net_bare(&net, 1, true);
    world_timers(net.world)->epoch = 20000 * 86400 + 12 * 3600 + 34 * 60 + 56;
    net_run(&net, 789 * LW_MS - world_timers(net.world)->now.ns);
    REQUIRE(ask_the_time("10.0.0.1", 12) == 1);
    CHECK_EQ(net.sent[0].len, 14 + 20 + 20);
    CHECK_EQ(sum_fold(sum_add(0, net.sent[0].bytes + 34, 20)), 0);
    c = cursor_of(net.sent[0].bytes + 34, 20);
    CHECK_EQ(get_be16(&c), 14 << 8);
    get_be16(&c);
    CHECK_EQ(get_be32(&c), 0x12345678); /* identifier and number */
    CHECK_EQ(get_be32(&c), 1000);       /* as it was asked */
    CHECK_EQ(get_be32(&c), 45296789);
    CHECK_EQ(get_be32(&c), 45296789);
    CHECK_EQ(ask_the_time("10.0.0.1", 0), 1);
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_MALFORMED"), 1);
    CHECK_EQ(ask_the_time("10.0.0.255", 12), 1);
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_IGNORED"), 1);
    ip_sysctl(host_ip(net.a))->icmp_echo_ignore_broadcasts = 0;
    CHECK_EQ(ask_the_time("10.0.0.255", 12), 2);
    c = cursor_of(net.sent[1].bytes + 26, 8);
    CHECK_EQ(get_ipv4(&c).v, net_ip("10.0.0.1").v); /* not as "all" */
}

/* --- errors sent ------------------------------------------------------- */

static void
an_unknown_protocol_is_told(void)
{
    uint8_t frame[CRAFT_ROOM];
    size_t len;

    net_bare(&net, 1, true);
    len = frame_from_peer(frame, "10.0.0.1");
    frame[23] = TEST_PROTOCOL;
    memset(frame + 24, 0, 2);
    CHECK_EQ(sum_fold(sum_add(0, frame + 14, 20)) != 0, true);
    struct writer w = writer_of(frame + 24, 2);
    put_be16(&w, sum_fold(sum_add(0, frame + 14, 20)));
    net_inject(&net, frame, len);
    REQUIRE(net.nsent == 1);
    CHECK_EQ(net.sent[0].bytes[15], 0xc0);
    CHECK_EQ(net.sent[0].bytes[34], 3);
    CHECK_EQ(net.sent[0].bytes[35], 2);
    /* The whole packet is quoted, as it came. */
    CHECK_EQ(net.sent[0].len, 14 + 20 + 8 + len - 14);
    CHECK_MEM(net.sent[0].bytes + 42, frame + 14, len - 14);
    CHECK_EQ(recorder_drops(&net.rec, "IP_PROTOCOL"), 1);
    CHECK_EQ(
        sum_fold(sum_add(0, net.sent[0].bytes + 34, net.sent[0].len - 34)), 0);
}

/* A packet of an unknown protocol, changed at one place of its IP header. */
static void
inject_unknown(const char *src, const char *dst, uint16_t fragment)
{
    uint8_t packet[1400] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, TEST_PROTOCOL};
    struct writer w = writer_of(packet + 2, 2);

    put_be16(&w, sizeof packet);
    w = writer_of(packet + 6, 2);
    put_be16(&w, fragment);
    w = writer_of(packet + 12, 8);
    put_ipv4(&w, net_ip(src));
    put_ipv4(&w, net_ip(dst));
    w = writer_of(packet + 10, 2);
    put_be16(&w, sum_fold(sum_add(0, packet, 20)));
    net_inject_ip(&net, packet, sizeof packet);
}

static void
errors_are_short_and_few(void)
{
    net_bare(&net, 1, true);
    for (int i = 0; i < 20; i++)
        inject_unknown("10.0.0.2", "10.0.0.1", 0);
    CHECK_EQ(net.nsent, 6);
    CHECK_EQ(net.sent[0].len, 14 + 576);
    net_run(&net, 3 * LW_S);
    net_forget(&net);
    for (int i = 0; i < 20; i++)
        inject_unknown("10.0.0.2", "10.0.0.1", 0);
    CHECK_EQ(net.nsent, 3);
    net_run(&net, 60 * LW_S);
    net_forget(&net);
    inject_unknown("10.0.0.2", "255.255.255.255", 0); /* to all */
    CHECK_EQ(net.nsent, 0);
    CHECK_EQ(recorder_drops(&net.rec, "IP_PROTOCOL"), 41);
}

/* Somebody who is told nothing any more takes nothing from the others. */
static void
a_flood_silences_itself_alone(void)
{
    net_bare(&net, 1, true);
    for (int i = 0; i < 200; i++)
        inject_unknown("10.0.0.2", "10.0.0.1", 0);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_SEND), 6);
    inject_unknown("10.0.0.3", "10.0.0.1", 0);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_SEND), 7);
}

static void
errors_about_errors_are_not_sent(void)
{
    /* "port unreachable" from nowhere, with TTL 1, for another host. */
    uint8_t frame[CRAFT_ROOM];
    size_t len;

    net_bare(&net, 1, true);
    host_set_forwarding(net.a, true);
    for (int type = 0; type < 19; type++) {
        bool query = type == 0 || type == 8 || type == 13 || type == 14;

        net_run(&net, 10 * LW_S);
        net_forget(&net);
        len = frame_from_peer(frame, "192.0.2.1");
        frame[34] = (uint8_t)type;
        sign_message(frame, len);
        net_inject(&net, frame, len);
        CHECK_EQ(net.nsent, query);
    }
}

/* --- errors heard ------------------------------------------------------ */

static void
too_big_for_a_link_on_the_way(void)
{
    net_walk(&net, 1);
    net.r1->mtu = 1000;
    listen_for_errors(net.a);
    CHECK_EQ(send_test(net.a, "10.0.0.2", "10.0.1.2", 1200, true), 0);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "IP_FRAGMENT_NEEDED"), 1);
    CHECK_EQ(told.count, 1);
    CHECK_EQ(told.err.type, 3);
    CHECK_EQ(told.err.code, 4);
    CHECK_EQ(told.err.next_mtu, 1000);
    CHECK(ipv4_eq(told.err.from, net_ip("10.0.0.1")));
    CHECK(ipv4_eq(told.err.src, net_ip("10.0.0.2")));
    CHECK(ipv4_eq(told.err.dst, net_ip("10.0.1.2")));
    CHECK(told.err.len >= 8);
    CHECK_MEM(told.data, "ZZZZZZZZ", 8);
    CHECK_EQ(send_test(net.a, "10.0.0.2", "10.0.1.2", 1481, true), -EMSGSIZE);
    CHECK_EQ(send_test(net.a, "10.0.0.2", "10.0.1.2", 65516, false), -EMSGSIZE);
}

/* An error from the peer that quotes `len` bytes. */
static void
inject_error(uint8_t type, uint8_t code, const uint8_t *quote, size_t len)
{
    uint8_t packet[128] = {0x45, 0, 0, (uint8_t)(28 + len), 0, 0, 0, 0, 64,
        IP_ICMP, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, type, code};
    struct writer w = writer_of(packet + 28, 100);

    put_bytes(&w, quote, len);
    w = writer_of(packet + 22, 2);
    put_be16(&w, sum_fold(sum_add(0, packet + 20, 8 + len)));
    w = writer_of(packet + 10, 2);
    put_be16(&w, sum_fold(sum_add(0, packet, 20)));
    net_inject_ip(&net, packet, 28 + len);
}

static void
lying_quotes_are_refused(void)
{
    uint8_t quote[28] = {0x45, 0, 5, 0, 0, 0, 0, 0, 64, TEST_PROTOCOL, 0, 0, 10,
        0, 0, 1, 10, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8};

    net_bare(&net, 1, true);
    listen_for_errors(net.a);
    inject_error(3, 3, quote, sizeof quote);
    inject_error(11, 0, quote, sizeof quote);
    inject_error(12, 0, quote, sizeof quote);
    CHECK_EQ(told.count, 3);
    CHECK_MEM(told.data, "\1\2\3\4\5\6\7\10", 8);
    for (size_t len = 0; len < sizeof quote; len++)
        inject_error(3, 3, quote, len);
    for (unsigned first = 0; first < 256; first++) {
        quote[0] = (uint8_t)first;
        if (first != 0x45)
            inject_error(3, 3, quote, sizeof quote);
    }
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_MALFORMED"), 28 + 255);
    quote[0] = 0x45;
    quote[15] = 9; /* sent by somebody else */
    inject_error(3, 3, quote, sizeof quote);
    CHECK_EQ(recorder_drops(&net.rec, "ICMP_IGNORED"), 1);
    quote[15] = 1;
    quote[9] = 200; /* nobody's protocol: heard, but whom to tell? */
    inject_error(3, 3, quote, sizeof quote);
    CHECK_EQ(told.count, 3);
    CHECK_EQ(net.nsent, 0);
}

static CU_TestInfo cases[] = {
    TEST(an_echo_is_as_libnet_makes_it),
    TEST(not_every_echo_is_answered),
    TEST(other_types_are_ignored),
    TEST(the_time_is_told),
    TEST(an_unknown_protocol_is_told),
    TEST(errors_are_short_and_few),
    TEST(a_flood_silences_itself_alone),
    TEST(errors_about_errors_are_not_sent),
    TEST(too_big_for_a_link_on_the_way),
    TEST(lying_quotes_are_refused),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_icmp = {
    .pName = "icmp", .pTests = cases, .pTearDownFunc = teardown};
