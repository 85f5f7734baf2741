/*
 * tcp.h: the Transmission Control Protocol (RFC 9293) as the socket storey
 * sees it: calls that never block. Whoever must wait waits for `notify`.
 *
 * Buffers: what tcp_send takes is copied into the connection's send buffer
 * and stays there until it is acknowledged; what arrives stays in its packets
 * until tcp_recv copies it out. Errors are negative errno values, as Linux
 * gives them in the same state.
 */
#ifndef LW_TCP_H
#define LW_TCP_H

#include "env.h"
#include "tcp_state.h"

#include <sys/uio.h>

struct ip;
struct tcp;      /* one per host */
struct tcp_conn; /* a connection, also in SYN-RECEIVED or TIME-WAIT */
struct tcp_listener;

struct tcp_end {
    struct ipv4 addr;
    uint16_t port;
};

/* What a socket may do now; the values of poll(2). */
#define TCP_IN    0x001  /* something to read, or end of stream, or error */
#define TCP_PRI   0x002  /* an urgent byte has come */
#define TCP_OUT   0x004  /* room to write */
#define TCP_ERR   0x008  /* an error is pending */
#define TCP_HUP   0x010  /* both directions are shut */
#define TCP_RDHUP 0x2000 /* the peer will send no more */

/*
 * Called when tcp_poll or tcp_listener_poll may answer differently. It may
 * call back into this connection; it must not free the host's TCP.
 */
typedef void tcp_notify(void *owner);

struct tcp *tcp_new(struct env *env, struct ip *ip);
void tcp_free(struct tcp *tcp); /* silently forgets every connection */

/* --- being called ----------------------------------------------------- */

/*
 * Listens on local (address 0: all of ours; port 0: chosen). `backlog` is
 * the most connections that wait for tcp_accept, as in listen(2).
 * Errors: -EADDRINUSE, -EADDRNOTAVAIL, -ENOMEM. On success *out is owned by
 * the caller until tcp_unlisten, which also resets what was not accepted.
 * reuse: see tcp_can_bind.
 */
int tcp_listen(struct tcp *tcp, struct tcp_end local, int backlog,
    unsigned reuse, tcp_notify *notify, void *owner, struct tcp_listener **out);

/*
 * May a socket be bound to this address and port? socket(7): two that
 * overlap go together when both have SO_REUSEADDR and neither listens, or
 * both have SO_REUSEPORT; then several listeners share what comes. Two that
 * are bound to two cards never overlap.
 * Connections count, those in TIME-WAIT too: they have what their listener
 * or their socket had.
 */
#define TCP_REUSEADDR 1
#define TCP_REUSEPORT 2
#define TCP_FREEBIND  4 /* IP_FREEBIND: listen at any address, ours or not */
#define TCP_CARD(n)   ((unsigned)(n) << 8) /* that card's number; 0: none */
bool tcp_can_bind(const struct tcp *tcp, struct tcp_end local, unsigned reuse);

void tcp_set_backlog(struct tcp_listener *l, int backlog);
void tcp_unlisten(struct tcp_listener *l);
struct tcp_end tcp_listener_local(const struct tcp_listener *l);

/* The oldest established connection, now the caller's; NULL: none yet. */
struct tcp_conn *tcp_accept(struct tcp_listener *l);
unsigned tcp_listener_poll(const struct tcp_listener *l);
/* How many connections wait for tcp_accept now. */
unsigned tcp_listener_waiting(const struct tcp_listener *l);

/* --- calling ---------------------------------------------------------- */

/*
 * Opens a connection from local (address 0, port 0: chosen, RFC 6056) to
 * remote: sends the SYN. The outcome shows in tcp_poll and tcp_error
 * (ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH).
 * Returns 0 or -ENETUNREACH, -EADDRNOTAVAIL, -EADDRINUSE, -ENOMEM.
 */
int tcp_connect(struct tcp *tcp, struct tcp_end local, struct tcp_end remote,
    tcp_notify *notify, void *owner, struct tcp_conn **out);

/* The same with options that were set before (bit o of `set`: value[o]):
 * some show in the SYN. */
