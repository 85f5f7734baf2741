/*
 * ip.c: one host's IP: its cards, its routing table, and the protocols above.
 * Called while a host is set up; packets do not pass here.
 */
#include "ip_core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ip *
ip_new(struct env *env)
{
    struct ip *ip = calloc(1, sizeof *ip);
    struct ip_proto icmp = {
        .protocol = IP_ICMP,
        .input = icmp_input,
        .owner = ip,
    };

    if (!ip)
        return NULL;
    ip->env = env;
    ip->sysctl = sysctl_default;
    ip->key = rng_key(&env->rng);
    for (unsigned i = 0; i < IP_IDS; i++)
        ip->ids[i] = (uint16_t)rng_u64(&env->rng);
    ip_register(ip, &icmp);
    return ip;
}

void
ip_free(struct ip *ip)
{
    if (!ip)
        return;
    ip_pieces_free(ip);
    timer_cancel(ip->env->timers, &ip->learnt.timer);
    routes_free(&ip->routes);
    free(ip);
}

int
ip_register(struct ip *ip, const struct ip_proto *proto)
{
    if (ip_proto_find(ip, proto->protocol))
        return -EEXIST;
    if (ip->nprotos == IP_PROTOS)
        return -ENOSPC;
    ip->protos[ip->nprotos++] = *proto;
    ip->proto_of[proto->protocol] = (uint8_t)ip->nprotos;
    return 0;
}

static const char *
type_text(const struct route *r)
{
    static const char *const types[] = {"unicast", "local", "broadcast",
        "unreachable", "prohibit", "blackhole"};

    return r->learnt ? "learnt" : types[r->type];
}

static void
note_entry(struct ip *ip, const struct route *r, bool gone, enum rule rule)
{
    char prefix[20], gateway[16];
    const char *way =
        r->gateway.v ? ipv4_text(r->gateway, gateway) : "on the link";

    route_text(r, prefix);
    if (gone)
        NOTE(ip->env, EV_ROUTE_GONE, rule, f_text("prefix", prefix),
            f_text("if", r->nif ? netif_name(r->nif) : ""),
            f_text("gateway", way), f_text("type", type_text(r)));
    else
        NOTE(ip->env, EV_ROUTE_ENTRY, rule, f_text("prefix", prefix),
            f_text("if", r->nif ? netif_name(r->nif) : ""),
            f_text("gateway", way), f_text("type", type_text(r)),
            f_ip("src", r->src));
}

int
ip_note_route(struct ip *ip, const struct route *r, enum rule rule)
{
    int err = route_add(&ip->routes, r);

    if (err == 0)
        note_entry(ip, r, false, rule);
    return err;
}

void
ip_delete_route(struct ip *ip, const struct route *r, enum rule rule)
{
    struct route gone = *r;

    if (route_delete(&ip->routes, &gone) == 0)
        note_entry(ip, &gone, true, rule);
}

/* The routes that come with a card: out of how many there are. */
static unsigned
link_routes(const struct ip *ip, struct netif *nif, struct route r[3])
{
    struct ipv4 mask = ipv4_mask(nif->prefix);
    struct route like = {.nif = nif, .src = nif->addr, .prefix = 32};

    r[0] = r[1] = r[2] = like;
    r[0].dst = nif->addr;
    r[0].type = ROUTE_LOCAL;
    if (netif_is_loopback(nif)) { /* all of 127/8: RFC 1122 3.2.1.3 (g) */
        r[0].prefix = nif->prefix;
        return 1;
    }
    r[0].nif = ip->ifs[0];
    r[1].dst.v = nif->addr.v & mask.v;
    r[1].prefix = nif->prefix;
    r[2].dst.v = nif->addr.v | ~mask.v;
    r[2].type = ROUTE_BROADCAST;
    return netif_is_broadcast(nif, r[2].dst) ? 3 : 2;
}

void
ip_address_changed(void *owner, struct netif *nif)
{
    struct ip *ip = owner;
    struct route r[3];
    unsigned n = link_routes(ip, nif, r);

    ip_unlearn_all(ip);
    for (unsigned i = 0; i < n; i++) {
        bool there = false;
        const struct route *at = route_at(&ip->routes, r[i].dst, r[i].prefix);

        for (; at; at = at->next)
            there |= at->nif == r[i].nif && at->type == r[i].type;
        if (nif->unusable && there)
            ip_delete_route(ip, &r[i], RULE_ARP_CLAIM_LOST);
        if (!nif->unusable && !there)
            ip_note_route(ip, &r[i], RULE_IP_ROUTE);
    }
}

int
ip_add_netif(struct ip *ip, struct netif *nif)
{
    struct route r[3];
    unsigned n, done = 0;
    int err = 0;

    if (ip->nifs == IP_IFS)
        return -ENOSPC;
    n = link_routes(ip, nif, r);
    while (done < n && !err) {
        err = ip_note_route(ip, &r[done], RULE_IP_ROUTE);
        done += !err;
    }
    if (err) { /* all of them or none */
        while (done > 0)
            ip_delete_route(ip, &r[--done], RULE_IP_ROUTE);
        return err;
    }
    ip->ifs[ip->nifs++] = nif;
    nif->sysctl = &ip->sysctl;
    return 0;
}

