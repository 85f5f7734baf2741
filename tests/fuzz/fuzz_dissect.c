/*
 * fuzz_dissect.c: the second reading of frames, for eyes. It reads whatever
 * a capture holds, of every link type; every field lies in the frame.
 *
 * The first byte chooses the link type.
 */
#include "fuzz.h"
#include "dissect.h"

#include <assert.h>
#include <string.h>

#define ARENA_MAX (4u << 20)

int
fuzz_dissect(const uint8_t *data, size_t size)
{
    static const unsigned types[] = {DISSECT_ETHERNET, DISSECT_RAW,
        DISSECT_IPV4, DISSECT_SLL, DISSECT_NULL, 65000};
    struct arena arena;
    struct dissection *d;

    if (size < 1)
        return 0;
    arena_init(&arena, ARENA_MAX);
    d = dissect(&arena, types[data[0] % LW_COUNT(types)], data + 1, --size);
    assert(d || size > 60000);
    for (unsigned i = 0; d && i < d->count; i++) {
        const struct dissect_field *f = &d->fields[i];

        assert(f->off <= size && f->len <= size - f->off);
        assert(f->name && f->value && strlen(f->name) < 1000);
        assert(i == 0 || f->depth <= d->fields[i - 1].depth + 1);
        assert(f->layer < d->nlayers || d->nlayers == 0);
    }
    for (unsigned i = 0; d && i < d->nlayers; i++)
        assert(d->layers[i].off <= size &&
               d->layers[i].len <= size - d->layers[i].off);
    for (uint32_t off = 0; d && off < size && off < 200; off++)
        assert(dissect_at(d, off) < (int)d->count);
    arena_free(&arena);
    return 0;
}
