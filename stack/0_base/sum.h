/*
 * sum.h: the Internet checksum (RFC 1071), 64 bits at a time.
 *
 * A running sum is a uint64_t that starts at 0 and is fed pieces of even
 * length (only the last may be odd); sum_fold turns it into the 16-bit
 * checksum. A region that contains its own correct checksum folds to 0.
 */
#ifndef LW_SUM_H
#define LW_SUM_H

#include "words.h"

#include <string.h>

/* The running sum with len bytes at data added. */
uint64_t sum_add(uint64_t sum, const void *data, size_t len);

/* The same for a header: at most some 60 bytes, a multiple of four. Nothing
 * is called and nothing carried: so few halves of words do not fill 64 bits. */
static inline uint64_t
sum_header(uint64_t sum, const void *data, size_t len)
{
    sum = (sum >> 32) + (sum & 0xffffffff);
    for (size_t i = 0; i < len; i += 4) {
        uint32_t half;

        memcpy(&half, (const uint8_t *)data + i, sizeof half);
        sum += half;
    }
    return sum;
}

/* The same, copying the bytes to `to` on the way: one pass over memory. */
uint64_t sum_copy(uint64_t sum, void *to, const void *from, size_t len);

/* The pseudo-header of TCP and UDP (RFC 9293 3.1). len: header and data. */
uint64_t sum_pseudo(
    struct ipv4 src, struct ipv4 dst, uint8_t protocol, uint32_t len);

/* The checksum as the number that put_be16 writes into the header. */
static inline uint16_t
sum_fold(uint64_t sum)
{
    uint8_t b[2];
    uint16_t folded;

    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    folded = (uint16_t)~sum;
    memcpy(b, &folded, 2); /* from the order of memory to a number */
    return (uint16_t)(b[0] << 8 | b[1]);
}

#endif
