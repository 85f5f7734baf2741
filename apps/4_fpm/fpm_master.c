/*
 * fpm_master.c: the process manager. The master waits for signals: a worker
 * has ended (SIGCHLD), stop (SIGTERM), finish and stop (SIGQUIT). Once a
 * second, where the pool is not static, it looks at the scoreboard and forks
 * or ends workers, so that neither too few nor too many wait idle.
 */
#include "sapi.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#define BIT(signal) (1ull << ((signal)-1))
#define SIGNALS                                                                \
    (BIT(SIGCHLD) | BIT(SIGTERM) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGUSR1) | \
        BIT(SIGUSR2) | BIT(SIGHUP))

#define SPAWN_RATE_LOUD 8 /* from here on php-fpm warns */

static int64_t
now_ns(struct fpm *f)
{
    return fpm_env(f)->timers->now.ns;
}

static int
workers_of_all(const struct fpm *f)
{
    int n = 0;

    for (struct fpm_pool_run *r = f->pools; r; r = r->next)
        n += fpm_board_count(r->board).total;
    return n;
}

/* Forks n workers; in each of them this does not return. */
static void
spawn(struct fpm *f, struct fpm_pool_run *r, int n)
{
    struct fpm_slot *slot;
    pid_t pid;

    while (n-- > 0 && (slot = fpm_board_find(r->board, 0))) {
        if (f->conf.process_max > 0 &&
            workers_of_all(f) >= f->conf.process_max) {
            fpm_log(f, FPM_WARNING,
                "The maximum number of processes has been reached. Please "
                "review your configuration and consider raising "
                "'process.max'");
            return;
        }
        pid = f->fork(f->proc);
        if (pid == 0)
            fpm_work(f, r, slot);
        if (pid < 0) {
            fpm_log(
                f, FPM_ERROR, "fork() failed: %s (%d)", strerror(-pid), -pid);
            return;
        }
        slot->pid = pid;
        slot->started_ns = now_ns(f);
        fpm_log(f, FPM_NOTICE, "[pool %s] child %d started", r->conf->name,
            (int)pid);
    }
}

static struct fpm_pool_run *
pool_of(struct fpm *f, int pid, struct fpm_slot **slot)
{
    for (struct fpm_pool_run *r = f->pools; r; r = r->next)
        if ((*slot = fpm_board_find(r->board, pid)))
            return r;
    return NULL;
}

static void
log_end(struct fpm *f, const struct fpm_pool_run *r, int pid, int status,
    int64_t lived_ns)
{
    enum fpm_severity severity = FPM_NOTICE;
    char how[128];

    if (WIFEXITED(status)) {
        snprintf(how, sizeof(how), "with code %d", WEXITSTATUS(status));
        if (WEXITSTATUS(status) != 0)
            severity = FPM_WARNING;
    } else {
        snprintf(how, sizeof(how), "on signal %d (SIG%s%s)", WTERMSIG(status),
            sigabbrev_np(WTERMSIG(status)),
            WCOREDUMP(status) ? " - core dumped" : "");
        severity = WTERMSIG(status) == SIGQUIT ? FPM_DEBUG : FPM_WARNING;
    }
    fpm_log(f, severity,
        "[pool %s] child %d exited %s after %lld.%06lld seconds from start",
        r->conf->name, pid, how, (long long)(lived_ns / LW_S),
        (long long)(lived_ns % LW_S / LW_US));
}

/* Collects all workers that have ended; true: replace them. */
static void
reap(struct fpm *f, bool replace)
{
    struct fpm_pool_run *r;
    struct fpm_slot *slot;
    int status, pid;

    while ((pid = sys_wait4(f->proc, -1, &status, WNOHANG)) > 0) {
        r = pool_of(f, pid, &slot);
        if (!r)
            continue;
        log_end(f, r, pid, status, now_ns(f) - slot->started_ns);
        if (slot->stage == FPM_STAGE_NONE)
            slot->stage = FPM_STAGE_CREATING; /* died before its first step */
        fpm_slot_move(fpm_env(f), r->board, slot, FPM_STAGE_GONE);
        /* A worker that the manager itself sent away is not replaced. */
        if (replace && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT))
            spawn(f, r, 1);
    }
}

/* The idle worker that has served longest ago, for sending away; or NULL. */
static struct fpm_slot *
longest_idle(struct fpm_pool_run *r)
{
    struct fpm_slot *found = NULL;

    for (int i = 0; i < r->board->nslots; i++) {
        struct fpm_slot *s = &r->board->slots[i];

        if (s->pid && s->stage == FPM_STAGE_IDLE &&
            (!found || s->accepted_ns < found->accepted_ns))
            found = s;
    }
    return found;
}

