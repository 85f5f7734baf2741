/*
 * arena.h: memory with one lifetime. Everything made for a request comes
 * from its arena and goes away with it in one call.
 */
#ifndef LW_ARENA_H
#define LW_ARENA_H

#include "words.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes handed out, for limits */
    size_t limit;               /* most that may be handed out; 0: no limit */
    bool failed;                /* something was not served: no memory */
};

void arena_init(struct arena *a, size_t limit);
void arena_free(struct arena *a); /* everything at once; a may be used again */

/* The same, but keeps a block of memory for the next use. */
void arena_clear(struct arena *a);

/* Zeroed memory aligned for any type, or NULL: no memory, or the limit. */
void *arena_alloc(struct arena *a, size_t size);

/* A zero-terminated copy of len bytes, or NULL. */
char *arena_text(struct arena *a, const char *text, size_t len);

/* printf into the arena, or NULL. */
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
