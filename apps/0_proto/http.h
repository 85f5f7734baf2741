/*
 * http.h: the words of HTTP/1.1 that both ends share (RFC 9110, RFC 9112):
 * status texts, dates, header lists, lines. What comes in pieces is read by
 * http_line.h (one line), http_chunked.h (bodies of unknown length) and
 * http_response.h (a whole answer, for clients); http_uri.h decodes targets.
 */
#ifndef LW_HTTP_H
#define LW_HTTP_H

#include "arena.h"

#include <string.h>
#include <strings.h>

/* A piece of text: not zero-terminated. */
struct http_text {
    const char *at;
    size_t len;
};

struct http_header {
    struct http_text name, value;
    struct http_header *next;
};

/* Header fields in the order of the message. */
struct http_headers {
    struct http_header *first, *last;
    unsigned count;
};

/* A text from a zero-terminated string that outlives it. */
static inline struct http_text
http_text(const char *text)
{
    return (struct http_text){text, strlen(text)};
}

/* Equal; names of fields do not care for case (RFC 9110 5.1). */
static inline bool
http_text_is(struct http_text t, const char *text)
{
    size_t n = strlen(text);

    return t.len == n && memcmp(t.at, text, n) == 0;
}

static inline bool
http_text_is_nocase(struct http_text t, const char *text)
{
    size_t n = strlen(text);

    return t.len == n && strncasecmp(t.at, text, n) == 0;
}

/* Without spaces and tabs at both ends. */
struct http_text http_trim(struct http_text t);

/* Copies name and value into the arena. 0 or -ENOMEM. */
int http_headers_add(struct http_headers *h, struct arena *a,
    struct http_text name, struct http_text value);

/* The same for texts that live as long as the arena: they are not copied. */
int http_headers_put(struct http_headers *h, struct arena *a,
    struct http_text name, struct http_text value);

/* The first field of that name, or NULL. */
const struct http_header *http_headers_find(
    const struct http_headers *h, const char *name);

/*
 * A number of decimal digits alone, such as Content-Length (RFC 9110 8.6).
 * -EINVAL when it is none or does not fit.
 */
int http_number(struct http_text t, uint64_t *out);

/* "Not Found" for 404; NULL for a code without a usual text. */
const char *http_reason(unsigned status);

/* --- dates (RFC 9110 5.6.7) ---------------------------------------------- */

#define HTTP_DATE_LEN 29 /* Sun, 06 Nov 1994 08:49:37 GMT */

/* Writes the date of `unix_seconds` and a zero; returns buf. */
char *http_date(int64_t unix_seconds, char buf[HTTP_DATE_LEN + 1]);

/* All three forms: IMF-fixdate, RFC 850, asctime. -EINVAL. */
int http_date_parse(struct http_text t, int64_t *unix_seconds);

/* The date taken apart, UTC, proleptic Gregorian. For logs too. */
struct http_clock {
    int year, month, day; /* month 1..12 */
    int hour, minute, second;
    int weekday; /* 0 is Sunday */
};
struct http_clock http_clock(int64_t unix_seconds);
const char *http_month(int month);     /* "Nov" */
const char *http_weekday(int weekday); /* "Sun" */

#endif
