/*
 * test_same_wrong.c: an independent hand for what no program should ask:
 * missing pointers, lengths that lie, numbers beyond every bound, the wrong
 * kind of descriptor. The same calls go to our kernel and to the Linux under
 * this program, and what they give must be the same.
 */
#include "check.h"
#include "net_fixture.h"
#include "same_words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SIOCOUTQ
#define SIOCOUTQ 0x5411
#endif

static struct side side;
static void (*script)(struct side *s);
static bool ended;

/* What a call gave, with a name to find it by. */
static void
gave(struct side *s, const char *call, long ret)
{
    same_say(s, "\n%s:", call);
    same_result(s, ret);
}

static int
a_socket(struct side *s, int domain, int type)
{
    return (int)BOTH(
        s, sys_socket(s->p, domain, type, 0), socket(domain, type, 0));
}

/* --- sockets ------------------------------------------------------------ */

static void
pairs(struct side *s)
{
    static const int kinds[][3] = {{AF_INET, SOCK_STREAM, 0},
        {AF_INET, SOCK_DGRAM, 0}, {99, SOCK_STREAM, 0},
        {AF_UNIX, SOCK_STREAM, 5}, {AF_UNIX, SOCK_STREAM, AF_UNIX},
        {AF_UNIX, 9, 0}, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0}};

    for (unsigned i = 0; i < LW_COUNT(kinds); i++) {
        const int *k = kinds[i];
        int fd[2] = {-1, -1};

        gave(s, "socketpair",
            BOTH(s, sys_socketpair(s->p, k[0], k[1], k[2], fd),
                socketpair(k[0], k[1], k[2], fd)));
        for (unsigned e = 0; e < 2 && fd[e] >= 0; e++)
            (void)BOTH(s, sys_close(s->p, fd[e]), close(fd[e]));
    }
}

static void
set(struct side *s, int fd, int level, int name, const void *value, int len)
{
    gave(s, "setsockopt",
        BOTH(s, sys_setsockopt(s->p, fd, level, name, value, (socklen_t)len),
            setsockopt(fd, level, name, value, (socklen_t)len)));
}

static void
get(struct side *s, int fd, int level, int name, void *value, int len)
{
    socklen_t size = (socklen_t)len, *at = len == -7 ? NULL : &size;

    gave(s, "getsockopt",
        BOTH(s, sys_getsockopt(s->p, fd, level, name, value, at),
            getsockopt(fd, level, name, value, at)));
    same_say(s, "/%d", (int)size);
}

