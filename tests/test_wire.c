/*
 * test_wire.c: cables with rate, delay and faults; loopback; TAP.
 */
#include "check.h"
#include "cable.h"
#include "loopback.h"
#include "mark.h"
#include "sum.h"
#include "bytes.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two cards, and a log of what reaches them: "@<us>:<card><letter> ". */
static struct {
    struct journal journal;
    struct timers timers;
    struct pkt_pool *pool;
    struct env env;
    struct netdev dev[2];
    struct cable *cable;
    char log[1024];
    bool echo; /* card 1 sends back what it gets */
} w;

static struct pkt *
frame(char letter, uint32_t len)
{
    struct pkt *p = pkt_new(w.pool, PKT_HEADROOM, len);

    memset(pkt_put(p, len), letter, len);
    return p;
}

static void
receive(struct netdev *dev, struct pkt *p)
{
    size_t used = strlen(w.log);

    snprintf(w.log + used, sizeof w.log - used, "@%lld:%u%c ",
        (long long)w.timers.now.ns / LW_US, (unsigned)(dev - w.dev),
        p->data[0]);
    if (w.echo && dev == &w.dev[1]) {
        w.echo = false;
        dev->xmit(dev, frame('E', 100));
    }
    pkt_free(p);
}

static void
setup(void)
{
    memset(&w, 0, sizeof w);
    journal_init(&w.journal, &w.timers.now);
    timers_init(&w.timers, &w.journal);
    w.pool = pkt_pool_new(&w.journal, 2000);
    w.env.journal = &w.journal;
    w.env.timers = &w.timers;
    w.env.pool = w.pool;
    w.env.host = (uint16_t)journal_host(&w.journal, "both");
    for (int i = 0; i < 2; i++) {
        struct netdev *dev = &w.dev[i];

        *dev = (struct netdev){.mtu = NETDEV_MTU,
            .env = &w.env,
            .input = receive,
            .addr = {{2, 0, 0, 0, 0, (uint8_t)i}}};
        snprintf(dev->name, sizeof dev->name, "eth%d", i);
    }
}

static void
teardown(void)
{
    cable_free(w.cable);
    CHECK_EQ(pkt_pool_used(w.pool), 0);
    CHECK_EQ(timers_places(&w.timers), 0);
    pkt_pool_free(w.pool);
    timers_close(&w.timers);
    journal_close(&w.journal);
}

static void
plug(struct cable_config config)
{
    config.name = "a-b";
    w.cable = cable_new(&w.timers, 1, &config, &w.dev[0], &w.dev[1]);
}

static void
send_frame(char letter, uint32_t len)
{
    w.dev[0].xmit(&w.dev[0], frame(letter, len));
}

/* Runs until nothing is armed; the log so far, which is then empty. */
static const char *
run(void)
{
    static char log[sizeof w.log];
    struct instant due;

    while (timers_next(&w.timers, &due))
        timers_advance(&w.timers, due);
    memcpy(log, w.log, sizeof log);
    w.log[0] = 0;
    return log;
}

/* Does a frame take its length over the rate, plus the delay? */
static void
rate_and_delay_add_up(void)
{
    plug((struct cable_config){.rate = 8000000, .delay_ns = 5 * LW_MS});
    send_frame('a', 1000);
    send_frame('b', 500);
    send_frame('c', 1);
    CHECK_EQ(cable_under_way(w.cable), 3);
    CHECK_TEXT(run(), "@6000:1a @6500:1b @6501:1c ");
    send_frame('d', 1000); /* the line is free again */
    CHECK_TEXT(run(), "@12501:1d ");
    CHECK_TEXT(cable_name(w.cable), "a-b");
}

/* Do the two directions leave each other alone? */
static void
directions_are_independent(void)
{
    plug((struct cable_config){.rate = 8000000, .delay_ns = LW_MS});
    w.echo = true;
    send_frame('a', 1000);
    send_frame('b', 1000);
    CHECK_TEXT(run(), "@2000:1a @3000:1b @3100:0E ");
}

