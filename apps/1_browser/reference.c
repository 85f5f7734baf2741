/*
 * reference.c: RFC 3986 5.2, transform a reference. Each part that it leaves
 * out, from the left, is the base's.
 */
#include "reference.h"

#include <ctype.h>
#include <string.h>

/* The length of "scheme:" at the start of the text, or 0 (RFC 3986 3.1). */
static size_t
scheme_len(const char *text, size_t len)
{
    size_t n = 0;

    if (len == 0 || !isalpha((unsigned char)text[0]))
        return 0;
    while (n < len && (isalnum((unsigned char)text[n]) ||
                          (text[n] && strchr("+-.", text[n]))))
        n++;
    return n < len && text[n] == ':' ? n + 1 : 0;
}

/* Cuts `.` and `..` out of a path, in place (RFC 3986 5.2.4). */
static void
remove_dots(char *path)
{
    char *out = path;

    for (const char *in = path; *in;) {
        size_t len = 1 + strcspn(in + 1, "/");
        bool last = in[len] == 0;

        if (len == 2 && in[1] == '.') {
            if (last)
                *out++ = '/';
        } else if (len == 3 && in[1] == '.' && in[2] == '.') {
            while (out > path && *--out != '/')
                ;
            if (last)
                *out++ = '/';
        } else {
            memmove(out, in, len);
            out += len;
        }
        in += len;
    }
    *out = 0;
}

/* scheme "://" host and port of the base. */
static char *
base_origin(struct arena *a, const struct url *base)
{
    return arena_printf(a, "%.*s://%.*s%s%.*s",
        base->scheme.at ? (int)base->scheme.len : 4,
        base->scheme.at ? base->scheme.at : "http", (int)base->host.len,
        base->host.at, base->port_text.len ? ":" : "", (int)base->port_text.len,
        base->port_text.at ? base->port_text.at : "");
}

char *
reference_resolve(
    struct arena *a, const struct url *base, const char *reference, size_t len)
{
    size_t path_len = 0;
    const char *old = base->full_path.at ? base->full_path.at : "";
    size_t dir = base->full_path.len;

    if (scheme_len(reference, len))
        return arena_text(a, reference, len);
    if (len >= 2 && reference[0] == '/' && reference[1] == '/')
        return arena_printf(a, "%.*s:%.*s", (int)base->scheme.len,
            base->scheme.at ? base->scheme.at : "http", (int)len, reference);
    char *origin = base_origin(a, base);
    if (!origin)
        return NULL;
    while (path_len < len && !strchr("?#", reference[path_len]))
        path_len++;
    const char *rest = reference + path_len;
    int nrest = (int)(len - path_len);
    if (path_len == 0) {
        bool query = nrest == 0 || rest[0] == '#';

        return arena_printf(a, "%s%s%.*s%s%.*s%.*s", origin,
            dir == 0 ? "/" : "", (int)dir, old,
            query && base->query.at ? "?" : "",
            query ? (int)base->query.len : 0,
            base->query.at ? base->query.at : "", nrest, rest);
    }
    while (dir > 0 && old[dir - 1] != '/')
        dir--;
    char *path = reference[0] == '/'
                     ? arena_text(a, reference, path_len)
                     : arena_printf(a, "%s%.*s%.*s", dir == 0 ? "/" : "",
                           (int)dir, old, (int)path_len, reference);
    if (!path)
        return NULL;
    remove_dots(path);
    return arena_printf(a, "%s%s%.*s", origin, path, nrest, rest);
}
