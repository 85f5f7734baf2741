/*
 * http_chunked.c: RFC 9112 7.1. Extensions and trailers are passed over, but
 * counted: a stranger must not keep us reading them for ever.
 */
#include "http_chunked.h"

#define TRAILER_MAX 65536

enum {
    C_SIZE_FIRST,
    C_SIZE,
    C_EXTENSION,
    C_SIZE_LF,
    C_DATA,
    C_DATA_END,
    C_DATA_LF,
    C_TRAILER_START,
    C_TRAILER,
    C_LAST_LF,
    C_DONE
};

static int
hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum http_step
size_byte(struct http_chunked *d, uint8_t c)
{
    int digit = hex_digit(c);

    if (d->state == C_SIZE_FIRST && digit < 0)
        return HTTP_BAD;
    if (d->state <= C_SIZE && digit >= 0) {
        if (d->size >> 59) /* the next digit would pass 2^63 */
            return HTTP_BAD;
        d->size = d->size << 4 | (unsigned)digit;
        d->state = C_SIZE;
        return HTTP_MORE;
    }
    if (c == '\n' || (d->state == C_SIZE_LF && c != '\n')) {
        d->state = d->size > 0 ? C_DATA : C_TRAILER_START;
        return c == '\n' ? HTTP_MORE : HTTP_BAD;
    }
    if (d->state == C_SIZE && c != '\r' && c != ';' && c != ' ' && c != '\t')
        return HTTP_BAD;
    d->state = c == '\r' ? C_SIZE_LF : C_EXTENSION;
    return ++d->trailer > TRAILER_MAX ? HTTP_BAD : HTTP_MORE;
}

static enum http_step
end_byte(struct http_chunked *d, uint8_t c)
{
    switch (d->state) {
    case C_DATA_END:
        d->state = c == '\r' ? C_DATA_LF : C_SIZE_FIRST;
        return c == '\r' || c == '\n' ? HTTP_MORE : HTTP_BAD;
    case C_DATA_LF:
        d->state = C_SIZE_FIRST;
        return c == '\n' ? HTTP_MORE : HTTP_BAD;
    case C_TRAILER_START:
        if (c == '\n')
            d->state = C_DONE;
        else
            d->state = c == '\r' ? C_LAST_LF : C_TRAILER;
        break;
    case C_TRAILER:
        if (c == '\n')
            d->state = C_TRAILER_START;
        break;
    default:
        if (c != '\n')
            return HTTP_BAD;
        d->state = C_DONE;
        break;
    }
    return ++d->trailer > TRAILER_MAX ? HTTP_BAD : HTTP_MORE;
}

uint64_t
http_chunked_left(const struct http_chunked *d)
{
    return d->state == C_DATA ? d->size : 0;
}

enum http_step
http_chunked_parse(struct http_chunked *d, struct cursor *in)
{
    while (d->state != C_DONE && cursor_left(in) > 0) {
        enum http_step step;

        if (d->state == C_DATA) {
            size_t n = cursor_left(in);

            if (n > d->size)
                n = (size_t)d->size;
            d->piece = get_bytes(in, n);
            d->piece_len = n;
            d->size -= n;
            if (d->size == 0)
                d->state = C_DATA_END;
            return HTTP_PIECE;
        }
        step = d->state <= C_SIZE_LF ? size_byte(d, get_u8(in))
                                     : end_byte(d, get_u8(in));
        if (step == HTTP_BAD)
            return HTTP_BAD;
    }
    return d->state == C_DONE ? HTTP_DONE : HTTP_MORE;
}

void
http_put_chunk_head(struct writer *w, uint64_t len)
{
    char digits[16];
    int n = 0;

    for (; len > 0 || n == 0; len >>= 4)
        digits[n++] = "0123456789abcdef"[len & 15];
    while (n > 0)
        put_u8(w, (uint8_t)digits[--n]);
    put_text(w, "\r\n");
}
