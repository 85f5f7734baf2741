/*
 * child.c: a real program that speaks to a simulated kernel through
 * apps/4_fpm/sys_remote*.c; test_remote.c builds it and says what it shall
 * do. It reports failures by its exit status: the line where it happened.
 */
#include "remote_msg.h"
#include "sys_remote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(expr)                                                             \
    do {                                                                       \
        if (!(expr))                                                           \
            sys_exit_group(p, __LINE__ % 200 + 50);                            \
    } while (0)

static int
echo(struct proc *p)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/r"};
    int fd = sys_socket(p, AF_UNIX, SOCK_STREAM, 0), c;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    int ep = sys_epoll_create1(p, 0);
    static char buf[100000];
    struct iovec iov[2];
    ssize_t n;

    MUST(sys_bind(p, fd, (void *)&un, sizeof un) == 0);
    MUST(sys_bind(p, fd, (void *)&un, sizeof un) == -EADDRINUSE);
    MUST(sys_listen(p, fd, 5) == 0);
    MUST(sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e) == 0);
    memset(&e, 0, sizeof e);
    MUST(sys_epoll_wait(p, ep, &e, 1, -1) == 1);
    MUST(e.data.fd == fd && e.events == EPOLLIN);
    c = sys_accept4(p, fd, NULL, NULL, 0);
    MUST(c == 5);
    while ((n = sys_read(p, c, buf, sizeof buf)) > 0) {
        iov[0] = (struct iovec){buf, (size_t)n / 2};
        iov[1] = (struct iovec){buf + n / 2, (size_t)(n - n / 2)};
        MUST(sys_writev(p, c, iov, 2) == n);
    }
    MUST(n == 0);
    return 5;
}

static int
big(struct proc *p)
{
    static char out[200000], in[200000];
    int fds[2];
    size_t got = 0;
    ssize_t n;

    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 13 >> 2);
    MUST(sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    MUST(sys_write(p, fds[0], out, sizeof out) == sizeof out);
    while (got < sizeof in) {
        struct iovec iov[2] = {{in + got, 10}, {in + got + 10, 70000}};

        if (got + 70010 <= sizeof in)
            n = sys_readv(p, fds[1], iov, 2);
        else
            n = sys_recvfrom(
                p, fds[1], in + got, sizeof in - got, 0, NULL, NULL);
        MUST(n > 0);
        got += (size_t)n;
    }
    MUST(memcmp(in, out, sizeof in) == 0);
    return 0;
}

static int
family(struct proc *p)
{
    struct timespec second = {1, 0};
    int status = 0, fds[2];
    struct pollfd look[3];
    pid_t a, b;
    char c = 0;

    MUST(sys_pipe2(p, fds, 0) == 0);
    a = sys_remote_fork(p);
    if (a == 0) {
        sys_nanosleep(p, &second);
        MUST(sys_getppid(p) == 1);
        MUST(sys_write(p, fds[1], "a", 1) == 1);
        return 3;
    }
    b = sys_remote_fork(p);
    if (b == 0) {
        NOTE(sys_env(p), EV_FPM_LOG, RULE_NONE, f_text("severity", "NOTICE"),
            f_text("line", "about to crash"));
        raise(SIGSEGV);
    }
    MUST(a == 2 && b == 3);
    MUST(sys_wait4(p, -1, &status, 0) == b);
    MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    MUST(sys_wait4(p, -1, &status, WNOHANG) == 0);
    look[0] = (struct pollfd){.fd = fds[0], .events = POLLIN};
    look[1] = (struct pollfd){.fd = fds[1], .events = POLLOUT};
    look[2] = (struct pollfd){.fd = 99, .events = POLLIN};
    MUST(sys_poll(p, look, 1, 500) == 0 && look[0].revents == 0);
    MUST(sys_poll(p, look, 3, -1) == 2);
    MUST(look[1].revents == POLLOUT && look[2].revents == POLLNVAL);
    MUST(sys_poll(p, look, 1, -1) == 1 && look[0].revents == POLLIN);
    MUST(sys_read(p, fds[0], &c, 1) == 1 && c == 'a');
    MUST(sys_wait4(p, -1, &status, 0) == a);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    MUST(sys_wait4(p, -1, &status, 0) == -ECHILD);
    sys_clock_gettime(p, CLOCK_MONOTONIC, &second);
    MUST(second.tv_sec == 1 && second.tv_nsec == 0);
    return 7;
}

