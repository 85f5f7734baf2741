/*
 * test_fragment.c: packets cut into pieces and made whole again, and what
 * pieces can do to harm.
 */
#include "bytes.h"
#include "check.h"
#include "ip_header.h"
#include "net.h"
#include "net_fixture.h"

#include <string.h>

#define TEST_PROTOCOL 253 /* for experiments: RFC 3692 */

static struct net net;

/* What TEST_PROTOCOL was given last. */
static struct {
    unsigned count;
    uint32_t len;
    uint8_t tos;
    uint8_t bytes[65535];
} got;

static uint8_t tos; /* of the pieces */

static void
setup(void)
{
    memset(&got, 0, sizeof got);
    tos = 0;
}

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
}

static void
take(void *owner, struct pkt *p, const struct ip_hdr *ih)
{
    (void)owner;
    got.count++;
    got.tos = ih->tos;
    got.len = p->len;
    memcpy(got.bytes, p->data, p->len);
    pkt_free(p);
}

static void
bare(void)
{
    struct ip_proto proto = {.protocol = TEST_PROTOCOL, .input = take};

    net_bare(&net, 1, true);
    CHECK_EQ(ip_register(host_ip(net.a), &proto), 0);
}

static uint8_t
byte_at(uint32_t i)
{
    return (uint8_t)(i ^ i >> 8);
}

/* Bytes from..to of datagram `id`, `salt` added to each; from that sender. */
static void
piece_from(const char *src, uint16_t id, uint32_t from, uint32_t to, bool more,
    uint8_t salt)
{
    struct ip_fields f = {
        .h = {.src = net_ip(src),
            .dst = net_ip("10.0.0.1"),
            .protocol = TEST_PROTOCOL,
            .ttl = 64,
            .tos = tos,
            .id = id},
        .total = (uint16_t)(20 + to - from),
        .offset = (uint16_t)from,
        .mf = more,
    };
    uint8_t packet[2048];

    ip_build(&f, packet);
    for (uint32_t i = from; i < to; i++)
        packet[20 + i - from] = (uint8_t)(byte_at(i) + salt);
    net_inject_ip(&net, packet, f.total);
}

static void
piece(uint16_t id, uint32_t from, uint32_t to, bool more, uint8_t salt)
{
    piece_from("10.0.0.2", id, from, to, more, salt);
}

/* Is what came 0..len, untouched? */
static bool
is_whole(uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (got.bytes[i] != byte_at(i))
            return false;
    return got.len == len;
}

/* How many packets wait in the pool: all that wait for their others. */
static unsigned
waiting(void)
{
    return pkt_pool_used(world_pool(net.world));
}

static void
a_big_ping_gets_through_small_links(void)
{
    static uint8_t data[40000];

    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = byte_at(i);
    net_walk(&net, 1);
    net.r1->mtu = 600;
    /* So that all know one another. */
    CHECK_EQ(icmp_echo(host_ip(net.a), net_ip("10.0.1.2"), 0, 7, 0, "", 0), 0);
    net_run(&net, LW_S);
    recorder_clear(&net.rec);
    CHECK_EQ(icmp_echo(host_ip(net.a), net_ip("10.0.1.2"), 0, 7, 1, data,
                 sizeof data),
        0);
    net_run(&net, LW_S);
    /* Cut in 28 by a, the 27 large ones each in 3 by the router (at most 576
     * bytes of data); the answer in 28. */
    CHECK_EQ(recorder_count(&net.rec, EV_IP_FRAGMENT), 28 + 81 + 28);
    REQUIRE(recorder_count(&net.rec, EV_IP_REASSEMBLED) == 2);
    CHECK_EQ(event_u64(recorder_find(&net.rec, EV_IP_REASSEMBLED, 1), "len", 0),
        sizeof data + 28);
    CHECK_TEXT(
        recorder_text(recorder_find(&net.rec, EV_ICMP_ARRIVE, 1), "type", 0),
        "echo reply");
    CHECK_EQ(waiting(), 0);
}

