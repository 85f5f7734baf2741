/*
 * craft.h: frames made by libnet, an independent hand: what our builders
 * make is compared with them, and what they make our parsers must take.
 * Each writes an Ethernet frame into buf (CRAFT_ROOM bytes) and returns its
 * length; 0 when libnet refuses.
 */
#ifndef LW_CRAFT_H
#define LW_CRAFT_H

#include "words.h"

#define CRAFT_ROOM 2048

struct craft {
    struct mac eth_dst, eth_src;
    struct ipv4 src, dst;
    uint8_t ttl, tos;
    uint16_t id, fragment; /* flags and offset, as in the header */
    uint16_t sport, dport; /* UDP; for an echo: id and sequence number */
    const void *data;
    uint32_t len;
};

size_t craft_arp(
    uint8_t *buf, const struct craft *c, uint16_t operation, struct mac target);
size_t craft_udp(uint8_t *buf, const struct craft *c);
size_t craft_echo(uint8_t *buf, const struct craft *c, uint8_t type);

#endif
