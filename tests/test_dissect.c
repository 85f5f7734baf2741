/*
 * test_dissect.c: are the bytes of a frame read as the RFCs say, and is
 * nothing ever read that is not there?
 */
#include "check.h"
#include "sample.h"

#include "dissect.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;

static int
setup_all(void)
{
    arena_init(&arena, 0);
    return 0;
}

static void
teardown(void)
{
    arena_free(&arena);
}

static const char *
value(const struct dissection *d, const char *name)
{
    const struct dissect_field *f = dissect_find(d, name);

    return f ? f->value : "(none)";
}

static void
a_syn_has_its_fields_where_the_rfc_puts_them(void)
{
    uint8_t frame[200];
    size_t len = sample_segment(frame, sizeof frame, false, 2, 1000, 0, "");
    const struct dissection *d = dissect(&arena, DISSECT_ETHERNET, frame, len);

    REQUIRE(d != NULL);
    CHECK_EQ(len, 58);
    CHECK_EQ(d->nlayers, 3);
    CHECK_TEXT(value(d, "Destination"), "02:00:00:00:02:01");
    CHECK_TEXT(value(d, "Type"), "0x0800 (IPv4)");
    CHECK_TEXT(value(d, "IHL"), "5 words (20 bytes)");
    CHECK_TEXT(value(d, "Time to live"), "64 (0x40)");
    CHECK_TEXT(value(d, "Header checksum status"), "correct");
    CHECK_TEXT(value(d, "Source address"), "10.0.1.2");
    CHECK_TEXT(value(d, "Destination port"), "80 (0x0050)");
    CHECK_TEXT(value(d, "Flags"), "0x02 (SYN)");
    CHECK_TEXT(value(d, "Maximum segment size"), "1460 (0x05b4)");
    CHECK_TEXT(value(d, "Checksum status"), "correct");
    CHECK_TEXT(d->info, "TCP 33000 > 80 [SYN], 0 bytes");

    const struct dissect_field *f = dissect_find(d, "Sequence number");
    CHECK_EQ(f->off, 38);
    CHECK_EQ(f->len, 4);
    f = dissect_find(d, "SYN");
    CHECK_EQ(f->off, 47);
    CHECK_EQ(f->bit, 6);
    CHECK_EQ(f->bits, 1);
    CHECK_EQ(d->keys.seq, 1000);
    CHECK_EQ(d->keys.flags, DISSECT_SYN);
}

static void
a_byte_leads_to_its_field(void)
{
    uint8_t frame[200];
    size_t len = sample_segment(frame, sizeof frame, false, 2, 1000, 0, "");
    const struct dissection *d = dissect(&arena, DISSECT_ETHERNET, frame, len);

    REQUIRE(d != NULL);
    CHECK_TEXT(d->fields[dissect_at(d, 0)].name, "Destination");
    CHECK_TEXT(d->fields[dissect_at(d, 38)].name, "Sequence number");
    CHECK_TEXT(d->fields[dissect_at(d, 47)].name, "Flags");
    CHECK_EQ(dissect_at(d, 58), -1);
}

static void
http_is_cut_into_start_line_and_headers(void)
{
    uint8_t frame[300];
    size_t len = sample_segment(frame, sizeof frame, false, 24, 1, 1,
        "GET /a?b=c HTTP/1.1\r\nHost: shop.test\r\n\r\nrest");
    const struct dissection *d = dissect(&arena, DISSECT_ETHERNET, frame, len);

    REQUIRE(d != NULL);
    CHECK_TEXT(value(d, "Method"), "GET");
    CHECK_TEXT(value(d, "Request target"), "/a?b=c");
    CHECK_TEXT(value(d, "Host"), "shop.test");
    CHECK_TEXT(value(d, "Bytes"), "rest");
    CHECK_TEXT(d->layers[3].name, "HTTP");
    CHECK_EQ(d->layers[3].off, 54);
    CHECK_EQ(d->layers[3].len, 40);
}

static void
a_wrong_checksum_is_said_to_be_wrong(void)
{
    uint8_t frame[200];
    size_t len = sample_segment(frame, sizeof frame, false, 2, 1000, 0, "");
    const struct dissection *d;

    frame[38] ^= 1; /* of the sequence number */
    d = dissect(&arena, DISSECT_ETHERNET, frame, len);
    REQUIRE(d != NULL);
    CHECK_TEXT(value(d, "Checksum status"), "wrong");
    CHECK(dissect_find(d, "Checksum status")->wrong);
    CHECK(dissect_find(d, "Checksum status")->generated);
    CHECK_TEXT(value(d, "Header checksum status"), "correct");
}

