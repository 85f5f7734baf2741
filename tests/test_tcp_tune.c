/*
 * test_tcp_tune.c: the options of tcp.h on a connection, asked of TCP itself:
 * what each of them keeps of what it is given, what it refuses, and what of
 * it outlives the connection.
 */
#include "check.h"
#include "tcp_fixture.h"

#include <errno.h>

static struct tcp_world w;
static struct tcp_conn *c; /* in SYN-SENT: nobody answers */

static void
swallow(struct netdev *dev, struct pkt *p)
{
    (void)dev;
    pkt_free(p);
}

static void
nothing(void *owner)
{
    (void)owner;
}

static void
setup(void)
{
    struct tcp_end any = {{0}, 0}, to = {TCP_HOST_B, 80};

    tcp_world_alone(&w, 1, swallow, NULL);
    CHECK_EQ(tcp_connect(w.a.tcp, any, to, nothing, NULL, &c), 0);
}

static void
teardown(void)
{
    tcp_close(c);
    tcp_world_close(&w);
}

static int
get(enum tcp_option o)
{
    int value = INT32_MIN;

    CHECK_EQ(tcp_get_option(c, o, &value), 0);
    return value;
}

/* Switches take any value; sizes move into their bounds; the rest is as it
 * was given. socket(7), ip(7), tcp(7). */
static void
what_is_set_is_kept(void)
{
    static const struct {
        enum tcp_option o;
        int set, got;
    } rows[] = {
        {TCP_OPT_NODELAY, 5, 1},
        {TCP_OPT_NODELAY, 0, 0},
        {TCP_OPT_CORK, -1, 1},
        {TCP_OPT_CORK, 0, 0},
        {TCP_OPT_QUICKACK, 0, 0},
        {TCP_OPT_QUICKACK, 2, 1},
        {TCP_OPT_SNDBUF, 1, 4608},
        {TCP_OPT_SNDBUF, 10000, 20000},
        {TCP_OPT_RCVBUF, 1, 1152},
        {TCP_OPT_RCVBUF, 10000, 10000},
        {TCP_OPT_MAXSEG, 500, 500},
        {TCP_OPT_KEEPALIVE, 7, 1},
        {TCP_OPT_KEEPALIVE, 0, 0},
        {TCP_OPT_KEEPIDLE, 32767, 32767},
        {TCP_OPT_KEEPINTVL, 1, 1},
        {TCP_OPT_KEEPCNT, 127, 127},
        {TCP_OPT_USER_TIMEOUT, INT32_MAX, INT32_MAX},
        {TCP_OPT_SYNCNT, 127, 127},
        {TCP_OPT_LINGER2, -5, -1},
        {TCP_OPT_LINGER2, 1000, 120},
        {TCP_OPT_LINGER2, 30, 30},
        {TCP_OPT_DEFER_ACCEPT, 255, 255},
        {TCP_OPT_WINDOW_CLAMP, 1, 1152},
        {TCP_OPT_WINDOW_CLAMP, 5000, 5000},
        {TCP_OPT_WINDOW_CLAMP, 0, 10000}, /* as much as the buffer has */
        {TCP_OPT_NOTSENT_LOWAT, 4096, 4096},
        {TCP_OPT_TOS, 0xff, 0xfc}, /* ECN's bits are TCP's own */
        {TCP_OPT_TTL, 255, 255},
        {TCP_OPT_TTL, 0, 0},
        {TCP_OPT_OOBINLINE, 9, 1},
        {TCP_OPT_MTU_DISCOVER, 2, 2},
        {TCP_OPT_RECVERR, 3, 1},
        {TCP_OPT_CUBIC, 0, 0},
        {TCP_OPT_CUBIC, 1, 1},
    };

    for (unsigned i = 0; i < LW_COUNT(rows); i++) {
        CHECK_EQ(tcp_set_option(c, rows[i].o, rows[i].set), 0);
        CHECK_EQ(get(rows[i].o), rows[i].got);
    }
}

/* What is out of bounds changes nothing. */
static void
what_is_refused_changes_nothing(void)
{
    static const struct {
        enum tcp_option o;
        int value;
    } rows[] = {
        {TCP_OPT_MAXSEG, TCP_MSS_MIN - 1},
        {TCP_OPT_MAXSEG, 32768},
        {TCP_OPT_MAXSEG, -1},
        {TCP_OPT_KEEPIDLE, 0},
        {TCP_OPT_KEEPIDLE, 32768},
        {TCP_OPT_KEEPINTVL, 0},
        {TCP_OPT_KEEPINTVL, 32768},
        {TCP_OPT_KEEPCNT, 0},
        {TCP_OPT_KEEPCNT, 128},
        {TCP_OPT_USER_TIMEOUT, -1},
        {TCP_OPT_SYNCNT, 0},
        {TCP_OPT_SYNCNT, 128},
        {TCP_OPT_DEFER_ACCEPT, -1},
        {TCP_OPT_DEFER_ACCEPT, 256},
        {TCP_OPT_TTL, -1},
        {TCP_OPT_TTL, 256},
    };
    int value = 77;

    for (unsigned i = 0; i < LW_COUNT(rows); i++) {
        int before = get(rows[i].o);

        CHECK_EQ(tcp_set_option(c, rows[i].o, rows[i].value), -EINVAL);
        CHECK_EQ(get(rows[i].o), before);
    }
    CHECK_EQ(tcp_set_option(c, TCP_OPT_COUNT, 1), -ENOPROTOOPT);
    CHECK_EQ(tcp_get_option(c, TCP_OPT_COUNT, &value), -ENOPROTOOPT);
    CHECK_EQ(value, 77);
}

