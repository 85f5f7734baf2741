/*
 * test_tcp_dialog_old.c: dialogues about what is old: segments of earlier
 * connections and of earlier turns of the numbers (RFC 1337, RFC 6191,
 * RFC 7323 5), and what two that call each other agree on.
 */
#include "test_tcp_dialog.h"

/* To TIME-WAIT; the peer's numbers reach 2, ours 2. */
#define CLOSE_FIRST                                                            \
    "close\n"                                                                  \
    "> F. 1:1(0) ack 1\n"                                                      \
    "< F. 1:1(0) ack 2 win 10000\n"                                            \
    "> . 2:2(0) ack 2\n"                                                       \
    "state TIME-WAIT\n"

/* The same with timestamps; the peer's last is 2000. */
#define CLOSE_FIRST_TS                                                         \
    "close\n"                                                                  \
    "> F. 1:1(0) ack 1\n"                                                      \
    "< F. 1:1(0) ack 2 win 10000 <nop,nop,TS val 2000 ecr 0>\n"                \
    "> . 2:2(0) ack 2\n"                                                       \
    "state TIME-WAIT\n"

void
agrees_on_options_both_calling(void)
{
    DIALOG("do two that call each other agree on options and scales?",
        "connect\n"
        "> S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7>\n"
        "< S 0:0(0) win 1000 <mss 1000,sackOK,TS val 500 ecr 0,nop,wscale 3>\n"
        "> S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 0 ecr 500,nop,wscale 7>\n"
        "< S. 0:0(0) ack 1 win 1000 <mss 1000,sackOK,TS val 500 ecr 0,nop,"
        "wscale 3>\n"
        "state ESTABLISHED\n"
        "write 3000\n" /* 1000 << 3: more than a window of 1000 */
        "> . 1:989(988) ack 1 <nop,nop,TS val 0 ecr 500>\n"
        "> . 989:1977(988) ack 1\n"
        "> . 1977:2965(988) ack 1\n"
        "> P. 2965:3001(36) ack 1\n"
        "< . 1:1(0) ack 1 win 1000 <nop,nop,TS val 501 ecr 0,nop,nop,"
        "sack 989:1977>\n" /* told that one is missing: */
        "> . 1:989(988) ack 1 <nop,nop,TS val 0 ecr 501>\n");
}

void
outlives_a_silence_of_25_days(void)
{
    DIALOG("does a timestamp older than 24 days refuse nothing (RFC 7323 5.5)?",
        OPEN_WITH_TIMESTAMPS
        "+2160000 < P. 1:11(10) ack 1 win 10000 <nop,nop,TS val 2160001000 "
        "ecr 0>\n"
        "> . 1:1(0) ack 11 <nop,nop,TS val 2160000000 ecr 2160001000>\n"
        "read 10\n"
        "< P. 11:21(10) ack 1 win 10000 <nop,nop,TS val 2160000999 ecr 0>\n"
        "> . 1:1(0) ack 11\n"
        "dropped TCP_PAWS\n");
}

void
keeps_time_wait_from_old_text(void)
{
    DIALOG("is old text in TIME-WAIT acknowledged, and nothing else (RFC 1337 "
           "hazard 1)?",
        OPEN_PASSIVELY "< P. 1:11(10) ack 1 win 10000\n"
                       "> . 1:1(0) ack 11\n"
                       "read 10\n"
                       "close\n"
                       "> F. 1:1(0) ack 11\n"
                       "< F. 11:11(0) ack 2 win 10000\n"
                       "> . 2:2(0) ack 12\n"
                       "+1 < P. 1:11(10) ack 1 win 10000\n"
                       "> . 2:2(0) ack 12\n"
                       "< R 1:1(0)\n" /* what the peer's answer would be */
                       "< R 12:12(0)\n"
                       "dropped TCP_STATE\n"
                       "state TIME-WAIT\n"
                       "+58.9\n"
                       "state TIME-WAIT\n"
                       "+0.2\n"
                       "conns 0\n");
}

void
tells_strangers_in_time_wait(void)
{
    DIALOG("is text beyond the FIN, as from a peer that has forgotten, "
           "answered in TIME-WAIT, and none of it taken? And an ACK from "
           "there?",
        OPEN_PASSIVELY CLOSE_FIRST "< P. 5:15(10) ack 2 win 10000\n"
                                   "> . 2:2(0) ack 2\n"
                                   "dropped TCP_STATE\n"
                                   "< . 5:5(0) ack 2 win 10000\n"
                                   "> . 2:2(0) ack 2\n"
                                   "< . 2:2(0) ack 2 win 10000\n"
                                   "state TIME-WAIT\n"
                                   "+60\n"
                                   "conns 0\n");
}

