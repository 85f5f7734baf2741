/*
 * range.c: parts of a file (RFC 9110 14). One part is a 206 with
 * Content-Range; several are a multipart/byteranges body.
 */
#include "request.h"

#include <string.h>

#define RANGES_MAX 128

struct range {
    uint64_t from, to; /* to: the first byte behind it */
};

/* If-Range: the parts are wanted only of this version (RFC 9110 13.1.5). */
static bool
if_range_holds(struct request *r)
{
    const struct http_header *h = r->known[KNOWN_IF_RANGE];
    int64_t when;

    if (!h)
        return true;
    if (h->value.len >= 2 && h->value.at[h->value.len - 1] == '"')
        return r->etag.len == h->value.len &&
               memcmp(r->etag.at, h->value.at, h->value.len) == 0;
    return http_date_parse(h->value, &when) == 0 && when == r->last_modified;
}

static void
skip_spaces(struct cursor *c)
{
    while (cursor_left(c) > 0 && *c->at == ' ')
        c->at++;
}

static bool
digits(struct cursor *c, uint64_t *out)
{
    const uint8_t *from = c->at;

    *out = 0;
    while (cursor_left(c) > 0 && *c->at >= '0' && *c->at <= '9') {
        unsigned digit = *c->at++ - '0';

        if (*out > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        *out = *out * 10 + digit;
    }
    return c->at > from;
}

/* One "from-to", "from-" or "-last". False: malformed. */
static bool
one_range(struct cursor *c, uint64_t size, struct range *out)
{
    uint64_t n;

    skip_spaces(c);
    *out = (struct range){0, size};
    if (cursor_left(c) > 0 && *c->at == '-') {
        c->at++;
        skip_spaces(c);
        if (!digits(c, &n))
            return false;
        out->from = n < size ? size - n : 0;
        skip_spaces(c);
        return true;
    }
    if (!digits(c, &out->from))
        return false;
    skip_spaces(c);
    if (cursor_left(c) == 0 || *c->at++ != '-')
        return false;
    skip_spaces(c);
    if (cursor_left(c) == 0 || *c->at == ',')
        return true;
    if (!digits(c, &n))
        return false;
    skip_spaces(c);
    if (n < size)
        out->to = n + 1;
    return true;
}

/* How many parts; 0: none can be had; -1: malformed. Of more than RANGES_MAX
 * the total is larger than any file, so that all of it is sent instead. */
static int
parse(struct http_text t, uint64_t size, struct range *out, uint64_t *total)
{
    struct cursor c = cursor_of(t.at, t.len);
    int n = 0;

    *total = 0;
    for (;;) {
        struct range one;

        if (!one_range(&c, size, &one))
            return -1;
        if (one.from < one.to) {
            if (n == RANGES_MAX) {
                *total = UINT64_MAX;
                return n;
            }
            out[n++] = one;
            *total += one.to - one.from;
        }
        if (cursor_left(&c) == 0)
            return n;
        if (*c.at++ != ',')
            return -1;
    }
}

static int
content_range(struct request *r, const struct range *one, uint64_t size)
{
    const char *text =
        one ? arena_printf(&r->arena, "bytes %llu-%llu/%llu",
                  (unsigned long long)one->from,
                  (unsigned long long)one->to - 1, (unsigned long long)size)
            : arena_printf(&r->arena, "bytes */%llu", (unsigned long long)size);

    return text ? header_add(r, "Content-Range", http_text(text)) : RC_ERROR;
}

static int
send_one(struct request *r, int fd, const struct range *one, uint64_t size)
{
    int rc = content_range(r, one, size);

    r->answer_length = (int64_t)(one->to - one->from);
    if (rc == RC_OK)
        rc = header_send(r);
    if (rc == RC_OK && !r->header_only)
        out_file(r, fd, (off_t)one->from, (size_t)(one->to - one->from));
    return rc;
}

/* RFC 9110 14.6. The small head before each part, and what ends the last. */
static int
part_heads(struct request *r, const struct range *all, int n, uint64_t size,
    struct http_text *heads)
{
    struct http_text type = r->type;
    const char *text, *mark;

    mark =
        arena_printf(&r->arena, "%020llu", (unsigned long long)r->conn->number);
    r->answer_length = 0;
    for (int i = 0; i <= n; i++) {
        if (!mark)
            return RC_ERROR;
        text = i == n ? arena_printf(&r->arena, "\r\n--%s--\r\n", mark)
                      : arena_printf(&r->arena,
                            "\r\n--%s\r\nContent-Type: %.*s\r\n"
                            "Content-Range: bytes %llu-%llu/%llu\r\n\r\n",
                            mark, (int)type.len, type.at,
                            (unsigned long long)all[i].from,
                            (unsigned long long)all[i].to - 1,
                            (unsigned long long)size);
        if (!text)
            return RC_ERROR;
        heads[i] = http_text(text);
        r->answer_length += (int64_t)heads[i].len;
        if (i < n)
            r->answer_length += (int64_t)(all[i].to - all[i].from);
    }
    text = arena_printf(&r->arena, "multipart/byteranges; boundary=%s", mark);
    r->type = text ? http_text(text) : type;
    return text ? RC_OK : RC_ERROR;
}

static int
send_many(
    struct request *r, int fd, const struct range *all, int n, uint64_t size)
{
    struct http_text heads[RANGES_MAX + 1];
    int rc = part_heads(r, all, n, size, heads);

    if (rc == RC_OK)
        rc = header_send(r);
    if (rc != RC_OK || r->header_only)
        return rc;
    for (int i = 0; i < n; i++) {
        out_bytes(r, heads[i].at, heads[i].len);
        out_file(r, fd, (off_t)all[i].from, (size_t)(all[i].to - all[i].from));
    }
    out_bytes(r, heads[n].at, heads[n].len);
    return RC_OK;
}

/* RC_DECLINED: send all of it. */
int
range_run(struct request *r, int fd, uint64_t size)
{
    const struct http_header *h = r->known[KNOWN_RANGE];
    struct range all[RANGES_MAX];
    uint64_t total;
    int n;

    if (!h || h->value.len < 7 || r->version < 1000 || r->error_status ||
        !http_text_is_nocase((struct http_text){h->value.at, 6}, "bytes=") ||
        !if_range_holds(r))
        return header_add(r, "Accept-Ranges", http_text("bytes")) == RC_OK
                   ? RC_DECLINED
                   : RC_ERROR;
    n = parse((struct http_text){h->value.at + 6, h->value.len - 6}, size, all,
        &total);
    if (n <= 0) {
        r->headers = (struct http_headers){0};
        return content_range(r, NULL, size) == RC_OK ? 416 : RC_ERROR;
    }
    if (total > size) /* more than the file itself: somebody plays */
        return header_add(r, "Accept-Ranges", http_text("bytes")) == RC_OK
                   ? RC_DECLINED
                   : RC_ERROR;
    NOTE(r->worker->env, EV_NGINX_RANGE, RULE_NGINX_RANGE,
        f_u64("conn", r->conn->number), f_u64("parts", (uint64_t)n),
        f_u64("len", total));
    r->status = 206;
    return n == 1 ? send_one(r, fd, &all[0], size)
                  : send_many(r, fd, all, n, size);
}
