/*
 * value.c: from "$a/${b}c$1" to parts and back to one text.
 */
#include "value.h"
#include "conf_reader.h"
#include "conf_lex.h"
#include "http_uri.h"
#include "request.h"

#include <errno.h>
#include <string.h>

static bool
name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

struct variable_name *
value_variable(struct reader *rd, const char *name, size_t len)
{
    struct variable_name **at = &rd->conf->variables;
    char *lower = arena_text(&rd->conf->arena, name, len);

    if (!lower)
        return NULL;
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c |= 0x20;
    for (; *at; at = &(*at)->next)
        if (strcmp((*at)->name, lower) == 0)
            return *at;
    *at = conf_alloc(rd, sizeof(**at));
    if (!*at)
        return NULL;
    (*at)->name = lower;
    (*at)->index = rd->conf->nvariables++;
    (*at)->file = rd->lexer ? rd->lexer->file : "";
    (*at)->line = rd->lexer ? rd->lexer->line : 0;
    return *at;
}

static int
variable_part(
    struct reader *rd, const char *name, size_t len, struct value_part *part)
{
    struct variable_name *v;
    char lower[64];

    if (len == 1 && *name >= '0' && *name <= '9') {
        part->capture = *name - '0';
        return 0;
    }
    if (len == 0 || len >= sizeof(lower))
        return conf_fault(rd, "invalid variable name");
    for (size_t i = 0; i < len; i++)
        lower[i] =
            (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
    lower[len] = '\0';
    if (vars_find(lower, len, part)) {
        if (part->text.len == 0)
            return 0;
        part->text.at =
            arena_text(&rd->conf->arena, part->text.at, part->text.len);
        return part->text.at ? 0 : conf_fault(rd, "out of memory");
    }
    v = value_variable(rd, name, len);
    if (!v)
        return conf_fault(rd, "out of memory");
    part->user = (int)v->index;
    return 0;
}

/* One part at *at, which is moved behind it. */
static int
next_part(struct reader *rd, const char **at, struct value_part *part)
{
    const char *p = *at, *name;

    if (*p != '$') {
        size_t n = strcspn(p, "$");

        part->text = (struct http_text){p, n};
        *at = p + n;
        return 0;
    }
    name = ++p;
    if (*p == '{') {
        name = ++p;
        while (name_byte(*p))
            p++;
        if (*p != '}')
            return conf_fault(
                rd, "the closing bracket in \"%s\" variable is missing", name);
        *at = p + 1;
    } else if (*p >= '0' && *p <= '9') {
        *at = ++p; /* $1 is one digit: "$10" is $1 and "0" */
    } else {
        while (name_byte(*p))
            p++;
        *at = p;
    }
    return variable_part(rd, name, (size_t)(p - name), part);
}

int
value_compile(struct reader *rd, const char *text, struct value **out)
{
    struct value *v = conf_alloc(rd, sizeof(*v));
    struct value_part **tail;

    if (!v)
        return -EINVAL;
    *v = (struct value){.source = text, .constant = true};
    tail = &v->parts;
    while (*text) {
        struct value_part *part = conf_alloc(rd, sizeof(*part));
        int err;

        if (!part)
            return -EINVAL;
        *part = (struct value_part){.capture = -1, .user = -1};
        err = next_part(rd, &text, part);
        if (err)
            return err;
        if (part->get || part->capture >= 0 || part->user >= 0)
            v->constant = false;
        *tail = part;
        tail = &part->next;
    }
    *out = v;
    return 0;
}

static bool
part_text(struct request *r, const struct value_part *p, struct http_text *out)
{
    const struct captures *c = &r->captures;

    *out = (struct http_text){"", 0};
    if (p->get) {
        if (!p->get(r, p->text, out))
            return false;
        if (out->len == 0)
            *out = http_text(""); /* not known yet is empty, too */
        return true;
    }
    if (p->user >= 0) {
        if (r->variables[p->user].at)
            *out = r->variables[p->user];
        return true;
    }
    if (p->capture < 0) {
        *out = p->text;
        return true;
    }
    if ((unsigned)p->capture < c->count && c->at[p->capture * 2] != SIZE_MAX) {
        out->at = c->subject.at + c->at[p->capture * 2];
        out->len = c->at[p->capture * 2 + 1] - c->at[p->capture * 2];
    }
    return true;
}

/* What a log line may hold: a client must not write lines of its own. */
static struct http_text
log_escape(struct request *r, struct http_text t)
{
    static const char hex[] = "0123456789ABCDEF";
    struct http_text out = {0};
    char *to = arena_alloc(&r->arena, t.len * 4 + 1);

    if (!to)
        return out;
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.at[i];

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
            to[out.len++] = '\\';
            to[out.len++] = 'x';
            to[out.len++] = hex[c >> 4];
            to[out.len++] = hex[c & 15];
        } else {
            to[out.len++] = (char)c;
        }
    }
    out.at = to;
    return out;
}

static struct http_text
guarded(struct request *r, const struct value_part *p, struct http_text t,
    enum value_guard guard, bool in_args)
{
    bool literal = !p->get && p->user < 0 && p->capture < 0;

    if (guard == GUARD_LOG && !literal)
        return t.len == 0 ? http_text("-") : log_escape(r, t);
    if (guard < GUARD_REWRITE || p->capture < 0)
        return t;
    if (in_args)
        return http_args_escape(&r->arena, t);
    return guard == GUARD_REDIRECT ? http_uri_escape(&r->arena, t) : t;
}

int
value_guarded(struct request *r, const struct value *v, enum value_guard guard,
    struct http_text *out)
{
    struct http_text piece[32];
    bool in_args = false;
    size_t len = 0;
    unsigned n = 0;
    char *to;

    for (const struct value_part *p = v->parts; p; p = p->next) {
        if (n == LW_COUNT(piece) || !part_text(r, p, &piece[n]))
            return -ENOMEM;
        piece[n] = guarded(r, p, piece[n], guard, in_args);
        if (!piece[n].at)
            return -ENOMEM;
        in_args = in_args || memchr(piece[n].at, '?', piece[n].len);
        len += piece[n++].len;
    }
    to = arena_alloc(&r->arena, len + 1);
    if (!to)
        return -ENOMEM;
    *out = (struct http_text){to, len};
    for (unsigned i = 0; i < n; i++) {
        if (piece[i].len > 0)
            memcpy(to, piece[i].at, piece[i].len);
        to += piece[i].len;
    }
    return 0;
}

int
value_text(struct request *r, const struct value *v, struct http_text *out)
{
    if (v->constant && v->parts && !v->parts->next) {
        *out = v->parts->text; /* all of the source, which ends with a zero */
        return 0;
    }
    return value_guarded(r, v, GUARD_NONE, out);
}