struct tcp_preset {
    uint32_t set;
    const int *value; /* by enum tcp_option */
    unsigned reuse;   /* as tcp_can_bind has it; the card is an option */
};
int tcp_connect_preset(struct tcp *tcp, struct tcp_end local,
    struct tcp_end remote, const struct tcp_preset *preset, tcp_notify *notify,
    void *owner, struct tcp_conn **out);

/* --- a connection ----------------------------------------------------- */

/* Who is told from now on; for connections taken from tcp_accept. */
void tcp_set_owner(struct tcp_conn *c, tcp_notify *notify, void *owner);

/* For those who look on: acked(owner) is called after ACKs of new bytes, too
 * few perhaps to call notify. It may look at the connection, no more. */
void tcp_set_acked(struct tcp_conn *c, tcp_notify *acked);

/*
 * Takes up to the sum of iov into the send buffer. Returns how many bytes
 * were taken (> 0 unless the sum is 0), or -EAGAIN (no room, or still
 * connecting), -ENOMEM, -EPIPE (shut for writing), -ENOTCONN, or the pending
 * error.
 * more: more will follow at once (MSG_MORE): do not send a small segment.
 */
int64_t tcp_send(
    struct tcp_conn *c, const struct iovec *iov, int iovcnt, bool more);

/*
 * The same for len bytes (> 0) of a page, from its byte `from` on: the send
 * buffer keeps a reference to it until they are acknowledged, and no copy.
 */
struct page;
int64_t tcp_send_page(struct tcp_conn *c, struct page *page, uint32_t from,
    uint32_t len, bool more);

/*
 * Copies up to len bytes out of the receive buffer. 0: end of stream (or
 * len 0). -EAGAIN, -ENOTCONN, or the pending error. peek: leaves them there.
 * buf NULL: throws them away instead (MSG_TRUNC of tcp(7)).
 */
int64_t tcp_recv(struct tcp_conn *c, void *buf, size_t len, bool peek);

/* The same, and the last of it is urgent (MSG_OOB). */
int64_t tcp_send_urgent(
    struct tcp_conn *c, const struct iovec *iov, int iovcnt);

/* Has the peer announced an urgent byte that was not read yet? *mark tells
 * one from another. */
bool tcp_urgent_mark(const struct tcp_conn *c, uint32_t *mark);

/*
 * Takes the urgent byte (peek: looks at it). 1; 0: none will come, or len 0.
 * -EAGAIN: it has not come; -EINVAL: none was announced, it was taken
 * already, or it stands in the stream (TCP_OPT_OOBINLINE).
 */
int tcp_recv_urgent(struct tcp_conn *c, void *buf, size_t len, bool peek);
bool tcp_at_mark(const struct tcp_conn *c); /* SIOCATMARK */

/* Ends our direction: FIN after what is still to be sent. -ENOTCONN. */
int tcp_shutdown(struct tcp_conn *c);

/* Ends the reading direction (SHUT_RD): reads see end of stream. */
void tcp_shutdown_read(struct tcp_conn *c);

/*
 * The owner lets go: c is dead to the caller; TCP closes in an orderly way
 * (or resets, RFC 9293 3.6.1 and RFC 2525 2.17, when unread data is thrown
 * away) and forgets it when it may. tcp_abort resets at once (SO_LINGER 0).
 */
void tcp_close(struct tcp_conn *c);
void tcp_abort(struct tcp_conn *c);

unsigned tcp_poll(const struct tcp_conn *c);
int tcp_error(struct tcp_conn *c); /* takes the pending errno, >= 0 */
/* The ICMP error that ends the opening of c, while its owner is told of the
 * end; NULL: it has ended otherwise. */
