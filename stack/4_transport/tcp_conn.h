/*
 * tcp_conn.h: TCP's own header, seen by the files of this folder only: what
 * they do for one another. Each file answers one question:
 *
 *     tcp_input.c     whose segment is this?      tcp_state.c   which arrow?
 *     tcp_listen.c    who is calling?             tcp_table.c   where is it?
 *     tcp_arrive*.c   what does it say?           tcp_options.c which options?
 *     tcp_reasm.c     what came too early?        tcp_isn.c     which number?
 *     tcp_ack.c       when do I answer?           tcp_segment.c which bytes?
 *     tcp_output.c    what may I send?            tcp_ring.c    what is to go?
 *     tcp_recover.c   what was lost?              tcp_sent.c    what is out?
 *     tcp_cong.c      how much can the way take?  tcp_rtt.c     how far is it?
 *     tcp_timer.c     what if nobody answers?     tcp_icmp.c    who complains?
 *     tcp_user.c      what does the program want? tcp_note.c    who must know?
 *     tcp_query.c     how do things stand?        tcp_conn.c    who lives on?
 *     tcp_facts.c     what is there to tell?      tcp_cubic.c   ... if wide?
 *     tcp_ecn.c       is the way crowded?         tcp_tune.c    what is set?
 *     tcp_urgent.c    what cannot wait?           tcp_mtu.c     how large?
 *     tcp_rack.c      what is overdue?            tcp_probe.c   ... the end?
 *     tcp_dsack.c     what came twice?            tcp_undo.c    in vain?
 *     tcp_cookie.c    is there no room?           tcp_each.c    who is there?
 *     tcp_train.c     many at once?               tcp_send.c    what is given?
 *     tcp_lent.c      what is not copied?         tcp_wmem.c    how much waits?
 *
 *     tcp_path.c      ... tried hard?             tcp_recs.c    ... noted?
 *     tcp_pace.c      not all at once?
 *
 * Those about what is out, what is lost and how much may go: tcp_loss.h.
 * Fields are spelled as in the RFC: c->snd.una is SND.UNA.
 */
#ifndef LW_TCP_CONN_H
#define LW_TCP_CONN_H

#include "tcp_loss.h"

/* --- tcp_state.c ------------------------------------------------------ */

/* The one door: asserts the arrow, reports TCP_MOVE. */
void tcp_move(struct tcp_conn *c, enum tcp_state to, enum rule why);
void tcp_listener_move(
    struct tcp_listener *l, enum tcp_state to, enum rule why);

/* A new connection begins in the state of its listener. */
void tcp_inherit_state(struct tcp_conn *c, const struct tcp_listener *l);

/* Has the SYN of the peer been seen and ours acknowledged? */
static inline bool
tcp_synchronized(const struct tcp_conn *c)
{
    return c->state >= TCP_ESTABLISHED;
}

/* --- tcp_conn.c ------------------------------------------------------- */

struct tcp_conn *tcp_conn_new(struct tcp *tcp, struct tcp_end local,
    struct tcp_end remote, const struct tcp_tune *tune);

/* Begins at this number instead (before anything is sent). */
void tcp_set_iss(struct tcp_conn *c, struct seq iss);

/* Bracket all work on a connection: the outermost leave tells the owner and
 * forgets the connection when it is closed and nobody's. */
void tcp_enter(struct tcp_conn *c);
void tcp_leave(struct tcp_conn *c);

/* Puts c into the list, with the present cause; *place is c's place in it.
 * False: no memory. */
bool tcp_later_put(
    struct tcp_later *later, uint32_t *place, struct tcp_conn *c);

/* The end: no timers, no buffers, not findable. error 0: orderly. */
void tcp_conn_end(struct tcp_conn *c, int error, enum rule why);

/* Sends a RST for this connection and ends it (RFC 9293 3.10.5). */
void tcp_conn_abort(struct tcp_conn *c, int error, enum rule why);

/* Frees it at once and silently, whatever it was doing. */
void tcp_conn_forget(struct tcp_conn *c);

