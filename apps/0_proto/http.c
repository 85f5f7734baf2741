/*
 * http.c: texts, header lists and status codes of HTTP.
 */
#include "http.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct http_text
http_trim(struct http_text t)
{
    while (t.len > 0 && is_blank(t.at[0])) {
        t.at++;
        t.len--;
    }
    while (t.len > 0 && is_blank(t.at[t.len - 1]))
        t.len--;
    return t;
}

int
http_headers_add(struct http_headers *h, struct arena *a, struct http_text name,
    struct http_text value)
{
    name.at = arena_text(a, name.at, name.len);
    value.at = arena_text(a, value.at, value.len);
    if (!name.at || !value.at)
        return -ENOMEM;
    return http_headers_put(h, a, name, value);
}

int
http_headers_put(struct http_headers *h, struct arena *a, struct http_text name,
    struct http_text value)
{
    struct http_header *n = arena_alloc(a, sizeof(*n));

    if (!n)
        return -ENOMEM;
    n->name = name;
    n->value = value;
    if (h->last)
        h->last->next = n;
    else
        h->first = n;
    h->last = n;
    h->count++;
    return 0;
}

const struct http_header *
http_headers_find(const struct http_headers *h, const char *name)
{
    for (const struct http_header *n = h->first; n; n = n->next)
        if (http_text_is_nocase(n->name, name))
            return n;
    return NULL;
}

int
http_number(struct http_text t, uint64_t *out)
{
    uint64_t n = 0;

    if (t.len == 0)
        return -EINVAL;
    for (size_t i = 0; i < t.len; i++) {
        unsigned digit = (unsigned)(unsigned char)t.at[i] - '0';

        /* INT64_MAX: lengths are file offsets further down. */
        if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
            return -EINVAL;
        n = n * 10 + digit;
    }
    *out = n;
    return 0;
}

const char *
http_reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } table[] = {{100, "Continue"}, {200, "OK"}, {201, "Created"},
        {202, "Accepted"}, {204, "No Content"}, {206, "Partial Content"},
        {301, "Moved Permanently"}, {302, "Moved Temporarily"},
        {303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
        {308, "Permanent Redirect"}, {400, "Bad Request"},
        {401, "Unauthorized"}, {402, "Payment Required"}, {403, "Forbidden"},
        {404, "Not Found"}, {405, "Not Allowed"}, {406, "Not Acceptable"},
        {408, "Request Time-out"}, {409, "Conflict"}, {410, "Gone"},
        {411, "Length Required"}, {412, "Precondition Failed"},
        {413, "Request Entity Too Large"}, {414, "Request-URI Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Requested Range Not Satisfiable"}, {421, "Misdirected Request"},
        {429, "Too Many Requests"}, {500, "Internal Server Error"},
        {501, "Not Implemented"}, {502, "Bad Gateway"},
        {503, "Service Temporarily Unavailable"}, {504, "Gateway Time-out"},
        {505, "HTTP Version Not Supported"}, {507, "Insufficient Storage"}};

    for (size_t i = 0; i < LW_COUNT(table); i++)
        if (table[i].status == status)
            return table[i].reason;
    return NULL;
}
