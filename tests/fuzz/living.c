/*
 * living.c: a computer that serves while anything at all arrives.
 */
#include "living.h"
#include "sum.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM      2100
#define IP_HEADER 20
#define PEER_PORT 4000
#define PORT      80

static const struct mac peer_mac = {{2, 0, 0, 0, 0xee, 2}};

static void
ignore(void *owner)
{
    (void)owner;
}

/* --- the wire ------------------------------------------------------------ */

static void
count_frame(struct netdev *dev, struct pkt *p)
{
    struct living *h = dev->wire;

    if (p->len >= 42 && p->data[12] == 0x08 && p->data[13] == 0x06)
        timer_arm_in(world_timers(h->world), &h->answer, 0);
    else
        h->sent++;
    pkt_free(p);
}

void
living_frame(struct living *h, const uint8_t *frame, size_t len)
{
    struct pkt *p = pkt_new(world_pool(h->world), PKT_HEADROOM - 14, len);

    assert(p);
    if (len > 0)
        memcpy(pkt_put(p, (uint32_t)len), frame, len);
    netdev_arrive(h->card, p, "fuzz");
    world_settle(h->world);
}

/* Whoever 10.0.0.2 is, it is there. */
static void
answer_arp(void *owner)
{
    struct living *h = owner;
    uint8_t frame[42];
    struct writer w = writer_of(frame, sizeof frame);

    put_mac(&w, h->card->addr);
    put_mac(&w, peer_mac);
    put_be16(&w, 0x0806);
    put_be32(&w, 0x00010800);
    put_be32(&w, 0x06040002);
    put_mac(&w, peer_mac);
    put_ipv4(&w, LIVING_PEER);
    put_mac(&w, h->card->addr);
    put_ipv4(&w, LIVING_ADDR);
    living_frame(h, frame, sizeof frame);
}

/* --- checksums ----------------------------------------------------------- */

/* The checksum over len bytes stands at `at`, if there is room for it. */
static void
sign(uint8_t *data, size_t len, size_t at, uint64_t sum)
{
    struct writer w = writer_of(data + at, 2);

    if (at + 2 > len)
        return;
    put_be16(&w, 0);
    w = writer_of(data + at, 2);
    put_be16(&w, sum_fold(sum_add(sum, data, len)));
}

/* What of a packet's lengths can be believed. */
static void
sign_packet(struct living *h, uint8_t *p, size_t len)
{
    size_t header = (p[0] & 15) * 4u, total = (size_t)p[2] << 8 | p[3];
    struct cursor c = cursor_of(p + 12, 8);
    struct ipv4 src = get_ipv4(&c), dst = get_ipv4(&c);
    bool fragment = (p[6] & 0x3f) != 0 || p[7] != 0;
    size_t body;

    if (header < IP_HEADER || header > len || total < header || total > len)
        return;
    sign(p, header, 10, 0);
    body = total - header;
    if (fragment) {
        h->may_end = true; /* together they may be anything */
        return;
    }
    if (p[9] == 1)
        sign(p + header, body, 2, 0);
    if (p[9] == 6)
        sign(p + header, body, 16, sum_pseudo(src, dst, 6, (uint32_t)body));
    if (p[9] == 17)
        sign(p + header, body, 6, sum_pseudo(src, dst, 17, (uint32_t)body));
    if (p[9] == 6 && body > 13 && (p[header + 13] & (SEG_FIN | SEG_RST)))
        h->may_end = true;
}

void
living_packet(struct living *h, uint8_t *packet, size_t len)
{
    uint8_t frame[14 + ROOM];
    struct writer w = writer_of(frame, sizeof frame);

    if (len >= IP_HEADER)
        sign_packet(h, packet, len);
    put_mac(&w, h->card->addr);
    put_mac(&w, peer_mac);
    put_be16(&w, 0x0800);
    put_bytes(&w, packet, len);
    assert(!w.over);
    living_frame(h, frame, writer_len(&w));
}

/* --- TCP ----------------------------------------------------------------- */

static void
segment(struct living *h, uint16_t port, const uint8_t *tcp, size_t len,
    uint32_t seq, uint32_t ack)
{
    uint8_t packet[ROOM];
    struct writer w = writer_of(packet, sizeof packet);
    struct cursor c = cursor_of(tcp, len);

    put_be32(&w, 0x45000000u | (uint32_t)(IP_HEADER + len));
    put_be32(&w, 0);
    put_be32(&w, 0x40060000);
    put_ipv4(&w, LIVING_PEER);
    put_ipv4(&w, LIVING_ADDR);
    get_be32(&c);
    put_be16(&w, port);
    put_be16(&w, PORT);
    put_be32(&w, get_be32(&c) + seq);
    put_be32(&w, get_be32(&c) + ack);
    put_bytes(&w, c.at, cursor_left(&c));
    assert(!w.over);
    living_packet(h, packet, c.over ? IP_HEADER + len : writer_len(&w));
}

