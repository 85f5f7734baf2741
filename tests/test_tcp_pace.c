/*
 * test_tcp_pace.c: is what may be sent spread over time (tcp_pace.c)? The
 * dialogues see each segment at its nanosecond; the transfers count what
 * leaves in any second.
 */
#include "check.h"
#include "dialog.h"
#include "tcp_conn.h"
#include "tcp_fixture.h"

#include <string.h>

/* Ten segments may be out; no round trip has taken any time. */
#define OPEN                                                                   \
    "listen 1\n"                                                               \
    "< S 0:0(0) win 60000 <mss 1000>\n"                                        \
    "> S. 0:0(0) ack 1\n"                                                      \
    "< . 1:1(0) ack 1 win 60000\n"                                             \
    "accept\n"

static bool walked[64];

#define PLAY(question, script)                                                 \
    dialog_play(__FILE__, __LINE__, walked, question, script)

static void
waits_for_its_turn(void)
{
    PLAY("does each segment wait until the one before it has taken its time?",
        OPEN "pace 100000\n"
             "write 3500\n"
             "> . 1:1001(1000) ack 1\n"
             "by TCP_PACE\n"
             "+0.01 > . 1001:2001(1000) ack 1\n"
             "+0.01 > . 2001:3001(1000) ack 1\n"
             "+0.01 > P. 3001:3501(500) ack 1\n"
             "noted TCP_EXPIRED 3\n"
             "write 100\n"
             "< . 1:1(0) ack 3501 win 60000\n"
             "+0.005 > P. 3501:3601(100) ack 1\n"
             "+0.001\n"
             "< . 1:1(0) ack 3601 win 60000\n"
             "write 100\n" /* whose turn came while nobody had anything */
             "> P. 3601:3701(100) ack 1\n");
}

static void
spares_who_was_silent(void)
{
    PLAY("does a silence let the second segment leave sooner, by half of its "
         "time at most?",
        OPEN "pace 100000\n"
             "+5\n"
             "write 3000\n"
             "> . 1:1001(1000) ack 1\n"
             "+0.005 > . 1001:2001(1000) ack 1\n"
             "+0.01 > P. 2001:3001(1000) ack 1\n");
}

static void
changes_on_the_way(void)
{
    PLAY("does another rate hold from the next segment on, and a higher one "
         "for the rest of the wait?",
        OPEN "pace 100000\n"
             "write 7000\n"
             "> . 1:1001(1000) ack 1\n"
             "pace 50000\n" /* what has left was paid for */
             "+0.01 > . 1001:2001(1000) ack 1\n"
             "+0.02 > . 2001:3001(1000) ack 1\n"
             "+0.01 pace 100000\n" /* half is left: it takes half as long */
             "+0.005 > . 3001:4001(1000) ack 1\n"
             "+0.01 > . 4001:5001(1000) ack 1\n"
             "pace 0\n" /* as in Linux: none */
             "> . 5001:6001(1000) ack 1\n"
             "> P. 6001:7001(1000) ack 1\n");
}

static void
counts_what_goes_again(void)
{
    PLAY("does what is sent again take its time, too?",
        OPEN "pace 10000\n"
             "write 2000\n"
             "> . 1:1001(1000) ack 1\n"
             "+0.1 > P. 1001:2001(1000) ack 1\n"
             "+0.1 > . 1:1001(1000) ack 1\n" /* the timeout of 0.2 s */
             "because TCP_RETRANSMIT_RTO\n"
             "write 1000\n"
             "< . 1:1(0) ack 2001 win 60000\n"
             "+0.1 > P. 2001:3001(1000) ack 1\n"
             "< . 1:1(0) ack 3001 win 60000\n");
}

static void
watches_what_is_not_lost(void)
{
    PLAY("is there a timer when what waits to go again was not lost at all?",
        "sysctl rack 0\n"
        "listen 1\n"
        "< S 0:0(0) win 60000 <mss 1000,nop,nop,sackOK>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 60000\n"
        "accept\n"
        "pace 6000\n"
        "write 2000\n"
        "> . 1:1001(1000) ack 1\n"
        "+0.166666666 > P. 1001:2001(1000) ack 1\n"
        "+0.08 < . 1:1(0) ack 1 win 60000 <sack 1001:2001>\n" /* F-RTO */
        "noted TCP_UNDO 1\n"
        "+0.21 > . 1:1001(1000) ack 1\n");
}

static void
spreads_a_recovery(void)
{
    PLAY("do three that are lost go again one by one, each in its turn?",
        "listen 1\n"
        "< S 0:0(0) win 60000 <mss 1000,nop,nop,sackOK>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 60000\n"
        "accept\n"
        "pace 100000\n"
        "write 6000\n"
        "> . 1:1001(1000) ack 1\n"
        "+0.01 > . 1001:2001(1000) ack 1\n"
        "+0.01 > . 2001:3001(1000) ack 1\n"
        "+0.01 > . 3001:4001(1000) ack 1\n"
        "+0.01 > . 4001:5001(1000) ack 1\n"
        "+0.01 > P. 5001:6001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 60000 <nop,nop,sack 3001:6001>\n"
        "+0.01 > . 1:1001(1000) ack 1\n"
        "+0.01 > . 1001:2001(1000) ack 1\n"
        "+0.01 > . 2001:3001(1000) ack 1\n"
        "+0.008 < . 1:1(0) ack 6001 win 60000\n"
        "write 1000\n"
        "+0.002 > P. 6001:7001(1000) ack 1\n");
}

