/*
 * rows.h: a table of equal rows that grows at its end and never moves: no
 * copy when it grows, and no more room than one block too much.
 */
#ifndef LW_ROWS_H
#define LW_ROWS_H

#include <stddef.h>
#include <stdint.h>

#define ROWS_BLOCK 1024 /* rows that are allocated at a time */

struct rows {
    void **blocks;
    uint32_t nblocks, room; /* of blocks */
    uint32_t n;             /* rows */
    uint32_t size;          /* of a row, bytes; set before the first */
};

/* A zeroed row at the end; NULL: no memory. */
void *rows_add(struct rows *r);

void rows_free(struct rows *r);
size_t rows_memory(const struct rows *r);

static inline void *
rows_at(const struct rows *r, uint32_t i)
{
    return (char *)r->blocks[i / ROWS_BLOCK] +
           (size_t)(i % ROWS_BLOCK) * r->size;
}

#endif
