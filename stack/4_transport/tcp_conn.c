/*
 * tcp_conn.c: the life of a connection: making one, agreeing with the peer
 * on what both can do, and letting go of it.
 *
 * Whoever works on a connection does so between tcp_enter and tcp_leave. The
 * outermost leave sends what has become due, tells the owner, and frees a
 * connection that is closed and belongs to nobody: so no function has the
 * connection vanish under its feet, whatever the owner does when told.
 */
#include "tcp_conn.h"

#include <stdlib.h>

#define UNSCALED_MOST 65535u

void
tcp_tune_default(const struct tcp *tcp, struct tcp_tune *tune)
{
    *tune = (struct tcp_tune){
        .sndbuf = tcp->config.sndbuf,
        .rcvbuf = tcp->config.rcvbuf,
        .cubic = tcp->config.cubic,
        .keepidle = tcp->config.keepidle,
        .keepintvl = tcp->config.keepintvl,
        .keepcnt = tcp->config.keepcnt,
        .mtu_discover = 1,
    };
}

/* The smallest shift with which all of it can be offered (as in Linux,
 * tcp_select_initial_window). */
static uint8_t
window_shift(uint32_t most)
{
    uint8_t shift = 0;

    while (most > 65535 && shift < TCP_WSCALE_MAX) {
        most >>= 1;
        shift++;
    }
    return shift;
}

/* What is offered before any tuning: whole segments, and no more than a SYN
 * can say, as Linux (tcp_select_initial_window). */
static uint32_t
first_window(const struct tcp *tcp, const struct tcp_tune *tune, uint32_t mss)
{
    uint32_t window = tune->rcvbuf, first = tcp->config.rcvbuf_first;

    if (!tune->rcvbuf_fixed && window > first)
        window = first;
    if (window > mss)
        window -= window % mss;
    if (!tune->rcvbuf_fixed && window > UNSCALED_MOST)
        window = UNSCALED_MOST;
    return window;
}

void
tcp_set_iss(struct tcp_conn *c, struct seq iss)
{
    c->snd.iss = c->snd.una = c->snd.nxt = c->snd.small = c->snd.up = iss;
    c->ring.seq = c->ring.piece = c->ring.pushed = seq_add(iss, 1);
}

struct tcp_conn *
tcp_conn_new(struct tcp *tcp, struct tcp_end local, struct tcp_end remote,
    const struct tcp_tune *tune)
{
    struct tcp_conn *c = calloc(1, sizeof *c);
    unsigned mtu = ip_first_mtu(tcp->ip, tune->card, remote.addr);
    uint32_t space = tune->rcvbuf; /* most that is ever offered: */

    if (tune->window_clamp && tune->window_clamp < space)
        space = tune->window_clamp;
    if (!c)
        return NULL;
    c->tcp = tcp;
    tcp_sent_init(c);
    tcp_reasm_init(c);
    tcp_path_init(c);
    c->id = ++tcp->last_id;
    c->local = local;
    c->remote = remote;
    c->tune = *tune;
    tcp_set_iss(c, tcp_isn(tcp, local, remote));
    c->snd.path_mtu = (uint16_t)(mtu ? mtu : 576);
    c->snd.peer_mss = TCP_MSS_DEFAULT;
    tcp_update_mss(c);
    c->rcv.mss = c->snd.mss < TCP_MSS_DEFAULT ? c->snd.mss : TCP_MSS_DEFAULT;
    if (tcp->config.window_scaling)
        c->rcv.wscale = window_shift(space);
    c->rcv.window_max = first_window(tcp, tune, c->snd.path_mtu - 40u);
    c->ts.offset = tcp_ts_offset(tcp, local, remote);
    c->rtt.rto_ns = tcp->config.initial_rto_ns;
    c->cc.cwnd = c->snd.mss;
    c->cc.ssthresh = UINT32_MAX / 2;
    tcp_timers_init(c);
    return c;
}

void
tcp_update_mss(struct tcp_conn *c)
{
    unsigned mss = c->snd.path_mtu - 40u;

    if (c->path->mtu.searching && c->path->mtu.low - 40u < mss)
        mss = c->path->mtu.low - 40u;
    if (c->snd.peer_mss < mss)
        mss = c->snd.peer_mss; /* MUST-16: Eff.snd.MSS */
    if (c->tune.maxseg && c->tune.maxseg < mss)
        mss = c->tune.maxseg;
    if (mss < TCP_MSS_MIN)
        mss = TCP_MSS_MIN;
    c->snd.mss = (uint16_t)(mss - (c->ts.ok ? 12 : 0));
    if (tcp_synchronized(c) && c->cc.cwnd < c->snd.mss)
        c->cc.cwnd = c->snd.mss; /* RFC 5681 3.1: one segment at least */
}

void
tcp_agree(struct tcp_conn *c, const struct tcp_opts *theirs)
{
    const struct tcp_config *config = &c->tcp->config;

    c->wscale_ok = theirs->wscale >= 0 && config->window_scaling;
    c->snd.wscale = c->wscale_ok ? (uint8_t)theirs->wscale : 0;
    if (!c->wscale_ok)
        c->rcv.wscale = 0;
    c->sack_ok = theirs->sack_ok && config->sack;
    c->ts.ok = theirs->ts && config->timestamps;
    if (c->ts.ok) {
        c->ts.recent = theirs->tsval;
        c->ts.recent_s = tcp_second(c);
    }
    c->snd.peer_mss = theirs->mss ? theirs->mss : TCP_MSS_DEFAULT;
    tcp_update_mss(c);
}