void
keeps_time_wait_from_old_acks(void)
{
    DIALOG("do old ACKs in TIME-WAIT change nothing (RFC 1337 hazard 2)?",
        OPEN_PASSIVELY CLOSE_FIRST "< . 2:2(0) ack 1 win 10000\n"
                                   "< . 2:2(0) ack 3 win 10000\n"
                                   "> . 2:2(0) ack 2\n"
                                   "because TCP_CHALLENGE_ACK\n"
                                   "state TIME-WAIT\n"
                                   "+60\n"
                                   "conns 0\n");
}

void
keeps_time_wait_from_old_resets(void)
{
    DIALOG("does no RST end TIME-WAIT (RFC 1337 hazard 3)?",
        OPEN_PASSIVELY CLOSE_FIRST "< R 2:2(0)\n"
                                   "dropped TCP_STATE\n"
                                   "< R. 2:2(0) ack 2\n"
                                   "dropped TCP_STATE\n"
                                   "< R 50:50(0)\n"
                                   "state TIME-WAIT\n"
                                   "+59.9\n"
                                   "state TIME-WAIT\n");
}

void
lengthens_time_wait_for_a_fin(void)
{
    DIALOG("does a FIN that comes again begin TIME-WAIT anew?",
        OPEN_PASSIVELY CLOSE_FIRST "+30 < F. 1:1(0) ack 2 win 10000\n"
                                   "> . 2:2(0) ack 2\n"
                                   "+59.9\n"
                                   "state TIME-WAIT\n"
                                   "+0.2\n"
                                   "conns 0\n");
}

void
reuses_time_wait_for_a_later_time(void)
{
    DIALOG("does a later timestamp end TIME-WAIT, whatever the number says "
           "(RFC 6191)?",
        OPEN_WITH_TIMESTAMPS CLOSE_FIRST_TS
        "+1 < S 4294960000:4294960000(0) win 1000 <mss 1000,TS val 2001 ecr "
        "0>\n"
        "> S. 65539:65539(0) ack 4294960001\n"
        "state SYN-RECEIVED\n");
}

void
reuses_time_wait_at_the_same_time(void)
{
    DIALOG("does the number decide when the timestamp is the same (RFC 6191)?",
        OPEN_WITH_TIMESTAMPS CLOSE_FIRST_TS
        "< S 1:1(0) win 1000 <mss 1000,TS val 2000 ecr 0>\n"
        "> . 2:2(0) ack 2\n"
        "state TIME-WAIT\n"
        "< S 3:3(0) win 1000 <mss 1000,TS val 2000 ecr 0>\n"
        "> S. 65539:65539(0) ack 4\n"
        "state SYN-RECEIVED\n");
}

void
keeps_time_wait_from_an_earlier_time(void)
{
    DIALOG("does a SYN from the past leave TIME-WAIT alone (RFC 6191)?",
        OPEN_WITH_TIMESTAMPS CLOSE_FIRST_TS
        "< S 5000:5000(0) win 1000 <mss 1000,TS val 1999 ecr 0>\n"
        "> . 2:2(0) ack 2\n"
        "state TIME-WAIT\n");
}

void
reuses_time_wait_without_timestamps(void)
{
    DIALOG("does the number decide when the new one has none (RFC 6191)?",
        OPEN_WITH_TIMESTAMPS CLOSE_FIRST_TS "< S 1:1(0) win 1000\n"
                                            "state TIME-WAIT\n"
                                            "< S 5000:5000(0) win 1000\n"
                                            "> S. 65539:65539(0) ack 5001\n"
                                            "state SYN-RECEIVED\n");
}

void
reuses_time_wait_with_new_timestamps(void)
{
    DIALOG("is a SYN honoured that has timestamps when the old connection had "
           "none (RFC 6191)?",
        OPEN_PASSIVELY CLOSE_FIRST
        "< S 1:1(0) win 1000 <mss 1000,TS val 5 ecr 0>\n"
        "> S. 65539:65539(0) ack 2\n"
        "state SYN-RECEIVED\n");
}

void
limits_challenges_to_each(void)
{
    DIALOG("has each connection answers of its own (RFC 5961 7)?",
        "listen 2\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "peer 2\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "flood 40 S 100:100(0) win 1000\n" /* spends those of peer 2 */
        "< . 1:1(0) ack 99 win 10000\n"
        "peer 1\n"
        "flood 40 R 100:100(0)\n" /* and finds those of peer 1 unspent */
        "< R 100:100(0)\n");
}
