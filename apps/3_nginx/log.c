/*
 * log.c: lines of the two logs. Every line is an event; where the
 * configuration names a file, the line is appended to it.
 */
#include "log.h"
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"};

const char *
log_level_name(enum log_level level)
{
    return names[level];
}

int
log_level_of(const char *name)
{
    for (int i = 0; i < LOG_LEVEL_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* 1 or 2 for a log on a descriptor that the process was born with; or 0. */
static int
standard(const char *path)
{
    if (strcmp(path, "stderr") == 0 || strcmp(path, "/dev/stderr") == 0)
        return 2;
    return strcmp(path, "/dev/stdout") == 0;
}

/* A file named twice is opened once. */
static int
open_one(struct proc *p, struct conf *c, struct log_file *f, unsigned inherited,
    struct fault *fault)
{
    struct log_file *known = c->files;

    if (!f || !f->path || f->fd >= 0)
        return 0;
    while (known && strcmp(known->path, f->path) != 0)
        known = known->next;
    if (known) {
        f->fd = known->fd;
        return 0;
    }
    if (standard(f->path)) {
        f->fd = inherited >> standard(f->path) & 1 ? standard(f->path) : -1;
        return 0;
    }
    f->fd =
        sys_open(p, f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (f->fd < 0) {
        fault_set(fault, NULL, 0, "open() \"%s\" failed (%d: %s)", f->path,
            -f->fd, strerror(-f->fd));
        return f->fd;
    }
    known = arena_alloc(&c->arena, sizeof(*known));
    if (!known)
        return -ENOMEM;
    *known = *f;
    known->next = c->files;
    c->files = known;
    return 0;
}

static int
open_tree(struct proc *p, struct conf *c, struct location *l,
    unsigned inherited, struct fault *fault)
{
    int err = open_one(p, c, l->error_log, inherited, fault);

    for (struct log_file *f = l->access_logs; f && !err; f = f->next)
        err = open_one(p, c, f, inherited, fault);
    for (struct location *in = l->children; in && !err; in = in->next)
        err = open_tree(p, c, in, inherited, fault);
    return err;
}

int
log_open(
    struct proc *p, struct conf *c, unsigned inherited, struct fault *fault)
{
    int err = open_one(p, c, c->error_log, inherited, fault);

    for (struct server *s = c->servers; s && !err; s = s->next)
        err = open_tree(p, c, s->location, inherited, fault);
    return err;
}

/* "2026/11/22 10:00:00 [error] 12#0: " */
static size_t
prefix(struct proc *p, pid_t pid, enum log_level level, char *buf, size_t size)
{
    struct env *env = sys_env(p);
    struct http_clock t =
        http_clock(env->timers->epoch + env->timers->now.ns / LW_S);

    return (size_t)snprintf(buf, size,
        "%04d/%02d/%02d %02d:%02d:%02d [%s] %d#%d: ", t.year, t.month, t.day,
        t.hour, t.minute, t.second, names[level], pid, pid);
}

/* A line costs nothing when no file takes it and nobody listens. */
static bool
wanted(struct proc *p, const struct log_file *f, enum log_level level)
{
    if (f && (int)level > f->level)
        return false;
    return (f && f->fd >= 0) ||
           journal_wants(sys_env(p)->journal, EV_NGINX_ERROR);
}

/* The event, and the line in the file. line has room for a newline. */
static void
emit(struct proc *p, const struct log_file *f, enum log_level level, char *line,
    size_t head, size_t len)
{
    NOTE(sys_env(p), EV_NGINX_ERROR, RULE_NGINX_ERROR_LOG,
        f_text("severity", names[level]),
        f_textn("line", line + head, len - head));
    line[len++] = '\n';
    if (f && f->fd >= 0)
        sys_write(p, f->fd, line, len);
}

void
log_program(struct proc *p, const struct log_file *file, enum log_level level,
    const char *format, ...)
{
    char line[1024];
    size_t head, len;
    va_list ap;

    if (!wanted(p, file, level))
        return;
    head = prefix(p, sys_getpid(p), level, line, sizeof(line));
    va_start(ap, format);
    vsnprintf(line + head, sizeof(line) - 1 - head, format, ap);
    va_end(ap);
    len = strlen(line);
    emit(p, file, level, line, head, len);
}

/* What nginx adds about the request: client, server, request, host. */
static void
about(struct conn *c, char *buf, size_t size)
{
    struct request *r = c->request;
    size_t n = (size_t)snprintf(buf, size, "%s%s, client: %s",
        c->doing ? " while " : "", c->doing ? c->doing : "", c->peer_text);

    if (n >= size)
        return;
    n += (size_t)snprintf(buf + n, size - n, ", server: %s",
        r ? r->server->name : c->listen->servers[0]->name);
    if (!r || !r->request_text.at || n >= size)
        return;
    n += (size_t)snprintf(buf + n, size - n, ", request: \"%.*s\"",
        (int)(r->request_text.len < 1024 ? r->request_text.len : 1024),
        r->request_text.at);
    if (n < size && r->upstream)
        n += (size_t)snprintf(buf + n, size - n, ", upstream: \"fastcgi://%s\"",
            r->location->fastcgi_pass ? r->location->fastcgi_pass->text : "");
    if (n < size && r->host_header.at)
        snprintf(buf + n, size - n, ", host: \"%.*s\"",
            (int)(r->host_header.len < 256 ? r->host_header.len : 256),
            r->host_header.at);
}

void
log_error(struct conn *c, enum log_level level, const char *format, ...)
{
    struct location *l =
        c->request ? c->request->location : c->listen->servers[0]->location;
    struct log_file *f =
        l && l->error_log ? l->error_log : c->worker->conf->error_log;
    char line[4096];
    size_t head, n;
    va_list ap;

    if (!wanted(c->worker->proc, f, level))
        return;
    head = prefix(c->worker->proc, c->worker->pid, level, line, sizeof(line));
    n = head + (size_t)snprintf(line + head, sizeof(line) - head, "*%llu ",
                   (unsigned long long)c->number);
    va_start(ap, format);
    vsnprintf(line + n, 2048, format, ap);
    va_end(ap);
    n += strlen(line + n);
    about(c, line + n, sizeof(line) - 1 - n);
    emit(c->worker->proc, f, level, line, head, n + strlen(line + n));
}

void
log_access(struct request *r)
{
    struct proc *p = r->worker->proc;

    for (struct log_file *f = r->location->access_logs; f; f = f->next) {
        struct http_text line;
        char *end;

        if (f->fd < 0 &&
            !journal_wants(r->worker->env->journal, EV_NGINX_ACCESS))
            continue;
        if (!f->path || value_guarded(r, f->format, GUARD_LOG, &line) < 0)
            continue;
        NOTE(r->worker->env, EV_NGINX_ACCESS, RULE_NGINX_ACCESS_LOG,
            f_textn("line", line.at, line.len));
        end = (char *)line.at + line.len;
        *end = '\n'; /* the text has room for a final byte */
        if (f->fd >= 0)
            sys_write(p, f->fd, line.at, line.len + 1);
        *end = '\0';
    }
}
