/*
 * tcp_tcb.h: the transmission control block of RFC 9293 3.3.1: all that is
 * remembered of one connection, of one listener, and of TCP as a whole.
 * Private to this folder; what its files do for one another: tcp_conn.h.
 */
#ifndef LW_TCP_TCB_H
#define LW_TCP_TCB_H

#include "tcp.h"
#include "ip.h"
#include "tcp_seg.h"

/* What a program can set; a listener's are inherited. */
struct tcp_tune {
    uint32_t sndbuf; /* memory, not text: tcp_wmem.c */
    uint32_t rcvbuf;
    uint32_t user_timeout_ms;
    uint16_t maxseg; /* 0: what the link takes */
    uint16_t keepidle, keepintvl;
    uint8_t keepcnt;
    uint8_t syn_retries;  /* 0: the host's */
    uint8_t defer_accept; /* timeouts of the SYN,ACK; 0: off */
    uint8_t tos, ttl;     /* ttl 0: the host's */
    uint8_t mtu_discover; /* ip(7); 0: datagrams go without DF */
    uint8_t card;         /* bound to the one of that number; 0: to none */
    int16_t linger2;      /* seconds; 0: the host's; negative: none */
    uint32_t window_clamp;
    uint32_t notsent_lowat;
    bool rcvbuf_fixed : 1; /* SO_RCVBUF was set: no tuning */
    bool sndbuf_fixed : 1; /* SO_SNDBUF likewise */
    bool oob_inline : 1;   /* urgent bytes stay in the stream */
    bool recverr : 1;      /* ip(7), IP_RECVERR */
    bool nodelay : 1, cork : 1, quickack : 1, keepalive : 1;
    bool cubic : 1; /* RFC 9438; else NewReno */
};

enum recovery {
    REC_OPEN,   /* nothing is amiss */
    REC_CWR,    /* the way is crowded, but nothing is lost: RFC 3168 */
    REC_FAST,   /* fast recovery: RFC 6582, RFC 6675 */
    REC_TIMEOUT /* after a retransmission timeout, until `recover` */
};

enum urgent {
    URGENT_NONE,
    URGENT_AWAITED, /* the pointer is known, its byte has not come */
    URGENT_HERE,
    URGENT_TAKEN /* the program has it; the mark is still ahead */
};

/* F-RTO, RFC 5682: was the timeout spurious? */
enum frto {
    FRTO_NO,  /* not asked, or answered */
    FRTO_ONE, /* the oldest went again; what does the first ACK say? */
    FRTO_NOW, /* it says: new data are to go instead of old */
    FRTO_NEW  /* they went; what does the second ACK say? */
};

enum held {
    HELD_IDLE,   /* nothing to send, nothing out */
    HELD_BUSY,   /* sending */
    HELD_WINDOW, /* the peer takes no more */
    HELD_BUFFER  /* the program would write more, but the buffer is full */
};

enum retx_timer {
    RETX_RTO,
    RETX_PERSIST,
    RETX_TAIL,   /* RFC 8985 7: ask before the RTO does */
    RETX_REORDER /* RFC 8985 6.2: what is late now is lost then */
};
enum keep_timer {
    KEEP_ALIVE,
    KEEP_FIN_WAIT_2,
    KEEP_TIME_WAIT
};

/* What is known of a way once it has been tried hard: its window has grown
 * past slow start, something seemed lost, or a size is looked for. Most
 * connections never need it (tcp_path.c). */
struct tcp_path {
    struct { /* what to go back to when there was no loss: RFC 3708, 4015 */
        struct seq marker;       /* SND.UNA when it was thought so */
        int32_t again;           /* sent again, without a DSACK yet */
        uint32_t cwnd, ssthresh; /* before */
        uint32_t cubic_max, cubic_before;
        uint32_t stamp; /* TSval of the first that was sent again */
        bool open : 1;  /* there is something to go back to */
        bool stamped : 1;
        uint8_t frto : 2; /* enum frto */
    } undo;

    struct tcp_prr { /* RFC 9937, in fast recovery and after a mark: bytes */
        uint32_t delivered, out;
        uint32_t flight; /* at its beginning; 0: not paced */
    } prr;

