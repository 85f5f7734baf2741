/*
 * tcp_state.c: the eleven states, the arrows between them, and the one door
 * that leads through an arrow.
 *
 * The table is RFC 9293 3.3.2, figure 5, with the arrows that its notes and
 * the prose of 3.10 add (a reset or an abort leads to CLOSED from
 * everywhere). One arrow of the figure is left out: LISTEN to SYN-SENT, for
 * a program that sends on a listening connection. Sockets cannot ask for it.
 */
#include "tcp_conn.h"

#include <assert.h>

static const char *const texts[] = {
#define S(name, text) text,
    TCP_STATES(S)
#undef S
};

#define ARROWS(A)                                                              \
    A(CLOSED, LISTEN, "passive OPEN", "3.10.1")                                \
    A(CLOSED, SYN_SENT, "active OPEN: SYN sent", "3.10.1")                     \
    A(LISTEN, SYN_RECEIVED, "SYN came: SYN,ACK sent", "3.10.7.2")              \
    A(LISTEN, CLOSED, "CLOSE", "3.10.4")                                       \
    A(SYN_SENT, SYN_RECEIVED, "SYN came: both are calling", "3.10.7.3")        \
    A(SYN_SENT, ESTABLISHED, "SYN,ACK came: ACK sent", "3.10.7.3")             \
    A(SYN_SENT, CLOSED, "CLOSE, RST came, or nobody answers", "3.10.4")        \
    A(SYN_RECEIVED, ESTABLISHED, "ACK of SYN came", "3.10.7.4")                \
    A(SYN_RECEIVED, FIN_WAIT_1, "CLOSE: FIN sent", "3.10.4")                   \
    A(SYN_RECEIVED, LISTEN, "RST or new SYN: the caller is gone", "3.10.7.4")  \
    A(SYN_RECEIVED, CLOSED, "RST came, or nobody answers", "3.10.7.4")         \
    A(ESTABLISHED, FIN_WAIT_1, "CLOSE: FIN sent", "3.10.4")                    \
    A(ESTABLISHED, CLOSE_WAIT, "FIN came: ACK sent", "3.10.7.4")               \
    A(ESTABLISHED, CLOSED, "RST came, ABORT, or nobody answers", "3.10.5")     \
    A(FIN_WAIT_1, FIN_WAIT_2, "ACK of FIN came", "3.10.7.4")                   \
    A(FIN_WAIT_1, CLOSING, "FIN came before the ACK", "3.10.7.4")              \
    A(FIN_WAIT_1, CLOSED, "RST came, ABORT, or nobody answers", "3.10.5")      \
    A(FIN_WAIT_2, TIME_WAIT, "FIN came: ACK sent", "3.10.7.4")                 \
    A(FIN_WAIT_2, CLOSED, "RST came, ABORT, or no FIN comes", "3.10.5")        \
    A(CLOSE_WAIT, LAST_ACK, "CLOSE: FIN sent", "3.10.4")                       \
    A(CLOSE_WAIT, CLOSED, "RST came, ABORT, or nobody answers", "3.10.5")      \
    A(CLOSING, TIME_WAIT, "ACK of FIN came", "3.10.7.4")                       \
    A(CLOSING, CLOSED, "RST came, ABORT, or nobody answers", "3.10.7.4")       \
    A(LAST_ACK, CLOSED, "ACK of FIN came", "3.10.7.4")                         \
    A(TIME_WAIT, CLOSED, "two segment lifetimes are over", "3.10.8")

const struct tcp_arrow tcp_arrows[] = {
#define A(from, to, cause, section) {TCP_##from, TCP_##to, (cause), (section)},
    ARROWS(A)
#undef A
};

/* The same, to be asked by the two states. */
static const bool legal[TCP_STATE_COUNT][TCP_STATE_COUNT] = {
#define A(from, to, cause, section) [TCP_##from][TCP_##to] = true,
    ARROWS(A)
#undef A
};

const unsigned tcp_arrow_count = LW_COUNT(tcp_arrows);

const char *
tcp_state_text(enum tcp_state s)
{
    return s < TCP_STATE_COUNT ? texts[s] : "?";
}

/* The door. No other line of the program assigns a state. */
static void
move(struct tcp *tcp, uint64_t id, uint8_t *state, enum tcp_state to,
    enum rule why)
{
    enum tcp_state from = *state;

    assert(legal[from][to]);
    *state = (uint8_t)to;
    if (to == TCP_TIME_WAIT)
        tcp->counts.time_wait++;
    if (from == TCP_TIME_WAIT)
        tcp->counts.time_wait--;
    NOTE(tcp->env, EV_TCP_MOVE, why, f_u64("conn", id),
        f_text("from", texts[from]), f_text("to", texts[to]));
}

void
tcp_move(struct tcp_conn *c, enum tcp_state to, enum rule why)
{
    move(c->tcp, c->id, &c->state, to, why);
}

void
tcp_listener_move(struct tcp_listener *l, enum tcp_state to, enum rule why)
{
    move(l->tcp, l->id, &l->state, to, why);
}

void
tcp_inherit_state(struct tcp_conn *c, const struct tcp_listener *l)
{
    assert(c->state == TCP_CLOSED && l->state == TCP_LISTEN);
    c->state = l->state;
}
