/*
 * tcp_mtu.c: how large a packet does the way take? Three sources, called
 * from tcp_icmp.c, tcp_timer.c, tcp_arrive_ack.c and tcp_output.c:
 *
 *     a router says so   RFC 1191; believed only about a packet that could
 *                        really have been too large (RFC 5927 7.2); IP keeps
 *                        it for the next connection to the same address
 *     nobody says so     a black hole: large packets vanish, and the errors
 *                        about them, too. After R1 timeouts segments of
 *                        base_mss are tried, then half of that (RFC 4821 7.7)
 *     we ask             RFC 4821: now and then one larger segment, halfway
 *                        between what got through and what did not; its ACK
 *                        says that the way takes it
 *
 * After ten minutes all this may be wrong, and the search begins anew
 * (RFC 1191 6.3, RFC 4821 7.8). config.mtu_probing as tcp_mtu_probing in
 * Linux: 0 never asks, 1 asks after a black hole, 2 asks from the beginning.
 * Left out: a probe that is lost slows the sender down like any other loss,
 * which RFC 4821 7.6.2 would spare it.
 */
#include "tcp_conn.h"

#define PMTU_LEAST   552  /* net.ipv4.route.min_pmtu, as Linux */
#define MSS_LEAST    512  /* half of the base: every way takes so much */
#define NEAR         8    /* tcp_probe_threshold: not worth another probe */
#define FORGET_S     600u /* tcp_probe_interval; RFC 1191 6.3 */
#define PROBE_WINDOW 11   /* segments: less would bring no ACKs to judge by */
#define HEADERS      40u

static void
changed(struct tcp_conn *c, enum rule why)
{
    tcp_update_mss(c);
    NOTE(c->tcp->env, EV_TCP_MTU, why, f_u64("conn", c->id),
        f_u64("mss", c->snd.mss), f_u64("mtu", c->snd.path_mtu));
}

static void
search(struct tcp_conn *c)
{
    if (!tcp_path_own(c))
        return;
    c->path->mtu.searching = true;
    c->path->mtu.low = (uint16_t)(c->tcp->config.base_mss + HEADERS);
    c->path->mtu.high = c->snd.path_mtu;
    c->path->mtu.size = 0;
    c->path->mtu.since_s = tcp_second(c);
}

/* What routers have said to others who send there (RFC 1191 3): it holds for
 * what we send, not for what we offer to take in the SYN. */
static void
take_known(struct tcp_conn *c)
{
    struct ipv4 src;
    unsigned mtu;

    if (c->tune.mtu_discover > 2 || /* IP_PMTUDISC_PROBE: finds out itself */
        ip_source_by(c->tcp->ip, c->tune.card, c->remote.addr, &src, &mtu) !=
            0 ||
        mtu >= c->snd.path_mtu)
        return;
    c->snd.path_mtu = (uint16_t)mtu;
    if (tcp_path_own(c)) {
        c->path->mtu.lowered = true;
        c->path->mtu.since_s = tcp_second(c);
    }
    changed(c, RULE_TCP_KNOWN_MTU);
}

void
tcp_mtu_start(struct tcp_conn *c)
{
    take_known(c);
    if (c->tcp->config.mtu_probing < 2)
        return;
    search(c);
    tcp_update_mss(c);
}

/* --- a router says so ------------------------------------------------- */

/* The length of the packet whose first number was seq; 0: none is out. */
static uint32_t
packet_length(struct tcp_conn *c, struct seq seq)
{
    uint32_t i = tcp_recs_find(c, seq), begin = 0, n = 1;
    const struct tcp_rec *r;

    if (i == c->sent->count || seq_lt(seq, tcp_sent_at(c, i)->seq))
        return 0;
    r = tcp_sent_at(c, i);
    while (begin < seq.v - r->seq.v)
        begin = tcp_rec_numbers(r, n++);
    if (begin != seq.v - r->seq.v)
        return 0;
    return tcp_rec_numbers(r, n) - begin + HEADERS + (c->ts.ok ? 12u : 0u);
}

/* RFC 1191 6.4. mtu 0 is said by routers that are older than that. */
void
tcp_mtu_told(struct tcp_conn *c, struct seq seq, uint16_t mtu)
{
    if (mtu < PMTU_LEAST)
        mtu = PMTU_LEAST;
    if (mtu >= c->snd.path_mtu || !tcp_synchronized(c) ||
        c->tune.mtu_discover == 0 || packet_length(c, seq) <= mtu)
        return;
    c->snd.path_mtu = mtu;
    ip_learn_mtu(c->tcp->ip, c->remote.addr, mtu);
    if (tcp_path_own(c)) {
        c->path->mtu.lowered = true;
        c->path->mtu.since_s = tcp_second(c);
        if (c->path->mtu.high > mtu)
            c->path->mtu.high = mtu;
    }
    changed(c, RULE_TCP_PATH_MTU);
    tcp_sent_lose_all(c, false, RULE_TCP_PATH_MTU); /* and goes again, cut */
    tcp_note_cwnd(c, RULE_TCP_PATH_MTU);
}

