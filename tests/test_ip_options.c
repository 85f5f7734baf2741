/*
 * test_ip_options.c: what rides in an IP header besides: records of the way,
 * times, and ways that are prescribed.
 */
#include "ip_options.h"
#include "bytes.h"
#include "check.h"
#include "net.h"
#include "net_fixture.h"

#include <stdlib.h>
#include <string.h>

static struct net net;

static void
teardown(void)
{
    if (net.world)
        net_close(&net);
}

static void
ping(const char *to, const void *options, uint8_t n)
{
    struct ip_out out = {.dst = net_ip(to), .options = options, .noptions = n};

    CHECK_EQ(icmp_ping(host_ip(net.a), &out, 7, 1, "abc", 3), 0);
    net_run(&net, LW_S);
}

/* The options of the nth packet that had some. */
static const char *
nth(unsigned n)
{
    return recorder_text(
        recorder_find(&net.rec, EV_IP_OPTIONS, n), "options", 0);
}

/* ping -R: each writes the address that the next network knows it by; who
 * answers is there twice, as on Linux. */
static void
the_way_there_and_back(void)
{
    static const uint8_t record[40] = {7, 39, 4};

    net_walk(&net, 1);
    ping("10.0.1.2", record, 40);
    CHECK_TEXT(nth(0), "record route 10.0.0.2");
    CHECK_TEXT(nth(1), "record route 10.0.0.2 10.0.1.1");
    CHECK_TEXT(nth(2), "record route 10.0.0.2 10.0.1.1 10.0.1.2 10.0.1.2");
    CHECK_TEXT(
        nth(3), "record route 10.0.0.2 10.0.1.1 10.0.1.2 10.0.1.2 10.0.0.1");
    CHECK_TEXT(
        recorder_text(recorder_find(&net.rec, EV_ICMP_ARRIVE, 1), "type", 0),
        "echo reply");
}

static void
a_full_record_goes_on_as_it_is(void)
{
    static const uint8_t record[8] = {7, 7, 4};

    net_walk(&net, 1);
    ping("10.0.1.2", record, 8);
    CHECK_TEXT(nth(3), "record route 10.0.0.2");
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 2);
}

static uint8_t back[60]; /* the header of the last packet with options */

/* The header of the nth packet that arrived with options. */
static void
keep(unsigned n)
{
    const struct event *e = recorder_find(&net.rec, EV_IP_OPTIONS, n);
    const struct event *frame = NULL, *f;
    const struct field *bytes;

    REQUIRE(e);
    for (unsigned i = 0; (f = recorder_find(&net.rec, EV_FRAME_SENT, i)); i++)
        if (f->pkt == e->pkt)
            frame = f;
    REQUIRE(frame);
    bytes = event_field(frame, "bytes");
    REQUIRE(bytes && bytes->len > 14);
    memcpy(back, (const uint8_t *)bytes->at + 14,
        bytes->len - 14 < 60 ? bytes->len - 14 : 60);
}

static uint32_t
number(unsigned at)
{
    struct cursor c = cursor_of(back + at, 4);

    return get_be32(&c);
}

/* Times since midnight, and how many found no room. */
static void
the_time_at_each_station(void)
{
    static const uint8_t times[16] = {68, 16, 5, 0};
    static const uint8_t both[20] = {68, 20, 5, 1};
    static const uint8_t given[20] = {
        68, 20, 5, 3, 10, 0, 1, 1, 0, 0, 0, 0, 10, 0, 1, 77};

    net_walk(&net, 1);
    world_set_epoch(net.world, 86400 * 3 + 3600);
    net_run(&net, 500 * LW_MS);
    ping("10.0.1.2", times, 16);
    keep(3);
    CHECK_EQ(number(24), 3600500);
    CHECK(number(28) >= 3600500 && number(28) < 3600600);
    CHECK(number(32) >= number(28) && number(32) < 3600600);
    CHECK_EQ(back[22], 17);
    CHECK_EQ(back[23], 0x20); /* b leaving, and the router once more */
    ping("10.0.1.2", both, 20);
    CHECK_TEXT(nth(7), "timestamp 10.0.0.2 10.0.1.1");
    ping("10.0.1.2", given, 20); /* only the router is meant, and only once */
    keep(11);
    CHECK_EQ(back[22], 13);
    CHECK(number(28) > 3600500);
    CHECK_EQ(number(36), 0);
}

/* --- source routes ------------------------------------------------------- */

static void
a_source_route_is_refused(void)
{
    static const uint8_t loose[8] = {131, 7, 4, 10, 0, 1, 2};

    net_walk(&net, 1);
    ping("10.0.0.1", loose, 8);
    CHECK_EQ(recorder_drops(&net.rec, "IP_OPTION"), 1);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 0);
}