void
living_segment(struct living *h, uint16_t port, const uint8_t *tcp, size_t len)
{
    bool ours = port == PEER_PORT;

    segment(h, port, tcp, len, ours ? h->conn->rcv.nxt.v : 0,
        ours ? h->conn->snd.una.v : 0);
}

/* A segment of the peer as it should be. */
static void
talk(struct living *h, unsigned flags, uint32_t seq, const char *text)
{
    static const uint8_t syn[] = {
        2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7};
    uint8_t tcp[60];
    struct writer w = writer_of(tcp, sizeof tcp);
    bool opts = flags == SEG_SYN, ts = h->conn && h->conn->ts.ok;

    put_be32(&w, 0);
    put_be32(&w, seq);
    put_be32(&w, h->conn ? h->conn->snd.nxt.v : 0);
    put_u8(&w, (uint8_t)((ts ? 32 : opts ? 40 : 20) << 2));
    put_u8(&w, (uint8_t)flags);
    put_be16(&w, 60000);
    put_be32(&w, 0);
    if (opts) {
        put_bytes(&w, syn, sizeof syn);
    } else if (ts) {
        put_be32(&w, 0x0101080a);
        put_be32(&w, h->conn->ts.recent);
        put_be32(&w, 0);
    }
    put_text(&w, text);
    segment(h, PEER_PORT, tcp, writer_len(&w), 0, 0);
}

static void
connect_peer(struct living *h, bool modern)
{
    struct tcp *tcp = host_tcp(h->host);
    struct tcp_end local = {LIVING_ADDR, PORT},
                   remote = {LIVING_PEER, PEER_PORT};
    int err;

    if (!modern)
        tcp_config(tcp)->sack = tcp_config(tcp)->timestamps =
            tcp_config(tcp)->window_scaling = false;
    tcp->iss_fixed = true;
    tcp->iss.v = 0xffffff00;
    err = tcp_listen(tcp, local, 4, true, ignore, NULL, &h->listener);
    assert(err == 0);
    talk(h, SEG_SYN, 0xffffff80, "");
    h->conn = tcp_find(tcp, local, remote);
    assert(h->conn && h->conn->state == TCP_SYN_RECEIVED);
    talk(h, SEG_ACK, h->conn->rcv.nxt.v, "");
    h->conn = tcp_accept(h->listener);
    assert(h->conn && h->conn->state == TCP_ESTABLISHED);
    assert(h->conn->ts.ok == modern);
    tcp_set_owner(h->conn, ignore, NULL);
    (void)err;
}

size_t
living_read(struct living *h)
{
    static uint8_t buf[65536];
    size_t all = 0;
    int64_t n;

    while ((n = tcp_recv(h->conn, buf, sizeof buf, false)) > 0)
        all += (size_t)n;
    assert(h->may_end || n == -11 /* EAGAIN: it is alive */);
    world_settle(h->world);
    return all;
}

/* A pointer may have come ahead of its text: then a byte of what comes next
 * stands beside the stream. */
static size_t
read_urgent(struct living *h)
{
    uint8_t byte;

    return tcp_recv_urgent(h->conn, &byte, 1, false) == 1;
}

void
living_serves(struct living *h)
{
    size_t got;

    living_read(h);
    if (h->may_end)
        return;
    assert(tcp_state(h->conn) == TCP_ESTABLISHED);
    talk(h, SEG_ACK | SEG_PSH, h->conn->rcv.nxt.v, "ping");
    got = read_urgent(h); /* first: reading on throws it away */
    got += living_read(h);
    assert(got >= 4);
    (void)got;
}

/* --- life ---------------------------------------------------------------- */

void
living_open(struct living *h, bool modern)
{
    struct udp_end dns = {{0}, 53};
    int err;

    *h = (struct living){0};
    h->world = world_new(&h->journal, 1);
    assert(h->world);
    h->host = world_add_host(h->world, "host", NULL);
    assert(h->host);
    h->card = host_add_netdev(h->host, "eth0", LIVING_ADDR, 24);
    assert(h->card);
    h->card->xmit = count_frame;
    h->card->wire = h;
    h->answer = (struct timer){.fire = answer_arp, .owner = h};
    err = udp_open(host_udp(h->host), dns, ignore, NULL, &h->udp);
    assert(err == 0);
    connect_peer(h, modern);
    h->sent = 0;
    (void)err;
}

void
living_run(struct living *h, int64_t ns)
{
    struct instant until = instant_add(world_timers(h->world)->now, ns);

    world_run(h->world, until, NULL, NULL);
    world_advance(h->world, until);
}

void
living_close(struct living *h)
{
    struct tcp *tcp = host_tcp(h->host);

    tcp_abort(h->conn);
    tcp_unlisten(h->listener);
    udp_close(h->udp);
    assert(tcp_counts(tcp).conns == 0 && tcp_counts(tcp).listeners == 0);
    timer_cancel(world_timers(h->world), &h->answer);
    world_free(h->world);
}
