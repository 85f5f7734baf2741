/*
 * arp_table.c: a hash table with chains, and two lists by last use.
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
    if (arp->last && ipv4_eq(arp->last->ip, ip))
        return arp->last;
    for (e = *bucket(arp, ip); e; e = e->chain)
        if (ipv4_eq(e->ip, ip))
            return e;
    return NULL;
}

static struct arp_list *
list_of(struct arp_entry *e)
{
    return e->is_friend ? &e->arp->friends : &e->arp->strangers;
}

static void
list_in(struct arp_entry *e)
{
    struct arp_list *list = list_of(e);

    e->newer = NULL;
    e->older = list->newest;
    *(list->newest ? &list->newest->newer : &list->oldest) = e;
    list->newest = e;
}

static void
list_out(struct arp_entry *e)
{
    struct arp_list *list = list_of(e);

    *(e->newer ? &e->newer->older : &list->newest) = e->older;
    *(e->older ? &e->older->newer : &list->oldest) = e->newer;
}

void
arp_table_touch(struct arp_entry *e)
{
    struct arp *arp = e->arp;

    e->used = arp->nif->env->timers->now;
    if (arp->last == e)
        return;
    arp->last = e;
    list_out(e);
    list_in(e);
}

void
arp_table_befriend(struct arp_entry *e, bool is_friend)
{
    if (e->is_friend == is_friend)
        return;
    list_out(e);
    e->is_friend = is_friend;
    list_in(e);
    e->arp->last = NULL; /* it may not be the newest of its list any more */
}

struct arp_entry *
arp_table_oldest(const struct arp *arp)
{
    return arp->strangers.oldest ? arp->strangers.oldest : arp->friends.oldest;
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
    e->used = arp->nif->env->timers->now;
    e->held_end = &e->held;
    e->chain = *head;
    *head = e;
    list_in(e);
    arp->last = NULL;
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
    list_out(e);
    if (arp->last == e)
        arp->last = NULL;
    arp->count--;
    free(e);
}
