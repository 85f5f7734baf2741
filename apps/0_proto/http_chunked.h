/*
 * http_chunked.h: bodies whose length nobody knew beforehand (RFC 9112 7.1):
 *
 *     5 CRLF hello CRLF 0 CRLF [trailers] CRLF
 */
#ifndef LW_HTTP_CHUNKED_H
#define LW_HTTP_CHUNKED_H

#include "bytes.h"

enum http_step {
    HTTP_MORE,  /* the input is used up: call again with more */
    HTTP_HEAD,  /* the head of a message is complete */
    HTTP_PIECE, /* piece, piece_len: some of the body, in the input */
    HTTP_DONE,  /* the message is complete */
    HTTP_BAD    /* malformed */
};

/* Zero it before the first byte. */
struct http_chunked {
    const uint8_t *piece;
    size_t piece_len;
    /* private */
    uint64_t size;    /* left of the present chunk */
    uint32_t trailer; /* bytes of extensions and trailers seen, bounded */
    uint8_t state;
};

/* The next thing in `in`, which is advanced; never HTTP_HEAD. */
enum http_step http_chunked_parse(struct http_chunked *d, struct cursor *in);

/* What is announced of the present chunk and has not come yet: a limit can
 * refuse it as soon as its size line is complete. */
uint64_t http_chunked_left(const struct http_chunked *d);

/* Writes the size line of a chunk of len > 0 bytes; after the data comes
 * CRLF, and after the last chunk HTTP_LAST_CHUNK. */
#define HTTP_CHUNK_HEAD_MAX 18
void http_put_chunk_head(struct writer *w, uint64_t len);
#define HTTP_LAST_CHUNK "0\r\n\r\n"

#endif
