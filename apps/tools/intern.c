/*
 * intern.c: a hash table of texts with open addressing, doubled when it is
 * three quarters full. Nothing is ever taken out.
 */
#include "intern.h"

#include <stdlib.h>
#include <string.h>

void
intern_init(struct intern *in)
{
    *in = (struct intern){0};
    arena_init(&in->arena, 0);
}

void
intern_free(struct intern *in)
{
    free(in->slots);
    arena_free(&in->arena);
    *in = (struct intern){0};
}

static size_t
hash_of(const char *text, size_t len)
{
    uint64_t h = fnv(FNV_BEGIN, text, len);

    return (size_t)(h ^ h >> 29);
}

static bool
grow(struct intern *in)
{
    size_t room = in->room ? in->room * 2 : 64;
    const char **slots = calloc(room, sizeof *slots);

    if (!slots)
        return false;
    for (size_t i = 0; i < in->room; i++) {
        const char *text = in->slots[i];
        size_t at;

        if (!text)
            continue;
        at = hash_of(text, strlen(text)) & (room - 1);
        while (slots[at])
            at = (at + 1) & (room - 1);
        slots[at] = text;
    }
    free(in->slots);
    in->slots = slots;
    in->room = room;
    return true;
}

const char *
intern_text(struct intern *in, const char *text, size_t len)
{
    const char *end = len ? memchr(text, '\0', len) : NULL;
    size_t at;

    if (end)
        len = (size_t)(end - text);
    if (in->count * 4 >= in->room * 3 && !grow(in))
        return NULL;
    at = hash_of(text, len) & (in->room - 1);
    for (const char *have; (have = in->slots[at]);) {
        if (strncmp(have, text, len) == 0 && have[len] == '\0')
            return have;
        at = (at + 1) & (in->room - 1);
    }
    in->slots[at] = arena_text(&in->arena, text, len);
    in->count += in->slots[at] != NULL;
    return in->slots[at];
}
