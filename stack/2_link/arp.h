/*
 * arp.h: the Address Resolution Protocol (RFC 826, RFC 1122 2.3.2) of one
 * card: its neighbour table, and packets that wait for an answer.
 */
#ifndef LW_ARP_H
#define LW_ARP_H

#include "arp_state.h"
#include "link.h"

/* As Linux's defaults for a neighbour: arp(7). */
#define ARP_RETRANS_NS   LW_S        /* between questions */
#define ARP_TRIES        3           /* questions before giving up */
#define ARP_REACHABLE_NS (30 * LW_S) /* how long an answer is trusted */
#define ARP_DELAY_NS     (5 * LW_S)  /* wait for news before probing */
/* Packets that one neighbour may keep waiting: enough for the pieces of a
 * 64 KiB datagram. RFC 1122 2.3.2.2 asks for at least one, the latest. */
#define ARP_HELD_MAX 48
/* Neighbours in the table, as gc_thresh3 in arp(7). */
#define ARP_LIMIT 1024

struct arp *arp_new(struct netif *nif); /* NULL: no memory */
void arp_free(struct arp *arp);         /* with the waiting packets */

/* Sends the IP packet p to next_hop, now or when its address is known. */
void arp_output(struct arp *arp, struct ipv4 next_hop, struct pkt *p);

/* An ARP message arrived: a link_proto's input, with the arp as owner. */
void arp_input(void *owner, struct netif *nif, struct pkt *p, bool group);

/* Good news from the storey above about next_hop. */
void arp_confirm(struct arp *arp, struct ipv4 next_hop);

/* Bad news from there: nothing comes back through next_hop. */
void arp_doubt(struct arp *arp, struct ipv4 next_hop);

/* What is known of ip: its state (ARP_NONE: nothing) and *mac. */
enum arp_state arp_find(const struct arp *arp, struct ipv4 ip, struct mac *mac);

/* How many neighbours; how many there may be (at least 1). */
unsigned arp_count(const struct arp *arp);
void arp_set_limit(struct arp *arp, unsigned limit);

#endif
