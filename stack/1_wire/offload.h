/*
 * offload.h: what a modern network card does for TCP. The way between a
 * computer and its card is slow per frame and not per byte, so frames cross
 * it in long ones:
 *
 *     down   segments that follow one another are joined; the card cuts them
 *            again (segmentation offload)
 *     up     what the card has joined is cut into the segments that were
 *            sent
 *
 * So the stack above and the journal know only segments as they would be on
 * a wire, and the device below carries up to 64 KiB at a time. That is worth
 * a factor of ten on a TAP device.
 *
 * A card of the simulation does the opposite, to the same end: it cuts what
 * comes down in one, and couples what comes up one after the other, so that
 * the frames on the cable are as they always are and what is done once for
 * each is little. Linux does both as well (GSO and GRO).
 *
 * The checksum of a long frame is left to the card, too: the TCP header holds
 * that of the pseudo-header alone (see virtio 1.2, 5.1.6).
 */
#ifndef LW_OFFLOAD_H
#define LW_OFFLOAD_H

#include "pkt.h"

#define OFFLOAD_MOST     65535 /* bytes of IP packet in one long frame */
#define OFFLOAD_HEAD     134   /* longest headers: 14 + 60 + 60 */
#define OFFLOAD_ETHERNET 14    /* where the IP header stands */

/* A TCP segment that begins a long frame, and what has joined it. */
struct offload_run {
    const uint8_t *head; /* the first frame's headers */
    uint32_t head_len;   /* bytes of all three headers */
    uint32_t tcp_at;     /* where the TCP header stands */
    uint32_t size;       /* text in each segment but the last */
    uint32_t text;       /* in all of them */
    uint8_t flags;       /* of all of them */
    bool complete;       /* nothing may follow */
};

/* Begins a run with a frame; false: it is not TCP over IPv4. The frame must
 * outlive the run. */
bool offload_begin(struct offload_run *r, const uint8_t *frame, size_t len);

/* Does the frame continue the run? Then it is part of it now. */
bool offload_join(struct offload_run *r, const uint8_t *frame, size_t len);

/* Writes the long frame's headers, r->head_len bytes, with the checksum left
 * to the card. */
void offload_head(const struct offload_run *r, uint8_t head[OFFLOAD_HEAD]);

/* Leaves the checksum of a long frame that was made as one to the card: its
 * headers are at `frame`, and so is what offload_begin wants to see. Returns
 * the bytes of all three headers. */
uint32_t offload_leave(uint8_t *frame);

/*
 * The other way: cuts segment number `n` of `size` bytes of text out of the
 * long frame into p, which is empty and has room for it, with its own lengths,
 * sequence number and checksums. r: offload_begin's, of the long frame.
 * Returns true when it was the last.
 */
bool offload_cut(
    const struct offload_run *r, uint32_t size, uint32_t n, struct pkt *p);

/* A long segment that lies in parts (pkt.h), and how much of it is cut. */
struct offload_long {
    struct offload_run run;
    struct iovec own;           /* the text in the packet itself, part 0 */
    const struct iovec *lent;   /* parts 1, 2, ... */
    unsigned at;                /* the part that is next */
    uint32_t used;              /* of that part */
    uint32_t done;              /* text that is cut */
    uint32_t size;              /* of the text in each segment but the last */
    uint8_t head[OFFLOAD_HEAD]; /* of each but the first and the last */
    uint64_t sum;               /* of that head and the pseudo-header */
};

/* Begins to cut p, a frame, which must outlive the cutting. False: it is not
 * TCP over IPv4. */
bool offload_long_begin(struct offload_long *l, const struct pkt *p);

/*
 * Cuts the next l->size bytes of text, or the rest, into `to`, which is empty
 * and has room for them, just as TCP would have sent them by itself: an
 * atomic datagram (RFC 6864 4.1) with all its checksums. The text is read
 * once, where it lies. Returns true when it was the last.
 */
bool offload_long_next(struct offload_long *l, struct pkt *to);

/* A train (pkt.h) that is being made. */
struct offload_train {
    struct pkt *first, *last; /* last: NULL while nothing is coupled */
    struct offload_run run;   /* the first one's */
    uint32_t seq;             /* what the next one begins with */
};

/*
 * Does q, a frame, continue the train, so that it can be judged by the
 * headers of the first? Then it is coupled, and stands at its IP header. The
 * card has verified all checksums by then (sum_ok), and nobody above need.
 */
bool offload_couple(struct offload_train *t, struct pkt *q);

/* Finishes the checksum that the sender left to its card: of all bytes from
 * `start` on, stored `offset` behind it. False: outside the frame. */
bool offload_sum(uint8_t *frame, size_t len, uint16_t start, uint16_t offset);

#endif
