/*
 * test_rfc9293.c: the suite of all requirements of RFC 9293 that hold
 * (test_rfc9293.h), and the tests that are no dialogues: checksums, numbers,
 * addresses.
 */
#include "test_rfc9293.h"
#include "tcp_fixture.h"
#include "sum.h"
#include "world.h"

#include <errno.h>
#include <string.h>

#define GROUP     ((struct ipv4){0xe0000001}) /* 224.0.0.1 */
#define BROADCAST ((struct ipv4){0x0a0000ff}) /* of 10.0.0.0/24 */

static struct tcp_world w;

/* The last datagram that left, and how many did. */
static struct {
    uint8_t bytes[128];
    uint32_t len;
    unsigned count;
} left;

static void
keep(struct netdev *dev, struct pkt *p)
{
    (void)dev;
    left.len = p->len - 14;
    if (left.len <= sizeof left.bytes)
        memcpy(left.bytes, p->data + 14, left.len);
    left.count++;
    pkt_free(p);
}

static void
nothing(void *owner)
{
    (void)owner;
}

static void
begin(uint64_t seed)
{
    memset(&left, 0, sizeof left);
    tcp_world_alone(&w, seed, keep, NULL);
}

static struct tcp_conn *
call(struct ipv4 local, struct ipv4 remote)
{
    struct tcp_conn *c = NULL;

    if (tcp_connect(w.a.tcp, (struct tcp_end){local, 0},
            (struct tcp_end){remote, 80}, nothing, NULL, &c) != 0)
        return NULL;
    return c;
}

/* A SYN to port 80 arrives; wrong: its checksum is. */
static void
syn_with_ip_options(struct netdev *dev, struct ipv4 src, struct ipv4 dst,
    bool wrong, uint32_t options)
{
    struct pkt *p = pkt_new(dev->env->pool, 14 + 60, 20);
    uint8_t *tcp = pkt_put(p, 20), *ip;
    struct writer out = writer_of(tcp, 20);

    put_be16(&out, 4000);
    put_be16(&out, 80);
    put_be32(&out, 1);
    put_be32(&out, 0);
    put_be16(&out, 0x5002);
    put_be16(&out, 1000);
    put_be32(&out, 0);
    out = writer_of(tcp + 16, 2);
    put_be16(&out, (uint16_t)(sum_fold(sum_add(
                                  sum_pseudo(src, dst, IP_TCP, 20), tcp, 20)) ^
                              (wrong ? 0x0100 : 0)));
    ip = pkt_push(p, 20 + options);
    out = writer_of(ip, 20 + options);
    put_be16(&out, (uint16_t)(0x4500 + (options / 4 << 8)));
    put_be16(&out, (uint16_t)(40 + options));
    put_be32(&out, 0x4000);
    put_be16(&out, 0x4006);
    put_be16(&out, 0);
    put_ipv4(&out, src);
    put_ipv4(&out, dst);
    for (uint32_t i = 0; i < options; i++)
        put_u8(&out, 1); /* no operation */
    out = writer_of(ip + 10, 2);
    put_be16(&out, sum_fold(sum_add(0, ip, 20 + options)));
    out = writer_of(pkt_push(p, 14), 14);
    put_mac(&out, dev->addr);
    put_mac(&out, (struct mac){{2, 0, 0, 0, 0, 9}});
    put_be16(&out, ETHERTYPE_IPV4);
    netdev_arrive(dev, p, "test");
}

static void
syn_arrives(struct netdev *dev, struct ipv4 src, struct ipv4 dst, bool wrong)
{
    syn_with_ip_options(dev, src, dst, wrong, 0);
}

static struct tcp_listener *
listen_on(struct ipv4 addr)
{
    struct tcp_listener *l = NULL;
    int err = tcp_listen(
        w.a.tcp, (struct tcp_end){addr, 80}, 5, false, nothing, NULL, &l);

    CHECK_EQ(err, 0);
    return l;
}

