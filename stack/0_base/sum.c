/*
 * sum.c: the Internet checksum (RFC 1071) of IPv4, ICMP, UDP and TCP.
 *
 * The checksum is the ones' complement of the ones' complement sum of all
 * 16-bit words. Two properties make it fast (RFC 1071 2): the sum may be
 * taken over wider words and folded at the end, and it comes out in the byte
 * order in which the words were read. So words of 64 bits are added as they
 * lie in memory, and only sum_fold knows about byte order.
 *
 * Adding with carry is a chain in which each step waits for the one before;
 * four chains side by side keep the processor busy, which is worth a factor
 * of two over one chain.
 */
#include "sum.h"

/* Ones' complement addition: what is carried out comes in again below. */
static inline uint64_t
add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    bool carry = __builtin_add_overflow(a, b, &sum);

    return sum + carry;
}

static inline uint64_t
load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

uint64_t
sum_add(uint64_t sum, const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t a = 0, b = 0, c = 0;

    for (; len >= 32; len -= 32, p += 32) {
        sum = add(sum, load(p));
        a = add(a, load(p + 8));
        b = add(b, load(p + 16));
        c = add(c, load(p + 24));
    }
    sum = add(add(sum, a), add(b, c));
    for (; len >= 8; len -= 8, p += 8)
        sum = add(sum, load(p));
    if (len > 0) {
        uint64_t rest = 0; /* an odd byte counts as if a zero followed */

        memcpy(&rest, p, len);
        sum = add(sum, rest);
    }
    return sum;
}

uint64_t
sum_copy(uint64_t sum, void *to, const void *from, size_t len)
{
    const uint8_t *p = from;
    uint8_t *q = to;

    /* memcpy moves 16 or 32 bytes at a time, which the sum cannot; in pieces
     * this small the sum finds the copy in the first-level cache, and memory
     * is still read once. */
    while (len > 0) {
        size_t n = len < 4096 ? len : 4096;

        memcpy(q, p, n);
        sum = sum_add(sum, q, n);
        p += n;
        q += n;
        len -= n;
    }
    return sum;
}

uint64_t
sum_pseudo(struct ipv4 src, struct ipv4 dst, uint8_t protocol, uint32_t len)
{
    uint64_t words = (uint64_t)src.v + dst.v + protocol + len;
    uint8_t b[4];
    uint32_t lying;

    /* Added as numbers, then folded and laid down as in memory. */
    words = (words & 0xffffffff) + (words >> 32);
    words = (words & 0xffffffff) + (words >> 32);
    b[0] = (uint8_t)(words >> 24);
    b[1] = (uint8_t)(words >> 16);
    b[2] = (uint8_t)(words >> 8);
    b[3] = (uint8_t)words;
    memcpy(&lying, b, sizeof lying);
    return lying;
}
