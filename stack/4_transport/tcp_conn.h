/*
 * tcp_conn.h: TCP's own header, seen by the files of this folder only: the
 * connection (the TCB of RFC 9293 3.3.1) and what the files do for one
 * another. Each file answers one question:
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
 *
 * Fields are spelled as in the RFC: c->snd.una is SND.UNA.
 */
#ifndef LW_TCP_CONN_H
#define LW_TCP_CONN_H

#include "tcp.h"
#include "ip.h"
#include "tcp_seg.h"

/* What a program can set; a listener's are inherited. */
struct tcp_tune {
    uint32_t sndbuf, rcvbuf;
    bool rcvbuf_fixed; /* SO_RCVBUF was set: no tuning */
    bool nodelay, cork, quickack, keepalive;
    uint16_t maxseg; /* 0: what the link takes */
    int keepidle, keepintvl, keepcnt;
    uint32_t user_timeout_ms;
};

enum recovery {
    REC_OPEN,   /* nothing is amiss */
    REC_FAST,   /* fast recovery: RFC 6582, RFC 6675 */
    REC_TIMEOUT /* after a retransmission timeout, until `recover` */
};

enum retx_timer {
    RETX_RTO,
    RETX_PERSIST
};
enum keep_timer {
    KEEP_ALIVE,
    KEEP_FIN_WAIT_2,
    KEEP_TIME_WAIT
};

struct tcp_conn {
    struct tcp *tcp;
    struct tcp_conn *chain;        /* next in the bucket of the table */
    struct tcp_conn *next, *prev;  /* in a queue of `listener` */
    struct tcp_listener *listener; /* until accepted; NULL: none */
    tcp_notify *notify;
    void *owner;
    uint64_t id, sock;
    struct tcp_end local, remote;

    uint8_t state;   /* enum tcp_state; changed by tcp_move alone */
    bool hashed;     /* findable by its four-tuple */
    bool passive;    /* SYN-RECEIVED came from LISTEN (MUST-11) */
    bool in_accept;  /* stands in the accept queue, not the SYN queue */
    bool orphan;     /* nobody owns it any more */
    bool reuse;      /* SO_REUSEADDR was set on its listener */
    bool connected;  /* was ever ESTABLISHED */
    bool wake;       /* notify is due */
    bool starved;    /* tcp_send found no room: notify when there is */
    bool read_shut;  /* SHUT_RD */
    bool fin_queued; /* our direction ends after what is in the ring */
    bool fin_sent;
    bool more;      /* MSG_MORE was given last */
    bool telling;   /* its owner is being told */
    uint8_t busy;   /* how many of our functions are at work on it */
    int error;      /* pending errno */
    int soft_error; /* what ICMP said last (RFC 9293 3.9.2.2) */

    struct {
        struct seq una, nxt, wl1, wl2, iss;
        uint32_t wnd;     /* bytes, scaled */
        uint32_t max_wnd; /* largest ever offered */
        uint8_t wscale;
        uint16_t mss;      /* most bytes of text in a segment, without SACK */
        uint16_t peer_mss; /* what the peer said it takes */
        uint16_t path_mtu; /* largest IP packet on the way */
        struct seq small;  /* end of the last short segment (Minshall) */
    } snd;
    struct {
        struct seq nxt, irs;
        struct seq adv; /* right edge of the window offered */
        uint8_t wscale;
        bool fin;      /* a FIN has come; it stands at fin_seq */
        bool fin_done; /* ... and everything before it too */
        struct seq fin_seq;
        uint32_t window_max;     /* most we offer now; grows up to rcvbuf */
        uint16_t mss;            /* largest segment seen lately */
        struct pkt *head, *tail; /* in order, waiting for tcp_recv */
        uint32_t queued;         /* bytes in that queue */
        uint32_t copied;         /* bytes the program took since tuned_at */
        struct instant tuned_at;
    } rcv;

