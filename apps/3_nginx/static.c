/*
 * static.c: the phase CONTENT for files: open, look, send head and file.
 */
#include "request.h"
#include "http_uri.h"

#include <errno.h>
#include <string.h>

struct http_text
type_of(struct request *r)
{
    struct location *l = r->location;
    char ext[32];
    size_t n = 0, dot = r->uri.len;
    const char *type;

    while (dot > 0 && r->uri.at[dot - 1] != '.' && r->uri.at[dot - 1] != '/')
        dot--;
    if (dot == 0 || r->uri.at[dot - 1] != '.' ||
        r->uri.len - dot >= sizeof(ext))
        return http_text(l->default_type);
    for (; dot < r->uri.len; dot++) {
        char c = r->uri.at[dot];

        ext[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    ext[n] = '\0';
    type = conf_type_of(l->types, ext);
    return http_text(type ? type : l->default_type);
}

static int
cannot_open(struct request *r, const char *path, const struct file_info *f)
{
    bool missing =
        f->err == ENOENT || f->err == ENOTDIR || f->err == ENAMETOOLONG;

    if (!missing || r->location->log_not_found)
        log_error(r->conn,
            missing || f->err == EACCES ? LOG_LEVEL_ERROR : LOG_LEVEL_CRIT,
            "%s \"%s\" failed (%d: %s)", f->failed, path, f->err,
            strerror(f->err));
    if (missing)
        return 404;
    return f->err == EACCES ? 403 : 500;
}

/* /dir without its slash: relative links would lead elsewhere. */
static int
add_slash(struct request *r)
{
    struct http_text uri = http_uri_escape(&r->arena, r->uri);

    if (!uri.at)
        return 500;
    r->location_url.at =
        r->args.len > 0
            ? arena_printf(&r->arena, "%.*s/?%.*s", (int)uri.len, uri.at,
                  (int)r->args.len, r->args.at)
            : arena_printf(&r->arena, "%.*s/", (int)uri.len, uri.at);
    if (!r->location_url.at)
        return 500;
    r->location_url.len = strlen(r->location_url.at);
    return 301;
}

/* Lower case, without leading zeros; its end. */
static char *
put_hex(char *to, uint64_t v)
{
    char digits[16];
    unsigned n = 0;

    do
        digits[n++] = "0123456789abcdef"[v & 15];
    while (v >>= 4);
    while (n > 0)
        *to++ = digits[--n];
    return to;
}

/* As nginx makes it: "time of change-size"; at NULL: no memory. */
static struct http_text
etag_of(struct request *r, const struct file_info *f)
{
    char *etag = arena_alloc(&r->arena, 2 * 16 + 4), *to = etag;

    if (!etag)
        return (struct http_text){0};
    *to++ = '"';
    to = put_hex(to, (uint64_t)f->mtime);
    *to++ = '-';
    to = put_hex(to, (uint64_t)f->size);
    *to++ = '"';
    return (struct http_text){etag, (size_t)(to - etag)};
}

static int
send_file(struct request *r, const struct file_info *f)
{
    int rc = body_discard(r);

    if (rc != RC_OK)
        return rc;
    r->status = r->error_status ? r->error_status : 200;
    r->answer_length = f->size;
    r->last_modified = f->mtime;
    if (r->type.len == 0) /* X-Accel-Redirect may have brought one */
        r->type = type_of(r);
    r->allow_ranges = true;
    if (r->location->etag) {
        r->etag = etag_of(r, f);
        if (!r->etag.at || header_add(r, "ETag", r->etag) != RC_OK)
            return 500;
    }
    rc = r->status == 200 ? header_preconditions(r) : RC_OK;
    if (rc != RC_OK)
        return rc;
    header_conditions(r);
    rc =
        r->status == 200 ? range_run(r, f->fd, (uint64_t)f->size) : RC_DECLINED;
    if (rc != RC_DECLINED)
        return rc;
    rc = header_send(r);
    if (rc == RC_OK && !r->header_only && f->size > 0)
        out_file(r, f->fd, 0, (size_t)f->size);
    return rc;
}

int
static_run(struct request *r)
{
    struct http_text path;
    struct file_info f;

    if (r->method_id == METHOD_OTHER)
        return 405;
    if (path_of(r, r->uri, &path) < 0)
        return 500;
    if (r->uri.at[r->uri.len - 1] == '/') {
        log_error(r->conn, LOG_LEVEL_ERROR,
            "directory index of \"%s\" is forbidden", path.at);
        return 403;
    }
    if (file_find(r, path.at, path.len, false, &f) < 0)
        return cannot_open(r, path.at, &f);
    if (f.is_dir)
        return add_slash(r);
    if (!f.is_file)
        return 404;
    if (r->method_id == METHOD_POST)
        return 405;
    return send_file(r, &f);
}
