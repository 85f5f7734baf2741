/*
 * browser.c: from the address bar to the page.
 *
 *     URL -> parts -> name -> address -> connection -> request -> answer
 *
 * The first of the programs that a request meets. It cuts the URL apart, has
 * the name resolved (resolve.c), fetches (fetch.c), and follows redirections.
 * It reads the page and shows it to the journal; it does not yet paint it,
 * run its scripts or speak TLS.
 */
#include "browser.h"
#include "fetch.h"
#include "reference.h"
#include "resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REDIRECTS_MAX 10        /* then it is a circle */
#define ARENA_MAX     (1 << 20) /* bytes for one page's head and names */

struct browser {
    struct proc *p;
    struct env *env;
    struct arena arena;
    struct resolver resolver;
};

static struct field
f_part(const char *name, struct url_part part)
{
    return f_textn(name, part.at ? part.at : "", part.len);
}

static int
fails(struct browser *b, const char *why)
{
    NOTE(b->env, EV_PAGE_FAILED, RULE_NONE,
        f_text("reason", why ? why : "no memory"));
    return -1;
}

/* Who has the name of the URL? */
static int
find_server(struct browser *b, const struct url *u, struct resolved *servers)
{
    char *name = arena_text(&b->arena, u->host.at, u->host.len);

    if (!name)
        return fails(b, NULL);
    if (resolve_host(&b->resolver, name, servers) == 0)
        return 0;
    return fails(b, arena_printf(&b->arena, "could not resolve %s: %s", name,
                        servers->why));
}

static int
parse(struct browser *b, const char *text, struct url *u)
{
    struct fault fault = {{0}};
    uint64_t no;

    if (url_parse(text, u, &fault))
        return fails(b, fault.text);
    no = NOTE(b->env, EV_URL_PARSED, RULE_URL_PARTS, f_text("url", text),
        f_part("scheme", u->scheme), f_part("user", u->user),
        f_part("password", u->password), f_part("host", u->host),
        f_u64("port", u->port), f_part("path", u->path),
        f_part("params", u->params), f_part("query", u->query),
        f_part("fragment", u->fragment));
    journal_enter(b->env->journal, no); /* the cause of all that follows */
    if (u->scheme.at &&
        (u->scheme.len != 4 || strncasecmp(u->scheme.at, "http", 4) != 0))
        return fails(
            b, arena_printf(&b->arena, "%.*s: only http is spoken so far",
                   (int)u->scheme.len, u->scheme.at));
    return 0;
}

/* RFC 9110 15.4: the statuses that send a client on to another URL. */
static const struct http_header *
redirection(const struct http_response *r)
{
    bool moves = r->status == 301 || r->status == 302 || r->status == 303 ||
                 r->status == 307 || r->status == 308;

    return moves ? http_headers_find(&r->headers, "Location") : NULL;
}

static void
show(struct browser *b, const struct fetch *f)
{
    const struct http_header *type =
        http_headers_find(&f->response.headers, "Content-Type");

    NOTE(b->env, EV_PAGE_LOADED, RULE_PAGE_READY,
        f_u64("status", f->response.status), f_u64("len", f->response.body_len),
        f_textn("type", type ? type->value.at : "unknown type",
            type ? type->value.len : strlen("unknown type")),
        f_bytes("body", f->body, f->body_kept));
}

/* RFC 1123 2.3: a computer may have several addresses, of which some do not
 * answer; the next is tried while there was no connection. */
static int
fetch_any(struct browser *b, struct fetch *f, const struct resolved *servers)
{
    int err = -1;

    for (unsigned i = 0; i < servers->n && err; i++) {
        f->server = servers->addrs[i];
        err = fetch_page(b->p, f);
        if (err && f->connected)
            break;
    }
    return err;
}

/* Fetches one URL. *next: where to go from here, or NULL. */
static int
visit(struct browser *b, const char *text, const char **next)
{
    struct fetch *f = arena_alloc(&b->arena, sizeof *f);
    struct resolved servers;
    struct url u;

    *next = NULL;
    if (!f)
        return fails(b, NULL);
    f->arena = &b->arena;
    f->url = &u;
    if (parse(b, text, &u) || find_server(b, &u, &servers))
        return -1;
    if (fetch_any(b, f, &servers))
        return fails(b, f->why);
    const struct http_header *to = redirection(&f->response);
    if (!to)
        show(b, f); /* the page is there; the connection may go */
    fetch_close(b->p, f);
    if (!to)
        return 0;
    *next = reference_resolve(&b->arena, &u, to->value.at, to->value.len);
    return *next ? 0 : fails(b, NULL);
}

static void
forget(void *owner)
{
    struct browser *b = owner;

    arena_free(&b->arena);
    resolver_free(&b->resolver);
    free(b);
}

int
browser_main(struct proc *p, int argc, char **argv)
{
    struct browser *b = calloc(1, sizeof *b);
    int err = b ? sys_at_end(p, forget, b) : -ENOMEM;

    if (err)
        return 1;
    b->p = p;
    b->env = sys_env(p);
    arena_init(&b->arena, ARENA_MAX);
    resolver_init(&b->resolver, p);
    if (argc != 2) {
        fails(b, "usage: browser URL");
        return 2;
    }
    const char *url = argv[1];
    for (int i = 0; url && i <= REDIRECTS_MAX; i++)
        if ((err = visit(b, url, &url)) != 0)
            break;
    if (!err && url)
        err = fails(b, "too many redirections");
    return err ? 1 : 0;
}
