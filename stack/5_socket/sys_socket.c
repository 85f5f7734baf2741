/*
 * sys_socket.c: the system calls that make sockets and connections, of all
 * kinds. What may block is tried; when it would block, the process sleeps
 * on the socket and tries again after it was woken.
 */
#include "sys.h"
#include "sock.h"
#include "strace.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum {
    TYPE_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC,
    SOMAXCONN_SYSCTL = 4096 /* net.core.somaxconn */
};

/* The socket behind fd; *err is -EBADF or -ENOTSOCK. */
static struct sock *
sock_get(struct proc *p, int fd, int *err)
{
    struct file *f = fd_get(p, fd);

    *err = !f ? -EBADF : !f->ops->sock ? -ENOTSOCK : 0;
    return *err ? NULL : sock_of(f);
}

/* A descriptor for a new socket, which is taken in any case. */
static int
give(struct proc *p, struct sock *s, int flags)
{
    int fd;

    if (!s)
        return -ENOMEM;
    if (flags & SOCK_NONBLOCK)
        s->f.flags |= O_NONBLOCK;
    fd = fd_add(p, &s->f, flags & SOCK_CLOEXEC, 0);
    if (fd < 0)
        file_put(&s->f);
    return fd;
}

/* The type that a Unix socket will have: as in Linux, SOCK_RAW is the same as
 * SOCK_DGRAM. -ESOCKTNOSUPPORT. */
static int
unix_kind(int kind)
{
    switch (kind) {
    case SOCK_STREAM:
    case SOCK_DGRAM:
    case SOCK_SEQPACKET: return kind;
    case SOCK_RAW: return SOCK_DGRAM;
    default: return -ESOCKTNOSUPPORT;
    }
}

static int
make(struct proc *p, int domain, int type, int protocol)
{
    int kind = type & ~TYPE_FLAGS;

    if (domain == AF_UNIX) {
        if (protocol && protocol != AF_UNIX)
            return -EPROTONOSUPPORT;
        kind = unix_kind(kind);
        if (kind < 0)
            return kind;
        return give(p, unix_sock_new(p->k, kind), type);
    }
    if (domain != AF_INET)
        return -EAFNOSUPPORT;
    if (kind == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP))
        return give(p, tcp_sock_new(p->k), type);
    if (kind == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP))
        return give(p, udp_sock_new(p->k), type);
    return kind == SOCK_STREAM || kind == SOCK_DGRAM ? -EPROTONOSUPPORT
                                                     : -ESOCKTNOSUPPORT;
}

static const char *
protocol_text(int domain, int protocol)
{
    if (domain != AF_INET)
        return protocol ? "1" : "0";
    return protocol == IPPROTO_TCP   ? "IPPROTO_TCP"
           : protocol == IPPROTO_UDP ? "IPPROTO_UDP"
                                     : "IPPROTO_IP";
}

int
sys_socket(struct proc *p, int domain, int type, int protocol)
{
    int fd;

    call_begin(p, CALL_socket);
    fd = make(p, domain, type, protocol);
    CALL_END(p, fd, fd, "%s, %s, %s", tr_domain(p, domain),
        tr_flags_sock(p, type), protocol_text(domain, protocol));
    return fd;
}

static int
make_pair(struct proc *p, int domain, int type, int protocol, int fds[2])
{
    int kind = type & ~TYPE_FLAGS, err;
    struct sock *s[2];

    if (domain != AF_UNIX)
        return domain == AF_INET ? -EOPNOTSUPP : -EAFNOSUPPORT;
    if (protocol && protocol != AF_UNIX)
        return -EPROTONOSUPPORT;
    kind = unix_kind(kind);
    if (kind < 0)
        return kind;
    err = unix_sock_pair(p->k, kind, s);
    if (err)
        return err;
    fds[0] = give(p, s[0], type);
    if (fds[0] < 0) {
        file_put(&s[1]->f);
        return fds[0];
    }
    fds[1] = give(p, s[1], type);
    if (fds[1] >= 0)
        return 0;
    fd_close(p, fds[0]);
    return fds[1];
}

int
sys_socketpair(struct proc *p, int domain, int type, int protocol, int fds[2])
{
    int made[2] = {-1, -1}, ret;

    call_begin(p, CALL_socketpair);
    ret = make_pair(p, domain, type, protocol, made);
    if (!ret)
        memcpy(fds, made, sizeof made);
    CALL_END(p, made[0], ret, "%s, %s, %d, [%d, %d]", tr_domain(p, domain),
        tr_flags_sock(p, type), protocol, made[0], made[1]);
    return ret;
}

int
sys_bind(struct proc *p, int fd, const struct sockaddr *addr, socklen_t len)
{
    struct sock *s;
    int ret;

    call_begin(p, CALL_bind);
    s = sock_get(p, fd, &ret);
    if (s) {
        ret = s->f.ops->sock->bind(s, addr, len);
        if (!ret)
            sock_note_bind(s);
    }
    CALL_END(p, fd, ret, "%d, %s, %u", fd, tr_addr(p, addr, len), len);
    return ret;
}

int
sys_listen(struct proc *p, int fd, int backlog)
{
    bool many = backlog < 0 || backlog > SOMAXCONN_SYSCTL;
    struct sock *s;
    int ret;

    call_begin(p, CALL_listen);
    s = sock_get(p, fd, &ret);
    if (s) {
        ret = s->f.ops->sock->listen(s, many ? SOMAXCONN_SYSCTL : backlog);
        if (!ret) {
            s->listening = true;
            sock_note_listen(s);
        }
    }
    CALL_END(p, fd, ret, "%d, %d", fd, backlog);
    return ret;
}