    struct {
        bool ok; /* both ends sent the option in their SYN (RFC 7323 3.2) */
        uint32_t offset, recent;
        struct instant recent_at;
        struct seq last_ack_sent;
    } ts;
    bool sack_ok;   /* both ends sent the option (RFC 2018 2) */
    bool wscale_ok; /* likewise (RFC 7323 2.2) */

    struct tcp_ring ring;
    struct tcp_sent sent;
    struct tcp_reasm reasm;

    struct {
        uint8_t recovery; /* enum recovery */
        uint8_t dupacks;
        bool limited;            /* cwnd held something back */
        bool partial_seen;       /* RFC 6582: a partial ACK has come */
        uint32_t cwnd, ssthresh; /* bytes */
        uint32_t extra;          /* sent by limited transmit (RFC 3042) */
        uint32_t acked;          /* towards the next step of avoidance */
        struct seq recover;      /* recovery ends here */
        struct instant sent_at;  /* last time data was sent */
    } cc;

    struct {
        int64_t srtt_ns, rttvar_ns; /* 0: not measured yet */
        int64_t rto_ns;             /* without backoff */
        int64_t last_ns;
        uint8_t backoff;
    } rtt;

    struct {
        bool began;             /* some text has come */
        bool now;               /* an ACK must go at once */
        bool pending;           /* one is owed */
        bool pingpong;          /* the program answers by itself */
        uint8_t quick;          /* so many more at once */
        uint16_t why;           /* rule, for whoever sends it */
        uint32_t unacked;       /* bytes received and not acknowledged */
        struct instant data_at; /* when text came last */
        struct instant challenge_until;
        uint8_t challenge_left;
    } ack;

    uint8_t retx_kind, keep_kind;
    uint8_t retries;              /* times the oldest segment was sent again */
    uint8_t probes;               /* keep-alives without an answer */
    struct instant waiting_since; /* for the user timeout */
    struct instant heard_at;      /* last segment from the peer */
    struct timer retx, delack, keep;

    struct tcp_tune tune;
    uint64_t vars; /* hash of the TCP_VARS last reported */
};

struct tcp_listener {
    struct tcp *tcp;
    struct tcp_listener *next; /* in its bucket */
    tcp_notify *notify;
    void *owner;
    uint64_t id;
    struct tcp_end local;
    uint8_t state;
    bool reuse;
    unsigned backlog;
    struct tcp_conn *syn_head, *syn_tail;       /* SYN-RECEIVED */
    struct tcp_conn *accept_head, *accept_tail; /* wait for tcp_accept */
    unsigned syn_count, accept_count;
    struct tcp_tune tune;
};

#define TCP_LISTEN_BUCKETS 64
#define TCP_PORT_STEPS     64
#define TCP_RING_SIZE      16384 /* first size of a send buffer */
#define TCP_RINGS_KEPT     64

struct tcp {
    struct env *env;
    struct ip *ip;
    struct tcp_config config;
    struct tcp_conn **bucket;
    uint32_t mask; /* buckets minus one */
    uint32_t hashed;
    struct tcp_listener *listeners[TCP_LISTEN_BUCKETS];
    struct sipkey table_key, isn_key, ts_key, port_key;
    uint16_t port_step[TCP_PORT_STEPS];
    uint64_t last_id;
    struct tcp_counts counts;
    uint8_t *rings[TCP_RINGS_KEPT]; /* send buffers to use again */
    unsigned nrings;
    bool iss_fixed; /* for tests: every connection starts at iss */
    struct seq iss;
};

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

/* Takes over what both SYNs have agreed on (RFC 7323, RFC 2018, MUST-15). */
void tcp_agree(struct tcp_conn *c, const struct tcp_opts *theirs);

/* --- tcp_table.c ------------------------------------------------------ */

