/*
 * rng.h: chance from a seed. The same seed and stream name give the same
 * numbers on every machine; each user (a host, a cable) has a stream of its
 * own, so that one more draw here changes nothing there.
 */
#ifndef LW_RNG_H
#define LW_RNG_H

#include "words.h"

/* xoshiro256**; seeded through splitmix64. */
struct rng {
    uint64_t s[4];
};

/* Starts the stream `name` of the world's seed. */
void rng_init(struct rng *r, uint64_t seed, const char *name);

uint64_t rng_u64(struct rng *r);

/* A number in 0..n-1, each equally likely; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);

/* True with probability p (0.0 .. 1.0). p <= 0 draws nothing. */
bool rng_chance(struct rng *r, double p);

/* A key for siphash. */
struct sipkey {
    uint64_t k[2];
};

struct sipkey rng_key(struct rng *r);

/*
 * SipHash-2-4: a keyed hash that nobody outside can predict. For initial
 * sequence numbers (RFC 6528), ephemeral ports (RFC 6056) and for hash
 * tables that are filled by strangers.
 */
uint64_t siphash(struct sipkey key, const void *data, size_t len);

#endif