void tcp_enter_time_wait(struct tcp_conn *c, enum rule why);
void tcp_tune_default(const struct tcp *tcp, struct tcp_tune *tune);

/* What may be sent in one segment, from MTU, peer and options. */
void tcp_update_mss(struct tcp_conn *c);

/* Sends our SYN, or SYN,ACK, for the first time. */
void tcp_send_syn(struct tcp_conn *c, enum rule why);

/* Takes over what both SYNs have agreed on (RFC 7323, RFC 2018, MUST-15). */
void tcp_agree(struct tcp_conn *c, const struct tcp_opts *theirs);

/* --- tcp_tune.c ------------------------------------------------------- */

/* Sets one option; -EINVAL, -ENOPROTOOPT. */
int tcp_tune_set(struct tcp_tune *t, enum tcp_option o, int value);

/* --- tcp_query.c ------------------------------------------------------ */

int tcp_take_error(struct tcp_conn *c);      /* tcp_send.c: pending, once */
bool tcp_writable(const struct tcp_conn *c); /* room for more: TCP_OUT */

/* TCP_NOTSENT_LOWAT: with so much unsent no more is taken; 0: no bound. */
uint32_t tcp_unsent_most(const struct tcp_conn *c);

/* --- tcp_table.c ------------------------------------------------------ */

bool tcp_table_init(struct tcp *tcp);
void tcp_table_free(struct tcp *tcp);
struct tcp_conn *tcp_find(
    struct tcp *tcp, struct tcp_end local, struct tcp_end remote);
/* The one that is bound to the card by which came what has header ih. */
struct tcp_conn *tcp_find_by_card(struct tcp *tcp, struct tcp_end local,
    struct tcp_end remote, const struct ip_hdr *ih);

/* Did what came with header ih come by that card? */
bool tcp_by_card(const struct tcp *tcp, unsigned card, const struct ip_hdr *ih);
void tcp_insert(struct tcp *tcp, struct tcp_conn *c);
void tcp_remove(struct tcp *tcp, struct tcp_conn *c);
/* The one that hears what came with header ih. */
struct tcp_listener *tcp_find_listener(const struct tcp *tcp,
    struct tcp_end local, struct tcp_end remote, const struct ip_hdr *ih);
void tcp_insert_listener(struct tcp *tcp, struct tcp_listener *l);
void tcp_remove_listener(struct tcp *tcp, struct tcp_listener *l);

/* A free port (RFC 6056 3.3.4); 0: none left. */
uint16_t tcp_connect_port(
    struct tcp *tcp, struct ipv4 local, struct tcp_end remote);
uint16_t tcp_listen_port(struct tcp *tcp, struct ipv4 addr, unsigned reuse);

/* --- tcp_isn.c -------------------------------------------------------- */

struct seq tcp_isn(
    const struct tcp *tcp, struct tcp_end local, struct tcp_end remote);
uint32_t tcp_ts_offset(
    const struct tcp *tcp, struct tcp_end local, struct tcp_end remote);
uint32_t tcp_ts_at(const struct tcp_conn *c, struct instant at); /* TSval */
uint32_t tcp_ts_now(const struct tcp_conn *c);

#define TCP_TS_VALID_S (24u * 24 * 3600) /* RFC 7323 5.5 */

/* Is this timestamp of the peer before the last one? After 24 days nobody can
 * say: its clock may have gone half around. */
static inline bool
tcp_ts_old(const struct tcp_conn *c, uint32_t tsval)
{
    return (int32_t)(tsval - c->ts.recent) < 0 &&
           tcp_second(c) - c->ts.recent_s <= TCP_TS_VALID_S;
}

/* --- tcp_options.c ---------------------------------------------------- */

/* False: malformed (MUST-7); the segment is then refused. */
bool tcp_options_parse(
    struct tcp_opts *o, const uint8_t *data, size_t len, bool syn);
void tcp_options_build(struct writer *w, const struct tcp_opts *o, bool syn);

