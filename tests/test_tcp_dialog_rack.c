/*
 * test_tcp_dialog_rack.c: dialogues about loss that time finds (RFC 8985):
 * RACK, its reordering window and its timer, and the tail loss probe.
 */
#include "test_tcp_dialog.h"

/* A connection with SACK and a round trip of 100 ms. */
#define OPEN_FAR                                                               \
    "sysctl burst_least 5\n"                                                   \
    "listen 1\n"                                                               \
    "< S 0:0(0) win 1000 <mss 1000,nop,nop,sackOK>\n"                          \
    "> S. 0:0(0) ack 1\n"                                                      \
    "+0.1 < . 1:1(0) ack 1 win 50000\n"                                        \
    "accept\n"

#define SEND_4                                                                 \
    "write 4000\n"                                                             \
    "> . 1:1001(1000) ack 1\n"                                                 \
    "> . 1001:2001(1000) ack 1\n"                                              \
    "> . 2001:3001(1000) ack 1\n"                                              \
    "> P. 3001:4001(1000) ack 1\n"

#define SEND_10                                                                \
    "write 10000\n"                                                            \
    "> . 1:1001(1000) ack 1\n"                                                 \
    "> . 1001:2001(1000) ack 1\n"                                              \
    "> . 2001:3001(1000) ack 1\n"                                              \
    "> . 3001:4001(1000) ack 1\n"                                              \
    "> P. 4001:5001(1000) ack 1\n"                                             \
    "> . 5001:6001(1000) ack 1\n"                                              \
    "> . 6001:7001(1000) ack 1\n"                                              \
    "> . 7001:8001(1000) ack 1\n"                                              \
    "> . 8001:9001(1000) ack 1\n"                                              \
    "> P. 9001:10001(1000) ack 1\n"

void
waits_for_what_was_overtaken(void)
{
    DIALOG("is a hole lost a quarter of the round trip after what was sent "
           "later has come (RFC 8985 6.2)?",
        OPEN_FAR SEND_4
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 3001:4001>\n"
        "by TCP_REO_TIMER\n"
        "+0.025 > . 1:1001(1000) ack 1\n"
        "because TCP_RETRANSMIT_FAST\n"
        "by TCP_LOST_TIME\n"
        "+0.1 < . 1:1(0) ack 1001 win 50000 <nop,nop,sack 3001:4001>\n"
        "> . 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 4001 win 50000\n"
        "by TCP_RECOVERED\n");
}

void
waits_in_ticks_when_told(void)
{
    DIALOG("does a clock of 250 ticks a second round 25 ms up, and add two?",
        "sysctl reorder_tick_ms 4\n" OPEN_FAR SEND_4
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 3001:4001>\n"
        "by TCP_REO_TIMER\n"
        "+0.036 > . 1:1001(1000) ack 1\n"
        "by TCP_LOST_TIME\n");
}

void
forgives_what_was_overtaken(void)
{
    DIALOG("does nothing go again when the hole fills in time?", OPEN_FAR SEND_4
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001>\n"
        "+0.01 < . 1:1(0) ack 2001 win 50000\n"
        "by TCP_REORDERED\n"
        "cwnd 10000\n"
        "+0.05 < . 1:1(0) ack 4001 win 50000\n");
}

void
believes_three_above_a_hole(void)
{
    DIALOG("do three segments above a hole need no time where nothing was "
           "ever out of order?",
        OPEN_FAR SEND_4
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001>\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:3001>\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:4001>\n"
        "> . 1:1001(1000) ack 1\n"
        "by TCP_LOST_TIME\n"
        "+0.1 < . 1:1(0) ack 4001 win 50000\n");
}

void
doubts_three_above_a_hole(void)
{
    DIALOG("does a way that has reordered make three above a hole wait?",
        OPEN_FAR SEND_4
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001>\n"
        "< . 1:1(0) ack 4001 win 50000\n"
        "by TCP_REORDERED\n"
        "write 4000\n"
        "> . 4001:5001(1000) ack 1\n"
        "> . 5001:6001(1000) ack 1\n"
        "> . 6001:7001(1000) ack 1\n"
        "> P. 7001:8001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 4001 win 50000 <nop,nop,sack 5001:6001>\n"
        "< . 1:1(0) ack 4001 win 50000 <nop,nop,sack 5001:8001>\n"
        "+0.025 > . 4001:5001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 8001 win 50000\n");
}

