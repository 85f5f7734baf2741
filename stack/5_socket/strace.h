/*
 * strace.h: how a system call looks when strace(1) prints it. Each sys_*
 * function ends with
 *
 *     CALL_END(p, fd, ret, "%d, %d", fd, backlog);
 *
 * The arguments of CALL_END are evaluated only when somebody wants SYSCALL
 * events; the tr_* functions give texts that live until the call's report.
 * Where strace would print an address of the process' memory (of a buffer
 * that a failed call did not fill) we print 0x..., so that two runs agree.
 */
#ifndef LW_STRACE_H
#define LW_STRACE_H

#include "proc.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

struct trace;

struct trace *strace_new(void); /* NULL: no memory */
void strace_free(struct trace *t);

#define CALL_END(p_, fd_, ret_, ...)                                           \
    do {                                                                       \
        if (journal_wants((p_)->k->env->journal, EV_SYSCALL))                  \
            call_report((p_), (fd_), (ret_), __VA_ARGS__);                     \
    } while (0)

/*
 * Reports the SYSCALL event; what the process does next has it as cause.
 * fd: the descriptor that the call is about; -1: none.
 */
void call_report(struct proc *p, int fd, int64_t ret, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "GET / HTTP"...: at most 32 bytes; also the event's `data`. */
const char *tr_data(struct proc *p, const void *data, int64_t len);
const char *tr_string(struct proc *p, const char *text); /* a path */
/* The first len bytes of the buffers; also the event's `data`. */
const char *tr_iov(struct proc *p, const struct iovec *iov, int n, int64_t len);

/* {sa_family=AF_INET, ...}; NULL when addr is NULL. */
const char *tr_addr(struct proc *p, const void *addr, socklen_t len);
/* [16], or [112 => 16] when the kernel changed it; NULL. */
const char *tr_len(struct proc *p, const socklen_t *now, socklen_t before);

const char *tr_flags_open(struct proc *p, int flags);
/* The result as strace shows it for F_GETFL: 0x802 (flags O_RDWR|...). */
const char *tr_result_flags(struct proc *p, int64_t ret, const char *names);
const char *tr_flags_msg(struct proc *p, int flags);
const char *tr_flags_sock(struct proc *p, int type);    /* SOCK_STREAM|... */
const char *tr_flags_accept(struct proc *p, int flags); /* SOCK_... */
const char *tr_flags_fd(struct proc *p, int flags);     /* O_CLOEXEC|... */
const char *tr_flags_splice(struct proc *p, unsigned flags);
const char *tr_flags_epoll(struct proc *p, int flags); /* EPOLL_CLOEXEC */
const char *tr_domain(struct proc *p, int domain);
const char *tr_option(struct proc *p, int level, int name);
const char *tr_optval(
    struct proc *p, int level, int name, const void *value, socklen_t len);
const char *tr_epoll(struct proc *p, const struct epoll_event *e, int n);
/* A msghdr; room: msg_namelen before the call; ret: what recvmsg returned,
 * SSIZE_MAX for one that is sent. */
const char *tr_msg(
    struct proc *p, const struct msghdr *m, socklen_t room, ssize_t ret);
const char *tr_mmsg(struct proc *p, const struct mmsghdr *m, unsigned n);
const char *tr_poll(struct proc *p, const struct pollfd *fds, nfds_t n);
/* The result as strace shows it: 1 ([{fd=3, revents=POLLIN}]). */
const char *tr_poll_result(
    struct proc *p, const struct pollfd *fds, nfds_t n, int ret);
/* ", [3], NULL, NULL": from the list made of select's sets. */
const char *tr_select(
    struct proc *p, const struct pollfd *fds, int n, const bool given[3]);
const char *tr_select_result(
    struct proc *p, const struct pollfd *fds, int n, int ret);
const char *tr_timeval(struct proc *p, const struct timeval *tv);
const char *tr_stat(struct proc *p, const struct stat *st);
const char *tr_sigset(struct proc *p, uint64_t set);
const char *tr_signal(struct proc *p, int signal); /* SIGTERM */
const char *tr_wait(struct proc *p, int status);
const char *tr_time(struct proc *p, const struct timespec *ts);

/* "exited with 0", "killed by SIGKILL", as strace says it; returns buf. */
char *strace_status(int wait_status, char *buf, size_t size);

#endif
