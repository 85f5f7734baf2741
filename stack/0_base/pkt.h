/*
 * pkt.h: packet buffers from a counted pool.
 *
 *     buf            data           data + len        buf + room
 *      |<- headroom ->|<-- the packet -->|<-- tailroom -->|
 *
 * Going down, each layer pushes its header in front; going up, each layer
 * pulls its own away; bytes that were on the wire are never changed in
 * place. A packet has one owner: every _input and every _output takes the
 * packet, whether it succeeds or not, and the caller's pointer is dead
 * afterwards. When a world is torn down the pool must count zero.
 *
 * Packets that follow one another and differ in nothing but their text may
 * travel up as a train behind the first one (offload.h). Its owner owns them
 * all: they are freed and dropped together, unless somebody uncouples them.
 *
 * The end of a long segment may be lent: it stays in the send buffer of the
 * connection, and only the card, before its xmit returns, reads it from
 * there. Whoever keeps such a packet for longer makes it its own (pkt_own).
 */
#ifndef LW_PKT_H
#define LW_PKT_H

#include "words.h"

#include <assert.h>
#include <sys/uio.h>

struct pkt_pool;

/* Room in front for Ethernet (14), IPv4 with options (60), TCP (60). */
#define PKT_HEADROOM 144
/* The small buffer: an ACK, a request, the head of an answer. With its
 * struct it takes 512 bytes, and thousands of them fit where the cache has
 * room for hundreds of the usual ones. */
#define PKT_SMALL 448
/* The usual buffer: headroom and a 1500-byte payload with some to spare. */
#define PKT_ROOM 2048
/* Most parts that can be lent to one packet. */
#define PKT_PARTS 18
/* The largest: a segmentation-offload frame of 64 KiB. */
#define PKT_ROOM_MAX (65536 + 512)

struct pkt {
    struct pkt_pool *pool;
    struct pkt *next;    /* for the owner's queues */
    struct pkt *train;   /* what is coupled to it, linked by next; or NULL */
    uint8_t *data;       /* first byte of the packet as it stands */
    uint32_t len;        /* bytes from data on */
    uint32_t room;       /* size of buf */
    uint64_t id;         /* identity in the journal, from making to freeing */
    uint64_t cause;      /* event current when it was made */
    uint16_t l3;         /* offset in buf of the IP header, once known; 0 */
    bool sum_ok;         /* transport checksum known good (offload) */
    uint8_t nparts;      /* parts that are lent, listed behind the packet */
    uint16_t segment;    /* text of each segment that the card makes of it; 0 */
    uint32_t lent;       /* bytes of them: they follow the others */
    struct {             /* in a socket's queue */
        int64_t at_ns;   /* when it came */
        const void *nif; /* through which card */
    } came;
    uint8_t buf[];
};

/* What a packet can be refused for: one list, with the texts. */
#define DROPS(D)                                                               \
    D(NONE, "not dropped")                                                     \
    D(NO_MEMORY, "no buffer left")                                             \
    D(WIRE_LOSS, "lost on the wire")                                           \
    D(QUEUE_FULL, "queue full")                                                \
    D(TOO_SHORT, "shorter than its header")                                    \
    D(NOT_FOR_US, "addressed to another card")                                 \
    D(UNKNOWN_ETHERTYPE, "no protocol for this EtherType")                     \
    D(ARP_MALFORMED, "ARP: not Ethernet/IPv4, or lengths wrong")               \
    D(ARP_UNASKED, "ARP: answer to no question")                               \
    D(ARP_NO_ANSWER, "ARP: nobody answered for the next hop")                  \
    D(ARP_CONFLICT, "ARP: another card claims our address")                    \
    D(IP_VERSION, "IP: version is not 4")                                      \
    D(IP_HEADER_LENGTH, "IP: header length below 20 or past the packet")       \
    D(IP_TOTAL_LENGTH, "IP: total length lies")                                \
    D(IP_CHECKSUM, "IP: header checksum wrong")                                \
    D(IP_OPTION, "IP: malformed option")                                       \
    D(IP_SOURCE, "IP: impossible source address")                              \
    D(IP_DESTINATION, "IP: impossible destination address")                    \
    D(IP_NOT_FOR_US, "IP: not for us, and this host does not forward")         \
    D(IP_TTL, "IP: time to live used up")                                      \
    D(IP_NO_ROUTE, "IP: no route to the destination")                          \
    D(IP_FRAGMENT, "IP: fragment refused")                                     \
    D(IP_FRAGMENT_NEEDED, "IP: too big for the link, and DF is set")           \
    D(IP_PROTOCOL, "IP: no such protocol here")                                \
    D(ICMP_CHECKSUM, "ICMP: checksum wrong")                                   \
    D(ICMP_MALFORMED, "ICMP: malformed")                                       \
    D(ICMP_IGNORED, "ICMP: type not handled")                                  \
    D(UDP_LENGTH, "UDP: length lies")                                          \
    D(UDP_CHECKSUM, "UDP: checksum wrong")                                     \
    D(UDP_NO_SOCKET, "UDP: nobody listens on this port")                       \
    D(TCP_OFFSET, "TCP: data offset below 5 or past the segment")              \
    D(TCP_CHECKSUM, "TCP: checksum wrong")                                     \
    D(TCP_FLAGS, "TCP: impossible combination of flags")                       \
    D(TCP_NO_CONNECTION, "TCP: no such connection")                            \
    D(TCP_BACKLOG, "TCP: accept queue full")                                   \
    D(TCP_WINDOW, "TCP: outside the receive window")                           \
    D(TCP_PAWS, "TCP: timestamp from the past")                                \
    D(TCP_ACK, "TCP: acknowledges what was not sent")                          \
    D(TCP_NO_ACK, "TCP: no ACK where one is needed")                           \
    D(TCP_STATE, "TCP: not expected in this state")                            \
    D(TCP_DUPLICATE, "TCP: all of it received before")                         \
    D(TCP_MEMORY, "TCP: receive buffer full")                                  \
    D(SOCKET_BUFFER, "socket buffer full")

