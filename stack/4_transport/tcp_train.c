/*
 * tcp_train.c: a whole train? Segments that came together and differ in
 * nothing but their text (offload.h) are taken in together, when all of them
 * are what was expected: text in order, and no news for us. What the steps of
 * RFC 9293 3.10.7.4 would have done with each is the same for all, then, and
 * is done once; what counts segments counts each. Van Jacobson's header
 * prediction is the same thought for one segment.
 *
 * Everything else goes the long way, one by one.
 */
#include "tcp_conn.h"

static bool
plain(const struct tcp_arrival *a)
{
    const struct tcp_seg *seg = &a->seg;

    return (seg->flags & (uint8_t)~SEG_PSH) == SEG_ACK &&
           seg->opts.nsack == 0 && (a->ih->tos & IP_ECN) != IP_CE &&
           !a->ih->to_broadcast && !a->ih->link_broadcast;
}

/* Nothing of ours is out or waits, so an ACK and a window tell no news, and
 * the peer has spoken without a hole. */
static bool
one_way(const struct tcp_conn *c)
{
    return c->state == TCP_ESTABLISHED && !c->orphan && !c->rcv.fin &&
           c->rcv.urgent == URGENT_NONE && c->reasm->count == 0 &&
           c->ring.used == 0 && !c->fin_queued && tcp_flight(c) == 0 &&
           !c->tlp.out && !timer_armed(&c->retx);
}

static bool
expected(const struct tcp_arrival *a, uint32_t total)
{
    const struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;

    if (!plain(a) || !one_way(c) || !seq_eq(seg->seq, c->rcv.nxt) ||
        !seq_eq(seg->ack, c->snd.una) || seg->opts.ts != c->ts.ok ||
        (uint32_t)seg->wnd << c->snd.wscale != c->snd.wnd || c->snd.wnd == 0)
        return false;
    if (c->ts.ok && (int32_t)(seg->opts.tsval - c->ts.recent) < 0)
        return false;
    /* An ACK that is due goes first, unless it waits for the batch anyway. */
    if (c->ack.now && c->owes == 0)
        return false;
    return (int64_t)total <= seq_diff(c->rcv.adv, c->rcv.nxt);
}

/* What every segment of the train brings: its text. */
static void
take_text(struct tcp_conn *c, struct pkt *p)
{
    uint32_t data = p->len;

    tcp_queue_put(c, p);
    c->rcv.nxt = seq_add(c->rcv.nxt, data);
    tcp_ack_data(c, data, false);
}

static void
take(struct tcp_arrival *a, unsigned count)
{
    struct tcp_conn *c = a->c;
    struct pkt *p = a->p, *next = p->train;
    uint32_t ahead = TCP_TRAIN_IP + a->seg.header_len;
    struct seq last = a->seg.seq;

    p->train = NULL;
    a->tcp->counts.segments_in += count;
    a->tcp->counts.trains_in++;
    c->sum.segments_in += count;
    c->sum.data_in += count;
    c->heard_at = a->tcp->env->timers->now;
    c->probes = 0;
    c->heard = true;
    c->more = false;
    tcp_remember_timestamp(c, &a->seg);
    tcp_ecn_text(a);
    pkt_pull(p, a->seg.header_len);
    for (;; p = next, next = p->next, pkt_pull(p, ahead)) {
        last = c->rcv.nxt;
        take_text(c, p);
        if (!next)
            break;
    }
    if (seq_lt(c->snd.wl1, last) ||
        (seq_eq(c->snd.wl1, last) && seq_leq(c->snd.wl2, a->seg.ack))) {
        c->snd.wl1 = last;
        c->snd.wl2 = a->seg.ack;
    }
    c->wake = true;
}

bool
tcp_train_input(struct tcp_arrival *a)
{
    uint32_t ahead = TCP_TRAIN_IP + a->seg.header_len, total = a->seg.data;
    unsigned count = 1;

    if (!a->c)
        return false;
    for (const struct pkt *q = a->p->train; q; q = q->next, count++)
        total += q->len - ahead;
    if (!expected(a, total))
        return false;
    tcp_enter(a->c);
    take(a, count);
    tcp_leave(a->c);
    return true;
}
