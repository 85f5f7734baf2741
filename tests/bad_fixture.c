/*
 * bad_fixture.c: a host that serves while bad things arrive.
 */
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"
#include "sum.h"
#include "tcp_conn.h"

#include <string.h>

#define PORT      80
#define PEER_PORT 4000

struct net bad_net;

struct bad_talk bad_talk;

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

    CHECK_EQ(tcp_get_option(bad_talk.c, TCP_OPT_MAXSEG, &mss), 0);
    return mss;
}

/* --- the conversation ---------------------------------------------------- */

static void
put_segment(struct writer *w, const struct bad_seg *s)
{
    size_t words = 5 + s->noptions / 4;

    put_be16(w, (uint16_t)(s->sport ? s->sport : PEER_PORT));
    put_be16(w, (uint16_t)(s->dport ? s->dport : PORT));
    put_be32(w, bad_talk.seq + s->seq);
    put_be32(w, bad_talk.ack + s->ack);
    if (s->offset)
        words = s->offset < 0 ? 0 : (size_t)s->offset;
    put_u8(w, (uint8_t)(words << 4));
    put_u8(w, (uint8_t)s->flags);
    put_be16(w, (uint16_t)(s->window ? s->window < 0 ? 0 : s->window : 60000));
    put_be16(w, 0);
    put_be16(w, (uint16_t)s->urgent);
    put_bytes(w, s->options, s->noptions);
    put_bytes(w, s->data, s->len);
}

void
bad_segment(const struct bad_seg *s)
{
    static uint8_t tcp[BAD_ROOM];
    struct writer w = writer_of(tcp, sizeof tcp);
    const char *src = s->src ? s->src : "10.0.0.2";
    const char *dst = s->dst ? s->dst : "10.0.0.1";
    struct bad_ip ip = {
        .total = -1, .protocol = 6, .src = src, .dst = dst, .data = tcp};

    put_segment(&w, s);
    ip.len = writer_len(&w) - (size_t)s->cut;
    if (ip.len >= 18)
        bad_sign(tcp, ip.len, 16,
            sum_pseudo(net_ip(src), net_ip(dst), 6, (uint32_t)ip.len));
    tcp[16] ^= s->wrong_sum;
    if (s->to_all)
        bad_send_to_all(&ip);
    else
        bad_send(&ip);
}

struct bad_answer
bad_answer(unsigned n)
{
    struct bad_answer a = {0};
    struct cursor c;
    uint8_t words;

    if (n >= bad_net.nsent || bad_net.sent[n].len < 14 + IP_HEADER + 20 ||
        bad_net.sent[n].bytes[23] != 6)
        return a;
    c = cursor_of(bad_net.sent[n].bytes + 14 + IP_HEADER,
        bad_net.sent[n].len - 14 - IP_HEADER);
    a.len = (unsigned)cursor_left(&c);
    a.sport = get_be16(&c);
    a.dport = get_be16(&c);
    a.seq = get_be32(&c) - bad_talk.ack;
    a.ack = get_be32(&c) - bad_talk.seq;
    words = get_u8(&c) >> 4;
    a.len -= words * 4u;
    a.flags = get_u8(&c);
    a.window = get_be16(&c);
    return a;
}

/* As an honest peer would say it. */
static void
segment(unsigned flags, const char *text)
{
    size_t len = strlen(text);
    uint8_t ts[12];
    struct writer w = writer_of(ts, sizeof ts);

    put_be32(&w, 0x0101080a);
    put_be32(&w, bad_talk.tsval);
    put_be32(&w, 0);
    bad_segment(&(struct bad_seg){.flags = flags,
        .data = text,
        .len = len,
        .options = ts,
        .noptions = bad_talk.tsval ? 12 : 0});
    bad_talk.seq += (uint32_t)len;
}

