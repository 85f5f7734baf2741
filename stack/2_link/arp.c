/*
 * arp.c: the Address Resolution Protocol of one card (RFC 826).
 *
 * Who may teach us a neighbour's hardware address?
 *   the answer to a question of ours, while it is open;
 *   a question to us, since we must answer it to the same address;
 *   any question, when the neighbour is known already (RFC 826, "merge").
 * An answer that nobody asked for teaches nothing. RFC 826 would believe it,
 * which is how neighbour tables are poisoned: here we differ.
 *
 * Our own address is claimed and defended in arp_claim.c (RFC 5227).
 */
#include "arp.h"
#include "arp_entry.h"
#include "arp_message.h"

#include <stdlib.h>

struct arp *
arp_new(struct netif *nif)
{
    struct arp *arp = calloc(1, sizeof *arp);

    if (!arp)
        return NULL;
    arp->nif = nif;
    arp->key = rng_key(&nif->env->rng);
    return arp;
}

void
arp_free(struct arp *arp)
{
    if (!arp)
        return;
    timer_cancel(arp->nif->env->timers, &arp->claim.timer);
    while (arp->strangers.oldest)
        arp_entry_free(arp->strangers.oldest);
    while (arp->friends.oldest)
        arp_entry_free(arp->friends.oldest);
    free(arp);
}

void
arp_output(struct arp *arp, struct ipv4 next_hop, struct pkt *p)
{
    struct arp_entry *e = arp_entry_get(arp, next_hop);

    if (e)
        arp_entry_output(e, p);
    else
        pkt_drop(arp->nif->env, p,
            arp->nif->unusable ? DROP_ARP_CONFLICT : DROP_NO_MEMORY,
            arp->nif->unusable ? RULE_ARP_CLAIM_LOST : RULE_ARP_FULL);
}

/* Tells the asker where we are. */
static void
answer(struct arp *arp, const struct arp_message *question)
{
    struct netif *nif = arp->nif;
    struct env *env = nif->env;
    struct arp_message m = {
        .operation = ARP_REPLY,
        .sha = nif->dev->addr,
        .spa = nif->addr,
        .tha = question->sha,
        .tpa = question->spa,
    };
    uint64_t no = NOTE(env, EV_ARP_ANSWER, RULE_ARP_REPLY,
        f_ip("ip", nif->addr), f_mac("mac", nif->dev->addr),
        f_ip("to", question->spa), f_text("if", netif_name(nif)));
    uint64_t before = journal_enter(env->journal, no);

    arp_send(nif, question->sha, &m);
    journal_leave(env->journal, before);
}

/* A sender outside the link's prefix is never a next hop: answered, but not
 * remembered. 0.0.0.0 is a probe (RFC 5227 2.1.1). */
static bool
is_neighbour(const struct arp *arp, struct ipv4 ip)
{
    return ip.v && netif_is_on_link(arp->nif, ip) &&
           !netif_is_broadcast(arp->nif, ip);
}

/* A message to nobody that tells all where its sender is (RFC 5227 3;
 * "gratuitous", RFC 5944 4.6). As a reply it names its sender twice. */
static bool
is_announcement(const struct arp_message *m)
{
    return ipv4_eq(m->spa, m->tpa) &&
           (m->operation == ARP_REQUEST || mac_eq(m->sha, m->tha) ||
               mac_eq(m->tha, MAC_BROADCAST));
}

/* It moves a neighbour that is known and makes none, unless arp_accept. */
static bool
hear_announcement(struct arp *arp, const struct arp_message *m)
{
    struct arp_entry *e = arp_table_find(arp, m->spa);

    if (!e && arp->nif->sysctl->arp_accept && is_neighbour(arp, m->spa))
        e = arp_entry_get(arp, m->spa);
    if (e)
        arp_entry_asks(e, m->sha, true);
    return e;
}

/* A question was heard. True when it was for us or taught us something. */
static bool
hear_request(struct arp *arp, const struct arp_message *m)
{
    bool for_us = ipv4_eq(m->tpa, arp->nif->addr) && !arp->nif->unusable;
    struct arp_entry *e = arp_table_find(arp, m->spa);

    if (!e && for_us && is_neighbour(arp, m->spa))
        e = arp_entry_get(arp, m->spa);
    if (e)
        arp_entry_asks(e, m->sha, false);
    if (for_us)
        answer(arp, m);
    return for_us || e;
}

static void
hear(struct arp *arp, struct pkt *p, const struct arp_message *m)
{
    struct netif *nif = arp->nif;
    struct arp_entry *e;

    if (mac_eq(m->sha, nif->dev->addr)) { /* our own, come back */
        pkt_drop(nif->env, p, DROP_NOT_FOR_US, RULE_ARP_TARGET);
        return;
    }
    if (arp_claim_is_conflict(arp, m)) {
        NOTE_PKT(nif->env, EV_ARP_CONFLICT, RULE_ARP_CONFLICT, p, pkt_off(p),
            p->len, f_mac("mac", m->sha), f_ip("ip", nif->addr),
            f_text("if", netif_name(nif)));
        arp_claim_conflict(arp);
        pkt_drop(nif->env, p, DROP_ARP_CONFLICT, RULE_ARP_CONFLICT);
        return;
    }
    if (is_announcement(m)) {
        if (hear_announcement(arp, m))
            pkt_free(p);
        else
            pkt_drop(nif->env, p, DROP_NOT_FOR_US, RULE_ARP_TARGET);
        return;
    }
    if (m->operation == ARP_REQUEST) {
        if (hear_request(arp, m))
            pkt_free(p);
        else
            pkt_drop(nif->env, p, DROP_NOT_FOR_US, RULE_ARP_TARGET);
        return;
    }
    e = arp_table_find(arp, m->spa);
    if (e && ipv4_eq(m->tpa, nif->addr) && arp_entry_answers(e, m->sha))
        pkt_free(p);
    else
        pkt_drop(nif->env, p, DROP_ARP_UNASKED, RULE_ARP_UNASKED);
}

void
arp_input(void *owner, struct netif *nif, struct pkt *p, bool group)
{
    struct arp *arp = owner;
    struct arp_message m;

    (void)group; /* questions are sent to all, repeated ones to one */
    if (!arp_parse(&m, p->data, p->len)) {
        pkt_drop(nif->env, p, DROP_ARP_MALFORMED, RULE_ARP_MESSAGE);
        return;
    }
    NOTE_PKT(nif->env, EV_LAYER_STRIPPED, RULE_ARP_MESSAGE, p, pkt_off(p),
        ARP_LEN, f_text("layer", "ARP"), f_text("if", netif_name(nif)));
    hear(arp, p, &m);
}

void
arp_confirm(struct arp *arp, struct ipv4 next_hop)
{
    struct arp_entry *e = arp_table_find(arp, next_hop);

    if (e)
        arp_entry_confirm(e);
}

void
arp_doubt(struct arp *arp, struct ipv4 next_hop)
{
    struct arp_entry *e = arp_table_find(arp, next_hop);

    if (e)
        arp_entry_doubt(e);
}

enum arp_state
arp_find(const struct arp *arp, struct ipv4 ip, struct mac *mac)
{
    const struct arp_entry *e = arp_table_find(arp, ip);

    *mac = e ? e->mac : (struct mac){{0}};
    return e ? e->state : ARP_NONE;
}

unsigned
arp_count(const struct arp *arp)
{
    return arp->count;
}
