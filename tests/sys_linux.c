/*
 * sys_linux.c: each call of sys.h is the call of that name of Linux, with
 * -errno for failure and paths moved below a folder. sys_clone is fork(2):
 * the child runs start() and ends with its result. Nothing is narrated as
 * SYSCALL events here; strace(1) does that for a real process.
 */
#include "sys_linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct proc {
    char root[PATH_MAX];
    struct env env;
    struct journal journal;
    struct timers timers;
    int64_t started_ns; /* CLOCK_MONOTONIC at instant 0 */
    struct {
        void (*done)(void *arg);
        void *arg;
    } at_end[8];
    unsigned nends;
};

static int64_t
monotonic_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * LW_S + ts.tv_nsec;
}

struct proc *
sys_linux_new(const char *root_dir)
{
    struct proc *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    snprintf(p->root, sizeof(p->root), "%s", root_dir);
    journal_init(&p->journal, &p->timers.now);
    timers_init(&p->timers, &p->journal);
    p->timers.epoch = time(NULL);
    p->started_ns = monotonic_ns();
    p->env.journal = &p->journal;
    p->env.timers = &p->timers;
    rng_init(&p->env.rng, 1, "linux");
    return p;
}

void
sys_linux_free(struct proc *p)
{
    if (!p)
        return;
    while (p->nends > 0) {
        p->nends--;
        p->at_end[p->nends].done(p->at_end[p->nends].arg);
    }
    timers_close(&p->timers);
    journal_close(&p->journal);
    free(p);
}

struct env *
sys_env(struct proc *p)
{
    p->timers.now.ns = monotonic_ns() - p->started_ns;
    return &p->env;
}

static ssize_t
answer(ssize_t result)
{
    return result < 0 ? -errno : result;
}

/* Writes the real path of an absolute one; 0 or -errno. */
static int
below_root(const struct proc *p, const char *path, char *out, size_t size)
{
    int n;

    if (path[0] != '/' || strstr(path, "/../") ||
        (strlen(path) >= 3 && !strcmp(path + strlen(path) - 3, "/..")))
        return -ENOENT;
    n = snprintf(out, size, "%s%s", p->root, path);
    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* The address with a Unix socket's name moved below the root. */
static int
real_address(const struct proc *p, const struct sockaddr *addr, socklen_t len,
    struct sockaddr_storage *out, socklen_t *outlen)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const size_t head = offsetof(struct sockaddr_un, sun_path);
    char name[sizeof(un.sun_path) + 1] = "";
    int err;

    if (len > sizeof(*out))
        return -EINVAL;
    memcpy(out, addr, len);
    *outlen = len;
    if (len <= head || len > sizeof(un) || out->ss_family != AF_UNIX)
        return 0;
    memcpy(name, (const char *)addr + head, len - head);
    err = below_root(p, name, un.sun_path, sizeof(un.sun_path));
    memcpy(out, &un, sizeof(un));
    *outlen = sizeof(un);
    return err;
}

int
sys_socket(struct proc *p, int domain, int type, int protocol)
{
    (void)p;
    return (int)answer(socket(domain, type, protocol));
}

int
sys_socketpair(struct proc *p, int domain, int type, int protocol, int fds[2])
{
    (void)p;
    return (int)answer(socketpair(domain, type, protocol, fds));
}

int
sys_bind(struct proc *p, int fd, const struct sockaddr *addr, socklen_t len)
{
    struct sockaddr_storage real;
    int err = real_address(p, addr, len, &real, &len);

    return err ? err : (int)answer(bind(fd, (void *)&real, len));
}

int
sys_listen(struct proc *p, int fd, int backlog)
{
    (void)p;
    return (int)answer(listen(fd, backlog));
}

int
sys_accept4(
    struct proc *p, int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    (void)p;
    return (int)answer(accept4(fd, addr, len, flags));
}

