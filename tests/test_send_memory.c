/*
 * test_send_memory.c: does SO_SNDBUF mean what it means in Linux? The same
 * peer (state_peer.h), which acknowledges only what it is told to, stands
 * before our kernel and before Linux; a program writes until nothing more is
 * taken, and then asks after each ACK whether it may write again.
 *
 * An empty buffer has another price in each version of Linux (tcp_wmem.c),
 * so each side is judged by its own: SO_MEMINFO says how much is in use. Only
 * how much is taken is compared directly: how many ACKs it takes until a
 * writer is wanted again differs, since Linux sends in larger pieces.
 *
 * And does the size tune itself, and does that bring anything? And does what
 * was set for receiving decide the window's scale as in Linux?
 */
#include "check.h"
#include "ip_core.h"
#include "offload.h"
#include "same_words.h"
#include "state_peer.h"
#include "tcp_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    MSS = 536,      /* of a peer that names none */
    GOAL = 14472,   /* half of its window, 30000, in whole segments */
    MUCH = 1 << 20, /* more than any of these buffers takes */
    MEMINFO = 55    /* SO_MEMINFO */
};

/* SO_SNDBUF, and how much is written with one call. */
static const struct {
    int sndbuf, each;
} plans[] = {
    {5000, MUCH},
    {10000, MUCH},
    {24000, MUCH},
    {60000, MUCH},
    {100000, MUCH},
    {24000, 1000},
    {24000, 100},
    {60000, 3000},
    {60000, 1},
};

/* What was found. */
struct found {
    int sndbuf;        /* what getsockopt says */
    uint32_t price;    /* of a buffer that holds one byte, without that */
    uint32_t taken;    /* bytes until the first refusal */
    uint32_t unacked;  /* SIOCOUTQ then */
    uint32_t full;     /* SO_MEMINFO then */
    uint32_t acked;    /* bytes, when EPOLLOUT came */
    uint32_t before;   /* SO_MEMINFO one ACK before */
    uint32_t writable; /* ... and then */
};

/* --- one call on either side --------------------------------------------- */

static ssize_t
put(struct stage *s, int fd, size_t len)
{
    static char text[MUCH];
    ssize_t n;

    if (s->side.p)
        return sys_write(s->side.p, fd, text, len);
    n = write(fd, text, len);
    return n < 0 ? -errno : n;
}

static int
option(struct stage *s, int fd, int name)
{
    int value = 0;
    socklen_t len = sizeof value;

    if (s->side.p)
        sys_getsockopt(s->side.p, fd, SOL_SOCKET, name, &value, &len);
    else
        getsockopt(fd, SOL_SOCKET, name, &value, &len);
    return value;
}

static void
set(struct stage *s, int fd, int level, int name, int value)
{
    if (s->side.p)
        sys_setsockopt(s->side.p, fd, level, name, &value, sizeof value);
    else
        setsockopt(fd, level, name, &value, sizeof value);
}

static uint32_t
in_use(struct stage *s, int fd)
{
    uint32_t m[SK_MEMINFO_VARS] = {0};
    socklen_t len = sizeof m;

    if (s->side.p)
        sys_getsockopt(s->side.p, fd, SOL_SOCKET, MEMINFO, m, &len);
    else
        getsockopt(fd, SOL_SOCKET, MEMINFO, m, &len);
    return m[SK_MEMINFO_WMEM_QUEUED];
}

static uint32_t
unacked(struct stage *s, int fd)
{
    int n = 0;

    if (s->side.p)
        sys_ioctl(s->side.p, fd, SIOCOUTQ, &n);
    else
        ioctl(fd, SIOCOUTQ, &n);
    return (uint32_t)n;
}

static bool
may_write(struct stage *s, int fd)
{
    struct epoll_event e = {.events = EPOLLOUT};
    int ep, n;

    if (s->side.p) {
        ep = sys_epoll_create1(s->side.p, 0);
        sys_epoll_ctl(s->side.p, ep, EPOLL_CTL_ADD, fd, &e);
        n = sys_epoll_wait(s->side.p, ep, &e, 1, 0);
        sys_close(s->side.p, ep);
    } else {
        ep = epoll_create1(0);
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
        n = epoll_wait(ep, &e, 1, 0);
        close(ep);
    }
    return n == 1;
}

