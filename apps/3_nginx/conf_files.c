/*
 * conf_files.c: directives about files and answers: root, index, try_files,
 * types, error_page, allow and deny.
 */
#include "conf_reader.h"
#include "conf_lex.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

int
conf_root(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct root *root = conf_alloc(rd, sizeof(*root));
    struct location *l = rd->location;
    char *path = s->word[1];
    size_t len = strlen(path);

    if (!root)
        return -1;
    if (l->root)
        return conf_fault(rd, "\"%s\" directive is %s", d->name,
            l->root->alias == (d->name[0] == 'a')
                ? "duplicate"
                : "duplicate: root and alias exclude each other");
    root->alias = d->name[0] == 'a';
    if (root->alias && l->match == LOCATION_NAMED)
        return conf_fault(rd,
            "the \"alias\" directive cannot be used inside the named "
            "location");
    if (path[0] != '/' && path[0] != '$')
        path = arena_printf(&rd->conf->arena, "/usr/share/nginx/%s", path);
    else if (!root->alias && len > 1 && path[len - 1] == '/')
        path[len - 1] = '\0';
    root->captures = root->alias && l->match == LOCATION_REGEX;
    l->root = root;
    return path ? value_compile(rd, path, &root->value) : -1;
}

static int
add_text(struct reader *rd, struct text_list **list, const char *text)
{
    struct text_list *t = conf_alloc(rd, sizeof(*t));

    if (!t)
        return -1;
    while (*list)
        list = &(*list)->next;
    *list = t;
    return value_compile(rd, text, &t->value);
}

int
conf_index(struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    for (unsigned i = 1; i < s->count; i++) {
        if (!*s->word[i])
            return conf_fault(rd, "index \"\" is empty");
        if (add_text(rd, &rd->location->index, s->word[i]))
            return -1;
    }
    return 0;
}

int
conf_try_files(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct try_files *t = conf_alloc(rd, sizeof(*t));
    char *last = s->word[s->count - 1];

    (void)d;
    if (!t)
        return -1;
    if (rd->location->try_files)
        return conf_fault(rd, "\"try_files\" directive is duplicate");
    rd->location->try_files = t;
    t->is_dir = conf_alloc(rd, s->count * sizeof(bool));
    if (!t->is_dir)
        return -1;
    for (unsigned i = 1; i + 1 < s->count; i++) {
        size_t len = strlen(s->word[i]);

        t->is_dir[i - 1] = len > 0 && s->word[i][len - 1] == '/';
        if (t->is_dir[i - 1])
            s->word[i][len - 1] = '\0';
        if (add_text(rd, &t->files, s->word[i]))
            return -1;
    }
    if (last[0] == '=') {
        t->status = (unsigned)strtoul(last + 1, NULL, 10);
        if (t->status < 1 || t->status > 999)
            return conf_fault(rd, "invalid code \"%s\"", last);
        return 0;
    }
    if (last[0] == '@')
        t->named = last;
    return value_compile(rd, last, &t->fallback);
}

static unsigned
type_bucket(const char *ext)
{
    unsigned h = 0;

    for (; *ext; ext++)
        h = h * 31 + (unsigned char)*ext;
    return h % LW_COUNT(((struct types *)0)->bucket);
}

const char *
conf_type_of(const struct types *t, const char *ext)
{
    const struct mime_type *m = t->bucket[type_bucket(ext)];

    while (m && strcmp(m->extension, ext) != 0)
        m = m->next;
    return m ? m->type : NULL;
}

int
conf_add_type(
    struct reader *rd, struct types *t, const char *type, const char *ext)
{
    struct mime_type *m = conf_alloc(rd, sizeof(*m)), **at;
    char *lower = arena_text(&rd->conf->arena, ext, strlen(ext));

    if (!m || !lower)
        return -1;
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c |= 0x20;
    for (at = &t->bucket[type_bucket(lower)]; *at; at = &(*at)->next)
        if (strcmp((*at)->extension, lower) == 0) {
            (*at)->type = type; /* the later one wins, as in nginx */
            return 0;
        }
    m->extension = lower;
    m->type = type;
    *at = m;
    return 0;
}

int
conf_types(struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    (void)s;
    if (!rd->location->types)
        rd->location->types = conf_alloc(rd, sizeof(struct types));
    return rd->location->types ? conf_block(rd, IN_TYPES) : -1;
}

/* error_page 404 500 [=[code]] uri */
int
conf_error_page(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    char *uri = s->word[s->count - 1], *end;
    unsigned codes = s->count - 2;
    int64_t overwrite = -1;
    struct value *value;

    (void)d;
    if (s->word[codes][0] == '=') {
        overwrite = strtol(s->word[codes] + 1, &end, 10);
        if (*end)
            return conf_fault(rd, "invalid value \"%s\"", s->word[codes]);
        codes--;
    }
    if (value_compile(rd, uri, &value))
        return -1;
    for (unsigned i = 1; i <= codes; i++) {
        struct error_page *e = conf_alloc(rd, sizeof(*e)), **at;

        if (!e)
            return -1;
        e->status = (unsigned)strtoul(s->word[i], &end, 10);
        if (*end || e->status < 300 || e->status > 599 || e->status == 499)
            return conf_fault(
                rd, "value \"%s\" must be between 300 and 599", s->word[i]);
        e->overwrite = overwrite;
        e->uri = value;
        e->plain = uri;
        for (at = &rd->location->error_pages; *at; at = &(*at)->next)
            continue;
        *at = e;
    }
    return 0;
}

int
conf_access(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct access_rule *a = conf_alloc(rd, sizeof(*a)), **at;
    char *slash = strchr(s->word[1], '/'), *end;

    if (!a)
        return -1;
    a->deny = d->name[0] == 'd';
    if (strcmp(s->word[1], "all") != 0) {
        a->prefix = 32;
        if (slash) {
            *slash = '\0';
            a->prefix = (unsigned)strtoul(slash + 1, &end, 10);
            if (*end || end == slash + 1 || a->prefix > 32)
                return conf_fault(rd, "invalid parameter \"%s\"", slash + 1);
        }
        if (!ipv4_parse(s->word[1], &a->net))
            return conf_fault(rd,
                "invalid parameter \"%s\" (all, or an IPv4 address or net)",
                s->word[1]);
        a->net.v &= ipv4_mask(a->prefix).v;
    }
    for (at = &rd->location->access; *at; at = &(*at)->next)
        continue;
    *at = a;
    return 0;
}
