/*
 * test_tcp_dialog_hostile.c: dialogues with somebody who means no good:
 * RFC 5961, RFC 7323 5, RFC 5927.
 */
#include "test_tcp_dialog.h"

void
challenges_resets(void)
{
    DIALOG("is a RST within the window, but not exact, asked about?",
        OPEN_PASSIVELY "< R 100:100(0)\n"
                       "> . 1:1(0) ack 1\n"
                       "because TCP_CHALLENGE_RST\n"
                       "< R 100000:100000(0)\n"
                       "dropped TCP_WINDOW\n"
                       "state ESTABLISHED\n"
                       "< R 1:1(0)\n"
                       "state CLOSED\n");
}

void
knows_the_edges_for_resets(void)
{
    DIALOG(
        "does the window end before its right edge for a RST (RFC 5961 3.2)?",
        "sysctl rcvbuf 3000\n"
        "sysctl window_scaling 0\n" OPEN_PASSIVELY "< R 2921:2921(0)\n"
        "dropped TCP_WINDOW\n"
        "< R 0:0(0)\n"
        "dropped TCP_WINDOW\n"
        "< R 2920:2920(0)\n"
        "> . 1:1(0) ack 1\n"
        "because TCP_CHALLENGE_RST\n"
        "< P. 1:2921(2920) ack 1 win 1000\n" /* shut now */
        "> . 1:1(0) ack 2921 win 0\n"
        "< R 2922:2922(0)\n"
        "dropped TCP_WINDOW\n"
        "state ESTABLISHED\n"
        "< R 2921:2921(0)\n"
        "state CLOSED\n");
}

void
believes_resets_if_so_wished(void)
{
    DIALOG("was any RST within the window believed before RFC 5961?",
        "sysctl insecure_rst 1\n" OPEN_PASSIVELY "< R 100000:100000(0)\n"
        "dropped TCP_WINDOW\n"
        "state ESTABLISHED\n"
        "< R 100:100(0)\n"
        "state CLOSED\n"
        "error ECONNRESET\n");
}

void
names_resets_as_the_rfc_if_so_wished(void)
{
    DIALOG("is it Linux's EPIPE that a RST in CLOSE-WAIT means?",
        OPEN_PASSIVELY "< F. 1:1(0) ack 1 win 1000\n"
                       "> . 1:1(0) ack 2\n"
                       "< R 2:2(0)\n"
                       "error EPIPE\n");
    DIALOG("... and \"connection reset\" by RFC 9293 3.10.7.4?",
        "sysctl rfc_errors 1\n" OPEN_PASSIVELY "< F. 1:1(0) ack 1 win 1000\n"
        "> . 1:1(0) ack 2\n"
        "< R 2:2(0)\n"
        "error ECONNRESET\n");
    DIALOG("... and \"connection refused\" in SYN-RECEIVED?",
        "sysctl rfc_errors 1\n"
        "connect\n"
        "> S 0:0(0)\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< R 1:1(0)\n"
        "error ECONNREFUSED\n"
        "state CLOSED\n");
}

void
believes_syns_if_so_wished(void)
{
    DIALOG("was any SYN within the window believed before RFC 5961?",
        "sysctl insecure_syn 1\n" OPEN_PASSIVELY "< S 100000:100000(0) win 9\n"
        "> . 1:1(0) ack 1\n"
        "because TCP_ACK_UNACCEPTABLE\n"
        "< SF 0:0(0) win 9\n" /* the FIN only is within */
        "> . 1:1(0) ack 1\n"
        "state ESTABLISHED\n"
        "< S 100:100(0) win 1000\n"
        "> R. 1:1(0) ack 1\n"
        "because TCP_SYN_RESETS\n"
        "state CLOSED\n"
        "error ECONNRESET\n");
}

void
challenges_syns(void)
{
    DIALOG("is a SYN on a living connection asked about?",
        OPEN_PASSIVELY "< S 1000:1000(0) win 1000\n"
                       "> . 1:1(0) ack 1\n"
                       "because TCP_CHALLENGE_SYN\n"
                       "< S 0:0(0) win 1000\n"
                       "> . 1:1(0) ack 1\n"
                       "< S. 1:1(0) ack 1 win 1000\n"
                       "> . 1:1(0) ack 1\n"
                       "state ESTABLISHED\n");
}

void
challenges_acks(void)
{
    DIALOG("are ACKs of the future and of the distant past refused?",
        OPEN_PASSIVELY "< P. 1:11(10) ack 2 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "because TCP_CHALLENGE_ACK\n"
                       "dropped TCP_ACK\n"
                       "< P. 1:11(10) ack 4294950000 win 10000\n"
                       "> . 1:1(0) ack 1\n"
                       "read 10 = EAGAIN\n"
                       "< P. 1:11(10) ack 4294960000 win 10000\n"
                       "> . 1:1(0) ack 1\n" /* older than the connection */
                       "write 100\n"
                       "> P. 1:101(100) ack 1\n"
                       "< . 1:1(0) ack 101 win 10000\n"
                       "< P. 1:11(10) ack 1 win 10000\n"
                       "> . 101:101(0) ack 11\n");
}

