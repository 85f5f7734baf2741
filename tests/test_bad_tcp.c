/*
 * test_bad_tcp.c: segments that broke other stacks, sent to a listener and
 * into an established connection: what is no segment at all, and what no
 * honest caller begins with. The connection must still serve afterwards, and
 * nothing may be left of what strangers began.
 */
#include "bad_fixture.h"
#include "bytes.h"
#include "check.h"
#include "tcp_conn.h"

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
    bad_settles(300 * LW_S); /* the SYN,ACK's last try is over */
    bad_close();
}

/* To the listener (as a SYN) and to the connection (as an ACK). */
static void
to_both(struct bad_seg s)
{
    s.flags = SYN;
    s.sport = 4001;
    bad_segment(&s);
    s.flags = ACK | PSH;
    s.sport = 0;
    bad_segment(&s);
}

/* Refused for that reason so often, and not a word. */
static void
refused(const char *reason, unsigned times)
{
    CHECK_EQ(bad_drops(reason), times);
    CHECK_EQ(bad_answers(), 0);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 1);
}

/* The connection of a stranger's port, or NULL. */
static struct tcp_conn *
stranger(uint16_t port)
{
    return tcp_find(host_tcp(bad_net.a),
        (struct tcp_end){net_ip("10.0.0.1"), 80},
        (struct tcp_end){net_ip("10.0.0.2"), port});
}

/* --- 46 to 48: no segment at all ----------------------------------------- */

static void
bad_input_46_tcp_shorter_than_its_header(void)
{
    for (int n = 0; n < 20; n++)
        to_both((struct bad_seg){.cut = 20 - n});
    refused("TOO_SHORT", 40);
}

static void
bad_input_46_data_offset_below_five(void)
{
    for (int words = -1; words < 5; words++)
        if (words) /* -1 stands for none */
            to_both(
                (struct bad_seg){.offset = words, .data = "text", .len = 4});
    refused("TCP_OFFSET", 10);
}

static void
bad_input_46_data_offset_past_the_end(void)
{
    for (int words = 6; words < 16; words++)
        to_both((struct bad_seg){.offset = words});
    to_both((struct bad_seg){.offset = 15,
        .data = "almost forty bytes, "
                "but one is missing",
        .len = 39});
    refused("TCP_OFFSET", 22);
}

static void
bad_input_47_bad_checksum(void)
{
    static const unsigned flags[] = {
        SYN, ACK, RST, RST | ACK, FIN | ACK, ACK | PSH, URG | ACK, 0};

    for (unsigned i = 0; i < LW_COUNT(flags); i++)
        for (unsigned port = 4000; port < 4002; port++)
            bad_segment(&(struct bad_seg){.flags = flags[i],
                .sport = port,
                .wrong_sum = true,
                .data = "odd",
                .len = i % 4});
    refused("TCP_CHECKSUM", 2 * LW_COUNT(flags));
}

static void
bad_input_48_option_length_zero_or_one(void)
{
    static const uint8_t kinds[] = {2, 3, 4, 5, 8, 30, 254};

    for (unsigned i = 0; i < LW_COUNT(kinds); i++)
        for (uint8_t len = 0; len < 2; len++) {
            uint8_t o[40] = {1, 1, kinds[i], len};

            to_both((struct bad_seg){.options = o, .noptions = 4});
            to_both((struct bad_seg){.options = o, .noptions = 40});
        }
    refused("TCP_OFFSET", 8 * LW_COUNT(kinds));
}

static void
bad_input_48_option_runs_past_the_header(void)
{
    static const uint8_t kinds[] = {2, 3, 4, 5, 8, 30, 254};

    for (unsigned i = 0; i < LW_COUNT(kinds); i++)
        for (uint8_t len = 5; len != 0; len = (uint8_t)(len * 3)) {
            uint8_t o[4] = {kinds[i], len, 1, 1};

            to_both((struct bad_seg){.options = o, .noptions = 4});
            if (len > 200)
                break;
        }
    CHECK(bad_drops("TCP_OFFSET") > 20);
    refused("TCP_OFFSET", bad_drops("TCP_OFFSET"));
}

static void
bad_input_48_option_kind_at_the_last_byte(void)
{
    static const uint8_t kinds[] = {2, 3, 4, 5, 8, 30, 255};

    for (unsigned i = 0; i < LW_COUNT(kinds); i++) {
        uint8_t o[40];

        memset(o, 1, sizeof o);
        o[39] = kinds[i];
        to_both((struct bad_seg){.options = o, .noptions = 40});
        o[3] = kinds[i];
        to_both((struct bad_seg){.options = o, .noptions = 4});
    }
    refused("TCP_OFFSET", 4 * LW_COUNT(kinds));
}

