/*
 * scene.c: the order of the hosts, found by walking along the cables.
 */
#include "scene.h"

#include <string.h>

static unsigned
degree(const struct state *st, unsigned host)
{
    unsigned n = 0;

    for (unsigned i = 0; i < st->nlink; i++) {
        const struct state_link *l = &st->link[i];

        n += l->a != l->b && l->a && l->b && (l->a == host || l->b == host);
    }
    return n;
}

/* Appends host and, depth first, those that hang on it. */
static void
walk(const struct state *st, unsigned host, uint16_t *order, unsigned *n,
    bool *seen)
{
    if (seen[host] || *n >= SCENE_HOSTS)
        return;
    seen[host] = true;
    order[(*n)++] = (uint16_t)host;
    for (unsigned i = 0; i < st->nlink; i++) {
        const struct state_link *l = &st->link[i];

        if (l->a == host && l->b && l->b < 256)
            walk(st, l->b, order, n, seen);
        if (l->b == host && l->a && l->a < 256)
            walk(st, l->a, order, n, seen);
    }
}

unsigned
scene_order(const struct state *st, const struct story *s, uint16_t *order)
{
    unsigned hosts = story_hosts(s) < 256 ? story_hosts(s) : 256;
    bool seen[256] = {false};
    unsigned n = 0;

    for (unsigned h = 1; h < hosts; h++) /* begin at an end of the chain */
        if (degree(st, h) == 1)
            walk(st, h, order, &n, seen);
    for (unsigned h = 1; h < hosts; h++)
        walk(st, h, order, &n, seen);
    return n;
}

static const char *
tcp_label(const struct dissect_keys *k)
{
    if (k->flags & DISSECT_RST)
        return "RST";
    if (k->flags & DISSECT_SYN)
        return k->flags & DISSECT_ACK ? "SYN ACK" : "SYN";
    if (k->flags & DISSECT_FIN)
        return "FIN";
    return k->payload ? "data" : "ACK";
}

const char *
scene_label(const struct dissection *d, enum layer *layer)
{
    const struct dissect_keys *k = &d->keys;

    *layer = LAYER_LINK;
    for (unsigned i = 0; i < d->nlayers; i++)
        if (strcmp(d->layers[i].name, "Data") != 0)
            *layer = d->layers[i].layer;
    if (k->arp)
        return k->arp_op == 1 ? "ARP ?" : "ARP !";
    if (k->tcp && *layer == LAYER_TCP)
        return tcp_label(k);
    if (*layer == LAYER_ICMP)
        return k->icmp_type == 8   ? "echo"
               : k->icmp_type == 0 ? "reply"
                                   : "ICMP";
    for (unsigned i = d->nlayers; i-- > 0;)
        if (strcmp(d->layers[i].name, "Data") != 0)
            return d->layers[i].name;
    return "frame";
}
