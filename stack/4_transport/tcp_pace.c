/*
 * tcp_pace.c: not all at once? What the windows allow may be spread over
 * time (RFC 9002 7.7): after a burst the next one waits for as long as this
 * one takes at the connection's rate, so that no queue on the way has to
 * hold a whole window. The rate is the least of
 *
 *     the program's   SO_MAX_PACING_RATE: bytes of text a second (tc-fq(8))
 *     the window's    as Linux has it: what is out or may be in a round
 *                     trip, times config.pacing_ss_ratio percent while slow
 *                     start has far to go, else pacing_ca_ratio; not for the
 *                     first ten segments, which are an initial window
 *
 * A connection is paced once its program has set a rate, or from the
 * beginning with config.pacing, which stands for the queue fq of Linux. It
 * has a struct and a timer of its own then; all others pay for a look at
 * c->paced. Called by tcp_output.c, and by tcp_segment.c for what has left.
 *
 * All text counts, sent again or not; what must not wait (a probe for the
 * tail or of a window; without SACK, the hole that an ACK shows) does not,
 * but those after it do. ACKs, a bare FIN and RSTs are not counted. Who was
 * silent for longer than he had to goes on sooner the next time, by half a
 * burst at most.
 */
#include "tcp_conn.h"

#include <errno.h>
#include <stdlib.h>

#define FREE_SEGMENTS 10

struct tcp_pace {
    uint64_t most;       /* the program's; UINT64_MAX or 0: none */
    uint64_t rate;       /* of the last burst, ... */
    uint64_t rest;       /* ... whose time was so many rate-ths ns longer */
    struct instant next; /* when the next burst may leave */
    struct timer timer;
    uint32_t burst; /* bytes that have left now and are not counted yet */
};

/* --- how fast? ----------------------------------------------------------- */

uint64_t
tcp_pace_window_rate(const struct tcp_conn *c)
{
    const struct tcp_config *config = &c->tcp->config;
    uint32_t out = tcp_flight(c);
    uint64_t bytes = c->cc.cwnd > out ? c->cc.cwnd : out;

    if (c->rtt.srtt_ns == 0)
        return UINT64_MAX;
    bytes *= c->cc.cwnd < c->cc.ssthresh / 2 ? config->pacing_ss_ratio
                                             : config->pacing_ca_ratio;
    return bytes * (LW_S / 100) / (uint64_t)c->rtt.srtt_ns;
}

uint64_t
tcp_pace_most(const struct tcp_conn *c)
{
    return c->paced ? c->path->pace->most : UINT64_MAX;
}

/* UINT64_MAX: no bound. */
static uint64_t
rate_of(const struct tcp_conn *c)
{
    uint64_t most = c->path->pace->most, window = tcp_pace_window_rate(c);

    if (most == 0)
        return UINT64_MAX; /* as in Linux */
    if (c->sum.data_out < FREE_SEGMENTS || window > most)
        return most;
    return window ? window : 1;
}

/* A program's own limit is kept by single segments where it is lower than
 * what the window would give. */
static uint32_t
paced_burst(const struct tcp_conn *c, uint32_t half)
{
    uint64_t most = c->path->pace->most, rate = tcp_pace_window_rate(c), fit;
    uint32_t least = c->tcp->config.burst_least;

    if (most > 0 && most < rate) {
        rate = most;
        least = 1;
    }
    fit = rate / 1000 / c->snd.mss;
    if (fit < least)
        fit = least;
    if (fit > half)
        fit = half;
    return fit ? (uint32_t)fit : 1;
}

/*
 * How many segments go out as one burst, like those that Linux hands to a
 * card as one (tcp_tso_autosize): what the way takes in a millisecond, at
 * least two, at most half of what may be out.
 */
uint32_t
tcp_pace_burst(const struct tcp_conn *c)
{
    uint32_t half = c->cc.cwnd / 2 / c->snd.mss;
    uint64_t fit = half;

    if (c->paced)
        return paced_burst(c, half);
    if (c->rtt.srtt_ns > 0)
        fit = 2ull * c->cc.cwnd / c->snd.mss * LW_MS / (uint64_t)c->rtt.srtt_ns;
    if (fit < c->tcp->config.burst_least)
        fit = c->tcp->config.burst_least;
    if (fit > half)
        fit = half;
    return fit ? (uint32_t)fit : 1;
}

/* --- whose turn is it? --------------------------------------------------- */

