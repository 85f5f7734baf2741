/*
 * tcp_ack.c: when do I answer, and how much may still come? The receiver's
 * policy of acknowledgments and windows, and why each one was sent.
 *
 * An ACK goes at once when the sender waits for news: a hole opened or
 * closed, every second full segment (SHLD-19), a window that opens. Else it
 * waits 40 ms (MUST-40: less than 500) for data of ours to ride on. A new
 * connection answers its first segments at once, as Linux does, because the
 * sender's window grows with every ACK.
 *
 * ACKs are only marked here and sent by tcp_ack_flush at the end of the
 * work, so that a driver that hands over a batch of segments could have them
 * acknowledged together.
 */
#include "tcp_conn.h"

static uint32_t
smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t
offered(const struct tcp_conn *c)
{
    int32_t left = seq_diff(c->rcv.adv, c->rcv.nxt);

    return left > 0 ? (uint32_t)left : 0;
}

/* The largest window that is ever offered: the buffer, or what the program
 * has set (TCP_WINDOW_CLAMP), in whole units of the window's scale; and what
 * the field can say (RFC 7323 2.3), however much more the buffer holds. */
static uint32_t
most(const struct tcp_conn *c)
{
    uint32_t unit = c->connected ? 1u << c->rcv.wscale : 1;
    uint32_t clamp = c->tune.window_clamp, segment = c->snd.path_mtu - 40u;
    uint32_t window = smaller(c->rcv.window_max, 65535u << c->rcv.wscale);

    if (clamp == 0 || clamp >= window)
        return window;
    if (!c->connected && clamp > segment) /* in a SYN, whole segments */
        clamp -= clamp % segment;
    return smaller(window, (clamp + unit - 1) & ~(unit - 1));
}

static uint32_t
free_space(const struct tcp_conn *c)
{
    uint32_t left = c->rcv.window_max > c->rcv.queued
                        ? c->rcv.window_max - c->rcv.queued
                        : 0;

    return smaller(left, most(c));
}

/*
 * The right edge never moves left (SHLD-14), and moves right only by a step
 * worth having: a segment or half the buffer (RFC 9293 3.8.6.2.2, MUST-39).
 */
uint32_t
tcp_window(struct tcp_conn *c)
{
    /* a SYN's window is not scaled */
    uint32_t unit = c->connected ? 1u << c->rcv.wscale : 1;
    uint32_t now = offered(c);
    uint32_t can = free_space(c) & ~(unit - 1);
    uint32_t step = smaller(most(c) / 2, c->snd.mss);
    uint32_t wnd = can >= now + step ? can : now;

    wnd = (wnd + unit - 1) & ~(unit - 1);
    if (wnd > 65535u << c->rcv.wscale)
        wnd = 65535u << c->rcv.wscale;
    if (!c->connected && wnd > 65535)
        wnd = 65535;
    if (wnd > now)
        c->rcv.adv = seq_add(c->rcv.nxt, wnd);
    return wnd;
}

void
tcp_ack_at_once(struct tcp_conn *c, enum rule why)
{
    if (!c->ack.now)
        c->ack.why = (uint16_t)why;
    c->ack.now = true;
    c->ack.pending = true;
}

static void
ack_later(struct tcp_conn *c)
{
    struct timers *ts = c->tcp->env->timers;

    c->ack.pending = true;
    if (timer_armed(&c->delack))
        return;
    timer_arm_in(ts, &c->delack, c->tcp->config.delayed_ack_ns);
    NOTE(c->tcp->env, EV_TCP_TIMER, RULE_TCP_ACK_DELAY, f_u64("conn", c->id),
        f_text("timer", "delayed ACK"),
        f_ns("in", c->tcp->config.delayed_ack_ns));
}

/* The first text on this connection: how many to answer at once. */
static void
first_text(struct tcp_conn *c)
{
    uint32_t most = c->tcp->config.quick_acks;
    uint32_t quick = offered(c) / (2u * c->rcv.mss);

    if (quick < 2)
        quick = 2;
    c->ack.quick = (uint8_t)smaller(quick, most);
    c->ack.began = true;
}

/* `data` bytes came in order; filled: they closed (part of) a hole. */
void
tcp_ack_data(struct tcp_conn *c, uint32_t data, bool filled)
{
    if (!c->ack.began)
        first_text(c);
    c->ack.data_at = c->tcp->env->timers->now;
    c->ack.unacked += data;
    if (data > c->rcv.mss) /* several segments in one are not one */
        c->rcv.mss = (uint16_t)smaller(data, c->snd.path_mtu - 40u);
    if (filled)
        tcp_ack_at_once(c, RULE_TCP_ACK_FILLED);
    else if (c->ack.unacked > c->rcv.mss)
        tcp_ack_at_once(c, RULE_TCP_ACK_SECOND);
    else if (c->tune.quickack || (c->ack.quick > 0 && !c->ack.pingpong))
        tcp_ack_at_once(c, RULE_TCP_ACK_QUICK);
    else
        ack_later(c);
}

/* --- batches ---------------------------------------------------------- */

/* It owes nothing any more. */
void
tcp_ack_unowe(struct tcp_conn *c)
{
    if (c->owes)
        c->tcp->owing.at[c->owes - 1].c = NULL;
    c->owes = 0;
}

