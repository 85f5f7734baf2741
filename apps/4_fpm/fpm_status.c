/*
 * fpm_status.c: pm.status_path and ping.path. One table of rows, written as
 * text, JSON, HTML or XML, as the query asks: ?json, ?html, ?xml, with &full
 * for every worker. The listen queue is asked from the kernel at the moment
 * of the request; php-fpm's own figure is up to a second older.
 */
#include "sapi.h"
#include "sapi_php.h"

#include "zend_smart_str.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

enum style {
    TEXT,
    HTML,
    XML,
    JSON
};

struct page {
    smart_str out;
    enum style style;
    unsigned rows;
};

/* "accepted conn" is accepted-conn in XML. */
static void
put_tag(struct page *p, const char *label)
{
    for (; *label; label++)
        smart_str_appendc(&p->out, *label == ' ' ? '-' : *label);
}

static void
put_row(struct page *p, const char *label, const char *value, bool quoted)
{
    const char *quote = quoted ? "\"" : "";

    switch (p->style) {
    case TEXT:
        smart_str_append_printf(
            &p->out, "%s:%*s%s\n", label, (int)(21 - strlen(label)), "", value);
        break;
    case HTML:
        smart_str_append_printf(&p->out, "<tr><th>%s</th><td>", label);
        for (; *value; value++)
            if (*value == '<' || *value == '>' || *value == '&')
                smart_str_append_printf(&p->out, "&#%d;", *value);
            else
                smart_str_appendc(&p->out, *value);
        smart_str_appends(&p->out, "</td></tr>\n");
        break;
    case XML:
        smart_str_appendc(&p->out, '<');
        put_tag(p, label);
        smart_str_appendc(&p->out, '>');
        for (; *value; value++)
            if (*value == '<' || *value == '&')
                smart_str_append_printf(&p->out, "&#%d;", *value);
            else
                smart_str_appendc(&p->out, *value);
        smart_str_appends(&p->out, "</");
        put_tag(p, label);
        smart_str_appends(&p->out, ">\n");
        break;
    case JSON:
        smart_str_append_printf(
            &p->out, "%s\"%s\":%s", p->rows ? "," : "", label, quote);
        for (; *value; value++) {
            if (*value == '"' || *value == '\\')
                smart_str_appendc(&p->out, '\\');
            smart_str_appendc(&p->out, *value);
        }
        smart_str_appends(&p->out, quote);
    }
    p->rows++;
}

static void
put_word(struct page *p, const char *label, const char *value)
{
    put_row(p, label, *value ? value : "-", true);
}

static void
put_number(struct page *p, const char *label, uint64_t v)
{
    char buf[24];

    snprintf(buf, sizeof(buf), "%llu", (unsigned long long)v);
    put_row(p, label, buf, false);
}

/* People read a date, programs a number of seconds. */
static void
put_time(struct page *p, const char *label, time_t t)
{
    char buf[64];
    struct tm tm;

    if (p->style == JSON || p->style == XML) {
        put_number(p, label, (uint64_t)t);
        return;
    }
    localtime_r(&t, &tm);
    strftime(buf, sizeof(buf), "%d/%b/%Y:%H:%M:%S %z", &tm);
    put_row(p, label, buf, true);
}

/*
 * Connections that wait for accept, and how many may (listen.backlog): Linux
 * tells both through TCP_INFO of a listening socket.
 */
static void
put_queue(struct page *p, struct fpm *f)
{
    struct fpm_board *b = f->pool->board;
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    uint64_t room = (uint64_t)f->pool->conf->backlog;

    if (sys_getsockopt(f->proc, f->pool->listen_fd, IPPROTO_TCP, TCP_INFO,
            &info, &len) != 0)
        info = (struct tcp_info){0}; /* a Unix socket */
    if ((int)info.tcpi_unacked > b->queue_max)
        b->queue_max = (int)info.tcpi_unacked;
    put_number(p, "listen queue", info.tcpi_unacked);
    put_number(p, "max listen queue", (uint64_t)b->queue_max);
    put_number(
        p, "listen queue len", info.tcpi_sacked ? info.tcpi_sacked : room);
}

static void
put_pool(struct page *p, struct fpm *f)
{
    const struct fpm_board *b = f->pool->board;
    struct fpm_counts c = fpm_board_count(b);
    const struct timers *t = fpm_env(f)->timers;
    int64_t since = t->now.ns - b->started_ns;

    put_word(p, "pool", b->pool);
    put_word(p, "process manager", fpm_pm_name(b->pm));
    put_time(p, "start time", (time_t)(t->epoch + b->started_ns / LW_S));
    put_number(p, "start since", (uint64_t)(since / LW_S));
    put_number(p, "accepted conn", b->accepted);
    put_queue(p, f);
    put_number(p, "idle processes", (uint64_t)c.idle);
    put_number(p, "active processes", (uint64_t)c.active);
    put_number(p, "total processes", (uint64_t)c.total);
    put_number(p, "max active processes", (uint64_t)b->active_max);
    put_number(p, "max children reached", (uint64_t)b->max_children_reached);
    put_number(p, "slow requests", 0);
}

