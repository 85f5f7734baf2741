/*
 * test_tcp.c: two whole stacks and what the wire does to them: loss,
 * duplication, reordering, at many seeds (in every small pattern: see
 * test_small_worlds.c); and what the tables, ports and limits of TCP promise.
 */
#include "check.h"
#include "tcp_talk.h"

#include <errno.h>
#include <string.h>

#define LONG_ENOUGH (900 * LW_S)

static struct tcp_world w;

static void
ends_clean(struct talk *t)
{
    struct instant due;

    CHECK(talk_good(t));
    CHECK_EQ(tcp_counts(w.a.tcp).conns, 0);
    CHECK_EQ(tcp_counts(w.b.tcp ? w.b.tcp : w.a.tcp).conns, 0);
    CHECK_EQ(pkt_pool_used(w.pool), 0);
    CHECK(!timers_next(&w.timers, &due));
}

/* --- whole transfers -------------------------------------------------- */

static void
moves_a_megabyte(void)
{
    struct cable_config config = {
        .name = "t", .delay_ns = 5 * LW_MS, .rate = 100000000};
    struct talk t;

    tcp_world_pair(&w, 1, &config);
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 1000000, 1000000);
    tcp_world_finish(&w, LONG_ENOUGH);
    ends_clean(&t);
    CHECK_EQ(tcp_counts(w.a.tcp).retransmits, 0);
    CHECK_EQ(tcp_counts(w.b.tcp).retransmits, 0);
    talk_end(&t);
    tcp_world_close(&w);
}

/* A narrow way with room for few frames: how many are lost? */
static uint64_t
crowd(unsigned ecn)
{
    struct cable_config config = {.name = "t",
        .delay_ns = 10 * LW_MS,
        .rate = 10000000,
        .queue = 20,
        .ecn = ecn};
    struct talk t;
    uint64_t lost;

    tcp_world_pair(&w, 1, &config);
    tcp_config(w.a.tcp)->ecn = 1;
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 2000000, 10);
    tcp_world_finish(&w, LONG_ENOUGH);
    ends_clean(&t);
    lost = w.a.env.drops[DROP_QUEUE_FULL];
    CHECK_EQ(tcp_counts(w.a.tcp).retransmits > 0, lost > 0);
    talk_end(&t);
    tcp_world_close(&w);
    return lost;
}

static void
slows_down_before_it_loses(void)
{
    CHECK(crowd(0) > 0);
    CHECK_EQ(crowd(5), 0);
}

static void
moves_a_megabyte_to_itself(void)
{
    struct talk t;

    tcp_world_alone(&w, 1, NULL, NULL);
    talk_begin(&t, &w.a, &w.a, (struct ipv4){0x7f000001}, 1000000, 1000000);
    tcp_world_finish(&w, LONG_ENOUGH);
    ends_clean(&t);
    talk_end(&t);
    tcp_world_close(&w);
}

static void
transfer(uint64_t seed, const struct cable_faults *faults, bool modern,
    uint32_t bytes)
{
    struct cable_config config = {.name = "t",
        .delay_ns = 5 * LW_MS,
        .rate = 100000000,
        .faults = *faults};
    struct talk t;

    tcp_world_pair(&w, seed, &config);
    tcp_config(w.a.tcp)->sack = modern;
    tcp_config(w.a.tcp)->timestamps = modern;
    tcp_config(w.b.tcp)->window_scaling = modern;
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, bytes, bytes);
    tcp_world_finish(&w, LONG_ENOUGH);
    ends_clean(&t);
    talk_end(&t);
    tcp_world_close(&w);
}

static void
survives_a_bad_wire(void)
{
    struct cable_faults faults = {.loss = 0.03,
        .duplicate = 0.03,
        .reorder = 0.05,
        .reorder_ns = 3 * LW_MS};

    for (uint64_t seed = 1; seed <= 6; seed++)
        transfer(seed, &faults, true, 1000000);
}

