/*
 * ether.c: Ethernet II. The first layer that a frame meets on arrival and
 * the last on departure: is it for this card, and which protocol is inside?
 */
#include "ether.h"
#include "bytes.h"

bool
ether_parse(struct ether_hdr *eh, const uint8_t *frame, size_t len)
{
    struct cursor c = cursor_of(frame, len);

    eh->dst = get_mac(&c);
    eh->src = get_mac(&c);
    eh->type = get_be16(&c);
    return !c.over;
}

void
ether_output(
    struct netif *nif, struct mac dst, uint16_t ethertype, struct pkt *p)
{
    struct writer w = writer_of(pkt_push(p, ETHER_LEN), ETHER_LEN);

    put_mac(&w, dst);
    put_mac(&w, nif->dev->addr);
    put_be16(&w, ethertype);
    NOTE_PKT(nif->env, EV_LAYER_ADDED, RULE_ETHERNET, p, pkt_off(p), ETHER_LEN,
        f_text("layer", "Ethernet"), f_text("if", nif->dev->name),
        f_mac("dst", dst), f_mac("src", nif->dev->addr),
        f_hex("type", ethertype));
    nif->dev->xmit(nif->dev, p);
}

void
ether_input(struct netdev *dev, struct pkt *p)
{
    struct netif *nif = dev->up;
    struct ether_hdr eh;
    bool group;

    if (!ether_parse(&eh, p->data, p->len)) {
        pkt_drop(nif->env, p, DROP_TOO_SHORT, RULE_ETHERNET);
        return;
    }
    group = mac_is_group(eh.dst);
    if (!group && !mac_eq(eh.dst, dev->addr)) {
        pkt_drop(nif->env, p, DROP_NOT_FOR_US, RULE_ETHERNET_ADDRESS);
        return;
    }
    for (unsigned i = 0; i < nif->nprotos; i++) {
        const struct link_proto *proto = &nif->protos[i];

        if (proto->ethertype != eh.type)
            continue;
        NOTE_PKT(nif->env, EV_LAYER_STRIPPED, RULE_ETHERNET_TYPE, p, pkt_off(p),
            ETHER_LEN, f_text("layer", "Ethernet"), f_text("if", dev->name),
            f_mac("dst", eh.dst), f_mac("src", eh.src), f_hex("type", eh.type));
        pkt_pull(p, ETHER_LEN);
        proto->input(proto->owner, nif, p, group);
        return;
    }
    pkt_drop(nif->env, p, DROP_UNKNOWN_ETHERTYPE, RULE_ETHERNET_TYPE);
}