static void
put_worker(struct page *p, struct fpm *f, const struct fpm_slot *s)
{
    const struct timers *t = fpm_env(f)->timers;
    bool idle = s->stage == FPM_STAGE_IDLE;
    char uri[sizeof(s->uri) + sizeof(s->query) + 2];
    int64_t took = idle ? s->duration_ns : t->now.ns - s->accepted_ns;

    snprintf(
        uri, sizeof(uri), "%s%s%s", s->uri, *s->query ? "?" : "", s->query);
    put_number(p, "pid", (uint64_t)s->pid);
    put_word(p, "state", fpm_stage_name(s->stage));
    put_time(p, "start time", (time_t)(t->epoch + s->started_ns / LW_S));
    put_number(
        p, "start since", (uint64_t)((t->now.ns - s->started_ns) / LW_S));
    put_number(p, "requests", s->requests);
    put_number(p, "request duration", (uint64_t)(took / LW_US));
    put_word(p, "request method", s->method);
    put_word(p, p->style == TEXT ? "request URI" : "request uri", uri);
    put_number(p, "content length", s->content_length);
    put_word(p, "user", s->user);
    put_word(p, "script", s->script);
    put_row(p, "last request cpu", "0.00", false);
    put_number(p, "last request memory", idle ? s->memory : 0);
}

/* What stands around the pool's rows, the workers, and each worker. */
static const struct frame {
    const char *type, *begin, *workers, *worker, *between, *worker_end,
        *workers_end, *end;
} frames[] = {
    [TEXT] = {"text/plain", "", "", "\n************************\n", "", "", "",
        ""},
    [HTML] = {"text/html",
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>PHP-FPM Status "
        "Page</title></head>\n<body>\n<table>\n",
        "</table>\n", "<table border=\"1\">\n", "", "</table>\n", "<table>\n",
        "</table>\n</body></html>"},
    [XML] = {"text/xml", "<?xml version=\"1.0\" ?>\n<status>\n",
        "<processes>\n", "<process>", "", "</process>\n", "</processes>\n",
        "</status>"},
    [JSON] = {"application/json", "{", ",\"processes\":[", "{", ",", "}", "]",
        "}"},
};

static void
put_workers(struct page *p, struct fpm *f)
{
    const struct frame *frame = &frames[p->style];
    const struct fpm_board *b = f->pool->board;
    bool first = true;

    smart_str_appends(&p->out, frame->workers);
    for (int i = 0; i < b->nslots; i++) {
        if (!b->slots[i].pid)
            continue;
        if (!first)
            smart_str_appends(&p->out, frame->between);
        first = false;
        smart_str_appends(&p->out, frame->worker);
        p->rows = 0;
        put_worker(p, f, &b->slots[i]);
        smart_str_appends(&p->out, frame->worker_end);
    }
    smart_str_appends(&p->out, frame->workers_end);
}

/* Whether the query has this name: ?full&json */
static bool
asked(const char *query, const char *name)
{
    size_t len = strlen(name), n;

    for (; query && *query; query += n + (query[n] == '&')) {
        n = strcspn(query, "&");
        if (n >= len && memcmp(query, name, len) == 0 &&
            (n == len || query[len] == '='))
            return true;
    }
    return false;
}

static void
add_header(const char *text)
{
    sapi_add_header_ex((char *)text, strlen(text), 1, 1);
}

static void
answer(struct fpm *f, bool type_first, const char *type, const char *text,
    size_t len)
{
    char content[64];

    fpm_slot_move(fpm_env(f), f->pool->board, f->slot, FPM_STAGE_RUNNING);
    snprintf(content, sizeof(content), "Content-Type: %s", type);
    if (type_first)
        add_header(content);
    add_header("Expires: Thu, 01 Jan 1970 00:00:00 GMT");
    add_header("Cache-Control: no-cache, no-store, must-revalidate, max-age=0");
    if (!type_first)
        add_header(content);
    SG(sapi_headers).http_response_code = 200;
    if (!SG(request_info).headers_only)
        php_output_write(text, len);
}

static void
answer_status(struct fpm *f)
{
    const char *query = SG(request_info).query_string;
    struct page p = {.style = asked(query, "html")   ? HTML
                              : asked(query, "xml")  ? XML
                              : asked(query, "json") ? JSON
                                                     : TEXT};

    smart_str_appends(&p.out, frames[p.style].begin);
    put_pool(&p, f);
    if (asked(query, "full"))
        put_workers(&p, f);
    smart_str_appends(&p.out, frames[p.style].end);
    smart_str_0(&p.out);
    answer(
        f, false, frames[p.style].type, ZSTR_VAL(p.out.s), ZSTR_LEN(p.out.s));
    smart_str_free(&p.out);
}

bool
fpm_status(struct fpm *f)
{
    const struct fpm_pool *pool = f->pool->conf;
    const char *uri = SG(request_info).request_uri;

    if (uri && pool->ping_path && strcmp(uri, pool->ping_path) == 0) {
        answer(f, true, "text/plain", pool->ping_response,
            strlen(pool->ping_response));
        return true;
    }
    if (uri && pool->status_path && strcmp(uri, pool->status_path) == 0) {
        answer_status(f);
        return true;
    }
    return false;
}
