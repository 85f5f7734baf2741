/*
 * arp_claim.h: is our own address ours? (RFC 5227) An address is asked for
 * before it is used, announced when nobody has it, and defended.
 *
 *     PROBING --> ANNOUNCING --> OWNED
 *        |            |            |
 *        `------------+------------`--> LOST
 *
 * Unless asked to (netif_claim), a host takes its address without a question,
 * as Linux does with one that a person configured: TAKEN. It is defended all
 * the same, and never given up.
 */
#ifndef LW_ARP_CLAIM_H
#define LW_ARP_CLAIM_H

#include "arp_message.h"

#define ARP_CLAIM_STATES(S)                                                    \
    S(TAKEN, "TAKEN")           /* used without asking */                      \
    S(PROBING, "PROBING")       /* asking whether somebody has it */           \
    S(ANNOUNCING, "ANNOUNCING") /* ours; all are told */                       \
    S(OWNED, "OWNED")           /* ours */                                     \
    S(LOST, "LOST")             /* another's: not used */

enum arp_claim_state {
#define S(name, text) ARP_CLAIM_##name,
    ARP_CLAIM_STATES(S)
#undef S
    ARP_CLAIM_STATE_COUNT
};

struct arp_claim_arrow {
    enum arp_claim_state from, to;
    const char *cause;
    const char *section; /* of RFC 5227 */
    enum rule rule;
};

extern const struct arp_claim_arrow arp_claim_arrows[];
extern const unsigned arp_claim_arrow_count;

const char *arp_claim_text(enum arp_claim_state s);

/* RFC 5227 1.1. */
#define ARP_PROBE_WAIT_NS          LW_S
#define ARP_PROBE_NUM              3
#define ARP_PROBE_MIN_NS           LW_S
#define ARP_PROBE_MAX_NS           (2 * LW_S)
#define ARP_ANNOUNCE_WAIT_NS       (2 * LW_S)
#define ARP_ANNOUNCE_NUM           2
#define ARP_ANNOUNCE_INTERVAL_NS   (2 * LW_S)
#define ARP_MAX_CONFLICTS          10
#define ARP_RATE_LIMIT_INTERVAL_NS (60 * LW_S)
#define ARP_DEFEND_INTERVAL_NS     (10 * LW_S)

struct arp_claim {
    enum arp_claim_state state;
    struct timer timer;
    unsigned sent;          /* probes, then announcements */
    unsigned conflicts;     /* claims that were lost */
    bool defended;          /* at least once, */
    struct instant defence; /* and last at this time */
};

/* Begins to ask for the card's address, which is not used until it is ours. */
void arp_claim_begin(struct arp *arp);

/* Does this message mean that another has our address, or wants it? */
bool arp_claim_is_conflict(const struct arp *arp, const struct arp_message *m);

/* It does, and was reported. */
void arp_claim_conflict(struct arp *arp);

#endif
