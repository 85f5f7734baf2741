/*
 * test_proc_files.c: /proc/net/tcp and /proc/net/netstat as a program reads
 * them (proc(5)), and the knobs of sysctl.h by name.
 */
#include "check.h"
#include "net_programs.h"
#include "sysctl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct net net;

static void
setup(void)
{
    net_pair(&net, 1);
}

static void
teardown(void)
{
    net_close(&net);
}

/* The whole file, read in pieces of `piece` bytes, in two buffers each. */
static void
read_all(
    struct proc *p, const char *path, size_t piece, char *text, size_t room)
{
    int fd = sys_open(p, path, O_RDONLY, 0);
    size_t len = 0;
    ssize_t n;

    REQUIRE(fd >= 0);
    do {
        struct iovec iov[2] = {{text + len, piece / 2},
            {text + len + piece / 2, piece - piece / 2}};

        REQUIRE(len + piece < room);
        n = sys_readv(p, fd, iov, 2);
        REQUIRE(n >= 0);
        len += (size_t)n;
    } while (n > 0);
    text[len] = '\0';
    sys_close(p, fd);
}

struct row {
    unsigned local, local_port, remote, remote_port, state, snd, rcv;
};

/* The nth line behind the head; false: there is none. */
static bool
row(const char *text, int nth, struct row *r)
{
    for (int i = -1; text && i < nth; i++)
        if ((text = strchr(text, '\n')))
            text++;
    return text &&
           sscanf(text, "%*d: %X:%X %X:%X %X %X:%X", &r->local, &r->local_port,
               &r->remote, &r->remote_port, &r->state, &r->snd, &r->rcv) == 7;
}

static const char head[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
    "retrnsmt   uid  timeout inode\n";

static int
looks(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct timespec wait = {0, 100 * LW_MS};
    static char text[8192], again[8192];
    struct row listener = {0}, conn = {0}, none;
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), c;

    (void)argc, (void)argv;
    CHECK_EQ(sys_bind(p, fd, (void *)&at, sizeof at), 0);
    CHECK_EQ(sys_listen(p, fd, 5), 0);
    sys_nanosleep(p, &wait); /* b has called and sent five bytes by now */
    read_all(p, "/proc/net/tcp", 512, text, sizeof text);
    CHECK(strncmp(text, head, strlen(head)) == 0);
    CHECK(row(text, 0, &listener) && row(text, 1, &conn));
    CHECK(!row(text, 2, &none));
    if (listener.state != 10) {
        none = listener;
        listener = conn;
        conn = none;
    }
    CHECK_EQ(listener.state, 10); /* TCP_LISTEN of netinet/tcp.h */
    CHECK_EQ(listener.local, 0);
    CHECK_EQ(listener.local_port, 80);
    CHECK_EQ(listener.remote_port, 0);
    CHECK_EQ(listener.rcv, 1); /* one waits for accept(2) */
    CHECK_EQ(conn.state, 1);   /* TCP_ESTABLISHED */
    CHECK_EQ(conn.local, htonl(net_ip("10.0.0.1").v));
    CHECK_EQ(conn.remote, htonl(net_ip("10.0.0.2").v));
    CHECK_EQ(conn.local_port, 80);
    CHECK_EQ(conn.rcv, 5);

    c = sys_accept4(p, fd, NULL, NULL, 0);
    CHECK_EQ(sys_write(p, c, "abc", 3), 3);
    read_all(p, "/proc/net/tcp", 512, text, sizeof text);
    for (int i = 0; i < 2 && row(text, i, &conn) && conn.state != 1; i++) {
    }
    CHECK_EQ(conn.snd, 3); /* not acknowledged yet */

    read_all(p, "/proc/net/netstat", 512, text, sizeof text);
    read_all(p, "/proc/net/netstat", 7, again, sizeof again);
    CHECK_TEXT(text, again);
    CHECK(strncmp(text, "TcpExt: ", 8) == 0);
    CHECK(strstr(text, "\nTcpExt: ") != NULL);
    return 0;
}

