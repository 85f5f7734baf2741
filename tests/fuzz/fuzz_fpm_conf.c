/*
 * fuzz_fpm_conf.c: php-fpm's configuration. The input is one file, or two
 * with a zero byte between them: the first may include the second by the
 * name "b" (or itself, by "a").
 */
#include "fuzz.h"
#include "fpm_conf.h"

#include <assert.h>
#include <string.h>

struct files {
    const char *a, *b;
    size_t na, nb;
};

static const char *
load(void *owner, struct arena *arena, const char *path, size_t *len)
{
    const struct files *f = owner;
    bool b = strcmp(path, "b") == 0;

    if (!b && strcmp(path, "a") != 0)
        return NULL;
    *len = b ? f->nb : f->na;
    return arena_text(arena, b ? f->b : f->a, *len);
}

static const char *
match(void *owner, struct arena *arena, const char *pattern, unsigned i)
{
    (void)owner;
    if (strcmp(pattern, "*") == 0)
        return i == 0 ? "a" : i == 1 ? "b" : NULL;
    return i == 0 ? arena_text(arena, pattern, strlen(pattern)) : NULL;
}

static void
warn(void *owner, const char *text)
{
    (void)owner;
    assert(strlen(text) > 0);
}

int
fuzz_fpm_conf(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size ? memchr(text, 0, size) : NULL;
    struct files f = {.a = text, .b = "", .na = size};
    struct fpm_loader loader = {&f, load, match, warn};
    struct fpm_conf c = {0};
    struct fault fault = {""};
    int err;

    if (end) {
        f.na = (size_t)(end - text);
        f.b = end + 1;
        f.nb = size - f.na - 1;
    }
    err = fpm_conf_read(&c, &loader, "a", &fault);
    assert((err == 0) == (fault.text[0] == '\0'));
    for (struct fpm_pool *p = c.pools; err == 0 && p; p = p->next)
        assert(p->name && p->listen && p->max_children > 0);
    fpm_conf_free(&c);
    return 0;
}
