/*
 * route.c: longest-prefix match (RFC 1812 5.2.4.3) in a tree of prefixes,
 * with a small cache of recent answers in front.
 *
 *                     0/0 --> default
 *                    /     \
 *               10/8         192.0.2/24     a node is a prefix; below it are
 *              /     \                      longer ones that begin with it,
 *      10.0.0/24    10.0.1/24               left those whose next bit is 0
 *
 * A bit is looked at only where prefixes part (a path-compressed trie, as
 * D. R. Morrison's PATRICIA and Linux's fib_trie), so a lookup passes at most
 * 33 nodes however large the table is, and a handful in practice; memory is
 * at most two nodes a prefix.
 */
#include "route.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct route_node {
    struct ipv4 key; /* the prefix; bits behind it are zero */
    unsigned prefix;
    struct route *routes;        /* by metric; NULL: only a fork */
    struct route_node *child[2]; /* by the bit behind the prefix */
};

/* Bit i of an address, from the left. */
static unsigned
bit(struct ipv4 a, unsigned i)
{
    return a.v >> (31 - i) & 1;
}

static bool
matches(const struct route_node *n, struct ipv4 dst)
{
    return ((dst.v ^ n->key.v) & ipv4_mask(n->prefix).v) == 0;
}

/* How many bits two prefixes share. */
static unsigned
shared(const struct route_node *n, struct ipv4 dst, unsigned prefix)
{
    uint32_t differ = n->key.v ^ dst.v;
    unsigned same = differ ? (unsigned)__builtin_clz(differ) : 32;
    unsigned most = n->prefix < prefix ? n->prefix : prefix;

    return same < most ? same : most;
}

static void
node_free(struct route_node *n)
{
    while (n->routes) {
        struct route *r = n->routes;

        n->routes = r->next;
        free(r);
    }
    for (unsigned i = 0; i < 2; i++)
        if (n->child[i])
            node_free(n->child[i]); /* at most 33 deep */
    free(n);
}

void
routes_free(struct routes *t)
{
    if (t->root)
        node_free(t->root);
    *t = (struct routes){0};
}

static struct route_node *
node_new(struct ipv4 dst, unsigned prefix)
{
    struct route_node *n = calloc(1, sizeof *n);

    if (!n)
        return NULL;
    n->key.v = dst.v & ipv4_mask(prefix).v;
    n->prefix = prefix;
    return n;
}

/* The node of exactly this prefix, made if need be; NULL: no memory. */
static struct route_node *
node_get(struct routes *t, struct ipv4 dst, unsigned prefix)
{
    struct route_node **at = &t->root;
    struct route_node *n, *fork, *leaf;
    unsigned same = 0;

    while ((n = *at)) {
        same = shared(n, dst, prefix);
        if (same < n->prefix)
            break;
        if (n->prefix == prefix)
            return n;
        at = &n->child[bit(dst, n->prefix)];
    }
    leaf = node_new(dst, prefix);
    if (!leaf)
        return NULL;
    if (!n) {
        *at = leaf;
    } else if (same == prefix) { /* n is longer and begins with it */
        leaf->child[bit(n->key, prefix)] = n;
        *at = leaf;
    } else { /* they part before either ends */
        fork = node_new(dst, same);
        if (!fork) {
            free(leaf);
            return NULL;
        }
        fork->child[bit(dst, same)] = leaf;
        fork->child[bit(n->key, same)] = n;
        *at = fork;
    }
    return leaf;
}

/* Takes away the node of that prefix, and its fork, where they serve no
 * more. */
static void
prune(struct routes *t, struct ipv4 dst, unsigned prefix)
{
    struct route_node **path[34];
    unsigned depth = 0;

    path[0] = &t->root;
    while (*path[depth] && (*path[depth])->prefix < prefix) {
        struct route_node *n = *path[depth];

        path[++depth] = &n->child[bit(dst, n->prefix)];
    }
    for (unsigned up = depth + 1; up-- > 0;) {
        struct route_node *n = *path[up];

        if (!n || n->routes || (n->child[0] && n->child[1]))
            break;
        *path[up] = n->child[0] ? n->child[0] : n->child[1];
        free(n);
    }
}

