/*
 * bytes.h: the only place where bytes become numbers and numbers bytes.
 *
 * A cursor reads a region it does not own and can never step outside it:
 * what does not fit is remembered in `over`, reads as zero, and is tested
 * once, at the end of a parse. A writer appends in the same way and
 * remembers in `over` that its buffer was too small. Big endian is the order
 * of the network (be), little endian that of capture files (le).
 */
#ifndef LW_BYTES_H
#define LW_BYTES_H

#include "words.h"

#include <string.h>

struct cursor {
    const uint8_t *at;  /* next byte to read */
    const uint8_t *end; /* first byte that is not ours */
    bool over;          /* something was read that was not there */
};

struct writer {
    uint8_t *start; /* first byte of the buffer */
    uint8_t *at;    /* next byte to write */
    uint8_t *end;   /* first byte that is not ours */
    bool over;      /* something did not fit and was not written */
};

static inline struct cursor
cursor_of(const void *data, size_t len)
{
    const uint8_t *p = data;

    return (struct cursor){p, p + len, false};
}

static inline size_t
cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* Are there n bytes more? If not, there are none any more (and `over`). */
static inline bool
get_fits(struct cursor *c, size_t n)
{
    if (cursor_left(c) >= n)
        return true;
    c->over = true;
    c->at = c->end;
    return false;
}

/* n bytes in place, or NULL (and `over`) when fewer are left. */
static inline const uint8_t *
get_bytes(struct cursor *c, size_t n)
{
    if (!get_fits(c, n))
        return NULL;
    c->at += n;
    return c->at - n;
}

static inline uint8_t
get_u8(struct cursor *c)
{
    return get_fits(c, 1) ? *c->at++ : 0;
}

static inline uint16_t
get_be16(struct cursor *c)
{
    const uint8_t *p = c->at;

    if (!get_fits(c, 2))
        return 0;
    c->at += 2;
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
get_be32(struct cursor *c)
{
    const uint8_t *p = c->at;

    if (!get_fits(c, 4))
        return 0;
    c->at += 4;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static inline struct ipv4
get_ipv4(struct cursor *c)
{
    return (struct ipv4){get_be32(c)};
}

static inline struct mac
get_mac(struct cursor *c)
{
    const uint8_t *p = get_bytes(c, 6);
    struct mac m = {{0}};

    if (p)
        memcpy(m.b, p, 6);
    return m;
}

uint16_t get_le16(struct cursor *c);
uint32_t get_le32(struct cursor *c);
uint64_t get_le64(struct cursor *c);

/* A cursor over the next n bytes alone; both get `over` when too few. */
struct cursor get_slice(struct cursor *c, size_t n);

static inline struct writer
writer_of(void *buf, size_t size)
{
    uint8_t *p = buf;

    return (struct writer){p, p, p + size, false};
}

/* How many bytes were written. */
static inline size_t
writer_len(const struct writer *w)
{
    return (size_t)(w->at - w->start);
}

/* Is there room for n bytes more? If not: `over`. */
static inline bool
put_fits(struct writer *w, size_t n)
{
    if ((size_t)(w->end - w->at) >= n)
        return true;
    w->over = true;
    return false;
}

/* Room for n bytes to be filled in by the caller, or NULL (and `over`). */
static inline uint8_t *
put_room(struct writer *w, size_t n)
{
    if (!put_fits(w, n))
        return NULL;
    w->at += n;
    return w->at - n;
}

static inline void
put_u8(struct writer *w, uint8_t v)
{
    if (put_fits(w, 1))
        *w->at++ = v;
}

static inline void
put_be16(struct writer *w, uint16_t v)
{
    uint8_t *p = w->at;

    if (!put_fits(w, 2))
        return;
    w->at += 2;
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void
put_be32(struct writer *w, uint32_t v)
{
    uint8_t *p = w->at;

    if (!put_fits(w, 4))
        return;
    w->at += 4;
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline void
put_ipv4(struct writer *w, struct ipv4 a)
{
    put_be32(w, a.v);
}

static inline void
put_bytes(struct writer *w, const void *data, size_t n)
{
    uint8_t *p = put_room(w, n);

    if (p && n > 0)
        memcpy(p, data, n);
}

/* Appends the text without its final zero. */
static inline void
put_text(struct writer *w, const char *text)
{
    put_bytes(w, text, strlen(text)); /* of a literal: known beforehand */
}

void put_mac(struct writer *w, struct mac m);
void put_le16(struct writer *w, uint16_t v);
void put_le32(struct writer *w, uint32_t v);
void put_le64(struct writer *w, uint64_t v);

#endif