int
ip_add_route_like(struct ip *ip, const struct route *like)
{
    const struct route *to = route_find(&ip->routes, like->gateway);
    const struct route *twin;
    struct route r = {.dst.v = like->dst.v & ipv4_mask(like->prefix).v,
        .prefix = like->prefix,
        .metric = like->metric,
        .type = like->type};

    if (like->type < ROUTE_UNREACHABLE) {
        /* A gateway is a neighbour, not behind another gateway. */
        if (!to || to->type != ROUTE_UNICAST || to->gateway.v)
            return -ENETUNREACH;
        r.gateway = like->gateway;
        r.nif = to->nif;
        r.src = to->src;
    }
    ip_unlearn_all(ip);
    for (twin = route_at(&ip->routes, r.dst, r.prefix); twin; twin = twin->next)
        if (twin->metric == r.metric && twin->type != ROUTE_LOCAL &&
            twin->type != ROUTE_BROADCAST)
            return -EEXIST;
    return ip_note_route(ip, &r, RULE_IP_ROUTE);
}

int
ip_add_route(
    struct ip *ip, struct ipv4 dst, unsigned prefix, struct ipv4 gateway)
{
    struct route r = {.dst = dst, .prefix = prefix, .gateway = gateway};

    return ip_add_route_like(ip, &r);
}

int
ip_remove_route(
    struct ip *ip, struct ipv4 dst, unsigned prefix, uint32_t metric)
{
    const struct route *r;

    ip_unlearn_all(ip);
    r = route_at(&ip->routes, dst, prefix);
    while (r && r->metric != metric)
        r = r->next;
    if (!r)
        return -ESRCH;
    ip_delete_route(ip, r, RULE_IP_ROUTE);
    return 0;
}

int
ip_refusal(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = route_find(&ip->routes, dst);

    switch (r ? r->type : ROUTE_UNICAST) {
    case ROUTE_UNREACHABLE: return -EHOSTUNREACH;
    case ROUTE_PROHIBIT: return -EACCES;
    case ROUTE_BLACKHOLE: return -EINVAL;
    default: return -ENETUNREACH;
    }
}

void
ip_set_forwarding(struct ip *ip, bool on)
{
    ip->sysctl.ip_forward = on;
}

struct sysctl *
ip_sysctl(struct ip *ip)
{
    return &ip->sysctl;
}

/* The address of ours for what leaves by nif without a route. That of the
 * loopback means something to ourselves alone: as in Linux another is taken,
 * if there is one. */
static struct ipv4
own_address(const struct ip *ip, const struct netif *nif)
{
    bool other = netif_is_loopback(nif) && ip->nifs > 1;

    return other ? ip->ifs[1]->addr : nif->addr;
}

const struct route *
ip_route_by(struct ip *ip, unsigned card, struct ipv4 dst)
{
    const struct route *r;
    struct netif *nif;

    if (!card)
        return ip_route(ip, dst);
    if (card > ip->nifs || (ip_is_reserved(dst) && dst.v != 0xffffffff))
        return NULL;
    nif = ip->ifs[card - 1];
    r = route_find_by(&ip->routes, dst, nif);
    if (r)
        return r;
    ip->direct = (struct route){
        .dst = dst, .prefix = 32, .nif = nif, .src = own_address(ip, nif)};
    return &ip->direct;
}

int
ip_source(struct ip *ip, struct ipv4 dst, struct ipv4 *src, unsigned *mtu)
{
    return ip_source_by(ip, 0, dst, src, mtu);
}

int
ip_source_by(struct ip *ip, unsigned card, struct ipv4 dst, struct ipv4 *src,
    unsigned *mtu)
{
    const struct route *r = ip_route_by(ip, card, dst);
    unsigned most;

    if (card > ip->nifs)
        return -ENODEV;
    if (!r)
        return ip_refusal(ip, dst);
    most = route_mtu(r);
    *src = r->src;
    *mtu = most < IP_MAX ? most : IP_MAX;
    return 0;
}

unsigned
ip_first_mtu(struct ip *ip, unsigned card, struct ipv4 dst)
{
    const struct route *r = ip_route_by(ip, card, dst);
    unsigned most = !r ? 0 : r->learnt ? netif_mtu(r->nif) : route_mtu(r);

    return most < IP_MAX ? most : IP_MAX;
}

bool
ip_card_sums(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = ip_route(ip, dst);

    return r && r->nif->dev->sums &&
           !journal_wants(ip->env->journal, EV_FRAME_SENT);
}

bool
ip_card_cuts(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = ip_route(ip, dst);

    return r && r->nif->dev->cuts && journal_silent(ip->env->journal) &&
           link_knows(r->nif, route_hop(r, dst));
}

bool
ip_is_broadcast(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = route_find(&ip->routes, dst);

    return dst.v == 0xffffffff || (r && r->type == ROUTE_BROADCAST);
}

unsigned
ip_card_index(const struct ip *ip, const struct netif *nif)
{
    for (unsigned i = 0; i < ip->nifs; i++)
        if (ip->ifs[i] == nif)
            return i + 1;
    return 0;
}

const char *
ip_card_name(const struct ip *ip, unsigned index)
{
    return index >= 1 && index <= ip->nifs ? netif_name(ip->ifs[index - 1])
                                           : NULL;
}

bool
ip_is_ours(const struct ip *ip, struct ipv4 addr)
{
    if (ipv4_is_loopback(addr))
        return true;
    for (unsigned i = 0; i < ip->nifs; i++)
        if (ipv4_eq(ip->ifs[i]->addr, addr))
            return !ip->ifs[i]->unusable;
    return false;
}

void
ip_confirm(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = ip_route(ip, dst);

    if (r)
        link_confirm(r->nif, route_hop(r, dst));
}

void
ip_doubt(struct ip *ip, struct ipv4 dst)
{
    const struct route *r;

    ip_unlearn(ip, dst, RULE_ARP_DOUBT);
    r = ip_route(ip, dst);
    if (r)
        link_doubt(r->nif, route_hop(r, dst));
}
