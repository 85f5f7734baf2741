/*
 * dissect_in.h: what the files dissect*.c share: appending to the tree, and
 * one function per protocol. Each takes the cursor that stands at its first
 * byte and ends with its last.
 */
#ifndef LW_DISSECT_IN_H
#define LW_DISSECT_IN_H

#include "bytes.h"
#include "dissect.h"

/* The tree being built. */
struct dis {
    struct dissection *out;
    struct arena *arena;
    unsigned room;  /* of out->fields */
    unsigned depth; /* of the next field */
    unsigned group; /* number of the present layer's field, from 1 */
    bool inner;     /* inside the packet that an ICMP error quotes */
    bool brief;     /* no texts are wanted: see dissect_brief */
};

/* Begins the next layer: a group at depth 0 (or inside, when quoted). */
void dis_layer(struct dis *d, const uint8_t *at, size_t len, const char *name,
    enum layer layer, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void dis_layer_end(struct dis *d);

/* What the present layer says, beside its name. */
void dis_summary(struct dis *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends a field over len bytes at `at`; its number, for dis_group. */
unsigned dis_field(struct dis *d, const uint8_t *at, size_t len,
    const char *name, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* `bits` bits from bit `bit` (0: top) of the bytes at `at`. */
void dis_bits(struct dis *d, const uint8_t *at, size_t len, unsigned bit,
    unsigned bits, const char *name, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* A generated field: computed about the bytes, not standing in them. */
void dis_note(struct dis *d, const uint8_t *at, size_t len, bool wrong,
    const char *name, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* What follows are children of the last field, until dis_up. */
static inline void
dis_down(struct dis *d)
{
    d->depth++;
}

static inline void
dis_up(struct dis *d)
{
    d->depth--;
}

/* One number from the cursor, as a field "80 (0x50)". */
uint8_t dis_u8(struct dis *d, struct cursor *c, const char *name);
uint16_t dis_be16(struct dis *d, struct cursor *c, const char *name);
uint32_t dis_be32(struct dis *d, struct cursor *c, const char *name);
struct ipv4 dis_ipv4(struct dis *d, struct cursor *c, const char *name);
struct mac dis_mac(struct dis *d, struct cursor *c, const char *name);

/* Bytes as text: what is not printable comes as \xNN; cut with "...". */
const char *dis_text(struct dis *d, const uint8_t *at, size_t len);

/* The one line about the frame; the innermost layer speaks last. */
void dis_info(struct dis *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The rest as data. */
void dis_data(struct dis *d, struct cursor *c);

/* Does a message of HTTP/1 begin here? */
bool dis_is_http(const struct cursor *c, bool *response);

void dis_arp(struct dis *d, struct cursor *c);
void dis_ip(struct dis *d, struct cursor *c);
void dis_udp(struct dis *d, struct cursor *c, uint64_t pseudo, bool whole);
void dis_tcp(struct dis *d, struct cursor *c, uint64_t pseudo, bool whole);
void dis_dns(struct dis *d, struct cursor *c, bool stream);
void dis_stream(
    struct dis *d, struct cursor *c, uint16_t sport, uint16_t dport);

#endif