static void
in_any_order(void)
{
    static const uint32_t cut[5] = {0, 8, 1400, 1408, 2001};
    uint16_t id = 0;

    bare();
    for (unsigned n = 0; n < 256; n++) {
        unsigned order[4] = {n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6};
        unsigned present = 0;

        for (unsigned i = 0; i < 4; i++)
            present |= 1u << order[i];
        if (present != 15)
            continue;
        got.count = 0;
        for (unsigned i = 0; i < 4; i++) {
            CHECK_EQ(got.count, 0);
            piece(id, cut[order[i]], cut[order[i] + 1], order[i] < 3, 0);
            if (i < 3) /* the same again does no harm */
                piece(id, cut[order[i]], cut[order[i] + 1], order[i] < 3, 0);
        }
        CHECK_EQ(got.count, 1);
        CHECK(is_whole(2001));
        id++;
    }
    CHECK_EQ(id, 24);
    CHECK_EQ(waiting(), 0);
}

static void
datagrams_are_not_mixed(void)
{
    bare();
    for (uint16_t id = 0; id < 10; id++)
        piece(id, 0, 800, true, 0);
    CHECK_EQ(waiting(), 10);
    for (uint16_t id = 10; id-- > 0;)
        piece(id, 800, 1000, false, 0);
    CHECK_EQ(got.count, 10);
    CHECK(is_whole(1000));
    CHECK_EQ(waiting(), 0);
}

static void
overlaps_end_the_datagram(void)
{
    static const struct {
        uint32_t from, to;
        bool more;
        uint8_t salt;
        const char *what;
    } bad[] = {
        {792, 1608, true, 0, "into both neighbours"},
        {760, 800, true, 0, "inside the first: teardrop"},
        {0, 808, true, 0, "around the first"},
        {0, 792, true, 0, "the first, shorter"},
        {0, 800, true, 1, "the first, other bytes"},
        {1592, 1600, false, 0, "a last one before the end"},
        {1600, 1700, false, 0, "a last one that overlaps"},
        {800, 1608, true, 0, "past the beginning of the second"},
    };

    bare();
    for (uint16_t i = 0; i < LW_COUNT(bad); i++) {
        recorder_clear(&net.rec);
        piece(i, 0, 800, true, 0);
        piece(i, 1600, 2400, true, 0);
        CHECK_EQ(waiting(), 2);
        piece(i, bad[i].from, bad[i].to, bad[i].more, bad[i].salt);
        CHECK_EQ(waiting(), 0);
        CHECK_EQ(recorder_drops(&net.rec, "IP_FRAGMENT"), 3);
    }
    piece(99, 800, 1000, false, 0);
    piece(99, 800, 1600, true, 0); /* beyond the end */
    CHECK_EQ(waiting(), 0);
    piece(99, 800, 1000, false, 0);
    piece(99, 1000, 1100, false, 0); /* another end */
    CHECK_EQ(waiting(), 0);
    CHECK_EQ(got.count, 0);
}

/* RFC 3168 5.3. */
static void
a_mark_on_one_piece_marks_the_whole(void)
{
    bare();
    tos = IP_ECT_0;
    piece(1, 0, 800, true, 0);
    tos = IP_CE;
    piece(1, 800, 1000, false, 0);
    CHECK_EQ(got.count, 1);
    CHECK_EQ(got.tos, IP_CE);
    piece(2, 0, 800, true, 0);
    tos = 0; /* this one could not have been marked */
    piece(2, 800, 1000, false, 0);
    CHECK_EQ(got.count, 1);
    CHECK_EQ(recorder_drops(&net.rec, "IP_FRAGMENT"), 2);
    piece(3, 0, 800, true, 0);
    piece(3, 800, 1000, false, 0);
    CHECK_EQ(got.count, 2);
    CHECK_EQ(got.tos, 0);
    CHECK_EQ(waiting(), 0);
}

static void
impossible_pieces_are_refused(void)
{
    bare();
    piece(1, 0, 0, true, 0);                 /* empty */
    piece(2, 800, 800, false, 0);            /* empty */
    piece(3, 0, 801, true, 0);               /* not a multiple of 8 */
    piece(4, 65528, 65528 + 1480, false, 0); /* ping of death */
    piece(5, 65512, 65516, false, 0);
    CHECK_EQ(recorder_drops(&net.rec, "IP_FRAGMENT"), 5);
    CHECK_EQ(waiting(), 0);
}