enum drop {
#define D(name, text) DROP_##name,
    DROPS(D)
#undef D
    DROP_COUNT
};

const char *drop_name(enum drop d); /* "TCP_WINDOW" */
const char *drop_text(enum drop d);

struct journal;

/* A pool that holds at most `limit` packets at a time; NULL: no memory. */
struct pkt_pool *pkt_pool_new(struct journal *journal, unsigned limit);

/* How many packets are out. */
unsigned pkt_pool_used(const struct pkt_pool *pool);

/* Frees the pool; all packets must be back (asserted). */
void pkt_pool_free(struct pkt_pool *pool);

/*
 * An empty packet with `headroom` bytes in front and room for `size` more;
 * it takes a new identity and the journal's current cause. NULL when the
 * pool's limit or memory is reached.
 */
struct pkt *pkt_new(struct pkt_pool *pool, size_t headroom, size_t size);
void pkt_free(struct pkt *p); /* NULL: no effect */

/* A copy of the bytes, offsets kept, with an identity of its own; NULL. */
struct pkt *pkt_copy(const struct pkt *p);

/* The same packet with nothing lent. Takes p; NULL: no memory. */
struct pkt *pkt_own(struct pkt *p);

/* Room for a header of n bytes in front (asserted to fit); its address. */
static inline uint8_t *
pkt_push(struct pkt *p, uint32_t n)
{
    assert(n <= (size_t)(p->data - p->buf));
    p->data -= n;
    p->len += n;
    return p->data;
}

/* Takes n bytes away from the front; false when there are fewer. */
static inline bool
pkt_pull(struct pkt *p, uint32_t n)
{
    if (p->len < n)
        return false;
    p->data += n;
    p->len -= n;
    return true;
}

/* Room for n more bytes at the end, or NULL when they do not fit. */
static inline uint8_t *
pkt_put(struct pkt *p, uint32_t n)
{
    uint8_t *at = p->data + p->len;

    if (n > (uint32_t)(p->buf + p->room - at))
        return NULL;
    p->len += n;
    return at;
}

/* The lent parts: they are noted where the packet itself ends, in its buf. */
static inline struct iovec *
pkt_parts(const struct pkt *p)
{
    uintptr_t end = (uintptr_t)(p->data + p->len), a = _Alignof(struct iovec);

    return (struct iovec *)((end + a - 1) & ~(a - 1));
}

/* Lends len more bytes to the end, after which nothing can be put there.
 * False: no room to note one more part. */
bool pkt_lend(struct pkt *p, const uint8_t *data, uint32_t len);

/* Cuts the end so that len bytes are left; longer than it is: no effect. */
static inline void
pkt_trim(struct pkt *p, uint32_t len)
{
    if (len < p->len)
        p->len = len;
}

/* Where data stands in the buffer: the `off` of events. */
static inline uint32_t
pkt_off(const struct pkt *p)
{
    return (uint32_t)(p->data - p->buf);
}

#endif
