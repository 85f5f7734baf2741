/*
 * live.h: a world on the wall clock, with a TAP device where its outlet is.
 *
 *     poll(2) -- frames --> tap_poll ---\
 *             -- deadline reached -------+--> world_advance
 *             -- a real process asks ---/
 *
 * The core still reads no clock: this driver does, and tells it.
 */
#ifndef LW_LIVE_H
#define LW_LIVE_H

#include "spin.h"
#include "tap.h"
#include "worldmake.h"

#define LIVE_FDS 1024 /* most descriptors polled at a time */

struct live {
    struct made *made;
    struct tap *tap;
    int tap_fd;
    int64_t origin; /* CLOCK_MONOTONIC at virtual time 0 */
    /* Busy polling: it does not sleep before this long after a frame. */
    int64_t busy_poll_ns, awake_until;
    struct spin spin; /* without that it looks around for some microseconds */
    /* Which of the descriptors now polled belong to which host. */
    unsigned first[WORLD_HOSTS], past[WORLD_HOSTS];
};

/* Sets the world's date to today's, before anything is in it. */
void live_open(struct live *l, struct made *made);

/* Plugs the device into the world's outlet, with segmentation offload
 * (tap_offload) or without. The fd stays the caller's. 0, or a negative errno
 * and the fault. */
int live_plug(struct live *l, int tap_fd, bool offload, struct fault *fault);

/* Brings the world's time up to now. */
void live_advance(struct live *l);

/*
 * Runs until `fd` is readable (0) or the device is gone (-errno), or until
 * `most_ns` have passed (-ETIMEDOUT; negative: no limit). fd -1: none.
 */
int live_run(struct live *l, int fd, int64_t most_ns);

/* Unplugs the device: what the world still sends gets lost. */
void live_close(struct live *l);

#endif