/* tcpdump's words for raw options, zero-terminated. */
char *tcp_options_text(const uint8_t *data, size_t len, char *buf, size_t size);

/* --- tcp_segment.c ---------------------------------------------------- */

/* DROP_NONE, or why these bytes are no segment. */
enum drop tcp_segment_parse(
    struct tcp_seg *seg, const struct pkt *p, const struct ip_hdr *ih);

/* Which options a segment with these flags carries now; their length. */
size_t tcp_segment_options(
    const struct tcp_conn *c, uint8_t flags, struct tcp_opts *o);

/*
 * Sends `data` bytes of the ring from seq on with all that the connection's
 * state adds: ACK, window, options; with c->train as several segments that
 * the card cuts. What there is no memory for is as good as lost on the wire.
 */
void tcp_transmit(struct tcp_conn *c, struct seq seq, uint32_t data,
    uint8_t flags, enum rule why);
bool tcp_card_sums(const struct tcp_conn *c); /* is text's sum left to it? */

/* Answers a segment that belongs to no connection (RFC 9293 3.10.7.1). */
struct tcp_arrival;
void tcp_send_reset(const struct tcp_arrival *a, enum rule why);

/* --- tcp_ring.c ------------------------------------------------------- */

/* Appends; returns how many bytes: fewer when there is no memory. */
uint32_t tcp_ring_put(struct tcp_conn *c, const uint8_t *data, uint32_t len);
/* The same for bytes of a page, which stay there. */
uint32_t tcp_ring_put_page(
    struct tcp_conn *c, struct page *page, uint32_t from, uint32_t len);
/* Copies out len bytes from seq on and adds them to the running checksum. */
uint64_t tcp_ring_copy(const struct tcp_conn *c, struct seq seq, uint8_t *to,
    uint32_t len, uint64_t sum);
/* The same without a sum. */
void tcp_ring_peek(
    const struct tcp_conn *c, struct seq seq, uint8_t *to, uint32_t len);
/* Lends len bytes from seq on to p (pkt.h). False: p has no room for all. */
bool tcp_ring_lend(
    const struct tcp_conn *c, struct seq seq, uint32_t len, struct pkt *p);
void tcp_ring_ack(struct tcp_conn *c, struct seq una);
void tcp_ring_free(struct tcp_conn *c);

static inline struct seq
tcp_ring_end(const struct tcp_conn *c)
{
    return seq_add(c->ring.seq, c->ring.used);
}

/* --- tcp_wmem.c --- */
uint32_t tcp_wmem_room(const struct tcp_conn *c);       /* to append now */
void tcp_wmem_put(struct tcp_conn *c, struct seq from); /* that was appended */
/* From seq to the end of its buffer; UINT32_MAX: that is being filled. */
uint32_t tcp_wmem_left(const struct tcp_conn *c, struct seq seq);
void tcp_wmem_expand(struct tcp_conn *c);
void tcp_wmem_look(struct tcp_conn *c);
/* --- tcp_reasm.c ------------------------------------------------------ */

void tcp_reasm_init(struct tcp_conn *c); /* nothing came too early */
/* Keeps p, text from seq on; takes p. False: refused, p dropped. */
bool tcp_reasm_put(struct tcp_conn *c, struct pkt *p, struct seq seq);
/* Moves what has become in order to the receive queue; true if any. */
bool tcp_reasm_take(struct tcp_conn *c);
unsigned tcp_reasm_blocks(
    const struct tcp_conn *c, struct tcp_range *block, unsigned max);
void tcp_reasm_free(struct tcp_conn *c);
void tcp_queue_put(struct tcp_conn *c, struct pkt *p); /* in order; takes p */
void tcp_queue_free(struct tcp_conn *c);

/* --- tcp_ack.c -------------------------------------------------------- */

uint32_t tcp_window(struct tcp_conn *c); /* to offer now; moves rcv.adv */
void tcp_ack_at_once(struct tcp_conn *c, enum rule why);
/* One that is due goes before the next segment is looked at, though the turn
 * or the batch is not over. */
