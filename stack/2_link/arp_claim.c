/*
 * arp_claim.c: probing for our address, announcing and defending it
 * (RFC 5227 2). Every change of state goes through claim_move.
 */
#include "arp_claim.h"
#include "arp_entry.h"

#include <assert.h>

const struct arp_claim_arrow arp_claim_arrows[] = {
    {ARP_CLAIM_TAKEN, ARP_CLAIM_PROBING, "the address is to be asked for",
        "2.1", RULE_ARP_CLAIM_PROBE},
    {ARP_CLAIM_OWNED, ARP_CLAIM_PROBING, "the address is to be asked for",
        "2.1", RULE_ARP_CLAIM_PROBE},
    {ARP_CLAIM_LOST, ARP_CLAIM_PROBING, "the address is to be asked for", "2.1",
        RULE_ARP_CLAIM_PROBE},
    {ARP_CLAIM_PROBING, ARP_CLAIM_ANNOUNCING, "nobody has it", "2.3",
        RULE_ARP_CLAIM_ANNOUNCE},
    {ARP_CLAIM_PROBING, ARP_CLAIM_LOST, "somebody has it or wants it", "2.1.1",
        RULE_ARP_CLAIM_LOST},
    {ARP_CLAIM_ANNOUNCING, ARP_CLAIM_OWNED, "it was announced twice", "2.3",
        RULE_ARP_CLAIM_ANNOUNCE},
    {ARP_CLAIM_ANNOUNCING, ARP_CLAIM_LOST, "two conflicts within 10 s", "2.4",
        RULE_ARP_CLAIM_LOST},
    {ARP_CLAIM_OWNED, ARP_CLAIM_LOST, "two conflicts within 10 s", "2.4",
        RULE_ARP_CLAIM_LOST},
};

const unsigned arp_claim_arrow_count = LW_COUNT(arp_claim_arrows);

const char *
arp_claim_text(enum arp_claim_state s)
{
    static const char *const texts[] = {
#define S(name, text) text,
        ARP_CLAIM_STATES(S)
#undef S
    };

    return (unsigned)s < ARP_CLAIM_STATE_COUNT ? texts[s] : "";
}

static void
claim_move(struct arp *arp, enum arp_claim_state to)
{
    enum arp_claim_state from = arp->claim.state;
    struct netif *nif = arp->nif;
    unsigned i = 0;

    while (i < arp_claim_arrow_count &&
           (arp_claim_arrows[i].from != from || arp_claim_arrows[i].to != to))
        i++;
    assert(i < arp_claim_arrow_count);
    arp->claim.state = to;
    nif->unusable = to == ARP_CLAIM_PROBING || to == ARP_CLAIM_LOST;
    NOTE(nif->env, EV_ARP_CLAIM, arp_claim_arrows[i].rule,
        f_ip("ip", nif->addr), f_text("if", netif_name(nif)),
        f_text("from", arp_claim_text(from)), f_text("to", arp_claim_text(to)),
        f_text("because", arp_claim_arrows[i].cause));
    if (nif->address_changed)
        nif->address_changed(nif->no_answer_owner, nif);
}

/* A question that names no asker, so that nobody learns a wrong address from
 * it (RFC 5227 2.1.1). */
static void
probe(struct arp *arp)
{
    struct netif *nif = arp->nif;
    struct arp_message m = {
        .operation = ARP_REQUEST, .sha = nif->dev->addr, .tpa = nif->addr};
    uint64_t no = NOTE(nif->env, EV_ARP_ASK, RULE_ARP_CLAIM_PROBE,
        f_ip("ip", nif->addr), f_ip("from_ip", m.spa),
        f_u64("try", arp->claim.sent + 1), f_text("if", netif_name(nif)));
    uint64_t before = journal_enter(nif->env->journal, no);

    arp->claim.sent++;
    arp_send(nif, MAC_BROADCAST, &m);
    journal_leave(nif->env->journal, before);
}