const struct ip_error *tcp_blame(const struct tcp_conn *c);
/* Takes what ICMP said that did not end the connection; 0: nothing. */
int tcp_soft_error(struct tcp_conn *c);
struct tcp_end tcp_local(const struct tcp_conn *c);
struct tcp_end tcp_remote(const struct tcp_conn *c);
enum tcp_state tcp_state(const struct tcp_conn *c);
uint32_t tcp_readable(const struct tcp_conn *c); /* FIONREAD */
uint32_t tcp_unsent(const struct tcp_conn *c);   /* bytes unacknowledged */
/* Memory that waits for ACKs, as Linux counts it for SO_SNDBUF. */
uint32_t tcp_wmem_queued(const struct tcp_conn *c);
uint32_t tcp_outq(const struct tcp_conn *c);     /* SIOCOUTQ: with the FIN */
uint32_t tcp_outq_nsd(const struct tcp_conn *c); /* SIOCOUTQNSD: not sent */

/* Tells the journal which socket this connection belongs to (TCP_CONN). */
void tcp_set_socket(struct tcp_conn *c, uint64_t sock);

/* --- options ---------------------------------------------------------- */

enum tcp_option {
    TCP_OPT_NODELAY,       /* 1: no Nagle (RFC 9293 3.7.4) */
    TCP_OPT_CORK,          /* 1: only full segments until uncorked */
    TCP_OPT_QUICKACK,      /* 1: acknowledge at once */
    TCP_OPT_SNDBUF,        /* bytes of memory; set, it is doubled (socket(7)) */
    TCP_OPT_RCVBUF,        /* bytes; the window that is offered at most */
    TCP_OPT_MAXSEG,        /* bytes */
    TCP_OPT_KEEPALIVE,     /* 1: probe an idle peer */
    TCP_OPT_KEEPIDLE,      /* seconds before the first probe */
    TCP_OPT_KEEPINTVL,     /* seconds between probes */
    TCP_OPT_KEEPCNT,       /* probes without answer before giving up */
    TCP_OPT_USER_TIMEOUT,  /* milliseconds; 0: RFC 9293 R2 */
    TCP_OPT_SYNCNT,        /* SYNs sent again before giving up; 0: the host's */
    TCP_OPT_LINGER2,       /* seconds in FIN-WAIT-2 without an owner; 0: the
                             host's; negative: none */
    TCP_OPT_DEFER_ACCEPT,  /* listener: accept only when text has come; as many
                             timeouts of the SYN,ACK are waited for it */
    TCP_OPT_WINDOW_CLAMP,  /* bytes; most that is offered; 0: no limit */
    TCP_OPT_NOTSENT_LOWAT, /* bytes; writable only when less is unsent */
    TCP_OPT_TOS,           /* the IP header's (RFC 2474), without ECN's bits */
    TCP_OPT_TTL,           /* the IP header's; 0: the host's */
    TCP_OPT_OOBINLINE,     /* 1: urgent bytes stay in the stream */
    TCP_OPT_MTU_DISCOVER,  /* ip(7): 0: routers may cut datagrams; else DF */
    TCP_OPT_RECVERR,       /* ip(7): 1: what ICMP says is pending at once */
    TCP_OPT_CARD,          /* the number of the card that it is bound to; 0 */
    TCP_OPT_CUBIC,         /* 1: CUBIC (RFC 9438); 0: NewReno */
    TCP_OPT_COUNT
};

int tcp_set_option(struct tcp_conn *c, enum tcp_option o, int value);
int tcp_get_option(const struct tcp_conn *c, enum tcp_option o, int *value);

/* Was SNDBUF or RCVBUF set? Then tuning leaves it alone. */
bool tcp_size_fixed(const struct tcp_conn *c, enum tcp_option o);

/*
 * SO_MAX_PACING_RATE: c sends no more text in a second than so many bytes,
 * from now on; nor, as in Linux, more than its window gives (tcp_pace.c).
 * UINT64_MAX: no bound of the program's; 0: none at all. 0 or -ENOMEM.
 */
int tcp_set_pacing_rate(struct tcp_conn *c, uint64_t bytes_a_second);

/* The same on a listener: inherited by what it accepts. */
int tcp_listener_set_option(
    struct tcp_listener *l, enum tcp_option o, int value);

/* --- seeing --------------------------------------------------------------- */

