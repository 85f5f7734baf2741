/*
 * tcp_timer.c: what if nobody answers? Three timers a connection:
 *
 *     retx     retransmission (RFC 6298) while anything is out, or, when
 *              nothing is and the window is shut, persist (RFC 9293 3.8.6.1)
 *     keep     keep-alive while the connection lives, then FIN-WAIT-2's and
 *              TIME-WAIT's patience (they exclude one another)
 *     delack   the delayed ACK (tcp_ack.c)
 *
 * A probe of the window or of an idle peer is an empty segment one number
 * before SND.NXT, as Linux sends it: the peer finds it unacceptable and must
 * answer with an ACK, and no byte is pushed into a full buffer.
 */
#include "tcp_conn.h"

#include <errno.h>

#define ORPHAN_RETRIES 8    /* nobody waits for it any more */
#define OVERRIDE_MOST  LW_S /* RFC 9293 3.8.6.2.1 */

static const char *const retx_text[] = {
    "retransmission", "persist", "tail loss probe", "reordering"};
static const enum rule retx_rule[] = {
    RULE_TCP_RTO, RULE_TCP_PERSIST, RULE_TCP_TAIL_PROBE, RULE_TCP_REO_TIMER};
static const char *const keep_text[] = {
    "keep-alive", "FIN-WAIT-2", "TIME-WAIT"};
static const enum rule keep_rule[] = {
    RULE_TCP_KEEPALIVE, RULE_TCP_FIN_WAIT_2, RULE_TCP_TIME_WAIT};

static void
note_set(const struct tcp_conn *c, const char *timer, int64_t ns, enum rule why)
{
    NOTE(c->tcp->env, EV_TCP_TIMER, why, f_u64("conn", c->id),
        f_text("timer", timer), f_ns("in", ns));
}

/* How long nobody has answered, counted as in Linux from the first time that
 * something went again, or that a shut window was probed. */
static int64_t
waited(const struct tcp_conn *c)
{
    return instant_diff(c->tcp->env->timers->now, c->waiting_since);
}

/* RFC 9293 3.8.3, MUST-21: has the program's patience run out? */
static bool
user_timeout(const struct tcp_conn *c)
{
    return c->tune.user_timeout_ms && tcp_synchronized(c) && c->backoff > 0 &&
           waited(c) >= c->tune.user_timeout_ms * LW_MS;
}

/* ... and when it does, the timer fires then and not later. */
static void
clamp_to_user_timeout(const struct tcp_conn *c, int64_t *ns)
{
    int64_t left = c->tune.user_timeout_ms * LW_MS - waited(c);

    if (c->tune.user_timeout_ms && (tcp_synchronized(c) || !c->passive) &&
        c->backoff > 0 && *ns > left)
        *ns = left > LW_MS ? left : LW_MS;
}

/* The peer has room, and what waits is small: it goes when the timer fires,
 * and is not to wait longer than a second, however long the way is. */
static bool
overrides(const struct tcp_conn *c)
{
    return c->snd.wnd > 0 && tcp_waiting(c) > 0;
}

static void
arm(struct tcp_conn *c, enum retx_timer kind, int64_t ns, enum rule why)
{
    c->retx_kind = kind;
    timer_arm_in(c->tcp->env->timers, &c->retx, ns);
    note_set(c, retx_text[kind], ns, why);
}

void
tcp_arm_retx(struct tcp_conn *c, enum retx_timer kind)
{
    int64_t ns = kind == RETX_RTO ? tcp_probe_in(c) : 0;

    if (ns > 0) {
        arm(c, RETX_TAIL, ns, RULE_TCP_TAIL_PROBE);
        return;
    }
    ns = tcp_rto(c);
    if (kind == RETX_PERSIST && overrides(c) && ns > OVERRIDE_MOST)
        ns = OVERRIDE_MOST;
    clamp_to_user_timeout(c, &ns);
    arm(c, kind, ns, kind == RETX_RTO ? RULE_TCP_RTO_SET : RULE_TCP_PERSIST);
}

/* Something new is out: the question is due that much later. */
void
tcp_arm_tail(struct tcp_conn *c)
{
    int64_t ns;

    if (c->retx_kind == RETX_PERSIST || c->retx_kind == RETX_REORDER)
        return;
    ns = tcp_probe_in(c);
    if (ns > 0)
        arm(c, RETX_TAIL, ns, RULE_TCP_TAIL_PROBE);
}

void
tcp_arm_reorder(struct tcp_conn *c, int64_t ns)
{
    int64_t tick = c->tcp->config.reorder_tick_ns;

    if (tick)
        ns = ((ns + tick - 1) / tick + 2) * tick;
    arm(c, RETX_REORDER, ns, RULE_TCP_REO_TIMER);
}