static void
stands_before_a_shut_window(void)
{
    PLAY("is a window that shuts while a segment waits probed as ever, and "
         "text sent when it opens, but not before its turn?",
        OPEN "pace 1000\n"
             "write 2000\n"
             "> . 1:1001(1000) ack 1\n"
             "< . 1:1(0) ack 1001 win 0\n"
             "+0.2 > . 1000:1000(0) ack 1\n"
             "because TCP_PERSIST\n"
             "< . 1:1(0) ack 1001 win 60000\n"
             "+0.8 > P. 1001:2001(1000) ack 1\n");
}

static void
closes_when_all_has_left(void)
{
    PLAY("does a program that closes still have its text sent at its rate, "
         "and the FIN with the last of it?",
        OPEN "pace 100000\n"
             "write 2500\n"
             "> . 1:1001(1000) ack 1\n"
             "close\n"
             "state FIN-WAIT-1\n"
             "+0.01 > . 1001:2001(1000) ack 1\n"
             "+0.01 > FP. 2001:2501(500) ack 1\n"
             "< F. 1:1(0) ack 2502 win 60000\n"
             "> . 2502:2502(0) ack 2\n"
             "+60\n"
             "conns 0\n");
}

static void
ends_at_once(void)
{
    PLAY("does an abort not wait, and leave no timer behind?",
        OPEN "pace 1000\n"
             "write 2500\n"
             "> . 1:1001(1000) ack 1\n"
             "abort\n"
             "> R. 1001:1001(0) ack 1\n"
             "conns 0\n"
             "+3\n");
}

static void
resets_take_no_turn(void)
{
    PLAY("does a RST of the peer end one that waits?",
        OPEN "pace 1000\n"
             "write 2500\n"
             "> . 1:1001(1000) ack 1\n"
             "< R 1:1(0)\n"
             "state CLOSED\n"
             "error ECONNRESET\n"
             "close\n"
             "conns 0\n"
             "+3\n");
}

static void
lets_acks_pass(void)
{
    PLAY("does an ACK wait for nobody's turn?",
        OPEN "pace 1000\n"
             "write 1500\n"
             "> . 1:1001(1000) ack 1\n"
             "< P. 1:1001(1000) ack 1 win 60000\n"
             "> . 1001:1001(0) ack 1001\n"
             "< . 1001:1001(0) ack 1001 win 60000\n"
             "+1 > P. 1001:1501(500) ack 1001\n");
}

static void
spreads_a_window(void)
{
    PLAY("does a host told to pace spread windows over round trips: twice as "
         "fast in slow start, after ten segments, in bursts of two?",
        "sysctl pacing 1\n"
        "listen 1\n"
        "< S 0:0(0) win 60000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "+0.1 < . 1:1(0) ack 1 win 60000\n"
        "accept\n"
        "write 14000\n"
        "> . 1:1001(1000) ack 1\n> P. 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n> P. 3001:4001(1000) ack 1\n"
        "> . 4001:5001(1000) ack 1\n> P. 5001:6001(1000) ack 1\n"
        "> . 6001:7001(1000) ack 1\n> P. 7001:8001(1000) ack 1\n"
        "> . 8001:9001(1000) ack 1\n> P. 9001:10001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 2001 win 60000\n" /* 12 in 0.1 s, twice: 240000 */
        "> . 10001:11001(1000) ack 1\n> P. 11001:12001(1000) ack 1\n"
        "by TCP_PACE\n" /* 2000 bytes take 8.3 ms, half of it forgiven */
        "< . 1:1(0) ack 4001 win 60000\n"
        "+0.004166667 > . 12001:13001(1000) ack 1\n"
        "> P. 13001:14001(1000) ack 1\n");
}

/* --- whole transfers ----------------------------------------------------- */

static void
nothing(void *owner)
{
    (void)owner;
}

static void
write_all(void *owner)
{
    static const uint8_t text[16384];
    struct iovec iov = {(void *)text, sizeof text};

    while (tcp_send(owner, &iov, 1, false) > 0)
        ;
}

static void
read_all(void *owner)
{
    while (tcp_recv(owner, NULL, 1 << 20, false) > 0)
        ;
}

struct transfer {
    struct tcp_world w;
    struct tcp_listener *l;
    struct tcp_conn *from, *to;
};