static void
survives_a_bad_wire_without_options(void)
{
    struct cable_faults faults = {.loss = 0.02,
        .duplicate = 0.02,
        .reorder = 0.05,
        .reorder_ns = 3 * LW_MS};

    for (uint64_t seed = 1; seed <= 6; seed++)
        transfer(seed, &faults, false, 300000);
}

static void
survives_a_terrible_wire(void)
{
    struct cable_faults faults = {.loss = 0.25,
        .duplicate = 0.2,
        .reorder = 0.3,
        .reorder_ns = 40 * LW_MS};

    for (uint64_t seed = 1; seed <= 20; seed++)
        transfer(seed, &faults, seed & 1, 20000);
}

/* --- tables, ports, limits -------------------------------------------- */

static void
nothing(void *owner)
{
    (void)owner;
}

static void
swallow(struct netdev *dev, struct pkt *p)
{
    (void)dev;
    pkt_free(p);
}

static void
finds_among_many(void)
{
    enum {
        MANY = 5000
    };
    static struct tcp_conn *c[MANY];
    struct tcp_end any = {{0}, 0};

    tcp_world_alone(&w, 1, swallow, NULL);
    for (unsigned i = 0; i < MANY; i++) {
        struct tcp_end to = {TCP_HOST_B, (uint16_t)(1 + i % 7)};

        REQUIRE(tcp_connect(w.a.tcp, any, to, nothing, NULL, &c[i]) == 0);
    }
    CHECK_EQ(tcp_counts(w.a.tcp).conns, MANY);
    for (unsigned i = 0; i < MANY; i++)
        CHECK(tcp_find(w.a.tcp, tcp_local(c[i]), tcp_remote(c[i])) == c[i]);
    for (unsigned i = 0; i < MANY; i++)
        tcp_close(c[i]);
    CHECK_EQ(tcp_counts(w.a.tcp).conns, 0);
    tcp_world_close(&w);
}

static void
knows_who_may_listen(void)
{
    struct tcp_listener *l, *other;
    struct tcp_end any = {{0}, 80}, mine = {TCP_HOST_A, 80};
    struct tcp_end foreign = {TCP_HOST_B, 80}, chosen = {{0}, 0};

    tcp_world_alone(&w, 1, swallow, NULL);
    CHECK_EQ(tcp_listen(w.a.tcp, foreign, 1, true, nothing, NULL, &l),
        -EADDRNOTAVAIL);
    REQUIRE(tcp_listen(w.a.tcp, any, 1, true, nothing, NULL, &l) == 0);
    CHECK_EQ(
        tcp_listen(w.a.tcp, mine, 1, true, nothing, NULL, &other), -EADDRINUSE);
    REQUIRE(tcp_listen(w.a.tcp, chosen, 1, false, nothing, NULL, &other) == 0);
    CHECK(tcp_listener_local(other).port >= 32768);
    tcp_unlisten(other);
    tcp_unlisten(l);
    REQUIRE(tcp_listen(w.a.tcp, mine, 1, false, nothing, NULL, &l) == 0);
    tcp_unlisten(l);
    CHECK_EQ(tcp_counts(w.a.tcp).listeners, 0);
    tcp_world_close(&w);
}

/* socket(7), SO_REUSEPORT: three share a port; a caller that asks again meets
 * the same one, and none is left without. Who names the address is alone. */
static void
some_share_a_port(void)
{
    struct tcp_end any = {{0}, 80}, mine = {TCP_HOST_A, 80};
    struct tcp_listener *share[3], *exact;
    struct ip_hdr came = {.nif = NULL}; /* nobody is bound to a card */
    unsigned met[3] = {0};

    tcp_world_alone(&w, 1, swallow, NULL);
    for (unsigned i = 0; i < 3; i++)
        REQUIRE(tcp_listen(w.a.tcp, any, 1, TCP_REUSEPORT, nothing, NULL,
                    &share[i]) == 0);
    CHECK_EQ(tcp_listen(w.a.tcp, any, 1, TCP_REUSEADDR, nothing, NULL, &exact),
        -EADDRINUSE);
    for (uint16_t k = 0; k < 64; k++) {
        struct tcp_end from = {TCP_HOST_B, 2000 + k / 2};
        struct tcp_listener *l = tcp_find_listener(w.a.tcp, mine, from, &came);

        CHECK(l == tcp_find_listener(w.a.tcp, mine, from, &came));
        for (unsigned i = 0; i < 3; i++)
            met[i] += l == share[i];
    }
    CHECK_EQ(met[0] + met[1] + met[2], 64);
    CHECK(met[0] > 4 && met[1] > 4 && met[2] > 4);
    REQUIRE(tcp_listen(
                w.a.tcp, mine, 1, TCP_REUSEPORT, nothing, NULL, &exact) == 0);
    CHECK(tcp_find_listener(w.a.tcp, mine, any, &came) == exact);
    tcp_unlisten(exact);
    for (unsigned i = 0; i < 3; i++)
        tcp_unlisten(share[i]);
    tcp_world_close(&w);
}