/* Is nothing delivered before the sender's call has returned? */
static void
nothing_arrives_by_recursion(void)
{
    plug((struct cable_config){0});
    w.echo = true;
    send_frame('a', 60);
    send_frame('b', 60);
    CHECK_TEXT(w.log, "");
    CHECK_TEXT(run(), "@0:1a @0:1b @0:0E ");
    CHECK_EQ(w.timers.fired, 2); /* a firing per direction, not per frame */
}

/* Is a frame refused when too many wait, and is the reason told? */
static void
queue_has_a_limit(void)
{
    plug((struct cable_config){.rate = 8000000, .queue = 2});
    send_frame('a', 1000); /* leaves at once: does not wait */
    send_frame('b', 1000);
    send_frame('c', 1000);
    send_frame('d', 1000);
    CHECK_EQ(w.env.drops[DROP_QUEUE_FULL], 1);
    CHECK_TEXT(run(), "@1000:1a @2000:1b @3000:1c ");
}

/* An IPv4 header in a frame, as long as it is said to be. */
static struct pkt *
ip_frame(unsigned version, uint8_t tos, uint32_t len)
{
    struct pkt *p = pkt_new(w.pool, 0, 64);
    uint8_t *at = pkt_put(p, len);

    memset(at, 0, len);
    at[12] = 8;
    if (len > 15) {
        at[14] = (uint8_t)(version << 4 | 5);
        at[15] = tos;
        at[17] = 46;
        at[22] = 64;
    }
    if (len >= 34) {
        struct writer out = writer_of(at + 24, 2);

        put_be16(&out, sum_fold(sum_add(0, at + 14, 20)));
    }
    return p;
}

/* Which packets may be marked, and is the checksum right afterwards? */
static void
marks_only_what_can_bear_it(void)
{
    static const struct {
        unsigned version;
        uint8_t tos, after;
        uint32_t len;
    } rows[] = {{4, 0xb8, 0xb8, 60}, {4, 0xb9, 0xbb, 60}, {4, 2, 3, 60},
        {4, 3, 3, 60}, {6, 2, 2, 60}, {4, 2, 3, 34}, {4, 2, 2, 33},
        {4, 2, 2, 16}};

    plug((struct cable_config){0});
    for (unsigned i = 0; i < LW_COUNT(rows); i++) {
        struct pkt *p = ip_frame(rows[i].version, rows[i].tos, rows[i].len);

        CHECK_EQ(mark_congestion(p), rows[i].tos != rows[i].after);
        CHECK_EQ(p->data[15], rows[i].after);
        if (rows[i].len >= 34)
            CHECK_EQ(sum_fold(sum_add(0, p->data + 14, 20)), 0);
        pkt_free(p);
    }
    struct pkt *arp = ip_frame(4, 2, 60);

    arp->data[13] = 6;
    CHECK(!mark_congestion(arp));
    pkt_free(arp);
    struct pkt *runt = ip_frame(4, 2, 14);

    CHECK(!mark_congestion(runt));
    pkt_free(runt);
}

static void
count_marks(void *owner, const struct event *e)
{
    *(unsigned *)owner += e->kind == EV_FRAME_MARKED;
}

/* Is a packet marked when as many wait as was said, and not before? */
static void
marks_when_the_queue_is_long(void)
{
    unsigned marks = 0;
    struct listener l = {
        .event = count_marks, .owner = &marks, .level = LEVEL_STEP};

    journal_listen(&w.journal, &l);
    plug((struct cable_config){.rate = 8000000, .queue = 3, .ecn = 2});
    for (unsigned i = 0; i < 3; i++) /* leaves; waits; waits */
        w.dev[0].xmit(&w.dev[0], ip_frame(4, 2, 60));
    CHECK_EQ(marks, 0);
    w.dev[0].xmit(&w.dev[0], ip_frame(4, 2, 60));
    CHECK_EQ(marks, 1);
    CHECK_EQ(w.env.drops[DROP_QUEUE_FULL], 0);
    run();
    w.dev[0].xmit(&w.dev[0], ip_frame(4, 2, 60));
    CHECK_EQ(marks, 1);
    run();
    journal_unlisten(&w.journal, &l);
}

