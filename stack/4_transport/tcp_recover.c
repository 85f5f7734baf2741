/*
 * tcp_recover.c: what was lost, and when has that been made good? From
 * duplicate ACKs and SACK blocks to the marks in tcp_sent.c, from which
 * tcp_output.c sends again.
 *
 *     with SACK      RFC 8985 (tcp_rack.c): what is overdue; or, if so
 *                    configured, RFC 6675: holes below SACKed data. The pipe
 *                    says how much may go
 *     without SACK   RFC 5681 3.2 and 6582 (NewReno): three duplicate ACKs
 *                    mean that the oldest is lost, a partial ACK that the
 *                    next one is; the window is inflated meanwhile
 *
 * A recovery ends when all that was out at its beginning is acknowledged
 * (`recover`), or when it turns out that nothing was lost (tcp_undo.c).
 * After a timeout what is overdue counts as lost and goes again in slow
 * start.
 */
#include "tcp_conn.h"

/* --- how much may go ---------------------------------------------------- */

/*
 * RFC 9937 6, proportional rate reduction: while more is out than ssthresh,
 * what leaves keeps that proportion to what arrives; once less is out (many
 * were lost), as much goes as arrives, and one more where the ACK shows
 * progress and no further loss. So the window is ssthresh at the end of the
 * recovery, and there is neither a burst nor a silence on the way.
 */
static void
pace(struct tcp_conn *c, uint32_t delivered, bool safe)
{
    uint32_t pipe = tcp_pipe(c), mss = c->snd.mss, ssthresh = c->cc.ssthresh;
    struct tcp_prr *prr = &c->path->prr;
    uint32_t ahead, may = 0;

    if (delivered == 0 || prr->flight == 0 ||
        !(c->cc.recovery == REC_CWR ||
            (c->cc.recovery == REC_FAST && c->sack_ok)))
        return;
    prr->delivered += delivered;
    ahead = prr->delivered > prr->out ? prr->delivered - prr->out : 0;
    if (pipe > ssthresh) {
        uint64_t part = (uint64_t)ssthresh * prr->delivered;

        part = (part + prr->flight - 1) / prr->flight;
        part = (part + mss - 1) / mss * mss;
        may = part > prr->out ? (uint32_t)part - prr->out : 0;
    } else {
        may = ahead > delivered ? ahead : delivered;
        if (safe)
            may += mss;
        if (may > ssthresh - pipe)
            may = ssthresh - pipe;
    }
    if (may < mss && prr->out == 0)
        may = mss; /* the first one goes in any case */
    c->cc.cwnd = pipe + may;
    tcp_note_cwnd(c, RULE_TCP_PRR);
}

/* A recovery begins with so much out. False: no memory to pace it. */
bool
tcp_recover_pace(struct tcp_conn *c, uint32_t flight)
{
    if (!tcp_path_own(c))
        return false;
    c->path->prr = (struct tcp_prr){.flight = flight};
    return true;
}

/* --- beginning and end -------------------------------------------------- */

static void
lose_head(struct tcp_conn *c)
{
    if (c->sent->count > 0)
        tcp_sent_lose(c, tcp_sent_first(c), RULE_TCP_LOST_FIRST);
}

/* The first one goes again whatever the window says: RFC 5681 3.2 step 3,
 * RFC 6675 5 step 4.3. fresh: bytes that have just arrived. */
static void
enter_fast(struct tcp_conn *c, uint32_t fresh)
{
    struct tcp_rec *first;

    tcp_undo_begin(c);
    if (c->cc.recovery != REC_CWR) /* that has reduced the window already */
        tcp_cong_loss(c);
    c->tlp.out = false;
    tcp_frto_end(c);
    c->cc.recovery = REC_FAST;
    c->cc.partial_seen = false;
    c->cc.recover = seq_add(c->snd.nxt, UINT32_MAX); /* the last one out */
    c->cc.cwnd = c->cc.ssthresh;
    if (!c->sack_ok)
        c->cc.cwnd += TCP_DUP_THRESH * (uint32_t)c->snd.mss;
    if (tcp_missing(c) == 0)
        lose_head(c);
    tcp_recover_pace(c, tcp_flight(c) - c->sent->sacked + fresh);
    tcp_note_cwnd(c, RULE_TCP_FAST_RETRANSMIT);
    pace(c, fresh > 0 ? fresh : 1, false);
    first = tcp_sent_next_lost(c);
    if (first && (!c->paced || !c->sack_ok || !tcp_pace_early(c)))
        tcp_retransmit(c, first, RULE_TCP_RETRANSMIT_FAST);
}

static void
leave(struct tcp_conn *c, enum rule why)
{
    if (c->cc.recovery != REC_CWR)
        tcp_rack_recovered(c);
    c->cc.recovery = REC_OPEN;
    c->cc.dupacks = 0;
    tcp_frto_end(c);
    tcp_note_cwnd(c, why);
}

