/*
 * tap_parts.h: what tap.c (down) and tap_read.c (up) share.
 */
#ifndef LW_TAP_PARTS_H
#define LW_TAP_PARTS_H

#include "offload.h"
#include "tap.h"
#include "uring.h"

/* Bytes of the longest frame. */
#define TAP_BIG (OFFLOAD_ETHERNET + 4 + OFFLOAD_MOST)

struct tap {
    struct netdev *dev;
    int fd;
    char name[64];
    struct pkt *spare;   /* for the next frame; kept while there is none */
    uint8_t *big;        /* TAP_BIG bytes for a long frame; NULL: no offload */
    bool ends_here;      /* nobody behind this card sends frames on */
    bool was_long;       /* the frame read last */
    struct uring *uring; /* for many frames in a call; or NULL */
    struct pkt *ready[URING_MOST]; /* to be read into by it */
    unsigned reads;                /* how many at once the next time */
    struct pkt *first, **end;      /* waiting to leave */
    unsigned waiting;
};

#endif
