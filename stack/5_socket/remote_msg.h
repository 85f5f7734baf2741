/*
 * remote_msg.h: the messages between our kernel and a real Linux process
 * whose system calls it carries out (remote.c here, apps/4_fpm/sys_remote.c
 * there). One message is one datagram of a SOCK_SEQPACKET socket pair. The
 * process sends requests, one or several in a message, and gets one reply:
 *
 *     request  length:4 type:2 arg:8 x 6 data...
 *     reply    ret:8 now:8 wanted:8 x n read:8 x n out:8 x 2 post:1 ahead:4
 *              data... ahead...
 *
 * All numbers are little endian. `length` is that of the data; `type` is a
 * number of calls.def or one of those below; the arguments are those of the
 * call in its order, without pointers; `data` is what the pointers lead to.
 * `wanted` and `read` are the journal's bits, so that the process reports what
 * somebody listens to and nothing else.
 *
 * A message there and one back cost more than most calls, so the process
 * does not wait where it knows the result. Such a call is posted: marked
 * with REMOTE_POSTED, sent together with the next one that it waits for,
 * made in its turn like every other, and not answered. Known is
 *
 *   * what a read returns whose bytes the process has already: a reply says
 *     at its end what lies `ahead` in the socket that was accepted or read;
 *   * what the program does not look at (sys_unawaited).
 *
 * Only the last request of a message is answered, unless it is posted, NOTES,
 * DIED or exit_group. Where calls take virtual time (`post` is 0) none is
 * posted, since the process must know what time it is.
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
    REMOTE_HELLO = 0x100,  /* first of all: arg 0 is remote_lists(); reply:
                             ret pid, out epoch, host; data 4 seeds and
                             whether in live use:1; or
                             ret -EPROTO: both are of different builds */
    REMOTE_FORK,           /* reply: ret pid; the child's socket comes along */
    REMOTE_NOTES,          /* data: journal events */
    REMOTE_DIED,           /* arg 0: the signal that ends it this moment */
    REMOTE_POSTED = 0x8000 /* beside a call's number: no answer */
};

enum {
    REMOTE_ARGS = 6,
    REMOTE_OUTS = 2,
    REMOTE_WANTED = (EV_COUNT + 63) / 64,
    REMOTE_DATA = 65536, /* most data; longer transfers are split */
    REMOTE_EXTRA = 8192, /* addresses and lengths beside the data */
    REMOTE_AHEAD = 8192, /* most that is told ahead */
    REMOTE_HEAD = 4 + 2 + 8 * REMOTE_ARGS,
    REMOTE_MAX = REMOTE_DATA + REMOTE_EXTRA + REMOTE_AHEAD + 256,
    REMOTE_FIELDS = 32, /* most fields of an event */
    REMOTE_MANY = 255,  /* instead: so many events without fields */
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
    bool posted;
    int64_t arg[REMOTE_ARGS];
    struct cursor data;
};

struct remote_reply {
    int64_t ret;
    int64_t now_ns;
    uint64_t wanted[REMOTE_WANTED], read[REMOTE_WANTED];
    int64_t out[REMOTE_OUTS];
    bool post;      /* the process may post calls */
    uint32_t ahead; /* how much of the end is what lies ahead */
    struct cursor data, next;
};

/* The fixed part; `len` bytes of data follow in the same writer. */
static inline void
remote_put_request(
    struct writer *w, unsigned type, size_t len, const int64_t arg[REMOTE_ARGS])
{
    put_le32(w, (uint32_t)len);
    put_le16(w, (uint16_t)type);
    for (int i = 0; i < REMOTE_ARGS; i++)
        put_le64(w, (uint64_t)arg[i]);
}

/* The next request of a message; false: not a request. */
static inline bool
remote_get_request(struct cursor *c, struct remote_request *r)
{
    size_t len = get_le32(c);
    unsigned type = get_le16(c);
    const uint8_t *data;

    r->type = type & ~(unsigned)REMOTE_POSTED;
    r->posted = type & REMOTE_POSTED;
    for (int i = 0; i < REMOTE_ARGS; i++)
        r->arg[i] = (int64_t)get_le64(c);
    data = get_bytes(c, len);
    if (c->over)
        return false;
    r->data = cursor_of(data, len);
    return true;
}

static inline void
remote_put_reply(struct writer *w, const struct remote_reply *r)
{
    put_le64(w, (uint64_t)r->ret);
    put_le64(w, (uint64_t)r->now_ns);
    for (int i = 0; i < REMOTE_WANTED; i++)
        put_le64(w, r->wanted[i]);
    for (int i = 0; i < REMOTE_WANTED; i++)
        put_le64(w, r->read[i]);
    for (int i = 0; i < REMOTE_OUTS; i++)
        put_le64(w, (uint64_t)r->out[i]);
    put_u8(w, r->post);
    put_le32(w, r->ahead);
}

static inline bool
remote_get_reply(struct cursor c, struct remote_reply *r)
{
    size_t len;

    r->ret = (int64_t)get_le64(&c);
    r->now_ns = (int64_t)get_le64(&c);
    for (int i = 0; i < REMOTE_WANTED; i++)
        r->wanted[i] = get_le64(&c);
    for (int i = 0; i < REMOTE_WANTED; i++)
        r->read[i] = get_le64(&c);
    for (int i = 0; i < REMOTE_OUTS; i++)
        r->out[i] = (int64_t)get_le64(&c);
    r->post = get_u8(&c);
    r->ahead = get_le32(&c);
    if (c.over || r->ahead > cursor_left(&c))
        return false;
    len = cursor_left(&c) - r->ahead;
    r->data = cursor_of(c.at, len);
    r->next = cursor_of(c.at + len, r->ahead);
    return true;
}

#endif