/*
 * Has everything that was out at the beginning of the last recovery been
 * acknowledged? Else these duplicates may stem from what was sent again
 * needlessly (RFC 6582 3.2, step 2).
 */
static bool
past_recover(const struct tcp_conn *c)
{
    return seq_lt(c->cc.recover, c->snd.una);
}

/* Nothing was lost after all? */
static bool
undone(struct tcp_conn *c, const struct tcp_told *told, bool unlose)
{
    if (!tcp_undo_may(c, told))
        return false;
    tcp_undo(c, told, unlose,
        c->path->undo.again == 0 ? RULE_TCP_UNDO_DSACK : RULE_TCP_UNDO_EIFEL);
    return true;
}

/* --- in each state ------------------------------------------------------ */

static void
when_open(struct tcp_conn *c, const struct tcp_told *told)
{
    bool lost = tcp_missing(c) > 0;

    if (!tcp_rack_on(c) && c->cc.dupacks >= TCP_DUP_THRESH)
        lost = c->sent->count > 0 &&
               (c->sack_ok || past_recover(c) || c->cc.recovery == REC_CWR);
    if (lost)
        enter_fast(c, told->delivered);
    else if (told->dsack &&
             c->cc.recovery ==
                 REC_OPEN) /* the last recovery may have been in vain */
        undone(c, told, false);
}

/* RFC 6582 3.2 step 3, partial: the next hole begins where the ACK ends. */
static void
partial(struct tcp_conn *c, uint32_t acked)
{
    uint32_t mss = c->snd.mss;

    if (c->sack_ok) {
        if (!tcp_rack_on(c) && c->sent->sacked > 0 && c->sent->count > 0 &&
            !(tcp_sent_at(c, 0)->flags & SENT_LOST))
            lose_head(c);
        return;
    }
    lose_head(c);
    tcp_retransmit(c, tcp_sent_at(c, 0), RULE_TCP_RETRANSMIT_FAST);
    c->cc.cwnd = c->cc.cwnd > acked ? c->cc.cwnd - acked : 0;
    if (acked >= mss || c->cc.cwnd < mss)
        c->cc.cwnd += mss;
    tcp_note_cwnd(c, RULE_TCP_PARTIAL_ACK);
}

static void
full(struct tcp_conn *c)
{
    uint32_t flight = tcp_flight(c), mss = c->snd.mss;
    uint32_t most = (flight > mss ? flight : mss) + mss;

    if (c->sack_ok)
        c->cc.cwnd = c->cc.ssthresh;
    else /* no burst of what the inflated window let pile up */
        c->cc.cwnd = c->cc.ssthresh < most ? c->cc.ssthresh : most;
    leave(c, RULE_TCP_RECOVERED);
}

/*
 * Without SACK every duplicate ACK stands for a segment that has arrived. A
 * peer that sends more of them than segments were out wants more than its
 * share of the way (RFC 5681 3.2, the note to step 4).
 */
static bool
may_inflate(const struct tcp_conn *c)
{
    return !c->sack_ok && c->cc.cwnd < c->cc.ssthresh + c->path->prr.flight;
}

static void
when_fast(struct tcp_conn *c, struct tcp_told *told, bool duplicate)
{
    if (told->advanced && past_recover(c)) {
        if (!undone(c, told, false))
            full(c);
    } else if (told->advanced && tcp_undo_delayed(c, told)) {
        /* A hole was filled by what was late, not by what went again. What
         * is on its way again must come back before all is undone. */
        c->rack.reordering_seen = true;
        if (c->sent->again == 0)
            tcp_undo(c, told, true, RULE_TCP_UNDO_EIFEL);
    } else if (undone(c, told, false)) {
        when_open(c, told);
    } else if (told->advanced) {
        partial(c, told->len);
    } else if (duplicate && may_inflate(c)) { /* one more has arrived */
        c->cc.cwnd += c->snd.mss;
        tcp_note_cwnd(c, RULE_TCP_INFLATE);
    }
}

/* What was reported before, by SACK or by a duplicate ACK for each segment,
 * is no news that the way takes more. On a way that reorders, SACK is news
 * as good as an ACK (tcp_may_raise_cwnd in Linux). */
static uint32_t
newly_arrived(const struct tcp_conn *c, const struct tcp_told *told)
{
    uint32_t known = c->cc.dupacks * (uint32_t)c->snd.mss;

    if (!c->sack_ok)
        return told->len > known ? told->len - known : 0;
    return c->rack.reordering > TCP_DUP_THRESH ? told->delivered : told->fresh;
}

static void
count_duplicate(struct tcp_conn *c)
{
    if (c->cc.dupacks < UINT8_MAX)
        c->cc.dupacks++;
    NOTE(c->tcp->env, EV_TCP_DUPACK, RULE_TCP_DUPACK, f_u64("conn", c->id),
        f_u64("count", c->cc.dupacks));
}

/*
 * RFC 6675 4, IsLost: a segment is taken for lost when the peer holds three
 * separate runs above it, or more than two full segments' worth of bytes.
 */
