/*
 * icmp_redirect.c: "there is a better first hop for this destination"
 * (RFC 792, RFC 1122 3.2.2.2, RFC 1812 5.2.7.2).
 *
 *     host ---- router A ----.
 *       |   \                 > the packet left by the link it came from:
 *       |    `--> router B --'  the host could have asked B itself
 *
 * A router says so, and after nine packets that it was not heeded falls
 * silent. A host believes it only from the gateway that it used, about a
 * packet that its transport can have sent (icmp.c asks: TCP for a number that
 * is out, UDP for a connected socket), and for a neighbour as the new gateway.
 * Redirects about pings and datagrams of unconnected sockets are refused:
 * nothing here could tell them from a forgery.
 */
#include "ip_core.h"
#include "bytes.h"

/* --- the router ---------------------------------------------------------- */

void
icmp_redirect(struct ip *ip, const struct pkt *p, const struct ip_fields *f,
    struct ipv4 hop)
{
    const struct sysctl *k = &ip->sysctl;
    struct instant now = ip->env->timers->now;
    struct icmp_told *t =
        &ip->told[siphash(ip->key, &f->h.src.v, 4) % LW_COUNT(ip->told)];
    int64_t since;

    if (!k->send_redirects || ipv4_eq(hop, f->h.src) ||
        !netif_is_on_link(f->h.nif, f->h.src) ||
        !netif_is_on_link(f->h.nif, hop))
        return;
    since = instant_diff(now, t->last);
    if (!ipv4_eq(t->who, f->h.src) || since > k->redirect_silence * LW_MS)
        *t = (struct icmp_told){.who = f->h.src};
    if (t->times >= (unsigned)k->redirect_number) {
        t->last = now; /* it does not listen; asked anew after a silence */
        return;
    }
    if (t->times > 0 && since <= k->redirect_load * LW_MS << t->times)
        return;
    t->last = now;
    t->times++;
    icmp_error(ip, p, ICMP_REDIRECT, ICMP_CODE_REDIRECT_HOST, hop.v);
}

/* --- the host ------------------------------------------------------------ */

/* May the packets of route r go by gateway from now on? */
static bool
is_better(struct ip *ip, const struct route *r, struct ipv4 gateway)
{
    const struct route *to = route_find(&ip->routes, gateway);
    const struct route *first;

    if (ip_is_reserved(gateway) || !netif_is_on_link(r->nif, gateway) ||
        ipv4_eq(gateway, r->gateway) || !to || to->type != ROUTE_UNICAST)
        return false; /* ours, a broadcast, off the link, or no news */
    if (ip->sysctl.shared_media || !ip->sysctl.secure_redirects)
        return true;
    for (first = route_at(&ip->routes, (struct ipv4){0}, 0); first;
         first = first->next)
        if (ipv4_eq(first->gateway, gateway))
            return true; /* one of the gateways that we were given */
    return false;
}

bool
icmp_redirect_input(struct ip *ip, const struct ip_hdr *ih,
    const struct ip_error *err, struct ipv4 gateway)
{
    const struct route *r = ip_route(ip, err->dst);
    struct route learnt;

    if (!ip->sysctl.accept_redirects || ip->sysctl.ip_forward ||
        err->code > ICMP_CODE_REDIRECT_TOS_HOST || !r ||
        r->type != ROUTE_UNICAST || r->nif != ih->nif ||
        !ipv4_eq(r->gateway, ih->src) || !is_better(ip, r, gateway))
        return false;
    learnt = *r;
    learnt.dst = err->dst; /* for one host, whatever the code (RFC 1122) */
    learnt.gateway = ipv4_eq(gateway, err->dst) ? (struct ipv4){0} : gateway;
    ip_learn(
        ip, &learnt, ip->sysctl.redirect_timeout * LW_S, RULE_ICMP_REDIRECT);
    return true;
}