static void
warn_full(struct fpm *f, struct fpm_pool_run *r)
{
    if (r->warned_full)
        return;
    r->warned_full = true;
    r->board->max_children_reached++;
    fpm_log(f, FPM_WARNING,
        "[pool %s] server reached pm.max_children setting (%d), consider "
        "raising it",
        r->conf->name, r->conf->max_children);
}

static int
least(int a, int b)
{
    return a < b ? a : b;
}

/* pm = dynamic: one worker less, or twice as many more as last time. */
static void
tend_dynamic(struct fpm *f, struct fpm_pool_run *r)
{
    const struct fpm_pool *conf = r->conf;
    struct fpm_counts c = fpm_board_count(r->board);
    struct fpm_slot *slot;
    int n;

    if (c.idle > conf->max_spare && (slot = longest_idle(r))) {
        sys_kill(f->proc, slot->pid, SIGQUIT);
        r->spawn_rate = 1;
        return;
    }
    if (c.idle >= conf->min_spare) {
        r->spawn_rate = 1;
        return;
    }
    if (c.total >= conf->max_children) {
        warn_full(f, r);
        r->spawn_rate = 1;
        return;
    }
    if (r->spawn_rate >= SPAWN_RATE_LOUD)
        fpm_log(f, FPM_WARNING,
            "[pool %s] seems busy (you may need to increase "
            "pm.start_servers, or pm.min/max_spare_servers), spawning %d "
            "children, there are %d idle, and %d total children",
            conf->name, r->spawn_rate, c.idle, c.total);
    n = least(r->spawn_rate, conf->min_spare - c.idle);
    r->warned_full = false;
    spawn(f, r, least(n, conf->max_children - c.total));
    if (r->spawn_rate < conf->max_spawn_rate)
        r->spawn_rate *= 2;
}

/* pm = ondemand: whoever was idle for too long is sent away. */
static void
tend_ondemand(struct fpm *f, struct fpm_pool_run *r)
{
    struct fpm_slot *slot = longest_idle(r);
    int64_t since = slot && slot->accepted_ns > slot->started_ns
                        ? slot->accepted_ns + slot->duration_ns
                        : (slot ? slot->started_ns : 0);

    if (slot && now_ns(f) - since >= r->conf->idle_timeout * LW_S)
        sys_kill(f->proc, slot->pid, SIGQUIT);
}

/* pm = ondemand: a connection waits and nobody is idle. */
static void
demand(struct fpm *f, struct fpm_pool_run *r)
{
    struct fpm_counts c = fpm_board_count(r->board);

    if (c.total >= r->conf->max_children) {
        warn_full(f, r);
    } else if (c.idle == 0) {
        r->warned_full = false;
        spawn(f, r, 1);
    }
}

/* request_terminate_timeout */
static void
end_slow(struct fpm *f, struct fpm_pool_run *r)
{
    int64_t limit = r->conf->terminate_timeout * LW_S;

    for (int i = 0; limit && i < r->board->nslots; i++) {
        struct fpm_slot *s = &r->board->slots[i];
        int64_t took = now_ns(f) - s->accepted_ns;

        if (!s->pid || took < limit ||
            (s->stage != FPM_STAGE_INFO && s->stage != FPM_STAGE_RUNNING))
            continue;
        fpm_log(f, FPM_WARNING,
            "[pool %s] child %d, script '%s' (request: \"%s %s%s%s\") "
            "execution timed out (%lld.%06lld sec), terminating",
            r->conf->name, s->pid, s->script, s->method, s->uri,
            *s->query ? "?" : "", s->query, (long long)(took / LW_S),
            (long long)(took % LW_S / LW_US));
        sys_kill(f->proc, s->pid, SIGTERM);
    }
}

static void
tend(struct fpm *f)
{
    for (struct fpm_pool_run *r = f->pools; r; r = r->next) {
        end_slow(f, r);
        if (r->conf->pm == FPM_PM_DYNAMIC)
            tend_dynamic(f, r);
        else if (r->conf->pm == FPM_PM_ONDEMAND)
            tend_ondemand(f, r);
    }
}

/* --- the end ------------------------------------------------------------- */

/*
 * Sends a signal to the workers; with idle_only those in the middle of a
 * request are spared. How many workers there are.
 */