void tcp_ack_due(struct tcp_conn *c);
void tcp_ack_data(struct tcp_conn *c, uint32_t data, bool filled);
void tcp_ack_flush(struct tcp_conn *c); /* sends what is owed at once */
void tcp_ack_unowe(struct tcp_conn *c); /* nothing at the end of a batch */
void tcp_ack_batch_end(void *tcp);
void tcp_ack_sent(struct tcp_conn *c, bool with_data);
void tcp_ack_window(struct tcp_conn *c); /* the program has read */
void tcp_ack_tune(struct tcp_conn *c, uint32_t copied);
void tcp_challenge(struct tcp_conn *c, enum rule why);
void tcp_delack_fire(void *conn);

/* --- tcp_output.c ----------------------------------------------------- */

void tcp_output(struct tcp_conn *c);
void tcp_output_override(struct tcp_conn *c);
/* The tail loss probe; 1: it was something old, -ENOMEM: none was sent. */
int tcp_output_tail(struct tcp_conn *c);
bool tcp_retransmit(struct tcp_conn *c, struct tcp_rec *r, enum rule why);
uint32_t tcp_waiting(const struct tcp_conn *c);  /* bytes never sent */
bool tcp_window_holds(const struct tcp_conn *c); /* SND.WND does, alone */

/* --- tcp_pace.c: of connections with c->paced ------------------------- */

bool tcp_pace_own(struct tcp_conn *c);  /* is from now on; false: no memory */
void tcp_pace_stop(struct tcp_conn *c); /* nobody waits; any connection */
void tcp_pace_free(struct tcp_conn *c);
/* May text leave now? Else the timer is set for when it may. */
bool tcp_pace_ready(struct tcp_conn *c);
bool tcp_pace_early(struct tcp_conn *c);       /* the same without the timer */
bool tcp_pace_waits(const struct tcp_conn *c); /* is the timer set? */
void tcp_pace_count(struct tcp_conn *c, uint32_t len); /* text has left */
void tcp_pace_settle(struct tcp_conn *c);              /* ... all, for now */
/* Of any connection: the segments in a burst; bytes a second, UINT64_MAX: not
 * known, no bound. */
uint32_t tcp_pace_burst(const struct tcp_conn *c);
uint64_t tcp_pace_window_rate(const struct tcp_conn *c);
uint64_t tcp_pace_most(const struct tcp_conn *c);

/* --- tcp_train.c ------------------------------------------------------ */

#define TCP_TRAIN_IP 20 /* the IP headers within a train have no options */

/* a->p is the first of a train, a->c its connection or NULL: takes all of it
 * in when that is as expected; false: nothing was done. */
bool tcp_train_input(struct tcp_arrival *a);

/* --- tcp_urgent.c ----------------------------------------------------- */
void tcp_urgent_send(struct tcp_conn *c);
void tcp_urgent_stamp(const struct tcp_conn *c, struct tcp_seg *seg);
void tcp_urgent_arrive(const struct tcp_arrival *a);
bool tcp_urgent_hides(const struct tcp_conn *c);
size_t tcp_urgent_stop(const struct tcp_conn *c, size_t len);
void tcp_urgent_passed(struct tcp_conn *c);
void tcp_urgent_skip(struct tcp_conn *c); /* tcp_user.c: one byte unread */

/* Urgent data are not acknowledged yet. */
static inline bool
tcp_urgent_out(const struct tcp_conn *c)
{
    return seq_lt(c->snd.una, c->snd.up);
}

/* --- tcp_timer.c ------------------------------------------------------ */

void tcp_timers_init(struct tcp_conn *c);
void tcp_timers_stop(struct tcp_conn *c);
void tcp_arm_retx(struct tcp_conn *c, enum retx_timer kind);
void tcp_arm_reorder(struct tcp_conn *c, int64_t ns);
void tcp_rearm_rto(struct tcp_conn *c); /* after another timer, the rest */
void tcp_arm_tail(struct tcp_conn *c);  /* new data were sent */
void tcp_stop_retx(struct tcp_conn *c);
void tcp_arm_keep(struct tcp_conn *c, enum keep_timer kind, int64_t ns);
void tcp_restart_keepalive(struct tcp_conn *c);
void tcp_await_fin(struct tcp_conn *c);

