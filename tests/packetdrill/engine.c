/*
 * engine.c: one computer between packetdrill's threads. The tool has two:
 * one plays the script, the other makes those system calls that are meant to
 * block. Both come in here, one at a time, under one lock.
 *
 *     tool                          engine
 *     system call ----------------> wakes the process, which makes the call;
 *                                   if it sleeps, the thread does, too
 *     packet in  -----------------> card, and all that follows from it
 *     packet out <----------------- queue; else time leaps to the next timer
 *     time: now? ------------------> one microsecond more
 *     time: sleep -----------------> timers fire, each at its own time
 *
 * A thread whose call has come to its end looks at the clock as soon as it
 * runs again. Until then the clock stands still: or the time that the script
 * compares would depend on how fast the machine is.
 */
#include "engine.h"
#include "bytes.h"
#include "sys.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ETHER        14
#define START_US     1000000
#define ARP_LEN      28
#define RECEIVE_MOST (4 * 3600 * LW_S) /* after that nothing will come */

static const uint8_t peer_mac[6] = {0x02, 0, 0, 0, 0xff, 0xff};

static void
must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "layerwalk: cannot %s\n", what);
    exit(EXIT_FAILURE);
}

/* --- the wire ------------------------------------------------------------ */

static struct pkt *
frame_new(struct engine *e, uint16_t ethertype, const void *body, size_t len)
{
    struct pkt *p = pkt_new(world_pool(e->world), 2, ETHER + len);
    struct writer w;

    must(p, "make a packet");
    w = writer_of(pkt_put(p, (uint32_t)(ETHER + len)), ETHER + len);
    put_mac(&w, e->card->addr);
    put_bytes(&w, peer_mac, 6);
    put_be16(&w, ethertype);
    put_bytes(&w, body, len);
    return p;
}

/* Whoever is asked for: the peer, which is everybody, answers. */
static void
answer_arp(struct engine *e, const uint8_t *question, size_t len)
{
    uint8_t answer[ARP_LEN];
    struct pkt **at = &e->arp;

    if (len < ARP_LEN || question[7] != 1)
        return;
    memcpy(answer, question, 8);
    answer[7] = 2;
    memcpy(answer + 8, peer_mac, 6);
    memcpy(answer + 14, question + 24, 4);
    memcpy(answer + 18, question + 8, 10);
    while (*at)
        at = &(*at)->next;
    *at = frame_new(e, 0x0806, answer, sizeof answer);
}

static void
xmit(struct netdev *dev, struct pkt *p)
{
    struct engine *e = dev->wire;
    uint16_t ethertype = (uint16_t)(p->data[12] << 8 | p->data[13]);
    size_t len = p->len - ETHER;

    if (ethertype == 0x0806) {
        answer_arp(e, p->data + ETHER, len);
    } else {
        struct sent_packet *s = malloc(sizeof *s + len);

        must(s, "keep a packet");
        s->next = NULL;
        s->usecs = (world_timers(e->world)->now.ns + 999) / LW_US;
        s->len = len;
        memcpy(s->bytes, p->data + ETHER, len);
        *e->last = s;
        e->last = &s->next;
    }
    pkt_free(p);
}

/* --- time ---------------------------------------------------------------- */

/* All that happens now, until nothing more does. */
static void
settle(struct engine *e)
{
    world_settle(e->world);
    while (e->arp) {
        struct pkt *p = e->arp;

        e->arp = p->next;
        p->next = NULL;
        netdev_arrive(e->card, p, "packetdrill");
        world_settle(e->world);
    }
    states_write(e);
}

/* A woken thread must see the time at which it was woken. */
static void
hold(struct engine *e)
{
    while (e->stamp_due && !pthread_equal(pthread_self(), e->stamper))
        pthread_cond_wait(&e->changed, &e->lock);
}

/* Timers that are due by then fire one by one. */
static void
advance(struct engine *e, int64_t until_us)
{
    struct instant end = {until_us * LW_US}, due;

    while (world_next(e->world, &due) && !instant_lt(end, due)) {
        if (instant_lt(due, world_timers(e->world)->now))
            due = world_timers(e->world)->now;
        if (e->now_us * LW_US < due.ns)
            e->now_us = (due.ns + 999) / LW_US;
        world_advance(e->world, due);
        settle(e);
        hold(e);
    }
    if (e->now_us < until_us)
        e->now_us = until_us;
    if (world_timers(e->world)->now.ns < end.ns)
        world_advance(e->world, end);
}

int64_t
engine_clock(struct engine *e)
{
    int64_t now;

    pthread_mutex_lock(&e->lock);
    now = ++e->now_us;
    if (e->stamp_due && pthread_equal(pthread_self(), e->stamper)) {
        e->stamp_due = false;
        e->lock_due = true;
        pthread_cond_broadcast(&e->changed);
    }
    pthread_mutex_unlock(&e->lock);
    return now;
}

/* The tool sleeps without its own lock, so that a thread whose call has ended
 * can take it and say what came of the call, before the script goes on. It
 * does not tell us when it has: real time must do. */
