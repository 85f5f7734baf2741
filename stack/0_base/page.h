/*
 * page.h: a piece of a file in memory, as Linux's page cache holds them. It
 * is read once, never changed after that, and shared by all who send it: a
 * send buffer keeps a reference until the last byte is acknowledged
 * (sendfile(2)), so no byte is copied on its way to the card, and a
 * retransmission carries the same bytes however the file has changed.
 *
 * It is memory of our own and no mapping of the file: behind a mapping the
 * bytes may change between checksum and wire, and where somebody makes the
 * file shorter there is none, and a touch ends the program (SIGBUS).
 */
#ifndef LW_PAGE_H
#define LW_PAGE_H

#include "words.h"

struct page {
    const uint8_t *data;
    uint32_t len;
    uint64_t at; /* where in the file it begins */
    unsigned refs;
    void (*free)(struct page *p); /* the last reference is gone */
};

static inline struct page *
page_get(struct page *p)
{
    p->refs++;
    return p;
}

static inline void
page_put(struct page *p)
{
    if (p && --p->refs == 0)
        p->free(p);
}

#endif
