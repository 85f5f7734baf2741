/*
 * world.h: computers and cables under one clock. The simulation driver calls
 * world_run; a live driver (apps) moves TAP frames and calls world_advance
 * with the time of the wall clock.
 */
#ifndef LW_WORLD_H
#define LW_WORLD_H

#include "cable.h"
#include "host.h"

struct world;

/*
 * An empty world, its clock at 0. `journal` is the caller's memory:
 * world_new initialises it on the world's clock and world_free closes it;
 * listeners are added in between. NULL: no memory.
 */
struct world *world_new(struct journal *journal, uint64_t seed);

/* Ends all processes, frees hosts and cables; asserts that every packet is
 * back in the pool and no timer is armed. Closes the journal. */
void world_free(struct world *w);

struct journal *world_journal(struct world *w);
struct timers *world_timers(struct world *w);
struct pkt_pool *world_pool(struct world *w);
uint64_t world_seed(const struct world *w);

/* disk becomes the world's (may be NULL). NULL: no memory, name taken; then
 * the disk is still the caller's. */
struct host *world_add_host(
    struct world *w, const char *name, struct disk *disk);
struct host *world_host(struct world *w, const char *name); /* or NULL */
struct host *world_host_at(struct world *w, unsigned i); /* in order, or NULL */

/* Joins two cards. NULL: no memory. */
struct cable *world_add_cable(struct world *w,
    const struct cable_config *config, struct netdev *a, struct netdev *b);
struct cable *world_cable_at(struct world *w, unsigned i); /* or NULL */

/* Where virtual time 0 lies, in seconds since 1970 (CLOCK_REALTIME). */
void world_set_epoch(struct world *w, int64_t unix_seconds);
int64_t world_epoch(const struct world *w);

/*
 * Lets every process run that can, fires what is due, and so on, until
 * nothing is left to happen at the present time. For live drivers, after
 * `now` was set by world_advance.
 */
void world_settle(struct world *w);

/* It is now `now`: fires timers and settles. Never goes back. */
void world_advance(struct world *w, struct instant now);

/* The next deadline; false when nothing is armed. */
bool world_next(struct world *w, struct instant *due);

/*
 * Simulation: settles and leaps from deadline to deadline until `stop`
 * answers true (asked after every settle; may be NULL), until `until`, or
 * until nothing is armed. The instant reached is timers->now.
 */
void world_run(struct world *w, struct instant until, bool (*stop)(void *owner),
    void *owner);

#endif
