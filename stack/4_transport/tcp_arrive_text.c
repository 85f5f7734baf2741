/*
 * tcp_arrive_text.c: the seventh and eighth step of RFC 9293 3.10.7.4: the
 * text of the segment, and the FIN behind it.
 *
 * The packet itself is kept: its headers are cut away and what is left waits
 * in the receive queue until the program copies it out.
 */
#include "tcp_conn.h"

static bool
wants_text(const struct tcp_conn *c)
{
    return c->state == TCP_ESTABLISHED || c->state == TCP_FIN_WAIT_1 ||
           c->state == TCP_FIN_WAIT_2;
}

/* Cuts away what is known already and what lies beyond the window, or
 * beyond the FIN. */
static void
trim(struct tcp_conn *c, struct tcp_seg *seg, struct pkt *p)
{
    int32_t known = seq_diff(c->rcv.nxt, seg->seq);
    struct seq edge = c->rcv.adv;
    int32_t room;

    if (known > 0) {
        if ((uint32_t)known > seg->data)
            known = (int32_t)seg->data;
        tcp_dsack_note(c, seg->seq, seq_add(seg->seq, (uint32_t)known));
        if (tcp_dsack_due(c))
            tcp_ack_at_once(c, RULE_TCP_ACK_TWICE);
        pkt_pull(p, (uint32_t)known);
        seg->data -= (uint32_t)known;
        seg->seq = seq_add(seg->seq, (uint32_t)known);
    }
    if (c->rcv.fin && seq_lt(c->rcv.fin_seq, edge))
        edge = c->rcv.fin_seq;
    room = seq_diff(edge, seg->seq);
    if (room < 0)
        room = 0;
    if (seg->data > (uint32_t)room) {
        seg->data = (uint32_t)room;
        seg->flags &= (uint8_t)~SEG_FIN;
        pkt_trim(p, seg->data);
    }
}

static void
out_of_order(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    struct pkt *p = a->p;

    a->p = NULL;
    NOTE_PKT(c->tcp->env, EV_TCP_OUT_OF_ORDER, RULE_TCP_OUT_OF_ORDER, p,
        pkt_off(p), p->len, f_u64("conn", c->id), f_u64("seq", a->seg.seq.v),
        f_u64("len", a->seg.data),
        f_u64("rel_seq", a->seg.seq.v - c->rcv.irs.v),
        f_u64("missing", a->seg.seq.v - c->rcv.nxt.v));
    if (!c->sack_ok) /* who counts duplicates must get each: RFC 5681 4.2 */
        tcp_ack_due(c);
    tcp_reasm_put(c, p, a->seg.seq);
    tcp_ack_at_once(c, RULE_TCP_ACK_OUT_OF_ORDER);
}

void
tcp_arrive_text(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    struct tcp_seg *seg = &a->seg;
    bool filled;

    if (!wants_text(c) || seg->data == 0)
        return;
    trim(c, seg, a->p);
    if (seg->data == 0)
        return;
    if (c->orphan) { /* RFC 9293 3.10.4 note, RFC 2525 2.17: nobody reads */
        tcp_send_reset(a, RULE_TCP_RST_ORPHAN);
        tcp_conn_end(c, 0, RULE_TCP_RST_ORPHAN);
        return;
    }
    if (!seq_eq(seg->seq, c->rcv.nxt)) {
        out_of_order(a);
        return;
    }
    tcp_queue_put(c, a->p);
    a->p = NULL;
    c->rcv.nxt = seq_add(c->rcv.nxt, seg->data);
    filled = c->reasm->count > 0;
    if (filled)
        tcp_reasm_take(c);
    tcp_ack_data(c, seg->data, filled);
    c->wake = true;
}

/*
 * Text that comes with a SYN belongs to nobody until the handshake is done
 * (RFC 9293 3.4: the caller may be forged), so it is neither acknowledged nor
 * delivered; but it is kept, and need not come twice.
 */
void
tcp_keep_syn_text(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    struct pkt *p = a->p;
    int32_t room = seq_diff(c->rcv.adv, c->rcv.nxt);

    if (a->seg.data == 0 || room <= 0)
        return;
    a->p = NULL;
    pkt_trim(p, (uint32_t)room);
    tcp_reasm_put(c, p, c->rcv.nxt);
}

/* The handshake is done. */
void
tcp_deliver_syn_text(struct tcp_conn *c)
{
    struct seq before = c->rcv.nxt;

    if (c->reasm->count == 0 || !tcp_reasm_take(c))
        return;
    tcp_ack_data(c, c->rcv.nxt.v - before.v, true);
    c->wake = true;
}

/* --- FIN -------------------------------------------------------------- */

/* Notes where the peer's stream ends; a second FIN elsewhere is a lie. */
static void
note_fin(struct tcp_conn *c, const struct tcp_seg *seg)
{
    struct seq at = seq_add(seg->seq, seg->data);
    const struct tcp_reasm *m = c->reasm;

    if (!(seg->flags & SEG_FIN) || c->rcv.fin || seq_lt(at, c->rcv.nxt))
        return;
    if (m->count > 0 && seq_lt(at, m->run[m->count - 1].end))
        return;
    c->rcv.fin = true;
    c->rcv.fin_seq = at;
    if (!seq_eq(at, c->rcv.nxt)) /* ahead of a hole */
        tcp_ack_at_once(c, RULE_TCP_ACK_OUT_OF_ORDER);
}

/* A FIN has a number but takes no room: what is offered stays as it is
 * (RFC 9293 3.8.6: RCV.WND changes with what the buffer holds). */
void
tcp_arrive_fin(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;

    if (!wants_text(c))
        return;
    note_fin(c, &a->seg);
    if (!c->rcv.fin || !seq_eq(c->rcv.fin_seq, c->rcv.nxt))
        return;
    c->rcv.fin_done = true;
    c->rcv.nxt = seq_add(c->rcv.nxt, 1);
    c->rcv.adv = seq_add(c->rcv.adv, 1);
    c->ack.now = false; /* the reason below is the better one */
    tcp_ack_at_once(c, RULE_TCP_ACK_FIN);
    c->wake = true;
    switch (c->state) {
    case TCP_ESTABLISHED: tcp_move(c, TCP_CLOSE_WAIT, RULE_TCP_FIN_CAME); break;
    case TCP_FIN_WAIT_1: tcp_move(c, TCP_CLOSING, RULE_TCP_FIN_CAME); break;
    case TCP_FIN_WAIT_2: tcp_enter_time_wait(c, RULE_TCP_FIN_CAME); break;
    default: break;
    }
}
