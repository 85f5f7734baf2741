/*
 * udp_core.h: the parts of one host's UDP, shared by the udp files alone.
 *
 *     udp.c         sockets: opened, connected, read, closed
 *     udp_input.c   a datagram or an ICMP error arrives: for whom?
 *     udp_output.c  a datagram leaves
 *     udp_error.c   what went wrong with one that left
 */
#ifndef LW_UDP_CORE_H
#define LW_UDP_CORE_H

#include "ip.h"
#include "udp.h"

#define UDP_LEN     8 /* header */
#define UDP_BUCKETS 256

struct udp_sock {
    struct udp *udp;
    struct udp_sock *chain;       /* next in the same bucket */
    struct udp_end local, remote; /* remote.port 0: not connected */
    void (*notify)(void *owner);
    void *owner;
    struct pkt *queue, **queue_end; /* oldest first, at their data */
    uint32_t queued, rcvbuf;        /* bytes of buffers: in the queue, most */
    int error;                      /* pending errno */
    bool addr_by_connect;           /* local.addr was not bound */
    bool group;                     /* local.addr is a broadcast: to hear */
    bool recverr;                   /* errors are queued: */
    struct ip_trouble *troubles, **troubles_end; /* oldest first */
    uint32_t trouble; /* bytes of memory that they take */
    uint8_t reuse;    /* UDP_REUSEADDR, UDP_REUSEPORT */
    uint8_t card;     /* bound to the one of that number; 0: to none */
};

struct udp {
    struct env *env;
    struct ip *ip;
    struct udp_sock *buckets[UDP_BUCKETS]; /* by local port */
    struct sipkey key; /* for sharing between equals, once there are any */
    bool keyed;
};

static inline struct udp_sock **
udp_bucket(struct udp *udp, uint16_t port)
{
    return &udp->buckets[port % UDP_BUCKETS];
}

/* "10.0.0.1:53" into buf (at least 22 bytes); returns buf. */
const char *udp_end_text(struct udp_end end, char *buf);

/* The socket that hears what comes from remote to local by nif (NULL: by any);
 * NULL: none. */
struct udp_sock *udp_find(struct udp *udp, struct udp_end local,
    struct udp_end remote, const struct netif *nif);

/* An error of this computer's about a datagram that is too big for mtu. */
void udp_too_big(struct udp_sock *s, struct udp_end to, unsigned mtu);

/* Empties the queue of errors. */
void udp_forget_troubles(struct udp_sock *s);

/* From IP: a datagram for us; an ICMP error about one of ours (ip.h). */
void udp_input(void *owner, struct pkt *p, const struct ip_hdr *ih);
bool udp_icmp_error(void *owner, const struct ip_error *err);

#endif
