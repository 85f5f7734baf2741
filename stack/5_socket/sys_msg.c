/*
 * sys_msg.c: sendmsg(2) and recvmsg(2), which say everything there is to say
 * about a transfer: several buffers, an address, control messages; and
 * sendmmsg(2) and recvmmsg(2), which do so several times in one call.
 */
#include "sys.h"
#include "sock.h"
#include "strace.h"
#include "sys_io.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* What Linux checks of a msghdr before it looks at anything else. */
static int
check(struct proc *p, int fd, const struct msghdr *m)
{
    struct file *f = fd_get(p, fd);

    if (!f)
        return -EBADF;
    if (!f->ops->sock)
        return -ENOTSOCK;
    if (!m)
        return -EFAULT;
    if (m->msg_name && (int)m->msg_namelen < 0)
        return -EINVAL;
    return m->msg_iovlen > IOV_MAX ? -EMSGSIZE : 0;
}

/* --- sending ------------------------------------------------------------- */

static ssize_t
send_msg(struct proc *p, int fd, const struct msghdr *m, int flags)
{
    struct sockaddr_storage addr = {0};
    struct io io = {.flags = flags};
    int err = check(p, fd, m);

    if (err)
        return err;
    if (m->msg_controllen > INT_MAX)
        return -ENOBUFS;
    if (m->msg_name && m->msg_namelen) {
        io.addrlen = m->msg_namelen < sizeof addr ? m->msg_namelen
                                                  : (socklen_t)sizeof addr;
        memcpy(&addr, m->msg_name, io.addrlen);
        io.addr = &addr;
    }
    io.iov = m->msg_iov;
    io.n = (int)m->msg_iovlen;
    io.control = m->msg_control;
    io.controllen = m->msg_control ? m->msg_controllen : 0;
    return io_send(p, fd, &io);
}

ssize_t
sys_sendmsg(struct proc *p, int fd, const struct msghdr *msg, int flags)
{
    ssize_t n;

    call_begin(p, CALL_sendmsg);
    n = send_msg(p, fd, msg, flags);
    CALL_END(p, fd, n, "%d, %s, %s", fd,
        tr_msg(p, msg, msg ? msg->msg_namelen : 0, SSIZE_MAX),
        tr_flags_msg(p, flags));
    io_broken_pipe(p, fd, n, flags);
    return n;
}

int
sys_sendmmsg(
    struct proc *p, int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
    unsigned done = 0;
    ssize_t ret = 0;

    call_begin(p, CALL_sendmmsg);
    n = n < IOV_MAX ? n : IOV_MAX;
    if (!fd_get(p, fd))
        ret = -EBADF;
    else if (!fd_get(p, fd)->ops->sock)
        ret = -ENOTSOCK;
    while (done < n && ret >= 0) {
        ret = send_msg(p, fd, &msgs[done].msg_hdr, flags);
        if (ret >= 0)
            msgs[done++].msg_len = (unsigned)ret;
    }
    if (done)
        ret = done;
    CALL_END(p, fd, ret, "%d, %s, %u, %s", fd, tr_mmsg(p, msgs, done), n,
        tr_flags_msg(p, flags));
    io_broken_pipe(p, fd, ret, flags);
    return (int)ret;
}

/* --- receiving ----------------------------------------------------------- */

static ssize_t
recv_msg(struct proc *p, int fd, struct msghdr *m, int flags)
{
    struct sockaddr_storage addr = {0};
    struct io io = {.flags = flags, .addr = &addr};
    int err = check(p, fd, m);
    ssize_t n;

    if (err)
        return err;
    io.iov = m->msg_iov;
    io.n = (int)m->msg_iovlen;
    io.control = m->msg_control;
    io.controllen = m->msg_control ? m->msg_controllen : 0;
    n = io_recv(p, fd, &io);
    if (n < 0)
        return n;
    if (m->msg_name) {
        memcpy(m->msg_name, &addr,
            m->msg_namelen < io.addrlen ? m->msg_namelen : io.addrlen);
        m->msg_namelen = io.addrlen;
    }
    m->msg_controllen = io.controlled;
    m->msg_flags = io.msg_flags | (flags & MSG_CMSG_CLOEXEC);
    return n;
}

ssize_t
sys_recvmsg(struct proc *p, int fd, struct msghdr *msg, int flags)
{
    socklen_t room = msg ? msg->msg_namelen : 0;
    ssize_t n;

    call_begin(p, CALL_recvmsg);
    n = recv_msg(p, fd, msg, flags);
    CALL_END(p, fd, n, "%d, %s, %s", fd, tr_msg(p, msg, room, n),
        tr_flags_msg(p, flags));
    return n;
}

/*
 * recvmmsg(2): the time-out is looked at only after each datagram, as in
 * Linux, so a call that waits for the first may wait for ever.
 */
static int
recv_several(struct proc *p, int fd, struct mmsghdr *msgs, unsigned n,
    int flags, struct timespec *timeout)
{
    struct timers *ts = p->k->env->timers;
    int64_t ns = timeout ? time_left_ns(timeout) : -1;
    struct instant end = instant_add(ts->now, ns < 0 ? 0 : ns);
    unsigned done = 0;
    ssize_t ret = 0;

    if (!fd_get(p, fd))
        return -EBADF;
    if (!fd_get(p, fd)->ops->sock)
        return -ENOTSOCK;
    if (timeout && ns < 0)
        return -EINVAL;
    while (done < n) {
        ret = recv_msg(p, fd, &msgs[done].msg_hdr, flags & ~MSG_WAITFORONE);
        if (ret < 0)
            break;
        msgs[done++].msg_len = (unsigned)ret;
        if (flags & MSG_WAITFORONE)
            flags |= MSG_DONTWAIT;
        if (timeout && instant_diff(end, ts->now) <= 0)
            break;
    }
    if (timeout && done) { /* what is left of it */
        ns = instant_diff(end, ts->now);
        ns = ns < 0 ? 0 : ns;
        *timeout = (struct timespec){ns / LW_S, ns % LW_S};
    }
    return done ? (int)done : (int)ret;
}

int
sys_recvmmsg(struct proc *p, int fd, struct mmsghdr *msgs, unsigned n,
    int flags, struct timespec *timeout)
{
    struct timespec before = timeout ? *timeout : (struct timespec){0, 0};
    int ret;

    call_begin(p, CALL_recvmmsg);
    n = n < IOV_MAX ? n : IOV_MAX;
    ret = recv_several(p, fd, msgs, n, flags, timeout);
    CALL_END(p, fd, ret, "%d, %s, %u, %s, %s", fd,
        tr_mmsg(p, msgs, ret > 0 ? (unsigned)ret : 0), n,
        tr_flags_msg(p, flags), tr_time(p, timeout ? &before : NULL));
    return ret;
}
