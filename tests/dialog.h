/*
 * dialog.h: a conversation with our TCP, in the notation of packetdrill. The
 * test plays the network and the program; each line is one step:
 *
 *     < S 0:0(0) win 1000 <mss 1000>     the peer sends this; with `badsum` a
 *                                        wrong checksum, `offset 4` a wrong
 *                                        header length, `cut 4` bytes missing
 *     > S. 0:0(0) ack 1 <mss 1460>       our TCP must have sent this, now
 *     +0.2 > P. 1:11(10) ack 1           ... exactly 0.2 s later
 *     > [ect0] P. 1:11(10) ack 1         the ECN bits of its IP header: [ect0],
 *                                        [ect1], [ce]; without: none is set
 *     +1                                 time goes by, in silence
 *     listen 5 | connect                 the program's calls, and what they
 *     accept [= -1]                      must give
 *     write 1000 [more] [= 500]
 *     read 1000 [= 500 | = EAGAIN]       = 0: end of stream
 *     write 5 oob                        ... the last byte is urgent
 *     oob 3 | oob = EINVAL               the urgent byte, the stream's third
 *     mark here | mark ahead             does reading stand at urgent data?
 *     readable 3                         FIONREAD
 *     skip 1                             bytes that reading passes over
 *     shutdown | close | abort
 *     state FIN-WAIT-1                   where the connection stands
 *     error ECONNRESET                   the pending error
 *     poll IN OUT                        exactly these
 *     set nodelay 1                      an option of the connection
 *     pace 100000                        bytes a second, at most
 *     defer 2                            TCP_DEFER_ACCEPT of the listener
 *     sysctl sack 0                      a setting of the host
 *     flush                              the end of a turn (sysctl in_turns)
 *     icmp 3 1 101                       an ICMP error quoting our number
 *     icmp 3 4 101 600                   ... naming an MTU; 1000 if left out
 *     peer 2                             from now on, the second peer
 *     flood 30 R 5:5(0)                   the peer sends it so often; 8 to 15
 *                                         segments answer it
 *     conns 0                            so many connections are left
 *     dropped TCP_PAWS                   the last line was refused for that
 *     noted TCP_R1 1                      so many events of this kind until now
 *     because TCP_ACK_QUICK              the last segment's rule
 *     by TCP_DSACK                       the last line led to this rule
 *     cwnd 10000                         the congestion window in bytes
 *
 * Numbers are relative: to the peer's initial number and ours, both of which
 * lie just below 2^32, so that every conversation crosses the wrap. Time
 * stands still except for "+". Every segment that our TCP sends must be
 * expected: one that no line asks for ends the conversation. Bytes of text
 * follow a pattern and are compared. `win`, `tos`, `ttl` and the options of a
 * `>` line are compared when they are given; timestamps count from our first.
 */
#ifndef LW_DIALOG_H
#define LW_DIALOG_H

#include <stdbool.h>

/*
 * Plays the script, one step a line. question: what the dialogue asks, shown
 * when it fails. used: a flag for each of tcp_arrows, set when walked.
 */
void dialog_play(const char *file, unsigned line, bool *used,
    const char *question, const char *script);

#endif
