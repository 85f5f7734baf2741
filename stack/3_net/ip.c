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

static int
add_route(struct ip *ip, const struct route *r)
{
    static const char *const types[] = {"unicast", "local", "broadcast"};
    char prefix[20], gateway[16];
    int err = route_add(&ip->routes, r);

    if (err)
        return err;
    NOTE(ip->env, EV_ROUTE_ENTRY, RULE_IP_ROUTE,
        f_text("prefix", route_text(r, prefix)),
        f_text("if", netif_name(r->nif)),
        f_text("gateway",
            r->gateway.v ? ipv4_text(r->gateway, gateway) : "on the link"),
        f_text("type", types[r->type]), f_ip("src", r->src));
    return 0;
}

/* The loopback is all of 127/8 (RFC 1122 3.2.1.3 (g)). */
static void
add_loopback_route(struct ip *ip, struct netif *lo)
{
    struct route all = {
        .dst = lo->addr,
        .prefix = lo->prefix,
        .nif = lo,
        .src = lo->addr,
        .type = ROUTE_LOCAL,
    };

    add_route(ip, &all);
}

static void
add_link_routes(struct ip *ip, struct netif *nif)
{
    struct route own = {
        .dst = nif->addr,
        .prefix = 32,
        .nif = ip->ifs[0],
        .src = nif->addr,
        .type = ROUTE_LOCAL,
    };
    struct route link = {
        .dst = {nif->addr.v & ipv4_mask(nif->prefix).v},
        .prefix = nif->prefix,
        .nif = nif,
        .src = nif->addr,
        .type = ROUTE_UNICAST,
    };
    struct route broadcast = {
        .dst = {nif->addr.v | ~ipv4_mask(nif->prefix).v},
        .prefix = 32,
        .nif = nif,
        .src = nif->addr,
        .type = ROUTE_BROADCAST,
    };

    add_route(ip, &own);
    add_route(ip, &link);
    if (netif_is_broadcast(nif, broadcast.dst))
        add_route(ip, &broadcast);
}

int
ip_add_netif(struct ip *ip, struct netif *nif)
{
    if (ip->nifs == IP_IFS)
        return -ENOSPC;
    if (route_reserve(&ip->routes, 3) < 0) /* all of them or none */
        return -ENOMEM;
    ip->ifs[ip->nifs++] = nif;
    nif->sysctl = &ip->sysctl;
    if (netif_is_loopback(nif))
        add_loopback_route(ip, nif);
    else
        add_link_routes(ip, nif);
    return 0;
}

int
ip_add_route(
    struct ip *ip, struct ipv4 dst, unsigned prefix, struct ipv4 gateway)
{
    const struct route *to = route_find(&ip->routes, gateway);
    struct route r = {.dst = dst, .prefix = prefix, .gateway = gateway};

    /* A gateway is a neighbour, not behind another gateway. */
    if (!to || to->type != ROUTE_UNICAST || to->gateway.v)
        return -ENETUNREACH;
    r.nif = to->nif;
    r.src = to->src;
    return add_route(ip, &r);
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

int
ip_source(struct ip *ip, struct ipv4 dst, struct ipv4 *src, unsigned *mtu)
{
    const struct route *r = ip_route(ip, dst);
    unsigned most;

    if (!r)
        return -ENETUNREACH;
    most = netif_mtu(r->nif);
    *src = r->src;
    *mtu = most < IP_MAX ? most : IP_MAX;
    return 0;
}

bool
ip_card_sums(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = route_find(&ip->routes, dst);

    return r && r->nif->dev->sums &&
           !journal_wants(ip->env->journal, EV_FRAME_SENT);
}

bool
ip_is_broadcast(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = route_find(&ip->routes, dst);

    return dst.v == 0xffffffff || (r && r->type == ROUTE_BROADCAST);
}

bool
ip_is_ours(const struct ip *ip, struct ipv4 addr)
{
    if (ipv4_is_loopback(addr))
        return true;
    for (unsigned i = 0; i < ip->nifs; i++)
        if (ipv4_eq(ip->ifs[i]->addr, addr))
            return true;
    return false;
}

void
ip_confirm(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = route_find(&ip->routes, dst);

    if (r)
        link_confirm(r->nif, route_hop(r, dst));
}

void
ip_doubt(struct ip *ip, struct ipv4 dst)
{
    const struct route *r = route_find(&ip->routes, dst);

    if (r)
        link_doubt(r->nif, route_hop(r, dst));
}
