/*
 * arp_fixture.c: what tests of ARP have in common.
 */
#include "arp_fixture.h"
#include "check.h"
#include "craft.h"
#include "net.h"

struct arp *
arp_of(struct netdev *dev)
{
    struct netif *nif = dev->up;

    return nif->arp;
}

enum arp_state
arp_state_at(struct netdev *dev, const char *ip, struct mac *mac)
{
    struct mac ignored;

    return arp_find(arp_of(dev), net_ip(ip), mac ? mac : &ignored);
}

void
arp_ping(struct host *from, const char *to)
{
    CHECK_EQ(icmp_echo(host_ip(from), net_ip(to), 0, 7, 1, "abc", 3), 0);
}

void
arp_inject(struct net *n, uint16_t operation, const char *ip, struct mac mac,
    const char *to)
{
    struct craft c = {
        .eth_dst = operation == 1 ? MAC_BROADCAST : n->a0->addr,
        .eth_src = mac,
        .src = net_ip(ip),
        .dst = net_ip(to),
    };
    uint8_t frame[CRAFT_ROOM];
    size_t len = craft_arp(
        frame, &c, operation, operation == 1 ? (struct mac){{0}} : c.eth_dst);

    CHECK_EQ(len, 42);
    net_inject(n, frame, len);
}