int
sys_connect(struct proc *p, int fd, const struct sockaddr *addr, socklen_t len)
{
    struct sockaddr_storage real;
    int err = real_address(p, addr, len, &real, &len);

    return err ? err : (int)answer(connect(fd, (void *)&real, len));
}

int
sys_shutdown(struct proc *p, int fd, int how)
{
    (void)p;
    return (int)answer(shutdown(fd, how));
}

int
sys_getsockname(struct proc *p, int fd, struct sockaddr *addr, socklen_t *len)
{
    (void)p;
    return (int)answer(getsockname(fd, addr, len));
}

int
sys_getpeername(struct proc *p, int fd, struct sockaddr *addr, socklen_t *len)
{
    (void)p;
    return (int)answer(getpeername(fd, addr, len));
}

int
sys_setsockopt(struct proc *p, int fd, int level, int name, const void *value,
    socklen_t len)
{
    (void)p;
    return (int)answer(setsockopt(fd, level, name, value, len));
}

int
sys_getsockopt(
    struct proc *p, int fd, int level, int name, void *value, socklen_t *len)
{
    (void)p;
    return (int)answer(getsockopt(fd, level, name, value, len));
}

ssize_t
sys_sendto(struct proc *p, int fd, const void *buf, size_t len, int flags,
    const struct sockaddr *to, socklen_t tolen)
{
    (void)p;
    return answer(sendto(fd, buf, len, flags | MSG_NOSIGNAL, to, tolen));
}

ssize_t
sys_recvfrom(struct proc *p, int fd, void *buf, size_t len, int flags,
    struct sockaddr *from, socklen_t *fromlen)
{
    (void)p;
    return answer(recvfrom(fd, buf, len, flags, from, fromlen));
}

ssize_t
sys_read(struct proc *p, int fd, void *buf, size_t len)
{
    (void)p;
    return answer(read(fd, buf, len));
}

ssize_t
sys_write(struct proc *p, int fd, const void *buf, size_t len)
{
    (void)p;
    return answer(write(fd, buf, len));
}

ssize_t
sys_readv(struct proc *p, int fd, const struct iovec *iov, int n)
{
    (void)p;
    return answer(readv(fd, iov, n));
}

ssize_t
sys_writev(struct proc *p, int fd, const struct iovec *iov, int n)
{
    (void)p;
    return answer(writev(fd, iov, n));
}

ssize_t
sys_sendfile(struct proc *p, int out_fd, int in_fd, off_t *offset, size_t count)
{
    (void)p;
    return answer(sendfile(out_fd, in_fd, offset, count));
}

int
sys_close(struct proc *p, int fd)
{
    (void)p;
    return (int)answer(close(fd));
}

int
sys_dup2(struct proc *p, int from, int to)
{
    (void)p;
    return (int)answer(dup2(from, to));
}

int
sys_fcntl(struct proc *p, int fd, int cmd, long arg)
{
    (void)p;
    return (int)answer(fcntl(fd, cmd, arg));
}

int
sys_ioctl(struct proc *p, int fd, unsigned long request, int *value)
{
    (void)p;
    return (int)answer(ioctl(fd, request, value));
}

int
sys_pipe2(struct proc *p, int fds[2], int flags)
{
    (void)p;
    return (int)answer(pipe2(fds, flags));
}

int
sys_poll(struct proc *p, struct pollfd *fds, nfds_t n, int timeout_ms)
{
    (void)p;
    return (int)answer(poll(fds, n, timeout_ms));
}

int
sys_epoll_create1(struct proc *p, int flags)
{
    (void)p;
    return (int)answer(epoll_create1(flags));
}

int
sys_epoll_ctl(
    struct proc *p, int epfd, int op, int fd, struct epoll_event *event)
{
    (void)p;
    return (int)answer(epoll_ctl(epfd, op, fd, event));
}

