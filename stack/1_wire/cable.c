/*
 * cable.c: a full-duplex cable, as two independent ways.
 *
 *     xmit -> waiting -> (leaves: FRAME_SENT) -> flying -> arrives: input
 *
 * A frame leaves when the one before it has left completely, which takes
 * length / rate; it arrives one delay after its last bit has left. Each way
 * has two timers, one for the next frame to leave and one for the next to
 * arrive, however many frames are under way. The packet itself travels; only
 * a duplicate is a copy.
 *
 * Left out: preamble, frame check sequence and the gap between frames (20
 * and 4 bytes of time a frame), and collisions, which full duplex has not
 * (IEEE 802.3 Annex 4A).
 */
#include "cable.h"
#include "fifo.h"
#include "mark.h"
#include "offload.h"

#include <stdio.h>
#include <stdlib.h>

#define QUEUE_DEFAULT 1000
#define BUDGET        64 /* frames that a card hands up at a time */

/* One direction. */
struct way {
    struct cable *cable;
    struct netdev *from, *to;
    struct fifo waiting; /* not yet left; their due times mean nothing */
    struct fifo flying;  /* left, with their times of arrival */
    struct timer leave, arrive;
    struct pkt *held; /* by FATE_HOLD, until another frame leaves */
    unsigned nheld;
    struct instant free_at; /* when the last bit sent so far has left */
};

struct cable {
    char name[64];
    struct cable_config config;
    struct timers *timers;
    struct rng rng;
    enum cable_fate (*fate)(void *owner, uint64_t n, const struct pkt *p);
    void *fate_owner;
    uint64_t sent; /* frames that left, both ways */
    struct way ways[2];
};

/* Puts p on its way to arrive at `due`; takes p. */
static void
fly(struct way *w, struct pkt *p, struct instant due)
{
    struct timers *ts = w->cable->timers;

    if (fifo_add(&w->flying, p, due) < 0) {
        pkt_drop(w->from->env, p, DROP_NO_MEMORY, RULE_WIRE);
        return;
    }
    if (fifo_first(&w->flying)->p == p)
        timer_arm(ts, &w->arrive, due);
}

/* Couples to p, which has just been taken, the frames that continue it and
 * are due now: at most `most`. How many. */
static int
couple(struct way *w, struct pkt *p, int most)
{
    const struct frame *first = fifo_first(&w->flying);
    struct offload_train train = {.first = p};
    int n = 0;

    while (n < most && first && first->due.ns <= w->cable->timers->now.ns &&
           offload_couple(&train, first->p)) {
        fifo_take(&w->flying);
        first = fifo_first(&w->flying);
        n++;
    }
    return n;
}

/*
 * What arrives at one instant is one batch (env.h), as it is behind a real
 * card, so a cable without a rate is acknowledged batch by batch. After a
 * budget of frames (Linux's NAPI has the same one) programs have their turn,
 * while what they wait for is still in the processor's cache.
 */
static void
way_arrive(void *owner)
{
    struct way *w = owner;
    struct timers *ts = w->cable->timers;
    const struct frame *first = fifo_first(&w->flying);
    struct env *env = w->to->env;

    for (int left = BUDGET; left > 0 && first && first->due.ns <= ts->now.ns;) {
        struct pkt *p = fifo_take(&w->flying);

        if (w->to->joins && journal_silent(env->journal))
            left -= couple(w, p, left - 1);
        first = fifo_first(&w->flying);
        env->batch = --left > 0 && first && first->due.ns <= ts->now.ns;
        netdev_arrive(w->to, p, w->cable->name);
        first = fifo_first(&w->flying);
    }
    env->batch = false;
    if (!first)
        return;
    timer_arm(ts, &w->arrive, first->due);
    if (first->due.ns <= ts->now.ns)
        timers_pause(ts);
}

