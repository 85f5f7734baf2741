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
 * C is 0.4 segments per second cubed. Here windows are bytes, times are
 * milliseconds, and all is integer.
 */
#include "tcp_conn.h"

#define FAR_MS 100000 /* keeps the cube within 64 bits */

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

/* A stage of avoidance begins: where on the curve? (4.2) */
static void
begin(struct tcp_conn *c)
{
    uint32_t mss = c->snd.mss, below;

    c->cubic.running = true;
    c->cubic.began = c->tcp->env->timers->now;
    c->cubic.reno = c->cc.cwnd;
    if (c->cubic.max < c->cc.cwnd)
        c->cubic.max = c->cc.cwnd;
    below = c->cubic.max - c->cc.cwnd;
    /* K^3 = below / C; 1 / 0.4 is 5/2, and a second has 1000 ms. */
    c->cubic.k_ms = cube_root((uint64_t)below * 2500000000ull / mss);
}

static uint32_t
curve(const struct tcp_conn *c)
{
    struct instant now = c->tcp->env->timers->now;
    int64_t t = (instant_diff(now, c->cubic.began) + c->rtt.srtt_ns) / LW_MS;
    int64_t x = t - c->cubic.k_ms, w;
    uint32_t cwnd = c->cc.cwnd;

    if (x > FAR_MS)
        x = FAR_MS;
    if (x < -FAR_MS)
        x = -FAR_MS;
    w = c->cubic.max + x * x * x / 1000000 * 2 * c->snd.mss / 5 / 1000;
    if (w < cwnd)
        return cwnd;
    if (w > cwnd + cwnd / 2)
        return cwnd + cwnd / 2; /* 4.2: at most half more */
    return (uint32_t)w;
}

/* `acked` bytes have arrived in congestion avoidance. */
void
tcp_cubic_acked(struct tcp_conn *c, uint32_t acked)
{
    uint32_t cwnd = c->cc.cwnd;
    uint64_t step = (uint64_t)c->snd.mss * acked;

    if (!c->cubic.running)
        begin(c);
    /* 4.3: NewReno with the same decrease gains 9/17 segments in a round
     * trip, and one as soon as it is back where the loss was. */
    if (c->cubic.reno < c->cubic.before)
        step = step * 9 / 17;
    c->cubic.reno += (uint32_t)(step / cwnd);
    c->cc.cwnd += (uint32_t)((uint64_t)(curve(c) - cwnd) * acked / cwnd);
    if (c->cc.cwnd < c->cubic.reno)
        c->cc.cwnd = c->cubic.reno;
}

/* A loss was found: what to keep of what is out (4.6). */
uint32_t
tcp_cubic_loss(struct tcp_conn *c, uint32_t out)
{
    uint32_t cwnd = c->cc.cwnd;

    c->cubic.running = false;
    c->cubic.before = cwnd;
    /* 4.7, fast convergence: below the last maximum, leave room to others. */
    c->cubic.max =
        cwnd < c->cubic.max ? (uint32_t)((uint64_t)cwnd * 17 / 20) : cwnd;
    return (uint32_t)((uint64_t)out * 7 / 10);
}
