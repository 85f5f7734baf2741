/*
 * test_udp.c: datagrams from port to port, and what is said when nobody
 * listens.
 */
#include "udp.h"
#include "bytes.h"
#include "check.h"
#include "craft.h"
#include "net.h"
#include "net_fixture.h"
#include "sum.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

static struct net net;
static unsigned notified;

static void
setup(void)
{
    notified = 0;
}

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
}

static void
count(void *owner)
{
    (void)owner;
    notified++;
}

static struct udp_end
end(const char *ip, uint16_t port)
{
    return (struct udp_end){net_ip(ip), port};
}

static struct udp_sock *
open_at(struct host *h, const char *ip, uint16_t port)
{
    struct udp_sock *s = NULL;

    CHECK_EQ(udp_open(host_udp(h), end(ip, port), count, NULL, &s), 0);
    return s;
}

/* The next datagram of s is this text, from there. */
static void
expect(struct udp_sock *s, const char *text, const char *ip, uint16_t port)
{
    char buf[256] = "";
    struct udp_end from = {{0}, 0};
    size_t full = 0;
    int64_t n = udp_recv(s, buf, sizeof buf - 1, &from, &full, false);

    CHECK_EQ(n, strlen(text));
    CHECK_EQ(full, strlen(text));
    CHECK_TEXT(buf, text);
    CHECK(ipv4_eq(from.addr, net_ip(ip)));
    if (port)
        CHECK_EQ(from.port, port);
}

static void
expect_nothing(struct udp_sock *s, int err)
{
    char buf[4];
    struct udp_end from;
    size_t full;

    CHECK_EQ(udp_recv(s, buf, sizeof buf, &from, &full, false), -err);
}

static void
a_question_and_an_answer(void)
{
    struct udp_sock *server, *client;
    const struct event *e;

    net_walk(&net, 1);
    server = open_at(net.b, "0.0.0.0", 53);
    client = open_at(net.a, "0.0.0.0", 0);
    CHECK(udp_local(client).port >= 32768 && udp_local(client).port < 61000);
    CHECK_EQ(udp_send(client, "name?", 5, end("10.0.1.2", 53)), 5);
    CHECK_EQ(udp_poll(server), POLLOUT);
    net_run(&net, LW_S);
    CHECK_EQ(notified, 1);
    CHECK_EQ(udp_poll(server), POLLIN | POLLOUT);
    expect(server, "name?", "10.0.0.2", udp_local(client).port);
    CHECK_EQ(
        udp_send(server, "here", 4, end("10.0.0.2", udp_local(client).port)),
        4);
    net_run(&net, LW_S);
    expect(client, "here", "10.0.1.2", 53);
    expect_nothing(client, EAGAIN);
    e = recorder_find(&net.rec, EV_UDP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "local", 0), "10.0.1.2:53");
    CHECK_EQ(event_u64(e, "len", 0), 5);
    udp_close(server);
    udp_close(client);
}

static void
a_datagram_is_as_libnet_makes_it(void)
{
    struct craft c = {.eth_dst = NET_PEER_MAC,
        .ttl = 64,
        .sport = 1234,
        .dport = 53,
        .fragment = 0x4000,
        .data = "odd",
        .len = 3};
    uint8_t want[CRAFT_ROOM];
    struct udp_sock *s;
    size_t len;

    net_bare(&net, 1, true);
    c.eth_src = net.a0->addr;
    c.src = net_ip("10.0.0.1");
    c.dst = net_ip("10.0.0.2");
    len = craft_udp(want, &c);
    s = open_at(net.a, "0.0.0.0", 1234);
    CHECK_EQ(udp_send(s, "odd", 3, end("10.0.0.2", 53)), 3);
    REQUIRE(net.nsent == 1);
    CHECK_EQ(net.sent[0].len, len);
    CHECK_MEM(net.sent[0].bytes, want, len);
}

/* libnet's datagram from the peer, one field overwritten, and signed anew
 * when `sign`. */
