/*
 * bytes.c: the less frequent cursor and writer calls; the frequent ones are
 * inline in bytes.h.
 */
#include "bytes.h"

#include <string.h>

uint16_t
get_le16(struct cursor *c)
{
    const uint8_t *p = get_bytes(c, 2);

    return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

uint32_t
get_le32(struct cursor *c)
{
    const uint8_t *p = get_bytes(c, 4);

    return p ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
                   (uint32_t)p[1] << 8 | p[0]
             : 0;
}

uint64_t
get_le64(struct cursor *c)
{
    const uint8_t *p = get_bytes(c, 8);
    uint64_t v = 0;

    for (int i = 7; p && i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

struct cursor
get_slice(struct cursor *c, size_t n)
{
    const uint8_t *p = get_bytes(c, n);

    return p ? cursor_of(p, n) : (struct cursor){c->end, c->end, true};
}

void
put_mac(struct writer *w, struct mac m)
{
    put_bytes(w, m.b, 6);
}

void
put_le16(struct writer *w, uint16_t v)
{
    put_bytes(w, (const uint8_t[]){(uint8_t)v, (uint8_t)(v >> 8)}, 2);
}

void
put_le32(struct writer *w, uint32_t v)
{
    uint8_t *p = put_room(w, 4);

    for (int i = 0; p && i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void
put_le64(struct writer *w, uint64_t v)
{
    uint8_t *p = put_room(w, 8);

    for (int i = 0; p && i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}
