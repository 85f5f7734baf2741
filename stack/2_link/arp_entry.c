/*
 * arp_entry.c: the life of one neighbour. arp_state.c has the arrows; every
 * change of state goes through arp_move.
 *
 * One timer serves all states: in INCOMPLETE and PROBE it asks again, in
 * REACHABLE it ends the trust, in DELAY it ends the patience. STALE and
 * FAILED wait for nothing.
 */
#include "arp_entry.h"
#include "arp_message.h"
#include "ether.h"

#include <assert.h>

static struct env *
env_of(const struct arp_entry *e)
{
    return e->arp->nif->env;
}

static const struct sysctl *
knobs(const struct arp_entry *e)
{
    return e->arp->nif->sysctl;
}

/* The one door: only along an arrow of the table. */
static void
arp_move(struct arp_entry *e, enum arp_state to, enum rule rule)
{
    enum arp_state from = e->state;
    unsigned i = 0;

    while (i < arp_arrow_count &&
           (arp_arrows[i].from != from || arp_arrows[i].to != to ||
               arp_arrows[i].rule != rule))
        i++;
    assert(i < arp_arrow_count);
    e->state = to;
    NOTE(env_of(e), EV_ARP_MOVE, rule, f_ip("ip", e->ip),
        f_text("if", netif_name(e->arp->nif)),
        f_text("from", arp_state_text(from)), f_text("to", arp_state_text(to)),
        f_text("because", arp_arrows[i].cause));
    NOTE(env_of(e), EV_ARP_ENTRY, rule, f_ip("ip", e->ip),
        f_text("if", netif_name(e->arp->nif)), f_mac("mac", e->mac),
        f_text("state", arp_state_text(to)));
}

/* How many questions before the neighbour counts as gone. */
static unsigned
tries(const struct arp_entry *e)
{
    const struct sysctl *k = knobs(e);

    return (unsigned)(e->state == ARP_PROBE
                          ? k->ucast_solicit + k->mcast_resolicit
                          : k->mcast_solicit);
}

/* Asks who has the address: everybody, or in PROBE the old address alone
 * (RFC 1122 2.3.2.1: a unicast poll disturbs nobody else). */
static void
ask(struct arp_entry *e)
{
    struct netif *nif = e->arp->nif;
    struct env *env = env_of(e);
    bool probe =
        e->state == ARP_PROBE && e->asked < (unsigned)knobs(e)->ucast_solicit;
    struct arp_message m = {
        .operation = ARP_REQUEST,
        .sha = nif->dev->addr,
        .spa = nif->addr,
        .tpa = e->ip,
    };
    uint64_t no, before;

    e->asked++;
    no = NOTE(env, EV_ARP_ASK, probe ? RULE_ARP_PROBE : RULE_ARP_REQUEST,
        f_ip("ip", e->ip), f_ip("from_ip", nif->addr), f_u64("try", e->asked),
        f_text("if", netif_name(nif)));
    before = journal_enter(env->journal, no);
    timer_arm_in(env->timers, &e->timer, knobs(e)->retrans_time_ms * LW_MS);
    arp_send(nif, probe ? e->mac : MAC_BROADCAST, &m);
    journal_leave(env->journal, before);
}

static struct pkt *
take_held(struct arp_entry *e)
{
    struct pkt *p = e->held;

    if (p) {
        e->held = p->next;
        if (!e->held)
            e->held_end = &e->held;
        e->nheld--;
        e->held_bytes -= p->room;
        e->arp->held_bytes -= p->room;
        p->next = NULL;
    }
    return p;
}

/* Forgets e. Its place, or the memory of what waits for it, goes to others. */
static void
evict(struct arp_entry *e, enum rule rule)
{
    struct env *env = env_of(e);

    timer_cancel(env->timers, &e->timer);
    arp_move(e, ARP_NONE, rule);
    while (e->held)
        pkt_drop(env, take_held(e), DROP_QUEUE_FULL, rule);
    arp_table_remove(e);
}

/* Somebody else's packets make room: those of the stranger that was asked
 * for longest ago. False: nobody else has any. */
static bool
squeeze(struct arp_entry *e)
{
    struct arp_entry *v = e->arp->strangers.oldest;

    while (v && (v == e || !v->held))
        v = v->newer;
    if (v)
        evict(v, RULE_ARP_FULL);
    return v;
}

/* Keeps p until the answer comes; of too many the oldest goes, for it is
 * the likeliest to have been given up (RFC 1122 2.3.2.2). Bytes of buffers
 * are counted, as in Linux. */