bool tcp_table_init(struct tcp *tcp);
void tcp_table_free(struct tcp *tcp);
struct tcp_conn *tcp_find(
    const struct tcp *tcp, struct tcp_end local, struct tcp_end remote);
void tcp_insert(struct tcp *tcp, struct tcp_conn *c);
void tcp_remove(struct tcp *tcp, struct tcp_conn *c);
struct tcp_listener *tcp_find_listener(
    const struct tcp *tcp, struct tcp_end local);
void tcp_insert_listener(struct tcp *tcp, struct tcp_listener *l);
void tcp_remove_listener(struct tcp *tcp, struct tcp_listener *l);

/* May somebody listen on local? */
bool tcp_can_listen(const struct tcp *tcp, struct tcp_end local, bool reuse);

/* A free port (RFC 6056 3.3.4); 0: none left. */
uint16_t tcp_connect_port(
    struct tcp *tcp, struct ipv4 local, struct tcp_end remote);
uint16_t tcp_listen_port(struct tcp *tcp, struct ipv4 addr, bool reuse);

/* --- tcp_isn.c -------------------------------------------------------- */

struct seq tcp_isn(
    const struct tcp *tcp, struct tcp_end local, struct tcp_end remote);
uint32_t tcp_ts_offset(
    const struct tcp *tcp, struct tcp_end local, struct tcp_end remote);
uint32_t tcp_ts_now(const struct tcp_conn *c); /* TSval */

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
 * Sends `data` bytes of the ring from seq on with these flags and all that
 * the connection's state adds: ACK, window, options. A segment that cannot
 * be made for want of memory is as good as lost on the wire.
 */
void tcp_transmit(struct tcp_conn *c, struct seq seq, uint32_t data,
    uint8_t flags, enum rule why);

/* Answers a segment that belongs to no connection (RFC 9293 3.10.7.1). */
struct tcp_arrival;
void tcp_send_reset(const struct tcp_arrival *a, enum rule why);

/* --- tcp_ring.c ------------------------------------------------------- */

uint32_t tcp_ring_room(const struct tcp_conn *c);
/* Appends; how many bytes were taken (fewer: limit or memory). */
uint32_t tcp_ring_put(struct tcp_conn *c, const uint8_t *data, uint32_t len);
/* Copies out len bytes from seq on and adds them to the running checksum. */
uint64_t tcp_ring_copy(const struct tcp_conn *c, struct seq seq, uint8_t *to,
    uint32_t len, uint64_t sum);
void tcp_ring_ack(struct tcp_conn *c, struct seq una);
void tcp_ring_free(struct tcp_conn *c);

static inline struct seq
tcp_ring_end(const struct tcp_conn *c)
{
    return seq_add(c->ring.seq, c->ring.used);
}

/* --- tcp_sent.c ------------------------------------------------------- */

bool tcp_sent_push(
    struct tcp_conn *c, struct seq seq, uint32_t len, uint8_t flags);
struct tcp_rec *tcp_sent_at(struct tcp_conn *c, uint32_t i);

/* What an acknowledgment has taken off. */
struct tcp_acked {
    uint32_t len;
    bool again; /* some of it had been sent again */
    bool timed; /* at: when the oldest was sent, sent once only */
    struct instant at;
};
struct tcp_acked tcp_sent_ack(struct tcp_conn *c, struct seq una);
bool tcp_sent_sack(struct tcp_conn *c, const struct tcp_range *block);
void tcp_sent_find_lost(struct tcp_conn *c); /* RFC 6675 4: IsLost */
void tcp_sent_lose_head(struct tcp_conn *c);
void tcp_sent_lose_all(struct tcp_conn *c, bool forget_sacks);
struct tcp_rec *tcp_sent_next_lost(struct tcp_conn *c);
void tcp_sent_again(struct tcp_conn *c, struct tcp_rec *r);
bool tcp_sent_split(struct tcp_conn *c, struct tcp_rec *r, uint32_t len);
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
    return tcp_flight(c) - c->sent.sacked - c->sent.lost + c->sent.again;
}

