/*
 * calls.c: the tool's system calls become those of sys.h, made by the process
 * under test. Each is a small struct of arguments and a function that the
 * process runs on it.
 *
 * Descriptors: the tool closes some by itself, with the real close(2), so
 * each number that it gets belongs to a real file (an eventfd that nobody
 * uses); a table leads from it to the descriptor of our process.
 */
#include "calls.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

ssize_t
calls_result(ssize_t ret)
{
    if (ret >= 0)
        return ret;
    errno = (int)-ret;
    return -1;
}

/* --- descriptors --------------------------------------------------------- */

int
calls_fd(const struct engine *e, int fd)
{
    return fd >= 0 && fd < ENGINE_FDS ? e->fds[fd] : -1;
}

/* A real number for our descriptor; errors pass through. */
int
calls_publish(struct engine *e, ssize_t ours)
{
    int fd;

    if (ours < 0)
        return (int)calls_result(ours);
    fd = eventfd(0, EFD_CLOEXEC);
    if (fd < 0 || fd >= ENGINE_FDS)
        return (int)calls_result(-EMFILE);
    e->fds[fd] = (int)ours;
    return fd;
}

ssize_t
calls_run(struct engine *e, int fd, ssize_t (*call)(struct proc *, void *),
    struct args *a)
{
    a->e = e;
    a->fd = calls_fd(e, fd);
    if (a->fd < 0)
        return calls_result(-EBADF);
    return calls_result(engine_call(e, call, a));
}

/* --- making and naming --------------------------------------------------- */

static ssize_t
do_socket(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_socket(p, a->a, a->b, a->c);
}

static int
pd_socket(void *e, int domain, int type, int protocol)
{
    struct args a = {.a = domain, .b = type, .c = protocol};

    return calls_publish(e, engine_call(e, do_socket, &a));
}

static ssize_t
do_bind(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_bind(p, a->fd, a->to, a->tolen);
}

static int
pd_bind(void *e, int fd, const struct sockaddr *addr, socklen_t len)
{
    return (int)calls_run(
        e, fd, do_bind, &(struct args){.to = addr, .tolen = len});
}

static ssize_t
do_listen(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_listen(p, a->fd, a->a);
}

static int
pd_listen(void *e, int fd, int backlog)
{
    return (int)calls_run(e, fd, do_listen, &(struct args){.a = backlog});
}

static ssize_t
do_accept(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_accept4(p, a->fd, a->from, a->fromlen, 0);
}

static int
pd_accept(void *e, int fd, struct sockaddr *addr, socklen_t *len)
{
    struct args a = {.e = e, .fd = calls_fd(e, fd), .from = addr};

    a.fromlen = len;
    if (a.fd < 0)
        return (int)calls_result(-EBADF);
    return calls_publish(e, engine_call(e, do_accept, &a));
}

static ssize_t
do_connect(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_connect(p, a->fd, a->to, a->tolen);
}

static int
pd_connect(void *e, int fd, const struct sockaddr *addr, socklen_t len)
{
    return (int)calls_run(
        e, fd, do_connect, &(struct args){.to = addr, .tolen = len});
}

/* --- descriptors --------------------------------------------------------- */

static ssize_t
do_fcntl(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_fcntl(p, a->fd, a->a, (long)a->request);
}

static int
pd_fcntl(void *e, int fd, int cmd, ...)
{
    struct args a = {.a = cmd};
    va_list list;

    va_start(list, cmd);
    a.request =
        cmd == F_SETFL || cmd == F_SETFD ? (unsigned long)va_arg(list, int) : 0;
    va_end(list);
    return (int)calls_run(e, fd, do_fcntl, &a);
}

static ssize_t
do_ioctl(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_ioctl(p, a->fd, a->request, a->out);
}

static int
pd_ioctl(void *e, int fd, unsigned long request, ...)
{
    struct args a = {.request = request};
    va_list list;

    va_start(list, request);
    a.out = va_arg(list, int *);
    va_end(list);
    return (int)calls_run(e, fd, do_ioctl, &a);
}

static ssize_t
do_close(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_close(p, a->fd);
}

static int
pd_close(void *user, int fd)
{
    struct engine *e = user;
    int ret = (int)calls_run(e, fd, do_close, &(struct args){0});

    if (ret == 0) {
        e->fds[fd] = -1;
        close(fd);
    }
    return ret;
}

static ssize_t
do_shutdown(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_shutdown(p, a->fd, a->a);
}

static int
pd_shutdown(void *e, int fd, int how)
{
    return (int)calls_run(e, fd, do_shutdown, &(struct args){.a = how});
}

static ssize_t
do_getsockopt(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_getsockopt(p, a->fd, a->a, a->b, a->out, a->fromlen);
}

int
calls_getsockopt(
    void *e, int fd, int level, int name, void *value, socklen_t *len)
{
    struct args a = {.a = level, .b = name, .out = value};
    int ret;

    a.fromlen = len;
    ret = (int)calls_run(e, fd, do_getsockopt, &a);
    if (ret < 0 && errno == EBUSY)
        return (int)calls_result(
            engine_look(e, calls_fd(e, fd), level, name, value, len));
    return ret;
}

static ssize_t
do_setsockopt(struct proc *p, void *arg)
{
    struct args *a = arg;

    return sys_setsockopt(p, a->fd, a->a, a->b, a->in, a->tolen);
}

static int
pd_setsockopt(
    void *e, int fd, int level, int name, const void *value, socklen_t len)
{
    struct args a = {.a = level, .b = name, .in = value, .tolen = len};

    return (int)calls_run(e, fd, do_setsockopt, &a);
}

void
calls_fill(struct packetdrill_interface *t)
{
    calls_io_fill(t);
    t->socket = pd_socket;
    t->bind = pd_bind;
    t->listen = pd_listen;
    t->accept = pd_accept;
    t->connect = pd_connect;
    t->fcntl = pd_fcntl;
    t->ioctl = pd_ioctl;
    t->close = pd_close;
    t->shutdown = pd_shutdown;
    t->getsockopt = calls_getsockopt;
    t->setsockopt = pd_setsockopt;
}