static void
hold(struct arp_entry *e, struct pkt *p)
{
    struct env *env = env_of(e);
    uint32_t most = (uint32_t)knobs(e)->unres_qlen_bytes;
    uint64_t no;

    p = pkt_own(p);
    if (!p) {
        env->drops[DROP_NO_MEMORY]++;
        return;
    }
    while (e->held && e->held_bytes + p->room > most)
        pkt_drop(env, take_held(e), DROP_QUEUE_FULL, RULE_ARP_HOLD);
    while (e->arp->held_bytes + p->room > ARP_HELD_SHARES * (uint64_t)most)
        if (!squeeze(e))
            break;
    p->next = NULL;
    *e->held_end = p;
    e->held_end = &p->next;
    e->nheld++;
    e->held_bytes += p->room;
    e->arp->held_bytes += p->room;
    no = NOTE_PKT(env, EV_ARP_HOLD, RULE_ARP_HOLD, p, pkt_off(p), p->len,
        f_ip("ip", e->ip), f_u64("held", e->nheld),
        f_text("if", netif_name(e->arp->nif)));
    p->cause = no ? no : env->journal->cause;
}

/* The address is known: what waited goes, each for its own cause. */
static void
release(struct arp_entry *e, enum rule rule)
{
    struct env *env = env_of(e);
    unsigned n = e->nheld; /* those that wait now, not what they bring about */

    if (n == 0)
        return;
    NOTE(env, EV_ARP_RELEASE, rule, f_ip("ip", e->ip), f_u64("held", n),
        f_text("if", netif_name(e->arp->nif)));
    while (n-- > 0) {
        struct pkt *p = take_held(e);
        uint64_t before = journal_enter(env->journal, p->cause);

        arp_entry_output(e, p);
        journal_leave(env->journal, before);
    }
}

/* Nobody answered: the senders of what waited are told. */
static void
fail(struct arp_entry *e)
{
    struct netif *nif = e->arp->nif;
    struct pkt *p = e->held;

    arp_move(e, ARP_FAILED, RULE_ARP_FAILED);
    arp_table_befriend(e, false);
    e->arp->held_bytes -= e->held_bytes;
    e->held = NULL;
    e->held_end = &e->held;
    e->nheld = e->held_bytes = 0;
    while (p) { /* without e: what is told now may make room in the table */
        struct pkt *next = p->next;

        p->next = NULL;
        if (nif->no_answer)
            nif->no_answer(nif->no_answer_owner, p);
        pkt_drop(nif->env, p, DROP_ARP_NO_ANSWER, RULE_ARP_FAILED);
        p = next;
    }
}

static void
reachable_over(struct arp_entry *e)
{
    struct timers *ts = env_of(e)->timers;
    struct instant until =
        instant_add(e->confirmed, knobs(e)->base_reachable_time_ms * LW_MS);

    /* Confirmations only note the time, so that they cost nothing. */
    if (instant_lt(ts->now, until))
        timer_arm(ts, &e->timer, until);
    else
        arp_move(e, ARP_STALE, RULE_ARP_STALE);
}

static void
time_is_up(void *owner)
{
    struct arp_entry *e = owner;

    switch (e->state) {
    case ARP_INCOMPLETE:
    case ARP_PROBE:
        if (e->asked < tries(e))
            ask(e);
        else
            fail(e);
        break;
    case ARP_REACHABLE: reachable_over(e); break;
    case ARP_DELAY:
        arp_move(e, ARP_PROBE, RULE_ARP_PROBE);
        e->asked = 0;
        ask(e);
        break;
    default: assert(!"no timer in this state");
    }
}

static void
become_reachable(struct arp_entry *e, enum rule rule)
{
    struct timers *ts = env_of(e)->timers;

    e->confirmed = ts->now;
    timer_arm_in(ts, &e->timer, knobs(e)->base_reachable_time_ms * LW_MS);
    arp_move(e, ARP_REACHABLE, rule);
    arp_table_befriend(e, true);
    release(e, rule);
}

/*
 * Before a new entry is made. A table that fills forgets those who were not
 * talked to for long; a full one forgets somebody in any case (RFC 1122
 * 2.3.2.1; arp(7)). A few a time, so that the cost of one packet is bounded.
 */
