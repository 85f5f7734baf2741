/*
 * test_bad_upper.c: ICMP messages and UDP datagrams that broke other stacks,
 * sent to a host that must go on serving.
 */
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"
#include "udp.h"

#include <string.h>

static uint8_t message[BAD_ROOM];

static void
send_icmp(size_t len)
{
    bad_send(&(struct bad_ip){
        .total = -1, .protocol = 1, .data = message, .len = len});
}

static void
send_udp(size_t len)
{
    bad_send(&(struct bad_ip){
        .total = -1, .protocol = 17, .data = message, .len = len});
}

/* The header of a packet from the host to the peer, and n bytes of TCP. */
static size_t
quote(uint8_t *buf, const void *tcp, size_t n)
{
    return bad_build(&(struct bad_ip){.total = -1,
                         .protocol = 6,
                         .src = "10.0.0.1",
                         .dst = "10.0.0.2",
                         .data = tcp,
                         .len = n},
        buf);
}

static void
bad_input_28_icmp_of_two_bytes(void)
{
    for (size_t n = 0; n < 8; n++) {
        bad_icmp(message, 8, 0, 0, NULL, 0);
        send_icmp(n);
    }
    CHECK_EQ(bad_drops("ICMP_MALFORMED"), 8);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_29_icmp_checksum(void)
{
    size_t len = bad_icmp(message, 8, 0, 1, "abcd", 4);

    message[3] ^= 1;
    send_icmp(len);
    CHECK_EQ(bad_drops("ICMP_CHECKSUM"), 1);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_30_truncated_quotes(void)
{
    static const uint8_t tcp[8] = {0, 80, 0x0f, 0xa0};
    static uint8_t inner[BAD_ROOM];
    size_t len = quote(inner, tcp, 8);

    for (size_t n = 0; n < len; n++)
        send_icmp(bad_icmp(message, 3, 1, 0, inner, n));
    CHECK_EQ(bad_drops("ICMP_MALFORMED"), len);
    for (unsigned ihl = 0; ihl < 16; ihl++) {
        inner[0] = (uint8_t)(0x40 | ihl);
        if (ihl != 5) /* 15: sixty bytes of header in twenty-eight */
            send_icmp(bad_icmp(message, 3, 1, 0, inner, len));
    }
    inner[0] = 0x65;
    send_icmp(bad_icmp(message, 3, 1, 0, inner, len));
    CHECK_EQ(bad_drops("ICMP_MALFORMED"), len + 16);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_31_forged_path_mtu(void)
{
    static const uint16_t mtus[] = {0, 1, 67, 68, 69, 552, 1499, 65535};
    /* The right ports; a number that was never sent. */
    static const uint8_t tcp[8] = {0, 80, 0x0f, 0xa0, 0x12, 0x34, 0x56, 0x78};
    static uint8_t inner[BAD_ROOM];
    size_t len = quote(inner, tcp, 8);
    int before = bad_mss();

    for (unsigned i = 0; i < LW_COUNT(mtus); i++)
        send_icmp(bad_icmp(message, 3, 4, mtus[i], inner, len));
    CHECK_EQ(bad_mss(), before);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_32_redirects(void)
{
    static const uint8_t tcp[8] = {0, 80, 0x0f, 0xa0};
    static const char *const gateways[] = {
        "10.0.0.1", "10.0.0.9", "192.0.2.1", "0.0.0.0", "255.255.255.255"};
    static uint8_t inner[BAD_ROOM];
    size_t len = quote(inner, tcp, 8);

    for (unsigned i = 0; i < LW_COUNT(gateways); i++)
        send_icmp(bad_icmp(message, 5, 1, net_ip(gateways[i]).v, inner, len));
    CHECK_EQ(bad_drops("ICMP_IGNORED"), LW_COUNT(gateways));
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_33_echo_to_all(void)
{
    static const char *const all[] = {"10.0.0.255", "255.255.255.255"};

    for (unsigned i = 0; i < LW_COUNT(all); i++)
        bad_send_to_all(&(struct bad_ip){.total = -1,
            .protocol = 1,
            .dst = all[i],
            .data = message,
            .len = bad_icmp(message, 8, 0, 1, "smurf", 5)});
    CHECK_EQ(bad_drops("ICMP_IGNORED"), 2);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_34_udp_lengths(void)
{
    static const uint16_t lengths[] = {0, 1, 7, 17, 65535};

    for (unsigned i = 0; i < LW_COUNT(lengths); i++) {
        size_t len = bad_udp(message, 9, "12345678", 8);
        struct writer w = writer_of(message + 4, 2);

        put_be16(&w, lengths[i]);
        send_udp(len);
    }
    bad_udp(message, 9, "", 0);
    for (size_t n = 0; n < 8; n++)
        send_udp(n);
    CHECK_EQ(bad_drops("UDP_LENGTH"), LW_COUNT(lengths) + 8);
    CHECK_EQ(bad_answers(), 0);
}

static void
ignore(void *owner)
{
    (void)owner;
}

static void
bad_input_35_udp_checksums(void)
{
    struct udp_end any = {.port = 53}, from;
    struct udp_sock *s;
    size_t full, len = bad_udp(message, 53, "ask", 3);
    char buf[8];

    CHECK_EQ(udp_open(host_udp(bad_net.a), any, ignore, NULL, &s), 0);
    message[6] ^= 0x40;
    send_udp(len);
    CHECK_EQ(bad_drops("UDP_CHECKSUM"), 1);
    CHECK_EQ(udp_recv(s, buf, sizeof buf, &from, &full, false), -11);
    message[6] = message[7] = 0; /* none was made: taken */
    send_udp(len);
    CHECK_EQ(udp_recv(s, buf, sizeof buf, &from, &full, false), 3);
    udp_close(s);
}

static void
bad_input_36_closed_port_storm(void)
{
    size_t len = bad_udp(message, 9, "x", 1);

    for (int i = 0; i < 1000; i++)
        send_udp(len);
    CHECK_EQ(bad_drops("UDP_NO_SOCKET"), 1000);
    CHECK_EQ(bad_answers(), 6); /* the bucket's size */
    net_forget(&bad_net);
    net_run(&bad_net, 10 * LW_S);
    for (int i = 0; i < 10; i++) {
        message[6] = message[7] = 0;
        bad_send_to_all(&(struct bad_ip){.total = -1,
            .protocol = 17,
            .dst = i % 2 ? "10.0.0.255" : "255.255.255.255",
            .data = message,
            .len = len});
    }
    CHECK_EQ(bad_answers(), 0);
}

/* Bytes behind the datagram's end: still told, and all of it quoted. */
static void
a_closed_port_is_told_of_padded_datagrams(void)
{
    size_t len = bad_udp(message, 9, "x", 1);

    memset(message + len, 0, 9);
    send_udp(len + 9);
    CHECK_EQ(bad_answers(), 1);
}

static CU_TestInfo cases[] = {
    TEST(bad_input_28_icmp_of_two_bytes),
    TEST(bad_input_29_icmp_checksum),
    TEST(bad_input_30_truncated_quotes),
    TEST(bad_input_31_forged_path_mtu),
    TEST(bad_input_32_redirects),
    TEST(bad_input_33_echo_to_all),
    TEST(bad_input_34_udp_lengths),
    TEST(bad_input_35_udp_checksums),
    TEST(bad_input_36_closed_port_storm),
    TEST(a_closed_port_is_told_of_padded_datagrams),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_upper = {.pName = "bad_upper",
    .pSetUpFunc = bad_open,
    .pTearDownFunc = bad_close,
    .pTests = cases};
