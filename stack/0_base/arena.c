/*
 * arena.c: blocks of zeroed memory, filled from the front. A request that
 * does not fit opens a new block; nothing is given back before the end.
 */
#include "arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4096

struct arena_block {
    struct arena_block *next;
    size_t used, size; /* bytes of data */
    alignas(max_align_t) unsigned char data[];
};

void
arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){.limit = limit};
}

void
arena_free(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;

        free(a->blocks);
        a->blocks = next;
    }
    a->used = 0;
}

void
arena_clear(struct arena *a)
{
    struct arena_block *kept = a->blocks, **at = &a->blocks;

    while (kept && kept->next) { /* the oldest: of the usual size */
        at = &kept->next;
        kept = kept->next;
    }
    *at = NULL;
    arena_free(a);
    if (kept && kept->size > BLOCK_SIZE) {
        free(kept);
    } else if (kept) {
        memset(kept->data, 0, kept->used);
        kept->used = 0;
        a->blocks = kept;
    }
}

static struct arena_block *
block_new(struct arena *a, size_t size)
{
    struct arena_block *b;

    if (size < BLOCK_SIZE)
        size = BLOCK_SIZE;
    b = calloc(1, sizeof *b + size);
    if (!b) {
        a->failed = true;
        return NULL;
    }
    b->size = size;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct arena_block *b = a->blocks;
    size_t room;
    void *at;

    if (size > SIZE_MAX / 2 ||
        (a->limit && (size > a->limit || a->used > a->limit - size)))
        return NULL;
    room = (size + align - 1) / align * align;
    if (!b || b->size - b->used < room)
        b = block_new(a, room);
    if (!b)
        return NULL;
    a->used += size;
    at = b->data + b->used;
    b->used += room;
    return at;
}

char *
arena_text(struct arena *a, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

    if (copy && len > 0)
        memcpy(copy, text, len);
    return copy;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
    struct arena_block *b = a->blocks;
    size_t room = b ? b->size - b->used : 0;
    va_list ap;
    char *text = NULL;
    int len;

    /* It nearly always fits behind what is there: written once. */
    va_start(ap, format);
    len = vsnprintf(b ? (char *)b->data + b->used : NULL, room, format, ap);
    va_end(ap);
    if (len >= 0 && (size_t)len < room) {
        text = arena_alloc(a, (size_t)len + 1);
        if (!text)
            memset(b->data + b->used, 0, (size_t)len + 1);
        return text;
    }
    if (room > 0)
        memset(b->data + b->used, 0, room);
    if (len >= 0)
        text = arena_alloc(a, (size_t)len + 1);
    if (!text)
        return NULL;
    va_start(ap, format);
    vsnprintf(text, (size_t)len + 1, format, ap);
    va_end(ap);
    return text;
}