/* RFC 7323 2.2: the SYN has said by how much the window is shifted, and no
 * later size offers more than can be said with it, though it holds more. */
static void
a_window_stays_within_its_shift(void)
{
    int most = 65535 << c->rcv.wscale;

    CHECK(c->rcv.wscale > 0);
    CHECK_EQ(get(TCP_OPT_RCVBUF), c->rcv.window_max); /* none was set */
    CHECK_EQ(tcp_set_option(c, TCP_OPT_RCVBUF, most + 1), 0);
    CHECK_EQ(get(TCP_OPT_RCVBUF), most + 1);
    CHECK_EQ(get(TCP_OPT_WINDOW_CLAMP), most);
    CHECK_EQ(tcp_set_option(c, TCP_OPT_WINDOW_CLAMP, most + 1), 0);
    CHECK_EQ(get(TCP_OPT_WINDOW_CLAMP), most + 1);
    CHECK_EQ(tcp_set_option(c, TCP_OPT_WINDOW_CLAMP, most - 1), 0);
    CHECK_EQ(get(TCP_OPT_WINDOW_CLAMP), most - 1);
    CHECK_EQ(tcp_set_option(c, TCP_OPT_RCVBUF, most - 1), 0);
    CHECK_EQ(get(TCP_OPT_RCVBUF), most - 1);
    CHECK_EQ(c->rcv.window_max, most - 1);
}

/* RFC 7323 2.2: towards a peer that shifts no windows a buffer of any size
 * offers what 16 bits can say. */
static void
without_a_shift_a_window_is_small(void)
{
    struct cable_config config = {.name = "wire"};
    struct tcp_end any = {{0}, 80}, to = {TCP_HOST_B, 80};
    struct tcp_listener *l;
    struct tcp_conn *caller;

    teardown();
    tcp_world_pair(&w, 1, &config);
    tcp_config(w.a.tcp)->window_scaling = false;
    CHECK_EQ(tcp_listen(w.b.tcp, any, 1, 0, nothing, NULL, &l), 0);
    CHECK_EQ(tcp_listener_set_option(l, TCP_OPT_RCVBUF, 200000), 0);
    any.port = 0;
    CHECK_EQ(tcp_connect(w.a.tcp, any, to, nothing, NULL, &caller), 0);
    tcp_world_run(&w, LW_MS);
    c = tcp_accept(l);
    REQUIRE(c != NULL);
    CHECK_EQ(c->rcv.wscale, 0);
    CHECK(c->rcv.window_max > 65535);
    CHECK_EQ(get(TCP_OPT_RCVBUF), 200000);
    CHECK_EQ(get(TCP_OPT_WINDOW_CLAMP), 65535);
    CHECK_EQ(tcp_window(c), 65535);
    CHECK_EQ(caller->snd.max_wnd, 65535);
    tcp_abort(caller);
    tcp_unlisten(l);
}

/* A connection that has ended still has options for its owner, and nothing
 * that could be shut. */
static void
the_ended_keep_theirs(void)
{
    CHECK_EQ(tcp_set_option(c, TCP_OPT_SYNCNT, 1), 0);
    tcp_world_finish(&w, 900 * LW_S);
    CHECK_EQ(tcp_state(c), TCP_CLOSED);
    CHECK_EQ(tcp_error(c), ETIMEDOUT);
    CHECK_EQ(tcp_shutdown(c), -ENOTCONN);
    CHECK_EQ(tcp_set_option(c, TCP_OPT_KEEPALIVE, 1), 0);
    CHECK_EQ(get(TCP_OPT_KEEPALIVE), 1);
    CHECK_EQ(get(TCP_OPT_SYNCNT), 1);
    CHECK_EQ(tcp_set_option(c, TCP_OPT_RCVBUF, INT32_MAX), 0);
    CHECK_EQ(get(TCP_OPT_RCVBUF), 64 << 20); /* no window, no shift */
}

static CU_TestInfo cases[] = {
    TEST(what_is_set_is_kept),
    TEST(what_is_refused_changes_nothing),
    TEST(a_window_stays_within_its_shift),
    TEST(without_a_shift_a_window_is_small),
    TEST(the_ended_keep_theirs),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_tcp_tune = {
    .pName = "tcp_tune",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
};
