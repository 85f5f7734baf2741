/*
 * ip_input.c: an IP packet has arrived. Is its header in order? May it come
 * from where it says? Is it for us, for another, or for nobody?
 *
 *     link -> ip_input -> judge header, options, source, destination
 *                |-- for another -> ip_forward
 *                `-- for us -> pieces together -> ICMP, UDP, TCP
 *
 * The checks stand in the order of RFC 1812 5.2.2 and 5.2.3; what fails one
 * is dropped with the reason. Left out: multicast groups (IGMP).
 */
#include "ip_core.h"
#include "ip_options.h"

#define REFUSE(drop, rule_) ((struct ip_verdict){DROP_##drop, RULE_##rule_})
#define ACCEPT              ((struct ip_verdict){DROP_NONE, RULE_NONE})

/* Can a packet that came through nif have this source? (RFC 1122 3.2.1.3,
 * RFC 1812 5.3.7) */
static struct ip_verdict
judge_source(struct ip *ip, const struct netif *nif, struct ipv4 src)
{
    const struct route *r;

    if (ip_is_reserved(src) || ipv4_is_multicast(src))
        return REFUSE(IP_SOURCE, IP_SOURCE);
    if (netif_is_loopback(nif))
        return ACCEPT;
    r = route_find(&ip->routes, src);
    if (ipv4_is_loopback(src) ||
        (r && (r->type == ROUTE_LOCAL || r->type == ROUTE_BROADCAST)))
        return REFUSE(IP_SOURCE, IP_SOURCE);
    /* RFC 3704 2.2 and 2.4: would an answer go back by this card (1), or by
     * any (2)? */
    if (ip->sysctl.rp_filter &&
        (!r || !r->nif || (ip->sysctl.rp_filter == 1 && r->nif != nif)))
        return REFUSE(IP_SOURCE, IP_REVERSE_PATH);
    return ACCEPT;
}

/* Can a packet that came through nif have this destination? Finds out
 * whether it is a broadcast. r: the route to it, or NULL. */
static struct ip_verdict
judge_destination(
    const struct netif *nif, const struct route *r, struct ip_fields *f)
{
    struct ipv4 dst = f->h.dst;

    f->h.to_broadcast = ipv4_is_multicast(dst) || dst.v == 0xffffffff ||
                        (r && r->type == ROUTE_BROADCAST);
    if (ipv4_is_multicast(dst))
        return REFUSE(IP_NOT_FOR_US, IP_MULTICAST);
    if (dst.v == 0xffffffff)
        return ACCEPT;
    if (ip_is_reserved(dst))
        return REFUSE(IP_DESTINATION, IP_DESTINATION);
    if (ipv4_is_loopback(dst) && !netif_is_loopback(nif))
        return REFUSE(IP_DESTINATION, IP_DESTINATION);
    if (f->h.to_broadcast && r->nif != nif)
        return REFUSE(IP_DESTINATION, IP_DIRECTED_BROADCAST);
    if (f->h.link_broadcast && !f->h.to_broadcast)
        return REFUSE(IP_DESTINATION, IP_LINK_BROADCAST);
    return ACCEPT;
}

/* p is for us and whole: takes the header away and hands up. */
static void
deliver(struct ip *ip, struct netif *nif, struct pkt *p, struct ip_fields *f)
{
    const struct ip_proto *proto = ip_proto_find(ip, f->h.protocol);

    if (!proto) {
        icmp_error(ip, p, ICMP_UNREACHABLE, ICMP_CODE_PROTOCOL, 0);
        pkt_drop(ip->env, p, DROP_IP_PROTOCOL, RULE_IP_PROTOCOL);
        return;
    }
    NOTE_PKT(ip->env, EV_LAYER_STRIPPED, RULE_IP_LOCAL, p, pkt_off(p),
        f->h.header_len, f_text("layer", "IP"), f_text("if", netif_name(nif)),
        f_ip("src", f->h.src), f_ip("dst", f->h.dst), f_u64("ttl", f->h.ttl),
        f_u64("protocol", f->h.protocol));
    pkt_pull(p, f->h.header_len);
    proto->input(proto->owner, p, &f->h);
}

/* The train does not end here: one by one, then, from the IP header on. */
static void
uncouple(struct ip *ip, struct netif *nif, struct pkt *p, bool group)
{
    struct pkt *next = p->train;

    p->train = NULL;
    while (p) {
        ip_input(ip, nif, p, group);
        p = next;
        next = p ? p->next : NULL;
        if (p)
            p->next = NULL;
    }
}

