/*
 * head.c: bytes to request line and header fields. The bytes lie in buffers
 * whose sizes the configuration limits: a small one first, then up to four
 * large ones; a line lies in one buffer as a whole, and moves with what is
 * there of it when its buffer is full. The request's texts point into these
 * buffers, which stay as they are until it has ended.
 */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
too_late(struct conn *c)
{
    struct request *r = c->request;

    log_error(
        c, LOG_LEVEL_INFO, "client timed out (110: Connection timed out)");
    if (r)
        request_abort(r, 408);
    else
        conn_close(c);
}

/* The buffer is full: the next one, with the unfinished line at its start.
 * RC_OK or the status. */
static int
next_buffer(struct request *r)
{
    struct head_buffer *b = &r->conn->head;
    size_t have = (size_t)(b->last - b->line);
    size_t size = (size_t)r->server->large_buffers_size;
    int too_large = r->line_done ? 494 : 414;
    uint8_t *start;

    if (have == 0 && r->large == 0 && b->start && !r->line_done) {
        b->line = b->last = b->start; /* empty lines, before any request */
        return RC_OK;
    }
    if (have >= size || r->large >= (unsigned)r->server->large_buffers)
        return too_large;
    start = arena_alloc(&r->arena, size);
    if (!start)
        return 500;
    memcpy(start, b->line, have);
    r->large++;
    *b = (struct head_buffer){start, start, start + have, start + size};
    return RC_OK;
}

static struct http_text
part(const uint8_t *line, struct http_part p)
{
    return (struct http_text){(const char *)line + p.at, p.end - p.at};
}

/* For the log: the request line as far as it has come. */
static void
keep_line(struct request *r)
{
    const struct head_buffer *b = &r->conn->head;
    const uint8_t *from = b->line, *end;

    while (from < b->last && (*from == '\r' || *from == '\n'))
        from++;
    for (end = from; end < b->last && *end != '\r' && *end != '\n';)
        end++;
    r->request_text = (struct http_text){
        arena_text(&r->arena, (const char *)from, (size_t)(end - from)),
        (size_t)(end - from)};
}

static int
read_line(struct request *r)
{
    struct head_buffer *b = &r->conn->head;
    enum http_line found =
        http_request_line(&r->line, b->line, (size_t)(b->last - b->line));
    struct http_part whole = {r->line.method.at, r->line.end};

    if (found != HTTP_LINE_AGAIN && found != HTTP_LINE_OK)
        keep_line(r);
    switch (found) {
    case HTTP_LINE_AGAIN: return RC_AGAIN;
    case HTTP_LINE_OK: break;
    case HTTP_LINE_METHOD:
        log_error(r->conn, LOG_LEVEL_INFO, "client sent invalid method");
        return 400;
    case HTTP_LINE_VERSION:
        log_error(r->conn, LOG_LEVEL_INFO, "client sent invalid version");
        return 505;
    default:
        log_error(r->conn, LOG_LEVEL_INFO, "client sent invalid request");
        return 400;
    }
    while (whole.end > whole.at && b->line[whole.end - 1] <= ' ')
        whole.end--;
    r->request_text = part(b->line, whole);
    r->method = part(b->line, r->line.method);
    r->target = part(b->line, r->line.target);
    r->target_host = part(b->line, r->line.host);
    b->line += r->line.end;
    r->length += r->line.end;
    r->line_done = true;
    r->conn->doing = "reading client request headers";
    return request_line_done(r);
}

static int
read_field(struct request *r)
{
    struct head_buffer *b = &r->conn->head;
    const uint8_t *line = b->line;
    struct http_header_line *f = &r->field;
    enum http_line found = http_header_line(f, line, (size_t)(b->last - line));
    struct http_text name, value;
    bool skip;

    if (found == HTTP_LINE_AGAIN)
        return RC_AGAIN;
    if (found != HTTP_LINE_OK && found != HTTP_LINE_EMPTY) {
        log_error(r->conn, LOG_LEVEL_INFO, "client sent invalid header line");
        return 400;
    }
    b->line += f->end;
    r->length += f->end;
    if (found == HTTP_LINE_EMPTY) {
        r->head_done = true;
        return RC_OK;
    }
    name = part(line, f->name);
    value = part(line, f->value);
    skip = f->invalid && r->server->ignore_invalid_headers;
    for (size_t i = 0; skip && i < name.len; i++)
        if (name.at[i] == '_' && r->server->underscores_in_headers)
            skip = false;
    *f = (struct http_header_line){0};
    return skip ? RC_OK : request_field(r, name, value);
}

/* All lines that are there. RC_OK: the head is complete. */
static int
parse(struct request *r)
{
    int rc = RC_OK;

    while (rc == RC_OK && !r->head_done)
        rc = r->line_done ? read_field(r) : read_line(r);
    return rc;
}

/* More bytes into the buffer. RC_OK, RC_AGAIN, RC_ERROR, or a status. */
static int
fill(struct request *r)
{
    struct conn *c = r->conn;
    struct head_buffer *b = &c->head;
    int rc = b->last < b->end ? RC_OK : next_buffer(r);
    ssize_t n;

    if (rc != RC_OK)
        return rc;
    n = conn_recv(c, b->last, (size_t)(b->end - b->last));
    if (n == -EAGAIN)
        return RC_AGAIN;
    if (n <= 0) {
        if (r->length > 0 || b->last > b->start)
            log_error(
                c, LOG_LEVEL_INFO, "client prematurely closed connection");
        return RC_ERROR;
    }
    b->last += n;
    if (c->state == CONN_WAITING)
        conn_move(c, CONN_READING);
    return RC_OK;
}

