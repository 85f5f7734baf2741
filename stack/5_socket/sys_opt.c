/*
 * sys_opt.c: setsockopt(2) and getsockopt(2): the options that all sockets
 * have; what only one kind has is asked of that kind.
 */
#include "sys.h"
#include "sock.h"
#include "strace.h"

#include <errno.h>
#include <string.h>

static int
set_common(struct sock *s, int name, const void *value, socklen_t len)
{
    int number;

    if (name == SO_LINGER) {
        if (len < sizeof s->linger)
            return -EINVAL;
        memcpy(&s->linger, value, sizeof s->linger);
        return 0;
    }
    memcpy(&number, value, sizeof number);
    switch (name) {
    case SO_REUSEADDR: s->reuse_addr = number; return 0;
    case SO_BROADCAST: s->broadcast = number; return 0;
    case SO_KEEPALIVE:
        s->keep_alive = number;
        if (s->domain == AF_INET && s->type == SOCK_STREAM)
            return s->f.ops->sock->setopt(s, SOL_SOCKET, name, number);
        return 0;
    case SO_SNDBUF:
    case SO_RCVBUF: return s->f.ops->sock->setopt(s, SOL_SOCKET, name, number);
    default: return -ENOPROTOOPT; /* SO_ERROR, SO_TYPE too: read only */
    }
}

static int
set_option(struct proc *p, int fd, int level, int name, const void *value,
    socklen_t len)
{
    struct file *f = fd_get(p, fd);
    int number;

    if (!f)
        return -EBADF;
    if (!f->ops->sock)
        return -ENOTSOCK;
    if (!value)
        return -EFAULT;
    if (len < sizeof number)
        return -EINVAL;
    if (level == SOL_SOCKET)
        return set_common(sock_of(f), name, value, len);
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
get_common(struct sock *s, int name, int *number)
{
    switch (name) {
    case SO_ERROR:
        *number = s->f.ops->sock->error(s);
        /* What follows is caused by what became of the connection. */
        journal_enter(s->f.k->env->journal, s->f.cause_out);
        return 0;
    case SO_TYPE: *number = s->type; return 0;
    case SO_DOMAIN: *number = s->domain; return 0;
    case SO_PROTOCOL: *number = s->protocol; return 0;
    case SO_ACCEPTCONN: *number = s->listening; return 0;
    case SO_REUSEADDR: *number = s->reuse_addr; return 0;
    case SO_BROADCAST: *number = s->broadcast; return 0;
    case SO_KEEPALIVE: *number = s->keep_alive; return 0;
    default: return s->f.ops->sock->getopt(s, SOL_SOCKET, name, number);
    }
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
    s = sock_of(f);
    if (level == SOL_SOCKET && name == SO_LINGER) {
        if (*len > sizeof s->linger)
            *len = sizeof s->linger;
        memcpy(value, &s->linger, *len);
        return 0;
    }
    if (s->f.ops->sock->getraw) {
        ret = s->f.ops->sock->getraw(s, level, name, value, len);
        if (ret != -ENOPROTOOPT)
            return ret;
    }
    ret = level == SOL_SOCKET ? get_common(s, name, &number)
                              : f->ops->sock->getopt(s, level, name, &number);
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
