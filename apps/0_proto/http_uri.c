/*
 * http_uri.c: from the target to the path that the file system may see. The
 * path is written into new memory, never longer than the target.
 */
#include "http_uri.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 2.1. Decodes into out; the length or -EINVAL. */
static ssize_t
decode(struct http_text t, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i];

        if (c == '%') {
            int high = i + 2 < t.len ? hex_digit(t.at[i + 1]) : -1;
            int low = i + 2 < t.len ? hex_digit(t.at[i + 2]) : -1;

            if (high < 0 || low < 0)
                return -EINVAL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0') /* a path is a C string further down */
            return -EINVAL;
        out[n++] = c;
    }
    return (ssize_t)n;
}

/*
 * RFC 3986 5.2.4 on the decoded path, in place: `out` never overtakes `in`.
 * Returns the new length, or -EINVAL for a path that climbs over the root.
 */
static ssize_t
follow_dots(char *path, size_t len, bool merge_slashes)
{
    size_t in = 1, out = 1; /* path[0] is '/' */

    while (in < len) {
        size_t end = in;

        while (end < len && path[end] != '/')
            end++;
        if (end == in && merge_slashes && end < len) {
            in = end + 1;
            continue;
        }
        if (end - in == 1 && path[in] == '.') {
            in = end < len ? end + 1 : end;
            continue;
        }
        if (end - in == 2 && path[in] == '.' && path[in + 1] == '.') {
            if (out == 1)
                return -EINVAL;
            out--;
            while (path[out - 1] != '/')
                out--;
            in = end < len ? end + 1 : end;
            continue;
        }
        memmove(path + out, path + in, end - in);
        out += end - in;
        if (end < len)
            path[out++] = '/';
        in = end < len ? end + 1 : end;
    }
    return (ssize_t)out;
}

/* No byte that means something else than itself, no dots or slashes that
 * name nothing: the path is what was sent. */
static bool
is_plain(struct http_text t)
{
    char before = '\0';

    if (t.len == 0 || t.at[0] != '/')
        return false;
    for (size_t i = 0; i < t.len; before = t.at[i++])
        if (t.at[i] == '%' || t.at[i] == '?' || t.at[i] == '#' ||
            t.at[i] == '\0' ||
            (before == '/' && (t.at[i] == '/' || t.at[i] == '.')))
            return false;
    return true;
}

int
http_uri_parse(struct arena *a, struct http_text target, bool merge_slashes,
    struct http_uri *out)
{
    const char *end = target.at + target.len, *mark, *hash;
    char *path;
    ssize_t n;

    *out = (struct http_uri){.plain = true};
    if (is_plain(target)) {
        out->path.at = arena_text(a, target.at, target.len);
        out->path.len = target.len;
        return out->path.at ? 0 : -ENOMEM;
    }
    mark = memchr(target.at, '?', target.len);
    hash = memchr(target.at, '#', target.len);
    if (hash && (!mark || hash < mark)) {
        end = hash;
        mark = NULL;
    }
    if (mark) {
        const char *stop = hash ? hash : end;

        out->args = (struct http_text){mark + 1, (size_t)(stop - mark) - 1};
        end = mark;
    }
    target.len = (size_t)(end - target.at);
    path = arena_alloc(a, target.len + 2);
    if (!path)
        return -ENOMEM;
    if (target.len == 0) {
        path[0] = '/'; /* absolute form without a path */
        out->path = (struct http_text){path, 1};
        return 0;
    }
    n = decode(target, path);
    if (n > 0 && path[0] == '/')
        n = follow_dots(path, (size_t)n, merge_slashes);
    if (n <= 0 || path[0] != '/')
        return -EINVAL;
    path[n] = '\0';
    out->path = (struct http_text){path, (size_t)n};
    out->plain =
        (size_t)n == target.len && memcmp(path, target.at, target.len) == 0;
    return 0;
}

static bool
unsafe_uri(unsigned char c)
{
    return c <= 0x20 || c >= 0x7f || strchr("\"%#?<>\\^`{|}", c) != NULL;
}

static bool
unsafe_arg(unsigned char c)
{
    return c <= 0x20 || c >= 0x7f || strchr("\"#%&+;<>?\\^`{|}", c) != NULL;
}

static struct http_text
escape(struct arena *a, struct http_text t, bool (*unsafe)(unsigned char))
{
    static const char hex[] = "0123456789ABCDEF";
    struct http_text out = {0};
    char *to = arena_alloc(a, t.len * 3 + 1);

    if (!to)
        return out;
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.at[i];

        if (unsafe(c)) {
            to[out.len++] = '%';
            to[out.len++] = hex[c >> 4];
            to[out.len++] = hex[c & 15];
        } else {
            to[out.len++] = (char)c;
        }
    }
    out.at = to;
    return out;
}

struct http_text
http_uri_escape(struct arena *a, struct http_text t)
{
    return escape(a, t, unsafe_uri);
}

struct http_text
http_args_escape(struct arena *a, struct http_text t)
{
    return escape(a, t, unsafe_arg);
}
