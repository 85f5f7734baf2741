/*
 * test_tcp_dialog_patience.c: dialogues about how long to wait for a peer
 * that does not answer (RFC 9293 3.8.3), and about what else the program
 * asks of TCP and IP.
 */
#include "test_tcp_dialog.h"

void
tells_ip_at_r1(void)
{
    DIALOG("does IP learn after R1 retransmissions that the way may be "
           "broken (MUST-20), and is R1 three (SHLD-10)?",
        OPEN_PASSIVELY "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "+0.2 > P. 1:101(100) ack 1\n"
                       "+0.4 > P. 1:101(100) ack 1\n"
                       "noted TCP_R1 0\n"
                       "+0.8 > P. 1:101(100) ack 1\n"
                       "noted TCP_R1 1\n"
                       "+1.6 > P. 1:101(100) ack 1\n"
                       "noted TCP_R1 1\n"
                       "< . 1:1(0) ack 101 win 10000\n");
}

void
tells_ip_when_calling(void)
{
    DIALOG("does the same hold for SYNs (MUST-22)?", "connect\n"
                                                     "> S 0:0(0)\n"
                                                     "+1 > S 0:0(0)\n"
                                                     "+2 > S 0:0(0)\n"
                                                     "noted TCP_R1 0\n"
                                                     "+4 > S 0:0(0)\n"
                                                     "noted TCP_R1 1\n"
                                                     "close\n");
}

void
ends_at_the_user_timeout(void)
{
    DIALOG("does the user timeout count from the first retransmission and "
           "end the connection just then, as Linux has it?",
        OPEN_PASSIVELY "set user_timeout 3000\n"
                       "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "+0.2 > P. 1:101(100) ack 1\n"
                       "+0.4 > P. 1:101(100) ack 1\n"
                       "+0.8 > P. 1:101(100) ack 1\n"
                       "+1.6 > P. 1:101(100) ack 1\n"
                       "+0.19 state ESTABLISHED\n"
                       "+0.01 state CLOSED\n"
                       "error ETIMEDOUT\n");
}

void
ends_at_the_user_timeout_shut(void)
{
    DIALOG("does the user timeout count at a shut window though the peer "
           "answers (tcp(7))?",
        OPEN_PASSIVELY "set user_timeout 1000\n"
                       "< . 1:1(0) ack 1 win 0\n"
                       "write 100\n"
                       "+0.2 > . 0:0(0) ack 1\n"
                       "< . 1:1(0) ack 1 win 0\n"
                       "+0.4 > . 0:0(0) ack 1\n"
                       "< . 1:1(0) ack 1 win 0\n"
                       "+0.59 state ESTABLISHED\n"
                       "+0.01 > R. 1:1(0) ack 1\n"
                       "state CLOSED\n"
                       "error ETIMEDOUT\n");
}

void
overrides_within_a_second(void)
{
    DIALOG("does a small segment wait a second at most, though the way be "
           "longer (RFC 9293 3.8.6.2.1)?",
        "listen\n"
        "< S 0:0(0) win 10000 <mss 1000>\n"
        "> S. 0:0(0) ack 1 <mss 1460>\n"
        "+0.9 < . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "sysctl min_rto_ms 3000\n"
        "write 1000\n"
        "> P. 1:1001(1000) ack 1\n"
        "+0.9 < . 1:1(0) ack 1001 win 10000\n"
        "write 100 more\n"
        "+1 > P. 1001:1101(100) ack 1\n"
        "because TCP_SEND_OVERRIDE\n"
        "< . 1:1(0) ack 1101 win 0\n"
        "write 100\n"
        "+3 > . 1100:1100(0) ack 1\n");
}

