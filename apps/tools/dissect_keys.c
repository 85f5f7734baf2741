/*
 * dissect_keys.c: the numbers by which frames belong together, and nothing
 * else. Reads the same headers as dissect*.c, which make a tree of them, and
 * must find the same; a test holds them beside each other.
 */
#include "dissect_in.h"

#include <string.h>

/* RFC 826, of Ethernet and IPv4 alone. */
static void
arp_keys(struct cursor *c, struct dissect_keys *k)
{
    uint16_t hrd = get_be16(c), pro = get_be16(c);
    uint8_t hln = get_u8(c), pln = get_u8(c);

    k->arp_op = get_be16(c);
    if (hrd != 1 || pro != 0x0800 || hln != 6 || pln != 4)
        return;
    k->arp_sha = get_mac(c);
    k->arp_spa = get_ipv4(c);
    k->arp_tha = get_mac(c);
    k->arp_tpa = get_ipv4(c);
    k->arp = !c->over;
}

static enum dissect_message
message_of(const struct cursor *c)
{
    bool response;

    if (cursor_left(c) < 5 || !dis_is_http(c, &response) ||
        !memchr(c->at, '\n', cursor_left(c)))
        return DISSECT_NO_MESSAGE;
    return response ? DISSECT_RESPONSE : DISSECT_REQUEST;
}

static enum dissect_message
tcp_keys(struct cursor *c, const uint8_t *frame, struct dissect_keys *k)
{
    size_t all = cursor_left(c);
    uint32_t header = all > 12 ? (c->at[12] >> 4) * 4u : 0;

    if (header < 20 || all < 20)
        return DISSECT_NO_MESSAGE;
    k->tcp = true;
    k->sport = get_be16(c);
    k->dport = get_be16(c);
    k->seq = get_be32(c);
    k->ack = get_be32(c);
    get_u8(c);
    k->flags = get_u8(c);
    k->wnd = get_be16(c);
    get_be32(c); /* checksum, urgent pointer */
    get_bytes(c, (header < all ? header : all) - 20);
    k->off = (uint32_t)(c->at - frame);
    k->payload = (uint32_t)cursor_left(c);
    return message_of(c);
}

static void
udp_keys(struct cursor *c, const uint8_t *frame, struct dissect_keys *k)
{
    uint16_t sport = get_be16(c), dport = get_be16(c);

    get_be32(c); /* length, checksum */
    if (c->over)
        return;
    k->udp = true;
    k->sport = sport;
    k->dport = dport;
    k->off = (uint32_t)(c->at - frame);
    k->payload = (uint32_t)cursor_left(c);
}

static void
icmp_keys(struct cursor *c, struct dissect_keys *k)
{
    size_t all = cursor_left(c);

    k->icmp = all >= 8;
    k->icmp_type = all > 0 ? c->at[0] : 0;
    k->icmp_code = all > 1 ? c->at[1] : 0;
}

static enum dissect_message
ip_keys(struct cursor *c, const uint8_t *frame, struct dissect_keys *k)
{
    size_t there = cursor_left(c);
    uint32_t header = there ? (c->at[0] & 15u) * 4 : 0;

    if (there < 20 || c->at[0] >> 4 != 4 || header < 20 || header > there)
        return DISSECT_NO_MESSAGE;
    get_be16(c);
    uint32_t total = get_be16(c);
    get_be16(c);
    unsigned fragment = get_be16(c);
    k->ip = true;
    k->fragment = (fragment & 0x3fff) != 0;
    k->ttl = get_u8(c);
    k->protocol = get_u8(c);
    get_be16(c);
    k->src = get_ipv4(c);
    k->dst = get_ipv4(c);
    get_bytes(c, header - 20);
    struct cursor in = *c;
    if (total >= header && total <= there)
        in = cursor_of(c->at, total - header);
    if (fragment & 0x1fff)
        return DISSECT_NO_MESSAGE;
    if (k->protocol == 6)
        return tcp_keys(&in, frame, k);
    if (k->protocol == 17)
        udp_keys(&in, frame, k);
    else if (k->protocol == 1)
        icmp_keys(&in, k);
    return DISSECT_NO_MESSAGE;
}

static bool
loopback_ip(struct cursor *c)
{
    struct cursor again = *c;

    return get_le32(c) == 2 || get_be32(&again) == 2;
}

enum dissect_message
dissect_peek(
    unsigned linktype, const void *frame, size_t len, struct dissect_keys *k)
{
    struct cursor c = cursor_of(frame, len);
    uint16_t type = 0;

    memset(k, 0, sizeof *k);
    switch (linktype) {
    case DISSECT_ETHERNET:
        if (len < 14)
            return DISSECT_NO_MESSAGE;
        k->eth = true;
        k->eth_dst = get_mac(&c);
        k->eth_src = get_mac(&c);
        type = get_be16(&c);
        break;
    case DISSECT_SLL:
        if (len < 16)
            return DISSECT_NO_MESSAGE;
        get_bytes(&c, 14);
        type = get_be16(&c);
        break;
    case DISSECT_RAW:
    case DISSECT_IPV4: type = 0x0800; break;
    case DISSECT_NULL:
        if (len >= 4 && loopback_ip(&c))
            type = 0x0800;
        break;
    default: break;
    }
    if (type == 0x0800)
        return ip_keys(&c, frame, k);
    if (type == 0x0806)
        arp_keys(&c, k);
    return DISSECT_NO_MESSAGE;
}
