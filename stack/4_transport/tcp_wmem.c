/*
 * tcp_wmem.c: how much may wait to go? SO_SNDBUF is not a number of bytes of
 * text but of memory, and Linux keeps text in buffers (skb) that have a price
 * of their own: a program that hands over single bytes fills its share long
 * before one that hands over files. Programs see it in short writes, in when
 * EPOLLOUT comes, and in SO_MEMINFO, so it is counted here as Linux does,
 * though our text lies in one ring (tcp_ring.c):
 *
 *     one buffer    takes up to 64 KiB, at most half of the peer's window
 *                   (tcp_xmit_size_goal), while none of it has been sent
 *     sending       cuts it: each burst (tcp_output.c) is a buffer by itself
 *     full          when the buffers together reach SO_SNDBUF; but that is
 *                   asked before one is begun, so the last one may overshoot
 *     room again    when what is free is half of what is in use, a third of
 *                   all: a writer is not woken for every ACK
 *
 *     |--- sent: a buffer for each burst ---|-- goal --|-- goal --|-- tail
 *     SND.UNA                            SND.NXT            ring.piece
 *
 * The size tunes itself (tcp(7), tcp_wmem) until the program sets it: twice
 * the congestion window, so that a loss does not leave the sender with
 * nothing to go on with (RFC 5681 3.2). Only then does the ring grow, and
 * only by what is really written.
 *
 * What differs from one Linux to the next, the price of an empty buffer, is
 * here that of versions 4.20 to 6.1 on 64 bits, 1280 bytes; later ones waste
 * less (832 to 960). Left out: pieces that a retransmission cuts cost nothing
 * more here.
 */
#include "tcp_conn.h"

enum {
    SK_BUFF = 256,      /* an skb, on 64 bits; to it belong ... */
    SHARED_INFO = 320,  /* ... the list of its pages, ... */
    HEADERS_MOST = 320, /* ... and room for headers (MAX_TCP_HEADER), ... */
    KMALLOC = 1024,     /* ... which lie in one piece of such memory */
    CARD_MOST = 65536 - (HEADERS_MOST + 1), /* sk_gso_max_size */
    INITIAL_SEGMENTS = 10
};

#define SKB_PRICE (SK_BUFF + KMALLOC)

/* How much text goes into one buffer: whole segments, half of the window. */
static uint32_t
size_goal(const struct tcp_conn *c)
{
    uint32_t mss = c->snd.mss, most = c->snd.max_wnd;

    if (most > TCP_MSS_DEFAULT)
        most /= 2;
    if (most > CARD_MOST)
        most = CARD_MOST;
    return most > mss ? most - most % mss : mss;
}

/* Where the buffer that is being filled begins: not with what is sent. */
static struct seq
tail(const struct tcp_conn *c)
{
    return seq_lt(c->ring.piece, c->snd.nxt) ? c->snd.nxt : c->ring.piece;
}

uint32_t
tcp_wmem_left(const struct tcp_conn *c, struct seq seq)
{
    uint32_t goal = size_goal(c), before = tail(c).v - seq.v;

    if ((int32_t)before <= 0)
        return UINT32_MAX;
    return before % goal ? before % goal : goal;
}

uint32_t
tcp_wmem_queued(const struct tcp_conn *c)
{
    uint32_t skbs = c->sent->bursts;

    if (tcp_waiting(c) > 0) {
        uint32_t full = tail(c).v - c->snd.nxt.v;

        skbs += 1;
        if (full > 0)
            skbs += (full - 1) / size_goal(c) + 1;
    }
    return c->ring.used + skbs * SKB_PRICE;
}

/* sk_stream_memory_free: may a buffer be begun? tcp(7), TCP_NOTSENT_LOWAT:
 * not while so much waits that was never sent. */
static bool
is_free(const struct tcp_conn *c)
{
    uint32_t most = tcp_unsent_most(c);

    return tcp_wmem_queued(c) < c->tune.sndbuf &&
           (!most || tcp_waiting(c) < most);
}

uint32_t
tcp_wmem_room(const struct tcp_conn *c)
{
    uint32_t goal = size_goal(c), in_tail = tcp_ring_end(c).v - tail(c).v;

    if (tcp_waiting(c) > 0 && in_tail < goal)
        return goal - in_tail;
    return is_free(c) ? goal : 0;
}

void
tcp_wmem_put(struct tcp_conn *c, struct seq from)
{
    uint32_t in_tail = from.v - tail(c).v;

    if (seq_leq(from, c->snd.nxt) || in_tail >= size_goal(c))
        c->ring.piece = from;
}

/* sk_stream_is_writeable. TCP_NOTSENT_LOWAT: nor is a writer wanted before
 * less than half of what may wait unsent does. */
bool
tcp_writable(const struct tcp_conn *c)
{
    uint32_t most, queued;

    if (c->state != TCP_ESTABLISHED && c->state != TCP_CLOSE_WAIT)
        return false;
    if (c->ring.used == 0 && c->sent->count == 0) /* most often when asked */
        return c->tune.sndbuf > 0;
    most = tcp_unsent_most(c);
    queued = tcp_wmem_queued(c);
    return queued < c->tune.sndbuf && c->tune.sndbuf - queued >= queued / 2 &&
           (!most || tcp_waiting(c) < most - most / 2);
}

/* What Linux (tcp_sndbuf_expand) thinks that so many segments take at the
 * worst: each by itself, in memory that comes in powers of two. */
void
tcp_wmem_expand(struct tcp_conn *c)
{
    uint32_t mss = c->snd.mss, each = 1, n = c->cc.cwnd / mss;
    uint64_t wanted;

    if (c->tune.sndbuf_fixed)
        return;
    if (mss < c->snd.peer_mss)
        mss = c->snd.peer_mss;
    while (each < mss + HEADERS_MOST + SHARED_INFO)
        each *= 2;
    if (n < INITIAL_SEGMENTS)
        n = INITIAL_SEGMENTS;
    if (n < c->rack.reordering + 1u)
        n = c->rack.reordering + 1u;
    wanted = 2ull * n * (each + SK_BUFF);
    if (wanted > c->tcp->config.sndbuf_most)
        wanted = c->tcp->config.sndbuf_most;
    if (wanted <= c->tune.sndbuf)
        return;
    c->tune.sndbuf = (uint32_t)wanted;
    NOTE(c->tcp->env, EV_TCP_SNDBUF, RULE_TCP_SNDBUF, f_u64("conn", c->id),
        f_u64("sndbuf", c->tune.sndbuf), f_u64("cwnd", c->cc.cwnd));
}

/*
 * After all work on c: whoever found no room is told when there is some
 * again, the window's doing as well as the peer's, since what is sent waits
 * no more. An ACK that leaves room in the congestion window shows that the
 * buffer is what holds the sender back: it grows (tcp_should_expand_sndbuf).
 */
void
tcp_wmem_look(struct tcp_conn *c)
{
    bool full;

    if (c->heard && (c->full || c->starved) && tcp_pipe(c) < c->cc.cwnd)
        tcp_wmem_expand(c);
    c->heard = false;
    full = !tcp_writable(c);
    if (c->full && !full)
        c->wake = true;
    c->full = full;
    if (!full)
        c->starved = false;
}