    struct {
        uint32_t max, before; /* the window before the last loss, in bytes */
        uint32_t looked_ms;
        uint32_t began_ms;     /* of a stage of avoidance, if running */
        uint32_t k;            /* 1024ths of a second */
        uint32_t origin, seen; /* windows in segments: W_max; when looked */
        uint32_t reno;         /* ... and what NewReno would have now */
        uint32_t every;        /* segments for which the window grows by one */
        uint32_t acked;        /* segments, ... */
        uint16_t rest;         /* ... and bytes that are not yet one */
        bool running;
    } cubic;

    struct {        /* tcp_hystart.c: in the window of data up to `end` */
        bool found; /* slow start is over */
        uint8_t samples;
        struct seq end;
        uint32_t began_us, last_us; /* first and latest ACK of a train */
        uint32_t rtt_us;            /* the shortest; 0: none yet */
    } hystart;

    struct { /* path MTU (tcp_mtu.c); sizes are those of IP packets */
        uint16_t low, high; /* what gets through; what may */
        uint16_t size;      /* of the probe that is out; 0: none is */
        bool searching : 1;
        bool lowered : 1;     /* a router has said that path_mtu is less */
        struct seq probe_end; /* where its text ends */
        uint32_t since_s;     /* when the search began, in seconds */
    } mtu;

    struct {
        int64_t window_ns, buffer_ns; /* HELD_WINDOW, HELD_BUFFER */
    } held;

    struct tcp_pace *pace; /* of those with c->paced; else NULL */
};

struct tcp_conn {
    struct tcp *tcp;
    struct tcp_conn *chain;        /* next in the bucket of the table */
    struct tcp_listener *listener; /* until accepted; NULL: none */
    union {
        struct { /* while there is one: in a queue of it */
            struct tcp_conn *next, *prev;
        };
        struct { /* afterwards */
            tcp_notify *notify;
            void *owner;
        };
    };
    tcp_notify *acked; /* NULL: nobody asks */
    uint64_t id, sock;
    struct tcp_end local, remote;

    uint8_t state;       /* enum tcp_state; changed by tcp_move alone */
    uint8_t busy;        /* how many of our functions are at work on it */
    bool hashed : 1;     /* findable by its four-tuple */
    bool passive : 1;    /* SYN-RECEIVED came from LISTEN (MUST-11) */
    bool in_accept : 1;  /* stands in the accept queue, not the SYN queue */
    bool orphan : 1;     /* nobody owns it any more */
    uint8_t reuse : 2;   /* TCP_REUSEADDR, TCP_REUSEPORT */
    bool connected : 1;  /* was ever ESTABLISHED */
    bool wake : 1;       /* notify is due */
    bool news : 1;       /* acked is due */
    bool starved : 1;    /* tcp_send found no room */
    bool full : 1;       /* not writable when last left: notify when it is */
    bool heard : 1;      /* an ACK came since */
    bool read_shut : 1;  /* SHUT_RD */
    bool fin_queued : 1; /* our direction ends after what is in the ring */
    bool fin_sent : 1;
    bool more : 1;        /* MSG_MORE: wait for more, or for an ACK */
    bool no_push : 1;     /* the last bytes came with it: they bear no PSH */
    bool push_out : 1;    /* all that waits goes now, cork or not */
    bool joined : 1;      /* what goes again now follows its neighbour */
    bool telling : 1;     /* its owner is being told */
    bool sack_ok : 1;     /* both ends sent the option (RFC 2018 2) */
    bool wscale_ok : 1;   /* likewise (RFC 7323 2.2) */
    bool ecn_asked : 1;   /* our SYN did, and needed no second try */
    bool ecn_ok : 1;      /* both ends agreed (RFC 3168 6.1.1) */
    bool ecn_seen : 1;    /* a packet of the peer's had ECN bits */
    bool ecn_echo : 1;    /* a mark came: say ECE until CWR comes */
    bool ecn_reduced : 1; /* say CWR with the next new data */
    bool fresh : 1;       /* what is being sent was never sent before */
    bool train : 1;       /* ... and is many segments in one */
    bool syn_acked : 1;   /* in the SYN queue: the ACK came, to no avail */
    bool paced : 1;       /* path->pace says when it may send: tcp_pace.c */
    uint8_t retx_kind, keep_kind;
    uint8_t held_by;     /* enum held: what holds the sender back now */
    uint8_t retries;     /* times the oldest segment was sent again */
    uint8_t backoff;     /* times that the RTO has doubled (RFC 6298 5.5) */
    uint8_t probes;      /* keep-alives without an answer */
    uint16_t error;      /* pending errno */
    uint16_t soft_error; /* what ICMP said last (RFC 9293 3.9.2.2) */

