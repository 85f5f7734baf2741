/*
 * test_dns.c: is a DNS message read as RFC 1035 lays it out, is every message
 * that is written read back equal, and do two independent hands, glibc's
 * resolver library and tshark, read the same in it?
 */
#include "check.h"
#include "dns_sample.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

static struct dns_sample sample;

/* Reads a message to its end: 0, or the reason; at: the byte. */
static enum dns_bad
read_all(const void *bytes, size_t len, uint32_t *at)
{
    struct dns_reader r;
    struct dns_record rr;
    int n = dns_open(&r, bytes, len);

    for (n = n ? n : 1; n > 0;)
        n = dns_record(&r, &rr);
    CHECK((n == 0) == (r.fault.why == DNS_BAD_NONE));
    CHECK(n == 0 || n == -EBADMSG);
    CHECK(r.fault.at <= len);
    *at = r.fault.at;
    return r.fault.why;
}

/* --- names ---------------------------------------------------------------- */

static void
names_as_text(void)
{
    static const struct {
        const char *text, *again; /* NULL: the same */
        unsigned len, labels;
    } rows[] = {{".", NULL, 1, 0}, {"shop.test", NULL, 11, 2},
        {"shop.test.", "shop.test", 11, 2}, {"a\\.b.c", NULL, 7, 2},
        {"\\097b", "ab", 4, 1}, {"\\000\\255", NULL, 4, 1},
        {"a b", "a\\032b", 5, 1},
        {"\\a\\\"\\(\\;\\@\\$\\\\", "a\\\"\\(\\;\\@\\$\\\\", 9, 1},
        {"_http._tcp.*", NULL, 14, 3}};
    char text[DNS_NAME_TEXT];
    struct dns_name name;
    struct dns_fault f;

    for (size_t i = 0; i < LW_COUNT(rows); i++) {
        const char *want = rows[i].again ? rows[i].again : rows[i].text;

        CHECK(dns_name_parse(rows[i].text, strlen(rows[i].text), &name, &f));
        CHECK_EQ(name.len, rows[i].len);
        CHECK_EQ(dns_name_labels(&name), rows[i].labels);
        CHECK_TEXT(dns_name_text(&name, text), want);
    }
}

static void
refuse_text(const char *text, enum dns_bad why, unsigned at)
{
    struct dns_name name;
    struct dns_fault f;

    CHECK(!dns_name_parse(text, strlen(text), &name, &f));
    CHECK_TEXT(dns_bad_text(f.why), dns_bad_text(why));
    CHECK_EQ(f.at, at);
}

static void
names_that_are_none(void)
{
    char label[66], name[300];

    memset(label, 'x', 64);
    label[64] = '\0';
    refuse_text("", DNS_BAD_LABEL_EMPTY, 0);
    refuse_text("..", DNS_BAD_LABEL_EMPTY, 0);
    refuse_text("a..b", DNS_BAD_LABEL_EMPTY, 2);
    refuse_text(".a", DNS_BAD_LABEL_EMPTY, 0);
    refuse_text(label, DNS_BAD_LABEL_LONG, 63);
    refuse_text("ab\\", DNS_BAD_ESCAPE, 2);
    refuse_text("ab\\25", DNS_BAD_ESCAPE, 2);
    refuse_text("ab\\256", DNS_BAD_ESCAPE, 2);
    refuse_text("ab\\2x6", DNS_BAD_ESCAPE, 2);
    /* four labels: 63 + 63 + 63 + 61 and their lengths fill 255; 62 do not */
    memset(name, 'x', sizeof name);
    name[63] = name[127] = name[191] = '.';
    name[192 + 61] = '\0';
    CHECK_EQ(dns_sample_name(name).len, 255);
    name[192 + 61] = 'x';
    name[192 + 62] = '\0';
    refuse_text(name, DNS_BAD_NAME_LONG, 192);
}

/* RFC 4343 2 and 3: only ASCII letters have two cases. */
static void
names_are_equal_whatever_their_case(void)
{
    struct dns_name a = dns_sample_name("WWW.Shop.Test");
    struct dns_name b = dns_sample_name("www.sHOP.tESt");
    struct dns_name c = dns_sample_name("a\\064");
    struct dns_name d = dns_sample_name("a`"); /* '@' | 0x20 */
    struct dns_name e = dns_sample_name("\\196.x");
    struct dns_name f = dns_sample_name("\\228.x");
    struct dns_name g = dns_sample_name("a.bc");
    struct dns_name h = dns_sample_name("ab.c");

    CHECK(dns_name_eq(&a, &b));
    CHECK(!dns_name_eq(&c, &d));
    CHECK(!dns_name_eq(&e, &f));
    CHECK(!dns_name_eq(&g, &h));
}

