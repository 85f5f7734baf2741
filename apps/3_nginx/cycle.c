/*
 * cycle.c: opening and closing what a configuration needs, for the master
 * (nginx.c), at its start and when SIGHUP brings another configuration.
 */
#include "cycle.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

/* The socket of this address in another configuration, or -1. */
static int
socket_of(const struct conf *c, const struct listen *wanted)
{
    for (const struct listen *l = c ? c->listens : NULL; l; l = l->next)
        if (strcmp(l->address.text, wanted->address.text) == 0)
            return l->fd;
    return -1;
}

static int
open_listen(struct proc *p, struct listen *l)
{
    int one = 1, err;

    if (l->address.sock.any.sa_family == AF_UNIX)
        sys_unlink(p, l->address.sock.un.sun_path);
    l->fd = sys_socket(p, l->address.sock.any.sa_family, SOCK_STREAM, 0);
    if (l->fd < 0)
        return l->fd;
    if (l->address.sock.any.sa_family == AF_INET)
        sys_setsockopt(p, l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    err = sys_ioctl(p, l->fd, FIONBIO, &one);
    if (err == 0)
        err = sys_bind(p, l->fd, &l->address.sock.any, l->address.len);
    if (err == 0)
        err = sys_listen(p, l->fd, l->backlog);
    if (err == 0)
        NOTE(sys_env(p), EV_NGINX_LISTEN, RULE_NGINX_LISTEN,
            f_text("address", l->address.text), f_i64("backlog", l->backlog),
            f_i64("fd", l->fd));
    return err;
}

static int
open_listens(
    struct proc *p, struct conf *c, const struct conf *old, struct fault *fault)
{
    for (struct listen *l = c->listens; l; l = l->next) {
        int err = 0;

        if (l->wildcard)
            continue;
        l->fd = socket_of(old, l);
        if (l->fd < 0)
            err = open_listen(p, l);
        if (err < 0) {
            fault_set(fault, NULL, 0, "bind() to %s failed (%d: %s)",
                l->address.text, -err, strerror(-err));
            return err;
        }
    }
    return 0;
}

static int
write_pid(struct proc *p, struct conf *c, struct fault *fault)
{
    const char *text;
    int fd;

    if (!c->pid)
        return 0;
    fd = sys_open(p, c->pid, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) {
        fault_set(fault, NULL, 0, "open() \"%s\" failed (%d: %s)", c->pid, -fd,
            strerror(-fd));
        return fd;
    }
    text = arena_printf(&c->arena, "%d\n", sys_getpid(p));
    if (text)
        sys_write(p, fd, text, strlen(text));
    return sys_close(p, fd);
}

int
cycle_open(struct proc *p, struct conf *c, const struct conf *old,
    unsigned inherited, struct fault *fault)
{
    int err = log_open(p, c, inherited, fault);

    if (!err)
        err = open_listens(p, c, old, fault);
    if (!err)
        err = write_pid(p, c, fault);
    if (err)
        cycle_close(p, c, old);
    return err;
}

void
cycle_close(struct proc *p, struct conf *c, const struct conf *next)
{
    for (struct listen *l = c->listens; l; l = l->next) {
        if (l->fd < 0 || socket_of(next, l) == l->fd)
            continue;
        sys_close(p, l->fd);
        if (l->address.sock.any.sa_family == AF_UNIX)
            sys_unlink(p, l->address.sock.un.sun_path);
    }
    for (struct log_file *f = c->files; f; f = f->next)
        if (f->fd > 2)
            sys_close(p, f->fd);
}
