/*
 * proc.c: processes: how they begin, take turns, sleep, wake and end.
 *
 *                  kernel_start, sys_clone
 *                            |
 *                            v        its turn
 *             wake      RUNNABLE ----------------> RUNNING
 *        +------------>    ^                          |
 *        |                 |                          | a call must wait
 *     SLEEPING <-----------|--------------------------+
 *                                                     | exit, signal
 *                        (gone) <---- ZOMBIE <--------+
 *                               wait4
 *
 * Turns go round in the order in which processes became runnable; a process
 * keeps its turn until it sleeps, as every call that must wait does. A turn
 * is taken in the name of the event that woke the process: whatever it does
 * then has that cause.
 */
#include "proc.h"
#include "file.h"
#include "flight.h"
#include "null_file.h"
#include "polling.h"
#include "remote_proc.h"
#include "sock.h"
#include "strace.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct proc *
proc_find(const struct kernel *k, int pid)
{
    return pid >= 1 && pid <= k->npids ? k->procs[pid - 1] : NULL;
}

static void
make_runnable(struct proc *p)
{
    p->state = PROC_RUNNABLE;
    p->cause = p->k->env->journal->cause;
    list_add(&p->k->runnable, &p->link);
}

static void
timed_out(void *owner)
{
    struct proc *p = owner;

    p->timed_out = true;
    if (p->spends)
        make_runnable(p);
    else
        proc_wake(p);
}

static bool
watched_ready(struct watch *w, unsigned events)
{
    (void)events;
    return proc_wake_asleep(LW_CONTAINER(w, struct proc, watch));
}

/* A place in the table of pids: the number, or -ENOMEM. */
static int
pid_new(struct kernel *k)
{
    if (k->npids == k->pid_room) {
        int room = k->pid_room ? 2 * k->pid_room : 16;
        struct proc **procs = realloc(k->procs, (size_t)room * sizeof *procs);

        if (!procs)
            return -ENOMEM;
        k->procs = procs;

        int *status = realloc(k->status, (size_t)room * sizeof *status);

        if (!status)
            return -ENOMEM;
        k->status = status;
        k->pid_room = room;
    }
    k->procs[k->npids] = NULL;
    k->status[k->npids] = -1;
    return ++k->npids;
}

static void
argv_free(struct proc *p)
{
    for (int i = 0; i < p->argc; i++)
        free(p->argv[i]);
    free(p->argv);
    p->argv = NULL;
    p->argc = 0;
}

/* The first function on a process' stack. */
static void
body(void *arg)
{
    struct proc *p = arg;
    int status;

    if (p->remote)
        status = remote_main(p);
    else if (p->main)
        status = p->main(p, p->argc, p->argv);
    else
        status = p->start(p, p->arg);
    sys_exit_group(p, status);
}

struct proc *
proc_new(struct kernel *k, struct proc *parent, const char *name)
{
    struct proc *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    if (coro_init(&p->coro, body, p) || fds_init(&p->fds) ||
        (p->pid = pid_new(k)) < 0) {
        coro_free(&p->coro);
        fds_free(&p->fds);
        free(p);
        return NULL;
    }
    p->k = k;
    p->state = PROC_SLEEPING;
    p->timer = (struct timer){.fire = timed_out, .owner = p};
    p->watch.ready = watched_ready;
    list_init(&p->link);
    list_init(&p->watch.link);
    list_init(&p->children);
    list_init(&p->sibling);
    memcpy(p->name, name, strnlen(name, NAME_MAX_LEN));
    p->parent = parent;
    if (parent) {
        list_add(&parent->children, &p->sibling);
        p->blocked = parent->blocked; /* fork(2): the mask is inherited */
    }
    k->procs[p->pid - 1] = p;
    k->alive++;
    return p;
}

void
proc_begin(struct proc *p)
{
    struct journal *j = p->k->env->journal;
    uint64_t no = NOTE(p->k->env, EV_PROC_START, RULE_PROC_START,
        f_u64("pid", p->pid), f_text("name", p->name),
        f_u64("ppid", p->parent ? p->parent->pid : 0));
    uint64_t before = journal_enter(j, no);

    proc_wake(p); /* all it does begins with this */
    journal_leave(j, before);
}