static void
find_lost_by_runs(struct tcp_conn *c)
{
    uint32_t above = 0, runs = 0, most = (TCP_DUP_THRESH - 1u) * c->snd.mss;
    uint32_t n = c->sent->sacked > 0 ? c->sent->count : 0; /* to be looked at */
    bool in_run = false, sacked;

    for (; n > 0 && runs < TCP_DUP_THRESH && above <= most; n--) {
        const struct tcp_rec *r = tcp_sent_at(c, n - 1);

        sacked = r->flags & SENT_SACKED;
        above += sacked ? r->len : 0;
        runs += sacked && !in_run;
        in_run = sacked;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);

        if (!(r->flags & (SENT_SACKED | SENT_LOST)))
            tcp_sent_lose(c, r, RULE_TCP_LOST_SACK);
    }
}

static void
find_lost(struct tcp_conn *c, struct tcp_told *told)
{
    uint32_t missing = tcp_missing(c), again = c->sent->again;

    if (tcp_rack_on(c))
        tcp_rack_told(c, told);
    else if (c->sack_ok)
        find_lost_by_runs(c);
    told->lost = tcp_missing(c) > missing;
    told->lost_again = c->sent->again < again;
}

/* The window follows ssthresh, not what arrives. */
static bool
paced(uint8_t recovery)
{
    return recovery == REC_FAST || recovery == REC_CWR;
}

/* An ACK has been taken in, and the scoreboard is up to date. */
void
tcp_recover_told(struct tcp_conn *c, struct tcp_told *told, bool duplicate)
{
    uint8_t before = c->cc.recovery;
    uint32_t grown;

    if (duplicate)
        count_duplicate(c);
    if (c->tune.cubic && told->once)
        tcp_hystart_acked(
            c, instant_diff(c->tcp->env->timers->now, told->once_at));
    if (before == REC_CWR && past_recover(c)) { /* its CWR has got there */
        c->cc.cwnd = c->cc.ssthresh;
        leave(c, RULE_TCP_RECOVERED);
    }
    if (before == REC_TIMEOUT && !tcp_frto_told(c, told, duplicate) &&
        told->advanced && past_recover(c))
        leave(c, RULE_TCP_RECOVERED);
    find_lost(c, told);
    grown = paced(before) ? 0 : newly_arrived(c, told);
    if (told->advanced && before != REC_FAST)
        c->cc.dupacks = 0;
    if (before == REC_FAST)
        when_fast(c, told, duplicate);
    else if (c->cc.recovery <= REC_CWR)
        when_open(c, told);
    else if (told->lost_again) /* RFC 5681 4.3: congestion, once more */
        enter_fast(c, told->delivered);
    if (!paced(c->cc.recovery) && grown > 0)
        tcp_cong_acked(c, grown);
    if (paced(before) && c->cc.recovery == before)
        pace(c, told->delivered, told->advanced && !told->lost);
}

/* The reordering timer has found losses. */
void
tcp_recover_late(struct tcp_conn *c)
{
    if (c->cc.recovery != REC_FAST)
        enter_fast(c, 0);
}

/*
 * RFC 5681 3.1, RFC 6675 5.1 and RFC 8985 6.3. What the peer reported to hold
 * is not sent again, unless the oldest was among it: then the peer has thrown
 * it away (RFC 2018 8), and its reports are worth nothing. One segment may
 * go, beside what was sent too lately to be given up.
 */
void
tcp_recover_timeout(struct tcp_conn *c)
{
    bool reneged =
        c->sent->count > 0 && (tcp_sent_at(c, 0)->flags & SENT_SACKED);

    if (c->retries == 0 && (c->cc.recovery != REC_FAST || past_recover(c)))
        tcp_undo_begin(c);
    tcp_frto_begin(c);
    tcp_cong_timeout(c);
    c->tlp.out = false;
    c->cc.recovery = REC_TIMEOUT;
    c->cc.dupacks = 0;
    c->cc.recover = seq_add(c->snd.nxt, UINT32_MAX);
    if (tcp_rack_on(c))
        tcp_rack_timeout(c, reneged);
    else
        tcp_sent_lose_all(c, reneged, RULE_TCP_LOST_TIMEOUT);
    c->cc.cwnd = tcp_pipe(c) + c->snd.mss;
    tcp_note_cwnd(c, RULE_TCP_CWND_TIMEOUT);
}

/* Marks what the blocks report. A block that lies outside of what is out is
 * a lie or a duplicate, and is passed over. */
void
tcp_recover_sacks(
    struct tcp_conn *c, const struct tcp_opts *o, struct tcp_told *told)
{
    for (unsigned i = 0; i < o->nsack; i++) {
        const struct tcp_range *b = &o->sack[i];

        if (seq_lt(b->from, b->to) && seq_lt(c->snd.una, b->from) &&
            seq_leq(b->to, c->snd.nxt))
            tcp_sent_sack(c, b, told);
    }
}
