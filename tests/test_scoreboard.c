/*
 * test_scoreboard.c: the records of what is out (tcp_sent.c), alone: a
 * connection that is nothing but its scoreboard.
 */
#include "check.h"
#include "faulty.h"
#include "tcp_conn.h"

#include <stdlib.h>

#define FLIGHT 20000 /* segments */
#define SIZE   1460

static struct timers timers;
static struct journal journal;
static struct env env = {.timers = &timers, .journal = &journal};
static struct tcp tcp = {.env = &env};
static struct tcp_conn conn;

static void
teardown(void)
{
    tcp_sent_free(&conn);
    for (unsigned i = 0; i < tcp.nrecs; i++)
        free(tcp.recs[i]);
    tcp.nrecs = 0;
}

/* n segments are out; the last one ends with a FIN. */
static void
fill(uint32_t n)
{
    conn = (struct tcp_conn){.tcp = &tcp};
    tcp_sent_init(&conn);
    tcp_path_init(&conn);
    timers.now.ns = 0;
    for (uint32_t i = 0; i < n; i++, timers.now.ns++)
        REQUIRE(tcp_sent_push(&conn, (struct seq){i * SIZE},
            SIZE + (i == n - 1), SIZE, i == n - 1 ? SENT_FIN : 0));
}

/* Are the open ones in order of their times, and how many are they? */
static uint32_t
in_time(void)
{
    const struct tcp_rec *r = tcp_sent_oldest(&conn), *next;
    uint32_t n = 0;

    for (; r; r = next, n++) {
        next = tcp_sent_newer(&conn, r);
        CHECK(!next || !instant_lt(next->at, r->at));
    }
    return n;
}

/* A lower MTU cuts what is lost as it goes again, in whatever order it was
 * sent: no cut copies the list, and few ask for memory. */
static void
a_flight_is_cut_as_it_goes_again(void)
{
    struct seq seq = {0};
    unsigned requests, gone = 0;
    int left;
    struct tcp_rec *r;

    fill(FLIGHT);
    for (uint32_t i = FLIGHT; i-- > 0; timers.now.ns++)
        tcp_sent_again(&conn, tcp_sent_at(&conn, i), true);
    tcp_sent_lose_all(&conn, false, RULE_TCP_PATH_MTU);
    faulty_begin(0, false);
    for (; (r = tcp_sent_next_lost(&conn)) != NULL; gone++) {
        r = tcp_sent_one(&conn, r, 512);
        if (!r || !seq_eq(r->seq, seq) || r->len > 512)
            break;
        tcp_sent_again(&conn, r, false);
        seq = tcp_rec_end(r);
    }
    requests = faulty_end(&left);
    CHECK_EQ(requests, 1);
    CHECK_EQ(gone, 3 * FLIGHT);
    CHECK_EQ(conn.sent->count, 3 * FLIGHT);
    CHECK_EQ(conn.sent->segs, 3 * FLIGHT);
    CHECK_EQ(conn.sent->lost, FLIGHT * SIZE + 1);
    CHECK_EQ(conn.sent->again, FLIGHT * SIZE + 1);
    for (uint32_t i = 0; i < conn.sent->count; i++)
        CHECK_EQ(!!(tcp_sent_at(&conn, i)->flags & SENT_FIN),
            i == conn.sent->count - 1);
    CHECK_EQ(seq.v, FLIGHT * SIZE + 1);
    CHECK_EQ(in_time(), 3 * FLIGHT);
}

/* What is open stays whole, but for the one that has to go. */
static void
only_what_goes_is_cut(void)
{
    fill(40);
    tcp_sent_lose(&conn, tcp_sent_at(&conn, 3), RULE_TCP_PATH_MTU);
    REQUIRE(tcp_sent_one(&conn, tcp_sent_at(&conn, 39), 1000) ==
            tcp_sent_at(&conn, 39));
    CHECK_EQ(conn.sent->count, 41);
    CHECK_EQ(conn.sent->segs, 42); /* what is lost is one record of two */
    CHECK_EQ(in_time(), 40);
    CHECK_EQ(tcp_sent_at(&conn, 40)->len, 461);
    CHECK(tcp_sent_next_lost(&conn) == tcp_sent_at(&conn, 3));
}

/* The pieces of a segment that SACK has reported are reported, each. */
static void
pieces_of_what_arrived_are_counted(void)
{
    struct tcp_range last = {{SIZE}, {2 * SIZE + 1}};
    struct tcp_told told = {0};

    fill(2);
    tcp_sent_sack(&conn, &last, &told);
    REQUIRE(conn.sent->segs_sacked == 1);
    REQUIRE(tcp_sent_one(&conn, tcp_sent_at(&conn, 1), 512) != NULL);
    CHECK_EQ(conn.sent->segs_sacked, 3);
    tcp_sent_lose_all(&conn, true, RULE_TCP_LOST_TIMEOUT);
    CHECK_EQ(conn.sent->segs_sacked, 0);
    CHECK_EQ(conn.sent->sacked, 0);
}

/* An undone timeout whose ACK covers only what had gone again tells no round
 * trip: not the age of the world. */
static void
an_undone_timeout_without_news_keeps_the_round_trip(void)
{
    struct tcp_told told = {.once_end = {SIZE}};

    fill(2);
    timers.now.ns = 1000 * LW_S;
    conn.rtt.srtt_ns = 50 * LW_MS;
    tcp_rack_forget(&conn, &told);
    CHECK_EQ(conn.rack.rtt_ns, 50 * LW_MS);
    told.once = true;
    told.once_at.ns = 999 * LW_S;
    tcp_rack_forget(&conn, &told);
    CHECK_EQ(conn.rack.rtt_ns, LW_S);
}

/* A flight is taken for lost, half of it goes again, and then it shows that
 * all of it was only late: one pass puts the others back, not one for each. */
static void
an_undone_loss_is_put_back_in_one_pass(void)
{
    uint32_t steps;

    fill(FLIGHT);
    tcp_sent_lose_all(&conn, false, RULE_TCP_LOST_TIMEOUT);
    for (uint32_t i = 0; i < FLIGHT / 2; i++, timers.now.ns++)
        tcp_sent_again(&conn, tcp_sent_next_lost(&conn), false);
    CHECK_EQ(in_time(), FLIGHT / 2);
    steps = conn.sent->steps;
    tcp_sent_unlose(&conn);
    CHECK(conn.sent->steps - steps < 2 * FLIGHT);
    CHECK_EQ(in_time(), FLIGHT);
    CHECK_EQ(conn.sent->lost + conn.sent->again, 0);
}

static CU_TestInfo cases[] = {
    TEST(a_flight_is_cut_as_it_goes_again),
    TEST(only_what_goes_is_cut),
    TEST(pieces_of_what_arrived_are_counted),
    TEST(an_undone_loss_is_put_back_in_one_pass),
    TEST(an_undone_timeout_without_news_keeps_the_round_trip),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_scoreboard = {
    .pName = "scoreboard", .pTests = cases, .pTearDownFunc = teardown};
