/*
 * url.h: a URL cut into its parts (RFC 3986). Two views of the same bytes:
 * the five parts of RFC 3986 (scheme, authority, path, query, fragment), and
 * the nine of the older RFC 1738 that lessons quote, where the authority is
 * user, password, host and port, and the last path segment may carry
 * `;params`. RFC 3986 knows no params part: there they belong to the path.
 *
 *     http://joe:secret@shop.test:8000/index.php;v=1?q=milk#top
 *     scheme user pass  host      port path      params query fragment
 *
 * Used by the browser before anything is sent. The fragment never leaves it.
 */
#ifndef LW_URL_H
#define LW_URL_H

#include "fault.h"

/* A part of the text: not zero-terminated. at NULL: the part is absent,
 * which differs from present and empty ("?" alone). */
struct url_part {
    const char *at;
    size_t len;
};

struct url {
    struct url_part scheme, user, password, host;
    struct url_part port_text;
    struct url_part path;   /* without params; "" when the URL has none */
    struct url_part params; /* after the first `;` of the last segment */
    struct url_part query, fragment;
    struct url_part full_path; /* RFC 3986's path: with the params */
    uint16_t port;             /* given, or the scheme's own (80, 443) */
};

/*
 * Cuts `text` apart; the parts point into it. A text without "scheme://" is
 * read as http://TEXT, as an address bar does. 0 or -EINVAL, with the reason
 * and the column in `fault`.
 */
int url_parse(const char *text, struct url *out, struct fault *fault);

/*
 * The request target in origin form (RFC 9112 3.2.1): path or "/", params,
 * query; without the fragment. Bytes that may not stand there are percent
 * encoded. The length, or -ENAMETOOLONG when buf is too small.
 */
int url_target(const struct url *u, char *buf, size_t size);

/*
 * The value of the Host field (RFC 9110 7.2): host, and the port when it is
 * not the scheme's own. The length, or -ENAMETOOLONG.
 */
int url_host_field(const struct url *u, char *buf, size_t size);

#endif
