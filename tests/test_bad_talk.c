/*
 * test_bad_talk.c: somebody interferes with a conversation: he knows its
 * addresses and ports, perhaps its numbers, or he is the peer himself and
 * does not keep to the rules. The honest text must still come through, right
 * and once, and nobody may make the host talk more than it should.
 */
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"
#include "tcp_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16
#define URG 32
#define FIN 1

static void
teardown(void)
{
    bad_settles(300 * LW_S);
    bad_close();
}

/* --- 54: where the window ends ------------------------------------------- */

/* Fills the window to its last byte but `left`; true: all was taken. */
static uint32_t
fill(uint32_t left)
{
    static uint8_t zeros[1400];
    uint32_t window = bad_talk.c->rcv.adv.v - bad_talk.seq, done = 0;

    while (done < window - left) {
        uint32_t n = window - left - done;

        n = n < sizeof zeros ? n : sizeof zeros;
        bad_segment(&(struct bad_seg){
            .flags = ACK, .seq = done, .data = zeros, .len = n});
        done += n;
    }
    bad_goes_on(done);
    net_forget(&bad_net);
    CHECK_EQ(tcp_readable(bad_talk.c), done);
    return done;
}

/* The program reads that many bytes and no more. */
static void
drain(uint32_t want)
{
    static uint8_t buf[70000];
    uint32_t got = 0;
    int64_t n;

    while ((n = tcp_recv(bad_talk.c, buf, sizeof buf, false)) > 0)
        got += (uint32_t)n;
    CHECK_EQ(n, -EAGAIN);
    CHECK_EQ(got, want);
    world_settle(bad_net.world);
}

static void
bad_input_54_text_across_the_right_edge(void)
{
    uint32_t all = fill(4);

    bad_text_at(0, "12345678");
    CHECK_EQ(tcp_readable(bad_talk.c), all + 4);
    net_run(&bad_net, 50 * LW_MS);
    CHECK_EQ(bad_answers(), 1);
    CHECK_EQ(bad_answer(0).ack, 4);
    CHECK_EQ(bad_answer(0).window, 0);
    bad_goes_on(4);
    drain(all + 4);
}

static void
bad_input_54_text_into_a_full_buffer(void)
{
    uint32_t all = fill(0);

    for (int i = 0; i < 50; i++)
        bad_text_at(0, "x"); /* each is a probe, and wants an answer */
    CHECK_EQ(bad_answers(), 50);
    for (unsigned i = 0; i < 50; i++) {
        CHECK_EQ(bad_answer(i).ack, 0);
        CHECK_EQ(bad_answer(i).window, 0);
        CHECK_EQ(bad_answer(i).len, 0);
    }
    bad_text_at(1000, "beyond");
    CHECK_EQ(bad_drops("TCP_WINDOW"), 1);
    drain(all);
}

static void
bad_input_54_fin_past_the_right_edge(void)
{
    uint32_t all = fill(4);

    bad_segment(
        &(struct bad_seg){.flags = ACK | FIN, .data = "12345678", .len = 8});
    CHECK_EQ(tcp_state(bad_talk.c), TCP_ESTABLISHED); /* it was cut off */
    bad_goes_on(4);
    drain(all + 4);
}

/* --- 55: pieces ---------------------------------------------------------- */

static void
bad_input_55_overlap_with_different_bytes(void)
{
    bad_text_at(4, "EFGH");
    bad_text_at(2, "xxxx"); /* two new bytes, two that differ */
    bad_text_at(6, "yyyy"); /* the same at the other end */
    bad_text_at(3, "zz");
    bad_text_at(0, "ab");
    CHECK(bad_received("abxxEFGHyy"));
    bad_goes_on(10);
}

static void
bad_input_55_old_bytes_changed(void)
{
    bad_text_at(0, "truth");
    CHECK(bad_received("truth"));
    bad_text_at(0, "LIES!and more");
    CHECK(bad_received("and more"));
    bad_goes_on(13);
    bad_text_at(0U - 13, "LIES!");
    bad_text_at(0U - 40, "a lie that is much longer");
    CHECK_EQ(bad_drops("TCP_DUPLICATE"), 2);
}

