/*
 * fcgi_read.c: the records that come back: STDOUT is the answer, STDERR goes
 * to the error log, END_REQUEST says that the program has finished.
 */
#include "upstream.h"

#include <errno.h>
#include <string.h>

static void
tell(struct upstream *u)
{
    struct request *r = u->request;
    struct journal *j = r->worker->env->journal;
    const struct fcgi_parser *f = &u->parser;
    struct note n = {.kind = EV_FCGI_RECORD_READ,
        .literal = true,
        .rule = f->type == FCGI_END_REQUEST ? RULE_FCGI_END : RULE_FCGI_RECORD,
        .func = __func__,
        .host = r->worker->env->host,
        .off = (uint32_t)f->at,
        .len = (uint32_t)FCGI_HEADER_LEN + f->length + f->padding};
    struct field fields[] = {f_text("by", "nginx"),
        f_text("type", fcgi_type_name(f->type)), f_u64("id", f->id),
        f_u64("len", f->length), f_u64("conn", r->conn->number),
        f_i64("fd", u->source.fd)};

    if (journal_wants(j, n.kind))
        journal_note(j, &n, fields, LW_COUNT(fields));
}

/* Trailing line ends are cut, as nginx does. */
static void
log_stderr(struct upstream *u)
{
    const char *text = (const char *)u->parser.piece;
    size_t len = u->parser.piece_len;

    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r' ||
                          text[len - 1] == '.' || text[len - 1] == ' '))
        len--;
    if (len > 1024)
        len = 1024;
    if (len > 0)
        log_error(u->request->conn, LOG_LEVEL_ERROR,
            "FastCGI sent in stderr: \"%.*s\"", (int)len, text);
}

static void
content(struct upstream *u, uint8_t *bytes, size_t *kept)
{
    const struct fcgi_parser *f = &u->parser;

    switch (f->type) {
    case FCGI_STDOUT:
        if (u->stdout_closed)
            break;
        memmove(bytes + *kept, f->piece, f->piece_len);
        *kept += f->piece_len;
        break;
    case FCGI_STDERR: log_stderr(u); break;
    default: break;
    }
}

static bool
header(struct upstream *u)
{
    const struct fcgi_parser *f = &u->parser;

    tell(u);
    if (f->type == FCGI_STDOUT && f->length == 0)
        u->stdout_closed = true;
    if (f->type != FCGI_STDOUT && f->type != FCGI_STDERR &&
        f->type != FCGI_END_REQUEST) {
        log_error(u->request->conn, LOG_LEVEL_ERROR,
            "upstream sent unexpected FastCGI record: %u", f->type);
        return false;
    }
    if (f->id != FCGI_REQUEST_ID) {
        log_error(u->request->conn, LOG_LEVEL_ERROR,
            "upstream sent unexpected FastCGI request id: %u", f->id);
        return false;
    }
    return true;
}

ssize_t
fcgi_unpack(struct upstream *u, uint8_t *bytes, size_t len)
{
    struct cursor in = cursor_of(bytes, len);
    size_t kept = 0;

    while (!u->ended) { /* what comes behind END_REQUEST is nobody's */
        switch (fcgi_parse(&u->parser, &in)) {
        case FCGI_MORE: return (ssize_t)kept;
        case FCGI_HEADER:
            if (!header(u))
                return -EPROTO;
            break;
        case FCGI_CONTENT: content(u, bytes, &kept); break;
        case FCGI_END:
            if (u->parser.type == FCGI_END_REQUEST) {
                u->ended = true;
                u->clean = cursor_left(&in) == 0;
            }
            break;
        default:
            log_error(u->request->conn, LOG_LEVEL_ERROR,
                "upstream sent unsupported FastCGI protocol version: %u",
                u->parser.head[0]);
            return -EPROTO;
        }
    }
    return (ssize_t)kept;
}
