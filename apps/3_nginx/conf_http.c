/*
 * conf_http.c: the blocks http, server and location, and how a server is
 * found: listen, server_name.
 */
#include "conf_reader.h"
#include "conf_lex.h"
#include "regex.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every number of a new block is "not said". */
void
conf_unset_numbers(void *of, unsigned kind)
{
    for (const struct directive *d = conf_directives(); d->name; d++) {
        if ((unsigned)d->of != kind || d->merge != MERGE_NUMBER)
            continue;
        *(int64_t *)(void *)((char *)of + d->offset) = CONF_UNSET;
    }
}

struct location *
conf_location_new(struct reader *rd)
{
    struct location *l = conf_alloc(rd, sizeof(*l));

    if (!l)
        return NULL;
    conf_unset_numbers(l, OF_LOCATION);
    l->internal = CONF_UNSET;
    l->parent = rd->location;
    l->name = l->shown = "";
    return l;
}

struct server *
conf_server_new(struct reader *rd)
{
    struct server *s = conf_alloc(rd, sizeof(*s));

    if (!s)
        return NULL;
    conf_unset_numbers(s, OF_SERVER);
    s->name = "";
    s->location = conf_location_new(rd);
    return s->location ? s : NULL;
}

int
conf_http(struct reader *rd, const struct directive *d, struct statement *s)
{
    int err;

    (void)s;
    if (rd->conf->http)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    rd->server = rd->conf->http_server = conf_server_new(rd);
    if (!rd->server)
        return -1;
    rd->location = rd->conf->http = rd->server->location;
    err = conf_block(rd, IN_HTTP);
    rd->server = NULL;
    rd->location = NULL;
    return err;
}

int
conf_server(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct server *outer = rd->server, *server = conf_server_new(rd);
    struct statement listen80 = {.count = 2, .word = {"listen", "80"}};
    int err;

    (void)s;
    if (!server)
        return -1;
    rd->server = server;
    rd->location = server->location;
    if (rd->conf->last_server)
        rd->conf->last_server->next = server;
    else
        rd->conf->servers = server;
    rd->conf->last_server = server;
    err = conf_block(rd, IN_SERVER);
    if (!err && server->nlisten == 0)
        err = conf_listen(rd, d, &listen80);
    rd->server = outer;
    rd->location = rd->conf->http;
    return err;
}

/* `=`, `^~`, `~`, `~*` may stand apart from the name or be glued to it. */
static const char *
location_modifier(struct statement *s, const char **name)
{
    static const char *const all[] = {"=", "^~", "~*", "~"};

    if (s->count == 3) {
        *name = s->word[2];
        for (size_t i = 0; i < LW_COUNT(all); i++)
            if (strcmp(s->word[1], all[i]) == 0)
                return all[i];
        return NULL;
    }
    *name = s->word[1];
    for (size_t i = 0; i < LW_COUNT(all); i++)
        if (strncmp(s->word[1], all[i], strlen(all[i])) == 0) {
            *name = s->word[1] + strlen(all[i]);
            return all[i];
        }
    return "";
}

static int
location_match(struct reader *rd, struct statement *s, struct location *l)
{
    const char *modifier = location_modifier(s, &l->name);

    if (!modifier)
        return conf_fault(rd, "invalid location modifier \"%s\"", s->word[1]);
    l->shown = arena_printf(
        &rd->conf->arena, "%s%s%s", modifier, *modifier ? " " : "", l->name);
    if (*modifier == '~') {
        l->match = LOCATION_REGEX;
        l->regex = regex_compile(rd, l->name, modifier[1] == '*');
        return l->regex ? 0 : -1;
    }
    l->match = *modifier == '='   ? LOCATION_EXACT
               : *modifier == '^' ? LOCATION_NO_REGEX
               : *l->name == '@'  ? LOCATION_NAMED
                                  : LOCATION_PREFIX;
    if (l->match == LOCATION_NAMED && l->parent->match != LOCATION_BLOCK)
        return conf_fault(rd,
            "named location \"%s\" can be on the server level only", l->name);
    return 0;
}

static int
location_place(struct reader *rd, struct location *l)
{
    struct location *outer = l->parent;

    if (outer->match == LOCATION_EXACT || outer->match == LOCATION_NAMED)
        return conf_fault(rd,
            "location \"%s\" cannot be inside the location \"%s\"", l->name,
            outer->name);
    if (outer->match != LOCATION_BLOCK && l->match != LOCATION_REGEX &&
        outer->match != LOCATION_REGEX &&
        strncmp(l->name, outer->name, strlen(outer->name)) != 0)
        return conf_fault(rd, "location \"%s\" is outside location \"%s\"",
            l->name, outer->name);
    for (struct location *o = outer->children; o; o = o->next)
        if (strcmp(o->shown, l->shown) == 0)
            return conf_fault(rd, "duplicate location \"%s\"", l->name);
    if (outer->last_child)
        outer->last_child->next = l;
    else
        outer->children = l;
    outer->last_child = l;
    return 0;
}

int
conf_location(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct location *outer = rd->location, *l = conf_location_new(rd);
    int err = l ? location_match(rd, s, l) : -1;

    (void)d;
    if (!err)
        err = location_place(rd, l);
    if (err)
        return err;
    rd->location = l;
    err = conf_block(rd, IN_LOCATION);
    rd->location = outer;
    return err;
}

/* "80", "10.0.0.1", "10.0.0.1:80", "*:80", "localhost:80", "unix:/path" */
int
conf_address(
    struct reader *rd, const char *text, uint16_t port, struct address *out)
{
    const char *colon = strrchr(text, ':');
    const char *number = colon ? colon + 1 : text;
    struct ipv4 ip = {0};
    char host[64] = "", dotted[16];
    char *end;
    unsigned long n;