int
sys_epoll_wait(struct proc *p, int epfd, struct epoll_event *events, int max,
    int timeout_ms)
{
    (void)p;
    return (int)answer(epoll_wait(epfd, events, max, timeout_ms));
}

int
sys_open(struct proc *p, const char *path, int flags, mode_t mode)
{
    char real[PATH_MAX];
    int err = below_root(p, path, real, sizeof(real));

    return err ? err : (int)answer(open(real, flags, mode));
}

int
sys_stat(struct proc *p, const char *path, struct stat *st)
{
    char real[PATH_MAX];
    int err = below_root(p, path, real, sizeof(real));

    return err ? err : (int)answer(stat(real, st));
}

int
sys_fstat(struct proc *p, int fd, struct stat *st)
{
    (void)p;
    return (int)answer(fstat(fd, st));
}

ssize_t
sys_pread64(struct proc *p, int fd, void *buf, size_t len, off_t offset)
{
    (void)p;
    return answer(pread(fd, buf, len, offset));
}

ssize_t
sys_getdents64(struct proc *p, int fd, void *buf, size_t len)
{
    (void)p;
    return answer(getdents64(fd, buf, len));
}

int
sys_unlink(struct proc *p, const char *path)
{
    char real[PATH_MAX];
    int err = below_root(p, path, real, sizeof(real));

    return err ? err : (int)answer(unlink(real));
}

pid_t
sys_getpid(struct proc *p)
{
    (void)p;
    return getpid();
}

pid_t
sys_getppid(struct proc *p)
{
    (void)p;
    return getppid();
}

pid_t
sys_clone(
    struct proc *p, int (*start)(struct proc *child, void *arg), void *arg)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* no orphan outlives a test */
        _exit(start(p, arg));
    }
    return (pid_t)answer(pid);
}

pid_t
sys_wait4(struct proc *p, pid_t pid, int *status, int options)
{
    (void)p;
    return (pid_t)answer(waitpid(pid, status, options));
}

int
sys_kill(struct proc *p, pid_t pid, int signal)
{
    (void)p;
    return (int)answer(kill(pid, signal));
}

static sigset_t
signal_set(uint64_t bits)
{
    sigset_t set;

    sigemptyset(&set);
    for (int n = 1; n <= 64; n++)
        if (bits >> (n - 1) & 1)
            sigaddset(&set, n);
    return set;
}

int
sys_rt_sigtimedwait(
    struct proc *p, uint64_t set, const struct timespec *timeout)
{
    sigset_t real = signal_set(set);

    (void)p;
    return (int)answer(sigtimedwait(&real, NULL, timeout));
}

int
sys_rt_sigprocmask(struct proc *p, uint64_t set)
{
    sigset_t real = signal_set(set);

    (void)p;
    return (int)answer(sigprocmask(SIG_SETMASK, &real, NULL));
}

void
sys_exit_group(struct proc *p, int status)
{
    (void)p;
    _exit(status);
}

int
sys_prctl_name(struct proc *p, const char *name)
{
    (void)p;
    return (int)answer(prctl(PR_SET_NAME, name));
}

int
sys_clock_gettime(struct proc *p, clockid_t clock, struct timespec *ts)
{
    (void)p;
    return (int)answer(clock_gettime(clock, ts));
}

int
sys_nanosleep(struct proc *p, const struct timespec *duration)
{
    (void)p;
    return (int)answer(nanosleep(duration, NULL));
}

ssize_t
sys_getrandom(struct proc *p, void *buf, size_t len, unsigned flags)
{
    (void)p;
    return answer(getrandom(buf, len, flags));
}

int
sys_at_end(struct proc *p, void (*done)(void *arg), void *arg)
{
    if (p->nends == LW_COUNT(p->at_end)) {
        done(arg);
        return -ENOMEM;
    }
    p->at_end[p->nends].done = done;
    p->at_end[p->nends++].arg = arg;
    return 0;
}

void
sys_unawaited(struct proc *p)
{
    (void)p;
}