static enum cable_fate
fate_by_letter(void *owner, uint64_t n, const struct pkt *p)
{
    *(uint64_t *)owner = n;
    switch (p->data[0]) {
    case 'L': return FATE_LOSE;
    case 'D': return FATE_DUPLICATE;
    case 'H': return FATE_HOLD;
    default: return FATE_DELIVER;
    }
}

/* Can a lesson lose, double and hold back single frames? */
static void
fate_is_obeyed(void)
{
    uint64_t n = 0;

    plug((struct cable_config){.delay_ns = LW_MS});
    cable_set_fate(w.cable, fate_by_letter, &n);
    for (const char *at = "aLDHbHHLH"; *at; at++)
        send_frame(*at, 60);
    CHECK_EQ(n, 9);
    CHECK_EQ(cable_under_way(w.cable), 8);
    CHECK_TEXT(run(), "@1000:1a @1000:1D @1000:1D @1000:1b @1000:1H "
                      "@1000:1H @1000:1H ");
    CHECK_EQ(cable_under_way(w.cable), 1); /* nothing followed the last */
}

/* Do chance's faults happen about as often as set, the same every time? */
static void
chance_follows_the_seed(void)
{
    char first[sizeof w.log];
    unsigned lost = 0;

    for (int round = 0; round < 2; round++) {
        struct cable_config config = {.name = "x",
            .delay_ns = LW_MS,
            .faults = {.loss = 0.25,
                .duplicate = 0.1,
                .reorder = 0.1,
                .reorder_ns = 10 * LW_US}};

        w.timers.now.ns = 0;
        w.cable = cable_new(&w.timers, 99, &config, &w.dev[0], &w.dev[1]);
        for (int i = 0; i < 60; i++)
            send_frame((char)('A' + i), 60);
        if (round == 0)
            strcpy(first, run());
        else
            CHECK_TEXT(run(), first);
        cable_free(w.cable);
        w.cable = NULL;
    }
    for (int i = 0; i < 60; i++)
        lost += strchr(first, 'A' + i) == NULL;
    CHECK(lost > 5 && lost < 25);
    CHECK(strstr(first, "@1010:") != NULL);
}

/* Is a frame that is held back overtaken by those behind it? */
static void
reordered_frames_are_overtaken(void)
{
    const char *log, *at;
    char last = 0;

    plug((struct cable_config){.delay_ns = LW_MS,
        .faults = {.reorder = 0.5, .reorder_ns = 500 * LW_US}});
    for (char letter = 'a'; letter <= 'h'; letter++)
        send_frame(letter, 60);
    log = run();
    CHECK_EQ(strlen(log), 8 * strlen("@1000:1a "));
    CHECK(strstr(log, "@1500:1") > strstr(log, "@1000:1"));
    /* Those held back keep their order among themselves. */
    for (at = log; (at = strstr(at, "@1500:1")); at += 7) {
        CHECK(at[7] > last);
        last = at[7];
    }
    CHECK(last != 0);
}

struct tale {
    struct listener listener;
    char text[2048];
};

static void
tell(void *owner, const struct event *e)
{
    struct tale *t = owner;
    char line[128];
    size_t used = strlen(t->text);

    snprintf(t->text + used, sizeof t->text - used, "%llu<%llu p%llu %s\n",
        (unsigned long long)e->no, (unsigned long long)e->cause,
        (unsigned long long)e->pkt, event_text(e, line, sizeof line));
}

