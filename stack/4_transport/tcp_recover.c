/*
 * tcp_recover.c: what was lost, and when has that been made good? From
 * duplicate ACKs and SACK blocks to the marks in tcp_sent.c, from which
 * tcp_output.c sends again.
 *
 *     with SACK      RFC 6675: holes below SACKed data; the pipe says how
 *                    much may go
 *     without SACK   RFC 5681 3.2 and 6582 (NewReno): three duplicate ACKs
 *                    mean that the oldest is lost, a partial ACK that the
 *                    next one is; the window is inflated meanwhile
 *
 * A recovery ends when all that was out at its beginning is acknowledged
 * (`recover`). After a timeout everything counts as lost and goes again in
 * slow start.
 */
#include "tcp_conn.h"

/*
 * RFC 6937, proportional rate reduction, as Linux has it: while more is out
 * than ssthresh, what leaves keeps that proportion to what arrives; once less
 * is out (many were lost), as much goes as arrives, and one more where the
 * ACK shows progress. So the window is ssthresh at the end of the recovery,
 * and there is neither a burst nor a silence on the way.
 */
void
tcp_recover_pace(struct tcp_conn *c, bool advanced)
{
    uint32_t pipe = tcp_pipe(c), mss = c->snd.mss, ssthresh = c->cc.ssthresh;
    uint32_t ahead, may = 0;

    if (c->cc.delivered == 0 || !(c->cc.recovery == REC_CWR ||
                                    (c->cc.recovery == REC_FAST && c->sack_ok)))
        return;
    c->cc.prr_delivered += c->cc.delivered;
    ahead = c->cc.prr_delivered > c->cc.prr_out
                ? c->cc.prr_delivered - c->cc.prr_out
                : 0;
    if (pipe > ssthresh) {
        uint64_t part = (uint64_t)ssthresh * c->cc.prr_delivered;

        part = (part + c->cc.prr_flight - 1) / c->cc.prr_flight;
        part = (part + mss - 1) / mss * mss;
        may = part > c->cc.prr_out ? (uint32_t)part - c->cc.prr_out : 0;
    } else {
        may = ahead > c->cc.delivered ? ahead : c->cc.delivered;
        if (advanced)
            may += mss;
        if (may > ssthresh - pipe)
            may = ssthresh - pipe;
    }
    if (may < mss && c->cc.prr_out == 0)
        may = mss; /* the first one goes in any case */
    c->cc.cwnd = pipe + may;
    c->cc.delivered = 0;
    tcp_note_cwnd(c, RULE_TCP_PRR);
}

/* The first one goes again whatever the window says: RFC 5681 3.2 step 3,
 * RFC 6675 5 step 4.3. */
static void
enter_fast(struct tcp_conn *c)
{
    struct tcp_rec *head = tcp_sent_at(c, 0);

    if (c->cc.recovery != REC_CWR) /* that has reduced the window already */
        tcp_cong_loss(c);
    c->cc.recovery = REC_FAST;
    c->cc.partial_seen = false;
    c->cc.recover = seq_add(c->snd.nxt, UINT32_MAX); /* the last one out */
    c->cc.cwnd = c->cc.ssthresh;
    if (!c->sack_ok)
        c->cc.cwnd += TCP_DUP_THRESH * (uint32_t)c->snd.mss;
    if (!(head->flags & SENT_LOST))
        tcp_sent_lose_head(c);
    c->cc.prr_flight = tcp_flight(c);
    c->cc.prr_delivered = c->cc.prr_out = 0;
    tcp_note_cwnd(c, RULE_TCP_FAST_RETRANSMIT);
    tcp_recover_pace(c, false);
    tcp_retransmit(c, head, RULE_TCP_RETRANSMIT_FAST);
}

static void
leave(struct tcp_conn *c, enum rule why)
{
    c->cc.recovery = REC_OPEN;
    c->cc.dupacks = 0;
    tcp_note_cwnd(c, why);
}

