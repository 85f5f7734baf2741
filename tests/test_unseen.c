/*
 * test_unseen.c: while nobody listens to the journal, segments that follow
 * one another cross the stack together (offload.h, tcp_train.c). Does that
 * change anything but the speed? The same random conversations are held
 * twice, heard and unheard, over cables of every kind: each frame must leave
 * at the same time with the same bytes, and at the end both ends must know
 * the same of their connection.
 */
#include "check.h"
#include "sys.h"
#include "tcp.h"
#include "tcp_fixture.h"
#include "world.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONVERSATIONS 200
#define INFO          11         /* TCP_INFO, whose header has tcp.h's names */
#define MOST          (64 << 10) /* of one call */

/* One frame as it left. */
struct left {
    int64_t at_ns;
    uint64_t hash;
    uint32_t len;
};

struct end {
    uint8_t info[512]; /* getsockopt(TCP_INFO) */
    socklen_t ninfo;
    int64_t wrong, got; /* bytes that were not as sent; bytes */
};

struct conversation {
    const struct timers *timers;
    uint64_t seed;
    int64_t up, down; /* bytes to the server, then from it */
    bool small_window, answers, damage;
    struct left *left;
    size_t nleft, room;
    struct end ends[2]; /* client, server */
    struct tcp_counts counts[2];
};

static uint8_t
byte_at(int64_t i)
{
    return (uint8_t)((uint64_t)i * 0x9e3779b97f4a7c15 >> 56);
}

/* --- programs ------------------------------------------------------------ */

static void
pause_some(struct proc *p, struct rng *r)
{
    struct timespec ts = {.tv_nsec = (long)rng_below(r, 30 * LW_MS)};

    if (rng_chance(r, 0.1))
        sys_nanosleep(p, &ts);
}

static void
send_all(struct proc *p, int fd, struct rng *r, int64_t total)
{
    uint8_t *buf = malloc(MOST);

    for (int64_t sent = 0; sent < total;) {
        size_t n = 1 + rng_below(r, rng_chance(r, 0.5) ? MOST : 3000);

        if ((int64_t)n > total - sent)
            n = (size_t)(total - sent);
        for (size_t i = 0; i < n; i++)
            buf[i] = byte_at(sent + (int64_t)i);
        if (sys_write(p, fd, buf, n) != (ssize_t)n)
            break;
        sent += (int64_t)n;
        pause_some(p, r);
    }
    free(buf);
}

/* answers: says something from time to time while it reads. */
static void
take_all(struct proc *p, int fd, struct rng *r, int64_t total, bool answers,
    struct end *e)
{
    uint8_t *buf = malloc(MOST);

    e->got = e->wrong = 0;
    while (e->got < total) {
        size_t n = 1 + rng_below(r, MOST);
        ssize_t have = sys_read(p, fd, buf,
            (int64_t)n < total - e->got ? n : (size_t)(total - e->got));

        if (have <= 0)
            break;
        for (ssize_t i = 0; i < have; i++)
            e->wrong += buf[i] != byte_at(e->got + i);
        e->got += have;
        if (answers && rng_chance(r, 0.2))
            sys_write(p, fd, "yes", 1 + rng_below(r, 3));
        pause_some(p, r);
    }
    free(buf);
}

static void
note_end(struct proc *p, int fd, struct end *e)
{
    e->ninfo = sizeof e->info;
    sys_getsockopt(p, fd, IPPROTO_TCP, INFO, e->info, &e->ninfo);
}

static struct sockaddr_in
server_at(void)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons(80),
        .sin_addr.s_addr = htonl(0x0a000002)};
}

static void *
given(char **argv)
{
    return (void *)(uintptr_t)strtoull(argv[0], NULL, 16);
}

static int
server_main(struct proc *p, int argc, char **argv)
{
    struct conversation *c = given(argv);
    struct sockaddr_in at = server_at();
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), small = 20000;
    struct rng r;

    (void)argc;
    rng_init(&r, c->seed, "server");
    if (c->small_window)
        sys_setsockopt(p, fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sys_bind(p, fd, (struct sockaddr *)&at, sizeof at);
    sys_listen(p, fd, 8);
    fd = sys_accept4(p, fd, NULL, NULL, 0);
    take_all(p, fd, &r, c->up, c->answers, &c->ends[1]);
    sys_write(p, fd, "", 1); /* the end of the answers */
    send_all(p, fd, &r, c->down);
    note_end(p, fd, &c->ends[1]);
    sys_shutdown(p, fd, SHUT_WR);
    return 0;
}

static int
client_main(struct proc *p, int argc, char **argv)
{
    struct conversation *c = given(argv);
    struct sockaddr_in to = server_at();
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    char byte = 1;
    struct rng r;

    (void)argc;
    rng_init(&r, c->seed, "client");
    if (sys_connect(p, fd, (struct sockaddr *)&to, sizeof to) < 0)
        return 1;
    send_all(p, fd, &r, c->up);
    while (byte && sys_read(p, fd, &byte, 1) == 1)
        continue;
    take_all(p, fd, &r, c->down, false, &c->ends[0]);
    note_end(p, fd, &c->ends[0]);
    return 0;
}