/* The connection begins at 2^32 - 2: each of these lies across the wrap of
 * what it has to do with, in one order or the other. */
static void
bad_input_55_numbers_that_wrap(void)
{
    bad_talk.c->rcv.nxt.v = bad_talk.c->rcv.irs.v = 0xfffffff0;
    bad_talk.c->rcv.adv.v = 0xfffffff0 + 60000;
    bad_talk.c->snd.wl1.v = 0xffffffef;
    bad_talk.c->ts.last_ack_sent.v = 0xfffffff0;
    bad_talk.seq = 0xfffffff0;
    bad_text_at(20, "uvwxyz");      /* after the wrap */
    bad_text_at(8, "ijklmnopqrst"); /* across it */
    bad_text_at(0, "abcdefgh");
    CHECK(bad_received("abcdefghijklmnopqrstuvwxyz"));
    bad_goes_on(26);
    bad_text_at(0x80000000, "half the numbers away");
    bad_text_at(0x7fffffff, "and one less");
    CHECK_EQ(bad_drops("TCP_WINDOW") + bad_drops("TCP_DUPLICATE"), 2);
}

/* --- 56: forged control -------------------------------------------------- */

static void
bad_input_56_blind_reset(void)
{
    for (uint32_t seq = 1; seq < 70000; seq += 1000)
        bad_segment(&(struct bad_seg){.flags = RST, .seq = seq});
    bad_segment(&(struct bad_seg){.flags = RST, .seq = 0U - 1});
    bad_segment(&(struct bad_seg){.flags = RST | ACK, .seq = 0x80000000});
    CHECK_EQ(bad_drops("TCP_WINDOW"), 72);
    CHECK(bad_answers() >= 1 && bad_answers() <= 15); /* RFC 5961 10 */
    CHECK_EQ(bad_answer(0).flags, ACK);
    CHECK_EQ(bad_answer(0).ack, 0);
}

static void
bad_input_56_blind_syn(void)
{
    for (uint32_t seq = 0; seq < 200000; seq += 1000)
        bad_segment(&(struct bad_seg){.flags = SYN, .seq = seq});
    CHECK(bad_answers() >= 1 && bad_answers() <= 15);
    CHECK_EQ(bad_answer(0).flags, ACK);
}

static void
bad_input_56_ancient_ack(void)
{
    bad_segment(&(struct bad_seg){
        .flags = ACK | PSH, .ack = 0U - 70000, .data = "forged", .len = 6});
    CHECK_EQ(bad_drops("TCP_ACK"), 1);
    CHECK(!bad_received("forged"));
    CHECK_EQ(bad_answers(), 1);
}

/* Two ends that each believe the other wrong must not talk for ever. */
static void
bad_input_56_ack_of_what_was_not_sent(void)
{
    for (int i = 0; i < 1000; i++)
        bad_segment(&(struct bad_seg){.flags = ACK, .ack = 1000});
    CHECK_EQ(bad_drops("TCP_ACK"), 1000);
    CHECK(bad_answers() >= 1 && bad_answers() <= 15);
    CHECK_EQ(bad_answer(0).flags, ACK);
    CHECK_EQ(bad_answer(0).seq, 0);
}

/* Savage and others 1999: the receiver acknowledges what is on the way. */
static void
bad_input_56_optimistic_ack(void)
{
    uint32_t before, after;

    bad_host_writes(20000);
    before = bad_talk.c->cc.cwnd;
    for (uint32_t ack = 1; ack < 20; ack++)
        bad_segment(&(struct bad_seg){.flags = ACK,
            .ack = bad_talk.c->snd.nxt.v - bad_talk.ack + ack * 536});
    after = bad_talk.c->cc.cwnd;
    CHECK_EQ(after, before);
    CHECK_EQ(bad_drops("TCP_ACK"), 19);
    net_forget(&bad_net);
    bad_peer_takes_all();
}

