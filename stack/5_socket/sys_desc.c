/*
 * sys_desc.c: the system calls about descriptors themselves: close(2),
 * dup2(2), fcntl(2), ioctl(2), pipe2(2).
 */
#include "sys.h"
#include "file.h"
#include "pipe.h"
#include "ring.h"
#include "sock.h"
#include "strace.h"

#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

int
sys_close(struct proc *p, int fd)
{
    int ret;

    struct file *f;

    call_begin(p, CALL_close);
    f = fd_get(p, fd);
    if (f)
        f->refs++;
    ret = fd_close(p, fd);
    if (f && f->refs == 1 && f->ops->sock && f->ops->sock->linger)
        f->ops->sock->linger(sock_of(f), p);
    if (f)
        file_put(f);
    CALL_END(p, fd, ret, "%d", fd);
    return ret;
}

int
sys_dup2(struct proc *p, int from, int to)
{
    struct file *f;
    int ret = to;

    call_begin(p, CALL_dup2);
    f = fd_get(p, from);
    if (!f) {
        ret = -EBADF;
    } else if (from != to) {
        f->refs++;
        ret = fd_put(p, f, to);
        if (ret < 0)
            file_put(f);
    }
    CALL_END(p, to, ret, "%d, %d", from, to);
    return ret;
}

static int
duplicate(struct proc *p, struct file *f, long from, bool cloexec)
{
    int fd;

    if (from < 0 || from >= FD_LIMIT)
        return -EINVAL;
    f->refs++;
    fd = fd_add(p, f, cloexec, (int)from);
    if (fd < 0)
        file_put(f);
    return fd;
}

static int
control(struct proc *p, int fd, int cmd, long arg)
{
    const int settable = O_NONBLOCK | O_APPEND;
    struct file *f = fd_get(p, fd);

    if (!f)
        return -EBADF;
    switch (cmd) {
    case F_GETFL: return f->flags;
    case F_SETFL:
        f->flags = (f->flags & ~settable) | ((int)arg & settable);
        (void)file_set_async(f, arg & O_ASYNC);
        return 0;
    case F_GETFD: return fd_cloexec(p, fd) ? FD_CLOEXEC : 0;
    case F_SETFD: fd_set_cloexec(p, fd, arg & FD_CLOEXEC); return 0;
    case F_DUPFD: return duplicate(p, f, arg, false);
    case F_DUPFD_CLOEXEC: return duplicate(p, f, arg, true);
    case F_SETOWN:
        return (int)arg == INT_MIN ? -EINVAL : file_set_owner(f, (int)arg);
    case F_GETOWN: return file_owner(f);
    case F_SETSIG:
        if (arg < 0 || arg > SIGNALS)
            return -EINVAL;
        f->signal = (uint8_t)arg;
        return 0;
    case F_GETSIG: return f->signal;
    default: return -EINVAL;
    }
}

/* strace explains these two results. Evaluated as an argument of the call:
 * its own text is nothing. */
static const char *
explain(struct proc *p, int cmd, int ret)
{
    if (ret >= 0 && cmd == F_GETFL)
        tr_result_flags(p, ret, tr_flags_open(p, ret));
    if (ret > 0 && cmd == F_GETFD)
        tr_result_flags(p, ret, "FD_CLOEXEC");
    return "";
}

static void
report_fcntl(struct proc *p, int fd, int cmd, long arg, int ret)
{
    switch (cmd) {
    case F_GETFL:
        CALL_END(p, fd, ret, "%d, F_GETFL%s", fd, explain(p, cmd, ret));
        break;
    case F_SETFL:
        CALL_END(p, fd, ret, "%d, F_SETFL, %s", fd, tr_flags_open(p, (int)arg));
        break;
    case F_GETFD:
        CALL_END(p, fd, ret, "%d, F_GETFD%s", fd, explain(p, cmd, ret));
        break;
    case F_SETFD:
        CALL_END(p, fd, ret, "%d, F_SETFD, %s", fd,
            arg & FD_CLOEXEC ? "FD_CLOEXEC" : "0");
        break;
    case F_DUPFD: CALL_END(p, fd, ret, "%d, F_DUPFD, %ld", fd, arg); break;
    case F_DUPFD_CLOEXEC:
        CALL_END(p, fd, ret, "%d, F_DUPFD_CLOEXEC, %ld", fd, arg);
        break;
    case F_SETOWN:
        CALL_END(p, fd, ret, "%d, F_SETOWN, %d", fd, (int)arg);
        break;
    case F_GETOWN: CALL_END(p, fd, ret, "%d, F_GETOWN", fd); break;
    case F_SETSIG:
        CALL_END(p, fd, ret, "%d, F_SETSIG, %s", fd, tr_signal(p, (int)arg));
        break;
    case F_GETSIG: CALL_END(p, fd, ret, "%d, F_GETSIG", fd); break;
    default:
        CALL_END(
            p, fd, ret, "%d, %#x, %#lx", fd, (unsigned)cmd, (unsigned long)arg);
    }
}