static void
inject(uint16_t at, uint16_t value, bool sign)
{
    struct craft c = {.eth_dst = net.a0->addr,
        .eth_src = NET_PEER_MAC,
        .src = net_ip("10.0.0.2"),
        .dst = net_ip("10.0.0.1"),
        .ttl = 64,
        .sport = 53,
        .dport = 1234,
        .data = "data",
        .len = 4};
    uint8_t frame[CRAFT_ROOM];
    size_t len = craft_udp(frame, &c);
    struct writer w = writer_of(frame + at, 2);

    CHECK_EQ(len, 46);
    if (at)
        put_be16(&w, value);
    if (sign) {
        uint64_t sum = sum_pseudo(c.src, c.dst, 17, 12);

        memset(frame + 40, 0, 2);
        w = writer_of(frame + 40, 2);
        put_be16(&w, sum_fold(sum_add(sum, frame + 34, 12)));
    }
    net_inject(&net, frame, len);
}

static void
lying_lengths_and_sums_are_refused(void)
{
    struct udp_sock *s;

    net_bare(&net, 1, true);
    s = open_at(net.a, "0.0.0.0", 1234);
    inject(0, 0, false);
    expect(s, "data", "10.0.0.2", 53);
    inject(38, 0, false);
    inject(38, 7, true);
    inject(38, 13, true);
    inject(38, 65535, true);
    CHECK_EQ(recorder_drops(&net.rec, "UDP_LENGTH"), 4);
    inject(40, 1, false);
    inject(38, 11, false); /* shorter than the sum says */
    CHECK_EQ(recorder_drops(&net.rec, "UDP_CHECKSUM"), 2);
    inject(40, 0, false); /* the sender made none */
    expect(s, "data", "10.0.0.2", 53);
    expect_nothing(s, EAGAIN);
    CHECK_EQ(net.nsent, 0);
}

static void
nobody_listens(void)
{
    struct udp_sock *s;
    struct udp_end from;
    const struct event *e;
    size_t full;
    char buf[8];

    net_walk(&net, 1);
    s = open_at(net.a, "0.0.0.0", 0);
    CHECK_EQ(udp_send(s, "x", 1, end("10.0.1.2", 9)), 1);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "UDP_NO_SOCKET"), 1);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "port unreachable");
    /* Not connected: not told, as on Linux. */
    CHECK_EQ(notified, 0);
    udp_connect(s, end("10.0.1.2", 9));
    CHECK(ipv4_eq(udp_local(s).addr, net_ip("10.0.0.2")));
    CHECK_EQ(udp_send(s, "x", 1, (struct udp_end){{0}, 0}), 1);
    net_run(&net, LW_S);
    CHECK_EQ(notified, 1);
    CHECK_EQ(udp_poll(s), POLLOUT | POLLERR);
    CHECK_EQ(udp_recv(s, buf, 8, &from, &full, false), -ECONNREFUSED);
    CHECK_EQ(udp_send(s, "x", 1, end("10.0.1.2", 9)), 1);
    net_run(&net, LW_S);
    CHECK_EQ(udp_error(s), ECONNREFUSED);
    CHECK_EQ(udp_error(s), 0);
    udp_connect(s, end("10.0.0.99", 9));
    udp_send(s, "x", 1, end("10.0.0.99", 9));
    net_run(&net, 5 * LW_S);
    CHECK_EQ(udp_error(s), 0); /* it may come back: not told, as on Linux */
    udp_connect(s, (struct udp_end){{0}, 0});
    CHECK_EQ(udp_local(s).addr.v, 0);
    CHECK_EQ(udp_send(s, "x", 1, (struct udp_end){{0}, 0}), -EDESTADDRREQ);
}

static void
never_about_a_broadcast(void)
{
    struct craft c = {.eth_dst = MAC_BROADCAST,
        .eth_src = NET_PEER_MAC,
        .ttl = 64,
        .sport = 53,
        .dport = 1234,
        .data = "data",
        .len = 4};
    uint8_t frame[CRAFT_ROOM];
    struct udp_sock *s;

    net_bare(&net, 1, true);
    c.src = net_ip("10.0.0.2");
    c.dst = net_ip("10.0.0.255");
    net_inject(&net, frame, craft_udp(frame, &c));
    CHECK_EQ(recorder_drops(&net.rec, "UDP_NO_SOCKET"), 1);
    CHECK_EQ(net.nsent, 0);
    s = open_at(net.a, "0.0.0.0", 1234);
    net_inject(&net, frame, craft_udp(frame, &c));
    expect(s, "data", "10.0.0.2", 53);
}

