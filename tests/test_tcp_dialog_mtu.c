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
remembers_the_mtu_of_the_way(void)
{
    DIALOG("does the next connection to the same address know what a router "
           "said, and offer to take as much as ever?",
        OPEN_WIDE "write 1460\n"
                  "> P. 1:1461(1460) ack 1\n"
                  "icmp 3 4 1 600\n"
                  "> . 1:561(560) ack 1\n"
                  "> . 561:1121(560) ack 1\n"
                  "> P. 1121:1461(340) ack 1\n"
                  "< . 1:1(0) ack 1461 win 60000\n"
                  "peer 2\n"
                  "< S 0:0(0) win 60000 <mss 1460>\n"
                  "> S. 0:0(0) ack 1 <mss 1460>\n"
                  "< . 1:1(0) ack 1 win 60000\n"
                  "by TCP_KNOWN_MTU\n"
                  "accept\n"
                  "write 600\n"
                  "> . 1:561(560) ack 1\n"
                  "> P. 561:601(40) ack 1\n"
                  "< . 1:1(0) ack 601 win 60000\n"
                  "peer 3\n"
                  "connect\n"
                  "> S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7>\n"
                  "< S. 0:0(0) ack 1 win 60000 <mss 1460>\n"
                  "> . 1:1(0) ack 1\n"
                  "by TCP_KNOWN_MTU\n"
                  "write 600\n"
                  "> . 1:561(560) ack 1\n"
                  "> P. 561:601(40) ack 1\n"
                  "< . 1:1(0) ack 601 win 60000\n");
}

void
forgets_the_mtu_of_the_way(void)
{
    DIALOG("does a connection ten minutes later try large segments again?",
        OPEN_WIDE "write 1460\n"
                  "> P. 1:1461(1460) ack 1\n"
                  "icmp 3 4 1 600\n"
                  "> . 1:561(560) ack 1\n"
                  "> . 561:1121(560) ack 1\n"
                  "> P. 1121:1461(340) ack 1\n"
                  "< . 1:1(0) ack 1461 win 60000\n"
                  "+601\n"
                  "peer 2\n"
                  "< S 0:0(0) win 60000 <mss 1460>\n"
                  "> S. 0:0(0) ack 1 <mss 1460>\n"
                  "< . 1:1(0) ack 1 win 60000\n"
                  "accept\n"
                  "write 600\n"
                  "> P. 1:601(600) ack 1\n"
                  "< . 1:1(0) ack 601 win 60000\n");
}

/* The ring of what is out, of 16 places, is full, and its first is the 11th. */
#define FILL_THE_RING                                                          \
    "write 13140\n"                                                            \
    "> . 1:1461(1460) ack 1\n"                                                 \
    "> . 1461:2921(1460) ack 1\n"                                              \
    "> . 2921:4381(1460) ack 1\n"                                              \
    "> . 4381:5841(1460) ack 1\n"                                              \
    "> P. 5841:7301(1460) ack 1\n"                                             \
    "> . 7301:8761(1460) ack 1\n"                                              \
    "> . 8761:10221(1460) ack 1\n"                                             \
    "> . 10221:11681(1460) ack 1\n"                                            \
    "> P. 11681:13141(1460) ack 1\n"                                           \
    "< . 1:1(0) ack 13141 win 60000\n"                                         \
    "write 100\n"                                                              \
    "> P. 13141:13241(100) ack 1\n"                                            \
    "write 100\n"                                                              \
    "> P. 13241:13341(100) ack 1\n"                                            \
    "write 100\n"                                                              \
    "> P. 13341:13441(100) ack 1\n"                                            \
    "write 100\n"                                                              \
    "> P. 13441:13541(100) ack 1\n"                                            \
    "write 100\n"                                                              \
    "> P. 13541:13641(100) ack 1\n"                                            \
    "write 100\n"                                                              \
    "> P. 13641:13741(100) ack 1\n"                                            \
    "write 14600\n"                                                            \
    "> . 13741:15201(1460) ack 1\n"                                            \
    "> . 15201:16661(1460) ack 1\n"                                            \
    "> . 16661:18121(1460) ack 1\n"                                            \
    "> . 18121:19581(1460) ack 1\n"                                            \
    "> . 19581:21041(1460) ack 1\n"                                            \
    "> . 21041:22501(1460) ack 1\n"                                            \
    "> . 22501:23961(1460) ack 1\n"                                            \
    "> . 23961:25421(1460) ack 1\n"                                            \
    "> P. 25421:26881(1460) ack 1\n"                                           \
    "> P. 26881:28341(1460) ack 1\n"

