/*
 * browser.c: from the address bar to the page.
 *
 *     URL -> parts -> name -> address -> connection -> request -> answer
 *
 * The first of the programs that a request meets. It cuts the URL apart,
 * asks the hosts file for the address, fetches (fetch.c), and follows
 * redirections. It reads the page and shows it to the journal; it does not
 * yet paint it, run its scripts, ask name servers or speak TLS.
 */
#include "browser.h"
#include "fetch.h"
#include "hosts.h"
#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REDIRECTS_MAX 10        /* then it is a circle */
#define ARENA_MAX     (1 << 20) /* bytes for one page's head and names */
#define FILE_MAX      65536     /* bytes read of hosts and resolv.conf */

struct browser {
    struct proc *p;
    struct env *env;
    struct arena arena;
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

/* A file of /etc as a whole; NULL: there is none. */
static char *
read_file(struct browser *b, const char *path, size_t *len)
{
    int fd = sys_open(b->p, path, O_RDONLY | O_CLOEXEC, 0);
    char *text = fd < 0 ? NULL : arena_alloc(&b->arena, FILE_MAX);
    ssize_t n = 0;

    *len = 0;
    while (text && *len < FILE_MAX &&
           (n = sys_read(b->p, fd, text + *len, FILE_MAX - *len)) > 0)
        *len += (size_t)n;
    if (fd >= 0)
        sys_close(b->p, fd);
    return text;
}

/* hosts(5), then resolver(5): who knows the name? */
static int
find_server(struct browser *b, const struct url *u, struct ipv4 *server)
{
    const struct url_part name = u->host;
    char *copy = arena_text(&b->arena, name.at, name.len);
    struct ipv4 dns;
    size_t len;

    if (!copy)
        return fails(b, NULL);
    if (ipv4_parse(copy, server))
        return 0;
    char *text = read_file(b, "/etc/hosts", &len);
    unsigned line = text ? hosts_find(text, len, name.at, name.len, server) : 0;
    if (line) {
        uint64_t no = NOTE(b->env, EV_NAME_HOSTS, RULE_HOSTS_FILE,
            f_u64("line", line), f_text("name", copy), f_ip("ip", *server));

        journal_enter(b->env->journal, no);
        return 0;
    }
    NOTE(b->env, EV_NAME_UNKNOWN, RULE_HOSTS_FILE, f_text("name", copy));
    text = read_file(b, "/etc/resolv.conf", &len);
    if (text && resolv_find(text, len, &dns)) {
        char server_text[16];

        return fails(
            b, arena_printf(&b->arena,
                   "%s is not in /etc/hosts, and asking the name server %s is "
                   "not built yet",
                   copy, ipv4_text(dns, server_text)));
    }
    return fails(b, arena_printf(&b->arena, "%s is not in /etc/hosts", copy));
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

/* Fetches one URL. *next: where to go from here, or NULL. */
static int
visit(struct browser *b, const char *text, const char **next)
{
    struct fetch *f = arena_alloc(&b->arena, sizeof *f);
    struct url u;

    *next = NULL;
    if (!f)
        return fails(b, NULL);
    f->arena = &b->arena;
    f->url = &u;
    if (parse(b, text, &u) || find_server(b, &u, &f->server))
        return -1;
    if (fetch_page(b->p, f))
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
