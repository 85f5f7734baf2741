/*
 * test_bad_ip.c: IP headers, addresses, options and pieces that broke other
 * stacks, sent to a host that must go on serving.
 */
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"

#include <string.h>

static uint8_t message[BAD_ROOM];

/* A good echo request, to be wrapped badly. */
static struct bad_ip
echo(void)
{
    return (struct bad_ip){.total = -1,
        .protocol = 1,
        .data = message,
        .len = bad_icmp(message, 8, 0, 0x00010001, "abcdefgh", 8)};
}

/* It was refused for this and nothing was said. */
static void
refused(const char *reason, unsigned times)
{
    CHECK_EQ(bad_drops(reason), times);
    CHECK_EQ(bad_answers(), 0);
}

static void
a_good_packet_is_answered(void)
{
    struct bad_ip q = echo();

    bad_send(&q);
    CHECK_EQ(bad_answers(), 1);
}

static void
bad_input_08_header_cut(void)
{
    static uint8_t buf[BAD_ROOM];
    struct bad_ip q = echo();

    bad_build(&q, buf);
    for (size_t n = 0; n < 20; n++)
        bad_frame(0x0800, buf, n);
    refused("TOO_SHORT", 20);
}

static void
bad_input_09_ihl_below_five(void)
{
    static uint8_t buf[BAD_ROOM];
    struct bad_ip q = echo();
    size_t len = bad_build(&q, buf);

    for (uint8_t ihl = 0; ihl < 5; ihl++) {
        buf[0] = 0x40 | ihl;
        bad_frame(0x0800, buf, len);
    }
    refused("IP_HEADER_LENGTH", 5);
}

static void
bad_input_10_ihl_past_frame(void)
{
    struct bad_ip q = echo();

    q.ihl = 15; /* 60 bytes in a packet of 36 */
    bad_send(&q);
    refused("IP_HEADER_LENGTH", 1);
}

static void
bad_input_11_total_past_frame(void)
{
    struct bad_ip q = echo();

    q.total = 37;
    bad_send(&q);
    q.total = 65535;
    bad_send(&q);
    refused("IP_TOTAL_LENGTH", 2);
}

static void
bad_input_12_total_zero(void)
{
    struct bad_ip q = echo();

    q.total = 0; /* some offload engines write that: nobody here does */
    bad_send(&q);
    refused("IP_TOTAL_LENGTH", 1);
}

static void
bad_input_13_total_below_header(void)
{
    struct bad_ip q = echo();

    for (q.total = 1; q.total < 20; q.total++)
        bad_send(&q);
    refused("IP_TOTAL_LENGTH", 19);
}

static void
bad_input_14_header_checksum(void)
{
    struct bad_ip q = echo();

    q.wrong_sum = true;
    bad_send(&q);
    refused("IP_CHECKSUM", 1);
}

static void
bad_input_15_version_six(void)
{
    struct bad_ip q = echo();

    for (q.version = 5; q.version < 16; q.version++)
        bad_send(&q);
    refused("IP_VERSION", 11);
}

static void
bad_input_16_option_of_no_length(void)
{
    static const uint8_t options[][4] = {
        {7, 0, 4, 0}, {7, 1, 4, 0}, {0x44, 0, 5, 0}, {0x99, 1, 0, 0}};
    struct bad_ip q = echo();

    q.noptions = 4;
    for (unsigned i = 0; i < LW_COUNT(options); i++) {
        q.options = options[i];
        bad_send(&q);
    }
    CHECK_EQ(bad_drops("IP_OPTION"), LW_COUNT(options));
    CHECK_EQ(bad_answers(), LW_COUNT(options)); /* parameter problem */
}

static void
bad_input_17_route_pointers(void)
{
    static const uint8_t bad[][8] = {
        {7, 9, 4, 0, 0, 0, 0, 0}, /* longer than the header */
        {7, 7, 3, 0, 0, 0, 0, 0}, /* points before the first place */
        {7, 7, 0, 0, 0, 0, 0, 0},
        {0x83, 7, 200, 0, 0, 0, 0}, /* loose source route */
        {0x89, 7, 4, 10, 0, 0, 2},  /* strict source route */
        {1, 1, 1, 1, 1, 1, 1, 7},   /* no room for a length */
    };
    static const uint8_t full[8] = {7, 7, 200, 1, 2, 3, 4, 0};
    struct bad_ip q = echo();

    q.noptions = 8;
    for (unsigned i = 0; i < LW_COUNT(bad); i++) {
        q.options = bad[i];
        bad_send(&q);
    }
    CHECK_EQ(bad_drops("IP_OPTION"), LW_COUNT(bad));
    /* Past the end is "full": nothing is recorded, nothing written. */
    net_forget(&bad_net);
    q.options = full;
    bad_send(&q);
    CHECK_EQ(bad_drops("IP_OPTION"), LW_COUNT(bad));
    CHECK_EQ(bad_answers(), 1);
}