/* --- messages ------------------------------------------------------------- */

/* The figure of RFC 1035 4.1.4, at the offsets that it gives. */
static void
pointers_as_in_the_figure(void)
{
    static const char *const names[] = {
        "F.ISI.ARPA", "FOO.F.ISI.ARPA", "ARPA", "."};
    static const uint8_t figure[] = {
        1, 'F', 3, 'I', 'S', 'I', 4, 'A', 'R', 'P', 'A', 0};
    static const uint8_t second[] = {3, 'F', 'O', 'O', 0xc0, 20};
    uint8_t m[100] = {0};
    struct cursor all = cursor_of(m, sizeof m), c;
    struct dns_name name;
    struct dns_fault f;
    char text[DNS_NAME_TEXT];
    static const unsigned at[] = {20, 40, 64, 92};
    static const unsigned after[] = {32, 46, 66, 93};

    memcpy(m + 20, figure, sizeof figure);
    memcpy(m + 40, second, sizeof second);
    memcpy(m + 64, "\xc0\x1a", 2);
    for (unsigned i = 0; i < 4; i++) {
        c = (struct cursor){m + at[i], m + sizeof m, false};
        CHECK(dns_name_get(&c, &all, &name, &f));
        CHECK_TEXT(dns_name_text(&name, text), names[i]);
        CHECK_EQ(c.at - m, after[i]);
    }
}

/* The same names written: the pointers must be those of the figure. */
static void
names_are_written_once(void)
{
    static const uint8_t want[] = {0, 1, 0x84, 0, 0, 1, 0, 2, 0, 0, 0, 0, 1,
        'F', 3, 'I', 'S', 'I', 4, 'A', 'R', 'P', 'A', 0, 0, 2, 0, 1, /* 28 */
        3, 'F', 'O', 'O', 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 18,
        0xc0, 18, 0, 33, 0, 1, 0, 0, 0, 9, 0, 18, 0, 1, 0, 2, 0, 3, 1, 'F', 3,
        'I', 'S', 'I', 4, 'A', 'R', 'P', 'A', 0};
    struct dns_question q = {
        dns_sample_name("F.ISI.ARPA"), DNS_NS, DNS_CLASS_IN, 0};
    struct dns_record cname = {.name = dns_sample_name("FOO.F.ISI.ARPA"),
        .type = DNS_CNAME,
        .class = DNS_CLASS_IN,
        .ttl = 9,
        .section = DNS_ANSWER,
        .target = dns_sample_name("ARPA")};
    struct dns_record srv = {.name = dns_sample_name("ARPA"),
        .type = DNS_SRV,
        .class = DNS_CLASS_IN,
        .ttl = 9,
        .section = DNS_ANSWER,
        .srv = {1, 2, 3, dns_sample_name("F.ISI.ARPA")}};
    struct dns_header h = {.id = 1, .qr = true, .aa = true};
    uint8_t buf[200];
    struct dns_writer w;

    for (size_t room = DNS_HEADER_LEN; room <= sizeof want; room++) {
        size_t fits = room < 28 ? 12 : room < 46 ? 28 : room < 76 ? 46 : 76;
        size_t len;

        dns_begin(&w, buf, room, &h);
        CHECK_EQ(dns_put_question(&w, &q), room < 28 ? -EMSGSIZE : 0);
        CHECK_EQ(dns_put_record(&w, &cname), room < 46 ? -EMSGSIZE : 0);
        CHECK_EQ(dns_put_record(&w, &srv), room < 76 ? -EMSGSIZE : 0);
        len = dns_end(&w);
        CHECK_EQ(len, fits);
    }
    CHECK_EQ(sizeof want, 76);
    CHECK_MEM(buf, want, sizeof want);
}

/* All 65536 values of the flags, read and written. */
static void
flags_of_the_header(void)
{
    uint8_t m[12] = {0xab, 0xcd}, again[12];
    struct dns_reader r;
    struct dns_writer w;
    unsigned same = 0;

    for (unsigned v = 0; v < 65536; v++) {
        m[2] = (uint8_t)(v >> 8);
        m[3] = (uint8_t)v;
        if (dns_open(&r, m, sizeof m))
            break;
        dns_begin(&w, again, sizeof again, &r.header);
        same += dns_end(&w) == 12 && memcmp(again, m, 12) == 0;
    }
    CHECK_EQ(same, 65536);
    m[2] = 0x84;
    m[3] = 0x13;
    CHECK_EQ(dns_open(&r, m, sizeof m), 0);
    CHECK_EQ(r.header.id, 0xabcd);
    CHECK(r.header.qr && r.header.aa && r.header.cd);
    CHECK(!r.header.tc && !r.header.rd && !r.header.ra && !r.header.ad);
    CHECK_EQ(r.header.rcode, DNS_NXDOMAIN);
}

