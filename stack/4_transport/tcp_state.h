/*
 * tcp_state.h: the states of a connection and the arrows between them, as
 * data. A pure table: the window draws it, tcp_move walks it, a test demands
 * that every arrow is used. RFC 9293 3.3.2, figure 5, and the notes below it.
 */
#ifndef LW_TCP_STATE_H
#define LW_TCP_STATE_H

#define TCP_STATES(S)                                                          \
    S(CLOSED, "CLOSED")                                                        \
    S(LISTEN, "LISTEN")                                                        \
    S(SYN_SENT, "SYN-SENT")                                                    \
    S(SYN_RECEIVED, "SYN-RECEIVED")                                            \
    S(ESTABLISHED, "ESTABLISHED")                                              \
    S(FIN_WAIT_1, "FIN-WAIT-1")                                                \
    S(FIN_WAIT_2, "FIN-WAIT-2")                                                \
    S(CLOSE_WAIT, "CLOSE-WAIT")                                                \
    S(CLOSING, "CLOSING")                                                      \
    S(LAST_ACK, "LAST-ACK")                                                    \
    S(TIME_WAIT, "TIME-WAIT")

enum tcp_state {
#define S(name, text) TCP_##name,
    TCP_STATES(S)
#undef S
    TCP_STATE_COUNT
};

const char *tcp_state_text(enum tcp_state s);

/* One arrow: from, to, what causes it, and the RFC's section. */
struct tcp_arrow {
    enum tcp_state from, to;
    const char *cause;
    const char *section;
};

extern const struct tcp_arrow tcp_arrows[];
extern const unsigned tcp_arrow_count;

#endif
