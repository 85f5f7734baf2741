/*
 * fpm_conn.c: reading. Where php-fpm closes the connection without a word
 * (a second request at the same time, a type it does not know), the answers
 * that the specification asks for are given.
 */
#include "fpm_conn.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define PARAMS_MAX (1u << 20) /* bytes of PARAMS in one request */

void
fpm_conn_init(struct fpm_conn *c, struct proc *p)
{
    *c = (struct fpm_conn){.proc = p, .fd = -1};
    arena_init(&c->arena, 4 * PARAMS_MAX);
}

/* Exactly len bytes, or false: the peer is gone. */
static bool
read_all(struct fpm_conn *c, void *buf, size_t len)
{
    uint8_t *p = buf;
    ssize_t n;

    while (len > 0) {
        n = sys_read(c->proc, c->fd, p, len);
        if (n == -EINTR)
            continue;
        if (n <= 0) {
            c->stream_over = true;
            return false;
        }
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static void
note_record(struct fpm_conn *c)
{
    struct env *env = sys_env(c->proc);

    if (journal_wants(env->journal, EV_FCGI_RECORD_READ))
        journal_note(env->journal,
            &(struct note){EV_FCGI_RECORD_READ, RULE_FCGI_RECORD, __func__,
                env->host, 0, (uint32_t)c->in.at,
                (uint32_t)(FCGI_HEADER_LEN + c->in.length + c->in.padding),
                true},
            LW_FIELDS(f_text("by", "php-fpm"),
                f_text("type", fcgi_type_name(c->in.type)),
                f_u64("id", c->in.id), f_u64("len", c->in.length),
                f_u64("padding", c->in.padding), f_u64("fd", (uint64_t)c->fd)));
}

/* The next record's header; its fields are in c->in. */
static bool
read_header(struct fpm_conn *c)
{
    uint8_t head[FCGI_HEADER_LEN];
    struct cursor in;

    if (!read_all(c, head, sizeof(head)))
        return false;
    in = cursor_of(head, sizeof(head));
    if (fcgi_parse(&c->in, &in) != FCGI_HEADER) {
        c->stream_over = true;
        return false;
    }
    note_record(c);
    return true;
}

/* The parser walks over bytes that were read into place elsewhere. */
static void
pass(struct fpm_conn *c, const void *data, size_t len)
{
    struct cursor in = cursor_of(data, len);

    while (fcgi_parse(&c->in, &in) == FCGI_CONTENT)
        ;
    assert(cursor_left(&in) == 0);
}

/* Content and padding of the present record, in the arena; or NULL. */
static uint8_t *
read_content(struct fpm_conn *c)
{
    size_t len = (size_t)c->in.length + c->in.padding;
    uint8_t *p = arena_alloc(&c->arena, len + 1);

    if (!p || !read_all(c, p, len))
        return NULL;
    pass(c, p, len);
    return p;
}

char *
fpm_conn_get(const struct fpm_conn *c, const char *name)
{
    for (const struct fpm_param *p = c->params; p; p = p->next)
        if (strcmp(p->name, name) == 0)
            return p->value;
    return NULL;
}

static char *
put_param(struct fpm_conn *c, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
    struct fpm_param *p = c->params;

    while (p && (strlen(p->name) != name_len ||
                    memcmp(p->name, name, name_len) != 0))
        p = p->next;
    if (!p) {
        p = arena_alloc(&c->arena, sizeof(*p));
        if (!p || !(p->name = arena_text(&c->arena, name, name_len)))
            return NULL;
        p->next = c->params;
        c->params = p;
    }
    p->value = value ? arena_text(&c->arena, value, value_len) : NULL;
    return p->value;
}

char *
fpm_conn_put(struct fpm_conn *c, const char *name, const char *value)
{
    return put_param(c, name, strlen(name), value, value ? strlen(value) : 0);
}

/* FCGI 4.1: what the server may ask about this program. */
static void
answer_values(struct fpm_conn *c, const uint8_t *asked, size_t len)
{
    static const char *const known[][2] = {{"FCGI_MAX_CONNS", "1"},
        {"FCGI_MAX_REQS", "1"}, {"FCGI_MPXS_CONNS", "0"}};
    uint8_t content[256], record[512];
    struct writer values = writer_of(content, sizeof(content));
    struct writer w = writer_of(record, sizeof(record));
    struct cursor in = cursor_of(asked, len);
    struct fcgi_pair pair;
    bool given[LW_COUNT(known)] = {false};

    while (fcgi_get_pair(&in, &pair))
        for (size_t i = 0; i < LW_COUNT(known); i++) {
            if (given[i] || pair.name_len != strlen(known[i][0]) ||
                memcmp(pair.name, known[i][0], pair.name_len) != 0)
                continue;
            given[i] = true;
            fcgi_put_pair(&values, known[i][0], pair.name_len, known[i][1],
                strlen(known[i][1]));
        }
    fcgi_put_record(
        &w, FCGI_GET_VALUES_RESULT, 0, content, writer_len(&values));
    fpm_conn_answer(c, &w);
}

/*
 * A record that does not belong to the request under way: answered as the
 * specification says and skipped. False: the peer is gone.
 */
static bool
aside(struct fpm_conn *c)
{
    uint8_t buf[64], *content = read_content(c);
    struct writer w = writer_of(buf, sizeof(buf));

    if (!content)
        return false;
    if (c->in.id == 0 && c->in.type == FCGI_GET_VALUES) {
        answer_values(c, content, c->in.length);
    } else if (c->in.id == 0) { /* FCGI 4.2 */
        uint8_t body[8] = {c->in.type};

        fcgi_put_record(&w, FCGI_UNKNOWN_TYPE, 0, body, sizeof(body));
        fpm_conn_answer(c, &w);
    } else if (c->in.type == FCGI_BEGIN_REQUEST) { /* FCGI 5.5 */
        fcgi_put_end(&w, c->in.id, 0, FCGI_CANT_MPX_CONN);
        fpm_conn_answer(c, &w);
    }
    return !c->stream_over;
}

/* FCGI 5.1; other roles than responder are refused. */
static bool
take_begin(struct fpm_conn *c)
{
    uint8_t buf[32], *content = read_content(c);
    struct writer w = writer_of(buf, sizeof(buf));
    struct fcgi_begin begin;
    struct cursor in;
    int on = 1;

    if (!content)
        return false;
    in = cursor_of(content, c->in.length);
    if (!fcgi_get_begin(&in, &begin))
        return false;
    c->id = c->in.id;
    c->keep = begin.flags & FCGI_KEEP_CONN;
    if (begin.role != FCGI_RESPONDER) {
        fcgi_put_end(&w, c->id, 0, FCGI_UNKNOWN_ROLE);
        fpm_conn_answer(c, &w);
        return false;
    }
    if (c->keep)
        sys_setsockopt(
            c->proc, c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fpm_conn_put(c, "FCGI_ROLE", "RESPONDER") != NULL;
}

static bool
take_params(struct fpm_conn *c, const uint8_t *data, size_t len)
{
    struct cursor in = cursor_of(data, len);
    struct env *env = sys_env(c->proc);
    struct fcgi_pair p;

    while (fcgi_get_pair(&in, &p)) {
        if (!put_param(c, p.name, p.name_len, p.value, p.value_len))
            return false;
        NOTE(env, EV_FCGI_PARAM, RULE_FCGI_PAIR,
            f_textn("name", p.name, p.name_len),
            f_textn("value", p.value, p.value_len), f_text("by", "php-fpm"));
    }
    return !in.over;
}

/* PARAMS records until the empty one, then all pairs at once (FCGI 3.4). */
static bool
read_params(struct fpm_conn *c)
{
    uint8_t *all = NULL, *content, *more;
    size_t len = 0;

    while (read_header(c)) {
        if (c->in.id != c->id || c->in.type != FCGI_PARAMS) {
            if (c->in.id == c->id)
                return false; /* ABORT_REQUEST, or out of order */
            if (!aside(c))
                return false;
            continue;
        }
        if (c->in.length == 0)
            return read_content(c) && take_params(c, all, len);
        content = read_content(c);
        if (!content || len + c->in.length > PARAMS_MAX)
            return false;
        more = len ? arena_alloc(&c->arena, len + c->in.length) : content;
        if (!more)
            return false;
        if (len) {
            memcpy(more, all, len);
            memcpy(more + len, content, c->in.length);
        }
        all = more;
        len += c->in.length;
    }
    return false;
}

bool
fpm_conn_begin(struct fpm_conn *c)
{
    arena_free(&c->arena);
    arena_init(&c->arena, 4 * PARAMS_MAX);
    c->params = NULL;
    c->ended = c->body_over = c->keep = false;
    c->body_left = 0;
    c->out_len = c->out_type = 0;
    while (read_header(c)) {
        if (c->in.type == FCGI_BEGIN_REQUEST && c->in.id != 0)
            return take_begin(c) && read_params(c);
        /* What is left of the request before, or a management record. */
        if (!aside(c))
            return false;
    }
    return false;
}

/* The next STDIN record with something in it; false at the body's end. */
static bool
next_stdin(struct fpm_conn *c)
{
    while (!c->body_over && !c->stream_over) {
        if (!read_header(c))
            return false;
        if (c->in.id != c->id || c->in.type != FCGI_STDIN) {
            c->body_over = c->in.id == c->id;
            if (!aside(c))
                return false;
        } else if (c->in.length == 0) {
            c->body_over = true;
            return read_content(c) && false;
        } else {
            c->body_left = c->in.length;
            return true;
        }
    }
    return false;
}

size_t
fpm_conn_read(struct fpm_conn *c, void *buf, size_t len)
{
    uint8_t padding[255], *p = buf;
    size_t done = 0, n;

    while (done < len) {
        if (c->body_left == 0 && !next_stdin(c))
            break;
        n = len - done < c->body_left ? len - done : c->body_left;
        if (!read_all(c, p + done, n))
            break;
        pass(c, p + done, n);
        done += n;
        c->body_left -= n;
        if (c->body_left == 0 && c->in.padding > 0) {
            if (!read_all(c, padding, c->in.padding))
                break;
            pass(c, padding, c->in.padding);
        }
    }
    return done;
}