/* --- worlds -------------------------------------------------------------- */

static enum cable_fate
note_frame(void *owner, uint64_t n, const struct pkt *p)
{
    struct conversation *c = owner;
    uint64_t h = 1469598103934665603ull;

    for (uint32_t i = 0; i < p->len; i++)
        h = (h ^ p->data[i]) * 1099511628211ull;
    if (c->nleft == c->room) {
        c->room = c->room ? 2 * c->room : 256;
        c->left = realloc(c->left, c->room * sizeof *c->left);
    }
    c->left[c->nleft++] = (struct left){c->timers->now.ns, h, p->len};
    if (c->damage && n % 23 == 0 && p->len > 100) /* on its way, unnoticed */
        ((uint8_t *)(uintptr_t)p->data)[p->len - 1 - n % 40] ^= 1;
    return FATE_DELIVER;
}

static void
start(struct host *h, const char *name, program_main *main, void *arg)
{
    char text[32];
    char *argv[] = {text, NULL};

    snprintf(text, sizeof text, "%llx", (unsigned long long)(uintptr_t)arg);
    kernel_start(host_kernel(h), name, main, 1, argv);
}

static void
ignore(void *owner, const struct event *e)
{
    (void)owner;
    (void)e;
}

static struct cable_config
some_cable(struct rng *r)
{
    static const int64_t delays[] = {0, 0, LW_MS, 20 * LW_MS};
    static const uint64_t rates[] = {0, 0, 10000000, 1000000000};
    static const unsigned queues[] = {0, 0, 20, 5}, marks[] = {0, 3};
    struct cable_config c = {.name = "wire",
        .delay_ns = delays[rng_below(r, 4)],
        .rate = rates[rng_below(r, 4)],
        .queue = queues[rng_below(r, 4)],
        .ecn = marks[rng_below(r, 2)]};

    if (rng_chance(r, 0.3))
        c.faults.loss = 0.02;
    if (rng_chance(r, 0.2))
        c.faults.duplicate = 0.03;
    if (rng_chance(r, 0.2)) {
        c.faults.reorder = 0.05;
        c.faults.reorder_ns = (int64_t)rng_below(r, 2 * LW_MS);
    }
    return c;
}

static void
some_config(struct rng *r, struct tcp_config *c)
{
    c->in_turns = rng_chance(r, 0.5);
    c->timestamps = !rng_chance(r, 0.2);
    c->sack = !rng_chance(r, 0.2);
    c->cubic = !rng_chance(r, 0.3);
    c->ecn = rng_chance(r, 0.4) ? 1 : 2;
}

static void
hold(struct conversation *c, bool heard)
{
    struct journal journal;
    struct world *w = world_new(&journal, c->seed);
    struct host *a = world_add_host(w, "client", NULL);
    struct host *z = world_add_host(w, "server", NULL);
    struct listener l = {.event = ignore, .level = LEVEL_MICRO};
    struct netdev *da =
        host_add_netdev(a, "eth0", (struct ipv4){0x0a000001}, 24);
    struct netdev *dz =
        host_add_netdev(z, "eth0", (struct ipv4){0x0a000002}, 24);
    struct cable_config config;
    struct rng r;

    c->timers = world_timers(w);
    rng_init(&r, c->seed, "world");
    config = some_cable(&r);
    cable_set_fate(world_add_cable(w, &config, da, dz), note_frame, c);
    some_config(&r, tcp_config(host_tcp(a)));
    some_config(&r, tcp_config(host_tcp(z)));
    c->up = (int64_t)rng_below(&r, 400000);
    c->down = (int64_t)rng_below(&r, 400000);
    c->small_window = rng_chance(&r, 0.3);
    c->answers = rng_chance(&r, 0.3);
    c->damage = rng_chance(&r, 0.2);
    if (heard)
        journal_listen(&journal, &l);
    start(z, "server", server_main, c);
    world_settle(w);
    start(a, "client", client_main, c);
    world_run(w, (struct instant){INT64_MAX}, NULL, NULL);
    c->counts[0] = tcp_counts(host_tcp(a));
    c->counts[1] = tcp_counts(host_tcp(z));
    if (heard)
        journal_unlisten(&journal, &l);
    world_free(w);
}

