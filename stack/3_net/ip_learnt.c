/*
 * ip_learnt.c: what ICMP has taught about single destinations: a better
 * gateway (a redirect) or the largest packet that gets through (RFC 1191).
 *
 * Each is a route of its own, for one address, that stands before all others
 * of the table, so that the lookup of a packet costs nothing more. What is
 * learnt is little, and goes away by itself: there is room for IP_LEARNT,
 * the one that would go next makes room, and a change of the table by hand
 * forgets all (Linux keeps them as exceptions of a route's next hop).
 */
#include "ip_core.h"

#include <string.h>

static void
arm(struct ip *ip)
{
    struct ip_learnt *l = &ip->learnt;
    struct instant next = {INT64_MAX};

    for (unsigned i = 0; i < l->count; i++)
        if (instant_lt(l->list[i].until, next))
            next = l->list[i].until;
    if (l->count)
        timer_arm(ip->env->timers, &l->timer, next);
    else
        timer_cancel(ip->env->timers, &l->timer);
}

static void
forget(struct ip *ip, unsigned i, enum rule rule)
{
    struct ip_learnt *l = &ip->learnt;
    const struct route *r = route_at(&ip->routes, l->list[i].dst, 32);

    if (r && r->learnt)
        ip_delete_route(ip, r, rule);
    l->list[i] = l->list[--l->count];
}

static void
time_is_up(void *owner)
{
    struct ip *ip = owner;
    struct ip_learnt *l = &ip->learnt;

    for (unsigned i = l->count; i-- > 0;)
        if (!instant_lt(ip->env->timers->now, l->list[i].until))
            forget(ip, i, RULE_IP_LEARNT_OLD);
    arm(ip);
}

void
ip_learn(struct ip *ip, const struct route *r, int64_t for_ns, enum rule rule)
{
    struct ip_learnt *l = &ip->learnt;
    struct route route = *r;
    unsigned goes = 0;

    ip_unlearn(ip, r->dst, rule);
    if (l->count == IP_LEARNT) {
        for (unsigned i = 1; i < l->count; i++)
            if (instant_lt(l->list[i].until, l->list[goes].until))
                goes = i;
        forget(ip, goes, RULE_IP_LEARNT_OLD);
    }
    route.prefix = 32;
    route.metric = 0;
    route.learnt = true;
    if (ip_note_route(ip, &route, rule) == 0) {
        l->list[l->count].dst = r->dst;
        l->list[l->count++].until = instant_add(ip->env->timers->now, for_ns);
    }
    l->timer.fire = time_is_up;
    l->timer.owner = ip;
    arm(ip);
}

void
ip_unlearn(struct ip *ip, struct ipv4 dst, enum rule rule)
{
    struct ip_learnt *l = &ip->learnt;

    for (unsigned i = l->count; i-- > 0;)
        if (ipv4_eq(l->list[i].dst, dst))
            forget(ip, i, rule);
    arm(ip);
}

void
ip_unlearn_all(struct ip *ip)
{
    while (ip->learnt.count)
        forget(ip, ip->learnt.count - 1, RULE_IP_LEARNT_OLD);
    arm(ip);
}

void
ip_learn_mtu(struct ip *ip, struct ipv4 dst, unsigned mtu)
{
    const struct route *r = ip_route(ip, dst);
    const struct sysctl *k = &ip->sysctl;
    struct route learnt;

    if (!r || r->type != ROUTE_UNICAST)
        return;
    if (mtu < (unsigned)k->min_pmtu) /* 0: a router older than RFC 1191 */
        mtu = (unsigned)k->min_pmtu;
    if (mtu >= route_mtu(r))
        return;
    learnt = *r;
    learnt.dst = dst;
    learnt.mtu = mtu;
    ip_learn(ip, &learnt, k->mtu_expires * LW_S, RULE_IP_PATH_MTU);
}