    struct {
        struct seq una, nxt, wl1, wl2, iss;
        uint32_t wnd;     /* bytes, scaled */
        uint32_t max_wnd; /* largest ever offered */
        uint8_t wscale;
        uint16_t mss;      /* most bytes of text in a segment, without SACK */
        uint16_t peer_mss; /* what the peer said it takes */
        uint16_t path_mtu; /* largest IP packet on the way */
        struct seq up;     /* SND.UP: urgent data end before it, or SND.UNA */
        struct seq small;  /* end of the last short segment (Minshall) */
    } snd;
    struct {
        bool ok; /* both ends sent the option in their SYN (RFC 7323 3.2) */
        struct seq last_ack_sent;
        uint32_t offset, recent;
        uint32_t recent_s; /* second in which `recent` came */
    } ts;
    struct {
        struct seq nxt, irs;
        struct seq adv; /* right edge of the window offered */
        uint8_t wscale;
        uint8_t urgent;      /* enum urgent: what is known of `mark` */
        uint8_t urgent_byte; /* the one that stands there */
        bool fin : 1;        /* a FIN has come; it stands at fin_seq */
        bool fin_done : 1;   /* ... and everything before it too */
        struct seq mark;     /* RCV.UP - 1: the last byte of urgent text */
        struct seq fin_seq;
        uint32_t window_max;     /* most we offer now; grows up to rcvbuf */
        uint16_t mss;            /* largest segment seen lately */
        struct pkt *head, *tail; /* in order, waiting for tcp_recv */
        uint32_t queued;         /* bytes in that queue */
        uint32_t copied;         /* bytes the program took since tuned_at */
        struct instant tuned_at;
    } rcv;

    struct tcp_ring ring;
    uint32_t later; /* its place in tcp->later, from 1 on; 0: not there */
    uint32_t owes;  /* the same in tcp->owing */
    struct tcp_sent *sent;   /* never NULL: see tcp_sent.c */
    struct tcp_reasm *reasm; /* never NULL: see tcp_reasm.c */
    struct tcp_range dsack;  /* came twice, to be told (RFC 2883); or empty */

    struct {
        uint8_t recovery; /* enum recovery */
        uint8_t dupacks;
        bool full;               /* cwnd holds something back now */
        bool limited;            /* ... or did, in this window of data */
        bool partial_seen;       /* RFC 6582: a partial ACK has come */
        uint32_t cwnd, ssthresh; /* bytes */
        uint32_t extra;          /* sent by limited transmit (RFC 3042) */
        uint32_t acked;          /* towards the next step of avoidance */
        struct seq recover;      /* recovery ends here */
        uint32_t delay_min_us;   /* the shortest round trip; 0: none yet */
        uint32_t most_out;       /* most that was out, in this window of data */
        struct seq used_until;   /* which ends here */
        struct instant sent_at;  /* last time data was sent */
    } cc;

    struct {                      /* RFC 8985 5.2, in its words */
        struct instant xmit_ts;   /* when the latest sent of those that have */
        struct seq end_seq;       /* ... arrived was sent, and its end */
        struct seq fack;          /* end of the highest that has arrived */
        int64_t rtt_ns;           /* how long that one took */
        struct seq dsack_round;   /* SND.NXT when the window last grew */
        uint8_t reo_wnd_mult;     /* the window, in quarters of min_RTT */
        uint8_t reo_wnd_persist;  /* so many recoveries more */
        bool reordering_seen : 1; /* something arrived out of order */
        bool in_dsack_round : 1;
        bool advanced : 1;    /* something has arrived since the last look */
        uint16_t reordering;  /* widest seen, in segments */
        uint32_t reorderings; /* how often */
    } rack;