static bool
head_lost(struct tcp_conn *c)
{
    return c->sent.count > 0 && (tcp_sent_at(c, 0)->flags & SENT_LOST);
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

void
tcp_recover_duplicate(struct tcp_conn *c)
{
    if (c->cc.dupacks < UINT8_MAX)
        c->cc.dupacks++;
    NOTE(c->tcp->env, EV_TCP_DUPACK, RULE_TCP_DUPACK, f_u64("conn", c->id),
        f_u64("count", c->cc.dupacks));
    if (c->sack_ok)
        tcp_sent_find_lost(c);
    switch (c->cc.recovery) {
    case REC_OPEN:
    case REC_CWR:
        if ((c->cc.dupacks >= TCP_DUP_THRESH || head_lost(c)) &&
            c->sent.count > 0 && (past_recover(c) || c->cc.recovery == REC_CWR))
            enter_fast(c);
        break;
    case REC_FAST:
        if (!c->sack_ok) { /* one more has left the network */
            c->cc.cwnd += c->snd.mss;
            tcp_note_cwnd(c, RULE_TCP_INFLATE);
        }
        break;
    default: break;
    }
}

/* RFC 6582 3.2 step 3, partial: the next hole begins where the ACK ends. */
static void
partial(struct tcp_conn *c, uint32_t acked)
{
    uint32_t mss = c->snd.mss;

    if (c->sack_ok) {
        tcp_sent_find_lost(c);
        if (c->sent.sacked > 0 && !head_lost(c))
            tcp_sent_lose_head(c);
        return;
    }
    tcp_sent_lose_head(c);
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

/* What was reported before, by SACK or by a duplicate ACK for each segment,
 * is no news that the way takes more. */
static uint32_t
newly_arrived(const struct tcp_conn *c, const struct tcp_acked *acked)
{
    uint32_t known = c->cc.dupacks * (uint32_t)c->snd.mss;

    if (c->sack_ok)
        return acked->fresh;
    return acked->len > known ? acked->len - known : 0;
}

void
tcp_recover_ack(struct tcp_conn *c, const struct tcp_acked *acked)
{
    if (c->cc.recovery == REC_FAST) {
        if (past_recover(c))
            full(c);
        else
            partial(c, acked->len);
        return;
    }
    if (c->cc.recovery == REC_CWR) { /* until its CWR has got there */
        c->cc.dupacks = 0;
        if (past_recover(c)) {
            c->cc.cwnd = c->cc.ssthresh;
            leave(c, RULE_TCP_RECOVERED);
        }
        return;
    }
    tcp_cong_acked(c, newly_arrived(c, acked));
    c->cc.dupacks = 0;
    if (c->cc.recovery == REC_TIMEOUT && past_recover(c))
        leave(c, RULE_TCP_RECOVERED);
}

/*
 * RFC 5681 3.1 and RFC 6675 5.1. What the peer reported to hold is not sent
 * again, unless the oldest was among it: then the peer has thrown it away
 * (RFC 2018 8), and its reports are worth nothing.
 */
void
tcp_recover_timeout(struct tcp_conn *c)
{
    bool reneged =
        c->sent.count > 0 && (tcp_sent_at(c, 0)->flags & SENT_SACKED);

    tcp_cong_timeout(c);
    c->cc.recovery = REC_TIMEOUT;
    c->cc.dupacks = 0;
    c->cc.recover = seq_add(c->snd.nxt, UINT32_MAX);
    tcp_sent_lose_all(c, reneged);
}

/* Marks what the blocks report; true when it was news. A block that lies
 * outside of what is out is a lie or a duplicate, and is passed over. */
bool
tcp_recover_sacks(struct tcp_conn *c, const struct tcp_opts *o)
{
    bool news = false;

    for (unsigned i = 0; i < o->nsack; i++) {
        const struct tcp_range *b = &o->sack[i];

        if (!seq_lt(b->from, b->to) || !seq_lt(c->snd.una, b->from) ||
            seq_lt(c->snd.nxt, b->to))
            continue;
        news = tcp_sent_sack(c, b) || news;
    }
    return news;
}
