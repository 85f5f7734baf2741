/*
 * tcp_hystart.c: when has slow start gone far enough? Doubling the window
 * until something is lost loses up to half of it at once. Hybrid slow start
 * (Ha and Rhee, "Taming the elephants", 2011), which Linux runs with CUBIC,
 * leaves earlier, when it has seen one of two signs that the way is full:
 *
 *     train    ACKs that follow one another within 2 ms have lasted longer
 *              than half of the shortest round trip: so much is on the way
 *     delay    the least of nine round trips in one window of data is longer
 *              than the shortest ever, by an eighth (4 to 16 ms): a queue
 *
 * Then ssthresh becomes the window, and CUBIC goes on from there. Windows
 * below 16 segments are left alone. RFC 9406 (HyStart++) keeps the second
 * sign only and goes on half as fast for some round trips, in case it was
 * false; Linux does not, and here Linux is followed.
 */
#include "tcp_conn.h"

#define LOW_WINDOW 16 /* segments */
#define SAMPLES    8
#define TRAIN_GAP  2000 /* us */
#define LEAST      4000
#define MOST       16000

/* A clock that goes round in an hour is enough. */
static uint32_t
now_us(const struct tcp_conn *c)
{
    return (uint32_t)(c->tcp->env->timers->now.ns / LW_US);
}

static void
new_round(struct tcp_conn *c)
{
    c->path->hystart.began_us = c->path->hystart.last_us = now_us(c);
    c->path->hystart.end = c->snd.nxt;
    c->path->hystart.rtt_us = 0;
    c->path->hystart.samples = 0;
}

/* There was slow start until now, and nobody looked. */
void
tcp_hystart_begin(struct tcp_conn *c)
{
    new_round(c);
    c->path->hystart.end = seq_add(c->snd.iss, 1);
}

void
tcp_hystart_restart(struct tcp_conn *c)
{
    c->path->hystart.found = false;
    new_round(c);
}

static void
found(struct tcp_conn *c, enum rule why)
{
    c->path->hystart.found = true;
    c->cc.ssthresh = c->cc.cwnd;
    tcp_note_cwnd(c, why);
}

static void
look_at_train(struct tcp_conn *c)
{
    uint32_t now = now_us(c);

    if (now - c->path->hystart.last_us > TRAIN_GAP)
        return;
    c->path->hystart.last_us = now;
    if (now - c->path->hystart.began_us > c->cc.delay_min_us / 2)
        found(c, RULE_TCP_HYSTART_TRAIN);
}

static void
look_at_delay(struct tcp_conn *c, uint32_t rtt_us)
{
    uint32_t more = c->cc.delay_min_us / 8;

    if (c->path->hystart.rtt_us == 0 || rtt_us < c->path->hystart.rtt_us)
        c->path->hystart.rtt_us = rtt_us;
    if (c->path->hystart.samples < SAMPLES) {
        c->path->hystart.samples++;
        return;
    }
    if (more < LEAST)
        more = LEAST;
    if (more > MOST)
        more = MOST;
    if (c->path->hystart.rtt_us > c->cc.delay_min_us + more)
        found(c, RULE_TCP_HYSTART_DELAY);
}

/* An ACK has come: the latest sent of what it covers took rtt_ns. */
void
tcp_hystart_acked(struct tcp_conn *c, int64_t rtt_ns)
{
    uint32_t rtt_us = rtt_ns < LW_US         ? 1
                      : rtt_ns > 3600 * LW_S ? UINT32_MAX
                                             : (uint32_t)(rtt_ns / LW_US);

    /* Those of a recovery say nothing about the way at rest. */
    if (tcp_cubic_young(c))
        return;
    if (c->cc.delay_min_us == 0 || rtt_us < c->cc.delay_min_us)
        c->cc.delay_min_us = rtt_us;
    if (c->path->hystart.found || c->cc.cwnd >= c->cc.ssthresh ||
        c->cc.cwnd < LOW_WINDOW * (uint32_t)c->snd.mss ||
        !c->tcp->config.hystart || !tcp_path_own(c))
        return;
    if (seq_lt(c->path->hystart.end, c->snd.una))
        new_round(c);
    look_at_train(c);
    if (!c->path->hystart.found)
        look_at_delay(c, rtt_us);
}
