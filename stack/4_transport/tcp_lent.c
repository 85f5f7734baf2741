/*
 * tcp_lent.c: what of it is not copied? Where sendfile(2) has put bytes of a
 * page into the stream, the send buffer holds a reference instead (page.h).
 * The ring's own memory holds the rest, without gaps:
 *
 *     stream   | head | page, 64 KiB | page, 10 KiB | head | ...
 *     buf      | head                               | head | ...
 *     lents           | seq, len, place | seq, ...  |
 *
 * `place` is where in buf the stream goes on behind the part. Sequence
 * numbers find a part, by halving, so a segment is cut from anywhere, first
 * or repeated, in few steps. For tcp_ring.c alone.
 */
#include "tcp_lent.h"
#include "page.h"

#include <stdlib.h>

enum {
    LENTS_FIRST = 8
};

static struct tcp_lent *
lent_at(const struct tcp_lents *l, uint32_t i)
{
    return (struct tcp_lent *)&l->at[(l->head + i) & (l->room - 1)];
}

static bool
grow(struct tcp_ring *r)
{
    struct tcp_lents *l = r->lents, *to;
    uint32_t room = l ? 2 * l->room : LENTS_FIRST;

    if (l && l->count < l->room)
        return true;
    to = malloc(sizeof *to + room * sizeof to->at[0]);
    if (!to)
        return false;
    *to = (struct tcp_lents){.room = room};
    for (; l && to->count < l->count; to->count++)
        to->at[to->count] = *lent_at(l, to->count);
    to->bytes = l ? l->bytes : 0;
    free(l);
    r->lents = to;
    return true;
}

bool
tcp_lent_put(struct tcp_ring *r, struct page *page, uint32_t from, uint32_t len)
{
    struct seq seq = seq_add(r->seq, r->used);
    struct tcp_lents *l = r->lents;
    struct tcp_lent *last = l && l->count ? lent_at(l, l->count - 1) : NULL;

    if (last && last->page == page &&
        last->data + last->len == page->data + from &&
        seq_eq(seq_add(last->seq, last->len), seq)) {
        last->len += len;
    } else {
        if (!grow(r))
            return false;
        l = r->lents;
        *lent_at(l, l->count++) = (struct tcp_lent){.page = page_get(page),
            .data = page->data + from,
            .len = len,
            .seq = seq,
            .place = r->head + r->used - l->bytes};
    }
    l->bytes += len;
    r->used += len;
    return true;
}

const struct tcp_lent *
tcp_lent_find(const struct tcp_ring *r, uint32_t offset, uint32_t *next)
{
    const struct tcp_lents *l = r->lents;
    uint32_t low = 0, high = l->count;

    while (low < high) { /* those before low begin in time, from high on not */
        uint32_t mid = low + (high - low) / 2;

        if (lent_at(l, mid)->seq.v - r->seq.v <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    *next = low < l->count ? lent_at(l, low)->seq.v - r->seq.v : r->used;
    return low > 0 ? lent_at(l, low - 1) : NULL;
}

uint32_t
tcp_lent_ack(struct tcp_ring *r, uint32_t n)
{
    struct tcp_lents *l = r->lents;
    uint32_t before = l->bytes;

    while (l->count > 0) {
        struct tcp_lent *first = lent_at(l, 0);
        uint32_t begin = first->seq.v - r->seq.v;

        if (begin >= n)
            break;
        if (begin + first->len > n) { /* some of it */
            uint32_t cut = n - begin;

            first->data += cut;
            first->len -= cut;
            first->seq = seq_add(first->seq, cut);
            l->bytes -= cut;
            break;
        }
        l->bytes -= first->len;
        page_put(first->page);
        l->head = (l->head + 1) & (l->room - 1);
        l->count--;
    }
    return before - l->bytes;
}

void
tcp_lent_free(struct tcp_ring *r)
{
    struct tcp_lents *l = r->lents;

    for (uint32_t i = 0; l && i < l->count; i++)
        page_put(lent_at(l, i)->page);
    free(l);
    r->lents = NULL;
}