/* The same algorithm on both sides, whatever this machine's is. */
static void
begin(struct stage *s, int fd)
{
    if (s->side.p) {
        sys_setsockopt(s->side.p, fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
        sys_fcntl(s->side.p, fd, F_SETFL, O_RDWR | O_NONBLOCK);
    } else {
        setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
        fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
    }
}

/* --- the play ------------------------------------------------------------ */

/* The peer acknowledges all up to `to`. */
static void
acknowledge(struct stage *s, unsigned i, uint32_t to)
{
    uint32_t all = s->end[i].ack;

    s->end[i].ack = to;
    state_send(s, i, ".");
    if ((int32_t)(all - s->end[i].ack) > 0)
        s->end[i].ack = all;
}

/* ACKs of one segment after the other until the writer is wanted again. */
static void
drain(struct stage *s, unsigned i, int fd, uint32_t first, struct found *f)
{
    for (;; state_hear(s)) {
        /* Asked first: an ACK that Linux has not looked at yet may be counted
         * between the two questions. */
        uint32_t before = in_use(s, fd), out;

        if (may_write(s, fd))
            break;
        f->before = before;
        out = s->end[i].ack - first - f->acked;
        for (int try = 0; out == 0 && try < 20; try++) { /* Linux is late */
            state_rest(s, 10);
            out = s->end[i].ack - first - f->acked;
        }
        if (out == 0)
            break;
        f->acked += out < MSS ? out : MSS;
        acknowledge(s, i, first + f->acked);
    }
    f->writable = in_use(s, fd);
}

static void
play(struct stage *s, unsigned i, struct found *f)
{
    uint32_t first;
    ssize_t n;
    int fd;

    state_lead(s, i, "tcp a; connect a peer; <S.");
    fd = s->side.fd[0];
    first = s->end[i].ack;
    begin(s, fd);
    set(s, fd, SOL_SOCKET, SO_SNDBUF, plans[i].sndbuf);
    put(s, fd, 1);
    f->price = in_use(s, fd) - 1;
    state_hear(s);
    acknowledge(s, i, ++first);
    f->sndbuf = option(s, fd, SO_SNDBUF);
    while ((n = put(s, fd, (size_t)plans[i].each)) > 0)
        f->taken += (uint32_t)n;
    state_hear(s);
    f->unacked = unacked(s, fd);
    f->full = in_use(s, fd);
    drain(s, i, fd, first, f);
}

static void
fill(struct stage *s, FILE *out)
{
    static struct found found[LW_COUNT(plans)];

    memset(found, 0, sizeof found);
    for (int i = 0; i < 26; i++)
        s->side.fd[i] = -1;
    for (unsigned i = 0; i < LW_COUNT(plans); i++) {
        play(s, i, &found[i]);
        state_close_all(s);
    }
    fwrite(found, sizeof found, 1, out);
}

/* --- the judge ----------------------------------------------------------- */

/* What must hold of either side, in its own measure. */
static void
judge(const struct found *f, unsigned i)
{
    uint32_t sndbuf = (uint32_t)f->sndbuf;

    CHECK_EQ(f->sndbuf, 2 * plans[i].sndbuf);
    CHECK_EQ(f->unacked, f->taken);
    CHECK(f->full >= sndbuf); /* all that it can take */
    CHECK(f->full < sndbuf + GOAL + 12 * f->price);
    CHECK(f->before > sndbuf - sndbuf / 3 - 2);
    CHECK(f->writable <= sndbuf - sndbuf / 3 + 2);
    CHECK(f->acked > 0 && f->acked <= f->taken);
}

/* Two counts that differ only by the price of so many buffers. */
static void
near(uint32_t ours, uint32_t theirs, uint32_t most)
{
    uint32_t gap = ours > theirs ? ours - theirs : theirs - ours;

    if (!CHECK(gap <= most))
        printf("    ours %u, Linux's %u\n", ours, theirs);
}

static void
one_that_was_set_means_what_it_does_in_linux(void)
{
    struct found *mine = (void *)state_ours(fill);
    struct found *theirs = (void *)state_linux(fill, 0);

    for (unsigned i = 0; i < LW_COUNT(plans); i++) {
        uint32_t most = GOAL + 12 * mine[i].price;

        judge(&mine[i], i);
        if (!theirs)
            continue;
        judge(&theirs[i], i);
        near(mine[i].taken, theirs[i].taken, most);
    }
    if (!theirs)
        printf("\n    not compared: no namespace or no /dev/net/tun here\n");
    free(mine);
    free(theirs);
}

/* --- what the SYN says of the window ------------------------------------- */

static const struct {
    int level, name, value;
} asked[] = {
    {SOL_SOCKET, SO_RCVBUF, 30000},
    {SOL_SOCKET, SO_RCVBUF, 65535},
    {SOL_SOCKET, SO_RCVBUF, 65536},
    {SOL_SOCKET, SO_RCVBUF, 100000},
    {SOL_SOCKET, SO_RCVBUF, 131071},
    {SOL_SOCKET, SO_RCVBUF, 131072},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, 20000},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, 65535},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, 65536},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, 300000},
};