void
computes_the_checksum(void)
{
    begin(1);
    CHECK(call((struct ipv4){0}, TCP_HOST_B) != NULL);
    REQUIRE(left.count == 1 && left.len <= sizeof left.bytes);

    uint64_t sum = sum_pseudo(TCP_HOST_A, TCP_HOST_B, IP_TCP, left.len - 20);

    CHECK_EQ(sum_fold(sum_add(sum, left.bytes + 20, left.len - 20)), 0);
    tcp_world_close(&w);
}

void
checks_the_checksum(void)
{
    begin(1);
    listen_on(TCP_HOST_A);
    syn_arrives(&w.a.eth, TCP_HOST_B, TCP_HOST_A, true);
    CHECK_EQ(left.count, 0);
    CHECK_EQ(w.a.env.drops[DROP_TCP_CHECKSUM], 1);
    syn_arrives(&w.a.eth, TCP_HOST_B, TCP_HOST_A, false);
    CHECK_EQ(left.count, 1);
    tcp_world_close(&w);
}

void
takes_ip_options(void)
{
    begin(1);
    listen_on(TCP_HOST_A);
    syn_with_ip_options(&w.a.eth, TCP_HOST_B, TCP_HOST_A, false, 8);
    CHECK_EQ(left.count, 1); /* the SYN,ACK */
    CHECK_EQ(tcp_counts(w.a.tcp).conns, 1);
    tcp_world_close(&w);
}

void
asks_for_what_the_card_takes(void)
{
    begin(1);
    w.a.eth.mtu = 1000;
    CHECK(call((struct ipv4){0}, TCP_HOST_B) != NULL);
    REQUIRE(left.count == 1);
    CHECK_MEM(left.bytes + 40, "\x02\x04\x03\xc0", 4); /* MSS 960 */
    tcp_world_close(&w);
}

void
counts_with_the_clock(void)
{
    struct tcp_end a = {TCP_HOST_A, 1}, b = {TCP_HOST_B, 2};
    struct seq first;

    begin(1);
    first = tcp_isn(w.a.tcp, a, b);
    tcp_world_run(&w, 4 * LW_MS); /* one number every 4 microseconds */
    CHECK_EQ(seq_diff(tcp_isn(w.a.tcp, a, b), first), 1000);
    tcp_world_close(&w);
}

/* Who knows all but the key knows nothing: another key, another number; and
 * one connection's number tells nothing about another's. */
void
keeps_the_key_secret(void)
{
    struct tcp_end a = {TCP_HOST_A, 1}, b = {TCP_HOST_B, 2}, c = a;
    struct seq one, other;

    begin(1);
    one = tcp_isn(w.a.tcp, a, b);
    c.port = 3;
    other = tcp_isn(w.a.tcp, c, b);
    CHECK(seq_diff(one, other) > 100000 || seq_diff(other, one) > 100000);
    tcp_world_close(&w);
    begin(2);
    CHECK(tcp_isn(w.a.tcp, a, b).v != one.v);
    tcp_world_close(&w);
}

void
listens_twice_on_a_port(void)
{
    begin(1);
    CHECK(listen_on(TCP_HOST_A) != NULL);
    CHECK(listen_on((struct ipv4){0x7f000001}) != NULL);
    tcp_world_close(&w);
}

void
takes_a_local_address(void)
{
    struct tcp_conn *c;

    begin(1);
    c = call(TCP_HOST_A, TCP_HOST_B);
    REQUIRE(c != NULL);
    CHECK(ipv4_eq(tcp_local(c).addr, TCP_HOST_A));
    CHECK(call((struct ipv4){0x0a000063}, TCP_HOST_B) == NULL); /* not ours */
    tcp_world_close(&w);
}

