/*
 * request.c: the life of a request between the bytes and the phases: what
 * its line and fields mean, which server it is for, and how it ends.
 */
#include "request.h"
#include "http_uri.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REDIRECTS_MAX 10 /* NGX_HTTP_MAX_URI_CHANGES */

struct request *
request_new(struct conn *c)
{
    struct worker *w = c->worker;
    struct request *r = w->spare;
    unsigned n = w->conf->nvariables;

    if (r) { /* one that ended before, with its first block of memory */
        struct arena arena = r->arena;

        w->spare = r->next_dead;
        w->nspare--;
        *r = (struct request){.arena = arena};
    } else {
        r = calloc(1, sizeof(*r));
        if (!r)
            return NULL;
        arena_init(&r->arena, 0);
    }
    r->conn = c;
    r->worker = c->worker;
    r->server = c->listen->servers[0];
    r->location = r->server->location;
    r->started = c->worker->timers.now;
    r->redirects = REDIRECTS_MAX + 1;
    r->answer_length = -1;
    r->last_modified = -1;
    r->variables = arena_alloc(&r->arena, (n + 1) * sizeof(*r->variables));
    c->requests++;
    c->sent = 0;
    if (r->variables)
        return r;
    arena_free(&r->arena);
    free(r);
    return NULL;
}

/* Its memory goes at the end of the present event: callers may still look. */
void
request_free(struct request *r)
{
    r->next_dead = r->worker->dead_requests;
    r->worker->dead_requests = r;
}

void
requests_free(struct worker *w)
{
    while (w->spare) {
        struct request *r = w->spare;

        w->spare = r->next_dead;
        arena_free(&r->arena);
        free(r);
    }
    w->nspare = 0;
}

static int
bad(struct request *r, const char *why)
{
    log_error(r->conn, LOG_LEVEL_INFO, "%s", why);
    return 400;
}

/* Lower case already, no port, no dot at the end: most are, and stay where
 * they are. */
static bool
usual_host(struct http_text t)
{
    bool dot = true; /* none at the start */

    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i];

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')
            dot = false;
        else if (c == '.' && !dot)
            dot = true;
        else
            return false;
    }
    return !dot;
}

/*
 * RFC 9110 7.2. Lower case, without port and final dot; -EINVAL. What stands
 * behind the first colon is the port, and nobody looks at it.
 */
static int
host_text(struct request *r, struct http_text t, struct http_text *out)
{
    size_t dot = t.len, end = t.len;
    bool literal = t.len > 0 && t.at[0] == '[', rest = false;
    char *to;

    *out = t;
    if (usual_host(t))
        return 0;
    to = arena_alloc(&r->arena, t.len + 1);
    if (!to)
        return -ENOMEM;
    for (size_t i = 0; i < t.len; i++) {
        unsigned char ch = (unsigned char)t.at[i];

        if (ch <= 0x20 || ch == 0x7f || ch == '/' ||
            (ch == '.' && i > 0 && dot == i - 1))
            return -EINVAL;
        if (ch == '.')
            dot = i;
        if (!rest && (literal ? ch == ']' : ch == ':')) {
            end = literal ? i + 1 : i;
            rest = true;
        }
        to[i] = (char)(ch >= 'A' && ch <= 'Z' ? ch | 0x20 : ch);
    }
    if (end > 0 && dot == end - 1)
        end--;
    *out = (struct http_text){to, end};
    return end > 0 ? 0 : -EINVAL;
}

int
request_line_done(struct request *r)
{
    struct http_text target = r->target;
    struct http_uri uri;
    size_t skip = r->line.path.at - r->line.target.at;
    int err;

    r->method_id = http_text_is(r->method, "GET")    ? METHOD_GET
                   : http_text_is(r->method, "HEAD") ? METHOD_HEAD
                   : http_text_is(r->method, "POST") ? METHOD_POST
                                                     : METHOD_OTHER;
    r->version = r->line.major * 1000 + r->line.minor;
    if (r->target_host.len > 0) {
        target.at += skip;
        target.len -= skip;
        if (host_text(r, r->target_host, &r->host) < 0)
            return bad(r, "client sent invalid host in request line");
    }
    err = http_uri_parse(&r->arena, target, r->server->merge_slashes, &uri);
    if (err == -ENOMEM)
        return 500;
    if (err)
        return bad(r, "client sent invalid request");
    r->uri = uri.path;
    r->plain_uri = uri.plain;
    r->args = uri.args;
    if (!r->args.at)
        r->args = (struct http_text){"", 0};
    if (target.len == 0 || *target.at == '?')
        r->target = (struct http_text){
            arena_printf(&r->arena, "/%.*s", (int)target.len, target.at),
            target.len + 1};
    else
        r->target = target;
    if (r->version == 9) { /* HTTP/0.9: no fields, and the answer is bare */
        r->head_done = true;
        if (r->method_id != METHOD_GET)
            return bad(r, "client sent invalid method in HTTP/0.9 request");
    }
    return RC_OK;
}

