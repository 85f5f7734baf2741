/*
 * inside_tmp.c: the folder behind what PHP sees as /tmp: uploads, sessions,
 * OpCache's lock. It lives as long as master and workers, however they end,
 * also by SIGKILL. So a small process of its own waits until the last of
 * them has closed its end of a pipe, which Linux does for the dead as well,
 * and then removes the folder.
 */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    remove(path);
    return 0;
}

static void __attribute__((noreturn))
wait_and_remove(const char *folder, int pipe)
{
    char byte;

    setsid(); /* what ends a terminal's programs does not end this one */
    dup2(pipe, 0);
    close_range(1, ~0u, 0);
    while (read(0, &byte, 1) < 0 && errno == EINTR)
        ;
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    _exit(0);
}

/* Two forks, so that nobody here has to wait for it. */
static int
start_keeper(struct inside *in)
{
    int fds[2], status;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC))
        return -errno;
    pid = _Fork();
    if (pid == 0) {
        close(fds[1]);
        if (_Fork() == 0)
            wait_and_remove(in->tmp_name, fds[0]);
        _exit(0);
    }
    close(fds[0]);
    if (pid < 0) {
        close(fds[1]);
        return -EAGAIN;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    in->alive = fds[1];
    return 0;
}

int
inside_make_tmp(struct inside *in)
{
    for (unsigned n = 0; n < 10000; n++) {
        snprintf(in->tmp_name, sizeof(in->tmp_name), "/tmp/layerwalk-%ld-%u",
            syscall(SYS_getpid), n);
        if (syscall(SYS_mkdirat, AT_FDCWD, in->tmp_name, 0700) == 0)
            return start_keeper(in);
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}