void
gives_up_a_silent_shut_window(void)
{
    DIALOG("is a peer with a shut window given up when it answers no probe?",
        "sysctl data_retries 3\n" OPEN_PASSIVELY "< . 1:1(0) ack 1 win 0\n"
        "write 100\n"
        "+0.2 > . 0:0(0) ack 1\n"
        "+0.4 > . 0:0(0) ack 1\n"
        "+0.8 > . 0:0(0) ack 1\n"
        "+1.6 > R. 1:1(0) ack 1\n"
        "state CLOSED\n"
        "error ETIMEDOUT\n");
}

void
keeps_alive_by_the_user_timeout(void)
{
    DIALOG("does the user timeout stand above the count of keep-alives "
           "(tcp(7))?",
        OPEN_PASSIVELY "set keepidle 10\n"
                       "set keepintvl 2\n"
                       "set keepcnt 9\n"
                       "set user_timeout 13000\n"
                       "set keepalive 1\n"
                       "+10 > . 0:0(0) ack 1\n"
                       "+2 > . 0:0(0) ack 1\n"
                       "+2 > R. 1:1(0) ack 1\n"
                       "error ETIMEDOUT\n");
}

void
keeps_alive_as_the_host_says(void)
{
    DIALOG("may the host say when and how often a silent peer is asked?",
        "sysctl keepalive_time 10\n"
        "sysctl keepalive_intvl 2\n"
        "sysctl keepalive_probes 2\n" OPEN_PASSIVELY "set keepalive 1\n"
        "+10 > . 0:0(0) ack 1\n"
        "+2 > . 0:0(0) ack 1\n"
        "+2 > R. 1:1(0) ack 1\n"
        "error ETIMEDOUT\n");
}

void
gives_up_keeping_alive(void)
{
    DIALOG("is an idle peer given up after as many unanswered questions as "
           "the program said?",
        OPEN_PASSIVELY "set keepidle 10\n"
                       "set keepintvl 2\n"
                       "set keepcnt 2\n"
                       "set keepalive 1\n"
                       "+10 > . 0:0(0) ack 1\n"
                       "< . 1:1(0) ack 1 win 10000\n"
                       "+10 > . 0:0(0) ack 1\n"
                       "+2 > . 0:0(0) ack 1\n"
                       "+2 > R. 1:1(0) ack 1\n"
                       "error ETIMEDOUT\n");
}

void
sends_with_tos(void)
{
    DIALOG("does IP get the DiffServ field as the program gave it, and may it "
           "change (MUST-48, SHLD-21, SHLD-22)?",
        OPEN_PASSIVELY "set tos 184\n"
                       "write 10\n"
                       "> P. 1:11(10) ack 1 tos 184\n"
                       "< . 1:1(0) ack 11 win 10000\n"
                       "set tos 19\n" /* its ECN bits are not the program's */
                       "write 10\n"
                       "> P. 11:21(10) ack 1 tos 16\n"
                       "+0.2 > P. 11:21(10) ack 1 tos 16\n"
                       "< P. 1:11(10) ack 21 win 10000\n"
                       "> . 21:21(0) ack 11 tos 16\n");
}

void
sends_with_tos_and_ecn(void)
{
    DIALOG("do the DiffServ field and the ECN bits share their byte?",
        "listen 1\n"
        "< SEW 0:0(0) win 1000 <mss 1000>\n"
        "> SE. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "set tos 184\n"
        "write 10\n"
        "> [ect0] P. 1:11(10) ack 1 tos 184\n"
        "+0.2 > P. 1:11(10) ack 1 tos 184\n");
}

void
sends_with_ttl(void)
{
    DIALOG("can the time to live be configured (MUST-49)?",
        OPEN_PASSIVELY "write 10\n"
                       "> P. 1:11(10) ack 1 ttl 64\n"
                       "< . 1:1(0) ack 11 win 10000\n"
                       "set ttl 3\n"
                       "write 10\n"
                       "> P. 11:21(10) ack 1 ttl 3\n"
                       "< . 1:1(0) ack 21 win 10000\n"
                       "set ttl 0\n"
                       "shutdown\n"
                       "> F. 21:21(0) ack 1 ttl 64\n");
}
