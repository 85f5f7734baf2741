/*
 * header.c: the head of the answer, its fields in nginx's order: Server,
 * Date, Content-Type, Content-Length, Last-Modified, Location,
 * Transfer-Encoding, Connection, then the others.
 */
#include "request.h"

#include <stdio.h>
#include <string.h>

int
header_add(struct request *r, const char *name, struct http_text value)
{
    return http_headers_put(&r->headers, &r->arena, http_text(name), value) == 0
               ? RC_OK
               : RC_ERROR;
}

static void
put_t(struct writer *w, struct http_text t)
{
    put_bytes(w, t.at, t.len);
}

/* Of the length that all dates have. */
static inline void
put_date(struct writer *w, const char *name, const char *date)
{
    put_text(w, name);
    put_bytes(w, date, HTTP_DATE_LEN);
    put_text(w, "\r\n");
}

static void
put_number(struct writer *w, int64_t n)
{
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    char text[24], *at = text + sizeof text;

    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (n < 0)
        *--at = '-';
    put_bytes(w, at, (size_t)(text + sizeof text - at));
}

static void
put_status(struct writer *w, struct request *r)
{
    const char *reason;

    if (r->status == 200 && r->status_line.len == 0) {
        put_text(w, "HTTP/1.1 200 OK\r\n");
        return;
    }
    reason = http_reason(r->status);
    put_text(w, "HTTP/1.1 ");
    if (r->status_line.len > 0) {
        put_t(w, r->status_line);
    } else {
        put_number(w, r->status);
        put_text(w, " ");
        put_text(w, reason ? reason : "");
    }
    put_text(w, "\r\n");
}

/* absolute_redirect: "/there" becomes "http://host:port/there". */
static void
put_location(struct writer *w, struct request *r)
{
    struct http_text url = r->location_url;
    struct http_text host = r->host;

    put_text(w, "Location: ");
    if (url.at[0] == '/' && r->location->absolute_redirect) {
        const char *local = conn_local(r->conn);

        if (r->location->server_name_in_redirect && *r->server->name)
            host = http_text(r->server->name);
        else if (host.len == 0)
            host = http_text(local);
        put_text(w, "http://");
        put_t(w, host);
        if (r->location->port_in_redirect && r->conn->local_port != 80 &&
            r->conn->local_port != 0) {
            put_text(w, ":");
            put_number(w, r->conn->local_port);
        }
    }
    for (size_t i = 0; i < url.len; i++) { /* no second line can begin here */
        unsigned char c = (unsigned char)url.at[i];
        char code[4];

        snprintf(code, sizeof(code), "%%%02X", c);
        if (c < 0x20 || c == 0x7f)
            put_text(w, code);
        else
            put_u8(w, c);
    }
    put_text(w, "\r\n");
}

static void
put_connection(struct writer *w, struct request *r)
{
    if (!r->keep_alive) {
        put_text(w, "Connection: close\r\n");
        return;
    }
    put_text(w, "Connection: keep-alive\r\n");
    if (r->location->keepalive_header > 0) {
        put_text(w, "Keep-Alive: timeout=");
        put_number(w, r->location->keepalive_header / 1000);
        put_text(w, "\r\n");
    }
}

/* What the status and the version change, before anything is written. */
static void
settle(struct request *r)
{
    bool bodiless = r->status < 200 || r->status == 204 || r->status == 304;

    if (r->method_id == METHOD_HEAD || bodiless)
        r->header_only = true;
    if (bodiless)
        r->answer_length = -1;
    if (r->status == 304)
        r->type = (struct http_text){0};
    if (r->status != 200 && r->status != 206 && r->status != 304)
        r->last_modified = -1;
    if (r->header_only || r->answer_length >= 0)
        return;
    if (r->version < 1001)
        r->keep_alive = false; /* the end of the connection ends the body */
    else
        r->chunked_answer = true;
}

static size_t
size_of(const struct request *r)
{
    size_t n = 1024 + r->type.len + r->location_url.len * 3 + r->host.len +
               strlen(r->server->name) + r->status_line.len;

    for (struct http_header *h = r->headers.first; h; h = h->next)
        n += h->name.len + h->value.len + 4;
    return n;
}

int
header_send(struct request *r)
{
    struct writer w;
    char body[32];
    size_t size = size_of(r);
    bool absolute = r->location_url.len > 0 && r->location_url.at[0] == '/' &&
                    r->location->absolute_redirect;

    if (r->header_sent)
        return RC_OK;
    r->header_sent = true;
    if (r->error_status)
        r->status = r->error_status;
    settle(r);
    if (journal_wants(r->worker->env->journal, EV_NGINX_RESPONSE))
        snprintf(body, sizeof body, "%lld bytes", (long long)r->answer_length);
    journal_enter(r->worker->env->journal,
        NOTE(r->worker->env, EV_NGINX_RESPONSE, RULE_HTTP_RESPONSE,
            f_u64("conn", r->conn->number), f_u64("status", r->status),
            f_i64("len", r->answer_length),
            f_text("body", r->answer_length >= 0
                               ? body
                               : "and how many bytes is not known yet")));
    if (r->version == 9)
        return RC_OK;
    w = writer_of(arena_alloc(&r->arena, size), size);
    if (!w.start)
        return RC_ERROR;
    put_status(&w, r);
    if (!r->own_server)
        put_text(&w, r->location->server_tokens
                         ? "Server: nginx/" SERVER_VERSION "\r\n"
                         : "Server: nginx\r\n");
    if (!r->own_date)
        put_date(&w, "Date: ", worker_date(r->worker));
    if (r->type.len > 0) {
        put_text(&w, "Content-Type: ");
        put_t(&w, r->type);
        put_text(&w, "\r\n");
    }
    if (r->answer_length >= 0) {
        put_text(&w, "Content-Length: ");
        put_number(&w, r->answer_length);
        put_text(&w, "\r\n");
    }
    if (r->last_modified >= 0)
        put_date(&w,
            "Last-Modified: ", worker_modified(r->worker, r->last_modified));
    if (absolute)
        put_location(&w, r);
    if (r->chunked_answer)
        put_text(&w, "Transfer-Encoding: chunked\r\n");
    put_connection(&w, r);
    if (!absolute && r->location_url.len > 0)
        put_location(&w, r);
    for (struct http_header *h = r->headers.first; h; h = h->next) {
        put_t(&w, h->name);
        put_text(&w, ": ");
        put_t(&w, h->value);
        put_text(&w, "\r\n");
    }
    put_text(&w, "\r\n");
    r->header_size = writer_len(&w);
    out_bytes(r, w.start, writer_len(&w));
    return w.over ? RC_ERROR : RC_OK;
}