static void
collect(struct arp *arp)
{
    const struct sysctl *k = arp->nif->sysctl;
    struct instant now = arp->nif->env->timers->now;
    struct arp_entry *e;

    for (unsigned i = 0; i < 4 && arp->count >= (unsigned)k->gc_thresh1; i++) {
        bool tight = arp->count >= (unsigned)k->gc_thresh2;
        int64_t idle_ns = tight ? 5 * LW_S : k->gc_stale_time * LW_S;

        e = arp_table_oldest(arp);
        if (!e || (e->state != ARP_STALE && e->state != ARP_FAILED) ||
            instant_diff(now, e->used) <= idle_ns)
            break;
        evict(e, RULE_ARP_UNUSED);
    }
    while (arp->count >= (unsigned)k->gc_thresh3)
        evict(arp_table_oldest(arp), RULE_ARP_FULL);
}

void
arp_entry_forget_all(struct arp *arp)
{
    while (arp->count > 0)
        evict(arp_table_oldest(arp), RULE_ARP_CLAIM_LOST);
}

struct arp_entry *
arp_entry_get(struct arp *arp, struct ipv4 ip)
{
    struct arp_entry *e = arp_table_find(arp, ip);

    if (e)
        return e;
    if (arp->nif->unusable)
        return NULL;
    collect(arp);
    e = arp_table_add(arp, ip);
    if (e)
        e->timer = (struct timer){.fire = time_is_up, .owner = e};
    return e;
}

void
arp_entry_output(struct arp_entry *e, struct pkt *p)
{
    arp_table_touch(e);
    switch (e->state) {
    case ARP_STALE:
        timer_arm_in(env_of(e)->timers, &e->timer,
            knobs(e)->delay_first_probe_time * LW_S);
        arp_move(e, ARP_DELAY, RULE_ARP_DELAY);
        break;
    case ARP_NONE:
    case ARP_FAILED:
        arp_move(e, ARP_INCOMPLETE, RULE_ARP_REQUEST);
        hold(e, p);
        e->asked = 0;
        ask(e);
        return;
    case ARP_INCOMPLETE: hold(e, p); return;
    default: break;
    }
    ether_output(e->arp->nif, e->mac, ETHERTYPE_IPV4, p);
}

static void
learn(struct arp_entry *e, struct mac mac)
{
    e->mac = mac;
    e->updated = env_of(e)->timers->now;
}

bool
arp_entry_answers(struct arp_entry *e, struct mac mac)
{
    if (e->state != ARP_INCOMPLETE && e->state != ARP_PROBE)
        return false;
    learn(e, mac);
    become_reachable(e, RULE_ARP_REPLY);
    return true;
}

/* Has an address that was just learnt a rival already? The first one is
 * kept: two that answer for one address must not make us swing. */
static bool
is_locked(const struct arp_entry *e)
{
    return instant_diff(env_of(e)->timers->now, e->updated) <
           knobs(e)->locktime * (LW_S / 100);
}

void
arp_entry_asks(struct arp_entry *e, struct mac mac, bool announced)
{
    struct env *env = env_of(e);
    bool known = e->state == ARP_REACHABLE || e->state == ARP_DELAY ||
                 e->state == ARP_PROBE || e->state == ARP_STALE;

    if (known && mac_eq(mac, e->mac))
        return;
    if (known && !announced && is_locked(e)) {
        NOTE(env, EV_ARP_LOCKED, RULE_ARP_LOCKED, f_ip("ip", e->ip),
            f_text("if", netif_name(e->arp->nif)), f_mac("mac", e->mac),
            f_mac("rival", mac));
        return;
    }
    learn(e, mac);
    if (e->state == ARP_STALE) /* the address alone changes */
        NOTE(env, EV_ARP_ENTRY, RULE_ARP_MERGE, f_ip("ip", e->ip),
            f_text("if", netif_name(e->arp->nif)), f_mac("mac", e->mac),
            f_text("state", arp_state_text(e->state)));
    else
        arp_move(e, ARP_STALE, RULE_ARP_MERGE);
    timer_cancel(env->timers, &e->timer);
    release(e, RULE_ARP_MERGE);
}

void
arp_entry_confirm(struct arp_entry *e)
{
    if (e->state == ARP_REACHABLE)
        e->confirmed = env_of(e)->timers->now;
    else if (e->state == ARP_DELAY || e->state == ARP_PROBE)
        become_reachable(e, RULE_ARP_CONFIRM);
}

void
arp_entry_doubt(struct arp_entry *e)
{
    if (e->state != ARP_REACHABLE && e->state != ARP_STALE &&
        e->state != ARP_DELAY)
        return; /* unknown, or being asked already */
    arp_move(e, ARP_PROBE, RULE_ARP_DOUBT);
    e->asked = 0;
    ask(e);
}

void
arp_entry_free(struct arp_entry *e)
{
    timer_cancel(env_of(e)->timers, &e->timer);
    while (e->held)
        pkt_free(take_held(e));
    arp_table_remove(e);
}
