/*
 * tcp_cubic.c: how much can the way take, if it is long and wide? CUBIC,
 * RFC 9438: congestion avoidance in which the window follows a cubic curve
 * of the time since the last loss, not of the number of round trips:
 *
 *     W(t) = C (t - K)^3 + W_max        K: when the curve is back at W_max
 *
 *     bytes |                      .
 *     W_max |- - - -. . - . - - - .     fast towards the old maximum, slow
 *           |    .                      around it, then searching for more
 *           |  .
 *           +-------------K-----------> t
 *
 * Where NewReno would be faster (short ways), its estimate is followed
 * instead (4.3). After a loss seven tenths of the window are kept (4.6).
 *
 * The arithmetic is Linux's (net/ipv4/tcp_cubic.c), so that both do the same
 * with the same ACKs: the window counts whole segments, a second has 1024
 * units, C is 410/1024, and the curve becomes a number of ACKed segments for
 * which the window grows by one (`every`), looked up at most once each
 * millisecond. When slow start ends: tcp_hystart.c.
 */
#include "tcp_conn.h"

#define UNITS       1024          /* in a second */
#define C_SCALED    410           /* times 1024 */
#define KEPT_1024   717           /* seven tenths */
#define FAR         (100 * UNITS) /* keeps the cube within 64 bits */
#define LOOK_MS     31            /* while the window stands still */
#define EVERY_FIRST 20            /* no loss yet: 5 % a round trip at least */

/* The largest r with r^3 <= n. */
static uint32_t
cube_root(uint64_t n)
{
    uint64_t r = 0;

    for (int bit = 20; bit >= 0; bit--) {
        uint64_t try = r | 1ull << bit;

        if (try * try * try <= n)
            r = try;
    }
    return (uint32_t)r;
}

static uint32_t
segments(const struct tcp_conn *c, uint32_t bytes)
{
    return bytes / c->snd.mss;
}

static uint32_t
now_ms(const struct tcp_conn *c)
{
    return (uint32_t)(c->tcp->env->timers->now.ns / LW_MS);
}

/* A stage of avoidance begins: where on the curve? (4.2) */
static void
begin(struct tcp_conn *c, uint32_t cwnd, uint32_t acked)
{
    uint32_t most = segments(c, c->path->cubic.max);

    c->path->cubic.running = true;
    c->path->cubic.began_ms = now_ms(c);
    c->path->cubic.acked = acked;
    c->path->cubic.reno = cwnd;
    c->path->cubic.k = 0;
    c->path->cubic.origin = cwnd;
    if (most <= cwnd)
        return;
    c->path->cubic.k = cube_root((1ull << 40) / C_SCALED * (most - cwnd));
    c->path->cubic.origin = most;
}

/* Where the curve is one round trip from now, in segments. */
static uint32_t
target(const struct tcp_conn *c)
{
    int64_t ms =
        now_ms(c) - c->path->cubic.began_ms + (c->cc.delay_min_us + 999) / 1000;
    int64_t x = ms * UNITS / 1000 - c->path->cubic.k;
    uint64_t cube = (uint64_t)(x < 0 ? -x : x);
    uint32_t away;

    if (cube > FAR)
        cube = FAR;
    away = (uint32_t)((C_SCALED * cube * cube * cube) >> 40);
    if (x >= 0)
        return c->path->cubic.origin + away;
    return c->path->cubic.origin > away ? c->path->cubic.origin - away : 0;
}

/* How many segments must arrive for the window to grow by one? */
static void
look_up(struct tcp_conn *c, uint32_t cwnd)
{
    uint32_t wanted = target(c);

    c->path->cubic.every = wanted > cwnd ? cwnd / (wanted - cwnd) : 100 * cwnd;
    if (c->path->cubic.max == 0 && c->path->cubic.every > EVERY_FIRST)
        c->path->cubic.every = EVERY_FIRST;
}

/* 4.3: NewReno with the same decrease gains 8/15 of a segment in a round
 * trip, and one as soon as it is back where the loss was. */