static int
signal_workers(struct fpm *f, int signal, bool idle_only)
{
    int n = 0;

    for (struct fpm_pool_run *r = f->pools; r; r = r->next)
        for (int i = 0; i < r->board->nslots; i++) {
            struct fpm_slot *s = &r->board->slots[i];

            if (!s->pid)
                continue;
            n++;
            if (!idle_only || s->stage <= FPM_STAGE_IDLE)
                sys_kill(f->proc, s->pid, signal);
        }
    return n;
}

/* SIGQUIT lets requests end first, as long as process_control_timeout. */
static int
finish(struct fpm *f, int signal)
{
    const struct timespec tenth = {.tv_nsec = 100 * LW_MS};
    int64_t limit = f->conf.control_timeout * LW_S;
    int64_t began = now_ns(f);
    bool gentle = signal == SIGQUIT;

    fpm_log(f, FPM_NOTICE, gentle ? "Finishing ..." : "Terminating ...");
    while (signal_workers(f, gentle ? SIGQUIT : SIGTERM, gentle) > 0) {
        if (sys_rt_sigtimedwait(f->proc, BIT(SIGCHLD), &tenth) == SIGCHLD)
            reap(f, false);
        if (gentle && limit > 0 && now_ns(f) - began >= limit)
            gentle = false;
    }
    fpm_log(f, FPM_NOTICE, "exiting, bye-bye!");
    return 0;
}

/* --- the loop ------------------------------------------------------------- */

/* How long the master may sleep; -1: for ever. */
static int
sleep_ms(const struct fpm *f)
{
    int ms = -1;

    for (struct fpm_pool_run *r = f->pools; r; r = r->next) {
        if (r->conf->pm != FPM_PM_STATIC)
            ms = ms < 0 ? 1000 : least(ms, 1000);
        if (r->conf->terminate_timeout > 0) {
            int third = r->conf->terminate_timeout * 1000 / 3;

            ms = ms < 0 ? third : least(ms, third);
        }
    }
    return ms;
}

/* The listening sockets of ondemand pools in an epoll; -1: there are none. */
static int
watch_sockets(struct fpm *f)
{
    int epfd = -1;

    for (struct fpm_pool_run *r = f->pools; r; r = r->next) {
        struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.ptr = r};

        if (r->conf->pm != FPM_PM_ONDEMAND)
            continue;
        if (epfd < 0)
            epfd = sys_epoll_create1(f->proc, EPOLL_CLOEXEC);
        sys_epoll_ctl(f->proc, epfd, EPOLL_CTL_ADD, r->listen_fd, &e);
    }
    return epfd;
}

/* Sleeps until a signal, a connection or the next second. */
static int
wait_for_signal(struct fpm *f, int epfd, int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * LW_MS};
    struct epoll_event e[8];
    int n;

    if (epfd < 0)
        return sys_rt_sigtimedwait(f->proc, SIGNALS, ms < 0 ? NULL : &time);
    n = sys_epoll_wait(f->proc, epfd, e, LW_COUNT(e), ms);
    for (int i = 0; i < n; i++)
        demand(f, e[i].data.ptr);
    time = (struct timespec){0, 0};
    return sys_rt_sigtimedwait(f->proc, SIGNALS, &time);
}

int
fpm_master(struct fpm *f)
{
    int ms = sleep_ms(f), epfd = watch_sockets(f);
    int64_t tended = now_ns(f);

    sys_rt_sigprocmask(f->proc, SIGNALS | BIT(SIGPIPE));
    for (struct fpm_pool_run *r = f->pools; r; r = r->next) {
        r->spawn_rate = 1;
        spawn(f, r, r->conf->start_servers);
    }
    fpm_log(f, FPM_NOTICE, "ready to handle connections");
    for (;;) {
        int signal = wait_for_signal(f, epfd, ms);

        switch (signal) {
        case SIGCHLD: reap(f, true); break;
        case SIGTERM:
        case SIGINT:
        case SIGQUIT: return finish(f, signal);
        case SIGUSR1: fpm_log(f, FPM_NOTICE, "error log file re-opened"); break;
        case SIGUSR2:
        case SIGHUP:
            fpm_log(f, FPM_WARNING,
                "reloading is not supported: stop and "
                "start the master instead");
            break;
        default: break;
        }
        if (ms >= 0 && now_ns(f) - tended >= ms * LW_MS) {
            tended = now_ns(f);
            tend(f);
        }
    }
}