static void
accept(void)
{
    struct host *const all[] = {net.a, net.router, net.b};

    for (unsigned i = 0; i < 3; i++)
        ip_sysctl(host_ip(all[i]))->accept_source_route = 1;
}

/* By the router to b, and back the same way. */
static void
a_source_route_is_followed_when_allowed(void)
{
    static const uint8_t loose[8] = {131, 7, 4, 10, 0, 1, 2};
    static const uint8_t strict[8] = {137, 7, 4, 10, 0, 1, 2};
    const struct event *e;

    net_walk(&net, 1);
    accept();
    ping("10.0.0.1", loose, 8);
    CHECK_TEXT(nth(0), "loose source route");
    CHECK_TEXT(nth(1), "loose source route 10.0.0.1");
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    CHECK_TEXT(recorder_text(e, "dst", 0), "10.0.1.2");
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 1);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "echo reply");
    CHECK_TEXT(nth(3), "loose source route 10.0.0.1");
    ping("10.0.0.1", strict, 8);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 3);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "echo reply");
}

/* A loose route may name a station by two of its addresses. */
static void
a_loose_route_by_two_addresses_of_one(void)
{
    static const uint8_t loose[12] = {131, 11, 4, 10, 0, 1, 1, 10, 0, 1, 2};
    const struct event *e;

    net_walk(&net, 1);
    accept();
    ping("10.0.0.1", loose, 12);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "dst", 0), "10.0.1.2");
}

/* The next station must be a neighbour when the route is strict. */
static void
a_strict_route_with_a_gap_fails(void)
{
    static const uint8_t strict[8] = {137, 7, 4, 192, 0, 2, 1};
    const struct event *e;

    net_walk(&net, 1);
    accept();
    CHECK_EQ(
        host_add_route(net.router, net_ip("192.0.2.0"), 24, net_ip("10.0.1.2")),
        0);
    ping("10.0.0.1", strict, 8);
    e = recorder_find(&net.rec, EV_ICMP_ARRIVE, 0);
    REQUIRE(e);
    CHECK_TEXT(recorder_text(e, "type", 0), "source route failed");
}

/* --- hostile ------------------------------------------------------------- */

/* Every option of three bytes and every end of the header: the parser, the
 * recorder and the answerer never leave the header (the sanitizers watch). */
static void
no_option_leads_outside(void)
{
    static const uint8_t types[] = {0, 1, 7, 68, 131, 137, 148, 200};
    struct ip_options o;
    unsigned good = 0, lengths = 0;
    uint8_t bad;

    net_bare(&net, 1, false);
    for (unsigned t = 0; t < sizeof types; t++)
        for (unsigned len = 0; len < 44; len++)
            for (unsigned ptr = 0; ptr < 48; ptr++)
                for (unsigned n = 4; n <= 40; n += 4) {
                    uint8_t *h = calloc(1, IP_LEN + n), to[IP_OPTIONS_MAX];
                    struct ip_fields f = {
                        .h.header_len = (uint16_t)(IP_LEN + n)};
                    struct ipv4 dst = net_ip("10.0.0.2");

                    h[20] = types[t];
                    h[21] = (uint8_t)len;
                    h[22] = (uint8_t)ptr;
                    h[23] = ptr & 3;
                    if (ip_options_parse(&o, &f, h, &bad).why == DROP_NONE) {
                        good++;
                        ip_options_record(
                            host_ip(net.a), &o, h, net_ip("10.0.0.1"), 5);
                        ip_options_next(&o, h, net_ip("10.0.0.1"), &dst);
                        lengths +=
                            ip_options_answer(&o, h, IP_LEN + n, to, &dst) > n;
                    } else {
                        lengths += bad < IP_LEN || bad >= IP_LEN + n;
                    }
                    free(h);
                }
    CHECK(good > 1000);
    CHECK_EQ(lengths, 0);
}

static void
options_that_come_twice_are_refused(void)
{
    static const uint8_t twice[2][16] = {
        {7, 7, 4, 0, 0, 0, 0, 1, 7, 7, 4}, {131, 7, 4, 0, 0, 0, 0, 137, 7, 4}};
    struct ip_fields f = {.h.header_len = 36};
    struct ip_options o;
    uint8_t h[36] = {0}, bad = 0;

    memcpy(h + 20, twice[0], 16);
    CHECK_EQ(ip_options_parse(&o, &f, h, &bad).why, DROP_IP_OPTION);
    CHECK_EQ(bad, 28);
    memcpy(h + 20, twice[1], 16);
    CHECK_EQ(ip_options_parse(&o, &f, h, &bad).why, DROP_IP_OPTION);
    CHECK_EQ(bad, 27);
}

