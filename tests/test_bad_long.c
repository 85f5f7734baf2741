/*
 * test_bad_long.c: interference that takes many segments or much time:
 * selective acknowledgments that lie, timestamps that turn, windows that shut
 * and stay so, thousands of crumbs. Every queue has a limit and every wait an
 * end, and the honest text still comes through.
 */
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"
#include "tcp_conn.h"

#include <errno.h>
#include <string.h>

#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16
#define FIN 1

static const uint8_t syn_sack[4] = {1, 1, 4, 2};

/* A timestamp option, and "selective acknowledgments are welcome". */
static void
put_ts(uint8_t *o, uint32_t tsval, bool syn)
{
    struct writer w = writer_of(o, 12);

    put_be16(&w, syn ? 0x0402 : 0x0101);
    put_be16(&w, 0x080a);
    put_be32(&w, tsval);
    put_be32(&w, 0);
}

static void
peer_says(uint32_t ack, int window)
{
    bad_segment(&(struct bad_seg){
        .flags = ACK, .ack = ack, .window = window ? window : -1});
}

static uint32_t
all_out(void)
{
    return bad_talk.c->snd.nxt.v - bad_talk.ack;
}

static void
serves(void)
{
    bad_settles(300 * LW_S);
    bad_close();
}

/* --- 58: SACK ------------------------------------------------------------ */

/* An ACK of nothing new that reports this range, relative to SND.UNA. */
static void
peer_has(uint32_t from, uint32_t to)
{
    uint8_t o[12];
    struct writer w = writer_of(o, sizeof o);

    put_be32(&w, 0x0101050a);
    put_be32(&w, bad_talk.c->snd.una.v + from);
    put_be32(&w, bad_talk.c->snd.una.v + to);
    bad_segment(&(struct bad_seg){.flags = ACK,
        .ack = bad_talk.c->snd.una.v - bad_talk.ack,
        .options = o,
        .noptions = 12});
}

static void
bad_input_58_sack_of_impossible_length(void)
{
    bad_open_with(syn_sack, 4, 0);
    bad_host_writes(3000);
    net_forget(&bad_net);
    for (uint8_t len = 2; len <= 40; len++) {
        uint8_t o[40] = {5, len};

        if (len == 10 || len == 18 || len == 26 || len == 34)
            continue;
        bad_segment(
            &(struct bad_seg){.flags = ACK, .options = o, .noptions = 40});
    }
    CHECK_EQ(bad_drops("TCP_OFFSET"), 35);
    CHECK_EQ(bad_answers(), 0);
    bad_peer_takes_all();
    serves();
}

static void
bad_input_58_sack_blocks_that_lie(void)
{
    uint32_t out;

    bad_open_with(syn_sack, 4, 0);
    bad_host_writes(8000);
    out = all_out();
    net_forget(&bad_net);
    for (int i = 0; i < 20; i++) {
        peer_has(1072, 536);            /* ends before it begins */
        peer_has(536, 536);             /* is empty */
        peer_has(0U - 5000, 0U - 4000); /* long acknowledged */
        peer_has(0U - 5000, 100000);    /* everything */
        peer_has(out, out + 1000);      /* not sent yet */
        peer_has(0, 536);               /* what it says it lacks */
        peer_has(0x7fffffff, 0x80000001);
    }
    CHECK_EQ(bad_talk.c->sent->sacked, 0);
    CHECK_EQ(bad_talk.c->cc.recovery, REC_OPEN);
    CHECK_EQ(bad_answers(), 0); /* no retransmission, no answer */
    bad_peer_takes_all();
    serves();
}

/* The peer takes back what it said it had (RFC 2018 8). */
static void
bad_input_58_sack_reneging(void)
{
    uint32_t out;

    bad_open_with(syn_sack, 4, 0);
    bad_host_writes(4000);
    out = all_out();
    peer_has(536, out);
    net_run(&bad_net, 100 * LW_MS);
    peer_says(536, 60000); /* the hole is filled, and no more? */
    net_run(&bad_net, 20 * LW_S);
    net_forget(&bad_net);
    for (int i = 0; i < 10; i++)
        net_run(&bad_net, 60 * LW_S);
    CHECK_EQ(bad_answer(0).seq, 536); /* sent again, from there on */
    bad_peer_takes_all();
    serves();
}

/* --- 58: timestamps ------------------------------------------------------ */

static void
text_with(uint32_t tsval, uint32_t seq, const char *text)
{
    uint8_t o[12];

    put_ts(o, tsval, false);
    bad_segment(&(struct bad_seg){.flags = ACK | PSH,
        .seq = seq,
        .options = o,
        .noptions = 12,
        .data = text,
        .len = strlen(text)});
}

