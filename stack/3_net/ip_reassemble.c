/*
 * ip_reassemble.c: the pieces of a datagram become whole again (RFC 791 3.2,
 * RFC 1122 3.3.2), at the destination only.
 *
 *     whole --> piece 0..1480 --> piece 2960..3200 --> (the hole is known by
 *                                   the count of bytes that are there)
 *
 * Pieces wait in the order of their offsets. They never overlap: an overlap
 * makes the whole datagram worthless, with the pieces that are still to come
 * (RFC 5722 4; RFC 791 would take the newer bytes, which attackers used to
 * slip past filters: here we differ). So the datagram is whole when as many
 * bytes are there as the last piece says, which spares the list of holes of
 * RFC 815.
 *
 * Waiting costs memory, and anybody can send pieces: datagrams, pieces and
 * bytes are limited, a minute is the longest wait, and when there is too much
 * the sender who has most of it loses its oldest, so that one sender's flood
 * costs the others nothing. (Whoever forges many sources can still fill it:
 * RFC 8900 3.7.)
 */
#include "ip_core.h"

#include <stdlib.h>
#include <string.h>

#define WHOLES_MAX 64  /* datagrams of one sender at a time */
#define PIECES_MAX 256 /* of one datagram */

/* A piece that waits, and the range of the datagram's bytes that it covers. */
struct piece {
    struct pkt *p; /* at its data; its header stands in front, at p->l3 */
    uint32_t from, to;
    uint16_t header_len;
};

struct ip_whole {
    struct ip *ip;
    struct ip_whole *chain;         /* next in the same bucket */
    struct ip_whole *older, *newer; /* of the same sender */
    unsigned source;                /* which sender, by hash */
    bool dead;                      /* overlaps were seen: nothing counts */
    struct ipv4 src, dst;           /* with protocol and id: which datagram */
    uint8_t protocol;
    uint16_t id;
    uint32_t have; /* bytes that are there */
    uint32_t size; /* of the data; 0: the last piece is not there yet */
    uint8_t ecn;   /* which ECN bits its pieces bear: 1 << each */
    unsigned npieces, room;
    struct piece *pieces; /* by offset */
    struct timer timer;
};

/* The bucket of the datagram that has this header. */
static struct ip_whole **
bucket(struct ip *ip, struct ipv4 src, struct ipv4 dst, uint8_t protocol,
    uint16_t id)
{
    uint32_t key[3] = {src.v, dst.v, (uint32_t)id << 8 | protocol};

    return &ip->pieces.hash[siphash(ip->key, key, sizeof key) % IP_WHOLES];
}

/* The memory that w's sender is charged for. */
static void
charge(struct ip_whole *w, size_t bytes)
{
    w->ip->pieces.bytes += bytes;
    w->ip->pieces.source[w->source].bytes += bytes;
}

static void
discharge(struct ip_whole *w, size_t bytes)
{
    w->ip->pieces.bytes -= bytes;
    w->ip->pieces.source[w->source].bytes -= bytes;
}

static void
whole_free(struct ip_whole *w)
{
    struct ip_pieces *all = &w->ip->pieces;
    struct ip_whole **at = bucket(w->ip, w->src, w->dst, w->protocol, w->id);

    for (unsigned i = 0; i < w->npieces; i++) {
        discharge(w, w->pieces[i].p->room);
        pkt_free(w->pieces[i].p);
    }
    timer_cancel(w->ip->env->timers, &w->timer);
    while (*at != w)
        at = &(*at)->chain;
    *at = w->chain;
    *(w->older ? &w->older->newer : &all->source[w->source].oldest) = w->newer;
    *(w->newer ? &w->newer->older : &all->source[w->source].newest) = w->older;
    all->source[w->source].count--;
    discharge(w, sizeof *w);
    free(w->pieces);
    free(w);
}

/* Drops every piece, each with the reason. */
static void
drop_pieces(struct ip_whole *w, enum rule rule)
{
    while (w->npieces > 0) {
        struct pkt *p = w->pieces[--w->npieces].p;

        discharge(w, p->room);
        pkt_drop(w->ip->env, p, DROP_IP_FRAGMENT, rule);
    }
}

/* The same, and forgets the datagram. */
static void
give_up(struct ip_whole *w, enum rule rule)
{
    drop_pieces(w, rule);
    whole_free(w);
}

/* The same, and remembers it, so that what comes late does not begin a new
 * one: an attacker's pieces would then mix with the rest of the true ones. */
static void
kill(struct ip_whole *w)
{
    drop_pieces(w, RULE_IP_FRAGMENT_OVERLAP);
    w->dead = true;
}

