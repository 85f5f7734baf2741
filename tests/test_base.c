/*
 * test_base.c: words, bytes, checksums, chance, packets, arenas.
 */
#include "check.h"
#include "arena.h"
#include "buffer.h"
#include "env.h"
#include "fault.h"
#include "sum.h"

#include <errno.h>
#include <libnet.h>
#include <stdlib.h>
#include <string.h>

/* Are addresses read strictly and written back the same? */
static void
addresses_read_and_written(void)
{
    static const char *const bad[] = {"", "1", "1.2.3", "1.2.3.4.", "1.2.3.4 ",
        " 1.2.3.4", "1.2.3.256", "01.2.3.4", "1..2.3", "1.2.3.1234", "a.b.c.d",
        "1.2.3.4x", "-1.2.3.4", "1.2.3.00"};
    struct ipv4 a = {0};
    char buf[18];

    CHECK(ipv4_parse("10.0.1.2", &a));
    CHECK_EQ(a.v, 0x0a000102);
    CHECK_TEXT(ipv4_text(a, buf), "10.0.1.2");
    CHECK(ipv4_parse("255.255.255.255", &a));
    CHECK_TEXT(ipv4_text(a, buf), "255.255.255.255");
    CHECK(ipv4_parse("0.0.0.0", &a));
    CHECK_EQ(a.v, 0);
    for (size_t i = 0; i < LW_COUNT(bad); i++)
        check_true(!ipv4_parse(bad[i], &a), bad[i], __FILE__, __LINE__);
    CHECK_TEXT(mac_text((struct mac){{2, 0, 0, 0xab, 1, 0xff}}, buf),
        "02:00:00:ab:01:ff");
    CHECK_EQ(ipv4_mask(24).v, 0xffffff00);
    CHECK_EQ(ipv4_mask(0).v, 0);
    CHECK_EQ(ipv4_mask(32).v, 0xffffffff);
    CHECK(mac_is_group(MAC_BROADCAST));
}

/* Does the order of sequence numbers survive the wrap at 2^32? */
static void
sequence_numbers_wrap(void)
{
    struct seq a = {0xfffffff0};
    struct seq b = seq_add(a, 0x20);

    CHECK_EQ(b.v, 0x10);
    CHECK(seq_lt(a, b));
    CHECK(!seq_lt(b, a));
    CHECK(seq_leq(a, a));
    CHECK_EQ(seq_diff(b, a), 0x20);
    CHECK_EQ(seq_diff(a, b), -0x20);
}

/* Does a cursor stop at the end, whatever is asked of it? */
static void
cursor_never_oversteps(void)
{
    const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct cursor c = cursor_of(data, sizeof data);
    struct cursor part;

    CHECK_EQ(get_u8(&c), 1);
    CHECK_EQ(get_be16(&c), 0x0203);
    CHECK_EQ(get_le16(&c), 0x0504);
    CHECK_EQ(get_be32(&c), 0x06070809);
    CHECK(!c.over);
    CHECK_EQ(get_u8(&c), 0);
    CHECK(c.over);
    c = cursor_of(data, sizeof data);
    CHECK_EQ(get_le64(&c), 0x0807060504030201);
    c = cursor_of(data, 3);
    CHECK_EQ(get_be32(&c), 0);
    CHECK(c.over);
    CHECK_EQ(cursor_left(&c), 0);
    c = cursor_of(data, sizeof data);
    part = get_slice(&c, 4);
    CHECK_EQ(get_le32(&part), 0x04030201);
    CHECK_EQ(get_u8(&part), 0);
    CHECK(part.over && !c.over);
    part = get_slice(&c, 6);
    CHECK(part.over && c.over);
    CHECK_EQ(get_mac(&part).b[0], 0);
}

/* Does a writer refuse what does not fit, and only that? */
static void
writer_never_oversteps(void)
{
    uint8_t buf[16] = {0},
            want[16] = {1, 2, 3, 4, 3, 2, 1, 0xa, 0, 0, 1, 'h', 'i'};
    struct writer w = writer_of(buf, 13);

    put_u8(&w, 1);
    put_be16(&w, 0x0203);
    put_le32(&w, 0x01020304);
    put_ipv4(&w, (struct ipv4){0x0a000001});
    put_text(&w, "hi");
    CHECK(!w.over);
    CHECK_EQ(writer_len(&w), 13);
    CHECK_MEM(buf, want, 16);
    put_u8(&w, 9);
    put_le64(&w, 9);
    put_bytes(&w, buf, 1);
    CHECK(w.over);
    CHECK_EQ(buf[13], 0);
}