static void
lose(struct way *w, struct pkt *p, const char *why)
{
    NOTE_PKT(w->from->env, EV_FRAME_LOST, RULE_WIRE_FAULT, p, pkt_off(p),
        p->len, f_text("link", w->cable->name), f_text("why", why));
    pkt_free(p);
}

/* A second p, which is still the caller's; NULL: no memory. */
static struct pkt *
duplicate(struct way *w, const struct pkt *p)
{
    struct pkt *twin = pkt_copy(p);
    uint64_t no;

    if (!twin)
        return NULL;
    no = NOTE_PKT(w->from->env, EV_FRAME_DUPLICATED, RULE_WIRE_FAULT, twin,
        pkt_off(twin), twin->len, f_text("link", w->cable->name),
        f_u64("of", p->id));
    twin->cause = no ? no : p->cause;
    return twin;
}

static void
hold(struct way *w, struct pkt *p)
{
    struct pkt **at = &w->held;

    while (*at)
        at = &(*at)->next;
    p->next = NULL;
    *at = p;
    w->nheld++;
}

static void
release_held(struct way *w, struct instant due)
{
    while (w->held) {
        struct pkt *p = w->held;

        w->held = p->next;
        p->next = NULL;
        w->nheld--;
        fly(w, p, due);
    }
}

/* p has left and would arrive at `due`: what do the faults say? Takes p. */
static void
decide(struct way *w, struct pkt *p, struct instant due)
{
    struct cable *c = w->cable;
    const struct cable_faults *f = &c->config.faults;
    enum cable_fate fate = FATE_DELIVER;
    struct pkt *twin = NULL;
    struct journal *j = w->from->env->journal;
    uint64_t before = journal_enter(j, p->cause);

    if (c->fate)
        fate = c->fate(c->fate_owner, c->sent, p);
    if (fate == FATE_HOLD) {
        hold(w, p);
    } else {
        bool lost = rng_chance(&c->rng, f->loss);
        bool twice = rng_chance(&c->rng, f->duplicate);
        bool late = rng_chance(&c->rng, f->reorder);
        struct instant later = instant_add(due, late ? f->reorder_ns : 0);

        if (fate == FATE_LOSE || lost) {
            lose(w, p, fate == FATE_LOSE ? "on purpose" : "by chance");
        } else {
            if (fate == FATE_DUPLICATE || twice)
                twin = duplicate(w, p);
            fly(w, p, later);
            if (twin)
                fly(w, twin, later);
        }
        release_held(w, due);
    }
    journal_leave(j, before);
}

/* The first bit of p leaves now. Takes p. */
static void
depart(struct way *w, struct pkt *p)
{
    struct cable *c = w->cable;
    int64_t last_bit_ns = 0;

    c->sent++;
    netdev_sent(w->from, p, c->name);
    if (c->config.rate)
        last_bit_ns =
            (int64_t)((p->len * 8 * (uint64_t)LW_S + c->config.rate - 1) /
                      c->config.rate);
    w->free_at = instant_add(c->timers->now, last_bit_ns);
    decide(w, p, instant_add(w->free_at, c->config.delay_ns));
}

static void
way_leave(void *owner)
{
    struct way *w = owner;

    depart(w, fifo_take(&w->waiting));
    if (w->waiting.count > 0)
        timer_arm(w->cable->timers, &w->leave, w->free_at);
}

/* The queue is long: those who understand it are told before it is full. */
static void
mark(struct way *w, struct pkt *p)
{
    unsigned least = w->cable->config.ecn;

    if (least == 0 || w->waiting.count < least || !mark_congestion(p))
        return;
    NOTE_PKT(w->from->env, EV_FRAME_MARKED, RULE_WIRE_MARK, p, pkt_off(p),
        p->len, f_text("link", w->cable->name), f_text("if", w->from->name),
        f_u64("waiting", w->waiting.count));
}