/* The header at p is good: where does the packet go? Takes p. */
static void
dispatch(struct ip *ip, struct netif *nif, struct pkt *p, struct ip_fields *f)
{
    const struct route *r = route_find(&ip->routes, f->h.dst);
    struct ip_verdict v = judge_source(ip, nif, f->h.src);

    if (v.why == DROP_NONE)
        v = judge_destination(nif, r, f);
    if (v.why != DROP_NONE) {
        pkt_drop(ip->env, p, v.why, v.rule);
        return;
    }
    if (p->train && (!r || r->type != ROUTE_LOCAL)) {
        uncouple(ip, nif, p, f->h.link_broadcast);
        return;
    }
    if (!f->h.to_broadcast && (!r || r->type != ROUTE_LOCAL)) {
        ip_forward(ip, p, f);
        return;
    }
    if (ip_is_fragment(f))
        p = ip_reassemble(ip, p, f);
    if (p)
        deliver(ip, nif, p, f);
}

/* p is for us, who are a station of its source route: the copy that goes on
 * to the next one (RFC 791 3.1), or NULL. Takes p. */
static struct pkt *
next_station(struct ip *ip, struct pkt *p, struct ip_fields *f,
    const struct ip_options *o)
{
    struct pkt *on = pkt_copy(p);
    struct ipv4 hop = f->h.dst;
    const struct route *r;

    if (!on) {
        pkt_drop(ip->env, p, DROP_NO_MEMORY, RULE_IP_SOURCE_ROUTE);
        return NULL;
    }
    /* A loose route may name several of our addresses, one after the other. */
    while (ip_options_next(o, on->data, hop, &hop) && !o->strict)
        if (!ip_is_ours(ip, hop))
            break;
    r = ip_route(ip, hop);
    if (o->strict && (!r || r->gateway.v || ip_is_ours(ip, hop))) {
        icmp_error(ip, p, ICMP_UNREACHABLE, ICMP_CODE_SOURCE_ROUTE, 0);
        pkt_drop(ip->env, p, DROP_IP_OPTION, RULE_IP_SOURCE_ROUTE_FAILED);
        pkt_free(on);
        return NULL;
    }
    pkt_free(p);
    ip_sign(on->data, f->h.header_len);
    f->h.dst = hop;
    return on;
}

/* Reads the options of p, which has some, and says what they are. The packet
 * that goes on, or NULL. Takes p. */
static struct pkt *
read_options(struct ip *ip, struct pkt *p, struct ip_fields *f)
{
    struct ip_options o;
    uint8_t bad = 0;
    char text[256];
    struct ip_verdict v = ip_options_parse(&o, f, p->data, &bad);
    const uint8_t *route = p->data + o.source_route;

    if (v.why == DROP_NONE && o.source_route && !ip->sysctl.accept_source_route)
        v = REFUSE(IP_OPTION, IP_SOURCE_ROUTE);
    if (v.why != DROP_NONE) {
        /* RFC 1122 3.2.2.5: which byte is to blame. */
        if (!f->h.link_broadcast && v.rule == RULE_IP_OPTION)
            icmp_error(ip, p, ICMP_PARAMETER, 0, (uint32_t)bad << 24);
        pkt_drop(ip->env, p, v.why, v.rule);
        return NULL;
    }
    NOTE_PKT(ip->env, EV_IP_OPTIONS, RULE_IP_OPTION, p, pkt_off(p) + IP_LEN,
        f->h.header_len - IP_LEN,
        f_text("options", ip_options_text(&o, p->data, text, sizeof text)));
    if (o.source_route && route[2] <= route[1] && ip_is_ours(ip, f->h.dst))
        return next_station(ip, p, f, &o);
    return p;
}

void
ip_input(void *owner, struct netif *nif, struct pkt *p, bool group)
{
    struct ip *ip = owner;
    struct ip_fields f;
    struct ip_verdict v = ip_parse(&f, p->data, p->len);

    if (v.why != DROP_NONE) {
        pkt_drop(ip->env, p, v.why, v.rule);
        return;
    }
    p->l3 = (uint16_t)pkt_off(p);
    pkt_trim(p, f.total); /* the rest is padding of a short frame */
    f.h.link_broadcast = group;
    f.h.nif = nif;
    if (f.h.header_len > IP_LEN)
        p = read_options(ip, p, &f);
    if (p)
        dispatch(ip, nif, p, &f);
}
