/*
 * test_tcp_dialog_loss.c: dialogues about what gets lost, and about the
 * congestion window.
 */
#include "test_tcp_dialog.h"

void
backs_off(void)
{
    DIALOG("is the oldest sent again after 0.2, 0.4, 0.8 s (RFC 6298 5.5)?",
        OPEN_PASSIVELY "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "+0.2 > P. 1:101(100) ack 1\n"
                       "because TCP_RETRANSMIT_RTO\n"
                       "+0.4 > P. 1:101(100) ack 1\n"
                       "+0.8 > P. 1:101(100) ack 1\n"
                       "< . 1:1(0) ack 101 win 10000\n"
                       "+5 write 100\n"
                       "> P. 101:201(100) ack 1\n");
}

void
backs_off_no_further(void)
{
    DIALOG("does the wait, a SYN,ACK's too, stop doubling where the host says "
           "so (RFC 6298 2.5)?",
        "sysctl max_rto_ms 1000\n"
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "+1 > S. 0:0(0) ack 1\n"
        "+1 > S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "write 100\n"
        "> P. 1:101(100) ack 1\n"
        "+1 > P. 1:101(100) ack 1\n"
        "+1 > P. 1:101(100) ack 1\n");
}

void
gives_up_sending(void)
{
    DIALOG("is a connection given up after so many retransmissions (MUST-20)?",
        "sysctl data_retries 2\n" OPEN_PASSIVELY "write 100\n"
        "> P. 1:101(100) ack 1\n"
        "+0.2 > P. 1:101(100) ack 1\n"
        "+0.4 > P. 1:101(100) ack 1\n"
        "+0.8 state CLOSED\n"
        "poll IN OUT ERR HUP RDHUP\n"
        "error ETIMEDOUT\n");
}

void
respects_the_user_timeout(void)
{
    DIALOG("does the program's own patience count (RFC 5482)?",
        OPEN_PASSIVELY "set user_timeout 500\n"
                       "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "+0.2 > P. 1:101(100) ack 1\n"
                       "+0.4 > P. 1:101(100) ack 1\n"
                       "+0.1 state CLOSED\n"
                       "error ETIMEDOUT\n");
}

void
measures_only_what_was_sent_once(void)
{
    DIALOG("does an ACK of what was sent twice leave the RTO alone (Karn)?",
        OPEN_PASSIVELY "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "+0.2 > P. 1:101(100) ack 1\n"
                       "+0.1 < . 1:1(0) ack 101 win 10000\n"
                       "write 100\n"
                       "> P. 101:201(100) ack 1\n"
                       "+0.4 > P. 101:201(100) ack 1\n");
}

void
retransmits_fast(void)
{
    DIALOG("do three duplicate ACKs send the lost one again at once?",
        OPEN_PASSIVELY "write 5000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "> . 2001:3001(1000) ack 1\n"
                       "> . 3001:4001(1000) ack 1\n"
                       "> P. 4001:5001(1000) ack 1\n"
                       "+0.01 < . 1:1(0) ack 1001 win 10000\n"
                       "< . 1:1(0) ack 1001 win 10000\n"
                       "< . 1:1(0) ack 1001 win 10000\n"
                       "< . 1:1(0) ack 1001 win 10000\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "because TCP_RETRANSMIT_FAST\n"
                       "+0.01 < . 1:1(0) ack 5001 win 10000\n"
                       "write 1000\n"
                       "> P. 5001:6001(1000) ack 1\n");
}

void
recovers_from_two_losses(void)
{
    DIALOG("does a partial ACK send the next hole at once (RFC 6582)?",
        OPEN_PASSIVELY "write 6000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "> . 2001:3001(1000) ack 1\n"
                       "> . 3001:4001(1000) ack 1\n"
                       "> P. 4001:5001(1000) ack 1\n"
                       "> P. 5001:6001(1000) ack 1\n"
                       "+0.01 < . 1:1(0) ack 1 win 10000\n"
                       "< . 1:1(0) ack 1 win 10000\n"
                       "< . 1:1(0) ack 1 win 10000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "< . 1:1(0) ack 1 win 10000\n"
                       "+0.01 < . 1:1(0) ack 3001 win 10000\n"
                       "> . 3001:4001(1000) ack 1\n"
                       "because TCP_RETRANSMIT_FAST\n"
                       "+0.01 < . 1:1(0) ack 6001 win 10000\n");
}

void
retransmits_by_sack(void)
{
    DIALOG("are exactly the holes between SACK blocks sent again (RFC 6675)?",
        "sysctl rack 0\n" OPEN_WITH_SACK "write 8000\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n"
        "> . 3001:4001(1000) ack 1\n"
        "> P. 4001:5001(1000) ack 1\n"
        "> . 5001:6001(1000) ack 1\n"
        "> . 6001:7001(1000) ack 1\n"
        "> P. 7001:8001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001>\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001 3001:4001>\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001 3001:5001>\n"
        "> . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001 3001:6001>\n"
        "> . 2001:3001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001 3001:8001>\n"
        "+0.01 < . 1:1(0) ack 2001 win 50000 <nop,nop,sack 3001:8001>\n"
        "< . 1:1(0) ack 8001 win 50000\n");
}

void
keeps_sacks_through_a_timeout(void)
{
    DIALOG("is only what the peer lacks sent again after a timeout?",
        "sysctl rack 0\n" OPEN_WITH_SACK "write 3000\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "> P. 2001:3001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:2001>\n"
        "+0.19 > . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 2001 win 50000\n"
        "> P. 2001:3001(1000) ack 1\n"
        "< . 1:1(0) ack 3001 win 50000\n");
}