/* RFC 791 3.1: of a packet that is cut, the first piece has all options, the
 * others those whose first bit says so, padded to a multiple of four. */
static void
a_piece_has_what_is_to_be_copied(void)
{
    static const uint8_t options[20] = {
        1, 7, 7, 4, 0, 0, 0, 0, 130, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0};
    static const uint8_t later[12] = {130, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0};
    static uint8_t data[1000];
    struct ip_out out = {
        .dst = net_ip("10.0.1.2"), .options = options, .noptions = 20};
    const struct event *e;
    unsigned pieces = 0;

    net_walk(&net, 1);
    net.r1->mtu = 600;
    CHECK_EQ(
        icmp_ping(host_ip(net.a), &out, 7, 1, (char *)data, sizeof data), 0);
    net_run(&net, LW_S);
    for (unsigned i = 0; (e = recorder_find(&net.rec, EV_FRAME_SENT, i)); i++) {
        const struct field *f = event_field(e, "bytes");
        const uint8_t *ip = (const uint8_t *)f->at + 14;

        if (strcmp(recorder_text(e, "link", 0), "right") != 0 || f->len < 100 ||
            ip[16] != 10 || ip[18] != 1)
            continue;
        if (pieces++ == 0) {
            CHECK_EQ(ip[0], 0x4a);
            CHECK_EQ(ip[20 + 1], 7);
            CHECK_MEM(ip + 20 + 8, options + 8, 12);
        } else {
            CHECK_EQ(ip[0], 0x48);
            CHECK_MEM(ip + 20, later, sizeof later);
        }
    }
    CHECK(pieces == 2);
    CHECK_EQ(recorder_count(&net.rec, EV_IP_REASSEMBLED) > 0, 1);
}

/* The list of options ends before the header does: each piece carries of it
 * what is to be copied (RFC 791 3.1), and the padding is none of it. */
static void
pieces_carry_a_list_that_ends(void)
{
    static const uint8_t options[12] = {7, 3, 4, 1, 0x94, 4, 0, 0, 0};
    static const char text[600];
    struct ip_out out = {
        .dst = net_ip("10.0.1.2"), .options = options, .noptions = 12};
    unsigned pieces, carried = 0;

    net_walk(&net, 1);
    net.r1->mtu = 300;
    CHECK_EQ(icmp_ping(host_ip(net.a), &out, 7, 1, text, sizeof text), 0);
    net_run(&net, LW_S);
    pieces = recorder_count(&net.rec, EV_IP_FRAGMENT);
    CHECK_EQ(pieces, 3);
    for (unsigned i = 0; i < recorder_count(&net.rec, EV_IP_OPTIONS); i++)
        carried += strcmp(nth(i), "router alert") == 0;
    CHECK_EQ(carried, pieces - 1);
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 2);
}

/* RFC 791 3.2: every network takes 68 bytes. One that does not gets none. */
static void
too_narrow_a_way(void)
{
    static const char text[100];
    struct ip_out out = {.dst = net_ip("10.0.1.2")};

    net_walk(&net, 1);
    net.r1->mtu = 67;
    CHECK_EQ(icmp_ping(host_ip(net.a), &out, 7, 1, text, sizeof text), 0);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_drops(&net.rec, "IP_FRAGMENT_NEEDED"), 1);
    CHECK_EQ(recorder_count(&net.rec, EV_IP_FRAGMENT), 0);
    net.r1->mtu = 68;
    CHECK_EQ(icmp_ping(host_ip(net.a), &out, 7, 2, text, sizeof text), 0);
    net_run(&net, LW_S);
    CHECK_EQ(recorder_count(&net.rec, EV_IP_FRAGMENT), 3); /* 108: 3 of 48 */
    CHECK_EQ(recorder_count(&net.rec, EV_ICMP_ARRIVE), 2);
}

static CU_TestInfo cases[] = {
    TEST(the_way_there_and_back),
    TEST(a_full_record_goes_on_as_it_is),
    TEST(the_time_at_each_station),
    TEST(a_source_route_is_refused),
    TEST(a_source_route_is_followed_when_allowed),
    TEST(a_loose_route_by_two_addresses_of_one),
    TEST(a_strict_route_with_a_gap_fails),
    TEST(no_option_leads_outside),
    TEST(options_that_come_twice_are_refused),
    TEST(a_piece_has_what_is_to_be_copied),
    TEST(pieces_carry_a_list_that_ends),
    TEST(too_narrow_a_way),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_ip_options = {
    .pName = "ip_options", .pTests = cases, .pTearDownFunc = teardown};