/* --- 49: options that ask for the impossible ----------------------------- */

/* A SYN with that MSS; the most bytes that the host would send at once. */
static unsigned
mss_after(uint16_t asked, uint16_t port)
{
    uint8_t o[4] = {2, 4, (uint8_t)(asked >> 8), (uint8_t)asked};

    bad_segment(&(struct bad_seg){
        .flags = SYN, .sport = port, .options = o, .noptions = 4});
    return stranger(port) ? stranger(port)->snd.mss : 0;
}

static void
bad_input_49_mss_zero_and_huge(void)
{
    CHECK_EQ(mss_after(0, 4001), 536); /* as if it had said nothing */
    CHECK_EQ(mss_after(1, 4002), TCP_MSS_MIN);
    CHECK_EQ(mss_after(63, 4003), TCP_MSS_MIN);
    CHECK_EQ(mss_after(65535, 4004), 1460); /* what the card takes */
    CHECK_EQ(bad_answers(), 4);
}

static void
bad_input_49_window_scale_255(void)
{
    static const uint8_t o[4] = {3, 3, 255, 0};

    bad_segment(&(struct bad_seg){
        .flags = SYN, .sport = 4001, .options = o, .noptions = 4});
    REQUIRE(stranger(4001) != NULL);
    CHECK_EQ(stranger(4001)->snd.wscale, 14); /* RFC 7323 2.3 */
}

static void
bad_input_49_mss_outside_of_a_syn(void)
{
    static const uint8_t o[8] = {2, 4, 0, 1, 3, 3, 14, 0};
    int before = bad_mss();

    bad_segment(&(struct bad_seg){.flags = ACK, .options = o, .noptions = 8});
    CHECK_EQ(bad_mss(), before); /* MUST-65 */
    CHECK_EQ(bad_talk.c->snd.wnd, 60000);
    CHECK_EQ(bad_answers(), 0);
}

static void
bad_input_49_syn_options_twice(void)
{
    static const uint8_t o[12] = {2, 4, 5, 180, 2, 4, 0, 0, 3, 3, 3, 0};

    bad_segment(&(struct bad_seg){
        .flags = SYN, .sport = 4001, .options = o, .noptions = 12});
    REQUIRE(stranger(4001) != NULL);
    CHECK(stranger(4001)->snd.mss >= TCP_MSS_MIN);
}

/* --- 50, 51: who calls like that? ---------------------------------------- */

static void
bad_input_50_syn_to_everybody(void)
{
    static const char *const all[] = {
        "10.0.0.255", "255.255.255.255", "224.0.0.1"};

    for (unsigned i = 0; i < LW_COUNT(all); i++) {
        struct bad_seg s = {.flags = SYN, .sport = 4001, .dst = all[i]};

        bad_segment(&s);
        s.to_all = true;
        bad_segment(&s);
        s.flags = ACK; /* nor is a RST sent (MUST-57) */
        bad_segment(&s);
        s.dport = 81;
        bad_segment(&s);
    }
    bad_segment(&(struct bad_seg){.flags = SYN, .sport = 4001, .to_all = true});
    CHECK_EQ(bad_answers(), 0);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 1);
    CHECK(recorder_count(&bad_net.rec, EV_DROP) == 13);
}

static void
bad_input_50_land(void)
{
    static const char *const sources[] = {"10.0.0.1", "127.0.0.1",
        "255.255.255.255", "224.0.0.1", "10.0.0.255", "240.0.0.1"};

    for (unsigned i = 0; i < LW_COUNT(sources); i++)
        bad_segment(
            &(struct bad_seg){.flags = SYN, .sport = 80, .src = sources[i]});
    CHECK_EQ(recorder_count(&bad_net.rec, EV_DROP), LW_COUNT(sources));
    net_run(&bad_net, LW_S);
    CHECK_EQ(bad_answers(), 0);
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 1);
}

