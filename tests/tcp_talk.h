/*
 * tcp_talk.h: two programs that talk over TCP, for tests with two whole
 * stacks: a client sends so many bytes and ends its direction; the server
 * reads all, answers with so many, and closes. Every byte is compared. They
 * live from notifications alone, as programs on an event loop do.
 */
#ifndef LW_TCP_TALK_H
#define LW_TCP_TALK_H

#include "tcp_fixture.h"

struct talker {
    struct talk *talk;
    struct tcp_conn *c; /* NULL: not yet, or let go */
    uint32_t to_send, sent, to_read, read;
    bool shut, saw_end, wrong;
    bool deaf; /* the program is busy: it neither reads nor writes */
    int error;
    void (*runs)(void *owner); /* what its program does when told */
};

struct talk {
    struct tcp_listener *listener;
    struct talker client, server;
    size_t chunk;       /* most that is read or written with one call */
    struct timer hears; /* the server is deaf until then */
};

/* A conversation in which the two need not be client and server. */
struct talk_plan {
    uint32_t up, down;
    bool both_call;  /* each calls the other, at the same time */
    bool both_end;   /* each ends its direction when it has sent all */
    bool server_end; /* the server does so, and the client only then begins */
    int64_t deaf_ns; /* for so long the server's program does nothing */
};

/* Begins the conversation between a (client) and b, or a and itself. */
void talk_begin(struct talk *t, struct tcp_host *client,
    struct tcp_host *server, struct ipv4 to, uint32_t up, uint32_t down);

void talk_begin_plan(struct talk *t, struct tcp_host *a, struct tcp_host *b,
    const struct talk_plan *plan);

/* Both have read everything, rightly, to its end, without an error. */
bool talk_good(const struct talk *t);
void talk_end(struct talk *t);

#endif
