/*
 * tcp_facts.c: what is there to tell? All that one connection knows about
 * itself, in one struct, for getsockopt(TCP_INFO) and those who look on; and
 * the account of what held the sender back (tcp_chrono in Linux).
 */
#include "tcp_conn.h"

/* --- what holds the sender back? --------------------------------------- */

static enum held
holder(const struct tcp_conn *c)
{
    if (!tcp_synchronized(c) || (c->ring.used == 0 && tcp_flight(c) == 0))
        return HELD_IDLE;
    if (tcp_waiting(c) > 0 && tcp_window_holds(c))
        return HELD_WINDOW;
    if (c->starved && tcp_waiting(c) == 0)
        return HELD_BUFFER;
    return HELD_BUSY;
}

/* The time since the last look belongs to what held then. */
static void
settle(const struct tcp_conn *c, int64_t ns[3])
{
    ns[0] = c->held.busy_ns;
    ns[HELD_WINDOW - HELD_BUSY] = c->path->held.window_ns;
    ns[HELD_BUFFER - HELD_BUSY] = c->path->held.buffer_ns;
    if (c->held_by != HELD_IDLE)
        ns[c->held_by - HELD_BUSY] +=
            instant_diff(c->tcp->env->timers->now, c->held.since);
}

static void
keep(struct tcp_conn *c, const int64_t ns[3])
{
    int64_t window = ns[HELD_WINDOW - HELD_BUSY];
    int64_t buffer = ns[HELD_BUFFER - HELD_BUSY];

    c->held.busy_ns = ns[0];
    if (window + buffer == 0)
        return;
    if (tcp_path_own(c)) {
        c->path->held.window_ns = window;
        c->path->held.buffer_ns = buffer;
    } else {
        c->held.busy_ns += window + buffer;
    }
}

void
tcp_held_update(struct tcp_conn *c)
{
    enum held now = holder(c);
    int64_t ns[3];

    if (now == c->held_by)
        return;
    settle(c, ns);
    keep(c, ns);
    c->held_by = (uint8_t)now;
    c->held.since = c->tcp->env->timers->now;
}

/* --- all of it ---------------------------------------------------------- */

static void
count_out(const struct tcp_conn *c, struct tcp_facts *f)
{
    const struct tcp_sent *s = c->sent;

    f->out = s->segs;
    f->sacked = s->segs_sacked;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct tcp_rec *r = tcp_sent_at(c, i);

        if (r->flags & SENT_SACKED)
            continue;
        f->lost += r->flags & SENT_LOST ? tcp_rec_segments(r) : 0;
        f->again += r->flags & SENT_AGAIN ? tcp_rec_segments(r) : 0;
    }
    if (!c->sack_ok) /* each duplicate ACK stands for one that arrived */
        f->sacked = c->cc.dupacks < f->out ? c->cc.dupacks : f->out;
}

static void
fill_times(const struct tcp_conn *c, struct tcp_facts *f)
{
    struct instant now = c->tcp->env->timers->now;
    int64_t ns[3], window, buffer;

    settle(c, ns);
    window = ns[HELD_WINDOW - HELD_BUSY];
    buffer = ns[HELD_BUFFER - HELD_BUSY];
    f->window_limited = window;
    f->buffer_limited = buffer;
    f->busy = ns[0] + window + buffer;
    f->since_sent = instant_diff(now, c->cc.sent_at);
    f->since_received = instant_diff(now, c->ack.data_at);
    f->since_ack = instant_diff(now, c->heard_at);
    f->rto = tcp_rto(c);
    f->ato = c->tcp->config.delayed_ack_ns;
    f->srtt = c->rtt.srtt_ns;
    f->rttvar = c->rtt.rttvar_ns;
    f->min_rtt = c->sum.min_rtt_ns;
}

static void
fill_sums(const struct tcp_conn *c, struct tcp_facts *f)
{
    f->bytes_sent = c->sum.bytes_sent;
    f->bytes_again = c->sum.bytes_again;
    f->bytes_acked = c->sum.bytes_acked;
    f->bytes_received = c->sum.bytes_received;
    f->segments_out = c->sum.segments_out;
    f->segments_in = c->sum.segments_in;
    f->data_out = c->sum.data_out;
    f->data_in = c->sum.data_in;
    f->retransmits = c->sum.retransmits;
    f->delivered = c->sum.delivered;
    f->dsacks = c->sum.dsacks;
    f->reordering = c->rack.reordering;
    f->reorderings = c->rack.reorderings;
}

struct tcp_facts
tcp_facts(const struct tcp_conn *c)
{
    unsigned most = c->snd.path_mtu - 40u;
    struct tcp_facts f = {.state = (enum tcp_state)c->state,
        .crowded = c->cc.recovery == REC_CWR,
        .ecn = c->ecn_ok,
        .ecn_seen = c->ecn_seen,
        .fast = c->cc.recovery == REC_FAST,
        .timeout = c->cc.recovery == REC_TIMEOUT,
        .timestamps = c->ts.ok,
        .sack = c->sack_ok,
        .wscale_ok = c->wscale_ok,
        .snd_wscale = c->snd.wscale,
        .rcv_wscale = c->rcv.wscale,
        .retries = c->retx_kind == RETX_RTO ? c->retries : 0,
        .backoff = c->backoff,
        .probes = c->retx_kind == RETX_PERSIST ? c->retries : c->probes,
        .cwnd = c->cc.cwnd,
        .ssthresh = c->cc.ssthresh,
        .snd_mss = c->snd.mss,
        .rcv_mss = c->rcv.mss,
        .path_mtu = c->snd.path_mtu,
        .snd_wnd = c->snd.wnd,
        .rcv_wnd = c->rcv.adv.v - c->rcv.nxt.v,
        .rcv_space = c->rcv.window_max,
        .pacing_rate = tcp_pace_window_rate(c),
        .max_pacing_rate = tcp_pace_most(c),
        .unsent = tcp_waiting(c)};

    if (c->tune.maxseg && c->tune.maxseg < most)
        most = c->tune.maxseg;
    f.adv_mss = (uint16_t)most;
    count_out(c, &f);
    if (f.pacing_rate > f.max_pacing_rate)
        f.pacing_rate = f.max_pacing_rate;
    f.disorder = c->cc.recovery == REC_OPEN && f.sacked > 0;
    fill_times(c, &f);
    fill_sums(c, &f);
    return f;
}
