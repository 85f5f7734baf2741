/*
 * test_tcp_dialog_undo.c: dialogues about what came twice (RFC 2883), and
 * about losses that were none: DSACK, Eifel, F-RTO.
 */
#include "test_tcp_dialog.h"

#define SEND_4_AND_LOSE_1                                                      \
    "write 4000\n"                                                             \
    "> . 1:1001(1000) ack 1\n"                                                 \
    "> . 1001:2001(1000) ack 1\n"                                              \
    "> . 2001:3001(1000) ack 1\n"                                              \
    "> P. 3001:4001(1000) ack 1\n"                                             \
    "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:4001>\n"               \
    "> . 1:1001(1000) ack 1\n"                                                 \
    "because TCP_RETRANSMIT_FAST\n"

/* The same without SACK, with timestamps; the peer's clock stands still. */
#define SEND_4_AND_WAIT                                                        \
    "write 3952\n"                                                             \
    "> . 1:989(988) ack 1\n"                                                   \
    "> . 989:1977(988) ack 1\n"                                                \
    "> . 1977:2965(988) ack 1\n"                                               \
    "> P. 2965:3953(988) ack 1\n"

#define TS " <nop,nop,TS val 1000 ecr "

/* --- what came twice ---------------------------------------------------- */

void
tells_what_came_twice(void)
{
    DIALOG("does the first block name what is below the ACK (RFC 2883 4.1)?",
        OPEN_WITH_SACK "< P. 1:1001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1001 <>\n"
                       "< P. 1:1001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1001 <nop,nop,sack 1:1001>\n"
                       "by TCP_DSACK_SEND\n"
                       "< P. 1001:1501(500) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1501 <>\n"); /* once is enough */
}

void
tells_which_part_came_twice(void)
{
    DIALOG("is only the part named that was there already (RFC 2883 4.2)?",
        OPEN_WITH_SACK "< P. 1:1001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1001 <>\n"
                       "< P. 501:1501(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1501 <nop,nop,sack 501:1001>\n"
                       "read 9000 = 1500\n");
}

void
tells_what_came_twice_above_a_hole(void)
{
    DIALOG("does the block follow that holds what came twice (RFC 2883 4)?",
        OPEN_WITH_SACK
        "< . 1001:3001(2000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 1001:3001>\n"
        "< . 5001:6001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 5001:6001 1001:3001>\n"
        "< . 2001:3001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 2001:3001 1001:3001 5001:6001>\n"
        "< . 2501:3501(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 2501:3001 1001:3501 5001:6001>\n"
        "< . 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 3501 <nop,nop,sack 5001:6001>\n");
}

void
tells_the_first_part_that_came_twice(void)
{
    DIALOG("is the first part named when two came twice (RFC 2883 4.2.2)?",
        OPEN_WITH_SACK "< . 1001:2001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1 <nop,nop,sack 1001:2001>\n"
                       "< . 3001:4001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1 <nop,nop,sack 3001:4001 1001:2001>\n"
                       "< . 1501:4501(3000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1 <nop,nop,sack 1501:2001 1001:4501>\n"
                       "< . 5001:6001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1 <nop,nop,sack 5001:6001 1001:4501>\n"
                       "< . 4001:7001(3000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1 <nop,nop,sack 4001:4501 1001:7001>\n");
}

void
tells_what_came_twice_as_it_fills(void)
{
    DIALOG("is it told too when it is what fills the hole (RFC 2883 4.2.2)?",
        OPEN_WITH_SACK
        "< . 1001:2001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 1001:2001>\n"
        "< . 3001:4001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 3001:4001 1001:2001>\n"
        "< . 1:1501(1500) ack 1 win 10000\n"
        "> . 1:1(0) ack 2001 <nop,nop,sack 1001:1501 3001:4001>\n"
        "< . 1501:3501(2000) ack 1 win 10000\n"
        "> . 1:1(0) ack 4001 <nop,nop,sack 1501:2001>\n"
        "read 9000 = 4000\n");
}

void
tells_at_once_what_came_twice(void)
{
    DIALOG("does it not wait until a later segment is the most recent one?",
        "sysctl quick_acks 0\n" OPEN_WITH_SACK
        "< P. 1:501(500) ack 1 win 10000\n"
        "+0.04 > . 1:1(0) ack 501 <>\n"
        "< P. 1:601(600) ack 1 win 10000\n"
        "> . 1:1(0) ack 601 <nop,nop,sack 1:501>\n"
        "because TCP_ACK_TWICE\n"
        "< P. 601:701(100) ack 1 win 10000\n"
        "+0.04 > . 1:1(0) ack 701 <>\n");
}