/* False: no memory to note it. */
static bool
owe(struct tcp_conn *c)
{
    struct tcp *tcp = c->tcp;

    if (!tcp_later_put(&tcp->owing, &c->owes, c))
        return false;
    if (!timer_armed(&tcp->batch_end))
        timer_arm(tcp->env->timers, &tcp->batch_end, tcp->env->timers->now);
    return true;
}

void
tcp_ack_batch_end(void *owner)
{
    struct tcp *tcp = owner;
    struct journal *j = tcp->env->journal;

    for (uint32_t i = 0; i < tcp->owing.count; i++) {
        struct tcp_conn *c = tcp->owing.at[i].c;
        uint64_t before;

        if (!c)
            continue;
        before = journal_enter(j, tcp->owing.at[i].cause);
        tcp_ack_unowe(c);
        tcp_enter(c);
        tcp_leave(c);
        journal_leave(j, before);
    }
    tcp->owing.count = 0;
}

/*
 * While a batch of frames is being taken in, an ACK for text in order waits
 * for the end of the batch and covers all of it, as behind a card that joins
 * segments (RFC 9293 3.8.6.3, on fewer ACKs): the rest of the batch came at
 * the same instant. One timer, due now, is the end for all connections.
 */
static bool
waits_for_batch(struct tcp_conn *c)
{
    if (!c->tcp->env->batch ||
        (c->ack.why != RULE_TCP_ACK_SECOND && c->ack.why != RULE_TCP_ACK_QUICK))
        return false;
    return owe(c);
}

void
tcp_ack_due(struct tcp_conn *c)
{
    if (c->ack.now)
        tcp_transmit(c, c->snd.nxt, 0, SEG_ACK, (enum rule)c->ack.why);
}

void
tcp_ack_flush(struct tcp_conn *c)
{
    if (c->ack.now && !waits_for_batch(c))
        tcp_transmit(c, c->snd.nxt, 0, SEG_ACK, (enum rule)c->ack.why);
}

/* An ACK has left, alone or with data. */
void
tcp_ack_sent(struct tcp_conn *c, bool with_data)
{
    struct timers *ts = c->tcp->env->timers;

    if (with_data && c->ack.began &&
        instant_diff(ts->now, c->ack.data_at) < c->tcp->config.delayed_ack_ns)
        c->ack.pingpong = true;
    if (c->ack.pending && c->ack.quick > 0)
        c->ack.quick--;
    c->ack.now = c->ack.pending = false;
    c->ack.unacked = 0;
    c->dsack.to = c->dsack.from; /* told */
    timer_rest(&c->delack);
    tcp_ack_unowe(c);
}

void
tcp_delack_fire(void *conn)
{
    struct tcp_conn *c = conn;
    struct journal *j = c->tcp->env->journal;
    uint64_t no, before;

    no = NOTE(c->tcp->env, EV_TCP_EXPIRED, RULE_TCP_ACK_TIMER,
        f_u64("conn", c->id), f_text("timer", "delayed ACK"));
    before = journal_enter(j, no);
    tcp_enter(c);
    c->ack.pingpong = false; /* the program did not answer after all */
    if (c->ack.pending)
        tcp_ack_at_once(c, RULE_TCP_ACK_TIMER);
    tcp_leave(c);
    journal_leave(j, before);
}

/* The program has read: tell the peer when the window has opened well. */
void
tcp_ack_window(struct tcp_conn *c)
{
    uint32_t now = offered(c), can = free_space(c);
    uint32_t step = smaller(most(c) / 2, c->snd.mss);

    if (!tcp_synchronized(c) || c->rcv.fin_done || c->state == TCP_TIME_WAIT)
        return;
    if (can >= 2 * now && can >= now + step)
        tcp_ack_at_once(c, RULE_TCP_ACK_WINDOW);
}

/*
 * The buffer follows the traffic: when the program takes more in one round
 * trip than half of what we offer, the window is what holds the sender back,
 * and it grows, up to SO_RCVBUF's limit.
 */
void
tcp_ack_tune(struct tcp_conn *c, uint32_t copied)
{
    struct instant now = c->tcp->env->timers->now;
    uint64_t wanted;

    c->rcv.copied += copied;
    if (c->tune.rcvbuf_fixed || c->rcv.window_max >= c->tune.rcvbuf ||
        instant_diff(now, c->rcv.tuned_at) < c->rtt.srtt_ns)
        return;
    wanted = 2ull * c->rcv.copied + 16ull * c->rcv.mss;
    if (wanted > c->tune.rcvbuf)
        wanted = c->tune.rcvbuf;
    if (wanted > c->rcv.window_max)
        c->rcv.window_max = (uint32_t)wanted;
    c->rcv.copied = 0;
    c->rcv.tuned_at = now;
}

/*
 * RFC 5961 10: an answer to a segment that may be forged, limited for each
 * connection so that a flood of them costs little, and by an unpredictable
 * amount so that the limit itself tells nothing about the connection.
 */
void
tcp_challenge(struct tcp_conn *c, enum rule why)
{
    struct instant now = c->tcp->env->timers->now;

    if (!instant_lt(now, c->ack.challenge_until)) {
        c->ack.challenge_until = instant_add(now, LW_S);
        c->ack.challenge_left = (8 + rng_below(&c->tcp->env->rng, 8)) & 15;
    }
    if (c->ack.challenge_left == 0)
        return;
    c->ack.challenge_left--;
    tcp_ack_at_once(c, why);
}
