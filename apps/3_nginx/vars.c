/*
 * vars.c: the built-in variables, each a small function of the request.
 * Names are in lower case here; the configuration may write them as it likes.
 */
#include "request.h"

#include <stdio.h>
#include <string.h>

#define GETTER(name)                                                           \
    static bool name(                                                          \
        struct request *r, struct http_text rest, struct http_text *out)

GETTER(get_uri)
{
    (void)rest;
    *out = r->uri;
    return true;
}

GETTER(get_args)
{
    (void)rest;
    *out = r->args;
    return true;
}

GETTER(get_is_args)
{
    (void)rest;
    *out = http_text(r->args.len > 0 ? "?" : "");
    return true;
}

GETTER(get_request_uri)
{
    (void)rest;
    *out = r->target;
    return true;
}

GETTER(get_method)
{
    (void)rest;
    *out = r->method;
    return true;
}

GETTER(get_request)
{
    (void)rest;
    *out = r->request_text;
    return true;
}

GETTER(get_host)
{
    (void)rest;
    *out = r->host.len > 0 ? r->host : http_text(r->server->name);
    return true;
}

GETTER(get_server_name)
{
    (void)rest;
    *out = http_text(r->server->name);
    return true;
}

GETTER(get_server_addr)
{
    (void)rest;
    *out = http_text(conn_local(r->conn));
    return true;
}

GETTER(get_protocol)
{
    (void)rest;
    *out = http_text(r->version == 9      ? "HTTP/0.9"
                     : r->version == 1000 ? "HTTP/1.0"
                                          : "HTTP/1.1");
    if (r->version > 1001)
        out->at = arena_printf(&r->arena, "HTTP/1.%u", r->version - 1000);
    return out->at != NULL;
}

GETTER(get_scheme)
{
    (void)r;
    (void)rest;
    *out = http_text("http");
    return true;
}

GETTER(get_empty) /* $https, $remote_user: nothing here sets them */
{
    (void)r;
    (void)rest;
    *out = http_text("");
    return true;
}

GETTER(get_remote_addr)
{
    (void)rest;
    *out = http_text(r->conn->peer_text);
    return true;
}

GETTER(get_version)
{
    (void)r;
    (void)rest;
    *out = http_text(SERVER_VERSION);
    return true;
}

GETTER(get_document_root)
{
    (void)rest;
    return value_text(r, r->location->root->value, out) == 0;
}

GETTER(get_filename)
{
    (void)rest;
    return path_of(r, r->uri, out) == 0;
}

GETTER(get_content_type)
{
    (void)rest;
    *out = r->content_type.at ? r->content_type : http_text("");
    return true;
}

/* --- numbers ------------------------------------------------------------- */

static bool
number(struct request *r, unsigned long long n, struct http_text *out)
{
    char *text = arena_printf(&r->arena, "%llu", n);

    *out = text ? http_text(text) : (struct http_text){0};
    return text != NULL;
}

GETTER(get_content_length)
{
    (void)rest;
    *out = http_text("");
    if (r->chunked && r->body.complete)
        return number(r, r->body.len, out);
    return r->has_length ? number(r, r->content_length, out) : true;
}

GETTER(get_server_port)
{
    (void)rest;
    conn_local(r->conn);
    return number(r, r->conn->local_port, out);
}

GETTER(get_remote_port)
{
    (void)rest;
    return number(r, r->conn->peer_port, out);
}

GETTER(get_status)
{
    (void)rest;
    out->at = arena_printf(&r->arena, "%03u", r->status);
    out->len = 3;
    return out->at != NULL;
}

GETTER(get_bytes_sent)
{
    (void)rest;
    return number(r, r->conn->sent, out);
}

GETTER(get_body_bytes_sent)
{
    (void)rest;
    return number(r,
        r->conn->sent > r->header_size ? r->conn->sent - r->header_size : 0,
        out);
}

GETTER(get_request_length)
{
    (void)rest;
    return number(r, r->length + r->body.len, out);
}

GETTER(get_connection)
{
    (void)rest;
    return number(r, r->conn->number, out);
}

GETTER(get_connection_requests)
{
    (void)rest;
    return number(r, r->conn->requests, out);
}

GETTER(get_pid)
{
    (void)rest;
    return number(r, (unsigned long long)sys_getpid(r->worker->proc), out);
}

/* --- time ---------------------------------------------------------------- */

GETTER(get_request_time)
{
    int64_t ms = instant_diff(r->worker->timers.now, r->started) / LW_MS;

    (void)rest;
    out->at = arena_printf(&r->arena, "%lld.%03lld", (long long)(ms / 1000),
        (long long)(ms % 1000));
    *out = out->at ? http_text(out->at) : *out;
    return out->at != NULL;
}

GETTER(get_time_local)
{
    struct http_clock t = http_clock(worker_time(r->worker));

    (void)rest;
    out->at = arena_printf(&r->arena, "%02d/%s/%04d:%02d:%02d:%02d +0000",
        t.day, http_month(t.month), t.year, t.hour, t.minute, t.second);
    *out = out->at ? http_text(out->at) : *out;
    return out->at != NULL;
}

GETTER(get_time_iso)
{
    struct http_clock t = http_clock(worker_time(r->worker));

    (void)rest;
    out->at = arena_printf(&r->arena, "%04d-%02d-%02dT%02d:%02d:%02d+00:00",
        t.year, t.month, t.day, t.hour, t.minute, t.second);
    *out = out->at ? http_text(out->at) : *out;
    return out->at != NULL;
}

