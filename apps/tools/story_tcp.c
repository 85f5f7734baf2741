/*
 * story_tcp.c: TCP connections as a capture shows them: both ends are
 * followed through the states of RFC 9293 3.3.2 by the segments alone. A
 * connection whose beginning was not captured is taken for established. Its
 * variables are those that the headers tell: what was sent, acknowledged
 * and offered.
 */
#include "frames.h"

#include "dissect.h"

#include <stdio.h>

enum {
    CLOSED, /* 0: how a connection begins */
    SYN_SENT,
    SYN_RECEIVED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSING,
    TIME_WAIT,
    CLOSE_WAIT,
    LAST_ACK
};

static const char *const names[] = {"CLOSED", "SYN-SENT", "SYN-RECEIVED",
    "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSING", "TIME-WAIT",
    "CLOSE-WAIT", "LAST-ACK"};

/* The end of a connection that something happens to. */
struct track {
    struct frames *f;
    const struct known_conn *c;
    struct known_end *end;
    uint64_t conn; /* its number in events */
    unsigned who, host;
};

static struct field
place(const char *name, struct ipv4 addr, uint16_t port, char text[24])
{
    char ip[16];

    snprintf(text, 24, "%s:%u", ipv4_text(addr, ip), port);
    return f_text(name, text);
}

static void
opened(const struct track *t)
{
    char local[24], remote[24];

    FRAMES_NOTE(t->f, EV_TCP_CONN, t->host, 0, f_u64("conn", t->conn),
        place("local", t->c->addr[t->who], t->c->port[t->who], local),
        place("remote", t->c->addr[!t->who], t->c->port[!t->who], remote),
        f_u64("sock", 0));
}

static void
move(struct track *t, unsigned to, uint64_t cause)
{
    unsigned from = t->end->state;

    if (from == to)
        return;
    if (from == CLOSED) {
        opened(t);
        t->end->born = (uint32_t)t->f->no;
    }
    t->end->state = (uint8_t)to;
    FRAMES_NOTE(t->f, EV_TCP_MOVE, t->host, cause, f_u64("conn", t->conn),
        f_text("from", names[from]), f_text("to", names[to]));
}

static void
vars(const struct track *t, uint64_t cause)
{
    const struct known_end *e = t->end;

    FRAMES_NOTE(t->f, EV_TCP_VARS, t->host, cause, f_u64("conn", t->conn),
        f_u64("una", e->una.v), f_u64("nxt", e->nxt.v),
        f_u64("snd_wnd", e->snd_wnd), f_u64("rcv_nxt", e->rcv_nxt.v),
        f_u64("rcv_wnd", e->rcv_wnd), f_u64("cwnd", 0), f_u64("ssthresh", 0),
        f_ns("rto", 0));
}

static struct field
flags(const struct dissect_keys *k, char text[8])
{
    static const char letters[] = "FSRP.U";
    unsigned n = 0;

    for (unsigned i = 0; i < 6; i++)
        if (k->flags >> i & 1)
            text[n++] = letters[i];
    text[n] = '\0';
    return f_text("flags", text);
}

static uint64_t
segment(const struct track *t, enum event_kind kind,
    const struct dissect_keys *k, uint64_t cause)
{
    char text[8];

    return FRAMES_NOTE(t->f, kind, t->host, cause, f_u64("conn", t->conn),
        flags(k, text), f_u64("seq", k->seq), f_u64("ack", k->ack),
        f_u64("wnd", k->wnd), f_u64("len", k->payload));
}

/* Both ends have the connection's number, unless one computer has both. */
static struct track
track_of(struct frames *f, uint32_t conn, unsigned who, struct known_end *ends)
{
    const struct known_conn *c = rows_at(&f->known->conns, conn);
    bool second = who == 1 && c->host[0] == c->host[1];

    return (struct track){.f = f,
        .c = c,
        .end = ends + who,
        .conn = c->no + second,
        .who = who,
        .host = c->host[who]};
}

bool
track_find(struct frames *f, const struct dissect_keys *k, unsigned from,
    unsigned to, struct tracked *out)
{
    out->conn = known_conn(
        f->known, k->src, k->sport, k->dst, k->dport, f->learning, &out->who);
    if (out->conn == UINT32_MAX) {
        f->failed |= f->learning && f->known->conns.n < CONNS_MAX;
        return false;
    }
    struct known_conn *c = rows_at(&f->known->conns, out->conn);
    if (f->learning) {
        if (!known_keep(f->known, out->conn, f->page)) {
            f->failed = true;
            return false;
        }
        if (!c->no) {
            c->page = f->page;
            c->no = f->known->conn_nos + 1;
            f->known->conn_nos += from == to ? 2 : 1;
            c->host[out->who] = (uint16_t)from;
            c->host[!out->who] = (uint16_t)to;
        }
        out->ends = c->end;
        return true;
    }
    for (unsigned i = 0; i < f->nsaves; i++) {
        if (f->saves[i].conn == out->conn) {
            out->ends = f->saves[i].end;
            return true;
        }
    }
    return false;
}

