/*
 * ip.h: the Internet Protocol, version 4 (RFC 791, RFC 1122 3, RFC 1812), as
 * the transport storey sees it.
 */
#ifndef LW_IP_H
#define LW_IP_H

#include "env.h"

#define IP_ICMP 1
#define IP_TCP  6
#define IP_UDP  17

/* The ECN bits of the TOS byte (RFC 3168 5). */
#define IP_ECN   3 /* all of them */
#define IP_ECT_0 2 /* the transport can do it */
#define IP_CE    3 /* ... and the way was crowded */

struct ip; /* one per host */
struct netif;

/* The header of a packet that arrived, parsed and checked. */
struct ip_hdr {
    struct ipv4 src, dst;
    uint8_t protocol;
    uint8_t ttl;
    uint8_t tos; /* DSCP and ECN bits (RFC 2474, RFC 3168) */
    bool df;
    uint16_t id;
    uint16_t header_len;
    bool to_broadcast;   /* dst was a broadcast or multicast address */
    bool link_broadcast; /* the frame was sent to a group address */
    struct netif *nif;   /* the card that it came through */
};

/* An ICMP error about a packet of ours, parsed (RFC 792, RFC 1122 3.2.2). */
struct ip_error {
    struct ipv4 from;          /* who says so */
    uint8_t type, code;        /* 3: unreachable, 11: time exceeded, ... */
    uint16_t next_mtu;         /* for type 3 code 4; 0: not said (RFC 1191) */
    struct ipv4 src, dst;      /* of the packet that it is about */
    const uint8_t *data;       /* the first bytes of its transport header */
    uint32_t len;              /* at least 8 */
    const struct ip_hdr *came; /* the header of the packet that says so */
};

/* What went wrong with a datagram that a program sent, for IP_RECVERR. */
struct ip_trouble {
    struct ip_trouble *next;
    int error;          /* an errno */
    bool local;         /* this computer says so, nobody else */
    uint8_t type, code; /* of ICMP */
    uint32_t info;      /* EMSGSIZE: the MTU */
    struct ipv4 from;   /* who says so; not local: in a packet like this */
    struct ipv4 us;     /* sent to this address of ours */
    unsigned card;      /* and by this card */
    uint8_t ttl, tos;
    struct ipv4 to; /* where the datagram should have gone */
    uint16_t port;
    struct instant at;
    size_t len;
    uint8_t data[]; /* what of the datagram was quoted */
};

/* A protocol above IP. */
struct ip_proto {
    uint8_t protocol;
    /* A datagram for us: p->data stands at the transport header and p->len
     * is its length without padding. Takes p. */
    void (*input)(void *owner, struct pkt *p, const struct ip_hdr *ih);
    /* An ICMP error, or a redirect, that quotes a datagram of ours: true when
     * one that is out, or a socket that talks to err->dst, bears that out.
     * May be NULL: never. */
    bool (*error)(void *owner, const struct ip_error *err);
    void *owner;
};

/* How a packet shall go out. */
struct ip_out {
    struct ipv4 src, dst;
    uint8_t protocol;
    uint8_t ttl; /* 0: the host's default, 64 */
    uint8_t tos;
    bool df;
    uint8_t card;           /* the number of the one to leave by; 0: any */
    uint8_t noptions;       /* bytes, a multiple of 4, at most 40 */
    const uint8_t *options; /* as ip_options.h has them; records are made */
};

/* Adds a protocol (at most 8, copied). -ENOSPC, -EEXIST. */
int ip_register(struct ip *ip, const struct ip_proto *proto);

/*
 * Sends the datagram p (data at the transport header, which already has its
 * checksum; IP fragments what is too big unless df) to out->dst. Takes p.
 * Returns 0, or -ENETUNREACH (no route), -EMSGSIZE (too big and df); and
 * -EHOSTUNREACH, -EACCES, -EINVAL when a route of type unreachable, prohibit
 * or blackhole says so. That nobody answers comes later, as an error.
 */
int ip_output(struct ip *ip, struct pkt *p, const struct ip_out *out);

/*
 * Which way to dst? *src: the address of ours that packets there will carry;
 * *mtu: the largest IP packet that the way is known to take. Errors as
 * ip_output.
 */
int ip_source(struct ip *ip, struct ipv4 dst, struct ipv4 *src, unsigned *mtu);

/* The same by the card of that number (0: any): a destination that no route
 * of that card leads to is taken to be on its link, as in Linux.
 * -ENODEV: no such card. */
int ip_source_by(struct ip *ip, unsigned card, struct ipv4 dst,
    struct ipv4 *src, unsigned *mtu);

/*
 * The largest IP packet that the route to dst takes at its beginning, whatever
 * routers further on have said (ip_learn_mtu): so much can come from there
 * (MMS_R of RFC 1122 3.3.2). card: as above. 0: no route.
 */
unsigned ip_first_mtu(struct ip *ip, unsigned card, struct ipv4 dst);

/*
 * Does the card towards dst compute TCP's checksum, so that a segment whose
 * bytes nobody else looks at may leave it out?
 */
bool ip_card_sums(struct ip *ip, struct ipv4 dst);

/* Does it cut long segments into frames, while nobody listens to the journal,
 * and without anything (the next hop's hardware address) to wait for? */
bool ip_card_cuts(struct ip *ip, struct ipv4 dst);

/*
 * Packets to dst have arrived there, for something new came back: the next
 * hop's hardware address is right (RFC 1122 2.3.2.1). Cheap; call at will.
 */
void ip_confirm(struct ip *ip, struct ipv4 dst);

/*
 * Packets to dst come to nothing (TCP calls it when R1 retransmissions were
 * not answered, RFC 1122 3.3.1.4 and 4.2.3.5): what was learnt about the way
 * is doubted, and the next hop is asked whether it is still there.
 */
void ip_doubt(struct ip *ip, struct ipv4 dst);

/*
 * An error about one of our datagrams says that no more than mtu bytes get
 * through to dst (0: not said; RFC 1191 5): for ten minutes ip_source tells
 * it. The caller has made sure that the datagram really was its own.
 */
void ip_learn_mtu(struct ip *ip, struct ipv4 dst, unsigned mtu);

/* The errno that the error means to a program, as Linux has it; 0: none.
 * *hard: to try again is of no use. */
int ip_error_errno(const struct ip_error *err, bool *hard);

/* What err says, into *t, as far as no transport is asked: no port, no
 * destination, no data. */
void ip_trouble_fill(
    struct ip *ip, const struct ip_error *err, struct ip_trouble *t);

/* Does a packet to dst go to all on a link? */
bool ip_is_broadcast(struct ip *ip, struct ipv4 dst);

/* Cards have numbers from 1, the loopback's (if_nametoindex(3)). 0: none. */
unsigned ip_card_index(const struct ip *ip, const struct netif *nif);

/* Its name; NULL: there is no card of that number. */
const char *ip_card_name(const struct ip *ip, unsigned index);

/* Is this address one of ours (127/8 included)? */
bool ip_is_ours(const struct ip *ip, struct ipv4 addr);

/*
 * Tells the sender of the datagram p (p->l3 is where its IP header stands)
 * that it could not be delivered: ICMP destination unreachable with `code`.
 * Silent about what RFC 1122 3.2.2 forbids to speak of, and rate-limited.
 * Does not take p.
 */
void icmp_unreachable(struct ip *ip, const struct pkt *p, uint8_t code);

#endif