/* What was written is read back equal, and writes the same bytes again. */
static void
read_back(bool plain, unsigned rounds)
{
    struct rng rng;

    rng_init(&rng, 7, plain ? "plain" : "bytes");
    for (unsigned round = 0; round < rounds; round++) {
        struct dns_reader r;
        struct dns_question q;
        struct dns_record rr;
        struct dns_writer w;
        uint8_t again[DNS_SAMPLE_ROOM];
        unsigned n = 0;

        dns_sample_make(&sample, &rng, plain);
        REQUIRE(dns_open(&r, sample.bytes, sample.len) == 0);
        dns_begin(&w, again, sizeof again, &r.header);
        CHECK_EQ(dns_question(&r, &q), 1);
        CHECK_EQ(dns_question(&r, &(struct dns_question){{0}, 0, 0, 0}), 0);
        CHECK(q.name.len == sample.question.name.len);
        CHECK_EQ(dns_put_question(&w, &q), 0);
        for (; dns_record(&r, &rr) == 1; n++) {
            REQUIRE(n < sample.n);
            CHECK(dns_sample_same(&rr, &sample.records[n]));
            CHECK_EQ(dns_put_record(&w, &rr), 0);
        }
        CHECK_EQ(n, sample.n);
        CHECK_EQ(r.fault.why, DNS_BAD_NONE);
        CHECK_EQ(dns_end(&w), sample.len);
        CHECK_MEM(again, sample.bytes, sample.len);
    }
}

static void
what_is_written_is_read_back(void)
{
    read_back(true, 400);
    read_back(false, 400);
}

/* Data as a master file would say it. */
static void
data_as_text(void)
{
    struct dns_record rr = {.shape = DNS_SHAPE_A, .a = {0x0a00020a}};
    char text[100];

    CHECK_TEXT(dns_data_text(&rr, text, sizeof text), "10.0.2.10");
    rr.shape = DNS_SHAPE_AAAA;
    memcpy(rr.aaaa, (uint8_t[16]){0x20, 1, 0x0d, 0xb8, [15] = 1}, 16);
    CHECK_TEXT(dns_data_text(&rr, text, sizeof text), "2001:db8::1");
    rr.shape = DNS_SHAPE_MX;
    rr.mx = (struct dns_mx){10, dns_sample_name("mail.test")};
    CHECK_TEXT(dns_data_text(&rr, text, sizeof text), "10 mail.test");
    rr.shape = DNS_SHAPE_TXT;
    rr.rdata = (struct dns_bytes){(const uint8_t *)"\3a\"b\1\n", 6};
    CHECK_TEXT(dns_data_text(&rr, text, sizeof text), "\"a\\\"b\" \"\\010\"");
    rr.shape = DNS_SHAPE_BYTES;
    CHECK_TEXT(dns_data_text(&rr, text, sizeof text), "\\# 6 03612262010a");
    CHECK_TEXT(dns_data_text(&rr, text, 8), "\\# 6 03");
    CHECK_TEXT(dns_type_text(DNS_HTTPS), "HTTPS");
    CHECK(dns_type_text(65280) == NULL);
    CHECK_TEXT(dns_rcode_text(DNS_NXDOMAIN), "NXDOMAIN");
}

/* --- hostile bytes -------------------------------------------------------- */

/* Every cut of a message is refused, and every changed byte survived. */
static void
cuts_and_changes(void)
{
    struct rng rng;
    uint32_t at;

    rng_init(&rng, 8, "damage");
    for (unsigned round = 0; round < 30; round++) {
        dns_sample_make(&sample, &rng, false);
        CHECK_EQ(read_all(sample.bytes, sample.len, &at), DNS_BAD_NONE);
        for (size_t len = 0; len < sample.len; len++) {
            uint8_t *cut = malloc(len ? len : 1);

            REQUIRE(cut != NULL);
            memcpy(cut, sample.bytes, len);
            CHECK(read_all(cut, len, &at) != DNS_BAD_NONE);
            if (len) { /* and once with a byte that was not meant */
                cut[rng_below(&rng, len)] = (uint8_t)rng_u64(&rng);
                read_all(cut, len, &at);
            }
            free(cut);
        }
    }
}