void
tells_each_that_came_twice_in_a_turn(void)
{
    DIALOG("is each told, though they come before the turn is over?",
        "sysctl in_turns 1\n" OPEN_WITH_SACK
        "< P. 1:1001(1000) ack 1 win 10000\n"
        "flush\n"
        "> . 1:1(0) ack 1001 <>\n"
        "< P. 1:501(500) ack 1 win 10000\n"
        "< P. 501:1001(500) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 <nop,nop,sack 1:501>\n"
        "< P. 1001:2001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 <nop,nop,sack 501:1001>\n"
        "flush\n"
        "> . 1:1(0) ack 2001 <>\n");
}

void
answers_each_early_one_of_a_turn(void)
{
    DIALOG("does a peer without SACK get its three duplicates in one turn?",
        "sysctl in_turns 1\n" OPEN_PASSIVELY
        "< . 1:1001(1000) ack 1 win 10000\n"
        "< . 2001:3001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001\n"
        "< . 3001:4001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001\n"
        "< . 4001:5001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001\n"
        "because TCP_ACK_OUT_OF_ORDER\n"
        "flush\n"
        "> . 1:1(0) ack 1001\n"
        "because TCP_ACK_OUT_OF_ORDER\n");
}

void
keeps_dsacks_to_itself(void)
{
    DIALOG("does tcp_dsack=0 leave them out?",
        "sysctl dsack 0\n" OPEN_WITH_SACK "< P. 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 <>\n"
        "< P. 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 <>\n");
}

/* --- what was not lost -------------------------------------------------- */

void
undoes_by_dsack(void)
{
    DIALOG("is the window put back when all that went again came twice?",
        OPEN_WITH_SACK SEND_4_AND_LOSE_1
        "+0.1 < . 1:1(0) ack 4001 win 50000\n"
        "cwnd 2000\n"
        "+0.01 < . 1:1(0) ack 4001 win 50000 <nop,nop,sack 1:1001>\n"
        "by TCP_DSACK\n"
        "by TCP_UNDO_DSACK\n"
        "cwnd 10000\n");
}

void
undoes_nothing_for_a_copy_of_the_network(void)
{
    DIALOG("does a DSACK for what was sent once mean nothing (RFC 3708 2)?",
        OPEN_WITH_SACK "write 4000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "> . 2001:3001(1000) ack 1\n"
                       "> P. 3001:4001(1000) ack 1\n"
                       "+0.1 < . 1:1(0) ack 2001 win 50000\n"
                       "cwnd 10000\n"
                       "< . 1:1(0) ack 2001 win 50000 <nop,nop,sack 1:1001>\n"
                       "by TCP_DSACK\n"
                       "cwnd 10000\n"
                       "< . 1:1(0) ack 4001 win 50000\n");
}

void
undoes_by_timestamps(void)
{
    DIALOG("does an ACK that echoes the first copy undo a recovery (Eifel)?",
        OPEN_WITH_TIMESTAMPS SEND_4_AND_WAIT
        "+0.1 < . 1:1(0) ack 1 win 10000" TS "0>\n"
        "< . 1:1(0) ack 1 win 10000" TS "0>\n"
        "< . 1:1(0) ack 1 win 10000" TS "0>\n"
        "> . 1:989(988) ack 1\n"
        "because TCP_RETRANSMIT_FAST\n"
        "+0.01 < . 1:1(0) ack 3953 win 10000" TS "0>\n"
        "by TCP_UNDO_EIFEL\n"
        "cwnd 9880\n");
}

void
undoes_nothing_by_timestamps(void)
{
    DIALOG("does an ACK that echoes the second copy undo nothing?",
        OPEN_WITH_TIMESTAMPS SEND_4_AND_WAIT
        "+0.1 < . 1:1(0) ack 1 win 10000" TS "0>\n"
        "< . 1:1(0) ack 1 win 10000" TS "0>\n"
        "< . 1:1(0) ack 1 win 10000" TS "0>\n"
        "> . 1:989(988) ack 1\n"
        "+0.1 < . 1:1(0) ack 3953 win 10000" TS "100>\n"
        "by TCP_RECOVERED\n"
        "cwnd 1976\n");
}