/* --- tcp_reasm.c ------------------------------------------------------ */

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
void tcp_ack_data(struct tcp_conn *c, uint32_t data, bool filled);
void tcp_ack_flush(struct tcp_conn *c); /* sends what is owed at once */
void tcp_ack_sent(struct tcp_conn *c, bool with_data);
void tcp_ack_window(struct tcp_conn *c); /* the program has read */
void tcp_ack_tune(struct tcp_conn *c, uint32_t copied);
void tcp_challenge(struct tcp_conn *c, enum rule why);
void tcp_delack_fire(void *conn);

/* --- tcp_output.c ----------------------------------------------------- */

void tcp_send_syn(struct tcp_conn *c, enum rule why);
void tcp_output(struct tcp_conn *c);
void tcp_output_override(struct tcp_conn *c);
void tcp_retransmit(struct tcp_conn *c, struct tcp_rec *r, enum rule why);
uint32_t tcp_waiting(const struct tcp_conn *c); /* bytes never sent */

/* --- tcp_recover.c ---------------------------------------------------- */

void tcp_recover_ack(struct tcp_conn *c, const struct tcp_acked *acked);
void tcp_recover_duplicate(struct tcp_conn *c);
void tcp_recover_timeout(struct tcp_conn *c);
bool tcp_recover_sacks(struct tcp_conn *c, const struct tcp_opts *o);

/* --- tcp_cong.c ------------------------------------------------------- */

void tcp_cong_start(struct tcp_conn *c);
void tcp_cong_acked(struct tcp_conn *c, uint32_t acked);
void tcp_cong_loss(struct tcp_conn *c); /* sets ssthresh: FlightSize / 2 */
void tcp_cong_timeout(struct tcp_conn *c);
void tcp_cong_idle(struct tcp_conn *c);

/* --- tcp_rtt.c -------------------------------------------------------- */

void tcp_rtt_sample(struct tcp_conn *c, int64_t rtt_ns);
int64_t tcp_rto(const struct tcp_conn *c); /* with backoff */

/* --- tcp_timer.c ------------------------------------------------------ */

void tcp_timers_init(struct tcp_conn *c);
void tcp_timers_stop(struct tcp_conn *c);
void tcp_arm_retx(struct tcp_conn *c, enum retx_timer kind);
void tcp_stop_retx(struct tcp_conn *c);
void tcp_arm_keep(struct tcp_conn *c, enum keep_timer kind, int64_t ns);
void tcp_restart_keepalive(struct tcp_conn *c);

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
};

void tcp_arrive(struct tcp_arrival *a);
void tcp_established(struct tcp_arrival *a, enum rule why);
bool tcp_arrive_ack(struct tcp_arrival *a);
void tcp_take_ack(struct tcp_conn *c, const struct tcp_seg *seg);
void tcp_arrive_text(struct tcp_arrival *a);
void tcp_arrive_fin(struct tcp_arrival *a);
void tcp_arrive_drop(struct tcp_arrival *a, enum drop why, enum rule rule);

/* --- tcp_input.c ------------------------------------------------------ */

void tcp_input(void *tcp, struct pkt *p, const struct ip_hdr *ih);

/* --- tcp_listen.c ----------------------------------------------------- */

/* A segment for somebody who listens (RFC 9293 3.10.7.2). after: the end of
 * an earlier life of the four-tuple that the new ISS must exceed, or NULL. */
void tcp_listen_input(
    struct tcp_listener *l, struct tcp_arrival *a, const struct seq *after);
bool tcp_listen_full(const struct tcp_listener *l);
void tcp_listen_established(struct tcp_conn *c);
void tcp_listen_forget(struct tcp_conn *c);

/* --- tcp_icmp.c ------------------------------------------------------- */

void tcp_icmp(void *tcp, const struct ip_error *err);

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