/* Do numbers of every size come back from as few bytes as they need? */
static void
variable_length_numbers(void)
{
    static const int64_t numbers[] = {
        0, 1, -1, 63, -64, 64, 127, 128, INT32_MAX, INT64_MAX, INT64_MIN};
    struct buffer b = {0};
    struct cursor c;

    for (size_t i = 0; i < LW_COUNT(numbers); i++) {
        buffer_clear(&b);
        buffer_varint(&b, (uint64_t)numbers[i]);
        buffer_signed(&b, numbers[i]);
        c = cursor_of(b.data, b.len);
        CHECK_EQ(get_varint(&c), (uint64_t)numbers[i]);
        CHECK_EQ(get_signed(&c), numbers[i]);
        CHECK(!c.over && cursor_left(&c) == 0);
    }
    buffer_clear(&b);
    buffer_varint(&b, 127);
    buffer_signed(&b, -64);
    CHECK_EQ(b.len, 2);
    buffer_pad4(&b);
    buffer_le32(&b, 0);
    buffer_patch_le32(&b, 4, 0x01020304);
    CHECK_MEM(b.data, "\x7f\x7f\0\0\4\3\2\1", 8);
    CHECK_EQ(b.len, 8);
    buffer_free(&b);
    c = cursor_of("\x80\x80", 2);
    CHECK_EQ(get_varint(&c), 0);
    CHECK(c.over);
    c = cursor_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 10);
    CHECK_EQ(get_varint(&c), 0); /* 65 bits */
    CHECK(c.over);
}

/* RFC 1071 4.1 as written there: one 16-bit word after the other. */
static uint16_t
naive_sum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

/* libnet's checksum, an independent hand. */
static uint16_t
libnet_sum(const uint8_t *p, size_t len)
{
    static uint16_t copy[2048];
    int sum;

    memset(copy, 0, sizeof copy);
    memcpy(copy, p, len);
    sum = libnet_in_cksum(copy, (int)len);
    return ntohs((uint16_t)LIBNET_CKSUM_CARRY(sum));
}

/* Do lengths 0..600 at every alignment agree with the simple method? */
static void
checksum_of_every_length(void)
{
    uint8_t data[640], copy[640];
    unsigned wrong = 0;
    struct rng rng;

    rng_init(&rng, 7, "sum");
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = rng_below(&rng, 4) ? (uint8_t)rng_u64(&rng) : 0xff;
    for (size_t at = 0; at < 8; at++)
        for (size_t len = 0; len <= 600; len++) {
            uint16_t want = naive_sum(data + at, len);

            wrong += sum_fold(sum_add(0, data + at, len)) != want;
            wrong += libnet_sum(data + at, len) != want;
            memset(copy, 0x55, sizeof copy);
            wrong +=
                sum_fold(sum_copy(0, copy + 7 - at, data + at, len)) != want;
            wrong += memcmp(copy + 7 - at, data + at, len) != 0;
            wrong += copy[7 - at + len] != 0x55;
            wrong += sum_fold(sum_add(sum_add(0, data + at, len / 4 * 2),
                         data + at + len / 4 * 2, len - len / 4 * 2)) != want;
        }
    CHECK_EQ(wrong, 0);
}

/* Are carries kept in regions where every addition overflows? */
static void
checksum_of_big_regions(void)
{
    const size_t size = 1 << 20;
    uint8_t *data = malloc(size);
    struct rng rng;

    REQUIRE(data != NULL);
    rng_init(&rng, 8, "sum");
    memset(data, 0xff, size);
    CHECK_EQ(sum_fold(sum_add(0, data, size)), naive_sum(data, size));
    CHECK_EQ(sum_fold(sum_add(UINT64_MAX, data, size - 1)),
        naive_sum(data, size - 1));
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)rng_u64(&rng);
    CHECK_EQ(sum_fold(sum_add(0, data, size)), naive_sum(data, size));
    CHECK_EQ(sum_fold(sum_add(0, data, size - 3)), naive_sum(data, size - 3));
    free(data);
}

