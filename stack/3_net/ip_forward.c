/*
 * ip_forward.c: a router passes a packet on (RFC 1812 5.2.1): the TTL falls
 * by one, the frame gets new hardware addresses, all else stays.
 *
 * The packet that goes on is a copy with an identity of its own: bytes that
 * were on a wire are never changed, so that the window can show the frame
 * that came beside the frame that left.
 */
#include "ip_core.h"
#include "ip_options.h"

/* Tells the sender, then drops p. */
static void
refuse(struct ip *ip, struct pkt *p, uint8_t type, uint8_t code, uint32_t rest,
    enum drop why, enum rule rule)
{
    icmp_error(ip, p, type, code, rest);
    pkt_drop(ip->env, p, why, rule);
}

/* A router adds itself to the options that ask for it, with the address that
 * the next network knows it by (RFC 791 3.1, RFC 1812 5.2.4). */
static void
record(struct ip *ip, struct pkt *on, const struct route *r,
    const struct ip_fields *f)
{
    struct ip_options o;
    uint8_t bad;

    if (ip_options_parse(&o, f, on->data, &bad).why != DROP_NONE)
        return; /* judged before: cannot be */
    ip_options_record(ip, &o, on->data, r->src, icmp_time(ip));
    ip_sign(on->data, f->h.header_len);
}

/* Its sender has chosen the way: no redirect (RFC 1812 5.2.7.2). */
static bool
is_source_routed(const struct pkt *p, const struct ip_fields *f)
{
    struct ip_options o;
    uint8_t bad;

    return f->h.header_len > IP_LEN &&
           ip_options_parse(&o, f, p->data, &bad).why == DROP_NONE &&
           o.source_route;
}

/* p goes out by r. Takes p. */
static void
pass_on(
    struct ip *ip, struct pkt *p, const struct route *r, struct ip_fields *f)
{
    struct pkt *on = pkt_copy(p);
    struct ipv4 hop = route_hop(r, f->h.dst);
    uint64_t no, before;

    if (r->nif == f->h.nif && !is_source_routed(p, f))
        icmp_redirect(ip, p, f, hop);
    if (!on) {
        pkt_drop(ip->env, p, DROP_NO_MEMORY, RULE_IP_FORWARD);
        return;
    }
    on->sum_ok = false; /* the way on may damage it: the end looks again */
    ip_decrement_ttl(on->data);
    if (f->h.header_len > IP_LEN)
        record(ip, on, r, f);
    f->h.ttl--;
    no = NOTE_PKT(ip->env, EV_IP_FORWARD, RULE_IP_FORWARD, on, pkt_off(on),
        f->h.header_len, f_ip("src", f->h.src), f_ip("dst", f->h.dst),
        f_u64("ttl", f->h.ttl), f_text("if", netif_name(r->nif)),
        f_ip("next_hop", hop), f_u64("from_pkt", p->id));
    pkt_free(p);
    before = journal_enter(ip->env->journal, no);
    on->cause = ip->env->journal->cause;
    if (on->len > route_mtu(r))
        ip_fragment(ip, r, on, f);
    else
        link_output(r->nif, hop, on);
    journal_leave(ip->env->journal, before);
}

/* There is no way for p, or one that refuses it: the sender is told which
 * (RFC 1812 5.2.7.1), unless silence was ordered. Takes p. */
static void
no_way(struct ip *ip, struct pkt *p, const struct route *r, struct ipv4 dst)
{
    enum route_type type = r ? r->type : ROUTE_UNICAST;
    uint8_t code = type == ROUTE_UNREACHABLE ? ICMP_CODE_HOST
                   : type == ROUTE_PROHIBIT  ? ICMP_CODE_PROHIBITED
                                             : ICMP_CODE_NET;

    NOTE_PKT(ip->env, EV_IP_NO_ROUTE, RULE_IP_NO_ROUTE, p, pkt_off(p), p->len,
        f_ip("dst", dst));
    if (type == ROUTE_BLACKHOLE)
        pkt_drop(ip->env, p, DROP_IP_NO_ROUTE, RULE_IP_BLACKHOLE);
    else
        refuse(ip, p, ICMP_UNREACHABLE, code, 0, DROP_IP_NO_ROUTE,
            r ? RULE_IP_ROUTE_REFUSES : RULE_IP_NO_ROUTE);
}

/* Addresses of one link only (RFC 3927 7). */
static bool
is_link_local(struct ipv4 a)
{
    return a.v >> 16 == 0xa9fe;
}

void
ip_forward(struct ip *ip, struct pkt *p, const struct ip_fields *f)
{
    const struct route *r = route_find(&ip->routes, f->h.dst);
    struct ip_fields on = *f;

    if (!ip->sysctl.ip_forward) {
        pkt_drop(ip->env, p, DROP_IP_NOT_FOR_US, RULE_IP_NOT_FORWARDING);
    } else if (is_link_local(f->h.src) || is_link_local(f->h.dst)) {
        pkt_drop(ip->env, p, DROP_IP_DESTINATION, RULE_IP_LINK_LOCAL);
    } else if (!r || !r->nif) {
        no_way(ip, p, r, f->h.dst);
    } else if (f->h.ttl <= 1) {
        refuse(ip, p, ICMP_TIME_EXCEEDED, 0, 0, DROP_IP_TTL, RULE_IP_TTL);
    } else if (f->h.df && p->len > route_mtu(r)) {
        refuse(ip, p, ICMP_UNREACHABLE, ICMP_CODE_TOO_BIG, route_mtu(r),
            DROP_IP_FRAGMENT_NEEDED, RULE_IP_DF);
    } else {
        pass_on(ip, p, r, &on);
    }
}