bool
proc_sleep(struct proc *p, int64_t timeout_ns)
{
    struct kernel *k = p->k;
    struct env *env = k->env;

    assert(k->current == p);
    NOTE(env, EV_PROC_BLOCK, RULE_PROC_BLOCK, f_u64("pid", p->pid),
        f_text("call", call_name(p->call)), f_ns("timeout", timeout_ns));
    p->timed_out = false;
    if (timeout_ns >= 0)
        timer_arm_in(env->timers, &p->timer, timeout_ns);
    p->state = PROC_SLEEPING;
    coro_yield(&p->coro);
    timer_rest(&p->timer);
    return !p->timed_out;
}

void
proc_spend(struct proc *p, int64_t ns)
{
    struct kernel *k = p->k;

    assert(k->current == p);
    timer_arm_in(k->env->timers, &p->timer, ns);
    p->spends = true;
    p->state = PROC_SLEEPING;
    coro_yield(&p->coro);
    p->spends = false;
}

void
proc_compute(struct proc *p)
{
    struct journal *j = p->k->env->journal;
    uint64_t cause = j->cause;

    assert(p->k->current == p);
    p->spends = true;
    p->state = PROC_SLEEPING;
    coro_yield(&p->coro);
    p->spends = false;
    journal_enter(j, cause);
}

void
proc_resume(struct proc *p)
{
    if (p->state == PROC_SLEEPING && p->spends)
        make_runnable(p);
}

void
proc_wake(struct proc *p)
{
    uint64_t no;

    if (p->state != PROC_SLEEPING || p->spends)
        return;
    make_runnable(p);
    if (!p->coro.started)
        return;
    no = NOTE(p->k->env, EV_PROC_WAKE, RULE_PROC_WAKE, f_u64("pid", p->pid),
        f_text("call", call_name(p->call)), f_u64("timeout", p->timed_out));
    if (no)
        p->cause = no;
}

void
proc_look(struct proc *p)
{
    if (p->state != PROC_SLEEPING)
        return;
    timer_cancel(p->k->env->timers, &p->timer);
    make_runnable(p);
}

bool
proc_wake_asleep(struct proc *p)
{
    if (p->state != PROC_SLEEPING)
        return false;
    proc_wake(p);
    return true;
}

void
proc_reap(struct proc *p)
{
    assert(p->state == PROC_ZOMBIE);
    list_remove(&p->sibling);
    p->k->procs[p->pid - 1] = NULL;
    if (p->k->current != p) /* else the scheduler does it, off its stack */
        free(p);
}

/* Children of a process that ends belong to the machine. */
static void
disown(struct proc *p)
{
    while (!list_empty(&p->children)) {
        struct proc *c = LW_CONTAINER(p->children.next, struct proc, sibling);

        list_remove(&c->sibling);
        c->parent = NULL;
        if (c->state == PROC_ZOMBIE)
            proc_reap(c);
    }
}

/* What the machine takes back by itself. */
static void
release(struct proc *p)
{
    struct kernel *k = p->k;

    list_remove(&p->link);
    list_remove(&p->watch.link);
    poll_release(p);
    if (p->waits && p->watch.exclusive) /* it may have been the chosen one */
        watch_tell(&p->waits->watchers,
            p->waits->ops->poll(p->waits) & p->watch.events);
    timer_cancel(k->env->timers, &p->timer);
    fds_close(p);
    flight_settle(k);
    fds_free(&p->fds);
    while (p->at_end) {
        struct at_end *a = p->at_end;

        p->at_end = a->next;
        a->done(a->arg);
        free(a);
    }
    remote_free(p);
    argv_free(p);
    if (k->current != p)
        coro_free(&p->coro);
}

void
proc_end(struct proc *p, int status)
{
    struct kernel *k = p->k;
    struct journal *j = k->env->journal;
    uint32_t pid_before = j->pid;
    bool self = k->current == p;
    char text[48];

    assert(p->state != PROC_ZOMBIE);
    j->pid = (uint32_t)p->pid;
    p->state = PROC_ZOMBIE;
    p->status = k->status[p->pid - 1] = status;
    k->alive--;
    remote_end(p);
    release(p);
    disown(p);

    uint64_t no = NOTE(k->env, EV_PROC_EXIT, RULE_PROC_EXIT,
        f_u64("pid", p->pid), f_text("name", p->name),
        f_text("status", strace_status(status, text, sizeof text)),
        f_i64("wait_status", status));

    j->pid = pid_before;
    if (p->parent) {
        uint64_t before = journal_enter(j, no);

        proc_signal(p->parent, SIGCHLD);
        if (p->parent->waits_child)
            proc_wake(p->parent);
        journal_leave(j, before);
    } else {
        proc_reap(p);
    }
    if (self)
        coro_finish(&p->coro);
}

