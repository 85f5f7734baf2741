/*
 * same_rest.c: the calls that the scripts have no words for: files, signals,
 * time, chance, addresses. test_remote_calls.c compares what they give inside
 * and from a real process. The folder holds a file "f" of ten digits.
 */
#include "same_words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

static void
say_stat(struct side *s, long ret, const struct stat *st)
{
    same_result(s, ret);
    if (ret == 0)
        same_say(s, " %o %ld %lu %ld %ld %ld", st->st_mode, (long)st->st_size,
            (unsigned long)st->st_ino, (long)st->st_mtim.tv_sec,
            (long)st->st_blksize, (long)st->st_blocks);
}

/* What a call that fills buf gave. */
static void
say_bytes(struct side *s, const void *buf, long ret)
{
    const uint8_t *b = buf;

    same_result(s, ret);
    for (long i = 0; i < ret && i < 64; i++)
        same_say(s, "%s%02x", i ? "" : " ", b[i]);
}

static void
files(struct side *s)
{
    struct proc *p = s->p;
    int fd = sys_open(p, "/f", O_RDONLY, 0), dir, pipe[2], value = 0;
    char buf[512];
    off_t at = 2;
    struct stat st;

    same_result(s, fd);
    say_stat(s, sys_fstat(p, fd, &st), &st);
    say_stat(s, sys_fstat(p, 99, &st), &st);
    say_stat(s, sys_stat(p, "/f", &st), &st);
    say_stat(s, sys_stat(p, "/none", &st), &st);
    say_bytes(s, buf, sys_pread64(p, fd, buf, 4, 3));
    say_bytes(s, buf, sys_pread64(p, fd, buf, 4, -1));
    say_bytes(s, buf, sys_read(p, fd, buf, 3));
    same_result(s, sys_pipe2(p, pipe, O_NONBLOCK));
    same_result(s, sys_sendfile(p, pipe[1], fd, &at, 4));
    same_result(s, (long)at);
    same_result(s, sys_sendfile(p, pipe[1], fd, NULL, 100));
    same_result(s, sys_sendfile(p, pipe[1], 99, NULL, 100));
    same_result(s, sys_ioctl(p, pipe[0], FIONREAD, &value));
    same_result(s, value);
    same_result(s, sys_ioctl(p, pipe[0], FIONREAD, NULL));
    say_bytes(s, buf, sys_read(p, pipe[0], buf, sizeof buf));
    say_bytes(s, buf, sys_read(p, pipe[0], buf, sizeof buf));
    dir = sys_open(p, "/", O_RDONLY | O_DIRECTORY, 0);
    same_result(s, sys_getdents64(p, dir, buf, sizeof buf));
    same_result(s, sys_getdents64(p, dir, buf, sizeof buf));
    same_result(s, sys_getdents64(p, fd, buf, sizeof buf));
    same_result(s, sys_open(p, "/f", O_WRONLY, 0));
    same_result(s, sys_open(p, "/none", O_RDONLY, 0));
    same_result(s, sys_unlink(p, "/f"));
    same_result(s, sys_unlink(p, "/none"));
    same_result(s, sys_dup2(p, fd, 30));
    same_result(s, sys_dup2(p, 99, 31));
    same_result(s, sys_fcntl(p, 30, F_GETFD, 0));
    same_result(s, sys_close(p, 30));
    same_result(s, sys_close(p, 30));
}

