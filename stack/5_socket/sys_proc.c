/*
 * sys_proc.c: the system calls about processes and signals.
 */
#include "sys.h"
#include "file.h"
#include "strace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct env *
sys_env(struct proc *p)
{
    return p->k->env;
}

int
sys_at_end(struct proc *p, void (*done)(void *arg), void *arg)
{
    struct at_end *a = malloc(sizeof *a);

    if (!a) {
        done(arg);
        return -ENOMEM;
    }
    *a = (struct at_end){done, arg, p->at_end};
    p->at_end = a;
    return 0;
}

void
sys_unawaited(struct proc *p)
{
    (void)p; /* calls are made at once */
}

pid_t
sys_getpid(struct proc *p)
{
    call_begin(p, CALL_getpid);
    CALL_END(p, -1, p->pid, "%s", "");
    return p->pid;
}

pid_t
sys_getppid(struct proc *p)
{
    int pid = p->parent ? p->parent->pid : 0;

    call_begin(p, CALL_getppid);
    CALL_END(p, -1, pid, "%s", "");
    return pid;
}

pid_t
sys_clone(
    struct proc *p, int (*start)(struct proc *child, void *arg), void *arg)
{
    struct proc *c;
    pid_t ret = -ENOMEM;

    call_begin(p, CALL_clone);
    c = proc_new(p->k, p, p->name);
    if (c && fds_copy(&c->fds, &p->fds)) {
        proc_discard(c);
        c = NULL;
    }
    if (c) {
        c->start = start;
        c->arg = arg;
        ret = c->pid;
        proc_begin(c);
    }
    CALL_END(p, -1, ret, "child_stack=NULL, flags=SIGCHLD");
    return ret;
}

/* The child that wait4 shall report; *any: is there one to wait for? */
static struct proc *
ended_child(struct proc *p, pid_t pid, bool *any)
{
    *any = false;
    for (struct link *l = p->children.next; l != &p->children; l = l->next) {
        struct proc *c = LW_CONTAINER(l, struct proc, sibling);

        if (pid > 0 && c->pid != pid)
            continue;
        *any = true;
        if (c->state == PROC_ZOMBIE)
            return c;
    }
    return NULL;
}

/* pid below 1 means any child: there are no process groups here. */
static pid_t
wait_child(struct proc *p, pid_t pid, int *status, int options)
{
    struct proc *c;
    bool any;

    if (options & ~WNOHANG)
        return -EINVAL;
    while (!(c = ended_child(p, pid, &any))) {
        if (!any)
            return -ECHILD;
        if (options & WNOHANG)
            return 0;
        p->waits_child = true;
        proc_sleep(p, -1);
        p->waits_child = false;
    }
    pid = c->pid;
    *status = c->status;
    proc_reap(c);
    return pid;
}

pid_t
sys_wait4(struct proc *p, pid_t pid, int *status, int options)
{
    int ended = 0;
    pid_t ret;

    call_begin(p, CALL_wait4);
    ret = wait_child(p, pid, &ended, options);
    if (ret > 0 && status)
        *status = ended;
    CALL_END(p, -1, ret, "%d, %s, %s, NULL", pid,
        !status   ? "NULL"
        : ret > 0 ? tr_wait(p, ended)
                  : "0x...",
        options ? "WNOHANG" : "0");
    return ret;
}

int
sys_kill(struct proc *p, pid_t pid, int signal)
{
    struct proc *to = proc_find(p->k, pid);
    int ret = to ? 0 : -ESRCH;

    call_begin(p, CALL_kill);
    if (signal < 0 || signal > SIGNALS)
        ret = -EINVAL;
    CALL_END(p, -1, ret, "%d, %s", pid, tr_signal(p, signal));
    if (!ret && signal)
        proc_signal(to, signal);
    return ret;
}

/* The lowest pending signal of the set, taken; 0: none. */
static int
take_signal(struct proc *p, uint64_t set)
{
    uint64_t ready = p->pending & set;
    int signal;

    if (!ready)
        return 0;
    signal = __builtin_ctzll(ready) + 1;
    p->pending &= ~signal_bit(signal);
    return signal;
}

static int
wait_signal(struct proc *p, uint64_t set, const struct timespec *timeout)
{
    int64_t ns = timeout ? time_left_ns(timeout) : -1;
    int signal;

    if (timeout && ns < 0)
        return -EINVAL;
    signal = take_signal(p, set);
    if (!signal && ns) {
        p->waits_signal = set;
        proc_sleep(p, ns);
        p->waits_signal = 0;
        signal = take_signal(p, set);
    }
    return signal ? signal : -EAGAIN;
}

int
sys_rt_sigtimedwait(
    struct proc *p, uint64_t set, const struct timespec *timeout)
{
    int signal;

    call_begin(p, CALL_rt_sigtimedwait);
    signal = wait_signal(p, set, timeout);
    CALL_END(p, -1, signal, "%s, NULL, %s, 8", tr_sigset(p, set),
        tr_time(p, timeout));
    return signal;
}

int
sys_rt_sigprocmask(struct proc *p, uint64_t set)
{
    call_begin(p, CALL_rt_sigprocmask);
    set &= ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
    CALL_END(p, -1, 0, "SIG_SETMASK, %s, NULL, 8", tr_sigset(p, set));
    proc_mask(p, set);
    return 0;
}

void
sys_exit_group(struct proc *p, int status)
{
    call_begin(p, CALL_exit_group);
    CALL_END(p, -1, 0, "%d", status);
    proc_end(p, (status & 0xff) << 8);
    __builtin_unreachable(); /* proc_end has left p's stack */
}

int
sys_prctl_name(struct proc *p, const char *name)
{
    call_begin(p, CALL_prctl);
    memset(p->name, 0, sizeof p->name);
    memcpy(p->name, name, strnlen(name, NAME_MAX_LEN));
    NOTE(p->k->env, EV_PROC_NAME, RULE_SYS_PRCTL, f_u64("pid", p->pid),
        f_text("name", p->name));
    CALL_END(p, -1, 0, "PR_SET_NAME, %s", tr_string(p, p->name));
    return 0;
}
