/*
 * cgi_header.c: what a CGI program says before the body (RFC 3875 6): header
 * lines, of which some are for the server and not for the client.
 */
#include "upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
is(struct http_text name, const char *text)
{
    return http_text_is_nocase(name, text);
}

/* "Status: 302 Found": three digits, and the words as they are, if any. */
static int
status(struct upstream *u, struct http_text value)
{
    struct request *r = u->request;
    struct http_text number = {value.at, 3};
    uint64_t n;

    if (value.len < 3 || http_number(number, &n) < 0) {
        log_error(r->conn, LOG_LEVEL_ERROR,
            "upstream sent invalid status \"%.*s\"", (int)value.len, value.at);
        return -EPROTO;
    }
    if (u->has_status) /* the first one counts */
        return 0;
    u->status = (unsigned)n;
    u->has_status = true;
    r->status_line = value;
    return 0;
}

/* Lines that stop here: they speak to the server, or of one connection. */
static bool
hidden(struct http_text name)
{
    static const char *const names[] = {"X-Accel-Expires", "X-Accel-Limit-Rate",
        "X-Accel-Buffering", "X-Accel-Charset", "Connection", "Keep-Alive",
        "Transfer-Encoding"};

    for (size_t i = 0; i < LW_COUNT(names); i++)
        if (is(name, names[i]))
            return true;
    return false;
}

static int
line(struct upstream *u, struct http_text name, struct http_text value)
{
    struct request *r = u->request;
    uint64_t n;

    if (is(name, "Status"))
        return status(u, value);
    if (is(name, "Content-Length")) { /* malformed: as if it were not there */
        u->left = http_number(value, &n) < 0 ? -1 : (int64_t)n;
        return 0;
    }
    if (is(name, "Content-Type")) {
        r->type = value;
        return 0;
    }
    if (is(name, "X-Accel-Redirect")) {
        u->redirect = value;
        u->has_redirect = true;
        return 0;
    }
    if (hidden(name))
        return 0;
    if (is(name, "Location"))
        u->has_location = true;
    if (is(name, "Date"))
        r->own_date = true;
    if (is(name, "Server"))
        r->own_server = true;
    return http_headers_add(&r->headers, &r->arena, name, value);
}

static struct http_text
part(const uint8_t *at, struct http_part p)
{
    return (struct http_text){(const char *)at + p.at, p.end - p.at};
}

/* "HTTP/1.1 200 OK": some programs begin as if they were a server. */
static bool
is_status_line(const uint8_t *at, size_t len)
{
    return len >= 5 && memcmp(at, "HTTP/", 5) == 0;
}

/* The lines that are complete. 0, or the error. */
static int
lines(struct upstream *u, bool *done)
{
    while (!*done) {
        const uint8_t *at = u->head + u->head_line;

        if (is_status_line(at, u->head_len - u->head_line)) {
            const uint8_t *end = memchr(at, '\n', u->head_len - u->head_line);

            if (!end)
                return 0;
            u->head_line += (size_t)(end + 1 - at);
            u->field = (struct http_header_line){0};
            continue;
        }
        enum http_line found =
            http_header_line(&u->field, at, u->head_len - u->head_line);
        int err;

        if (found == HTTP_LINE_AGAIN)
            return 0;
        if (found != HTTP_LINE_OK && found != HTTP_LINE_EMPTY) {
            log_error(u->request->conn, LOG_LEVEL_ERROR,
                "upstream sent invalid header");
            return -EPROTO;
        }
        *done = found == HTTP_LINE_EMPTY;
        err = *done
                  ? 0
                  : line(u, part(at, u->field.name), part(at, u->field.value));
        if (err)
            return err;
        u->head_line += u->field.end;
        u->field = (struct http_header_line){0};
    }
    return 0;
}

ssize_t
cgi_header(struct upstream *u, const uint8_t *bytes, size_t len, bool *done)
{
    size_t room = (size_t)u->request->location->fastcgi_buffer_size;
    size_t before = u->head_len, n = len;
    int err;

    if (!u->head)
        u->head = arena_alloc(&u->request->arena, room);
    if (!u->head)
        return -ENOMEM;
    if (n > room - u->head_len)
        n = room - u->head_len;
    memcpy(u->head + u->head_len, bytes, n);
    u->head_len += n;
    *done = false;
    err = lines(u, done);
    if (err)
        return err;
    if (*done)
        return (ssize_t)(u->head_line - before);
    if (n < len) {
        log_error(
            u->request->conn, LOG_LEVEL_ERROR, "upstream sent too big header");
        return -E2BIG;
    }
    return (ssize_t)n;
}
