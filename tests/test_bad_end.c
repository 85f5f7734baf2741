/*
 * test_bad_end.c: interference with a conversation that begins or ends, or
 * that ends because of it. No text is lost or invented, no state is left by
 * a stranger's word, and at the end nothing is left.
 */
#include "bad_fixture.h"
#include "check.h"
#include "tcp_conn.h"

#include <errno.h>
#include <string.h>

#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16
#define FIN 1

static void
teardown_ended(void)
{
    if (bad_talk.c)
        tcp_abort(bad_talk.c);
    net_run(&bad_net, 300 * LW_S);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 0);
    CHECK_EQ(pkt_pool_used(world_pool(bad_net.world)), 0);
    CHECK(timers_places(world_timers(bad_net.world)) <= bad_talk.timers);
    tcp_unlisten(bad_talk.l);
    net_close(&bad_net);
}

static void
bad_input_59_fin_ahead_of_a_hole(void)
{
    struct iovec iov = {(void *)"reply", 5};
    char buf[32];

    bad_segment(&(struct bad_seg){
        .flags = ACK | FIN, .seq = 5, .data = "world", .len = 5});
    CHECK_EQ(tcp_state(bad_talk.c), TCP_ESTABLISHED);
    CHECK_EQ(tcp_recv(bad_talk.c, buf, sizeof buf, false), -EAGAIN);
    /* A second end, elsewhere: the first one stands. */
    bad_segment(&(struct bad_seg){.flags = ACK | FIN, .seq = 3});
    bad_segment(&(struct bad_seg){.flags = ACK | FIN, .seq = 500});
    bad_text_at(10, "text behind the end");
    CHECK_EQ(tcp_state(bad_talk.c), TCP_ESTABLISHED);
    bad_text_at(0, "hello");
    CHECK_EQ(tcp_state(bad_talk.c), TCP_CLOSE_WAIT);
    CHECK(bad_received("helloworld"));
    CHECK_EQ(tcp_recv(bad_talk.c, buf, sizeof buf, false), 0);
    CHECK_EQ(bad_answer(bad_answers() - 1).ack, 11);
    /* It can still be written to. */
    CHECK_EQ(tcp_send(bad_talk.c, &iov, 1, false), 5);
    CHECK_EQ(bad_answer(bad_answers() - 1).len, 5);
}

/* The host closes first and last: TIME-WAIT. */
static struct tcp_conn *
time_wait(void)
{
    struct tcp_conn *c = bad_talk.c;

    bad_talk.c = NULL;
    tcp_close(c);
    bad_segment(&(struct bad_seg){.flags = ACK | FIN, .ack = 1});
    bad_goes_on(1);
    bad_talk.ack++;
    net_forget(&bad_net);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).time_wait, 1);
    return c;
}

static void
bad_input_59_reset_in_time_wait(void)
{
    struct tcp_conn *c = time_wait();

    bad_segment(&(struct bad_seg){.flags = RST});
    bad_segment(&(struct bad_seg){.flags = RST | ACK});
    CHECK_EQ(bad_drops("TCP_STATE"), 2); /* RFC 1337 */
    CHECK_EQ(bad_answers(), 0);
    CHECK_EQ(tcp_state(c), TCP_TIME_WAIT);
    net_run(&bad_net, 59 * LW_S);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).time_wait, 1);
}

/* Whatever comes to TIME-WAIT: no text is taken, and each gets one answer at
 * most, few of them when they are many. */
static void
bad_input_59_noise_in_time_wait(void)
{
    struct tcp_conn *c = time_wait();

    for (int i = 0; i < 100; i++) {
        bad_text_at((uint32_t)i, "late");
        bad_segment(&(struct bad_seg){.flags = ACK, .ack = 77777});
        bad_segment(&(struct bad_seg){.flags = SYN, .seq = 0U - 100});
        bad_segment(&(struct bad_seg){.flags = FIN | ACK, .seq = 0U - 1});
        CHECK(bad_answers() <= 4 * (unsigned)(i + 1));
        if (i % 32 == 31)
            net_forget(&bad_net);
    }
    CHECK_EQ(tcp_state(c), TCP_TIME_WAIT);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 1);
    net_forget(&bad_net);
}

