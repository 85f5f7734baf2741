/*
 * route.h: the routing table: from a destination to a card and a next hop.
 * One lookup also says whether a destination is this computer itself or all
 * computers of a link, as in Linux (`ip route show table all`).
 */
#ifndef LW_ROUTE_H
#define LW_ROUTE_H

#include "link.h"

enum route_type {
    ROUTE_UNICAST,  /* out through nif */
    ROUTE_LOCAL,    /* an address of ours; nif is the loopback */
    ROUTE_BROADCAST /* all hosts of nif's link */
};

struct route {
    struct ipv4 dst;
    unsigned prefix;
    struct ipv4 gateway; /* 0.0.0.0: the destination is on the link */
    struct netif *nif;
    struct ipv4 src; /* of ours, for packets that take this route */
    enum route_type type;
};

#define ROUTE_CACHE 64

struct routes {
    struct route *list; /* longest prefix first, then as added */
    unsigned count, room;
    /* Recent answers by destination: a packet's lookup does not walk the
     * list. Emptied when the table changes. */
    struct {
        const struct route *route; /* NULL: empty */
        struct ipv4 dst;
    } cache[ROUTE_CACHE];
};

void routes_free(struct routes *t);

/* Makes room for n more routes, so that adding them cannot fail. -ENOMEM.
 * Pointers that route_find gave become invalid. */
int route_reserve(struct routes *t, unsigned n);

/* Adds a copy of r. -ENOMEM. Pointers that route_find gave become invalid. */
int route_add(struct routes *t, const struct route *r);

/* The matching route with the longest prefix, or NULL. */
const struct route *route_find(struct routes *t, struct ipv4 dst);

/* Where a packet for dst goes on this route: the gateway, or dst itself. */
static inline struct ipv4
route_hop(const struct route *r, struct ipv4 dst)
{
    return r->gateway.v ? r->gateway : dst;
}

/* "10.0.0.0/24" into buf (at least 20 bytes); returns buf. */
char *route_text(const struct route *r, char *buf);

#endif
