/*
 * net.h: the network storey as host.c sees it: making it, plugging cards and
 * routes into it. What the transport storey calls stands in ip.h.
 */
#ifndef LW_NET_H
#define LW_NET_H

#include "ip.h"
#include "link.h"

#define IP_IFS 16 /* cards of one host, the loopback included */

/* One per host. NULL: no memory. */
struct ip *ip_new(struct env *env);
void ip_free(struct ip *ip); /* silently forgets pieces that wait */

/*
 * Puts a card to use: routes to its own address, its link's broadcast
 * address and its link. The first must be the loopback. nif stays the
 * caller's and outlives the ip. -ENOSPC, -ENOMEM: then nothing has changed.
 */
int ip_add_netif(struct ip *ip, struct netif *nif);

/* dst/prefix through gateway. -ENETUNREACH: no card reaches the gateway;
 * -EEXIST: the prefix has a route of that metric; -ENOMEM. */
int ip_add_route(
    struct ip *ip, struct ipv4 dst, unsigned prefix, struct ipv4 gateway);

/* The same with a metric; or, with a type from ROUTE_UNREACHABLE on, a route
 * that refuses (gateway is not looked at). Of r only dst, prefix, metric,
 * gateway and type count. */
struct route;
int ip_add_route_like(struct ip *ip, const struct route *r);

/* Takes away the route of that prefix and metric. -ESRCH. */
int ip_remove_route(
    struct ip *ip, struct ipv4 dst, unsigned prefix, uint32_t metric);

/* The host's knobs, to be read and changed. */
struct sysctl *ip_sysctl(struct ip *ip);

/* Whether packets for others are passed on: net.ipv4.ip_forward. */
void ip_set_forwarding(struct ip *ip, bool on);

/* An IP packet from a card: a link_proto's input, with the ip as owner. */
void ip_input(void *owner, struct netif *nif, struct pkt *p, bool group);

/* The card's address may be used now, or no more: a netif's
 * address_changed. */
void ip_address_changed(void *owner, struct netif *nif);

/* ARP found nobody for p's next hop: a netif's no_answer. */
void ip_no_answer(void *owner, const struct pkt *p);

/*
 * Sends an echo request with len bytes of data (RFC 792); the answer shows
 * as an ICMP_ARRIVE event. Of how, source and protocol are not looked at.
 * As ip_output; -ENOMEM.
 */
int icmp_ping(struct ip *ip, const struct ip_out *how, uint16_t id,
    uint16_t seq, const void *data, size_t len);

/* The same, as most need it. ttl 0: the default. */
int icmp_echo(struct ip *ip, struct ipv4 dst, uint8_t ttl, uint16_t id,
    uint16_t seq, const void *data, size_t len);

#endif