static void
time_is_up(void *owner)
{
    struct ip_whole *w = owner;

    /* Only whoever sent the first piece can tell what it was about. */
    if (w->npieces > 0 && w->pieces[0].from == 0)
        icmp_error(w->ip, w->pieces[0].p, ICMP_TIME_EXCEEDED, 1, 0);
    give_up(w, RULE_IP_FRAGMENT_TIME);
}

static struct ip_whole *
whole_find(struct ip *ip, const struct ip_hdr *h)
{
    struct ip_whole *w = *bucket(ip, h->src, h->dst, h->protocol, h->id);

    while (w && (w->id != h->id || w->protocol != h->protocol ||
                    !ipv4_eq(w->src, h->src) || !ipv4_eq(w->dst, h->dst)))
        w = w->chain;
    return w;
}

/* Room for `bytes` more: the sender that has most loses its oldest. */
static void
make_memory(struct ip *ip, size_t bytes)
{
    struct ip_pieces *all = &ip->pieces;

    while (all->bytes &&
           all->bytes + bytes > (size_t)ip->sysctl.ipfrag_high_thresh) {
        unsigned most = 0;

        for (unsigned i = 1; i < IP_SOURCES; i++)
            if (all->source[i].bytes > all->source[most].bytes)
                most = i;
        give_up(all->source[most].oldest, RULE_IP_FRAGMENT_LIMIT);
    }
}

static struct ip_whole *
whole_new(struct ip *ip, const struct ip_hdr *h)
{
    struct ip_pieces *all = &ip->pieces;
    struct ip_whole *w = calloc(1, sizeof *w);
    struct ip_whole **head;

    if (!w)
        return NULL;
    w->ip = ip;
    w->src = h->src;
    w->dst = h->dst;
    w->protocol = h->protocol;
    w->id = h->id;
    w->source = siphash(ip->key, &h->src.v, sizeof h->src.v) % IP_SOURCES;
    if (all->source[w->source].count == WHOLES_MAX)
        give_up(all->source[w->source].oldest, RULE_IP_FRAGMENT_LIMIT);
    head = bucket(ip, w->src, w->dst, w->protocol, w->id);
    w->chain = *head;
    *head = w;
    w->older = all->source[w->source].newest;
    *(w->older ? &w->older->newer : &all->source[w->source].oldest) = w;
    all->source[w->source].newest = w;
    all->source[w->source].count++;
    charge(w, sizeof *w);
    w->timer = (struct timer){.fire = time_is_up, .owner = w};
    timer_arm_in(ip->env->timers, &w->timer, ip->sysctl.ipfrag_time * LW_S);
    return w;
}

/* Is there room in the array for one more piece? */
static bool
make_room(struct ip_whole *w)
{
    unsigned room = w->room ? w->room * 2 : 8;
    struct piece *pieces;

    if (w->npieces < w->room)
        return true;
    if (w->npieces == PIECES_MAX)
        return false;
    pieces = realloc(w->pieces, room * sizeof *pieces);
    if (!pieces)
        return false;
    w->pieces = pieces;
    w->room = room;
    return true;
}

enum fit {
    FIT_GOOD,
    FIT_AGAIN,  /* the same piece is there already */
    FIT_OVERLAP /* contradicts what is there */
};

/* Where among the pieces does q belong? */
static enum fit
find_place(const struct ip_whole *w, const struct piece *q, unsigned *place)
{
    unsigned i = w->npieces;

    while (i > 0 && w->pieces[i - 1].from >= q->from)
        i--;
    *place = i;
    if (i < w->npieces && w->pieces[i].from == q->from &&
        w->pieces[i].to == q->to)
        return memcmp(w->pieces[i].p->data, q->p->data, q->to - q->from) == 0
                   ? FIT_AGAIN
                   : FIT_OVERLAP;
    if (i > 0 && w->pieces[i - 1].to > q->from)
        return FIT_OVERLAP;
    if (i < w->npieces && w->pieces[i].from < q->to)
        return FIT_OVERLAP;
    return FIT_GOOD;
}

/* Does the piece agree with where the datagram ends? */
static bool
end_agrees(const struct ip_whole *w, const struct piece *q, bool last)
{
    if (w->size)
        return last ? q->to == w->size : q->to <= w->size;
    return !last || w->npieces == 0 || w->pieces[w->npieces - 1].to <= q->to;
}

