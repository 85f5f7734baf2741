/*
 * same_calls.h: a script of system calls, run on either side: in a process
 * of our kernel or on the Linux under this program. What the words mean
 * stands at the functions of same_calls.c.
 */
#ifndef LW_SAME_CALLS_H
#define LW_SAME_CALLS_H

#include "sys.h"

struct side {
    struct proc *p;                   /* NULL: Linux */
    int fd[26];                       /* by letter; -1: none */
    struct sockaddr_storage last[26]; /* where "=x" was last */
    char out[8192];                   /* what the calls gave */
    const char *script;               /* "tcp a; bind a :0; listen a 5" */
    char dir[32];  /* Linux: where the names of Unix sockets are */
    long pause_ns; /* after each call; 0: none, or ours 1 ms */
    unsigned port; /* what "peer" is at 10.0.0.2 (state_peer.h) */
};

/* Runs s->script from the start; what was open stays open. */
void same_run(struct side *s);

/* Runs these calls on what is open; appends to s->out. */
void same_go(struct side *s, const char *script);

/* same_rest.c: calls without words, on our side only. */
void same_rest(struct side *s);

#endif