static void
bad_input_51_flags_to_a_listener(void)
{
    static const unsigned silent[] = {0, FIN, FIN | PSH | URG, SYN | FIN,
        SYN | RST, SYN | FIN | RST, 0x2f, RST, RST | ACK, 0xff, PSH, URG};
    static const unsigned reset[] = {
        ACK, ACK | FIN, SYN | ACK, SYN | ACK | FIN, ACK | PSH | URG};

    for (unsigned i = 0; i < LW_COUNT(silent); i++)
        bad_segment(&(struct bad_seg){.flags = silent[i], .sport = 4001});
    CHECK_EQ(bad_answers(), 0);
    CHECK_EQ(bad_drops("TCP_FLAGS"), 6);
    CHECK_EQ(bad_drops("TCP_STATE"), 6); /* a RST */
    for (unsigned i = 0; i < LW_COUNT(reset); i++)
        bad_segment(&(struct bad_seg){
            .flags = reset[i], .sport = 4001, .ack = 1000 + i});
    CHECK_EQ(bad_answers(), LW_COUNT(reset));
    for (unsigned i = 0; i < LW_COUNT(reset); i++) {
        CHECK_EQ(bad_answer(i).flags, RST);
        CHECK_EQ(bad_answer(i).seq, 1000 + i);
    }
    CHECK_EQ(tcp_counts(host_tcp(bad_net.a)).conns, 1);
}

static void
bad_input_51_flags_in_a_connection(void)
{
    static const unsigned dropped[] = {0, PSH, URG, FIN, FIN | PSH | URG};
    static const unsigned asked[] = {SYN, SYN | FIN, SYN | ACK, SYN | FIN | ACK,
        SYN | PSH | URG | ACK | FIN};

    for (unsigned i = 0; i < LW_COUNT(dropped); i++)
        bad_segment(
            &(struct bad_seg){.flags = dropped[i], .data = "no", .len = 2});
    refused("TCP_NO_ACK", LW_COUNT(dropped));
    for (unsigned i = 0; i < LW_COUNT(asked); i++)
        bad_segment(
            &(struct bad_seg){.flags = asked[i], .data = "no", .len = 2});
    CHECK_EQ(bad_answers(), LW_COUNT(asked)); /* RFC 5961 4.2 */
    CHECK_EQ(bad_answer(0).flags, ACK);
    CHECK_EQ(bad_answer(0).ack, 0);
    CHECK_EQ(bad_drops("TCP_STATE"), LW_COUNT(asked));
    CHECK(!bad_received("no"));
    bad_segment(&(struct bad_seg){.flags = SYN | RST, .seq = 1});
    CHECK_EQ(bad_drops("TCP_WINDOW"), 1); /* a blind RST */
    CHECK_EQ(tcp_state(bad_talk.c), TCP_ESTABLISHED);
}

static void
bad_input_51_syn_with_text(void)
{
    struct tcp_conn *c;
    char buf[64];

    bad_segment(&(struct bad_seg){
        .flags = SYN, .sport = 4001, .data = "early", .len = 5});
    CHECK_EQ(bad_answers(), 1);
    CHECK_EQ(bad_answer(0).flags, SYN | ACK);
    CHECK_EQ(bad_answer(0).ack, 1); /* of the SYN alone: it may be forged */
    c = stranger(4001);
    REQUIRE(c != NULL);
    CHECK(tcp_accept(bad_talk.l) == NULL);
    bad_segment(&(struct bad_seg){.flags = ACK,
        .sport = 4001,
        .seq = 1,
        .ack = c->snd.nxt.v - bad_talk.ack});
    REQUIRE(tcp_accept(bad_talk.l) == c);
    tcp_set_owner(c, NULL, NULL);
    CHECK_EQ(tcp_recv(c, buf, sizeof buf, false), 5);
    CHECK_MEM(buf, "early", 5);
    tcp_abort(c);
}

/* --- 52: many SYNs ------------------------------------------------------- */

/* Calls honestly from that port; did it get through? */
static bool
honest_caller(uint16_t port)
{
    struct tcp_conn *c;

    net_forget(&bad_net);
    bad_segment(&(struct bad_seg){.flags = SYN, .sport = port});
    if (bad_answer(0).flags != (SYN | ACK))
        return false;
    bad_segment(&(struct bad_seg){
        .flags = ACK, .sport = port, .seq = 1, .ack = bad_answer(0).seq + 1});
    c = tcp_accept(bad_talk.l);
    if (!c)
        return false;
    tcp_set_owner(c, NULL, NULL);
    tcp_abort(c);
    return true;
}

static void
bad_input_52_syn_flood(void)
{
    unsigned most = 0, timers = 0;

    for (unsigned i = 0; i < 20000; i++) {
        bad_segment(&(struct bad_seg){
            .flags = SYN, .sport = 5000 + i % 50000, .seq = i * 7919});
        if (most < tcp_counts(host_tcp(bad_net.a)).conns)
            most = tcp_counts(host_tcp(bad_net.a)).conns;
        if (timers < timers_places(world_timers(bad_net.world)))
            timers = timers_places(world_timers(bad_net.world));
        net_forget(&bad_net);
        if (i % 100 == 99)
            recorder_clear(&bad_net.rec);
    }
    CHECK(most <= 16);
    CHECK(timers <= bad_talk.timers + 3 * 16);
    CHECK(pkt_pool_used(world_pool(bad_net.world)) == 0);
    CHECK(honest_caller(4001));
}

