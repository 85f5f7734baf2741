/*
 * remote_calls.c: a request becomes a system call and the call's result a
 * reply: one function a call, found in a table by the number of calls.def.
 */
#include "remote_call.h"
#include "sys.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* A zero-terminated path out of the request. */
static bool
path_of(const struct remote_request *q, char *path)
{
    size_t n = cursor_left(&q->data);

    if (n >= PATH_MAX || memchr(q->data.at, 0, n))
        return false;
    memcpy(path, q->data.at, n);
    path[n] = '\0';
    return true;
}

REMOTE_CALL(read)
{
    ssize_t n = sys_read(p, (int)q->arg[0], r->data, remote_cut(q->arg[1]));

    if (n > 0)
        put_bytes(&r->out, r->data, (size_t)n);
    if (n > 0)
        remote_look_ahead(p, q, (int)q->arg[0]);
    return n;
}

REMOTE_CALL(write)
{
    (void)r;
    return sys_write(p, (int)q->arg[0], q->data.at, cursor_left(&q->data));
}

/* The lengths of the buffers come first, 4 bytes each. */
static int
buffers(const struct remote_request *q, struct cursor *c, struct iovec *iov)
{
    int n = (int)q->arg[1];

    *c = q->data;
    if (q->arg[1] < 0 || q->arg[1] > REMOTE_IOV)
        return -1;
    for (int i = 0; i < n; i++)
        iov[i].iov_len = get_le32(c);
    return c->over ? -1 : n;
}

REMOTE_CALL(readv)
{
    struct iovec iov[REMOTE_IOV];
    struct cursor c;
    int n = buffers(q, &c, iov);
    size_t used = 0;
    ssize_t ret;

    for (int i = 0; i < n; i++) {
        iov[i].iov_base = r->data + used;
        if (iov[i].iov_len > REMOTE_DATA - used)
            iov[i].iov_len = REMOTE_DATA - used;
        used += iov[i].iov_len;
    }
    r->failed = n < 0;
    if (r->failed)
        return 0;
    ret = sys_readv(p, (int)q->arg[0], iov, n);
    if (ret > 0)
        put_bytes(&r->out, r->data, (size_t)ret);
    return ret;
}

REMOTE_CALL(writev)
{
    struct iovec iov[REMOTE_IOV];
    struct cursor c;
    int n = buffers(q, &c, iov);

    for (int i = 0; i < n; i++)
        iov[i].iov_base = (void *)(uintptr_t)get_bytes(&c, iov[i].iov_len);
    r->failed = n < 0 || c.over;
    return r->failed ? 0 : sys_writev(p, (int)q->arg[0], iov, n);
}

REMOTE_CALL(sendfile)
{
    off_t offset = q->arg[2];
    bool asked = q->arg[4] != 0;
    ssize_t n = sys_sendfile(p, (int)q->arg[0], (int)q->arg[1],
        asked ? &offset : NULL, q->arg[3] < 0 ? 0 : (size_t)q->arg[3]);

    r->reply.out[0] = offset;
    return n;
}

REMOTE_CALL(close)
{
    (void)r;
    return sys_close(p, (int)q->arg[0]);
}

REMOTE_CALL(dup2)
{
    (void)r;
    return sys_dup2(p, (int)q->arg[0], (int)q->arg[1]);
}

REMOTE_CALL(fcntl)
{
    (void)r;
    return sys_fcntl(p, (int)q->arg[0], (int)q->arg[1], (long)q->arg[2]);
}

REMOTE_CALL(ioctl)
{
    int value = (int)q->arg[2];
    int ret = sys_ioctl(p, (int)q->arg[0], (unsigned long)q->arg[1], &value);

    r->reply.out[0] = value;
    return ret;
}

REMOTE_CALL(pipe2)
{
    int fds[2] = {-1, -1};
    int ret = sys_pipe2(p, fds, (int)q->arg[0]);

    r->reply.out[0] = fds[0];
    r->reply.out[1] = fds[1];
    return ret;
}

REMOTE_CALL(epoll_create1)
{
    (void)r;
    return sys_epoll_create1(p, (int)q->arg[0]);
}

REMOTE_CALL(epoll_ctl)
{
    struct epoll_event e = {
        .events = (uint32_t)q->arg[3], .data.u64 = (uint64_t)q->arg[4]};

    (void)r;
    return sys_epoll_ctl(p, (int)q->arg[0], (int)q->arg[1], (int)q->arg[2], &e);
}

REMOTE_CALL(epoll_wait)
{
    struct epoll_event events[512];
    int max = (int)q->arg[1], n;

    if (max > (int)LW_COUNT(events))
        max = (int)LW_COUNT(events);
    n = sys_epoll_wait(p, (int)q->arg[0], events, max, (int)q->arg[2]);

    for (int i = 0; i < n; i++) {
        put_le32(&r->out, events[i].events);
        put_le64(&r->out, events[i].data.u64);
    }
    return n;
}

/* Descriptor and events, 4 and 2 bytes each; the reply: revents. */
REMOTE_CALL(poll)
{
    struct pollfd fds[REMOTE_POLL];
    struct cursor c = q->data;
    size_t n = cursor_left(&c) / 6;
    int ret;

    r->failed = n > REMOTE_POLL;
    if (r->failed)
        return 0;
    for (size_t i = 0; i < n; i++) {
        fds[i].fd = (int)get_le32(&c);
        fds[i].events = (short)get_le16(&c);
        fds[i].revents = 0;
    }
    ret = sys_poll(p, fds, n, (int)q->arg[1]);
    for (size_t i = 0; i < n; i++)
        put_le16(&r->out, (uint16_t)fds[i].revents);
    return ret;
}