/* What fits of a kernel's address into the program's, as in Linux. */
static void
copy_addr(const struct sockaddr_storage *from, socklen_t from_len,
    struct sockaddr *to, socklen_t *to_len)
{
    if (!to || !to_len)
        return;
    memcpy(to, from, *to_len < from_len ? *to_len : from_len);
    *to_len = from_len;
}

/*
 * The next connection of listener s. Sleepers are exclusive: one connection
 * wakes one of them, and who comes later looks before it sleeps.
 */
static int
wait_accept(struct proc *p, struct sock *s, struct sock **out)
{
    struct patience w = sock_patience(&s->f, 0, false);
    int ret;

    while ((ret = s->f.ops->sock->accept(s, out)) == -EAGAIN && w.ns) {
        int64_t left =
            w.ns < 0 ? -1 : instant_diff(w.end, p->k->env->timers->now);

        if (left == 0 || !file_wait(p, &s->f, EPOLLIN, true, left))
            break;
    }
    return ret;
}

static int
accept_one(
    struct proc *p, int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    struct sockaddr_storage peer = {0};
    socklen_t peer_len = 0;
    struct sock *s, *new;
    int ret;

    if (flags & ~TYPE_FLAGS)
        return -EINVAL;
    s = sock_get(p, fd, &ret);
    if (!s)
        return ret;
    ret = fd_reserve(p); /* first, or the connection would be lost */
    if (ret)
        return ret;
    ret = wait_accept(p, s, &new);
    if (ret)
        return ret;
    journal_enter(p->k->env->journal, new->f.cause_in);
    new->f.ops->sock->name(new, SOCK_CALLER, &peer, &peer_len);
    ret = give(p, new, flags);
    if (ret < 0)
        return ret;
    sock_note_accept(new, s);
    copy_addr(&peer, peer_len, addr, len);
    return ret;
}

int
sys_accept4(
    struct proc *p, int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    socklen_t room = len ? *len : 0;
    int ret;

    call_begin(p, CALL_accept4);
    ret = accept_one(p, fd, addr, len, flags);
    CALL_END(p, ret >= 0 ? ret : fd, ret, "%d, %s, %s, %s", fd,
        ret < 0 && addr ? "0x..." : tr_addr(p, addr, len ? *len : 0),
        tr_len(p, len, room), tr_flags_accept(p, flags));
    return ret;
}

static int
wait_connect(struct proc *p, int fd, const struct sockaddr *addr, socklen_t len)
{
    struct patience w;
    struct sock *s;
    int ret;

    s = sock_get(p, fd, &ret);
    if (!s)
        return ret;
    w = sock_patience(&s->f, 0, true); /* socket(7), SO_SNDTIMEO */
    ret = s->f.ops->sock->connect(s, addr, len);
    while ((ret == -EINPROGRESS || ret == -EALREADY || ret == -EAGAIN) &&
           sock_wait(p, &s->f, EPOLLOUT | EPOLLERR | EPOLLHUP, &w)) {
        ret = s->f.ops->sock->connect(s, addr, len);
    }
    return ret;
}

int
sys_connect(struct proc *p, int fd, const struct sockaddr *addr, socklen_t len)
{
    int ret;

    call_begin(p, CALL_connect);
    ret = wait_connect(p, fd, addr, len);
    CALL_END(p, fd, ret, "%d, %s, %u", fd, tr_addr(p, addr, len), len);
    return ret;
}

int
sys_shutdown(struct proc *p, int fd, int how)
{
    static const char *const names[] = {"SHUT_RD", "SHUT_WR", "SHUT_RDWR"};
    struct sock *s;
    int ret;

    call_begin(p, CALL_shutdown);
    s = sock_get(p, fd, &ret);
    if (s && (how < SHUT_RD || how > SHUT_RDWR))
        ret = -EINVAL;
    else if (s)
        ret = s->f.ops->sock->shutdown(s, how);
    CALL_END(p, fd, ret, "%d, %s", fd,
        how >= SHUT_RD && how <= SHUT_RDWR ? names[how] : "?");
    return ret;
}

static int
name_of(struct proc *p, enum call call, int fd, struct sockaddr *addr,
    socklen_t *len)
{
    struct sockaddr_storage name = {0};
    socklen_t room = *len, name_len = 0;
    struct sock *s;
    int ret;

    call_begin(p, call);
    s = sock_get(p, fd, &ret);
    if (s)
        ret = s->f.ops->sock->name(s,
            call == CALL_getpeername ? SOCK_PEER : SOCK_OWN, &name, &name_len);
    if (!ret)
        copy_addr(&name, name_len, addr, len);
    CALL_END(p, fd, ret, "%d, %s, %s", fd,
        ret ? "0x..." : tr_addr(p, addr, *len), tr_len(p, len, room));
    return ret;
}

int
sys_getsockname(struct proc *p, int fd, struct sockaddr *addr, socklen_t *len)
{
    return name_of(p, CALL_getsockname, fd, addr, len);
}

int
sys_getpeername(struct proc *p, int fd, struct sockaddr *addr, socklen_t *len)
{
    return name_of(p, CALL_getpeername, fd, addr, len);
}