    struct { /* the tail loss probe, RFC 8985 7 */
        struct seq end_seq;
        bool out : 1;        /* sent, and not known what became of it */
        bool is_retrans : 1; /* it was an old segment */
        bool asked : 1;      /* no round trip was measured since */
    } tlp;

    struct tcp_path *path; /* never NULL: see tcp_path.c */

    struct {
        int64_t srtt_ns, rttvar_ns; /* 0: not measured yet */
        int64_t rto_ns;             /* without backoff */
    } rtt;

    struct {
        bool began : 1;             /* some text has come */
        bool now : 1;               /* an ACK must go at once */
        bool pending : 1;           /* one is owed */
        bool pingpong : 1;          /* the program answers by itself */
        uint8_t challenge_left : 4; /* RFC 5961 10: until challenge_until */
        uint8_t quick;              /* so many more at once */
        uint16_t why;               /* rule, for whoever sends it */
        uint32_t unacked;           /* bytes received and not acknowledged */
        struct instant data_at;     /* when text came last */
        struct instant challenge_until;
    } ack;

    struct {
        uint64_t bytes_sent, bytes_again, bytes_acked, bytes_received;
        uint32_t segments_out, segments_in, data_out, data_in, retransmits;
        uint32_t delivered; /* segments */
        uint32_t dsacks;    /* segments that came twice, as DSACK says */
        uint32_t min_rtt_s; /* second in which min_rtt_ns was measured */
        int64_t min_rtt_ns; /* least of the last minutes; 0: not measured */
    } sum;

    struct {
        struct instant since;
        int64_t busy_ns; /* HELD_BUSY; the other kinds: tcp_path */
    } held;

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
    uint8_t reuse; /* TCP_REUSEADDR, TCP_REUSEPORT */
    unsigned backlog;
    struct tcp_conn *syn_head, *syn_tail;       /* SYN-RECEIVED */
    struct tcp_conn *accept_head, *accept_tail; /* wait for tcp_accept */
    unsigned syn_count, accept_count;
    unsigned syn_young; /* of syn_count: our SYN,ACK went once */
    struct tcp_tune tune;
};

#define TCP_LISTEN_BUCKETS 64
#define TCP_PORT_STEPS     64
#define TCP_RING_SIZE      4096 /* first size of a send buffer */
#define TCP_RINGS_KEPT     1024
#define TCP_RECS           8 /* first size of the list of what is out */

/* Connections that wait for the end of something: of the turn with their
 * output (tcp_flush), or of the batch with an ACK (tcp_ack.c). */
struct tcp_later {
    struct tcp_later_one {
        struct tcp_conn *c; /* NULL: it is gone by now */
        uint64_t cause;     /* what it was that came last */
    } * at;
    uint32_t count, room;
    bool flushing;
};

struct tcp {
    struct env *env;
    struct ip *ip;
    struct tcp_config config;
    struct tcp_conn **bucket;
    uint32_t mask; /* buckets minus one */
    uint32_t hashed;
    uint64_t table_words[4];
    struct tcp_conn *found; /* by the last look into the table; or NULL */
    struct timer batch_end;
    const struct tcp_conn *blamed; /* tcp_blame */
    const struct ip_error *blame;
    struct tcp_listener *listeners[TCP_LISTEN_BUCKETS];
    struct sipkey table_key, isn_key, ts_key, port_key, cookie_key;
    struct instant cookies_until; /* cookies are believed until then */
    uint64_t mib[TCP_MIB_COUNT];
    uint16_t port_step[TCP_PORT_STEPS];
    uint64_t last_id;
    struct tcp_counts counts;
    uint8_t *rings[TCP_RINGS_KEPT]; /* send buffers to use again */
    unsigned nrings;
    struct tcp_sent *recs[TCP_RINGS_KEPT]; /* lists of TCP_RECS, likewise */
    unsigned nrecs;
    uint64_t probed; /* links followed in the table: the work done */
    struct tcp_later later, owing;
    bool iss_fixed; /* for tests: every connection starts at iss */
    struct seq iss;
};

#endif
