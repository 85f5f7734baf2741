/*
 * buffer.c: bytes that grow at the end.
 */
#include "buffer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){0};
}

void
buffer_clear(struct buffer *b)
{
    b->len = 0;
    b->failed = false;
}

static bool
grow(struct buffer *b, size_t n)
{
    size_t room = b->room ? b->room : 256;
    uint8_t *data = NULL;

    while (room - b->len < n && room <= SIZE_MAX / 4)
        room *= 2;
    if (room - b->len >= n)
        data = realloc(b->data, room);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->room = room;
    return true;
}

/* Room for n more bytes, or NULL (and `failed`). */
static inline uint8_t *
extend(struct buffer *b, size_t n)
{
    uint8_t *at;

    if (n > b->room - b->len && !grow(b, n))
        return NULL;
    at = b->data + b->len;
    b->len += n;
    return at;
}

void
buffer_add(struct buffer *b, const void *data, size_t n)
{
    uint8_t *at = n > 0 ? extend(b, n) : NULL;

    if (at)
        memcpy(at, data, n);
}

void
buffer_text(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

void
buffer_u8(struct buffer *b, uint8_t v)
{
    uint8_t *at = extend(b, 1);

    if (at)
        *at = v;
}

void
buffer_le16(struct buffer *b, uint16_t v)
{
    buffer_add(b, (const uint8_t[]){(uint8_t)v, (uint8_t)(v >> 8)}, 2);
}

void
buffer_le32(struct buffer *b, uint32_t v)
{
    buffer_le16(b, (uint16_t)v);
    buffer_le16(b, (uint16_t)(v >> 16));
}

void
buffer_patch_le32(struct buffer *b, size_t at, uint32_t v)
{
    if (b->failed)
        return;
    assert(at + 4 <= b->len);
    for (int i = 0; i < 4; i++)
        b->data[at + (size_t)i] = (uint8_t)(v >> (8 * i));
}

void
buffer_pad4(struct buffer *b)
{
    buffer_add(b, (const uint8_t[3]){0}, -b->len % 4);
}

void
buffer_varint(struct buffer *b, uint64_t v)
{
    uint8_t *at = extend(b, 10), *p = at;

    if (!at)
        return;
    for (; v >= 0x80; v >>= 7)
        *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    b->len -= (size_t)(at + 10 - p);
}

void
buffer_signed(struct buffer *b, int64_t v)
{
    buffer_varint(b, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

uint64_t
get_varint(struct cursor *c)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = get_u8(c);

        if (shift == 63 && byte > 1)
            break;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return v;
    }
    c->over = true;
    return 0;
}

int64_t
get_signed(struct cursor *c)
{
    uint64_t v = get_varint(c);

    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}
