/*
 * http_response.h: a whole answer as a client reads it, from the status line
 * to the last byte of the body (RFC 9112 6.3 says where that is). Takes any
 * number of bytes at a time.
 *
 *     struct http_response r = {.arena = &arena, .head_request = false};
 *     while ((step = http_response_parse(&r, &in)) != HTTP_MORE) ...
 */
#ifndef LW_HTTP_RESPONSE_H
#define LW_HTTP_RESPONSE_H

#include "http.h"
#include "http_chunked.h"

#define HTTP_RESPONSE_HEAD_MAX 65536

struct http_response {
    /* from the caller; all other fields zero */
    struct arena *arena; /* where the head is kept */
    bool head_request;   /* the request was HEAD: no body follows */

    /* after HTTP_HEAD */
    unsigned major, minor, status;
    struct http_text reason; /* in the arena, as is all of the head */
    struct http_headers headers;
    bool chunked;     /* Transfer-Encoding: chunked */
    bool has_length;  /* Content-Length */
    uint64_t length;  /* of it */
    bool until_close; /* the end of the connection ends the body */
    bool keep_alive;  /* the connection may be used again afterwards */

    /* after HTTP_PIECE */
    const uint8_t *piece;
    size_t piece_len;
    uint64_t body_len; /* body bytes seen so far, decoded */

    /* after HTTP_BAD */
    const char *why;

    /* private */
    uint8_t *head;
    size_t head_len, head_room, line;
    uint64_t left;
    struct http_chunked chunks;
    uint8_t state;
};

/*
 * The next thing in `in`, which is advanced: HEAD once (again after a 1xx
 * answer, which is passed over), PIECE any number of times, DONE once.
 * Bytes behind the message stay in `in`.
 */
enum http_step http_response_parse(struct http_response *r, struct cursor *in);

/* The server has closed the connection: HTTP_DONE when that ends the
 * message, HTTP_BAD when it came too early. */
enum http_step http_response_eof(struct http_response *r);

#endif
