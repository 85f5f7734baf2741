/*
 * fpm_output.c: what a worker prints past the connection: echo goes to
 * FCGI_STDOUT, but php://stderr, php://stdout and libraries write to the
 * descriptors 2 and 1. php-fpm points these at /dev/null, or, with
 * catch_workers_output, at pipes, and logs each line that comes out of them.
 *
 * The worker empties its pipes itself when a request ends; what does not fit
 * into a pipe (64 KiB in one request) is lost.
 */
#include "fpm_output.h"
#include "inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The sanitizers' own reports still go where ours went. */
void __sanitizer_set_report_fd(void *fd) __attribute__((weak));

static int
put_away(int fd, int from, int flags)
{
    int moved = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, from);

    inside_close(fd);
    if (moved >= 0 && flags)
        syscall(SYS_fcntl, moved, F_SETFL, flags);
    return moved;
}

void
output_begin(struct fpm *f)
{
    bool catch = f->pool->conf->catch_output;
    int fds[2];

    if (__sanitizer_set_report_fd) {
        intptr_t fd = syscall(SYS_fcntl, 2, F_DUPFD_CLOEXEC, OUTPUT_FD + 8);

        __sanitizer_set_report_fd((void *)fd);
    }
    for (int fd = 1; fd <= 2; fd++) {
        f->output[fd - 1] = -1;
        if (catch && pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0) {
            f->output[fd - 1] =
                put_away(fds[0], OUTPUT_FD, O_RDONLY | O_NONBLOCK);
        } else {
            fds[1] =
                (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY, 0);
            if (fds[1] < 0)
                continue;
        }
        dup2(fds[1], fd);
        inside_close(fds[1]);
    }
}

static void
log_line(struct fpm *f, int fd, const char *line, size_t len)
{
    const char *name = f->pool->conf->name;

    if (f->pool->conf->plain_output)
        fpm_log(f, FPM_WARNING, "%.*s", (int)len, line);
    else
        fpm_log(f, FPM_WARNING, "[pool %s] child %d said into %s: \"%.*s\"",
            name, f->slot->pid, fd == 1 ? "stdout" : "stderr", (int)len, line);
}

void
output_log(struct fpm *f)
{
    int conn = f->conn.fd;
    char buf[1024];
    size_t held = 0, len;
    ssize_t n;

    f->conn.fd = -1; /* for the administrator, not for the web server */

    for (int fd = 1; fd <= 2; fd++) {
        if (f->output[fd - 1] < 0)
            continue;
        while ((n = syscall(SYS_read, f->output[fd - 1], buf + held,
                    sizeof(buf) - held)) > 0) {
            char *at = buf, *end = buf + held + n, *newline;

            while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
                log_line(f, fd, at, (size_t)(newline - at));
                at = newline + 1;
            }
            len = (size_t)(end - at);
            if (len == sizeof(buf)) { /* a line longer than that is cut */
                log_line(f, fd, at, len);
                len = 0;
            }
            memmove(buf, at, len);
            held = len;
        }
        if (held)
            log_line(f, fd, buf, held);
        held = 0;
    }
    f->conn.fd = conn;
}
