/*
 * sys_io.c: the system calls that move bytes. All of them end in one
 * `recv` or `send` of the description (file.h), which never blocks; the
 * sleeping is here.
 */
#include "sys.h"
#include "sys_io.h"
#include "disk_file.h"
#include "sock.h"
#include "strace.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum {
    PARTS = 64 /* buffers handed down at a time after a partial write */
};

static ssize_t
take(struct proc *p, int fd, struct io *io)
{
    const unsigned events = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    struct file *f = fd_get(p, fd);
    struct patience w;
    ssize_t n;

    if (!f)
        return -EBADF;
    if (io->n < 0 || io->n > IOV_MAX)
        return -EINVAL;
    /* read(2) of no bytes takes none; recv(2), which asks for the address,
     * would wait for some and take an empty datagram. */
    if (f->ops->sock && !io->addr && !iov_total(io->iov, io->n))
        return 0;
    w = sock_patience(f, io->flags, false);
    while (
        (n = f->ops->recv(f, io)) == -EAGAIN && sock_wait(p, f, events, &w)) {
    }
    /* What the program does with the bytes is caused by their arrival. */
    if (n >= 0)
        journal_enter(p->k->env->journal, f->cause_in);
    return n;
}

/* The buffers without their first `done` bytes, as many as fit in part. */
static int
rest_of(const struct iovec *iov, int n, size_t done, struct iovec *part)
{
    int count = 0;

    for (int i = 0; i < n && count < PARTS; i++) {
        if (done >= iov[i].iov_len) {
            done -= iov[i].iov_len;
            continue;
        }
        part[count].iov_base = (uint8_t *)iov[i].iov_base + done;
        part[count++].iov_len = iov[i].iov_len - done;
        done = 0;
    }
    return count;
}

/* A blocking write returns when everything was taken (write(2), send(2)). */
static ssize_t
give(struct proc *p, int fd, struct io *io)
{
    const struct iovec *iov = io->iov;
    struct file *f = fd_get(p, fd);
    struct iovec part[PARTS];
    size_t done = 0, total;
    struct patience w;
    int count = io->n;

    if (!f)
        return -EBADF;
    if (io->n < 0 || io->n > IOV_MAX)
        return -EINVAL;
    total = iov_total(iov, io->n);
    w = sock_patience(f, io->flags, true);
    for (;;) {
        ssize_t n = f->ops->send(f, io);

        if (n >= 0)
            done += (size_t)n;
        else if (n != -EAGAIN)
            return done ? (ssize_t)done : n;
        if (done >= total || w.ns == 0 ||
            (n == -EAGAIN &&
                !sock_wait(p, f, EPOLLOUT | EPOLLHUP | EPOLLERR, &w)))
            return done || n >= 0 ? (ssize_t)done : n;
        io->n = rest_of(iov, count, done, part);
        io->iov = part;
        if (done) /* what goes with the bytes went with the first */
            io->control = NULL;
    }
}

void
io_broken_pipe(struct proc *p, int fd, ssize_t ret, int flags)
{
    struct file *f = fd_get(p, fd);

    if (ret != -EPIPE || (flags & MSG_NOSIGNAL))
        return;
    if (!f || !f->ops->sock || sock_of(f)->type == SOCK_STREAM)
        proc_signal(p, SIGPIPE);
}

ssize_t
sys_read(struct proc *p, int fd, void *buf, size_t len)
{
    struct iovec iov = {buf, len};
    ssize_t n;

    call_begin(p, CALL_read);
    n = take(p, fd, &(struct io){.iov = &iov, .n = 1});
    CALL_END(p, fd, n, "%d, %s, %zu", fd, tr_data(p, buf, n), len);
    return n;
}

ssize_t
sys_readv(struct proc *p, int fd, const struct iovec *iov, int n)
{
    ssize_t ret;

    call_begin(p, CALL_readv);
    ret = take(p, fd, &(struct io){.iov = iov, .n = n});
    CALL_END(p, fd, ret, "%d, %s, %d", fd, tr_iov(p, iov, n, ret), n);
    return ret;
}

ssize_t
sys_write(struct proc *p, int fd, const void *buf, size_t len)
{
    struct iovec iov = {(void *)(uintptr_t)buf, len};
    ssize_t n;

    call_begin(p, CALL_write);
    n = give(p, fd, &(struct io){.iov = &iov, .n = 1});
    CALL_END(p, fd, n, "%d, %s, %zu", fd, tr_data(p, buf, (int64_t)len), len);
    io_broken_pipe(p, fd, n, 0);
    return n;
}

ssize_t
sys_writev(struct proc *p, int fd, const struct iovec *iov, int n)
{
    ssize_t ret;

    call_begin(p, CALL_writev);
    ret = give(p, fd, &(struct io){.iov = iov, .n = n});
    CALL_END(p, fd, ret, "%d, %s, %d", fd,
        tr_iov(
            p, iov, n, n > 0 && n <= IOV_MAX ? (int64_t)iov_total(iov, n) : 0),
        n);
    io_broken_pipe(p, fd, ret, 0);
    return ret;
}

