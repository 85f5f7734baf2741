/*
 * conf_rewrite.c: rewrite, return, set, break: a small program per server
 * and location, run in order by rewrite.c.
 */
#include "conf_reader.h"
#include "conf_lex.h"
#include "regex.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

static struct rewrite *
add(struct reader *rd, enum rewrite_kind kind)
{
    struct rewrite *w = conf_alloc(rd, sizeof(*w)), **at;

    if (!w)
        return NULL;
    w->kind = kind;
    for (at = &rd->location->rewrites; *at; at = &(*at)->next)
        continue;
    *at = w;
    return w;
}

static bool
is_absolute(const char *text)
{
    return strncmp(text, "http://", 7) == 0 ||
           strncmp(text, "https://", 8) == 0 ||
           strncmp(text, "$scheme", 7) == 0;
}

static int
rewrite_flag(struct reader *rd, struct rewrite *w, const char *flag)
{
    if (strcmp(flag, "last") == 0)
        w->last = true;
    else if (strcmp(flag, "break") == 0)
        w->break_ = true;
    else if (strcmp(flag, "redirect") == 0)
        w->status = 302;
    else if (strcmp(flag, "permanent") == 0)
        w->status = 301;
    else
        return conf_fault(rd, "invalid parameter \"%s\"", flag);
    return 0;
}

int
conf_rewrite(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct rewrite *w = add(rd, REWRITE_REGEX);
    size_t len = strlen(s->word[2]);

    (void)d;
    if (!w)
        return -1;
    w->regex = regex_compile(rd, s->word[1], false);
    if (!w->regex)
        return -1;
    if (is_absolute(s->word[2]))
        w->status = 302;
    if (s->count == 4 && rewrite_flag(rd, w, s->word[3]))
        return -1;
    w->add_args = true; /* a `?` at the end says: do not */
    if (len > 0 && s->word[2][len - 1] == '?') {
        s->word[2][len - 1] = '\0';
        w->add_args = false;
    }
    return value_compile(rd, s->word[2], &w->value);
}

/* return code; return code text; return code URL; return URL */
int
conf_return(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct rewrite *w = add(rd, REWRITE_RETURN);
    char *end;

    (void)d;
    if (!w)
        return -1;
    w->status = (unsigned)strtoul(s->word[1], &end, 10);
    if (*end || end == s->word[1]) {
        if (s->count == 3 || !(is_absolute(s->word[1])))
            return conf_fault(rd, "invalid return code \"%s\"", s->word[1]);
        w->status = 302;
        return value_compile(rd, s->word[1], &w->value);
    }
    if (w->status > 999)
        return conf_fault(rd, "invalid return code \"%s\"", s->word[1]);
    return s->count == 3 ? value_compile(rd, s->word[2], &w->value) : 0;
}

int
conf_set_variable(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct rewrite *w = add(rd, REWRITE_SET);
    struct value_part builtin = {0};
    struct variable_name *v;
    const char *name = s->word[1];

    (void)d;
    if (!w)
        return -1;
    if (name[0] != '$' || !name[1])
        return conf_fault(rd, "invalid variable name \"%s\"", name);
    if (vars_find(name + 1, strlen(name + 1), &builtin))
        return conf_fault(rd, "the duplicate \"%s\" variable", name + 1);
    v = value_variable(rd, name + 1, strlen(name + 1));
    if (!v)
        return -1;
    v->defined = true;
    w->variable = v->index;
    return value_compile(rd, s->word[2], &w->value);
}

int
conf_break(struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    (void)s;
    return add(rd, REWRITE_BREAK) ? 0 : -1;
}
