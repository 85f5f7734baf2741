/*
 * world.c: computers and cables under one clock.
 *
 * Time stands still while anything can happen at the present instant: first
 * every process runs until it sleeps, then what is due fires, and so on
 * until neither brings anything about, nor anything waited for the end of
 * that. Only then the clock leaps to the next
 * deadline. Hosts take their turns in the order in which they were added, so
 * a run is the same every time.
 */
#include "world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PACKETS_MAX 65536 /* of all hosts and cables together */

struct world {
    struct timers timers;
    struct env env; /* for what is nobody's: host 0 */
    uint64_t seed;
    struct host **hosts;
    unsigned nhosts;
    struct cable **cables;
    unsigned ncables;
};

struct world *
world_new(struct journal *journal, uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    journal_init(journal, &w->timers.now);
    timers_init(&w->timers, journal);
    w->seed = seed;
    w->env.journal = journal;
    w->env.timers = &w->timers;
    w->env.pool = pkt_pool_new(journal, PACKETS_MAX);
    rng_init(&w->env.rng, seed, "world");
    if (!w->env.pool) {
        timers_close(&w->timers);
        journal_close(journal);
        free(w);
        return NULL;
    }
    return w;
}

void
world_free(struct world *w)
{
    struct instant due;

    if (!w)
        return;
    for (unsigned i = 0; i < w->nhosts; i++)
        host_stop(w->hosts[i]);
    for (unsigned i = 0; i < w->ncables; i++)
        cable_free(w->cables[i]);
    for (unsigned i = 0; i < w->nhosts; i++)
        host_free(w->hosts[i]);
    assert(!timers_next(&w->timers, &due));
    pkt_pool_free(w->env.pool); /* asserts that every packet is back */
    timers_close(&w->timers);
    journal_close(w->env.journal);
    free(w->hosts);
    free(w->cables);
    free(w);
}

struct journal *
world_journal(struct world *w)
{
    return w->env.journal;
}

struct timers *
world_timers(struct world *w)
{
    return &w->timers;
}

struct pkt_pool *
world_pool(struct world *w)
{
    return w->env.pool;
}

uint64_t
world_seed(const struct world *w)
{
    return w->seed;
}

struct host *
world_add_host(struct world *w, const char *name, struct disk *disk)
{
    struct host **hosts;
    struct host *h;

    if (world_host(w, name))
        return NULL;
    hosts = realloc(w->hosts, (w->nhosts + 1) * sizeof *hosts);
    if (!hosts)
        return NULL;
    w->hosts = hosts;
    h = host_new(w->env.journal, &w->timers, w->env.pool, w->seed, name, disk);
    if (h)
        w->hosts[w->nhosts++] = h;
    return h;
}

struct host *
world_host(struct world *w, const char *name)
{
    for (unsigned i = 0; i < w->nhosts; i++)
        if (strcmp(host_name(w->hosts[i]), name) == 0)
            return w->hosts[i];
    return NULL;
}

struct host *
world_host_at(struct world *w, unsigned i)
{
    return i < w->nhosts ? w->hosts[i] : NULL;
}

/* "browser" for a card of the host browser. */
static const char *
owner_name(const struct world *w, const struct netdev *dev)
{
    return w->env.journal->hosts[dev->env->host];
}

struct cable *
world_add_cable(struct world *w, const struct cable_config *config,
    struct netdev *a, struct netdev *b)
{
    struct cable **cables =
        realloc(w->cables, (w->ncables + 1) * sizeof *cables);
    struct cable *c;

    if (!cables)
        return NULL;
    w->cables = cables;
    c = cable_new(&w->timers, w->seed, config, a, b);
    if (!c)
        return NULL;
    w->cables[w->ncables++] = c;
    NOTE(&w->env, EV_WORLD_CABLE, RULE_WORLD, f_text("a", owner_name(w, a)),
        f_text("b", owner_name(w, b)), f_ns("delay", config->delay_ns),
        f_u64("rate", config->rate), f_text("link", cable_name(c)),
        f_text("a_if", a->name), f_text("b_if", b->name));
    return c;
}

struct cable *
world_cable_at(struct world *w, unsigned i)
{
    return i < w->ncables ? w->cables[i] : NULL;
}

void
world_set_epoch(struct world *w, int64_t unix_seconds)
{
    w->timers.epoch = unix_seconds;
}

int64_t
world_epoch(const struct world *w)
{
    return w->timers.epoch;
}

void
world_settle(struct world *w)
{
    bool busy;

    do {
        busy = false;
        for (unsigned i = 0; i < w->nhosts; i++)
            busy |= kernel_run(host_kernel(w->hosts[i]));
        busy |= timers_advance(&w->timers, w->timers.now) > 0;
        for (unsigned i = 0; i < w->nhosts && !busy; i++)
            busy |= host_flush(w->hosts[i]);
    } while (busy);
}

void
world_advance(struct world *w, struct instant now)
{
    struct instant due;

    /* One deadline after the other, so that a process woken by the first
     * runs at that instant and not at the last. */
    while (timers_next(&w->timers, &due) && due.ns <= now.ns) {
        timers_advance(
            &w->timers, instant_lt(due, w->timers.now) ? w->timers.now : due);
        world_settle(w);
    }
    timers_advance(&w->timers, now);
    world_settle(w);
}

bool
world_next(struct world *w, struct instant *due)
{
    return timers_next(&w->timers, due);
}

void
world_run(struct world *w, struct instant until, bool (*stop)(void *owner),
    void *owner)
{
    struct instant due;

    world_settle(w);
    while (!stop || !stop(owner)) {
        if (!timers_next(&w->timers, &due)) {
            NOTE(&w->env, EV_WORLD_END, RULE_WORLD,
                f_ns("at", w->timers.now.ns));
            return;
        }
        if (instant_lt(until, due)) {
            if (instant_lt(w->timers.now, until))
                timers_advance(&w->timers, until);
            return;
        }
        timers_advance(&w->timers, due);
        world_settle(w);
    }
}
