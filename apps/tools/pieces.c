/*
 * pieces.c: each piece is four times as large as the one before, up to the
 * largest. What is larger than a quarter of the next gets one to itself.
 *
 * The largest are new memory to Linux as well. It finds a page when one is
 * first written to, with an exception for each, which was half of what
 * keeping an event cost. So the next pages are asked for many at a time.
 */
#include "pieces.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SMALLEST (16u << 10)
#define LARGEST  (8u << 20)
#define PAGE     4096u
#define AHEAD    (32 * PAGE) /* so much is asked for at a time */

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

/*
 * Lets more of the open piece be used, size bytes of it at least. False: it
 * has not so much left. Where Linux does not know the request (madvise(2),
 * MADV_POPULATE_WRITE, is of Linux 5.14), a page comes when it is needed.
 */
static bool
more_ready(struct pieces *p, size_t size)
{
    uintptr_t from = (uintptr_t)p->ready / PAGE * PAGE, to;
    size_t more = size > AHEAD ? size : AHEAD;

    if ((size_t)(p->end - p->at) < size)
        return false;
    if (more > (size_t)(p->end - p->ready))
        more = (size_t)(p->end - p->ready);
    p->ready += more;
    to = (uintptr_t)p->ready / PAGE * PAGE;
    madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    return true;
}

/* Room for size bytes where p->at stands, in a piece with nothing else in
 * it, or in a new one. */
static char *
further(struct pieces *p, size_t size)
{
    size_t next = p->newest ? p->newest->size * 4 : SMALLEST;
    struct piece *piece;

    if (more_ready(p, size)) {
        p->at += size;
        return p->at - size;
    }
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
    p->ready = next < LARGEST ? p->end : p->at;
    return piece->data;
}

void *
pieces_alloc(struct pieces *p, size_t size)
{
    size_t pad = -(uintptr_t)p->at % 8;
    char *at;

    if ((size_t)(p->ready - p->at) < pad + size) {
        at = further(p, pad + size);
        return at ? at + -(uintptr_t)at % 8 : NULL;
    }
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
    if ((size_t)(p->ready - p->at) <= len)
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
