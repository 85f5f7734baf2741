/*
 * ask.h: one question to one name server, and its answer, or the end of the
 * time. Over UDP from a fresh socket, so that the kernel chooses a new random
 * port each time (RFC 5452 9.2), connected, so that only datagrams from the
 * server are heard; over TCP when the answer was cut (RFC 7766 5).
 */
#ifndef LW_ASK_H
#define LW_ASK_H

#include "reply.h"
#include "sys.h"

enum {
    ASK_UDP = 512,        /* bytes of a datagram (RFC 1035 2.3.4) */
    ASK_EDNS = 1232,      /* with EDNS: what every path carries whole */
    ASK_ROOM = 2 + 65535, /* a message over TCP with its length */
    ASK_IGNORED_MAX = 100 /* messages that are no answer, per attempt */
};

struct ask {
    struct proc *p;
    struct ipv4 server;
    struct dns_question question;
    unsigned timeout; /* seconds, for UDP and again for TCP */
    bool edns, tcp;
    uint8_t *room;      /* ASK_ROOM bytes for what comes */
    struct reply reply; /* out */
};

/* Returns within twice the timeout, with a->reply.why told. */
enum reply_kind ask_server(struct ask *a);

#endif
