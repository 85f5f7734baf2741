/*
 * bad_fixture.c: a host that serves while bad things arrive.
 */
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"
#include "sum.h"
#include "tcp.h"

#include <string.h>

#define PORT      80
#define PEER_PORT 4000

struct net bad_net;

static struct {
    struct tcp_listener *l;
    struct tcp_conn *c;
    uint32_t seq, ack; /* the peer's next number, and the host's */
} talk;

static void
ignore(void *owner)
{
    (void)owner;
}

void
bad_sign(uint8_t *data, size_t len, size_t at, uint64_t sum)
{
    struct writer w = writer_of(data + at, 2);

    put_be16(&w, 0);
    w = writer_of(data + at, 2);
    put_be16(&w, sum_fold(sum_add(sum, data, len)));
}

size_t
bad_build(const struct bad_ip *q, uint8_t *buf)
{
    struct writer w = writer_of(buf, BAD_ROOM);
    unsigned ihl = q->ihl ? q->ihl : 5 + q->noptions / 4;
    size_t header = IP_HEADER + q->noptions, total = header + q->len;

    put_u8(&w, (uint8_t)((q->version ? q->version : 4) << 4 | (ihl & 15)));
    put_u8(&w, 0);
    put_be16(&w, (uint16_t)(q->total < 0 ? (int)total : q->total));
    put_be16(&w, (uint16_t)q->id);
    put_be16(&w, (uint16_t)q->fragment);
    put_u8(&w, (uint8_t)(q->ttl ? q->ttl : 64));
    put_u8(&w, (uint8_t)q->protocol);
    put_be16(&w, 0);
    put_ipv4(&w, net_ip(q->src ? q->src : "10.0.0.2"));
    put_ipv4(&w, net_ip(q->dst ? q->dst : "10.0.0.1"));
    put_bytes(&w, q->options, q->noptions);
    put_bytes(&w, q->data, q->len);
    bad_sign(buf, header < ihl * 4u ? header : ihl * 4u, 10, 0);
    buf[11] ^= q->wrong_sum;
    return total;
}

void
bad_frame(unsigned ethertype, const void *payload, size_t len)
{
    static uint8_t frame[BAD_ROOM + 14];
    struct writer w = writer_of(frame, sizeof frame);

    put_mac(&w, bad_net.a0->addr);
    put_mac(&w, NET_PEER_MAC);
    put_be16(&w, (uint16_t)ethertype);
    put_bytes(&w, payload, len);
    net_inject(&bad_net, frame, writer_len(&w));
}

void
bad_send(const struct bad_ip *q)
{
    static uint8_t buf[BAD_ROOM];

    bad_frame(0x0800, buf, bad_build(q, buf));
}

void
bad_send_to_all(const struct bad_ip *q)
{
    static uint8_t frame[BAD_ROOM + 14];
    struct writer w = writer_of(frame, sizeof frame);

    put_mac(&w, MAC_BROADCAST);
    put_mac(&w, NET_PEER_MAC);
    put_be16(&w, 0x0800);
    net_inject(&bad_net, frame, 14 + bad_build(q, frame + 14));
}

size_t
bad_icmp(uint8_t *buf, unsigned type, unsigned code, uint32_t rest,
    const void *data, size_t len)
{
    struct writer w = writer_of(buf, BAD_ROOM);

    put_u8(&w, (uint8_t)type);
    put_u8(&w, (uint8_t)code);
    put_be16(&w, 0);
    put_be32(&w, rest);
    put_bytes(&w, data, len);
    bad_sign(buf, 8 + len, 2, 0);
    return 8 + len;
}

size_t
bad_udp(uint8_t *buf, unsigned dport, const void *data, size_t len)
{
    struct writer w = writer_of(buf, BAD_ROOM);

    put_be16(&w, 5000);
    put_be16(&w, (uint16_t)dport);
    put_be16(&w, (uint16_t)(8 + len));
    put_be16(&w, 0);
    put_bytes(&w, data, len);
    bad_sign(buf, 8 + len, 6,
        sum_pseudo(
            net_ip("10.0.0.2"), net_ip("10.0.0.1"), 17, (uint32_t)(8 + len)));
    return 8 + len;
}

unsigned
bad_drops(const char *reason)
{
    return recorder_drops(&bad_net.rec, reason);
}

unsigned
bad_answers(void)
{
    return bad_net.nsent;
}

int
bad_mss(void)
{
    int mss = 0;

    CHECK_EQ(tcp_get_option(talk.c, TCP_OPT_MAXSEG, &mss), 0);
    return mss;
}

/* --- the conversation ---------------------------------------------------- */

/* A segment of the peer's with these flags (2 SYN, 16 ACK) and text. */
static void
segment(unsigned flags, const char *text)
{
    uint8_t tcp[60];
    struct writer w = writer_of(tcp, sizeof tcp);
    size_t len = strlen(text);

    put_be16(&w, PEER_PORT);
    put_be16(&w, PORT);
    put_be32(&w, talk.seq);
    put_be32(&w, talk.ack);
    put_u8(&w, 5 << 4);
    put_u8(&w, (uint8_t)flags);
    put_be16(&w, 60000);
    put_be32(&w, 0);
    put_text(&w, text);
    bad_sign(tcp, 20 + len, 16,
        sum_pseudo(
            net_ip("10.0.0.2"), net_ip("10.0.0.1"), 6, (uint32_t)(20 + len)));
    bad_send(&(struct bad_ip){
        .total = -1, .protocol = 6, .data = tcp, .len = 20 + len});
    talk.seq += (uint32_t)len;
}

void
bad_open(void)
{
    struct tcp_end local = {net_ip("10.0.0.1"), PORT};
    struct cursor c;

    net_bare(&bad_net, 1, true);
    memset(&talk, 0, sizeof talk);
    talk.seq = 0xfffffffe; /* the conversation crosses the wrap */
    CHECK_EQ(
        tcp_listen(host_tcp(bad_net.a), local, 5, false, ignore, NULL, &talk.l),
        0);
    segment(2, "");
    REQUIRE(bad_net.nsent == 1);
    c = cursor_of(bad_net.sent[0].bytes + 14 + IP_HEADER + 4, 4);
    talk.ack = get_be32(&c) + 1;
    talk.seq++;
    segment(16, "");
    talk.c = tcp_accept(talk.l);
    REQUIRE(talk.c != NULL);
    tcp_set_owner(talk.c, ignore, NULL);
    net_forget(&bad_net);
}

void
bad_close(void)
{
    char buf[8];

    segment(16 | 8, "ping");
    if (talk.c) {
        CHECK_EQ(tcp_recv(talk.c, buf, sizeof buf, false), 4);
        CHECK_MEM(buf, "ping", 4);
        tcp_abort(talk.c);
    }
    tcp_unlisten(talk.l);
    net_close(&bad_net);
}