static void
bad_input_56_noise_in_syn_sent(void)
{
    struct tcp_end any = {{0}, 0}, to = {net_ip("10.0.0.2"), 9};
    struct tcp_conn *c = NULL;
    struct bad_answer syn;

    CHECK_EQ(tcp_connect(host_tcp(bad_net.a), any, to, NULL, NULL, &c), 0);
    REQUIRE(c != NULL);
    syn = bad_answer(0);
    CHECK_EQ(syn.flags, SYN);
    net_forget(&bad_net);
    struct bad_seg s = {.sport = 9, .dport = syn.sport, .ack = syn.seq + 2};

    s.flags = RST; /* says nothing about our SYN */
    bad_segment(&s);
    CHECK_EQ(bad_answers(), 0);
    s.flags = RST | ACK; /* of what was not sent */
    bad_segment(&s);
    CHECK_EQ(bad_answers(), 0);
    s.flags = ACK;
    bad_segment(&s);
    s.flags = SYN | ACK;
    bad_segment(&s);
    CHECK_EQ(bad_answers(), 2);
    CHECK_EQ(bad_answer(0).flags, RST); /* RFC 9293 3.10.7.3 */
    CHECK_EQ(bad_answer(0).seq, syn.seq + 2);
    s.flags = FIN;
    s.data = "text";
    s.len = 4;
    bad_segment(&s);
    CHECK_EQ(bad_answers(), 2);
    CHECK_EQ(tcp_state(c), TCP_SYN_SENT);
    CHECK_EQ(bad_drops("TCP_ACK"), 3);
    tcp_close(c);
}

static void
bad_input_56_noise_in_fin_wait(void)
{
    struct tcp_conn *c = bad_talk.c;

    tcp_shutdown(c);
    net_forget(&bad_net);
    CHECK_EQ(tcp_state(c), TCP_FIN_WAIT_1);
    bad_segment(&(struct bad_seg){.flags = RST, .seq = 100});
    bad_segment(&(struct bad_seg){.flags = SYN});
    bad_segment(&(struct bad_seg){.flags = ACK, .ack = 2});
    CHECK_EQ(tcp_state(c), TCP_FIN_WAIT_1);
    CHECK_EQ(bad_answers(), 3);
    bad_segment(&(struct bad_seg){.flags = ACK, .ack = 1});
    CHECK_EQ(tcp_state(c), TCP_FIN_WAIT_2);
    bad_text_at(0, "still talking");
    CHECK(bad_received("still talking"));
    bad_goes_on(13);
    bad_segment(&(struct bad_seg){.flags = RST, .seq = 100, .ack = 1});
    bad_segment(&(struct bad_seg){.flags = FIN, .ack = 1}); /* no ACK */
    CHECK_EQ(bad_drops("TCP_NO_ACK"), 1);
    CHECK_EQ(tcp_state(c), TCP_FIN_WAIT_2);
    net_forget(&bad_net);
}

/* The one RST that must be believed. */
static void
bad_input_56_exact_reset(void)
{
    bad_segment(&(struct bad_seg){.flags = RST});
    CHECK_EQ(tcp_state(bad_talk.c), TCP_CLOSED);
    CHECK_EQ(tcp_error(bad_talk.c), ECONNRESET);
    CHECK_EQ(bad_answers(), 0);
}

static CU_TestInfo cases[] = {
    TEST(bad_input_56_noise_in_syn_sent),
    TEST(bad_input_56_noise_in_fin_wait),
    TEST(bad_input_56_exact_reset),
    TEST(bad_input_59_fin_ahead_of_a_hole),
    TEST(bad_input_59_reset_in_time_wait),
    TEST(bad_input_59_noise_in_time_wait),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_end = {.pName = "bad_end",
    .pSetUpFunc = bad_open,
    .pTearDownFunc = teardown_ended,
    .pTests = cases};