static void
names_are_followed_backwards_only(void)
{
    /* a DNS answer whose record's name points at the question's */
    static const uint8_t good[] = {0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0,
        0, 1, 'a', 2, 't', 'v', 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 1,
        44, 0, 4, 127, 0, 0, 2};
    uint8_t frame[14 + 20 + 8 + sizeof good] = {0};
    const struct dissection *d;

    memcpy(frame + 42, good, sizeof good);
    frame[12] = 8;
    frame[14] = 0x45;
    frame[17] = 28 + sizeof good;
    frame[23] = 17;
    frame[35] = 53;
    frame[39] = 8 + sizeof good;
    d = dissect(&arena, DISSECT_ETHERNET, frame, sizeof frame);
    REQUIRE(d != NULL);
    CHECK_TEXT(value(d, "Record"), "a.tv A");
    CHECK_TEXT(value(d, "Address"), "127.0.0.2");
    CHECK_TEXT(value(d, "TTL"), "300 s");
    frame[42 + 23] = 22; /* now it points at itself */
    d = dissect(&arena, DISSECT_ETHERNET, frame, sizeof frame);
    REQUIRE(d != NULL);
    CHECK(dissect_find(d, "Record") == NULL);
    CHECK(dissect_find(d, "Cut off") != NULL);
}

static void
every_field_lies_inside_the_frame(const struct dissection *d, size_t len)
{
    for (unsigned i = 0; i < d->count; i++) {
        const struct dissect_field *f = &d->fields[i];

        if (f->off > len || f->len > len - f->off || f->layer >= DISSECT_LAYERS)
            CHECK_EQ(f->off + f->len, len);
    }
    for (unsigned i = 0; i < d->nlayers; i++)
        CHECK(d->layers[i].off + d->layers[i].len <= len);
}

/* Does any cut, and any changed byte, stay inside? The sanitizers watch. */
static void
a_hostile_frame_is_read_to_its_end_and_no_further(void)
{
    uint8_t frame[400];
    size_t all = sample_segment(frame, sizeof frame, true, 18, 5000, 1001,
        "HTTP/1.1 200 OK\r\nA: b\r\n\r\nHello");
    uint32_t x = 12345;

    for (size_t len = 0; len <= all; len++) {
        uint8_t *cut = malloc(len ? len : 1);

        REQUIRE(cut != NULL);
        memcpy(cut, frame, len);
        for (int round = 0; round < 40; round++) {
            struct arena a;
            const struct dissection *d;

            arena_init(&a, 0);
            d = dissect(&a, DISSECT_ETHERNET, cut, len);
            if (CHECK(d != NULL))
                every_field_lies_inside_the_frame(d, len);
            arena_free(&a);
            x = x * 1664525 + 1013904223;
            if (len)
                cut[x % len] = (uint8_t)(x >> 24);
        }
        free(cut);
    }
}

static void
fastcgi_records_are_named(void)
{
    static const char records[] =
        "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1\0\7\1\0\3\2ABCxy\0\1\5\0\1"
        "\0\0\0";
    uint8_t frame[54 + sizeof records] = {0};
    const struct dissection *d;

    memcpy(frame + 54, records, sizeof records);
    frame[12] = 8;
    frame[14] = 0x45;
    frame[17] = sizeof frame - 14;
    frame[23] = 6;
    frame[36] = 9000 >> 8;
    frame[37] = 9000 & 255;
    frame[46] = 0x50;
    d = dissect(&arena, DISSECT_ETHERNET, frame, sizeof frame);
    REQUIRE(d != NULL);
    CHECK_TEXT(value(d, "FCGI_BEGIN_REQUEST"), "request 1, 8 bytes");
    CHECK_TEXT(value(d, "Role"), "1 (responder)");
    CHECK_TEXT(value(d, "ABC"), "xy");
    CHECK_TEXT(value(d, "FCGI_STDIN"), "request 1, 0 bytes");
}

/* In brief the keys are the same, and the texts of HTTP are there. */
static void
in_brief_the_keys_are_the_same(void)
{
    uint8_t frame[300];
    size_t len = sample_segment(frame, sizeof frame, false, 24, 1, 1,
        "GET /a?b=c HTTP/1.1\r\nHost: shop.test\r\n\r\nrest");
    struct dissection *whole = dissect(&arena, DISSECT_ETHERNET, frame, len);
    struct dissection *brief =
        dissect_brief(&arena, DISSECT_ETHERNET, frame, len);

    REQUIRE(whole && brief);
    CHECK_MEM(&brief->keys, &whole->keys, sizeof whole->keys);
    CHECK_EQ(brief->count, whole->count);
    CHECK_TEXT(dissect_find(brief, "Method")->value, "GET");
    CHECK_TEXT(dissect_find(brief, "Source port")->value, "");
    CHECK(dissect_find(whole, "Source port")->value[0] != 0);
}

static CU_TestInfo cases[] = {
    TEST(a_syn_has_its_fields_where_the_rfc_puts_them),
    TEST(a_byte_leads_to_its_field),
    TEST(http_is_cut_into_start_line_and_headers),
    TEST(a_wrong_checksum_is_said_to_be_wrong),
    TEST(names_are_followed_backwards_only),
    TEST(fastcgi_records_are_named),
    TEST(a_hostile_frame_is_read_to_its_end_and_no_further),
    TEST(in_brief_the_keys_are_the_same),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_dissect = {.pName = "dissect",
    .pTests = cases,
    .pInitFunc = setup_all,
    .pTearDownFunc = teardown};