static void
bad_input_58_timestamps_that_wrap(void)
{
    uint8_t o[12];

    put_ts(o, 0xfffffff0, true);
    bad_open_with(o, 12, 0xfffffff0);
    text_with(0xfffffffe, 0, "before");
    text_with(3, 6, "after"); /* later, though the number is smaller */
    CHECK(bad_received("beforeafter"));
    bad_talk.seq += 11;
    text_with(0xfffffffe, 0, "from the past");
    CHECK_EQ(bad_drops("TCP_PAWS"), 1);
    bad_talk.tsval = 3;
    serves();
}

static void
bad_input_58_timestamps_from_the_past(void)
{
    uint8_t o[12];

    put_ts(o, 1000000, true);
    bad_open_with(o, 12, 1000000);
    for (uint32_t i = 1; i <= 500; i++) {
        text_with(1000000 - i, 0, "old");
        if (i % 100 == 0)
            CHECK(bad_answers() <= 15); /* no storm of answers either */
    }
    bad_segment(&(struct bad_seg){/* none at all: RFC 7323 3.2 */
        .flags = ACK,
        .data = "none",
        .len = 4});
    CHECK_EQ(bad_drops("TCP_PAWS"), 501);
    CHECK(bad_answers() >= 1);
    CHECK_EQ(tcp_readable(bad_talk.c), 0);
    serves();
}

/* --- 60: windows --------------------------------------------------------- */

/* RFC 9293 3.8.6.1, MUST-37: as long as it answers, it may wait. */
static void
bad_input_60_zero_window_for_ever(void)
{
    uint32_t before;
    unsigned probes = 0;

    bad_open();
    peer_says(0, 0);
    bad_host_writes(50000);
    before = bad_talk.c->sum.segments_out;
    for (int minute = 0; minute < 24 * 60; minute++) {
        net_run(&bad_net, 60 * LW_S);
        probes += bad_answers();
        if (bad_answers() > 0)
            peer_says(0, 0);
        net_forget(&bad_net);
        if (minute % 60 == 59)
            recorder_clear(&bad_net.rec);
    }
    CHECK_EQ(tcp_state(bad_talk.c), TCP_ESTABLISHED);
    CHECK(probes > 600 && probes < 1500); /* one in two minutes, at most */
    CHECK_EQ(bad_talk.c->sum.segments_out - before, probes);
    CHECK_EQ(pkt_pool_used(world_pool(bad_net.world)), 0);
    bad_peer_takes_all();
    serves();
}

/* Sockstress: many such peers, and a program that has let go of them. */
static void
bad_input_60_sockstress(void)
{
    bad_open();
    for (unsigned port = 5000; port < 5060; port++) {
        struct iovec iov = {(void *)"an answer", 9};
        struct bad_seg s = {.flags = SYN, .sport = port, .window = -1};
        struct tcp_conn *c;

        net_forget(&bad_net);
        bad_segment(&s);
        s = (struct bad_seg){.flags = ACK,
            .sport = port,
            .window = -1,
            .seq = 1,
            .ack = bad_answer(0).seq + 1,
            .data = "GET",
            .len = 3};
        bad_segment(&s);
        c = tcp_accept(bad_talk.l);
        REQUIRE(c != NULL);
        tcp_set_owner(c, NULL, NULL);
        CHECK_EQ(tcp_recv(c, (char[8]){0}, 8, false), 3);
        CHECK_EQ(tcp_send(c, &iov, 1, false), 9);
        tcp_close(c); /* nobody waits for the rest */
    }
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 61);
    for (int minute = 0; minute < 30; minute++) {
        for (int i = 0; i < 60; i++) {
            net_run(&bad_net, LW_S);
            /* Each probe is answered: the window is still shut. */
            for (unsigned n = 0; n < bad_answers() && minute < 3; n++) {
                struct bad_answer a = bad_answer(n);
                struct bad_seg s = {.flags = ACK,
                    .sport = a.dport,
                    .window = -1,
                    .seq = 4,
                    .ack = a.seq + 1};

                if (a.flags & ACK)
                    bad_segment(&s);
                if (bad_answers() > 200)
                    break;
            }
            net_forget(&bad_net);
        }
        recorder_clear(&bad_net.rec);
    }
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 1);
    serves();
}

static void
bad_input_60_window_shrinks(void)
{
    bad_open();
    bad_host_writes(20000);
    peer_says(536, 1); /* what is out reaches far beyond that now */
    peer_says(536, 0);
    net_run(&bad_net, 30 * LW_S);
    CHECK_EQ(tcp_state(bad_talk.c), TCP_ESTABLISHED); /* MUST-34 */
    net_forget(&bad_net);
    bad_peer_takes_all();
    serves();
}

