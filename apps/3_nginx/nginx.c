/*
 * nginx.c: the master process. It reads the configuration, opens logs and
 * listening sockets (cycle.c), starts the workers, and then only waits: for
 * a worker that ends (a new one takes its place) and for signals. It touches
 * no client.
 *
 *     SIGTERM, SIGINT   end at once
 *     SIGQUIT           finish what is open
 *     SIGHUP            read the configuration anew: new workers for new
 *                       connections, the old ones finish what they have
 */
#include "nginx.h"
#include "conf.h"
#include "cycle.h"
#include "log.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define CONF_PATH   "/etc/nginx/nginx.conf"
#define WORKERS_MAX 128 /* with those that are leaving */
#define BIT(signal) (1ull << ((signal)-1))
#define HEARD                                                                  \
    (BIT(SIGTERM) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGCHLD) | BIT(SIGHUP))

struct master {
    struct proc *proc;
    struct conf *conf;
    const char *path; /* of the configuration */
    struct {
        pid_t pid;    /* 0: none */
        int channel;  /* to it */
        bool leaving; /* it has an older configuration: it is not replaced */
    } workers[WORKERS_MAX];
    int spare;          /* the worker's end, while it is being started */
    unsigned inherited; /* bit n: descriptor n <= 2 was open at the start */
    bool ending;
};

/* --- messages ------------------------------------------------------------ */

/* The process's own terminal, when it has one. */
static void
say(struct master *m, const char *text)
{
    if (m->inherited & 4)
        sys_write(m->proc, 2, text, strlen(text));
}

static int
refuse(struct master *m, const struct fault *fault, bool testing)
{
    const char *line =
        arena_printf(&m->conf->arena, "nginx: [emerg] %s\n", fault->text);

    NOTE(sys_env(m->proc), EV_NGINX_ERROR, RULE_NGINX_CONF,
        f_text("severity", "emerg"), f_text("line", fault->text));
    if (line)
        say(m, line);
    line = arena_printf(
        &m->conf->arena, "nginx: configuration file %s test failed\n", m->path);
    if (testing && line)
        say(m, line);
    return 1;
}

static int
test_passed(struct master *m)
{
    const char *line = arena_printf(&m->conf->arena,
        "nginx: the configuration file %s syntax is ok\n"
        "nginx: configuration file %s test is successful\n",
        m->path, m->path);

    if (line)
        say(m, line);
    return 0;
}

/* --- workers ------------------------------------------------------------- */

static int
worker_start(struct proc *child, void *arg)
{
    struct master *m = arg;

    return worker_run(child, m->conf, m->spare);
}

static void
start_worker(struct master *m)
{
    int ends[2], err;
    unsigned i = 0;

    while (i < WORKERS_MAX && m->workers[i].pid > 0)
        i++;
    err = i == WORKERS_MAX
              ? -EAGAIN
              : sys_socketpair(m->proc, AF_UNIX,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
    if (err == 0) {
        m->spare = ends[1];
        m->workers[i].channel = ends[0];
        m->workers[i].leaving = false;
        m->workers[i].pid = sys_clone(m->proc, worker_start, m);
        sys_close(m->proc, ends[1]);
        if (m->workers[i].pid > 0)
            return;
        err = m->workers[i].pid;
        m->workers[i].pid = 0;
        sys_close(m->proc, ends[0]);
    }
    log_program(m->proc, m->conf->error_log, LOG_LEVEL_ALERT,
        "a worker process cannot be started (%d: %s)", -err, strerror(-err));
}

static void
start_workers(struct master *m)
{
    for (int64_t i = 0; i < m->conf->worker_processes; i++)
        start_worker(m);
}

static void
signal_worker(struct master *m, unsigned i, int signal)
{
    const char *word = signal == SIGQUIT ? "Q" : "T";

    if (m->workers[i].pid > 0 &&
        sys_write(m->proc, m->workers[i].channel, word, 1) != 1)
        sys_kill(m->proc, m->workers[i].pid, signal);
}

static void
signal_workers(struct master *m, int signal)
{
    m->ending = true;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        signal_worker(m, i, signal);
}

static void
tell_end(struct master *m, pid_t pid, int status)
{
    if (WIFSIGNALED(status))
        log_program(m->proc, m->conf->error_log, LOG_LEVEL_ALERT,
            "worker process %d exited on signal %d", pid, WTERMSIG(status));
    else
        log_program(m->proc, m->conf->error_log, LOG_LEVEL_NOTICE,
            "worker process %d exited with code %d", pid, WEXITSTATUS(status));
}

/* Nobody reads what was there before c. */
static void
forget_older(struct conf *c)
{
    if (!c->older)
        return;
    forget_older(c->older);
    conf_drop(c->older);
    c->older = NULL;
}

/* Takes in every worker that has ended. Returns how many still run. */
static unsigned
reap(struct master *m)
{
    unsigned alive = 0, leaving = 0;
    int status = 0;
    pid_t pid;

    while ((pid = sys_wait4(m->proc, -1, &status, WNOHANG)) > 0) {
        /* 2: it could not start; another would fail in the same way. */
        bool hopeless = WIFEXITED(status) && WEXITSTATUS(status) == 2;

        tell_end(m, pid, status);
        for (unsigned i = 0; i < WORKERS_MAX; i++) {
            if (m->workers[i].pid != pid)
                continue;
            sys_close(m->proc, m->workers[i].channel);
            m->workers[i].pid = 0;
            if (!m->ending && !hopeless && !m->workers[i].leaving)
                start_worker(m);
        }
    }
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        alive += m->workers[i].pid > 0;
        leaving += m->workers[i].pid > 0 && m->workers[i].leaving;
    }
    if (leaving == 0)
        forget_older(m->conf);
    return alive;
}