    *out = (struct address){.len = sizeof(out->sock.in)};
    if (strncmp(text, "unix:", 5) == 0) {
        if (strlen(text) - 5 >= sizeof(out->sock.un.sun_path) || !text[5])
            return conf_fault(rd,
                "the unix domain socket path \"%s\" is "
                "empty or too long",
                text);
        out->sock.un.sun_family = AF_UNIX;
        strcpy(out->sock.un.sun_path, text + 5);
        out->len = sizeof(out->sock.un);
        out->text = text;
        return 0;
    }
    n = strtoul(number, &end, 10);
    if (*end || end == number) { /* an address alone */
        if (colon)
            return conf_fault(rd, "invalid port in \"%s\"", text);
        number = NULL;
        n = port;
    }
    if (n < 1 || n > 65535)
        return conf_fault(
            rd, number ? "invalid port in \"%s\"" : "no port in \"%s\"", text);
    if (colon || !number)
        snprintf(host, sizeof(host), "%.*s",
            colon ? (int)(colon - text) : (int)strlen(text), text);
    if (strcmp(host, "localhost") == 0)
        ip.v = 0x7f000001;
    else if (host[0] && strcmp(host, "*") != 0 && !ipv4_parse(host, &ip))
        return conf_fault(rd,
            "host not found in \"%s\" (an IPv4 address or localhost)", text);
    out->sock.in.sin_family = AF_INET;
    out->sock.in.sin_port = htons((uint16_t)n);
    out->sock.in.sin_addr.s_addr = htonl(ip.v);
    out->text =
        arena_printf(&rd->conf->arena, "%s:%lu", ipv4_text(ip, dotted), n);
    return out->text ? 0 : conf_fault(rd, "out of memory");
}

static struct listen *
listen_find(struct reader *rd, const struct address *a)
{
    struct listen **at = &rd->conf->listens;

    for (; *at; at = &(*at)->next)
        if (strcmp((*at)->address.text, a->text) == 0)
            return *at;
    *at = conf_alloc(rd, sizeof(**at));
    if (!*at)
        return NULL;
    (*at)->address = *a;
    (*at)->backlog = 511; /* NGX_LISTEN_BACKLOG of nginx on Linux */
    (*at)->fd = -1;
    (*at)->servers = conf_alloc(rd, 64 * sizeof(struct server *));
    return (*at)->servers ? *at : NULL;
}

static int
listen_option(struct reader *rd, struct listen *l, const char *word)
{
    if (strcmp(word, "default_server") == 0 || strcmp(word, "default") == 0) {
        if (l->has_default)
            return conf_fault(
                rd, "a duplicate default server for %s", l->address.text);
        l->has_default = true;
        l->servers[l->count - 1] = l->servers[0];
        l->servers[0] = rd->server;
        return 0;
    }
    if (strncmp(word, "backlog=", 8) == 0) {
        l->backlog = atoi(word + 8);
        return l->backlog > 0 ? 0
                              : conf_fault(rd, "invalid backlog \"%s\"", word);
    }
    return conf_fault(rd,
        "invalid parameter \"%s\" (known here: "
        "default_server, backlog=N)",
        word);
}

int
conf_listen(struct reader *rd, const struct directive *d, struct statement *s)
{
    struct address a;
    struct listen *l;
    int err = conf_address(rd, s->word[1], 80, &a);

    (void)d;
    if (err)
        return err;
    l = listen_find(rd, &a);
    if (!l)
        return -1;
    for (unsigned i = 0; i < l->count; i++)
        if (l->servers[i] == rd->server)
            return conf_fault(rd, "a duplicate listen %s", s->word[1]);
    if (l->count == 64)
        return conf_fault(rd, "more than 64 servers listen on %s", a.text);
    l->servers[l->count++] = rd->server;
    rd->server->nlisten++;
    for (unsigned i = 2; i < s->count && !err; i++)
        err = listen_option(rd, l, s->word[i]);
    return err;
}

static int
add_name(struct reader *rd, char *word)
{
    struct server_name *n = conf_alloc(rd, sizeof(*n)), **at;
    size_t len = strlen(word);

    if (!n)
        return -1;
    n->text = n->match = word;
    if (word[0] == '~') {
        n->kind = NAME_REGEX;
        n->regex = regex_compile(rd, word + 1, false);
        if (!n->regex)
            return -1;
    } else if (strncmp(word, "*.", 2) == 0 || word[0] == '.') {
        n->kind = NAME_HEAD_WILDCARD;
        n->or_bare = word[0] == '.';
        n->match = word + (word[0] == '*'); /* ".shop.test" */
    } else if (len > 2 && strcmp(word + len - 2, ".*") == 0) {
        n->kind = NAME_TAIL_WILDCARD;
    }
    if (n->kind != NAME_REGEX) {
        if (strchr(n->match + (n->kind == NAME_TAIL_WILDCARD ? 0 : 0), '*') &&
            n->kind != NAME_TAIL_WILDCARD)
            return conf_fault(
                rd, "invalid server name or wildcard \"%s\"", word);
        for (char *c = word; *c; c++)
            if (*c >= 'A' && *c <= 'Z')
                *c |= 0x20;
    }
    for (at = &rd->server->names; *at; at = &(*at)->next)
        continue;
    *at = n;
    return 0;
}

int
conf_server_name(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    for (unsigned i = 1; i < s->count; i++)
        if (add_name(rd, s->word[i]))
            return -1;
    if (!*rd->server->name)
        rd->server->name = rd->server->names->text;
    return 0;
}