/* Is the frame's life told, each event caused by the one before? */
static void
frames_tell_their_life(void)
{
    struct tale t = {
        .listener = {.event = tell, .owner = &t, .level = LEVEL_STEP}};
    uint64_t n;

    plug((struct cable_config){.rate = 8000000, .queue = 2});
    cable_set_fate(w.cable, fate_by_letter, &n);
    journal_listen(&w.journal, &t.listener);
    NOTE(&w.env, EV_NAME_UNKNOWN, RULE_NONE, f_text("name", "start"));
    w.journal.cause = 1;
    send_frame('L', 1000);
    send_frame('D', 60);
    w.journal.cause = 0;
    CHECK_TEXT(run(), "@1060:1D @1060:1D ");
    CHECK_TEXT(t.text, "1<0 p0 nobody knows the name start\n"
                       "2<1 p1 frame on a-b from eth0, 1000 bytes\n"
                       "3<2 p1 frame on a-b is lost: on purpose\n"
                       "4<1 p2 frame on a-b from eth0, 60 bytes\n"
                       "5<4 p3 frame on a-b is duplicated\n"
                       "6<4 p2 frame on a-b reaches eth1, 60 bytes\n"
                       "7<5 p3 frame on a-b reaches eth1, 60 bytes\n");
    journal_unlisten(&w.journal, &t.listener);
}

/* Does lo give frames back to itself, later but at the same instant? */
static void
loopback_returns_frames(void)
{
    struct loopback *l = loopback_new(&w.timers, &w.dev[0], "both:lo");

    REQUIRE(l != NULL);
    CHECK_EQ(w.dev[0].mtu, 65536);
    CHECK(w.dev[0].loopback && mac_eq(w.dev[0].addr, (struct mac){{0}}));
    send_frame('a', 60);
    send_frame('b', 65536);
    CHECK_TEXT(w.log, "");
    CHECK_TEXT(run(), "@0:0a @0:0b ");
    send_frame('c', 60);
    loopback_free(l); /* with a frame under way */
}

/* Does a TAP card move one frame per read and write, in both directions? */
static void
tap_moves_frames(void)
{
    char buf[2048];
    struct tap *t;
    int fd[2];

    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fd) == 0);
    t = tap_new(&w.dev[0], fd[0], "tap0");
    REQUIRE(t != NULL);
    CHECK_EQ(tap_poll(t, 10), 0);
    send_frame('x', 777);
    CHECK_EQ(read(fd[1], buf, sizeof buf), 777);
    CHECK_EQ(buf[776], 'x');
    for (const char *at = "abc"; *at; at++) {
        memset(buf, *at, 60);
        CHECK_EQ(write(fd[1], buf, 60), 60);
    }
    CHECK_EQ(tap_poll(t, 2), 2);
    CHECK_EQ(tap_poll(t, 2), 1);
    CHECK_TEXT(run(), "@0:0a @0:0b @0:0c ");
    while (w.env.drops[DROP_QUEUE_FULL] == 0)
        send_frame('y', 1500); /* until the other side's queue is full */
    CHECK_EQ(w.env.drops[DROP_QUEUE_FULL], 1);
    close(fd[1]);
    CHECK(tap_poll(t, 1) < 0);
    tap_free(t);
    close(fd[0]);
}

static CU_TestInfo cases[] = {
    TEST(rate_and_delay_add_up),
    TEST(directions_are_independent),
    TEST(nothing_arrives_by_recursion),
    TEST(queue_has_a_limit),
    TEST(marks_when_the_queue_is_long),
    TEST(marks_only_what_can_bear_it),
    TEST(fate_is_obeyed),
    TEST(chance_follows_the_seed),
    TEST(reordered_frames_are_overtaken),
    TEST(frames_tell_their_life),
    TEST(loopback_returns_frames),
    TEST(tap_moves_frames),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_wire = {
    .pName = "wire",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
};
