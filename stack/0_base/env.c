/*
 * env.c: the end of a refused packet.
 */
#include "env.h"

void
pkt_drop(struct env *env, struct pkt *p, enum drop why, enum rule rule)
{
    env->drops[why]++;
    for (const struct pkt *q = p->train; q; q = q->next)
        env->drops[why]++;
    NOTE_PKT(env, EV_DROP, rule, p, pkt_off(p), p->len,
        f_text("why", drop_text(why)), f_text("reason", drop_name(why)));
    pkt_free(p);
}