static void
no_reading(struct conn *c)
{
    (void)c; /* the bytes stay in the kernel until someone wants them */
}

static void
refuse(struct request *r, int status)
{
    conn_move(r->conn, CONN_ANSWERING);
    r->keep_alive = false;
    timer_cancel(&r->worker->timers, &r->conn->read_timer);
    r->conn->on_read = no_reading;
    if (status == 494)
        log_error(
            r->conn, LOG_LEVEL_INFO, "client sent too large header fields");
    if (status == 414) {
        keep_line(r);
        log_error(r->conn, LOG_LEVEL_INFO, "client sent too long URI");
    }
    request_finish(r, status);
}

/* --- the small buffer ----------------------------------------------------- */

/*
 * A connection has one while a head is being read and answered. An idle one
 * gives it back, as in nginx (ngx_http_set_keepalive), where most connections
 * are idle most of the time. The one that was given back last is taken first:
 * it is likely still in the processor's cache.
 */
struct head_spare {
    struct head_spare *next;
};

static size_t
small_size(const struct conn *c)
{
    size_t size = (size_t)c->listen->servers[0]->client_header_buffer_size;

    return size < sizeof(struct head_spare) ? sizeof(struct head_spare) : size;
}

static uint8_t *
take_small(struct conn *c)
{
    struct worker *w = c->worker;
    struct head_spare *b = w->spare_heads;

    if (!b || small_size(c) != w->spare_head_size)
        return malloc(small_size(c));
    w->spare_heads = b->next;
    w->nspare_heads--;
    return (uint8_t *)b;
}

void
head_give_back(struct conn *c)
{
    struct worker *w = c->worker;
    struct head_spare *b = (struct head_spare *)c->small;

    c->small = NULL;
    if (w->nspare_heads == 0)
        w->spare_head_size = small_size(c);
    if (!b || w->stopping || w->nspare_heads == REQUESTS_KEPT ||
        small_size(c) != w->spare_head_size) {
        free(b);
        return;
    }
    b->next = w->spare_heads;
    w->spare_heads = b;
    w->nspare_heads++;
}

void
heads_free(struct worker *w)
{
    while (w->spare_heads) {
        struct head_spare *b = w->spare_heads;

        w->spare_heads = b->next;
        free(b);
    }
    w->nspare_heads = 0;
}

/* --- reading -------------------------------------------------------------- */

/* The first buffer, and in it what came behind the request before. */
static bool
first_buffer(struct conn *c)
{
    size_t size = (size_t)c->listen->servers[0]->client_header_buffer_size;
    struct request *r = c->request;

    if (c->rest_len > size) {
        size = (size_t)r->server->large_buffers_size;
        if (size < c->rest_len)
            size = c->rest_len;
        c->head.start = arena_alloc(&r->arena, size);
        r->large = 1;
    } else {
        if (!c->small)
            c->small = take_small(c);
        c->head.start = c->small;
    }
    if (!c->head.start)
        return false;
    c->head.line = c->head.last = c->head.start;
    c->head.end = c->head.start + size;
    if (c->rest) {
        memcpy(c->head.start, c->rest, c->rest_len);
        c->head.last += c->rest_len;
        conn_move(c, CONN_READING);
        free(c->rest);
        c->rest = NULL;
        c->rest_len = 0;
    }
    return true;
}

static void
complete(struct request *r)
{
    struct conn *c = r->conn;
    int rc;

    conn_move(c, CONN_ANSWERING);
    timer_rest(&c->read_timer);
    c->on_read = no_reading;
    rc = request_head_done(r);
    if (rc != RC_OK) {
        request_finish(r, rc);
        return;
    }
    c->doing = NULL;
    phases_run(r);
}

void
head_read(struct conn *c)
{
    struct request *r = c->request;
    int rc;

    if (!r) {
        c->request = r = request_new(c);
        if (!r || !first_buffer(c)) {
            conn_close(c);
            return;
        }
        c->doing = "waiting for request";
    }
    do {
        rc = parse(r);
        if (rc == RC_AGAIN) {
            rc = fill(r);
            if (rc == RC_OK && !r->line_done)
                c->doing = "reading client request line";
            else if (rc == RC_AGAIN)
                break;
        }
        if (rc == RC_ERROR) {
            if (c->head.last > c->head.start)
                request_abort(r, 400); /* it broke off */
            else
                conn_close(c);
            return;
        }
        if (rc >= 100) {
            refuse(r, rc);
            return;
        }
    } while (!r->head_done);
    if (rc == RC_AGAIN) {
        c->on_late = too_late; /* one deadline, however slowly bytes drip */
        if (!timer_armed(&c->read_timer))
            conn_read_timer(c, r->server->client_header_timeout, too_late);
        return;
    }
    complete(r);
}

void
head_start(struct conn *c)
{
    c->on_read = head_read;
    c->on_write = NULL;
}