/* Which one it is, and whether it must not come twice. */
static enum known_field
known_field(struct http_text name, bool *once)
{
    static const struct {
        const char *text;
        size_t len;
        bool once;
    } all[] = {
#define F(field, text, once) {text, sizeof(text) - 1, once},
        KNOWN_FIELDS(F)
#undef F
    };

    for (unsigned i = 0; i < LW_COUNT(all); i++)
        if (all[i].len == name.len &&
            strncasecmp(all[i].text, name.at, name.len) == 0) {
            *once = all[i].once;
            return (enum known_field)i;
        }
    *once = false;
    return KNOWN_COUNT;
}

static int
host_field(struct request *r, struct http_text value)
{
    struct http_text host;

    if (r->host_header.at)
        return bad(r, "client sent duplicate host header");
    r->host_header = value;
    if (host_text(r, value, &host) < 0)
        return bad(r, "client sent invalid host header");
    if (r->host.len == 0) /* the target's own host wins (RFC 9112 3.2.2) */
        r->host = host;
    return RC_OK;
}

int
request_field(struct request *r, struct http_text name, struct http_text value)
{
    enum known_field known;
    bool once;

    NOTE(r->worker->env, EV_HTTP_HEADER, RULE_HTTP_FIELD,
        f_textn("name", name.at, name.len),
        f_textn("value", value.at, value.len), f_u64("conn", r->conn->number),
        f_text("by", "nginx"));
    known = known_field(name, &once);
    if (known == KNOWN_HOST) {
        int rc = host_field(r, value);

        if (rc != RC_OK)
            return rc;
    }
    if (once && r->known[known])
        return bad(r, "client sent duplicate header line");
    if (http_headers_put(&r->fields, &r->arena, name, value) < 0)
        return 500;
    if (known < KNOWN_COUNT && !r->known[known])
        r->known[known] = r->fields.last;
    return RC_OK;
}

static bool
contains_nocase(struct http_text t, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= t.len; i++)
        if (http_text_is_nocase((struct http_text){t.at + i, n}, word))
            return true;
    return false;
}

/* RFC 9112 6: is there a body, and how long? */
static int
body_fields(struct request *r)
{
    const struct http_header *cl = r->known[KNOWN_CONTENT_LENGTH];
    const struct http_header *te = r->known[KNOWN_TRANSFER_ENCODING];

    if (cl) {
        if (http_number(cl->value, &r->content_length) < 0)
            return bad(r, "client sent invalid \"Content-Length\" header");
        r->has_length = true;
    }
    if (te && r->version < 1001)
        return bad(r, "client sent HTTP/1.0 request with "
                      "\"Transfer-Encoding\" header");
    if (te && !http_text_is_nocase(te->value, "chunked")) {
        log_error(r->conn, LOG_LEVEL_INFO,
            "client sent unknown \"Transfer-Encoding\"");
        return 501;
    }
    if (te && cl)
        return bad(r, "client sent \"Content-Length\" and "
                      "\"Transfer-Encoding\" headers at the same time");
    r->chunked = te != NULL;
    return RC_OK;
}

/* RFC 9112 9.3; of several fields the last one counts. */
static void
connection_field(struct request *r)
{
    r->keep_alive = r->version > 1000;
    for (const struct http_header *h = r->known[KNOWN_CONNECTION]; h;
         h = h->next) {
        if (!http_text_is_nocase(h->name, "connection"))
            continue;
        if (contains_nocase(h->value, "close"))
            r->keep_alive = false;
        else if (contains_nocase(h->value, "keep-alive"))
            r->keep_alive = true;
    }
}

int
request_head_done(struct request *r)
{
    int rc;

    r->server = server_find(r->conn->listen, r->host, r);
    r->location = r->server->location;
    /* What the worker does from here on, it does for this request. */
    journal_enter(r->worker->env->journal,
        NOTE(r->worker->env, EV_NGINX_REQUEST, RULE_HTTP_REQUEST,
            f_u64("conn", r->conn->number),
            f_textn("method", r->method.at, r->method.len),
            f_textn("uri", r->target.at, r->target.len),
            f_textn("line", r->request_text.at, r->request_text.len),
            f_u64("len", r->length)));
    NOTE(r->worker->env, EV_NGINX_SERVER, RULE_NGINX_SERVER_NAME,
        f_u64("conn", r->conn->number), f_text("server", r->server->name),
        f_textn("host", r->host.at, r->host.len));
    if (!r->host_header.at && r->version > 1000 && r->version != 9)
        return bad(r, "client sent HTTP/1.1 request without \"Host\" header");
    rc = body_fields(r);
    if (rc != RC_OK)
        return rc;
    if (http_text_is(r->method, "TRACE") ||
        http_text_is(r->method, "CONNECT")) {
        log_error(r->conn, LOG_LEVEL_INFO, "client sent %.*s method",
            (int)r->method.len, r->method.at);
        return 405;
    }
    connection_field(r);
    if (r->known[KNOWN_CONTENT_TYPE])
        r->content_type = r->known[KNOWN_CONTENT_TYPE]->value;
    r->lingering = r->chunked || r->content_length > 0;
    r->body.left = r->content_length;
    r->body.chunked = r->chunked;
    r->phase = PHASE_POST_READ;
    return RC_OK;
}

