/*
 * test_offload.c: TCP segments joined on their way to the card and cut on
 * their way back (offload.h), seen from the device: a socket pair stands for
 * it, so each long frame can be looked at and sent back.
 */
#include "check.h"
#include "bytes.h"
#include "offload.h"
#include "sum.h"
#include "tap.h"
#include "tcp_fixture.h"

#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADS 66 /* Ethernet, IP, TCP with timestamps */
#define MSS   1448
#define PSH   0x08
#define ACK   0x10
#define FIN   0x01

static struct {
    struct journal journal;
    struct timers timers;
    struct env env;
    struct netdev dev;
    struct tap *tap;
    int fd[2];
    uint8_t sent[8][HEADS + MSS]; /* what went out, in order */
    unsigned nsent;
    unsigned came;      /* frames that came in and were as sent */
    unsigned different; /* ... and were not */
    size_t came_whole;  /* bytes of frames that are longer than a link takes */
    bool batch;         /* all of them in a batch, their sums known good */
    uint8_t big[70000]; /* the last read from the device, with its header */
    struct virtio_net_hdr vh;
    struct ipv4 dst; /* of the segments */
    unsigned trains; /* frames with others behind them (pkt.h) */
    void (*input)(struct netdev *dev, struct pkt *p); /* who gets them */
} w;

static void
receive(struct netdev *dev, struct pkt *p)
{
    const uint8_t *want = w.sent[w.came + w.different];

    w.came_whole += p->len > HEADS + MSS ? p->len : 0;
    if (p->len > HEADS + MSS)
        w.different += memcmp(p->data, w.big + sizeof w.vh, p->len) != 0;
    else if (memcmp(p->data, want, p->len) == 0)
        w.came++;
    else
        w.different++;
    w.batch = w.batch && dev->env->batch && p->sum_ok;
    pkt_free(p);
}

static void
setup(void)
{
    memset(&w, 0, sizeof w);
    journal_init(&w.journal, &w.timers.now);
    timers_init(&w.timers, &w.journal);
    w.env = (struct env){.journal = &w.journal,
        .timers = &w.timers,
        .pool = pkt_pool_new(&w.journal, 100)};
    w.dev = (struct netdev){
        .name = "eth0", .mtu = NETDEV_MTU, .env = &w.env, .input = receive};
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, w.fd) == 0);
    w.tap = tap_new(&w.dev, w.fd[0], "tap0");
    REQUIRE(w.tap && tap_offload(w.tap, false) == 0);
    w.batch = true;
    w.dst = (struct ipv4){0x0a090002};
}

static void
teardown(void)
{
    tap_free(w.tap);
    CHECK_EQ(pkt_pool_used(w.env.pool), 0);
    pkt_pool_free(w.env.pool);
    timers_close(&w.timers);
    journal_close(&w.journal);
    close(w.fd[0]);
    close(w.fd[1]);
}

/* A segment with right checksums, `text` bytes from seq on. */
static void
put_segment(struct writer *o, uint32_t seq, uint8_t flags, uint32_t text)
{
    static const uint8_t options[12] = {1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9};
    const struct ipv4 src = {0x0a090001}, dst = w.dst;
    uint8_t *ip = o->start + 14, *tcp = ip + 20;
    uint64_t sum = sum_pseudo(src, dst, 6, 32 + text);
    struct writer at;

    put_bytes(o, "\2\0\0\0\0\1\2\0\0\0\0\2\10\0", 14);
    put_bytes(o, "\x45\0", 2);
    put_be16(o, (uint16_t)(52 + text));
    put_be16(o, (uint16_t)w.nsent);      /* as a card counts its pieces */
    put_bytes(o, "\x40\0\x40\6\0\0", 6); /* DF, ttl 64, TCP */
    put_ipv4(o, src);
    put_ipv4(o, dst);
    put_be16(o, 80);
    put_be16(o, 40000);
    put_be32(o, seq);
    put_be32(o, 77);
    put_u8(o, 8 << 4);
    put_u8(o, flags);
    put_be16(o, 500);
    put_be32(o, 0);
    put_bytes(o, options, sizeof options);
    for (uint32_t i = 0; i < text; i++)
        put_u8(o, (uint8_t)(seq + i));
    at = writer_of(ip + 10, 2);
    put_be16(&at, sum_fold(sum_add(0, ip, 20)));
    at = writer_of(tcp + 16, 2);
    put_be16(&at, sum_fold(sum_add(sum, tcp, 32 + text)));
}

static void
send_segment(uint32_t seq, uint8_t flags, uint32_t text)
{
    struct pkt *p = pkt_new(w.env.pool, PKT_HEADROOM, HEADS + text);
    struct writer o = writer_of(pkt_put(p, HEADS + text), HEADS + text);

    put_segment(&o, seq, flags, text);
    CHECK_EQ(o.over, false);
    memcpy(w.sent[w.nsent++], p->data, p->len);
    w.dev.xmit(&w.dev, p);
}

