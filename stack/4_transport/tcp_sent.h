/*
 * tcp_sent.h: the list of what is out, and what an ACK tells of it. Private
 * to this folder: tcp_recs.c keeps the records, tcp_sent.c knows what they
 * mean.
 */
#ifndef LW_TCP_SENT_H
#define LW_TCP_SENT_H

#include "tcp_tcb.h"

/* --- one record --------------------------------------------------------- */

/* Its text, and with it what is gone of the first segment's. */
static inline uint32_t
tcp_rec_text(const struct tcp_rec *r)
{
    return r->len - !!(r->flags & SENT_FIN) + r->gone;
}

static inline uint32_t
tcp_rec_segments(const struct tcp_rec *r)
{
    uint32_t text = tcp_rec_text(r);

    return text <= r->size ? 1 : (text + r->size - 1) / r->size;
}

/* Sequence numbers of its first n segments. */
static inline uint32_t
tcp_rec_numbers(const struct tcp_rec *r, uint32_t n)
{
    return n * r->size < tcp_rec_text(r) ? n * r->size - r->gone : r->len;
}

static inline struct seq
tcp_rec_end(const struct tcp_rec *r)
{
    return seq_add(r->seq, r->len);
}

/* Is its fate open: neither reported by SACK, nor lost and not sent again? */
static inline bool
tcp_rec_open(const struct tcp_rec *r)
{
    return !(r->flags & SENT_SACKED) &&
           (r->flags & (SENT_LOST | SENT_AGAIN)) != SENT_LOST;
}

/* --- tcp_recs.c --------------------------------------------------------- */

/* The ring of places in order of sequence numbers: behind the records. */
static inline uint32_t *
tcp_recs_order(struct tcp_sent *s)
{
    return (uint32_t *)(void *)(s->rec + s->room);
}

/* The i-th in order of sequence numbers. */
static inline struct tcp_rec *
tcp_sent_at(const struct tcp_conn *c, uint32_t i)
{
    struct tcp_sent *s = c->sent;

    return &s->rec[tcp_recs_order(s)[(s->head + i) & (s->room - 1)]];
}

/* The number of the first one that ends after seq; the count: none does. */
uint32_t tcp_recs_find(const struct tcp_conn *c, struct seq seq);
/* One more behind all others, to be filled in. NULL: no memory. */
struct tcp_rec *tcp_recs_push(struct tcp_conn *c);
void tcp_recs_shift(struct tcp_conn *c); /* takes off the first */
/* Cuts the i-th after its first n segments, of more: what is behind them is
 * the one after it. All pointers to records are dead. False: no memory. */
bool tcp_recs_cut(struct tcp_conn *c, uint32_t i, uint32_t n);
/* Into the order in time, with a place looked for from r's neighbour on
 * (SENT_NONE: there is none in it), and out of it. */
void tcp_recs_chain(struct tcp_conn *c, struct tcp_rec *r, uint32_t near);
void tcp_recs_unchain(struct tcp_conn *c, const struct tcp_rec *r);
void tcp_sent_init(struct tcp_conn *c); /* nothing is out */
void tcp_sent_free(struct tcp_conn *c);

/* In the order in which they were sent last: those whose fate is open. */
static inline struct tcp_rec *
tcp_sent_oldest(const struct tcp_conn *c)
{
    struct tcp_sent *s = c->sent;

    return s->count == 0 || s->oldest == SENT_NONE ? NULL : &s->rec[s->oldest];
}

static inline struct tcp_rec *
tcp_sent_newer(const struct tcp_conn *c, const struct tcp_rec *r)
{
    return r->newer == SENT_NONE ? NULL : &c->sent->rec[r->newer];
}

/* --- tcp_sent.c --------------------------------------------------------- */

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

/* len numbers from seq on are sent now, in segments of `size` bytes of text.
 * False: no memory. */
bool tcp_sent_push(struct tcp_conn *c, struct seq seq, uint32_t len,
    uint32_t size, uint8_t flags);
void tcp_sent_ack(struct tcp_conn *c, struct seq una, struct tcp_told *told);
void tcp_sent_sack(
    struct tcp_conn *c, const struct tcp_range *block, struct tcp_told *told);
void tcp_sent_lose(struct tcp_conn *c, struct tcp_rec *r, enum rule why);
void tcp_sent_lose_all(struct tcp_conn *c, bool forget_sacks, enum rule why);
void tcp_sent_unlose(struct tcp_conn *c);
struct tcp_rec *tcp_sent_next_lost(struct tcp_conn *c);
void tcp_sent_again(struct tcp_conn *c, struct tcp_rec *r, bool probe);
/* The first segment of r as a record of its own, with no more than `most`
 * bytes of text. All pointers to records are dead. NULL: no memory. */
struct tcp_rec *tcp_sent_one(
    struct tcp_conn *c, const struct tcp_rec *r, uint32_t most);
/* The oldest that is out, if there is memory to cut it off; else with those
 * behind it. The latest; NULL: no memory. */
struct tcp_rec *tcp_sent_first(struct tcp_conn *c);
struct tcp_rec *tcp_sent_last(struct tcp_conn *c);

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

#endif
