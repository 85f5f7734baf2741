/*
 * conf_log.c: log_format, access_log, error_log. A log named /dev/stdout,
 * /dev/stderr or stderr is the descriptor that the process was started with.
 */
#include "conf_reader.h"
#include "conf_lex.h"
#include "log.h"
#include "value.h"

#include <string.h>

#define COMBINED                                                               \
    "$remote_addr - $remote_user [$time_local] \"$request\" $status "          \
    "$body_bytes_sent \"$http_referer\" \"$http_user_agent\""

int
conf_log_format(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct log_format *f = conf_alloc(rd, sizeof(*f)), **at;
    char *text = "";

    (void)d;
    if (!f)
        return -1;
    f->name = s->word[1];
    for (at = &rd->conf->formats; *at; at = &(*at)->next)
        if (strcmp((*at)->name, f->name) == 0)
            return conf_fault(
                rd, "duplicate \"log_format\" name \"%s\"", f->name);
    for (unsigned i = 2; i < s->count && text; i++)
        text = arena_printf(&rd->conf->arena, "%s%s", text, s->word[i]);
    *at = f;
    return text ? value_compile(rd, text, &f->value) : -1;
}

static struct log_file *
log_new(struct reader *rd, const char *path)
{
    struct log_file *f = conf_alloc(rd, sizeof(*f));

    if (!f)
        return NULL;
    f->path = path;
    if (path && path[0] != '/' && strcmp(path, "stderr") != 0)
        f->path = arena_printf(&rd->conf->arena, "/usr/share/nginx/%s", path);
    f->fd = -1;
    return f;
}

static struct value *
format_find(struct reader *rd, const char *name)
{
    struct value *v = NULL;

    for (struct log_format *f = rd->conf->formats; f; f = f->next)
        if (strcmp(f->name, name) == 0)
            return f->value;
    if (strcmp(name, "combined") == 0)
        value_compile(rd, COMBINED, &v);
    else
        conf_fault(rd, "unknown log format \"%s\"", name);
    return v;
}

int
conf_access_log(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    bool off = strcmp(s->word[1], "off") == 0;
    struct log_file *f, **at;

    (void)d;
    if (strncmp(s->word[1], "syslog:", 7) == 0 || strchr(s->word[1], '$'))
        return conf_fault(
            rd, "access_log \"%s\": only a file or off", s->word[1]);
    f = log_new(rd, off ? NULL : s->word[1]);
    if (!f)
        return -1;
    f->format_name = s->count == 3 ? s->word[2] : "combined";
    if (!off) {
        f->format = format_find(rd, f->format_name);
        if (!f->format)
            return -1;
    }
    for (at = &rd->location->access_logs; *at; at = &(*at)->next)
        continue;
    *at = f;
    return 0;
}

int
conf_error_log(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct log_file **field =
        rd->location ? &rd->location->error_log : &rd->conf->error_log;
    int level = LOG_LEVEL_ERROR;

    if (*field)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    if (s->count == 3) {
        level = log_level_of(s->word[2]);
        if (level < 0)
            return conf_fault(rd, "invalid log level \"%s\"", s->word[2]);
    }
    *field = log_new(rd, s->word[1]);
    if (!*field)
        return -1;
    (*field)->level = level;
    return 0;
}
