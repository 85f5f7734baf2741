/*
 * http_response.c: status line, header fields, body. The head is gathered in
 * one growing piece of the arena, line by line; the body is not kept.
 */
#include "http_response.h"

#include "http_line.h"

#include <string.h>
#include <strings.h>

enum {
    P_STATUS,
    P_HEADER,
    P_BODY,
    P_DONE
};

static enum http_step
bad(struct http_response *r, const char *why)
{
    r->why = why;
    return HTTP_BAD;
}

/* Room for one more byte of the head. */
static bool
grow(struct http_response *r)
{
    size_t room = r->head_room ? r->head_room * 2 : 1024;
    uint8_t *head;

    if (r->head_len < r->head_room)
        return true;
    if (room > HTTP_RESPONSE_HEAD_MAX)
        return false;
    head = arena_alloc(r->arena, room);
    if (!head)
        return false;
    if (r->head_len > 0)
        memcpy(head, r->head, r->head_len);
    r->head = head;
    r->head_room = room;
    return true;
}

static struct http_text
part_of(const uint8_t *line, struct http_part p)
{
    return (struct http_text){(const char *)line + p.at, p.end - p.at};
}

/* Whether a comma list such as Connection holds this word. */
static bool
list_has(const struct http_header *h, const char *word)
{
    const char *at = h->value.at, *end = at + h->value.len;

    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        struct http_text item = {at, (size_t)(stop - at)};

        if (http_text_is_nocase(http_trim(item), word))
            return true;
        at = comma ? comma + 1 : end;
    }
    return false;
}

/* RFC 9112 6.3: how long the body is, and 9.3: what comes after it. */
static enum http_step
head_done(struct http_response *r)
{
    const struct http_header *te, *cl, *con;

    te = http_headers_find(&r->headers, "transfer-encoding");
    cl = http_headers_find(&r->headers, "content-length");
    con = http_headers_find(&r->headers, "connection");
    r->keep_alive = r->minor >= 1 ? !con || !list_has(con, "close")
                                  : con && list_has(con, "keep-alive");
    r->chunked = te && list_has(te, "chunked");
    if (cl && !te) {
        if (http_number(cl->value, &r->length) < 0)
            return bad(r, "Content-Length is not a number");
        r->has_length = true;
        r->left = r->length;
    }
    r->state = P_BODY;
    if (r->head_request || r->status == 204 || r->status == 304)
        r->state = P_DONE;
    else
        r->until_close = !r->chunked && !r->has_length;
    if (r->until_close)
        r->keep_alive = false;
    return HTTP_HEAD;
}

static enum http_step
status_line(struct http_response *r)
{
    struct http_status_line s = {0};
    const uint8_t *line = r->head + r->line;
    enum http_line found = http_status_line(&s, line, r->head_len - r->line);

    if (found != HTTP_LINE_OK || s.major != 1)
        return bad(r, "this is not an HTTP/1 status line");
    r->major = s.major;
    r->minor = s.minor;
    r->status = s.status;
    r->reason = part_of(line, s.reason);
    r->reason.at = arena_text(r->arena, r->reason.at, r->reason.len);
    r->state = P_HEADER;
    return r->reason.at ? HTTP_MORE : bad(r, "out of memory");
}

static enum http_step
header_line(struct http_response *r)
{
    struct http_header_line h = {0};
    const uint8_t *line = r->head + r->line;
    enum http_line found = http_header_line(&h, line, r->head_len - r->line);

    if (found == HTTP_LINE_OK)
        return http_headers_add(&r->headers, r->arena, part_of(line, h.name),
                   part_of(line, h.value)) == 0
                   ? HTTP_MORE
                   : bad(r, "out of memory");
    if (found != HTTP_LINE_EMPTY)
        return bad(r, "malformed header field");
    if (r->status >= 200 || r->status == 101)
        return head_done(r);
    r->state = P_STATUS; /* 1xx: the real answer is still to come */
    r->headers = (struct http_headers){0};
    return HTTP_MORE;
}

static enum http_step
read_head(struct http_response *r, struct cursor *in)
{
    enum http_step step = HTTP_MORE;

    while (step == HTTP_MORE && cursor_left(in) > 0) {
        uint8_t c = get_u8(in);

        if (!grow(r))
            return bad(r, "the head of the answer is too large");
        r->head[r->head_len++] = c;
        if (c != '\n')
            continue;
        step = r->state == P_STATUS ? status_line(r) : header_line(r);
        r->line = r->head_len;
    }
    return step;
}

static enum http_step
give(struct http_response *r, const uint8_t *piece, size_t len)
{
    r->piece = piece;
    r->piece_len = len;
    r->body_len += len;
    return HTTP_PIECE;
}

static enum http_step
read_body(struct http_response *r, struct cursor *in)
{
    size_t n = cursor_left(in);
    enum http_step step;

    if (r->chunked) {
        step = http_chunked_parse(&r->chunks, in);
        if (step == HTTP_PIECE)
            return give(r, r->chunks.piece, r->chunks.piece_len);
        if (step == HTTP_DONE)
            r->state = P_DONE;
        return step == HTTP_BAD ? bad(r, "malformed chunk") : step;
    }
    if (r->has_length && n > r->left)
        n = (size_t)r->left;
    if (n > 0) {
        r->left -= r->has_length ? n : 0;
        return give(r, get_bytes(in, n), n);
    }
    if (r->until_close || r->left > 0)
        return HTTP_MORE;
    r->state = P_DONE;
    return HTTP_DONE;
}

enum http_step
http_response_parse(struct http_response *r, struct cursor *in)
{
    switch (r->state) {
    case P_STATUS:
    case P_HEADER: return read_head(r, in);
    case P_BODY: return read_body(r, in);
    default: return HTTP_DONE;
    }
}

enum http_step
http_response_eof(struct http_response *r)
{
    if (r->state == P_DONE || (r->state == P_BODY && r->until_close) ||
        (r->state == P_BODY && r->has_length && r->left == 0)) {
        r->state = P_DONE;
        return HTTP_DONE;
    }
    if (r->state == P_STATUS && r->head_len == 0)
        return bad(r, "the server closed without an answer");
    return bad(r, "the server closed in the middle of its answer");
}