static bool
is_tcp(const struct file *f)
{
    const struct sock *s = LW_CONTAINER(f, struct sock, f);

    return s->domain == AF_INET && s->type == SOCK_STREAM;
}

static bool
is_udp(const struct file *f)
{
    const struct sock *s = LW_CONTAINER(f, struct sock, f);

    return s->domain == AF_INET && s->type == SOCK_DGRAM;
}

/* Reading ends at urgent data, even with MSG_WAITALL. */
static bool
at_mark(struct file *f)
{
    return f->ops->sock->at_mark && f->ops->sock->at_mark(sock_of(f));
}

ssize_t
io_send(struct proc *p, int fd, struct io *io)
{
    struct file *f = fd_get(p, fd);

    if (!f)
        return -EBADF;
    if (!f->ops->sock)
        return -ENOTSOCK;
    if ((io->flags & MSG_OOB) && !is_tcp(f))
        return -EOPNOTSUPP;
    return give(p, fd, io);
}

ssize_t
sys_sendto(struct proc *p, int fd, const void *buf, size_t len, int flags,
    const struct sockaddr *to, socklen_t tolen)
{
    struct iovec iov = {(void *)(uintptr_t)buf, len};
    struct sockaddr_storage addr = {0};
    struct io io = {.iov = &iov, .n = 1, .flags = flags};
    ssize_t n;

    call_begin(p, CALL_sendto);
    if (to && tolen && tolen <= sizeof addr) {
        memcpy(&addr, to, tolen);
        io.addr = &addr;
        io.addrlen = tolen;
    }
    n = to && tolen > sizeof addr ? -EINVAL : io_send(p, fd, &io);
    CALL_END(p, fd, n, "%d, %s, %zu, %s, %s, %u", fd,
        tr_data(p, buf, (int64_t)len), len, tr_flags_msg(p, flags),
        tr_addr(p, to, tolen), tolen);
    io_broken_pipe(p, fd, n, flags);
    return n;
}

/* How much a receiving call waits for: MSG_WAITALL, SO_RCVLOWAT. */
static size_t
wanted(struct file *f, int flags)
{
    if (flags & MSG_WAITALL)
        return SIZE_MAX;
    return file_nonblocking(f, flags)
               ? 0
               : (size_t)sock_rare_of(sock_of(f))->rcvlowat;
}

/* MSG_OOB, which never waits. */
static ssize_t
recv_urgent(struct file *f, struct io *io)
{
    if (is_tcp(f))
        return f->ops->recv(f, io);
    return sock_of(f)->type == SOCK_STREAM ? -EINVAL : -EOPNOTSUPP;
}

/* MSG_WAITALL: until everything is there, or the end, or an error. */
ssize_t
io_recv(struct proc *p, int fd, struct io *io)
{
    struct file *f = fd_get(p, fd);
    const struct iovec *iov = io->iov;
    struct iovec part[PARTS];
    size_t done = 0, total;
    int count = io->n;
    ssize_t n;

    if (!f)
        return -EBADF;
    if (!f->ops->sock)
        return -ENOTSOCK;
    if ((io->flags & MSG_OOB) && !is_udp(f)) /* which does not know it */
        return recv_urgent(f, io);
    if ((io->flags & MSG_ERRQUEUE) && sock_of(f)->domain == AF_INET)
        return f->ops->recv(f, io);
    total = iov_total(iov, count);
    do {
        n = take(p, fd, io);
        if (n <= 0)
            break;
        done += (size_t)n;
        io->n = rest_of(iov, count, done, part);
        io->iov = part;
    } while (!(io->flags & MSG_PEEK) && sock_of(f)->type == SOCK_STREAM &&
             done < total && done < wanted(f, io->flags) && !io->ended &&
             !at_mark(f));
    io->iov = iov;
    io->n = count;
    return done ? (ssize_t)done : n;
}

ssize_t
sys_recvfrom(struct proc *p, int fd, void *buf, size_t len, int flags,
    struct sockaddr *from, socklen_t *fromlen)
{
    struct iovec iov = {buf, len};
    struct sockaddr_storage addr = {0};
    struct io io = {.iov = &iov, .n = 1, .flags = flags, .addr = &addr};
    socklen_t room = fromlen ? *fromlen : 0;
    ssize_t n;

    call_begin(p, CALL_recvfrom);
    n = io_recv(p, fd, &io);
    if (n >= 0 && from && fromlen) {
        memcpy(from, &addr, room < io.addrlen ? room : io.addrlen);
        *fromlen = io.addrlen;
    }
    CALL_END(p, fd, n, "%d, %s, %zu, %s, %s, %s", fd,
        tr_data(p, buf, n > (ssize_t)len ? (int64_t)len : n), len,
        tr_flags_msg(p, flags),
        n < 0 && from ? "0x..." : tr_addr(p, from, fromlen ? *fromlen : 0),
        tr_len(p, fromlen, room));
    return n;
}
