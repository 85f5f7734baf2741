/*
 * tcp_recs.c: where are the records of what is out? Each stays at its place
 * while two orders go through them all:
 *
 *     places   [4001:5449] [1:1449] [2897:4001] [1449:2897] (free) (free)
 *     order         1 3 2 0 ...     by sequence number: a ring of places
 *     time          1 > 2 > 0       when each was sent last; [1449:2897] is
 *                                   lost, so nobody waits for it
 *
 * The ring names every place once, those that are free behind those that are
 * taken; so what is pushed or cut finds its place there, and a cut moves
 * nothing but numbers, on the side where fewer of them stand. The records of
 * what an ACK covers leave at the front. For tcp_sent.c alone, which knows
 * what they mean.
 */
#include "tcp_conn.h"

#include <stdlib.h>
#include <string.h>

/* --- the list ------------------------------------------------------------ */

/* What all idle connections share: only read, as nothing is in it. */
static const struct tcp_sent nothing_out;

void
tcp_sent_init(struct tcp_conn *c)
{
    c->sent = (struct tcp_sent *)&nothing_out;
}

static struct tcp_sent *
list_new(struct tcp *tcp, uint32_t room)
{
    struct tcp_sent *s;

    if (room == TCP_RECS && tcp->nrecs > 0)
        return tcp->recs[--tcp->nrecs];
    s = malloc(
        sizeof *s + room * (sizeof s->rec[0] + sizeof *tcp_recs_order(s)));
    return s;
}

static void
list_free(struct tcp *tcp, struct tcp_sent *s)
{
    if (s == &nothing_out)
        return;
    if (s->room == TCP_RECS && tcp->nrecs < TCP_RINGS_KEPT)
        tcp->recs[tcp->nrecs++] = s;
    else
        free(s);
}

/* Makes room for one more. By four: a window grows from nothing after every
 * silence. */
static bool
grow(struct tcp_conn *c)
{
    struct tcp_sent *old = c->sent, *s;
    uint32_t room = old->room ? old->room * 4 : TCP_RECS, *order;

    if (old->count < old->room)
        return true;
    s = list_new(c->tcp, room);
    if (!s)
        return false;
    *s = *old; /* the sums; none of the records */
    s->room = room;
    s->head = 0;
    if (old->count == 0)
        s->oldest = s->newest = SENT_NONE;
    memcpy(s->rec, old->rec, old->room * sizeof old->rec[0]);
    order = tcp_recs_order(s);
    for (uint32_t i = 0; i < room; i++)
        order[i] = i < old->count
                       ? tcp_recs_order(old)[(old->head + i) & (old->room - 1)]
                       : i;
    c->sent = s;
    list_free(c->tcp, old);
    return true;
}

struct tcp_rec *
tcp_recs_push(struct tcp_conn *c)
{
    return grow(c) ? tcp_sent_at(c, c->sent->count++) : NULL;
}

void
tcp_recs_shift(struct tcp_conn *c)
{
    struct tcp_sent *s = c->sent;

    s->head = (s->head + 1) & (s->room - 1);
    s->count--;
    if (s->next_lost > 0)
        s->next_lost--;
}

uint32_t
tcp_recs_find(const struct tcp_conn *c, struct seq seq)
{
    uint32_t low = 0, high = c->sent->count;

    while (low < high) {
        uint32_t mid = (low + high) / 2;

        if (seq_leq(tcp_rec_end(tcp_sent_at(c, mid)), seq))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void
tcp_sent_free(struct tcp_conn *c)
{
    list_free(c->tcp, c->sent);
    tcp_sent_init(c);
}

/* --- the order in time --------------------------------------------------- */

/* r comes after the one at the place r->older, which is in the chain or
 * SENT_NONE. */
static void
link_in(struct tcp_sent *s, struct tcp_rec *r)
{
    uint32_t place = (uint32_t)(r - s->rec);

    if (r->older == SENT_NONE) {
        r->newer = s->oldest;
        s->oldest = place;
    } else {
        r->newer = s->rec[r->older].newer;
        s->rec[r->older].newer = place;
    }
    if (r->newer == SENT_NONE)
        s->newest = place;
    else
        s->rec[r->newer].older = place;
}

void
tcp_recs_chain(struct tcp_conn *c, struct tcp_rec *r, uint32_t near)
{
    struct tcp_sent *s = c->sent;
    uint32_t next;

    r->older = near;
    for (; r->older != SENT_NONE && instant_lt(r->at, s->rec[r->older].at);
         s->steps++)
        r->older = s->rec[r->older].older;
    for (; r->older != SENT_NONE; r->older = next, s->steps++) {
        next = s->rec[r->older].newer;
        if (next == SENT_NONE || instant_lt(r->at, s->rec[next].at))
            break;
    }
    link_in(s, r);
}

void
tcp_recs_unchain(struct tcp_conn *c, const struct tcp_rec *r)
{
    struct tcp_sent *s = c->sent;

    if (r->older == SENT_NONE)
        s->oldest = r->newer;
    else
        s->rec[r->older].newer = r->newer;
    if (r->newer == SENT_NONE)
        s->newest = r->older;
    else
        s->rec[r->newer].older = r->older;
}

/* --- cutting ------------------------------------------------------------- */

/* Puts a free place behind the i-th in the order. */
static void
insert(struct tcp_sent *s, uint32_t i)
{
    uint32_t *o = tcp_recs_order(s), mask = s->room - 1;
    uint32_t at = (s->head + i) & mask, free, size = sizeof *o;

    if (i < s->count / 2) { /* those up to it move down */
        s->head = (s->head - 1) & mask;
        free = o[s->head];
        if (s->head <= at) {
            memmove(o + s->head, o + s->head + 1, (at - s->head) * size);
        } else {
            memmove(o + s->head, o + s->head + 1, (mask - s->head) * size);
            o[mask] = o[0];
            memmove(o, o + 1, at * size);
        }
    } else { /* those behind it move up */
        uint32_t end = (s->head + s->count) & mask;

        at = (at + 1) & mask;
        free = o[end];
        if (at <= end) {
            memmove(o + at + 1, o + at, (end - at) * size);
        } else {
            memmove(o + 1, o, end * size);
            o[0] = o[mask];
            memmove(o + at + 1, o + at, (mask - at) * size);
        }
    }
    o[at] = free;
    s->count++;
}

bool
tcp_recs_cut(struct tcp_conn *c, uint32_t i, uint32_t n)
{
    struct tcp_sent *s;
    struct tcp_rec *r, *rest;
    uint32_t len;

    if (!grow(c))
        return false;
    s = c->sent;
    insert(s, i);
    r = tcp_sent_at(c, i);
    rest = tcp_sent_at(c, i + 1);
    len = tcp_rec_numbers(r, n);
    *rest = *r;
    rest->seq = seq_add(r->seq, len);
    rest->len = (r->len - len) & 0xffffff;
    rest->gone = 0;
    r->len = len & 0xffffff;
    r->flags &= (uint8_t) ~(SENT_FIN | SENT_PUSH | SENT_LAST);
    if (tcp_rec_open(r)) {
        rest->older = (uint32_t)(r - s->rec);
        link_in(s, rest);
    }
    if (i < s->next_lost)
        s->next_lost++;
    return true;
}
