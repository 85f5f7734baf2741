/*
 * test_socket.c: TCP and UDP sockets of programs on two computers, in
 * virtual time: does a program see what Linux would show it?
 */
#include "check.h"
#include "net_programs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static struct net net;
static char said[4096];

static void
setup(void)
{
    net_pair(&net, 1);
    said[0] = '\0';
}

static void
teardown(void)
{
    net_close(&net);
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
    size_t used = strlen(said);
    va_list ap;

    va_start(ap, format);
    vsnprintf(said + used, sizeof said - used, format, ap);
    va_end(ap);
}

static int
listen_at(struct proc *p, uint16_t port, int backlog)
{
    struct sockaddr_in in = net_at(NULL, port);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), on = 1;

    sys_setsockopt(p, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    CHECK_EQ(sys_bind(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_listen(p, fd, backlog), 0);
    return fd;
}

/* --- a request and its answer -------------------------------------------- */

static int
server(struct proc *p, int argc, char **argv)
{
    int fd = listen_at(p, 80, 16), c;
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    char buf[200], ip[16];
    ssize_t n;

    (void)argc;
    (void)argv;
    c = sys_accept4(p, fd, (void *)&peer, &len, SOCK_NONBLOCK);
    CHECK_EQ(c, 4);
    CHECK_EQ(len, sizeof peer);
    CHECK_TEXT(inet_ntop(AF_INET, &peer.sin_addr, ip, 16), "10.0.0.1");
    CHECK_EQ(sys_recvfrom(p, c, buf, sizeof buf, 0, NULL, NULL), -EAGAIN);
    CHECK_EQ(sys_fcntl(p, c, F_SETFL, 0), 0);
    n = sys_recvfrom(p, c, buf, sizeof buf, 0, NULL, NULL);
    say("server got %.*s;", (int)n, buf);
    CHECK_EQ(sys_write(p, c, "answer", 6), 6);
    CHECK_EQ(sys_close(p, c), 0);
    return 0;
}

static int
client(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = net_at("10.0.0.2", 80), name;
    socklen_t len = sizeof name;
    int fd = sys_socket(p, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timespec pause = {0, 10 * LW_MS};
    char buf[200];
    ssize_t n;

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    sys_nanosleep(p, &pause);
    CHECK_EQ(sys_getpeername(p, fd, (void *)&name, &len), 0);
    CHECK_EQ(ntohs(name.sin_port), 80);
    CHECK_EQ(sys_sendto(p, fd, "question", 8, MSG_NOSIGNAL, NULL, 0), 8);
    n = sys_read(p, fd, buf, sizeof buf);
    say("client got %.*s;", (int)n, buf);
    CHECK_EQ(sys_read(p, fd, buf, sizeof buf), 0);
    CHECK_EQ(sys_close(p, fd), 0);
    return 0;
}

static void
a_question_is_answered_over_tcp(void)
{
    net_start(net.b, "server", server);
    net_start(net.a, "client", client);
    net_run(&net, LW_S);
    CHECK_TEXT(said, "server got question;client got answer;");
    CHECK_TEXT(recorder_strace(&net.rec, "socket", 0),
        "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3");
    CHECK_TEXT(recorder_strace(&net.rec, "setsockopt", 0),
        "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0");
    CHECK_TEXT(recorder_strace(&net.rec, "bind", 0),
        "bind(3, {sa_family=AF_INET, sin_port=htons(80), "
        "sin_addr=inet_addr(\"0.0.0.0\")}, 16) = 0");
    CHECK_TEXT(recorder_strace(&net.rec, "connect", 0),
        "connect(3, {sa_family=AF_INET, sin_port=htons(80), "
        "sin_addr=inet_addr(\"10.0.0.2\")}, 16) = 0");
    CHECK_TEXT(recorder_strace(&net.rec, "sendto", 0),
        "sendto(3, \"question\", 8, MSG_NOSIGNAL, NULL, 0) = 8");
    CHECK_TEXT(recorder_strace(&net.rec, "recvfrom", 0),
        "recvfrom(4, 0x..., 200, 0, NULL, NULL) = -1 EAGAIN (Resource "
        "temporarily unavailable)");
    CHECK_TEXT(recorder_strace(&net.rec, "fcntl", 0),
        "fcntl(4, F_SETFL, O_RDONLY) = 0");
    const struct event *e = recorder_find(&net.rec, EV_SOCKET_LISTEN, 0);
    CHECK_TEXT(recorder_text(e, "local", 0), "0.0.0.0:80");
    e = recorder_find(&net.rec, EV_SOCKET_ACCEPT, 0);
    CHECK_TEXT(recorder_text(e, "local", 0), "10.0.0.2:80");
    CHECK_EQ(recorder_count(&net.rec, EV_SOCKET_CLOSE), 3);
}

/* "Why was the answer written?" leads back to the client's request. */
static void
causes_cross_the_wire(void)
{
    const struct event *e = NULL;
    bool sent = false, asked = false;

    net_start(net.b, "server", server);
    net_start(net.a, "client", client);
    net_run(&net, LW_S);
    for (unsigned i = 0; (e = recorder_find(&net.rec, EV_SYSCALL, i)); i++)
        if (!strcmp(recorder_text(e, "name", 0), "write"))
            break;
    REQUIRE(e != NULL);
    for (; e && e->cause; e = recorder_at(&net.rec, e->cause)) {
        sent |= e->kind == EV_FRAME_SENT;
        asked |= e->kind == EV_SYSCALL_ENTER && e->pid == 1 &&
                 !strcmp(recorder_text(e, "name", 0), "sendto");
    }
    CHECK(sent);
    CHECK(asked);
}

/* --- connect without blocking -------------------------------------------- */

static int
hasty(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = net_at("10.0.0.2", 80),
                       shut = net_at("10.0.0.2", 81);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int ep = sys_epoll_create1(p, 0), err = -1;
    socklen_t len = sizeof err;
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
    struct sockaddr_in name;

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), -EINPROGRESS);
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), -EALREADY);
    CHECK_EQ(sys_sendto(p, fd, "x", 1, MSG_NOSIGNAL, NULL, 0), -EAGAIN);
    len = sizeof name;
    CHECK_EQ(sys_getpeername(p, fd, (void *)&name, &len), -ENOTCONN);
    CHECK_EQ(sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e), 0);
    CHECK_EQ(sys_epoll_wait(p, ep, &e, 1, 0), 0);
    CHECK_EQ(sys_epoll_wait(p, ep, &e, 1, -1), 1);
    CHECK_EQ(e.events, EPOLLOUT);
    len = sizeof err;
    CHECK_EQ(sys_getsockopt(p, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
    CHECK_EQ(err, 0);
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), -EISCONN);
    CHECK_EQ(sys_epoll_wait(p, ep, &e, 1, 0), 0); /* no new edge */
    sys_close(p, fd);
    /* The same where nobody listens. */
    fd = sys_socket(p, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_EQ(sys_connect(p, fd, (void *)&shut, sizeof shut), -EINPROGRESS);
    e.events = EPOLLOUT;
    sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e);
    CHECK_EQ(sys_epoll_wait(p, ep, &e, 1, -1), 1);
    CHECK_EQ(e.events, EPOLLOUT | EPOLLERR | EPOLLHUP);
    CHECK_EQ(sys_getsockopt(p, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
    CHECK_EQ(err, ECONNREFUSED);
    sys_close(p, fd);
    /* And blocking. */
    fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(sys_connect(p, fd, (void *)&shut, sizeof shut), -ECONNREFUSED);
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    say("done;");
    return 0;
}

static int
listens(struct proc *p, int argc, char **argv)
{
    struct timespec ts = {2, 0};

    (void)argc;
    (void)argv;
    listen_at(p, 80, 16);
    sys_nanosleep(p, &ts);
    return 0;
}

static void
connect_can_be_waited_for(void)
{
    net_start(net.b, "server", listens);
    net_start(net.a, "client", hasty);
    net_run(&net, 5 * LW_S);
    CHECK_TEXT(said, "done;");
    CHECK_TEXT(recorder_strace(&net.rec, "getsockopt", 1),
        "getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0");
}

/* --- wrong calls --------------------------------------------------------- */

static int
mistakes(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = net_at(NULL, 8080), alien = net_at("9.9.9.9", 1);
    struct sockaddr_in same = net_at("10.0.0.1", 8080), name;
    int a = sys_socket(p, AF_INET, SOCK_STREAM, 0), value = 5;
    int b = sys_socket(p, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    socklen_t len = sizeof name, vlen = sizeof value;
    char c;

    (void)argc;
    (void)argv;
    CHECK_EQ(
        sys_socket(p, AF_INET, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
    CHECK_EQ(sys_socket(p, AF_INET, SOCK_RAW, 0), -ESOCKTNOSUPPORT);
    CHECK_EQ(sys_bind(p, a, (void *)&any, 4), -EINVAL);
    any.sin_family = AF_UNIX;
    CHECK_EQ(sys_bind(p, a, (void *)&any, sizeof any), -EAFNOSUPPORT);
    any.sin_family = AF_INET;
    CHECK_EQ(sys_bind(p, a, (void *)&alien, sizeof any), -EADDRNOTAVAIL);
    CHECK_EQ(sys_bind(p, a, (void *)&any, sizeof any), 0);
    CHECK_EQ(sys_bind(p, a, (void *)&any, sizeof any), -EINVAL);
    CHECK_EQ(sys_bind(p, b, (void *)&same, sizeof same), -EADDRINUSE);
    CHECK_EQ(sys_accept4(p, a, NULL, NULL, 0), -EINVAL);
    CHECK_EQ(sys_accept4(p, a, NULL, NULL, 1), -EINVAL);
    CHECK_EQ(sys_read(p, a, &c, 1), -ENOTCONN);
    CHECK_EQ(sys_sendto(p, a, &c, 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
    CHECK_EQ(sys_shutdown(p, a, SHUT_WR), -ENOTCONN);
    CHECK_EQ(sys_listen(p, a, 5), 0);
    CHECK_EQ(sys_listen(p, a, 6), 0);
    CHECK_EQ(sys_connect(p, a, (void *)&same, sizeof same), -EISCONN);
    any.sin_port = 0;
    CHECK_EQ(sys_bind(p, b, (void *)&any, sizeof any), 0);
    CHECK_EQ(sys_getsockname(p, b, (void *)&name, &len), 0);
    CHECK(ntohs(name.sin_port) >= 32768 && ntohs(name.sin_port) <= 60999);
    CHECK_EQ(sys_getpeername(p, b, (void *)&name, &len), -ENOTCONN);
    CHECK_EQ(sys_setsockopt(p, b, IPPROTO_TCP, TCP_NODELAY, &value, 4), 0);
    CHECK_EQ(sys_getsockopt(p, b, IPPROTO_TCP, TCP_NODELAY, &value, &vlen), 0);
    CHECK_EQ(value, 1);
    CHECK_EQ(
        sys_setsockopt(p, b, IPPROTO_TCP, TCP_NODELAY, &value, 1), -EINVAL);
    CHECK_EQ(
        sys_setsockopt(p, b, IPPROTO_TCP, TCP_MD5SIG, &value, 4), -ENOPROTOOPT);
    value = 9999;
    CHECK_EQ(sys_setsockopt(p, b, SOL_SOCKET, SO_SNDBUF, &value, 4), 0);
    CHECK_EQ(sys_getsockopt(p, b, SOL_SOCKET, SO_SNDBUF, &value, &vlen), 0);
    CHECK_EQ(value, 2 * 9999);
    CHECK_EQ(sys_getsockopt(p, b, SOL_SOCKET, SO_TYPE, &value, &vlen), 0);
    CHECK_EQ(value, SOCK_STREAM);
    say("done;");
    return 0;
}

static void
errors_are_those_of_linux(void)
{
    net_start(net.a, "test", mistakes);
    net_run(&net, LW_S);
    CHECK_TEXT(said, "done;");
}

/* --- more than any buffer holds ------------------------------------------ */

enum {
    BIG = 3000000
};

static int
sink(struct proc *p, int argc, char **argv)
{
    int fd = listen_at(p, 80, 1), c = sys_accept4(p, fd, NULL, NULL, 0);
    static uint8_t buf[30000];
    uint64_t sum = 0, total = 0;
    ssize_t n;

    (void)argc;
    (void)argv;
    while ((n = sys_recvfrom(p, c, buf, sizeof buf, MSG_WAITALL, NULL, NULL)) >
           0) {
        for (ssize_t i = 0; i < n; i++)
            sum = sum * 31 + buf[i];
        total += (uint64_t)n;
    }
    say("sink %llu %llx;", (unsigned long long)total, (unsigned long long)sum);
    return 0;
}

static int
source(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = net_at("10.0.0.2", 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    uint8_t *big = malloc(BIG);
    uint64_t sum = 0;
    struct iovec iov[2] = {{big, 1000}, {big + 1000, BIG - 1000}};

    (void)argc;
    (void)argv;
    sys_at_end(p, free, big);
    for (int i = 0; i < BIG; i++) {
        big[i] = (uint8_t)(i * 7 >> 3);
        sum = sum * 31 + big[i];
    }
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_writev(p, fd, iov, 2), BIG);
    say("source %d %llx;", BIG, (unsigned long long)sum);
    return 0;
}

static void
three_megabytes_arrive_whole(void)
{
    unsigned long long sent, got;

    recorder_close(&net.rec); /* too many events to keep */
    net_start(net.b, "sink", sink);
    net_start(net.a, "source", source);
    net_run(&net, 60 * LW_S);
    CHECK_EQ(
        sscanf(said, "source 3000000 %llx;sink 3000000 %llx;", &sent, &got), 2);
    CHECK_EQ(sent, got);
    recorder_open(&net.rec, &net.journal, LEVEL_DETAIL);
}

/* --- datagrams ----------------------------------------------------------- */

static int
udp_server(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = net_at(NULL, 53), from;
    int fd = sys_socket(p, AF_INET, SOCK_DGRAM, 0), n;
    socklen_t len = sizeof from;
    char buf[4];

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_bind(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_recvfrom(p, fd, buf, 4, MSG_TRUNC, (void *)&from, &len), 10);
    CHECK_MEM(buf, "0123", 4);
    CHECK_EQ(sys_sendto(p, fd, "ok", 2, 0, (void *)&from, len), 2);
    CHECK_EQ(sys_recvfrom(p, fd, buf, 4, 0, NULL, NULL), 1);
    CHECK_EQ(sys_ioctl(p, fd, FIONREAD, &n), 0);
    CHECK_EQ(n, 0);
    say("served;");
    return 0;
}

static int
udp_client(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = net_at("10.0.0.2", 53),
                       shut = net_at("10.0.0.2", 54);
    int fd = sys_socket(p, AF_INET, SOCK_DGRAM, 0);
    struct iovec iov[2] = {{"01234", 5}, {"56789", 5}};
    char buf[100];

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_write(p, fd, "x", 1), -EDESTADDRREQ);
    CHECK_EQ(sys_connect(p, fd, (void *)&to, sizeof to), 0);
    CHECK_EQ(sys_writev(p, fd, iov, 2), 10);
    CHECK_EQ(sys_read(p, fd, buf, sizeof buf), 2);
    CHECK_EQ(sys_write(p, fd, "x", 1), 1);
    CHECK_EQ(sys_connect(p, fd, (void *)&shut, sizeof shut), 0);
    CHECK_EQ(sys_write(p, fd, "x", 1), 1);
    CHECK_EQ(sys_read(p, fd, buf, sizeof buf), -ECONNREFUSED);
    say("asked;");
    return 0;
}

static void
datagrams_go_and_come(void)
{
    net_start(net.b, "server", udp_server);
    net_start(net.a, "client", udp_client);
    net_run(&net, LW_S);
    CHECK_TEXT(said, "served;asked;");
}

/* --- a peer that resets -------------------------------------------------- */

static int
resets(struct proc *p, int argc, char **argv)
{
    int fd = listen_at(p, 80, 1), c = sys_accept4(p, fd, NULL, NULL, 0);
    struct linger hard = {1, 0};

    (void)argc;
    (void)argv;
    CHECK_EQ(
        sys_setsockopt(p, c, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    return 0; /* the end of the process closes, and so resets */
}

static int
is_reset(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = net_at("10.0.0.2", 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    char c;

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_read(p, fd, &c, 1), -ECONNRESET);
    CHECK_EQ(sys_read(p, fd, &c, 1), 0);
    CHECK_EQ(sys_sendto(p, fd, &c, 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
    say("reset;");
    return 0;
}

static void
a_reset_is_told_once(void)
{
    net_start(net.b, "server", resets);
    net_start(net.a, "client", is_reset);
    net_run(&net, LW_S);
    CHECK_TEXT(said, "reset;");
    CHECK_TEXT(recorder_strace(&net.rec, "setsockopt", 1),
        "setsockopt(4, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0}, 8) = "
        "0");
}

static CU_TestInfo cases[] = {TEST(a_question_is_answered_over_tcp),
    TEST(causes_cross_the_wire), TEST(connect_can_be_waited_for),
    TEST(errors_are_those_of_linux), TEST(three_megabytes_arrive_whole),
    TEST(datagrams_go_and_come), TEST(a_reset_is_told_once), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_socket = {.pName = "socket",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
