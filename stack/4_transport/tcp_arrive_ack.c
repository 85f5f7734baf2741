/*
 * tcp_arrive_ack.c: the fifth step of RFC 9293 3.10.7.4: what does the peer
 * acknowledge, how much more does it take, and which of our doings does that
 * bring to an end?
 */
#include "tcp_conn.h"

/* RFC 6298 3 (Karn): times only what was sent once; or by timestamps. */
static void
measure(
    struct tcp_conn *c, const struct tcp_seg *seg, const struct tcp_told *told)
{
    struct instant now = c->tcp->env->timers->now;

    if (told->timed && !told->again) {
        tcp_rtt_sample(c, instant_diff(now, told->at));
    } else if (told->sack_timed) {
        tcp_rtt_sample(c, instant_diff(now, told->sack_at));
    } else if (told->advanced && c->ts.ok && seg->opts.ts && seg->opts.tsecr) {
        int32_t ms = (int32_t)(tcp_ts_now(c) - seg->opts.tsecr);

        if (ms >= 0)
            tcp_rtt_sample(c, ms * LW_MS);
    }
}

struct tcp_told
tcp_told_begin(const struct tcp_conn *c, const struct tcp_seg *seg)
{
    return (struct tcp_told){.ts = c->ts.ok && seg->opts.ts && seg->opts.tsecr,
        .tsecr = seg->opts.tsecr,
        .advanced = seq_lt(c->snd.una, seg->ack),
        .highest = c->snd.una,
        .once_end = c->snd.una,
        .reordered = c->snd.nxt};
}

/* SND.UNA moves: SEG.ACK is new. Also called for the ACK of our SYN. */
void
tcp_take_ack(
    struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_told *told)
{
    tcp_sent_ack(c, seg->ack, told);
    c->sum.bytes_acked += told->len;
    told->delivered += told->fresh;
    c->snd.una = seg->ack;
    if (seq_lt(c->snd.up, c->snd.una))
        c->snd.up = c->snd.una;
    if (seq_lt(c->snd.small, c->snd.una))
        c->snd.small = c->snd.una;
    tcp_ring_ack(c, seg->ack);
    measure(c, seg, told);
    c->soft_error = 0;
    ip_confirm(c->tcp->ip, c->remote.addr);
    c->waiting_since = c->tcp->env->timers->now;
    if (tcp_flight(c) == 0)
        tcp_stop_retx(c); /* RFC 6298 5.2 */
    if (!c->connected) {
        if (c->state != TCP_FIN_WAIT_1)
            return;          /* tcp_established comes next */
        c->connected = true; /* closed before it was ESTABLISHED */
        tcp_cong_start(c);
    }
    tcp_mtu_acked(c);
    c->retries = 0;
    c->cc.extra = 0;
}

/* RFC 6298 5.3; in fast recovery without SACK only the first partial ACK
 * restarts it (RFC 6582 4, the impatient variant). What was overtaken is due
 * before it. */
static void
restart_timer(struct tcp_conn *c)
{
    bool partial_before = c->cc.partial_seen;

    if (c->cc.recovery == REC_FAST && !c->sack_ok && partial_before)
        return;
    c->cc.partial_seen = c->cc.recovery == REC_FAST;
    if (timer_armed(&c->retx) && c->retx_kind == RETX_REORDER)
        return;
    if (tcp_flight(c) > 0)
        tcp_arm_retx(c, RETX_RTO);
}

/* Only a newer segment may change the window (SND.WL1, SND.WL2). */
static bool
take_window(struct tcp_conn *c, const struct tcp_seg *seg)
{
    uint32_t wnd = (uint32_t)seg->wnd << c->snd.wscale;
    bool changed = wnd != c->snd.wnd;

    if (seq_lt(seg->ack, c->snd.una))
        return false;
    if (!seq_lt(c->snd.wl1, seg->seq) &&
        !(seq_eq(c->snd.wl1, seg->seq) && seq_leq(c->snd.wl2, seg->ack)))
        return false;
    c->snd.wnd = wnd;
    if (wnd > c->snd.max_wnd)
        c->snd.max_wnd = wnd;
    c->snd.wl1 = seg->seq;
    c->snd.wl2 = seg->ack;
    return changed;
}

/* The answer to a probe, or to what was sent before the window shut: the
 * peer lives, however long it stays so (RFC 9293 3.8.6.1, MUST-37). Nobody
 * waits for an orphan, though, and its patience is counted. */
static void
heard_persisting(struct tcp_conn *c)
{
    if (c->snd.wnd == 0 && !c->orphan)
        c->retries = 0;
    if (!timer_armed(&c->retx) || c->retx_kind != RETX_PERSIST ||
        c->snd.wnd == 0)
        return;
    tcp_stop_retx(c); /* tcp_output goes on at once */
    c->retries = 0;
    c->backoff = 0;
}

/*
 * The window had been shut on what is out (MUST-34), and opens again: what
 * was sent into the shut window is lost, and goes again now. The timeouts
 * until then were the peer's doing, not the way's, so they do not count.
 */
static void
reopened(struct tcp_conn *c, uint32_t before)
{
    if (c->backoff == 0 || c->cc.recovery != REC_TIMEOUT ||
        c->snd.wnd <= before || before >= tcp_flight(c))
        return;
    c->backoff = 0;
    c->retries = 0;
    tcp_stop_retx(c);
    /* tcp_output sends the oldest */
    tcp_sent_lose_all(c, false, RULE_TCP_LOST_WINDOW);
}

