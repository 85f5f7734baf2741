/*
 * test_tcp_dialog_ecn.c: dialogues about explicit congestion notification
 * (RFC 3168) and the other bits that TCP gives to IP.
 */
#include "test_tcp_dialog.h"

#define OPEN_WITH_ECN                                                          \
    "listen 9\n"                                                               \
    "< SEW 0:0(0) win 1000 <mss 1000,nop,nop,sackOK>\n"                        \
    "> SE. 0:0(0) ack 1\n"                                                     \
    "< . 1:1(0) ack 1 win 50000\n"                                             \
    "accept\n"

void
agrees_on_ecn_when_asked(void)
{
    DIALOG("does who is asked for ECN agree, by the SYN's flags alone?",
        OPEN_WITH_ECN "write 100\n"
                      "> [ect0] P. 1:101(100) ack 1\n"
                      "peer 2\n"
                      "< SE 0:0(0) win 1000\n"
                      "> S. 0:0(0) ack 1\n"
                      "peer 3\n"
                      "< SW 0:0(0) win 1000\n"
                      "> S. 0:0(0) ack 1\n"
                      "peer 4\n"
                      "< [ect0] SEW 0:0(0) win 1000\n"
                      "> S. 0:0(0) ack 1\n");
}

void
does_not_agree_on_ecn(void)
{
    DIALOG("does a host that was told so refuse ECN?",
        "sysctl ecn 0\n"
        "listen 1\n"
        "< SEW 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "write 100\n"
        "> P. 1:101(100) ack 1\n"
        "< [ce] P. 1:11(10) ack 101 win 10000\n"
        "> . 101:101(0) ack 11\n");
}

void
asks_for_ecn(void)
{
    DIALOG("does a host that was told so ask for ECN, and heed the answer?",
        "sysctl ecn 1\n"
        "connect\n"
        "> SEW 0:0(0)\n"
        "< SE. 0:0(0) ack 1 win 10000 <mss 1000>\n"
        "> . 1:1(0) ack 1\n"
        "write 100\n"
        "> [ect0] P. 1:101(100) ack 1\n"
        "peer 2\n"
        "connect\n"
        "> SEW 0:0(0)\n"
        "< S. 0:0(0) ack 1 win 10000 <mss 1000>\n"
        "> . 1:1(0) ack 1\n"
        "write 100\n"
        "> P. 1:101(100) ack 1\n"
        "peer 3\n"
        "connect\n"
        "> SEW 0:0(0)\n"
        "< SEW. 0:0(0) ack 1 win 10000 <mss 1000>\n" /* echoes all flags */
        "> . 1:1(0) ack 1\n"
        "write 100\n"
        "> P. 1:101(100) ack 1\n");
}

void
does_not_ask_for_ecn(void)
{
    DIALOG("does a host stay without ECN when it did not ask?",
        "connect\n"
        "> S 0:0(0)\n"
        "< SE. 0:0(0) ack 1 win 10000 <mss 1000>\n"
        "> . 1:1(0) ack 1\n"
        "write 100\n"
        "> P. 1:101(100) ack 1\n");
}

void
asks_again_without_ecn(void)
{
    DIALOG("does a SYN that got no answer go again without ECN?",
        "sysctl ecn 1\n"
        "connect\n"
        "> SEW 0:0(0)\n"
        "+1 > S 0:0(0)\n"
        "< SE. 0:0(0) ack 1 win 10000 <mss 1000>\n"
        "> . 1:1(0) ack 1\n"
        "write 100\n"
        "> P. 1:101(100) ack 1\n");
}

void
agrees_on_ecn_both_calling(void)
{
    DIALOG("can two that call each other agree on ECN?",
        "sysctl ecn 1\n"
        "connect\n"
        "> SEW 0:0(0)\n"
        "< SEW 0:0(0) win 10000 <mss 1000>\n"
        "> SE. 0:0(0) ack 1\n"
        "< SE. 0:0(0) ack 1 win 10000\n"
        "state ESTABLISHED\n"
        "write 100\n"
        "> [ect0] P. 1:101(100) ack 1\n");
}

void
marks_only_new_data(void)
{
    DIALOG("do only data that go for the first time bear ECT (6.1.4 to 6.1.6)?",
        OPEN_WITH_ECN "< P. 1:11(10) ack 1 win 50000\n"
                      "> . 1:1(0) ack 11\n"
                      "write 100\n"
                      "> [ect0] P. 1:101(100) ack 11\n"
                      "+0.2 > P. 1:101(100) ack 11\n"
                      "< . 11:11(0) ack 101 win 0\n"
                      "write 50\n"
                      "+0.4 > . 100:100(0) ack 11\n" /* a probe */
                      "< . 11:11(0) ack 101 win 50000\n"
                      "> [ect0] PW. 101:151(50) ack 11\n"
                      "shutdown\n"
                      "> F. 151:151(0) ack 11\n");
}

