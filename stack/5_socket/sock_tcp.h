/*
 * sock_tcp.h: a TCP socket, shared by sock_tcp.c and sock_tcp_opt.c.
 */
#ifndef LW_SOCK_TCP_H
#define LW_SOCK_TCP_H

#include "sock.h"
#include "tcp.h"

enum {
    TCP_SOCK_OPTIONS = 11 /* enum tcp_option */
};

struct tcp_sock {
    struct sock s;
    struct tcp_listener *l; /* at most one of these two */
    struct tcp_conn *c;
    struct tcp_end local; /* what bind asked for, or was given */
    struct link bound;    /* in the kernel's ring of reserved ports */
    bool connecting;      /* connect(2) has not told the outcome */
    bool shut_snd;        /* shutdown(2) for writing */
    bool wants_room;      /* somebody found no room: tell when there is */
    unsigned ended;       /* EPOLLRDHUP, HUP, ERR told already */
    uint32_t readable;    /* bytes to read when last told */
    uint32_t unsent;      /* bytes not acknowledged when last noted */
    uint16_t options_set; /* bit per tcp_option: set by the program */
    int options[TCP_SOCK_OPTIONS]; /* its value */
};

static inline struct tcp_sock *
tcp_sock_of(struct sock *s)
{
    return LW_CONTAINER(s, struct tcp_sock, s);
}

/* --- sock_tcp_port.c ----------------------------------------------------- */

/* Reserves local; port 0 stands for any that is free. -EADDRINUSE. */
int tcp_sock_reserve(struct tcp_sock *t, struct tcp_end local);

/* Does another socket hold t's port so that t cannot listen there? */
bool tcp_sock_port_taken(const struct tcp_sock *t);
int tcp_sock_bind(struct sock *s, const struct sockaddr *addr, socklen_t len);

/* --- sock_tcp_opt.c ------------------------------------------------------ */

/* Hands options set so far to the new listener. */
int tcp_sock_apply(struct tcp_sock *t);

/* Options of the listener that accepted t: TCP has applied them already. */
void tcp_sock_inherit(struct tcp_sock *t, const struct tcp_sock *listener);

int tcp_sock_setopt(struct sock *s, int level, int name, int value);
int tcp_sock_getopt(struct sock *s, int level, int name, int *value);

/* sock_tcp_info.c: the options whose value is more than a number. */
int tcp_sock_getraw(
    struct sock *s, int level, int name, void *value, socklen_t *len);

#endif
