/*
 * conf_set.c: setters of plain values: flags, numbers, sizes, times, texts;
 * and the directives about the program itself.
 */
#include "conf_reader.h"
#include "conf_lex.h"
#include "value.h"

#include <string.h>

/* A second mention in the same block is a mistake, as in nginx. */
static int
once(struct reader *rd, const struct directive *d, int64_t value)
{
    int64_t *field = conf_field(rd, d);

    if (*field != CONF_UNSET)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    *field = value;
    return 0;
}

int
conf_set_flag(struct reader *rd, const struct directive *d, struct statement *s)
{
    if (d->max == 0) /* internal: saying it is enough */
        return once(rd, d, 1);
    if (strcmp(s->word[1], "on") == 0)
        return once(rd, d, 1);
    if (strcmp(s->word[1], "off") == 0)
        return once(rd, d, 0);
    return conf_fault(rd,
        "invalid value \"%s\" in \"%s\" directive, it must be \"on\" or "
        "\"off\"",
        s->word[1], d->name);
}

/* Digits at the start of text; the rest of it, or NULL. */
static const char *
digits(const char *text, int64_t *out)
{
    const char *at = text;

    *out = 0;
    while (*at >= '0' && *at <= '9') {
        if (*out > INT32_MAX)
            return NULL;
        *out = *out * 10 + (*at++ - '0');
    }
    return at > text ? at : NULL;
}

static int
number_of(const char *text, int64_t *out)
{
    const char *rest = digits(text, out);

    return rest && !*rest ? 0 : -1;
}

int
conf_set_number(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    int64_t n;

    if (number_of(s->word[1], &n) < 0)
        return conf_fault(rd, "invalid number");
    return once(rd, d, n);
}

static int
size_of(const char *text, int64_t *out)
{
    const char *rest = digits(text, out);

    if (!rest)
        return -1;
    switch (*rest | 0x20) {
    case 'k': *out *= 1024; break;
    case 'm': *out *= 1024 * 1024; break;
    case 'g': *out *= 1024 * 1024 * 1024LL; break;
    default: return *rest ? -1 : 0;
    }
    return rest[1] ? -1 : 0;
}

int
conf_set_size(struct reader *rd, const struct directive *d, struct statement *s)
{
    int64_t n;

    if (size_of(s->word[1], &n) < 0)
        return conf_fault(rd, "\"%s\" directive invalid value", d->name);
    return once(rd, d, n);
}

int
conf_set_two_sizes(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    int64_t *field = conf_field(rd, d), n, size;
    const char *rest = digits(s->word[1], &n);

    if (!rest || *rest || n == 0 || n > 1024 ||
        size_of(s->word[2], &size) < 0 || size < 64 || size > 16777216)
        return conf_fault(rd, "\"%s\" directive invalid value", d->name);
    field[1] = size; /* the member behind it: number, size */
    return once(rd, d, n);
}

/* "1m 30s", "500ms", "65": milliseconds. */
static int
msec_of(const char *text, int64_t *out)
{
    *out = 0;
    while (*text) {
        int64_t n, unit = 1000;
        const char *rest = digits(text, &n);

        if (!rest)
            return -1;
        if (rest[0] == 'm' && rest[1] == 's') {
            unit = 1;
            rest += 2;
        } else if (*rest == 's' || *rest == 'm' || *rest == 'h') {
            unit = *rest == 's' ? 1000 : *rest == 'm' ? 60000 : 3600000;
            rest++;
        } else if (*rest && *rest != ' ') {
            return -1;
        }
        *out += n * unit;
        while (*rest == ' ')
            rest++;
        text = rest;
    }
    return 0;
}

int
conf_set_msec(struct reader *rd, const struct directive *d, struct statement *s)
{
    int64_t n;

    if (!*s->word[1] || msec_of(s->word[1], &n) < 0)
        return conf_fault(rd, "\"%s\" directive invalid value", d->name);
    return once(rd, d, n);
}

/* Whole seconds, as nginx counts where milliseconds are of no use. */
static int
seconds_of(const char *text, int64_t *out)
{
    if (!*text || msec_of(text, out) < 0 || *out % 1000 != 0)
        return -1;
    *out /= 1000;
    return 0;
}

int
conf_set_seconds(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    int64_t n;

    if (seconds_of(s->word[1], &n) < 0)
        return conf_fault(rd, "\"%s\" directive invalid value", d->name);
    return once(rd, d, n);
}

int
conf_set_keepalive(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    int64_t header;

    if (s->count == 3) {
        if (msec_of(s->word[2], &header) < 0)
            return conf_fault(rd, "\"%s\" directive invalid value", d->name);
        rd->location->keepalive_header = header;
    }
    return conf_set_msec(rd, d, s);
}

int
conf_set_text(struct reader *rd, const struct directive *d, struct statement *s)
{
    const char **field = conf_field(rd, d);

    if (*field)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    *field = s->word[1];
    return 0;
}

int
conf_set_value(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct value **field = conf_field(rd, d);

    if (*field)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    return value_compile(rd, s->word[1], field);
}

/* Directives that tune nginx's own tables and change nothing to be seen. */
int
conf_set_ignored(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)rd;
    (void)d;
    (void)s;
    return 0;
}

int
conf_worker_processes(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    int64_t n = 1; /* auto: this computer has one processor */
    const char *rest = "";

    if (strcmp(s->word[1], "auto") != 0)
        rest = digits(s->word[1], &n);
    if (!rest || *rest || n < 1 || n > 64)
        return conf_fault(rd, "invalid value \"%s\" in \"%s\" directive",
            s->word[1], d->name);
    if (rd->conf->worker_processes != CONF_UNSET)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    rd->conf->worker_processes = n;
    return 0;
}

int
conf_use(struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    if (strcmp(s->word[1], "epoll") != 0)
        return conf_fault(rd,
            "invalid event type \"%s\" (this server has only epoll)",
            s->word[1]);
    return 0;
}

int
conf_autoindex(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    if (strcmp(s->word[1], "off") != 0)
        return conf_fault(rd,
            "\"autoindex\" can only be \"off\": folders are not listed here");
    return 0;
}

/* open_file_cache off | max=N [inactive=TIME]; */
int
conf_open_file_cache(
    struct reader *rd, const struct directive *d, struct statement *s)
{
    struct file_cache_conf **field = conf_field(rd, d);
    struct file_cache_conf *c = conf_alloc(rd, sizeof(*c));
    bool off = false;

    if (!c)
        return -1;
    if (*field)
        return conf_fault(rd, "\"%s\" directive is duplicate", d->name);
    *field = c;
    c->index = rd->conf->nfile_caches++;
    c->inactive = 60;
    for (unsigned i = 1; i < s->count; i++) {
        const char *word = s->word[i];
        bool good = strcmp(word, "off") == 0;

        off = off || good;
        if (strncmp(word, "max=", 4) == 0)
            good = number_of(word + 4, &c->max) == 0 && c->max > 0;
        if (strncmp(word, "inactive=", 9) == 0)
            good = seconds_of(word + 9, &c->inactive) == 0;
        if (!good)
            return conf_fault(
                rd, "invalid \"%s\" parameter \"%s\"", d->name, word);
    }
    if (off)
        c->max = 0;
    else if (c->max == 0)
        return conf_fault(
            rd, "\"%s\" must have the \"max\" parameter", d->name);
    return 0;
}

int
conf_events(struct reader *rd, const struct directive *d, struct statement *s)
{
    (void)d;
    (void)s;
    return conf_block(rd, IN_EVENTS);
}
