/*
 * test_message.c: sendmsg(2) and recvmsg(2) between two computers in virtual
 * time: what only a network with known cards and a known clock can show.
 * What the calls answer is compared with Linux in test_same_as_linux.c.
 */
#include "check.h"
#include "net_programs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

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

static int
bound(struct proc *p, const char *ip, uint16_t port)
{
    struct sockaddr_in to = net_at(ip, port);
    int fd = sys_socket(p, AF_INET, SOCK_DGRAM, 0), on = 1;

    CHECK_EQ(
        sys_setsockopt(p, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    CHECK_EQ(
        sys_setsockopt(p, fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on), 0);
    CHECK_EQ(sys_bind(p, fd, (void *)&to, sizeof to), 0);
    return fd;
}

static void
set(struct proc *p, int fd, int level, int name, int value)
{
    CHECK_EQ(sys_setsockopt(p, fd, level, name, &value, sizeof value), 0);
}

/* A message to receive with, over buf and control. */
struct letter {
    char buf[2000];
    uint8_t control[256];
    struct sockaddr_in from;
    struct iovec iov;
    struct msghdr m;
};

static ssize_t
receive(struct proc *p, int fd, struct letter *l, int flags)
{
    memset(l, 0, sizeof *l);
    l->iov = (struct iovec){l->buf, sizeof l->buf};
    l->m = (struct msghdr){.msg_name = &l->from,
        .msg_namelen = sizeof l->from,
        .msg_iov = &l->iov,
        .msg_iovlen = 1,
        .msg_control = l->control,
        .msg_controllen = sizeof l->control};
    return sys_recvmsg(p, fd, &l->m, flags);
}

/* Its control message of that type, at least len bytes; or zeros. */
static const void *
control(const struct letter *l, int level, int type, size_t len)
{
    static const uint8_t none[64];

    for (const struct cmsghdr *c = CMSG_FIRSTHDR(&l->m); c;
         c = CMSG_NXTHDR(
             (struct msghdr *)(uintptr_t)&l->m, (struct cmsghdr *)(uintptr_t)c))
        if (c->cmsg_level == level && c->cmsg_type == type &&
            c->cmsg_len >= CMSG_LEN(len))
            return CMSG_DATA(c);
    CHECK(false);
    return none;
}

/* --- which card, which address, when ------------------------------------- */

static int
listens(struct proc *p, int argc, char **argv)
{
    int fd = bound(p, "0.0.0.0", 500), other = bound(p, "10.0.0.2", 500);
    int all = bound(p, "10.0.0.255", 500);
    struct in_pktinfo info;
    struct timespec at;
    struct timeval us;
    struct letter l;
    struct sockaddr_in whence;

    (void)argc, (void)argv;
    set(p, fd, IPPROTO_IP, IP_PKTINFO, 1);
    set(p, fd, IPPROTO_IP, IP_RECVTTL, 1);
    set(p, fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    set(p, all, SOL_SOCKET, SO_TIMESTAMP, 1);
    CHECK_EQ(receive(p, fd, &l, 0), 9);
    CHECK_TEXT(l.buf, "broadcast");
    memcpy(
        &info, control(&l, IPPROTO_IP, IP_PKTINFO, sizeof info), sizeof info);
    CHECK_EQ(info.ipi_ifindex, 2); /* 1 is the loopback */
    CHECK_EQ(ntohl(info.ipi_addr.s_addr), net_ip("10.0.0.255").v);
    CHECK_EQ(ntohl(info.ipi_spec_dst.s_addr), net_ip("10.0.0.2").v);
    memcpy(&at, control(&l, SOL_SOCKET, SO_TIMESTAMPNS, sizeof at), sizeof at);
    CHECK_EQ(at.tv_sec, sys_env(p)->timers->epoch);
    CHECK_EQ(at.tv_nsec, 11 * LW_MS); /* sent at 10 ms, 1 ms of cable */
    CHECK_EQ(*(const int *)control(&l, IPPROTO_IP, IP_TTL, 4), 7);

    /* Everybody who fits hears a broadcast; who is bound elsewhere not. */
    CHECK_EQ(receive(p, all, &l, 0), 9);
    memcpy(&us, control(&l, SOL_SOCKET, SO_TIMESTAMP, sizeof us), sizeof us);
    CHECK_EQ(us.tv_usec, 11000);
    whence = l.from;
    CHECK_EQ(receive(p, other, &l, MSG_DONTWAIT), -EAGAIN);

    /* Bound to a broadcast address, it speaks with an own one. */
    CHECK_EQ(
        sys_sendto(p, all, "back", 4, 0, (void *)&whence, sizeof whence), 4);
    return 0;
}

static int
shouts(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = net_at("10.0.0.255", 500);
    int fd = bound(p, "0.0.0.0", 0);
    struct timespec wait = {0, 10 * LW_MS};
    struct letter l;

    (void)argc, (void)argv;
    set(p, fd, IPPROTO_IP, IP_TTL, 7);
    sys_nanosleep(p, &wait);
    CHECK_EQ(sys_sendto(p, fd, "broadcast", 9, 0, (void *)&to, sizeof to), 9);
    CHECK_EQ(receive(p, fd, &l, 0), 4);
    CHECK_EQ(ntohl(l.from.sin_addr.s_addr), net_ip("10.0.0.2").v);
    CHECK_EQ(ntohs(l.from.sin_port), 500);
    return 0;
}

static void
a_broadcast_is_for_all_and_says_whence(void)
{
    net_start(net.b, "test", listens);
    net_ends_well(&net, shouts);
    CHECK_EQ(kernel_status(host_kernel(net.b), 1), 0);
}

/* --- when did the bytes of a stream come? -------------------------------- */

/* When the last of the n bytes came that a read gives, in ms. */
static long
came(struct proc *p, int fd, size_t n, int flags)
{
    uint8_t bytes[64];
    char buf[16];
    struct iovec iov = {buf, n};
    struct msghdr m = {.msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = bytes,
        .msg_controllen = sizeof bytes};
    struct timespec at;

    CHECK_EQ(sys_recvmsg(p, fd, &m, flags), n);
    CHECK_EQ(m.msg_controllen, CMSG_SPACE(sizeof at)); /* told once */
    memcpy(&at, bytes + sizeof(struct cmsghdr), sizeof at);
    return at.tv_nsec / LW_MS;
}

static int
asks_when(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in at = net_at("10.0.0.2", 80);
    int l = sys_socket(p, AF_INET, SOCK_STREAM, 0), fd;
    struct timespec wait = {0, 200 * LW_MS};

    (void)argc, (void)argv;
    CHECK_EQ(sys_bind(p, l, (void *)&at, sizeof at), 0);
    CHECK_EQ(sys_listen(p, l, 1), 0);
    set(p, l, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    fd = sys_accept4(p, l, NULL, NULL, 0);
    sys_nanosleep(p, &wait);
    CHECK_EQ(came(p, fd, 2, 0), 115); /* ARP, SYN: 4 ms; then 110; and 1 */
    CHECK_EQ(came(p, fd, 2, MSG_PEEK), 125);
    CHECK_EQ(came(p, fd, 2, 0), 125); /* it ends in the second piece */
    CHECK_EQ(came(p, fd, 1, 0), 125);
    CHECK_EQ(came(p, fd, 6, MSG_WAITALL), 325); /* some of it, and the rest */
    return 0;
}

static int
says_so(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = net_at("10.0.0.2", 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    const int64_t pause[] = {110, 10, 10, 190};
    int on = 1;

    (void)argc, (void)argv;
    CHECK_EQ(sys_connect(p, fd, (void *)&to, sizeof to), 0);
    CHECK_EQ(sys_setsockopt(p, fd, IPPROTO_TCP, TCP_NODELAY, &on, 4), 0);
    for (unsigned i = 0; i < LW_COUNT(pause); i++) {
        struct timespec wait = {0, pause[i] * LW_MS};

        sys_nanosleep(p, &wait);
        CHECK_EQ(sys_write(p, fd, "abc", 3), 3);
    }
    return 0;
}

static void
bytes_of_a_stream_have_a_time(void)
{
    net_start(net.b, "test", asks_when);
    net_ends_well(&net, says_so);
    CHECK_EQ(kernel_status(host_kernel(net.b), 1), 0);
}

/* --- too big ------------------------------------------------------------- */

static int
too_big(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = net_at("10.0.0.2", 9);
    static char data[2000];
    struct sock_extended_err e;
    struct sockaddr_in from;
    struct letter l;
    int fd = bound(p, "0.0.0.0", 0), mtu = 0;
    socklen_t len = sizeof mtu;

    (void)argc, (void)argv;
    set(p, fd, IPPROTO_IP, IP_RECVERR, 1);
    set(p, fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    CHECK_EQ(sys_sendto(p, fd, data, 1472, 0, (void *)&to, sizeof to), 1472);
    CHECK_EQ(
        sys_sendto(p, fd, data, 1473, 0, (void *)&to, sizeof to), -EMSGSIZE);
    CHECK_EQ(receive(p, fd, &l, MSG_ERRQUEUE), 0);
    CHECK_EQ(l.m.msg_flags, MSG_ERRQUEUE);
    memcpy(&e, control(&l, IPPROTO_IP, IP_RECVERR, sizeof e), sizeof e);
    memcpy(&from,
        (const uint8_t *)control(&l, IPPROTO_IP, IP_RECVERR, 32) + sizeof e,
        sizeof from);
    CHECK_EQ(e.ee_errno, EMSGSIZE);
    CHECK_EQ(e.ee_origin, SO_EE_ORIGIN_LOCAL);
    CHECK_EQ(e.ee_info, 1500);
    CHECK_EQ(from.sin_family, AF_UNSPEC);
    CHECK_EQ(ntohl(l.from.sin_addr.s_addr), net_ip("10.0.0.2").v);
    CHECK_EQ(receive(p, fd, &l, MSG_ERRQUEUE), -EAGAIN);
    CHECK_EQ(sys_connect(p, fd, (void *)&to, sizeof to), 0);
    CHECK_EQ(sys_getsockopt(p, fd, IPPROTO_IP, IP_MTU, &mtu, &len), 0);
    CHECK_EQ(mtu, 1500);
    return 0;
}

static void
what_may_not_be_cut_is_refused(void)
{
    net_ends_well(&net, too_big);
}

/* --- several at once ----------------------------------------------------- */

static int
takes_several(struct proc *p, int argc, char **argv)
{
    int fd = bound(p, "0.0.0.0", 500);
    struct mmsghdr m[4] = {0};
    char buf[4][8] = {""};
    struct iovec iov[4];
    struct timespec most = {0, 25 * LW_MS};

    (void)argc, (void)argv;
    for (int i = 0; i < 4; i++) {
        iov[i] = (struct iovec){buf[i], sizeof buf[i] - 1};
        m[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
    }
    /* One every 10 ms: the time is up when the third has come. */
    CHECK_EQ(sys_recvmmsg(p, fd, m, 4, 0, &most), 3);
    CHECK_TEXT(buf[2], "2");
    CHECK_EQ(m[2].msg_len, 1);
    CHECK_EQ(net_now(&net).ns / LW_MS, 31);
    CHECK_EQ(most.tv_nsec, 0); /* of its time nothing is left */
    CHECK_EQ(sys_recvmmsg(p, fd, m, 4, MSG_WAITFORONE, NULL), 1);
    most.tv_nsec = LW_S;
    CHECK_EQ(sys_recvmmsg(p, fd, m, 4, 0, &most), -EINVAL);
    CHECK_EQ(sys_recvmmsg(p, 99, m, 4, 0, NULL), -EBADF);
    return 0;
}

static int
sends_slowly(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in to = net_at("10.0.0.2", 500);
    struct timespec wait = {0, 10 * LW_MS};
    int fd = bound(p, "0.0.0.0", 0);
    struct iovec iov = {"01234", 1};
    struct msghdr m = {.msg_name = &to,
        .msg_namelen = sizeof to,
        .msg_iov = &iov,
        .msg_iovlen = 1};

    (void)argc, (void)argv;
    for (int i = 0; i < 4; i++) {
        sys_nanosleep(p, &wait);
        CHECK_EQ(sys_sendmsg(p, fd, &m, 0), 1);
        iov.iov_base = (char *)iov.iov_base + 1;
    }
    return 0;
}

static void
several_messages_in_one_call(void)
{
    net_start(net.b, "test", takes_several);
    net_start(net.a, "test", sends_slowly);
    net_run(&net, LW_S);
    CHECK_EQ(kernel_status(host_kernel(net.b), 1), 0);
    CHECK_TEXT(recorder_strace(&net.rec, "sendmsg", 0),
        "sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(500), "
        "sin_addr=inet_addr(\"10.0.0.2\")}, msg_namelen=16, "
        "msg_iov=[{iov_base=\"0\", iov_len=1}], msg_iovlen=1, "
        "msg_controllen=0, msg_flags=0}, 0) = 1");
    CHECK_TEXT(recorder_strace(&net.rec, "recvmmsg", 0),
        "recvmmsg(3, [{msg_hdr={...}, msg_len=1}, {msg_hdr={...}, msg_len=1}, "
        "{msg_hdr={...}, msg_len=1}], 4, 0, {tv_sec=0, tv_nsec=25000000}) = 3");
}

/* --- counts that are refused --------------------------------------------- */

static int
says_too_many(struct proc *p, int argc, char **argv)
{
    struct iovec *one = malloc(sizeof *one);
    struct msghdr m = {.msg_iov = one, .msg_iovlen = IOV_MAX + 1};
    struct cmsghdr *c = calloc(1, sizeof *c);
    int fd = bound(p, "0.0.0.0", 500);

    (void)argc, (void)argv;
    *one = (struct iovec){one, 1};
    CHECK_EQ(sys_sendmsg(p, fd, &m, 0), -EMSGSIZE);
    CHECK_EQ(sys_recvmsg(p, fd, &m, MSG_DONTWAIT), -EMSGSIZE);
    CHECK_EQ(sys_writev(p, fd, one, IOV_MAX + 1), -EINVAL);
    CHECK_EQ(sys_readv(p, fd, one, IOV_MAX + 1), -EINVAL);
    c->cmsg_len = sizeof *c;
    m.msg_iovlen = 1;
    m.msg_control = c;
    m.msg_controllen = (size_t)INT_MAX + 1;
    CHECK_EQ(sys_sendmsg(p, fd, &m, 0), -ENOBUFS);
    free(c);
    free(one);
    return 0;
}

static int
begins_with_nothing(struct proc *p, int argc, char **argv)
{
    struct iovec iov[2] = {{NULL, 0}, {"x", 1}};
    struct sockaddr_in to = net_at("10.0.0.1", 500);
    struct msghdr m = {.msg_name = &to,
        .msg_namelen = sizeof to,
        .msg_iov = iov,
        .msg_iovlen = 2};
    int fd = bound(p, "0.0.0.0", 500), ends[2];
    struct letter l;

    (void)argc, (void)argv;
    CHECK_EQ(sys_sendmsg(p, fd, &m, 0), 1);
    CHECK_EQ(receive(p, fd, &l, 0), 1);
    CHECK_EQ(sys_pipe2(p, ends, 0), 0);
    CHECK_EQ(sys_writev(p, ends[1], iov, 2), 1);
    iov[1].iov_base = l.buf;
    CHECK_EQ(sys_readv(p, ends[0], iov, 2), 1);
    return 0;
}

static void
an_empty_buffer_may_lie_nowhere(void)
{
    net_ends_well(&net, begins_with_nothing);
}

/* Nor does the report of the call look at what is behind the last one. */
static void
more_than_there_may_be_is_not_looked_at(void)
{
    net_ends_well(&net, says_too_many);
    CHECK_TEXT(recorder_strace(&net.rec, "writev", 0),
        "writev(3, 0x..., 1025) = -1 EINVAL (Invalid argument)");
}

static CU_TestInfo cases[] = {
    TEST(a_broadcast_is_for_all_and_says_whence),
    TEST(bytes_of_a_stream_have_a_time),
    TEST(what_may_not_be_cut_is_refused),
    TEST(several_messages_in_one_call),
    TEST(an_empty_buffer_may_lie_nowhere),
    TEST(more_than_there_may_be_is_not_looked_at),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_message = {.pName = "message",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
