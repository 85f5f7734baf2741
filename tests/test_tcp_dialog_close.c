/*
 * test_tcp_dialog_close.c: dialogues about closing a connection.
 */
#include "test_tcp_dialog.h"

void
offers_the_same_after_a_fin(void)
{
    DIALOG("does a FIN take no room in the buffer?",
        "sysctl window_scaling 0\n" OPEN_ACTIVELY "< F. 1:1(0) ack 1 win 1000\n"
        "> . 1:1(0) ack 2 win 64240\n"
        "state CLOSE-WAIT\n");
}

void
closes_first(void)
{
    DIALOG("does who closes first go through FIN-WAIT to TIME-WAIT?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "state FIN-WAIT-1\n"
                       "< . 1:1(0) ack 2 win 10000\n"
                       "state FIN-WAIT-2\n"
                       "+0.5 < F. 1:1(0) ack 2 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "because TCP_ACK_FIN\n"
                       "state TIME-WAIT\n"
                       "+59.9 state TIME-WAIT\n"
                       "+0.2 state CLOSED\n"
                       "conns 0\n");
}

void
closes_last(void)
{
    DIALOG("does who closes last go through CLOSE-WAIT and LAST-ACK?",
        OPEN_PASSIVELY "< F. 1:1(0) ack 1 win 10000\n"
                       "> . 1:1(0) ack 2\n"
                       "state CLOSE-WAIT\n"
                       "poll IN OUT RDHUP\n"
                       "read 10 = 0\n"
                       "write 10\n"
                       "> P. 1:11(10) ack 2\n"
                       "close\n"
                       "> F. 11:11(0) ack 2\n"
                       "state LAST-ACK\n"
                       "< . 2:2(0) ack 12 win 10000\n"
                       "state CLOSED\n"
                       "conns 0\n");
}

void
closes_at_the_same_time(void)
{
    DIALOG("do FINs that cross lead through CLOSING to TIME-WAIT?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< F. 1:1(0) ack 1 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "state CLOSING\n"
                       "< . 2:2(0) ack 2 win 10000\n"
                       "state TIME-WAIT\n");
}

void
closes_half(void)
{
    DIALOG("can the peer go on sending after our shutdown?",
        OPEN_PASSIVELY "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "shutdown\n"
                       "> F. 101:101(0) ack 1\n"
                       "write 10 = EPIPE\n"
                       "< . 1:1(0) ack 102 win 10000\n"
                       "state FIN-WAIT-2\n"
                       "+600 < P. 1:101(100) ack 102 win 10000\n"
                       "> . 102:102(0) ack 101\n"
                       "read 1000 = 100\n"
                       "< F. 101:101(0) ack 102 win 10000\n"
                       "> . 102:102(0) ack 102\n"
                       "read 1000 = 0\n"
                       "poll IN OUT HUP RDHUP\n"
                       "state TIME-WAIT\n"
                       "close\n");
}

void
closes_in_one_exchange(void)
{
    DIALOG("may FIN come with the last text, and with the ACK of ours?",
        OPEN_PASSIVELY "< PF. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 102\n"
                       "read 200 = 100\n"
                       "write 3000\n"
                       "> . 1:1001(1000) ack 102\n"
                       "> . 1001:2001(1000) ack 102\n"
                       "> P. 2001:3001(1000) ack 102\n"
                       "close\n"
                       "> F. 3001:3001(0) ack 102\n"
                       "< . 102:102(0) ack 3002 win 10000\n"
                       "conns 0\n");
}

void
closes_before_it_is_open(void)
{
    DIALOG("does close in SYN-RECEIVED send FIN (RFC 9293 3.10.4)?",
        "connect\n"
        "> S 0:0(0)\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "close\n"
        "> F. 1:1(0) ack 1\n"
        "state FIN-WAIT-1\n"
        "< . 1:1(0) ack 2 win 1000\n"
        "state FIN-WAIT-2\n"
        "< R 1:1(0)\n"
        "conns 0\n");
}

void
closes_while_calling(void)
{
    DIALOG("does close in SYN-SENT just forget?", "connect\n"
                                                  "> S 0:0(0)\n"
                                                  "close\n"
                                                  "conns 0\n"
                                                  "< S. 0:0(0) ack 1 win 1000\n"
                                                  "> R 1:1(0)\n"
                                                  "because TCP_RST_NOBODY\n"
                                                  "connect\n"
                                                  "> S 0:0(0)\n"
                                                  "< S 0:0(0) win 1000\n"
                                                  "> S. 0:0(0) ack 1\n"
                                                  "abort\n"
                                                  "> R. 1:1(0) ack 1\n"
                                                  "conns 0\n");
}

void
forgets_a_half_closed_orphan(void)
{
    DIALOG("is a peer that never closes forgotten after 60 s?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< . 1:1(0) ack 2 win 10000\n"
                       "+59.9 state FIN-WAIT-2\n"
                       "+0.2 conns 0\n");
}