/* The RTO of the oldest segment had been put off for another timer. */
void
tcp_rearm_rto(struct tcp_conn *c)
{
    int64_t left;

    if (c->sent->count == 0)
        return;
    left = tcp_rto(c) -
           instant_diff(c->tcp->env->timers->now, tcp_sent_at(c, 0)->at);
    if (left < LW_MS)
        left = LW_MS;
    arm(c, RETX_RTO, left, RULE_TCP_RTO_SET);
}

void
tcp_stop_retx(struct tcp_conn *c)
{
    timer_rest(&c->retx);
}

void
tcp_arm_keep(struct tcp_conn *c, enum keep_timer kind, int64_t ns)
{
    c->keep_kind = kind;
    timer_arm_in(c->tcp->env->timers, &c->keep, ns);
    note_set(c, keep_text[kind], ns, keep_rule[kind]);
}

/* FIN-WAIT-2 with nobody left to tell: how long is the FIN waited for? */
void
tcp_await_fin(struct tcp_conn *c)
{
    int64_t ns = c->tune.linger2 ? c->tune.linger2 * LW_S : TCP_FIN_WAIT_2_NS;

    if (c->tune.linger2 >= 0) {
        tcp_arm_keep(c, KEEP_FIN_WAIT_2, ns);
        return;
    }
    c->tcp->mib[TCP_MIB_TCPAbortOnLinger]++;
    tcp_conn_abort(c, 0, RULE_TCP_FIN_WAIT_2);
}

void
tcp_restart_keepalive(struct tcp_conn *c)
{
    c->probes = 0;
    if (!c->tune.keepalive) {
        if (c->keep_kind == KEEP_ALIVE)
            timer_cancel(c->tcp->env->timers, &c->keep);
        return;
    }
    if (c->state == TCP_ESTABLISHED || c->state == TCP_CLOSE_WAIT)
        tcp_arm_keep(c, KEEP_ALIVE, c->tune.keepidle * LW_S);
}

/* An empty segment that the peer must answer. */
static void
probe(struct tcp_conn *c, enum rule why)
{
    tcp_transmit(c, seq_add(c->snd.una, UINT32_MAX), 0, SEG_ACK, why);
}

/* How often the oldest may be sent again: R2 of RFC 9293 3.8.3. */
static unsigned
most_retries(const struct tcp_conn *c)
{
    const struct tcp_config *config = &c->tcp->config;

    if (c->state == TCP_SYN_SENT)
        return c->tune.syn_retries ? c->tune.syn_retries : config->syn_retries;
    if (c->state == TCP_SYN_RECEIVED)
        return config->synack_retries;
    if (c->orphan && config->data_retries > ORPHAN_RETRIES)
        return ORPHAN_RETRIES;
    return config->data_retries;
}

static bool
gives_up(const struct tcp_conn *c)
{
    if (c->tune.user_timeout_ms && tcp_synchronized(c))
        return user_timeout(c);
    if (c->tune.user_timeout_ms && c->retries > 0 && !c->passive &&
        waited(c) >= c->tune.user_timeout_ms * LW_MS)
        return true;
    if (c->state == TCP_SYN_SENT && c->tune.syn_retries == 0 &&
        waited(c) < c->tcp->config.syn_r2_ns)
        return false; /* MUST-23 */
    return c->retries >= most_retries(c);
}

static void
give_up(struct tcp_conn *c)
{
    bool hurried = c->state == TCP_SYN_RECEIVED &&
                   c->retries < c->tcp->config.synack_retries;

    tcp_conn_end(c, c->soft_error ? c->soft_error : ETIMEDOUT,
        c->state == TCP_SYN_SENT ? RULE_TCP_R2_SYN
        : hurried                ? RULE_TCP_SYN_QUEUE_OLD
                                 : RULE_TCP_R2);
}

/* One more try without an answer. The first counts as the beginning of the
 * wait; at R1 IP learns that this way may be broken (MUST-20): it forgets
 * what it knows of the next hop, and asks again. */
static void
count_retry(struct tcp_conn *c)
{
    if (tcp_synchronized(c) && c->backoff == 0)
        c->waiting_since = c->tcp->env->timers->now;
    if (c->retries < UINT8_MAX)
        c->retries++;
    if (c->backoff < 20)
        c->backoff++;
    if (tcp_synchronized(c) && c->retries >= c->tcp->config.r1_retries)
        tcp_mtu_black_hole(c);
    if (c->retries != c->tcp->config.r1_retries)
        return;
    NOTE(c->tcp->env, EV_TCP_R1, RULE_TCP_R1, f_u64("conn", c->id),
        f_u64("retries", c->retries));
    ip_doubt(c->tcp->ip, c->remote.addr);
}

