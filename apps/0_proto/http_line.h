/*
 * http_line.h: the lines of a message head, read byte by byte (RFC 9112 3 to
 * 5). The caller keeps the bytes of the present line together in memory (a
 * line may move between calls) and hands over all it has so far; the parser
 * goes on where it stopped. Positions are offsets from the line's start.
 *
 * Strictness is nginx's: a bad byte is refused when it arrives, not when the
 * line ends; a lone LF ends a line.
 */
#ifndef LW_HTTP_LINE_H
#define LW_HTTP_LINE_H

#include "http.h"

enum http_line {
    HTTP_LINE_AGAIN,  /* not complete: call again with more */
    HTTP_LINE_OK,     /* complete: `end` is where the next line starts */
    HTTP_LINE_EMPTY,  /* the empty line that ends the head */
    HTTP_LINE_METHOD, /* bad byte in the method */
    HTTP_LINE_BAD,    /* malformed */
    HTTP_LINE_VERSION /* HTTP version 2 or above in this form */
};

struct http_part {
    uint32_t at, end;
};

/* RFC 9112 3: method SP target SP HTTP/x.y CRLF. Zero it before. */
struct http_request_line {
    struct http_part method;
    struct http_part target; /* as sent, all of it */
    struct http_part host;   /* of an absolute-form target, with the port;
                                at == end: origin form */
    struct http_part path;   /* from the first `/` on, with the query */
    unsigned major, minor;   /* 0, 9 when the line names no version */
    uint32_t end;
    /* private */
    uint32_t at;
    uint8_t state;
};

enum http_line http_request_line(
    struct http_request_line *r, const uint8_t *line, size_t len);

/* RFC 9112 4: HTTP/x.y SP status [SP reason] CRLF. Zero it before. */
struct http_status_line {
    unsigned major, minor, status;
    struct http_part reason;
    uint32_t end;
    /* private */
    uint32_t at;
    uint8_t state;
};

enum http_line http_status_line(
    struct http_status_line *s, const uint8_t *line, size_t len);

/* RFC 9112 5: name ":" OWS value OWS CRLF, or the empty line. Zero it. */
struct http_header_line {
    struct http_part name, value;
    bool invalid; /* a name with an unusual byte: nginx passes over it */
    uint32_t end;
    /* private */
    uint32_t at;
    uint8_t state;
};

enum http_line http_header_line(
    struct http_header_line *h, const uint8_t *line, size_t len);

#endif