void
transmits_a_little_more(void)
{
    DIALOG("do the first two duplicate ACKs let one new segment out each "
           "(RFC 3042)?",
        "sysctl initial_window 2\n" OPEN_PASSIVELY "write 6000\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "> . 2001:3001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "> . 3001:4001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "> . 1:1001(1000) ack 1\n"
        "because TCP_RETRANSMIT_FAST\n"
        "> . 4001:5001(1000) ack 1\n");
}

void
starts_slowly(void)
{
    DIALOG("does each ACK of two segments let four out in slow start?",
        "sysctl initial_window 2\n" OPEN_PASSIVELY "write 20000\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 2001 win 20000\n"
        "> . 2001:3001(1000) ack 1\n"
        "> P. 3001:4001(1000) ack 1\n"
        "> . 4001:5001(1000) ack 1\n"
        "> P. 5001:6001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 3001 win 20000\n"
        "> P. 6001:7001(1000) ack 1\n"
        "> . 7001:8001(1000) ack 1\n");
}

void
starts_again_after_a_silence(void)
{
    DIALOG("is the window small again after a silence (RFC 5681 4.1)?",
        "sysctl initial_window 2\n" OPEN_PASSIVELY "write 4000\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 2001 win 20000\n"
        "> . 2001:3001(1000) ack 1\n"
        "> P. 3001:4001(1000) ack 1\n"
        "+0.01 < . 1:1(0) ack 4001 win 20000\n"
        "+5 write 4000\n"
        "> . 4001:5001(1000) ack 1\n"
        "> . 5001:6001(1000) ack 1\n");
}

void
starts_with_one_after_a_lost_syn(void)
{
    DIALOG("does a lost SYN,ACK make the first window one segment?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "+1 > S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "write 3000\n"
        "> . 1:1001(1000) ack 1\n"
        "+3 > . 1:1001(1000) ack 1\n");
}

void
shrinks_to_the_path(void)
{
    DIALOG("does 'fragmentation needed' make segments smaller (RFC 1191)?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1400>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "write 1400\n"
        "> P. 1:1401(1400) ack 1\n"
        "icmp 3 4 1\n"
        "> . 1:961(960) ack 1\n"
        "> P. 961:1401(440) ack 1\n"
        "< . 1:1(0) ack 1401 win 10000\n"
        "write 1000\n"
        "> . 1401:2361(960) ack 1\n"
        "> P. 2361:2401(40) ack 1\n");
}

void
remembers_soft_errors(void)
{
    DIALOG("does an ICMP error not end a living connection (MUST-56)?",
        "sysctl data_retries 1\n" OPEN_PASSIVELY "write 100\n"
        "> P. 1:101(100) ack 1\n"
        "icmp 3 1 1\n"
        "icmp 3 3 1\n"
        "icmp 3 1 1\n"
        "state ESTABLISHED\n"
        "+0.2 > P. 1:101(100) ack 1\n"
        "+0.4 state CLOSED\n"
        "error EHOSTUNREACH\n");
}

void
asks_about_the_tail(void)
{
    DIALOG("is a lost tail found by a question, not by a timeout (RFC 8985)?",
        "sysctl tail_probe 1\n"
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000,nop,nop,sackOK>\n"
        "> S. 0:0(0) ack 1\n"
        "+0.01 < . 1:1(0) ack 1 win 50000\n"
        "accept\n"
        "write 3000\n"
        "> . 1:1001(1000) ack 1\n"
        "> P. 1001:2001(1000) ack 1\n"
        "> P. 2001:3001(1000) ack 1\n"
        "+0.022 > P. 2001:3001(1000) ack 1\n"
        "because TCP_TAIL_PROBE\n"
        "+0.21 > . 1:1001(1000) ack 1\n" /* and only once */
        "because TCP_RETRANSMIT_RTO\n"
        "< . 1:1(0) ack 3001 win 50000\n");
}

void
keeps_seven_tenths(void)
{
    DIALOG("does CUBIC go on with seven of ten segments (RFC 9438 4.6)?",
        "sysctl cubic 1\n" OPEN_WITH_SACK "write 9000\n"
        "> . 1:1001(1000) ack 1\n"
        "> . 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n"
        "> . 3001:4001(1000) ack 1\n"
        "> P. 4001:5001(1000) ack 1\n"
        "> . 5001:6001(1000) ack 1\n"
        "> . 6001:7001(1000) ack 1\n"
        "> . 7001:8001(1000) ack 1\n"
        "> P. 8001:9001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:4001>\n"
        "> . 1:1001(1000) ack 1\n"
        "because TCP_RETRANSMIT_FAST\n"
        "< . 1:1(0) ack 9001 win 50000\n"
        "write 9000\n"
        "> . 9001:10001(1000) ack 1\n"
        "> . 10001:11001(1000) ack 1\n"
        "> P. 11001:12001(1000) ack 1\n"
        "> . 12001:13001(1000) ack 1\n"
        "> . 13001:14001(1000) ack 1\n"
        "> P. 14001:15001(1000) ack 1\n"
        "> . 15001:16001(1000) ack 1\n"
        "+0.1 < . 1:1(0) ack 16001 win 50000\n"
        "> . 16001:17001(1000) ack 1\n"
        "> P. 17001:18001(1000) ack 1\n");
}