void
track_sent(
    struct frames *f, const struct dissect_keys *k, const struct tracked *of)
{
    struct track t = track_of(f, of->conn, of->who, of->ends);
    struct known_end *a = t.end;
    bool syn = k->flags & DISSECT_SYN, fin = k->flags & DISSECT_FIN;
    struct seq end = seq_add(
        (struct seq){k->seq}, k->payload + (syn ? 1u : 0) + (fin ? 1u : 0));

    if (syn && !(k->flags & DISSECT_ACK)) {
        a->una = (struct seq){k->seq};
        a->nxt = end;
        move(&t, SYN_SENT, 0);
    } else if (a->state == CLOSED && !(k->flags & DISSECT_RST)) {
        a->una = (struct seq){k->seq};
        a->nxt = end;
        move(&t, syn ? SYN_RECEIVED : ESTABLISHED, 0);
    }
    if (syn || seq_lt(a->nxt, end))
        a->nxt = end;
    if (k->flags & DISSECT_RST) {
        move(&t, CLOSED, 0);
    } else if (fin && !a->fin_sent) {
        a->fin_sent = true;
        a->fin = end;
        move(&t, a->state == CLOSE_WAIT ? LAST_ACK : FIN_WAIT_1, 0);
    }
    a->rcv_wnd = (uint16_t)k->wnd;
    if (a->state != CLOSED)
        vars(&t, 0);
    segment(&t, EV_TCP_SEND, k, 0);
}

/* What an acknowledgment of our FIN and a FIN of the peer lead to. */
static void
closing(struct track *t, const struct dissect_keys *k, uint64_t cause)
{
    struct known_end *a = t->end;
    bool acked = a->fin_sent && k->flags & DISSECT_ACK &&
                 seq_leq(a->fin, (struct seq){k->ack});

    if (acked && a->state == FIN_WAIT_1)
        move(t, FIN_WAIT_2, cause);
    else if (acked && a->state == CLOSING)
        move(t, TIME_WAIT, cause);
    else if (acked && a->state == LAST_ACK)
        move(t, CLOSED, cause);
    if (!(k->flags & DISSECT_FIN))
        return;
    if (a->state == ESTABLISHED)
        move(t, CLOSE_WAIT, cause);
    else if (a->state == FIN_WAIT_1)
        move(t, CLOSING, cause);
    else if (a->state == FIN_WAIT_2)
        move(t, TIME_WAIT, cause);
}

void
track_arrived(struct frames *f, const struct dissect_keys *k,
    const struct tracked *of, uint64_t cause)
{
    struct track t = track_of(f, of->conn, !of->who, of->ends);
    struct known_end *a = t.end;
    bool syn = k->flags & DISSECT_SYN, fin = k->flags & DISSECT_FIN;

    cause = segment(&t, EV_TCP_ARRIVE, k, cause);
    if (k->flags & DISSECT_RST) {
        move(&t, CLOSED, cause);
        return;
    }
    if (a->state == SYN_SENT && syn)
        move(&t, k->flags & DISSECT_ACK ? ESTABLISHED : SYN_RECEIVED, cause);
    else if (a->state == SYN_RECEIVED && k->flags & DISSECT_ACK)
        move(&t, ESTABLISHED, cause);
    else if (a->state == CLOSED && !syn && !fin)
        move(&t, ESTABLISHED, cause);
    struct seq end = seq_add(
        (struct seq){k->seq}, k->payload + (syn ? 1u : 0) + (fin ? 1u : 0));
    if (syn || seq_lt(a->rcv_nxt, end))
        a->rcv_nxt = end;
    if (a->state == CLOSED)
        return;
    if (k->flags & DISSECT_ACK && seq_lt(a->una, (struct seq){k->ack}))
        a->una = (struct seq){k->ack};
    a->snd_wnd = (uint16_t)k->wnd;
    closing(&t, k, cause);
    if (a->state != CLOSED)
        vars(&t, cause);
}

void
track_retell(struct frames *f, uint32_t conn, unsigned who,
    const struct known_end ends[2])
{
    struct known_end both[2] = {ends[0], ends[1]};
    struct track t = track_of(f, conn, who, both);

    opened(&t);
    FRAMES_NOTE(f, EV_TCP_MOVE, t.host, 0, f_u64("conn", t.conn),
        f_text("from", names[CLOSED]), f_text("to", names[t.end->state]));
    vars(&t, 0);
}

bool
track_open(const struct known_end *end)
{
    return end->state != CLOSED;
}
