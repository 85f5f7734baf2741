/*
 * sock_unix.h: a Unix socket, shared by the files sock_unix*.c and flight.c.
 *
 * What a socket has received is a row of bytes. Beside it stands a list of
 * marks: which of the bytes came together with open descriptors (SCM_RIGHTS),
 * or with the name of who wrote them (SCM_CREDENTIALS). Bytes without either,
 * and that is nearly all of them, have no mark.
 *
 *     bytes   taken |h e l l o|x y z|w o r l d ...
 *     marks                   |x y z| 2 descriptors
 */
#ifndef LW_SOCK_UNIX_H
#define LW_SOCK_UNIX_H

#include "ring.h"
#include "sock.h"
#include "unix_name.h"

#include <sys/un.h>

enum unix_state {
    UNIX_CLOSED,
    UNIX_LISTENING,
    UNIX_CONNECTED
};

enum {
    UNIX_RIGHTS = 253,   /* SCM_MAX_FD: most descriptors in one message */
    UNIX_PIECE = 36544,  /* what Linux sends in one piece */
    UNIX_NOBODY = 65534, /* kernel.overflowuid: a user who is not known */
};

/* The bytes from ... to, counted since the socket was made. */
struct unix_mark {
    struct unix_mark *next;
    uint64_t from, to;
    int pid;                 /* who wrote them; 0: not told */
    unsigned n;              /* descriptors that nobody has received yet */
    struct unix_addr writer; /* of a datagram */
    struct file *at[];       /* [n] */
};

struct unix_sock {
    struct sock s;
    enum unix_state state;
    struct unix_sock *peer; /* NULL: none, or closed */
    struct ring rcv;        /* what the peer has written */
    bool shut_rcv, shut_snd;
    bool wants_room; /* a write found none */
    int err;
    int peer_pid;           /* SO_PEERCRED; 0: nobody */
    struct sock_name *name; /* bound to it by this socket itself */
    struct unix_addr addr, peer_addr;
    struct link queue;   /* listener: server ends nobody has accepted */
    struct link waiting; /* who found the queue full (sock_unix_wait.c) */
    struct link waits;   /* for whose queues u waits */
    struct link link;    /* server end: in its listener's queue */
    unsigned queued;

    /* Datagrams: who has connected to this one. */
    struct link fans, fan;
    unsigned messages; /* in the queue */

    /* What has come beside the bytes (sock_unix_msg.c). */
    uint64_t taken; /* bytes that were read, ever */
    struct unix_mark *marks, **marks_end;

    /* Descriptors in flight (flight.c). */
    struct unix_sock *listener; /* whose queue it stands in, or NULL */
    unsigned flying;            /* references to it that are in flight */
    unsigned laden;             /* marks in its queue that have files */
    struct link holds;          /* in the kernel's ring: marks with files */
    struct link reached;        /* a collection's work list */
    uint64_t reached_in;        /* the number of that collection */
};

extern const struct file_ops unix_ops, unix_dgram_ops, unix_seqpacket_ops;
extern const struct sock_ops unix_sock_ops; /* of connections */

static inline struct unix_sock *
unix_of(struct sock *s)
{
    return LW_CONTAINER(s, struct unix_sock, s);
}

static inline struct unix_sock *
unix_file(struct file *f)
{
    return unix_of(sock_of(f));
}

/* --- sock_unix.c: for all kinds ------------------------------------------- */

struct unix_sock *unix_new(struct kernel *k, int type); /* NULL: no memory */

int unix_setopt(struct sock *s, int level, int name, int value);
int unix_getopt(struct sock *s, int level, int name, int *value);
int unix_getraw(
    struct sock *s, int level, int name, void *value, socklen_t *len);
int unix_error(struct sock *s);
int unix_unsent(struct sock *s, bool never);

/* Gives up everything that u has but its name, and u. */
void unix_free(struct unix_sock *u);

void unix_close(struct file *f); /* of a connection, or a listener */

/* --- sock_unix_name.c ---------------------------------------------------- */

/* The socket that has this address, with which u will speak. -EINVAL,
 * -ENOENT; -ECONNREFUSED: it is closed, or nobody has that abstract name;
 * -EPROTOTYPE: of another kind than u; as unix_name_for_peer. */
int unix_find(struct unix_sock *u, const struct sockaddr *addr, socklen_t len,
    struct unix_sock **out);

int unix_bind(struct sock *s, const struct sockaddr *addr, socklen_t len);
int unix_name(struct sock *s, enum sock_end which,
    struct sockaddr_storage *addr, socklen_t *len);
void unix_put_addr(
    const struct unix_addr *a, struct sockaddr_storage *addr, socklen_t *len);

/* An abstract name for u, unless it has a name. -ENOMEM, -ENOSPC. */
int unix_autobind(struct unix_sock *u);

/* Before u speaks to somebody: with SO_PASSCRED it gets a name (unix(7)).
 * -ENOMEM, -ENOSPC. */
int unix_name_for_peer(struct unix_sock *u);

/* --- sock_unix_wait.c ---------------------------------------------------- */

/* u, which is about to sleep until EPOLLOUT, is woken when there is room in
 * the queue of `to`, or nothing to wait for any more. -EAGAIN; -ENOMEM. */
int unix_wait_for(struct unix_sock *u, struct unix_sock *to);
void unix_wake_waiting(struct unix_sock *to);
void unix_wait_end(struct unix_sock *u); /* u waits for nobody */

/* --- sock_unix_msg.c ----------------------------------------------------- */

ssize_t unix_recv(struct file *f, struct io *io);
ssize_t unix_send(struct file *f, struct io *io);

/* --- sock_unix_dgram.c: whole messages, for SOCK_SEQPACKET as well -------- */

ssize_t unix_dgram_recv(struct file *f, struct io *io);
ssize_t unix_dgram_send(struct file *f, struct io *io);
unsigned unix_dgram_poll(struct file *f);

/* --- what goes with the bytes: sock_unix_msg.c --------------------------- */

/* What goes with the bytes of io that u sends to `to`; NULL when it is nothing,
 * unless `always`. Freed by unix_mark_free when it is not sent. */
int unix_mark_of(struct unix_sock *u, const struct unix_sock *to,
    const struct io *io, bool always, struct unix_mark **out);
void unix_mark_free(struct unix_mark *m);

/* m goes into the queue of u: it belongs to the bytes from..to of all that
 * were ever put there. */
void unix_attach(
    struct unix_sock *u, struct unix_mark *m, uint64_t from, uint64_t to);

/* Tells io who wrote; gives it descriptors; and takes those of m. */
void unix_tell_writer(const struct unix_sock *u, int pid, struct io *io);
void unix_receive(
    struct unix_sock *u, struct file *const *at, unsigned n, struct io *io);
void unix_take_rights(struct unix_sock *u, struct unix_mark *m, struct io *io);

/* Nobody will read what u has received: its descriptors are let go. */
void unix_forget(struct unix_sock *u);

#endif