/* --- tcp_arrive.c, tcp_arrive_ack.c, tcp_arrive_text.c --- */

/* A segment on its way through the steps of RFC 9293 3.10.7. */
struct tcp_arrival {
    struct tcp *tcp;
    struct tcp_conn *c;
    struct tcp_seg seg;
    const struct ip_hdr *ih;
    struct tcp_end local, remote;
    struct pkt *p; /* the text; NULL once somebody has taken it */
    uint32_t off;  /* where the header stood in its buffer */
    bool apart;    /* there is a connection of both ends, bound to another card
                      than it came by; c may be a second */
};

void tcp_arrive(struct tcp_arrival *a);
void tcp_established(struct tcp_arrival *a, enum rule why);
bool tcp_arrive_ack(struct tcp_arrival *a);
void tcp_take_ack(
    struct tcp_conn *c, const struct tcp_seg *seg, struct tcp_told *told);
void tcp_remember_timestamp(struct tcp_conn *c, const struct tcp_seg *seg);
struct tcp_told tcp_told_begin(
    const struct tcp_conn *c, const struct tcp_seg *seg);
void tcp_arrive_text(struct tcp_arrival *a);
void tcp_keep_syn_text(struct tcp_arrival *a);
void tcp_deliver_syn_text(struct tcp_conn *c);
void tcp_arrive_fin(struct tcp_arrival *a);
void tcp_arrive_drop(struct tcp_arrival *a, enum drop why, enum rule rule);

/* --- tcp_input.c ------------------------------------------------------ */
void tcp_input(void *tcp, struct pkt *p, const struct ip_hdr *ih);

/* --- tcp_listen.c ----------------------------------------------------- */

/* A segment for somebody who listens (RFC 9293 3.10.7.2). after: the end of
 * an earlier life of the four-tuple that the new ISS must exceed, or NULL. */
void tcp_listen_input(
    struct tcp_listener *l, struct tcp_arrival *a, const struct seq *after);
/* An ACK that would complete the handshake: false when it is refused. */
bool tcp_listen_ack(struct tcp_arrival *a);
/* Nobody answered our SYN,ACK in time: is it given up, is it sent again? */
bool tcp_listen_expired(struct tcp_conn *c);
bool tcp_listen_repeats(const struct tcp_conn *c);
void tcp_listen_established(struct tcp_conn *c);
void tcp_listen_forget(struct tcp_conn *c);

/* --- tcp_cookie.c ----------------------------------------------------- */
struct sipkey tcp_cookie_key(struct sipkey secret);
void tcp_cookie_options(struct tcp_opts *o); /* what a cookie can carry */
void tcp_cookie_send(struct tcp_conn *c, const struct tcp_arrival *a);
bool tcp_cookie_check(
    const struct tcp_arrival *a, struct tcp_opts *o, bool *ecn);

/* --- tcp_icmp.c ------------------------------------------------------- */
bool tcp_icmp(void *tcp, const struct ip_error *err);

/* --- tcp_facts.c ------------------------------------------------------ */
void tcp_held_update(struct tcp_conn *c); /* after all work on c */

/* --- tcp_note.c ------------------------------------------------------- */

char *tcp_flags_text(uint8_t flags, char *buf);    /* at least 9 bytes */
char *tcp_end_text(struct tcp_end end, char *buf); /* at least 22 bytes */
uint64_t tcp_note_arrive(const struct tcp_arrival *a);
void tcp_note_send(const struct tcp_conn *c, struct env *env,
    const struct pkt *p, const struct tcp_seg *seg, enum rule why);
void tcp_note_vars(struct tcp_conn *c);
void tcp_note_conn(const struct tcp_conn *c);
void tcp_note_cwnd(const struct tcp_conn *c, enum rule why);

#endif
