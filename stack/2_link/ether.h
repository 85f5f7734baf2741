/*
 * ether.h: the Ethernet header (RFC 894, IEEE 802.3 3.2), inside this storey.
 *
 *      0                6               12      14
 *     | destination MAC | source MAC    | type  | payload ...
 *
 * What the card adds in hardware is left out, as in every capture made on a
 * computer: preamble, padding to 60 bytes, and the frame check sequence.
 */
#ifndef LW_ETHER_H
#define LW_ETHER_H

#include "link.h"

#define ETHER_LEN 14

struct ether_hdr {
    struct mac dst, src;
    uint16_t type;
};

/* False when len is less than a header. */
bool ether_parse(struct ether_hdr *eh, const uint8_t *frame, size_t len);

/* Puts the header in front of p and gives the frame to the card. Takes p. */
void ether_output(
    struct netif *nif, struct mac dst, uint16_t ethertype, struct pkt *p);

/* A whole frame from the card: strips the header and hands up. Takes p. */
void ether_input(struct netdev *dev, struct pkt *p);

#endif