/* ip_local_port_range: is each port given away before there is none, and the
 * only free one found? Towards another end it is free again. */
static void
ports_run_out(void)
{
    enum {
        FIRST = 32768,
        COUNT = 28232,
        FREE = FIRST + 12345
    };
    static struct tcp_listener *l[COUNT];
    struct tcp_end any = {{0}, 0}, free_one = {{0}, FREE};
    struct tcp_end to = {TCP_HOST_B, 80}, other = {TCP_HOST_B, 81};
    struct tcp_conn *c, *d;

    tcp_world_alone(&w, 1, swallow, NULL);
    for (unsigned i = 0; i < COUNT; i++) {
        struct tcp_end at = {{0}, (uint16_t)(FIRST + i)};

        REQUIRE(tcp_listen(w.a.tcp, at, 1, 0, nothing, NULL, &l[i]) == 0);
    }
    CHECK_EQ(tcp_listen(w.a.tcp, any, 1, 0, nothing, NULL, &l[0]), -EADDRINUSE);
    CHECK_EQ(tcp_connect(w.a.tcp, any, to, nothing, NULL, &c), -EADDRNOTAVAIL);
    tcp_unlisten(l[FREE - FIRST]);
    REQUIRE(
        tcp_listen(w.a.tcp, any, 1, 0, nothing, NULL, &l[FREE - FIRST]) == 0);
    CHECK_EQ(tcp_listener_local(l[FREE - FIRST]).port, FREE);
    tcp_unlisten(l[FREE - FIRST]);
    REQUIRE(tcp_connect(w.a.tcp, any, to, nothing, NULL, &c) == 0);
    CHECK_EQ(tcp_local(c).port, FREE);
    CHECK_EQ(tcp_connect(w.a.tcp, any, to, nothing, NULL, &d), -EADDRNOTAVAIL);
    CHECK_EQ(
        tcp_connect(w.a.tcp, free_one, to, nothing, NULL, &d), -EADDRNOTAVAIL);
    REQUIRE(tcp_connect(w.a.tcp, any, other, nothing, NULL, &d) == 0);
    CHECK_EQ(tcp_local(d).port, FREE);
    tcp_close(c);
    tcp_close(d);
    for (unsigned i = 0; i < COUNT; i++)
        if (i != FREE - FIRST)
            tcp_unlisten(l[i]);
    tcp_world_close(&w);
}

/* socket(7): TIME-WAIT stands in the way unless both had SO_REUSEADDR. */
static void
knows_what_time_wait_blocks(void)
{
    struct cable_config config = {.name = "t", .delay_ns = LW_MS};
    struct tcp_end any = {{0}, 80};
    struct tcp_listener *l;
    struct talk t;

    tcp_world_pair(&w, 1, &config);
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 10, 10);
    tcp_world_run(&w, LW_S);
    CHECK(talk_good(&t));
    CHECK_EQ(tcp_counts(w.a.tcp).time_wait, 1);
    CHECK_EQ(tcp_counts(w.b.tcp).conns, 0);
    any.port = 0;
    for (uint32_t i = 0; i <= w.a.tcp->mask; i++)
        if (w.a.tcp->bucket[i])
            any.port = w.a.tcp->bucket[i]->local.port;
    CHECK_EQ(
        tcp_listen(w.a.tcp, any, 1, false, nothing, NULL, &l), -EADDRINUSE);
    CHECK_EQ(tcp_listen(w.a.tcp, any, 1, TCP_REUSEADDR, nothing, NULL, &l),
        -EADDRINUSE);
    for (uint32_t i = 0; i <= w.a.tcp->mask; i++)
        if (w.a.tcp->bucket[i])
            w.a.tcp->bucket[i]->reuse = TCP_REUSEADDR;
    CHECK_EQ(tcp_listen(w.a.tcp, any, 1, 0, nothing, NULL, &l), -EADDRINUSE);
    REQUIRE(tcp_listen(w.a.tcp, any, 1, TCP_REUSEADDR, nothing, NULL, &l) == 0);
    tcp_unlisten(l);
    talk_end(&t);
    tcp_world_finish(&w, LONG_ENOUGH);
    tcp_world_close(&w);
}

