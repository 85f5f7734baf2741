/*
 * sys_remote_link.h: the wire to the simulator, shared by sys_remote*.c.
 */
#ifndef LW_SYS_REMOTE_LINK_H
#define LW_SYS_REMOTE_LINK_H

#include "remote_msg.h"
#include "spin.h"
#include "sys_remote.h"

enum {
    LINK_CHILDREN = 1024, /* at the same time */
    LINK_STACK = 65536    /* for the handler of crashes */
};

#define NO_NOTES SIZE_MAX

struct proc {
    int pid; /* as the simulator counts */
    struct env env;
    struct journal journal;
    struct timers timers;
    struct listener listener;
    struct {
        int pid, real; /* 0: free */
    } children[LINK_CHILDREN];
    /* Requests not sent yet: events and posted calls; `told` is the end of
     * the last whole one, so that a crash in the middle of one sends those
     * before it. Events follow one another in one request, that at `notes`. */
    uint8_t unsent[REMOTE_DATA];
    volatile size_t told;
    size_t notes; /* NO_NOTES: the last request is another one */
    bool may_post;
    bool unawaited; /* the next call: sys_unawaited */
    struct {
        int fd; /* -1: of none */
        size_t at, len;
        uint8_t bytes[REMOTE_AHEAD];
    } ahead; /* what the kernel still has for this stream, known already */
    struct spin spin;       /* before it sleeps for an answer: in live use */
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

/* Has the call made with the next that is sent. False: it cannot be posted. */
bool link_post(struct proc *p, const struct link_call *c);

/* The same, when nobody looks at what the call returns. */
bool link_unawaited(struct proc *p, const struct link_call *c);

/*
 * A call that reads from the stream fd without flags: from what is known to
 * lie ahead, all len bytes at once and posted, or false. Otherwise the answer
 * tells what lies behind the bytes that it has brought (link_ahead).
 */
bool link_read(struct proc *p, unsigned type, int fd, void *buf, size_t len);
void link_ahead(struct proc *p, int fd, const struct remote_reply *r);

/* Joins the journal to the wire, and crashes too. */
void link_listen(struct proc *p);
void link_catch(struct proc *p);

#endif