/* ECN was agreed on; one of four segments seems lost, and goes again. */
#define LOSE_1_WITH_ECN                                                        \
    "listen 1\n"                                                               \
    "< SEW 0:0(0) win 1000 <mss 1000,nop,nop,sackOK>\n"                        \
    "> SE. 0:0(0) ack 1\n"                                                     \
    "< . 1:1(0) ack 1 win 50000\n"                                             \
    "accept\n"                                                                 \
    "write 4000\n"                                                             \
    "> [ect0] . 1:1001(1000) ack 1\n"                                          \
    "> [ect0] . 1001:2001(1000) ack 1\n"                                       \
    "> [ect0] . 2001:3001(1000) ack 1\n"                                       \
    "> [ect0] P. 3001:4001(1000) ack 1\n"                                      \
    "+0.1 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:4001>\n"               \
    "> . 1:1001(1000) ack 1\n"

void
undoes_nothing_after_a_mark(void)
{
    DIALOG("does a mark that was echoed during the recovery forbid to undo it?",
        LOSE_1_WITH_ECN "< E. 1:1(0) ack 4001 win 50000\n"
                        "< E. 1:1(0) ack 4001 win 50000 <nop,nop,sack 1:1001>\n"
                        "noted TCP_UNDO 0\n"
                        "write 1000\n"
                        "> [ect0] PW. 4001:5001(1000) ack 1\n");
}

void
takes_no_reduction_back_in_words(void)
{
    DIALOG("is CWR not said when the reduction was undone?",
        LOSE_1_WITH_ECN "< . 1:1(0) ack 4001 win 50000\n"
                        "< . 1:1(0) ack 4001 win 50000 <nop,nop,sack 1:1001>\n"
                        "by TCP_UNDO_DSACK\n"
                        "write 1000\n"
                        "> [ect0] P. 4001:5001(1000) ack 1\n");
}

void
undoes_a_timeout_by_timestamps(void)
{
    DIALOG("is a timeout undone by the echo of the first copy?",
        OPEN_WITH_TIMESTAMPS SEND_4_AND_WAIT
        "+0.2 > . 1:989(988) ack 1\n"
        "because TCP_RETRANSMIT_RTO\n"
        "cwnd 988\n"
        "+0.01 < . 1:1(0) ack 989 win 10000" TS "0>\n"
        "by TCP_UNDO_EIFEL\n"
        "cwnd 9880\n"
        "+0.01 < . 1:1(0) ack 3953 win 10000" TS "0>\n");
}

void
undoes_a_timeout_by_asking(void)
{
    DIALOG("does F-RTO send something new, and undo the timeout when "
           "something sent once is acknowledged (RFC 5682)?",
        OPEN_WITH_SACK "write 4000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "> . 2001:3001(1000) ack 1\n"
                       "> P. 3001:4001(1000) ack 1\n"
                       "+0.2 > . 1:1001(1000) ack 1\n"
                       "because TCP_RETRANSMIT_RTO\n"
                       "write 2000\n"
                       "+0.01 < . 1:1(0) ack 1001 win 50000\n"
                       "> . 4001:5001(1000) ack 1\n"
                       "> P. 5001:6001(1000) ack 1\n"
                       "cwnd 2000\n"
                       "+0.01 < . 1:1(0) ack 2001 win 50000\n"
                       "by TCP_UNDO_FRTO\n"
                       "cwnd 11000\n"
                       "+0.01 < . 1:1(0) ack 6001 win 50000\n");
}

void
believes_a_timeout_after_asking(void)
{
    DIALOG("does F-RTO go on as usual when the new data come above a hole?",
        OPEN_WITH_SACK
        "write 4000\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n"
        "> P. 3001:4001(1000) ack 1\n"
        "+0.2 > . 1:1001(1000) ack 1\n"
        "write 2000\n"
        "+0.1 < . 1:1(0) ack 1001 win 50000\n"
        "> . 4001:5001(1000) ack 1\n"
        "> P. 5001:6001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 1001 win 50000 <nop,nop,sack 4001:5001>\n"
        "> . 1001:2001(1000) ack 1\n"
        "because TCP_RETRANSMIT_RTO\n"
        "< . 1:1(0) ack 1001 win 50000 <nop,nop,sack 4001:6001>\n"
        "> . 2001:3001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 3001 win 50000 <nop,nop,sack 4001:6001>\n"
        "> P. 3001:4001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 6001 win 50000\n");
}