void
proc_discard(struct proc *p)
{
    struct kernel *k = p->k;

    list_remove(&p->sibling);
    p->parent = NULL;
    p->state = PROC_ZOMBIE;
    k->status[p->pid - 1] = SIGKILL;
    k->alive--;
    release(p);
    proc_reap(p);
}

/* --- kernel.h ------------------------------------------------------------ */

struct kernel *
kernel_new(struct env *env, struct ip *ip, struct tcp *tcp, struct udp *udp,
    struct disk *disk)
{
    struct kernel *k = calloc(1, sizeof *k);

    if (!k)
        return NULL;
    *k = (struct kernel){
        .env = env, .ip = ip, .tcp = tcp, .udp = udp, .disk = disk};
    list_init(&k->runnable);
    list_init(&k->bound);
    list_init(&k->flight.holders);
    k->trace = strace_new();
    k->scratch = malloc(SCRATCH_SIZE);
    if (!k->trace || !k->scratch) {
        kernel_free(k);
        return NULL;
    }
    return k;
}

void
kernel_free(struct kernel *k)
{
    if (!k)
        return;
    assert(!k->current);
    for (int i = 0; i < k->npids; i++)
        if (k->procs[i] && k->procs[i]->state != PROC_ZOMBIE)
            proc_end(k->procs[i], SIGKILL);
    assert(k->alive == 0 && list_empty(&k->bound) && !k->flight.files);
    unix_names_free(k);
    remote_names_free(k);
    strace_free(k->trace);
    free(k->scratch);
    free(k->procs);
    free(k->status);
    free(k);
}

int
kernel_start(struct kernel *k, const char *name, program_main *main, int argc,
    char *const argv[])
{
    struct proc *p = proc_new(k, NULL, name);

    if (!p)
        return -ENOMEM;
    p->main = main;
    if (!null_stdio(p))
        p->argv = calloc((size_t)argc + 1, sizeof *p->argv);
    for (int i = 0; p->argv && i < argc; i++) {
        p->argv[i] = strdup(argv[i]);
        if (!p->argv[i])
            break;
        p->argc++;
    }
    if (p->argc < argc || !p->argv) {
        proc_discard(p);
        return -ENOMEM;
    }

    int pid = p->pid;

    proc_begin(p);
    return pid;
}

int
kernel_kill(struct kernel *k, int pid, int signal)
{
    struct proc *p = proc_find(k, pid);

    if (!p)
        return -ESRCH;
    if (signal < 0 || signal > SIGNALS)
        return -EINVAL;
    if (signal && p->state != PROC_ZOMBIE)
        proc_signal(p, signal);
    return 0;
}

static void
run(struct kernel *k, struct proc *p)
{
    struct journal *j = k->env->journal;
    uint64_t before = journal_enter(j, p->cause);

    if (p->late) {
        proc_signal_late(p);
        journal_leave(j, before);
        return;
    }
    p->state = PROC_RUNNING;
    k->current = p;
    disk_turn(k->disk);
    j->pid = (uint32_t)p->pid;
    coro_resume(&p->coro);
    j->pid = 0;
    k->current = NULL;
    journal_leave(j, before);
    if (!p->coro.finished) {
        if (p->late)
            proc_look(p);
        return;
    }
    coro_free(&p->coro);
    if (!p->parent)
        free(p);
}

bool
kernel_run(struct kernel *k)
{
    bool any = !list_empty(&k->runnable);

    while (!list_empty(&k->runnable)) {
        struct proc *p = LW_CONTAINER(k->runnable.next, struct proc, link);

        list_remove(&p->link);
        run(k, p);
    }
    return any;
}

unsigned
kernel_alive(const struct kernel *k)
{
    return k->alive;
}

int
kernel_status(const struct kernel *k, int pid)
{
    return pid >= 1 && pid <= k->npids ? k->status[pid - 1] : -1;
}

void
kernel_set_call_cost(struct kernel *k, int64_t ns)
{
    k->call_cost_ns = ns;
}