static int
killer(struct proc *p)
{
    struct timespec hour = {3600, 0};
    pid_t a = sys_remote_fork(p);
    int status;

    if (a == 0) {
        sys_nanosleep(p, &hour);
        return 1;
    }
    MUST(sys_kill(p, a, SIGTERM) == 0);
    MUST(sys_wait4(p, a, &status, 0) == a);
    MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    return 0;
}

static int
sleeps(struct proc *p)
{
    struct timespec hour = {3600, 0};

    return sys_nanosleep(p, &hour);
}

/* --- nonsense ------------------------------------------------------------ */

static void
request(struct writer *w, unsigned type, int64_t arg0, size_t len)
{
    const int64_t arg[REMOTE_ARGS] = {arg0, arg0, arg0, arg0};

    remote_put_request(w, type, len, arg);
}

/* An event without fields, or `times` of them. */
static void
event(struct writer *w, unsigned kind, unsigned fields, uint32_t times)
{
    bool many = fields == REMOTE_MANY;

    request(w, REMOTE_NOTES, 0, 7 + (many ? 4 : 0));
    put_le16(w, (uint16_t)kind);
    put_le16(w, RULE_NONE);
    put_u8(w, (uint8_t)fields);
    put_u8(w, 1);
    put_u8(w, 'f');
    if (many)
        put_le32(w, times);
}

/* Messages that no sane process sends; false: there are no more. */
static bool
nonsense(struct writer *w, int which)
{
    static const uint8_t zeros[REMOTE_MAX];

    switch (which) {
    case 0: put_bytes(w, zeros, 300); break; /* no such message */
    case 1: put_bytes(w, zeros, 1); break;
    case 2: put_bytes(w, zeros, REMOTE_HEAD - 1); break;
    case 3: request(w, REMOTE_getpid, 0, 1); break; /* longer than it is */
    case 4: request(w, REMOTE_write, 1, UINT32_MAX); break;
    case 5: request(w, REMOTE_CALLS, 0, 0); break;
    case 6: request(w, REMOTE_CALLS | REMOTE_POSTED, 0, 0); break;
    case 7: request(w, REMOTE_FORK | REMOTE_POSTED, 0, 0); break;
    case 8: request(w, REMOTE_NOTES | REMOTE_POSTED, 0, 0); break;
    case 9: request(w, REMOTE_HELLO, remote_lists(), 0); break; /* again */
    case 10: /* two that are waited for */
        request(w, REMOTE_getpid, 0, 0);
        request(w, REMOTE_getpid, 0, 0);
        break;
    case 11: /* half a request behind a whole one */
        request(w, REMOTE_getpid | REMOTE_POSTED, 0, 0);
        put_bytes(w, zeros, REMOTE_HEAD / 2);
        break;
    case 12: request(w, REMOTE_DIED, 0, 0); break; /* no such signal */
    case 13: request(w, REMOTE_DIED, 65, 0); break;
    case 14: /* an event of no kind */
        request(w, REMOTE_NOTES, 0, 10);
        put_bytes(w, zeros, 10);
        break;
    case 15: request(w, REMOTE_connect, 1000, 0); break; /* no address */
    case 16: request(w, REMOTE_bind, -1, 0); break;
    case 17: request(w, REMOTE_sendto, 4096, 0); break;
    case 18: request(w, REMOTE_readv, 2000, 0); break; /* no lengths */
    case 19: request(w, REMOTE_readv, 2, 0); break;
    case 20: request(w, REMOTE_writev, -2, 0); break;
    case 21:
        request(w, REMOTE_writev, 1, 4); /* and no bytes */
        put_le32(w, 5);
        break;
    case 22:
        request(w, REMOTE_openat, 0, 3); /* a zero in a path */
        put_bytes(w, "a\0b", 3);
        break;
    case 23:
        request(w, REMOTE_newfstatat, 0, 5000); /* PATH_MAX */
        put_bytes(w, zeros, 5000);
        break;
    case 24:
        request(w, REMOTE_unlink, 0, 1);
        put_bytes(w, zeros, 1);
        break;
    case 25:
        request(w, REMOTE_prctl, 0, 1);
        put_bytes(w, zeros, 1);
        break;
    case 26: /* more than any message */
        request(w, REMOTE_write, 1, REMOTE_MAX - REMOTE_HEAD + 1);
        put_bytes(w, zeros, REMOTE_MAX - REMOTE_HEAD);
        put_u8(w, 0);
        break;
    case 27: event(w, EV_TCP_MOVE, 0, 0); break; /* not its business */
    case 28: event(w, EV_FPM_LOG, 0, 0); break;  /* without its fields */
    case 29: event(w, EV_FPM_LOG, REMOTE_FIELDS + 1, 0); break;
    case 30: event(w, EV_ZEND_STEP, REMOTE_MANY, 0); break; /* none */
    case 31: event(w, EV_ZEND_STEP, REMOTE_MANY, TALLY_MOST + 1); break;
    case 32: event(w, EV_COUNT, 0, 0); break;
    default: return false;
    }
    return true;
}