/* RFC 6298 5.4 to 5.6: the oldest goes again, the wait doubles. */
static void
retransmission(struct tcp_conn *c)
{
    bool called = c->state == TCP_SYN_RECEIVED && c->listener;

    if (called ? tcp_listen_expired(c) : gives_up(c)) {
        give_up(c);
        return;
    }
    if (!tcp_synchronized(c)) {
        bool silent = called && !tcp_listen_repeats(c);
        enum rule why = c->state == TCP_SYN_SENT ? RULE_TCP_RETRANSMIT_SYN
                                                 : RULE_TCP_RETRANSMIT_SYNACK;

        count_retry(c);
        if (!silent && c->sent->count == 0) /* no memory to note it then */
            tcp_send_syn(c, why);
        else if (!silent)
            tcp_retransmit(c, tcp_sent_at(c, 0), why);
        tcp_arm_retx(c, RETX_RTO);
        return;
    }
    tcp_recover_timeout(c);
    count_retry(c);
    tcp_output(c); /* slow start: one segment, the oldest */
}

/*
 * The window is shut, or too small to be worth a segment. It may stay so as
 * long as the peer answers (MUST-37), which sets `retries` back; a peer that
 * does not is given up like any other. The program's patience is its own
 * affair: its timeout counts even then (tcp(7)).
 */
static void
persist(struct tcp_conn *c)
{
    if (overrides(c)) {
        tcp_output_override(c);
        return;
    }
    if (c->retries >= most_retries(c) || user_timeout(c)) {
        tcp_conn_abort(c, ETIMEDOUT, RULE_TCP_R2);
        return;
    }
    count_retry(c);
    probe(c, RULE_TCP_PERSIST);
    tcp_arm_retx(c, RETX_PERSIST);
}

static void
retx_fire(void *conn)
{
    struct tcp_conn *c = conn;
    struct journal *j = c->tcp->env->journal;
    uint64_t no = NOTE(c->tcp->env, EV_TCP_EXPIRED, retx_rule[c->retx_kind],
        f_u64("conn", c->id), f_text("timer", retx_text[c->retx_kind]),
        f_u64("retries", c->retries));
    uint64_t before = journal_enter(j, no);

    tcp_enter(c);
    if (c->retx_kind == RETX_PERSIST)
        persist(c);
    else if (c->retx_kind == RETX_TAIL && c->sent->count > 0)
        tcp_probe_fire(c);
    else if (c->retx_kind == RETX_REORDER)
        tcp_rack_fire(c);
    else if (c->sent->count > 0 || !tcp_synchronized(c))
        retransmission(c);
    tcp_leave(c);
    journal_leave(j, before);
}

/* The user timeout, when there is one, stands above the count (tcp(7)). */
static bool
keepalive_dead(const struct tcp_conn *c, int64_t silent)
{
    if (c->tune.user_timeout_ms)
        return c->probes > 0 && silent >= c->tune.user_timeout_ms * LW_MS;
    return c->probes >= c->tune.keepcnt;
}

/* RFC 9293 3.8.4: only an idle connection is asked, never one that has
 * something out; that is watched by the other timer. */
static void
keepalive(struct tcp_conn *c)
{
    int64_t silent = instant_diff(c->tcp->env->timers->now, c->heard_at);
    int64_t idle = c->tune.keepidle * LW_S;

    if (silent < idle || tcp_flight(c) > 0) {
        c->probes = 0;
        tcp_arm_keep(c, KEEP_ALIVE, silent < idle ? idle - silent : idle);
        return;
    }
    if (keepalive_dead(c, silent)) {
        tcp_conn_abort(c, c->soft_error ? c->soft_error : ETIMEDOUT,
            RULE_TCP_KEEPALIVE_DEAD);
        return;
    }
    if (c->probes < UINT8_MAX)
        c->probes++;
    probe(c, RULE_TCP_KEEPALIVE);
    tcp_arm_keep(c, KEEP_ALIVE, c->tune.keepintvl * LW_S);
}

static void
keep_fire(void *conn)
{
    struct tcp_conn *c = conn;
    struct journal *j = c->tcp->env->journal;
    uint64_t no = NOTE(c->tcp->env, EV_TCP_EXPIRED, keep_rule[c->keep_kind],
        f_u64("conn", c->id), f_text("timer", keep_text[c->keep_kind]));
    uint64_t before = journal_enter(j, no);

    tcp_enter(c);
    if (c->keep_kind == KEEP_ALIVE)
        keepalive(c);
    else
        tcp_conn_end(c, 0, keep_rule[c->keep_kind]);
    tcp_leave(c);
    journal_leave(j, before);
}

void
tcp_timers_init(struct tcp_conn *c)
{
    c->retx = (struct timer){.fire = retx_fire, .owner = c};
    c->delack = (struct timer){.fire = tcp_delack_fire, .owner = c};
    c->keep = (struct timer){.fire = keep_fire, .owner = c};
}

void
tcp_timers_stop(struct tcp_conn *c)
{
    struct timers *ts = c->tcp->env->timers;

    timer_cancel(ts, &c->retx);
    timer_cancel(ts, &c->delack);
    timer_cancel(ts, &c->keep);
    tcp_pace_stop(c);
    tcp_ack_unowe(c);
}