static void
the_largest_datagram(void)
{
    const uint32_t size = 65515;

    bare();
    for (uint32_t at = 0; at < size; at += 1480)
        piece(1, at, at + 1480 < size ? at + 1480 : size, at + 1480 < size, 0);
    CHECK_EQ(got.count, 1);
    CHECK(is_whole(size));
}

static void
pieces_do_not_wait_for_ever(void)
{
    bare();
    piece(1, 0, 800, true, 0);
    piece(2, 800, 1600, true, 0);
    net_run(&net, 59 * LW_S);
    CHECK_EQ(waiting(), 2);
    CHECK_EQ(net.nsent, 0);
    net_run(&net, 2 * LW_S);
    CHECK_EQ(waiting(), 0);
    CHECK_EQ(recorder_drops(&net.rec, "IP_FRAGMENT"), 2);
    /* Told only about the one whose first piece was there. */
    REQUIRE(net.nsent == 1);
    CHECK_EQ(net.sent[0].bytes[34], 11);
    CHECK_EQ(net.sent[0].bytes[35], 1);
}

static void
a_flood_of_pieces_is_bounded(void)
{
    bare();
    for (uint16_t id = 0; id < 5000; id++)
        piece(id, 800, 1600, true, 0);
    CHECK_EQ(waiting(), 64);
    /* The newest are still there. */
    piece(4999, 1600, 1700, false, 0);
    piece(4999, 0, 800, true, 0);
    CHECK_EQ(got.count, 1);
    /* Thousands of tiny pieces of one datagram. */
    for (uint32_t at = 8; at < 40000; at += 16)
        piece(7000, at, at + 8, true, 0);
    CHECK(waiting() <= 64 + 256);
    net_run(&net, 61 * LW_S);
    CHECK_EQ(waiting(), 0);
}

/* One sender's flood of first pieces does not cost another its datagram. */
static void
a_flood_hurts_its_sender_alone(void)
{
    char src[16];

    bare();
    ip_sysctl(host_ip(net.a))->ipfrag_high_thresh = 100000;
    for (uint32_t i = 3; i < 33; i++) { /* thirty honest ones, waiting */
        ipv4_text((struct ipv4){0x0a000000 + i}, src);
        piece_from(src, 1, 0, 800, true, 0);
    }
    for (uint16_t id = 0; id < 2000; id++)
        piece_from("10.0.0.200", id, 0, 800, true, 0);
    for (uint32_t i = 3; i < 33; i++) {
        ipv4_text((struct ipv4){0x0a000000 + i}, src);
        piece_from(src, 1, 800, 1000, false, 0);
    }
    /* But for those whose place in the hash is the flooder's. */
    CHECK(got.count >= 27);
    CHECK(is_whole(1000));
    net_run(&net, 70 * LW_S); /* some are told, when ARP finds them */
    CHECK_EQ(waiting(), 0);
}

/* Once its pieces overlapped, a datagram stays dead: the rest of the true
 * ones does not make it whole with what an attacker adds (RFC 5722 4). */
static void
the_dead_stay_dead(void)
{
    bare();
    piece(1, 0, 800, true, 0);
    piece(1, 400, 1200, true, 1);
    piece(1, 0, 800, true, 0);
    piece(1, 800, 1000, false, 0);
    CHECK_EQ(got.count, 0);
    CHECK_EQ(recorder_drops(&net.rec, "IP_FRAGMENT"), 4);
    net_run(&net, 61 * LW_S);
    CHECK_EQ(net.nsent, 0);    /* nobody is told */
    piece(1, 0, 800, true, 0); /* the number may be used again */
    piece(1, 800, 1000, false, 0);
    CHECK_EQ(got.count, 1);
}

/* Cuts 0..size at multiples of 8 into at most `most` ranges. */
static unsigned
cut(struct rng *rng, uint32_t size, uint32_t *at, unsigned most)
{
    unsigned n = 1;

    at[0] = 0;
    while (n < most) {
        uint32_t step = 8 * (1 + (uint32_t)rng_below(rng, 60));

        if (at[n - 1] + step >= size)
            break;
        at[n] = at[n - 1] + step;
        n++;
    }
    at[n] = size;
    return n;
}

/*
 * Ten thousand datagrams, cut anywhere, in any order, with doubles, losses,
 * and pieces that are not cut at the same places or have other bytes: what
 * is delivered is the original, or nothing is.
 */