/* Takes p: a frame of the size that the cable takes. */
static void
send_frame(struct way *w, struct pkt *p)
{
    struct netdev *dev = w->from;
    struct cable *c = w->cable;

    if (w->waiting.count == 0 && w->free_at.ns <= c->timers->now.ns) {
        depart(w, p);
        return;
    }
    mark(w, p);
    if (w->waiting.count >= c->config.queue ||
        fifo_add(&w->waiting, p, c->timers->now) < 0) {
        pkt_drop(dev->env, p, DROP_QUEUE_FULL, RULE_WIRE_QUEUE);
        return;
    }
    if (!timer_armed(&w->leave))
        timer_arm(c->timers, &w->leave, w->free_at);
}

/* Many segments in one: the card cuts them, and each is a frame of its own,
 * the same as if TCP had sent it alone. */
static void
send_cut(struct way *w, const struct pkt *p)
{
    struct env *env = w->from->env;
    struct offload_long l;
    bool last = !offload_long_begin(&l, p);

    while (!last) {
        struct pkt *frame = pkt_new(env->pool, PKT_HEADROOM - l.run.head_len,
            l.run.head_len + p->segment);

        if (!frame) {
            env->drops[DROP_NO_MEMORY]++;
            return;
        }
        frame->l3 = (uint16_t)(pkt_off(frame) + OFFLOAD_ETHERNET);
        last = offload_long_next(&l, frame);
        frame->cause = p->cause;
        send_frame(w, frame);
    }
}

static void
cable_xmit(struct netdev *dev, struct pkt *p)
{
    if (dev->env->journal->cause)
        p->cause = dev->env->journal->cause;
    if (p->segment == 0) {
        send_frame(dev->wire, p);
        return;
    }
    send_cut(dev->wire, p);
    pkt_free(p);
}

static void
way_init(struct way *w, struct cable *c, struct netdev *from, struct netdev *to)
{
    w->cable = c;
    w->from = from;
    w->to = to;
    w->leave = (struct timer){.fire = way_leave, .owner = w};
    w->arrive = (struct timer){.fire = way_arrive, .owner = w};
    from->xmit = cable_xmit;
    from->cuts = true;
    from->wire = w;
}

struct cable *
cable_new(struct timers *timers, uint64_t seed,
    const struct cable_config *config, struct netdev *a, struct netdev *b)
{
    struct cable *c = calloc(1, sizeof *c);
    char stream[80];

    if (!c)
        return NULL;
    snprintf(c->name, sizeof c->name, "%s", config->name);
    c->config = *config;
    c->config.name = c->name;
    if (c->config.queue == 0)
        c->config.queue = QUEUE_DEFAULT;
    c->timers = timers;
    snprintf(stream, sizeof stream, "cable:%s", c->name);
    rng_init(&c->rng, seed, stream);
    way_init(&c->ways[0], c, a, b);
    way_init(&c->ways[1], c, b, a);
    return c;
}

void
cable_free(struct cable *c)
{
    if (!c)
        return;
    for (int i = 0; i < 2; i++) {
        struct way *w = &c->ways[i];

        timer_cancel(c->timers, &w->leave);
        timer_cancel(c->timers, &w->arrive);
        fifo_free(&w->waiting);
        fifo_free(&w->flying);
        while (w->held) {
            struct pkt *p = w->held;

            w->held = p->next;
            pkt_free(p);
        }
    }
    free(c);
}

void
cable_set_fate(struct cable *c,
    enum cable_fate (*fate)(void *owner, uint64_t n, const struct pkt *p),
    void *owner)
{
    c->fate = fate;
    c->fate_owner = owner;
}

const char *
cable_name(const struct cable *c)
{
    return c->name;
}

unsigned
cable_under_way(const struct cable *c)
{
    unsigned n = 0;

    for (int i = 0; i < 2; i++) {
        const struct way *w = &c->ways[i];

        n += w->waiting.count + w->flying.count + w->nheld;
    }
    return n;
}