void
request_abort(struct request *r, unsigned status)
{
    if (!r->status)
        r->status = status;
    out_drop(r->conn);
    r->keep_alive = false;
    r->lingering = false;
    request_end(r);
}

void
request_finish(struct request *r, int rc)
{
    if (rc == RC_DONE || rc == RC_AGAIN)
        return;
    if (rc == RC_ERROR || rc == 408 || rc == 499 || rc == 444) {
        request_abort(r, rc == RC_ERROR ? 0 : (unsigned)rc);
        return;
    }
    if (rc >= 300 || rc == 201 || rc == 204) {
        if (r->header_sent) { /* too late for an error page */
            request_abort(r, r->status);
            return;
        }
        rc = special_run(r, (unsigned)rc);
        if (rc == RC_DONE || rc == RC_AGAIN)
            return;
        if (rc == RC_ERROR) {
            request_abort(r, 500);
            return;
        }
    }
    request_send(r);
}

static void
on_writable(struct conn *c)
{
    request_send(c->request);
}

void
request_send(struct request *r)
{
    struct conn *c = r->conn;

    switch (out_flush(c)) {
    case RC_OK: request_end(r); return;
    case RC_AGAIN: c->on_write = on_writable; return;
    default: request_abort(r, r->status); return;
    }
}

void
request_end(struct request *r)
{
    struct conn *c = r->conn;

    if (r->finished)
        return;
    r->finished = true;
    c->on_write = NULL;
    timer_cancel(&r->worker->timers, &c->write_timer);
    NOTE(r->worker->env, EV_NGINX_PHASE, RULE_NGINX_PHASES,
        f_u64("conn", c->number), f_text("phase", "LOG"),
        f_text("result", "done"));
    log_access(r);
    upstream_free(r);
    file_release(r);
    if (r->worker->quitting || r->location->keepalive_timeout == 0)
        r->keep_alive = false;
    if (body_unread(r) && (r->keep_alive || r->discard) && r->status != 0)
        (void)body_discard(r); /* and then request_leave */
    else
        request_leave(r);
}

void
request_leave(struct request *r)
{
    struct conn *c = r->conn;

    if (r->keep_alive) {
        conn_keep_alive(c);
        return;
    }
    if (r->location->lingering_close && c->state == CONN_ANSWERING &&
        (r->lingering || c->head.line < c->head.last || c->readable) &&
        !c->eof && r->status != 0 && r->status != 499 && r->status != 408)
        conn_linger(c);
    else
        conn_close(c);
}

static int
cycle(struct request *r)
{
    if (--r->redirects > 0)
        return RC_OK;
    log_error(r->conn, LOG_LEVEL_ERROR,
        "rewrite or internal redirection cycle while internally redirecting "
        "to \"%.*s\"",
        (int)r->uri.len, r->uri.at);
    r->redirects = 1;
    return 500;
}

int
request_internal_redirect(
    struct request *r, struct http_text uri, struct http_text args)
{
    int rc = cycle(r);

    if (rc != RC_OK)
        return rc;
    NOTE(r->worker->env, EV_NGINX_INTERNAL, RULE_NGINX_LOCATION,
        f_u64("conn", r->conn->number), f_textn("uri", uri.at, uri.len),
        f_textn("args", args.at, args.len));
    r->uri = uri;
    r->args = args;
    r->internal = true;
    r->plain_uri = false;
    r->rewrite_break = false;
    r->location = r->server->location;
    r->phase = PHASE_SERVER_REWRITE;
    phases_run(r);
    return RC_DONE;
}

int
request_named_location(struct request *r, const char *name)
{
    int rc = cycle(r);

    if (rc != RC_OK)
        return rc;
    for (struct location *l = r->server->location->children; l; l = l->next) {
        if (l->match != LOCATION_NAMED || strcmp(l->name, name) != 0)
            continue;
        NOTE(r->worker->env, EV_NGINX_INTERNAL, RULE_NGINX_LOCATION,
            f_u64("conn", r->conn->number), f_text("uri", name));
        r->location = l;
        r->internal = true;
        r->rewrite_break = false;
        r->phase = PHASE_REWRITE;
        phases_run(r);
        return RC_DONE;
    }
    log_error(
        r->conn, LOG_LEVEL_ERROR, "could not find named location \"%s\"", name);
    return 500;
}
