/*
 * netdev.c: what every wire reports in the same way: a frame leaves a card,
 * a frame reaches a card. The capture file is made of these events.
 */
#include "netdev.h"

void
netdev_sent(struct netdev *dev, struct pkt *p, const char *link)
{
    uint64_t before = journal_enter(dev->env->journal, p->cause);
    uint64_t no = NOTE_PKT(dev->env, EV_FRAME_SENT, RULE_FRAME_SENT, p,
        pkt_off(p), p->len, f_text("link", link), f_text("if", dev->name),
        f_u64("len", p->len), f_bytes("bytes", p->data, p->len));

    journal_leave(dev->env->journal, before);
    if (no)
        p->cause = no;
}

void
netdev_arrive(struct netdev *dev, struct pkt *p, const char *link)
{
    struct journal *j = dev->env->journal;
    uint64_t before = journal_enter(j, p->cause);
    uint64_t no = NOTE_PKT(dev->env, EV_FRAME_RECEIVED, RULE_FRAME_RECEIVED, p,
        pkt_off(p), p->len, f_text("link", link), f_text("if", dev->name),
        f_u64("len", p->len));

    journal_enter(j, no);
    dev->input(dev, p);
    journal_leave(j, before);
}