/* At least eight and at most fifteen in a second. */
void
limits_challenges(void)
{
    DIALOG("does a flood of forged RSTs get few answers?",
        OPEN_PASSIVELY "flood 30 R 100:100(0)\n"
                       "< R 100:100(0)\n"
                       "+1 < R 100:100(0)\n"
                       "> . 1:1(0) ack 1\n");
}

void
refuses_old_timestamps(void)
{
    DIALOG("is a segment from an earlier turn of the numbers refused (PAWS)?",
        OPEN_WITH_TIMESTAMPS
        "< P. 1:11(10) ack 1 win 10000 <nop,nop,TS val 2000 ecr 0>\n"
        "> . 1:1(0) ack 11\n"
        "< P. 11:21(10) ack 1 win 10000 <nop,nop,TS val 1999 ecr 0>\n"
        "> . 1:1(0) ack 11\n"
        "because TCP_PAWS\n"
        "dropped TCP_PAWS\n"
        "< P. 11:21(10) ack 1 win 10000\n"
        "dropped TCP_PAWS\n"
        "read 100 = 10\n"
        "< R 11:11(0)\n"
        "state CLOSED\n");
}

void
drops_without_ack(void)
{
    DIALOG("is text without ACK dropped?",
        OPEN_PASSIVELY "< P 1:11(10) win 10000\n"
                       "dropped TCP_NO_ACK\n"
                       "< - 1:11(10) win 10000\n"
                       "dropped TCP_NO_ACK\n"
                       "read 100 = EAGAIN\n");
}

void
ignores_forged_icmp(void)
{
    DIALOG("must an ICMP error quote a number that is out (RFC 5927)?",
        "sysctl data_retries 0\n" OPEN_PASSIVELY "write 100\n"
        "> P. 1:101(100) ack 1\n"
        "icmp 3 1 101\n"
        "icmp 3 1 0\n"
        "icmp 3 4 5000\n"
        "icmp 4 0 1\n"
        "+0.2 state CLOSED\n"
        "error ETIMEDOUT\n");
}

void
refuses_malformed_options(void)
{
    DIALOG("is an option with an impossible length refused (MUST-7)?",
        "listen 1\n"
        "< S 0:0(0) win 1000 <raw 02 00 00 00>\n"
        "dropped TCP_OFFSET\n"
        "< S 0:0(0) win 1000 <raw 02 01 00 00>\n"
        "dropped TCP_OFFSET\n"
        "< S 0:0(0) win 1000 <raw 02 05 01 02>\n"
        "dropped TCP_OFFSET\n"
        "< S 0:0(0) win 1000 <raw 01 01 01 02>\n"
        "dropped TCP_OFFSET\n"
        "< S 0:0(0) win 1000 <raw 05 09 01 02 03 04 05 06 07 01 01 01>\n"
        "dropped TCP_OFFSET\n"
        "< S 0:0(0) win 1000 <raw fd 04 00 00 03 03 ff 00>\n"
        "> S. 0:0(0) ack 1 <mss 1460,nop,wscale 7>\n");
}

void
believes_no_lying_sack(void)
{
    DIALOG("are SACK blocks outside of what is out passed over?", OPEN_WITH_SACK
        "write 2000\n"
        "> . 1:1001(1000) ack 1\n"
        "> P. 1001:2001(1000) ack 1\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 2001:1001>\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:9001>\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 9001:1>\n"
        "< . 1:1(0) ack 1 win 50000 <nop,nop,sack 4294960000:2001>\n"
        "+0.2 > . 1:1001(1000) ack 1\n"
        "< . 1:1(0) ack 2001 win 50000\n");
}

void
opens_by_a_syn_with_a_fin(void)
{
    DIALOG("does a SYN open, whatever else it says, if so wished (RFC 9293 "
           "3.10.7.2, third)?",
        "sysctl drop_synfin 0\n"
        "listen 1\n"
        "< SF 0:3(3) win 1000\n"
        "> S. 0:0(0) ack 1\n"
        "< F. 4:4(0) ack 1 win 1000\n"
        "> . 1:1(0) ack 5\n"
        "accept\n"
        "read 10 = 3\n"
        "read 10 = 0\n"
        "state CLOSE-WAIT\n");
}

void
refuses_a_syn_with_a_fin(void)
{
    DIALOG("does a SYN with a FIN open nothing in SYN-SENT, if so wished?",
        "sysctl drop_synfin 2\n"
        "listen 1\n"
        "< SF 0:0(0) win 1000\n"
        "dropped TCP_FLAGS\n"
        "conns 0\n"
        "connect\n"
        "> S 0:0(0)\n"
        "< SF 0:0(0) win 1000\n"
        "dropped TCP_STATE\n"
        "state SYN-SENT\n");
}
