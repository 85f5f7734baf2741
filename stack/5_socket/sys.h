/*
 * sys.h: the system calls of a layerwalk computer.
 *
 * Names (after sys_), arguments, flags and results are those of Linux, see
 * section 2 of the manual for each; a failed call returns a negative errno,
 * as the kernel does. Structures and constants are Linux's own, from the
 * system's headers, so that a program here reads like the textbook program.
 * Blocking calls block the process, never the program. Each call is a
 * SYSCALL event that prints as strace prints it.
 *
 * Three implementations stand behind this header:
 *   stack/5_socket/sys_*.c      our own kernel
 *   apps/4_fpm/sys_remote.c     the same calls, from a real Linux process,
 *                               carried to our kernel over a socket pair
 *   tests/sys_linux.c           Linux itself, as an independent hand
 */
#ifndef LW_SYS_H
#define LW_SYS_H

#include "env.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

struct proc; /* the calling process: always the first argument */

/* --- sockets ------------------------------------------------------------- */
/* AF_INET: SOCK_STREAM, SOCK_DGRAM; AF_UNIX: SOCK_SEQPACKET as well. Type
 * flags: SOCK_NONBLOCK, SOCK_CLOEXEC. */
int sys_socket(struct proc *p, int domain, int type, int protocol);
int sys_socketpair(
    struct proc *p, int domain, int type, int protocol, int fds[2]);
int sys_bind(
    struct proc *p, int fd, const struct sockaddr *addr, socklen_t len);
int sys_listen(struct proc *p, int fd, int backlog);
int sys_accept4(
    struct proc *p, int fd, struct sockaddr *addr, socklen_t *len, int flags);
int sys_connect(
    struct proc *p, int fd, const struct sockaddr *addr, socklen_t len);
int sys_shutdown(struct proc *p, int fd, int how);
int sys_getsockname(
    struct proc *p, int fd, struct sockaddr *addr, socklen_t *len);
int sys_getpeername(
    struct proc *p, int fd, struct sockaddr *addr, socklen_t *len);
int sys_setsockopt(struct proc *p, int fd, int level, int name,
    const void *value, socklen_t len);
int sys_getsockopt(
    struct proc *p, int fd, int level, int name, void *value, socklen_t *len);
ssize_t sys_sendto(struct proc *p, int fd, const void *buf, size_t len,
    int flags, const struct sockaddr *to, socklen_t tolen);
ssize_t sys_recvfrom(struct proc *p, int fd, void *buf, size_t len, int flags,
    struct sockaddr *from, socklen_t *fromlen);
ssize_t sys_sendmsg(
    struct proc *p, int fd, const struct msghdr *msg, int flags);
ssize_t sys_recvmsg(struct proc *p, int fd, struct msghdr *msg, int flags);
int sys_sendmmsg(
    struct proc *p, int fd, struct mmsghdr *msgs, unsigned n, int flags);
int sys_recvmmsg(struct proc *p, int fd, struct mmsghdr *msgs, unsigned n,
    int flags, struct timespec *timeout);
/* (Only our own kernel has the last four.) */

/* --- descriptors --------------------------------------------------------- */
ssize_t sys_read(struct proc *p, int fd, void *buf, size_t len);
ssize_t sys_write(struct proc *p, int fd, const void *buf, size_t len);
ssize_t sys_readv(struct proc *p, int fd, const struct iovec *iov, int n);
ssize_t sys_writev(struct proc *p, int fd, const struct iovec *iov, int n);
ssize_t sys_sendfile(
    struct proc *p, int out_fd, int in_fd, off_t *offset, size_t count);
ssize_t sys_splice(struct proc *p, int fd_in, off_t *off_in, int fd_out,
    off_t *off_out, size_t len, unsigned flags);
ssize_t sys_tee(
    struct proc *p, int fd_in, int fd_out, size_t len, unsigned flags);
/* (Only our own kernel has these two.) */
int sys_close(struct proc *p, int fd);
int sys_dup2(struct proc *p, int from, int to);
int sys_fcntl(struct proc *p, int fd, int cmd, long arg); /* F_GETFL/F_SETFL,
           F_GETFD/F_SETFD, F_DUPFD, F_GETOWN/F_SETOWN, F_GETSIG/F_SETSIG */
int sys_ioctl(struct proc *p, int fd, unsigned long request, int *value);
/* FIONREAD, FIONBIO, FIOASYNC */
int sys_pipe2(struct proc *p, int fds[2], int flags);

/* --- poll and select ----------------------------------------------------- */
/* mask: the blocked signals during the call, bit n-1 is signal n; NULL: as
 * they are. No signal handlers here: none of these ends with EINTR. */
