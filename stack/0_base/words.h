/*
 * words.h: the words that every storey speaks.
 *
 * An address, a sequence number and a point in time are structs of one
 * member, passed by value, so that the compiler refuses to add two
 * addresses, to compare sequence numbers with `<`, or to pass a port where
 * an address belongs. Numbers are in host order everywhere; byte order
 * exists only in bytes.h.
 *
 * Failure: a call that can fail returns 0 or a negative errno (-ENOMEM),
 * as inside Linux, whose names the project teaches.
 */
#ifndef LW_WORDS_H
#define LW_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * FNV-1a, 64 bits: the hash of `len` bytes, going on from `h` (FNV_BEGIN).
 * Anyone can make names collide on purpose: only for names of our own, or
 * where chains are bounded (draft-eastlake-fnv).
 */
#define FNV_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t
fnv(uint64_t h, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < len; i++)
        h = (h ^ b[i]) * UINT64_C(0x100000001b3);
    return h;
}

/* An IPv4 address: 10.0.1.2 is { 0x0a000102 }. */
struct ipv4 {
    uint32_t v;
};

/* A hardware address (EUI-48), in the order of the wire. */
struct mac {
    uint8_t b[6];
};

/* A TCP sequence number, modulo 2^32 (RFC 9293 3.4). */
struct seq {
    uint32_t v;
};

/* A point in time: nanoseconds since the world began. */
struct instant {
    int64_t ns;
};

/* Durations are plain int64_t nanoseconds, in names ending in _ns. */
#define LW_US 1000LL
#define LW_MS 1000000LL
#define LW_S  1000000000LL

/* The struct that `member`, found at `ptr`, is part of. */
#define LW_CONTAINER(ptr, type, member)                                        \
    ((type *)((char *)(ptr)-offsetof(type, member)))

#define LW_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline bool
ipv4_eq(struct ipv4 a, struct ipv4 b)
{
    return a.v == b.v;
}

/* The network mask of a prefix length 0..32: 24 gives 255.255.255.0. */
static inline struct ipv4
ipv4_mask(unsigned prefix)
{
    return (struct ipv4){prefix ? 0xffffffffu << (32 - prefix) : 0};
}

static inline bool
ipv4_is_multicast(struct ipv4 a)
{
    return (a.v >> 28) == 0xe;
}

static inline bool
ipv4_is_loopback(struct ipv4 a)
{
    return (a.v >> 24) == 127;
}

/* "10.0.1.2" to an address. Four decimal numbers, nothing else. */
bool ipv4_parse(const char *text, struct ipv4 *out);

/* Writes the number (at most 10 digits) and a zero; returns that zero's
 * place. Of what is said of every frame, printf would be a large part. */
char *decimal(uint32_t v, char *to);

/* Writes "10.0.1.2" into buf (at least 16 bytes) and returns buf. */
char *ipv4_text(struct ipv4 a, char *buf);

/* Writes "02:00:00:00:01:02" into buf (at least 18 bytes), returns buf. */
char *mac_text(struct mac m, char *buf);

static inline bool
mac_eq(struct mac a, struct mac b)
{
    return a.b[0] == b.b[0] && a.b[1] == b.b[1] && a.b[2] == b.b[2] &&
           a.b[3] == b.b[3] && a.b[4] == b.b[4] && a.b[5] == b.b[5];
}

/* True for group addresses, of which broadcast is one (IEEE 802.3 3.2.3). */
static inline bool
mac_is_group(struct mac m)
{
    return m.b[0] & 1;
}

#define MAC_BROADCAST ((struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}})

/* Sequence space is a circle: a is before b when the short way leads up. */
static inline int32_t
seq_diff(struct seq a, struct seq b)
{
    return (int32_t)(a.v - b.v);
}

static inline bool
seq_lt(struct seq a, struct seq b)
{
    return seq_diff(a, b) < 0;
}

static inline bool
seq_leq(struct seq a, struct seq b)
{
    return seq_diff(a, b) <= 0;
}

static inline bool
seq_eq(struct seq a, struct seq b)
{
    return a.v == b.v;
}

static inline struct seq
seq_add(struct seq a, uint32_t n)
{
    return (struct seq){a.v + n};
}

static inline struct instant
instant_add(struct instant t, int64_t ns)
{
    return (struct instant){t.ns + ns};
}

static inline int64_t
instant_diff(struct instant a, struct instant b)
{
    return a.ns - b.ns;
}

static inline bool
instant_lt(struct instant a, struct instant b)
{
    return a.ns < b.ns;
}

#endif