static void
bad_input_18_impossible_addresses(void)
{
    static const char *const sources[] = {"255.255.255.255", "10.0.0.1",
        "224.0.0.1", "239.1.2.3", "127.0.0.1", "0.0.0.0", "240.0.0.1",
        "10.0.0.255"};
    struct bad_ip q = echo();

    for (unsigned i = 0; i < LW_COUNT(sources); i++) {
        q.src = sources[i];
        bad_send(&q);
    }
    refused("IP_SOURCE", LW_COUNT(sources));
    q.src = NULL;
    q.dst = "127.0.0.1";
    bad_send(&q);
    q.dst = "240.0.0.1";
    bad_send(&q);
    q.dst = "0.0.0.0";
    bad_send(&q);
    refused("IP_DESTINATION", 3);
    q.dst = "10.0.0.1";
    bad_send_to_all(&q); /* a frame to all with an address of one */
    refused("IP_DESTINATION", 4);
}

static void
bad_input_19_ttl_used_up(void)
{
    static uint8_t buf[BAD_ROOM];
    struct bad_ip q = echo();
    size_t len;

    CHECK_EQ(
        host_add_route(bad_net.a, (struct ipv4){0}, 0, net_ip("10.0.0.2")), 0);
    host_set_forwarding(bad_net.a, true);
    q.dst = "192.0.2.1";
    q.ttl = 1;
    bad_send(&q);
    len = bad_build(&q, buf);
    buf[8] = 0;
    bad_sign(buf, 20, 10, 0);
    bad_frame(0x0800, buf, len);
    CHECK_EQ(bad_drops("IP_TTL"), 2);
    CHECK_EQ(bad_answers(), 2); /* both are told; nothing went on */
    for (unsigned i = 0; i < bad_net.nsent; i++)
        CHECK_EQ(bad_net.sent[i].bytes[14 + 20], 11);
    net_forget(&bad_net);
    q.dst = NULL; /* ours: it has arrived */
    bad_send(&q);
    CHECK_EQ(bad_answers(), 1);
}

static void
bad_input_20_ip_in_ip(void)
{
    static uint8_t inner[BAD_ROOM], outer[BAD_ROOM];
    struct bad_ip q = echo();
    size_t len = bad_build(&q, inner);

    for (int i = 0; i < 5; i++) {
        q = (struct bad_ip){
            .total = -1, .protocol = 4, .data = inner, .len = len};
        len = bad_build(&q, outer);
        bad_send(&q);
        memcpy(inner, outer, len);
    }
    inner[3] = 0xff; /* and a length that lies */
    bad_send(&q);
    CHECK_EQ(bad_drops("IP_PROTOCOL"), 6);
    for (unsigned i = 0; i < bad_net.nsent; i++) /* "not here", no echo */
        CHECK_EQ(bad_net.sent[i].bytes[14 + 20], 3);
}

/* --- pieces -------------------------------------------------------------- */

/* n bytes at offset; more: MF. All of datagram `id`. */
static void
piece(unsigned id, unsigned offset, size_t n, bool more, uint8_t fill)
{
    static uint8_t data[BAD_ROOM];

    memset(data, fill, n);
    bad_send(&(struct bad_ip){.total = -1,
        .protocol = 17,
        .id = id,
        .fragment = offset / 8 | (more ? 0x2000 : 0),
        .data = data,
        .len = n});
}

static void
bad_input_21_ping_of_death(void)
{
    piece(1, 0, 1480, true, 1);
    piece(1, 8189 * 8, 1480, false, 1);
    piece(2, 8191 * 8, 8, false, 1); /* ends at 65536 */
    refused("IP_FRAGMENT", 2);
    net_run(&bad_net, 61 * LW_S);
    CHECK_EQ(bad_drops("IP_FRAGMENT"), 3); /* waited in vain */
}

