/*
 * arp.h: the Address Resolution Protocol (RFC 826, RFC 1122 2.3.2) of one
 * card: its neighbour table, and packets that wait for an answer.
 */
#ifndef LW_ARP_H
#define LW_ARP_H

#include "arp_state.h"
#include "link.h"

/* What all neighbours together may keep waiting, in what one may
 * (unres_qlen_bytes, sysctl.def). */
#define ARP_HELD_SHARES 8

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

unsigned arp_count(const struct arp *arp); /* how many neighbours */

#endif
