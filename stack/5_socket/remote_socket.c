/*
 * remote_socket.c: the system calls about sockets of a real process.
 * Whatever a request says about lengths is cut to our buffers first.
 */
#include "remote_call.h"
#include "sock.h"
#include "sys.h"

#include <string.h>

/* An address in a request's data: the first n bytes. */
static const struct sockaddr *
address(struct cursor *c, struct sockaddr_storage *addr, int64_t n)
{
    const uint8_t *bytes;

    if (n <= 0 || n > (int64_t)sizeof *addr ||
        !(bytes = get_bytes(c, (size_t)n)))
        return NULL;
    memset(addr, 0, sizeof *addr);
    memcpy(addr, bytes, (size_t)n);
    return (const struct sockaddr *)addr;
}

static void
reply_addr(struct remote *r, int64_t ret, const struct sockaddr_storage *addr,
    socklen_t len)
{
    r->reply.out[0] = len;
    if (ret >= 0)
        put_bytes(&r->out, addr, len < sizeof *addr ? len : sizeof *addr);
}

void
remote_look_ahead(struct proc *p, const struct remote_request *q, int fd)
{
    struct remote *r = p->remote;
    struct iovec iov = {r->data, REMOTE_AHEAD};
    struct io io = {
        .iov = &iov, .n = 1, .flags = MSG_PEEK | MSG_DONTWAIT | MSG_NOSIGNAL};
    struct file *f = fd_get(p, fd);
    ssize_t n;

    if (q->posted || !remote_may_post(p) || !f || f->refs != 1 ||
        !f->ops->sock || sock_of(f)->type != SOCK_STREAM ||
        f->ops->sock->readable(sock_of(f)) <= 0)
        return;
    n = f->ops->recv(f, &io);
    if (n <= 0)
        return;
    put_bytes(&r->out, r->data, (size_t)n);
    r->reply.ahead = (uint32_t)n;
}

REMOTE_CALL(socket)
{
    (void)r;
    return sys_socket(p, (int)q->arg[0], (int)q->arg[1], (int)q->arg[2]);
}

REMOTE_CALL(socketpair)
{
    int fds[2] = {-1, -1};
    int ret =
        sys_socketpair(p, (int)q->arg[0], (int)q->arg[1], (int)q->arg[2], fds);

    r->reply.out[0] = fds[0];
    r->reply.out[1] = fds[1];
    return ret;
}

REMOTE_CALL(bind)
{
    struct sockaddr_storage addr;
    struct cursor c = q->data;

    r->failed = !address(&c, &addr, q->arg[1]);
    return r->failed ? 0
                     : sys_bind(p, (int)q->arg[0], (void *)&addr,
                           (socklen_t)q->arg[1]);
}

REMOTE_CALL(listen)
{
    (void)r;
    return sys_listen(p, (int)q->arg[0], (int)q->arg[1]);
}

REMOTE_CALL(accept4)
{
    struct sockaddr_storage addr = {0};
    socklen_t len = sizeof addr;
    bool asked = q->arg[2] != 0;
    int ret;

    if (q->arg[2] > 0 && q->arg[2] < (int64_t)len)
        len = (socklen_t)q->arg[2];
    ret = sys_accept4(p, (int)q->arg[0], asked ? (void *)&addr : NULL,
        asked ? &len : NULL, (int)q->arg[1]);
    if (asked)
        reply_addr(r, ret, &addr, len);
    if (ret >= 0)
        remote_look_ahead(p, q, ret);
    return ret;
}

REMOTE_CALL(connect)
{
    struct sockaddr_storage addr;
    struct cursor c = q->data;

    r->failed = !address(&c, &addr, q->arg[1]);
    return r->failed ? 0
                     : sys_connect(p, (int)q->arg[0], (void *)&addr,
                           (socklen_t)q->arg[1]);
}

REMOTE_CALL(shutdown)
{
    (void)r;
    return sys_shutdown(p, (int)q->arg[0], (int)q->arg[1]);
}

static int64_t
name_of(struct proc *p, struct remote *r, const struct remote_request *q,
    int (*call)(struct proc *, int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_storage addr = {0};
    socklen_t len = sizeof addr;
    int ret;

    if (q->arg[1] >= 0 && q->arg[1] < (int64_t)len)
        len = (socklen_t)q->arg[1];
    ret = call(p, (int)q->arg[0], (void *)&addr, &len);
    reply_addr(r, ret, &addr, len);
    return ret;
}

REMOTE_CALL(getsockname)
{
    return name_of(p, r, q, sys_getsockname);
}

REMOTE_CALL(getpeername)
{
    return name_of(p, r, q, sys_getpeername);
}

REMOTE_CALL(setsockopt)
{
    (void)r;
    return sys_setsockopt(p, (int)q->arg[0], (int)q->arg[1], (int)q->arg[2],
        q->data.at, (socklen_t)cursor_left(&q->data));
}

REMOTE_CALL(getsockopt)
{
    uint8_t value[64] = {0};
    socklen_t len = sizeof value;
    int ret;

    if (q->arg[3] >= 0 && q->arg[3] < (int64_t)len)
        len = (socklen_t)q->arg[3];
    ret = sys_getsockopt(
        p, (int)q->arg[0], (int)q->arg[1], (int)q->arg[2], value, &len);
    r->reply.out[0] = len;
    if (!ret)
        put_bytes(&r->out, value, len);
    return ret;
}

REMOTE_CALL(sendto)
{
    struct sockaddr_storage addr;
    struct cursor c = q->data;
    const struct sockaddr *to = NULL;

    if (q->arg[2] && !(to = address(&c, &addr, q->arg[2]))) {
        r->failed = true;
        return 0;
    }
    return sys_sendto(p, (int)q->arg[0], c.at, cursor_left(&c), (int)q->arg[1],
        to, to ? (socklen_t)q->arg[2] : 0);
}

REMOTE_CALL(recvfrom)
{
    struct sockaddr_storage addr = {0};
    socklen_t len = sizeof addr;
    bool asked = q->arg[3] != 0;
    size_t room = remote_cut(q->arg[1]);
    ssize_t n;

    if (q->arg[3] > 0 && q->arg[3] < (int64_t)len)
        len = (socklen_t)q->arg[3];
    n = sys_recvfrom(p, (int)q->arg[0], r->data, room, (int)q->arg[2],
        asked ? (void *)&addr : NULL, asked ? &len : NULL);
    r->reply.out[0] = asked ? len : 0;
    r->reply.out[1] = n < 0 || !asked     ? 0
                      : len < sizeof addr ? len
                                          : sizeof addr;
    put_bytes(&r->out, &addr, (size_t)r->reply.out[1]);
    if (n > 0)
        put_bytes(&r->out, r->data, (size_t)n < room ? (size_t)n : room);
    if (n > 0)
        remote_look_ahead(p, q, (int)q->arg[0]);
    return n;
}
