/*
 * pieces.h: memory for what is kept to the end, many small things behind one
 * another in a few large pieces. An arena zeroes its memory and aligns every
 * text; a story of a million events pays for neither.
 */
#ifndef LW_PIECES_H
#define LW_PIECES_H

#include <stddef.h>

struct piece;

/* Zeros are an empty one. */
struct pieces {
    struct piece *newest;
    char *at, *end; /* what is free in the open one ... */
    char *ready;    /* ... and where the memory behind it is not had yet */
    size_t total;   /* bytes of all */
};

/* size bytes of unsaid content, aligned for 8-byte words; NULL: no memory. */
void *pieces_alloc(struct pieces *p, size_t size);

/* A copy of len bytes with a zero behind them; NULL: no memory. */
char *pieces_text(struct pieces *p, const void *text, size_t len);

void pieces_free(struct pieces *p);

#endif
