/*
 * conf_fastcgi.c: where the program behind listens, and what it is told.
 */
#include "conf_reader.h"
#include "conf_lex.h"
#include "regex.h"
#include "value.h"

#include <string.h>

/* That of an upstream{}: no port, no path, no digits. */
static bool
is_name(const char *word)
{
    return !strchr(word, ':') && !strchr("0123456789*", word[0]) &&
           strcmp(word, "localhost") != 0;
}

int
conf_fastcgi_pass(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct location *l = rd->location;

    if (l->fastcgi_pass)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    if (strchr(s->word[1], '$'))
        return conf_fault(rd,
            "\"fastcgi_pass %s\": variables are not supported here",
            s->word[1]);
    if (is_name(s->word[1])) {
        l->fastcgi_upstream = conf_upstream_named(rd, s->word[1]);
        l->fastcgi_pass =
            l->fastcgi_upstream ? &l->fastcgi_upstream->address : NULL;
        return l->fastcgi_pass ? 0 : -1;
    }
    l->fastcgi_pass = conf_alloc(rd, sizeof(*l->fastcgi_pass));
    if (!l->fastcgi_pass)
        return -1;
    return conf_address(rd, s->word[1], 0, l->fastcgi_pass);
}

int
conf_fastcgi_split(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct location *l = rd->location;

    if (l->fastcgi_split)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    l->fastcgi_split = regex_compile(rd, s->word[1], false);
    if (!l->fastcgi_split)
        return -1;
    if (regex_captures(l->fastcgi_split) != 2)
        return conf_fault(
            rd, "pattern \"%s\" must have 2 captures", s->word[1]);
    return 0;
}

int
conf_fastcgi_param(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct fastcgi_param *p = conf_alloc(rd, sizeof(*p)), **at;

    (void)d;
    if (!p)
        return -1;
    p->name = s->word[1];
    if (s->count == 4) {
        if (strcmp(s->word[3], "if_not_empty") != 0)
            return conf_fault(rd, "invalid parameter \"%s\"", s->word[3]);
        p->if_not_empty = true;
    }
    for (at = &rd->location->fastcgi_params; *at; at = &(*at)->next)
        continue;
    *at = p;
    return value_compile(rd, s->word[2], &p->value);
}