void
bad_open_with(const uint8_t *options, unsigned noptions, uint32_t tsval)
{
    struct tcp_end local = {net_ip("10.0.0.1"), PORT};
    struct cursor c;

    net_bare(&bad_net, 1, true);
    memset(&bad_talk, 0, sizeof bad_talk);
    bad_talk.seq = 0xfffffffe; /* the conversation crosses the wrap */
    CHECK_EQ(tcp_listen(host_tcp(bad_net.a), local, 5, false, ignore, NULL,
                 &bad_talk.l),
        0);
    bad_segment(&(struct bad_seg){
        .flags = 2, .options = options, .noptions = noptions});
    REQUIRE(bad_net.nsent == 1);
    c = cursor_of(bad_net.sent[0].bytes + 14 + IP_HEADER + 4, 4);
    bad_talk.ack = get_be32(&c) + 1;
    bad_talk.seq++;
    bad_talk.tsval = tsval;
    segment(16, "");
    bad_talk.c = tcp_accept(bad_talk.l);
    REQUIRE(bad_talk.c != NULL);
    tcp_set_owner(bad_talk.c, ignore, NULL);
    bad_talk.timers = timers_places(world_timers(bad_net.world));
    net_forget(&bad_net);
}

void
bad_open(void)
{
    bad_open_with(NULL, 0, 0);
}

void
bad_text_at(uint32_t seq, const char *text)
{
    bad_segment(&(struct bad_seg){
        .flags = 16 | 8, .seq = seq, .data = text, .len = strlen(text)});
}

void
bad_goes_on(uint32_t by)
{
    bad_talk.seq += by;
}

void
bad_host_writes(uint32_t len)
{
    static uint8_t text[100000];
    struct iovec iov = {text, len};

    CHECK_EQ(tcp_send(bad_talk.c, &iov, 1, false), len);
}

void
bad_peer_takes_all(void)
{
    for (int i = 0; i < 200 && tcp_unsent(bad_talk.c) > 0; i++) {
        bad_segment(&(struct bad_seg){
            .flags = 16, .ack = bad_talk.c->snd.nxt.v - bad_talk.ack});
        net_run(&bad_net, LW_S);
        net_forget(&bad_net);
    }
    CHECK_EQ(tcp_unsent(bad_talk.c), 0);
    bad_talk.ack = bad_talk.c->snd.nxt.v;
}

bool
bad_received(const char *text)
{
    char buf[256];
    int64_t n = tcp_recv(bad_talk.c, buf, sizeof buf, false);

    return n == (int64_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

void
bad_settles(int64_t ns)
{
    net_run(&bad_net, ns);
    net_forget(&bad_net);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 1);
    CHECK_EQ(pkt_pool_used(world_pool(bad_net.world)), 0);
    CHECK(timers_places(world_timers(bad_net.world)) <= bad_talk.timers);
}

/* A caller who is no stranger gets a connection, too. */
static void
listener_serves(void)
{
    struct bad_seg s = {.flags = 2, .sport = 3999};
    struct bad_answer a;
    struct tcp_conn *c;

    net_forget(&bad_net);
    bad_segment(&s);
    a = bad_answer(0);
    CHECK_EQ(bad_answers(), 1);
    CHECK_EQ(a.flags, 18);
    s = (struct bad_seg){
        .flags = 16, .sport = 3999, .seq = 1, .ack = a.seq + 1};
    bad_segment(&s);
    c = tcp_accept(bad_talk.l);
    if (CHECK(c != NULL) && CHECK_EQ(tcp_remote(c).port, 3999))
        tcp_abort(c);
    net_forget(&bad_net);
}

void
bad_close(void)
{
    char buf[8];

    listener_serves();

    segment(16 | 8, "ping");
    if (bad_talk.c) {
        CHECK_EQ(tcp_recv(bad_talk.c, buf, sizeof buf, false), 4);
        CHECK_MEM(buf, "ping", 4);
        tcp_abort(bad_talk.c);
    }
    tcp_unlisten(bad_talk.l);
    net_close(&bad_net);
}
