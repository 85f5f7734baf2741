/*
 * file.h: descriptors. A descriptor is a small number of one process; it
 * leads to an open file description, which several descriptors (dup, fork)
 * may share and which holds what they share: the status flags, the offset.
 * Behind the description stands one of: a TCP, UDP or Unix socket, a pipe's
 * end, an epoll, a file of the disk. Each is a table of calls that never
 * block; the blocking is done once, for all, in the system calls.
 *
 *     process        process
 *     fd 0 1 2 3     fd 0 1 2 3
 *            | |________/
 *            v v
 *       struct file (refs 3) --> ops: sock_tcp, pipe, epoll, ...
 */
#ifndef LW_FILE_H
#define LW_FILE_H

#include "proc.h"

#include <fcntl.h>
#include <sys/uio.h>

/* One transfer, as recvmsg(2) and sendmsg(2) describe it. */
struct io {
    const struct iovec *iov;
    int n;
    int flags;                     /* MSG_PEEK, MSG_MORE, MSG_TRUNC, ... */
    struct sockaddr_storage *addr; /* send: to, or NULL; recv: filled */
    socklen_t addrlen;             /* of *addr; 0: there is none */
    void *control;                 /* control messages (control.h); or NULL */
    size_t controllen;             /* send: their bytes; recv: the room */
    size_t controlled;             /* recv: bytes of them */
    int msg_flags;                 /* recv: MSG_TRUNC, MSG_CTRUNC, ... */
    int writer; /* recv: 1 + the pid that SCM_CREDENTIALS has told; or 0 */
    bool ended; /* recv: what follows belongs to another message */
};

/* How many bytes there is room for, or are to be sent. */
static inline size_t
iov_total(const struct iovec *iov, int n)
{
    size_t total = 0;

    for (int i = 0; i < n; i++)
        total += iov[i].iov_len;
    return total;
}

/* len bytes into io's buffers; how many fitted. */
size_t io_spread(const struct io *io, const void *data, size_t len);

struct file;
struct page;
struct sock_ops;

struct file_ops {
    /* How many bytes went; 0: end of file. -EAGAIN: it would block. */
    ssize_t (*recv)(struct file *f, struct io *io);
    ssize_t (*send)(struct file *f, struct io *io);
    /* The same for len bytes of a page, from its byte `from` on, which are
     * not copied; NULL: this file takes copies only. more: as MSG_MORE. */
    ssize_t (*send_page)(struct file *f, struct page *page, uint32_t from,
        uint32_t len, bool more);
    unsigned (*poll)(struct file *f); /* EPOLLIN, EPOLLOUT, ... */
    void (*close)(struct file *f);    /* nobody refers to it: frees it */
    void (*left)(struct file *f);     /* one fewer does; or NULL */
    const struct sock_ops *sock;      /* NULL: not a socket */
    bool always_ready;                /* files of a disk: no epoll (EPERM) */
    bool signals;                     /* O_ASYNC: to its owner */
};

struct file {
    const struct file_ops *ops;
    struct kernel *k;
    uint64_t no; /* like an inode's number: the "sock" of events */
    unsigned refs;
    int flags;            /* O_NONBLOCK, O_ASYNC, O_RDONLY, O_WRONLY, O_RDWR */
    int owner;            /* the process that SIGIO is for; 0: none */
    uint8_t signal;       /* F_SETSIG: instead of SIGIO; 0: that */
    bool quiet;           /* a program does this itself: no SIGIO */
    struct link watchers; /* struct watch */
    uint64_t cause_in;    /* the event that made it readable */
    uint64_t cause_out;   /* the event that made it writable */
};

void file_init(
    struct file *f, struct kernel *k, const struct file_ops *ops, int flags);
void file_put(struct file *f); /* one reference less; the last one closes */

/* `events` happened to f just now: remembers the cause, tells watchers, and
 * the owner (O_ASYNC). Did a process wake up? */
bool file_tell(struct file *f, unsigned events);

/* The same without the owner: who sleeps shall look, but nothing that a
 * program waits for has happened. */
bool file_wake(struct file *f, unsigned events);

/*
 * Sleeps until one of `events` happens to f or time is up (negative: no
 * limit). False when time is up.
 */
bool file_wait(struct proc *p, struct file *f, unsigned events, bool exclusive,
    int64_t timeout_ns);

/* fcntl(2), F_SETOWN: pid 0: nobody. -ESRCH. */
int file_set_owner(struct file *f, int pid);
int file_owner(const struct file *f); /* 0: none, or it has ended */

/* fcntl(2), O_ASYNC and FIOASYNC: shall the owner be signalled? Files of a
 * disk and epolls cannot: -ENOTTY. */
int file_set_async(struct file *f, bool on);

/* For the owner, if there is one. It may end him, but nobody in mid-call. */
void file_signal(struct file *f, int signal);

/* Would a call that must wait return -EAGAIN instead? */
static inline bool
file_nonblocking(const struct file *f, int msg_flags)
{
    return (f->flags & O_NONBLOCK) || (msg_flags & MSG_DONTWAIT);
}

/* --- the descriptors of a process ---------------------------------------- */

int fds_init(struct fds *t);                          /* -ENOMEM */
int fds_copy(struct fds *to, const struct fds *from); /* fork; -ENOMEM */
void fds_close(struct proc *p);                       /* all of them */
void fds_free(struct fds *t);

/* What descriptor fd leads to; NULL: -EBADF. */
static inline struct file *
fd_get(const struct proc *p, int fd)
{
    return fd >= 0 && (unsigned)fd < p->fds.room ? p->fds.at[fd] : NULL;
}

/*
 * Takes f into the lowest free descriptor from `from` on and returns it.
 * -EMFILE, -ENOMEM: f is still the caller's.
 */
int fd_add(struct proc *p, struct file *f, bool cloexec, int from);

/* Makes sure that the next fd_add from 0 succeeds. -EMFILE, -ENOMEM. */
int fd_reserve(struct proc *p);

/* Takes f into descriptor fd, closing what was there. -EBADF, -ENOMEM. */
int fd_put(struct proc *p, struct file *f, int fd);

int fd_close(struct proc *p, int fd); /* -EBADF */
bool fd_cloexec(const struct proc *p, int fd);
void fd_set_cloexec(struct proc *p, int fd, bool on);

#endif