static void
processes(struct side *s)
{
    struct proc *p = s->p;
    const struct timespec wrong = {-1, 0}, ms = {0, LW_MS};
    struct timespec now;
    uint8_t chance[16];
    int status;

    same_result(s, sys_getpid(p));
    same_result(s, sys_getppid(p));
    same_result(s, sys_kill(p, sys_getpid(p), 0));
    same_result(s, sys_kill(p, 999, SIGTERM));
    same_result(s, sys_kill(p, sys_getpid(p), 99));
    same_result(s, sys_wait4(p, -1, &status, WNOHANG));
    same_result(s, sys_rt_sigprocmask(p, 1ull << (SIGUSR1 - 1)));
    same_result(s, sys_kill(p, sys_getpid(p), SIGUSR1));
    same_result(s, sys_rt_sigtimedwait(p, 1ull << (SIGUSR1 - 1), NULL));
    same_result(s, sys_rt_sigtimedwait(p, 1ull << (SIGUSR1 - 1), &ms));
    same_result(s, sys_rt_sigtimedwait(p, 1ull << (SIGUSR1 - 1), &wrong));
    same_result(s, sys_nanosleep(p, &wrong));
    same_result(s, sys_nanosleep(p, &ms));
    same_result(s, sys_clock_gettime(p, CLOCK_MONOTONIC, &now));
    same_say(s, " %ld.%09ld", (long)now.tv_sec, now.tv_nsec);
    same_result(s, sys_clock_gettime(p, CLOCK_REALTIME, &now));
    same_say(s, " %ld.%09ld", (long)now.tv_sec, now.tv_nsec);
    same_result(s, sys_clock_gettime(p, 77, &now));
    same_result(s, sys_prctl_name(p, "another"));
    same_result(s, sys_getrandom(p, chance, sizeof chance, 0));
    same_result(s, sys_getrandom(p, chance, sizeof chance, 0xffff));
}

/* Lengths that are too short, too long and none. */
static void
addresses(struct side *s)
{
    struct proc *p = s->p;
    struct sockaddr_in in = {.sin_family = AF_INET}, who;
    int a = sys_socket(p, AF_INET, SOCK_DGRAM, 0), on = 1;
    socklen_t len = sizeof in;
    char buf[64];

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    same_result(s, sys_bind(p, a, (void *)&in, sizeof in));
    same_result(s, sys_getsockname(p, a, (void *)&in, &len));
    same_say(s, " %u %x", len, in.sin_addr.s_addr);
    len = 4; /* cut, and told how long it is */
    memset(&who, 0xff, sizeof who);
    same_result(s, sys_getsockname(p, a, (void *)&who, &len));
    same_say(s, " %u %x %x", len, who.sin_family, who.sin_addr.s_addr);
    len = 0;
    same_result(s, sys_getsockname(p, a, (void *)&who, &len));
    same_say(s, " %u", len);
    same_result(s, sys_getpeername(p, a, (void *)&who, &len));
    same_result(s, sys_sendto(p, a, "hello", 5, 0, (void *)&in, sizeof in));
    len = sizeof who;
    say_bytes(
        s, buf, sys_recvfrom(p, a, buf, sizeof buf, 0, (void *)&who, &len));
    same_say(s, " %u %d", len, who.sin_port == in.sin_port);
    same_result(s, sys_sendto(p, a, "hello", 5, 0, (void *)&in, sizeof in));
    len = 4;
    same_result(s, sys_recvfrom(p, a, buf, 2, MSG_TRUNC, (void *)&who, &len));
    same_say(s, " %u", len);
    same_result(s, sys_recvfrom(p, a, buf, 2, MSG_DONTWAIT, NULL, NULL));
    same_result(s, sys_setsockopt(p, a, SOL_SOCKET, SO_REUSEADDR, &on, 4));
    same_result(s, sys_setsockopt(p, a, SOL_SOCKET, SO_REUSEADDR, &on, 1));
    len = 4;
    on = 0;
    same_result(s, sys_getsockopt(p, a, SOL_SOCKET, SO_TYPE, &on, &len));
    same_say(s, " %d %u", on, len);
    len = 1;
    same_result(s, sys_getsockopt(p, a, SOL_SOCKET, SO_TYPE, &on, &len));
    same_say(s, " %u", len);
    same_result(s, sys_getsockopt(p, a, SOL_SOCKET, 9999, &on, &len));
}

void
same_rest(struct side *s)
{
    s->out[0] = '\0';
    processes(s);
    files(s);
    addresses(s);
}