static int
babbles(int which)
{
    static uint8_t buf[REMOTE_MAX + 100];
    struct writer w = writer_of(buf, sizeof buf);

    if (!nonsense(&w, which))
        return 7;
    if (w.over || write(SYS_REMOTE_FD, buf, writer_len(&w)) < 0)
        return 1;
    pause();
    return 1;
}

/* --- what is known is not waited for ------------------------------------- */

static int
server(struct proc *p)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/r"};
    int fd = sys_socket(p, AF_UNIX, SOCK_STREAM, 0);

    MUST(sys_bind(p, fd, (void *)&un, sizeof un) == 0);
    MUST(sys_listen(p, fd, 5) == 0);
    return sys_accept4(p, fd, NULL, NULL, 0);
}

/* Reads 800 numbered bytes in pieces, answers "done", waits for the end. */
static int
frugal(struct proc *p)
{
    int c = server(p);
    uint8_t buf[16];

    MUST(c == 4);
    for (int i = 0; i < 100; i++) {
        MUST(i % 2 ? sys_read(p, c, buf, 8) == 8
                   : sys_recvfrom(p, c, buf, 8, 0, NULL, NULL) == 8);
        for (int k = 0; k < 8; k++)
            MUST(buf[k] == (uint8_t)(i * 8 + k));
    }
    sys_unawaited(p);
    MUST(sys_write(p, c, "done", 4) == 4);
    sys_unawaited(p);
    MUST(sys_shutdown(p, c, SHUT_WR) == 0);
    MUST(sys_recvfrom(p, c, buf, sizeof buf, 0, NULL, NULL) == 0);
    sys_unawaited(p);
    MUST(sys_close(p, c) == 0);
    return 0;
}

/* What lies ahead belongs to nobody once two can read it. */
static int
shares(struct proc *p)
{
    int c = server(p), status, other;
    char a = 0;

    MUST(sys_read(p, c, &a, 1) == 1 && a == 0);
    if (sys_remote_fork(p) == 0) {
        MUST(sys_read(p, c, &a, 1) == 1 && a == 1);
        return 0;
    }
    MUST(sys_wait4(p, -1, &status, 0) > 0 && status == 0);
    MUST(sys_read(p, c, &a, 1) == 1 && a == 2);
    other = sys_fcntl(p, c, F_DUPFD, 20);
    MUST(other == 20);
    MUST(sys_read(p, other, &a, 1) == 1 && a == 3);
    MUST(sys_read(p, c, &a, 1) == 1 && a == 4);
    MUST(sys_close(p, other) == 0);
    MUST(sys_recvfrom(p, c, &a, 1, MSG_PEEK, NULL, NULL) == 1 && a == 5);
    MUST(sys_read(p, c, &a, 1) == 1 && a == 5);
    MUST(sys_dup2(p, 0, c) == c); /* /dev/null */
    MUST(sys_read(p, c, &a, 1) == 0);
    return 0;
}

