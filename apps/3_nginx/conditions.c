/*
 * conditions.c: does the client have this version already? If-None-Match and
 * If-Modified-Since (RFC 9110 13): then 304 and no body. As in nginx, both
 * must say so when both are there, and the date must be exactly the file's.
 * If-Match and If-Unmodified-Since guard the other way: a client that means
 * another version gets 412.
 */
#include "request.h"

#include <string.h>

static struct http_text
field(const struct request *r, enum known_field name)
{
    const struct http_header *h = r->known[name];

    return h ? h->value : (struct http_text){0};
}

static struct http_text
strong(struct http_text tag)
{
    if (tag.len > 2 && tag.at[0] == 'W' && tag.at[1] == '/') {
        tag.at += 2;
        tag.len -= 2;
    }
    return tag;
}

/* RFC 9110 13.1.2: a list of tags, or `*`; weak comparison. */
static bool
matches(struct http_text list, struct http_text etag)
{
    const char *at = list.at, *end = at + list.len;

    if (http_text_is(list, "*"))
        return true;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        struct http_text tag =
            strong(http_trim((struct http_text){at, (size_t)(stop - at)}));

        if (tag.len == etag.len && memcmp(tag.at, etag.at, tag.len) == 0)
            return true;
        at = comma ? comma + 1 : end;
    }
    return false;
}

int
header_preconditions(struct request *r)
{
    struct http_text since = field(r, KNOWN_IF_UNMODIFIED_SINCE);
    struct http_text match = field(r, KNOWN_IF_MATCH);
    int64_t when;

    if (since.at && http_date_parse(since, &when) == 0 &&
        r->last_modified > when)
        return 412;
    if (match.at && !http_text_is(match, "*") &&
        !(r->etag.at && matches(match, r->etag)))
        return 412;
    return RC_OK;
}

void
header_conditions(struct request *r)
{
    struct http_text since = field(r, KNOWN_IF_MODIFIED_SINCE);
    struct http_text none = field(r, KNOWN_IF_NONE_MATCH);
    int64_t when;

    if (r->status != 200 || r->last_modified < 0 || r->upstream ||
        (!since.at && !none.at))
        return;
    if (since.at &&
        (http_date_parse(since, &when) < 0 || when != r->last_modified))
        return;
    if (none.at && !(r->etag.at && matches(none, strong(r->etag))))
        return;
    NOTE(r->worker->env, EV_NGINX_NOT_MODIFIED, RULE_NGINX_NOT_MODIFIED,
        f_u64("conn", r->conn->number), f_textn("uri", r->uri.at, r->uri.len));
    r->status = 304;
}
