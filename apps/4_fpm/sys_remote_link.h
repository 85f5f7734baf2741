/*
 * sys_remote_link.h: the wire to the simulator, shared by sys_remote*.c.
 */
#ifndef LW_SYS_REMOTE_LINK_H
#define LW_SYS_REMOTE_LINK_H

#include "remote_msg.h"
#include "sys_remote.h"

enum {
    LINK_CHILDREN = 1024, /* at the same time */
    LINK_STACK = 65536    /* for the handler of crashes */
};

struct proc {
    int pid; /* as the simulator counts */
    struct env env;
    struct journal journal;
    struct timers timers;
    struct listener listener;
    struct {
        int pid, real; /* 0: free */
    } children[LINK_CHILDREN];
    /* Events not sent yet; `told` is the end of the last whole one, so that
     * a crash in the middle of one sends those before it. */
    uint8_t notes[REMOTE_DATA];
    volatile size_t told;
    uint8_t in[REMOTE_MAX]; /* the reply */
    uint8_t stack[LINK_STACK];
};

/* One request; data may be in two pieces (NULL: none). */
struct link_call {
    unsigned type;
    int64_t arg[REMOTE_ARGS];
    const void *data[2];
    size_t len[2];
    int *passed; /* where a descriptor that comes back goes; NULL: none */
};

/* Sends and waits for the answer. Ends the process when there is none. */
struct remote_reply link_call(struct proc *p, const struct link_call *c);

/* Sends without an answer. */
void link_tell(struct proc *p, const struct link_call *c);

/* Joins the journal to the wire, and crashes too. */
void link_listen(struct proc *p);
void link_catch(struct proc *p);

#endif
