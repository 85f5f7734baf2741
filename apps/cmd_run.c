/*
 * cmd_run.c: a real program in the place of the world's browser.
 *
 *     namespace with a TAP device (netns.c)
 *     the rest of the world behind it (worldmake.c, live.c)
 *     COMMAND starts when all servers listen, and its end ends the run
 *
 * Whatever goes wrong, and whichever signal comes, the way out is the same:
 * programs, world, device, child. Before COMMAND is started, any signal ends
 * the run. While it runs SIGTERM and SIGHUP are passed on to it, and ^C
 * reaches it from the terminal. Afterwards, when only the window is left,
 * any of them closes it.
 */
#include "cmd_common.h"
#include "live.h"
#include "livewindow.h"
#include "netns.h"
#include "orphans.h"
#include "recording.h"
#include "tcp.h"
#include "worldmake.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MOST (5 * LW_S)   /* for one server to begin listening */
#define START_STEP (5 * LW_MS)  /* how often that is looked at */
#define AFTERMATH  (20 * LW_MS) /* for the last segments on the wire */

struct run {
    struct worldfile file;
    const struct world_computer *client;
    struct made made;
    struct recording recording;
    struct netns ns;
    struct live live;
    struct livewindow window;
    int events, signals, ended; /* epoll, signalfd, pidfd of the child */
    int stopped;                /* the signal that ended the start; 0: none */
    const char *save;
    enum cmd_view view;
    bool plain;           /* no segmentation offload */
    int64_t busy_poll_ns; /* 0: sleep at once */
    char fpm[4096];
    char hosts[4200], resolv[4200]; /* of the client's folder */
};

/* --- the namespace ------------------------------------------------------- */

/* The computer whose place COMMAND takes. */
static int
find_client(struct run *r, struct fault *fault)
{
    r->client = worldfile_running(&r->file, "browser");
    if (!r->client || r->client->ncards != 1)
        return fault_set(fault, r->file.path, 0,
            r->client ? "the host with the browser has not one interface, so "
                        "a command cannot take its place"
                      : "no host runs `browser`, so there is no place for a "
                        "command");
    snprintf(r->hosts, sizeof r->hosts, "%s/etc/hosts", r->client->folder);
    snprintf(
        r->resolv, sizeof r->resolv, "%s/etc/resolv.conf", r->client->folder);
    return 0;
}

static int
open_namespace(struct run *r, char *const command[], struct fault *fault)
{
    struct netns_config config = {
        .card = r->client->cards[0].name,
        .mac = {{2, 0, 0, 0, 255, 1}}, /* no computer of the world has it */
        .addr = r->client->cards[0].addr,
        .prefix = r->client->cards[0].prefix,
        .mtu = NETDEV_MTU,
        .offload = !r->plain,
        .hosts = access(r->hosts, R_OK) == 0 ? r->hosts : NULL,
        .resolv = access(r->resolv, R_OK) == 0 ? r->resolv : NULL,
    };

    for (unsigned i = 0; i < r->client->nroutes; i++)
        if (r->client->routes[i].prefix == 0)
            config.gateway = r->client->routes[i].gateway;
    return netns_open(&r->ns, &config, command, fault);
}

/* --- signals and ends ---------------------------------------------------- */

static void
watch(struct run *r, int fd)
{
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

    epoll_ctl(r->events, EPOLL_CTL_ADD, fd, &e);
}

/* Before a window is opened: its threads inherit the blocked signals. */
static int
open_events(struct run *r, struct fault *fault)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    r->ended = (int)syscall(SYS_pidfd_open, r->ns.child, 0);
    r->events = epoll_create1(EPOLL_CLOEXEC);
    if (r->signals < 0 || r->ended < 0 || r->events < 0)
        return fault_set(fault, NULL, 0, "no descriptor: %s", strerror(errno));
    watch(r, r->signals);
    watch(r, r->ended);
    return 0;
}

static void
pass_signals_on(struct run *r)
{
    struct signalfd_siginfo s;

    while (read(r->signals, &s, sizeof s) == sizeof s)
        if (s.ssi_signo == SIGTERM || s.ssi_signo == SIGHUP)
            kill(r->ns.child, (int)s.ssi_signo);
}

/* --- the servers --------------------------------------------------------- */

static unsigned
listeners(const struct made *m)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->file->nhosts; i++)
        if (m->hosts[i])
            n += tcp_counts(host_tcp(m->hosts[i])).listeners;
    return n;
}

/* One after the other, each until it listens: so COMMAND finds them all.
 * -EINTR: a signal came. */
static int
start_servers(struct run *r, struct fault *fault)
{
    struct signalfd_siginfo s;
    int more;

    for (;;) {
        unsigned before = listeners(&r->made);

        if ((more = made_next_server(&r->made, fault)) <= 0)
            break;
        for (int64_t t = 0; t < START_MOST && listeners(&r->made) == before &&
                            !made_ended(&r->made);
             t += START_STEP) {
            livewindow_run(&r->window, r->signals, START_STEP);
            if (read(r->signals, &s, sizeof s) == sizeof s) {
                r->stopped = (int)s.ssi_signo;
                return -EINTR;
            }
        }
    }
    return more < 0 ? more : made_servers_up(&r->made, fault);
}

