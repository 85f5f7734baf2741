/*
 * sock_tcp.h: a TCP socket, shared by the files sock_tcp*.c.
 */
#ifndef LW_SOCK_TCP_H
#define LW_SOCK_TCP_H

#include "sock.h"
#include "tcp.h"

/* How far a socket has come: the answer of connect(2) depends on it. */
enum tcp_phase {
    PHASE_NEW,
    PHASE_CONNECTING, /* connect(2) has not told the outcome */
    PHASE_CONNECTED,
    PHASE_ENDED /* shut down before the outcome was told */
};

/* Options that were set before there was a connection or listener to set
 * them on; most sockets have none. */
struct tcp_sock_options {
    uint32_t set; /* bit per tcp_option */
    int value[];  /* of those, in their order */
};

struct tcp_sock {
    struct sock s;
    struct tcp_listener *l; /* at most one of these two */
    struct tcp_conn *c;
    struct tcp_end local; /* what bind asked for, or was given */
    struct link bound;    /* in the kernel's ring of reserved ports */
    struct tcp_sock_options *options;    /* NULL: all as they come */
    uint8_t phase;                       /* enum tcp_phase */
    bool shut_snd : 1, shut_rcv : 1;     /* shutdown(2) */
    bool addr_given : 1, port_given : 1; /* by bind(2) */
    bool renamed : 1;           /* bound anew while a dead connection remains */
    bool lingers : 1;           /* close(2) waits for the end */
    bool wants_room : 1;        /* somebody found no room: tell when there is */
    uint16_t ended;             /* EPOLLRDHUP, HUP, ERR told already */
    uint16_t err;               /* pending, left by a connection that is gone */
    uint16_t soft;              /* the same, of what ICMP said */
    struct ip_trouble *trouble; /* why there was no connection, or NULL */
    uint32_t readable;          /* bytes to read when last told */
    uint32_t unsent;            /* bytes not acknowledged when last noted */
    uint32_t mark;              /* of the urgent byte that was signalled last */
    bool urged;                 /* there was one */
};

static inline struct tcp_sock *
tcp_sock_of(struct sock *s)
{
    return LW_CONTAINER(s, struct tcp_sock, s);
}

/* --- sock_tcp.c ---------------------------------------------------------- */

struct tcp_sock *tcp_sock_make(struct kernel *k); /* NULL: no memory */

/* TCP's news. acked: no program waits for so little, but somebody may look. */
void tcp_sock_told(void *owner);
void tcp_sock_acked(void *owner);

unsigned tcp_sock_ready(const struct tcp_sock *t); /* EPOLLIN, ... */

/* --- sock_tcp_open.c ----------------------------------------------------- */

int tcp_sock_listen(struct sock *s, int backlog);
int tcp_sock_accept(struct sock *s, struct sock **out);
int tcp_sock_connect(
    struct sock *s, const struct sockaddr *addr, socklen_t len);
int tcp_sock_shutdown(struct sock *s, int how);
void tcp_sock_linger(struct sock *s, struct proc *p);

/* Has the program's side of the connection ended? In Linux TIME-WAIT is no
 * longer the socket's. */
bool tcp_sock_over(const struct tcp_sock *t);
bool tcp_sock_opening(const struct tcp_sock *t);

/* --- sock_tcp_port.c ----------------------------------------------------- */

/* SO_REUSEADDR, SO_REUSEPORT and the card, as tcp.h wants them. */
unsigned tcp_sock_sharing(const struct tcp_sock *t);

/* Reserves local; port 0 stands for any that is free. -EADDRINUSE. */
int tcp_sock_reserve(struct tcp_sock *t, struct tcp_end local);

/* Does another socket hold t's port so that t cannot have it? */
bool tcp_sock_port_taken(const struct tcp_sock *t);
int tcp_sock_bind(struct sock *s, const struct sockaddr *addr, socklen_t len);

/* --- sock_tcp_opt.c ------------------------------------------------------ */

/* One option, as tcp.h has it. */
int tcp_sock_set(struct tcp_sock *t, enum tcp_option o, int value);
int tcp_sock_get(const struct tcp_sock *t, enum tcp_option o);

/* What was set before there was a connection, for it; value: of the caller. */
void tcp_sock_preset(const struct tcp_sock *t, struct tcp_preset *preset,
    int value[TCP_OPT_COUNT]);

/* Hands options set so far to the new listener. */
int tcp_sock_apply(struct tcp_sock *t);

int tcp_sock_setopt(struct sock *s, int level, int name, int value);
int tcp_sock_pace(struct tcp_sock *t); /* obeys SO_MAX_PACING_RATE */
int tcp_sock_getopt(struct sock *s, int level, int name, int *value);

/* sock_tcp_info.c: the numbers of TCP's states in Linux. */
uint8_t tcp_sock_linux_state(enum tcp_state s);

/* The options whose value is more than a number. */
int tcp_sock_getraw(
    struct sock *s, int level, int name, void *value, socklen_t *len);
int tcp_sock_setraw(
    struct sock *s, int level, int name, const void *value, socklen_t len);

#endif
