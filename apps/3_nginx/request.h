/*
 * request.h: a connection and the request it carries: what the files of this
 * folder share at run time.
 */
#ifndef LW_NGINX_REQUEST_H
#define LW_NGINX_REQUEST_H

#include "conf.h"
#include "http.h"
#include "http_chunked.h"
#include "http_line.h"
#include "log.h"
#include "open_file.h"
#include "regex.h"
#include "states.h"
#include "value.h"
#include "worker.h"

#define SERVER_VERSION "layerwalk" /* "Server: nginx/layerwalk" */

/* What a handler says; 100 and above is the status to answer with. */
enum {
    RC_OK = 0,        /* done with this phase, or: answered */
    RC_DECLINED = -1, /* somebody else, please */
    RC_AGAIN = -2,    /* waits for an event, which will go on */
    RC_DONE = -3,     /* the request has gone another way already */
    RC_ERROR = -4     /* the connection is of no more use */
};

/* Something to send: bytes, or a part of a file. */
struct out {
    struct out *next;
    const uint8_t *at;
    size_t len;
    int fd; /* -1: bytes */
    off_t offset;
    void (*sent)(struct out *o); /* all of it is with the kernel; or NULL */
    void *owner;
};

/* The client's bytes that were read and not yet used. */
struct head_buffer {
    uint8_t *start, *line, *last, *end;
};

struct conn {
    struct source source; /* first: sources are conns */
    struct worker *worker;
    struct conn *next, **link; /* in worker->conns */
    struct conn *next_posted;
    struct listen *listen; /* the address it came to */
    uint64_t number;
    struct ipv4 peer;
    uint16_t peer_port;
    char peer_text[24];  /* "10.0.0.1", "unix:" */
    char local_text[16]; /* "10.0.0.1", once asked for: conn_local */
    uint16_t local_port;
    bool readable, writable; /* edge-triggered: until EAGAIN */
    bool eof;                /* EPOLLRDHUP: the client has sent all */
    enum conn_state state;   /* changed by conn_move alone */
    bool posted, nodelay, corked;
    void (*on_read)(struct conn *c);
    void (*on_write)(struct conn *c);
    void (*on_late)(struct conn *c); /* read timer */
    struct timer read_timer, write_timer;
    struct head_buffer head;
    uint8_t *small; /* the first buffer, or NULL: head.c */
    uint8_t *rest;  /* bytes of the next request, between two requests */
    size_t rest_len;
    struct request *request;
    unsigned requests;
    const char *doing; /* "reading client request line", for the log */
    struct out *out, *out_last;
    uint64_t sent; /* bytes for the present request */
    int64_t linger_until;
};

/* Fields of requests that mean something to the server; what comes twice of
 * those marked `true` is refused, as in nginx 1.22. */
#define KNOWN_FIELDS(F)                                                        \
    F(HOST, "host", false) /* has its own complaint */                         \
    F(RANGE, "range", false)                                                   \
    F(EXPECT, "expect", true)                                                  \
    F(IF_RANGE, "if-range", true)                                              \
    F(IF_MATCH, "if-match", true)                                              \
    F(CONNECTION, "connection", false)                                         \
    F(CONTENT_TYPE, "content-type", false)                                     \
    F(IF_NONE_MATCH, "if-none-match", true)                                    \
    F(AUTHORIZATION, "authorization", true)                                    \
    F(CONTENT_RANGE, "content-range", true)                                    \
    F(CONTENT_LENGTH, "content-length", true)                                  \
    F(IF_MODIFIED_SINCE, "if-modified-since", true)                            \
    F(TRANSFER_ENCODING, "transfer-encoding", true)                            \
    F(IF_UNMODIFIED_SINCE, "if-unmodified-since", true)

enum known_field {
#define F(name, text, once) KNOWN_##name,
    KNOWN_FIELDS(F)
#undef F
    KNOWN_COUNT /* none of them */
};

enum phase {
    PHASE_POST_READ,
    PHASE_SERVER_REWRITE,
    PHASE_FIND_CONFIG,
    PHASE_REWRITE,
    PHASE_POST_REWRITE,
    PHASE_PREACCESS,
    PHASE_ACCESS,
    PHASE_POST_ACCESS,
    PHASE_PRECONTENT,
    PHASE_CONTENT,
    PHASE_LOG
};

/* Request bodies (body.c). */
struct body_block {
    struct body_block *next;
    size_t len, room;
    uint8_t data[];
};

struct body {
    struct body_block *first, *last;
    uint64_t len;  /* of what is in the blocks */
    uint64_t left; /* of Content-Length */
    bool chunked, started, complete;
    struct http_chunked chunks;
    void (*ready)(struct request *r);
};

struct upstream;

struct request {
    struct arena arena;
    struct request *next_dead;
    struct conn *conn;
    struct worker *worker;
    struct server *server;
    struct location *location;
    struct instant started;

    /* what the client said */
    bool line_done, head_done;
    struct http_request_line line;
    struct http_header_line field;
    unsigned large;                /* large header buffers in use */
    uint64_t length;               /* bytes of line and header */
    struct http_text request_text; /* the request line */
    struct http_text method, target, target_host;
    enum {
        METHOD_OTHER,
        METHOD_GET,
        METHOD_HEAD,
        METHOD_POST
    } method_id;
    unsigned version; /* 9, 1000, 1001: major * 1000 + minor */
    struct http_headers fields;
    const struct http_header *known[KNOWN_COUNT]; /* the first, or NULL */
    struct http_text host; /* lower case, without the port */
    struct http_text host_header;
    struct http_text content_type;
    bool has_length, chunked;
    uint64_t content_length;
    bool keep_alive, expect_tested, lingering;

