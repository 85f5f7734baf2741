/*
 * test_rfc9293_data.c: requirements of RFC 9293 about windows,
 * acknowledgments, retransmission and keep-alive, as dialogues.
 */
#include "test_rfc9293.h"

void
takes_large_windows(void)
{
    DIALOG("is a window above 32767 a large one (MUST-1)?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 65535\n"
        "accept\n"
        "write 1000\n"
        "> P. 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 1001 win 32768\n"
        "write 1000\n"
        "> P. 1001:2001(1000) ack 1\n");
}

void
stays_with_a_shut_window(void)
{
    DIALOG("may a window stay shut as long as the peer answers (MUST-37)?",
        "sysctl data_retries 1\n"
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "accept\n"
        "write 100\n"
        "+0.2 > . 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "+0.4 > . 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "+0.8 > . 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "+1.6 > . 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "state ESTABLISHED\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "> P. 1:101(100) ack 1\n");
}

void
avoids_small_segments(void)
{
    DIALOG("is a small piece of a large window waited for (MUST-38)?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 4000\n"
        "accept\n"
        "write 6000\n"
        "> . 1:1001(1000) ack 1\n"
        "> P. 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n"
        "> P. 3001:4001(1000) ack 1\n"
        "< . 1:1(0) ack 4001 win 100\n"
        "+0.1 < . 1:1(0) ack 4001 win 4000\n"
        "> . 4001:5001(1000) ack 1\n"
        "> P. 5001:6001(1000) ack 1\n");
}

void
is_reset_at_zero_window(void)
{
    DIALOG("does a RST count when our window is shut (MUST-66)?",
        "sysctl rcvbuf 2000\n" OPEN_PASSIVELY
        "< . 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 win 460\n"
        "< . 1001:1461(460) ack 1 win 10000\n"
        "> . 1:1(0) ack 1461 win 0\n"
        "< R 1461:1461(0)\n"
        "state CLOSED\n"
        "conns 0\n");
}

void
never_takes_back(void)
{
    DIALOG("does the right edge of our window stay where it was (SHLD-14)?",
        OPEN_PASSIVELY "< P. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 101 win 64140\n"
                       "< P. 101:1101(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1101 win 63140\n"
                       "set rcvbuf 3000\n"
                       "< P. 1101:1111(10) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1111 win 63130\n");
}

void
reopens_at_once(void)
{
    DIALOG("does text that a shut window cut off go when it opens (SHLD-16)?",
        "sysctl data_retries 1\n" OPEN_PASSIVELY "write 2000\n"
        "> . 1:1001(1000) ack 1\n"
        "> P. 1001:2001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "+0.2 > . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "+0.4 > . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "+0.8 > . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "+0.1 < . 1:1(0) ack 1 win 10000\n"
        "> . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 1001 win 10000\n"
        "> P. 1001:2001(1000) ack 1\n"
        "< . 1:1(0) ack 2001 win 10000\n");
}

void
answers_once(void)
{
    DIALOG("is all that a segment brings acknowledged together (MUST-58)?",
        OPEN_PASSIVELY "< P. 101:201(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "< F. 201:201(0) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "< P. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 202\n"
                       "read 300 = 200\n"
                       "read 300 = 0\n");
}

void
is_silent_by_default(void)
{
    DIALOG("is nobody asked unless the program wants it (MUST-25)?",
        OPEN_PASSIVELY "+10000\n"
                       "state ESTABLISHED\n");
}

void
does_not_ask_the_busy(void)
{
    DIALOG("is only an idle peer asked (MUST-26)?",
        OPEN_PASSIVELY "set keepidle 10\n"
                       "set keepalive 1\n"
                       "+6 < P. 1:11(10) ack 1 win 10000\n"
                       "> . 1:1(0) ack 11\n"
                       "+9.9 state ESTABLISHED\n"
                       "+0.1 > . 0:0(0) ack 11\n"
                       "because TCP_KEEPALIVE\n");
}

void
waits_two_hours(void)
{
    DIALOG("is an idle peer asked after two hours by default (MUST-28)?",
        OPEN_PASSIVELY "set keepalive 1\n"
                       "+7199 state ESTABLISHED\n"
                       "+1 > . 0:0(0) ack 1\n");
}

void
forgives_a_lost_answer(void)
{
    DIALOG("does one unanswered question prove nothing (MUST-29)?",
        OPEN_PASSIVELY "set keepidle 10\n"
                       "set keepintvl 5\n"
                       "set keepcnt 3\n"
                       "set keepalive 1\n"
                       "+10 > . 0:0(0) ack 1\n"
                       "+5 > . 0:0(0) ack 1\n"
                       "< . 1:1(0) ack 1 win 10000\n"
                       "state ESTABLISHED\n"
                       "+10 > . 0:0(0) ack 1\n");
}

void
tries_for_100_seconds(void)
{
    DIALOG("is text sent again for 100 s at least by default (SHLD-11)?",
        OPEN_PASSIVELY "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "+0.2 > P. 1:101(100) ack 1\n"
                       "+0.4 > P. 1:101(100) ack 1\n"
                       "+0.8 > P. 1:101(100) ack 1\n"
                       "+1.6 > P. 1:101(100) ack 1\n"
                       "+3.2 > P. 1:101(100) ack 1\n"
                       "+6.4 > P. 1:101(100) ack 1\n"
                       "+12.8 > P. 1:101(100) ack 1\n"
                       "+25.6 > P. 1:101(100) ack 1\n"
                       "+51.2 > P. 1:101(100) ack 1\n"
                       "state ESTABLISHED\n");
}