/* The shift that a caller and its listener, both so set, have agreed on. */
static void
fill_scales(struct stage *s, FILE *out)
{
    for (unsigned i = 0; i < LW_COUNT(asked); i++) {
        struct tcp_info info = {0};
        socklen_t len = sizeof info;

        for (int fd = 0; fd < 26; fd++)
            s->side.fd[fd] = -1;
        same_go(&s->side, "tcp a; bind a :0");
        set(s, s->side.fd[0], asked[i].level, asked[i].name, asked[i].value);
        same_go(&s->side, "listen a 5; tcp b");
        set(s, s->side.fd[1], asked[i].level, asked[i].name, asked[i].value);
        same_go(&s->side, "connect b =a");
        if (s->side.p)
            sys_getsockopt(
                s->side.p, s->side.fd[1], IPPROTO_TCP, TCP_INFO, &info, &len);
        else
            getsockopt(s->side.fd[1], IPPROTO_TCP, TCP_INFO, &info, &len);
        fprintf(out, "%d: ours %d, the listener's %d\n", asked[i].value,
            info.tcpi_rcv_wscale, info.tcpi_snd_wscale);
        state_close_all(s);
    }
}

static void
the_scale_is_chosen_as_in_linux(void)
{
    char *mine = state_ours(fill_scales), *theirs = state_linux(fill_scales, 0);

    CHECK(strstr(mine, "65536: ours 1, the listener's 1\n") != NULL);
    if (theirs)
        CHECK_TEXT(mine, theirs);
    free(mine);
    free(theirs);
}

/* --- tuning -------------------------------------------------------------- */

/* Virtual time that 4 MB take on a way of 100 ms there and back; sndbuf 0:
 * tuned. *grown: what the buffer has become. */
static int64_t
time_of(int sndbuf, int *grown)
{
    struct cable_config config = {
        .name = "t", .delay_ns = 50 * LW_MS, .rate = 1000000000};
    struct talk talk = {.chunk = 65536};
    struct tcp_world w;
    int64_t ns = 0;

    tcp_world_pair(&w, 1, &config);
    talk_begin(&talk, &w.a, &w.b, TCP_HOST_B, 4 << 20, 1);
    if (sndbuf)
        tcp_set_option(talk.client.c, TCP_OPT_SNDBUF, sndbuf);
    for (; !talk_good(&talk) && ns < 60 * LW_S; ns += 10 * LW_MS) {
        if (talk.client.c)
            tcp_get_option(talk.client.c, TCP_OPT_SNDBUF, grown);
        tcp_world_run(&w, 10 * LW_MS);
    }
    CHECK(talk_good(&talk));
    talk_end(&talk);
    tcp_world_finish(&w, 600 * LW_S);
    tcp_world_close(&w);
    return ns;
}

