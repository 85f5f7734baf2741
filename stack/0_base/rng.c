/*
 * rng.c: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom
 * number generators", 2021), started by splitmix64 as its authors advise,
 * and SipHash-2-4 (Aumasson and Bernstein, 2012).
 *
 * The generator decides faults, ports and keys of a simulated world. It is
 * not for secrets: who sees enough numbers can compute the next ones.
 */
#include "rng.h"

#include <string.h>

static inline uint64_t
rotl(uint64_t v, int n)
{
    return v << n | v >> (64 - n);
}

static uint64_t
splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

void
rng_init(struct rng *r, uint64_t seed, const char *name)
{
    struct sipkey key = {{seed, 0}};
    uint64_t state = siphash(key, name, strlen(name));

    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix64(&state);
}

uint64_t
rng_u64(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

/*
 * Takes numbers below the largest multiple of n only, so that no remainder
 * is favoured. The first draw nearly always serves.
 */
uint64_t
rng_below(struct rng *r, uint64_t n)
{
    uint64_t skip = -n % n; /* 2^64 mod n */
    uint64_t v;

    do
        v = rng_u64(r);
    while (v < skip);
    return v % n;
}

bool
rng_chance(struct rng *r, double p)
{
    if (!(p > 0))
        return false;
    /* The upper 53 bits are a fraction that a double holds exactly. */
    return (double)(rng_u64(r) >> 11) * 0x1p-53 < p;
}

struct sipkey
rng_key(struct rng *r)
{
    uint64_t first = rng_u64(r);

    return (struct sipkey){{first, rng_u64(r)}};
}

static inline void
sip_rounds(uint64_t v[4], int n)
{
    while (n-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotl(v[1], 13) ^ v[0];
        v[3] = rotl(v[3], 16) ^ v[2];
        v[0] = rotl(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotl(v[1], 17) ^ v[2];
        v[3] = rotl(v[3], 21) ^ v[0];
        v[2] = rotl(v[2], 32);
    }
}

static inline uint64_t
sip_word_whole(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
           (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
           (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static inline uint64_t
sip_word(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

uint64_t
siphash(struct sipkey key, const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t v[4] = {key.k[0] ^ 0x736f6d6570736575,
        key.k[1] ^ 0x646f72616e646f6d, key.k[0] ^ 0x6c7967656e657261,
        key.k[1] ^ 0x7465646279746573};
    uint64_t last = (uint64_t)len << 56;

    for (; len >= 8; len -= 8, p += 8) {
        uint64_t m = sip_word_whole(p);

        v[3] ^= m;
        sip_rounds(v, 2);
        v[0] ^= m;
    }
    last |= sip_word(p, len);
    v[3] ^= last;
    sip_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
