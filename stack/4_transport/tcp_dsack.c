/*
 * tcp_dsack.c: what came twice? RFC 2883, the duplicate SACK: the first
 * block of an ACK's option tells which segment was received again. It is
 * known from a report of news by lying below the ACK, or within the second
 * block.
 *
 *     1:3001 are here, 1001:2001 comes again    ack 3001 <sack 1001:2001>
 *     4001:7001 wait above a hole, 5001:6001    ack 3001 <sack 5001:6001
 *     comes again                                         4001:7001>
 *
 * The receiver notes it here (tcp_arrive*.c, tcp_reasm.c) and tells it with
 * the next ACK (tcp_reasm_blocks). The sender learns from it that what it
 * sent again was not lost: tcp_rack.c waits longer from then on, tcp_undo.c
 * takes back what was done to the congestion window.
 */
#include "tcp_conn.h"

/*
 * Of the most recent segment the first part that came twice is told, once
 * (RFC 2883 4 and 4.2.2). So whoever calls this makes an ACK due, and
 * tcp_arrive sends it before it looks at the next segment.
 */
void
tcp_dsack_note(struct tcp_conn *c, struct seq from, struct seq to)
{
    if (!c->sack_ok || !c->tcp->config.dsack || !seq_lt(from, to) ||
        tcp_dsack_due(c))
        return;
    c->dsack = (struct tcp_range){from, to};
    NOTE(c->tcp->env, EV_TCP_TWICE, RULE_TCP_DSACK_SEND, f_u64("conn", c->id),
        f_u64("seq", from.v), f_u64("rel_seq", from.v - c->rcv.irs.v),
        f_u64("len", to.v - from.v));
}

static bool
is_dsack(const struct tcp_opts *o, struct seq ack)
{
    const struct tcp_range *b = o->sack;

    if (o->nsack == 0 || !seq_lt(b[0].from, b[0].to))
        return false;
    if (seq_lt(b[0].from, ack))
        return seq_leq(b[0].to, ack);
    return o->nsack > 1 && seq_leq(b[1].from, b[0].from) &&
           seq_leq(b[0].to, b[1].to);
}

/*
 * An ACK came: does it begin with a duplicate? One that is larger than any
 * window was or that lies where nothing was sent is a lie. More duplicates
 * than were ever sent again are the network's doing: they say nothing about
 * what we did (RFC 3708 2).
 */
void
tcp_dsack_told(struct tcp_conn *c, const struct tcp_opts *o, struct seq ack,
    struct tcp_told *told)
{
    const struct tcp_range *b = o->sack;
    uint32_t len, segments;

    if (!is_dsack(o, ack) || seq_lt(c->snd.nxt, b->to))
        return;
    len = b->to.v - b->from.v;
    if (len > c->snd.max_wnd ||
        seq_lt(b->from, seq_add(c->snd.una, 0 - c->snd.max_wnd)))
        return;
    segments = (len + c->snd.mss - 1) / c->snd.mss;
    c->sum.dsacks += segments;
    NOTE(c->tcp->env, EV_TCP_DSACK, RULE_TCP_DSACK, f_u64("conn", c->id),
        f_u64("seq", b->from.v), f_u64("rel_seq", b->from.v - c->snd.iss.v),
        f_u64("len", len));
    if (c->sum.dsacks > c->sum.retransmits)
        return;
    told->dsack = true;
    told->dsack_probe =
        c->tlp.out && segments == 1 && seq_eq(b->to, c->tlp.end_seq);
    if (c->path->undo.open && c->path->undo.again > 0 &&
        seq_lt(c->path->undo.marker, b->to))
        c->path->undo.again = (uint32_t)c->path->undo.again > segments
                                  ? c->path->undo.again - (int32_t)segments
                                  : 0;
}
