/*
 * arp_table.c: a hash table with chains and a list by last use.
 */
#include "arp_table.h"

#include <assert.h>
#include <stdlib.h>

static struct arp_entry **
bucket(const struct arp *arp, struct ipv4 ip)
{
    /* Keyed, so that nobody on the link can fill one chain on purpose. */
    uint64_t hash = siphash(arp->key, &ip.v, sizeof ip.v);

    return (struct arp_entry **)&arp->buckets[hash % ARP_BUCKETS];
}

struct arp_entry *
arp_table_find(const struct arp *arp, struct ipv4 ip)
{
    struct arp_entry *e;

    /* Most packets go where the one before them went. */
    if (arp->newest && ipv4_eq(arp->newest->ip, ip))
        return arp->newest;
    for (e = *bucket(arp, ip); e; e = e->chain)
        if (ipv4_eq(e->ip, ip))
            return e;
    return NULL;
}

static void
unlink_use(struct arp_entry *e)
{
    struct arp *arp = e->arp;

    *(e->newer ? &e->newer->older : &arp->newest) = e->older;
    *(e->older ? &e->older->newer : &arp->oldest) = e->newer;
    e->newer = e->older = NULL;
}

void
arp_table_touch(struct arp_entry *e)
{
    struct arp *arp = e->arp;

    if (arp->newest == e)
        return;
    unlink_use(e);
    e->older = arp->newest;
    *(arp->newest ? &arp->newest->newer : &arp->oldest) = e;
    arp->newest = e;
}

struct arp_entry *
arp_table_add(struct arp *arp, struct ipv4 ip)
{
    struct arp_entry *e = calloc(1, sizeof *e);
    struct arp_entry **head = bucket(arp, ip);

    if (!e)
        return NULL;
    e->arp = arp;
    e->ip = ip;
    e->held_end = &e->held;
    e->chain = *head;
    *head = e;
    e->newer = arp->oldest;
    *(arp->oldest ? &arp->oldest->older : &arp->newest) = e;
    arp->oldest = e;
    arp->count++;
    return e;
}

void
arp_table_remove(struct arp_entry *e)
{
    struct arp *arp = e->arp;
    struct arp_entry **at = bucket(arp, e->ip);

    assert(!timer_armed(&e->timer) && !e->held);
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    unlink_use(e);
    arp->count--;
    free(e);
}
