/*
 * conf.c: the configuration file as nested blocks. Each statement is looked
 * up in the table of directives, checked for place and number of arguments,
 * and handed to its setter. Messages have the form of nginx -t.
 *
 * include takes a name or a pattern (conf_glob.c), absolute or beside
 * nginx.conf.
 */
#include "conf.h"
#include "conf_reader.h"
#include "conf_lex.h"
#include "regex.h"
#include "value.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX     32
#define FILE_SIZE_MAX (1024 * 1024)

int
conf_fault(struct reader *rd, const char *format, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (!rd->lexer)
        return fault_set(rd->fault, NULL, 0, "%s", text);
    return lex_fault(rd->lexer, rd->lexer->line, "%s", text);
}

void *
conf_alloc(struct reader *rd, size_t size)
{
    void *at = arena_alloc(&rd->conf->arena, size);

    if (!at)
        conf_fault(rd, "out of memory");
    return at;
}

void *
conf_field(const struct reader *rd, const struct directive *d)
{
    char *of = d->of == OF_CONF       ? (char *)rd->conf
               : d->of == OF_SERVER   ? (char *)rd->server
               : d->of == OF_UPSTREAM ? (char *)rd->upstream
                                      : (char *)rd->location;

    return of + d->offset;
}

/* How many single changes lead from one word to the other, at most 3. */
static unsigned
distance(const char *a, const char *b)
{
    unsigned row[64];
    size_t n = strlen(b);

    if (n >= LW_COUNT(row))
        return 3;
    for (unsigned j = 0; j <= n; j++)
        row[j] = j;
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            unsigned change = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            if (row[j - 1] + 1 < change)
                change = row[j - 1] + 1;
            if (row[j] + 1 < change)
                change = row[j] + 1;
            row[j] = change;
        }
    }
    return row[n] < 3 ? row[n] : 3;
}

static int
unknown(struct reader *rd, const char *name)
{
    const struct directive *best = NULL;
    unsigned least = 3;

    for (const struct directive *d = conf_directives(); d->name; d++)
        if (*d->name && distance(name, d->name) < least) {
            least = distance(name, d->name);
            best = d;
        }
    if (best)
        return conf_fault(rd,
            "unknown directive \"%.60s\" (did you mean \"%s\"?)", name,
            best->name);
    return conf_fault(rd,
        "unknown directive \"%.60s\" (not one that this server supports)",
        name);
}

/* nginx looks at the name first, then the place, then the end, then the
 * number of arguments: the first complaint is the same as there. */
static int
check(struct reader *rd, const struct statement *s,
    const struct directive **found)
{
    const struct directive *d = conf_directives();
    bool known = false;

    for (; d->name; d++) {
        if (strcmp(d->name, s->word[0]) != 0)
            continue;
        known = true;
        if (d->contexts & rd->context)
            break;
    }
    if (!known)
        return unknown(rd, s->word[0]);
    if (!d->name)
        return conf_fault(
            rd, "\"%s\" directive is not allowed here", s->word[0]);
    if (d->block && s->end != STATEMENT_BLOCK)
        return conf_fault(rd, "directive \"%s\" has no opening \"{\"", d->name);
    if (!d->block && s->end == STATEMENT_BLOCK)
        return conf_fault(
            rd, "directive \"%s\" is not terminated by \";\"", d->name);
    if (s->count - 1 < d->min || s->count - 1 > d->max)
        return conf_fault(
            rd, "invalid number of arguments in \"%s\" directive", d->name);
    *found = d;
    return 0;
}

/* Inside types{}: `text/html html htm;` */
static int
types_entry(struct reader *rd, struct statement *s)
{
    if (s->end == STATEMENT_BLOCK)
        return conf_fault(rd, "unexpected \"{\"");
    for (unsigned i = 1; i < s->count; i++) {
        int err =
            conf_add_type(rd, rd->location->types, s->word[0], s->word[i]);

        if (err)
            return err;
    }
    return 0;
}

static int
statement(struct reader *rd, struct statement *s)
{
    const struct directive *d = NULL;
    int err;

    if (rd->context == IN_TYPES && strcmp(s->word[0], "include") != 0)
        return types_entry(rd, s);
    err = check(rd, s, &d);
    return err ? err : d->set(rd, d, s);
}

/* Statements until the end of the file (top) or the closing brace. */
static int
statements(struct reader *rd, bool top)
{
    for (;;) {
        struct statement s;
        int err = lex_statement(rd->lexer, &s);

        if (err)
            return err;
        if (s.end == STATEMENT_EOF && !top)
            return conf_fault(rd, "unexpected end of file, expecting \"}\"");
        if (s.end == STATEMENT_CLOSE && top)
            return conf_fault(rd, "unexpected \"}\"");
        if (s.end == STATEMENT_EOF || s.end == STATEMENT_CLOSE)
            return 0;
        err = statement(rd, &s);
        if (err)
            return err;
    }
}

