/*
 * fcgi_build.c: the request as FastCGI records: BEGIN_REQUEST, one PARAMS
 * record and the empty one, the body as STDIN records and the empty one.
 * The parameters are those of the configuration, then every header field of
 * the client as HTTP_NAME.
 */
#include "upstream.h"

#include <string.h>

#define STDIN_RECORD_MAX 32768

struct param {
    struct param *next;
    struct http_text name, value;
};

static int
add(struct request *r, struct param ***tail, struct http_text name,
    struct http_text value)
{
    struct param *p = arena_alloc(&r->arena, sizeof(*p));

    if (!p)
        return -1;
    p->name = name;
    p->value = value;
    **tail = p;
    *tail = &p->next;
    NOTE(r->worker->env, EV_FCGI_PARAM, RULE_FCGI_PARAMS,
        f_textn("name", name.at, name.len),
        f_textn("value", value.at, value.len), f_u64("conn", r->conn->number),
        f_text("by", "nginx"));
    return 0;
}

/* "Accept-Language" is HTTP_ACCEPT_LANGUAGE (RFC 3875 4.1.18). */
static struct http_text
cgi_name(struct request *r, struct http_text name)
{
    char *to = arena_printf(&r->arena, "HTTP_%.*s", (int)name.len, name.at);

    for (char *c = to; c && *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c &= ~0x20;
        else if (*c == '-')
            *c = '_';
    return (struct http_text){to, name.len + 5};
}

/* A fastcgi_param named HTTP_X takes the place of the client's field. */
static bool
is_set(const struct location *l, struct http_text name)
{
    for (struct fastcgi_param *p = l->fastcgi_params; p; p = p->next)
        if (http_text_is(name, p->name))
            return true;
    return false;
}

static int
collect(struct request *r, struct param **first)
{
    struct param **tail = first;

    *first = NULL;
    for (struct fastcgi_param *p = r->location->fastcgi_params; p;
         p = p->next) {
        struct http_text value;

        if (value_text(r, p->value, &value) < 0)
            return -1;
        if (p->if_not_empty && value.len == 0)
            continue;
        if (add(r, &tail, http_text(p->name), value) < 0)
            return -1;
    }
    for (struct http_header *h = r->fields.first; h; h = h->next) {
        struct http_text name = cgi_name(r, h->name);

        if (!name.at)
            return -1;
        if (!is_set(r->location, name) && add(r, &tail, name, h->value) < 0)
            return -1;
    }
    return 0;
}

static void
tell(struct request *r, enum fcgi_type type, enum rule rule, uint64_t at,
    size_t len)
{
    struct journal *j = r->worker->env->journal;
    struct note n = {.kind = EV_FCGI_RECORD_SENT,
        .literal = true,
        .rule = rule,
        .func = __func__,
        .host = r->worker->env->host,
        .off = (uint32_t)at,
        .len = (uint32_t)(len + FCGI_HEADER_LEN + fcgi_padding(len))};
    struct field fields[] = {f_text("by", "nginx"),
        f_text("type", fcgi_type_name(type)), f_u64("id", FCGI_REQUEST_ID),
        f_u64("len", len), f_u64("conn", r->conn->number),
        f_i64("fd", r->upstream->source.fd)};

    if (journal_wants(j, n.kind))
        journal_note(j, &n, fields, LW_COUNT(fields));
}

/* Chains one piece; the pieces live in the request's arena. */
static int
chain(struct request *r, struct out ***tail, const void *at, size_t len)
{
    struct out *o = arena_alloc(&r->arena, sizeof(*o));

    if (!o)
        return -1;
    o->at = at;
    o->len = len;
    o->fd = -1;
    **tail = o;
    *tail = &o->next;
    return 0;
}

/* One STDIN record about bytes that stay where they are. */
static int
stdin_record(struct request *r, struct out ***tail, const uint8_t *at,
    size_t len, uint64_t *offset)
{
    static const uint8_t zeros[8] = {0};
    unsigned padding = fcgi_padding(len);
    uint8_t *head = arena_alloc(&r->arena, FCGI_HEADER_LEN);
    struct writer w = writer_of(head, FCGI_HEADER_LEN);

    if (!head)
        return -1;
    fcgi_put_header(
        &w, FCGI_STDIN, FCGI_REQUEST_ID, (uint16_t)len, (uint8_t)padding);
    tell(r, FCGI_STDIN, RULE_FCGI_STREAM, *offset, len);
    *offset += FCGI_HEADER_LEN + len + padding;
    if (chain(r, tail, head, FCGI_HEADER_LEN) < 0)
        return -1;
    if (len > 0 && chain(r, tail, at, len) < 0)
        return -1;
    return padding > 0 ? chain(r, tail, zeros, padding) : 0;
}

static int
body(struct request *r, struct out ***tail, uint64_t *offset)
{
    for (struct body_block *b = r->body.first; b; b = b->next)
        for (size_t at = 0; at < b->len;) {
            size_t n = b->len - at;

            if (n > STDIN_RECORD_MAX)
                n = STDIN_RECORD_MAX;
            if (stdin_record(r, tail, b->data + at, n, offset) < 0)
                return -1;
            at += n;
        }
    return stdin_record(r, tail, NULL, 0, offset);
}

int
fcgi_build(struct request *r, struct out **first)
{
    struct out **tail = first;
    struct param *params;
    struct writer w, c;
    size_t len = 0, room;
    uint64_t offset;
    uint8_t *content;

    *first = NULL;
    if (collect(r, &params) < 0)
        return 500;
    for (struct param *p = params; p; p = p->next)
        len += fcgi_pair_len(p->name.len, p->value.len);
    if (len > FCGI_CONTENT_MAX) {
        log_error(r->conn, LOG_LEVEL_ALERT,
            "fastcgi request record is too big: %zu", len);
        return 500;
    }
    content = arena_alloc(&r->arena, len + 1);
    room = 16 + FCGI_HEADER_LEN * 2 + len + 8;
    w = writer_of(arena_alloc(&r->arena, room), room);
    if (!content || !w.start)
        return 500;
    c = writer_of(content, len);
    for (struct param *p = params; p; p = p->next)
        fcgi_put_pair(&c, p->name.at, p->name.len, p->value.at, p->value.len);
    fcgi_put_begin(&w, FCGI_REQUEST_ID, FCGI_RESPONDER,
        r->location->fastcgi_keep_conn ? FCGI_KEEP_CONN : 0);
    offset = r->upstream->sent; /* of the requests before */
    tell(r, FCGI_BEGIN_REQUEST, RULE_FCGI_BEGIN, offset, 8);
    tell(r, FCGI_PARAMS, RULE_FCGI_PARAMS, offset + writer_len(&w), len);
    fcgi_put_record(&w, FCGI_PARAMS, FCGI_REQUEST_ID, content, len);
    tell(r, FCGI_PARAMS, RULE_FCGI_PARAMS, offset + writer_len(&w), 0);
    fcgi_put_record(&w, FCGI_PARAMS, FCGI_REQUEST_ID, NULL, 0);
    offset += writer_len(&w);
    if (w.over || chain(r, &tail, w.start, writer_len(&w)) < 0 ||
        body(r, &tail, &offset) < 0)
        return 500;
    return RC_OK;
}
