/*
 * test_tcp_dialog_text.c: dialogues about sending and receiving: when to
 * acknowledge, when to send, how much.
 */
#include "test_tcp_dialog.h"

void
moves_text_both_ways(void)
{
    DIALOG("is text delivered, acknowledged and sent?",
        OPEN_PASSIVELY "< P. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 101 win 64140\n"
                       "because TCP_ACK_QUICK\n"
                       "read 200 = 100\n"
                       "read 200 = EAGAIN\n"
                       "write 1500\n"
                       "> . 1:1001(1000) ack 101\n"
                       "because TCP_SEND_FULL\n"
                       "> P. 1001:1501(500) ack 101\n"
                       "because TCP_SEND_NAGLE\n"
                       "< . 101:101(0) ack 1501 win 10000\n");
}

void
delays_acks(void)
{
    DIALOG("does a lone segment wait 40 ms for its ACK (MUST-40)?",
        "sysctl quick_acks 0\n" OPEN_PASSIVELY
        "< P. 1:101(100) ack 1 win 10000\n"
        "+0.04 > . 1:1(0) ack 101\n"
        "because TCP_ACK_TIMER\n"
        "set quickack 1\n"
        "< P. 101:201(100) ack 1 win 10000\n"
        "> . 1:1(0) ack 201\n"
        "because TCP_ACK_QUICK\n");
    DIALOG("does TCP_QUICKACK send the ACK that waits, and only that?",
        "sysctl quick_acks 0\n" OPEN_PASSIVELY
        "< P. 1:101(100) ack 1 win 10000\n"
        "+0.01 set quickack 1\n"
        "> . 1:1(0) ack 101\n"
        "because TCP_ACK_QUICK\n"
        "set quickack 1\n"
        "+1\n");
}

void
acks_every_second_segment(void)
{
    DIALOG("is every second full segment acknowledged at once (SHLD-19)?",
        "sysctl quick_acks 0\n" OPEN_PASSIVELY
        "< . 1:1001(1000) ack 1 win 10000\n"
        "< . 1001:2001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 2001\n"
        "because TCP_ACK_SECOND\n"
        "< . 2001:3001(1000) ack 1 win 10000\n"
        "< . 3001:4001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 4001\n");
}

void
lets_acks_ride(void)
{
    DIALOG("does an answer carry the ACK, and the next one wait for it?",
        OPEN_PASSIVELY "< P. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 101\n"
                       "write 50\n"
                       "> P. 1:51(50) ack 101\n"
                       "< P. 101:201(100) ack 51 win 10000\n"
                       "+0.01 write 50\n"
                       "> P. 51:101(50) ack 201\n"
                       "< . 201:201(0) ack 101 win 10000\n"
                       "+0.1\n");
}

void
holds_small_segments(void)
{
    DIALOG("does a second small segment wait for the first one's ACK?",
        OPEN_PASSIVELY "write 10\n"
                       "> P. 1:11(10) ack 1\n"
                       "write 20\n"
                       "write 30\n"
                       "+0.05 < . 1:1(0) ack 11 win 10000\n"
                       "> P. 11:61(50) ack 1\n"
                       "write 1200\n"
                       "> . 61:1061(1000) ack 1\n"
                       "< . 1:1(0) ack 1061 win 10000\n"
                       "> P. 1061:1261(200) ack 1\n");
}

void
sends_small_segments_at_once(void)
{
    DIALOG("does TCP_NODELAY send every write at once (MUST-17)?",
        OPEN_PASSIVELY "set nodelay 1\n"
                       "write 10\n"
                       "> P. 1:11(10) ack 1\n"
                       "write 20\n"
                       "> P. 11:31(20) ack 1\n"
                       "because TCP_SEND_NODELAY\n");
}

void
corks(void)
{
    DIALOG("does TCP_CORK hold short segments until it is pulled?",
        OPEN_PASSIVELY "set cork 1\n"
                       "write 100\n"
                       "write 1000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "+0.01 set cork 0\n"
                       "> P. 1001:1101(100) ack 1\n");
}

void
waits_for_more(void)
{
    DIALOG("does MSG_MORE wait for the rest, but not for ever?",
        OPEN_PASSIVELY "write 100 more\n"
                       "write 100\n"
                       "> P. 1:201(200) ack 1\n"
                       "< . 1:1(0) ack 201 win 10000\n"
                       "write 100 more\n"
                       "+0.2 > P. 201:301(100) ack 1\n"
                       "because TCP_SEND_OVERRIDE\n");
}