int
conf_block(struct reader *rd, unsigned context)
{
    unsigned before = rd->context;
    int err;

    if (++rd->depth > DEPTH_MAX)
        return conf_fault(rd, "blocks and includes nested too deep");
    rd->context = context;
    err = statements(rd, false);
    rd->context = before;
    rd->depth--;
    return err;
}

static int
read_text(struct reader *rd, const char *name, const char *text, size_t len)
{
    struct lexer *outer = rd->lexer;
    struct lexer x = {.at = text,
        .stop = text + len,
        .line = 1,
        .file = name,
        .arena = &rd->conf->arena,
        .fault = rd->fault};
    int err;

    if (++rd->depth > DEPTH_MAX)
        return conf_fault(rd, "blocks and includes nested too deep");
    rd->lexer = &x;
    err = statements(rd, true);
    rd->lexer = outer;
    rd->depth--;
    return err;
}

/* The whole file into the arena. 0 or -errno with the fault set. */
static int
load(struct reader *rd, const char *path, char **text, size_t *len)
{
    struct stat st;
    int fd = rd->proc ? sys_open(rd->proc, path, O_RDONLY, 0) : -ENOENT;
    int err = fd < 0 ? fd : sys_fstat(rd->proc, fd, &st);

    if (err < 0) {
        conf_fault(
            rd, "open() \"%s\" failed (%d: %s)", path, -err, strerror(-err));
        return err;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > FILE_SIZE_MAX)
        err = conf_fault(rd, "\"%s\" is no file of at most 1 MiB", path);
    *text = err ? NULL : conf_alloc(rd, (size_t)st.st_size + 1);
    *len = 0;
    while (*text && *len < (size_t)st.st_size) {
        ssize_t n = sys_pread64(
            rd->proc, fd, *text + *len, (size_t)st.st_size - *len, (off_t)*len);

        if (n < 0)
            err = conf_fault(rd, "pread() \"%s\" failed (%d: %s)", path,
                (int)-n, strerror((int)-n));
        if (n <= 0)
            break;
        *len += (size_t)n;
    }
    sys_close(rd->proc, fd);
    return *text ? err : -EINVAL;
}

static int
read_file(struct reader *rd, const char *path)
{
    char *text;
    size_t len;
    int err = load(rd, path, &text, &len);

    if (err)
        return err;
    if (rd->proc)
        NOTE(sys_env(rd->proc), EV_NGINX_CONFIG, RULE_NGINX_INCLUDE,
            f_text("file", path), f_u64("len", len));
    return read_text(rd, path, text, len);
}

int
conf_include(struct reader *rd, const struct directive *d, struct statement *s)
{
    char *path = s->word[1];
    struct path_list *all = NULL;
    int err;

    (void)d;
    if (path[0] != '/')
        path = arena_printf(&rd->conf->arena, "/etc/nginx/%s", path);
    if (!path)
        return conf_fault(rd, "out of memory");
    if (!rd->proc || !strpbrk(path, "*?["))
        return read_file(rd, path);
    err = conf_glob(rd, path, &all);
    for (; all && !err; all = all->next)
        err = read_file(rd, all->path);
    return err;
}

/* Memory of regular expressions lives and dies with the configuration. */
static int
init(struct conf *c)
{
    *c = (struct conf){.users = c->users,
        .worker_processes = CONF_UNSET,
        .worker_connections = CONF_UNSET,
        .multi_accept = CONF_UNSET,
        .master_process = CONF_UNSET,
        .daemon = CONF_UNSET};
    arena_init(&c->arena, 0);
    return 0;
}

int
conf_read_text(struct conf *c, struct proc *p, const char *name,
    const char *text, size_t len, struct fault *fault)
{
    struct reader rd = {
        .conf = c, .proc = p, .fault = fault, .context = IN_MAIN};
    int err = init(c);

    if (!err)
        err = read_text(&rd, name, text, len);
    return err ? err : conf_merge(&rd);
}

int
conf_read(struct conf *c, struct proc *p, const char *path, struct fault *fault)
{
    struct reader rd = {
        .conf = c, .proc = p, .fault = fault, .context = IN_MAIN};
    int err = init(c);

    if (!err)
        err = read_file(&rd, path);
    return err ? err : conf_merge(&rd);
}

void
conf_free(struct conf *c)
{
    arena_free(&c->arena);
}

struct conf *
conf_new(void)
{
    struct conf *c = calloc(1, sizeof(*c));

    if (c)
        c->users = 1;
    return c;
}

void
conf_drop(void *conf)
{
    struct conf *c = conf;

    if (--c->users > 0)
        return;
    conf_free(c);
    free(c);
}