/* Does a UDP datagram with its checksum in place come out as zero? */
static void
checksum_with_pseudo_header(void)
{
    struct ipv4 src = {0xc0a80001}, dst = {0xc0a800c7};
    uint8_t udp[] = {0x04, 0x00, 0x00, 0x35, 0, 11, 0, 0, 'a', 'b', 'c'};
    const uint8_t all[] = {0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7, 0, 17, 0, 11,
        0x04, 0x00, 0x00, 0x35, 0, 11, 0, 0, 'a', 'b', 'c'};
    uint64_t sum = sum_pseudo(src, dst, 17, sizeof udp);
    uint16_t check = sum_fold(sum_add(sum, udp, sizeof udp));

    CHECK_EQ(check, naive_sum(all, sizeof all));
    udp[6] = (uint8_t)(check >> 8);
    udp[7] = (uint8_t)check;
    CHECK_EQ(sum_fold(sum_add(sum, udp, sizeof udp)), 0);
    udp[8] ^= 1;
    CHECK(sum_fold(sum_add(sum, udp, sizeof udp)) != 0);
}

/* Are the generators those of their authors, and streams independent? */
static void
chance_is_reproducible(void)
{
    struct rng r = {{1, 2, 3, 4}}, web, router;
    struct sipkey key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    uint8_t in[15];
    unsigned hits = 0, seen = 0;

    CHECK_EQ(rng_u64(&r), 11520);
    CHECK_EQ(rng_u64(&r), 0);
    CHECK_EQ(rng_u64(&r), 1509978240);
    CHECK_EQ(rng_u64(&r), 1215971899390074240);
    for (unsigned i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)i;
    CHECK_EQ(siphash(key, in, 0), 0x726fdb47dd0e0e31);
    CHECK_EQ(siphash(key, in, 1), 0x74f839c593dc67fd);
    CHECK_EQ(siphash(key, in, 15), 0xa129ca6149be45e5);
    rng_init(&web, 1, "web");
    rng_init(&router, 1, "router");
    CHECK(rng_u64(&web) != rng_u64(&router));
    r = web;
    CHECK(!rng_chance(&web, 0));
    CHECK_MEM(&r, &web, sizeof r);
    for (int i = 0; i < 10000; i++) {
        hits += rng_chance(&web, 0.25);
        seen |= 1u << rng_below(&web, 3);
    }
    CHECK(hits > 2300 && hits < 2700);
    CHECK_EQ(seen, 7);
    CHECK(rng_chance(&web, 1));
}

/* Are packets counted, limited, and given headroom, tailroom and identity? */
static void
packets_come_from_a_counted_pool(void)
{
    struct instant now = {0};
    struct journal j;
    struct pkt_pool *pool;
    struct pkt *p, *q;

    journal_init(&j, &now);
    pool = pkt_pool_new(&j, 2);
    j.cause = 17;
    p = pkt_new(pool, PKT_HEADROOM, 1500);
    REQUIRE(p != NULL);
    CHECK_EQ(p->id, 1);
    CHECK_EQ(p->cause, 17);
    CHECK_EQ(p->room, PKT_ROOM);
    CHECK_EQ(pkt_off(p), PKT_HEADROOM);
    memcpy(pkt_put(p, 4), "data", 4);
    memcpy(pkt_push(p, 2), "h:", 2);
    CHECK_EQ(p->len, 6);
    q = pkt_copy(p);
    REQUIRE(q != NULL);
    CHECK_EQ(q->id, 2);
    CHECK_EQ(pkt_off(q), pkt_off(p));
    CHECK_MEM(q->data, "h:data", 6);
    CHECK(pkt_new(pool, 0, 1) == NULL);
    CHECK_EQ(pkt_pool_used(pool), 2);
    CHECK(pkt_pull(p, 2));
    CHECK(!pkt_pull(p, 5));
    CHECK(pkt_put(p, PKT_ROOM) == NULL);
    pkt_free(p);
    pkt_free(q);
    pkt_free(NULL);
    p = pkt_new(pool, PKT_HEADROOM, 65536);
    REQUIRE(p != NULL);
    CHECK(pkt_put(p, 65536) != NULL);
    pkt_free(p);
    CHECK(pkt_new(pool, 0, PKT_ROOM_MAX + 1) == NULL);
    CHECK(pkt_new(pool, SIZE_MAX, 2) == NULL);
    CHECK_EQ(pkt_pool_used(pool), 0);
    pkt_pool_free(pool);
    journal_close(&j);
}

/* Text that is lent is counted, limited in pieces, and in its place when the
 * packet is made one that lends nothing. */
