/*
 * arp_table.h: the neighbours of one card, found by address in constant
 * time, and ordered by last use so that a full table forgets the neighbour
 * that was used longest ago. Inside this storey.
 */
#ifndef LW_ARP_TABLE_H
#define LW_ARP_TABLE_H

#include "arp.h"

#define ARP_BUCKETS 256

struct arp_entry {
    struct arp *arp;
    struct arp_entry *chain;         /* next in the same bucket */
    struct arp_entry *newer, *older; /* by last use */
    struct ipv4 ip;
    struct mac mac; /* meaningless in NONE, INCOMPLETE and FAILED */
    enum arp_state state;
    unsigned asked;               /* questions since it became unknown */
    struct instant confirmed;     /* last sign that mac is right */
    struct timer timer;           /* what it is for depends on the state */
    struct pkt *held, **held_end; /* packets that wait, oldest first */
    unsigned nheld;
};

struct arp {
    struct netif *nif;
    struct sipkey key;
    struct arp_entry *buckets[ARP_BUCKETS];
    struct arp_entry *newest, *oldest;
    unsigned count, limit;
};

/* The entry of that address, or NULL. */
struct arp_entry *arp_table_find(const struct arp *arp, struct ipv4 ip);

/*
 * A new entry in state NONE, at the old end: whoever only shows up and is
 * never talked to is forgotten first, so that strangers cannot push out the
 * neighbours in use. NULL: no memory.
 */
struct arp_entry *arp_table_add(struct arp *arp, struct ipv4 ip);

/* e is used now. */
void arp_table_touch(struct arp_entry *e);

/* Takes e out and frees it; its timer is idle and nothing is held. */
void arp_table_remove(struct arp_entry *e);

#endif
