/*
 * arp_table.h: the neighbours of one card, found by address in constant
 * time, and kept in two lists by last use. Inside this storey.
 *
 * Whoever has answered us, or whose answers the storey above has seen, is a
 * friend; the others (asked for, asking for us, silent) are strangers. A full
 * table forgets strangers first, so that neither a flood of questions nor a
 * scan through a router can push out the neighbours in use.
 */
#ifndef LW_ARP_TABLE_H
#define LW_ARP_TABLE_H

#include "arp_claim.h"

#define ARP_BUCKETS 256

struct arp_entry {
    struct arp *arp;
    struct arp_entry *chain;         /* next in the same bucket */
    struct arp_entry *newer, *older; /* in its list */
    struct ipv4 ip;
    struct mac mac; /* meaningless in NONE, INCOMPLETE and FAILED */
    enum arp_state state;
    bool is_friend;
    unsigned asked;               /* questions since it became unknown */
    struct instant used;          /* last packet for it */
    struct instant updated;       /* when mac was learnt */
    struct instant confirmed;     /* last sign that mac is right */
    struct timer timer;           /* what it is for depends on the state */
    struct pkt *held, **held_end; /* packets that wait, oldest first */
    uint32_t nheld, held_bytes;
};

struct arp_list {
    struct arp_entry *newest, *oldest; /* by last use */
};

struct arp {
    struct netif *nif;
    struct sipkey key;
    struct arp_claim claim; /* to our own address */
    struct arp_entry *buckets[ARP_BUCKETS];
    struct arp_list strangers, friends;
    struct arp_entry *last; /* used by the packet before this, or NULL */
    unsigned count;
    uint32_t held_bytes; /* waiting for any of them */
};

/* The entry of that address, or NULL. */
struct arp_entry *arp_table_find(const struct arp *arp, struct ipv4 ip);

/* A new entry in state NONE, a stranger. NULL: no memory. */
struct arp_entry *arp_table_add(struct arp *arp, struct ipv4 ip);

/* e is used now. */
void arp_table_touch(struct arp_entry *e);

/* e has become a friend, or is one no longer. */
void arp_table_befriend(struct arp_entry *e, bool is_friend);

/* Who is forgotten first; NULL: the table is empty. */
struct arp_entry *arp_table_oldest(const struct arp *arp);

/* Takes e out and frees it; its timer is idle and nothing is held. */
void arp_table_remove(struct arp_entry *e);

#endif
