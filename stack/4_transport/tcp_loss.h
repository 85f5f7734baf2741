/*
 * tcp_loss.h: the sender's half of TCP's own header (tcp_conn.h, which
 * includes it): what is out, what of it is lost, how far and how wide the
 * way is, and how much it may be given.
 */
#ifndef LW_TCP_LOSS_H
#define LW_TCP_LOSS_H

#include "tcp_sent.h"

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
void tcp_rack_arrived(struct tcp_conn *c, const struct tcp_rec *r,
    struct seq end, struct tcp_told *told);
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
/* Is there something that came twice, to be told with the next ACK? */
static inline bool
tcp_dsack_due(const struct tcp_conn *c)
{
    return !seq_eq(c->dsack.from, c->dsack.to);
}

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
