/*
 * test_dissect_dns.c: does the window show what stands in a DNS message, at
 * the bytes where it stands? tshark is asked about the same frames, and both
 * must agree field by field: value, first byte, length.
 */
#include "check.h"
#include "bytes.h"
#include "dns_sample.h"
#include "shell.h"

#include "dissect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES    40
#define FRAME_MAX (DNS_SAMPLE_ROOM + 60)

static struct arena arena;
static struct dns_sample sample;
static uint8_t frame[FRAME_MAX];

static void
setup(void)
{
    arena_init(&arena, 0);
}

static void
teardown(void)
{
    arena_free(&arena);
    shell_clean();
}

/* The message behind Ethernet, IPv4 and UDP or TCP headers without sums; the
 * port is its own, so that no two are of one stream. */
static size_t
frame_of(const uint8_t *message, size_t len, bool tcp, unsigned port)
{
    struct writer w = writer_of(frame, sizeof frame);
    size_t header = tcp ? 20 : 8, data = len + (tcp ? 2 : 0);

    memset(frame, 0, 12);
    w.at += 12;
    put_be16(&w, 0x0800);
    put_be16(&w, 0x4500);
    put_be16(&w, (uint16_t)(20 + header + data));
    put_be32(&w, 0);
    put_u8(&w, 64);
    put_u8(&w, tcp ? 6 : 17);
    put_be16(&w, 0);
    put_ipv4(&w, (struct ipv4){0x0a000002});
    put_ipv4(&w, (struct ipv4){0x0a000001});
    put_be16(&w, 53);
    put_be16(&w, (uint16_t)port);
    if (tcp) {
        put_be32(&w, 1);
        put_be32(&w, 1);
        put_be16(&w, 0x5018);
        put_be16(&w, 8192);
        put_be32(&w, 0);
        put_be16(&w, (uint16_t)len);
    } else {
        put_be16(&w, (uint16_t)(header + data));
        put_be16(&w, 0);
    }
    put_bytes(&w, message, len);
    CHECK(!w.over);
    return writer_len(&w);
}

/* --- what we say, in the words of tshark --------------------------------- */

/* The field of tshark for ours, in a record of that type; NULL: none. */
static const char *
their_name(const char *field, bool question, unsigned type)
{
    static const struct {
        const char *ours, *theirs;
        unsigned type; /* 0: any */
    } rows[] = {{"ID", "dns.id", 0}, {"QDCOUNT", "dns.count.queries", 0},
        {"ANCOUNT", "dns.count.answers", 0},
        {"NSCOUNT", "dns.count.auth_rr", 0}, {"ARCOUNT", "dns.count.add_rr", 0},
        {"Name", "dns.resp.name", 0}, {"Type", "dns.resp.type", 0},
        {"TTL", "dns.resp.ttl", 0}, {"Data length", "dns.resp.len", 0},
        {"Address", "dns.a", DNS_A}, {"Address", "dns.aaaa", DNS_AAAA},
        {"Target", "dns.ns", DNS_NS}, {"Target", "dns.cname", DNS_CNAME},
        {"Target", "dns.ptr.domain_name", DNS_PTR},
        {"Target", "dns.srv.target", DNS_SRV},
        {"Port", "dns.srv.port", DNS_SRV},
        {"Exchange", "dns.mx.mail_exchange", DNS_MX},
        {"Preference", "dns.mx.preference", DNS_MX},
        {"Primary server", "dns.soa.mname", DNS_SOA},
        {"Mailbox", "dns.soa.rname", DNS_SOA},
        {"Serial", "dns.soa.serial_number", DNS_SOA},
        {"Minimum", "dns.soa.minimum_ttl", DNS_SOA},
        {"UDP payload size", "dns.rr.udp_payload_size", DNS_OPT}};

    if (question && strcmp(field, "Name") == 0)
        return "dns.qry.name";
    if (type == DNS_SRV && strcmp(field, "Name") == 0)
        return NULL; /* tshark cuts it into service, protocol and name */
    if (question && strcmp(field, "Type") == 0)
        return "dns.qry.type";
    for (size_t i = 0; i < LW_COUNT(rows); i++)
        if (strcmp(rows[i].ours, field) == 0 &&
            (rows[i].type == 0 || rows[i].type == type))
            return rows[i].theirs;
    return NULL;
}

