/*
 * resolv_conf.c: reads what an administrator wrote, and keeps within the
 * limits of the manual page.
 */
#include "resolv_conf.h"
#include "etc_words.h"

static void
search(struct resolv_conf *c, const char **at, const char *end)
{
    struct etc_word w;
    struct dns_fault f;

    c->nsearch = 0; /* the last such line wins */
    while (c->nsearch < RESOLV_SEARCH && (w = etc_next(at, end)).len > 0)
        c->nsearch += dns_name_parse(w.at, w.len, &c->search[c->nsearch], &f);
}

/* `name:12` gives 12, at least `least` and at most `most`. */
static bool
number(struct etc_word w, const char *name, unsigned least, unsigned most,
    unsigned *out)
{
    size_t n = strlen(name);
    unsigned v = 0;

    if (w.len <= n || memcmp(w.at, name, n) != 0)
        return false;
    for (; n < w.len && w.at[n] >= '0' && w.at[n] <= '9' && v <= most; n++)
        v = v * 10 + (unsigned)(w.at[n] - '0');
    *out = v < least ? least : v > most ? most : v;
    return true;
}

static void
options(struct resolv_conf *c, const char **at, const char *end)
{
    struct etc_word w;

    while ((w = etc_next(at, end)).len > 0) {
        if (number(w, "ndots:", 0, 15, &c->ndots) ||
            number(w, "timeout:", 1, 30, &c->timeout) ||
            number(w, "attempts:", 1, 5, &c->attempts))
            continue;
        c->use_vc |= etc_is(w, "use-vc");
        c->edns0 |= etc_is(w, "edns0");
    }
}

void
resolv_conf_parse(const char *text, size_t len, struct resolv_conf *c)
{
    const char *end = text + len;

    *c = (struct resolv_conf){.ndots = 1, .timeout = 5, .attempts = 2};
    for (const char *at = text; at < end;) {
        const char *stop = etc_line(at, end);
        struct etc_word w = {at, 0};

        if (*at != ';') /* a comment, in the first column */
            w = etc_next(&at, stop);
        if (etc_is(w, "nameserver") && c->nservers < RESOLV_SERVERS)
            c->nservers +=
                etc_ipv4(etc_next(&at, stop), &c->servers[c->nservers]);
        else if (etc_is(w, "search") || etc_is(w, "domain"))
            search(c, &at, stop);
        else if (etc_is(w, "options"))
            options(c, &at, stop);
        at = stop + 1;
    }
    if (c->nservers == 0)
        c->servers[c->nservers++] = (struct ipv4){0x7f000001};
}
