/*
 * upstream.h: the connection to the program behind, and the bytes that come
 * back over it.
 */
#ifndef LW_NGINX_UPSTREAM_H
#define LW_NGINX_UPSTREAM_H

#include "fastcgi.h"
#include "request.h"

#define FCGI_REQUEST_ID 1 /* one request a connection, as in nginx */

/*
 * One piece of the answer on its way to the client. Where the length of the
 * body is unknown, it is a chunk: head, data and tail are sent together.
 */
struct answer_buffer {
    struct answer_buffer *next; /* in the free list */
    struct upstream *upstream;
    struct out head, data, tail;
    char size_line[HTTP_CHUNK_HEAD_MAX];
    size_t len; /* of what the program wrote, after unpacking */
    uint8_t bytes[];
};

/* What a connection has seen before the present request. */
struct upstream_past {
    unsigned requests; /* with the present one */
    struct instant since;
    struct fcgi_parser parser; /* where the stream from the program stands */
    uint64_t sent;             /* bytes to it */
};

struct upstream {
    struct source source; /* first */
    struct request *request;
    struct timer timer;
    enum upstream_state state; /* changed by upstream_move alone */
    bool readable, writable;
    struct out *out; /* the request that is still to be sent */
    uint64_t sent;   /* bytes since the connection was made */
    struct upstream_past past;
    struct fcgi_parser parser;
    bool ended;         /* END_REQUEST has come */
    bool clean;         /* and nothing behind it */
    bool more, eof;     /* more may be there to read; the end will come */
    bool stdout_closed; /* the empty STDOUT record has come */
    uint8_t *head;      /* CGI header, up to fastcgi_buffer_size */
    size_t head_len, head_line;
    struct http_header_line field;
    unsigned status;
    bool has_status, has_location, has_redirect;
    struct http_text redirect; /* X-Accel-Redirect */
    int64_t left;              /* of Content-Length; -1: unknown */
    struct answer_buffer *free;
    unsigned buffers; /* made so far */
};

void upstream_move(struct upstream *u, enum upstream_state to); /* states.c */

/* upstream.c: an event about it; the request ends with this status; no
 * answer within so many milliseconds is 504. */
void upstream_tell(struct upstream *u, enum rule rule, const char *state);
void upstream_fail(struct upstream *u, enum rule rule, int status);
void upstream_arm(struct upstream *u, int64_t ms);

/*
 * upstream_keep.c: an idle connection becomes u's; false: there is none. The
 * connection of u, whose answer is complete, stays for another request; false:
 * it is not to be kept. A kept connection has broken before any answer: true
 * when the request may be started anew.
 */
bool upstream_take(
    struct upstream *u, void (*event)(struct source *s, uint32_t events));
bool upstream_keep(struct upstream *u);
bool upstream_again(struct upstream *u);
void upstream_close_kept(struct worker *w);
void upstream_free_kept(struct worker *w);

/* upstream.c: the request goes to the program, its body being there. */
void upstream_start(struct request *r);

/* answer.c: reads and sends in turn, until one side has to be waited for. */
void upstream_read(struct upstream *u);

/* fcgi_read.c: takes the records in `len` bytes apart in place: what is left
 * in `bytes` is STDOUT alone. Its length; -EPROTO: no FastCGI. */
ssize_t fcgi_unpack(struct upstream *u, uint8_t *bytes, size_t len);

/* cgi_header.c: the header lines at the start of the answer. The bytes used;
 * *done when the empty line has come. -EPROTO malformed, -E2BIG too long. */
ssize_t cgi_header(
    struct upstream *u, const uint8_t *bytes, size_t len, bool *done);

#endif
