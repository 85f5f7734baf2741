/*
 * tcp_ring.c: what is to go? The send buffer: every byte that the program
 * has handed over and the peer has not acknowledged, sent or not, in one
 * ring. A segment, first or repeated, is cut from it when it leaves, with
 * the checksum computed on the way: one pass over memory.
 *
 * The ring is made with the first byte, doubles up to SO_SNDBUF, and goes
 * back to its host as soon as it is empty: an idle connection holds none.
 */
#include "tcp_conn.h"
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

uint32_t
tcp_ring_room(const struct tcp_conn *c)
{
    uint32_t limit = c->tune.sndbuf;

    return c->ring.used < limit ? limit - c->ring.used : 0;
}

/* Copies len bytes out, from the place `at` on. */
static void
copy_out(const struct tcp_ring *r, uint32_t at, uint8_t *to, uint32_t len)
{
    uint32_t first = r->size - at;

    if (first > len)
        first = len;
    memcpy(to, r->buf + at, first);
    memcpy(to + first, r->buf, len - first);
}

static bool
grow(struct tcp_conn *c, uint32_t need)
{
    struct tcp_ring *r = &c->ring;
    uint32_t size = r->size ? r->size : TCP_RING_SIZE;
    uint8_t *buf;

    while (size < need)
        size *= 2;
    if (size == r->size)
        return true;
    buf = buffer_new(c->tcp, size);
    if (!buf)
        return false;
    if (r->used > 0)
        copy_out(r, r->head, buf, r->used);
    buffer_free(c->tcp, r->buf, r->size);
    r->buf = buf;
    r->size = size;
    r->head = 0;
    return true;
}

uint32_t
tcp_ring_put(struct tcp_conn *c, const uint8_t *data, uint32_t len)
{
    struct tcp_ring *r = &c->ring;
    uint32_t room = tcp_ring_room(c);
    uint32_t at, first;

    if (len > room)
        len = room;
    if (len == 0)
        return 0;
    if (r->used + len > r->size && !grow(c, r->used + len)) {
        len = r->size - r->used; /* no memory: what fits in the old one */
        if (len == 0)
            return 0;
    }
    at = (r->head + r->used) & (r->size - 1);
    first = r->size - at;
    if (first > len)
        first = len;
    memcpy(r->buf + at, data, first);
    memcpy(r->buf, data + first, len - first);
    r->used += len;
    return len;
}

void
tcp_ring_peek(
    const struct tcp_conn *c, struct seq seq, uint8_t *to, uint32_t len)
{
    const struct tcp_ring *r = &c->ring;
    uint32_t offset = seq.v - r->seq.v;

    assert(offset + len <= r->used);
    copy_out(r, (r->head + offset) & (r->size - 1), to, len);
}

uint64_t
tcp_ring_copy(const struct tcp_conn *c, struct seq seq, uint8_t *to,
    uint32_t len, uint64_t sum)
{
    const struct tcp_ring *r = &c->ring;
    uint32_t offset = seq.v - r->seq.v;
    uint32_t at = (r->head + offset) & (r->size - 1);

    assert(offset + len <= r->used);
    if (at + len <= r->size)
        return sum_copy(sum, to, r->buf + at, len);
    copy_out(r, at, to, len); /* in two pieces: the first may be odd */
    return sum_add(sum, to, len);
}

void
tcp_ring_lend(
    const struct tcp_conn *c, struct seq seq, uint32_t len, struct pkt *p)
{
    const struct tcp_ring *r = &c->ring;
    uint32_t at = (r->head + (seq.v - r->seq.v)) & (r->size - 1);
    uint32_t first = r->size - at < len ? r->size - at : len;

    assert(seq.v - r->seq.v + len <= r->used);
    p->lent = len;
    p->parts[0] = (struct pkt_part){r->buf + at, first};
    p->parts[1] = (struct pkt_part){r->buf, len - first};
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
    r->used -= n;
    r->seq = seq_add(r->seq, n);
    r->head = r->size ? (r->head + n) & (r->size - 1) : 0;
    if (r->used == 0)
        tcp_ring_free(c);
}

void
tcp_ring_free(struct tcp_conn *c)
{
    buffer_free(c->tcp, c->ring.buf, c->ring.size);
    c->ring = (struct tcp_ring){.seq = tcp_ring_end(c)};
}
