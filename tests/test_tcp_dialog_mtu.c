/*
 * test_tcp_dialog_mtu.c: dialogues about the size of packets: what routers
 * say of it (RFC 1191, RFC 5927 7.2), what they do not say, and what can be
 * found out (RFC 4821).
 */
#include "test_tcp_dialog.h"

/* A peer that takes 1460 bytes in a segment. */
#define OPEN_WIDE                                                              \
    "listen 1\n"                                                               \
    "< S 0:0(0) win 60000 <mss 1460,nop,nop,sackOK>\n"                         \
    "> S. 0:0(0) ack 1\n"                                                      \
    "< . 1:1(0) ack 1 win 60000\n"                                             \
    "accept\n"

void
believes_no_lying_mtu(void)
{
    DIALOG("is an error about a packet that was not too large a lie?",
        OPEN_WIDE "write 500\n"
                  "> P. 1:501(500) ack 1\n"
                  "icmp 3 4 1 1000\n" /* 540 bytes get through there */
                  "icmp 3 4 1 0\n"
                  "icmp 3 4 1 67\n"
                  "icmp 3 4 1 68\n"
                  "icmp 3 4 1 65535\n"
                  "noted TCP_MTU 0\n"
                  "< . 1:1(0) ack 501 win 60000\n"
                  "icmp 3 4 1 600\n" /* about what has arrived */
                  "write 1460\n"
                  "> P. 501:1961(1460) ack 1\n"
                  "icmp 3 4 502 600\n" /* about the middle of a segment */
                  "noted TCP_MTU 0\n"
                  "< . 1:1(0) ack 1961 win 60000\n");
}

void
goes_no_lower_than_552(void)
{
    DIALOG("does an error with an MTU of 0, or of 68, make no packet smaller "
           "than 552 bytes?",
        OPEN_WIDE "write 1460\n"
                  "> P. 1:1461(1460) ack 1\n"
                  "icmp 3 4 1 68\n"
                  "> . 1:513(512) ack 1\n"
                  "> . 513:1025(512) ack 1\n"
                  "> P. 1025:1461(436) ack 1\n"
                  "noted TCP_MTU 1\n"
                  "icmp 3 4 1 0\n"
                  "noted TCP_MTU 1\n"
                  "< . 1:1(0) ack 1461 win 60000\n");
}

void
lets_routers_cut(void)
{
    DIALOG("does a program that lets routers cut its packets hear nothing of "
           "their size (ip(7), IP_PMTUDISC_DONT)?",
        OPEN_WIDE "set mtu_discover 0\n"
                  "write 1460\n"
                  "> P. 1:1461(1460) ack 1\n"
                  "icmp 3 4 1 600\n"
                  "noted TCP_MTU 0\n"
                  "< . 1:1(0) ack 1461 win 60000\n");
}

void
tries_larger_after_ten_minutes(void)
{
    DIALOG("is a lowered MTU forgotten after ten minutes (RFC 1191 6.3)?",
        OPEN_WIDE "write 1460\n"
                  "> P. 1:1461(1460) ack 1\n"
                  "icmp 3 4 1 1000\n"
                  "> . 1:961(960) ack 1\n"
                  "> P. 961:1461(500) ack 1\n"
                  "< . 1:1(0) ack 1461 win 60000\n"
                  "+599 write 1460\n"
                  "> . 1461:2421(960) ack 1\n"
                  "> P. 2421:2921(500) ack 1\n"
                  "< . 1:1(0) ack 2921 win 60000\n"
                  "+2 write 1460\n"
                  "> P. 2921:4381(1460) ack 1\n");
}

void
finds_a_black_hole(void)
{
    DIALOG("are smaller segments tried when large ones vanish without a word "
           "(RFC 4821 7.7)?",
        OPEN_WIDE "write 1460\n"
                  "> P. 1:1461(1460) ack 1\n"
                  "+0.2 > P. 1:1461(1460) ack 1\n"
                  "+0.4 > P. 1:1461(1460) ack 1\n"
                  "+0.8 > . 1:1025(1024) ack 1\n"
                  "noted TCP_MTU 1\n"
                  "+1.6 > . 1:513(512) ack 1\n"
                  "noted TCP_MTU 2\n"
                  "< . 1:1(0) ack 513 win 60000\n"
                  "> . 513:1025(512) ack 1\n"
                  "> P. 1025:1461(436) ack 1\n"
                  "< . 1:1(0) ack 1461 win 60000\n");
}

void
blames_no_size_for_small_losses(void)
{
    DIALOG("is the size not blamed where small segments are lost?",
        OPEN_WIDE "write 100\n"
                  "> P. 1:101(100) ack 1\n"
                  "+0.2 > P. 1:101(100) ack 1\n"
                  "+0.4 > P. 1:101(100) ack 1\n"
                  "+0.8 > P. 1:101(100) ack 1\n"
                  "+1.6 > P. 1:101(100) ack 1\n"
                  "noted TCP_MTU 0\n");
}

void
asks_for_larger_packets(void)
{
    DIALOG("does a probe that gets there make all segments larger (RFC 4821)?",
        "sysctl mtu_probing 2\n"
        "sysctl initial_window 12\n" OPEN_WIDE "write 6000\n"
        "> P. 1:1243(1242) ack 1\n"
        "because TCP_MTU_PROBE\n"
        "> . 1243:2267(1024) ack 1\n"
        "> . 2267:3291(1024) ack 1\n"
        "> . 3291:4315(1024) ack 1\n"
        "> . 4315:5339(1024) ack 1\n"
        "> P. 5339:6001(662) ack 1\n"
        "< . 1:1(0) ack 6001 win 60000\n"
        "noted TCP_MTU 1\n"
        "write 2000\n"
        "> . 6001:7243(1242) ack 1\n"
        "> P. 7243:8001(758) ack 1\n"
        "< . 1:1(0) ack 8001 win 60000\n");
}

void
takes_no_for_an_answer(void)
{
    DIALOG("does a probe that is lost go again in pieces, and the next try "
           "ask for less?",
        "sysctl mtu_probing 2\n"
        "sysctl initial_window 12\n" OPEN_WIDE "write 6000\n"
        "> P. 1:1243(1242) ack 1\n"
        "> . 1243:2267(1024) ack 1\n"
        "> . 2267:3291(1024) ack 1\n"
        "> . 3291:4315(1024) ack 1\n"
        "> . 4315:5339(1024) ack 1\n"
        "> P. 5339:6001(662) ack 1\n"
        "< . 1:1(0) ack 1 win 60000 <nop,nop,sack 1243:6001>\n"
        "> . 1:1025(1024) ack 1\n"
        "> . 1025:1243(218) ack 1\n"
        "noted TCP_MTU 1\n"
        "< . 1:1(0) ack 6001 win 60000\n");
}