static void
the_original_or_nothing(void)
{
    unsigned whole = 0, none = 0, wrong = 0;
    struct rng rng;

    bare();
    rng_init(&rng, 3, "pieces");
    for (uint16_t id = 0; id < 10000; id++) {
        uint32_t size = 100 + (uint32_t)rng_below(&rng, 1500), at[40];
        unsigned n = cut(&rng, size, at, 38), order[80], m = 0;
        unsigned evil = rng_below(&rng, 3) == 0, lost = rng_below(&rng, 8) == 0;
        unsigned before = got.count;
        bool spoilt = false;

        recorder_clear(&net.rec);
        for (unsigned i = lost; i < n; i++)
            for (unsigned k = 0; k < 1 + rng_below(&rng, 2); k++)
                order[m++] = i;
        for (unsigned i = m; i > 1; i--) {
            unsigned j = (unsigned)rng_below(&rng, i), t = order[i - 1];

            order[i - 1] = order[j];
            order[j] = t;
        }
        for (unsigned i = 0; i < m && got.count == before; i++) {
            unsigned k = order[i];

            if (evil && !spoilt && i > 0) { /* across what is there */
                uint32_t from = at[order[0]], to = at[order[0] + 1];

                to = (to & ~7u) + 8;
                piece(id, from, to, true, (uint8_t)rng_below(&rng, 2));
                spoilt = true;
            }
            piece(id, at[k], at[k + 1], k + 1 < n, 0);
        }
        if (got.count == before)
            none++;
        else if (is_whole(size) && !spoilt && !lost)
            whole++;
        else
            wrong++;
        wrong += got.count > before + 1;
        wrong += got.count == before && !spoilt && !lost;
    }
    CHECK_EQ(wrong, 0);
    CHECK(whole > 4000 && none > 2000);
    net_run(&net, 61 * LW_S);
    net_forget(&net);
    CHECK_EQ(waiting(), 0);
}

static void
options_are_copied_as_they_ask(void)
{
    /* Router alert (copied) and record route (not copied). */
    static const uint8_t options[] = {0x94, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0};
    uint8_t packet[1200] = {
        0x48, 0, 1200 >> 8, 1200 & 255, 0, 9, 0, 0, 64, TEST_PROTOCOL};
    struct writer w = writer_of(packet + 12, 20);
    const uint8_t *first, *second;

    bare();
    net.a0->mtu = 600;
    host_set_forwarding(net.a, true);
    put_ipv4(&w, net_ip("10.0.0.2"));
    put_ipv4(&w, net_ip("10.0.0.2"));
    put_bytes(&w, options, sizeof options);
    ip_set_piece(packet, 32, sizeof packet - 32, 0, false);
    net_inject_ip(&net, packet, sizeof packet);
    REQUIRE(net.nsent == 3);
    first = net.sent[0].bytes + 14;
    second = net.sent[1].bytes + 14;
    CHECK_EQ(net.sent[0].len, 14 + 32 + 568);
    CHECK_EQ(first[0], 0x48);
    CHECK_MEM(first + 20, options, 6);
    CHECK_MEM(first + 26, "\x08\x0a\0\0\x01", 5); /* a recorded itself */
    CHECK_EQ(net.sent[1].len, 14 + 24 + 576);
    CHECK_EQ(second[0], 0x46);
    CHECK_MEM(second + 20, options, 4);
    CHECK_EQ(net.sent[2].len, 14 + 24 + 1200 - 32 - 568 - 576);
    CHECK_EQ(second[6], 0x20);
    CHECK_EQ(second[7], 568 / 8);
}

static CU_TestInfo cases[] = {
    TEST(a_big_ping_gets_through_small_links),
    TEST(in_any_order),
    TEST(datagrams_are_not_mixed),
    TEST(overlaps_end_the_datagram),
    TEST(a_mark_on_one_piece_marks_the_whole),
    TEST(impossible_pieces_are_refused),
    TEST(the_largest_datagram),
    TEST(pieces_do_not_wait_for_ever),
    TEST(a_flood_of_pieces_is_bounded),
    TEST(a_flood_hurts_its_sender_alone),
    TEST(the_dead_stay_dead),
    TEST(the_original_or_nothing),
    TEST(options_are_copied_as_they_ask),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_fragment = {.pName = "fragment",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
