/*
 * calls_io.c: the tool's calls that move bytes.
 *
 * Memory: a real kernel checks the program's pointers, ours shares them with
 * its programs. Here the scripts pass bad ones on purpose, so they are
 * checked before the call: EFAULT.
 */
#include "calls.h"
#include "sys.h"

#include <errno.h>

/* --- memory -------------------------------------------------------------- */

/* Null and the first page are what scripts pass for a bad pointer. */
static bool
bad(const void *p, size_t len)
{
    return len > 0 && (uintptr_t)p < 4096;
}

static bool
bad_iov(const struct iovec *iov, int n)
{
    if (n > 0 && bad(iov, 1))
        return true;
    for (int i = 0; i < n; i++)
        if (bad(iov[i].iov_base, iov[i].iov_len))
            return true;
    return false;
}

/* --- bytes --------------------------------------------------------------- */

static ssize_t
do_read(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_read(p, a->fd, a->out, a->len);
}

static ssize_t
pd_read(void *e, int fd, void *buf, size_t len)
{
    if (bad(buf, len))
        return calls_result(-EFAULT);
    return calls_run(e, fd, do_read, &(struct args){.out = buf, .len = len});
}

static ssize_t
do_readv(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_readv(p, a->fd, a->in, a->a);
}

static ssize_t
pd_readv(void *e, int fd, const struct iovec *iov, int n)
{
    if (bad_iov(iov, n))
        return calls_result(-EFAULT);
    return calls_run(e, fd, do_readv, &(struct args){.in = iov, .a = n});
}

static ssize_t
do_recvfrom(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_recvfrom(p, a->fd, a->out, a->len, a->a, a->from, a->fromlen);
}

static ssize_t
pd_recvfrom(void *e, int fd, void *buf, size_t len, int flags,
    struct sockaddr *from, socklen_t *fromlen)
{
    struct args a = {.out = buf, .len = len, .a = flags};

    if (bad(buf, len))
        return calls_result(-EFAULT);
    a.from = from;
    a.fromlen = fromlen;
    return calls_run(e, fd, do_recvfrom, &a);
}

static ssize_t
pd_recv(void *e, int fd, void *buf, size_t len, int flags)
{
    return pd_recvfrom(e, fd, buf, len, flags, NULL, NULL);
}

static ssize_t
do_recvmsg(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_recvmsg(p, a->fd, a->out, a->a);
}

static ssize_t
pd_recvmsg(void *e, int fd, struct msghdr *msg, int flags)
{
    if (bad_iov(msg->msg_iov, (int)msg->msg_iovlen))
        return calls_result(-EFAULT);
    return calls_run(e, fd, do_recvmsg, &(struct args){.out = msg, .a = flags});
}

static ssize_t
do_write(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_write(p, a->fd, a->in, a->len);
}

ssize_t
calls_write(void *e, int fd, const void *buf, size_t len)
{
    if (bad(buf, len))
        return calls_result(-EFAULT);
    return calls_run(e, fd, do_write, &(struct args){.in = buf, .len = len});
}

static ssize_t
do_writev(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_writev(p, a->fd, a->in, a->a);
}

static ssize_t
pd_writev(void *e, int fd, const struct iovec *iov, int n)
{
    if (bad_iov(iov, n))
        return calls_result(-EFAULT);
    return calls_run(e, fd, do_writev, &(struct args){.in = iov, .a = n});
}

static ssize_t
do_sendto(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_sendto(p, a->fd, a->in, a->len, a->a, a->to, a->tolen);
}

static ssize_t
pd_sendto(void *e, int fd, const void *buf, size_t len, int flags,
    const struct sockaddr *to, socklen_t tolen)
{
    struct args a = {.in = buf, .len = len, .a = flags};

    if (bad(buf, len))
        return calls_result(-EFAULT);
    a.to = to;
    a.tolen = tolen;
    return calls_run(e, fd, do_sendto, &a);
}

static ssize_t
pd_send(void *e, int fd, const void *buf, size_t len, int flags)
{
    return pd_sendto(e, fd, buf, len, flags, NULL, 0);
}

static ssize_t
do_sendmsg(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_sendmsg(p, a->fd, a->in, a->a);
}

static ssize_t
pd_sendmsg(void *e, int fd, const struct msghdr *msg, int flags)
{
    if (bad_iov(msg->msg_iov, (int)msg->msg_iovlen))
        return calls_result(-EFAULT);
    return calls_run(e, fd, do_sendmsg, &(struct args){.in = msg, .a = flags});
}

void
calls_io_fill(struct packetdrill_interface *t)
{
    t->read = pd_read;
    t->readv = pd_readv;
    t->recv = pd_recv;
    t->recvfrom = pd_recvfrom;
    t->recvmsg = pd_recvmsg;
    t->write = calls_write;
    t->writev = pd_writev;
    t->send = pd_send;
    t->sendto = pd_sendto;
    t->sendmsg = pd_sendmsg;
}
