/*
 * states.h: the states of a client's connection and of the connection to the
 * program behind, and the arrows between them, as data. A pure table: the
 * doors in states.c walk it, a test demands that every arrow is used.
 */
#ifndef LW_NGINX_STATES_H
#define LW_NGINX_STATES_H

#define CONN_STATES(S)                                                         \
    S(WAITING, "waiting")     /* no byte of a request is there */              \
    S(READING, "reading")     /* request line and header fields */             \
    S(ANSWERING, "answering") /* from the phases to the last byte sent */      \
    S(LINGERING, "lingering") /* said all; hears what still comes */           \
    S(CLOSED, "closed")

#define UPSTREAM_STATES(S)                                                     \
    S(NONE, "none")                                                            \
    S(CONNECTING, "connecting")                                                \
    S(SENDING, "connected")      /* the request is on its way */               \
    S(HEADER, "has the request") /* its header lines are awaited */            \
    S(BODY, "answers")                                                         \
    S(KEPT, "kept") /* for another request */                                  \
    S(CLOSED, "closed")

enum conn_state {
#define S(name, text) CONN_##name,
    CONN_STATES(S)
#undef S
};

enum upstream_state {
#define S(name, text) UPSTREAM_##name,
    UPSTREAM_STATES(S)
#undef S
};

struct state_arrow {
    unsigned from, to;
    const char *cause;
};

extern const struct state_arrow conn_arrows[], upstream_arrows[];
extern const unsigned conn_arrow_count, upstream_arrow_count;

const char *conn_state_text(enum conn_state s);
const char *upstream_state_text(enum upstream_state s);

#endif