struct tcp_counts {
    unsigned conns; /* connections in all states, TIME-WAIT included */
    unsigned time_wait;
    unsigned listeners;
    uint64_t segments_in, segments_out, retransmits;
    uint64_t trains_out, trains_in; /* of them, together (offload.h) */
};

/* The end of a turn (config.in_turns): sends what waits. Did anything? */
bool tcp_flush(struct tcp *tcp);

struct tcp_counts tcp_counts(const struct tcp *tcp);

/* The rest of /proc/net/netstat. */
enum tcp_mib {
#define MIB(name) TCP_MIB_##name,
#include "tcp_mib.def"
#undef MIB
    TCP_MIB_COUNT
};
uint64_t tcp_mib(const struct tcp *tcp, enum tcp_mib m);
const char *tcp_mib_name(enum tcp_mib m);

/*
 * A line of ss(8) or /proc/net/tcp: for a listener the queues are those who
 * wait for accept and how many may. Calls see() for every listener, then for
 * every connection, in no order that a program may rely on.
 */
struct tcp_row {
    struct tcp_end local, remote;
    enum tcp_state state;
    uint32_t rcv_queue, snd_queue;
    uint8_t timer; /* as Linux: 0 none, 1 retransmission, 2 keep-alive,
                      3 TIME-WAIT, 4 window probe */
    int64_t timer_in_ns;
    unsigned retries, probes;
    uint64_t sock; /* 0: nobody's */
};
void tcp_each(const struct tcp *tcp,
    void (*see)(void *arg, const struct tcp_row *row), void *arg);

/* Host-wide settings, as Linux's sysctls; change before connections exist. */
struct tcp_config {
    uint32_t sndbuf, rcvbuf; /* defaults in bytes */
    uint32_t rcvbuf_first;   /* of it, what is offered before tuning: 65536,
                                as Linux from its tcp_rmem[1] of twice that */
    uint32_t sndbuf_most;    /* tcp_wmem[2]: tuning ends there */
    uint32_t wmem_max;       /* net.core: so much can SO_SNDBUF ask for */
    int64_t min_rto_ns;      /* RFC 6298 2.4 says 1 s; Linux 200 ms */
    int64_t max_rto_ns;      /* 120 s (tcp_rto_max_ms); RFC 6298 2.5: 60 s or
                                more */
    int64_t initial_rto_ns;  /* 1 s */
    int64_t delayed_ack_ns;  /* 40 ms; below 500 (RFC 9293 3.8.6.3) */
    int64_t time_wait_ns;    /* 60 s, as Linux: 2 x MSL */
    bool timestamps, sack, window_scaling;
    unsigned initial_window; /* segments: 10 (RFC 6928) */
    unsigned quick_acks;     /* first segments acknowledged at once: 16 */
    unsigned syn_retries, data_retries; /* 6 and 15 */
    unsigned r1_retries; /* RFC 9293 3.8.3, R1: after so many IP is told that
                            the way may be broken; 3 */
    unsigned synack_retries;   /* 5 */
    unsigned somaxconn;        /* most that listen(2) can ask: 4096 */
    unsigned max_syn_backlog;  /* without cookies the last quarter is kept */
    unsigned syncookies;       /* 1: when the SYN queue is full; 2: always */
    uint32_t notsent_lowat;    /* for who has not set TCP_NOTSENT_LOWAT */
    bool abort_on_overflow;    /* refuse whom the accept queue cannot hold */
    int64_t syn_r2_ns;         /* opening lasts at least so long, unless the
                                program says how often (TCP_OPT_SYNCNT): 180 s
                                (RFC 9293 MUST-23); 0, as Linux: syn_retries
                                alone count, which gives 127 s */
    bool restart_after_idle;   /* RFC 5681 4.1 */
    unsigned mtu_probing;      /* RFC 4821: 0 never, 1 after a black hole, 2
                                  always; 1, while Linux has 0 */
    unsigned base_mss;         /* what is tried first: 1024, as Linux */
    unsigned ecn;              /* RFC 3168: 0 never, 1 always asked for, 2 only
                                  when the other end asks (tcp_ecn in Linux) */
    bool rack;                 /* RFC 8985 6 with SACK; else RFC 6675 */
    int64_t reorder_tick_ns;   /* RFC 8985 6.2's timer counts in such ticks,
                                  rounded up, and two more, as Linux's; 0, the
                                  usual: it is exact */
    bool tail_probe;           /* RFC 8985 7, for connections with SACK */
    bool dsack;                /* tell what came twice: RFC 2883 */
    bool frto;                 /* RFC 5682 */
    bool cubic;                /* CUBIC (RFC 9438), as Linux; else NewReno */
    bool hystart;              /* with CUBIC: leave slow start early */
    unsigned slow_start_limit; /* most segments by which one ACK opens the
                                  window: RFC 3465 2.3 says 2; 0: all that it
                                  acknowledges, as Linux */
    int64_t min_rttvar_ns;     /* least that is added to SRTT for the RTO: RFC
                                6298 says the clock's grain; Linux 200 ms */
    /* RFC 9293 3.10.7.4 as it is without RFC 5961: a RST, a SYN anywhere in
     * the window ends the connection. Whoever guesses a number can do so. */
    bool insecure_rst, insecure_syn;
    bool rfc_errors; /* of a RST, as RFC 9293 3.10.7.4 names them: in
                        SYN-RECEIVED refused, in CLOSE-WAIT reset; false, as
                        Linux: ECONNRESET and EPIPE */
    /* For who has not set SO_KEEPALIVE's own (tcp(7), tcp_keepalive_time,
     * tcp_keepalive_intvl, tcp_keepalive_probes): seconds, 7200 and 75; 9. */
    uint16_t keepidle, keepintvl;
    uint8_t keepcnt;
    unsigned drop_synfin; /* a SYN with a FIN opens nothing: 1 in LISTEN, as
                             Linux; 2 in SYN-SENT either; 0: it does */
    /* What is to be sent waits until the programs have had their turn and the
     * driver says so (tcp_flush): the answers of one turn share segments, and
     * the ACK rides on them. For live runs; as Linux's tcp_autocorking. */
    bool in_turns;
    unsigned burst_least; /* segments that go out as one: 2, as Linux */
    bool pacing; /* every connection spreads its window over the round trip, as
                    below Linux's queue fq; false: who has set a rate, only */
    unsigned pacing_ss_ratio; /* percent of the window a round trip: 200 while
                                 slow start has far to go, ... */
    unsigned pacing_ca_ratio; /* ... and 120 later */
};
struct tcp_config *tcp_config(struct tcp *tcp);