static int
calls(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons(80),
        .sin_addr.s_addr = htonl(net_ip("10.0.0.1").v)};
    struct timespec wait = {0, 10 * LW_MS}, long_wait = {1, 0};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

    (void)argc, (void)argv;
    sys_nanosleep(p, &wait);
    CHECK_EQ(sys_connect(p, fd, (void *)&to, sizeof to), 0);
    CHECK_EQ(sys_write(p, fd, "hello", 5), 5);
    sys_nanosleep(p, &long_wait);
    return 0;
}

static void
connections_are_listed(void)
{
    net_start(net.a, "test", looks);
    net_start(net.b, "test", calls);
    net_run(&net, 3 * LW_S);
    CHECK_EQ(kernel_status(host_kernel(net.a), 1), 0);
}

static int
misuses(struct proc *p, int argc, char **argv)
{
    struct epoll_event e = {.events = EPOLLIN};
    int fd, ep = sys_epoll_create1(p, 0);
    struct pollfd f;

    (void)argc, (void)argv;
    CHECK_EQ(sys_open(p, "/proc/net/tcp", O_WRONLY, 0), -EACCES);
    CHECK_EQ(sys_open(p, "/proc/net/tcp", O_RDWR, 0), -EACCES);
    CHECK_EQ(sys_open(p, "/proc/net/nothing", O_RDONLY, 0), -ENOENT);
    fd = sys_open(p, "/proc/net/netstat", O_RDONLY, 0);
    CHECK_EQ(sys_write(p, fd, "x", 1), -EBADF);
    CHECK_EQ(sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e), -EPERM);
    f = (struct pollfd){.fd = fd, .events = POLLIN | POLLOUT | POLLPRI};
    CHECK_EQ(sys_poll(p, &f, 1, -1), 1);
    CHECK_EQ(f.revents, POLLIN | POLLOUT);
    return 0;
}

static void
they_can_only_be_read(void)
{
    net_ends_well(&net, misuses);
}

/* Each knob at its limits, and one step beyond. */
static void
knobs_have_names_and_limits(void)
{
    static const struct {
        const char *name;
        int value, least, most;
        size_t at; /* in struct sysctl */
    } all[] = {
#define SYSCTL(field, name, value, least, most)                                \
    {name, value, least, most, offsetof(struct sysctl, field)},
#include "sysctl.def"
#undef SYSCTL
    };
    struct sysctl s = sysctl_default;
    int value = -1;

    for (unsigned i = 0; i < LW_COUNT(all); i++) {
        memcpy(&value, (char *)&s + all[i].at, sizeof value);
        CHECK_EQ(value, all[i].value);
        CHECK_EQ(sysctl_set(&s, all[i].name, all[i].least), 0);
        CHECK_EQ(sysctl_set(&s, all[i].name, all[i].least - 1), -EINVAL);
        memcpy(&value, (char *)&s + all[i].at, sizeof value);
        CHECK_EQ(value, all[i].least);
        CHECK_EQ(sysctl_set(&s, all[i].name, all[i].most), 0);
        if (all[i].most < INT_MAX)
            CHECK_EQ(sysctl_set(&s, all[i].name, all[i].most + 1), -EINVAL);
        memcpy(&value, (char *)&s + all[i].at, sizeof value);
        CHECK_EQ(value, all[i].most);
        CHECK_EQ(sysctl_set(&s, all[i].name, all[i].value), 0);
    }
    CHECK(memcmp(&s, &sysctl_default, sizeof s) == 0);
    CHECK_EQ(sysctl_set(&s, "net.ipv4.no_such_knob", 1), -ENOENT);
}

static CU_TestInfo cases[] = {
    TEST(connections_are_listed),
    TEST(they_can_only_be_read),
    TEST(knobs_have_names_and_limits),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_proc_files = {.pName = "proc_files",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