/* RFC 5681 2, or with SACK RFC 6675 2: nothing new but news of a hole. */
static bool
is_duplicate(const struct tcp_conn *c, const struct tcp_seg *seg,
    bool window_changed, struct tcp_told *told)
{
    bool bare = seq_eq(seg->ack, c->snd.una) && seg->data == 0 &&
                !(seg->flags & SEG_FIN) && !window_changed;

    if (tcp_flight(c) == 0)
        return false;
    if (!c->sack_ok)
        return bare;
    told->bare = bare && seg->opts.nsack == 0;
    return told->sacked; /* even one that was overtaken brings its news */
}

static void
take_sacks(struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_told *told)
{
    if (!c->sack_ok || seg->opts.nsack == 0)
        return;
    tcp_dsack_told(c, &seg->opts, seg->ack, told);
    tcp_recover_sacks(c, &seg->opts, told);
    if (told->sack_timed && !told->advanced)
        measure(c, seg, told);
}

/* In SYN-RECEIVED: does it complete the handshake? */
static bool
ack_of_syn(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;
    struct tcp_told told = tcp_told_begin(c, seg);

    if (!seq_lt(c->snd.una, seg->ack) || !seq_leq(seg->ack, c->snd.nxt)) {
        tcp_send_reset(a, RULE_TCP_SYN_RECEIVED_BAD_ACK);
        tcp_arrive_drop(a, DROP_TCP_ACK, RULE_TCP_SYN_RECEIVED_BAD_ACK);
        return false;
    }
    if (!tcp_listen_ack(a))
        return false;
    tcp_take_ack(c, seg, &told);
    if (c->passive)
        c->sum.bytes_acked = 0; /* Linux counts a SYN, but not a SYN,ACK */
    c->snd.wl1 = seq_add(seg->seq, UINT32_MAX); /* any window is newer */
    tcp_established(a, RULE_TCP_ACK_CAME);
    return true;
}

/* RFC 5961 5.2: neither from the future nor from a distant past, which no
 * connection has that is younger. */
static bool
in_range(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    uint32_t past = c->sum.bytes_acked < c->snd.max_wnd
                        ? (uint32_t)c->sum.bytes_acked
                        : c->snd.max_wnd;
    struct seq oldest = seq_add(c->snd.una, 0 - past);

    if (seq_leq(a->seg.ack, c->snd.nxt) && seq_leq(oldest, a->seg.ack))
        return true;
    tcp_challenge(c, RULE_TCP_CHALLENGE_ACK);
    tcp_arrive_drop(a, DROP_TCP_ACK, RULE_TCP_CHALLENGE_ACK);
    return false;
}

/* Our FIN is acknowledged: the closing states move on. */
static bool
ack_of_fin(struct tcp_conn *c)
{
    if (!c->fin_sent || !seq_eq(c->snd.una, c->snd.nxt))
        return true;
    switch (c->state) {
    case TCP_FIN_WAIT_1:
        tcp_move(c, TCP_FIN_WAIT_2, RULE_TCP_FIN_ACKED);
        if (c->orphan)
            tcp_await_fin(c);
        c->wake = true; /* SO_LINGER waits for it */
        break;
    case TCP_CLOSING:
        tcp_enter_time_wait(c, RULE_TCP_FIN_ACKED);
        c->wake = true;
        break;
    case TCP_LAST_ACK: tcp_conn_end(c, 0, RULE_TCP_FIN_ACKED); return false;
    default: break;
    }
    return true;
}

/* RFC 7323 4.3: which timestamp to echo. Never that of a segment whose ACK
 * was refused. */
void
tcp_remember_timestamp(struct tcp_conn *c, const struct tcp_seg *seg)
{
    if (!c->ts.ok || !seg->opts.ts || tcp_ts_old(c, seg->opts.tsval) ||
        seq_lt(c->ts.last_ack_sent, seg->seq))
        return;
    c->ts.recent = seg->opts.tsval;
    c->ts.recent_s = tcp_second(c);
}

bool
tcp_arrive_ack(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;
    struct tcp_told told;
    bool window_changed, duplicate;
    uint32_t before = c->snd.wnd;

    if (!(seg->flags & SEG_ACK)) {
        tcp_arrive_drop(a, DROP_TCP_NO_ACK, RULE_TCP_NO_ACK);
        return false;
    }
    if (c->state == TCP_SYN_RECEIVED && !ack_of_syn(a))
        return false;
    if (!in_range(a))
        return false;
    tcp_remember_timestamp(c, seg);
    c->heard = true;
    c->more = false; /* as in Linux: MSG_MORE waits no longer than that */
    told = tcp_told_begin(c, seg);
    take_sacks(c, seg, &told);
    window_changed = take_window(c, seg);
    duplicate = !told.advanced && is_duplicate(c, seg, window_changed, &told);
    tcp_probe_told(c, seg->ack, &told);
    if ((seg->flags & SEG_ECE) && seq_leq(c->snd.una, seg->ack))
        tcp_ecn_echoed(c); /* first: such an ACK opens no window */
    if (told.advanced) {
        tcp_take_ack(c, seg, &told);
        c->news = c->acked != NULL;
    }
    if (told.advanced || told.sacked || told.dsack || duplicate)
        tcp_recover_told(c, &told, duplicate);
    if (told.advanced)
        restart_timer(c);
    heard_persisting(c);
    reopened(c, before);
    return ack_of_fin(c);
}