/* --- an independent hand: glibc's resolver library ------------------------ */

/* One record, as the library reads it. */
static void
judge_record(ns_msg *m, unsigned section, unsigned i, const uint8_t *name,
    const struct dns_record *rr)
{
    uint8_t wire[NS_MAXCDNAME];
    ns_rr theirs;

    REQUIRE(ns_parserr(m, (ns_sect)section, (int)i, &theirs) == 0);
    REQUIRE(ns_name_unpack(
                ns_msg_base(*m), ns_msg_end(*m), name, wire, sizeof wire) > 0);
    CHECK_MEM(wire, rr->name.wire, rr->name.len);
    CHECK_EQ(ns_rr_type(theirs), rr->type);
    CHECK_EQ(ns_rr_class(theirs), rr->class);
    CHECK_EQ(ns_rr_ttl(theirs), rr->ttl);
    CHECK_EQ(ns_rr_rdlen(theirs), rr->rdata.len);
    CHECK(ns_rr_rdata(theirs) == rr->rdata.at);
    if (rr->shape == DNS_SHAPE_NAME) {
        REQUIRE(ns_name_unpack(ns_msg_base(*m), ns_msg_end(*m), rr->rdata.at,
                    wire, sizeof wire) > 0);
        CHECK_MEM(wire, rr->target.wire, rr->target.len);
    }
}

/* What we take, the library takes, and reads the same in it. */
static unsigned
judge(const uint8_t *bytes, size_t len)
{
    struct dns_reader r;
    struct dns_record rr;
    unsigned seen[DNS_SECTIONS] = {0};
    uint32_t at;
    ns_msg m;

    if (read_all(bytes, len, &at) != DNS_BAD_NONE)
        return 0;
    if (!CHECK_EQ(ns_initparse(bytes, (int)len, &m), 0))
        return 0;
    dns_open(&r, bytes, len);
    CHECK_EQ(ns_msg_id(m), r.header.id);
    while (dns_record(&r, &rr) == 1)
        judge_record(&m, rr.section, seen[rr.section]++, bytes + rr.at, &rr);
    for (unsigned s = DNS_ANSWER; s < DNS_SECTIONS; s++)
        CHECK_EQ(ns_msg_count(m, (ns_sect)s), seen[s]);
    return 1;
}

static void
glibc_reads_the_same(void)
{
    struct rng rng;
    unsigned taken = 0;

    rng_init(&rng, 9, "judge");
    for (unsigned round = 0; round < 300; round++) {
        dns_sample_make(&sample, &rng, false);
        CHECK_EQ(judge(sample.bytes, sample.len), 1);
        for (unsigned i = 0; i < 20; i++) { /* changed ones pile up */
            sample.bytes[rng_below(&rng, sample.len)] ^=
                (uint8_t)(1u << rng_below(&rng, 8));
            taken += judge(sample.bytes, sample.len);
        }
    }
    CHECK(taken > 300); /* else the changes said nothing */
}

/* The library's question is read, and ours is the same to the byte. */
static void
glibc_asks_the_same(void)
{
    static const char *const names[] = {
        "shop.test", ".", "a\\.b.c", "WWW.Example", "1.2.0.10.in-addr.arpa"};

    for (size_t i = 0; i < LW_COUNT(names); i++) {
        uint8_t theirs[512], ours[512];
        struct dns_question q = {
            dns_sample_name(names[i]), DNS_A, DNS_CLASS_IN, 0};
        struct dns_header h = {.rd = true};
        struct dns_writer w;
        int n = res_mkquery(ns_o_query, names[i], ns_c_in, ns_t_a, NULL, 0,
            NULL, theirs, sizeof theirs);

        REQUIRE(n > 0);
        h.id = (uint16_t)(theirs[0] << 8 | theirs[1]);
        dns_begin(&w, ours, sizeof ours, &h);
        CHECK_EQ(dns_put_question(&w, &q), 0);
        CHECK_EQ(dns_end(&w), n);
        CHECK_MEM(ours, theirs, (size_t)n);
    }
}

static CU_TestInfo cases[] = {TEST(names_as_text), TEST(names_that_are_none),
    TEST(names_are_equal_whatever_their_case), TEST(pointers_as_in_the_figure),
    TEST(names_are_written_once), TEST(flags_of_the_header),
    TEST(what_is_written_is_read_back), TEST(data_as_text),
    TEST(cuts_and_changes), TEST(glibc_reads_the_same),
    TEST(glibc_asks_the_same), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_dns = {.pName = "dns", .pTests = cases};
