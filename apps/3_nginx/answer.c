/*
 * answer.c: from the program behind to the client: read, unpack, make it an
 * HTTP answer, pass it on, no faster than the client takes it. The answer
 * moves through fastcgi_buffers; while all of them wait for the client,
 * nothing is read, so that TCP holds the program back. (Real nginx moves
 * more to a temporary file first.)
 */
#include "upstream.h"
#include "http_uri.h"

#include <errno.h>
#include <string.h>

static void
recycle(struct out *o)
{
    struct answer_buffer *b = o->owner;

    b->next = b->upstream->free;
    b->upstream->free = b;
}

static struct answer_buffer *
take_buffer(struct upstream *u)
{
    struct location *l = u->request->location;
    struct answer_buffer *b = u->free;
    size_t size = (size_t)l->fastcgi_buffers_size;

    if (b) {
        u->free = b->next;
        return b;
    }
    if (u->buffers > (unsigned)l->fastcgi_buffers) /* and one for the head */
        return NULL;
    b = arena_alloc(&u->request->arena, sizeof(*b) + size);
    if (!b)
        return NULL;
    u->buffers++;
    b->upstream = u;
    b->head.owner = b->data.owner = b->tail.owner = b;
    b->head.fd = b->data.fd = b->tail.fd = -1;
    return b;
}

/* Queues a piece of the body; the buffer comes back when it is sent. */
static void
queue(
    struct upstream *u, struct answer_buffer *b, const uint8_t *at, size_t len)
{
    struct request *r = u->request;
    struct out *last = &b->data;
    struct writer w = writer_of(b->size_line, sizeof(b->size_line));

    if (u->left >= 0 && len > (uint64_t)u->left) {
        log_error(r->conn, LOG_LEVEL_WARN,
            "upstream sent more data than specified in \"Content-Length\" "
            "header");
        len = (size_t)u->left;
    }
    if (len == 0 || r->header_only) {
        recycle(&b->data);
        return;
    }
    if (u->left >= 0)
        u->left -= (int64_t)len;
    b->data.at = at;
    b->data.len = len;
    b->data.sent = b->tail.sent = NULL;
    if (r->chunked_answer) {
        http_put_chunk_head(&w, len);
        b->head.at = w.start;
        b->head.len = writer_len(&w);
        out_put(r->conn, &b->head);
        b->tail.at = (const uint8_t *)"\r\n";
        b->tail.len = 2;
        last = &b->tail;
    }
    out_put(r->conn, &b->data);
    if (last == &b->tail)
        out_put(r->conn, &b->tail);
    last->sent = recycle;
}

/* These fields of the program's answer stay in that of the redirect. */
static bool
stays(struct http_text name)
{
    static const char *const names[] = {"Set-Cookie", "Content-Disposition",
        "Cache-Control", "Expires", "Accept-Ranges"};

    for (size_t i = 0; i < LW_COUNT(names); i++)
        if (http_text_is_nocase(name, names[i]))
            return true;
    return false;
}

/* Climbs by `..` anywhere: nobody needs that, and nginx refuses it. */
static bool
climbs(struct http_text t)
{
    for (size_t i = 0; i + 2 <= t.len && t.at[i] != '?'; i++)
        if (t.at[i] == '.' && t.at[i + 1] == '.' &&
            (i == 0 || t.at[i - 1] == '/') &&
            (i + 2 == t.len || t.at[i + 2] == '/'))
            return true;
    return false;
}

/* X-Accel-Redirect: the program has only said which URI answers. */
static int
redirect(struct upstream *u)
{
    struct request *r = u->request;
    struct http_headers all = r->headers;
    struct http_uri to;

    upstream_free(r);
    r->headers = (struct http_headers){0};
    r->status_line = (struct http_text){0};
    for (struct http_header *h = all.first; h; h = h->next)
        if (stays(h->name) &&
            http_headers_add(&r->headers, &r->arena, h->name, h->value) < 0)
            return 500;
    if (u->redirect.len > 0 && u->redirect.at[0] == '@') {
        const char *name =
            arena_text(&r->arena, u->redirect.at, u->redirect.len);

        return name ? request_named_location(r, name) : 500;
    }
    if (climbs(u->redirect) || u->redirect.len == 0 ||
        http_uri_parse(&r->arena, u->redirect, false, &to) < 0)
        return 404;
    if (r->method_id != METHOD_HEAD) {
        r->method = http_text("GET");
        r->method_id = METHOD_GET;
    }
    return request_internal_redirect(
        r, to.path, to.args.at ? to.args : http_text(""));
}