static void
options(struct side *s)
{
    static const struct timeval times[] = {
        {1, 1000000}, {1, -1}, {-5, 0}, {0, 0}, {3, 500000}, {LONG_MAX, 0}};
    static const int domains[] = {AF_INET, AF_INET, AF_UNIX};
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_STREAM};

    for (unsigned i = 0; i < LW_COUNT(domains); i++) {
        int fd = a_socket(s, domains[i], types[i]), one = 1;
        char name[16] = "";
        struct timeval tv;

        set(s, fd, SOL_SOCKET, SO_KEEPALIVE, NULL, sizeof one);
        set(s, fd, SOL_SOCKET, SO_KEEPALIVE, &one, 3);
        set(s, fd, SOL_SOCKET, SO_KEEPALIVE, &one, -1);
        set(s, fd, SOL_SOCKET, 9999, &one, sizeof one);
        set(s, fd, 9999, 1, &one, sizeof one);
        get(s, fd, SOL_SOCKET, SO_TYPE, NULL, sizeof one);
        get(s, fd, SOL_SOCKET, SO_TYPE, &one, -7);
        get(s, fd, SOL_SOCKET, SO_TYPE, &one, -1);
        get(s, fd, SOL_SOCKET, SO_TYPE, &one, 0);
        get(s, fd, SOL_SOCKET, 9999, &one, sizeof one);
        get(s, fd, IPPROTO_TCP, 9999, &one, sizeof one);
        get(s, fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        for (unsigned t = 0; t < LW_COUNT(times); t++) {
            set(s, fd, SOL_SOCKET, SO_RCVTIMEO, &times[t], sizeof times[t]);
            get(s, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
            same_say(s, "=%ld.%06ld", (long)tv.tv_sec, (long)tv.tv_usec);
        }
        set(s, fd, SOL_SOCKET, SO_SNDTIMEO, &times[4], 4);
        if (domains[i] == AF_UNIX || types[i] == SOCK_DGRAM)
            continue;
        get(s, fd, IPPROTO_TCP, TCP_CONGESTION, name, 3);
        set(s, fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
        get(s, fd, IPPROTO_TCP, TCP_CONGESTION, name, sizeof name);
        same_say(s, "=%s", name);
        set(s, fd, IPPROTO_TCP, TCP_CONGESTION, "none of these", 13);
        set(s, fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 0);
        get(s, fd, IPPROTO_TCP, TCP_CC_INFO, name, sizeof name);
    }
}

static void
addresses(struct side *s)
{
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const int domains[] = {AF_INET, AF_INET, AF_UNIX};
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_STREAM};
    socklen_t len = sizeof in;

    for (unsigned i = 0; i < LW_COUNT(domains); i++) {
        int fd = a_socket(s, domains[i], types[i]);

        for (socklen_t n = 0; n < 4; n++) {
            gave(s, "connect",
                BOTH(s, sys_connect(s->p, fd, (void *)&in, n),
                    connect(fd, (void *)&in, n)));
            gave(s, "bind",
                BOTH(s, sys_bind(s->p, fd, (void *)&in, n),
                    bind(fd, (void *)&in, n)));
        }
        gave(s, "listen", BOTH(s, sys_listen(s->p, fd, 1), listen(fd, 1)));
        gave(s, "peer",
            BOTH(s, sys_getpeername(s->p, fd, (void *)&in, &len),
                getpeername(fd, (void *)&in, &len)));
        in.sin_family = AF_INET;
        len = sizeof in;
        gave(s, "accept",
            BOTH(s, sys_accept4(s->p, fd, NULL, NULL, 99),
                accept4(fd, NULL, NULL, 99)));
    }
}

/* --- messages ----------------------------------------------------------- */

struct said {
    struct cmsghdr h;
    int number[4];
};

static void
send_with(struct side *s, int fd, size_t room, struct said *c)
{
    struct iovec v = {(char[]){"x"}, 1};
    struct msghdr m = {.msg_iov = &v,
        .msg_iovlen = 1,
        .msg_control = c,
        .msg_controllen = room};

    gave(s, "control",
        BOTH(s, sys_sendmsg(s->p, fd, &m, MSG_NOSIGNAL),
            sendmsg(fd, &m, MSG_NOSIGNAL)));
}

/* Control data whose lengths lie, and that which is somebody else's. */
static void
controls(struct side *s, int fd)
{
    static const int kinds[][2] = {{SOL_SOCKET, SCM_RIGHTS}, {SOL_SOCKET, 99},
        {IPPROTO_IP, IP_TTL}, {IPPROTO_IP, IP_TOS}, {IPPROTO_IP, 99},
        {IPPROTO_TCP, 1}, {IPPROTO_UDP, 99}};

    for (unsigned i = 0; i < LW_COUNT(kinds); i++)
        for (size_t len = 8; len <= 24; len += 4) {
            struct said c = {{.cmsg_len = len,
                                 .cmsg_level = kinds[i][0],
                                 .cmsg_type = kinds[i][1]},
                {0, 0, 0, 0}};

            same_say(s, "\n%d %d %zu", kinds[i][0], kinds[i][1], len);
            send_with(s, fd, 20, &c);
        }
}

static void
messages(struct side *s)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
        .sin_port = htons(40009),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int udp = a_socket(s, AF_INET, SOCK_DGRAM), pipe[2];
    struct mmsghdr many = {{.msg_iov = NULL}, 0};
    struct msghdr bad = {.msg_name = &in, .msg_namelen = (socklen_t)-1};
    static struct iovec lots[IOV_MAX + 1];
    socklen_t len = sizeof in;
    volatile int none = -1; /* for compilers that know better */

    lots[0] = (struct iovec){(char[]){"x"}, 1};
    (void)BOTH(s, sys_pipe2(s->p, pipe, O_NONBLOCK), pipe2(pipe, O_NONBLOCK));
    gave(s, "sendmsg",
        BOTH(s, sys_sendmsg(s->p, udp, NULL, 0), sendmsg(udp, NULL, 0)));
    gave(s, "recvmsg",
        BOTH(s, sys_recvmsg(s->p, udp, NULL, 0), recvmsg(udp, NULL, 0)));
    gave(s, "sendmsg",
        BOTH(s, sys_sendmsg(s->p, udp, &bad, 0), sendmsg(udp, &bad, 0)));
    bad = (struct msghdr){.msg_iov = lots, .msg_iovlen = IOV_MAX + 1};
    gave(s, "sendmsg",
        BOTH(s, sys_sendmsg(s->p, udp, &bad, 0), sendmsg(udp, &bad, 0)));
    gave(s, "sendmmsg",
        BOTH(s, sys_sendmmsg(s->p, pipe[1], &many, 1, 0),
            sendmmsg(pipe[1], &many, 1, 0)));
    gave(s, "recvmmsg",
        BOTH(s, sys_recvmmsg(s->p, pipe[0], &many, 1, 0, NULL),
            recvmmsg(pipe[0], &many, 1, 0, NULL)));
    gave(s, "sendmmsg",
        BOTH(
            s, sys_sendmmsg(s->p, 99, &many, 1, 0), sendmmsg(99, &many, 1, 0)));
    gave(s, "sendmmsg",
        BOTH(s, sys_sendmmsg(s->p, udp, &many, 0, 0),
            sendmmsg(udp, &many, 0, 0)));
    gave(s, "writev",
        BOTH(s, sys_writev(s->p, udp, lots, none), writev(udp, lots, none)));
    gave(s, "readv",
        BOTH(s, sys_readv(s->p, pipe[0], lots, IOV_MAX + 1),
            readv(pipe[0], lots, IOV_MAX + 1)));
    in.sin_port = 0;
    gave(s, "bind",
        BOTH(s, sys_bind(s->p, udp, (void *)&in, sizeof in),
            bind(udp, (void *)&in, sizeof in)));
    (void)BOTH(s, sys_getsockname(s->p, udp, (void *)&in, &len),
        getsockname(udp, (void *)&in, &len));
    gave(s, "connect", /* to itself */
        BOTH(s, sys_connect(s->p, udp, (void *)&in, sizeof in),
            connect(udp, (void *)&in, sizeof in)));
    controls(s, udp);
}

