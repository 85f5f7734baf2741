/*
 * fuzz_http.c: the parsers of HTTP and FastCGI. It must not matter in which
 * pieces the bytes come: each input is read whole and byte by byte, and both
 * must find the same.
 *
 * The first byte chooses the parser, the others are its input.
 */
#include "fuzz.h"
#include "fastcgi.h"
#include "http_line.h"
#include "http_response.h"
#include "http_uri.h"
#include "url.h"

#include <assert.h>
#include <string.h>

/* What a parser has found, as one number. */
struct found {
    uint64_t sum;
};

static void
add(struct found *f, uint64_t v)
{
    f->sum = (f->sum ^ v) * 0x100000001b3;
}

static void
add_bytes(struct found *f, const void *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        add(f, ((const uint8_t *)at)[i]);
}

static void
add_part(struct found *f, const uint8_t *line, struct http_part p, size_t len)
{
    assert(p.at <= p.end && p.end <= len);
    add_bytes(f, line + p.at, p.end - p.at);
    add(f, p.at);
}

/* --- the head of a request ----------------------------------------------- */

static enum http_line
request_line(
    const uint8_t *data, size_t size, size_t step, struct http_request_line *r)
{
    enum http_line found = HTTP_LINE_AGAIN;

    *r = (struct http_request_line){0};
    for (size_t n = 0; n < size && found == HTTP_LINE_AGAIN;) {
        n = n + step < size ? n + step : size;
        found = http_request_line(r, data, n);
    }
    return found;
}

static size_t
header_lines(const uint8_t *data, size_t size, size_t step, struct found *sum)
{
    size_t at = 0, n = 0;
    struct http_header_line h = {0};

    while (n < size) {
        enum http_line found;

        n = n + step < size ? n + step : size;
        while (
            (found = http_header_line(&h, data + at, n - at)) == HTTP_LINE_OK) {
            add_part(sum, data + at, h.name, n - at);
            add_part(sum, data + at, h.value, n - at);
            assert(h.end > 0 && h.end <= n - at);
            at += h.end;
            h = (struct http_header_line){0};
        }
        if (found != HTTP_LINE_AGAIN)
            return add(sum, found), at;
    }
    return at;
}

static void
head(const uint8_t *data, size_t size, size_t step, struct found *sum)
{
    struct http_request_line r;
    enum http_line found = request_line(data, size, step, &r);

    add(sum, found);
    if (found != HTTP_LINE_OK)
        return;
    assert(r.end <= size);
    add_part(sum, data, r.method, size);
    add_part(sum, data, r.target, size);
    add_part(sum, data, r.host, size);
    add_part(sum, data, r.path, size);
    assert(r.path.at >= r.target.at && r.path.end <= r.target.end);
    add(sum, header_lines(data + r.end, size - r.end, step, sum));
}

/* --- streams ------------------------------------------------------------- */

static void
chunked(const uint8_t *data, size_t size, size_t step, struct found *sum)
{
    struct http_chunked d = {0};
    enum http_step found = HTTP_MORE;

    for (size_t at = 0; at < size && found == HTTP_MORE; at += step) {
        size_t n = step < size - at ? step : size - at;
        struct cursor in = cursor_of(data + at, n);

        while ((found = http_chunked_parse(&d, &in)) == HTTP_PIECE)
            add_bytes(sum, d.piece, d.piece_len);
    }
    add(sum, found);
}

static void
response(const uint8_t *data, size_t size, size_t step, struct found *sum)
{
    struct arena arena;
    struct http_response r = {.arena = &arena};
    enum http_step found = HTTP_MORE;

    arena_init(&arena, 1 << 20);
    for (size_t at = 0; at < size && found == HTTP_MORE; at += step) {
        size_t n = step < size - at ? step : size - at;
        struct cursor in = cursor_of(data + at, n);

        while ((found = http_response_parse(&r, &in)) == HTTP_PIECE ||
               found == HTTP_HEAD)
            if (found == HTTP_PIECE)
                add_bytes(sum, r.piece, r.piece_len);
    }
    if (found == HTTP_MORE)
        found = http_response_eof(&r);
    add(sum, found);
    add(sum, r.status);
    add(sum, r.headers.count);
    arena_free(&arena);
}

static void
fastcgi(const uint8_t *data, size_t size, size_t step, struct found *sum)
{
    struct fcgi_parser f = {0};
    enum fcgi_step found = FCGI_MORE;

    for (size_t at = 0; at < size && found != FCGI_BAD; at += step) {
        size_t n = step < size - at ? step : size - at;
        struct cursor in = cursor_of(data + at, n);

        while ((found = fcgi_parse(&f, &in)) != FCGI_MORE && found != FCGI_BAD)
            if (found == FCGI_CONTENT)
                add_bytes(sum, f.piece, f.piece_len);
            else
                add(sum, (uint64_t)f.type << 32 | f.length);
    }
    add(sum, found);
}

/* --- what comes in one piece --------------------------------------------- */

static void
whole(const uint8_t *data, size_t size, size_t step, struct found *sum)
{
    struct arena arena;
    struct cursor c = cursor_of(data, size);
    struct fcgi_pair pair;
    struct http_uri uri;
    struct http_text t = {(const char *)data, size};
    int64_t when;

    (void)step;
    arena_init(&arena, 8 << 20);
    while (fcgi_get_pair(&c, &pair)) {
        add_bytes(sum, pair.name, pair.name_len);
        add_bytes(sum, pair.value, pair.value_len);
    }
    if (size > 0 && http_uri_parse(&arena, t, true, &uri) == 0) {
        assert(uri.path.len > 0 && uri.path.at[0] == '/');
        assert(strlen(uri.path.at) == uri.path.len);
        assert(!strstr(uri.path.at, "/../"));
        http_uri_escape(&arena, uri.path);
        if (uri.args.at)
            http_args_escape(&arena, uri.args);
    }
    if (http_date_parse(t, &when) == 0) {
        char date[HTTP_DATE_LEN + 1];
        int64_t again;

        http_date(when, date);
        assert(http_date_parse(http_text(date), &again) == 0);
        assert(again == when);
    }
    arena_free(&arena);
}

int
fuzz_http(const uint8_t *data, size_t size)
{
    static void (*const parsers[])(const uint8_t *, size_t, size_t,
        struct found *) = {head, chunked, response, fastcgi, whole};
    struct found all = {0}, each = {0};
    unsigned which;

    if (size < 2)
        return 0;
    which = data[0] % (sizeof parsers / sizeof *parsers);
    parsers[which](data + 1, size - 1, size, &all);
    parsers[which](data + 1, size - 1, 1, &each);
    if (which != 3) /* headers of records are told once per record */
        assert(all.sum == each.sum);
    return 0;
}
