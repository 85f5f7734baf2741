/*
 * env.h: what every storey of one computer shares. Each object in the stack
 * keeps a pointer to its host's env; there are no other hidden inputs.
 */
#ifndef LW_ENV_H
#define LW_ENV_H

#include "journal.h"
#include "pkt.h"
#include "rng.h"
#include "timer.h"

struct env {
    struct journal *journal;
    struct timers *timers; /* the world's; env->timers->now is the time */
    struct pkt_pool *pool; /* the world's */
    struct rng rng;        /* this host's own stream */
    uint16_t host;         /* journal_host number */
    bool batch; /* more frames follow at this instant: answer together */
    uint64_t drops[DROP_COUNT];
};

/*
 * Ends the life of a packet that is refused: counts it, reports EV_DROP with
 * the reason, frees it. For trouble that came from the network, which is
 * never returned as an error.
 */
void pkt_drop(struct env *env, struct pkt *p, enum drop why, enum rule rule);

#endif