/* What TCP knows of one connection, for TCP_INFO. Sums count from the
 * beginning; times are in nanoseconds. */
struct tcp_facts {
    enum tcp_state state;
    bool disorder; /* something is missing, too little to call it lost */
    bool crowded;  /* the window shrinks because of ECN */
    bool ecn, ecn_seen;
    bool fast;    /* fast recovery */
    bool timeout; /* recovery after a timeout */
    bool timestamps, sack, wscale_ok;
    uint8_t snd_wscale, rcv_wscale;
    uint8_t retries, backoff, probes;
    uint32_t out, sacked, lost, again; /* segments */
    uint32_t cwnd, ssthresh;           /* bytes; UINT32_MAX / 2: no limit */
    uint16_t snd_mss, rcv_mss, adv_mss, path_mtu;
    uint32_t snd_wnd, rcv_wnd, rcv_space, unsent;
    uint64_t pacing_rate, max_pacing_rate;   /* bytes a second; UINT64_MAX: not
                                              known, and none is set */
    int64_t rto, ato, srtt, rttvar, min_rtt; /* 0: not measured */
    int64_t since_sent, since_received, since_ack;
    int64_t busy, window_limited, buffer_limited;
    uint64_t bytes_sent, bytes_again, bytes_acked, bytes_received;
    uint32_t segments_out, segments_in, data_out, data_in, retransmits;
    uint32_t delivered; /* segments */
    uint32_t dsacks;    /* segments that came twice, as DSACK says */
    uint32_t reordering, reorderings; /* widest in segments; how often */
};
struct tcp_facts tcp_facts(const struct tcp_conn *c);

#endif
