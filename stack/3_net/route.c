/*
 * route.c: longest-prefix match (RFC 1812 5.2.4.3) over a sorted array, with
 * a small cache of recent answers in front.
 *
 * An array is right for tables written by a person: a dozen entries fit in a
 * few cache lines. A router with a full Internet table would need a trie.
 */
#include "route.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
routes_free(struct routes *t)
{
    free(t->list);
    *t = (struct routes){0};
}

int
route_reserve(struct routes *t, unsigned n)
{
    unsigned room = t->room ? t->room * 2 : 16;
    struct route *list;

    if (t->count + n <= t->room)
        return 0;
    while (room < t->count + n)
        room *= 2;
    list = realloc(t->list, room * sizeof *list);
    if (!list)
        return -ENOMEM;
    t->list = list;
    t->room = room;
    memset(t->cache, 0, sizeof t->cache);
    return 0;
}

int
route_add(struct routes *t, const struct route *r)
{
    unsigned at = 0;

    assert(r->prefix <= 32);
    if (route_reserve(t, 1) < 0)
        return -ENOMEM;
    while (at < t->count && t->list[at].prefix >= r->prefix)
        at++;
    memmove(&t->list[at + 1], &t->list[at], (t->count - at) * sizeof *r);
    t->list[at] = *r;
    t->list[at].dst.v &= ipv4_mask(r->prefix).v;
    t->count++;
    memset(t->cache, 0, sizeof t->cache);
    return 0;
}

const struct route *
route_find(struct routes *t, struct ipv4 dst)
{
    unsigned slot = (dst.v ^ dst.v >> 8 ^ dst.v >> 16) % ROUTE_CACHE;

    if (t->cache[slot].route && ipv4_eq(t->cache[slot].dst, dst))
        return t->cache[slot].route;
    for (unsigned i = 0; i < t->count; i++) {
        const struct route *r = &t->list[i];

        if ((dst.v & ipv4_mask(r->prefix).v) != r->dst.v)
            continue;
        t->cache[slot].route = r;
        t->cache[slot].dst = dst;
        return r;
    }
    return NULL;
}

char *
route_text(const struct route *r, char *buf)
{
    char addr[16];

    snprintf(buf, 20, "%s/%u", ipv4_text(r->dst, addr), r->prefix % 33);
    return buf;
}