/* The next write to the device: how many bytes of frame; 0: none. */
static size_t
written(void)
{
    ssize_t n = read(w.fd[1], w.big, sizeof w.big);

    if (n < (ssize_t)sizeof w.vh)
        return 0;
    memcpy(&w.vh, w.big, sizeof w.vh);
    return (size_t)n - sizeof w.vh;
}

/* Do segments that follow one another leave as one, and come back from the
 * other side as they were, byte for byte? */
static void
joined_and_cut_again(void)
{
    uint32_t seq = 0xfffff800; /* across the wrap */
    size_t len;

    send_segment(seq, ACK, MSS);
    send_segment(seq + MSS, ACK, MSS);
    send_segment(seq + 2 * MSS, ACK | PSH, 100);
    CHECK_EQ(written(), 0); /* they wait */
    tap_flush(w.tap);
    len = written();
    CHECK_EQ(len, HEADS + 2 * MSS + 100);
    CHECK_EQ(w.vh.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
    CHECK_EQ(w.vh.gso_size, MSS);
    CHECK_EQ(w.vh.csum_start, 34);
    CHECK_EQ(w.vh.csum_offset, 16);
    CHECK_EQ(written(), 0);

    CHECK_EQ(write(w.fd[1], w.big, sizeof w.vh + len), sizeof w.vh + len);
    CHECK_EQ(tap_poll(w.tap, 10), 1);
    CHECK_EQ(w.came, 3);
    CHECK_EQ(w.different, 0);
    CHECK(w.batch);
    CHECK_EQ(w.env.batch, false);
}

/* Does a long segment that TCP made as one, with its text lent, leave as
 * three that were joined do, and before it what was sent before? */
static void
made_as_one(void)
{
    static uint8_t joined[sizeof w.big];
    size_t len;
    struct pkt *p;

    send_segment(1, ACK, MSS);
    send_segment(1 + MSS, ACK, MSS);
    send_segment(1 + 2 * MSS, ACK | PSH, 100);
    tap_flush(w.tap);
    len = sizeof w.vh + written();
    memcpy(joined, w.big, len);

    send_segment(5, ACK, 0);
    p = pkt_new(w.env.pool, PKT_HEADROOM, HEADS);
    memcpy(pkt_put(p, HEADS), joined + sizeof w.vh, HEADS);
    memset(p->data + 34 + 16, 0x55, 2); /* the card's */
    p->segment = MSS;
    CHECK(pkt_lend(p, joined + sizeof w.vh + HEADS, 1000));
    CHECK(pkt_lend(p, joined + sizeof w.vh + HEADS + 1000, 1));
    CHECK(pkt_lend(p, joined + sizeof w.vh + HEADS + 1001, 2 * MSS - 901));
    w.dev.xmit(&w.dev, pkt_copy(p)); /* which lends nothing */
    CHECK_EQ(written(), HEADS);
    CHECK_EQ(sizeof w.vh + written(), len);
    CHECK(memcmp(w.big, joined, len) == 0);
    w.dev.xmit(&w.dev, p);
    CHECK_EQ(sizeof w.vh + written(), len);
    CHECK(memcmp(w.big, joined, len) == 0);
}

/* Does a computer that is no router get a long frame whole? */
static void
stays_whole(void)
{
    size_t len;

    tap_free(w.tap);
    w.tap = tap_new(&w.dev, w.fd[0], "tap0");
    REQUIRE(w.tap && tap_offload(w.tap, true) == 0);
    for (unsigned i = 0; i < 2; i++) { /* read behind a packet, and into one */
        send_segment(1, ACK, MSS);
        send_segment(1 + MSS, ACK, MSS);
        tap_flush(w.tap);
        len = written();
        CHECK_EQ(write(w.fd[1], w.big, sizeof w.vh + len), sizeof w.vh + len);
        CHECK_EQ(tap_poll(w.tap, 10), 1);
        CHECK_EQ(w.came_whole, (i + 1) * len);
        w.nsent = 0;
    }
    CHECK_EQ(w.came + w.different, 0);
    CHECK(w.batch);
}

/* Is a checksum that was left to the card right when nothing was joined? */
static void
left_sums_are_finished(void)
{
    size_t len;

    send_segment(1, ACK | PSH, 33);
    tap_flush(w.tap);
    len = written();
    CHECK_EQ(len, HEADS + 33);
    CHECK_EQ(w.vh.gso_type, VIRTIO_NET_HDR_GSO_NONE);
    CHECK_EQ(w.vh.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CHECK_EQ(write(w.fd[1], w.big, sizeof w.vh + len), sizeof w.vh + len);
    CHECK_EQ(tap_poll(w.tap, 10), 1);
    CHECK_EQ(w.came, 1);
}

/* Is PSH where TCP has put it, also between segments that follow one
 * another? */
static void
a_push_ends_a_run(void)
{
    send_segment(1, ACK, MSS);
    send_segment(1 + MSS, ACK | PSH, MSS);
    send_segment(1 + 2 * MSS, ACK, MSS);
    send_segment(1 + 3 * MSS, ACK | PSH, 10);
    tap_flush(w.tap);
    for (unsigned i = 0; i < 2; i++) {
        size_t len = written();

        CHECK_EQ(len, HEADS + 2 * MSS - i * (MSS - 10));
        CHECK_EQ(write(w.fd[1], w.big, sizeof w.vh + len), sizeof w.vh + len);
    }
    CHECK_EQ(tap_poll(w.tap, 20), 2);
    CHECK_EQ(w.came, 4);
    CHECK_EQ(w.different, 0);
}

/* What does not follow, or differs in more than text, leaves alone. */
static void
strangers_are_not_joined(void)
{
    send_segment(1, ACK, MSS);
    send_segment(1 + MSS + 1, ACK, MSS); /* a hole */
    send_segment(1 + 2 * MSS + 1, ACK, 10);
    send_segment(1 + 2 * MSS + 11, ACK, 10); /* behind a short one */
    send_segment(1 + 2 * MSS + 21, ACK | FIN, 0);
    send_segment(5, ACK, 0);
    tap_flush(w.tap);
    CHECK_EQ(written(), HEADS + MSS);
    CHECK_EQ(written(), HEADS + MSS + 10);
    CHECK_EQ(written(), HEADS + 10);
    CHECK_EQ(written(), HEADS);
    CHECK_EQ(written(), HEADS);
    CHECK_EQ(written(), 0);
}

/* Do lies in the device's header do no harm? */
static void
lies_are_survived(void)
{
    size_t len;

    send_segment(1, ACK, MSS);
    send_segment(1 + MSS, ACK, MSS);
    tap_flush(w.tap);
    len = sizeof w.vh + written();
    w.vh.gso_size = 0;
    memcpy(w.big, &w.vh, sizeof w.vh);
    CHECK_EQ(write(w.fd[1], w.big, len), len);
    w.vh.gso_size = MSS + 1; /* no such segment fits a frame */
    memcpy(w.big, &w.vh, sizeof w.vh);
    CHECK_EQ(write(w.fd[1], w.big, len), len);
    w.vh = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .csum_start = 60,
        .csum_offset = 65535};
    memcpy(w.big, &w.vh, sizeof w.vh);
    CHECK_EQ(write(w.fd[1], w.big, sizeof w.vh + 61), sizeof w.vh + 61);
    CHECK_EQ(write(w.fd[1], w.big, sizeof w.vh), sizeof w.vh);
    CHECK_EQ(write(w.fd[1], w.big, 3), 3);
    CHECK_EQ(tap_poll(w.tap, 20), 5);
    CHECK_EQ(w.env.drops[DROP_IP_TOTAL_LENGTH], 2); /* longer than the MTU */
    CHECK_EQ(w.came + w.different, 1);
}

static void
count_trains(struct netdev *dev, struct pkt *p)
{
    w.trains += p->train != NULL;
    w.input(dev, p);
}

static void
ignore(void *owner, const struct event *e)
{
    (void)owner;
    (void)e;
}

/* Three segments at once to a computer that has not got this address:
 * does it drop each of them for `why`? */
static void
misdirect(bool heard, struct ipv4 dst, enum drop why)
{
    struct cable_config config = {.name = "wire"};
    struct listener l = {.event = ignore, .level = LEVEL_MICRO};
    struct tcp_world t;

    tcp_world_pair(&t, 1, &config);
    t.b.eth.addr = (struct mac){{2, 0, 0, 0, 0, 1}};
    t.b.eth.joins = true;
    w.dst = dst;
    w.trains = 0;
    w.input = t.b.eth.input;
    t.b.eth.input = count_trains;
    if (heard)
        journal_listen(&t.journal, &l);
    for (uint32_t i = 0; i < 3; i++) {
        struct pkt *p = pkt_new(t.pool, PKT_HEADROOM, HEADS + MSS);
        struct writer o = writer_of(pkt_put(p, HEADS + MSS), HEADS + MSS);

        put_segment(&o, 1 + i * MSS, ACK, MSS);
        t.a.eth.xmit(&t.a.eth, p);
    }
    tcp_world_run(&t, LW_MS);
    CHECK_EQ(w.trains, !heard);
    CHECK_EQ(t.b.env.drops[why], 3);
    if (heard)
        journal_unlisten(&t.journal, &l);
    tcp_world_close(&t);
}

/* A train that does not end where it arrives: is it judged as its packets are
 * one by one, and does each of them count? */
static void
trains_of_others_are_refused(void)
{
    const struct ipv4 foreign = {0x0a090002}, reserved = {0xf0000001};

    for (int heard = 0; heard < 2; heard++) {
        misdirect(heard, foreign, DROP_IP_NOT_FOR_US);
        misdirect(heard, reserved, DROP_IP_DESTINATION);
    }
}

static CU_TestInfo cases[] = {
    TEST(joined_and_cut_again),
    TEST(made_as_one),
    TEST(stays_whole),
    TEST(left_sums_are_finished),
    TEST(a_push_ends_a_run),
    TEST(strangers_are_not_joined),
    TEST(lies_are_survived),
    TEST(trains_of_others_are_refused),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_offload = {
    .pName = "offload",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
};