/* --- descriptors and processes ------------------------------------------ */

static void
descriptors(struct side *s)
{
    static const unsigned long asked[] = {
        FIONREAD, FIONBIO, SIOCATMARK, SIOCOUTQ, 0x1234};
    int fd[5], pipe[2], n = 0;

    (void)BOTH(s, sys_pipe2(s->p, pipe, O_NONBLOCK), pipe2(pipe, O_NONBLOCK));
    fd[0] = pipe[0];
    fd[1] = a_socket(s, AF_INET, SOCK_STREAM);
    fd[2] = a_socket(s, AF_INET, SOCK_DGRAM);
    fd[3] = (int)BOTH(s, sys_epoll_create1(s->p, 0), epoll_create1(0));
    fd[4] = -1;
    for (unsigned i = 0; i < LW_COUNT(fd); i++) {
        /* what epoll says depends on Linux's age */
        for (unsigned r = 0; r < LW_COUNT(asked) && i != 3; r++) {
            same_say(s, "\n%u %lx", i, asked[r]);
            gave(s, "ioctl",
                BOTH(s, sys_ioctl(s->p, fd[i], asked[r], &n),
                    ioctl(fd[i], asked[r], &n)));
        }
        if (i != 3)
            gave(s, "ioctl",
                BOTH(s, sys_ioctl(s->p, fd[i], FIONREAD, NULL),
                    ioctl(fd[i], FIONREAD, NULL)));
        gave(s, "fcntl",
            BOTH(s, sys_fcntl(s->p, fd[i], F_SETFD, FD_CLOEXEC),
                fcntl(fd[i], F_SETFD, FD_CLOEXEC)));
        gave(s, "fcntl",
            BOTH(s, sys_fcntl(s->p, fd[i], F_DUPFD_CLOEXEC, -1),
                fcntl(fd[i], F_DUPFD_CLOEXEC, -1)));
        gave(s, "dup2", BOTH(s, sys_dup2(s->p, fd[i], -1), dup2(fd[i], -1)));
        gave(s, "shutdown",
            BOTH(s, sys_shutdown(s->p, fd[i], 9), shutdown(fd[i], 9)));
    }
    gave(s, "pipe2",
        BOTH(s, sys_pipe2(s->p, pipe, O_APPEND), pipe2(pipe, O_APPEND)));
}

