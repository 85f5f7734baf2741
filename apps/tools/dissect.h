/*
 * dissect.h: the bytes of a frame as a tree of named fields.
 *
 * Not on the path of a packet: the stack parses for itself. This is the
 * second, independent reading of the same bytes, for eyes: every field
 * carries its name as the RFC has it, its value as text, and the bytes (and
 * bits) that it stands in, so that a window can mark one in the other.
 *
 * Ethernet, ARP, IPv4, ICMP (with the packet inside), UDP, TCP with options,
 * DNS, HTTP/1, FastCGI and TLS records. What is not known is "data". Each
 * frame is read alone: a message that began in an earlier segment is data.
 * Never fails and never reads outside: a lying length ends in a field that
 * says so.
 */
#ifndef LW_DISSECT_H
#define LW_DISSECT_H

#include "arena.h"
#include "journal.h"

/* Link types of capture files (LINKTYPE_ values). */
#define DISSECT_NULL     0
#define DISSECT_ETHERNET 1
#define DISSECT_RAW      101
#define DISSECT_SLL      113
#define DISSECT_IPV4     228

/* The tree, in the order of reading: children follow with a greater depth. */
struct dissect_field {
    const char *name;  /* "Source port" */
    const char *value; /* "80 (0x0050)"; "" for a mere group */
    uint32_t off, len; /* bytes of the frame; len 0: stands nowhere */
    uint8_t bit, bits; /* bits > 0: only these, from the top bit of `off` */
    uint8_t depth;
    uint8_t layer;  /* index in layers */
    bool generated; /* computed, not on the wire: shown in [brackets] */
    bool wrong;     /* does not hold: checksum, length */
};

struct dissect_layer {
    const char *name;  /* "TCP" */
    enum layer layer;  /* for its colour */
    uint32_t off, len; /* the header alone; for data all of it */
};

/* TCP's flags as in the header. */
#define DISSECT_FIN 0x01
#define DISSECT_SYN 0x02
#define DISSECT_RST 0x04
#define DISSECT_PSH 0x08
#define DISSECT_ACK 0x10
#define DISSECT_URG 0x20

/* The numbers by which frames belong together. */
struct dissect_keys {
    bool eth, arp, ip, fragment, tcp, udp, icmp;
    struct mac eth_src, eth_dst;
    uint16_t arp_op;
    struct mac arp_sha, arp_tha;
    struct ipv4 arp_spa, arp_tpa;
    struct ipv4 src, dst;
    uint8_t ttl, protocol, icmp_type, icmp_code;
    uint16_t sport, dport;
    uint32_t seq, ack;
    uint8_t flags;
    uint32_t wnd;          /* as in the header, not scaled */
    uint32_t off, payload; /* of the transport's data: where, how long */
};

#define DISSECT_LAYERS 12

struct dissection {
    const uint8_t *bytes;
    uint32_t len;
    struct dissect_field *fields;
    unsigned count;
    struct dissect_layer layers[DISSECT_LAYERS];
    unsigned nlayers;
    struct dissect_keys keys;
    char info[160]; /* one line: "TCP 33000 > 80 [SYN], 0 bytes" */
};

/*
 * Reads a frame. Everything is made in the arena, except the bytes, which
 * stay the caller's. NULL: no memory.
 */
struct dissection *dissect(
    struct arena *a, unsigned linktype, const void *frame, size_t len);

/*
 * The same with texts for HTTP and DNS alone: the other fields' values and
 * `info` are "". For who wants to know what a message says.
 */
struct dissection *dissect_brief(
    struct arena *a, unsigned linktype, const void *frame, size_t len);

/* What the data of a segment begin with. */
enum dissect_message {
    DISSECT_NO_MESSAGE,
    DISSECT_REQUEST, /* HTTP/1: a whole request line */
    DISSECT_RESPONSE /* a whole status line */
};

/*
 * The keys alone, as dissect() finds them, without a tree: for who reads a
 * million frames and shows forty. Costs what reading the headers costs.
 */
enum dissect_message dissect_peek(
    unsigned linktype, const void *frame, size_t len, struct dissect_keys *k);

/* The field that byte `off` belongs to: the deepest one. -1: none. */
int dissect_at(const struct dissection *d, uint32_t off);

/* The first field of that name, or NULL. */
const struct dissect_field *dissect_find(
    const struct dissection *d, const char *name);

#endif
