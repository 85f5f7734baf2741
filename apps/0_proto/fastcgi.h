/*
 * fastcgi.h: the language between a web server and a pool of programs
 * (FastCGI Specification 1.0, 29 April 1996).
 *
 * A connection carries records; each has a header of eight bytes:
 *
 *     | version | type | request id (2) | content length (2) | pad | 0 |
 *
 * then its content and then `pad` bytes without meaning. PARAMS, STDIN,
 * STDOUT and STDERR are streams cut into records; an empty record ends one.
 *
 * The parser keeps its place inside itself and takes any number of bytes at
 * a time. The builders write to a writer, which remembers when room is
 * short. Used by nginx (client), php-fpm (server) and those who watch.
 */
#ifndef LW_FASTCGI_H
#define LW_FASTCGI_H

#include "bytes.h"

#define FCGI_PORT        9000  /* php-fpm's custom, not the specification's */
#define FCGI_HEADER_LEN  8     /* FCGI 3.3 */
#define FCGI_CONTENT_MAX 65535 /* what two bytes of length can say */
#define FCGI_VERSION     1

#define FCGI_TYPES(T)                                                          \
    T(BEGIN_REQUEST, 1)                                                        \
    T(ABORT_REQUEST, 2)                                                        \
    T(END_REQUEST, 3)                                                          \
    T(PARAMS, 4)                                                               \
    T(STDIN, 5)                                                                \
    T(STDOUT, 6)                                                               \
    T(STDERR, 7)                                                               \
    T(DATA, 8)                                                                 \
    T(GET_VALUES, 9)                                                           \
    T(GET_VALUES_RESULT, 10)                                                   \
    T(UNKNOWN_TYPE, 11)

enum fcgi_type {
#define T(name, number) FCGI_##name = number,
    FCGI_TYPES(T)
#undef T
};

/* FCGI 5.1: what BEGIN_REQUEST asks for. */
enum fcgi_role {
    FCGI_RESPONDER = 1,
    FCGI_AUTHORIZER = 2,
    FCGI_FILTER = 3
};
#define FCGI_KEEP_CONN 1 /* flag: do not close after END_REQUEST */

/* FCGI 5.5: the protocolStatus of END_REQUEST. */
enum fcgi_status {
    FCGI_REQUEST_COMPLETE,
    FCGI_CANT_MPX_CONN,
    FCGI_OVERLOADED,
    FCGI_UNKNOWN_ROLE
};

/* "BEGIN_REQUEST"; "UNKNOWN" for a number that is no type. */
const char *fcgi_type_name(unsigned type);

/* --- reading ------------------------------------------------------------- */

enum fcgi_step {
    FCGI_MORE,    /* the input is used up: call again with more */
    FCGI_HEADER,  /* type, id, length and padding are known */
    FCGI_CONTENT, /* piece, piece_len: some content, in the input's memory */
    FCGI_END,     /* the record is complete, padding included */
    FCGI_BAD      /* not version 1: the connection is beyond repair */
};

/* Zero it before the first byte of a connection. */
struct fcgi_parser {
    uint8_t type;    /* enum fcgi_type, or a number that is none */
    uint8_t padding; /* of the record */
    uint16_t id;     /* request id; 0: about the connection itself */
    uint16_t length; /* content length of the record */
    const uint8_t *piece;
    size_t piece_len;
    uint64_t at; /* stream offset of the record's header */

    /* private */
    uint64_t read;
    uint8_t have; /* bytes of the header in head */
    uint8_t head[FCGI_HEADER_LEN];
    uint32_t content_left, padding_left;
    uint8_t state;
};

/*
 * The next thing found in `in`, which is advanced. Call until FCGI_MORE or
 * FCGI_BAD. Every record gives HEADER, any number of CONTENT, END.
 */
enum fcgi_step fcgi_parse(struct fcgi_parser *f, struct cursor *in);

/* FCGI 5.1: content of BEGIN_REQUEST, complete (8 bytes). */
struct fcgi_begin {
    uint16_t role;
    uint8_t flags;
};
bool fcgi_get_begin(struct cursor *c, struct fcgi_begin *out);

/* FCGI 5.5: content of END_REQUEST, complete (8 bytes). */
struct fcgi_end {
    uint32_t app_status;
    uint8_t protocol_status;
};
bool fcgi_get_end(struct cursor *c, struct fcgi_end *out);

/* FCGI 3.4: one name-value pair; the texts are not zero-terminated. */
struct fcgi_pair {
    const char *name, *value;
    uint32_t name_len, value_len;
};

/*
 * The next pair of a complete PARAMS stream (all records' contents in one
 * piece). False at the end and for a pair that runs past it: then c->over.
 */
bool fcgi_get_pair(struct cursor *c, struct fcgi_pair *out);

/* --- writing ------------------------------------------------------------- */

/* Bytes that bring a content of this length to a multiple of eight. */
static inline unsigned
fcgi_padding(size_t len)
{
    return (unsigned)(-len & 7);
}

void fcgi_put_header(struct writer *w, enum fcgi_type type, uint16_t id,
    uint16_t length, uint8_t padding);
void fcgi_put_begin(
    struct writer *w, uint16_t id, enum fcgi_role role, uint8_t flags);
void fcgi_put_end(struct writer *w, uint16_t id, uint32_t app_status,
    enum fcgi_status status);

/* A whole record: header, len <= 65535 bytes of content, padding to eight.
 * len 0 ends a stream. */
void fcgi_put_record(struct writer *w, enum fcgi_type type, uint16_t id,
    const void *content, size_t len);

/* Bytes that fcgi_put_pair will write. */
size_t fcgi_pair_len(size_t name_len, size_t value_len);
void fcgi_put_pair(struct writer *w, const char *name, size_t name_len,
    const char *value, size_t value_len);

#endif
