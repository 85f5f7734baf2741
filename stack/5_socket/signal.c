/*
 * signal.c: signals. Programs here install no handlers: a signal that is
 * blocked or waited for stays pending until rt_sigtimedwait(2) takes it, as
 * masters do that wait for SIGCHLD and SIGTERM; any other takes its default
 * action at once. So no call ever fails with EINTR: the signals that would
 * interrupt a sleep end the process. Not here: handlers, job control
 * (SIGSTOP and its kin are ignored), queues of real-time signals.
 */
#include "proc.h"

#include <errno.h>
#include <string.h>

/* signal(7): those whose default action is to be ignored. */
static bool
ignored_by_default(int signal)
{
    switch (signal) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGCONT:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU: return true;
    default: return false;
    }
}

/* Does it wait for p to ask for it? */
static bool
held(const struct proc *p, int signal)
{
    return signal != SIGKILL &&
           ((p->blocked | p->waits_signal) & signal_bit(signal));
}

void
proc_signal(struct proc *p, int signal)
{
    uint64_t bit = signal_bit(signal);
    struct journal *j = p->k->env->journal;
    const char *short_name = sigabbrev_np(signal);
    char name[16] = "SIG";

    if (p->state == PROC_ZOMBIE)
        return;
    strncat(name, short_name ? short_name : "RT", sizeof name - 4);

    uint64_t no = NOTE(p->k->env, EV_SIGNAL, RULE_SIGNAL, f_u64("pid", p->pid),
        f_text("signal", name), f_u64("number", signal));
    uint64_t before = journal_enter(j, no);

    if (held(p, signal)) {
        p->pending |= bit;
        if (p->waits_signal & bit)
            proc_wake(p);
    } else if (!ignored_by_default(signal)) {
        proc_end(p, signal);
    }
    journal_leave(j, before);
}

void
proc_signal_later(struct proc *p, int signal)
{
    if (held(p, signal) || ignored_by_default(signal)) {
        proc_signal(p, signal);
        return;
    }
    p->late |= signal_bit(signal);
    if (p != p->k->current)
        proc_look(p);
}

void
proc_signal_late(struct proc *p)
{
    uint64_t late = p->late;

    p->late = 0;
    for (int s = 1; s <= SIGNALS; s++)
        if (late & signal_bit(s)) {
            proc_signal(p, s); /* the first ends p, which may be gone */
            return;
        }
}

void
proc_mask(struct proc *p, uint64_t set)
{
    uint64_t freed;

    set &= ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
    p->blocked = set;
    freed = p->pending & ~set;
    p->pending &= set;
    for (int s = 1; s <= SIGNALS; s++)
        if (freed & signal_bit(s))
            proc_signal(p, s);
}