/* --- the command --------------------------------------------------------- */

/* The exit status of COMMAND, as a shell gives it. */
static int
await_command(struct run *r)
{
    int status;

    for (;;) {
        if (livewindow_run(&r->window, r->events, -1) < 0) {
            /* The device is gone: the command ended, or is about to. */
            while (waitpid(r->ns.child, &status, 0) < 0 && errno == EINTR)
                ;
            break;
        }
        pass_signals_on(r);
        if (waitpid(r->ns.child, &status, WNOHANG) == r->ns.child)
            break;
    }
    r->ns.child = -1;
    livewindow_run(&r->window, -1, AFTERMATH);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* --- all of it ----------------------------------------------------------- */

static int
attach(struct run *r, struct fault *fault)
{
    struct capture_world world = {
        r->file.name, r->made.options.seed, world_epoch(r->made.world)};
    struct recording_options options = {
        .save = r->save,
        .story = r->view == VIEW_WINDOW,
        .tell = r->view == VIEW_TEXT ? stderr : NULL,
    };

    if (options.tell) { /* whole lines, between those of COMMAND */
        setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
        signal(SIGPIPE, SIG_IGN); /* nobody reads on: the run goes on */
    }
    int err = recording_open(
        &r->recording, &r->made.journal, &world, &options, fault);
    if (!err)
        err = livewindow_open(
            &r->window, &r->live, &r->recording, r->file.name, fault);
    return err;
}

/* 0 and the command's status in *status, or a negative errno. */
static int
run_world(struct run *r, const struct world_options *options, int *status,
    struct fault *fault)
{
    char hash[SHA256_TEXT];
    int err = made_open(&r->made, &r->file, options, fault);

    if (err)
        return err;
    live_open(&r->live, &r->made);
    r->live.busy_poll_ns = r->busy_poll_ns;
    err = open_events(r, fault);
    if (!err)
        err = attach(r, fault);
    if (!err)
        err = made_build(&r->made, fault);
    if (!err)
        err = live_plug(&r->live, r->ns.tap, !r->plain, fault);
    if (!err)
        err = start_servers(r, fault);
    if (!err) {
        netns_go(&r->ns);
        *status = await_command(r);
    }
    int end = recording_end(&r->recording, hash, fault);
    live_close(&r->live);
    made_close(&r->made);
    return err ? err : end;
}

static int
run(struct run *r, const struct command_line *line,
    struct world_options *options, char *const command[])
{
    struct fault fault = {{0}};
    int status = cmd_world(line, &r->file);

    if (status < 0)
        status = cmd_fpm(&r->file, r->fpm, sizeof r->fpm);
    if (status >= 0)
        return status;
    int err = find_client(r, &fault);
    if (!err)
        err = open_namespace(r, command, &fault);
    if (!err) {
        options->outside = r->client;
        options->fpm = r->fpm;
        options->live = true;
        err = run_world(r, options, &status, &fault);
    }
    netns_close(&r->ns);
    orphans_end();
    if (!err && r->window.window) {
        fprintf(stderr,
            "layerwalk: the command has ended with status %d; close the "
            "window to end\n",
            status);
        livewindow_stay(&r->window, r->signals);
    }
    livewindow_close(&r->window);
    recording_close(&r->recording);
    if (r->stopped)
        return 128 + r->stopped;
    return err ? cmd_fault(&fault) : status;
}

/* --busy-poll USEC: up to a second. -1 to go on, or the exit status. */
static int
busy_poll(const struct command_line *line, int64_t *ns)
{
    const char *text = command_value(line, "busy-poll");
    char *end;

    if (!text)
        return -1;
    long usec = strtol(text, &end, 10);
    if (end == text || *end || usec < 0 || usec > 1000000)
        return command_fails(
            EXIT_USAGE, "--busy-poll: 0 to 1000000 microseconds, not %s", text);
    *ns = usec * 1000;
    return -1;
}

int
cmd_run(const struct command_line *line)
{
    const char *shell = getenv("SHELL");
    char *interactive[] = {
        (char *)(shell && shell[0] ? shell : "/bin/sh"), NULL};
    struct world_options options = {0};
    struct run r = {.ns = {-1, -1, -1},
        .save = command_value(line, "save"),
        .plain = command_value(line, "no-offload") != NULL,
        .events = -1,
        .signals = -1,
        .ended = -1};

    options.seed = (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
    int status = cmd_seed(line, &options.seed);
    if (status < 0)
        status = cmd_view(line, VIEW_NONE, &r.view);
    if (status < 0)
        status = busy_poll(line, &r.busy_poll_ns);
    if (status >= 0)
        return status;
    orphans_adopt();
    status =
        run(&r, line, &options, line->noperands ? line->operands : interactive);
    worldfile_free(&r.file);
    return status;
}