static void
refuses_to_call_groups(void)
{
    struct tcp_end any = {{0}, 0};
    struct tcp_end group = {{0xe0000001}, 80}, all = {{0xffffffff}, 80};
    struct tcp_end nowhere = {{0x01020304}, 80};
    struct tcp_conn *c;

    tcp_world_alone(&w, 1, swallow, NULL);
    CHECK_EQ(tcp_connect(w.a.tcp, any, group, nothing, NULL, &c), -ENETUNREACH);
    CHECK_EQ(tcp_connect(w.a.tcp, any, all, nothing, NULL, &c), -ENETUNREACH);
    CHECK_EQ(
        tcp_connect(w.a.tcp, any, nowhere, nothing, NULL, &c), -ENETUNREACH);
    tcp_world_close(&w);
}

/* RFC 6528: grows with time, differs between ends, and cannot be guessed
 * without the key. */
static void
begins_at_unguessable_numbers(void)
{
    struct tcp_end x = {TCP_HOST_A, 1}, y = {TCP_HOST_B, 2};
    struct tcp_end z = {TCP_HOST_B, 3};
    struct seq first, later, other;

    tcp_world_alone(&w, 1, swallow, NULL);
    first = tcp_isn(w.a.tcp, x, y);
    other = tcp_isn(w.a.tcp, x, z);
    CHECK(!seq_eq(first, other));
    tcp_world_run(&w, LW_S);
    later = tcp_isn(w.a.tcp, x, y);
    CHECK_EQ(seq_diff(later, first), 250000);
    tcp_world_close(&w);
    tcp_world_alone(&w, 2, swallow, NULL);
    CHECK(!seq_eq(tcp_isn(w.a.tcp, x, y), first));
    tcp_world_close(&w);
}

static void
keeps_idle_connections_small(void)
{
    CHECK(sizeof(struct tcp_conn) <= 744);
}

/* --- noise ---------------------------------------------------------------- */

/* A segment of which everything may be wrong, but often is nearly right. */
static void
noise(struct rng *r, struct tcp_end from, struct tcp_end to, struct seq seq,
    struct seq ack)
{
    uint32_t header = 20 + 4 * (uint32_t)rng_below(r, 11);
    uint32_t text = (uint32_t)rng_below(r, 3) * (uint32_t)rng_below(r, 1500);
    struct pkt *p = pkt_new(w.pool, PKT_HEADROOM, header + text);
    struct ip_hdr ih = {.src = from.addr, .dst = to.addr, .header_len = 20};
    struct writer wr = writer_of(pkt_put(p, header + text), header + text);