void
finds_what_was_lost_again(void)
{
    DIALOG("is the loss of what was sent again found without a timeout?",
        OPEN_FAR SEND_10
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:4001>\n"
        "> . 1:1001(1000) ack 1\n"
        "write 3000\n"
        "> . 10001:11001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:10001>\n"
        "> . 11001:12001(1000) ack 1\n"
        "> P. 12001:13001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:13001>\n"
        "> . 1:1001(1000) ack 1\n"
        "by TCP_LOST_AGAIN\n"
        "+0.1 < . 1:1(0) ack 13001 win 50000\n");
}

void
waits_longer_after_a_dsack(void)
{
    DIALOG("does a DSACK add a quarter to the reordering window?",
        OPEN_FAR SEND_4
        "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001>\n"
        "+0.025 > . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 4001 win 50000\n"
        "+0.1 < . 1:1(0) ack 4001 win 50000 <nop,nop,sack 1:1001>\n"
        "by TCP_REO_WND\n"
        "write 2000\n"
        "> . 4001:5001(1000) ack 1\n"
        "> P. 5001:6001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 4001 win 50000 <nop,nop,sack 5001:6001>\n"
        "+0.05 > . 4001:5001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 6001 win 50000\n");
}

void
gives_up_only_what_is_overdue(void)
{
    DIALOG("does a timeout spare what was sent only lately (RFC 8985 6.3)?",
        OPEN_FAR "write 1000\n"
                 "> P. 1:1001(1000) ack 1\n"
                 "+0.25 write 1000\n"
                 "> P. 1001:2001(1000) ack 1\n"
                 "+0.05 > P. 1:1001(1000) ack 1\n"
                 "because TCP_RETRANSMIT_RTO\n"
                 "+0.1 < . 1:1(0) ack 2001 win 50000\n"
                 "write 1000\n"
                 "> P. 2001:3001(1000) ack 1\n");
}

/* --- the tail loss probe ------------------------------------------------ */

void
asks_with_something_new(void)
{
    DIALOG("is the probe new data, when there are some (RFC 8985 7.3)?",
        "sysctl tail_probe 1\nsysctl initial_window 2\n" OPEN_FAR "write 2500\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "+0.202 > P. 2001:2501(500) ack 1\n"
        "because TCP_TAIL_PROBE\n"
        "+0.1 < . 1:1(0) ack 2501 win 50000\n"
        "cwnd 4500\n");
}

void
asks_before_a_timeout(void)
{
    DIALOG("is the probe never later than the timeout would be?",
        "sysctl tail_probe 1\n" OPEN_FAR "write 1000\n"
        "> P. 1:1001(1000) ack 1\n"
        "+0.3 > P. 1:1001(1000) ack 1\n"
        "because TCP_TAIL_PROBE\n"
        "+0.3 > P. 1:1001(1000) ack 1\n"
        "because TCP_RETRANSMIT_RTO\n"
        "< . 1:1(0) ack 1001 win 50000\n");
}

void
answers_for_a_loss_the_probe_repaired(void)
{
    DIALOG("does the window shrink when the probe itself mended the loss?",
        "sysctl tail_probe 1\n" OPEN_FAR SEND_10
        "+0.1 < . 1:1(0) ack 9001 win 50000\n"
        "+0.2 > P. 9001:10001(1000) ack 1\n"
        "because TCP_TAIL_PROBE\n"
        "write 1000\n"
        "> P. 10001:11001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 11001 win 50000\n"
        "by TCP_TAIL_REPAIRED\n"
        "cwnd 3000\n");
}

void
forgives_a_needless_probe(void)
{
    DIALOG("does a DSACK for the probe leave the window alone (7.4.2)?",
        "sysctl tail_probe 1\n" OPEN_FAR SEND_10
        "+0.1 < . 1:1(0) ack 9001 win 50000\n"
        "+0.2 > P. 9001:10001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 10001 win 50000\n"
        "+0.09 < . 1:1(0) ack 10001 win 50000 <nop,nop,sack 9001:10001>\n"
        "write 1000\n"
        "> P. 10001:11001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 11001 win 50000\n"
        "cwnd 10000\n");
}

void
mends_a_tail_with_the_probe(void)
{
    DIALOG("do three lost at the end need the probe, and no timeout?",
        "sysctl tail_probe 1\n" OPEN_FAR SEND_4
        "+0.1 < . 1:1(0) ack 1001 win 50000\n"
        "+0.2 > P. 3001:4001(1000) ack 1\n"
        "because TCP_TAIL_PROBE\n"
        "+0.1 < . 1:1(0) ack 1001 win 50000 <nop,nop,sack 3001:4001>\n"
        "> . 1001:2001(1000) ack 1\n"
        "because TCP_RETRANSMIT_FAST\n"
        "+0.1 < . 1:1(0) ack 2001 win 50000 <nop,nop,sack 3001:4001>\n"
        "> . 2001:3001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 4001 win 50000\n");
}
