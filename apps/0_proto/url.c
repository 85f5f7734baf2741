/*
 * url.c: RFC 3986 section 3, from left to right: scheme, authority, path,
 * query, fragment. Nothing is changed or decoded; each part stays where it
 * is in the text.
 */
#include "url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct url_part
part(const char *from, const char *to)
{
    return (struct url_part){from, (size_t)(to - from)};
}

static int
refuse(struct fault *f, const char *text, const char *at, const char *why)
{
    return fault_set(f, NULL, 0, "URL \"%.200s\", column %zu: %s", text,
        (size_t)(at - text) + 1, why);
}

/* RFC 3986 3.1. The end of "scheme" when "://" follows, or NULL. */
static const char *
scheme_end(const char *text)
{
    const char *p = text;

    if (!is_alpha(*p))
        return NULL;
    while (is_alpha(*p) || is_digit(*p) || *p == '+' || *p == '-' || *p == '.')
        p++;
    return strncmp(p, "://", 3) == 0 ? p : NULL;
}

static bool
scheme_is(const struct url *u, const char *name)
{
    return u->scheme.len == strlen(name) &&
           strncasecmp(u->scheme.at, name, u->scheme.len) == 0;
}

/* RFC 3986 3.2.3, and the default of RFC 9110 4.2. */
static int
read_port(const char *text, struct url *u, struct fault *f)
{
    unsigned n = 0;

    u->port = scheme_is(u, "https") ? 443 : 80;
    if (!u->port_text.at || u->port_text.len == 0)
        return 0;
    for (size_t i = 0; i < u->port_text.len; i++) {
        const char *c = u->port_text.at + i;

        if (!is_digit(*c))
            return refuse(f, text, c, "a port is a number");
        n = n * 10 + (unsigned)(*c - '0');
        if (n > 65535)
            return refuse(f, text, c, "a port is at most 65535");
    }
    if (n == 0)
        return refuse(f, text, u->port_text.at, "no connection to port 0");
    u->port = (uint16_t)n;
    return 0;
}

/* RFC 3986 3.2.2: a name of letters, digits, '-', '.', '_', or percent
 * escapes and sub-delims, which no name service here would resolve. */
static int
check_host(const char *text, const struct url *u, struct fault *f)
{
    if (u->host.len == 0)
        return refuse(f, text, u->host.at, "a host name is missing");
    if (u->host.len > 253)
        return refuse(f, text, u->host.at, "the host name is too long");
    for (size_t i = 0; i < u->host.len; i++) {
        char c = u->host.at[i];

        if (!is_alpha(c) && !is_digit(c) && !strchr("-._", c))
            return refuse(f, text, u->host.at + i,
                c == '[' ? "IPv6 addresses are not supported"
                         : "this character cannot stand in a host name");
    }
    return 0;
}

/* RFC 3986 3.2: [user[:password]@]host[:port] */
static int
read_authority(const char *text, const char *from, const char *to,
    struct url *u, struct fault *f)
{
    const char *host = from, *colon;
    int err;

    for (const char *p = from; p < to; p++)
        if (*p == '@')
            host = p + 1; /* the last one: a lenient reading of 3.2.1 */
    if (host > from) {
        const char *end = host - 1;

        colon = memchr(from, ':', (size_t)(end - from));
        u->user = part(from, colon ? colon : end);
        if (colon)
            u->password = part(colon + 1, end);
    }
    colon = memchr(host, ':', (size_t)(to - host));
    if (host < to && *host == '[')
        colon = NULL;
    u->host = part(host, colon ? colon : to);
    if (colon)
        u->port_text = part(colon + 1, to);
    err = check_host(text, u, f);
    return err ? err : read_port(text, u, f);
}

/* RFC 3986 3.3, 3.4, 3.5, and the params of RFC 1738 3.1. */
static void
read_rest(const char *from, struct url *u)
{
    const char *end = from + strlen(from);
    const char *hash = strchr(from, '#');
    const char *mark, *slash = from, *semi;

    if (hash) {
        u->fragment = part(hash + 1, end);
        end = hash;
    }
    mark = memchr(from, '?', (size_t)(end - from));
    if (mark) {
        u->query = part(mark + 1, end);
        end = mark;
    }
    u->full_path = u->path = part(from, end);
    for (const char *p = from; p < end; p++)
        if (*p == '/')
            slash = p;
    semi = memchr(slash, ';', (size_t)(end - slash));
    if (semi) {
        u->path = part(from, semi);
        u->params = part(semi + 1, end);
    }
}

int
url_parse(const char *text, struct url *out, struct fault *fault)
{
    static const char http[] = "http";
    const char *colon = scheme_end(text), *from = text, *to;
    int err;

    *out = (struct url){.scheme = {http, 4}};
    if (colon) {
        out->scheme = part(text, colon);
        from = colon + 3;
    }
    if (!scheme_is(out, "http") && !scheme_is(out, "https"))
        return refuse(fault, text, text, "only http and https are known");
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return refuse(fault, text, p, "a control character");
    to = from + strcspn(from, "/?#");
    err = read_authority(text, from, to, out, fault);
    if (err)
        return err;
    read_rest(to, out);
    return 0;
}

/* RFC 3986 2: what may stand in a path or a query as it is. '%' too: what
 * the user typed encoded stays encoded. */
static bool
may_stand(unsigned char c)
{
    return is_alpha((char)c) || is_digit((char)c) ||
           (c != 0 && strchr("-._~!$&'()*+,;=:@/?%", c) != NULL);
}

static int
put_encoded(struct url_part p, char *buf, size_t size, size_t at)
{
    for (size_t i = 0; i < p.len; i++) {
        unsigned char c = (unsigned char)p.at[i];
        size_t need = may_stand(c) ? 1 : 3;

        if (at + need >= size)
            return -ENAMETOOLONG;
        if (need == 1)
            buf[at] = (char)c;
        else
            snprintf(buf + at, size - at, "%%%02X", c);
        at += need;
    }
    buf[at] = '\0';
    return (int)at;
}

int
url_target(const struct url *u, char *buf, size_t size)
{
    static const char root[] = "/", mark[] = "?";
    int at;

    if (size == 0)
        return -ENAMETOOLONG;
    at = put_encoded(
        u->full_path.len > 0 ? u->full_path : (struct url_part){root, 1}, buf,
        size, 0);
    if (at < 0 || !u->query.at)
        return at;
    at = put_encoded((struct url_part){mark, 1}, buf, size, (size_t)at);
    return at < 0 ? at : put_encoded(u->query, buf, size, (size_t)at);
}

int
url_host_field(const struct url *u, char *buf, size_t size)
{
    bool usual = u->port == (scheme_is(u, "https") ? 443 : 80);
    int n = usual ? snprintf(buf, size, "%.*s", (int)u->host.len, u->host.at)
                  : snprintf(buf, size, "%.*s:%u", (int)u->host.len, u->host.at,
                        u->port);

    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : n;
}