void
cuts_in_a_full_ring(void)
{
    DIALOG("does a full ring that grows while its segments are cut keep them "
           "in order, and send each piece once?",
        OPEN_WIDE "set nodelay 1\n" FILL_THE_RING "icmp 3 4 13741 1000\n"
                  "> P. 13141:13241(100) ack 1\n"
                  "> P. 13241:13341(100) ack 1\n"
                  "> P. 13341:13441(100) ack 1\n"
                  "> P. 13441:13541(100) ack 1\n"
                  "> P. 13541:13641(100) ack 1\n"
                  "> P. 13641:13741(100) ack 1\n"
                  "> . 13741:14701(960) ack 1\n"
                  "> . 14701:15201(500) ack 1\n"
                  "> . 15201:16161(960) ack 1\n"
                  "> . 16161:16661(500) ack 1\n"
                  "> . 16661:17621(960) ack 1\n"
                  "> . 17621:18121(500) ack 1\n"
                  "> . 18121:19081(960) ack 1\n"
                  "> . 19081:19581(500) ack 1\n"
                  "> . 19581:20541(960) ack 1\n"
                  "> . 20541:21041(500) ack 1\n"
                  "> . 21041:22001(960) ack 1\n"
                  "> . 22001:22501(500) ack 1\n"
                  "> . 22501:23461(960) ack 1\n"
                  "> . 23461:23961(500) ack 1\n"
                  "> . 23961:24921(960) ack 1\n"
                  "> . 24921:25421(500) ack 1\n"
                  "> . 25421:26381(960) ack 1\n"
                  "> P. 26381:26881(500) ack 1\n"
                  "> . 26881:27841(960) ack 1\n"
                  "> P. 27841:28341(500) ack 1\n"
                  "noted TCP_RETRANSMIT 26\n"
                  "< . 1:1(0) ack 28341 win 60000\n");
}

void
sends_the_oldest_beside_what_is_fresh(void)
{
    DIALOG("does the oldest go again, cut, when its third timeout comes while "
           "something was sent just before?",
        "listen 1\n"
        "< S 0:0(0) win 60000 <mss 1460,nop,nop,sackOK>\n"
        "> S. 0:0(0) ack 1\n"
        "+0.1 < . 1:1(0) ack 1 win 60000\n"
        "accept\n"
        "set nodelay 1\n"
        "write 1100\n"
        "> P. 1:1101(1100) ack 1\n"
        "+0.3 > P. 1:1101(1100) ack 1\n"
        "+0.6 > P. 1:1101(1100) ack 1\n"
        "+1.15 write 100\n"
        "> P. 1101:1201(100) ack 1\n"
        "+0.05 > . 1:1025(1024) ack 1\n"
        "because TCP_RETRANSMIT_RTO\n"
        "noted TCP_R1 1\n");
}

void
probes_no_larger_than_told(void)
{
    DIALOG("does the next probe stay below what a router said about the last?",
        "sysctl mtu_probing 2\n"
        "sysctl initial_window 12\n" OPEN_WIDE "write 6000\n"
        "> P. 1:1243(1242) ack 1\n"
        "> . 1243:2267(1024) ack 1\n"
        "> . 2267:3291(1024) ack 1\n"
        "> . 3291:4315(1024) ack 1\n"
        "> . 4315:5339(1024) ack 1\n"
        "> P. 5339:6001(662) ack 1\n"
        "icmp 3 4 1 1200\n"
        "> . 1:1025(1024) ack 1\n"
        "> P. 1025:1243(218) ack 1\n"
        "> . 1243:2267(1024) ack 1\n"
        "> . 2267:3291(1024) ack 1\n"
        "> . 3291:4315(1024) ack 1\n"
        "> . 4315:5339(1024) ack 1\n"
        "> P. 5339:6001(662) ack 1\n"
        "< . 1:1(0) ack 6001 win 60000\n"
        "write 6000\n"
        "> P. 6001:7093(1092) ack 1\n" /* between 1064 and 1200 */
        "because TCP_MTU_PROBE\n"
        "> . 7093:8117(1024) ack 1\n"
        "> . 8117:9141(1024) ack 1\n"
        "> . 9141:10165(1024) ack 1\n"
        "> . 10165:11189(1024) ack 1\n"
        "> P. 11189:12001(812) ack 1\n");
}

void
probes_no_larger_than_the_peer_takes(void)
{
    DIALOG("does no probe hold more than the MSS that the peer has named (RFC "
           "9293 3.7.1)?",
        "sysctl mtu_probing 2\n"
        "sysctl initial_window 12\n"
        "listen 1\n"
        "< S 0:0(0) win 60000 <mss 1200,nop,nop,sackOK>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 60000\n"
        "accept\n"
        "write 5600\n"
        "> P. 1:1113(1112) ack 1\n" /* between 1024 and 1200 */
        "because TCP_MTU_PROBE\n"
        "> . 1113:2137(1024) ack 1\n"
        "> . 2137:3161(1024) ack 1\n"
        "> . 3161:4185(1024) ack 1\n"
        "> . 4185:5209(1024) ack 1\n"
        "> P. 5209:5601(392) ack 1\n"
        "< . 1:1(0) ack 5601 win 60000\n"
        "write 6000\n"
        "> P. 5601:6757(1156) ack 1\n" /* between 1112 and 1200 */
        "because TCP_MTU_PROBE\n"
        "> . 6757:7869(1112) ack 1\n"
        "> . 7869:8981(1112) ack 1\n"
        "> . 8981:10093(1112) ack 1\n"
        "> . 10093:11205(1112) ack 1\n"
        "> P. 11205:11601(396) ack 1\n");
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

void
offers_what_its_buffer_holds(void)
{
    DIALOG("is what a SYN offers whole segments, and what 16 bits can say?",
        "sysctl rcvbuf_first 65700\n"
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1 win 65535\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "peer 2\n"
        "sysctl rcvbuf_first 65536\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1 win 64240\n"
        "peer 3\n"
        "sysctl rcvbuf_first 30000\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1 win 29200\n");
}
