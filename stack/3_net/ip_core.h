/*
 * ip_core.h: the parts of one host's IP, shared by the files of this folder
 * alone.
 *
 *     ip.c           making it, cards, routes, protocols
 *     ip_input.c     a packet arrives: ours, another's, or nobody's?
 *     ip_forward.c   another's: on to the next hop
 *     ip_output.c    down from the transport
 *     ip_options.c   what rides in the header besides
 *     ip_learnt.c    what ICMP taught about single destinations
 *     ip_fragment.c  too big for the link
 *     ip_reassemble.c  the pieces together again
 *     icmp.c         messages about IP, arriving
 *     icmp_error.c   telling a sender that its packet did not get there
 *     icmp_redirect.c  a better first hop, told and heard
 *     icmp_errno.c   what an error means to a program
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

#define ICMP_ECHO_REPLY      0
#define ICMP_UNREACHABLE     3
#define ICMP_SOURCE_QUENCH   4
#define ICMP_REDIRECT        5
#define ICMP_ECHO            8
#define ICMP_TIME_EXCEEDED   11
#define ICMP_PARAMETER       12
#define ICMP_TIMESTAMP       13
#define ICMP_TIMESTAMP_REPLY 14

#define ICMP_CODE_NET          0 /* of ICMP_UNREACHABLE */
#define ICMP_CODE_HOST         1
#define ICMP_CODE_PROTOCOL     2
#define ICMP_CODE_PORT         3
#define ICMP_CODE_TOO_BIG      4  /* fragmentation needed, and DF set */
#define ICMP_CODE_SOURCE_ROUTE 5  /* source route failed */
#define ICMP_CODE_PROHIBITED   13 /* administratively (RFC 1812 5.2.7.1) */

#define ICMP_CODE_REDIRECT_HOST     1 /* of ICMP_REDIRECT */
#define ICMP_CODE_REDIRECT_TOS_HOST 3

#define IP_LEARNT 64
#define ICMP_TOLD 64

struct ip_whole; /* a datagram whose pieces are being collected */

#define IP_WHOLES  256
#define IP_SOURCES 64

/* Datagrams being put together (ip_reassemble.c). */
struct ip_pieces {
    struct ip_whole *hash[IP_WHOLES]; /* by addresses, protocol and number */
    struct {                          /* by a hash of who sends them */
        struct ip_whole *oldest, *newest;
        unsigned count; /* datagrams */
        size_t bytes;   /* memory held by them and their pieces */
    } source[IP_SOURCES];
    size_t bytes; /* of all */
};

/* Routes for single destinations, and when they go (ip_learnt.c). */
struct ip_learnt {
    struct {
        struct ipv4 dst;
        struct instant until;
    } list[IP_LEARNT];
    unsigned count;
    struct timer timer;
};

/* Whom a router has told of a better way, and whether it was heeded. */
struct icmp_told {
    struct ipv4 who;
    struct instant last;
    unsigned times;
};

struct ip {
    struct env *env;
    struct sysctl sysctl;
    struct netif *ifs[IP_IFS];
    unsigned nifs;
    struct routes routes;
    struct route direct; /* ip_route_by's last answer that is in no table */
    struct ip_proto protos[IP_PROTOS];
    unsigned nprotos;
    uint8_t proto_of[256]; /* protocol number: place in protos plus one */
    struct sipkey key;
    uint16_t ids[IP_IDS]; /* next identification, by hashed destination */
    struct instant full_at[ICMP_BUCKETS]; /* of the right to send errors */
    struct instant all_full_at;           /* the same for all together */
    uint64_t errors;                      /* asked to send so far */
    struct icmp_told told[ICMP_TOLD];
    struct ip_learnt learnt;
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

/* The route for packets of ours to dst, or NULL: none, or one that refuses
 * (ip_refusal says which). */
static inline const struct route *
ip_route(struct ip *ip, struct ipv4 dst)
{
    const struct route *r;

    if (ip_is_reserved(dst) && dst.v != 0xffffffff)
        return NULL;
    r = route_find(&ip->routes, dst);
    return r && r->nif ? r : NULL;
}

/* The same by the card of that number; 0: by any. NULL also: no such card. Good
 * until the next call. */
const struct route *ip_route_by(struct ip *ip, unsigned card, struct ipv4 dst);

/* Why ip_route has said NULL: a negative errno, as in Linux. */
int ip_refusal(struct ip *ip, struct ipv4 dst);

/* Adds a copy of r, deletes r: reported with the rule. As in route.h. */
int ip_note_route(struct ip *ip, const struct route *r, enum rule rule);
void ip_delete_route(struct ip *ip, const struct route *r, enum rule rule);

/* For for_ns, packets to r->dst take r, which is otherwise like the route
 * that they took. */
void ip_learn(
    struct ip *ip, const struct route *r, int64_t for_ns, enum rule rule);
void ip_unlearn(struct ip *ip, struct ipv4 dst, enum rule rule);
void ip_unlearn_all(struct ip *ip);

/* p, at its IP header with the fields f, leaves by the card it came through,
 * to hop: tells its sender, unless it was told. Does not take p. */
void icmp_redirect(struct ip *ip, const struct pkt *p,
    const struct ip_fields *f, struct ipv4 hop);

/* A redirect has arrived that quotes a packet of ours, as the transport has
 * confirmed. False: refused. */
bool icmp_redirect_input(struct ip *ip, const struct ip_hdr *ih,
    const struct ip_error *err, struct ipv4 gateway);

/* p, at its IP header with the fields f, is for another. Takes p. */
void ip_forward(struct ip *ip, struct pkt *p, const struct ip_fields *f);

/*
 * Cuts p, at its IP header with the fields f, into pieces that fit the route
 * and sends them. Takes p.
 */
void ip_fragment(struct ip *ip, const struct route *r, struct pkt *p,
    const struct ip_fields *f);

/*
 * A piece for us, at its IP header with the fields f. Returns the whole
 * datagram, at its header and with f made its, or NULL. Takes p.
 */
struct pkt *ip_reassemble(struct ip *ip, struct pkt *p, struct ip_fields *f);
void ip_pieces_free(struct ip *ip);

/* ICMP arriving: an ip_proto's input with the ip as owner. */
void icmp_input(void *owner, struct pkt *p, const struct ip_hdr *ih);

/* Milliseconds since midnight UT. */
uint32_t icmp_time(const struct ip *ip);

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