/* MUST-38: a window of one byte is not an order for one byte. */
static void
bad_input_60_windows_of_one_byte(void)
{
    unsigned segments = 0, bytes = 0;

    bad_open();
    peer_says(0, 1);
    bad_host_writes(2000);
    for (int i = 0; i < 200; i++) {
        net_run(&bad_net, 10 * LW_MS);
        for (unsigned n = 0; n < bad_answers(); n++) {
            segments += bad_answer(n).len > 0;
            bytes += bad_answer(n).len;
        }
        net_forget(&bad_net);
        peer_says(all_out(), 1); /* and another one */
    }
    CHECK(segments <= 12); /* in two seconds */
    CHECK(bytes <= 12);
    bad_talk.ack = bad_talk.c->snd.una.v;
    bad_peer_takes_all();
    serves();
}

/* --- 60: crumbs ---------------------------------------------------------- */

/* Every second byte of the window, then those between. */
static void
bad_input_60_thousands_of_tiny_pieces(void)
{
    unsigned most = 0, answers = 0;
    char buf[256];

    bad_open_with(syn_sack, 4, 0);
    for (uint32_t at = 1; at < 30000; at += 2) {
        bad_segment(
            &(struct bad_seg){.flags = ACK, .seq = at, .data = "x", .len = 1});
        if (most < pkt_pool_used(world_pool(bad_net.world)))
            most = pkt_pool_used(world_pool(bad_net.world));
        answers += bad_answers();
        net_forget(&bad_net);
        if (at % 1000 == 1)
            recorder_clear(&bad_net.rec);
    }
    CHECK(most <= 256);
    CHECK(bad_talk.c->reasm->count <= 256);
    CHECK(bad_talk.c->reasm->memory <= 2 * bad_talk.c->rcv.window_max + 65536);
    CHECK(answers <= 15000); /* one each, as RFC 5681 4.2 has it */
    recorder_clear(&bad_net.rec);
    bad_segment(
        &(struct bad_seg){.flags = ACK, .seq = 40001, .data = "y", .len = 1});
    CHECK_EQ(bad_drops("TCP_MEMORY"), 1); /* the journal says why */
    for (uint32_t at = 0; at < 100; at += 2)
        bad_segment(
            &(struct bad_seg){.flags = ACK, .seq = at, .data = "o", .len = 1});
    CHECK_EQ(tcp_recv(bad_talk.c, buf, 100, false), 100);
    CHECK(memcmp(buf, "oxoxox", 6) == 0 && buf[99] == 'x');
    bad_talk.seq += 100;
    /* The rest goes with the connection: nothing of it may be left. */
    net_forget(&bad_net);
    bad_segment(&(struct bad_seg){.flags = RST});
    CHECK_EQ(tcp_state(bad_talk.c), TCP_CLOSED);
    CHECK_EQ(pkt_pool_used(world_pool(bad_net.world)), 0);
    tcp_close(bad_talk.c);
    bad_talk.c = NULL;
    bad_close();
}

/* In order, one byte each: thousands of them do not pin thousands of
 * buffers. */
static void
bad_input_60_thousands_of_bytes_in_order(void)
{
    static char buf[20000];

    bad_open();
    for (uint32_t at = 0; at < 20000; at++) {
        bad_segment(
            &(struct bad_seg){.flags = ACK, .seq = at, .data = "z", .len = 1});
        net_forget(&bad_net);
        if (at % 1000 == 0)
            recorder_clear(&bad_net.rec);
    }
    CHECK(pkt_pool_used(world_pool(bad_net.world)) < 20000 / 64);
    for (int64_t n, got = 0; got < 20000; got += n) {
        n = tcp_recv(bad_talk.c, buf, sizeof buf, false);
        REQUIRE(n > 0);
        CHECK(memchr(buf, 'y', (size_t)n) == NULL);
    }
    bad_talk.seq += 20000;
    serves();
}

static CU_TestInfo cases[] = {
    TEST(bad_input_58_sack_of_impossible_length),
    TEST(bad_input_58_sack_blocks_that_lie),
    TEST(bad_input_58_sack_reneging),
    TEST(bad_input_58_timestamps_that_wrap),
    TEST(bad_input_58_timestamps_from_the_past),
    TEST(bad_input_60_zero_window_for_ever),
    TEST(bad_input_60_sockstress),
    TEST(bad_input_60_window_shrinks),
    TEST(bad_input_60_windows_of_one_byte),
    TEST(bad_input_60_thousands_of_tiny_pieces),
    TEST(bad_input_60_thousands_of_bytes_in_order),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_long = {.pName = "bad_long", .pTests = cases};
