/*
 * fifo.h: frames under way, each with the time of its arrival, the earliest
 * first. A ring that grows; used by the wires.
 */
#ifndef LW_FIFO_H
#define LW_FIFO_H

#include "pkt.h"

struct frame {
    struct pkt *p;
    struct instant due;
};

struct fifo {
    struct frame *ring;
    uint32_t room;  /* a power of two, or 0 */
    uint32_t first; /* index of the earliest frame, modulo room */
    uint32_t count;
};

static inline const struct frame *
fifo_first(const struct fifo *f)
{
    return f->count ? &f->ring[f->first & (f->room - 1)] : NULL;
}

/*
 * Adds p behind all frames that are due at the same time or earlier, so that
 * what is not reordered costs one comparison. -ENOMEM: p is still the
 * caller's.
 */
int fifo_add(struct fifo *f, struct pkt *p, struct instant due);

/* Takes the earliest frame out; there must be one. */
struct pkt *fifo_take(struct fifo *f);

/* Frees the ring and the frames in it. */
void fifo_free(struct fifo *f);

#endif
