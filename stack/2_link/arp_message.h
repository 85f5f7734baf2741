/*
 * arp_message.h: an ARP message for IPv4 over Ethernet (RFC 826), inside
 * this storey.
 *
 *      0       2       4    5    6         8     14    18    24    28
 *     | htype | ptype |hlen|plen|operation| sha | spa | tha | tpa |
 *         1    0x0800   6    4     1 or 2   6B    4B    6B    4B
 */
#ifndef LW_ARP_MESSAGE_H
#define LW_ARP_MESSAGE_H

#include "arp.h"

#define ARP_REQUEST 1
#define ARP_REPLY   2
#define ARP_LEN     28

struct arp_message {
    uint16_t operation;
    struct mac sha;  /* sender's hardware address */
    struct ipv4 spa; /* sender's protocol address */
    struct mac tha;  /* target's */
    struct ipv4 tpa;
};

/* False: not ARP for IPv4 over Ethernet, too short, or impossible. */
bool arp_parse(struct arp_message *m, const uint8_t *data, size_t len);

/* Sends m in a frame to dst. */
void arp_send(struct netif *nif, struct mac dst, const struct arp_message *m);

#endif