static void
ports_are_not_shared(void)
{
    struct udp *udp;
    struct udp_sock *any, *one, *no = NULL;

    net_pair(&net, 1);
    udp = host_udp(net.a);
    any = open_at(net.a, "0.0.0.0", 53);
    CHECK_EQ(udp_open(udp, end("0.0.0.0", 53), count, NULL, &no), -EADDRINUSE);
    CHECK_EQ(udp_open(udp, end("10.0.0.1", 53), count, NULL, &no), -EADDRINUSE);
    CHECK_EQ(
        udp_open(udp, end("10.0.0.2", 54), count, NULL, &no), -EADDRNOTAVAIL);
    CHECK(no == NULL);
    udp_close(any);
    one = open_at(net.a, "10.0.0.1", 53);
    open_at(net.a, "127.0.0.1", 53);
    any = open_at(net.a, "0.0.0.0", 0);
    CHECK_EQ(udp_send(any, "to one", 6, end("10.0.0.1", 53)), 6);
    net_run(&net, LW_MS);
    expect(one, "to one", "10.0.0.1", udp_local(any).port);
}

static void
the_connected_socket_comes_first(void)
{
    struct udp_sock *a, *b, *peer;

    net_pair(&net, 1);
    peer = open_at(net.b, "0.0.0.0", 7);
    a = open_at(net.a, "10.0.0.1", 100);
    udp_connect(a, end("10.0.0.2", 8)); /* another port of the peer's */
    CHECK_EQ(udp_send(peer, "hello", 5, end("10.0.0.1", 100)), 5);
    net_run(&net, LW_S);
    expect_nothing(a, EAGAIN);
    CHECK_EQ(recorder_drops(&net.rec, "UDP_NO_SOCKET"), 1);
    udp_connect(a, end("10.0.0.2", 7));
    b = open_at(net.a, "127.0.0.1", 100);
    CHECK_EQ(udp_send(peer, "again", 5, end("10.0.0.1", 100)), 5);
    net_run(&net, LW_S);
    expect(a, "again", "10.0.0.2", 7);
    expect_nothing(b, EAGAIN);
}

static void
sizes(void)
{
    static uint8_t data[65536], back[65536];
    struct udp_sock *a, *b;
    struct udp_end from;
    size_t full;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    net_pair(&net, 1);
    a = open_at(net.a, "0.0.0.0", 1);
    b = open_at(net.b, "0.0.0.0", 2);
    CHECK_EQ(udp_send(a, data, 65508, end("10.0.0.2", 2)), -EMSGSIZE);
    CHECK_EQ(udp_send(a, data, 65507, end("10.0.0.2", 2)), 65507);
    CHECK_EQ(udp_send(a, data, 0, end("10.0.0.2", 2)), 0);
    CHECK_EQ(udp_send(a, "12345", 5, end("192.0.2.1", 2)), -ENETUNREACH);
    net_run(&net, LW_S);
    CHECK_EQ(udp_recv(b, back, 9, &from, &full, true), 9); /* peek, cut */
    CHECK_EQ(full, 65507);
    CHECK_EQ(udp_recv(b, back, sizeof back, &from, &full, false), 65507);
    CHECK_MEM(back, data, 65507);
    CHECK_EQ(udp_recv(b, back, sizeof back, &from, &full, false), 0);
    CHECK_EQ(full, 0);
    expect_nothing(b, EAGAIN);
}