/* Sends our SYN, or SYN,ACK when the peer's has come (RFC 9293 3.5). */
void
tcp_send_syn(struct tcp_conn *c, enum rule why)
{
    uint8_t flags = SEG_SYN;

    if (c->state == TCP_SYN_RECEIVED)
        flags |= SEG_ACK;
    if (c->sent->count == 0) {
        tcp_sent_push(c, c->snd.iss, 1, 1, SENT_SYN);
        c->snd.nxt = seq_add(c->snd.iss, 1);
        c->waiting_since = c->tcp->env->timers->now;
    }
    tcp_transmit(c, c->snd.iss, 0, flags | tcp_ecn_syn(c, false), why);
    if (!timer_armed(&c->retx))
        tcp_arm_retx(c, RETX_RTO);
}

/* --- letting go ------------------------------------------------------- */

void
tcp_conn_forget(struct tcp_conn *c)
{
    if (c->later)
        c->tcp->later.at[c->later - 1].c = NULL;
    if (c->listener)
        tcp_listen_forget(c);
    tcp_timers_stop(c);
    tcp_remove(c->tcp, c);
    tcp_queue_free(c);
    tcp_reasm_free(c);
    tcp_ring_free(c);
    tcp_sent_free(c);
    tcp_path_free(c);
    free(c);
}

static void
tell(struct tcp_conn *c)
{
    while (c->wake && !c->telling) {
        c->wake = false;
        c->telling = true;
        if (c->listener && c->in_accept)
            c->listener->notify(c->listener->owner);
        else if (!c->listener && c->notify && !c->orphan)
            c->notify(c->owner);
        c->telling = false;
    }
    if (c->news && !c->telling) {
        c->news = false;
        if (!c->orphan)
            c->acked(c->owner);
    }
}

void
tcp_enter(struct tcp_conn *c)
{
    c->busy++;
}

bool
tcp_later_put(struct tcp_later *later, uint32_t *place, struct tcp_conn *c)
{
    if (*place == 0 && later->count == later->room) {
        uint32_t room = later->room ? 2 * later->room : 64;
        struct tcp_later_one *at = realloc(later->at, room * sizeof *at);

        if (!at)
            return false;
        later->at = at;
        later->room = room;
    }
    if (*place == 0)
        *place = ++later->count;
    later->at[*place - 1] =
        (struct tcp_later_one){c, c->tcp->env->journal->cause};
    return true;
}

/*
 * The end of the work on c waits for the end of the turn (config.in_turns):
 * then all that several calls have handed over leaves together, and with it
 * the ACK of what came. False: not now, or no memory.
 */
static bool
wait_for_turn(struct tcp_conn *c)
{
    struct tcp *tcp = c->tcp;
    struct tcp_later *later = &tcp->later;

    if (!tcp->config.in_turns || later->flushing || !tcp_synchronized(c))
        return false;
    if (c->later) { /* it waits already: for what came last, from now on */
        later->at[c->later - 1].cause = tcp->env->journal->cause;
        return true;
    }
    return tcp_later_put(later, &c->later, c);
}

bool
tcp_flush(struct tcp *tcp)
{
    struct tcp_later *later = &tcp->later;
    struct journal *j = tcp->env->journal;
    bool any = later->count > 0;

    later->flushing = true;
    for (uint32_t i = 0; i < later->count; i++) {
        struct tcp_conn *c = later->at[i].c;
        uint64_t before;

        if (!c)
            continue;
        before = journal_enter(j, later->at[i].cause);
        c->later = 0;
        tcp_enter(c);
        tcp_leave(c);
        journal_leave(j, before);
    }
    later->count = 0;
    later->flushing = false;
    return any;
}

void
tcp_leave(struct tcp_conn *c)
{
    if (c->busy == 1 && c->state != TCP_CLOSED && c->state != TCP_LISTEN &&
        !wait_for_turn(c)) {
        tcp_output(c);
        tcp_ack_flush(c);
        tcp_wmem_look(c);
        tcp_held_update(c);
        tcp_note_vars(c);
    }
    c->busy--;
    if (c->busy > 0)
        return;
    tell(c);
    if (c->state == TCP_CLOSED && c->orphan && !c->telling && c->busy == 0)
        tcp_conn_forget(c);
}

void
tcp_conn_end(struct tcp_conn *c, int error, enum rule why)
{
    if (c->state == TCP_CLOSED)
        return;
    tcp_move(c, TCP_CLOSED, why);
    if (error) /* worse than one that ICMP has told (IP_RECVERR) */
        c->error = (uint16_t)error;
    c->ack.now = c->ack.pending = false;
    tcp_timers_stop(c);
    tcp_remove(c->tcp, c);
    tcp_reasm_free(c);
    tcp_sent_free(c);
    tcp_ring_free(c);
    if (c->listener && !c->in_accept) {
        tcp_listen_forget(c);
        c->orphan = true;
    }
    c->wake = true;
}

void
tcp_conn_abort(struct tcp_conn *c, int error, enum rule why)
{
    switch (c->state) {
    case TCP_SYN_RECEIVED:
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT_1:
    case TCP_FIN_WAIT_2:
    case TCP_CLOSE_WAIT:
        if (c->later) /* what was handed over before goes before */
            tcp_output(c);
        tcp_transmit(c, c->snd.nxt, 0, SEG_RST | SEG_ACK, why);
        break;
    default: break; /* nobody is left to be told */
    }
    tcp_conn_end(c, error, why);
}

void
tcp_enter_time_wait(struct tcp_conn *c, enum rule why)
{
    tcp_move(c, TCP_TIME_WAIT, why);
    tcp_timers_stop(c);
    tcp_ring_free(c);
    tcp_sent_free(c);
    tcp_reasm_free(c);
    if (c->orphan) /* else somebody may ask how it was */
        tcp_path_free(c);
    tcp_arm_keep(c, KEEP_TIME_WAIT, c->tcp->config.time_wait_ns);
}