static bool
same(const struct conversation *a, const struct conversation *b)
{
    bool ok = CHECK_EQ(a->nleft, b->nleft);

    for (size_t i = 0; ok && i < a->nleft; i++)
        ok = CHECK_EQ(a->left[i].len, b->left[i].len) &&
             CHECK_EQ(a->left[i].at_ns, b->left[i].at_ns) &&
             CHECK_EQ(a->left[i].hash, b->left[i].hash);
    for (int i = 0; i < 2; i++) {
        const struct end *x = &a->ends[i], *y = &b->ends[i];

        ok &= CHECK_EQ(x->wrong, 0) && CHECK_EQ(y->wrong, 0) &&
              CHECK_EQ(x->got, i ? a->up : a->down) &&
              CHECK_EQ(y->got, x->got) && CHECK_EQ(x->ninfo, y->ninfo) &&
              CHECK_MEM(x->info, y->info, x->ninfo) &&
              CHECK_EQ(a->counts[i].segments_in, b->counts[i].segments_in) &&
              CHECK_EQ(a->counts[i].segments_out, b->counts[i].segments_out) &&
              CHECK_EQ(a->counts[i].retransmits, b->counts[i].retransmits);
    }
    return ok;
}

static void
a_listener_changes_no_frame(void)
{
    uint64_t out = 0, in = 0, frames = 0;

    for (uint64_t seed = 1; seed <= CONVERSATIONS; seed++) {
        struct conversation heard = {.seed = seed}, unheard = {.seed = seed};

        hold(&heard, true);
        hold(&unheard, false);
        if (!same(&heard, &unheard))
            printf("    in conversation %u\n", (unsigned)seed);
        for (int i = 0; i < 2; i++) {
            CHECK_EQ(heard.counts[i].trains_in, 0);
            CHECK_EQ(heard.counts[i].trains_out, 0);
            in += unheard.counts[i].trains_in;
            out += unheard.counts[i].trains_out;
        }
        frames += heard.nleft;
        free(heard.left);
        free(unheard.left);
    }
    printf("(%u frames, %u trains out, %u in) ", (unsigned)frames,
        (unsigned)out, (unsigned)in);
    CHECK(out > CONVERSATIONS); /* else this shows nothing */
    CHECK(in > CONVERSATIONS);
}

/* --- a window that is not heeded ----------------------------------------- */

static void
say_nothing(void *owner)
{
    (void)owner;
}

/* c believes that it may send so much, and does. */
static void
send_blindly(struct tcp_conn *c, uint32_t len)
{
    static uint8_t text[MOST];
    struct iovec iov = {text, len};

    c->tune.sndbuf = c->snd.wnd = c->snd.max_wnd = c->cc.cwnd = 1 << 20;
    CHECK_EQ(tcp_send(c, &iov, 1, false), len);
}

/* A caller sends three segments, and then many more than there is room for:
 * how much is taken in? *room: how much was offered. */
static uint32_t
overrun(bool heard, uint32_t *room)
{
    struct cable_config config = {.name = "wire"};
    struct listener l = {.event = ignore, .level = LEVEL_MICRO};
    struct tcp_end any = {{0}, 80}, to = {TCP_HOST_B, 80};
    struct tcp_conn *a, *b;
    struct tcp_listener *door;
    struct tcp_world w;
    uint32_t got;

    tcp_world_pair(&w, 1, &config);
    w.b.eth.joins = true;
    tcp_config(w.b.tcp)->rcvbuf = 20000;
    if (heard)
        journal_listen(&w.journal, &l);
    tcp_listen(w.b.tcp, any, 1, false, say_nothing, NULL, &door);
    any.port = 0;
    tcp_connect(w.a.tcp, any, to, say_nothing, NULL, &a);
    tcp_world_run(&w, LW_MS);
    b = tcp_accept(door);
    tcp_set_owner(b, say_nothing, NULL);
    *room = (uint32_t)seq_diff(b->rcv.adv, b->rcv.nxt);
    send_blindly(a, 3 * 1448);
    tcp_world_run(&w, LW_MS);
    CHECK_EQ(tcp_readable(b), 3 * 1448);
    CHECK_EQ(tcp_counts(w.b.tcp).trains_in, !heard); /* they came as one */
    send_blindly(a, 40000);
    tcp_world_run(&w, LW_MS);
    got = tcp_readable(b);
    CHECK_EQ(b->rcv.nxt.v, b->rcv.adv.v);
    if (heard)
        journal_unlisten(&w.journal, &l);
    tcp_abort(a);
    tcp_abort(b);
    tcp_unlisten(door);
    tcp_world_close(&w);
    return got;
}

/* Is no more taken in than was offered, whether one by one or as a train
 * (RFC 9293 3.10.7.4)? */
static void
a_train_stays_within_the_window(void)
{
    uint32_t room[2], heard = overrun(true, &room[0]);

    CHECK_EQ(heard, room[0]);
    CHECK_EQ(overrun(false, &room[1]), heard);
    CHECK_EQ(room[0], room[1]);
}

static CU_TestInfo cases[] = {TEST(a_listener_changes_no_frame),
    TEST(a_train_stays_within_the_window), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_unseen = {.pName = "unseen", .pTests = cases};