int sys_poll(struct proc *p, struct pollfd *fds, nfds_t n, int timeout_ms);
int sys_ppoll(struct proc *p, struct pollfd *fds, nfds_t n,
    const struct timespec *timeout, const uint64_t *mask);
/* *timeout becomes what is left, as in Linux. */
int sys_select(struct proc *p, int n, fd_set *to_read, fd_set *to_write,
    fd_set *except, struct timeval *timeout);
int sys_pselect6(struct proc *p, int n, fd_set *to_read, fd_set *to_write,
    fd_set *except, const struct timespec *timeout, const uint64_t *mask);
/* (Of these, a real process' kernel has only the first.) */

/* --- epoll --------------------------------------------------------------- */
int sys_epoll_create1(struct proc *p, int flags);
int sys_epoll_ctl(
    struct proc *p, int epfd, int op, int fd, struct epoll_event *event);
int sys_epoll_wait(struct proc *p, int epfd, struct epoll_event *events,
    int max, int timeout_ms);

/* --- files of the host's folder ------------------------------------------ */
/* Paths are absolute in the host's own root and cannot leave it. */
int sys_open(struct proc *p, const char *path, int flags, mode_t mode);
int sys_stat(struct proc *p, const char *path, struct stat *st);
int sys_fstat(struct proc *p, int fd, struct stat *st);
ssize_t sys_pread64(
    struct proc *p, int fd, void *buf, size_t len, off_t offset);
int sys_unlink(struct proc *p, const char *path); /* Unix socket names too */
/* Some of an open folder's entries (struct dirent64), sorted; 0: no more. */
ssize_t sys_getdents64(struct proc *p, int fd, void *buf, size_t len);

/* --- processes ----------------------------------------------------------- */
pid_t sys_getpid(struct proc *p);
pid_t sys_getppid(struct proc *p);
/*
 * A new process that starts at start(child, arg) with the parent's
 * descriptors: clone(2) as glibc wraps it. (A real php-fpm worker is made
 * by fork(2) instead: apps/4_fpm/sys_remote.h.)
 */
pid_t sys_clone(
    struct proc *p, int (*start)(struct proc *child, void *arg), void *arg);
pid_t sys_wait4(struct proc *p, pid_t pid, int *status, int options);
int sys_kill(struct proc *p, pid_t pid, int signal);
/*
 * Waits for one of the signals in `set` (bit n-1 is signal n), as
 * sigtimedwait(2) with the signals blocked; timeout NULL: for ever. Signals
 * that nobody waits for take their default action. The signal's number, or
 * -EAGAIN when the time is up.
 */
int sys_rt_sigtimedwait(
    struct proc *p, uint64_t set, const struct timespec *timeout);
/* Blocks the signals of `set` so that they stay pending (SIG_SETMASK). */
int sys_rt_sigprocmask(struct proc *p, uint64_t set);
void sys_exit_group(struct proc *p, int status) __attribute__((noreturn));
/*
 * PR_SET_NAME, but up to 63 bytes are kept, where Linux keeps 15 (comm). It
 * stands for setproctitle(3bsd) as well: servers write a long title over
 * their arguments ("nginx: master process nginx"), and ps shows that whole.
 */
int sys_prctl_name(struct proc *p, const char *name);

/* --- time ---------------------------------------------------------------- */
int sys_clock_gettime(struct proc *p, clockid_t clock, struct timespec *ts);
int sys_nanosleep(struct proc *p, const struct timespec *duration);

/* --- chance -------------------------------------------------------------- */
/* Bytes of the host's own stream of chance: all of them, at once. */
ssize_t sys_getrandom(struct proc *p, void *buf, size_t len, unsigned flags);

/* --- not a system call --------------------------------------------------- */

/*
 * Where a program reports what it does above the system calls:
 *     NOTE(sys_env(p), EV_NGINX_PHASE, RULE_..., f_u64("conn", n), ...)
 */
struct env *sys_env(struct proc *p);

/*
 * Has done(arg) called when the process ends, in whatever way, newest first;
 * for memory, which a real kernel takes back by itself when a process is
 * killed in mid-sleep. It makes no system calls. -ENOMEM: then done(arg) is
 * called at once. (A real process needs none: there it is never called.)
 */
int sys_at_end(struct proc *p, void (*done)(void *arg), void *arg);

/*
 * The program does not look at what its next call returns, if that is write,
 * shutdown or close: where calls travel (sys_remote.h) it need not be waited
 * for, and returns as if it had succeeded. No call overtakes another.
 */
void sys_unawaited(struct proc *p);

#endif
