/*
 * script.c: a script of system calls (same_calls.h) in a real process, whose
 * calls our kernel carries out; test_remote_calls.c builds it:
 *
 *     script "tcp a; bind a :0; listen a 5" FILE
 *
 * or, with "", those of same_rest.c, or, with "-", those that are refused.
 * What the calls gave goes into FILE, which is Linux's.
 */
#include "same_words.h"
#include "sys_remote_link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>

/* What check.h of the tests would do: the script itself is wrong. */
bool check_true(bool ok, const char *text, const char *file, unsigned line);
bool
check_true(bool ok, const char *text, const char *file, unsigned line)
{
    if (!ok)
        fprintf(stderr, "%s:%u: %s\n", file, line, text);
    return ok;
}

/* --- calls that no real process makes, with which no script here begins -- */

int
sys_ppoll(struct proc *p, struct pollfd *fds, nfds_t n,
    const struct timespec *timeout, const uint64_t *mask)
{
    (void)p, (void)fds, (void)n, (void)timeout, (void)mask;
    return -ENOSYS;
}

int
sys_select(struct proc *p, int n, fd_set *to_read, fd_set *to_write,
    fd_set *except, struct timeval *timeout)
{
    (void)p, (void)n, (void)to_read, (void)to_write, (void)except;
    (void)timeout;
    return -ENOSYS;
}

int
sys_pselect6(struct proc *p, int n, fd_set *to_read, fd_set *to_write,
    fd_set *except, const struct timespec *timeout, const uint64_t *mask)
{
    (void)p, (void)n, (void)to_read, (void)to_write, (void)except;
    (void)timeout, (void)mask;
    return -ENOSYS;
}

ssize_t
sys_sendmsg(struct proc *p, int fd, const struct msghdr *msg, int flags)
{
    (void)p, (void)fd, (void)msg, (void)flags;
    return -ENOSYS;
}

ssize_t
sys_recvmsg(struct proc *p, int fd, struct msghdr *msg, int flags)
{
    (void)p, (void)fd, (void)msg, (void)flags;
    return -ENOSYS;
}

int
sys_sendmmsg(
    struct proc *p, int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
    (void)p, (void)fd, (void)msgs, (void)n, (void)flags;
    return -ENOSYS;
}

int
sys_recvmmsg(struct proc *p, int fd, struct mmsghdr *msgs, unsigned n,
    int flags, struct timespec *timeout)
{
    (void)p, (void)fd, (void)msgs, (void)n, (void)flags, (void)timeout;
    return -ENOSYS;
}

ssize_t
sys_splice(struct proc *p, int fd_in, off_t *off_in, int fd_out, off_t *off_out,
    size_t len, unsigned flags)
{
    (void)p, (void)fd_in, (void)off_in, (void)fd_out, (void)off_out;
    (void)len, (void)flags;
    return -ENOSYS;
}

ssize_t
sys_tee(struct proc *p, int fd_in, int fd_out, size_t len, unsigned flags)
{
    (void)p, (void)fd_in, (void)fd_out, (void)len, (void)flags;
    return -ENOSYS;
}

/* Past the functions above, as messages: our kernel does not make them for
 * a real process, which has Linux's own, or no use for them. */
static void
refused(struct side *s)
{
    static const unsigned types[] = {REMOTE_splice, REMOTE_tee, REMOTE_clone,
        REMOTE_clock_gettime, REMOTE_ppoll, REMOTE_select, REMOTE_pselect6};

    for (size_t i = 0; i < LW_COUNT(types); i++)
        same_result(
            s, link_call(s->p, &(struct link_call){.type = types[i]}).ret);
}

int
main(int argc, char **argv)
{
    static struct side side;
    FILE *f;

    side.p = sys_remote_open(SYS_REMOTE_FD);
    if (!side.p || argc != 3)
        return 99;
    side.script = argv[1];
    sys_rt_sigprocmask(side.p, 1ull << (SIGPIPE - 1));
    if (*side.script == '-')
        refused(&side);
    else if (*side.script)
        same_run(&side);
    else
        same_rest(&side);
    f = fopen(argv[2], "w");
    if (!f || fputs(side.out, f) < 0 || fclose(f))
        return 98;
    sys_exit_group(side.p, 0);
}
