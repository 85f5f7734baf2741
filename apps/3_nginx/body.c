/*
 * body.c: the body of a request: read whole before the program behind hears
 * of it (fastcgi_request_buffering on), or thrown away when nobody wants it.
 *
 * Bodies stay in memory, bounded by client_max_body_size; real nginx moves
 * what is above client_body_buffer_size to a file.
 */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN 16384
#define BLOCK_MAX (256 * 1024)
/* With client_max_body_size 0, memory is the limit. */
#define MEMORY_MAX (64u << 20)

/* RFC 9110 10.1.1: a client that asks first is told to go on. */
static int
test_expect(struct request *r)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct http_header *h;
    ssize_t n;

    if (r->expect_tested || r->version < 1001)
        return RC_OK;
    r->expect_tested = true;
    h = r->known[KNOWN_EXPECT];
    if (!h || !http_text_is_nocase(h->value, "100-continue"))
        return RC_OK;
    n = sys_sendto(r->worker->proc, r->conn->source.fd, go_on,
        sizeof(go_on) - 1, 0, NULL, 0);
    return n == (ssize_t)sizeof(go_on) - 1 ? RC_OK : 500;
}

bool
body_unread(const struct request *r)
{
    if (r->body.complete)
        return false;
    return r->chunked || r->body.left > 0;
}

static int
append(struct request *r, const uint8_t *at, size_t len)
{
    struct body *b = &r->body;

    while (len > 0) {
        struct body_block *last = b->last;
        size_t n;

        if (!last || last->len == last->room) {
            size_t room = last ? last->room * 2 : BLOCK_MIN;
            struct body_block *k;

            if (!last && r->has_length && b->left + len < BLOCK_MAX)
                room = (size_t)b->left + len;
            if (room > BLOCK_MAX)
                room = BLOCK_MAX;
            k = arena_alloc(&r->arena, sizeof(*k) + room);
            if (!k || b->len + len > MEMORY_MAX)
                return 500;
            k->room = room;
            if (last)
                last->next = k;
            else
                b->first = k;
            b->last = last = k;
        }
        n = last->room - last->len;
        if (n > len)
            n = len;
        memcpy(last->data + last->len, at, n);
        last->len += n;
        b->len += n;
        at += n;
        len -= n;
    }
    return RC_OK;
}

/* client_max_body_size: what has come and what the present chunk announces */
static bool
too_large(struct request *r)
{
    uint64_t max = (uint64_t)r->location->client_max_body_size;
    uint64_t len = r->body.len + http_chunked_left(&r->body.chunks);

    if (max == 0 || r->discard || len <= max)
        return false;
    log_error(r->conn, LOG_LEVEL_ERROR,
        "client intended to send too large chunked body: %llu bytes",
        (unsigned long long)len);
    return true;
}

static int
take_chunked(struct request *r, struct cursor *in)
{
    struct body *b = &r->body;
    int rc = RC_OK;

    while (rc == RC_OK) {
        enum http_step step = http_chunked_parse(&b->chunks, in);

        if (step == HTTP_BAD) {
            log_error(
                r->conn, LOG_LEVEL_INFO, "client sent invalid chunked body");
            b->complete = true; /* where it ends, nobody knows */
            return 400;
        }
        if (step == HTTP_PIECE && !r->discard)
            rc = append(r, b->chunks.piece, b->chunks.piece_len);
        if (step == HTTP_PIECE && too_large(r))
            return 413;
        b->complete = step == HTTP_DONE;
        if (step != HTTP_PIECE)
            return b->complete ? RC_OK : RC_AGAIN;
    }
    return rc;
}

/* Uses up bytes of the body. RC_OK: complete; RC_AGAIN: more to come. */
static int
take(struct request *r, struct cursor *in)
{
    struct body *b = &r->body;
    size_t n = cursor_left(in);
    int rc = RC_OK;

    if (b->chunked)
        return take_chunked(r, in);
    if (n > b->left)
        n = (size_t)b->left;
    b->left -= n;
    if (!r->discard)
        rc = append(r, in->at, n);
    get_bytes(in, n);
    if (rc != RC_OK)
        return rc;
    b->complete = b->left == 0;
    return b->complete ? RC_OK : RC_AGAIN;
}

/* What came together with the head. */
static int
take_early(struct request *r)
{
    struct head_buffer *b = &r->conn->head;
    struct cursor in = cursor_of(b->line, (size_t)(b->last - b->line));
    int rc = take(r, &in);

    b->line = b->last - cursor_left(&in);
    return rc;
}

