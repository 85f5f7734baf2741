/*
 * test_bad_dns.c: DNS messages that broke other stacks (RFC 9267, AMNESIA:33,
 * NAME:WRECK, Ripple20), byte by byte. Each goes to the codec alone, which
 * must refuse it with the reason and the byte, and then from a name server
 * to a resolver that waits for the address of x.test: it must refuse it too,
 * go on waiting, and take the good answer that comes after it.
 */
#include "check.h"
#include "dns_peer.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* An answer to "x.test A": 12 bytes of header, 12 of question; byte 24 is
 * the first of the answer section. */
#define HEADER(an)   0, 0, 0x81, 0x80, 0, 1, 0, (an), 0, 0, 0, 0
#define QUESTION     1, 'x', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1
#define HEAD(an)     HEADER(an), QUESTION
#define REST(length) 0, 1, 0, 1, 0, 0, 0, 60, 0, (length)
#define EVIL         REST(4), 66, 66, 66, 66 /* an address, if it were taken */
/* a record of a type that nobody knows, with n bytes that follow it */
#define UNKNOWN(n) 0xc0, 12, 0xff, 0, 0, 1, 0, 0, 0, 60, 0, (n)

static struct {
    uint8_t message[65535];
    size_t len;
    bool good_follows;
} bad;

static uint8_t buf[2048];

/* The message, with the question's id, and then perhaps a good one. */
static void
say_bad(struct dns_talk *t)
{
    bad.message[0] = t->query[0];
    bad.message[1] = t->query[1];
    dns_say(t, bad.message, bad.len);
    if (bad.good_follows)
        dns_say(t, buf, dns_good(t, buf, sizeof buf));
}

static void
codec_refuses(enum dns_bad why, uint32_t at)
{
    uint8_t *copy = malloc(bad.len); /* a byte too far is noticed */
    struct dns_reader r;
    struct dns_record rr;
    int n;

    REQUIRE(copy != NULL);
    memcpy(copy, bad.message, bad.len);
    n = dns_open(&r, copy, bad.len);
    for (n = n ? n : 1; n > 0;)
        n = dns_record(&r, &rr);
    CHECK(n < 0);
    CHECK_TEXT(dns_bad_text(r.fault.why), dns_bad_text(why));
    CHECK_EQ(r.fault.at, at);
    CHECK(dns_record(&r, &rr) == n); /* and for ever after */
    free(copy);
}

/* Refused as `said` by the resolver; and nothing of it is believed. */
static void
resolver_refuses(const char *said)
{
    unsigned before = dns_told(EV_DNS_REFUSED, said);

    dns_peer.answer = say_bad;
    bad.good_follows = true;
    CHECK_EQ(dns_resolve("x.test"), 0);
    CHECK_EQ(dns_peer.out.n, 1);
    CHECK_EQ(dns_peer.out.addrs[0].v, net_ip("10.0.0.9").v);
    CHECK_EQ(dns_told(EV_DNS_REFUSED, said), before + 1);
}

static void
refused(const uint8_t *message, size_t len, enum dns_bad why, uint32_t at)
{
    memcpy(bad.message, message, len);
    bad.len = len;
    codec_refuses(why, at);
    resolver_refuses(dns_bad_text(why));
}

