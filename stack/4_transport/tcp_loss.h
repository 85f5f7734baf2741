/*
 * tcp_loss.h: the sender's half of TCP's own header (tcp_conn.h, which
 * includes it): what is out, what of it is lost, how far and how wide the
 * way is, and how much it may be given.
 */
#ifndef LW_TCP_LOSS_H
#define LW_TCP_LOSS_H

#include "tcp_tcb.h"

/* --- tcp_sent.c ------------------------------------------------------- */

void tcp_sent_init(struct tcp_conn *c); /* nothing is out */
bool tcp_sent_push(
    struct tcp_conn *c, struct seq seq, uint32_t len, uint8_t flags);
struct tcp_rec *tcp_sent_at(struct tcp_conn *c, uint32_t i);

/* What one ACK tells, gathered on its way through the steps. */
struct tcp_told {
    bool ts; /* it carries timestamps; tsecr: the one that it echoes */
    uint32_t tsecr;
    uint32_t len;          /* taken off, in sequence numbers */
    uint32_t fresh;        /* of that, not reported by SACK before */
    uint32_t delivered;    /* fresh, and what SACK newly reports */
    bool advanced;         /* SND.UNA moves */
    bool sacked;           /* a SACK block was news */
    bool again;            /* some of len had been sent again */
    bool original;         /* some that was sent once was out at `recover` */
    bool once;             /* some that was sent once has arrived */
    bool timed;            /* at: when the oldest was sent, sent once only */
    bool sack_timed;       /* the same of what SACK newly reports */
    bool bare;             /* a duplicate without text, SACK or window */
    bool dsack;            /* something came twice */
    bool dsack_probe;      /* ... namely the tail loss probe */
    bool lost, lost_again; /* more is lost; something that was sent again */
    struct instant at, sack_at;
    struct instant once_at; /* of what was sent once, the latest sent: when */
    struct seq once_end;    /* ... and its end; with `once` */
    struct seq highest;     /* end of what arrived */
    struct seq reordered;   /* the first that came after later ones */
};
void tcp_sent_ack(struct tcp_conn *c, struct seq una, struct tcp_told *told);
void tcp_sent_sack(
    struct tcp_conn *c, const struct tcp_range *block, struct tcp_told *told);
void tcp_sent_lose(struct tcp_conn *c, struct tcp_rec *r, enum rule why);
void tcp_sent_lose_all(struct tcp_conn *c, bool forget_sacks, enum rule why);
void tcp_sent_unlose(struct tcp_conn *c);
struct tcp_rec *tcp_sent_next_lost(struct tcp_conn *c);
void tcp_sent_again(struct tcp_conn *c, struct tcp_rec *r, bool probe);
struct tcp_rec *tcp_sent_split(
    struct tcp_conn *c, const struct tcp_rec *r, uint32_t most);
/* In the order in which they were sent last: those whose fate is open. */
struct tcp_rec *tcp_sent_oldest(struct tcp_conn *c);
struct tcp_rec *tcp_sent_newer(struct tcp_conn *c, const struct tcp_rec *r);
void tcp_sent_free(struct tcp_conn *c);

/* Sequence numbers out and unacknowledged: FlightSize of RFC 5681. */
static inline uint32_t
tcp_flight(const struct tcp_conn *c)
{
    return c->snd.nxt.v - c->snd.una.v;
}

/* What is thought to be on the way now: the pipe of RFC 6675 4. */
static inline uint32_t
tcp_pipe(const struct tcp_conn *c)
{
    return tcp_flight(c) - c->sent->sacked - c->sent->lost + c->sent->again;
}

/* Lost, and not sent again yet. */
static inline uint32_t
tcp_missing(const struct tcp_conn *c)
{
    return c->sent->lost - c->sent->again;
}

/* --- tcp_path.c ------------------------------------------------------- */
extern const struct tcp_path tcp_path_untried;

static inline bool
tcp_path_owned(const struct tcp_conn *c)
{
    return c->path != &tcp_path_untried;
}

void tcp_path_init(struct tcp_conn *c); /* there is nothing to know yet */
/* Before c->path is written to; false: no memory, it may only be read. */
bool tcp_path_own(struct tcp_conn *c);
void tcp_path_free(struct tcp_conn *c);

/* --- tcp_recover.c ---------------------------------------------------- */

void tcp_recover_sacks(
    struct tcp_conn *c, const struct tcp_opts *o, struct tcp_told *told);
/* An ACK was worked on: what is lost, and where does that leave us? */
void tcp_recover_told(
    struct tcp_conn *c, struct tcp_told *told, bool duplicate);
/* A recovery begins; false: it cannot be paced (RFC 9937). */
bool tcp_recover_pace(struct tcp_conn *c, uint32_t flight);

/* So many bytes were sent, or sent again: what goes is set against what
 * arrives. */
static inline void
tcp_recover_sent(struct tcp_conn *c, uint32_t len)
{
    if (tcp_path_owned(c))
        c->path->prr.out += len;
}