/* --- nobody says so --------------------------------------------------- */

/* R1 was reached, or passed. Where small segments are lost, too, their size
 * is not to blame. */
void
tcp_mtu_black_hole(struct tcp_conn *c)
{
    unsigned base = c->tcp->config.base_mss, half;

    if (c->tcp->config.mtu_probing == 0 || c->sent->count == 0 ||
        c->tune.mtu_discover == 0)
        return;
    half = c->path->mtu.searching ? (c->path->mtu.low - HEADERS) / 2 : base;
    if (half > base)
        half = base;
    if (half < MSS_LEAST)
        half = MSS_LEAST;
    if (tcp_rec_numbers(tcp_sent_at(c, 0), 1) <= half)
        return;
    if (!c->path->mtu.searching)
        search(c);
    if (!c->path->mtu.searching) /* no memory */
        return;
    c->path->mtu.low = (uint16_t)(half + HEADERS);
    c->path->mtu.size = 0;
    changed(c, RULE_TCP_BLACK_HOLE);
    /* One segment beside what may still arrive, as after any timeout. */
    c->cc.cwnd = tcp_pipe(c) + c->snd.mss;
}

/* --- we ask ----------------------------------------------------------- */

/* Ten minutes have passed: ways change. */
static void
begin_anew(struct tcp_conn *c)
{
    struct ipv4 src;
    unsigned mtu;

    if (tcp_second(c) - c->path->mtu.since_s < FORGET_S)
        return;
    c->path->mtu.since_s = tcp_second(c);
    if (c->path->mtu.lowered &&
        ip_source_by(c->tcp->ip, c->tune.card, c->remote.addr, &src, &mtu) == 0)
        c->snd.path_mtu = (uint16_t)(mtu < 65535 ? mtu : 65535);
    c->path->mtu.lowered = /* others may have learnt it anew */
        c->snd.path_mtu <
        ip_first_mtu(c->tcp->ip, c->tune.card, c->remote.addr);
    c->path->mtu.high = c->snd.path_mtu;
    changed(c, RULE_TCP_MTU_RAISE);
}

/*
 * How many bytes a probe should carry now; 0: none. Only where there is more
 * to send behind it, whose ACKs would show its loss, and while nothing else
 * is amiss. The caller sends so much in one segment.
 */
uint32_t
tcp_mtu_probe(struct tcp_conn *c, uint32_t waiting, uint32_t room)
{
    uint32_t len, mss = c->snd.mss;

    if (c->path->mtu.lowered || c->path->mtu.searching)
        begin_anew(c);
    if (!c->path->mtu.searching || c->path->mtu.size ||
        c->path->mtu.high < c->path->mtu.low + NEAR ||
        c->cc.recovery != REC_OPEN || c->cc.dupacks > 0 ||
        c->sent->sacked > 0 || c->sent->lost > 0 ||
        c->cc.cwnd < PROBE_WINDOW * mss ||
        c->snd.peer_mss + HEADERS <= c->path->mtu.low)
        return 0;
    if (c->path->mtu.high > c->snd.peer_mss + HEADERS)
        c->path->mtu.high = (uint16_t)(c->snd.peer_mss + HEADERS);
    len = (c->path->mtu.low + c->path->mtu.high + 1u) / 2 - HEADERS -
          (c->ts.ok ? 12u : 0u);
    if (len <= mss || waiting < len + 4 * mss || room < len + 4 * mss)
        return 0;
    c->path->mtu.size =
        (uint16_t)((c->path->mtu.low + c->path->mtu.high + 1u) / 2);
    c->path->mtu.probe_end = seq_add(c->snd.nxt, len);
    return len;
}

/* SND.UNA has moved: past the probe? */
void
tcp_mtu_acked(struct tcp_conn *c)
{
    if (c->path->mtu.size == 0 || seq_lt(c->snd.una, c->path->mtu.probe_end))
        return;
    c->path->mtu.low = c->path->mtu.size;
    c->path->mtu.size = 0;
    changed(c, RULE_TCP_MTU_PROBED);
}

/* The probe goes again, in pieces: it was too large. */
void
tcp_mtu_lost(struct tcp_conn *c, struct seq end)
{
    if (c->path->mtu.size == 0 || !seq_eq(end, c->path->mtu.probe_end))
        return;
    if (c->path->mtu.high >=
        c->path->mtu.size) /* a router may have said less */
        c->path->mtu.high = (uint16_t)(c->path->mtu.size - 1);
    c->path->mtu.size = 0;
    changed(c, RULE_TCP_MTU_PROBE_LOST);
}