static void
transfer_begin(struct transfer *t, double loss)
{
    struct cable_config config = {
        .name = "wire", .delay_ns = 5 * LW_MS, .faults.loss = loss};
    struct tcp_end any = {{0}, 80}, to = {TCP_HOST_B, 80};

    tcp_world_pair(&t->w, 1, &config);
    CHECK_EQ(tcp_listen(t->w.b.tcp, any, 1, 0, nothing, NULL, &t->l), 0);
    any.port = 0;
    CHECK_EQ(tcp_connect(t->w.a.tcp, any, to, nothing, NULL, &t->from), 0);
    tcp_world_run(&t->w, 5 * LW_S);
    t->to = tcp_accept(t->l);
    REQUIRE(t->to != NULL);
    tcp_set_owner(t->from, write_all, t->from);
    tcp_set_owner(t->to, read_all, t->to);
}

static void
transfer_end(struct transfer *t)
{
    tcp_abort(t->from);
    tcp_abort(t->to);
    tcp_unlisten(t->l);
    tcp_world_close(&t->w);
}

/* Bytes of text that leave in the next second. */
static uint64_t
in_a_second(struct transfer *t)
{
    uint64_t before = tcp_facts(t->from).bytes_sent;

    tcp_world_run(&t->w, LW_S);
    return tcp_facts(t->from).bytes_sent - before;
}

static void
check_second(struct transfer *t, uint64_t rate)
{
    uint64_t sent = in_a_second(t), mss = tcp_facts(t->from).snd_mss;

    CHECK(sent + mss >= rate);
    CHECK(sent <= rate + mss);
}

static void
a_second_holds_the_rate(void)
{
    static const uint64_t rates[] = {20000, 100000, 654321, 1234567};

    for (unsigned i = 0; i < LW_COUNT(rates); i++) {
        struct transfer t;

        transfer_begin(&t, 0);
        CHECK_EQ(tcp_set_pacing_rate(t.from, rates[i]), 0);
        write_all(t.from);
        tcp_world_run(&t.w, LW_S); /* its window opens */
        for (unsigned s = 0; s < 5; s++)
            check_second(&t, rates[i]);
        CHECK_EQ(tcp_facts(t.from).max_pacing_rate, rates[i]);
        CHECK_EQ(tcp_facts(t.from).pacing_rate, rates[i]);
        transfer_end(&t);
    }
}

static void
a_second_holds_the_rate_changed(void)
{
    struct transfer t;

    transfer_begin(&t, 0);
    CHECK_EQ(tcp_set_pacing_rate(t.from, 500000), 0);
    write_all(t.from);
    tcp_world_run(&t.w, LW_S);
    check_second(&t, 500000);
    CHECK_EQ(tcp_set_pacing_rate(t.from, 50000), 0);
    check_second(&t, 50000);
    CHECK_EQ(tcp_set_pacing_rate(t.from, 700000), 0);
    check_second(&t, 700000);
    CHECK_EQ(tcp_set_pacing_rate(t.from, UINT64_MAX), 0);
    CHECK(in_a_second(&t) > 2000000);
    transfer_end(&t);
}

/* With one in thirty lost: whatever goes again, no second holds more. */
static void
a_second_holds_no_more_with_losses(void)
{
    struct transfer t;
    uint64_t sent, mss, sum = 0;

    transfer_begin(&t, 0.033);
    CHECK_EQ(tcp_set_pacing_rate(t.from, 100000), 0);
    mss = tcp_facts(t.from).snd_mss;
    write_all(t.from);
    for (unsigned s = 0; s < 30; s++) {
        sent = in_a_second(&t);
        CHECK(sent <= 100000 + 2 * mss); /* a probe for the tail goes early */
        sum += sent;
    }
    CHECK(tcp_facts(t.from).retransmits > 20);
    CHECK(sum > 20 * 100000);
    transfer_end(&t);
}

/* Nobody who does not ask is paced, but the rate is told. */
static void
tells_the_rate_of_the_window(void)
{
    struct transfer t;
    struct tcp_facts f;

    transfer_begin(&t, 0);
    CHECK(!t.from->paced);
    CHECK_EQ(tcp_set_pacing_rate(t.from, UINT64_MAX), 0);
    CHECK(!t.from->paced);
    f = tcp_facts(t.from);
    CHECK(f.max_pacing_rate == UINT64_MAX);
    CHECK_EQ(f.srtt, 10 * LW_MS);
    CHECK_EQ(f.pacing_rate, f.cwnd * 2ull * 100); /* twice in 10 ms */
    transfer_end(&t);
}

static CU_TestInfo cases[] = {
    TEST(waits_for_its_turn),
    TEST(spares_who_was_silent),
    TEST(changes_on_the_way),
    TEST(counts_what_goes_again),
    TEST(watches_what_is_not_lost),
    TEST(spreads_a_recovery),
    TEST(stands_before_a_shut_window),
    TEST(closes_when_all_has_left),
    TEST(ends_at_once),
    TEST(resets_take_no_turn),
    TEST(lets_acks_pass),
    TEST(spreads_a_window),
    TEST(a_second_holds_the_rate),
    TEST(a_second_holds_the_rate_changed),
    TEST(a_second_holds_no_more_with_losses),
    TEST(tells_the_rate_of_the_window),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_tcp_pace = {.pName = "tcp_pace", .pTests = cases};
