/*
 * sum.c: the Internet checksum (RFC 1071) of IPv4, ICMP, UDP and TCP.
 *
 * The checksum is the ones' complement of the ones' complement sum of all
 * 16-bit words. Two properties make it fast (RFC 1071 2): the sum may be
 * taken over wider words and folded at the end, and it comes out in the byte
 * order in which the words were read. So words of 64 bits are added as they
 * lie in memory, and only sum_fold knows about byte order.
 *
 * Adding with carry is a chain in which each step waits for the one before.
 * So in the long middle nothing is carried; two sums are kept instead,
 *
 *     all    of whole words, modulo 2^64
 *     high   of their upper halves
 *
 * and the sum of the lower halves is all - high * 2^32, exactly: it is less
 * than 2^64 as long as there are fewer than 2^32 words. Two words stand side
 * by side in a vector, which every 64-bit processor adds in one step; where
 * the bytes are copied too, the sum is done before the next ones are there.
 */
#include "sum.h"

/* GCC's and clang's own vectors: no processor's instruction is named. */
struct pair {
    uint64_t v __attribute__((vector_size(16)));
};

#define SHORT 64 /* bytes: below, the vectors are not worth their end */

/* Ones' complement addition: what is carried out comes in again below. */
static inline uint64_t
add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    bool carry = __builtin_add_overflow(a, b, &sum);

    return sum + carry;
}

/* The word at `from`, on its way to `to`, unless that is NULL. */
static inline uint64_t
take(uint8_t *to, const uint8_t *from)
{
    uint64_t v;

    memcpy(&v, from, sizeof v);
    if (to)
        memcpy(to, &v, sizeof v);
    return v;
}

static inline struct pair
take_pair(uint8_t *to, const uint8_t *from)
{
    struct pair w;

    memcpy(&w, from, sizeof w);
    if (to)
        memcpy(to, &w, sizeof w);
    return w;
}

/* The first len bytes, a multiple of 32. */
static inline uint64_t
middle(uint64_t sum, uint8_t *to, const uint8_t *from, size_t len)
{
    struct pair all_a = {{0}}, all_b = {{0}}, high_a = {{0}}, high_b = {{0}};

    for (size_t i = 0; i < len; i += 32) {
        struct pair a = take_pair(to ? to + i : NULL, from + i);
        struct pair b = take_pair(to ? to + i + 16 : NULL, from + i + 16);

        all_a.v += a.v;
        high_a.v += a.v >> 32;
        all_b.v += b.v;
        high_b.v += b.v >> 32;
    }
    high_a.v += high_b.v;
    all_a.v += all_b.v - (high_a.v << 32);
    sum = add(add(sum, all_a.v[0]), all_a.v[1]);
    return add(add(sum, high_a.v[0]), high_a.v[1]);
}

/* to: a constant NULL where nothing is to be copied. */
static inline uint64_t
pass(uint64_t sum, uint8_t *to, const uint8_t *from, size_t len)
{
    size_t i = 0;

    if (len >= SHORT) {
        i = len & ~(size_t)31;
        sum = middle(sum, to, from, i);
    }
    for (; len - i >= 8; i += 8)
        sum = add(sum, take(to ? to + i : NULL, from + i));
    if (i < len) {
        uint64_t rest = 0; /* an odd byte counts as if a zero followed */

        memcpy(&rest, from + i, len - i);
        if (to)
            memcpy(to + i, from + i, len - i);
        sum = add(sum, rest);
    }
    return sum;
}

uint64_t
sum_add(uint64_t sum, const void *data, size_t len)
{
    return pass(sum, NULL, data, len);
}

uint64_t
sum_copy(uint64_t sum, void *to, const void *from, size_t len)
{
    return pass(sum, to, from, len);
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
