/*
 * ip_core.h: the parts of one host's IP, shared by the files of this folder
 * alone.
 *
 *     ip.c           making it, cards, routes, protocols
 *     ip_input.c     a packet arrives: ours, another's, or nobody's?
 *     ip_forward.c   another's: on to the next hop
 *     ip_output.c    down from the transport
 *     ip_fragment.c  too big for the link
 *     ip_reassemble.c  the pieces together again
 *     icmp.c         messages about IP, arriving
 *     icmp_error.c   telling a sender that its packet did not get there
 */
#ifndef LW_IP_CORE_H
#define LW_IP_CORE_H

#include "ip_header.h"
#include "net.h"
#include "route.h"

#define IP_PROTOS    8
#define IP_IDS       256
#define ICMP_BUCKETS 64
#define ICMP_LEN     8 /* header of the messages we know */

#define ICMP_ECHO_REPLY    0
#define ICMP_UNREACHABLE   3
#define ICMP_SOURCE_QUENCH 4
#define ICMP_REDIRECT      5
#define ICMP_ECHO          8
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETER     12

#define ICMP_CODE_NET      0 /* of ICMP_UNREACHABLE */
#define ICMP_CODE_HOST     1
#define ICMP_CODE_PROTOCOL 2
#define ICMP_CODE_PORT     3
#define ICMP_CODE_TOO_BIG  4 /* fragmentation needed, and DF set */

struct ip_whole; /* a datagram whose pieces are being collected */

/* Datagrams being put together (ip_reassemble.c). */
struct ip_pieces {
    struct ip_whole *oldest, *newest;
    unsigned count; /* datagrams */
    size_t bytes;   /* memory held by their pieces */
};

struct ip {
    struct env *env;
    struct sysctl sysctl;
    struct netif *ifs[IP_IFS];
    unsigned nifs;
    struct routes routes;
    struct ip_proto protos[IP_PROTOS];
    unsigned nprotos;
    uint8_t proto_of[256]; /* protocol number: place in protos plus one */
    struct sipkey key;
    uint16_t ids[IP_IDS]; /* next identification, by hashed destination */
    struct instant full_at[ICMP_BUCKETS]; /* of the right to send errors */
    struct ip_pieces pieces;
};

/* The protocol's entry, or NULL. */
static inline const struct ip_proto *
ip_proto_find(const struct ip *ip, uint8_t protocol)
{
    unsigned n = ip->proto_of[protocol];

    return n ? &ip->protos[n - 1] : NULL;
}

/* Reserved for ever: 0/8 is "this network", 240/4 was never given out
 * (RFC 6890 2.2.2). The limited broadcast address is among them. */
static inline bool
ip_is_reserved(struct ipv4 a)
{
    return a.v >> 24 == 0 || a.v >> 28 == 0xf;
}

/* The route for packets of ours to dst, or NULL. */
static inline const struct route *
ip_route(struct ip *ip, struct ipv4 dst)
{
    if (ip_is_reserved(dst) && dst.v != 0xffffffff)
        return NULL;
    return route_find(&ip->routes, dst);
}

/* p, at its IP header with the fields f, is for another. Takes p. */
void ip_forward(struct ip *ip, struct pkt *p, const struct ip_fields *f);

/*
 * Cuts p, at its IP header with the fields f, into pieces that fit nif and
 * sends them to hop. Takes p.
 */
void ip_fragment(struct ip *ip, struct netif *nif, struct ipv4 hop,
    struct pkt *p, const struct ip_fields *f);

/*
 * A piece for us, at its IP header with the fields f. Returns the whole
 * datagram, at its header and with f made its, or NULL. Takes p.
 */
struct pkt *ip_reassemble(struct ip *ip, struct pkt *p, struct ip_fields *f);
void ip_pieces_free(struct ip *ip);

/* ICMP arriving: an ip_proto's input with the ip as owner. */
void icmp_input(void *owner, struct pkt *p, const struct ip_hdr *ih);

/* "port unreachable" */
const char *icmp_text(uint8_t type, uint8_t code);

/*
 * Builds a message around `data` and sends it as `out` says. rest: the four
 * bytes behind the checksum. As ip_output; -ENOMEM.
 */
int icmp_send(struct ip *ip, const struct ip_out *out, uint8_t type,
    uint8_t code, uint32_t rest, const void *data, size_t len);

/*
 * Tells the sender of p (p->l3 is where its IP header stands) of an error.
 * Silent where RFC 1122 3.2.2 forbids to speak, and rate-limited. Does not
 * take p.
 */
void icmp_error(struct ip *ip, const struct pkt *p, uint8_t type, uint8_t code,
    uint32_t rest);

#endif