/* The header lines are complete: the head of our answer. */
static int
send_header(struct upstream *u)
{
    struct request *r = u->request;
    int rc;

    upstream_move(u, UPSTREAM_BODY);
    r->status = u->has_status ? u->status : u->has_location ? 302 : 200;
    if (u->has_redirect)
        return redirect(u);
    if (r->status >= 300 && r->location->fastcgi_intercept_errors)
        for (struct error_page *e = r->location->error_pages; e; e = e->next)
            if (e->status == r->status)
                return (int)r->status;
    r->answer_length = u->left;
    rc = header_send(r);
    return rc != RC_OK ? rc : RC_DECLINED;
}

/* What one read has brought. RC_DECLINED: go on reading. */
static int
take(struct upstream *u, struct answer_buffer *b, size_t len)
{
    ssize_t kept = fcgi_unpack(u, b->bytes, len), used = 0;
    bool done = false;
    int rc;

    if (kept < 0)
        return 502;
    if (u->state == UPSTREAM_HEADER) {
        used = cgi_header(u, b->bytes, (size_t)kept, &done);
        if (used < 0)
            return used == -ENOMEM ? 500 : 502;
        if (done) {
            rc = send_header(u);
            if (rc != RC_DECLINED)
                return rc;
        }
    }
    queue(u, b, b->bytes + used, (size_t)(kept - used));
    return RC_DECLINED;
}

static void
no_event(struct conn *c)
{
    (void)c;
}

/* The answer is complete: END_REQUEST has come, or the program has closed the
 * connection. Only Content-Length can tell that something is missing; without
 * it nginx takes the end of the connection for the end of the answer. */
static void
complete(struct upstream *u, bool whole)
{
    struct request *r = u->request;
    struct conn *c = r->conn;

    if (u->state == UPSTREAM_HEADER) {
        log_error(c, LOG_LEVEL_ERROR, "upstream prematurely closed %s",
            whole ? "FastCGI stdout" : "connection");
        if (!whole && upstream_again(u))
            upstream_start(r);
        else
            upstream_fail(u, RULE_NGINX_UPSTREAM_FAILED, 502);
        return;
    }
    c->on_read = no_event;
    if (!r->header_only && u->left > 0) {
        log_error(c, LOG_LEVEL_ERROR, "upstream prematurely closed connection");
        upstream_tell(u, RULE_NGINX_UPSTREAM_FAILED, "broke off");
        r->keep_alive = false; /* the client sees the missing end */
        r->lingering = false;
    } else if (r->chunked_answer) {
        out_bytes(r, HTTP_LAST_CHUNK, sizeof(HTTP_LAST_CHUNK) - 1);
    }
    c->doing = NULL;
    if (!upstream_keep(u))
        upstream_free(r);
    request_send(r);
}

/* One read. RC_DECLINED: go on; RC_AGAIN: nothing more for now; RC_OK: the
 * program has closed the connection; otherwise what take says. */
static int
read_once(struct upstream *u)
{
    struct request *r = u->request;
    struct answer_buffer *b = take_buffer(u);
    ssize_t n;

    if (!b && u->buffers > (unsigned)r->location->fastcgi_buffers)
        return RC_AGAIN; /* the client has to take some first */
    if (!b) {
        log_error(r->conn, LOG_LEVEL_EMERG,
            "no buffer for the response (%d: %s)", ENOMEM, strerror(ENOMEM));
        return 500;
    }
    n = sys_recvfrom(r->worker->proc, u->source.fd, b->bytes,
        (size_t)r->location->fastcgi_buffers_size, 0, NULL, NULL);
    if (n > 0) {
        u->more = u->eof || n == r->location->fastcgi_buffers_size;
        upstream_arm(u, r->location->fastcgi_read_timeout);
        return take(u, b, (size_t)n);
    }
    recycle(&b->data);
    if (n == -EAGAIN) {
        u->readable = false;
        return RC_AGAIN;
    }
    if (n < 0)
        log_error(r->conn, LOG_LEVEL_ERROR, "recv() failed (%d: %s)", (int)-n,
            strerror((int)-n));
    return RC_OK;
}

/* Reads and sends in turn, until one of the two sides has to be waited for. */
void
upstream_read(struct upstream *u)
{
    struct request *r = u->request;
    int rc = RC_DECLINED, sent = RC_OK;

    while (sent == RC_OK && u->readable) {
        do
            rc = read_once(u);
        while (rc == RC_DECLINED && u->readable && !u->ended);
        if (rc == RC_DONE)
            return; /* X-Accel-Redirect: the request is elsewhere */
        if (rc >= 100 || rc == RC_ERROR) {
            upstream_fail(u, RULE_NGINX_UPSTREAM_FAILED, rc);
            return;
        }
        if (u->ended || rc == RC_OK ||
            (u->state == UPSTREAM_BODY && r->header_only)) {
            complete(u, u->ended || r->header_only);
            return;
        }
        sent = out_flush(r->conn);
    }
    if (sent == RC_ERROR)
        request_finish(r, RC_ERROR);
}
