/*
 * route.h: the routing table: from a destination to a card and a next hop.
 * One lookup also says whether a destination is this computer itself or all
 * computers of a link, as in Linux (`ip route show table all`).
 */
#ifndef LW_ROUTE_H
#define LW_ROUTE_H

#include "link.h"

enum route_type {
    ROUTE_UNICAST,     /* out through nif */
    ROUTE_LOCAL,       /* an address of ours; nif is the loopback */
    ROUTE_BROADCAST,   /* all hosts of nif's link */
    ROUTE_UNREACHABLE, /* from here on nif is NULL: refused, the sender told */
    ROUTE_PROHIBIT,    /* the same, with another reason */
    ROUTE_BLACKHOLE    /* refused in silence */
};

struct route {
    struct ipv4 dst;
    unsigned prefix;
    uint32_t metric;     /* of two for one prefix the smaller wins */
    struct ipv4 gateway; /* 0.0.0.0: the destination is on the link */
    struct netif *nif;
    struct ipv4 src; /* of ours, for packets that take this route */
    enum route_type type;
    unsigned mtu;       /* of the path, when less than nif's is known; or 0 */
    bool learnt;        /* for one destination, from ICMP (ip_learnt.c) */
    struct route *next; /* the table's: for the same prefix, by metric */
};

#define ROUTE_CACHE 64

struct route_node; /* route.c */

struct routes {
    struct route_node *root;
    unsigned count;
    /* Recent answers by destination: most packets' lookups end here. Emptied
     * when the table changes. */
    struct {
        const struct route *route; /* NULL: empty */
        struct ipv4 dst;
    } cache[ROUTE_CACHE];
};

void routes_free(struct routes *t);

/*
 * Adds a copy of r, behind those of the same prefix and metric. -ENOMEM.
 * Pointers that route_find gave stay valid until their route is deleted, but
 * may not be the answer any more.
 */
int route_add(struct routes *t, const struct route *r);

/* Deletes the route that is like r in every respect. -ESRCH. */
int route_delete(struct routes *t, const struct route *r);

/* The route of that very prefix with the smallest metric, or NULL. */
const struct route *route_at(
    const struct routes *t, struct ipv4 dst, unsigned prefix);

/* The matching route with the longest prefix and, of those, the smallest
 * metric; or NULL. */
const struct route *route_find(struct routes *t, struct ipv4 dst);

/* The same among those that leave by nif, or lead to an address of its. */
const struct route *route_find_by(
    const struct routes *t, struct ipv4 dst, const struct netif *nif);

/* How many nodes a lookup of dst looks at when the cache has no answer. */
unsigned route_steps(const struct routes *t, struct ipv4 dst);

/* Where a packet for dst goes on this route: the gateway, or dst itself. */
static inline struct ipv4
route_hop(const struct route *r, struct ipv4 dst)
{
    return r->gateway.v ? r->gateway : dst;
}

/* The largest packet that is known to get through, uncut. */
static inline unsigned
route_mtu(const struct route *r)
{
    unsigned most = netif_mtu(r->nif);

    return r->mtu && r->mtu < most ? r->mtu : most;
}

/* "10.0.0.0/24" into buf (at least 20 bytes); returns buf. */
char *route_text(const struct route *r, char *buf);

#endif
