/*
 * nginx.c: the master process. It reads the configuration, opens logs and
 * listening sockets, starts the workers, and then only waits: for a worker
 * that ends (a new one takes its place) and for signals. It touches no
 * client.
 *
 *     SIGTERM, SIGINT   end at once        SIGQUIT   finish what is open
 */
#include "nginx.h"
#include "conf.h"
#include "log.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define CONF_PATH   "/etc/nginx/nginx.conf"
#define WORKERS_MAX 64
#define BIT(signal) (1ull << ((signal)-1))
#define HEARD                                                                  \
    (BIT(SIGTERM) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGCHLD) | BIT(SIGHUP))

struct master {
    struct proc *proc;
    struct conf *conf;
    struct {
        pid_t pid;   /* 0: none */
        int channel; /* to it */
    } workers[WORKERS_MAX];
    unsigned count;
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
refuse(
    struct master *m, const char *path, const struct fault *fault, bool testing)
{
    const char *line =
        arena_printf(&m->conf->arena, "nginx: [emerg] %s\n", fault->text);

    NOTE(sys_env(m->proc), EV_NGINX_ERROR, RULE_NGINX_CONF,
        f_text("severity", "emerg"), f_text("line", fault->text));
    if (line)
        say(m, line);
    line = arena_printf(
        &m->conf->arena, "nginx: configuration file %s test failed\n", path);
    if (testing && line)
        say(m, line);
    return 1;
}

static int
test_passed(struct master *m, const char *path)
{
    const char *line = arena_printf(&m->conf->arena,
        "nginx: the configuration file %s syntax is ok\n"
        "nginx: configuration file %s test is successful\n",
        path, path);

    if (line)
        say(m, line);
    return 0;
}

/* --- sockets ------------------------------------------------------------- */

static int
open_listen(struct master *m, struct listen *l)
{
    struct proc *p = m->proc;
    int one = 1, err;

    if (l->address.sock.any.sa_family == AF_UNIX)
        sys_unlink(p, l->address.sock.un.sun_path);
    l->fd = sys_socket(p, l->address.sock.any.sa_family, SOCK_STREAM, 0);
    if (l->fd < 0)
        return l->fd;
    if (l->address.sock.any.sa_family == AF_INET)
        sys_setsockopt(p, l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    err = sys_ioctl(p, l->fd, FIONBIO, &one);
    if (err == 0)
        err = sys_bind(p, l->fd, &l->address.sock.any, l->address.len);
    if (err == 0)
        err = sys_listen(p, l->fd, l->backlog);
    if (err == 0)
        NOTE(sys_env(p), EV_NGINX_LISTEN, RULE_NGINX_LISTEN,
            f_text("address", l->address.text), f_i64("backlog", l->backlog),
            f_i64("fd", l->fd));
    return err;
}

static int
open_listens(struct master *m, struct fault *fault)
{
    for (struct listen *l = m->conf->listens; l; l = l->next) {
        int err = l->wildcard ? 0 : open_listen(m, l);

        if (err < 0) {
            fault_set(fault, NULL, 0, "bind() to %s failed (%d: %s)",
                l->address.text, -err, strerror(-err));
            return err;
        }
    }
    return 0;
}

static int
write_pid(struct master *m, struct fault *fault)
{
    const char *path = m->conf->pid, *text;
    int fd;

    if (!path)
        return 0;
    fd = sys_open(m->proc, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) {
        fault_set(fault, NULL, 0, "open() \"%s\" failed (%d: %s)", path, -fd,
            strerror(-fd));
        return fd;
    }
    text = arena_printf(&m->conf->arena, "%d\n", sys_getpid(m->proc));
    if (text)
        sys_write(m->proc, fd, text, strlen(text));
    return sys_close(m->proc, fd);
}

/* --- workers ------------------------------------------------------------- */

static int
worker_start(struct proc *child, void *arg)
{
    struct master *m = arg;

    return worker_run(child, m->conf, m->spare);
}

static int
start_worker(struct master *m, unsigned i)
{
    int ends[2], err;

    err = sys_socketpair(
        m->proc, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
    if (err < 0)
        return err;
    m->spare = ends[1];
    m->workers[i].channel = ends[0];
    m->workers[i].pid = sys_clone(m->proc, worker_start, m);
    if (m->workers[i].pid < 0) {
        err = m->workers[i].pid;
        m->workers[i].pid = 0;
        sys_close(m->proc, ends[0]);
    }
    sys_close(m->proc, ends[1]);
    return err < 0 ? err : 0;
}

static void
signal_workers(struct master *m, int signal)
{
    m->ending = true;
    for (unsigned i = 0; i < m->count; i++) {
        if (m->workers[i].pid <= 0)
            continue;
        if (sys_write(m->proc, m->workers[i].channel,
                signal == SIGQUIT ? "Q" : "T", 1) != 1)
            sys_kill(m->proc, m->workers[i].pid, signal);
    }
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

/* Takes in every worker that has ended. Returns how many still run. */
static unsigned
reap(struct master *m)
{
    unsigned alive = 0;
    int status = 0;
    pid_t pid;

    while ((pid = sys_wait4(m->proc, -1, &status, WNOHANG)) > 0) {
        /* 2: it could not start; another would fail in the same way. */
        bool hopeless = WIFEXITED(status) && WEXITSTATUS(status) == 2;

        tell_end(m, pid, status);
        for (unsigned i = 0; i < m->count; i++) {
            if (m->workers[i].pid != pid)
                continue;
            sys_close(m->proc, m->workers[i].channel);
            m->workers[i].pid = 0;
            if (!m->ending && !hopeless)
                start_worker(m, i);
        }
    }
    for (unsigned i = 0; i < m->count; i++)
        alive += m->workers[i].pid > 0;
    return alive;
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
            log_program(m->proc, m->conf->error_log, LOG_LEVEL_WARN,
                "SIGHUP: reading the configuration anew is not supported");
            break;
        default: break;
        }
    }
}

static void
close_all(struct master *m)
{
    for (struct listen *l = m->conf->listens; l; l = l->next) {
        if (l->fd >= 0)
            sys_close(m->proc, l->fd);
        if (l->address.sock.any.sa_family == AF_UNIX)
            sys_unlink(m->proc, l->address.sock.un.sun_path);
    }
    if (m->conf->pid)
        sys_unlink(m->proc, m->conf->pid);
}

/* master_process off: this process is the only worker. */
static int
run(struct master *m)
{
    if (!m->conf->master_process)
        return worker_run(m->proc, m->conf, -1);
    sys_prctl_name(m->proc, "nginx: master process");
    sys_rt_sigprocmask(m->proc, HEARD);
    m->count = (unsigned)m->conf->worker_processes;
    for (unsigned i = 0; i < m->count; i++)
        if (start_worker(m, i) < 0)
            log_program(m->proc, m->conf->error_log, LOG_LEVEL_ALERT,
                "a worker process cannot be started");
    watch(m);
    close_all(m);
    return 0;
}

static void
master_free(void *arg)
{
    struct master *m = arg;

    conf_drop(m->conf);
    free(m);
}

int
nginx_main(struct proc *p, int argc, char **argv)
{
    struct master *m = calloc(1, sizeof(*m));
    const char *path = CONF_PATH;
    struct fault fault = {""};
    bool testing = false;

    if (!m)
        return 1;
    m->proc = p;
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
            path = argv[++i];
        } else {
            fault_set(&fault, NULL, 0, "invalid option: \"%s\"", argv[i]);
            return refuse(m, path, &fault, false);
        }
    }
    if (conf_read(m->conf, p, path, &fault) < 0 ||
        log_open(p, m->conf, m->inherited, &fault) < 0)
        return refuse(m, path, &fault, testing);
    if (testing)
        return test_passed(m, path);
    if (open_listens(m, &fault) < 0 || write_pid(m, &fault) < 0)
        return refuse(m, path, &fault, false);
    return run(m);
}
