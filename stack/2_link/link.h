/*
 * link.h: the link storey: Ethernet frames in and out of one card, and the
 * question "which hardware address has this next hop?".
 *
 *     up     dev->input  -> link_input -> by EtherType: ARP, IP
 *     down   IP -> link_output -> ARP -> ether_output -> dev->xmit
 *
 * A netif is a card with an IPv4 address: what the storey above sends
 * through. host.c plugs the protocols in; nothing here knows them by name.
 */
#ifndef LW_LINK_H
#define LW_LINK_H

#include "netdev.h"
#include "sysctl.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP  0x0806

struct arp;
struct netif;

/* A protocol carried in frames. */
struct link_proto {
    uint16_t ethertype;
    /* p->data stands behind the Ethernet header; group: the frame was sent
     * to a group address (broadcast, multicast). Takes p. */
    void (*input)(void *owner, struct netif *nif, struct pkt *p, bool group);
    void *owner;
};

#define NETIF_PROTOS 4

struct netif {
    struct netdev *dev;
    struct env *env;
    struct ipv4 addr;
    unsigned prefix;
    struct arp *arp; /* NULL on loopback, which needs no addresses */
    bool unusable;   /* addr is being asked for, or is another's (RFC 5227) */
    const struct sysctl *sysctl; /* the host's; at first the defaults */
    struct link_proto protos[NETIF_PROTOS];
    unsigned nprotos;
    /* Nobody answered for the next hop of p, which stands at its IP header;
     * called before p is dropped, does not take it. May be NULL. */
    void (*no_answer)(void *owner, const struct pkt *p);
    /* unusable has changed. May be NULL. */
    void (*address_changed)(void *owner, struct netif *nif);
    void *no_answer_owner; /* of both */
};

/* Puts a card with this address to use: becomes dev->input. Both stay the
 * caller's. -ENOMEM. */
int netif_init(
    struct netif *nif, struct netdev *dev, struct ipv4 addr, unsigned prefix);

/* Asks whether another has the address already, and does not use it before
 * nobody has answered (RFC 5227 2). -EINVAL: a loopback. */
int netif_claim(struct netif *nif);

/* Frees what waits here; the card no longer hears anything. */
void netif_close(struct netif *nif);

/* Adds a protocol (at most NETIF_PROTOS, copied). -ENOSPC. */
int netif_plug(struct netif *nif, const struct link_proto *proto);

/*
 * Sends the IP packet p to next_hop, an address on this link, in a frame:
 * at once when the hardware address is known, else as soon as ARP has found
 * it out. Takes p.
 */
void link_output(struct netif *nif, struct ipv4 next_hop, struct pkt *p);

/* A packet for next_hop would leave at once. */
bool link_knows(struct netif *nif, struct ipv4 next_hop);

/* The storey above has heard from next_hop through this link, so the
 * hardware address is right (RFC 1122 2.3.2.1, way 4). */
void link_confirm(struct netif *nif, struct ipv4 next_hop);

/* The storey above has sent through next_hop and hears nothing: it is asked
 * whether it is still there (RFC 1122 3.3.1.4). */
void link_doubt(struct netif *nif, struct ipv4 next_hop);

/* Is addr a broadcast address on this link (RFC 1122 3.2.1.3)? */
bool netif_is_broadcast(const struct netif *nif, struct ipv4 addr);

/* Is addr within the link's prefix? */
bool netif_is_on_link(const struct netif *nif, struct ipv4 addr);

static inline const char *
netif_name(const struct netif *nif)
{
    return nif->dev->name;
}

static inline unsigned
netif_mtu(const struct netif *nif)
{
    return nif->dev->mtu;
}

static inline bool
netif_is_loopback(const struct netif *nif)
{
    return nif->dev->loopback;
}

#endif