static void
bad_input_22_teardrop(void)
{
    piece(1, 0, 64, true, 1);
    piece(1, 24, 16, false, 2); /* inside */
    refused("IP_FRAGMENT", 2);
    piece(2, 24, 16, false, 2);
    piece(2, 0, 64, true, 1);
    refused("IP_FRAGMENT", 4);
    piece(3, 0, 16, true, 1);
    piece(3, 0, 16, true, 2); /* the same place, other bytes */
    refused("IP_FRAGMENT", 6);
    piece(4, 8, 16, true, 1);
    piece(4, 0, 16, true, 1); /* across an edge */
    refused("IP_FRAGMENT", 8);
}

static void
bad_input_23_piece_of_odd_length(void)
{
    for (size_t n = 1; n < 8; n++)
        piece((unsigned)n, 0, n, true, 1);
    refused("IP_FRAGMENT", 7);
}

static void
bad_input_24_two_ends(void)
{
    piece(1, 64, 64, false, 1);
    piece(1, 32, 16, false, 1); /* ends before */
    refused("IP_FRAGMENT", 2);
    piece(2, 32, 16, false, 1);
    piece(2, 64, 64, false, 1); /* ends behind */
    refused("IP_FRAGMENT", 4);
    piece(3, 32, 16, false, 1);
    piece(3, 64, 64, true, 1); /* more behind the end */
    refused("IP_FRAGMENT", 6);
}

static void
bad_input_25_empty_piece(void)
{
    piece(1, 0, 0, true, 1);
    piece(1, 8, 0, false, 1);
    piece(1, 65528, 0, true, 1);
    refused("IP_FRAGMENT", 3);
}

static void
bad_input_26_pieces_without_end(void)
{
    unsigned before = pkt_pool_used(world_pool(bad_net.world));

    for (unsigned id = 0; id < 5000; id++)
        piece(id, 8 * (id % 100), 64, true, 1);
    CHECK(pkt_pool_used(world_pool(bad_net.world)) <= before + 64);
    for (unsigned i = 0; i < 1000; i++)
        piece(9, 16 * i, 8, true, 1); /* one with a thousand holes */
    CHECK(pkt_pool_used(world_pool(bad_net.world)) <= before + 64 + 256);
    net_run(&bad_net, 61 * LW_S);
    CHECK_EQ(pkt_pool_used(world_pool(bad_net.world)), before);
}

static void
bad_input_27_tiny_first_piece(void)
{
    static const uint8_t tcp[24] = {0x0f, 0xa0, 0, 80, 0xff, 0xff, 0xff, 0xff,
        0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff};
    struct bad_ip q = {.total = -1,
        .protocol = 6,
        .id = 7,
        .fragment = 0x2000,
        .data = tcp,
        .len = 8}; /* the ports and the number: the flags hide */

    bad_send(&q);
    q.fragment = 1;
    q.data = tcp + 8;
    q.len = 16;
    bad_send(&q); /* judged as a whole: its checksum is wrong */
    refused("TCP_CHECKSUM", 1);
}

static CU_TestInfo cases[] = {
    TEST(a_good_packet_is_answered),
    TEST(bad_input_08_header_cut),
    TEST(bad_input_09_ihl_below_five),
    TEST(bad_input_10_ihl_past_frame),
    TEST(bad_input_11_total_past_frame),
    TEST(bad_input_12_total_zero),
    TEST(bad_input_13_total_below_header),
    TEST(bad_input_14_header_checksum),
    TEST(bad_input_15_version_six),
    TEST(bad_input_16_option_of_no_length),
    TEST(bad_input_17_route_pointers),
    TEST(bad_input_18_impossible_addresses),
    TEST(bad_input_19_ttl_used_up),
    TEST(bad_input_20_ip_in_ip),
    TEST(bad_input_21_ping_of_death),
    TEST(bad_input_22_teardrop),
    TEST(bad_input_23_piece_of_odd_length),
    TEST(bad_input_24_two_ends),
    TEST(bad_input_25_empty_piece),
    TEST(bad_input_26_pieces_without_end),
    TEST(bad_input_27_tiny_first_piece),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_ip = {.pName = "bad_ip",
    .pSetUpFunc = bad_open,
    .pTearDownFunc = bad_close,
    .pTests = cases};
