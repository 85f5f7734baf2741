/*
 * test_tcp_dialog_open.c: dialogues about opening a connection.
 */
#include "test_tcp_dialog.h"

#include "words.h"

#include <stdio.h>

void
opens_passively(void)
{
    DIALOG("does a listener answer a SYN, and wait for the ACK?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1 win 64240 <mss 1460>\n"
        "because TCP_SYNACK\n"
        "state SYN-RECEIVED\n"
        "accept = -1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "state ESTABLISHED\n"
        "accept\n"
        "poll OUT\n");
}

void
opens_actively(void)
{
    DIALOG("does connect send a SYN with Linux's options, in Linux's order?",
        "connect\n"
        "> S 0:0(0) win 64240 <mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7>\n"
        "because TCP_ACTIVE_OPEN\n"
        "state SYN-SENT\n"
        "poll \n"
        "+0.1\n"
        "< S. 0:0(0) ack 1 win 5000 <mss 1000,sackOK,TS val 70 ecr 0,"
        "nop,wscale 3>\n"
        "> . 1:1(0) ack 1 win 502 <nop,nop,TS val 100 ecr 70>\n"
        "because TCP_ACK_SYN\n"
        "state ESTABLISHED\n"
        "poll OUT\n");
}

void
opens_at_the_same_time(void)
{
    DIALOG("do two that call each other get one connection (MUST-10)?",
        "connect\n"
        "> S 0:0(0)\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1 <mss 1460>\n"
        "because TCP_SIMULTANEOUS\n"
        "state SYN-RECEIVED\n"
        "< S. 0:0(0) ack 1 win 1000 <mss 1000>\n"
        "state ESTABLISHED\n"
        "poll OUT\n");
}

void
opens_at_the_same_time_plainly(void)
{
    DIALOG("does a plain ACK complete a simultaneous opening, too?",
        "connect\n"
        "> S 0:0(0)\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "state ESTABLISHED\n"
        "< R 1:1(0)\n"
        "error ECONNRESET\n"
        "state CLOSED\n");
}

void
asks_again_for_a_connection(void)
{
    DIALOG("is a lost SYN sent again after 1, 2, 4 s?",
        "connect\n"
        "> S 0:0(0)\n"
        "+1 > S 0:0(0)\n"
        "because TCP_RETRANSMIT_SYN\n"
        "+2 > S 0:0(0)\n"
        "+4 > S 0:0(0)\n"
        "+0.1 < S. 0:0(0) ack 1 win 1000 <mss 1000>\n"
        "> . 1:1(0) ack 1\n"
        "state ESTABLISHED\n");
}

void
gives_up_calling(void)
{
    DIALOG("does connect fail with ETIMEDOUT when nobody answers?",
        "sysctl syn_r2_ms 0\n"
        "sysctl syn_retries 2\n"
        "connect\n"
        "> S 0:0(0)\n"
        "+1 > S 0:0(0)\n"
        "+2 > S 0:0(0)\n"
        "+3.9 state SYN-SENT\n"
        "+0.1 state CLOSED\n"
        "poll IN OUT ERR HUP RDHUP\n"
        "error ETIMEDOUT\n"
        "conns 0\n");
}

void
goes_back_for_another_syn(void)
{
    DIALOG("does another SYN in SYN-RECEIVED lead back to LISTEN, and the "
           "next open a connection (RFC 9293 3.10.7.4)?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< S 5:5(0) win 1000 <mss 1000>\n"
        "conns 0\n");
}

