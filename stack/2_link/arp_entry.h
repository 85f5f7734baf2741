/*
 * arp_entry.h: the life of one neighbour, as a machine: what becomes of it
 * when a packet needs it, when it answers, when it asks, and when time goes
 * by. Inside this storey.
 */
#ifndef LW_ARP_ENTRY_H
#define LW_ARP_ENTRY_H

#include "arp_table.h"

/* The entry of ip, made if need be (another may be forgotten for it); NULL:
 * no memory, or our own address is not ours to ask from. */
struct arp_entry *arp_entry_get(struct arp *arp, struct ipv4 ip);

/* Sends the IP packet p there, now or later. Takes p. */
void arp_entry_output(struct arp_entry *e, struct pkt *p);

/* An ARP reply says that it is at mac. False: it was not asked. */
bool arp_entry_answers(struct arp_entry *e, struct mac mac);

/* An ARP request came from it, and it is at mac. announced: it was one to
 * nobody, to tell all where it is. */
void arp_entry_asks(struct arp_entry *e, struct mac mac, bool announced);

/* The storey above has heard from it. */
void arp_entry_confirm(struct arp_entry *e);

/* The storey above has sent there and heard nothing: asked at once. */
void arp_entry_doubt(struct arp_entry *e);

/* All of them: our own address, from which they were asked, is in doubt. */
void arp_entry_forget_all(struct arp *arp);

/* Frees e. Silent: for the end of the world. */
void arp_entry_free(struct arp_entry *e);

#endif
