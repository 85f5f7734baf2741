/*
 * story_tcp.c: TCP connections as a capture shows them: both ends are
 * followed through the states of RFC 9293 3.3.2 by the segments alone. A
 * connection whose beginning was not captured is taken for established. Its
 * variables are those that the headers tell: what was sent, acknowledged
 * and offered.
 */
#include "story_in.h"

#include "dissect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRACKS_MAX 65536

/* One end of a connection. */
struct track {
    struct ipv4 addr, peer;
    uint16_t port, peer_port;
    uint64_t conn;
    const char *state;
    struct seq una, nxt, rcv_nxt, fin; /* fin: after our FIN */
    uint32_t snd_wnd, rcv_wnd;
    bool fin_sent;
};

struct tracks {
    struct track *at; /* both ends of a connection stand side by side */
    unsigned n, room;
};

struct tracks *
tracks_new(void)
{
    return calloc(1, sizeof(struct tracks));
}

void
tracks_free(struct tracks *t)
{
    free(t->at);
    free(t);
}

static struct track *
find(struct tracks *t, struct ipv4 addr, uint16_t port, struct ipv4 peer,
    uint16_t peer_port)
{
    for (unsigned i = t->n; i-- > 0;) {
        struct track *k = &t->at[i];

        if (ipv4_eq(k->addr, addr) && k->port == port &&
            ipv4_eq(k->peer, peer) && k->peer_port == peer_port)
            return k;
    }
    return NULL;
}

/* A pair of ends for a connection not seen before; the sender's. */
static struct track *
pair(struct tracks *t, const struct dissect_keys *k)
{
    struct track *a;

    if (t->n + 2 > t->room) {
        unsigned room = t->room ? t->room * 2 : 16;

        a = room <= TRACKS_MAX ? realloc(t->at, room * sizeof *a) : NULL;
        if (!a)
            return NULL;
        t->at = a;
        t->room = room;
    }
    a = &t->at[t->n];
    uint64_t conn = t->n / 2 + 1;
    a[0] = (struct track){.addr = k->src,
        .peer = k->dst,
        .port = k->sport,
        .peer_port = k->dport,
        .conn = conn,
        .state = "CLOSED"};
    a[1] = (struct track){.addr = k->dst,
        .peer = k->src,
        .port = k->dport,
        .peer_port = k->sport,
        .conn = conn,
        .state = "CLOSED"};
    t->n += 2;
    return a;
}

static void
end_text(struct ipv4 addr, uint16_t port, char *text, size_t size)
{
    char ip[16];

    snprintf(text, size, "%s:%u", ipv4_text(addr, ip), port);
}

static void
move(struct track *k, struct frames *f, unsigned host, const char *to,
    uint64_t cause)
{
    const char *from = k->state;

    if (strcmp(from, to) == 0)
        return;
    if (strcmp(from, "CLOSED") == 0) {
        char local[24], remote[24];

        end_text(k->addr, k->port, local, sizeof local);
        end_text(k->peer, k->peer_port, remote, sizeof remote);
        FRAMES_NOTE(f, EV_TCP_CONN, host, cause, f_u64("conn", k->conn),
            f_text("local", local), f_text("remote", remote), f_u64("sock", 0));
    }
    k->state = to;
    FRAMES_NOTE(f, EV_TCP_MOVE, host, cause, f_u64("conn", k->conn),
        f_text("from", from), f_text("to", to));
}

static bool
is(const struct track *k, const char *state)
{
    return strcmp(k->state, state) == 0;
}

static void
vars(struct track *k, struct frames *f, unsigned host, uint64_t cause)
{
    FRAMES_NOTE(f, EV_TCP_VARS, host, cause, f_u64("conn", k->conn),
        f_u64("una", k->una.v), f_u64("nxt", k->nxt.v),
        f_u64("snd_wnd", k->snd_wnd), f_u64("rcv_nxt", k->rcv_nxt.v),
        f_u64("rcv_wnd", k->rcv_wnd), f_u64("cwnd", 0), f_u64("ssthresh", 0),
        f_ns("rto", 0));
}

static uint64_t
segment(struct frames *f, enum event_kind kind, unsigned host, uint64_t conn,
    const struct dissect_keys *k, uint64_t cause)
{
    static const char letters[] = "FSRP.U";
    char flags[8];
    unsigned n = 0;

    for (unsigned i = 0; i < 6; i++)
        if (k->flags >> i & 1)
            flags[n++] = letters[i];
    flags[n] = '\0';
    return FRAMES_NOTE(f, kind, host, cause, f_u64("conn", conn),
        f_text("flags", flags), f_u64("seq", k->seq), f_u64("ack", k->ack),
        f_u64("wnd", k->wnd), f_u64("len", k->payload));
}