/* Ours is "53 (0x0035)" or "60 s": the number; names as they are. */
static void
put_value(FILE *out, const char *field, const char *value)
{
    const char *paren = strchr(value, '(');

    if (strcmp(field, "ID") == 0 && paren)
        fprintf(out, "%.6s\n", paren + 1);
    else if (strcmp(value, ".") == 0)
        fprintf(out, "<Root>\n");
    else
        fprintf(out, "%.*s\n", (int)strcspn(value, " "), value);
}

/* One line a field: name, first byte, length, value. */
static void
put_ours(FILE *out, const struct dissection *d)
{
    bool question = false;
    unsigned type = 0, layer = d->nlayers - 1;

    CHECK_TEXT(d->layers[layer].name, "DNS");
    for (unsigned i = 0; i < d->count; i++) {
        const struct dissect_field *f = &d->fields[i];
        const char *name;

        CHECK(!f->wrong || f->layer != layer);
        if (f->layer != layer)
            continue;
        if (strcmp(f->name, "Question") == 0 || strcmp(f->name, "Record") == 0)
            question = f->name[0] == 'Q';
        for (unsigned k = i; strcmp(f->name, "Name") == 0 && k < d->count; k++)
            if (strcmp(d->fields[k].name, "Type") == 0) {
                type = (unsigned)atoi(d->fields[k].value);
                break;
            }
        name = their_name(f->name, question, type);
        if (!name)
            continue;
        fprintf(out, "%s %u %u ", name, f->off, f->len);
        put_value(out, f->name, f->value);
    }
}

/* --- the same frames for both --------------------------------------------- */

static void
put_frame(FILE *pcap, size_t len)
{
    uint32_t head[4] = {0, 0, (uint32_t)len, (uint32_t)len};

    fwrite(head, sizeof head, 1, pcap);
    fwrite(frame, len, 1, pcap);
}

static FILE *
open_in_tmp(const char *name)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", shell_tmp(), name);
    return fopen(path, "w");
}

static void
make_frames(FILE *pcap, FILE *ours)
{
    static const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};
    struct rng rng;

    rng_init(&rng, 11, "frames");
    fwrite(head, sizeof head, 1, pcap);
    for (unsigned i = 0; i < FRAMES; i++) {
        const struct dissection *d;
        size_t len;

        dns_sample_make(&sample, &rng, true);
        len = frame_of(sample.bytes, sample.len, i % 4 == 3, 40000 + i);
        put_frame(pcap, len);
        d = dissect(&arena, DISSECT_ETHERNET, frame, len);
        REQUIRE(d != NULL);
        put_ours(ours, d);
        arena_free(&arena);
    }
}

static void
tshark_reads_the_same(void)
{
    FILE *pcap = open_in_tmp("dns.pcap"), *ours = open_in_tmp("ours");
    struct shell s;

    REQUIRE(pcap && ours);
    make_frames(pcap, ours);
    fclose(pcap);
    fclose(ours);
    s = shell(
        "tshark -n -r $TMP/dns.pcap -T pdml | sed -n "
        "'s/.*<field name=\"\\(dns[^\"]*\\)\".* size=\"\\([0-9]*\\)\" "
        "pos=\"\\([0-9]*\\)\" show=\"\\([^\"]*\\)\".*/\\1 \\3 \\2 \\4/p' | "
        "sed 's/&lt;/</; s/&gt;/>/' >$TMP/all; "
        "cut -d' ' -f1 $TMP/ours | sort -u >$TMP/names; wc -l <$TMP/names; "
        "grep -wFf $TMP/names $TMP/all | awk 'NR == FNR {is[$1]; next} "
        "$1 in is' $TMP/names - >$TMP/theirs; "
        "diff $TMP/ours $TMP/theirs | head -20");
    CHECK_TEXT(s.out, "25\n"); /* kinds of fields, and no difference */
    shell_free(&s);
    s = shell("tshark -n -r $TMP/dns.pcap -Y '_ws.malformed || "
              "_ws.expert.severity == error' | wc -l");
    CHECK_TEXT(s.out, "0\n");
    shell_free(&s);
    s = shell("wc -l <$TMP/ours");
    CHECK(atoi(s.out) > 2000);
    shell_free(&s);
}

