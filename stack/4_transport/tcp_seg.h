/*
 * tcp_seg.h: the things a connection is made of and deals in: segments and
 * their options, the scoreboard of what is out, the ring of what is to go,
 * the runs of what came too early. Private to this folder.
 */
#ifndef LW_TCP_SEG_H
#define LW_TCP_SEG_H

#include "bytes.h"
#include "pkt.h"
#include "words.h"

/* Control bits (RFC 9293 3.1). */
#define SEG_FIN 0x01
#define SEG_SYN 0x02
#define SEG_RST 0x04
#define SEG_PSH 0x08
#define SEG_ACK 0x10
#define SEG_URG 0x20
#define SEG_ECE 0x40
#define SEG_CWR 0x80

#define TCP_HEADER        20
#define TCP_OPTIONS_MAX   40
#define TCP_OPT_TS_ALONE  12  /* bytes: nop, nop, timestamps */
#define TCP_MSS_DEFAULT   536 /* MUST-15: when the peer names none */
#define TCP_MSS_MIN       88  /* no peer may force smaller segments on us */
#define TCP_WSCALE_MAX    14  /* RFC 7323 2.3 */
#define TCP_SACK_MAX      4
#define TCP_DUP_THRESH    3           /* RFC 5681 3.2 */
#define TCP_FIN_WAIT_2_NS (60 * LW_S) /* tcp_fin_timeout, as Linux */

/* How they begin: kinds 1, 1, 8 and the length 10. */
#define TCP_OPT_NOP_NOP_TS 0x0101080a

struct tcp_range {
    struct seq from, to; /* to: first that is not in it */
};

/* The options of one segment. */
struct tcp_opts {
    uint16_t mss;  /* 0: absent */
    int8_t wscale; /* -1: absent */
    bool sack_ok;
    bool ts; /* tsval and tsecr are there */
    uint32_t tsval, tsecr;
    uint8_t nsack;
    struct tcp_range sack[TCP_SACK_MAX];
};

/* A segment in host order: SEG.SEQ, SEG.ACK, SEG.LEN ... */
struct tcp_seg {
    struct seq seq, ack;
    uint8_t flags;
    uint8_t header_len;
    uint16_t wnd;  /* as on the wire, not yet scaled */
    uint16_t up;   /* urgent pointer; counts with SEG_URG */
    uint32_t data; /* bytes of text */
    struct tcp_opts opts;
};

/* SEG.LEN: SYN and FIN count (RFC 9293 3.4). */
static inline uint32_t
seg_len(const struct tcp_seg *seg)
{
    return seg->data + !!(seg->flags & SEG_SYN) + !!(seg->flags & SEG_FIN);
}

/*
 * What was sent and is not acknowledged: the scoreboard of RFC 6675. A record
 * stands for one segment, or for several that were sent one after another at
 * one instant and have fared alike since: all but the last are full, and what
 * the flags say holds for each, but SYN, FIN, PUSH and LAST for the last one.
 * They are in order of sequence numbers. Those whose fate is open are also
 * chained in the order in which they were sent last, for RFC 8985.
 */
enum sent_flags {
    SENT_SYN = 1,
    SENT_FIN = 2,
    SENT_SACKED = 4, /* the peer has it, beyond a hole */
    SENT_LOST = 8,   /* taken for lost */
    SENT_AGAIN = 16, /* sent again since it was taken for lost */
    SENT_EVER = 32,  /* was ever sent again: no RTT from it (Karn) */
    SENT_PUSH = 64,  /* it bears PSH */
    SENT_LAST = 128  /* the last of its burst (tcp_wmem.c) */
};

#define SENT_NONE UINT32_MAX /* no place in the list */

struct tcp_rec {
    struct seq seq;
    uint32_t len : 24; /* in sequence numbers: SYN and FIN count */
    uint32_t flags : 8;
    struct instant at;     /* when it was sent last */
    uint32_t older, newer; /* neighbours in time: places in the list */
    uint16_t size;         /* text of a full segment */
    uint16_t gone;         /* so much of the first one is acknowledged */
};

/* All of them, made with the first and given back with the last. Behind them
 * stands their order (tcp_recs.c), a ring; room is a power of two. */
struct tcp_sent {
    uint32_t room, head, count;
    uint32_t segs;                /* segments that these are */
    uint32_t oldest, newest;      /* ends of the chain in time, if any is out */
    uint32_t sacked, lost, again; /* in sequence numbers, for the pipe */
    uint32_t segs_sacked;
    uint32_t bursts;    /* how many are SENT_LAST */
    uint32_t steps;     /* links followed to find a place in time: the work */
    uint32_t next_lost; /* no lost record to send again before it */
    struct tcp_rec rec[];
};

/* A part of the send buffer that is not copied: bytes of a page. */
struct tcp_lent {
    struct page *page; /* one reference */
    const uint8_t *data;
    uint32_t len;
    struct seq seq; /* of the first byte */
    uint32_t place; /* in the ring's buf, of the byte that follows the last */
};

/* All of them, in their order: a ring of `room`, a power of two. */
struct tcp_lents {
    uint32_t room, head, count;
    uint32_t bytes;
    struct tcp_lent at[];
};

/* The send buffer: bytes from `seq` on, unacknowledged or unsent. */
struct tcp_ring {
    uint8_t *buf;            /* `size` bytes, a power of two; NULL: none yet */
    struct tcp_lents *lents; /* NULL: nothing was lent */
    uint32_t size;
    uint32_t head;     /* place of the first byte that is copied, modulo size */
    uint32_t used;     /* bytes, those that are lent among them */
    struct seq seq;    /* of the first byte */
    struct seq piece;  /* see tcp_wmem.c */
    struct seq pushed; /* the last byte that asked for PSH ends here */
};

/* A run of segments that came too early, without a hole in it. */
struct tcp_run {
    struct seq seq, end;
    struct pkt *head, *tail;
    uint64_t turn; /* when something of it came last, as `turns` counts */
};

/* All of them, made with the first and freed with the last. */
struct tcp_reasm {
    uint16_t count, room; /* of run, in order of sequence numbers */
    uint32_t bytes;       /* of text */
    uint32_t memory;      /* of buffers */
    uint64_t turns;       /* segments that came too early */
    struct tcp_run run[];
};

#endif