/* SIGHUP. A configuration with a fault changes nothing. */
static void
reload(struct master *m)
{
    struct conf *old = m->conf, *c = conf_new();
    struct fault fault = {""};

    log_program(m->proc, old->error_log, LOG_LEVEL_NOTICE, "reconfiguring");
    if (!c || conf_read(c, m->proc, m->path, &fault) < 0 ||
        cycle_open(m->proc, c, old, m->inherited, &fault) < 0) {
        log_program(m->proc, old->error_log, LOG_LEVEL_EMERG, "%s", fault.text);
        if (c)
            conf_drop(c);
        return;
    }
    cycle_close(m->proc, old, c);
    c->older = old; /* its workers still read it */
    m->conf = c;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        m->workers[i].leaving = m->workers[i].pid > 0;
    start_workers(m);
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (m->workers[i].leaving)
            signal_worker(m, i, SIGQUIT);
}

static void
watch(struct master *m)
{
    while (reap(m) > 0) {
        int signal = sys_rt_sigtimedwait(m->proc, HEARD, NULL);

        switch (signal) {
        case SIGTERM:
        case SIGINT: signal_workers(m, SIGTERM); break;
        case SIGQUIT: signal_workers(m, SIGQUIT); break;
        case SIGHUP:
            if (!m->ending)
                reload(m);
            break;
        default: break;
        }
    }
}

/* master_process off: this process is the only worker. */
static int
run(struct master *m)
{
    if (!m->conf->master_process)
        return worker_run(m->proc, m->conf, -1);
    sys_prctl_name(m->proc, "nginx: master process");
    sys_rt_sigprocmask(m->proc, HEARD);
    start_workers(m);
    watch(m);
    cycle_close(m->proc, m->conf, NULL);
    if (m->conf->pid)
        sys_unlink(m->proc, m->conf->pid);
    return 0;
}

static void
master_free(void *arg)
{
    struct master *m = arg;

    forget_older(m->conf);
    conf_drop(m->conf);
    free(m);
}

int
nginx_main(struct proc *p, int argc, char **argv)
{
    struct master *m = calloc(1, sizeof(*m));
    struct fault fault = {""};
    bool testing = false;

    if (!m)
        return 1;
    m->proc = p;
    m->path = CONF_PATH;
    for (int fd = 0; fd <= 2; fd++)
        if (sys_fcntl(p, fd, F_GETFD, 0) >= 0)
            m->inherited |= 1u << fd;
    m->conf = conf_new();
    if (!m->conf) {
        free(m);
        return 1;
    }
    if (sys_at_end(p, master_free, m) < 0)
        return 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-t") == 0) {
            testing = true;
        } else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            m->path = argv[++i];
        } else {
            fault_set(&fault, NULL, 0, "invalid option: \"%s\"", argv[i]);
            return refuse(m, &fault, false);
        }
    }
    if (conf_read(m->conf, p, m->path, &fault) < 0 ||
        (testing && log_open(p, m->conf, m->inherited, &fault) < 0))
        return refuse(m, &fault, testing);
    if (testing)
        return test_passed(m);
    if (cycle_open(p, m->conf, NULL, m->inherited, &fault) < 0)
        return refuse(m, &fault, false);
    return run(m);
}