void
echoes_marks_until_told(void)
{
    DIALOG("is a mark echoed in every segment until CWR comes (6.1.3)?",
        OPEN_WITH_ECN "< [ce] P. 1:11(10) ack 1 win 50000\n"
                      "> E. 1:1(0) ack 11\n"
                      "because TCP_ECN_CE\n"
                      "< [ect0] P. 11:21(10) ack 1 win 50000\n"
                      "> E. 1:1(0) ack 21\n"
                      "write 100\n"
                      "> [ect0] PE. 1:101(100) ack 21\n"
                      "< . 21:21(0) ack 101 win 50000\n"
                      "< [ect0] PW. 21:31(10) ack 101 win 50000\n"
                      "> . 101:101(0) ack 31\n"
                      "because TCP_ECN_CWR\n"
                      "< [ect0] P. 31:41(10) ack 101 win 50000\n"
                      "+0.04 > . 101:101(0) ack 41\n"
                      "< [ce] PW. 41:51(10) ack 101 win 50000\n"
                      "> E. 101:101(0) ack 51\n");
}

void
ignores_marks_on_strangers(void)
{
    DIALOG("is a mark on a segment outside of the window ignored?",
        OPEN_WITH_ECN "< P. 1:11(10) ack 1 win 50000\n"
                      "> . 1:1(0) ack 11\n"
                      "< [ce] P. 1:11(10) ack 1 win 50000\n"
                      "> . 1:1(0) ack 11\n"
                      "< [ce] P. 90000:90010(10) ack 1 win 50000\n"
                      "> . 1:1(0) ack 11\n"
                      "< [ce] . 11:11(0) ack 1 win 50000\n"
                      "< P. 11:21(10) ack 1 win 50000\n"
                      "> . 1:1(0) ack 21\n");
}

void
slows_down_for_an_echo(void)
{
    DIALOG("is an echo answered like a loss, once a round trip (6.1.2)?",
        "sysctl initial_window 8\n" OPEN_WITH_ECN "write 16000\n"
        "> [ect0] . 1:1001(1000) ack 1\n"
        "> [ect0] . 1001:2001(1000) ack 1\n"
        "> [ect0] . 2001:3001(1000) ack 1\n"
        "> [ect0] P. 3001:4001(1000) ack 1\n"
        "> [ect0] . 4001:5001(1000) ack 1\n"
        "> [ect0] . 5001:6001(1000) ack 1\n"
        "> [ect0] . 6001:7001(1000) ack 1\n"
        "> [ect0] P. 7001:8001(1000) ack 1\n"
        /* from eight to four: every second ACK lets one out */
        "< E. 1:1(0) ack 1001 win 50000\n"
        "> [ect0] W. 8001:9001(1000) ack 1\n"
        "< E. 1:1(0) ack 2001 win 50000\n"
        "< E. 1:1(0) ack 3001 win 50000\n"
        "> [ect0] . 9001:10001(1000) ack 1\n"
        "< E. 1:1(0) ack 8001 win 50000\n"
        "> [ect0] . 10001:11001(1000) ack 1\n"
        "> [ect0] P. 11001:12001(1000) ack 1\n"
        /* what was sent after the reduction is acknowledged: it is over */
        "< . 1:1(0) ack 9001 win 50000\n"
        "> [ect0] . 12001:13001(1000) ack 1\n"
        /* another crowd */
        "< E. 1:1(0) ack 10001 win 50000\n"
        "> [ect0] W. 13001:14001(1000) ack 1\n"
        "abort\n"
        "> R. 14001:14001(0) ack 1\n");
}

void
says_cwr_after_a_loss(void)
{
    DIALOG("is CWR said after a loss, too, and only on new data?",
        OPEN_WITH_ECN "write 5000\n"
                      "> [ect0] . 1:1001(1000) ack 1\n"
                      "> [ect0] . 1001:2001(1000) ack 1\n"
                      "> [ect0] . 2001:3001(1000) ack 1\n"
                      "> [ect0] . 3001:4001(1000) ack 1\n"
                      "> [ect0] P. 4001:5001(1000) ack 1\n"
                      "+0.2 > . 1:1001(1000) ack 1\n"
                      "< . 1:1(0) ack 1001 win 50000\n"
                      "> . 1001:2001(1000) ack 1\n"
                      "> . 2001:3001(1000) ack 1\n"
                      "< . 1:1(0) ack 5001 win 50000\n"
                      "write 10\n"
                      "> [ect0] PW. 5001:5011(10) ack 1\n"
                      "< . 1:1(0) ack 5011 win 50000\n"
                      "write 10\n"
                      "> [ect0] P. 5011:5021(10) ack 1\n");
}

void
believes_no_echo_unasked(void)
{
    DIALOG("does ECE mean nothing where ECN was not agreed on?",
        "sysctl initial_window 4\n" OPEN_WITH_SACK "write 8000\n"
        "> . 1:1001(1000) ack 1\n"
        "> P. 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n"
        "> P. 3001:4001(1000) ack 1\n"
        "< E. 1:1(0) ack 4001 win 50000\n"
        "> . 4001:5001(1000) ack 1\n"
        "> . 5001:6001(1000) ack 1\n"
        "> . 6001:7001(1000) ack 1\n"
        "> P. 7001:8001(1000) ack 1\n");
}
