/*
 * bad_fixture.h: a living host (10.0.0.1) with an established connection to
 * a peer (10.0.0.2) whose every byte the test makes, well or badly. After
 * each bad input the connection must still serve: bad_close demands it.
 */
#ifndef LW_BAD_FIXTURE_H
#define LW_BAD_FIXTURE_H

#include "net_fixture.h"

#define BAD_ROOM  65600
#define IP_HEADER 20

/* An IPv4 packet, every field as the test wants it. */
struct bad_ip {
    unsigned version, ihl;      /* 0: 4, and what the options need */
    int total;                  /* -1: right */
    unsigned fragment;          /* flags and offset, as in the header */
    unsigned id, ttl, protocol; /* ttl 0: 64 */
    const char *src, *dst;      /* NULL: peer, host */
    bool wrong_sum;
    const uint8_t *options; /* noptions bytes, a multiple of 4 */
    unsigned noptions;
    const void *data;
    size_t len;
};

/* A TCP segment from the peer; its numbers count from what the connection
 * (port 4000 to 80) has reached. */
struct bad_seg {
    uint32_t seq, ack;
    unsigned flags;        /* SEG_ACK and so on */
    unsigned sport, dport; /* 0: 4000, 80 */
    int window;            /* 0: 60000; -1: zero */
    unsigned urgent;
    int offset;             /* in words; 0: right; -1: zero */
    const char *src, *dst;  /* NULL: peer, host */
    bool wrong_sum, to_all; /* to_all: in a frame to everybody */
    const uint8_t *options; /* noptions bytes, a multiple of 4 */
    unsigned noptions;
    const void *data;
    size_t len;
    int cut; /* so many bytes are missing at the end, of the header too */
};

/* The conversation that must go on. */
struct bad_talk {
    struct tcp_listener *l;
    struct tcp_conn *c;
    uint32_t seq, ack; /* the peer's next number, and the host's */
    uint32_t tsval;
    unsigned timers; /* armed when the conversation had begun */
};

/*
 * The laws of resources: after so much time, long enough for everything that
 * strangers began to be given up, no packet, connection or timer is there
 * that was not there before.
 */
void bad_settles(int64_t ns);

/* Text of the peer, so far from where it stands; and so much of it has been
 * taken: what follows counts from there. */
void bad_text_at(uint32_t seq, const char *text);
void bad_goes_on(uint32_t by);

/* The program writes; all of it is sent as far as the windows let it. */
void bad_host_writes(uint32_t len);

/* The peer acknowledges all that is out, until nothing more comes. */
void bad_peer_takes_all(void);

/* What the program has received: true if it is exactly this. */
bool bad_received(const char *text);

extern struct net bad_net; /* a is the host */
extern struct bad_talk bad_talk;

void bad_open(void); /* a test's setup */
/* The same, the peer's SYN carrying these options. tsval: with timestamps,
 * which its own segments then carry; 0: without. */
void bad_open_with(const uint8_t *options, unsigned noptions, uint32_t tsval);
void bad_close(void); /* its teardown: still serving? nothing leaked? */

/* The packet into buf (BAD_ROOM); its length. */
size_t bad_build(const struct bad_ip *q, uint8_t *buf);

/* Builds it and lets it arrive from the peer, alone or sent to all. */
void bad_send(const struct bad_ip *q);
void bad_send_to_all(const struct bad_ip *q);

void bad_segment(const struct bad_seg *s);

/* The nth frame that the host has sent since, read as a segment: numbers as
 * the peer counts them, flags 0 when there is none. */
struct bad_answer {
    uint32_t seq, ack; /* relative, as above */
    unsigned flags, window, len;
    unsigned sport, dport;
};
struct bad_answer bad_answer(unsigned n);

/* A frame of that EtherType. */
void bad_frame(unsigned ethertype, const void *payload, size_t len);

/* An ICMP message, a UDP datagram with their right checksums into buf. */
size_t bad_icmp(uint8_t *buf, unsigned type, unsigned code, uint32_t rest,
    const void *data, size_t len);
size_t bad_udp(uint8_t *buf, unsigned dport, const void *data, size_t len);

/* Sets the two bytes at `at` so that the sum over len bytes is right. */
void bad_sign(uint8_t *data, size_t len, size_t at, uint64_t sum);

/* How many packets were dropped for that reason; the answers sent since. */
unsigned bad_drops(const char *reason);
unsigned bad_answers(void);

/* The largest segment that the connection would send. */
int bad_mss(void);

#endif