int
route_add(struct routes *t, const struct route *r)
{
    struct route *copy = malloc(sizeof *copy);
    struct route_node *n = NULL;
    struct route **at;

    assert(r->prefix <= 32);
    if (copy)
        n = node_get(t, r->dst, r->prefix);
    if (!n) {
        free(copy);
        return -ENOMEM;
    }
    *copy = *r;
    copy->dst = n->key;
    /* What was learnt goes before those that are as good. */
    for (at = &n->routes; *at && (r->learnt ? (*at)->metric < r->metric
                                            : (*at)->metric <= r->metric);)
        at = &(*at)->next;
    copy->next = *at;
    *at = copy;
    t->count++;
    memset(t->cache, 0, sizeof t->cache);
    return 0;
}

static struct route_node *
node_find(const struct routes *t, struct ipv4 dst, unsigned prefix)
{
    struct route_node *n = t->root;

    while (n && n->prefix < prefix && matches(n, dst))
        n = n->child[bit(dst, n->prefix)];
    return n && n->prefix == prefix && matches(n, dst) ? n : NULL;
}

int
route_delete(struct routes *t, const struct route *r)
{
    struct route_node *n = node_find(t, r->dst, r->prefix);
    struct route **at, *gone;

    if (!n)
        return -ESRCH;
    for (at = &n->routes; *at; at = &(*at)->next)
        if ((*at)->metric == r->metric && (*at)->nif == r->nif &&
            (*at)->type == r->type && (*at)->learnt == r->learnt &&
            ipv4_eq((*at)->gateway, r->gateway))
            break;
    gone = *at;
    if (!gone)
        return -ESRCH;
    *at = gone->next;
    if (!n->routes)
        prune(t, r->dst, r->prefix);
    free(gone);
    t->count--;
    memset(t->cache, 0, sizeof t->cache);
    return 0;
}

const struct route *
route_at(const struct routes *t, struct ipv4 dst, unsigned prefix)
{
    const struct route_node *n = node_find(t, dst, prefix);

    return n ? n->routes : NULL;
}

const struct route *
route_find(struct routes *t, struct ipv4 dst)
{
    unsigned slot = (dst.v ^ dst.v >> 8 ^ dst.v >> 16) % ROUTE_CACHE;
    const struct route_node *n = t->root;
    const struct route *best = NULL;

    if (t->cache[slot].route && ipv4_eq(t->cache[slot].dst, dst))
        return t->cache[slot].route;
    while (n && matches(n, dst)) {
        if (n->routes)
            best = n->routes;
        n = n->prefix < 32 ? n->child[bit(dst, n->prefix)] : NULL;
    }
    if (best) {
        t->cache[slot].route = best;
        t->cache[slot].dst = dst;
    }
    return best;
}

static bool
is_by(const struct route *r, const struct netif *nif)
{
    if (r->type == ROUTE_LOCAL && ipv4_eq(r->src, nif->addr))
        return true;
    return r->nif == nif && r->type != ROUTE_LOCAL;
}

const struct route *
route_find_by(const struct routes *t, struct ipv4 dst, const struct netif *nif)
{
    const struct route *best = NULL, *r;

    for (const struct route_node *n = t->root; n && matches(n, dst);
         n = n->prefix < 32 ? n->child[bit(dst, n->prefix)] : NULL) {
        for (r = n->routes; r && !is_by(r, nif); r = r->next) {
        }
        best = r ? r : best;
    }
    return best;
}

unsigned
route_steps(const struct routes *t, struct ipv4 dst)
{
    const struct route_node *n = t->root;
    unsigned steps = 0;

    while (n) {
        steps++;
        n = n->prefix < 32 && matches(n, dst) ? n->child[bit(dst, n->prefix)]
                                              : NULL;
    }
    return steps;
}

char *
route_text(const struct route *r, char *buf)
{
    char *at = strchr(ipv4_text(r->dst, buf), '\0');

    *at++ = '/';
    decimal(r->prefix, at);
    return buf;
}
