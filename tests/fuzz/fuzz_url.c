/*
 * fuzz_url.c: URLs and the references on a page. The first line of the input
 * is a URL, the rest a reference on the page that it names. Whatever is read
 * can be asked for, and what a reference leads to can be read again.
 */
#include "fuzz.h"
#include "reference.h"

#include <assert.h>
#include <string.h>

#define LONGEST 1000

static void
inside(const char *text, struct url_part p)
{
    if (p.at)
        assert(p.at >= text && p.at + p.len <= text + strlen(text));
}

/* The parts lie in the text; the request's bytes may stand in a request. */
static void
look(const char *text, const struct url *u)
{
    char buf[8 * LONGEST];
    int n = url_target(u, buf, sizeof buf);

    inside(text, u->user);
    inside(text, u->password);
    inside(text, u->host);
    inside(text, u->port_text);
    inside(text, u->path);
    inside(text, u->params);
    inside(text, u->query);
    inside(text, u->fragment);
    inside(text, u->full_path);
    assert(n > 0 && buf[0] == '/');
    for (int i = 0; i < n; i++)
        assert(buf[i] > ' ' && buf[i] < 127);
    assert(url_target(u, buf, (size_t)n) == -36 /* ENAMETOOLONG */);
    n = url_host_field(u, buf, sizeof buf);
    assert(n >= 0);
    for (int i = 0; i < n; i++)
        assert(buf[i] != '\r' && buf[i] != '\n');
}

int
fuzz_url(const uint8_t *data, size_t size)
{
    char text[2 * LONGEST + 2] = "", *second;
    struct url u, there;
    struct fault fault = {""};
    struct arena arena;
    char *where;

    memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
    second = strchr(text, '\n');
    if (second)
        *second++ = '\0';
    if (strlen(text) > LONGEST || (second && strlen(second) > LONGEST))
        return 0;
    if (url_parse(text, &u, &fault) != 0) {
        assert(fault.text[0]);
        return 0;
    }
    look(text, &u);
    if (!second)
        return 0;
    arena_init(&arena, 1 << 20);
    where = reference_resolve(&arena, &u, second, strlen(second));
    assert(where);
    if (url_parse(where, &there, &fault) == 0)
        look(where, &there);
    arena_free(&arena);
    return 0;
}
