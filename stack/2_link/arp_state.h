/*
 * arp_state.h: the states of a neighbour and the arrows between them, as
 * data. A pure table: the window draws it, arp_move walks it, a test demands
 * that every arrow is used. The names are those of `ip neigh` on Linux
 * (ip-neighbour(8)); the machine is RFC 4861 7.3.2, which Linux uses for
 * IPv4 too and which satisfies RFC 1122 2.3.2.1.
 */
#ifndef LW_ARP_STATE_H
#define LW_ARP_STATE_H

#include "journal.h"

#define ARP_STATES(S)                                                          \
    S(NONE, "NONE")             /* no entry */                                 \
    S(INCOMPLETE, "INCOMPLETE") /* asked, packets wait for the answer */       \
    S(REACHABLE, "REACHABLE")   /* answered within the last 30 s */            \
    S(STALE, "STALE")           /* address known, perhaps out of date */       \
    S(DELAY, "DELAY")           /* used while stale: 5 s for good news */      \
    S(PROBE, "PROBE")           /* no news: asking the old address itself */   \
    S(FAILED, "FAILED")         /* nobody answered */

enum arp_state {
#define S(name, text) ARP_##name,
    ARP_STATES(S)
#undef S
    ARP_STATE_COUNT
};

const char *arp_state_text(enum arp_state s);

/* One arrow: from, to, what causes it, the document, and the rule that says
 * why. Two causes of one move are two arrows. */
struct arp_arrow {
    enum arp_state from, to;
    const char *cause;
    const char *section;
    enum rule rule;
};

extern const struct arp_arrow arp_arrows[];
extern const unsigned arp_arrow_count;

#endif
