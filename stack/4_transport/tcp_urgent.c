/*
 * tcp_urgent.c: what cannot wait? Urgent data, RFC 9293 3.8.5, as RFC 6093
 * found that everybody has it: a pointer to the byte behind the urgent text
 * (MUST-62), and of that text only the last byte is urgent to the program,
 * which takes it with MSG_OOB past all that waits before it.
 *
 *     text text text X text text          X: the urgent byte, at RCV.UP - 1
 *     ^ next to read ^ the mark
 *
 * Reading stops at the mark, whatever room there is, so that the program can
 * find the place (SIOCATMARK); the next read goes on behind it, and an urgent
 * byte that was not taken is gone; or, with SO_OOBINLINE, it stays in the
 * stream. A newer pointer takes the place of an older one.
 *
 * A pointer promises text that may never come; all it can do is to split a
 * read, and to take one byte out of the stream. It need not lie within the
 * window: 65535 bytes ahead is as far as it reaches. RFC 6093 5 advises
 * programs against all this.
 */
#include "tcp_conn.h"

#include <errno.h>

/* --- sending ---------------------------------------------------------- */

/* All that waits now is urgent: SND.UP stands behind it (MUST-31). */
void
tcp_urgent_send(struct tcp_conn *c)
{
    c->snd.up = tcp_ring_end(c);
    NOTE(c->tcp->env, EV_TCP_URGENT, RULE_TCP_URGENT_SENT, f_u64("conn", c->id),
        f_text("what", "to the peer"),
        f_u64("rel_seq", c->snd.up.v - c->snd.iss.v));
}

/* Until it is acknowledged, every segment before it points there; as far as
 * sixteen bits reach. */
void
tcp_urgent_stamp(const struct tcp_conn *c, struct tcp_seg *seg)
{
    uint32_t ahead = c->snd.up.v - seg->seq.v;

    if (!tcp_urgent_out(c) || !seq_lt(seg->seq, c->snd.up) ||
        (seg->flags & (SEG_SYN | SEG_RST)))
        return;
    seg->flags |= SEG_URG;
    seg->up = (uint16_t)(ahead < UINT16_MAX ? ahead : UINT16_MAX);
}

/* --- arriving --------------------------------------------------------- */

/* The next byte of the stream that the program has not read. */
static struct seq
unread(const struct tcp_conn *c)
{
    return seq_add(c->rcv.nxt, 0 - c->rcv.queued - c->rcv.fin_done);
}

/* Does this pointer say anything new? A pointer of 0 means the first byte of
 * the segment, as everybody takes it. */
static bool
new_mark(struct tcp_conn *c, const struct tcp_seg *seg)
{
    struct seq mark = seq_add(seg->seq, seg->up ? seg->up - 1u : 0);

    if (!(seg->flags & SEG_URG) || seq_lt(mark, c->rcv.nxt) ||
        (c->rcv.urgent != URGENT_NONE && seq_leq(mark, c->rcv.mark)))
        return false;
    if (tcp_urgent_hides(c) && c->rcv.queued > 0)
        tcp_urgent_skip(c); /* the one before it lies right at the reader */
    c->rcv.mark = mark;
    return true;
}

/* Sixth step of RFC 9293 3.10.7.4: RCV.UP, and the byte itself if it is in
 * this segment, even beyond a hole. */
void
tcp_urgent_arrive(const struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;
    int32_t at;

    if (c->state != TCP_ESTABLISHED && c->state != TCP_FIN_WAIT_1 &&
        c->state != TCP_FIN_WAIT_2)
        return;
    if (new_mark(c, seg)) {
        c->rcv.urgent = URGENT_AWAITED;
        c->wake = true; /* for SIGURG, which does not wait for the byte */
        NOTE(c->tcp->env, EV_TCP_URGENT, RULE_TCP_URGENT_CAME,
            f_u64("conn", c->id), f_text("what", "from the peer"),
            f_u64("rel_seq", c->rcv.mark.v - c->rcv.irs.v));
    }
    at = seq_diff(c->rcv.mark, seg->seq);
    if (c->rcv.urgent != URGENT_AWAITED || at < 0 || (uint32_t)at >= seg->data)
        return;
    c->rcv.urgent = URGENT_HERE;
    c->rcv.urgent_byte = a->p->data[at];
    c->wake = true;
}

/* --- reading ---------------------------------------------------------- */

bool
tcp_urgent_mark(const struct tcp_conn *c, uint32_t *mark)
{
    *mark = c->rcv.mark.v;
    return c->rcv.urgent != URGENT_NONE;
}

bool
tcp_at_mark(const struct tcp_conn *c)
{
    return c->rcv.urgent != URGENT_NONE && seq_eq(c->rcv.mark, unread(c));
}

/* Is the next byte the urgent one, which a plain read does not get? */
bool
tcp_urgent_hides(const struct tcp_conn *c)
{
    return !c->tune.oob_inline && tcp_at_mark(c);
}

/* A read of len bytes ends before the mark (MUST-32, MUST-33). */
size_t
tcp_urgent_stop(const struct tcp_conn *c, size_t len)
{
    int32_t before = seq_diff(c->rcv.mark, unread(c));

    if (c->rcv.urgent != URGENT_NONE && before > 0 && (size_t)before < len)
        return (size_t)before;
    return len;
}

/* The program has read: is the mark behind it? */
void
tcp_urgent_passed(struct tcp_conn *c)
{
    if (c->rcv.urgent != URGENT_NONE && seq_lt(c->rcv.mark, unread(c)))
        c->rcv.urgent = URGENT_NONE;
}

/* How many bytes a read would get: up to the mark (FIONREAD). */
uint32_t
tcp_readable(const struct tcp_conn *c)
{
    return c->tune.oob_inline ? c->rcv.queued
                              : (uint32_t)tcp_urgent_stop(
                                    c, tcp_urgent_hides(c) ? 0 : c->rcv.queued);
}

int
tcp_recv_urgent(struct tcp_conn *c, void *buf, size_t len, bool peek)
{
    if (c->tune.oob_inline || c->rcv.urgent == URGENT_NONE ||
        c->rcv.urgent == URGENT_TAKEN)
        return -EINVAL;
    if (c->state == TCP_CLOSED && !c->connected)
        return -ENOTCONN;
    if (c->rcv.urgent == URGENT_AWAITED)
        return c->state == TCP_CLOSED || c->rcv.fin_done || c->read_shut
                   ? 0
                   : -EAGAIN;
    if (!peek)
        c->rcv.urgent = URGENT_TAKEN;
    if (len == 0)
        return 0;
    if (buf)
        *(uint8_t *)buf = c->rcv.urgent_byte;
    return 1;
}
