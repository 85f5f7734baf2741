/*
 * craft.c: libnet, used only to build: LIBNET_NONE opens no device.
 */
#include "craft.h"

#include <libnet.h>
#include <string.h>

#include "bytes.h"

/* libnet takes IPv4 addresses as they lie in memory. */
static uint32_t
raw(struct ipv4 a)
{
    uint32_t bytes;
    struct writer w = writer_of(&bytes, sizeof bytes);

    put_ipv4(&w, a);
    return bytes;
}

/* Without a device; but only "advanced link mode" gives out the bytes. */
static libnet_t *
begin(void)
{
    char error[LIBNET_ERRBUF_SIZE];
    libnet_t *l = libnet_init(LIBNET_NONE, NULL, error);

    if (l)
        l->injection_type = LIBNET_LINK_ADV;
    return l;
}

static size_t
finish(libnet_t *l, const struct craft *c, uint16_t type, uint8_t *buf)
{
    uint8_t *frame = NULL;
    uint32_t len = 0;

    if (libnet_build_ethernet(c->eth_dst.b, c->eth_src.b, type, NULL, 0, l, 0) <
            0 ||
        libnet_adv_cull_packet(l, &frame, &len) < 0 || len > CRAFT_ROOM)
        len = 0;
    if (len)
        memcpy(buf, frame, len);
    if (frame)
        libnet_adv_free_packet(l, frame);
    libnet_destroy(l);
    return len;
}

static int
build_ip(libnet_t *l, const struct craft *c, uint8_t protocol, uint32_t len)
{
    return libnet_build_ipv4((uint16_t)(LIBNET_IPV4_H + len), c->tos, c->id,
        c->fragment, c->ttl, protocol, 0, raw(c->src), raw(c->dst), NULL, 0, l,
        0);
}

size_t
craft_arp(
    uint8_t *buf, const struct craft *c, uint16_t operation, struct mac target)
{
    libnet_t *l = begin();
    uint32_t spa = raw(c->src), tpa = raw(c->dst);

    if (!l)
        return 0;
    libnet_build_arp(ARPHRD_ETHER, ETHERTYPE_IP, 6, 4, operation, c->eth_src.b,
        (const uint8_t *)&spa, target.b, (const uint8_t *)&tpa, NULL, 0, l, 0);
    return finish(l, c, ETHERTYPE_ARP, buf);
}

size_t
craft_udp(uint8_t *buf, const struct craft *c)
{
    libnet_t *l = begin();
    uint32_t len = LIBNET_UDP_H + c->len;

    if (!l)
        return 0;
    libnet_build_udp(
        c->sport, c->dport, (uint16_t)len, 0, c->data, c->len, l, 0);
    build_ip(l, c, IPPROTO_UDP, len);
    return finish(l, c, ETHERTYPE_IP, buf);
}

size_t
craft_echo(uint8_t *buf, const struct craft *c, uint8_t type)
{
    libnet_t *l = begin();

    if (!l)
        return 0;
    libnet_build_icmpv4_echo(
        type, 0, 0, c->sport, c->dport, c->data, c->len, l, 0);
    build_ip(l, c, IPPROTO_ICMP, LIBNET_ICMPV4_ECHO_H + c->len);
    return finish(l, c, ETHERTYPE_IP, buf);
}
