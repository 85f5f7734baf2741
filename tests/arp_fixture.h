/*
 * arp_fixture.h: what tests of ARP have in common: questions and answers
 * made by libnet, and a look into a card's table.
 */
#ifndef LW_ARP_FIXTURE_H
#define LW_ARP_FIXTURE_H

#include "arp.h"
#include "net_fixture.h"

#define OTHER_MAC ((struct mac){{0x02, 0, 0, 0, 0xee, 0x77}})

struct arp *arp_of(struct netdev *dev);

/* The state of a neighbour, and its address unless mac is NULL. */
enum arp_state arp_state_at(
    struct netdev *dev, const char *ip, struct mac *mac);

/* An echo request of three bytes. */
void arp_ping(struct host *from, const char *to);

/* An ARP message (1: request, 2: reply) from ip at mac about `to`, sent to
 * all (request) or to a's card. */
void arp_inject(struct net *n, uint16_t operation, const char *ip,
    struct mac mac, const char *to);

#endif
