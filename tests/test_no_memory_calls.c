/*
 * test_no_memory_calls.c: what do the system calls say when there is no
 * memory just now? One program makes them all, on files, pipes, Unix sockets
 * and sockets to itself; then again with the first request for memory
 * refused, with the second, and so on, and with all after it refused.
 *
 * With one refused, what each call gives is what it gave before, unless
 * somebody has said why not: a call that ended with ENOMEM, or a packet that
 * was dropped for want of memory. In no case is anything left, and all that
 * waits comes to an end.
 */
#include "check.h"
#include "faulty.h"
#include "folder.h"
#include "shell.h"
#include "sys.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/un.h>
#include <unistd.h>

static struct calls {
    struct proc *p;
    char out[8192]; /* what the calls gave */
    size_t used;
    bool said; /* one of them ENOMEM */
    bool ended;
    int foreign;      /* pieces that libc has asked for, and we have freed */
    uint64_t dropped; /* packets, no memory */
} c;

static void
setup(void)
{
    struct shell s = shell("mkdir -p $TMP/root/d && cd $TMP/root && "
                           "printf %%70000s x >f && printf abc >d/g");

    CHECK_EQ(s.status, 0);
    shell_free(&s);
}

static void
teardown(void)
{
    shell_clean();
}

/* --- the program --------------------------------------------------------  */

static long
note(const char *call, long ret)
{
    c.said |= ret == -ENOMEM;
    c.used += (size_t)snprintf(
        c.out + c.used, sizeof c.out - c.used, "%s %ld\n", call, ret);
    if (c.used >= sizeof c.out)
        c.used = sizeof c.out - 1;
    return ret;
}

/* Descriptors are 0 in the notes: a failure must not shift what follows. */
static int
note_fd(const char *call, long fd)
{
    note(call, fd < 0 ? fd : 0);
    return (int)fd;
}

/* Can it be read, or a connection be taken, within a second? */
static void
wait_for(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};

    note("poll", sys_poll(c.p, &one, 1, 1000));
}

static void
receive(int fd)
{
    char buf[200] = "", control[100];
    struct iovec v[2] = {{buf, 2}, {buf + 2, sizeof buf - 2}};
    struct msghdr m = {.msg_iov = v,
        .msg_iovlen = 2,
        .msg_control = control,
        .msg_controllen = sizeof control};

    wait_for(fd);
    note("recvmsg", sys_recvmsg(c.p, fd, &m, MSG_DONTWAIT));
}

static void
set(int fd, int level, int name, int value)
{
    note("setsockopt",
        sys_setsockopt(c.p, fd, level, name, &value, sizeof value));
}