/* Tells all that the address is ours: a question about ourselves. */
static void
announce(struct arp *arp, enum rule rule)
{
    struct netif *nif = arp->nif;
    struct arp_message m = {.operation = ARP_REQUEST,
        .sha = nif->dev->addr,
        .spa = nif->addr,
        .tpa = nif->addr};
    uint64_t no = NOTE(nif->env, EV_ARP_ANSWER, rule, f_ip("ip", nif->addr),
        f_mac("mac", nif->dev->addr), f_ip("to", nif->addr),
        f_text("if", netif_name(nif)));
    uint64_t before = journal_enter(nif->env->journal, no);

    arp->claim.sent++;
    arp_send(nif, MAC_BROADCAST, &m);
    journal_leave(nif->env->journal, before);
}

/* A time between two others, from the host's own chance. */
static int64_t
between(struct arp *arp, int64_t least, int64_t most)
{
    struct rng *rng = &arp->nif->env->rng;

    return least + (int64_t)rng_below(rng, (uint64_t)(most - least) + 1);
}

static void
time_is_up(void *owner)
{
    struct arp *arp = owner;
    struct arp_claim *c = &arp->claim;
    struct timers *ts = arp->nif->env->timers;

    if (c->state == ARP_CLAIM_PROBING && c->sent < ARP_PROBE_NUM) {
        probe(arp);
        timer_arm_in(ts, &c->timer,
            c->sent < ARP_PROBE_NUM
                ? between(arp, ARP_PROBE_MIN_NS, ARP_PROBE_MAX_NS)
                : ARP_ANNOUNCE_WAIT_NS);
        return;
    }
    if (c->state == ARP_CLAIM_PROBING) {
        c->sent = 0;
        c->conflicts = 0;
        claim_move(arp, ARP_CLAIM_ANNOUNCING);
    }
    announce(arp, RULE_ARP_CLAIM_ANNOUNCE);
    if (c->sent < ARP_ANNOUNCE_NUM)
        timer_arm_in(ts, &c->timer, ARP_ANNOUNCE_INTERVAL_NS);
    else
        claim_move(arp, ARP_CLAIM_OWNED);
}

void
arp_claim_begin(struct arp *arp)
{
    struct arp_claim *c = &arp->claim;
    int64_t wait = between(arp, 0, ARP_PROBE_WAIT_NS);

    if (c->state == ARP_CLAIM_PROBING || c->state == ARP_CLAIM_ANNOUNCING)
        return;                            /* at it */
    if (c->conflicts >= ARP_MAX_CONFLICTS) /* RFC 5227 2.1.1: not in a rush */
        wait += ARP_RATE_LIMIT_INTERVAL_NS;
    arp_entry_forget_all(arp);
    c->sent = 0;
    c->defended = false;
    c->timer = (struct timer){.fire = time_is_up, .owner = arp};
    claim_move(arp, ARP_CLAIM_PROBING);
    timer_arm_in(arp->nif->env->timers, &c->timer, wait);
}

bool
arp_claim_is_conflict(const struct arp *arp, const struct arp_message *m)
{
    switch (arp->claim.state) {
    case ARP_CLAIM_LOST: return false; /* it is theirs */
    case ARP_CLAIM_PROBING:            /* or another probes for the same */
        if (m->operation == ARP_REQUEST && m->spa.v == 0 &&
            ipv4_eq(m->tpa, arp->nif->addr))
            return true;
        break;
    default: break;
    }
    return ipv4_eq(m->spa, arp->nif->addr);
}

static void
lose(struct arp *arp)
{
    timer_cancel(arp->nif->env->timers, &arp->claim.timer);
    arp->claim.conflicts++;
    arp_entry_forget_all(arp);
    claim_move(arp, ARP_CLAIM_LOST);
}

void
arp_claim_conflict(struct arp *arp)
{
    struct arp_claim *c = &arp->claim;
    struct instant now = arp->nif->env->timers->now;
    bool again =
        c->defended && instant_diff(now, c->defence) < ARP_DEFEND_INTERVAL_NS;

    if (c->state == ARP_CLAIM_PROBING ||
        (again && c->state != ARP_CLAIM_TAKEN)) {
        lose(arp);
        return;
    }
    if (again) /* RFC 5227 2.4 (c): kept, but two must not shout for ever */
        return;
    c->defended = true;
    c->defence = now;
    announce(arp, RULE_ARP_DEFEND);
    c->sent -= c->state == ARP_CLAIM_ANNOUNCING; /* not one of the two */
}
