/*
 * remote_msg.h: the messages between our kernel and a real Linux process
 * whose system calls it carries out (remote.c here, apps/4_fpm/sys_remote.c
 * there). One message is one datagram of a SOCK_SEQPACKET socket pair.
 *
 *     request  type:2 arg:8 x 6  data...          process -> kernel
 *     reply    ret:8 now:8 wanted:8 x n out:8 x 2 data...   kernel -> process
 *
 * All numbers are little endian. `type` is a number of calls.def or one of
 * those below; the arguments are those of the call in its order, without
 * pointers; `data` is what the pointers lead to. Every request but NOTES,
 * DIED and exit_group is answered. `wanted` are the journal's bits, so that
 * the process reports what somebody listens to and nothing else.
 *
 * The process may have crashed in any way: its messages are hostile input.
 */
#ifndef LW_REMOTE_MSG_H
#define LW_REMOTE_MSG_H

#include "bytes.h"
#include "journal.h"

enum remote_call {
#define CALL(name, rule) REMOTE_##name,
#include "calls.def"
#undef CALL
    REMOTE_CALLS,
    REMOTE_HELLO = 0x100, /* first of all: arg 0 is remote_lists(); reply:
                             ret pid, out epoch, host; data 4 seeds; or
                             ret -EPROTO: both are of different builds */
    REMOTE_FORK,          /* reply: ret pid; the child's socket comes along */
    REMOTE_NOTES,         /* data: journal events */
    REMOTE_DIED           /* arg 0: the signal that ends it this moment */
};

enum {
    REMOTE_ARGS = 6,
    REMOTE_OUTS = 2,
    REMOTE_WANTED = (EV_COUNT + 63) / 64,
    REMOTE_DATA = 65536, /* most data; longer transfers are split */
    REMOTE_EXTRA = 8192, /* addresses and lengths beside the data */
    REMOTE_MAX = REMOTE_DATA + REMOTE_EXTRA + 256,
    REMOTE_FIELDS = 32, /* most fields of an event */
    REMOTE_NAME = 64,   /* longest name of a field or function */
    REMOTE_IOV = 1024,  /* IOV_MAX */
    REMOTE_POLL = 1024  /* most descriptors of poll(2) */
};

/* The numbers of calls, kinds and rules mean the same on both sides. */
static inline int64_t
remote_lists(void)
{
    static const char calls[] = ""
#define CALL(name, rule) #name " "
#include "calls.def"
#undef CALL
        ;

    return (int64_t)fnv(event_lists(), calls, sizeof calls);
}

struct remote_request {
    unsigned type;
    int64_t arg[REMOTE_ARGS];
    struct cursor data;
};

struct remote_reply {
    int64_t ret;
    int64_t now_ns;
    uint64_t wanted[REMOTE_WANTED];
    int64_t out[REMOTE_OUTS];
    struct cursor data;
};

/* The fixed part; the data follows in the same writer. */
static inline void
remote_put_request(
    struct writer *w, unsigned type, const int64_t arg[REMOTE_ARGS])
{
    put_le16(w, (uint16_t)type);
    for (int i = 0; i < REMOTE_ARGS; i++)
        put_le64(w, (uint64_t)arg[i]);
}

/* False: not a request. */
static inline bool
remote_get_request(struct cursor c, struct remote_request *r)
{
    r->type = get_le16(&c);
    for (int i = 0; i < REMOTE_ARGS; i++)
        r->arg[i] = (int64_t)get_le64(&c);
    r->data = c;
    return !c.over;
}

static inline void
remote_put_reply(struct writer *w, const struct remote_reply *r)
{
    put_le64(w, (uint64_t)r->ret);
    put_le64(w, (uint64_t)r->now_ns);
    for (int i = 0; i < REMOTE_WANTED; i++)
        put_le64(w, r->wanted[i]);
    for (int i = 0; i < REMOTE_OUTS; i++)
        put_le64(w, (uint64_t)r->out[i]);
}

static inline bool
remote_get_reply(struct cursor c, struct remote_reply *r)
{
    r->ret = (int64_t)get_le64(&c);
    r->now_ns = (int64_t)get_le64(&c);
    for (int i = 0; i < REMOTE_WANTED; i++)
        r->wanted[i] = get_le64(&c);
    for (int i = 0; i < REMOTE_OUTS; i++)
        r->out[i] = (int64_t)get_le64(&c);
    r->data = c;
    return !c.over;
}

#endif
