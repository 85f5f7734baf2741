/*
 * state_peer.h: the other end of a connection, played by the test packet by
 * packet, so that a socket can be led into any state and kept there: towards
 * our kernel over the bare wire of net_fixture.h, towards Linux over a TUN
 * device in a network namespace of its own.
 *
 * A stage holds many connections side by side: number i is the one with port
 * STATE_PORT + i of the peer, 10.0.0.2. The sockets are on 10.0.0.1.
 */
#ifndef LW_STATE_PEER_H
#define LW_STATE_PEER_H

#include "net_fixture.h"
#include "same_calls.h"

#include <stdio.h>

#define STATE_PORT 1000
#define STATE_ENDS 160

struct state_end {
    uint32_t seq;      /* what the peer sends next */
    uint32_t ack;      /* end of what it has been sent */
    uint16_t port;     /* of the socket; 0: not known yet */
    bool heard;        /* it has sent something */
    char seen[160];    /* what the socket sent, bare ACKs left out: "S F." */
    uint32_t from, to; /* seq and ack when the peer sent last */
};

struct stage {
    struct side side; /* side.p NULL: Linux */
    struct net *net;  /* ours */
    int tun;          /* Linux's */
    bool all;         /* seen: bare ACKs too, and numbers */
    struct state_end end[STATE_ENDS];
};

/*
 * The peer of connection i sends a segment: flags are letters, S F R P, then
 * '.' for an ACK of all it has got, '-' for one of all but the last number,
 * '^' of what was not sent yet, ',' of what is old, '_' of what is too old;
 * then the text, if any: "P.hello". "@-5:F.": the number is not the next one,
 * which stays. Or "I3.1": an ICMP error, type and code, about the last that
 * the socket sent.
 */
void state_send(struct stage *s, unsigned i, const char *what);

/* Takes what has been sent to the peer since; see `seen`. */
void state_hear(struct stage *s);

/* Linux's end: a TUN device that is up, in a namespace that this process
 * enters; -1: not possible here. */
int state_tun(void);

/* --- state_run.c --------------------------------------------------------- */

/* Runs the calls of `script` on side.fd['a'] of connection i; a step "<S."
 * is a segment of the peer's. */
void state_lead(struct stage *s, unsigned i, const char *script);
void state_rest(struct stage *s, long ms);
void state_close_all(struct stage *s); /* every side.fd */

/* What `fill` writes on our kernel and on Linux, freed by the caller; NULL:
 * Linux gives no namespace or no TUN device here. */
char *state_ours(void (*fill)(struct stage *s, FILE *out));
char *state_linux(void (*fill)(struct stage *s, FILE *out), long pause_ns);

/* Which lines differ, by patterns (fnmatch) of their first two columns, and
 * why that is right. The last has state NULL. */
struct state_differs {
    const char *state, *what, *why;
    bool some; /* only some versions of Linux do */
};

/* Checks that both write the same `lines` lines, those apart that are listed,
 * of which each entry must be of use. Linux may be late, or early with a
 * timer, when the machine is busy: a line that differs has two more tries, at
 * another pace. */
void state_same(void (*fill)(struct stage *s, FILE *out), unsigned lines,
    const struct state_differs *d);

/* Linux grants a mark, a high priority, another's name and more to who
 * administers the machine, which this process then does no longer. */
void state_drop_privileges(void);

#endif