void
engine_sleep(struct engine *e, int64_t usecs)
{
    bool due;

    pthread_mutex_lock(&e->lock);
    advance(e, e->now_us + usecs);
    due = e->lock_due;
    e->lock_due = false;
    pthread_mutex_unlock(&e->lock);
    if (due)
        usleep(10000);
}

void
engine_inject(struct engine *e, const void *packet, size_t len)
{
    pthread_mutex_lock(&e->lock);
    settings_reread(e);
    advance(e, e->now_us);
    netdev_arrive(e->card, frame_new(e, 0x0800, packet, len), "packetdrill");
    settle(e);
    hold(e);
    pthread_mutex_unlock(&e->lock);
}

struct sent_packet *
engine_receive(struct engine *e)
{
    struct sent_packet *s;
    struct instant due, most;

    pthread_mutex_lock(&e->lock);
    advance(e, e->now_us);
    most = instant_add(world_timers(e->world)->now, RECEIVE_MOST);
    while (!e->first && world_next(e->world, &due) && instant_lt(due, most))
        advance(e, (due.ns + 999) / LW_US);
    s = e->first;
    if (s) {
        e->first = s->next;
        if (!e->first)
            e->last = &e->first;
    }
    pthread_mutex_unlock(&e->lock);
    return s;
}

/* --- system calls -------------------------------------------------------- */

/* The program under test: makes the calls that the script makes. */
static int
app_main(struct proc *p, int argc, char **argv)
{
    struct engine *e;

    sscanf(argv[argc - 1], "%p", (void **)&e);
    e->app = p;
    sys_rt_sigprocmask(p, 1ull << (SIGPIPE - 1));
    while (!e->quit) {
        struct request *r = e->request;

        if (!r) {
            proc_sleep(p, -1);
            continue;
        }
        r->ret = r->call(p, r->arg);
        r->done = true;
        e->request = NULL;
        if (r->slept) {
            e->stamp_due = true;
            pthread_cond_broadcast(&e->changed);
        }
    }
    return 0;
}

ssize_t
engine_call(
    struct engine *e, ssize_t (*call)(struct proc *p, void *arg), void *arg)
{
    struct request r = {.call = call, .arg = arg};

    pthread_mutex_lock(&e->lock);
    settings_reread(e);
    advance(e, e->now_us);
    if (e->request) { /* one thread of the program is asleep in a call */
        pthread_mutex_unlock(&e->lock);
        return -EBUSY;
    }
    e->request = &r;
    proc_wake(e->app);
    settle(e);
    if (!r.done) {
        r.slept = true;
        e->stamper = pthread_self();
    }
    while (!r.done)
        pthread_cond_wait(&e->changed, &e->lock);
    pthread_mutex_unlock(&e->lock);
    return r.ret;
}

int
engine_look(
    struct engine *e, int fd, int level, int name, void *value, socklen_t *len)
{
    struct file *f;
    int ret = -EBADF;

    pthread_mutex_lock(&e->lock);
    f = fd_get(e->app, fd);
    if (f && f->ops->sock && f->ops->sock->getraw)
        ret = f->ops->sock->getraw(sock_of(f), level, name, value, len);
    pthread_mutex_unlock(&e->lock);
    return ret;
}

/* --- life ---------------------------------------------------------------- */

static void
start_app(struct engine *e)
{
    char self[32];
    char *argv[] = {"app", self};

    snprintf(self, sizeof self, "%p", (void *)e);
    must(kernel_start(host_kernel(e->host), "app", app_main, 2, argv) > 0,
        "start a process");
    settle(e);
}

struct engine *
engine_new(const char *flags)
{
    struct engine *e = calloc(1, sizeof *e);
    struct ipv4 local = {0xc0a80001}; /* 192.168.0.1 */
    unsigned mtu = NETDEV_MTU;

    must(e, "begin");
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->changed, NULL);
    e->last = &e->first;
    for (unsigned i = 0; i < ENGINE_FDS; i++)
        e->fds[i] = -1;
    e->world = world_new(&e->journal, 1);
    must(e->world, "make a world");
    e->host = world_add_host(e->world, "tested", NULL);
    must(e->host, "make a host");
    settings_flags(e, flags ? flags : "", &local, &mtu);
    e->card = host_add_netdev(e->host, "eth0", local, 24);
    must(e->card, "add a card");
    e->card->xmit = xmit;
    e->card->wire = e;
    e->card->mtu = mtu;
    must(host_add_route(
             e->host, (struct ipv4){0}, 0, (struct ipv4){local.v ^ 0x80}) == 0,
        "add a route");
    e->now_us = START_US;
    world_advance(e->world, (struct instant){START_US * LW_US});
    start_app(e);
    return e;
}

void
engine_free(struct engine *e)
{
    e->quit = true;
    if (!e->request) {
        proc_wake(e->app);
        settle(e);
    }
    while (e->first) {
        struct sent_packet *s = e->first;

        e->first = s->next;
        free(s);
    }
    world_free(e->world);
    while (e->first) { /* what closing has sent */
        struct sent_packet *s = e->first;

        e->first = s->next;
        free(s);
    }
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}
