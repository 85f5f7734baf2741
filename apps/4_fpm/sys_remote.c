/*
 * sys_remote.c: a real process among simulated ones: how it introduces
 * itself, forks, waits for its children and ends. The other system calls
 * are in sys_remote_io.c and sys_remote_socket.c.
 *
 * Two worlds must agree about every child. Our kernel knows when it ended
 * in virtual time and, mostly, how: it exited, it was killed, it told of its
 * crash. So wait4 first asks our kernel and then reaps the real child; only
 * where our kernel found it simply gone (SIGKILL), Linux knows better.
 */
#include "sys_remote.h"
#include "sys_remote_link.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* close(2) itself: where the C library's is watched, this is no event. */
static void
shut(int fd)
{
    syscall(SYS_close, fd);
}

/* 0, or -EPROTO: the simulator is of another build. */
static int
greet(struct proc *p)
{
    cpu_set_t ours;
    struct remote_reply r = link_call(
        p, &(struct link_call){.type = REMOTE_HELLO, .arg = {remote_lists()}});

    if (r.ret < 0)
        return (int)r.ret;
    p->pid = (int)r.ret;
    p->timers.epoch = r.out[0];
    p->env.host = (uint16_t)r.out[1];
    for (int i = 0; i < 4; i++)
        p->env.rng.s[i] = get_le64(&r.data);
    p->spin = (struct spin){.off = !get_u8(&r.data) ||
                                   sched_getaffinity(0, sizeof ours, &ours) ||
                                   CPU_COUNT(&ours) < 2};
    return 0;
}

struct proc *
sys_remote_open(int fd)
{
    int type;
    socklen_t len = sizeof type;
    struct proc *p;

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
        return NULL;
    if (type != SOCK_SEQPACKET) {
        errno = EPROTOTYPE;
        return NULL;
    }
    if (fd != SYS_REMOTE_FD) {
        if (dup2(fd, SYS_REMOTE_FD) < 0)
            return NULL;
        shut(fd);
    }
    fcntl(SYS_REMOTE_FD, F_SETFD, FD_CLOEXEC);
    p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->env = (struct env){.journal = &p->journal, .timers = &p->timers};
    timers_init(&p->timers, &p->journal);
    p->notes = NO_NOTES;
    p->ahead.fd = -1;
    p->spin.off = true;
    link_listen(p);
    link_catch(p);
    int err = greet(p);
    if (err) {
        sys_remote_close(p);
        errno = -err;
        return NULL;
    }
    return p;
}

void
sys_remote_close(struct proc *p)
{
    sys_remote_flush(p);
    journal_close(&p->journal);
    timers_close(&p->timers);
    shut(SYS_REMOTE_FD);
    free(p);
}

struct env *
sys_env(struct proc *p)
{
    return &p->env;
}

int
sys_at_end(struct proc *p, void (*done)(void *arg), void *arg)
{
    (void)p;
    (void)done;
    (void)arg;
    return 0; /* Linux takes the memory back */
}

/* --- fork, wait4, exit --------------------------------------------------- */

static void
in_child(struct proc *p, int fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(fd, SYS_REMOTE_FD) < 0)
        _exit(1);
    shut(fd);
    fcntl(SYS_REMOTE_FD, F_SETFD, FD_CLOEXEC);
    memset(p->children, 0, sizeof p->children);
    greet(p);
}

pid_t
sys_remote_fork(struct proc *p)
{
    int fd = -1, slot = 0;
    struct remote_reply r;
    pid_t real;

    while (slot < LINK_CHILDREN && p->children[slot].pid)
        slot++;
    if (slot == LINK_CHILDREN)
        return -EAGAIN;
    p->ahead.fd = -1; /* both may read it */
    r = link_call(p, &(struct link_call){.type = REMOTE_FORK, .passed = &fd});
    if (r.ret < 0)
        return (pid_t)r.ret;
    real = _Fork(); /* fork(2) itself, which PHP does not get */
    if (real == 0) {
        in_child(p, fd);
        return 0;
    }
    shut(fd); /* when fork failed, our kernel sees a child that is gone */
    if (real < 0)
        return -EAGAIN;
    p->children[slot].pid = (int)r.ret;
    p->children[slot].real = real;
    return (pid_t)r.ret;
}