#define REFUSED(why, at, ...)                                                  \
    refused((const uint8_t[]){__VA_ARGS__},                                    \
        sizeof((const uint8_t[]){__VA_ARGS__}), DNS_BAD_##why, at)

/* Nothing but that message ever comes: the resolver ends, with a reason. */
static void
and_nothing_else_comes(void)
{
    bad.good_follows = false;
    CHECK_EQ(dns_resolve("x.test"), EAI_AGAIN);
    CHECK_TEXT(dns_peer.out.why, "Temporary failure in name resolution");
    CHECK(dns_peer.took_ns >= 15 * LW_S && dns_peer.took_ns < 16 * LW_S);
}

static void
bad_37_pointer_to_itself(void)
{
    REFUSED(POINTER_FORWARD, 24, HEAD(1), 0xc0, 24, EVIL);
    and_nothing_else_comes();
    REFUSED(POINTER_FORWARD, 26, HEAD(1), 1, 'a', 0xc0, 24, EVIL);
    REFUSED(
        POINTER_FORWARD, 12, HEADER(1), 0xc0, 12, 0, 1, 0, 1, 0xc0, 12, EVIL);
    /* in the data of an alias */
    REFUSED(POINTER_FORWARD, 36, HEAD(1), 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0,
        2, 0xc0, 36);
}

static void
bad_37_pointer_forward(void)
{
    REFUSED(POINTER_FORWARD, 24, HEAD(1), 0xc0, 40, EVIL, 1, 'a', 0);
    REFUSED(POINTER_FORWARD, 24, HEAD(1), 0xc0, 25, EVIL);
}

/* The second record's name leads back into the first one's data, and from
 * there forward to itself. */
static void
bad_37_pointers_in_a_circle_of_two(void)
{
    REFUSED(POINTER_FORWARD, 36, HEAD(2), UNKNOWN(2), 0xc0, 38, 0xc0, 36, EVIL);
    REFUSED(POINTER_FORWARD, 38, HEAD(2), UNKNOWN(4), 1, 'a', 0xc0, 36, 0xc0,
        36, EVIL);
}

static void
bad_37_pointer_into_the_header(void)
{
    for (uint8_t to = 0; to < 12; to++)
        REFUSED(POINTER_HEADER, 24, HEAD(1), 0xc0, to, EVIL);
}

/* Each pointer leads to the one before it: bounded work, whatever the sum. */
static void
bad_37_a_ladder_of_pointers(void)
{
    static const uint8_t head[] = {HEAD(2), UNKNOWN(0)};
    static const uint8_t evil[] = {EVIL};
    struct writer w = writer_of(bad.message, sizeof bad.message);
    unsigned to = 12;

    put_bytes(&w, head, sizeof head);
    bad.message[35] = 2 * DNS_POINTERS_MAX;
    for (unsigned i = 0; i < DNS_POINTERS_MAX; i++) {
        unsigned here = (unsigned)writer_len(&w);

        put_be16(&w, (uint16_t)(0xc000 | to));
        to = here;
    }
    put_be16(&w, (uint16_t)(0xc000 | to));
    put_bytes(&w, evil, sizeof evil);
    bad.len = writer_len(&w);
    codec_refuses(DNS_BAD_POINTER_MANY, 36);
    resolver_refuses(dns_bad_text(DNS_BAD_POINTER_MANY));
}

static void
bad_38_pointer_past_the_end(void)
{
    REFUSED(POINTER_FORWARD, 24, HEAD(1), 0xff, 0xff, EVIL);
    REFUSED(POINTER_FORWARD, 24, HEAD(1), 0xc0, 24 + 16, EVIL);
    REFUSED(NAME_END, 24, HEAD(1), 0xc0); /* half a pointer */
    REFUSED(NAME_END, 26, HEAD(1), 1, 'a', 0xc0);
}

static void
bad_39_label_of_an_unknown_type(void)
{
    for (unsigned first = 0x40; first < 0xc0; first += first == 0x7e ? 1 : 21)
        REFUSED(LABEL_TYPE, 24, HEAD(1), (uint8_t)first, 'a', 0, EVIL);
    REFUSED(LABEL_TYPE, 26, HEAD(1), 1, 'a', 0x80, 0, EVIL);
    REFUSED(LABEL_TYPE, 12, HEADER(0), 0x41, 8, 'a', 0, 0, 1, 0, 1);
}

/* Labels of `n` bytes in all, with the root's, as data of a record; then a
 * record whose name is one label of 63 and a pointer to them. */
static void
long_name(unsigned n)
{
    static const uint8_t head[] = {HEAD(2), UNKNOWN(0)};
    static const uint8_t evil[] = {EVIL};
    struct writer w = writer_of(bad.message, sizeof bad.message);

    put_bytes(&w, head, sizeof head);
    bad.message[35] = (uint8_t)n;
    for (unsigned left = n - 1; left;) {
        unsigned k = left > 40 ? 39 : left - 1;

        put_u8(&w, (uint8_t)k);
        memset(put_room(&w, k), 'a', k);
        left -= k + 1;
    }
    put_u8(&w, 0);
    put_u8(&w, 63);
    memset(put_room(&w, 63), 'b', 63);
    put_be16(&w, 0xc000 | 36);
    put_bytes(&w, evil, sizeof evil);
    bad.len = writer_len(&w);
}

static void
bad_40_name_longer_than_255(void)
{
    struct dns_reader r;
    struct dns_record rr;

    long_name(191); /* 64 + 191 = 255: just a name */
    CHECK_EQ(dns_open(&r, bad.message, bad.len), 0);
    CHECK_EQ(dns_record(&r, &rr), 1);
    CHECK_EQ(dns_record(&r, &rr), 1);
    CHECK_EQ(rr.name.len, 255);
    CHECK_EQ(dns_record(&r, &rr), 0);
    long_name(192); /* its last label, at the end of 4 of 40, is too much */
    codec_refuses(DNS_BAD_NAME_LONG, 36 + 160);
    resolver_refuses(dns_bad_text(DNS_BAD_NAME_LONG));
}

static void
bad_41_missing_terminator(void)
{
    REFUSED(NAME_END, 26, HEAD(1), 1, 'a');
    REFUSED(NAME_END, 24, HEAD(1), 5, 'a');
    REFUSED(NAME_END, 14, HEADER(0), 1, 'x', 4, 't', 'e', 's');
    REFUSED(NAME_END, 19, HEADER(0), 1, 'x', 4, 't', 'e', 's', 't');
    REFUSED(RECORD_END, 12, HEADER(0), 1, 'x', 4, 't', 'e', 's', 't', 0, 0, 1);
    REFUSED(RECORD_END, 24, HEAD(1), 0xc0, 12, 0, 1, 0, 1, 0, 0);
    /* the name ends with its record's data: no byte of the next is read */
    REFUSED(RDLENGTH_TYPE, 34, HEAD(2), 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2,
        1, 'a', 0xc0, 12, EVIL);
}

static void
bad_42_rdlength_past_the_end(void)
{
    REFUSED(RDLENGTH_END, 34, HEAD(1), 0xc0, 12, REST(5), 66, 66, 66, 66);
    REFUSED(RDLENGTH_END, 34, HEAD(1), 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0xff,
        0xff, 66, 66, 66, 66);
    REFUSED(RDLENGTH_END, 34, HEAD(1), 0xc0, 12, REST(1));
}

static void
bad_42_rdlength_of_another_type(void)
{
    REFUSED(RDLENGTH_TYPE, 34, HEAD(1), 0xc0, 12, REST(0));
    REFUSED(RDLENGTH_TYPE, 34, HEAD(1), 0xc0, 12, REST(3), 66, 66, 66);
    REFUSED(RDLENGTH_TYPE, 34, HEAD(1), 0xc0, 12, REST(5), 66, 66, 66, 66, 66);
    REFUSED(RDLENGTH_TYPE, 34, HEAD(1), 0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0,
        4, 66, 66, 66, 66);
    REFUSED(RDLENGTH_TYPE, 34, HEAD(1), 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 3,
        0xc0, 12, 0);
    REFUSED(RDLENGTH_TYPE, 34, HEAD(1), 0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0,
        1, 0);
    REFUSED(RDLENGTH_TYPE, 34, HEAD(1), 0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 4,
        0xc0, 12, 0xc0, 12);
    REFUSED(
        TEXT, 36, HEAD(1), 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 9, 'a');
    REFUSED(TEXT, 36, HEAD(1), 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0);
}

static void
bad_42_opt_that_is_none(void)
{
    REFUSED(OPT_PLACE, 24, HEAD(1), 0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0);
    REFUSED(OPT_NAME, 24, 0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 1, QUESTION,
        0xc0, 12, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0);
    REFUSED(OPT_OPTION, 35, 0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 1, QUESTION,
        0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 5, 0, 3, 0, 9, 1);
}

static void
bad_43_more_counted_than_there(void)
{
    REFUSED(COUNT, 24, 0, 0, 0x81, 0x80, 0, 1, 255, 255, 0, 0, 0, 0, QUESTION);
    REFUSED(COUNT, 24, 0, 0, 0x81, 0x80, 0, 1, 0, 0, 255, 255, 0, 0, QUESTION);
    REFUSED(COUNT, 24, 0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 255, 255, QUESTION);
    REFUSED(COUNT, 40, HEAD(2), 0xc0, 12, EVIL);
    REFUSED(TRAILING, 24, HEAD(0), 0xc0, 12, EVIL);
    REFUSED(HEADER, 11, 0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0);
    memcpy(bad.message,
        (uint8_t[]){0, 0, 0x81, 0x80, 255, 255, 0, 0, 0, 0, 0, 0, QUESTION},
        24);
    bad.len = 24;
    codec_refuses(DNS_BAD_COUNT, 24);
    resolver_refuses("it does not repeat the one question");
}

static CU_TestInfo cases[] = {TEST(bad_37_pointer_to_itself),
    TEST(bad_37_pointer_forward), TEST(bad_37_pointers_in_a_circle_of_two),
    TEST(bad_37_pointer_into_the_header), TEST(bad_37_a_ladder_of_pointers),
    TEST(bad_38_pointer_past_the_end), TEST(bad_39_label_of_an_unknown_type),
    TEST(bad_40_name_longer_than_255), TEST(bad_41_missing_terminator),
    TEST(bad_42_rdlength_past_the_end), TEST(bad_42_rdlength_of_another_type),
    TEST(bad_42_opt_that_is_none), TEST(bad_43_more_counted_than_there),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_bad_dns = {.pName = "bad_dns",
    .pTests = cases,
    .pSetUpFunc = dns_peer_open,
    .pTearDownFunc = dns_peer_close};
