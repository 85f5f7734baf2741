/*
 * fastcgi.c: records of FastCGI 1.0 to struct and back. No I/O, no memory of
 * its own; hostile input can at most say FCGI_BAD.
 */
#include "fastcgi.h"

#include <assert.h>
#include <string.h>

enum {
    IN_HEADER,
    IN_CONTENT,
    IN_PADDING
};

const char *
fcgi_type_name(unsigned type)
{
    switch (type) {
#define T(name, number)                                                        \
    case number: return #name;
        FCGI_TYPES(T)
#undef T
    default: return "UNKNOWN";
    }
}

/* The header may come in pieces; true when it is whole. */
static bool
gather_header(struct fcgi_parser *f, struct cursor *in)
{
    while (f->have < FCGI_HEADER_LEN && cursor_left(in) > 0) {
        f->head[f->have++] = get_u8(in);
        f->read++;
    }
    return f->have == FCGI_HEADER_LEN;
}

static enum fcgi_step
read_header(struct fcgi_parser *f)
{
    struct cursor c = cursor_of(f->head, FCGI_HEADER_LEN);
    uint8_t version = get_u8(&c);

    f->at = f->read - FCGI_HEADER_LEN;
    f->type = get_u8(&c);
    f->id = get_be16(&c);
    f->length = get_be16(&c);
    f->padding = get_u8(&c);
    if (version != FCGI_VERSION)
        return FCGI_BAD;
    f->have = 0;
    f->content_left = f->length;
    f->padding_left = f->padding;
    f->state = IN_CONTENT;
    return FCGI_HEADER;
}

static size_t
at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

enum fcgi_step
fcgi_parse(struct fcgi_parser *f, struct cursor *in)
{
    size_t n;

    switch (f->state) {
    case IN_HEADER: return gather_header(f, in) ? read_header(f) : FCGI_MORE;
    case IN_CONTENT:
        if (f->content_left > 0) {
            n = at_most(f->content_left, cursor_left(in));
            if (n == 0)
                return FCGI_MORE;
            f->piece = get_bytes(in, n);
            f->piece_len = n;
            f->content_left -= (uint32_t)n;
            f->read += n;
            return FCGI_CONTENT;
        }
        f->state = IN_PADDING;
        /* fall through */
    default:
        n = at_most(f->padding_left, cursor_left(in));
        get_bytes(in, n);
        f->read += n;
        f->padding_left -= (uint32_t)n;
        if (f->padding_left > 0)
            return FCGI_MORE;
        f->state = IN_HEADER;
        return FCGI_END;
    }
}

bool
fcgi_get_begin(struct cursor *c, struct fcgi_begin *out)
{
    out->role = get_be16(c);
    out->flags = get_u8(c);
    get_bytes(c, 5);
    return !c->over;
}

bool
fcgi_get_end(struct cursor *c, struct fcgi_end *out)
{
    out->app_status = get_be32(c);
    out->protocol_status = get_u8(c);
    get_bytes(c, 3);
    return !c->over;
}

/* FCGI 3.4: one byte below 128, or four bytes with the highest bit set. */
static uint32_t
get_length(struct cursor *c)
{
    uint8_t first = get_u8(c);
    const uint8_t *rest;

    if (!(first & 0x80))
        return first;
    rest = get_bytes(c, 3);
    if (!rest)
        return 0;
    return (uint32_t)(first & 0x7f) << 24 | (uint32_t)rest[0] << 16 |
           (uint32_t)rest[1] << 8 | rest[2];
}

bool
fcgi_get_pair(struct cursor *c, struct fcgi_pair *out)
{
    if (cursor_left(c) == 0)
        return false;
    out->name_len = get_length(c);
    out->value_len = get_length(c);
    out->name = (const char *)get_bytes(c, out->name_len);
    out->value = (const char *)get_bytes(c, out->value_len);
    return !c->over;
}

void
fcgi_put_header(struct writer *w, enum fcgi_type type, uint16_t id,
    uint16_t length, uint8_t padding)
{
    put_u8(w, FCGI_VERSION);
    put_u8(w, (uint8_t)type);
    put_be16(w, id);
    put_be16(w, length);
    put_u8(w, padding);
    put_u8(w, 0);
}

static void
put_zeros(struct writer *w, size_t n)
{
    uint8_t *p = put_room(w, n);

    if (p)
        memset(p, 0, n);
}

void
fcgi_put_begin(
    struct writer *w, uint16_t id, enum fcgi_role role, uint8_t flags)
{
    fcgi_put_header(w, FCGI_BEGIN_REQUEST, id, 8, 0);
    put_be16(w, (uint16_t)role);
    put_u8(w, flags);
    put_zeros(w, 5);
}

void
fcgi_put_end(
    struct writer *w, uint16_t id, uint32_t app_status, enum fcgi_status status)
{
    fcgi_put_header(w, FCGI_END_REQUEST, id, 8, 0);
    put_be32(w, app_status);
    put_u8(w, (uint8_t)status);
    put_zeros(w, 3);
}

void
fcgi_put_record(struct writer *w, enum fcgi_type type, uint16_t id,
    const void *content, size_t len)
{
    unsigned padding = fcgi_padding(len);

    assert(len <= FCGI_CONTENT_MAX);
    fcgi_put_header(w, type, id, (uint16_t)len, (uint8_t)padding);
    put_bytes(w, content, len);
    put_zeros(w, padding);
}

size_t
fcgi_pair_len(size_t name_len, size_t value_len)
{
    return (name_len < 128 ? 1u : 4u) + (value_len < 128 ? 1u : 4u) + name_len +
           value_len;
}

static void
put_length(struct writer *w, size_t len)
{
    if (len < 128)
        put_u8(w, (uint8_t)len);
    else
        put_be32(w, 0x80000000u | (uint32_t)len);
}

void
fcgi_put_pair(struct writer *w, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
    put_length(w, name_len);
    put_length(w, value_len);
    put_bytes(w, name, name_len);
    put_bytes(w, value, value_len);
}
