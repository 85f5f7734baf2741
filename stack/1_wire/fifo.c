/*
 * fifo.c: the ring of frames under way.
 */
#include "fifo.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static struct frame *
frame_at(struct fifo *f, uint32_t i)
{
    return &f->ring[(f->first + i) & (f->room - 1)];
}

static int
grow(struct fifo *f)
{
    uint32_t room = f->room ? f->room * 2 : 16;
    struct frame *ring = malloc(room * sizeof *ring);

    if (!ring)
        return -ENOMEM;
    for (uint32_t i = 0; i < f->count; i++)
        ring[i] = *frame_at(f, i);
    free(f->ring);
    f->ring = ring;
    f->room = room;
    f->first = 0;
    return 0;
}

int
fifo_add(struct fifo *f, struct pkt *p, struct instant due)
{
    uint32_t i = f->count;

    if (f->count == f->room && grow(f) < 0)
        return -ENOMEM;
    for (; i > 0 && instant_lt(due, frame_at(f, i - 1)->due); i--)
        *frame_at(f, i) = *frame_at(f, i - 1);
    *frame_at(f, i) = (struct frame){p, due};
    f->count++;
    return 0;
}

struct pkt *
fifo_take(struct fifo *f)
{
    struct pkt *p = frame_at(f, 0)->p;

    assert(f->count > 0);
    f->first++;
    f->count--;
    return p;
}

void
fifo_free(struct fifo *f)
{
    while (f->count > 0)
        pkt_free(fifo_take(f));
    free(f->ring);
    *f = (struct fifo){0};
}
