/*
 * remote_proc.h: our half of a remote process, shared by the remote_*.c.
 */
#ifndef LW_REMOTE_PROC_H
#define LW_REMOTE_PROC_H

#include "proc.h"
#include "remote.h"
#include "remote_msg.h"

struct remote {
    int fd;
    int real_pid; /* as Linux vouches for it; 0: not known */
    int died_of;  /* the signal that it said it dies of; 0: none said */
    bool greeted; /* HELLO has come, and the lists have equal sizes */
    bool waiting; /* live: for the driver to say that fd is readable */
    bool failed;  /* a malformed message: no more of it */
    struct remote_reply reply;
    struct writer out;      /* the reply's data, behind its fixed part */
    uint8_t in[REMOTE_MAX]; /* the request */
    uint8_t reply_buf[REMOTE_MAX];
    uint8_t data[REMOTE_DATA]; /* what a call reads */
};

/* A name told by a remote process, to be kept as long as the kernel. */
struct remote_name {
    struct remote_name *next;
    char text[REMOTE_NAME + 1];
};

/* May p post calls? A call that takes time changes what its process knows. */
static inline bool
remote_may_post(const struct proc *p)
{
    return p->k->call_cost_ns == 0;
}

/* Makes the system call; false: malformed. The reply is in r->reply/out. */
bool remote_call(struct proc *p, const struct remote_request *q);

/* Reports the events that the process tells; false: malformed. */
bool remote_notes(struct proc *p, struct cursor c);
void remote_names_free(struct kernel *k);

#endif
