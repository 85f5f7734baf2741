/*
 * rewrite.c: the phases SERVER_REWRITE and REWRITE: rewrite, return, set and
 * break, one after the other.
 */
#include "request.h"

#include <string.h>

/* The new URI, and what the old query adds to it. */
static int
new_uri(struct request *r, const struct rewrite *w, struct http_text *out)
{
    bool mark;

    if (value_guarded(
            r, w->value, w->status ? GUARD_REDIRECT : GUARD_REWRITE, out) < 0)
        return 500;
    if (!w->add_args || r->args.len == 0)
        return RC_OK;
    mark = memchr(out->at, '?', out->len) != NULL;
    out->at = arena_printf(&r->arena, "%.*s%c%.*s", (int)out->len, out->at,
        mark ? '&' : '?', (int)r->args.len, r->args.at);
    out->len += 1 + r->args.len;
    return out->at ? RC_OK : 500;
}

static int
apply(struct request *r, const struct rewrite *w)
{
    struct http_text uri;
    const char *mark;
    int rc = new_uri(r, w, &uri);

    if (rc != RC_OK)
        return rc;
    if (w->status) {
        r->location_url = uri;
        return (int)w->status;
    }
    mark = memchr(uri.at, '?', uri.len);
    r->args = (struct http_text){"", 0};
    if (mark) {
        r->args.at = mark + 1;
        r->args.len = uri.len - (size_t)(mark - uri.at) - 1;
        uri.len = (size_t)(mark - uri.at);
        uri.at = arena_text(&r->arena, uri.at, uri.len);
        if (!uri.at)
            return 500;
    }
    if (uri.len == 0) {
        log_error(
            r->conn, LOG_LEVEL_ERROR, "the rewritten URI has a zero length");
        return 500;
    }
    NOTE(r->worker->env, EV_NGINX_REWRITE, RULE_NGINX_REWRITE,
        f_u64("conn", r->conn->number), f_textn("from", r->uri.at, r->uri.len),
        f_textn("to", uri.at, uri.len));
    r->uri = uri;
    r->plain_uri = false;
    r->uri_changed = !w->break_;
    return RC_OK;
}

/* `return` of a text, or of a status that becomes a page. */
static int
answer(struct request *r, const struct rewrite *w)
{
    struct http_text text = {"", 0};

    if (w->value && value_text(r, w->value, &text) < 0)
        return 500;
    if (w->status == 301 || w->status == 302 || w->status == 303 ||
        w->status == 307 || w->status == 308) {
        if (text.len > 0)
            r->location_url = text;
        return (int)w->status;
    }
    if (w->status >= 400 && text.len == 0)
        return (int)w->status;
    return special_text(r, w->status, text);
}

int
rewrite_run(struct request *r, const struct rewrite *w)
{
    if (r->rewrite_break)
        return RC_DECLINED;
    for (; w; w = w->next) {
        int rc = RC_OK;

        switch (w->kind) {
        case REWRITE_BREAK: r->rewrite_break = true; return RC_DECLINED;
        case REWRITE_RETURN: return answer(r, w);
        case REWRITE_SET:
            if (value_text(r, w->value, &r->variables[w->variable]) < 0)
                return 500;
            break;
        case REWRITE_REGEX:
            if (!regex_match(w->regex, r->uri, &r->captures, r))
                break;
            rc = apply(r, w);
            if (rc != RC_OK)
                return rc;
            if (w->break_)
                r->rewrite_break = true;
            if (w->break_ || w->last)
                return RC_DECLINED;
            break;
        }
    }
    return RC_DECLINED;
}
