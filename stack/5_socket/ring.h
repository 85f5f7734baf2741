/*
 * ring.h: bytes on their way from a writer to a reader inside one computer:
 * a pipe, or one direction of a Unix connection. The memory is taken when
 * there are bytes to hold and grows up to the limit.
 */
#ifndef LW_RING_H
#define LW_RING_H

#include "words.h"

#include <sys/uio.h>

struct ring {
    uint8_t *buf;
    size_t room; /* size of buf: a power of two, or 0 */
    size_t head; /* where the oldest byte stands */
    size_t len;
    size_t limit; /* most bytes that it takes */
};

void ring_free(struct ring *r);

/* How many bytes went in: 0 when full, or -ENOMEM. */
ssize_t ring_write(struct ring *r, const struct iovec *iov, int n);

/* How many bytes came out, at most `most`; 0 when empty. peek: they stay. */
size_t ring_read(
    struct ring *r, size_t most, const struct iovec *iov, int n, bool peek);

/*
 * The bytes themselves, for splice(2): the oldest, at most `most`, where they
 * lie, in one or two parts; how many parts. ring_take: so many are done with.
 */
int ring_parts(const struct ring *r, size_t most, struct iovec part[2]);
void ring_take(struct ring *r, size_t n);

/* The same for room: where the next bytes would lie. 0 parts: full; or
 * -ENOMEM. ring_added: so many have been put there. */
int ring_room_parts(struct ring *r, size_t most, struct iovec part[2]);
void ring_added(struct ring *r, size_t n);

#endif
