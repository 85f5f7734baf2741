/*
 * shell.c: one child, two pipes.
 */
#include "shell.h"
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEEP        (64 << 20) /* most bytes of output */
#define DEADLINE_MS 180000

static char tmp[64];
volatile pid_t shell_running;

const char *
shell_tmp(void)
{
    if (!tmp[0]) {
        snprintf(tmp, sizeof tmp, "/tmp/layerwalk-test.XXXXXX");
        if (!mkdtemp(tmp))
            abort();
    }
    return tmp;
}

void
shell_clean(void)
{
    if (tmp[0])
        (void)!system("rm -rf \"$TMP\"");
    tmp[0] = 0;
}

static void
set_environment(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 16);

    path[n > 0 ? n : 0] = 0;
    char *slash = strrchr(path, '/');
    if (slash)
        strcpy(slash, "/layerwalk");
    setenv("LW", path, 1);
    setenv("TMP", shell_tmp(), 1);
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
}

/* Reads one piece from fd; false: end. */
static bool
take(int fd, char **text, size_t *len)
{
    char *more = realloc(*text, *len + 65537);
    ssize_t n = more ? read(fd, more + *len, 65536) : 0;

    if (more)
        *text = more;
    if (n <= 0 || *len > KEEP)
        return false;
    *len += (size_t)n;
    (*text)[*len] = 0;
    return true;
}

/* What is waited for while a command runs. */
struct plan {
    const char *ready; /* the command's group gets signal once this exists */
    int signal;
};

static int64_t
milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads both pipes to their ends; a command without end is killed. */
static void
collect(struct shell *s, int out, int err, struct plan plan)
{
    struct pollfd p[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
    int64_t deadline = milliseconds() + DEADLINE_MS;
    size_t err_len = 0;

    s->out = calloc(1, 1);
    s->err = calloc(1, 1);
    while (p[0].fd >= 0 || p[1].fd >= 0) {
        int n = poll(p, 2, plan.ready ? 20 : 1000);

        if (plan.ready && access(plan.ready, F_OK) == 0) {
            kill(-shell_running, plan.signal);
            plan.ready = NULL;
        }
        if (deadline && milliseconds() > deadline) {
            fprintf(stderr, "shell: no end after %d s, killed\n",
                DEADLINE_MS / 1000);
            kill(-shell_running, SIGKILL);
            deadline = 0;
        }
        if (n <= 0)
            continue;
        if (p[0].revents && !take(out, &s->out, &s->out_len))
            p[0].fd = -1;
        if (p[1].revents && !take(err, &s->err, &err_len))
            p[1].fd = -1;
    }
}

/*
 * The child is a group of its own, as the command of a terminal is, and its
 * signals are as a terminal's: a caller in the background ignores SIGINT, and
 * what is ignored stays so across exec.
 */
static void
become(const char *command, const int *out, const int *err)
{
    static const int heeded[] = {SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGTERM,
        SIGCHLD, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU};
    sigset_t none;

    setpgid(0, 0);
    for (size_t i = 0; i < LW_COUNT(heeded); i++)
        signal(heeded[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(out[1], 1);
    dup2(err[1], 2);
    for (int i = 0; i < 2; i++) {
        close(out[i]);
        close(err[i]);
    }
    if (!freopen("/dev/null", "r", stdin))
        _exit(126);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(126);
}

static struct shell
run(const char *command, struct plan plan)
{
    struct shell s = {.status = -1};
    int out[2], err[2], status;

    set_environment();
    if (pipe(out) != 0 || pipe(err) != 0)
        abort();
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        abort();
    if (child == 0)
        become(command, out, err);
    setpgid(child, child);
    shell_running = child;
    close(out[1]);
    close(err[1]);
    collect(&s, out[0], err[0], plan);
    close(out[0]);
    close(err[0]);
    if (waitpid(child, &status, 0) == child)
        s.status =
            WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    shell_running = 0;
    return s;
}

struct shell
shell(const char *format, ...)
{
    char command[8192];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    return run(command, (struct plan){0});
}

struct shell
shell_signalled(const char *command, const char *ready, int signal)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", shell_tmp(), ready);
    unlink(path);
    return run(command, (struct plan){path, signal});
}

void
shell_free(struct shell *s)
{
    free(s->out);
    free(s->err);
    *s = (struct shell){0};
}

void
shell_refused(const char *command, int status, const char *line)
{
    struct shell s = shell("%s", command);
    char *newline = strchr(s.err, '\n');

    if (!CHECK_EQ(s.status, status))
        printf("    (%s)\n", command);
    CHECK_TEXT(s.out, "");
    CHECK(newline && newline[1] == 0);
    if (newline)
        *newline = 0;
    CHECK_TEXT(s.err, line);
    shell_free(&s);
}