/* Reaps the real child, which has ended or is ending: how? */
static int
true_status(struct proc *p, int pid, int told)
{
    int status = told;

    for (int i = 0; i < LINK_CHILDREN; i++) {
        int real = p->children[i].real, found;

        if (p->children[i].pid != pid)
            continue;
        p->children[i].pid = p->children[i].real = 0;
        while ((found = waitpid(real, &status, 0)) < 0 && errno == EINTR)
            ;
        break;
    }
    return told == SIGKILL ? status : told;
}

pid_t
sys_wait4(struct proc *p, pid_t pid, int *status, int options)
{
    struct remote_reply r = link_call(
        p, &(struct link_call){.type = REMOTE_wait4, .arg = {pid, options}});
    int how = (int)r.out[0];

    if (r.ret > 0)
        how = true_status(p, (int)r.ret, how);
    if (r.ret > 0 && status)
        *status = how;
    return (pid_t)r.ret;
}

void
sys_exit_group(struct proc *p, int status)
{
    link_tell(
        p, &(struct link_call){.type = REMOTE_exit_group, .arg = {status}});
    _exit(status);
}

pid_t
sys_clone(
    struct proc *p, int (*start)(struct proc *child, void *arg), void *arg)
{
    pid_t pid = sys_remote_fork(p);

    if (pid == 0)
        sys_exit_group(p, start(p, arg));
    return pid;
}

/* --- processes and time -------------------------------------------------- */

pid_t
sys_getpid(struct proc *p)
{
    return (pid_t)link_call(p, &(struct link_call){.type = REMOTE_getpid}).ret;
}

pid_t
sys_getppid(struct proc *p)
{
    return (pid_t)link_call(p, &(struct link_call){.type = REMOTE_getppid}).ret;
}

int
sys_kill(struct proc *p, pid_t pid, int signal)
{
    return (int)link_call(
        p, &(struct link_call){.type = REMOTE_kill, .arg = {pid, signal}})
        .ret;
}

int
sys_rt_sigtimedwait(
    struct proc *p, uint64_t set, const struct timespec *timeout)
{
    struct timespec ts = timeout ? *timeout : (struct timespec){0};

    return (int)link_call(
        p, &(struct link_call){.type = REMOTE_rt_sigtimedwait,
               .arg = {(int64_t)set, timeout != NULL, ts.tv_sec, ts.tv_nsec}})
        .ret;
}

int
sys_rt_sigprocmask(struct proc *p, uint64_t set)
{
    return (int)link_call(p, &(struct link_call){.type = REMOTE_rt_sigprocmask,
                                 .arg = {(int64_t)set}})
        .ret;
}

int
sys_prctl_name(struct proc *p, const char *name)
{
    return (int)link_call(p,
        &(struct link_call){
            .type = REMOTE_prctl, .data = {name}, .len = {strlen(name)}})
        .ret;
}

/* As told with the last reply: virtual time stands still while we compute. */
int
sys_clock_gettime(struct proc *p, clockid_t clock, struct timespec *ts)
{
    int64_t ns = p->timers.now.ns;
    bool real = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;

    if (!real && clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE &&
        clock != CLOCK_BOOTTIME)
        return -EINVAL;
    ts->tv_sec = ns / LW_S + (real ? p->timers.epoch : 0);
    ts->tv_nsec = ns % LW_S;
    return 0;
}

int
sys_nanosleep(struct proc *p, const struct timespec *d)
{
    return (int)link_call(p, &(struct link_call){.type = REMOTE_nanosleep,
                                 .arg = {d->tv_sec, d->tv_nsec}})
        .ret;
}
