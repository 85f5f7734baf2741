/*
 * sys_remote_socket.c: the system calls about sockets, as messages.
 */
#include "sys.h"
#include "sys_remote_link.h"

#include <errno.h>
#include <string.h>

static int64_t
plain(struct proc *p, unsigned type, int64_t a, int64_t b, int64_t c)
{
    return link_call(p, &(struct link_call){.type = type, .arg = {a, b, c}})
        .ret;
}

/* An address or option value out of the reply: what fits into *len. */
static void
take_value(struct remote_reply *r, void *to, socklen_t *len)
{
    size_t n = cursor_left(&r->data);

    if (!to || !len)
        return;
    if (r->ret >= 0)
        memcpy(
            to, get_bytes(&r->data, n < *len ? n : *len), n < *len ? n : *len);
    *len = (socklen_t)r->out[0];
}

int
sys_socket(struct proc *p, int domain, int type, int protocol)
{
    return (int)plain(p, REMOTE_socket, domain, type, protocol);
}

int
sys_socketpair(struct proc *p, int domain, int type, int protocol, int fds[2])
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_socketpair,
                         .arg = {domain, type, protocol}});

    fds[0] = (int)r.out[0];
    fds[1] = (int)r.out[1];
    return (int)r.ret;
}

static int
with_address(struct proc *p, unsigned type, int fd, const struct sockaddr *addr,
    socklen_t len)
{
    if (!addr || !len || len > sizeof(struct sockaddr_storage))
        return -EINVAL;
    return (int)link_call(p,
        &(struct link_call){
            .type = type, .arg = {fd, len}, .data = {addr}, .len = {len}})
        .ret;
}

int
sys_bind(struct proc *p, int fd, const struct sockaddr *addr, socklen_t len)
{
    return with_address(p, REMOTE_bind, fd, addr, len);
}

int
sys_connect(struct proc *p, int fd, const struct sockaddr *addr, socklen_t len)
{
    return with_address(p, REMOTE_connect, fd, addr, len);
}

int
sys_listen(struct proc *p, int fd, int backlog)
{
    return (int)plain(p, REMOTE_listen, fd, backlog, 0);
}

int
sys_accept4(
    struct proc *p, int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_accept4,
                         .arg = {fd, flags, addr && len ? *len : 0}});

    if (r.ret >= 0) {
        take_value(&r, addr, len);
        link_ahead(p, (int)r.ret, &r);
    }
    return (int)r.ret;
}

int
sys_shutdown(struct proc *p, int fd, int how)
{
    if (link_unawaited(
            p, &(struct link_call){.type = REMOTE_shutdown, .arg = {fd, how}}))
        return 0;
    return (int)plain(p, REMOTE_shutdown, fd, how, 0);
}

static int
name_of(struct proc *p, unsigned type, int fd, struct sockaddr *addr,
    socklen_t *len)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = type, .arg = {fd, *len}});

    if (!r.ret)
        take_value(&r, addr, len);
    return (int)r.ret;
}

int
sys_getsockname(struct proc *p, int fd, struct sockaddr *addr, socklen_t *len)
{
    return name_of(p, REMOTE_getsockname, fd, addr, len);
}

int
sys_getpeername(struct proc *p, int fd, struct sockaddr *addr, socklen_t *len)
{
    return name_of(p, REMOTE_getpeername, fd, addr, len);
}

int
sys_setsockopt(struct proc *p, int fd, int level, int name, const void *value,
    socklen_t len)
{
    if (!value || len > REMOTE_DATA)
        return value ? -EINVAL : -EFAULT;
    return (int)link_call(p, &(struct link_call){.type = REMOTE_setsockopt,
                                 .arg = {fd, level, name},
                                 .data = {value},
                                 .len = {len}})
        .ret;
}

int
sys_getsockopt(
    struct proc *p, int fd, int level, int name, void *value, socklen_t *len)
{
    struct remote_reply r;

    if (!value || !len)
        return -EFAULT;
    r = link_call(p, &(struct link_call){.type = REMOTE_getsockopt,
                         .arg = {fd, level, name, *len}});
    if (!r.ret)
        take_value(&r, value, len);
    return (int)r.ret;
}

ssize_t
sys_sendto(struct proc *p, int fd, const void *buf, size_t len, int flags,
    const struct sockaddr *to, socklen_t tolen)
{
    const uint8_t *at = buf;
    size_t done = 0;

    if (!to || tolen > sizeof(struct sockaddr_storage))
        tolen = 0;
    do { /* a datagram always fits into one message */
        size_t part = len - done < REMOTE_DATA ? len - done : REMOTE_DATA;
        int64_t n = link_call(p, &(struct link_call){.type = REMOTE_sendto,
                                     .arg = {fd, flags, tolen},
                                     .data = {to, at + done},
                                     .len = {tolen, part}})
                        .ret;

        if (n < 0)
            return done ? (ssize_t)done : (ssize_t)n;
        done += (size_t)n;
        if ((size_t)n < part)
            break;
    } while (done < len);
    return (ssize_t)done;
}

ssize_t
sys_recvfrom(struct proc *p, int fd, void *buf, size_t len, int flags,
    struct sockaddr *from, socklen_t *fromlen)
{
    struct remote_reply r;
    size_t addr_len, n;
    const uint8_t *addr;

    if (!flags && !from && link_read(p, REMOTE_recvfrom, fd, buf, len))
        return (ssize_t)len;
    r = link_call(
        p, &(struct link_call){.type = REMOTE_recvfrom,
               .arg = {fd, (int64_t)(len < REMOTE_DATA ? len : REMOTE_DATA),
                   flags, from && fromlen ? *fromlen : 0}});
    link_ahead(p, fd, &r);
    addr_len = (size_t)r.out[1];
    addr = get_bytes(&r.data, addr_len);
    if (r.ret < 0 || !addr)
        return r.ret < 0 ? (ssize_t)r.ret : -EIO;
    if (from && fromlen) {
        memcpy(from, addr, addr_len < *fromlen ? addr_len : *fromlen);
        *fromlen = (socklen_t)r.out[0];
    }
    n = cursor_left(&r.data); /* with MSG_TRUNC less than r.ret */
    if (n > len)
        return -EIO;
    memcpy(buf, get_bytes(&r.data, n), n);
    return (ssize_t)r.ret;
}