void tcp_recover_late(struct tcp_conn *c); /* the reordering timer found some */
void tcp_recover_timeout(struct tcp_conn *c);

/* --- tcp_rack.c ------------------------------------------------------- */

/* Time decides what is lost, not the number of duplicates. */
static inline bool
tcp_rack_on(const struct tcp_conn *c)
{
    return c->sack_ok && c->tcp->config.rack;
}
void tcp_rack_start(struct tcp_conn *c);
void tcp_rack_arrived(
    struct tcp_conn *c, const struct tcp_rec *r, struct tcp_told *told);
void tcp_rack_told(struct tcp_conn *c, const struct tcp_told *told);
void tcp_rack_timeout(struct tcp_conn *c, bool reneged);
void tcp_rack_forget(struct tcp_conn *c, const struct tcp_told *told);
void tcp_rack_recovered(struct tcp_conn *c);
void tcp_rack_fire(struct tcp_conn *c);

/* --- tcp_probe.c ------------------------------------------------------ */
int64_t tcp_probe_in(struct tcp_conn *c); /* 0: no probe is to be sent */
void tcp_probe_fire(struct tcp_conn *c);
void tcp_probe_told(
    struct tcp_conn *c, struct seq ack, const struct tcp_told *told);

/* --- tcp_dsack.c ------------------------------------------------------ */
void tcp_dsack_note(struct tcp_conn *c, struct seq from, struct seq to);
void tcp_dsack_told(struct tcp_conn *c, const struct tcp_opts *o,
    struct seq ack, struct tcp_told *told);

/* --- tcp_undo.c ------------------------------------------------------- */

void tcp_undo_begin(struct tcp_conn *c);
void tcp_undo_sent(struct tcp_conn *c); /* one went again */
bool tcp_undo_delayed(const struct tcp_conn *c, const struct tcp_told *told);
bool tcp_undo_may(const struct tcp_conn *c, const struct tcp_told *told);
void tcp_undo(struct tcp_conn *c, const struct tcp_told *told, bool unlose,
    enum rule why);
void tcp_frto_end(struct tcp_conn *c); /* it is not asked any more */
void tcp_frto_begin(struct tcp_conn *c);
bool tcp_frto_told(
    struct tcp_conn *c, const struct tcp_told *told, bool duplicate);

/* --- tcp_cong.c ------------------------------------------------------- */

void tcp_cong_start(struct tcp_conn *c);
void tcp_cong_acked(struct tcp_conn *c, uint32_t acked);
void tcp_cong_used(struct tcp_conn *c);   /* something new was sent */
void tcp_cong_loss(struct tcp_conn *c);   /* sets ssthresh: FlightSize / 2 */
void tcp_cong_marked(struct tcp_conn *c); /* likewise, by RFC 3168 */
void tcp_cong_timeout(struct tcp_conn *c);
void tcp_cong_idle(struct tcp_conn *c);

/* --- tcp_cubic.c, tcp_hystart.c --------------------------------------- */

void tcp_cubic_acked(struct tcp_conn *c, uint32_t acked);
uint32_t tcp_cubic_loss(struct tcp_conn *c);    /* the window to go on with */
bool tcp_cubic_young(const struct tcp_conn *c); /* running, for 1 s at most */
void tcp_cubic_timeout(struct tcp_conn *c);
void tcp_cubic_idle(struct tcp_conn *c);    /* before sending after a silence */
void tcp_hystart_begin(struct tcp_conn *c); /* c->path is new */
void tcp_hystart_restart(struct tcp_conn *c);
void tcp_hystart_acked(struct tcp_conn *c, int64_t rtt_ns);

/* --- tcp_ecn.c -------------------------------------------------------- */
struct tcp_arrival;
uint8_t tcp_ecn_syn(struct tcp_conn *c, bool again);
void tcp_ecn_agree(const struct tcp_arrival *a);
void tcp_ecn_text(const struct tcp_arrival *a);
uint8_t tcp_ecn_stamp(struct tcp_conn *c, struct tcp_seg *seg, bool fresh);
void tcp_ecn_echoed(struct tcp_conn *c);

/* --- tcp_mtu.c -------------------------------------------------------- */
void tcp_mtu_start(struct tcp_conn *c);
void tcp_mtu_told(struct tcp_conn *c, struct seq seq, uint16_t mtu);
void tcp_mtu_black_hole(struct tcp_conn *c);
uint32_t tcp_mtu_probe(struct tcp_conn *c, uint32_t waiting, uint32_t room);
void tcp_mtu_acked(struct tcp_conn *c);
void tcp_mtu_lost(struct tcp_conn *c, struct seq end);

/* The clock in whole seconds, for what only grows old. */
static inline uint32_t
tcp_second(const struct tcp_conn *c)
{
    return (uint32_t)(c->tcp->env->timers->now.ns / LW_S);
}

/* --- tcp_rtt.c -------------------------------------------------------- */
void tcp_rtt_sample(struct tcp_conn *c, int64_t rtt_ns);
int64_t tcp_rto(const struct tcp_conn *c); /* with backoff */

#endif
