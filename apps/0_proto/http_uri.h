/*
 * http_uri.h: what a request target means: percent escapes decoded, `.` and
 * `..` followed, doubled slashes merged, query cut off (RFC 3986 2.1, 5.2.4,
 * and nginx's reading of them).
 */
#ifndef LW_HTTP_URI_H
#define LW_HTTP_URI_H

#include "http.h"

struct http_uri {
    struct http_text path; /* decoded, in the arena, zero-terminated */
    struct http_text args; /* behind the `?`, as sent; at NULL: no `?` */
    bool plain;            /* the path was sent as it is: nothing changed */
};

/*
 * 0; -EINVAL: bad escape, escaped zero byte, or a `..` that leads out of
 * the root; -ENOMEM.
 */
int http_uri_parse(struct arena *a, struct http_text target, bool merge_slashes,
    struct http_uri *out);

/*
 * Percent-encodes the bytes that may not stand in a Location field: control
 * bytes, space, `"`, `%`, `#`, `?`, `<`, `>` and all above 126. at NULL: no
 * memory.
 */
struct http_text http_uri_escape(struct arena *a, struct http_text t);

/* The same for one argument of a query: `&`, `+` and `;`, too. */
struct http_text http_args_escape(struct arena *a, struct http_text t);

#endif