    put_be16(&wr, from.port);
    put_be16(&wr, to.port);
    put_be32(&wr, seq_add(seq, (uint32_t)rng_below(r, 4000) - 1000).v);
    put_be32(&wr, seq_add(ack, (uint32_t)rng_below(r, 4000) - 2000).v);
    put_u8(&wr, (uint8_t)(rng_chance(r, 0.9) ? header / 4 << 4 : rng_u64(r)));
    put_u8(&wr, (uint8_t)(rng_chance(r, 0.8) ? SEG_ACK : rng_u64(r)));
    put_be16(&wr, (uint16_t)rng_u64(r));
    put_be32(&wr, (uint32_t)rng_u64(r));
    while (writer_len(&wr) < header) {
        static const uint8_t kinds[] = {0, 1, 2, 3, 4, 5, 8, 10, 18, 255};

        put_u8(&wr, rng_chance(r, 0.5) ? kinds[rng_below(r, sizeof kinds)]
                                       : (uint8_t)rng_u64(r));
    }
    while (writer_len(&wr) < header + text)
        put_u8(&wr, (uint8_t)rng_u64(r));
    p->sum_ok = rng_chance(r, 0.95);
    pkt_trim(p, (uint32_t)(rng_chance(r, 0.9) ? p->len : rng_below(r, 30)));
    tcp_input(w.a.tcp, p, &ih);
}

static struct tcp_conn *
open_one(struct tcp_listener *l, struct tcp_end local, struct tcp_end remote)
{
    uint8_t bytes[20] = {[12] = 0x50, [13] = SEG_SYN, [14] = 0x40};
    struct ip_hdr ih = {.src = remote.addr, .dst = local.addr};
    struct writer wr = writer_of(bytes, 12);
    struct tcp_conn *c;

    put_be16(&wr, remote.port);
    put_be16(&wr, local.port);
    for (int i = 0; i < 2; i++) {
        struct pkt *p = pkt_new(w.pool, PKT_HEADROOM, 20);

        memcpy(pkt_put(p, 20), bytes, 20);
        p->sum_ok = true;
        tcp_input(w.a.tcp, p, &ih);
        c = tcp_find(w.a.tcp, local, remote);
        if (!c)
            return NULL;
        wr = writer_of(bytes + 4, 8);
        put_be32(&wr, c->rcv.nxt.v);
        put_be32(&wr, c->snd.nxt.v);
        bytes[13] = SEG_ACK;
    }
    return tcp_accept(l);
}

/* Whatever comes, nothing breaks, and what a stranger can make us keep is
 * bounded. */
static void
survives_noise(void)
{
    struct tcp_end local = {TCP_HOST_A, 80};
    struct tcp_end remote = {TCP_HOST_B, 5000};
    struct iovec iov = {(void *)"some text to be acknowledged", 28};

    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct tcp_listener *l;
        struct tcp_conn *c;
        struct rng r;

        tcp_world_alone(&w, seed, swallow, NULL);
        rng_init(&r, seed, "noise");
        REQUIRE(tcp_listen(w.a.tcp, local, 3, true, nothing, NULL, &l) == 0);
        c = open_one(l, local, remote);
        REQUIRE(c != NULL);
        for (unsigned i = 0; i < 1500; i++) {
            if (i % 50 == 0)
                tcp_send(c, &iov, 1, false);
            noise(&r, remote, local, c->rcv.nxt, c->snd.una);
            if (i % 10 == 0) {
                remote.port ^= 1; /* somebody for the listener */
                noise(&r, remote, local, c->rcv.nxt, c->snd.una);
                remote.port ^= 1;
            }
            tcp_world_run(&w, LW_MS);
        }
        CHECK(pkt_pool_used(w.pool) < 500);
        tcp_close(c);
        tcp_unlisten(l);
        tcp_world_finish(&w, LONG_ENOUGH);
        CHECK_EQ(tcp_counts(w.a.tcp).conns, 0);
        tcp_world_close(&w);
    }
}

static CU_TestInfo cases[] = {
    TEST(moves_a_megabyte),
    TEST(slows_down_before_it_loses),
    TEST(moves_a_megabyte_to_itself),
    TEST(survives_a_bad_wire),
    TEST(survives_a_bad_wire_without_options),
    TEST(survives_a_terrible_wire),
    TEST(finds_among_many),
    TEST(knows_who_may_listen),
    TEST(some_share_a_port),
    TEST(ports_run_out),
    TEST(knows_what_time_wait_blocks),
    TEST(refuses_to_call_groups),
    TEST(begins_at_unguessable_numbers),
    TEST(keeps_idle_connections_small),
    TEST(survives_noise),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_tcp = {.pName = "tcp", .pTests = cases};