static void
packets_lend_and_own(void)
{
    static const uint8_t text[] = "abcdefghijklmnopqrstuvwxyz";
    struct instant now = {0};
    struct journal j;
    struct pkt_pool *pool;
    struct pkt *p, *q;

    journal_init(&j, &now);
    pool = pkt_pool_new(&j, 2);
    p = pkt_new(pool, PKT_HEADROOM, 10);
    REQUIRE(p != NULL);
    memcpy(pkt_put(p, 2), "h:", 2);
    CHECK(pkt_own(p) == p); /* it is already */
    for (unsigned i = 0; i < PKT_PARTS; i++)
        CHECK(pkt_lend(p, text + i, 1));
    CHECK_EQ(pkt_lend(p, text, 1), false);
    CHECK_EQ(p->lent, PKT_PARTS);
    CHECK_EQ(p->len, 2);
    p->cause = 17;
    q = pkt_own(p);
    REQUIRE(q != NULL);
    CHECK_EQ(q->id, 1); /* the same packet */
    CHECK_EQ(q->cause, 17);
    CHECK_EQ(q->lent + q->nparts, 0);
    CHECK_EQ(q->len, 2 + PKT_PARTS);
    CHECK_EQ(pkt_off(q), PKT_HEADROOM);
    CHECK_MEM(q->data, "h:abcdefghijklmnopqr", 2 + PKT_PARTS);
    CHECK_EQ(pkt_pool_used(pool), 1);
    CHECK(pkt_lend(q, text, 1));
    p = pkt_new(pool, 0, 1);
    CHECK(pkt_own(q) == NULL); /* no memory: it is gone */
    CHECK_EQ(pkt_pool_used(pool), 1);
    pkt_free(p);
    pkt_pool_free(NULL);
    pkt_pool_free(pool);
    journal_close(&j);
}

/* Is memory zeroed, aligned and limited? */
static void
arena_gives_zeroed_memory(void)
{
    struct arena a;
    uint64_t *n;

    arena_init(&a, 10000);
    CHECK_TEXT(arena_text(&a, "hello", 4), "hell");
    n = arena_alloc(&a, sizeof *n);
    REQUIRE(n != NULL);
    CHECK_EQ((uintptr_t)n % 16, 0);
    CHECK_EQ(*n, 0);
    CHECK_TEXT(arena_printf(&a, "%d-%s", 5, "x"), "5-x");
    CHECK(arena_alloc(&a, 9000) != NULL);
    CHECK(arena_alloc(&a, 2000) == NULL);
    CHECK(arena_alloc(&a, SIZE_MAX) == NULL);
    CHECK(arena_text(&a, "", SIZE_MAX) == NULL);
    arena_free(&a);
    CHECK_EQ(a.used, 0);
    CHECK(arena_alloc(&a, 1) != NULL);
    arena_free(&a);
}

/* Is the first fault kept, in the form file:line: reason, in one line? */
static void
first_fault_is_kept(void)
{
    struct fault f = {""};

    CHECK_EQ(fault_set(&f, "shop.yaml", 12, "unknown key \"%s\"", "a\nb\033"),
        -EINVAL);
    CHECK_TEXT(f.text, "shop.yaml:12: unknown key \"a?b?\"");
    fault_set(&f, NULL, 0, "second");
    CHECK_TEXT(f.text, "shop.yaml:12: unknown key \"a?b?\"");
    f.text[0] = 0;
    fault_set(&f, "x.pcap", 0, "%0600d", 1);
    CHECK_EQ(strlen(f.text), sizeof f.text - 1);
    f.text[0] = 0;
    fault_set(&f, NULL, 0, "plain");
    CHECK_TEXT(f.text, "plain");
}

static CU_TestInfo cases[] = {
    TEST(addresses_read_and_written),
    TEST(sequence_numbers_wrap),
    TEST(cursor_never_oversteps),
    TEST(writer_never_oversteps),
    TEST(variable_length_numbers),
    TEST(checksum_of_every_length),
    TEST(checksum_of_big_regions),
    TEST(checksum_with_pseudo_header),
    TEST(chance_is_reproducible),
    TEST(packets_come_from_a_counted_pool),
    TEST(packets_lend_and_own),
    TEST(arena_gives_zeroed_memory),
    TEST(first_fault_is_kept),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_base = {.pName = "base", .pTests = cases};