    /* where it goes */
    struct http_text uri, args; /* decoded path; query without `?` */
    bool plain_uri;
    bool internal, uri_changed, rewrite_break, answered_error, header_only;
    enum phase phase;
    unsigned redirects; /* left */
    struct captures captures;
    struct http_text *variables; /* of set and named captures */
    struct body body;
    struct upstream *upstream;
    struct file_use *files; /* open_file.c */

    /* the answer */
    unsigned status;
    unsigned error_status;        /* of error_page; 0: none */
    struct http_text status_line; /* "404 Not Found" of the upstream */
    struct http_text type, location_url;
    struct http_text etag;       /* of a file; at NULL: none */
    struct http_headers headers; /* beyond the usual ones */
    int64_t answer_length;       /* -1: unknown */
    int64_t last_modified;       /* -1: none */
    bool chunked_answer, header_sent, allow_ranges, own_date, own_server;
    bool discard; /* the rest of its body is thrown away */
    bool finished;
    uint64_t header_size;
};

/* --- states.c ------------------------------------------------------------ */
void conn_move(struct conn *c, enum conn_state to);

/* --- conn.c -------------------------------------------------------------- */
/* Bytes from the client: > 0; 0 at the end; -EAGAIN; another -errno. */
ssize_t conn_recv(struct conn *c, void *buf, size_t len);
void conn_close(struct conn *c);
/* The request is over and the connection stays: wait for the next. */
void conn_keep_alive(struct conn *c);
/* Says no more, but reads what still comes, so that no RST overtakes the
 * answer (RFC 9112 9.6). */
void conn_linger(struct conn *c);
void conn_free_dead(struct worker *w);
/* The address that the client connected to, as text, and its port. */
const char *conn_local(struct conn *c);
void conn_read_timer(struct conn *c, int64_t ms, void (*late)(struct conn *));

/* --- head.c -------------------------------------------------------------- */
void head_start(struct conn *c); /* waits for the first byte of a request */
void head_read(struct conn *c);
void head_give_back(struct conn *c); /* nothing of the head is wanted now */
void heads_free(struct worker *w);   /* those that are kept */

/* --- request.c ----------------------------------------------------------- */
struct request *request_new(struct conn *c);
void request_free(struct request *r);

/* Frees those that are kept to be used again. */
void requests_free(struct worker *w);
/* The request line or the whole head is there: what do they mean?
 * RC_OK, or the status to refuse with. */
int request_line_done(struct request *r);
int request_field(
    struct request *r, struct http_text name, struct http_text value);
int request_head_done(struct request *r);
/* A handler's answer is final. */
void request_finish(struct request *r, int rc);
/* No answer: the client is gone, or was too slow. The status is for the log. */
void request_abort(struct request *r, unsigned status);
/* Everything is sent (or never will be): log, then keep or close. */
void request_end(struct request *r);
/* Nothing of it is left to read either: the next one, or the end. */
void request_leave(struct request *r);
/* Sends what is queued; ends the request when all is gone. */
void request_send(struct request *r);
int request_internal_redirect(
    struct request *r, struct http_text uri, struct http_text args);
int request_named_location(struct request *r, const char *name);

/* --- phases.c ------------------------------------------------------------ */
void phases_run(struct request *r); /* from r->phase on */

/* --- the handlers -------------------------------------------------------- */
struct server *server_find(
    struct listen *l, struct http_text host, struct request *r);
int location_find(struct request *r);
int rewrite_run(struct request *r, const struct rewrite *program);
int access_check(struct request *r);
int try_files_run(struct request *r);
int index_run(struct request *r);
int static_run(struct request *r);
/* The file that a URI stands for; 0 or -ENOMEM. zero-terminated. */
int path_of(struct request *r, struct http_text uri, struct http_text *out);
/* The MIME type by the extension of the URI. */
struct http_text type_of(struct request *r);
int range_run(struct request *r, int fd, uint64_t size);

/* --- body.c -------------------------------------------------------------- */
/* Reads the whole body, then calls ready. RC_AGAIN, RC_OK, or a status. */
int body_read(struct request *r, void (*ready)(struct request *r));
/* Throws away what is left of it. RC_OK, or the status to refuse with. */
int body_discard(struct request *r);
bool body_unread(const struct request *r); /* some of it is still to come */

/* --- upstream.c ---------------------------------------------------------- */
int upstream_run(struct request *r);
void upstream_free(struct request *r); /* closes the connection to it */
/* fcgi_build.c: BEGIN_REQUEST, PARAMS, STDIN as things to send. */
int fcgi_build(struct request *r, struct out **first);

/* --- header.c ------------------------------------------------------------ */
/* Texts that live as long as the request. */
int header_add(struct request *r, const char *name, struct http_text value);
/* Queues the head. RC_OK; RC_ERROR: no memory. */
int header_send(struct request *r);
/* The conditions of the request (RFC 9110 13): 304 by the first, RC_OK or
 * 412 by the second. */
void header_conditions(struct request *r);
int header_preconditions(struct request *r);

/* --- special.c ----------------------------------------------------------- */
/* The answer of an error, or of error_page. */
int special_run(struct request *r, unsigned status);
int special_text(struct request *r, unsigned status, struct http_text body);

/* --- out.c --------------------------------------------------------------- */
void out_bytes(struct request *r, const void *at, size_t len);
/* A part of a file. */
void out_file(struct request *r, int fd, off_t offset, size_t len);
void out_put(struct conn *c, struct out *o);
int out_flush(struct conn *c); /* RC_OK: all gone; RC_AGAIN; RC_ERROR */
void out_drop(struct conn *c); /* forgets what is queued */

#endif
