/*
 * tcp_ring.c: what is to go? The send buffer: every byte that the program
 * has handed over and the peer has not acknowledged, sent or not, in one
 * ring, or, of a file, where the file's pages are (tcp_lent.c). A segment,
 * first or repeated, is cut from it when it leaves, with the checksum
 * computed on the way: one pass over memory.
 *
 * The ring is made with the first byte, doubles as what is written needs it
 * (how much may be: tcp_wmem.c), and goes
 * back to its host as soon as it is empty: an idle connection holds none.
 */
#include "tcp_conn.h"
#include "tcp_lent.h"
#include "page.h"
#include "sum.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *
buffer_new(struct tcp *tcp, uint32_t size)
{
    if (size == TCP_RING_SIZE && tcp->nrings > 0)
        return tcp->rings[--tcp->nrings];
    return malloc(size);
}

static void
buffer_free(struct tcp *tcp, uint8_t *buf, uint32_t size)
{
    if (buf && size == TCP_RING_SIZE && tcp->nrings < TCP_RINGS_KEPT)
        tcp->rings[tcp->nrings++] = buf;
    else
        free(buf);
}

/*
 * The bytes that begin `offset` from the first one: where they lie, and how
 * many lie there side by side.
 */
static uint32_t
span(const struct tcp_ring *r, uint32_t offset, const uint8_t **at)
{
    uint32_t place = r->head + offset, left = r->used - offset;

    if (r->lents) {
        uint32_t next;
        const struct tcp_lent *l = tcp_lent_find(r, offset, &next);

        if (l) {
            uint32_t into = offset - (l->seq.v - r->seq.v);

            *at = l->data + into;
            if (into < l->len)
                return l->len - into;
            place = l->place + into - l->len;
        }
        left = next - offset;
    }
    place &= r->size - 1;
    *at = r->buf + place;
    return r->size - place < left ? r->size - place : left;
}

static void
copy_out(const struct tcp_ring *r, uint32_t offset, uint8_t *to, uint32_t len)
{
    while (len > 0) {
        const uint8_t *at;
        uint32_t n = span(r, offset, &at);

        if (n > len)
            n = len;
        memcpy(to, at, n);
        to += n;
        offset += n;
        len -= n;
    }
}

static bool
grow(struct tcp_conn *c, uint32_t need)
{
    struct tcp_ring *r = &c->ring;
    uint32_t size = r->size ? r->size : TCP_RING_SIZE;
    uint32_t copied = tcp_ring_copied(r), mask = r->size - 1;
    uint8_t *buf;

    while (size < need)
        size *= 2;
    if (size == r->size)
        return true;
    buf = buffer_new(c->tcp, size);
    if (!buf)
        return false;
    for (uint32_t i = 0, n; i < copied; i += n) { /* each to its old place */
        uint32_t from = (r->head + i) & mask;

        n = r->size - from < copied - i ? r->size - from : copied - i;
        memcpy(buf + ((r->head + i) & (size - 1)), r->buf + from, n);
    }
    buffer_free(c->tcp, r->buf, r->size);
    r->buf = buf;
    r->size = size;
    return true;
}

uint32_t
tcp_ring_put(struct tcp_conn *c, const uint8_t *data, uint32_t len)
{
    struct tcp_ring *r = &c->ring;
    struct seq from = tcp_ring_end(c);
    uint32_t at, first, copied = tcp_ring_copied(r);

    if (copied + len > r->size && !grow(c, copied + len)) {
        len = r->size - copied; /* no memory: what fits in the old one */
        if (len == 0)
            return 0;
    }
    at = (r->head + copied) & (r->size - 1);
    first = r->size - at;
    if (first > len)
        first = len;
    memcpy(r->buf + at, data, first);
    memcpy(r->buf, data + first, len - first);
    r->used += len;
    tcp_wmem_put(c, from);
    return len;
}

uint32_t
tcp_ring_put_page(
    struct tcp_conn *c, struct page *page, uint32_t from, uint32_t len)
{
    struct seq end = tcp_ring_end(c);

    if (!tcp_lent_put(&c->ring, page, from, len)) /* no memory for a list */
        return tcp_ring_put(c, page->data + from, len);
    tcp_wmem_put(c, end);
    return len;
}

void
tcp_ring_peek(
    const struct tcp_conn *c, struct seq seq, uint8_t *to, uint32_t len)
{
    const struct tcp_ring *r = &c->ring;
    uint32_t offset = seq.v - r->seq.v;

    assert(offset + len <= r->used);
    copy_out(r, offset, to, len);
}

uint64_t
tcp_ring_copy(const struct tcp_conn *c, struct seq seq, uint8_t *to,
    uint32_t len, uint64_t sum)
{
    const struct tcp_ring *r = &c->ring;
    uint32_t offset = seq.v - r->seq.v;
    const uint8_t *at;

    assert(offset + len <= r->used);
    if (span(r, offset, &at) >= len)
        return sum_copy(sum, to, at, len);
    copy_out(r, offset, to, len); /* in pieces: one may be odd */
    return sum_add(sum, to, len);
}

bool
tcp_ring_lend(
    const struct tcp_conn *c, struct seq seq, uint32_t len, struct pkt *p)
{
    const struct tcp_ring *r = &c->ring;
    uint32_t offset = seq.v - r->seq.v;

    assert(offset + len <= r->used);
    while (len > 0) {
        const uint8_t *at;
        uint32_t n = span(r, offset, &at);

        if (n > len)
            n = len;
        if (!pkt_lend(p, at, n))
            return false;
        offset += n;
        len -= n;
    }
    return true;
}

void
tcp_ring_ack(struct tcp_conn *c, struct seq una)
{
    struct tcp_ring *r = &c->ring;
    uint32_t n = una.v - r->seq.v;

    if (seq_leq(una, r->seq))
        return;
    if (n > r->used) /* SYN and FIN count, but are not in the ring */
        n = r->used;
    r->head += n - (r->lents ? tcp_lent_ack(r, n) : 0);
    r->used -= n;
    r->seq = seq_add(r->seq, n);
    if (r->used == 0)
        tcp_ring_free(c);
}

void
tcp_ring_free(struct tcp_conn *c)
{
    buffer_free(c->tcp, c->ring.buf, c->ring.size);
    tcp_lent_free(&c->ring);
    c->ring = (struct tcp_ring){.seq = tcp_ring_end(c),
        .piece = tcp_ring_end(c),
        .pushed = tcp_ring_end(c)};
}