/* Every kind of option that a socket makes room for. */
static void
options(int fd)
{
    static const struct timeval second = {1, 0};
    static const struct linger linger = {1, 0};

    set(fd, SOL_SOCKET, SO_INCOMING_CPU, 0);
    note("setsockopt", sys_setsockopt(c.p, fd, SOL_SOCKET, SO_RCVTIMEO, &second,
                           sizeof second));
    note("setsockopt", sys_setsockopt(c.p, fd, SOL_SOCKET, SO_SNDTIMEO, &second,
                           sizeof second));
    note("setsockopt",
        sys_setsockopt(c.p, fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    set(fd, IPPROTO_IP, IP_FREEBIND, 1);
    set(fd, IPPROTO_IP, IP_TOS, 8);
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 100);
    note("setsockopt",
        sys_setsockopt(c.p, fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
}

static void
get(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value; /* of a longer one, its beginning */

    note("getsockopt", sys_getsockopt(c.p, fd, level, name, &value, &len));
    note("value", value);
}

static struct sockaddr_in
here(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(0x7f000001)};
}

/* A listener, a caller, and what they say to one another. */
static void
tcp_to_itself(void)
{
    struct sockaddr_in to = here(80);
    int l = note_fd("socket", sys_socket(c.p, AF_INET, SOCK_STREAM, 0));
    int a = note_fd("socket", sys_socket(c.p, AF_INET, SOCK_STREAM, 0));
    int file = note_fd("open", sys_open(c.p, "/f", O_RDONLY, 0)), b;
    off_t at = 0;

    options(l);
    options(a);
    note("bind", sys_bind(c.p, l, (void *)&to, sizeof to));
    note("listen", sys_listen(c.p, l, 5));
    note("connect", sys_connect(c.p, a, (void *)&to, sizeof to));
    wait_for(l);
    b = note_fd("accept", sys_accept4(c.p, l, NULL, NULL, SOCK_NONBLOCK));
    get(b, SOL_SOCKET, SO_LINGER);
    get(b, SOL_SOCKET, SO_INCOMING_CPU);
    note("write", sys_write(c.p, a, "question", 8));
    receive(b);
    note("sendfile", sys_sendfile(c.p, a, file, &at, 40000));
    receive(b);
    note("urgent", sys_sendto(c.p, a, "!", 1, MSG_OOB, NULL, 0));
    note("shutdown", sys_shutdown(c.p, a, SHUT_WR));
    sys_close(c.p, b);
    sys_close(c.p, a);
    sys_close(c.p, l);
    sys_close(c.p, file);
}

static void
udp_to_itself(void)
{
    struct sockaddr_in to = here(53), none = here(9);
    int a = note_fd("socket", sys_socket(c.p, AF_INET, SOCK_DGRAM, 0));
    int b = note_fd("socket", sys_socket(c.p, AF_INET, SOCK_DGRAM, 0));

    set(a, IPPROTO_IP, IP_PKTINFO, 1);
    note("bind", sys_bind(c.p, a, (void *)&to, sizeof to));
    set(b, IPPROTO_IP, IP_RECVERR, 1);
    note(
        "sendto", sys_sendto(c.p, b, "datagram", 8, 0, (void *)&to, sizeof to));
    receive(a);
    note("sendto",
        sys_sendto(c.p, b, "nobody", 6, 0, (void *)&none, sizeof none));
    note("poll",
        sys_poll(c.p, &(struct pollfd){.fd = b, .events = POLLIN}, 1, 10) >= 0);
    sys_close(c.p, a);
    sys_close(c.p, b);
}

/* What the socket and TCP both keep is kept by both or by neither. */
static void
all_or_nothing(void)
{
    static const struct {
        int name, unset, value;
    } asked[] = {
        {SO_BINDTOIFINDEX, 0, 1},
        {SO_MAX_PACING_RATE, -1, 100000},
    };
    int fd = note_fd("socket", sys_socket(c.p, AF_INET, SOCK_STREAM, 0));

    for (unsigned i = 0; i < LW_COUNT(asked) && fd >= 0; i++) {
        int value = asked[i].value, is = 0;
        socklen_t len = sizeof is;
        long ret = note("setsockopt", sys_setsockopt(c.p, fd, SOL_SOCKET,
                                          asked[i].name, &value, sizeof value));

        CHECK_EQ(
            sys_getsockopt(c.p, fd, SOL_SOCKET, asked[i].name, &is, &len), 0);
        CHECK_EQ(is, ret ? asked[i].unset : asked[i].value);
    }
    sys_close(c.p, fd);
}

/* A descriptor and a name, on more bytes than one piece has. */
static void
send_rights(int fd, int sent)
{
    static char bytes[40000];
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof sent)] = "";
    struct cmsghdr h = {.cmsg_len = CMSG_LEN(sizeof sent),
        .cmsg_level = SOL_SOCKET,
        .cmsg_type = SCM_RIGHTS};
    struct iovec v = {bytes, sizeof bytes};
    struct msghdr m = {.msg_iov = &v,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control};

    memcpy(control, &h, sizeof h);
    memcpy(CMSG_DATA((struct cmsghdr *)(void *)control), &sent, sizeof sent);
    note("rights", sys_sendmsg(c.p, fd, &m, 0));
}