void
waits_for_the_fin_as_long_as_it_was_told(void)
{
    DIALOG("does TCP_LINGER2 say how long a FIN is waited for, or not at all?",
        OPEN_PASSIVELY "set linger2 5\n"
                       "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< . 1:1(0) ack 2 win 10000\n"
                       "+4.9 state FIN-WAIT-2\n"
                       "+0.2 conns 0\n");
    DIALOG("and does it end at once when it was told not to wait?",
        OPEN_PASSIVELY "set linger2 -1\n"
                       "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< . 1:1(0) ack 2 win 10000\n"
                       "> R. 2:2(0) ack 1\n"
                       "conns 0\n");
}

void
resets_when_text_is_unread(void)
{
    DIALOG("does close with unread text reset (RFC 2525 2.17)?",
        OPEN_PASSIVELY "< P. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 101\n"
                       "close\n"
                       "> R. 1:1(0) ack 101\n"
                       "because TCP_RST_UNREAD\n"
                       "conns 0\n");
}

void
resets_text_for_nobody(void)
{
    DIALOG("is text that comes after close answered with RST?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< P. 1:101(100) ack 1 win 10000\n"
                       "> R 1:1(0)\n"
                       "because TCP_RST_ORPHAN\n"
                       "conns 0\n");
}

void
aborts(void)
{
    DIALOG("does abort send RST in every state that has a peer?",
        OPEN_PASSIVELY "< F. 1:1(0) ack 1 win 10000\n"
                       "> . 1:1(0) ack 2\n"
                       "abort\n"
                       "> R. 1:1(0) ack 2\n"
                       "because TCP_ABORT\n"
                       "conns 0\n");
}

void
is_reset(void)
{
    DIALOG("does RST with the exact number end the connection?",
        OPEN_PASSIVELY "< P. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 101\n"
                       "< R. 101:101(0) ack 1\n"
                       "state CLOSED\n"
                       "poll IN OUT ERR HUP RDHUP\n"
                       "read 1000 = 100\n"
                       "read 1000 = ECONNRESET\n"
                       "read 1000 = 0\n"
                       "write 10 = EPIPE\n"
                       "close\n"
                       "conns 0\n");
}

void
is_reset_while_closing(void)
{
    DIALOG("does RST end each closing state, too?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< R 1:1(0)\n"
                       "conns 0\n"
                       "peer 2\n"
                       "< S 0:0(0) win 1000 <mss 1000>\n"
                       "> S. 0:0(0) ack 1\n"
                       "< . 1:1(0) ack 1 win 10000\n"
                       "accept\n"
                       "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< F. 1:1(0) ack 1 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "state CLOSING\n"
                       "< R 2:2(0)\n"
                       "conns 0\n");
}

void
repeats_the_last_ack(void)
{
    DIALOG("does TIME-WAIT acknowledge a repeated FIN and begin again?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< F. 1:1(0) ack 2 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "state TIME-WAIT\n"
                       "+50 < F. 1:1(0) ack 2 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "+50 state TIME-WAIT\n"
                       "+10.1 state CLOSED\n");
}

void
reuses_time_wait(void)
{
    DIALOG("does a new SYN, and no old one, end TIME-WAIT (MAY-2)?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< F. 1:1(0) ack 2 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "+1 < S 1:1(0) win 1000\n"
                       "> . 2:2(0) ack 2\n"
                       "state TIME-WAIT\n"
                       "+1 < S 5000:5000(0) win 1000\n"
                       "> S. 65539:65539(0) ack 5001\n"
                       "state SYN-RECEIVED\n"
                       "< . 5001:5001(0) ack 65540 win 1000\n"
                       "state ESTABLISHED\n");
}

void
does_not_die_in_time_wait(void)
{
    DIALOG("is a RST in TIME-WAIT ignored (RFC 1337)?",
        OPEN_PASSIVELY "close\n"
                       "> F. 1:1(0) ack 1\n"
                       "< F. 1:1(0) ack 2 win 10000\n"
                       "> . 2:2(0) ack 2\n"
                       "< R 2:2(0)\n"
                       "dropped TCP_STATE\n"
                       "state TIME-WAIT\n");
}

void
sends_fin_again(void)
{
    DIALOG("is a lost FIN sent again?",
        OPEN_PASSIVELY "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "close\n"
                       "> F. 101:101(0) ack 1\n"
                       "+0.01 < . 1:1(0) ack 101 win 10000\n"
                       "+0.201 > F. 101:101(0) ack 1\n"
                       "< F. 1:1(0) ack 102 win 10000\n"
                       "> . 102:102(0) ack 2\n"
                       "state TIME-WAIT\n");
}

void
keeps_a_fin_ahead_of_a_hole(void)
{
    DIALOG("does a FIN beyond a hole wait for the text before it?",
        OPEN_PASSIVELY "< F. 101:101(0) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "state ESTABLISHED\n"
                       "read 200 = EAGAIN\n"
                       "< P. 1:101(100) ack 1 win 10000\n"
                       "> . 1:1(0) ack 102\n"
                       "state CLOSE-WAIT\n"
                       "read 200 = 100\n"
                       "read 200 = 0\n");
}