/* One packet of all pieces, with the header of the first. */
static struct pkt *
join(const struct ip_whole *w, struct ip_fields *f)
{
    const struct piece *first = &w->pieces[0];
    const struct pkt *head = first->p;
    uint32_t total = first->header_len + w->size;
    struct pkt *p;

    if (total > IP_MAX)
        return NULL;
    p = pkt_new(w->ip->env->pool, PKT_HEADROOM, total);
    if (!p)
        return NULL;
    p->l3 = (uint16_t)pkt_off(p);
    memcpy(
        pkt_put(p, first->header_len), head->buf + head->l3, first->header_len);
    for (unsigned i = 0; i < w->npieces; i++) {
        const struct piece *q = &w->pieces[i];

        memcpy(pkt_put(p, q->to - q->from), q->p->data, q->to - q->from);
    }
    if (w->ecn >> IP_CE & 1)
        p->data[1] |= IP_CE; /* one marked piece marks all: RFC 3168 5.3 */
    ip_set_piece(p->data, first->header_len, w->size, 0, false);
    ip_parse(f, p->data, p->len);
    return p;
}

/* All bytes are there. */
static struct pkt *
complete(struct ip_whole *w, struct ip_fields *f)
{
    struct ip *ip = w->ip;
    struct ip_fields whole = *f;
    struct pkt *p;

    if ((w->ecn & 1) && w->ecn != 1) { /* not every piece can be marked */
        give_up(w, RULE_IP_FRAGMENT_ECN);
        return NULL;
    }
    p = join(w, &whole);
    if (!p) {
        give_up(w, RULE_IP_FRAGMENT_BAD);
        return NULL;
    }
    whole.h.link_broadcast = f->h.link_broadcast;
    whole.h.nif = f->h.nif;
    whole.h.to_broadcast = f->h.to_broadcast;
    *f = whole;
    NOTE_PKT(ip->env, EV_IP_REASSEMBLED, RULE_IP_REASSEMBLY, p, pkt_off(p),
        f->h.header_len, f_u64("id", f->h.id), f_u64("pieces", w->npieces),
        f_u64("len", p->len), f_ip("src", f->h.src), f_ip("dst", f->h.dst));
    whole_free(w);
    return p;
}

/* Files q, of a datagram that is waited for. The whole, or NULL. */
static struct pkt *
add_piece(struct ip_whole *w, struct piece *q, struct ip_fields *f)
{
    struct env *env = w->ip->env;
    unsigned place = 0;
    enum fit fit =
        end_agrees(w, q, !f->mf) ? find_place(w, q, &place) : FIT_OVERLAP;

    if (fit == FIT_GOOD && !make_room(w)) {
        pkt_drop(env, q->p, DROP_IP_FRAGMENT, RULE_IP_FRAGMENT_LIMIT);
        give_up(w, RULE_IP_FRAGMENT_LIMIT);
        return NULL;
    }
    if (fit != FIT_GOOD) {
        pkt_drop(env, q->p, DROP_IP_FRAGMENT,
            fit == FIT_AGAIN ? RULE_IP_REASSEMBLY : RULE_IP_FRAGMENT_OVERLAP);
        if (fit == FIT_OVERLAP)
            kill(w);
        return NULL;
    }
    memmove(&w->pieces[place + 1], &w->pieces[place],
        (w->npieces - place) * sizeof *q);
    w->pieces[place] = *q;
    w->npieces++;
    w->have += q->to - q->from;
    w->ecn |= (uint8_t)(1u << (f->h.tos & IP_ECN));
    charge(w, q->p->room);
    if (!f->mf)
        w->size = q->to;
    return w->have == w->size ? complete(w, f) : NULL;
}

struct pkt *
ip_reassemble(struct ip *ip, struct pkt *p, struct ip_fields *f)
{
    struct ip_whole *w;
    uint32_t len = p->len - f->h.header_len;
    struct piece q = {
        .p = p,
        .from = f->offset,
        .to = f->offset + len,
        .header_len = f->h.header_len,
    };

    if (len == 0 || (f->mf && len % 8) || q.to > IP_MAX - IP_LEN) {
        pkt_drop(ip->env, p, DROP_IP_FRAGMENT, RULE_IP_FRAGMENT_BAD);
        return NULL;
    }
    make_memory(ip, p->room + sizeof *w);
    w = whole_find(ip, &f->h);
    if (w && w->dead) {
        pkt_drop(ip->env, p, DROP_IP_FRAGMENT, RULE_IP_FRAGMENT_OVERLAP);
        return NULL;
    }
    if (!w)
        w = whole_new(ip, &f->h);
    if (!w) {
        pkt_drop(ip->env, p, DROP_NO_MEMORY, RULE_IP_REASSEMBLY);
        return NULL;
    }
    pkt_pull(p, f->h.header_len);
    return add_piece(w, &q, f);
}

void
ip_pieces_free(struct ip *ip)
{
    for (unsigned i = 0; i < IP_SOURCES; i++)
        while (ip->pieces.source[i].oldest)
            whole_free(ip->pieces.source[i].oldest);
}
