/*
 * living.h: a living computer (10.0.0.1) in virtual time, for fuzzers that
 * send it frames. It listens on port 80, has a UDP socket on port 53 and an
 * established connection, 10.0.0.1:80 to 10.0.0.2:4000, whose numbers begin
 * just below 2^32. What it sends is counted and thrown away; only its ARP
 * questions for the peer are answered.
 */
#ifndef LW_LIVING_H
#define LW_LIVING_H

#include "bytes.h"
#include "tcp_conn.h"
#include "udp.h"
#include "world.h"

#define LIVING_ADDR ((struct ipv4){0x0a000001})
#define LIVING_PEER ((struct ipv4){0x0a000002})

struct living {
    struct journal journal;
    struct world *world;
    struct host *host;
    struct netdev *card;
    struct tcp_listener *listener;
    struct tcp_conn *conn;
    struct udp_sock *udp;
    struct timer answer; /* to an ARP question */
    unsigned sent;       /* frames, ARP's not counted */
    bool may_end;        /* a FIN or a RST for the connection was sent */
};

/* modern: the connection has timestamps, SACK and window scaling. */
void living_open(struct living *h, bool modern);

/* Asserts that nothing is left of anything. */
void living_close(struct living *h);

/* A frame arrives. */
void living_frame(struct living *h, const uint8_t *frame, size_t len);

/* An IPv4 packet from the peer arrives, all its checksums set right. */
void living_packet(struct living *h, uint8_t *packet, size_t len);

/*
 * A segment arrives from the peer: `tcp` is a header and what follows it,
 * from this port to port 80. For the connection (port 4000) its numbers
 * count from what the connection expects next and has unacknowledged.
 */
void living_segment(
    struct living *h, uint16_t port, const uint8_t *tcp, size_t len);

void living_run(struct living *h, int64_t ns);

/* The program reads all that is there; how many bytes. */
size_t living_read(struct living *h);

/* Is the connection still there, and do bytes still arrive? Asserts it. */
void living_serves(struct living *h);

#endif
