/*
 * files.c: from a URI to a file: root, alias, try_files, index.
 */
#include "request.h"

#include <errno.h>
#include <string.h>

int
path_of(struct request *r, struct http_text uri, struct http_text *out)
{
    struct location *l = r->location;
    struct http_text root;
    size_t skip = 0;
    char *path;

    if (value_text(r, l->root->value, &root) < 0)
        return -ENOMEM;
    if (l->root->captures) { /* alias in a regex location: all of the path */
        *out = root;
        return 0;
    }
    if (l->root->alias) {
        skip = strlen(l->name);
        if (skip > uri.len)
            skip = uri.len;
    }
    out->len = root.len + uri.len - skip;
    path = arena_alloc(&r->arena, out->len + 1);
    out->at = path;
    if (!path)
        return -ENOMEM;
    memcpy(path, root.at, root.len);
    memcpy(path + root.len, uri.at + skip, uri.len - skip);
    /* "%00" was refused with the URI, so the text has no early end. */
    return 0;
}

static const char *
found(const struct file_info *f)
{
    if (f->err == ENOENT || f->err == ENOTDIR)
        return "not there";
    if (f->err)
        return strerror(f->err);
    return f->is_dir ? "a folder" : "a file";
}

/* --- try_files ----------------------------------------------------------- */

static int
fall_back(struct request *r, const struct try_files *t)
{
    struct http_text uri, args = {"", 0};
    const char *mark;

    if (t->status)
        return (int)t->status;
    if (t->named)
        return request_named_location(r, t->named);
    if (value_text(r, t->fallback, &uri) < 0)
        return 500;
    mark = memchr(uri.at, '?', uri.len);
    if (mark) {
        args.at = mark + 1;
        args.len = uri.len - (size_t)(mark - uri.at) - 1;
        uri.len = (size_t)(mark - uri.at);
        uri.at = arena_text(&r->arena, uri.at, uri.len);
        if (!uri.at)
            return 500;
    }
    return request_internal_redirect(r, uri, args);
}

int
try_files_run(struct request *r)
{
    const struct try_files *t = r->location->try_files;
    unsigned i = 0;

    if (!t)
        return RC_DECLINED;
    for (struct text_list *f = t->files; f; f = f->next, i++) {
        struct http_text name, path;
        struct file_info at;
        int err;

        if (value_text(r, f->value, &name) < 0 || path_of(r, name, &path) < 0)
            return 500;
        err = file_find(r, path.at, path.len, true, &at);
        NOTE(r->worker->env, EV_NGINX_TRY_FILE, RULE_NGINX_TRY_FILES,
            f_u64("conn", r->conn->number), f_textn("path", path.at, path.len),
            f_text("result", found(&at)),
            f_text("wanted", t->is_dir[i] ? "a folder" : "a file"));
        if (err < 0 || t->is_dir[i] != at.is_dir)
            continue;
        r->uri = name;
        return RC_DECLINED;
    }
    return fall_back(r, t);
}

/* --- index --------------------------------------------------------------- */

/* No index file: is the folder itself there? */
static int
test_folder(struct request *r, const char *first)
{
    struct http_text path;
    struct file_info at;
    int err;

    if (path_of(r, r->uri, &path) < 0)
        return 500;
    err = file_find(r, path.at, path.len, true, &at);
    if (at.is_dir)
        return RC_DECLINED;
    if (err == -EACCES)
        return 403;
    if (err == 0 || err == -ENOENT || err == -ENOTDIR) {
        log_error(r->conn, LOG_LEVEL_ERROR,
            "\"%s\" is not found (2: No such file or directory)", first);
        return 404;
    }
    return 500;
}

int
index_run(struct request *r)
{
    bool tested = false;

    if (r->method_id == METHOD_OTHER)
        return RC_DECLINED;
    for (struct text_list *f = r->location->index; f; f = f->next) {
        struct http_text name, uri, path;
        struct file_info at;

        if (value_text(r, f->value, &name) < 0)
            return 500;
        if (name.len > 0 && name.at[0] == '/') /* a URI of its own */
            return request_internal_redirect(r, name, r->args);
        uri.at = arena_printf(
            &r->arena, "%.*s%s", (int)r->uri.len, r->uri.at, name.at);
        uri.len = r->uri.len + name.len;
        if (!uri.at || path_of(r, uri, &path) < 0)
            return 500;
        (void)file_find(r, path.at, path.len, true, &at);
        NOTE(r->worker->env, EV_NGINX_INDEX, RULE_NGINX_INDEX,
            f_u64("conn", r->conn->number), f_textn("path", path.at, path.len),
            f_text("result", found(&at)));
        if (!at.err && !at.is_dir)
            return request_internal_redirect(r, uri, r->args);
        if (!tested) {
            int rc = test_folder(r, path.at);

            if (rc != RC_DECLINED)
                return rc;
            tested = true;
        }
    }
    return RC_DECLINED;
}