/* --- what tshark does not show -------------------------------------------- */

static const struct dissect_field *
nth(const struct dissection *d, const char *name, unsigned n)
{
    for (unsigned i = 0; i < d->count; i++)
        if (strcmp(d->fields[i].name, name) == 0 && n-- == 0)
            return &d->fields[i];
    return NULL;
}

static void
pointers_are_followed_and_shown(void)
{
    static const uint8_t m[] = {0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 4,
        's', 'h', 'o', 'p', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1, /* 27 */
        3, 'w', 'w', 'w', 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 9};
    const struct dissection *d = dissect(
        &arena, DISSECT_ETHERNET, frame, frame_of(m, sizeof m, false, 40000));
    const struct dissect_field *f;

    REQUIRE(d != NULL);
    CHECK_TEXT(d->info, "DNS answer for shop.test A: 10.0.0.9");
    f = nth(d, "Name", 1);
    REQUIRE(f != NULL);
    CHECK_TEXT(f->value, "www.shop.test");
    CHECK_EQ(f->off, 42 + 27);
    CHECK_EQ(f->len, 6);
    CHECK_TEXT(f[1].name, "Label");
    CHECK_TEXT(f[1].value, "www");
    CHECK_EQ(f[1].len, 4);
    CHECK_EQ(f[1].depth, f->depth + 1);
    CHECK_TEXT(f[2].name, "Pointer");
    CHECK_TEXT(f[2].value, "to byte 12: shop.test");
    CHECK_EQ(f[2].off, 42 + 31);
    CHECK_EQ(f[2].len, 2);
    CHECK_EQ(f[2].depth, f->depth + 1);
    f = nth(d, "Root", 0);
    REQUIRE(f != NULL);
    CHECK_EQ(f->off, 42 + 22);
    CHECK_TEXT(d->fields[dissect_at(d, 42 + 14)].value, "shop");
}

/* What cannot be read says why and where; what stands before it is shown. */
static void
a_bad_message_says_where(void)
{
    static const uint8_t m[] = {0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, 1,
        'x', 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0,
        9, 0xc0, 35, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 9};
    const struct dissection *d = dissect(
        &arena, DISSECT_ETHERNET, frame, frame_of(m, sizeof m, false, 40000));
    const struct dissect_field *f;

    REQUIRE(d != NULL);
    CHECK(nth(d, "Record", 0) != NULL);
    CHECK(nth(d, "Record", 1) == NULL);
    f = nth(d, "Cut off", 0);
    REQUIRE(f != NULL);
    CHECK(f->wrong && f->generated);
    CHECK_EQ(f->off, 42 + 35);
    CHECK_TEXT(f->value, "1 of 2 could be read: a pointer does not lead "
                         "backwards (byte 35; RFC 9267 2)");
}

/* Two messages in one segment, and one that goes on in the next. */
static void
messages_in_a_stream(void)
{
    static const uint8_t m[] = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0,
        0, 1, 0, 1, /* the next: */ 0, 99, 0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
        1, 'b', 0, 0, 1, 0, 1};
    size_t len = frame_of(m, sizeof m, true, 40000);
    const struct dissection *d;

    frame[55] = 19; /* the length of the first */
    d = dissect(&arena, DISSECT_ETHERNET, frame, len);
    REQUIRE(d != NULL);
    REQUIRE(nth(d, "Question", 1) != NULL);
    CHECK_TEXT(nth(d, "Question", 0)->value, "a A");
    CHECK_TEXT(nth(d, "Question", 1)->value, "b A");
    CHECK_TEXT(
        nth(d, "Length", 2)->value, "19 of 99 bytes are in this segment");
    CHECK_EQ(d->layers[d->nlayers - 1].len, 2 + sizeof m);
    frame[55] = 3; /* not where a message begins */
    d = dissect(&arena, DISSECT_ETHERNET, frame, len);
    REQUIRE(d != NULL);
    CHECK_TEXT(d->layers[d->nlayers - 1].name, "Data");
}

static CU_TestInfo cases[] = {TEST(tshark_reads_the_same),
    TEST(pointers_are_followed_and_shown), TEST(a_bad_message_says_where),
    TEST(messages_in_a_stream), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_dissect_dns = {.pName = "dissect_dns",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