/* A call takes 250 ns here, and each is seen to. */
static int
clock_goes(struct proc *p)
{
    int c = server(p);
    struct timespec before, after;
    char a;

    for (int i = 0; i < 10; i++) {
        MUST(sys_clock_gettime(p, CLOCK_MONOTONIC, &before) == 0);
        MUST(sys_read(p, c, &a, 1) == 1);
        MUST(sys_clock_gettime(p, CLOCK_MONOTONIC, &after) == 0);
        MUST(i == 0 || after.tv_nsec - before.tv_nsec == 250);
    }
    sys_unawaited(p);
    MUST(sys_write(p, c, "done", 4) == 4);
    MUST(sys_clock_gettime(p, CLOCK_MONOTONIC, &before) == 0);
    MUST(before.tv_nsec - after.tv_nsec == 250);
    return 0;
}

/* Of 600 that are ready only so many fit into an answer; what is asked for is
 * a negative number whose lower half is large. */
static int
greedy(struct proc *p)
{
    const int64_t arg[REMOTE_ARGS] = {5, INT64_MIN | INT32_MAX, 0};
    struct epoll_event e = {.events = EPOLLOUT};
    static uint8_t buf[REMOTE_MAX];
    struct writer w = writer_of(buf, sizeof buf);
    struct remote_reply r;
    int fds[2];

    MUST(sys_pipe2(p, fds, 0) == 0);
    MUST(sys_epoll_create1(p, 0) == 5);
    for (int i = 0; i < 600; i++) {
        int fd = sys_fcntl(p, fds[1], F_DUPFD, 0);

        MUST(fd > 5 && sys_epoll_ctl(p, 5, EPOLL_CTL_ADD, fd, &e) == 0);
    }
    remote_put_request(&w, REMOTE_epoll_wait, 0, arg);
    MUST(write(SYS_REMOTE_FD, buf, writer_len(&w)) > 0);
    ssize_t n = read(SYS_REMOTE_FD, buf, sizeof buf);
    MUST(n > 0 && remote_get_reply(cursor_of(buf, (size_t)n), &r));
    MUST(r.ret == 512 && cursor_left(&r.data) == 512 * 12);
    return 0;
}

/* A program of another build: its lists of calls and events differ. */
static int
stranger(void)
{
    const int64_t arg[REMOTE_ARGS] = {remote_lists() + 1};
    uint8_t buf[4096];
    struct writer w = writer_of(buf, sizeof buf);
    struct remote_reply r;

    remote_put_request(&w, REMOTE_HELLO, 0, arg);
    if (write(3, buf, writer_len(&w)) < 0)
        return 97;
    ssize_t n = read(3, buf, sizeof buf);
    if (n < 0 || !remote_get_reply(cursor_of(buf, (size_t)n), &r))
        return 96;
    return r.ret == -EPROTO ? 6 : 95;
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct proc *p);
    } parts[] = {{"echo", echo}, {"big", big}, {"family", family},
        {"killer", killer}, {"sleeps", sleeps}, {"frugal", frugal},
        {"shares", shares}, {"clock", clock_goes}, {"greedy", greedy}};

    if (argc == 2 && !strcmp(argv[1], "stranger"))
        return stranger();
    struct proc *p = sys_remote_open(3);

    if (!p || argc < 2)
        return 99;
    if (!strncmp(argv[1], "babbles", 7))
        return babbles(atoi(argv[1] + 7));
    for (size_t i = 0; i < LW_COUNT(parts); i++)
        if (!strcmp(parts[i].name, argv[1]))
            sys_exit_group(p, parts[i].run(p));
    return 98;
}