static void
one_that_tunes_itself_fills_a_long_way(void)
{
    int grown = 0, fixed = 0;
    int64_t tuned = time_of(0, &grown), set = time_of(43520, &fixed);

    CHECK_EQ(fixed, 87040); /* what a tuned one begins with */
    CHECK(grown > 8 * fixed);
    CHECK(grown <= 4 << 20); /* tcp_wmem */
    CHECK(3 * tuned < set);
}

/* --- what is left to a card ----------------------------------------------- */

static void (*cable)(struct netdev *dev, struct pkt *p);

/* A card that sums, and cuts, what is TCP; it knows nothing of fragments. */
static void
to_card(struct netdev *dev, struct pkt *p)
{
    struct offload_run r;

    if (p->segment == 0 && offload_begin(&r, p->data, p->len)) {
        offload_leave(p->data);
        offload_sum(p->data, p->len, r.tcp_at, 16);
    }
    cable(dev, p);
}

/* Are the checksums right where IP cuts segments into fragments, because the
 * way takes less and DF is not set (ip(7), IP_PMTUDISC_DONT)? */
static void
fragments_are_not_left_to_a_card(void)
{
    struct cable_config config = {.name = "t"};
    struct route narrow = {.dst = TCP_HOST_B, .prefix = 32, .mtu = 600};
    struct talk talk;
    struct tcp_world w;

    tcp_world_pair(&w, 1, &config);
    narrow.nif = &w.a.nif_eth;
    narrow.src = TCP_HOST_A;
    cable = w.a.eth.xmit;
    w.a.eth.xmit = to_card;
    w.a.eth.sums = true;
    talk_begin(&talk, &w.a, &w.b, TCP_HOST_B, 1000, 1);
    tcp_set_option(talk.client.c, TCP_OPT_MTU_DISCOVER, 0);
    CHECK_EQ(ip_note_route(w.a.ip, &narrow, RULE_IP_ROUTE), 0);
    tcp_world_finish(&w, 600 * LW_S);
    CHECK(talk_good(&talk));
    CHECK_EQ(w.b.env.drops[DROP_TCP_CHECKSUM], 0);
    talk_end(&talk);
    tcp_world_close(&w);
}

/* --- PSH ----------------------------------------------------------------- */

/* Which of the first 32 frames bear it? */
static enum cable_fate
note_push(void *owner, uint64_t n, const struct pkt *p)
{
    if (n < 32 && p->data[14 + 20 + 13] & SEG_PSH)
        *(uint32_t *)owner |= 1u << n;
    return FATE_DELIVER;
}

static uint32_t
pushes(uint32_t iss)
{
    struct cable_config config = {.name = "t"};
    struct talk talk;
    struct tcp_world w;
    uint32_t found = 0;

    tcp_world_pair(&w, 1, &config);
    w.a.tcp->iss_fixed = true;
    w.a.tcp->iss.v = iss;
    tcp_config(w.b.tcp)->rcvbuf = 4380; /* one segment is half of it */
    cable_set_fate(w.cable, note_push, &found);
    talk_begin(&talk, &w.a, &w.b, TCP_HOST_B, 30000, 1);
    tcp_world_finish(&w, 600 * LW_S);
    CHECK(talk_good(&talk));
    talk_end(&talk);
    tcp_world_close(&w);
    return found;
}

/* Nobody has asked for PSH before the first byte, whatever its number. */
static void
the_first_number_decides_nothing(void)
{
    uint32_t found = pushes(0xffffffff);

    CHECK(found != 0);
    CHECK_EQ(pushes(0x7fffffff), found);
    CHECK_EQ(pushes(0xc0000000), found);
}

static CU_TestInfo cases[] = {
    TEST(one_that_was_set_means_what_it_does_in_linux),
    TEST(the_scale_is_chosen_as_in_linux),
    TEST(one_that_tunes_itself_fills_a_long_way),
    TEST(fragments_are_not_left_to_a_card),
    TEST(the_first_number_decides_nothing),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_send_memory = {.pName = "send_memory", .pTests = cases};
