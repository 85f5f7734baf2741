/*
 * test_cookie.c: SYN cookies (RFC 4987 3.6) between two of our stacks. What a
 * cookie carries through the handshake must be what a host that remembers its
 * callers would have agreed on; what no cookie can carry is left out; and a
 * cookie that is too old, or says what we would never have said, opens
 * nothing. (Cookies beside Linux: test_listen.c.)
 */
#include "check.h"
#include "tcp_talk.h"

#include <errno.h>

#define LONG_ENOUGH (900 * LW_S)

static struct tcp_world w;

/* Bits of what both ends are willing to do. */
enum {
    SACK = 1,
    TIMESTAMPS = 2,
    SCALING = 4,
    ECN = 8,
    ALL = 15
};

static void
configure(struct tcp *tcp, unsigned will)
{
    tcp_config(tcp)->sack = will & SACK;
    tcp_config(tcp)->timestamps = will & TIMESTAMPS;
    tcp_config(tcp)->window_scaling = will & SCALING;
    tcp_config(tcp)->ecn = (will & ECN) != 0;
}

/* What the server's end knows after a handshake; then 30000 bytes each way. */
static struct tcp_facts
shake_hands(unsigned will, unsigned syncookies, uint64_t *kept)
{
    struct cable_config cable = {.name = "t", .delay_ns = 5 * LW_MS};
    struct talk_plan plan = {
        .up = 30000, .down = 30000, .deaf_ns = 100 * LW_MS};
    struct tcp_facts facts = {0};
    struct talk t;

    tcp_world_pair(&w, 1, &cable);
    tcp_world_run(&w, 777 * LW_MS); /* the low bits of the clock are set */
    configure(w.a.tcp, will);
    configure(w.b.tcp, will);
    tcp_config(w.b.tcp)->syncookies = syncookies;
    talk_begin_plan(&t, &w.a, &w.b, &plan);
    tcp_world_run(&w, 50 * LW_MS);
    if (CHECK(t.server.c != NULL))
        facts = tcp_facts(t.server.c);
    *kept = tcp_mib(w.b.tcp, TCP_MIB_SyncookiesRecv);
    tcp_world_finish(&w, LONG_ENOUGH);
    CHECK(talk_good(&t));
    CHECK_EQ(tcp_mib(w.b.tcp, TCP_MIB_SyncookiesFailed), 0);
    talk_end(&t);
    tcp_world_close(&w);
    return facts;
}

static void
agrees_as_if_it_remembered(void)
{
    for (unsigned will = 0; will <= ALL; will++) {
        uint64_t none, one;
        struct tcp_facts want = shake_hands(will, 0, &none);
        struct tcp_facts got = shake_hands(will, 2, &one);
        bool room = will & TIMESTAMPS; /* for more than the MSS */

        CHECK_EQ(none, 0);
        CHECK_EQ(one, 1);
        CHECK_EQ(got.timestamps, want.timestamps);
        CHECK_EQ(got.snd_mss, want.snd_mss);
        CHECK_EQ(got.sack, room && want.sack);
        CHECK_EQ(got.wscale_ok, room && want.wscale_ok);
        CHECK_EQ(got.snd_wscale, room ? want.snd_wscale : 0);
        CHECK_EQ(got.rcv_wscale, room ? want.rcv_wscale : 0);
        CHECK_EQ(got.ecn, room && want.ecn);
    }
}

/* Of the sizes that a cookie can name, the next smaller one. */
static void
names_a_size_that_fits(void)
{
    static const struct {
        unsigned mtu, mss;
    } rows[] = {{1500, 1460}, {1340, 1300}, {1339, 536}, {576, 536}};

    for (unsigned i = 0; i < LW_COUNT(rows); i++) {
        struct cable_config cable = {.name = "t", .delay_ns = LW_MS};
        struct talk_plan plan = {
            .up = 5000, .down = 5000, .deaf_ns = 100 * LW_MS};
        struct talk t;

        tcp_world_pair(&w, 1, &cable);
        configure(w.a.tcp, 0);
        configure(w.b.tcp, 0);
        w.a.eth.mtu = (uint16_t)rows[i].mtu;
        tcp_config(w.b.tcp)->syncookies = 2;
        talk_begin_plan(&t, &w.a, &w.b, &plan);
        tcp_world_run(&w, 50 * LW_MS);
        if (CHECK(t.server.c != NULL))
            CHECK_EQ(tcp_facts(t.server.c).snd_mss, rows[i].mss);
        tcp_world_finish(&w, LONG_ENOUGH);
        CHECK(talk_good(&t));
        talk_end(&t);
        tcp_world_close(&w);
    }
}

/* The server changes its mind between the SYN,ACK and the ACK: now the cookie
 * says what it would not say, as a forged one might. */
static void
believes_no_cookie_that_says_too_much(void)
{
    for (unsigned bit = SACK; bit <= ECN; bit *= 2) {
        struct cable_config cable = {.name = "t", .delay_ns = 5 * LW_MS};
        struct talk t;

        tcp_world_pair(&w, 1, &cable);
        configure(w.a.tcp, ALL);
        configure(w.b.tcp, ALL);
        tcp_config(w.b.tcp)->syncookies = 2;
        talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 100, 100);
        tcp_world_run(&w, 12 * LW_MS);
        configure(w.b.tcp, ALL & ~bit);
        tcp_world_finish(&w, LONG_ENOUGH);
        CHECK_EQ(t.client.error, ECONNRESET);
        CHECK(tcp_mib(w.b.tcp, TCP_MIB_SyncookiesFailed) >= 1);
        CHECK_EQ(tcp_mib(w.b.tcp, TCP_MIB_SyncookiesRecv), 0);
        CHECK_EQ(tcp_counts(w.b.tcp).conns, 0);
        talk_end(&t);
        tcp_world_close(&w);
    }
}

/* The client's words are lost until then. */
static enum cable_fate
late(void *owner, uint64_t n, const struct pkt *p)
{
    const struct instant *until = owner;
    bool syn = p->data[14 + 20 + 13] & SEG_SYN;

    (void)n;
    return !syn && instant_lt(w.timers.now, *until) ? FATE_LOSE : FATE_DELIVER;
}

static void
come_after(int64_t ns, int error)
{
    struct cable_config cable = {.name = "t", .delay_ns = 5 * LW_MS};
    struct instant until = {ns};
    struct talk t;

    tcp_world_pair(&w, 1, &cable);
    tcp_config(w.b.tcp)->syncookies = 2;
    cable_set_fate(w.cable, late, &until);
    talk_begin(&t, &w.a, &w.b, TCP_HOST_B, 100, 100);
    tcp_world_finish(&w, LONG_ENOUGH);
    CHECK_EQ(t.client.error, error);
    CHECK_EQ(talk_good(&t), error == 0);
    CHECK_EQ(tcp_counts(w.b.tcp).conns, 0);
    talk_end(&t);
    tcp_world_close(&w);
}

static void
lets_cookies_go_stale(void)
{
    come_after(30 * LW_S, 0);
    come_after(200 * LW_S, ECONNRESET);
}

static CU_TestInfo cases[] = {
    TEST(agrees_as_if_it_remembered),
    TEST(names_a_size_that_fits),
    TEST(believes_no_cookie_that_says_too_much),
    TEST(lets_cookies_go_stale),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_cookie = {.pName = "cookie", .pTests = cases};