static int
leaves(struct proc *p, void *arg)
{
    (void)p, (void)arg;
    return 3;
}

static pid_t
a_child(struct side *s)
{
    pid_t pid;

    if (s->p)
        return sys_clone(s->p, leaves, NULL);
    pid = fork();
    if (pid == 0)
        _exit(3);
    return pid;
}

static void
processes(struct side *s)
{
    int status = 0;
    pid_t first, second;

    gave(s, "wait4",
        BOTH(s, sys_wait4(s->p, -1, &status, 0), waitpid(-1, &status, 0)));
    first = a_child(s);
    second = a_child(s);
    gave(s, "wait4",
        BOTH(s, sys_wait4(s->p, -1, &status, 0x100000),
            waitpid(-1, &status, 0x100000)));
    gave(s, "wait4",
        BOTH(s, sys_wait4(s->p, 99999, &status, WNOHANG),
            waitpid(99999, &status, WNOHANG)));
    gave(s, "kill", BOTH(s, sys_kill(s->p, first, 65), kill(first, 65)));
    gave(s, "kill", BOTH(s, sys_kill(s->p, first, -1), kill(first, -1)));
    gave(s, "kill", BOTH(s, sys_kill(s->p, 99999, 0), kill(99999, 0)));
    gave(s, "wait4",
        BOTH(s, sys_wait4(s->p, second, &status, 0),
            waitpid(second, &status, 0)) == second);
    same_say(s, "=%x", status);
    gave(s, "wait4",
        BOTH(s, sys_wait4(s->p, second, &status, 0),
            waitpid(second, &status, 0)));
    gave(s, "wait4",
        BOTH(s, sys_wait4(s->p, first, NULL, 0), waitpid(first, NULL, 0)) ==
            first);
}

/* --- both sides --------------------------------------------------------- */

static int
program(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    side.p = p;
    sys_rt_sigprocmask(p, 1ull << (SIGPIPE - 1));
    script(&side);
    ended = true;
    return 0;
}

static void
compare(void (*which)(struct side *s))
{
    char *argv[] = {"wrong", NULL}, *a = NULL, *b = NULL;
    static struct side theirs;
    struct net net;
    unsigned n = 0;
    int lowest;

    script = which;
    ended = false;
    side = theirs = (struct side){0};
    net_pair(&net, 1);
    kernel_start(host_kernel(net.a), "wrong", program, 1, argv);
    net_run(&net, LW_S);
    net_close(&net);
    CHECK(ended);
    lowest = dup(0);
    which(&theirs);
    for (int fd = lowest; fd < lowest + 50; fd++)
        close(fd);
    for (;; n++) {
        char *ours = strtok_r(n ? NULL : side.out, "\n", &a);
        char *real = strtok_r(n ? NULL : theirs.out, "\n", &b);

        if (!ours || !real) {
            CHECK(!ours && !real);
            break;
        }
        if (!CHECK_TEXT(ours, real))
            printf("    line %u\n", n);
    }
    CHECK(n > 5);
}

static void
pairs_of_sockets(void)
{
    compare(pairs);
}

static void
wrong_options(void)
{
    compare(options);
}

static void
wrong_addresses(void)
{
    compare(addresses);
}

static void
wrong_messages(void)
{
    compare(messages);
}

static void
wrong_descriptors(void)
{
    compare(descriptors);
}

static void
wrong_processes(void)
{
    compare(processes);
}

static CU_TestInfo cases[] = {
    TEST(pairs_of_sockets),
    TEST(wrong_options),
    TEST(wrong_addresses),
    TEST(wrong_messages),
    TEST(wrong_descriptors),
    TEST(wrong_processes),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_same_wrong = {.pName = "same_wrong", .pTests = cases};
