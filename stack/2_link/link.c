/*
 * link.c: a card with an IPv4 address, and the way down through it: which
 * hardware address does the next hop of this packet need?
 */
#include "link.h"
#include "arp.h"
#include "arp_claim.h"
#include "ether.h"

#include <assert.h>
#include <errno.h>

int
netif_init(
    struct netif *nif, struct netdev *dev, struct ipv4 addr, unsigned prefix)
{
    assert(prefix <= 32);
    *nif = (struct netif){
        .dev = dev,
        .env = dev->env,
        .addr = addr,
        .prefix = prefix,
        .sysctl = &sysctl_default,
    };
    if (!dev->loopback) {
        nif->arp = arp_new(nif);
        if (!nif->arp)
            return -ENOMEM;
    }
    dev->input = ether_input;
    dev->up = nif;
    return 0;
}

int
netif_claim(struct netif *nif)
{
    if (!nif->arp)
        return -EINVAL;
    arp_claim_begin(nif->arp);
    return 0;
}

void
netif_close(struct netif *nif)
{
    arp_free(nif->arp);
    nif->arp = NULL;
    nif->nprotos = 0;
}

int
netif_plug(struct netif *nif, const struct link_proto *proto)
{
    if (nif->nprotos == NETIF_PROTOS)
        return -ENOSPC;
    nif->protos[nif->nprotos++] = *proto;
    return 0;
}

bool
netif_is_broadcast(const struct netif *nif, struct ipv4 addr)
{
    if (addr.v == 0xffffffff)
        return true;
    /* A link of two addresses has no broadcast (RFC 3021 2.1). */
    return nif->prefix < 31 && !nif->dev->loopback &&
           addr.v == (nif->addr.v | ~ipv4_mask(nif->prefix).v);
}

bool
netif_is_on_link(const struct netif *nif, struct ipv4 addr)
{
    return ((addr.v ^ nif->addr.v) & ipv4_mask(nif->prefix).v) == 0;
}

/* The group address of an IPv4 multicast group: its low 23 bits behind a
 * fixed beginning (RFC 1112 6.4). */
static struct mac
multicast_mac(struct ipv4 group)
{
    return (struct mac){{0x01, 0x00, 0x5e, group.v >> 16 & 0x7f,
        group.v >> 8 & 0xff, group.v & 0xff}};
}

void
link_output(struct netif *nif, struct ipv4 next_hop, struct pkt *p)
{
    if (!nif->arp)
        ether_output(nif, nif->dev->addr, ETHERTYPE_IPV4, p);
    else if (netif_is_broadcast(nif, next_hop))
        ether_output(nif, MAC_BROADCAST, ETHERTYPE_IPV4, p);
    else if (ipv4_is_multicast(next_hop))
        ether_output(nif, multicast_mac(next_hop), ETHERTYPE_IPV4, p);
    else
        arp_output(nif->arp, next_hop, p);
}

bool
link_knows(struct netif *nif, struct ipv4 next_hop)
{
    struct mac mac;
    enum arp_state state =
        nif->arp ? arp_find(nif->arp, next_hop, &mac) : ARP_NONE;

    return state != ARP_NONE && state != ARP_INCOMPLETE && state != ARP_FAILED;
}

void
link_confirm(struct netif *nif, struct ipv4 next_hop)
{
    if (nif->arp)
        arp_confirm(nif->arp, next_hop);
}

void
link_doubt(struct netif *nif, struct ipv4 next_hop)
{
    if (nif->arp)
        arp_doubt(nif->arp, next_hop);
}