static void
follow_reno(struct tcp_conn *c, uint32_t cwnd)
{
    bool back = c->path->cubic.before &&
                c->path->cubic.reno >= segments(c, c->path->cubic.before);
    uint32_t step = back ? cwnd : cwnd * 15 >> 3;

    while (c->path->cubic.acked > step) {
        c->path->cubic.acked -= step;
        c->path->cubic.reno++;
    }
    if (c->path->cubic.reno > cwnd) {
        uint32_t most = cwnd / (c->path->cubic.reno - cwnd);

        if (c->path->cubic.every > most)
            c->path->cubic.every = most;
    }
}

static void
update(struct tcp_conn *c, uint32_t cwnd, uint32_t acked)
{
    uint32_t now = now_ms(c), ms = now - c->path->cubic.looked_ms;

    c->path->cubic.acked += acked;
    if (c->path->cubic.seen == cwnd && ms <= LOOK_MS)
        return;
    if (!c->path->cubic.running || ms > 0) {
        c->path->cubic.seen = cwnd;
        c->path->cubic.looked_ms = now;
        if (!c->path->cubic.running)
            begin(c, cwnd, acked);
        look_up(c, cwnd);
    }
    follow_reno(c, cwnd);
    if (c->path->cubic.every < 2) /* 4.2: at most half more a round trip */
        c->path->cubic.every = 2;
}

/* `acked` bytes have arrived in congestion avoidance. */
void
tcp_cubic_acked(struct tcp_conn *c, uint32_t acked)
{
    uint32_t mss = c->snd.mss;
    uint64_t every;

    update(c, segments(c, c->cc.cwnd), (c->path->cubic.rest + acked) / mss);
    c->path->cubic.rest = (uint16_t)((c->path->cubic.rest + acked) % mss);
    every = (uint64_t)c->path->cubic.every * mss;
    if (c->cc.acked >= every) { /* gathered at a slower pace: one is enough */
        c->cc.acked = 0;
        c->cc.cwnd += mss;
    }
    c->cc.acked += acked;
    c->cc.cwnd += (uint32_t)(c->cc.acked / every) * mss;
    c->cc.acked = (uint32_t)(c->cc.acked % every);
}

/* A loss was found: what to keep of the window. 4.6 would have it of what is
 * out, and allows this where, as here (tcp_cong_used), a window that is not
 * used does not grow. */
uint32_t
tcp_cubic_loss(struct tcp_conn *c)
{
    uint32_t cwnd = segments(c, c->cc.cwnd), mss = c->snd.mss;

    c->path->cubic.running = false;
    c->path->cubic.before = c->cc.cwnd;
    /* 4.7, fast convergence: below the last maximum, leave room to others. */
    c->path->cubic.max = c->cc.cwnd < c->path->cubic.max
                             ? cwnd * (1024 + KEPT_1024) / 2048 * mss
                             : c->cc.cwnd;
    return cwnd * KEPT_1024 / 1024 * mss;
}

/* A timeout: nothing that was known of the way holds any more (Linux's
 * bictcp_reset; 4.8). */
void
tcp_cubic_timeout(struct tcp_conn *c)
{
    c->cc.delay_min_us = 0;
    if (!tcp_path_owned(c))
        return;
    c->path->cubic.max = 0;
    tcp_hystart_restart(c);
}

/* Nothing was out for a while: the time does not count (5.8). */
void
tcp_cubic_idle(struct tcp_conn *c)
{
    uint32_t now = now_ms(c);
    int64_t idle = instant_diff(c->tcp->env->timers->now, c->cc.sent_at);

    if (!c->path->cubic.running || idle <= 0)
        return;
    c->path->cubic.began_ms += (uint32_t)(idle / LW_MS);
    if ((int32_t)(now - c->path->cubic.began_ms) < 0)
        c->path->cubic.began_ms = now;
}

bool
tcp_cubic_young(const struct tcp_conn *c)
{
    return c->path->cubic.running && now_ms(c) - c->path->cubic.began_ms < 1000;
}