void
asks_again_both_calling(void)
{
    DIALOG("is a SYN that comes again answered when both call?",
        "connect\n"
        "> S 0:0(0)\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> . 1:1(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "state ESTABLISHED\n");
}

void
answers_a_syn_again(void)
{
    DIALOG("is a lost SYN,ACK sent again, by the timer and when asked?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "+1 > S. 0:0(0) ack 1\n"
        "because TCP_RETRANSMIT_SYNACK\n"
        "+0.5 < S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "because TCP_SYNACK_AGAIN\n"
        "+1.5 > S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "accept\n");
}

void
gives_up_answering(void)
{
    DIALOG("is a half-open connection forgotten when the caller is silent?",
        "sysctl synack_retries 1\n"
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "+1 > S. 0:0(0) ack 1\n"
        "+1.9 conns 1\n"
        "+0.1 conns 0\n");
}

void
is_refused(void)
{
    DIALOG("does a RST that acknowledges our SYN mean ECONNREFUSED?",
        "connect\n"
        "> S 0:0(0)\n"
        "< R. 0:0(0) ack 7\n"
        "dropped TCP_ACK\n"
        "< R 0:0(0)\n"
        "dropped TCP_NO_ACK\n"
        "state SYN-SENT\n"
        "< R. 0:0(0) ack 1\n"
        "state CLOSED\n"
        "error ECONNREFUSED\n"
        "error 0\n");
}

void
is_refused_by_icmp(void)
{
    static const struct {
        unsigned type, code;
        const char *name;
    } errors[] = {
        {3, 0, "ENETUNREACH"},
        {3, 1, "EHOSTUNREACH"},
        {3, 2, "ENOPROTOOPT"},
        {3, 3, "ECONNREFUSED"},
        {3, 13, "EHOSTUNREACH"},
        {11, 0, "EHOSTUNREACH"},
        {12, 0, "EPROTO"},
    };
    char script[200];

    for (unsigned i = 0; i < LW_COUNT(errors); i++) {
        snprintf(script, sizeof script,
            "connect\n"
            "> S 0:0(0)\n"
            "icmp %u %u 1\n" /* about a number that was never sent */
            "state SYN-SENT\n"
            "icmp %u %u 0\n"
            "state CLOSED\n"
            "error %s\n",
            errors[i].type, errors[i].code, errors[i].type, errors[i].code,
            errors[i].name);
        DIALOG("does connect fail with what ICMP says (RFC 5461 4.1)?", script);
    }
}

void
refuses(void)
{
    DIALOG("is a segment for nobody answered as RFC 9293 3.10.7.1 says?",
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> R. 16:16(0) ack 1\n"
        "because TCP_RST_NOBODY\n"
        "< . 5:5(0) ack 77 win 1000\n"
        "> R 77:77(0)\n"
        "< PF 5:15(10) win 1000\n"
        "> R. 16:16(0) ack 16\n"
        "< R 5:5(0)\n"
        "< R. 5:5(0) ack 5\n"
        "dropped TCP_NO_CONNECTION\n");
}

void
goes_back_to_listening(void)
{
    DIALOG("does a RST in SYN-RECEIVED lead back to LISTEN (MUST-11)?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< R 1:1(0)\n"
        "conns 0\n"
        "accept = -1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "accept\n");
}

void
ignores_when_the_backlog_is_full(void)
{
    DIALOG("are callers kept waiting when backlog + 1 are not accepted?",
        "listen 2\n"
        "peer 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "peer 2\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "peer 3\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 4\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 3\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "peer 4\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "dropped TCP_BACKLOG\n"
        "state SYN-RECEIVED\n"
        "peer 5\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "dropped TCP_BACKLOG\n"
        "peer 1\n"
        "accept\n"
        "peer 4\n"
        "+1 > S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "accept\n");
}

void
refuses_when_told_so(void)
{
    DIALOG("does tcp_abort_on_overflow reset whom the queue cannot hold?",
        "sysctl abort_on_overflow 1\n"
        "listen 2\n"
        "peer 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "peer 2\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "peer 3\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 4\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 3\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "peer 4\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "> R. 1:1(0) ack 1\n"
        "conns 3\n");
}

void
bounds_the_syn_queue(void)
{
    DIALOG("is a SYN dropped when the SYN queue is full, without cookies?",
        "sysctl syncookies 0\n"
        "listen 1\n"
        "peer 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 2\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 3\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "dropped TCP_BACKLOG\n"
        "conns 2\n"
        "peer 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "accept\n"
        "peer 3\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n");
    DIALOG("and when the host's is, however long the listener's may be?",
        "sysctl syncookies 0\n"
        "sysctl max_syn_backlog 2\n"
        "listen 9\n"
        "peer 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 2\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "peer 3\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "dropped TCP_BACKLOG\n"
        "conns 2\n"
        "peer 2\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "accept\n"
        "peer 3\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n");
}

void
defers_accept(void)
{
    DIALOG("does TCP_DEFER_ACCEPT wait for text, and no longer than asked?",
        "listen 9\n"
        "defer 2\n"
        "peer 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "dropped TCP_BACKLOG\n"
        "state SYN-RECEIVED\n"
        "< P. 1:11(10) ack 1 win 1000\n"
        "state ESTABLISHED\n"
        "> . 1:1(0) ack 11\n"
        "accept\n"
        "peer 2\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "dropped TCP_BACKLOG\n"
        "+3 > S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "accept\n");
}

void
resets_the_unaccepted(void)
{
    DIALOG("are those reset that nobody accepted before the listener closed?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 1000\n"
        "unlisten\n"
        "> R. 1:1(0) ack 1\n"
        "because TCP_UNLISTEN\n"
        "conns 0\n");
}

void
ignores_nonsense_when_listening(void)
{
    DIALOG("does a listener answer nothing but a plain SYN?",
        "listen 1\n"
        "< R 0:0(0)\n"
        "dropped TCP_STATE\n"
        "< - 0:10(10) win 1000\n"
        "dropped TCP_FLAGS\n"
        "< SF 0:0(0) win 1000\n"
        "dropped TCP_FLAGS\n"
        "< FPU 0:0(0) win 1000\n"
        "dropped TCP_FLAGS\n"
        "< . 0:0(0) ack 55 win 1000\n"
        "> R 55:55(0)\n"
        "because TCP_LISTEN_ACK\n"
        "conns 0\n");
}

void
clears_an_old_connection(void)
{
    DIALOG("does an ACK of something old get a RST, and then our SYN an answer "
           "(RFC 9293 figure 9)?",
        "connect\n"
        "> S 0:0(0)\n"
        "< . 300:300(0) ack 200 win 1000\n"
        "> R 200:200(0)\n"
        "state SYN-SENT\n"
        "< . 300:300(0) ack 1 win 1000\n"
        "dropped TCP_STATE\n"
        "+1 > S 0:0(0)\n"
        "< S. 0:0(0) ack 1 win 1000\n"
        "> . 1:1(0) ack 1\n"
        "state ESTABLISHED\n");
}

void
scales_windows(void)
{
    DIALOG("is the peer's window multiplied, and ours divided?",
        "listen 1\n"
        "< S 0:0(0) win 2 <mss 1000,nop,wscale 10>\n"
        "> S. 0:0(0) ack 1 win 64240 <mss 1460,nop,wscale 7>\n"
        "< . 1:1(0) ack 1 win 2\n"
        "accept\n"
        "write 3000\n"
        "> . 1:1001(1000) ack 1 win 502\n"
        "> P. 1001:2001(1000) ack 1\n"
        "< . 1:1(0) ack 2001 win 2\n"
        "> P. 2001:3001(1000) ack 1\n");
}

void
does_not_scale_alone(void)
{
    DIALOG("is nothing scaled when only one end offers to?",
        "connect\n"
        "> S 0:0(0) win 64240 <mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7>\n"
        "< S. 0:0(0) ack 1 win 1500 <mss 1000>\n"
        "> . 1:1(0) ack 1 win 64240 <>\n"
        "write 3000\n"
        "> P. 1:1001(1000) ack 1 win 64240\n");
}

void
holds_more_than_a_window(void)
{
    DIALOG("does a buffer that is larger than the field can say keep the "
           "window at its most, until it fills?",
        OPEN_PASSIVELY "set rcvbuf 67000\n"
                       "< . 1:1001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 1001 win 65535\n"
                       "< . 1001:2001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 2001 win 64535\n"
                       "read 2000\n"
                       "< . 2001:3001(1000) ack 1 win 10000\n"
                       "> . 1:1(0) ack 3001 win 65535\n");
}

void
hears_of_no_route(void)
{
    DIALOG("does an ICMP error end a connection that is being opened?",
        "connect\n"
        "> S 0:0(0)\n"
        "icmp 3 1 1000\n"
        "state SYN-SENT\n"
        "icmp 3 1 0\n"
        "state CLOSED\n"
        "error EHOSTUNREACH\n");
}