/* Part of a burst has left. */
void
tcp_pace_count(struct tcp_conn *c, uint32_t len)
{
    c->path->pace->burst += len;
}

/* All of it: how long does it take? */
void
tcp_pace_settle(struct tcp_conn *c)
{
    struct tcp_pace *p = c->path->pace;
    struct instant now = c->tcp->env->timers->now;
    uint64_t rate = p->burst ? rate_of(c) : UINT64_MAX, ns;
    int64_t late = instant_diff(now, p->next);

    if (rate != UINT64_MAX) {
        if (rate != p->rate || late > 0)
            p->rest = 0;
        p->rate = rate;
        ns = (uint64_t)p->burst * LW_S + p->rest;
        p->rest = ns % rate;
        ns /= rate;
        if (late > 0) {
            p->next = now;
            ns -= ns / 2 < (uint64_t)late ? ns / 2 : (uint64_t)late;
        }
        p->next = instant_add(p->next, (int64_t)ns);
    }
    p->burst = 0;
}

/* Is it before the next burst's time? */
bool
tcp_pace_early(struct tcp_conn *c)
{
    tcp_pace_settle(c);
    return instant_lt(c->tcp->env->timers->now, c->path->pace->next);
}

bool
tcp_pace_waits(const struct tcp_conn *c)
{
    return timer_armed(&c->path->pace->timer);
}

/* Is it time for the next burst? Else the timer will say so. */
bool
tcp_pace_ready(struct tcp_conn *c)
{
    struct tcp_pace *p = c->path->pace;
    struct timers *ts = c->tcp->env->timers;

    if (!tcp_pace_early(c))
        return true;
    if (timer_armed(&p->timer) && p->timer.due.ns == p->next.ns)
        return false;
    timer_arm(ts, &p->timer, p->next);
    NOTE(c->tcp->env, EV_TCP_TIMER, RULE_TCP_PACE, f_u64("conn", c->id),
        f_text("timer", "pacing"), f_ns("in", instant_diff(p->next, ts->now)));
    return false;
}

static void
fire(void *conn)
{
    struct tcp_conn *c = conn;
    struct journal *j = c->tcp->env->journal;
    uint64_t no = NOTE(c->tcp->env, EV_TCP_EXPIRED, RULE_TCP_PACE,
        f_u64("conn", c->id), f_text("timer", "pacing"));
    uint64_t before = journal_enter(j, no);

    tcp_enter(c); /* leaving sends */
    tcp_leave(c);
    journal_leave(j, before);
}

/* --- from when on? ------------------------------------------------------- */

bool
tcp_pace_own(struct tcp_conn *c)
{
    struct tcp_pace *p;

    if (c->paced)
        return true;
    p = tcp_path_own(c) ? calloc(1, sizeof *p) : NULL;
    if (!p)
        return false;
    p->most = UINT64_MAX;
    p->next = c->tcp->env->timers->now;
    p->timer = (struct timer){.fire = fire, .owner = c};
    c->path->pace = p;
    c->paced = true;
    return true;
}

void
tcp_pace_stop(struct tcp_conn *c)
{
    if (c->paced)
        timer_cancel(c->tcp->env->timers, &c->path->pace->timer);
}

void
tcp_pace_free(struct tcp_conn *c)
{
    tcp_pace_stop(c);
    free(c->path->pace);
    c->path->pace = NULL;
    c->paced = false;
}

/* Who waits at the old rate waits at the new one for what is left, if that
 * is sooner: 1 byte a second set by mistake must not last for minutes. */
static void
hurry(struct tcp_conn *c, uint64_t rate)
{
    struct tcp_pace *p = c->path->pace;
    struct instant now = c->tcp->env->timers->now;

    if (p->rate == 0 || rate <= p->rate || !tcp_pace_early(c))
        return;
    p->next = instant_add(
        now, (int64_t)((uint64_t)instant_diff(p->next, now) * p->rate / rate));
    p->rate = rate;
}

int
tcp_set_pacing_rate(struct tcp_conn *c, uint64_t bytes_a_second)
{
    if (c->state == TCP_CLOSED || c->state == TCP_TIME_WAIT)
        return 0; /* nothing will be sent */
    if (bytes_a_second == UINT64_MAX && !c->paced)
        return 0;
    if (!tcp_pace_own(c))
        return -ENOMEM;
    tcp_enter(c);
    tcp_pace_settle(c);
    c->path->pace->most = bytes_a_second;
    hurry(c, rate_of(c));
    tcp_leave(c);
    return 0;
}