/* The program accepts nobody: callers wait outside, and cost nothing. */
static void
bad_input_52_accept_queue_overflow(void)
{
    for (unsigned port = 5000; port < 5200; port++) {
        struct tcp_conn *c;

        net_forget(&bad_net);
        bad_segment(&(struct bad_seg){.flags = SYN, .sport = port});
        c = stranger((uint16_t)port);
        if (c)
            bad_segment(&(struct bad_seg){.flags = ACK,
                .sport = port,
                .seq = 1,
                .ack = c->snd.nxt.v - bad_talk.ack,
                .data = "text of a stranger",
                .len = 18});
    }
    CHECK(tcp_counts(host_tcp(bad_net.a)).conns <= 1 + 6 + 8);
    CHECK(bad_drops("TCP_BACKLOG") > 150);
    for (struct tcp_conn *c; (c = tcp_accept(bad_talk.l)) != NULL;) {
        tcp_set_owner(c, NULL, NULL);
        tcp_abort(c);
    }
    net_forget(&bad_net);
}

/* --- 53: nobody there ---------------------------------------------------- */

static void
bad_input_53_closed_port_answers_by_the_formula(void)
{
    static const struct {
        unsigned flags, len, rst;
        uint32_t seq, ack; /* of the RST */
    } q[] = {{SYN, 0, RST | ACK, 0, 101}, {SYN, 7, RST | ACK, 0, 108},
        {SYN | FIN, 7, RST | ACK, 0, 109}, {0, 3, RST | ACK, 0, 103},
        {FIN | PSH | URG, 0, RST | ACK, 0, 101}, {ACK, 0, RST, 200, 0},
        {ACK | PSH, 9, RST, 200, 0}, {SYN | ACK, 0, RST, 200, 0},
        {ACK | FIN, 1, RST, 200, 0}};

    for (unsigned i = 0; i < LW_COUNT(q); i++) {
        struct bad_answer a;

        net_forget(&bad_net);
        bad_segment(&(struct bad_seg){.flags = q[i].flags,
            .dport = 81,
            .seq = 100,
            .ack = 200,
            .data = "a text that is long enough",
            .len = q[i].len});
        CHECK_EQ(bad_answers(), 1);
        a = bad_answer(0);
        CHECK_EQ(a.flags, q[i].rst);
        CHECK_EQ(a.sport, 81);
        CHECK_EQ(a.dport, 4000);
        if (q[i].flags & ACK)
            CHECK_EQ(a.seq, q[i].seq);
        else
            CHECK_EQ(a.ack, q[i].ack);
        CHECK_EQ(a.window, 0);
        CHECK_EQ(a.len, 0);
    }
    CHECK_EQ(bad_drops("TCP_NO_CONNECTION"), LW_COUNT(q));
}

static void
bad_input_53_no_reset_for_a_reset(void)
{
    for (unsigned flags = 0; flags < 256; flags++)
        if (flags & RST)
            bad_segment(&(struct bad_seg){.flags = flags, .dport = 81});
    refused("TCP_NO_CONNECTION", 128);
}

static CU_TestInfo cases[] = {
    TEST(bad_input_46_tcp_shorter_than_its_header),
    TEST(bad_input_46_data_offset_below_five),
    TEST(bad_input_46_data_offset_past_the_end),
    TEST(bad_input_47_bad_checksum),
    TEST(bad_input_48_option_length_zero_or_one),
    TEST(bad_input_48_option_runs_past_the_header),
    TEST(bad_input_48_option_kind_at_the_last_byte),
    TEST(bad_input_49_mss_zero_and_huge),
    TEST(bad_input_49_window_scale_255),
    TEST(bad_input_49_mss_outside_of_a_syn),
    TEST(bad_input_49_syn_options_twice),
    TEST(bad_input_50_syn_to_everybody),
    TEST(bad_input_50_land),
    TEST(bad_input_51_flags_to_a_listener),
    TEST(bad_input_51_flags_in_a_connection),
    TEST(bad_input_51_syn_with_text),
    TEST(bad_input_52_syn_flood),
    TEST(bad_input_52_accept_queue_overflow),
    TEST(bad_input_53_closed_port_answers_by_the_formula),
    TEST(bad_input_53_no_reset_for_a_reset),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_bad_tcp = {.pName = "bad_tcp",
    .pSetUpFunc = bad_open,
    .pTearDownFunc = teardown,
    .pTests = cases};