/* --- FastCGI ------------------------------------------------------------- */

/* fastcgi_split_path_info: "/a.php/b" is script "/a.php", info "/b". */
static void
split(struct request *r, struct http_text *script, struct http_text *info)
{
    struct location *l = r->location;
    struct captures c = {0};

    *script = r->uri;
    *info = http_text("");
    if (!l->fastcgi_split || !regex_match(l->fastcgi_split, r->uri, &c, NULL) ||
        c.count < 3)
        return;
    *script = (struct http_text){r->uri.at + c.at[2], c.at[3] - c.at[2]};
    *info = (struct http_text){r->uri.at + c.at[4], c.at[5] - c.at[4]};
}

GETTER(get_script_name)
{
    struct http_text script, info, index;

    (void)rest;
    split(r, &script, &info);
    *out = script;
    if (script.len == 0 || script.at[script.len - 1] != '/' ||
        !r->location->fastcgi_index)
        return true;
    if (value_text(r, r->location->fastcgi_index, &index) < 0)
        return false;
    out->at =
        arena_printf(&r->arena, "%.*s%s", (int)script.len, script.at, index.at);
    out->len = script.len + index.len;
    return out->at != NULL;
}

GETTER(get_path_info)
{
    struct http_text script;

    (void)rest;
    split(r, &script, out);
    return true;
}

/* --- families: $arg_x, $http_x, $cookie_x, $sent_http_x ------------------ */

static bool
same_name(struct http_text field, struct http_text name)
{
    if (field.len != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = field.at[i];

        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if ((c == '-' ? '_' : c) != name.at[i])
            return false;
    }
    return true;
}

static void
find_field(
    const struct http_headers *h, struct http_text name, struct http_text *out)
{
    *out = http_text("");
    for (const struct http_header *f = h->first; f; f = f->next)
        if (same_name(f->name, name)) {
            *out = f->value;
            return;
        }
}

GETTER(get_http)
{
    find_field(&r->fields, rest, out);
    return true;
}

GETTER(get_sent_http)
{
    find_field(&r->headers, rest, out);
    if (http_text_is(rest, "content_type"))
        *out = r->type.at ? r->type : http_text("");
    return true;
}

/* "name=value" between separators; names do not care for case. */
static bool
find_pair(struct http_text in, const char *separators, struct http_text name,
    struct http_text *out)
{
    const char *at = in.at, *end = in.at + in.len;

    while (at < end) {
        const char *stop = at;

        while (stop < end && !strchr(separators, *stop))
            stop++;
        if ((size_t)(stop - at) > name.len && at[name.len] == '=' &&
            same_name((struct http_text){at, name.len}, name)) {
            at += name.len + 1;
            *out = (struct http_text){at, (size_t)(stop - at)};
            return true;
        }
        at = stop + 1;
    }
    return false;
}

GETTER(get_arg)
{
    *out = http_text("");
    find_pair(r->args, "&", rest, out);
    return true;
}

GETTER(get_cookie)
{
    *out = http_text("");
    for (const struct http_header *f = r->fields.first; f; f = f->next)
        if (http_text_is_nocase(f->name, "cookie") &&
            find_pair(f->value, "; ", rest, out))
            break;
    return true;
}

static const struct {
    const char *name;
    bool (*get)(
        struct request *r, struct http_text rest, struct http_text *out);
} table[] = {{"uri", get_uri}, {"document_uri", get_uri}, {"args", get_args},
    {"query_string", get_args}, {"is_args", get_is_args},
    {"request_uri", get_request_uri}, {"request_method", get_method},
    {"request", get_request}, {"host", get_host}, {"hostname", get_host},
    {"server_name", get_server_name}, {"server_addr", get_server_addr},
    {"server_port", get_server_port}, {"server_protocol", get_protocol},
    {"scheme", get_scheme}, {"https", get_empty}, {"remote_user", get_empty},
    {"remote_addr", get_remote_addr}, {"remote_port", get_remote_port},
    {"nginx_version", get_version}, {"document_root", get_document_root},
    {"realpath_root", get_document_root}, {"request_filename", get_filename},
    {"content_type", get_content_type}, {"content_length", get_content_length},
    {"status", get_status}, {"bytes_sent", get_bytes_sent},
    {"body_bytes_sent", get_body_bytes_sent},
    {"request_length", get_request_length}, {"connection", get_connection},
    {"connection_requests", get_connection_requests}, {"pid", get_pid},
    {"request_time", get_request_time}, {"time_local", get_time_local},
    {"time_iso8601", get_time_iso}, {"fastcgi_script_name", get_script_name},
    {"fastcgi_path_info", get_path_info}},
  families[] = {{"arg_", get_arg}, {"http_", get_http}, {"cookie_", get_cookie},
      {"sent_http_", get_sent_http}};

bool
vars_find(const char *name, size_t len, struct value_part *out)
{
    struct http_text t = {name, len};

    for (size_t i = 0; i < LW_COUNT(table); i++)
        if (http_text_is(t, table[i].name)) {
            out->get = table[i].get;
            out->text = (struct http_text){0};
            return true;
        }
    for (size_t i = 0; i < LW_COUNT(families); i++) {
        size_t n = strlen(families[i].name);

        if (len <= n || memcmp(name, families[i].name, n) != 0)
            continue;
        out->get = families[i].get;
        out->text = (struct http_text){name + n, len - n};
        return true;
    }
    return false;
}