/* All of them; who wrote each part, and the descriptor, which is closed. */
static void
receive_rights(int fd)
{
    _Alignas(struct cmsghdr) char control[200];
    char bytes[30000];

    for (int i = 0; i < 3; i++) {
        struct iovec v = {bytes, sizeof bytes};
        struct msghdr m = {.msg_iov = &v,
            .msg_iovlen = 1,
            .msg_control = control,
            .msg_controllen = sizeof control};
        struct cmsghdr *h;

        note("recvmsg", sys_recvmsg(c.p, fd, &m, MSG_DONTWAIT));
        note("flags", m.msg_flags);
        for (h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
            int value;

            memcpy(&value, CMSG_DATA(h), sizeof value);
            note("control", h->cmsg_type);
            if (h->cmsg_type == SCM_RIGHTS)
                note("close", sys_close(c.p, value));
            else
                note("pid", value);
        }
    }
}

static void
unix_to_itself(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "/s"};
    int l = note_fd("socket", sys_socket(c.p, AF_UNIX, SOCK_STREAM, 0));
    int a = note_fd("socket", sys_socket(c.p, AF_UNIX, SOCK_STREAM, 0));
    int pair[2] = {-1, -1}, b;

    set(l, SOL_SOCKET, SO_PASSCRED, 1);
    note("bind", sys_bind(c.p, l, (void *)&to, sizeof to));
    note("listen", sys_listen(c.p, l, 5));
    note("connect", sys_connect(c.p, a, (void *)&to, sizeof to));
    wait_for(l);
    b = note_fd("accept", sys_accept4(c.p, l, NULL, NULL, SOCK_NONBLOCK));
    get(b, SOL_SOCKET, SO_PASSCRED);
    note("write", sys_write(c.p, a, "question", 8));
    receive(b);
    send_rights(a, l);
    receive_rights(b);
    note("unlink", sys_unlink(c.p, "/s"));
    note("pair", sys_socketpair(c.p, AF_UNIX, SOCK_STREAM, 0, pair));
    sys_close(c.p, b);
    sys_close(c.p, a);
    sys_close(c.p, l);
    sys_close(c.p, pair[0]);
    sys_close(c.p, pair[1]);
}

static void
pipes_and_files(void)
{
    int p[2] = {-1, -1}, q[2] = {-1, -1};
    int file = note_fd("open", sys_open(c.p, "/f", O_RDONLY, 0));
    int dir = note_fd("open", sys_open(c.p, "/d", O_RDONLY, 0));
    int net = note_fd("open", sys_open(c.p, "/proc/net/tcp", O_RDONLY, 0));
    char buf[300];
    off_t at = 5;

    c.foreign = net >= 0; /* open_memstream(3) */

    note("pipe", sys_pipe2(c.p, p, O_NONBLOCK));
    note("pipe", sys_pipe2(c.p, q, O_NONBLOCK));
    note("splice", sys_splice(c.p, file, &at, p[1], NULL, 9000, 0));
    note("tee", sys_tee(c.p, p[0], q[1], 9000, 0));
    note("splice", sys_splice(c.p, p[0], NULL, q[1], NULL, 100, 0));
    note("read", sys_read(c.p, q[0], buf, sizeof buf));
    note("read", sys_read(c.p, net, buf, 20));
    note_fd("create", sys_open(c.p, "/d/new", O_WRONLY | O_CREAT, 0600));
    note("unlink", sys_unlink(c.p, "/d/new"));
    for (int i = 0; i < 2; i++) {
        sys_close(c.p, p[i]);
        sys_close(c.p, q[i]);
    }
    sys_close(c.p, dir);
}

