/*
 * special.c: answers that are not a file: error pages, redirects, texts of
 * `return`. error_page may send the request somewhere else instead.
 */
#include "request.h"

#include <stdio.h>
#include <string.h>

/* The heading where it is not the reason of the status line. */
static const char *
title_of(unsigned status)
{
    switch (status) {
    case 302: return "Found";
    case 494: return "Bad Request";
    default: return http_reason(status);
    }
}

static bool
has_page(unsigned status)
{
    return status >= 300 && status != 304 && title_of(status) != NULL;
}

static struct http_text
page(struct request *r, unsigned status)
{
    bool too_large = status == 494;
    const char *title = title_of(status);
    unsigned shown = too_large ? 400 : status;
    const char *text = arena_printf(&r->arena,
        "<html>\r\n<head><title>%u %s</title></head>\r\n<body>\r\n"
        "<center><h1>%u %s</h1></center>\r\n%s"
        "<hr><center>nginx%s</center>\r\n</body>\r\n</html>\r\n",
        shown, too_large ? "Request Header Or Cookie Too Large" : title, shown,
        title,
        too_large ? "<center>Request Header Or Cookie Too Large</center>\r\n"
                  : "",
        r->location->server_tokens ? "/" SERVER_VERSION : "");

    return text ? http_text(text) : (struct http_text){0};
}

/* Errors after which the next bytes cannot be trusted to be a request. */
static void
settle_connection(struct request *r, unsigned status)
{
    switch (status) {
    case 400:
    case 413:
    case 414:
    case 494:
    case 500:
    case 501: r->keep_alive = false; break;
    default: break;
    }
    if (status == 400 || status == 494)
        r->lingering = false;
}

static void
clear_answer(struct request *r, unsigned status)
{
    if (status != 416) /* which says in Content-Range how much there is */
        r->headers = (struct http_headers){0};
    r->last_modified = -1;
    r->answer_length = -1;
    r->status_line = (struct http_text){0};
    r->own_date = r->own_server = false;
    r->allow_ranges = false;
}

static const struct error_page *
error_page_of(struct request *r, unsigned status)
{
    unsigned wanted = status == 494 ? 400 : status;

    if (r->answered_error && !r->location->recursive_error_pages)
        return NULL;
    for (struct error_page *e = r->location->error_pages; e; e = e->next)
        if (e->status == wanted || e->status == status)
            return e;
    return NULL;
}

static int
go_to_page(struct request *r, const struct error_page *e, unsigned status)
{
    struct http_text uri, args = {"", 0};
    const char *mark;

    r->answered_error = true;
    r->error_status = status == 494 ? 400 : status;
    if (e->overwrite > 0)
        r->error_status = (unsigned)e->overwrite;
    if (e->overwrite == 0)
        r->error_status = 0;
    r->expect_tested = true;
    if (value_text(r, e->uri, &uri) < 0)
        return RC_ERROR;
    if (uri.len > 0 && uri.at[0] == '@')
        return request_named_location(r, e->plain);
    if (uri.len > 0 && uri.at[0] == '/') {
        mark = memchr(uri.at, '?', uri.len);
        if (mark) {
            args.at = mark + 1;
            args.len = uri.len - (size_t)(mark - uri.at) - 1;
            uri.len = (size_t)(mark - uri.at);
            uri.at = arena_text(&r->arena, uri.at, uri.len);
            if (!uri.at)
                return RC_ERROR;
        }
        if (r->method_id != METHOD_HEAD) {
            r->method = http_text("GET");
            r->method_id = METHOD_GET;
        }
        return request_internal_redirect(r, uri, args);
    }
    r->location_url = uri;
    status = e->overwrite == 301 || e->overwrite == 303 ||
                     e->overwrite == 307 || e->overwrite == 308
                 ? (unsigned)e->overwrite
                 : 302;
    r->error_status = 0;
    return special_run(r, status);
}

int
special_run(struct request *r, unsigned status)
{
    const struct error_page *e = error_page_of(r, status);
    struct http_text body = {0};
    int rc;

    settle_connection(r, status);
    r->expect_tested = true;
    if (body_discard(r) != RC_OK)
        r->keep_alive = false;
    clear_answer(r, status);
    if (e)
        return go_to_page(r, e, status);
    if (status != 301 && status != 302 && status != 303 && status != 307 &&
        status != 308)
        r->location_url = (struct http_text){0};
    r->status = status == 494 ? 400 : status;
    r->type = (struct http_text){0};
    r->answer_length = 0;
    if (has_page(status)) {
        r->type = http_text("text/html");
        body = page(r, status);
        if (!body.at)
            return RC_ERROR;
        r->answer_length = (int64_t)body.len;
    }
    rc = header_send(r);
    if (rc == RC_OK && !r->header_only)
        out_bytes(r, body.at, body.len);
    return rc;
}

/* `return 200 text;` */
int
special_text(struct request *r, unsigned status, struct http_text body)
{
    int rc = body_discard(r);

    if (rc != RC_OK)
        return rc;
    if (status == 444)
        return 444;
    if (status == 204)
        body.len = 0;
    r->status = status;
    if (status != 204)
        r->type = type_of(r);
    r->answer_length = (int64_t)body.len;
    rc = header_send(r);
    if (rc == RC_OK && !r->header_only)
        out_bytes(r, body.at, body.len);
    return rc;
}
