/*
 * rows.c: blocks of rows, and a table of the blocks.
 */
#include "rows.h"

#include <stdlib.h>

void *
rows_add(struct rows *r)
{
    if (r->n == UINT32_MAX)
        return NULL;
    if (r->nblocks == r->room) {
        uint32_t room = r->room ? r->room * 2 : 16;
        void **blocks = realloc(r->blocks, room * sizeof *blocks);

        if (!blocks)
            return NULL;
        r->blocks = blocks;
        r->room = room;
    }
    if (r->n == r->nblocks * (size_t)ROWS_BLOCK) {
        r->blocks[r->nblocks] = calloc(ROWS_BLOCK, r->size);
        if (!r->blocks[r->nblocks])
            return NULL;
        r->nblocks++;
    }
    return rows_at(r, r->n++);
}

void
rows_free(struct rows *r)
{
    for (uint32_t i = 0; i < r->nblocks; i++)
        free(r->blocks[i]);
    free(r->blocks);
    r->blocks = NULL;
    r->nblocks = r->room = r->n = 0;
}

size_t
rows_memory(const struct rows *r)
{
    return (size_t)r->nblocks * ROWS_BLOCK * r->size +
           r->room * sizeof *r->blocks;
}
