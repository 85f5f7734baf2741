/*
 * tcp_lent.h: the part of the send buffer that is not copied: what
 * tcp_lent.c does for tcp_ring.c.
 */
#ifndef LW_TCP_LENT_H
#define LW_TCP_LENT_H

#include "tcp_conn.h"

/* Appends bytes of a page to the ring's list; false: no memory. */
bool tcp_lent_put(
    struct tcp_ring *r, struct page *page, uint32_t from, uint32_t len);
/* The last part that begins at `offset` bytes from the ring's first, or
 * before it, and in *next where the one after it begins; NULL: none. */
const struct tcp_lent *tcp_lent_find(
    const struct tcp_ring *r, uint32_t offset, uint32_t *next);
/* Takes off the first n bytes; how many of them were lent. */
uint32_t tcp_lent_ack(struct tcp_ring *r, uint32_t n);
void tcp_lent_free(struct tcp_ring *r);

/* Bytes of the ring that lie in its buf. */
static inline uint32_t
tcp_ring_copied(const struct tcp_ring *r)
{
    return r->used - (r->lents ? r->lents->bytes : 0);
}

#endif
