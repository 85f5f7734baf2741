/*
 * location.c: which server block and which location block a request is for.
 *
 * Servers: the exact name, then the longest wildcard at the head, the
 * longest at the tail, the first regular expression, else the default
 * server of the address. Locations: `=` ends the search; the longest prefix
 * is remembered; unless it is `^~`, the first regular expression that
 * matches, in the order of the file, wins over it.
 */
#include "request.h"

#include <string.h>

static bool
ends_with(struct http_text t, const char *tail)
{
    size_t n = strlen(tail);

    return t.len > n && memcmp(t.at + t.len - n, tail, n) == 0;
}

/* How good the match is; 0: none. Longer wildcards are better. */
static size_t
rank(const struct server_name *n, struct http_text host)
{
    size_t len = strlen(n->match);

    switch (n->kind) {
    case NAME_EXACT: return http_text_is(host, n->match) ? 3u << 20 : 0;
    case NAME_HEAD_WILDCARD:
        if (n->or_bare && http_text_is(host, n->match + 1))
            return 3u << 20;
        return ends_with(host, n->match) ? (2u << 20) + len : 0;
    case NAME_TAIL_WILDCARD: /* "www.shop.*" */
        return host.len > len - 1 && memcmp(host.at, n->match, len - 1) == 0
                   ? (1u << 20) + len
                   : 0;
    default: return 0;
    }
}

struct server *
server_find(struct listen *l, struct http_text host, struct request *r)
{
    struct server *best = NULL;
    size_t most = 0;

    if (host.len == 0)
        return l->servers[0];
    for (unsigned i = 0; i < l->count; i++)
        for (struct server_name *n = l->servers[i]->names; n; n = n->next) {
            size_t this = rank(n, host);

            if (this > most) {
                most = this;
                best = l->servers[i];
            }
        }
    for (unsigned i = 0; !best && i < l->count; i++)
        for (struct server_name *n = l->servers[i]->names; n && !best;
             n = n->next)
            if (n->kind == NAME_REGEX &&
                regex_match(n->regex, host, &r->captures, r))
                best = l->servers[i];
    return best ? best : l->servers[0];
}

static bool
is_prefix(const struct location *l, struct http_text uri)
{
    return uri.len >= l->name_len && memcmp(uri.at, l->name, l->name_len) == 0;
}

/* The exact or longest prefix location among the children; or NULL. */
static struct location *
longest(struct location *outer, struct http_text uri)
{
    struct location *best = NULL;
    size_t most = 0;

    for (struct location *l = outer->children; l; l = l->next) {
        if (l->match == LOCATION_REGEX || l->match == LOCATION_NAMED ||
            !is_prefix(l, uri))
            continue;
        if (l->match == LOCATION_EXACT) {
            if (l->name_len == uri.len)
                return l;
            continue;
        }
        if (!best || l->name_len > most) {
            best = l;
            most = l->name_len;
        }
    }
    return best;
}

static struct location *
find(struct request *r, struct location *outer)
{
    struct location *found = longest(outer, r->uri), *inner = NULL;

    if (found && found->match == LOCATION_EXACT)
        return found;
    if (found)
        inner = find(r, found); /* nesting is bounded by the reader */
    if (inner &&
        (inner->match == LOCATION_EXACT || inner->match == LOCATION_REGEX))
        return inner;
    if (!found || (found->match != LOCATION_NO_REGEX &&
                      !(inner && inner->match == LOCATION_NO_REGEX)))
        for (struct location *l = outer->children; l; l = l->next)
            if (l->match == LOCATION_REGEX &&
                regex_match(l->regex, r->uri, &r->captures, r)) {
                inner = find(r, l);
                return inner ? inner : l;
            }
    return inner ? inner : found;
}

/* `location /dir/ { fastcgi_pass }` and a request for /dir: go to /dir/. */
static struct location *
wants_slash(struct request *r)
{
    for (struct location *l = r->server->location->children; l; l = l->next) {
        size_t n = l->name_len;

        if ((l->match == LOCATION_PREFIX || l->match == LOCATION_NO_REGEX) &&
            l->fastcgi_pass && n == r->uri.len + 1 && l->name[n - 1] == '/' &&
            memcmp(l->name, r->uri.at, r->uri.len) == 0)
            return l;
    }
    return NULL;
}

int
location_find(struct request *r)
{
    struct location *l = find(r, r->server->location);
    struct location *slash;

    r->location = l ? l : r->server->location;
    journal_enter(r->worker->env->journal,
        NOTE(r->worker->env, EV_NGINX_LOCATION, RULE_NGINX_LOCATION,
            f_u64("conn", r->conn->number),
            f_text("location", l ? l->shown : "of the server itself"),
            f_textn("uri", r->uri.at, r->uri.len)));
    slash = l && (l->match == LOCATION_REGEX || l->match == LOCATION_EXACT)
                ? NULL
                : wants_slash(r);
    if (!slash)
        return RC_OK;
    r->location = slash;
    r->location_url = (struct http_text){NULL, 0};
    r->location_url.at = r->args.len > 0
                             ? arena_printf(&r->arena, "%s?%.*s", slash->name,
                                   (int)r->args.len, r->args.at)
                             : slash->name;
    if (!r->location_url.at)
        return 500;
    r->location_url.len = strlen(r->location_url.at);
    return 301;
}
