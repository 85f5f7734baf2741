/*
 * cable.h: a full-duplex cable between two network cards, with a length and
 * faults. Frames leave at the cable's rate, one after the other, and arrive
 * after its delay. All chance comes from the cable's own stream of the seed.
 */
#ifndef LW_CABLE_H
#define LW_CABLE_H

#include "netdev.h"

struct cable_faults {
    double loss;        /* 0..1: chance that a frame never arrives */
    double duplicate;   /* 0..1: chance that it arrives twice */
    double reorder;     /* 0..1: chance that it is held back */
    int64_t reorder_ns; /* for how long it is held back */
};

struct cable_config {
    const char *name; /* link name in captures; copied */
    int64_t delay_ns; /* one way */
    uint64_t rate;    /* bit/s; 0: infinitely fast */
    unsigned queue;   /* most frames waiting to leave; 0: 1000 */
    unsigned ecn;     /* with so many waiting, packets that can bear it are
                         marked (RFC 3168), long before the queue is full; 0:
                         none is */
    struct cable_faults faults;
};

struct cable;

/*
 * Called for each frame about to leave (n counts from 1, both directions
 * together): what shall become of it? For lessons ("drop the next") and for
 * exhaustive tests. Faults drawn by chance come on top.
 */
enum cable_fate {
    FATE_DELIVER,
    FATE_LOSE,
    FATE_DUPLICATE,
    FATE_HOLD /* deliver after the frame that follows in this direction */
};

/* Joins a and b, sets their xmit. NULL: no memory. env: for the timers. */
struct cable *cable_new(struct timers *timers, uint64_t seed,
    const struct cable_config *config, struct netdev *a, struct netdev *b);
void cable_free(struct cable *c); /* frees frames under way */
void cable_set_fate(struct cable *c,
    enum cable_fate (*fate)(void *owner, uint64_t n, const struct pkt *p),
    void *owner);
const char *cable_name(const struct cable *c);

/* Frames now on the cable, both ways. */
unsigned cable_under_way(const struct cable *c);

#endif
