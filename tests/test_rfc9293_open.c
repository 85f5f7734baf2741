/*
 * test_rfc9293_open.c: requirements of RFC 9293 about options, opening and
 * closing, as dialogues.
 */
#include "test_rfc9293.h"

#define HANDSHAKE_WITH(options)                                                \
    "listen 1\n"                                                               \
    "< S 0:0(0) win 1000 <" options ">\n"                                      \
    "> S. 0:0(0) ack 1\n"                                                      \
    "< . 1:1(0) ack 1 win 10000\n"                                             \
    "accept\n"

/* Text of 1001 bytes shows which segment size was understood: 1000. */
#define SEGMENTS_OF_1000                                                       \
    "write 1001\n"                                                             \
    "> . 1:1001(1000) ack 1\n"                                                 \
    "> P. 1001:1002(1) ack 1\n"

void
knows_the_mandatory_options(void)
{
    DIALOG("are end of list, no-operation and MSS understood (MUST-4)?",
        HANDSHAKE_WITH("raw 01 01 02 04 03 e8 00 00") SEGMENTS_OF_1000);
}

void
takes_options_in_any_segment(void)
{
    DIALOG("may any segment carry options (MUST-5)?",
        OPEN_PASSIVELY "< P. 1:11(10) ack 1 win 10000 <nop,raw fd 03 00>\n"
                       "> . 1:1(0) ack 11\n"
                       "< F. 11:11(0) ack 1 win 10000 <raw fd 04 00 00>\n"
                       "> . 1:1(0) ack 12\n"
                       "read 20 = 10\n");
}

void
passes_over_unknown_options(void)
{
    DIALOG("is an unknown option stepped over by its length (MUST-6)?",
        HANDSHAKE_WITH("raw fd 06 01 02 03 04 02 04 03 e8") SEGMENTS_OF_1000);
}

void
does_not_care_for_alignment(void)
{
    DIALOG("may options begin at odd places (MUST-64)?",
        HANDSHAKE_WITH("raw 01 02 04 03 e8") SEGMENTS_OF_1000);
}

void
ignores_a_late_mss(void)
{
    DIALOG("does MSS count in a SYN only (MUST-65)?", OPEN_PASSIVELY
        "< . 1:1(0) ack 1 win 10000 <mss 200>\n" SEGMENTS_OF_1000);
}

void
subtracts_options(void)
{
    DIALOG("do timestamps make segments shorter (MUST-16)?",
        OPEN_WITH_TIMESTAMPS "write 1000\n"
                             "> . 1:989(988) ack 1\n"
                             "> P. 989:1001(12) ack 1\n");
}

/* That the caller is told at all, and does not listen, is the requirement;
 * the number is Linux's, who keeps ECONNREFUSED for SYN-SENT. */
void
tells_a_refused_caller(void)
{
    DIALOG("does SYN-RECEIVED know that it came from SYN-SENT (MUST-11)?",
        "connect\n"
        "> S 0:0(0)\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< R 1:1(0)\n"
        "state CLOSED\n"
        "error ECONNRESET\n"
        "conns 0\n");
}

void
lingers_for_two_lifetimes(void)
{
    DIALOG("does TIME-WAIT last for twice the segment lifetime (MUST-13)?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< F. 1:1(0) ack 2 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "+59 state TIME-WAIT\n"
                       "+0.9 state TIME-WAIT\n"
                       "+0.2 conns 0\n");
}

void
calls_for_three_minutes(void)
{
    DIALOG("does opening last for three minutes at least (MUST-23)?",
        "connect\n"
        "> S 0:0(0)\n"
        "+1 > S 0:0(0)\n"
        "+2 > S 0:0(0)\n"
        "+4 > S 0:0(0)\n"
        "+8 > S 0:0(0)\n"
        "+16 > S 0:0(0)\n"
        "+32 > S 0:0(0)\n"
        "+64 > S 0:0(0)\n"
        "+60 state SYN-SENT\n"
        "+60 state CLOSED\n"
        "error ETIMEDOUT\n");
}

void
calls_as_often_as_asked(void)
{
    DIALOG("may a program give up sooner (MUST-23; TCP_SYNCNT)?",
        "connect\n"
        "> S 0:0(0)\n"
        "set syncnt 2\n"
        "+1 > S 0:0(0)\n"
        "+2 > S 0:0(0)\n"
        "+3.9 state SYN-SENT\n"
        "+0.1 state CLOSED\n"
        "error ETIMEDOUT\n");
}

void
listens_beside_a_connection(void)
{
    DIALOG("does listening leave connections alone (MUST-41)?",
        OPEN_PASSIVELY "peer 2\n"
                       "< S 0:0(0) win 1000 <mss 1000>\n"
                       "> S. 0:0(0) ack 1\n"
                       "peer 1\n"
                       "< P. 1:11(10) ack 1 win 10000\n"
                       "> . 1:1(0) ack 11\n"
                       "state ESTABLISHED\n"
                       "conns 2\n");
}

void
ignores_source_quench(void)
{
    DIALOG("is source quench discarded silently (MUST-55)?",
        OPEN_PASSIVELY "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "icmp 4 0 1\n"
                       "state ESTABLISHED\n"
                       "< . 1:1(0) ack 101 win 10000\n"
                       "write 1000\n"
                       "> P. 101:1101(1000) ack 1\n"
                       "error 0\n");
}

void
is_reset_with_an_explanation(void)
{
    DIALOG("is a RST that carries text a RST (SHLD-2)?",
        OPEN_PASSIVELY "< R 1:11(10)\n"
                       "state CLOSED\n"
                       "error ECONNRESET\n");
}

void
keeps_text_of_a_syn(void)
{
    DIALOG("is text in a SYN delivered after the handshake, not before?",
        "listen 1\n"
        "< S 0:10(10) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "accept = -1\n"
        "< . 11:11(0) ack 1 win 1000\n"
        "> . 1:1(0) ack 11\n"
        "accept\n"
        "read 20 = 10\n");
}
