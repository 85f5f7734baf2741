/*
 * arp_message.c: ARP messages to bytes and back.
 */
#include "arp_message.h"
#include "bytes.h"
#include "ether.h"

/* Could a single computer have these addresses? (RFC 1122 3.2.1.3) A sender
 * of 0.0.0.0 is a probe before the address is taken (RFC 5227 2.1.1). */
static bool
is_single(struct mac mac, struct ipv4 ip)
{
    return !mac_is_group(mac) && !ipv4_is_multicast(ip) &&
           !ipv4_is_loopback(ip) && ip.v != 0xffffffff;
}

bool
arp_parse(struct arp_message *m, const uint8_t *data, size_t len)
{
    struct cursor c = cursor_of(data, len);
    uint16_t htype = get_be16(&c);
    uint16_t ptype = get_be16(&c);
    uint8_t hlen = get_u8(&c);
    uint8_t plen = get_u8(&c);

    m->operation = get_be16(&c);
    m->sha = get_mac(&c);
    m->spa = get_ipv4(&c);
    m->tha = get_mac(&c);
    m->tpa = get_ipv4(&c);
    return !c.over && htype == 1 && ptype == ETHERTYPE_IPV4 && hlen == 6 &&
           plen == 4 &&
           (m->operation == ARP_REQUEST || m->operation == ARP_REPLY) &&
           is_single(m->sha, m->spa);
}

void
arp_send(struct netif *nif, struct mac dst, const struct arp_message *m)
{
    struct pkt *p = pkt_new(nif->env->pool, PKT_HEADROOM, ARP_LEN);
    struct writer w;

    if (!p)
        return; /* as if it were lost: the question is asked again */
    w = writer_of(pkt_put(p, ARP_LEN), ARP_LEN);
    put_be16(&w, 1);
    put_be16(&w, ETHERTYPE_IPV4);
    put_u8(&w, 6);
    put_u8(&w, 4);
    put_be16(&w, m->operation);
    put_mac(&w, m->sha);
    put_ipv4(&w, m->spa);
    put_mac(&w, m->tha);
    put_ipv4(&w, m->tpa);
    NOTE_PKT(nif->env, EV_LAYER_ADDED, RULE_ARP_MESSAGE, p, pkt_off(p), ARP_LEN,
        f_text("layer", "ARP"), f_text("if", netif_name(nif)));
    ether_output(nif, dst, ETHERTYPE_ARP, p);
}