static void
a_full_queue_drops(void)
{
    const int fit = 212992 / PKT_SMALL; /* net.core.rmem_default */
    struct udp_sock *a, *b;

    net_pair(&net, 1);
    a = open_at(net.a, "0.0.0.0", 1);
    b = open_at(net.b, "0.0.0.0", 2);
    for (int i = 0; i < 500; i++) {
        CHECK_EQ(udp_send(a, "x", 1, end("10.0.0.2", 2)), 1);
        net_run(&net, 10 * LW_MS);
    }
    CHECK_EQ(recorder_drops(&net.rec, "SOCKET_BUFFER"), 500 - fit);
    for (int i = 0; i < fit; i++)
        expect(b, "x", "10.0.0.1", 1);
    expect_nothing(b, EAGAIN);
    CHECK_EQ(udp_send(a, "y", 1, end("10.0.0.2", 2)), 1);
    net_run(&net, LW_S);
    CHECK_EQ(udp_poll(b) & POLLIN, POLLIN); /* and left there at the end */
}

/* --- a checksum that one card has verified -------------------------------- */

static void (*up)(struct netdev *dev, struct pkt *p);
static void (*down)(struct netdev *dev, struct pkt *p);

/* As a TAP card does, which has computed it. */
static void
verified(struct netdev *dev, struct pkt *p)
{
    p->sum_ok = true;
    up(dev, p);
}

static void
damaged(struct netdev *dev, struct pkt *p)
{
    if (p->data[p->len - 1] == '!')
        p->data[p->len - 1] = '?';
    down(dev, p);
}

/* What a router's card has verified may be damaged on the next cable. */
static void
behind_a_router_it_is_verified_anew(void)
{
    struct udp_sock *a, *b;

    net_walk(&net, 1);
    a = open_at(net.a, "0.0.0.0", 1);
    b = open_at(net.b, "0.0.0.0", 2);
    up = net.r0->input;
    net.r0->input = verified;
    down = net.r1->xmit;
    net.r1->xmit = damaged;
    CHECK_EQ(udp_send(a, "hello", 5, end("10.0.1.2", 2)), 5);
    CHECK_EQ(udp_send(a, "hello!", 6, end("10.0.1.2", 2)), 6);
    net_run(&net, LW_S);
    expect(b, "hello", "10.0.0.2", 1);
    expect_nothing(b, EAGAIN);
    CHECK_EQ(recorder_drops(&net.rec, "UDP_CHECKSUM"), 1);
}

/* socket(7), SO_REUSEPORT: three share a port; each correspondent always
 * meets the same one, and none is left without. */
static void
some_share_a_port(void)
{
    struct udp_sock *share[3], *client;
    unsigned met[3] = {0}, again[3] = {0};
    struct udp_end from;
    char byte;
    size_t full;

    net_pair(&net, 1);
    for (unsigned i = 0; i < 3; i++)
        REQUIRE(udp_open_shared(host_udp(net.b), end("0.0.0.0", 53),
                    UDP_REUSEPORT, count, NULL, &share[i]) == 0);
    for (unsigned k = 0; k < 32; k++) {
        client = open_at(net.a, "0.0.0.0", (uint16_t)(2000 + k));
        for (unsigned round = 0; round < 2; round++) {
            CHECK_EQ(udp_send(client, "x", 1, end("10.0.0.2", 53)), 1);
            net_run(&net, LW_S);
            for (unsigned i = 0; i < 3; i++)
                if (udp_recv(share[i], &byte, 1, &from, &full, false) == 1)
                    (round ? again : met)[i]++;
        }
        for (unsigned i = 0; i < 3; i++)
            CHECK_EQ(met[i], again[i]);
        udp_close(client);
    }
    CHECK_EQ(met[0] + met[1] + met[2], 32);
    CHECK(met[0] > 2 && met[1] > 2 && met[2] > 2);
}

static CU_TestInfo cases[] = {
    TEST(a_question_and_an_answer),
    TEST(a_datagram_is_as_libnet_makes_it),
    TEST(lying_lengths_and_sums_are_refused),
    TEST(nobody_listens),
    TEST(never_about_a_broadcast),
    TEST(ports_are_not_shared),
    TEST(the_connected_socket_comes_first),
    TEST(sizes),
    TEST(a_full_queue_drops),
    TEST(behind_a_router_it_is_verified_anew),
    TEST(some_share_a_port),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_udp = {.pName = "udp",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
