/*
 * pieces.c: each piece is four times as large as the one before, up to the
 * largest. What is larger than a quarter of the next gets one to itself.
 */
#include "pieces.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST (16u << 10)
#define LARGEST  (8u << 20)

struct piece {
    struct piece *older;
    size_t size;
    alignas(max_align_t) char data[];
};

static struct piece *
piece_new(struct pieces *p, size_t size)
{
    struct piece *piece = malloc(size);

    if (!piece)
        return NULL;
    piece->size = size;
    piece->older = p->newest;
    p->newest = piece;
    p->total += size;
    return piece;
}

/* Room for size bytes in a piece with nothing else in it, or a new one. */
static char *
further(struct pieces *p, size_t size)
{
    size_t next = p->newest ? p->newest->size * 4 : SMALLEST;
    struct piece *piece;

    next = next < SMALLEST ? SMALLEST : next > LARGEST ? LARGEST : next;
    if (size > SIZE_MAX / 2)
        return NULL;
    if (size > next / 4) {
        piece = piece_new(p, sizeof *piece + size);
        return piece ? piece->data : NULL; /* the open piece stays open */
    }
    piece = piece_new(p, next);
    if (!piece)
        return NULL;
    p->at = piece->data + size;
    p->end = (char *)piece + next;
    return piece->data;
}

void *
pieces_alloc(struct pieces *p, size_t size)
{
    size_t pad = -(uintptr_t)p->at % 8;
    char *at;

    if ((size_t)(p->end - p->at) < pad + size)
        return further(p, size);
    at = p->at + pad;
    p->at = at + size;
    return at;
}

char *
pieces_text(struct pieces *p, const void *text, size_t len)
{
    char *at = p->at;

    if (len == SIZE_MAX)
        return NULL;
    if ((size_t)(p->end - p->at) <= len)
        at = further(p, len + 1);
    else
        p->at += len + 1;
    if (!at)
        return NULL;
    if (len)
        memcpy(at, text, len);
    at[len] = '\0';
    return at;
}

void
pieces_free(struct pieces *p)
{
    while (p->newest) {
        struct piece *older = p->newest->older;

        free(p->newest);
        p->newest = older;
    }
    *p = (struct pieces){0};
}