/* A thousand ACKs for what one would do: the window counts bytes. */
static void
bad_input_56_ack_splitting(void)
{
    uint32_t before, acked = 2 * 536;

    bad_host_writes(20000);
    before = bad_talk.c->cc.cwnd;
    for (uint32_t ack = 1; ack <= acked; ack++) {
        bad_segment(&(struct bad_seg){.flags = ACK, .ack = ack});
        net_forget(&bad_net);
    }
    CHECK(bad_talk.c->cc.cwnd <= before + acked + 536);
    bad_peer_takes_all();
}

/* Each duplicate says that a segment has left the network; there were only
 * so many (RFC 5681 3.2, the note to step 4). */
static void
bad_input_56_duplicate_ack_spoofing(void)
{
    uint32_t flight;

    bad_host_writes(60000);
    flight = tcp_flight(bad_talk.c);
    net_forget(&bad_net);
    for (int i = 0; i < 200; i++)
        bad_segment(&(struct bad_seg){.flags = ACK});
    CHECK_EQ(bad_talk.c->cc.recovery, REC_FAST);
    CHECK(tcp_flight(bad_talk.c) <= 2 * flight + 3 * 536);
    CHECK(bad_answers() <= flight / 536 + 6);
    bad_peer_takes_all();
}

/* --- 57: urgent ---------------------------------------------------------- */

/* This text has come, or all of it but the one urgent byte. */
static bool
received_but_one(const char *text)
{
    char buf[64];
    int64_t n = 0, k;
    size_t missing = 0;

    while (
        (k = tcp_recv(bad_talk.c, buf + n, sizeof buf - (size_t)n, false)) > 0)
        n += k;
    for (int64_t i = 0; i < n; text++)
        if (*text && buf[i] != *text)
            missing++;
        else if (*text)
            i++;
        else
            return false;
    return missing + strlen(text) <= 1;
}

static void
bad_input_57_urgent_pointers(void)
{
    static const unsigned pointers[] = {0, 1, 5, 6, 1000, 32768, 65535};

    for (unsigned i = 0; i < LW_COUNT(pointers); i++) {
        bad_segment(&(struct bad_seg){.flags = ACK | URG,
            .urgent = pointers[i],
            .data = "hello",
            .len = 5});
        CHECK(received_but_one("hello")); /* the rest in its place */
        bad_goes_on(5);
        bad_segment(&(struct bad_seg){/* without a text */
            .flags = ACK | URG,
            .urgent = pointers[i]});
        bad_segment(&(struct bad_seg){/* without the flag */
            .flags = ACK,
            .urgent = pointers[i]});
    }
    CHECK_EQ(tcp_state(bad_talk.c), TCP_ESTABLISHED);
    bad_segment(
        &(struct bad_seg){.flags = SYN | URG, .sport = 4001, .urgent = 65535});
    CHECK_EQ(bad_answer(bad_answers() - 1).flags, SYN | ACK);
    net_forget(&bad_net);
}

static CU_TestInfo cases[] = {
    TEST(bad_input_54_text_across_the_right_edge),
    TEST(bad_input_54_text_into_a_full_buffer),
    TEST(bad_input_54_fin_past_the_right_edge),
    TEST(bad_input_55_overlap_with_different_bytes),
    TEST(bad_input_55_old_bytes_changed),
    TEST(bad_input_55_numbers_that_wrap),
    TEST(bad_input_56_blind_reset),
    TEST(bad_input_56_blind_syn),
    TEST(bad_input_56_ancient_ack),
    TEST(bad_input_56_ack_of_what_was_not_sent),
    TEST(bad_input_56_optimistic_ack),
    TEST(bad_input_56_ack_splitting),
    TEST(bad_input_56_duplicate_ack_spoofing),
    TEST(bad_input_57_urgent_pointers),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_talk = {.pName = "bad_talk",
    .pSetUpFunc = bad_open,
    .pTearDownFunc = teardown,
    .pTests = cases};