/* All that the socket has now. */
static int
take_more(struct request *r)
{
    struct conn *c = r->conn;
    size_t size = 65536;
    uint8_t *buf = malloc(size);
    int rc = buf ? RC_AGAIN : 500;

    while (rc == RC_AGAIN) {
        size_t want = size;
        struct cursor in;
        ssize_t n;

        /* Not a byte beyond the body: the next request may follow. */
        if (!r->body.chunked && want > r->body.left)
            want = (size_t)r->body.left;
        n = conn_recv(c, buf, want);
        if (n == -EAGAIN)
            break;
        if (n <= 0) {
            log_error(
                c, LOG_LEVEL_INFO, "client prematurely closed connection");
            rc = 400;
            break;
        }
        in = cursor_of(buf, (size_t)n);
        rc = take(r, &in);
        if (rc == RC_OK && cursor_left(&in) > 0) { /* the next request */
            struct head_buffer *b = &c->head;
            size_t rest = cursor_left(&in);

            b->start = arena_alloc(&r->arena, rest);
            if (!b->start) {
                rc = 500;
                break;
            }
            memcpy(b->start, in.at, rest);
            b->line = b->start;
            b->last = b->end = b->start + rest;
        }
    }
    free(buf);
    return rc;
}

/* --- reading ------------------------------------------------------------- */

static void
nothing(struct conn *c)
{
    (void)c;
}

static void
late(struct conn *c)
{
    log_error(
        c, LOG_LEVEL_INFO, "client timed out (110: Connection timed out)");
    request_finish(c->request, 408);
}

static void
on_body(struct conn *c)
{
    struct request *r = c->request;
    int rc = take_more(r);

    if (rc == RC_AGAIN) {
        conn_read_timer(c, r->location->client_body_timeout, late);
        return;
    }
    timer_cancel(&r->worker->timers, &c->read_timer);
    c->on_read = nothing;
    c->doing = NULL;
    if (rc == RC_OK) {
        r->body.ready(r);
    } else {
        r->keep_alive = false;
        request_finish(r, rc);
    }
}

int
body_read(struct request *r, void (*ready)(struct request *r))
{
    struct conn *c = r->conn;
    int rc;

    if (r->body.started)
        return RC_OK;
    r->body.started = true;
    r->body.ready = ready;
    rc = test_expect(r);
    if (rc != RC_OK || !body_unread(r))
        return rc;
    rc = take_early(r);
    if (rc != RC_AGAIN)
        return rc;
    c->doing = "reading client request body";
    rc = take_more(r);
    if (rc != RC_AGAIN) {
        c->doing = NULL;
        return rc;
    }
    c->on_read = on_body;
    conn_read_timer(c, r->location->client_body_timeout, late);
    return RC_AGAIN;
}

/* --- throwing away ------------------------------------------------------- */

static void
on_discard(struct conn *c)
{
    struct request *r = c->request;
    int rc = take_more(r);
    int64_t left;

    if (rc != RC_OK && rc != RC_AGAIN)
        r->keep_alive = r->lingering = false;
    if (!r->finished) {
        if (rc != RC_AGAIN)
            c->on_read = nothing;
        return;
    }
    left = c->linger_until - r->worker->timers.now.ns;
    if (rc == RC_AGAIN && left > 0) { /* lingering_time, lingering_timeout */
        int64_t ms = r->location->lingering_timeout;

        conn_read_timer(c, ms * LW_MS < left ? ms : left / LW_MS, conn_close);
        return;
    }
    c->on_read = nothing;
    if (rc == RC_AGAIN)
        conn_close(c);
    else
        request_leave(r);
}

int
body_discard(struct request *r)
{
    int rc;

    if (r->finished) { /* answered already: only then may the next one come */
        r->conn->linger_until =
            r->worker->timers.now.ns + r->location->lingering_time * LW_MS;
        r->conn->on_read = on_discard;
        on_discard(r->conn);
        return RC_OK;
    }
    if (r->discard || r->body.started)
        return RC_OK;
    rc = test_expect(r);
    if (rc != RC_OK || !body_unread(r))
        return rc;
    r->discard = true;
    rc = take_early(r);
    if (rc == RC_AGAIN)
        rc = take_more(r);
    if (rc != RC_AGAIN)
        return rc;
    r->conn->on_read = on_discard;
    return RC_OK;
}
