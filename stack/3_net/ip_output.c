/*
 * ip_output.c: the way down: which card, which next hop, which header.
 * Called by TCP, UDP and ICMP for each of their packets.
 */
#include "ip_core.h"
#include "ip_options.h"

#include <errno.h>
#include <string.h>

/*
 * The identification of a datagram that may be cut into pieces: unique among
 * those under way between two addresses (RFC 6864 4.1). A counter for each
 * of 256 groups of address pairs, chosen by a keyed hash, so that nobody can
 * count what we send to others (RFC 7739 5.3 has the same reasons for IPv6).
 * With DF set the datagram is "atomic", and its identification means nothing.
 */
static uint16_t
next_id(struct ip *ip, const struct ip_out *out)
{
    uint32_t who[3] = {out->src.v, out->dst.v, out->protocol};

    return ip->ids[siphash(ip->key, who, sizeof who) % IP_IDS]++;
}

static uint64_t
note_route(const struct ip *ip, const struct pkt *p, const struct route *r,
    const struct ip_out *out)
{
    char prefix[20];

    return NOTE_PKT(ip->env, EV_IP_ROUTE, RULE_IP_ROUTE, p, pkt_off(p), p->len,
        f_ip("dst", out->dst), f_text("prefix", route_text(r, prefix)),
        f_text("if", netif_name(r->nif)),
        f_ip("next_hop", route_hop(r, out->dst)), f_ip("src", out->src));
}

/* Options behind the header of IP_LEN bytes at `header`; this computer is the
 * first that they record. */
static void
put_options(struct ip *ip, uint8_t *header, const struct ip_out *out,
    const struct route *r, struct ip_fields *f)
{
    struct ip_options o;
    uint8_t bad;

    header[0] = (uint8_t)(4 << 4 | f->h.header_len / 4);
    memcpy(header + IP_LEN, out->options, out->noptions);
    if (ip_options_parse(&o, f, header, &bad).why == DROP_NONE)
        ip_options_record(ip, &o, header, r->src, icmp_time(ip));
    ip_sign(header, f->h.header_len);
}

static void
put_header(struct ip *ip, struct pkt *p, const struct route *r,
    const struct ip_out *out, struct ip_fields *f)
{
    *f = (struct ip_fields){
        .h =
            {
                .src = out->src,
                .dst = out->dst,
                .protocol = out->protocol,
                .ttl = out->ttl ? out->ttl : (uint8_t)ip->sysctl.ip_default_ttl,
                .tos = out->tos,
                .df = out->df,
                .id = out->df ? 0 : next_id(ip, out),
                .header_len = (uint16_t)(IP_LEN + out->noptions),
            },
        .total = (uint16_t)(p->len + p->lent + IP_LEN + out->noptions),
    };
    ip_build(f, pkt_push(p, f->h.header_len));
    if (out->noptions)
        put_options(ip, p->data, out, r, f);
    p->l3 = (uint16_t)pkt_off(p);
    NOTE_PKT(ip->env, EV_LAYER_ADDED, RULE_IP_HEADER, p, pkt_off(p),
        f->h.header_len, f_text("layer", "IP"),
        f_text("if", netif_name(r->nif)), f_ip("src", f->h.src),
        f_ip("dst", f->h.dst), f_u64("ttl", f->h.ttl),
        f_u64("protocol", f->h.protocol));
}

int
ip_output(struct ip *ip, struct pkt *p, const struct ip_out *out)
{
    const struct route *r = ip_route_by(ip, out->card, out->dst);
    struct ip_fields f;

    if (!r) {
        NOTE_PKT(ip->env, EV_IP_NO_ROUTE, RULE_IP_NO_ROUTE, p, pkt_off(p),
            p->len, f_ip("dst", out->dst));
        pkt_drop(ip->env, p, DROP_IP_NO_ROUTE, RULE_IP_NO_ROUTE);
        return ip_refusal(ip, out->dst);
    }
    if (p->len + p->lent > IP_MAX - IP_LEN - (unsigned)out->noptions) {
        pkt_drop(ip->env, p, DROP_IP_TOTAL_LENGTH, RULE_IP_SIZE);
        return -EMSGSIZE;
    }
    if (p->segment == 0 && out->df &&
        p->len + IP_LEN + out->noptions > netif_mtu(r->nif)) {
        pkt_drop(ip->env, p, DROP_IP_FRAGMENT_NEEDED, RULE_IP_DF);
        return -EMSGSIZE;
    }
    note_route(ip, p, r, out);
    put_header(ip, p, r, out, &f);
    if (p->len > route_mtu(r) && !out->df)
        ip_fragment(ip, r, p, &f);
    else
        link_output(r->nif, route_hop(r, out->dst), p);
    return 0;
}

void
ip_no_answer(void *owner, const struct pkt *p)
{
    icmp_error(owner, p, ICMP_UNREACHABLE, ICMP_CODE_HOST, 0);
}