void
track_sent(struct tracks *t, struct frames *f, const struct dissect_keys *k,
    unsigned host)
{
    struct track *a = find(t, k->src, k->sport, k->dst, k->dport);
    bool syn = k->flags & DISSECT_SYN, fin = k->flags & DISSECT_FIN;

    if (!a)
        a = pair(t, k);
    if (!a)
        return;
    struct seq end = seq_add(
        (struct seq){k->seq}, k->payload + (syn ? 1u : 0) + (fin ? 1u : 0));

    if (syn && !(k->flags & DISSECT_ACK)) {
        a->una = (struct seq){k->seq};
        a->nxt = end;
        move(a, f, host, "SYN-SENT", 0);
    } else if (is(a, "CLOSED") && !(k->flags & DISSECT_RST)) {
        a->una = (struct seq){k->seq};
        a->nxt = end;
        move(a, f, host, syn ? "SYN-RECEIVED" : "ESTABLISHED", 0);
    }
    if (syn || seq_lt(a->nxt, end))
        a->nxt = end;
    if (k->flags & DISSECT_RST) {
        move(a, f, host, "CLOSED", 0);
    } else if (fin && !a->fin_sent) {
        a->fin_sent = true;
        a->fin = end;
        move(a, f, host, is(a, "CLOSE-WAIT") ? "LAST-ACK" : "FIN-WAIT-1", 0);
    }
    a->rcv_wnd = k->wnd;
    if (!is(a, "CLOSED"))
        vars(a, f, host, 0);
    segment(f, EV_TCP_SEND, host, a->conn, k, 0);
}

/* What an acknowledgment of our FIN and a FIN of the peer lead to. */
static void
closing(struct track *a, struct frames *f, const struct dissect_keys *k,
    unsigned host, uint64_t cause)
{
    bool acked = a->fin_sent && k->flags & DISSECT_ACK &&
                 seq_leq(a->fin, (struct seq){k->ack});

    if (acked && is(a, "FIN-WAIT-1"))
        move(a, f, host, "FIN-WAIT-2", cause);
    else if (acked && is(a, "CLOSING"))
        move(a, f, host, "TIME-WAIT", cause);
    else if (acked && is(a, "LAST-ACK"))
        move(a, f, host, "CLOSED", cause);
    if (!(k->flags & DISSECT_FIN))
        return;
    if (is(a, "ESTABLISHED"))
        move(a, f, host, "CLOSE-WAIT", cause);
    else if (is(a, "FIN-WAIT-1"))
        move(a, f, host, "CLOSING", cause);
    else if (is(a, "FIN-WAIT-2"))
        move(a, f, host, "TIME-WAIT", cause);
}

void
track_arrived(struct tracks *t, struct frames *f, const struct dissect_keys *k,
    unsigned host, uint64_t cause)
{
    struct track *a = find(t, k->dst, k->dport, k->src, k->sport);
    bool syn = k->flags & DISSECT_SYN, fin = k->flags & DISSECT_FIN;

    if (!a)
        return;
    cause = segment(f, EV_TCP_ARRIVE, host, a->conn, k, cause);
    if (k->flags & DISSECT_RST) {
        move(a, f, host, "CLOSED", cause);
        return;
    }
    if (is(a, "SYN-SENT") && syn)
        move(a, f, host,
            k->flags & DISSECT_ACK ? "ESTABLISHED" : "SYN-RECEIVED", cause);
    else if (is(a, "SYN-RECEIVED") && k->flags & DISSECT_ACK)
        move(a, f, host, "ESTABLISHED", cause);
    else if (is(a, "CLOSED") && !syn && !fin)
        move(a, f, host, "ESTABLISHED", cause);
    struct seq end = seq_add(
        (struct seq){k->seq}, k->payload + (syn ? 1u : 0) + (fin ? 1u : 0));
    if (syn || seq_lt(a->rcv_nxt, end))
        a->rcv_nxt = end;
    if (is(a, "CLOSED"))
        return;
    if (k->flags & DISSECT_ACK && seq_lt(a->una, (struct seq){k->ack}))
        a->una = (struct seq){k->ack};
    a->snd_wnd = k->wnd;
    closing(a, f, k, host, cause);
    if (!is(a, "CLOSED"))
        vars(a, f, host, cause);
}
