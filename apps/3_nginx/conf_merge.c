/*
 * conf_merge.c: what a block does not say, the block around it says; what
 * nobody says has a default. The table of directives drives it.
 */
#include "conf_reader.h"
#include "conf_lex.h"
#include "log.h"
#include "value.h"

#include <string.h>

static void
merge(void *inner, const void *outer, unsigned kind)
{
    for (const struct directive *d = conf_directives(); d->name; d++) {
        char *in = (char *)inner + d->offset;
        const char *out = outer ? (const char *)outer + d->offset : NULL;

        if ((unsigned)d->of != kind)
            continue;
        if (d->merge == MERGE_NUMBER) {
            int64_t *n = (int64_t *)(void *)in;

            if (*n == CONF_UNSET)
                *n = out ? *(const int64_t *)(const void *)out : d->absent;
        } else if (d->merge == MERGE_POINTER && out) {
            void **p = (void **)(void *)in;

            if (!*p)
                *p = *(void *const *)(const void *)out;
        }
    }
}

/* The defaults that are not numbers, in http{}. */
static int
defaults(struct reader *rd, struct location *http)
{
    static const char *const types[][2] = {
        {"text/html", "html"}, {"image/gif", "gif"}, {"image/jpeg", "jpg"}};

    rd->location = http;
    if (!http->root) {
        http->root = conf_alloc(rd, sizeof(*http->root));
        if (!http->root ||
            value_compile(rd, "/usr/share/nginx/html", &http->root->value))
            return -1;
    }
    if (!http->index) {
        http->index = conf_alloc(rd, sizeof(*http->index));
        if (!http->index ||
            value_compile(rd, "index.html", &http->index->value))
            return -1;
    }
    if (!http->default_type)
        http->default_type = "text/plain";
    if (!http->error_log)
        http->error_log = rd->conf->error_log;
    if (http->types)
        return 0;
    http->types = conf_alloc(rd, sizeof(*http->types));
    for (size_t i = 0; http->types && i < LW_COUNT(types); i++)
        conf_add_type(rd, http->types, types[i][0], types[i][1]);
    return http->types ? 0 : -1;
}

static void
number_default(int64_t *n, int64_t absent)
{
    if (*n == CONF_UNSET)
        *n = absent;
}

/* Nesting is bounded by the reader, so recursion is. */
static void
merge_locations(struct location *outer)
{
    for (struct location *l = outer->children; l; l = l->next) {
        merge(l, outer, OF_LOCATION);
        l->name_len = strlen(l->name);
        number_default(&l->internal, 0);
        merge_locations(l);
    }
}

static int
check_variables(struct reader *rd)
{
    for (struct variable_name *v = rd->conf->variables; v; v = v->next)
        if (!v->defined)
            return fault_set(rd->fault, NULL, 0,
                "unknown \"%s\" variable in %s:%u", v->name, v->file, v->line);
    return 0;
}

/* A wildcard address receives what is meant for the others of its port. */
static void
join_listens(struct conf *c)
{
    for (struct listen *l = c->listens; l; l = l->next)
        for (struct listen *w = c->listens; w; w = w->next) {
            bool covers =
                w != l && w->address.sock.any.sa_family == AF_INET &&
                l->address.sock.any.sa_family == AF_INET &&
                w->address.sock.in.sin_addr.s_addr == 0 &&
                w->address.sock.in.sin_port == l->address.sock.in.sin_port;

            if (covers) {
                l->wildcard = w;
                w->shared = true;
            }
        }
}

int
conf_merge(struct reader *rd)
{
    struct conf *c = rd->conf;

    rd->lexer = NULL;
    number_default(&c->worker_processes, 1);
    number_default(&c->worker_connections, 512);
    number_default(&c->multi_accept, 0);
    number_default(&c->master_process, 1);
    if (!c->error_log) {
        c->error_log = conf_alloc(rd, sizeof(*c->error_log));
        if (!c->error_log)
            return -1;
        *c->error_log = (struct log_file){
            .path = "stderr", .fd = -1, .level = LOG_LEVEL_ERROR};
    }
    if (c->http) {
        if (defaults(rd, c->http))
            return -1;
        merge(c->http, NULL, OF_LOCATION);
        merge(c->http_server, NULL, OF_SERVER);
    }
    for (struct upstream_block *b = c->upstreams; b; b = b->next)
        merge(b, NULL, OF_UPSTREAM);
    for (struct server *s = c->servers; s; s = s->next) {
        merge(s, c->http_server, OF_SERVER);
        merge(s->location, c->http, OF_LOCATION);
        number_default(&s->location->internal, 0);
        merge_locations(s->location);
    }
    join_listens(c);
    return check_variables(rd) || conf_upstream_check(rd) ? -1 : 0;
}
