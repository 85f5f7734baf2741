/*
 * sys_opt.c: setsockopt(2) and getsockopt(2). What all sockets have:
 * sock_opt.c; what only one kind has is asked of that kind.
 */
#include "sys.h"
#include "sock.h"
#include "strace.h"

#include <errno.h>
#include <string.h>

static int
set_option(struct proc *p, int fd, int level, int name, const void *value,
    socklen_t len)
{
    struct file *f = fd_get(p, fd);
    int number, ret;

    if (!f)
        return -EBADF;
    if (!f->ops->sock)
        return -ENOTSOCK;
    if ((int)len < 0)
        return -EINVAL;
    if (!value && len)
        return -EFAULT;
    if (f->ops->sock->setraw) {
        ret = f->ops->sock->setraw(sock_of(f), level, name, value, len);
        if (ret != -ENOPROTOOPT)
            return ret;
    }
    ret = sock_set_common(sock_of(f), level, name, value, len);
    if (ret != -ENOPROTOOPT || level == SOL_SOCKET)
        return ret;
    if (sock_of(f)->domain == AF_UNIX)
        return -EOPNOTSUPP; /* they have no level of their own */
    if (level != sock_of(f)->protocol)
        return ret;
    if (len < sizeof number)
        return -EINVAL;
    memcpy(&number, value, sizeof number);
    return f->ops->sock->setopt(sock_of(f), level, name, number);
}

int
sys_setsockopt(struct proc *p, int fd, int level, int name, const void *value,
    socklen_t len)
{
    int ret;

    call_begin(p, CALL_setsockopt);
    ret = set_option(p, fd, level, name, value, len);
    CALL_END(p, fd, ret, "%d, %s, %s, %u", fd, tr_option(p, level, name),
        tr_optval(p, level, name, value, len), len);
    return ret;
}

static int
get_option(
    struct proc *p, int fd, int level, int name, void *value, socklen_t *len)
{
    struct file *f = fd_get(p, fd);
    int number = 0, ret;
    struct sock *s;

    if (!f)
        return -EBADF;
    if (!f->ops->sock)
        return -ENOTSOCK;
    if (!value || !len)
        return -EFAULT;
    if ((int)*len < 0)
        return -EINVAL;
    s = sock_of(f);
    if (s->f.ops->sock->getraw) {
        ret = s->f.ops->sock->getraw(s, level, name, value, len);
        if (ret != -ENOPROTOOPT)
            return ret;
    }
    ret = sock_get_common(s, level, name, value, len);
    if (ret != -ENOPROTOOPT)
        return ret;
    ret = f->ops->sock->getopt(s, level, name, &number);
    if (ret)
        return ret;
    if (*len > sizeof number)
        *len = sizeof number;
    memcpy(value, &number, *len);
    return 0;
}

int
sys_getsockopt(
    struct proc *p, int fd, int level, int name, void *value, socklen_t *len)
{
    socklen_t before = len ? *len : 0;
    int ret;

    call_begin(p, CALL_getsockopt);
    ret = get_option(p, fd, level, name, value, len);
    CALL_END(p, fd, ret, "%d, %s, %s, %s", fd, tr_option(p, level, name),
        ret ? "0x..." : tr_optval(p, level, name, value, *len),
        tr_len(p, len, before));
    return ret;
}