int
sys_fcntl(struct proc *p, int fd, int cmd, long arg)
{
    int ret;

    call_begin(p, CALL_fcntl);
    ret = control(p, fd, cmd, arg);
    report_fcntl(p, fd, cmd, arg, ret);
    return ret;
}

/* socket(7), tcp(7), udp(7): what only sockets are asked. */
static int
sock_request(struct sock *s, unsigned long request, int *value)
{
    const struct sock_ops *ops = s->f.ops->sock;
    int n;

    switch (request) {
    case FIOSETOWN:
    case SIOCSPGRP: return file_set_owner(&s->f, *value);
    case FIOGETOWN:
    case SIOCGPGRP: n = file_owner(&s->f); break;
    case FIONREAD: n = ops->readable(s); break;
    case SIOCOUTQ:
    case SIOCOUTQNSD:
        if (!ops->unsent)
            return -ENOTTY;
        n = ops->unsent(s, request == SIOCOUTQNSD);
        break;
    case SIOCATMARK:
        if (!ops->at_mark)
            return -ENOTTY;
        n = ops->at_mark(s);
        break;
    default: return -ENOTTY;
    }
    if (n < 0)
        return n;
    *value = n;
    return 0;
}

static int
request_of(struct proc *p, int fd, unsigned long request, int *value)
{
    struct file *f = fd_get(p, fd);
    const struct ring *r;

    if (!f)
        return -EBADF;
    if (!value)
        return -EFAULT;
    if (request == FIONBIO) {
        f->flags = *value ? f->flags | O_NONBLOCK : f->flags & ~O_NONBLOCK;
        return 0;
    }
    if (request == FIOASYNC)
        return file_set_async(f, *value);
    if (request == FIONREAD && is_pipe(f)) { /* of both ends, pipe(7) */
        r = pipe_ring(f, false);
        *value = (int)(r ? r : pipe_ring(f, true))->len;
        return 0;
    }
    return f->ops->sock ? sock_request(sock_of(f), request, value) : -ENOTTY;
}

int
sys_ioctl(struct proc *p, int fd, unsigned long request, int *value)
{
    int ret;

    call_begin(p, CALL_ioctl);
    ret = request_of(p, fd, request, value);
    if (request == FIONBIO || request == FIONREAD || request == FIOASYNC)
        CALL_END(p, fd, ret, "%d, %s, [%d]", fd,
            request == FIONBIO    ? "FIONBIO"
            : request == FIONREAD ? "FIONREAD"
                                  : "FIOASYNC",
            value ? *value : 0);
    else
        CALL_END(p, fd, ret, "%d, %#lx, 0x...", fd, request);
    return ret;
}

static int
make_pipe(struct proc *p, int fds[2], int flags)
{
    struct file *end[2];
    int err = pipe_new(p->k, end);

    if (err)
        return err;
    for (int i = 0; i < 2; i++) {
        end[i]->flags |= flags & O_NONBLOCK;
        fds[i] = fd_add(p, end[i], flags & O_CLOEXEC, 0);
    }
    if (fds[0] >= 0 && fds[1] >= 0)
        return 0;
    err = fds[0] < 0 ? fds[0] : fds[1];
    for (int i = 0; i < 2; i++) {
        if (fds[i] >= 0)
            fd_close(p, fds[i]);
        else
            file_put(end[i]);
    }
    return err;
}

int
sys_pipe2(struct proc *p, int fds[2], int flags)
{
    int made[2] = {-1, -1};
    int ret = -EINVAL;

    call_begin(p, CALL_pipe2);
    if (!(flags & ~(O_NONBLOCK | O_CLOEXEC)))
        ret = make_pipe(p, made, flags);
    if (!ret) {
        fds[0] = made[0];
        fds[1] = made[1];
    }
    CALL_END(p, made[0], ret, "[%d, %d], %s", made[0], made[1],
        tr_flags_fd(p, flags));
    return ret;
}