REMOTE_CALL(openat)
{
    char path[PATH_MAX];

    r->failed = !path_of(q, path);
    return r->failed ? 0 : sys_open(p, path, (int)q->arg[0], (mode_t)q->arg[1]);
}

static void
put_stat(struct writer *w, const struct stat *st)
{
    const int64_t all[] = {(int64_t)st->st_dev, (int64_t)st->st_ino,
        st->st_mode, (int64_t)st->st_nlink, st->st_uid, st->st_gid, st->st_size,
        st->st_blksize, st->st_blocks, st->st_atim.tv_sec, st->st_mtim.tv_sec,
        st->st_mtim.tv_nsec, st->st_ctim.tv_sec};

    for (size_t i = 0; i < LW_COUNT(all); i++)
        put_le64(w, (uint64_t)all[i]);
}

REMOTE_CALL(newfstatat)
{
    char path[PATH_MAX];
    struct stat st = {0};
    int ret;

    r->failed = !path_of(q, path);
    if (r->failed)
        return 0;
    ret = sys_stat(p, path, &st);
    put_stat(&r->out, &st);
    return ret;
}

REMOTE_CALL(fstat)
{
    struct stat st = {0};
    int ret = sys_fstat(p, (int)q->arg[0], &st);

    put_stat(&r->out, &st);
    return ret;
}

REMOTE_CALL(pread64)
{
    ssize_t n = sys_pread64(
        p, (int)q->arg[0], r->data, remote_cut(q->arg[1]), q->arg[2]);

    if (n > 0)
        put_bytes(&r->out, r->data, (size_t)n);
    return n;
}

REMOTE_CALL(unlink)
{
    char path[PATH_MAX];

    r->failed = !path_of(q, path);
    return r->failed ? 0 : sys_unlink(p, path);
}

REMOTE_CALL(getdents64)
{
    ssize_t n =
        sys_getdents64(p, (int)q->arg[0], r->data, remote_cut(q->arg[1]));

    if (n > 0)
        put_bytes(&r->out, r->data, (size_t)n);
    return n;
}

REMOTE_CALL(getpid)
{
    (void)r;
    (void)q;
    return sys_getpid(p);
}

REMOTE_CALL(getppid)
{
    (void)r;
    (void)q;
    return sys_getppid(p);
}

REMOTE_CALL(wait4)
{
    int status = 0;
    pid_t pid = sys_wait4(p, (pid_t)q->arg[0], &status, (int)q->arg[1]);

    r->reply.out[0] = status;
    return pid;
}

REMOTE_CALL(kill)
{
    (void)r;
    return sys_kill(p, (pid_t)q->arg[0], (int)q->arg[1]);
}

REMOTE_CALL(rt_sigtimedwait)
{
    struct timespec ts = {(time_t)q->arg[2], (long)q->arg[3]};

    (void)r;
    return sys_rt_sigtimedwait(p, (uint64_t)q->arg[0], q->arg[1] ? &ts : NULL);
}

REMOTE_CALL(rt_sigprocmask)
{
    (void)r;
    return sys_rt_sigprocmask(p, (uint64_t)q->arg[0]);
}

REMOTE_CALL(exit_group)
{
    (void)r;
    sys_exit_group(p, (int)q->arg[0]);
}

REMOTE_CALL(prctl)
{
    char name[PATH_MAX];

    r->failed = !path_of(q, name);
    return r->failed ? 0 : sys_prctl_name(p, name);
}

REMOTE_CALL(nanosleep)
{
    struct timespec ts = {(time_t)q->arg[0], (long)q->arg[1]};

    (void)r;
    return sys_nanosleep(p, &ts);
}

REMOTE_CALL(getrandom)
{
    ssize_t n =
        sys_getrandom(p, r->data, remote_cut(q->arg[0]), (unsigned)q->arg[1]);

    if (n > 0)
        put_bytes(&r->out, r->data, (size_t)n);
    return n;
}

/* A real process forks for itself (REMOTE_FORK) and reads the clock that
 * comes with every reply; for the others no program there has a use. */
#define NOT_THERE(name)                                                        \
    REMOTE_CALL(name)                                                          \
    {                                                                          \
        (void)p;                                                               \
        (void)r;                                                               \
        (void)q;                                                               \
        return -ENOSYS;                                                        \
    }

NOT_THERE(clone)
NOT_THERE(clock_gettime)
NOT_THERE(splice)
NOT_THERE(tee)
NOT_THERE(ppoll)
NOT_THERE(select)
NOT_THERE(pselect6)
NOT_THERE(sendmsg)
NOT_THERE(recvmsg)
NOT_THERE(sendmmsg)
NOT_THERE(recvmmsg)

bool
remote_call(struct proc *p, const struct remote_request *q)
{
    static int64_t (*const table[REMOTE_CALLS])(
        struct proc * p, struct remote * r, const struct remote_request *q) = {
#define CALL(name, rule) remote_do_##name,
#include "calls.def"
#undef CALL
    };
    struct remote *r = p->remote;

    if (q->type >= REMOTE_CALLS)
        return false;
    r->reply.ret = table[q->type](p, r, q);
    return !r->failed;
}