/* Tables that grow: descriptors, and what is polled at a time. */
static void
many(void)
{
    struct epoll_event e = {.events = EPOLLIN};
    struct pollfd some[40];
    int p[2] = {-1, -1}, ep;
    fd_set set_of;

    note("pipe", sys_pipe2(c.p, p, 0));
    note_fd("dup2", sys_dup2(c.p, p[0], 300));
    note_fd("dup", sys_fcntl(c.p, p[0], F_DUPFD_CLOEXEC, 700));
    for (unsigned i = 0; i < LW_COUNT(some); i++)
        some[i] = (struct pollfd){.fd = 300, .events = POLLIN};
    note("poll", sys_poll(c.p, some, LW_COUNT(some), 5));
    FD_ZERO(&set_of);
    FD_SET(300, &set_of);
    note("select",
        sys_select(c.p, 301, &set_of, NULL, NULL, &(struct timeval){0, 5000}));
    ep = note_fd("epoll", sys_epoll_create1(c.p, 0));
    note("ctl", sys_epoll_ctl(c.p, ep, EPOLL_CTL_ADD, 300, &e));
    note("wait", sys_epoll_wait(c.p, ep, &e, 1, 5));
}

static void
freed(void *arg)
{
    *(bool *)arg = true;
}

static int
child(struct proc *p, void *arg)
{
    (void)p, (void)arg;
    return 7;
}

static void
processes(void)
{
    static bool done;
    int status = 0;
    pid_t pid;

    note("at_end", sys_at_end(c.p, freed, &done));
    note("name", sys_prctl_name(c.p, "someone"));
    pid = sys_clone(c.p, child, NULL);
    note("clone", pid < 0 ? pid : 0);
    if (pid > 0)
        note("wait", sys_wait4(c.p, pid, &status, 0) == pid);
    note("status", pid > 0 ? status : 7 << 8);
}

static int
program(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    c.p = p;
    sys_rt_sigprocmask(p, 1ull << (SIGPIPE - 1) | 1ull << (SIGURG - 1));
    tcp_to_itself();
    all_or_nothing();
    udp_to_itself();
    unix_to_itself();
    pipes_and_files();
    many();
    processes();
    c.ended = true;
    return 0;
}

/* --- one life after the other -------------------------------------------  */

static unsigned
live(unsigned nth, bool for_ever, int *left)
{
    struct folder_options options = {.fixed = true};
    struct fault fault = {""};
    char *argv[] = {"program", NULL}, path[300];
    struct journal journal;
    struct disk *disk;
    struct world *w;
    struct host *h;
    unsigned asked;

    c = (struct calls){0};
    snprintf(path, sizeof path, "%s/root", shell_tmp());
    faulty_begin(0, false);
    w = world_new(&journal, 1);
    faulty_warm(w);
    disk = folder_new(path, &options, &fault);
    h = world_add_host(w, "a", disk);
    faulty_count(nth, for_ever);
    if (kernel_start(host_kernel(h), "program", program, 1, argv) < 0)
        c.said = true;
    world_run(w, (struct instant){600 * LW_S}, NULL, NULL);
    c.dropped = host_env(h)->drops[DROP_NO_MEMORY];
    world_free(w);
    asked = faulty_end(left);
    *left += c.foreign;
    return asked;
}

static void
refuse_each(bool for_ever)
{
    static char good[sizeof c.out];
    unsigned asked, said = 0;
    int left;

    asked = live(0, false, &left);
    CHECK_EQ(left, 0);
    CHECK(c.ended && !c.said && !c.dropped && strstr(c.out, "recvmsg 200"));
    memcpy(good, c.out, sizeof good);
    for (unsigned n = 1; n <= asked; n++) {
        bool same, fine;

        live(n, for_ever, &left);
        same = c.ended && strcmp(c.out, good) == 0;
        fine = left == 0 && (same || c.said || c.dropped || for_ever);
        if (!check_true(fine, "said or the same", __FILE__, __LINE__))
            printf("    request %u of %u refused: %d left, ended %d\n%s", n,
                asked, left, c.ended, c.out);
        said += !same;
    }
    CHECK(said > asked / 4);
    printf("(%u requests, %u felt) ", asked, said);
}

static void
a_call_says_that_there_is_no_memory(void)
{
    refuse_each(false);
}

static void
no_memory_from_then_on(void)
{
    refuse_each(true);
}

static CU_TestInfo cases[] = {
    TEST(a_call_says_that_there_is_no_memory),
    TEST(no_memory_from_then_on),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_no_memory_calls = {.pName = "no_memory_calls",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
