/*
 * conf_upstream.c: upstream{}: a program behind under a name, and how many
 * idle connections to it a worker keeps (upstream_keep.c). One server in
 * each: requests are not balanced here.
 */
#include "conf_reader.h"
#include "conf_lex.h"

#include <string.h>

struct upstream_block *
conf_upstream_named(struct reader *rd, const char *name)
{
    struct upstream_block **at = &rd->conf->upstreams, *b;

    for (; *at; at = &(*at)->next)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    b = conf_alloc(rd, sizeof(*b));
    if (!b)
        return NULL;
    conf_unset_numbers(b, OF_UPSTREAM);
    b->name = name;
    b->index = rd->conf->nupstreams++;
    b->file = rd->lexer->file;
    b->line = rd->lexer->line;
    *at = b;
    return b;
}

int
conf_upstream(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct upstream_block *b = conf_upstream_named(rd, s->word[1]);
    int err;

    (void)d;
    if (!b)
        return -1;
    if (b->defined)
        return conf_fault(rd, "duplicate upstream \"%s\"", b->name);
    b->defined = true;
    rd->upstream = b;
    err = conf_block(rd, IN_UPSTREAM);
    rd->upstream = NULL;
    if (err)
        return err;
    if (!b->address.text)
        return conf_fault(rd, "no servers are inside upstream");
    if (b->keepalive == 0)
        return conf_fault(rd, "invalid value \"0\" in \"keepalive\" directive");
    return 0;
}

/* server ADDRESS; inside upstream{}. */
int
conf_upstream_server(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    if (s->count > 2)
        return conf_fault(
            rd, "invalid parameter \"%s\" (none is known here)", s->word[2]);
    if (rd->upstream->address.text)
        return conf_fault(rd,
            "a second server in upstream \"%s\": requests are not balanced "
            "here",
            rd->upstream->name);
    return conf_address(rd, s->word[1], 80, &rd->upstream->address);
}

int
conf_upstream_check(struct reader *rd)
{
    for (struct upstream_block *b = rd->conf->upstreams; b; b = b->next)
        if (!b->defined)
            return fault_set(rd->fault, NULL, 0,
                "host not found in upstream \"%s\" in %s:%u", b->name, b->file,
                b->line);
    return 0;
}
