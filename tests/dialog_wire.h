/*
 * dialog_wire.h: the wire of a dialogue: what our TCP sends is kept and
 * compared, what the peer says is made into frames. Private to dialog*.c.
 */
#ifndef LW_DIALOG_WIRE_H
#define LW_DIALOG_WIRE_H

#include "dialog_text.h"
#include "tcp_fixture.h"

#define SENT_MAX  256
#define PEERS     16
#define ISS       ((struct seq){0xfffffff0u})
#define PEER_ISS  ((struct seq){0xfffffe00u})
#define OUR_PORT  8080
#define TOLERANCE (LW_MS / 2)

struct sent {
    struct instant at;
    uint8_t bytes[1600]; /* from the TCP header on */
    uint32_t len;
    uint16_t port;    /* of the peer */
    uint8_t tos, ttl; /* of the IP header */
    char because[48];
};

struct dialog {
    struct tcp_world w;
    struct listener listener;
    const char *file, *question;
    unsigned line;
    bool *used; /* arrows */
    struct sent sent[SENT_MAX];
    unsigned nsent, taken;
    struct tcp_listener *l;
    struct tcp_conn *conn[PEERS];
    struct tcp_end local;
    unsigned peer;
    uint32_t ts_base;
    bool ts_known;
    uint32_t written[PEERS], read[PEERS]; /* places in the patterns */
    const char *dropped;
    bool ruled[RULE_COUNT]; /* by the last line */
    char because[48];
    unsigned noted[EV_COUNT]; /* events */
    bool failed;
};

/* The byte of text at a place in a stream, both ways alike. */
uint8_t dialog_pattern(uint32_t at);

uint16_t dialog_peer_port(const struct dialog *d);

/* Ends the dialogue with a failed check unless the texts are equal. */
void dialog_expect(
    struct dialog *d, const char *got, const char *want, const char *line);

/* The host under test, its wire in our hands. */
void dialog_begin(struct dialog *d);

void dialog_send(struct dialog *d, const struct dialog_segment *s);
void dialog_icmp(
    struct dialog *d, unsigned type, unsigned code, uint32_t seq, unsigned mtu);

void dialog_expect_segment(
    struct dialog *d, const char *text, const char *line);
void dialog_expect_silence(struct dialog *d, const char *line);

#endif