void
asks_ip_for_the_source(void)
{
    struct tcp_conn *c;

    begin(1);
    c = call((struct ipv4){0}, TCP_HOST_B);
    REQUIRE(c != NULL);
    CHECK(ipv4_eq(tcp_local(c).addr, TCP_HOST_A));
    CHECK_MEM(left.bytes + 12, "\x0a\0\0\1", 4);
    tcp_world_run(&w, LW_S); /* the SYN again, from the same address */
    CHECK_EQ(left.count, 2);
    CHECK_MEM(left.bytes + 12, "\x0a\0\0\1", 4);
    c = call((struct ipv4){0}, (struct ipv4){0x7f000001});
    REQUIRE(c != NULL);
    CHECK(ipv4_eq(tcp_local(c).addr, (struct ipv4){0x7f000001}));
    tcp_world_close(&w);
}

/* --- groups: a whole host, whose card knows what a broadcast is ---------- */

static struct journal journal;
static struct world *world;
static struct host *host;
static struct netdev *card;

static void
begin_host(void)
{
    struct tcp_listener *l;

    memset(&left, 0, sizeof left);
    world = world_new(&journal, 1);
    host = world_add_host(world, "a", NULL);
    card = host_add_netdev(host, "eth0", TCP_HOST_A, 24);
    card->xmit = keep;
    CHECK_EQ(tcp_listen(host_tcp(host), (struct tcp_end){{0}, 80}, 5, false,
                 nothing, NULL, &l),
        0);
}

/* Nothing was answered, not even a question for the answer's way. */
static void
ends_silent(void)
{
    CHECK_EQ(left.count, 0);
    CHECK_EQ(tcp_counts(host_tcp(host)).conns, 0);
    world_free(world);
}

void
does_not_call_groups(void)
{
    const struct ipv4 bad[] = {GROUP, BROADCAST, {0xffffffff}};

    begin_host();
    for (unsigned i = 0; i < LW_COUNT(bad); i++) {
        struct tcp_conn *c;

        CHECK_EQ(tcp_connect(host_tcp(host), (struct tcp_end){{0}, 0},
                     (struct tcp_end){bad[i], 80}, nothing, NULL, &c),
            -ENETUNREACH);
    }
    ends_silent();
}

void
is_silent_to_groups(void)
{
    begin_host();
    syn_arrives(card, TCP_HOST_B, BROADCAST, false);
    syn_arrives(card, TCP_HOST_B, (struct ipv4){0xffffffff}, false);
    syn_arrives(card, TCP_HOST_B, GROUP, false);
    ends_silent();
}

void
refuses_invalid_callers(void)
{
    begin_host();
    syn_arrives(card, GROUP, TCP_HOST_A, false);
    syn_arrives(card, BROADCAST, TCP_HOST_A, false);
    syn_arrives(card, (struct ipv4){0xffffffff}, TCP_HOST_A, false);
    syn_arrives(card, (struct ipv4){0x7f000001}, TCP_HOST_A, false);
    ends_silent();
}

/* Every combination that we send can be read again, and fills words. */
void
builds_whole_options(void)
{
    for (unsigned i = 0; i < 32; i++) {
        struct tcp_opts o = {.mss = 1460, .wscale = i & 1 ? 7 : -1}, back;
        uint8_t buf[TCP_OPTIONS_MAX];
        struct writer out = writer_of(buf, sizeof buf);
        bool syn = i & 2;

        o.sack_ok = i & 4;
        o.ts = i & 8;
        o.nsack = i & 16 ? 2 : 0;
        tcp_options_build(&out, &o, syn);
        CHECK(!out.over);
        CHECK_EQ(writer_len(&out) % 4, 0);
        CHECK(tcp_options_parse(&back, buf, writer_len(&out), syn));
        CHECK_EQ(back.mss, syn ? 1460 : 0);
        CHECK_EQ(back.ts, o.ts);
        CHECK_EQ(back.nsack, syn ? 0 : o.nsack);
    }
}

#define R(name, test) {#name, test},
static CU_TestInfo cases[] = {REQUIREMENTS(R) CU_TEST_INFO_NULL};
#undef R

CU_SuiteInfo suite_rfc9293 = {.pName = "rfc9293", .pTests = cases};
