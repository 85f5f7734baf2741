/*
 * spawn.c: fork and exec of a real program with one end of a socket pair.
 * Whether exec worked is told through a pipe that closes by itself when it
 * did (O_CLOEXEC), so that a missing file is an error here, not a crash
 * somewhere later.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    REMOTE_FD = 3,
    TOLD_FD = 4 /* where a failed exec is told */
};

/* What is left of our environment. */
static char **
clean_environment(char **room, size_t max)
{
    static const char *const kept[] = {
        "PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
    static char lang[] = "LANG=C.UTF-8";
    size_t n = 0;

    room[n++] = lang;
    for (char **e = environ; *e; e++)
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
            size_t len = strlen(kept[i]);

            if (n + 1 < max && strncmp(*e, kept[i], len) == 0 &&
                (*e)[len] == '=')
                room[n++] = *e;
        }
    room[n] = NULL;
    return room;
}

/* Moves our two descriptors out of the way, then to their places. */
static int
arrange_descriptors(int sock, int told)
{
    int null = open("/dev/null", O_RDWR);

    sock = fcntl(sock, F_DUPFD, 10);
    told = fcntl(told, F_DUPFD, 10);
    if (null < 0 || sock < 0 || told < 0 || dup2(null, 0) < 0 ||
        dup2(sock, REMOTE_FD) < 0 || dup2(told, TOLD_FD) < 0)
        return -errno;
    for (int fd = 1; fd <= 2; fd++) /* closed in a daemon: never reused */
        if (fcntl(fd, F_GETFD) < 0 && dup2(null, fd) < 0)
            return -errno;
    if (close_range(TOLD_FD + 1, ~0u, 0))
        return -errno;
    fcntl(TOLD_FD, F_SETFD, FD_CLOEXEC);
    return 0;
}

static void __attribute__((noreturn)) child(const char *executable,
    char *const argv[], int sock, int told, pid_t parent)
{
    char *room[16];
    sigset_t none;
    int err;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    setsid(); /* ^C is for the command in the terminal, not for servers */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127); /* it ended before prctl */
    err = -arrange_descriptors(sock, told);
    if (!err) {
        execve(executable, argv, clean_environment(room, 16));
        err = errno;
        told = TOLD_FD;
    }
    if (write(told, &err, sizeof err) < 0)
        _exit(126);
    _exit(127);
}

static int
open_wires(int sock[2], int told[2])
{
    const int on = 1;
    int err;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock))
        return -errno;
    /* Before the child speaks: Linux shall vouch for its pid. */
    setsockopt(sock[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    if (!pipe2(told, O_CLOEXEC))
        return 0;
    err = -errno;
    close(sock[0]);
    close(sock[1]);
    return err;
}

pid_t
spawn_remote(const char *executable, char *const argv[], int *fd)
{
    int sock[2], told[2], err = open_wires(sock, told);
    pid_t pid, parent = getpid();
    ssize_t n;

    if (err)
        return err;
    pid = fork();
    if (pid == 0)
        child(executable, argv, sock[1], told[1], parent);
    err = pid < 0 ? errno : 0;
    close(sock[1]);
    close(told[1]);
    while (!err && (n = read(told[0], &err, sizeof err)) < 0 && errno == EINTR)
        ;
    close(told[0]);
    if (!err) {
        *fd = sock[0];
        return pid;
    }
    close(sock[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return -err;
}

int
spawn_wait(pid_t pid)
{
    const struct timespec pause = {0, 1000000};
    int status = 0;
    pid_t ended;

    for (int ms = 0; ms < 1000; ms++) {
        ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid)
            return status;
        if (ended < 0 && errno != EINTR)
            return -errno;
        nanosleep(&pause, NULL);
    }
    kill(pid, SIGKILL);
    while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    return ended < 0 ? -errno : status;
}