void
marks_the_end_of_a_burst(void)
{
    DIALOG("is PSH on the last segment of what was written (MUST-61)?",
        OPEN_PASSIVELY "write 3000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "> P. 2001:3001(1000) ack 1\n");
}

void
pushes_each_half_of_a_window(void)
{
    DIALOG("do the first bytes wait for half of the peer's window to bear PSH, "
           "whatever number they have?",
        "listen 1\n"
        "< S 0:0(0) win 3000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 3000\n"
        "accept\n"
        "write 3000\n"
        "> . 1:1001(1000) ack 1\n"
        "> P. 1001:2001(1000) ack 1\n"
        "> P. 2001:3001(1000) ack 1\n");
}

void
opens_its_window_with_the_segments(void)
{
    DIALOG("does a window of one small segment hold a larger one, once there "
           "are larger ones (RFC 5681 3.1)?",
        OPEN_PASSIVELY "set maxseg 100\n"
                       "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "+0.2 > P. 1:101(100) ack 1\n"
                       "cwnd 100\n"
                       "< . 1:1(0) ack 101 win 10000\n"
                       "set maxseg 0\n"
                       "cwnd 1000\n"
                       "write 1000\n"
                       "> P. 101:1101(1000) ack 1\n"
                       "< . 1:1(0) ack 1101 win 10000\n");
}

void
probes_a_shut_window(void)
{
    DIALOG("is a shut window probed, ever more rarely (MUST-36)?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 0\n"
        "accept\n"
        "write 1500\n"
        "+0.2 > . 0:0(0) ack 1\n"
        "because TCP_PERSIST\n"
        "+0.05 < . 1:1(0) ack 1 win 0\n"
        "+0.35 > . 0:0(0) ack 1\n"
        "+0.8 > . 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "> . 1:1001(1000) ack 1\n"
        "because TCP_SEND_FULL\n"
        "< . 1:1(0) ack 1001 win 1000\n"
        "> P. 1001:1501(500) ack 1\n");
}

void
answers_probes_of_its_window(void)
{
    DIALOG("is a probe of our shut window answered, and its ACK heard?",
        "sysctl rcvbuf 2000\n" OPEN_PASSIVELY
        "< . 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 win 460\n"
        "< . 1001:1461(460) ack 1 win 10000\n"
        "> . 1:1(0) ack 1461 win 0\n"
        "write 10\n"
        "> P. 1:11(10) ack 1461 win 0\n"
        "< . 1461:1462(1) ack 11 win 10000\n"
        "> . 11:11(0) ack 1461 win 0\n"
        "because TCP_ACK_ZERO_WINDOW\n"
        "< R 1461:1461(0)\n"
        "state CLOSED\n"
        "read 9999 = 1460\n"
        "read 9999 = ECONNRESET\n");
}

void
avoids_silly_windows(void)
{
    DIALOG("does the window open only by a step worth having (MUST-39)?",
        "sysctl rcvbuf 4000\n" OPEN_PASSIVELY "set rcvbuf 2920\n"
        "< . 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 win 1920\n"
        "< . 1001:2001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 2001 win 920\n"
        "< . 2001:2921(920) ack 1 win 10000\n"
        "+0.04 > . 1:1(0) ack 2921 win 0\n"
        "read 900\n"
        "+1 read 100 = 100\n"
        "> . 1:1(0) ack 2921 win 1000\n"
        "because TCP_ACK_WINDOW\n");
}

void
offers_no_more_than_the_clamp(void)
{
    DIALOG("does TCP_WINDOW_CLAMP bound what is offered, never taking back?",
        "sysctl rcvbuf 6000\n" OPEN_PASSIVELY "set window_clamp 2000\n"
        "< . 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1001 win 4840\n"
        "read 9000 = 1000\n"
        "< . 1001:2001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 2001 win 3840\n"
        "read 9000 = 1000\n"
        "< . 2001:3001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 3001 win 2840\n"
        "read 9000 = 1000\n"
        "< . 3001:4001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 4001 win 1840\n"
        "read 9000 = 1000\n"
        "< . 4001:5001(1000) ack 1 win 10000\n"
        "+0.04 > . 1:1(0) ack 5001 win 2000\n"
        "read 9000 = 1000\n");
}

void
overrides_silly_windows(void)
{
    DIALOG("is a small window used only after waiting for a larger one?",
        OPEN_PASSIVELY "write 1000\n"
                       "> P. 1:1001(1000) ack 1\n"
                       "< . 1:1(0) ack 1001 win 100\n"
                       "write 1000\n"
                       "+0.2 > P. 1001:1101(100) ack 1\n"
                       "because TCP_SEND_OVERRIDE\n"
                       "< . 1:1(0) ack 1101 win 10000\n"
                       "> P. 1101:2001(900) ack 1\n");
}

void
survives_a_shrinking_window(void)
{
    DIALOG("is nothing new sent when the peer takes window back (MUST-34)?",
        OPEN_PASSIVELY "write 3000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "> P. 2001:3001(1000) ack 1\n"
                       "< . 1:1(0) ack 1001 win 500\n"
                       "write 1000\n"
                       "< . 1:1(0) ack 3001 win 0\n"
                       "< . 1:1(0) ack 3001 win 1000\n"
                       "> P. 3001:4001(1000) ack 1\n");
}

void
keeps_what_comes_early(void)
{
    DIALOG("is text beyond a hole kept, and every segment of it answered?",
        "sysctl quick_acks 0\n" OPEN_PASSIVELY
        "< . 1001:2001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1\n"
        "because TCP_ACK_OUT_OF_ORDER\n"
        "< . 2001:3001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1\n"
        "read 5000 = EAGAIN\n"
        "< . 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 3001\n"
        "because TCP_ACK_FILLED\n"
        "read 5000 = 3000\n"
        "< . 1:1001(1000) ack 1 win 10000\n"
        "dropped TCP_DUPLICATE\n"
        "> . 1:1(0) ack 3001\n"
        "because TCP_ACK_UNACCEPTABLE\n");
}

void
reports_what_came_early(void)
{
    DIALOG("do SACK blocks begin with the newest (RFC 2018 4)?", OPEN_WITH_SACK
        "< . 1001:2001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 1001:2001>\n"
        "< . 3001:4001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 3001:4001 1001:2001>\n"
        "< . 5001:6001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 5001:6001 3001:4001 1001:2001>\n"
        "< . 2001:3001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 1 <nop,nop,sack 1001:4001 5001:6001>\n"
        "< . 1:1001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 4001 <nop,nop,sack 5001:6001>\n"
        "< . 4001:5001(1000) ack 1 win 10000\n"
        "> . 1:1(0) ack 6001 <>\n"
        "read 9000 = 6000\n");
}

void
trims_overlaps(void)
{
    DIALOG("does each byte arrive once, however segments overlap?",
        OPEN_PASSIVELY "< . 501:1001(500) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "< . 1501:2001(500) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "< . 401:1601(1200) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "< . 1801:2201(400) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "< . 1:601(600) ack 1 win 10000\n"
                       "> . 1:1(0) ack 2201\n"
                       "read 9000 = 2200\n"
                       "< . 2101:2301(200) ack 1 win 10000\n"
                       "> . 1:1(0) ack 2301\n"
                       "read 9000 = 100\n");
}

void
echoes_timestamps(void)
{
    DIALOG("is the timestamp echoed that opened the hole (RFC 7323 4.3)?",
        OPEN_WITH_TIMESTAMPS
        "+0.1 < P. 1:101(100) ack 1 win 10000 <nop,nop,TS val 1100 ecr 0>\n"
        "> . 1:1(0) ack 101 <nop,nop,TS val 100 ecr 1100>\n"
        "+0.1 < P. 201:301(100) ack 1 win 10000 "
        "<nop,nop,TS val 1200 ecr 0>\n"
        "> . 1:1(0) ack 101 <nop,nop,TS val 200 ecr 1100>\n"
        "+0.1 < P. 101:201(100) ack 1 win 10000 "
        "<nop,nop,TS val 1300 ecr 0>\n"
        "> . 1:1(0) ack 301 <nop,nop,TS val 300 ecr 1300>\n"
        "write 2000\n"
        "> . 1:989(988) ack 301 <nop,nop,TS val 300 ecr 1300>\n"
        "> . 989:1977(988) ack 301\n"
        "> P. 1977:2001(24) ack 301\n");
}

void
asks_an_idle_peer(void)
{
    DIALOG("does keep-alive ask, and give up only without answers?",
        OPEN_PASSIVELY "set keepidle 10\n"
                       "set keepintvl 5\n"
                       "set keepcnt 2\n"
                       "set keepalive 1\n"
                       "+10 > . 0:0(0) ack 1\n"
                       "because TCP_KEEPALIVE\n"
                       "< . 1:1(0) ack 1 win 10000\n"
                       "+10 > . 0:0(0) ack 1\n"
                       "+5 > . 0:0(0) ack 1\n"
                       "+5 > R. 1:1(0) ack 1\n"
                       "because TCP_KEEPALIVE_DEAD\n"
                       "error ETIMEDOUT\n");
}

void
respects_small_segments(void)
{
    DIALOG("is 536 assumed when the peer names no segment size (MUST-15)?",
        "listen 1\n"
        "< S 0:0(0) win 1000\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n"
        "write 1000\n"
        "> . 1:537(536) ack 1\n"
        "> P. 537:1001(464) ack 1\n");
}

void
shares_a_turn(void)
{
    DIALOG("do the writes of one turn share a segment, and carry the ACK?",
        "sysctl in_turns 1\n" OPEN_PASSIVELY "< P. 1:101(100) ack 1 win 10000\n"
        "read 200 = 100\n"
        "write 300\n"
        "write 200\n"
        "flush\n"
        "> P. 1:501(500) ack 101\n"
        "< . 101:101(0) ack 501 win 10000\n"
        "< P. 101:201(100) ack 501 win 10000\n"
        "flush\n" /* its ACK is delayed, turn or no turn */
        "write 100\n"
        "close\n" /* text is unread: RST, behind what was written */
        "> P. 501:601(100) ack 201\n"
        "> R. 601:601(0) ack 201\n"
        "conns 0\n");
}

void
keeps_little_unsent(void)
{
    DIALOG("does TCP_NOTSENT_LOWAT bound what waits, in whole trains?",
        "sysctl initial_window 4\n" OPEN_PASSIVELY "set notsent_lowat 4000\n"
        "write 30000 = 9000\n" /* four went, then a train of 5000 waits */
        "> . 1:1001(1000) ack 1\n"
        "> P. 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n"
        "> P. 3001:4001(1000) ack 1\n"
        "poll \n"
        "write 1 = EAGAIN\n"
        "< . 1:1(0) ack 1001 win 10000\n"
        "> . 4001:5001(1000) ack 1\n"
        "> P. 5001:6001(1000) ack 1\n"
        "poll \n"              /* 3000 wait: not below half of 4000 */
        "write 30000 = 2000\n" /* but what was begun may be filled up */
        "< . 1:1(0) ack 3001 win 10000\n"
        "> . 6001:7001(1000) ack 1\n"
        "> . 7001:8001(1000) ack 1\n"
        "> P. 8001:9001(1000) ack 1\n"
        "> . 9001:10001(1000) ack 1\n"
        "poll OUT\n");
}

/* --- how much may wait --------------------------------------------------- */

void
begins_a_buffer_while_there_is_room(void)
{
    DIALOG("does a write overshoot SO_SNDBUF by the rest of a buffer of half "
           "a window, and is the writer wanted when a third is free?",
        "sysctl burst_least 10\n" OPEN_WITH_SACK "set sndbuf 21000\n"
        "write 61000 = 60000\n"
        "> . 1:1001(1000) ack 1\n> . 1001:2001(1000) ack 1\n"
        "> . 2001:3001(1000) ack 1\n> . 3001:4001(1000) ack 1\n"
        "> P. 4001:5001(1000) ack 1\n> . 5001:6001(1000) ack 1\n"
        "> . 6001:7001(1000) ack 1\n> . 7001:8001(1000) ack 1\n"
        "> . 8001:9001(1000) ack 1\n> P. 9001:10001(1000) ack 1\n"
        "poll \n"
        "write 1 = EAGAIN\n"
        "noted TCP_SNDBUF 1\n" /* when it opened; not once it was set */
        "abort\n"
        "> R. 10001:10001(0) ack 1\n");
}

void
grows_its_buffer_with_the_window(void)
{
    DIALOG("does the send buffer grow when it is full, but the congestion "
           "window is not, and only then?",
        OPEN_PASSIVELY "noted TCP_SNDBUF 1\n"
                       "write 90000 = 40000\n"
                       "> . 1:1001(1000) ack 1\n"
                       "> . 1001:2001(1000) ack 1\n"
                       "> . 2001:3001(1000) ack 1\n"
                       "> . 3001:4001(1000) ack 1\n"
                       "> P. 4001:5001(1000) ack 1\n"
                       "> . 5001:6001(1000) ack 1\n"
                       "> . 6001:7001(1000) ack 1\n"
                       "> . 7001:8001(1000) ack 1\n"
                       "> . 8001:9001(1000) ack 1\n"
                       "> P. 9001:10001(1000) ack 1\n"
                       "noted TCP_SNDBUF 1\n"
                       "poll \n"
                       "< . 1:1(0) ack 10001 win 3000\n"
                       "> . 10001:11001(1000) ack 1\n"
                       "> . 11001:12001(1000) ack 1\n"
                       "> P. 12001:13001(1000) ack 1\n"
                       "by TCP_SNDBUF\n"
                       "noted TCP_SNDBUF 2\n"
                       "poll OUT\n"
                       "abort\n"
                       "> R. 13001:13001(0) ack 1\n");
}
