/*
 * fpm_conn.h: one FastCGI connection as a worker sees it, a request at a
 * time: parameters and body come in, output goes out.
 *
 * Reading follows php-fpm: eight bytes of header by one read, then the
 * content by another. Writing goes through a buffer of 8 KiB in which the
 * record under way stays open, so that many small echoes become one record
 * and one write.
 */
#ifndef LW_FPM_CONN_H
#define LW_FPM_CONN_H

#include "arena.h"
#include "fastcgi.h"
#include "sys.h"

#define FPM_OUT_SIZE 8192

struct fpm_param {
    struct fpm_param *next; /* the one that came before */
    const char *name;
    char *value; /* NULL: removed */
};

struct fpm_conn {
    struct proc *proc;
    int fd;           /* -1: closed */
    bool stream_over; /* peer gone or nonsense received */

    struct fcgi_parser in;
    uint64_t out_at;    /* offset in the stream of the first byte of out */
    uint16_t id;        /* of the request being served */
    bool keep;          /* FCGI_KEEP_CONN */
    bool ended;         /* END_REQUEST is written */
    bool body_over;     /* the empty STDIN record was seen, or ABORT_REQUEST */
    size_t body_left;   /* of the STDIN record under way */
    struct arena arena; /* of this request */
    struct fpm_param *params; /* newest first, as php-fpm keeps them */

    uint8_t out[FPM_OUT_SIZE + 4 * FCGI_HEADER_LEN]; /* padding, end */
    size_t out_len;
    size_t record;    /* where the open record's header stands in out */
    uint8_t out_type; /* type of the open record; 0: none */
};

void fpm_conn_init(struct fpm_conn *c, struct proc *p);

/*
 * Reads until the parameters of a request are complete. False: no (further)
 * request comes on this connection, which the caller closes.
 */
bool fpm_conn_begin(struct fpm_conn *c);

/* Up to len bytes of the body; 0 at its end. */
size_t fpm_conn_read(struct fpm_conn *c, void *buf, size_t len);

/* The value of a parameter, or NULL. */
char *fpm_conn_get(const struct fpm_conn *c, const char *name);

/* Sets (NULL: removes) a parameter and returns its new value. */
char *fpm_conn_put(struct fpm_conn *c, const char *name, const char *value);

/* --- fpm_reply.c ---------------------------------------------------------- */

/* Appends to FCGI_STDOUT or FCGI_STDERR. False: nobody reads any more. */
bool fpm_conn_write(
    struct fpm_conn *c, enum fcgi_type type, const void *data, size_t len);

/* Hands what is buffered to the socket. False: nobody reads any more. */
bool fpm_conn_flush(struct fpm_conn *c);

/* Flushes and ends the request, once. */
bool fpm_conn_end(struct fpm_conn *c);

/*
 * Closes the connection unless it is to be kept; `force` closes at once and
 * in any case. True when it is closed now.
 */
bool fpm_conn_close(struct fpm_conn *c, bool force);

/* One complete record outside the buffer: management and refusals. */
void fpm_conn_answer(struct fpm_conn *c, const struct writer *w);

#endif
