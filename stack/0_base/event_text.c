/*
 * event_text.c: an event as a sentence. Called by the narrator, the window
 * and the capture writer, never by the data path.
 */
#include "journal.h"
#include "bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Appends all of it or, once something did not fit, nothing more. */
static void
add(struct writer *w, const char *text, size_t len)
{
    if (!w->over)
        put_bytes(w, text, len);
}

/* Appends what fits of a text in ASCII. */
static void
add_ascii(struct writer *w, const char *text, size_t len)
{
    size_t room = (size_t)(w->end - w->at);

    add(w, text, len < room ? len : room);
    w->over |= len > room;
}

/*
 * How many bytes of text are one character that a terminal shows as it is:
 * 0 for control characters and for what is no UTF-8 (RFC 3629 4).
 */
static size_t
printable(const uint8_t *p, size_t len)
{
    size_t n;
    uint32_t c = p[0];

    if (c < 0x80)
        return c >= 0x20 && c != 0x7f;
    n = c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 && c < 0xf0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || len < n)
        return 0;
    c &= 0x7fu >> n;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < 0xa0 || (n == 3 && c < 0x800) || (n == 4 && c < 0x10000) ||
        (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return 0;
    return n;
}

static void
add_mem(struct writer *w, const struct field *f)
{
    const uint8_t *p = f->at;
    size_t left = f->len;

    while (left > 0 && !w->over) {
        size_t n = printable(p, f->type == FIELD_TEXT ? left : 1);
        char hex[8];

        if (n > 0) {
            add(w, (const char *)p, n);
        } else {
            n = 1;
            snprintf(hex, sizeof hex, "\\x%02x", *p);
            add(w, hex, 4);
        }
        p += n;
        left -= n;
    }
}

/* "12.345 ms": at most three decimals, no zeros at the end. */
static int
ns_text(int64_t ns, char *buf, size_t size)
{
    uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    uint64_t unit = v < 1000 ? 1 : v < 1000000 ? 1000 : 1000000;
    const char *name = v < 1000 ? "ns" : v < 1000000 ? "us" : "ms";
    unsigned part, digits = 3;

    if (v >= 1000000000) {
        unit = 1000000000;
        name = "s";
    }
    part = (unsigned)(v % unit * 1000 / unit);
    while (digits > 0 && part % 10 == 0) {
        part /= 10;
        digits--;
    }
    if (digits == 0)
        return snprintf(
            buf, size, "%s%" PRIu64 " %s", ns < 0 ? "-" : "", v / unit, name);
    return snprintf(buf, size, "%s%" PRIu64 ".%0*u %s", ns < 0 ? "-" : "",
        v / unit, (int)digits, part, name);
}

/* By hand: these are most fields, and snprintf takes ten times as long. */
static void
add_decimal(struct writer *w, uint64_t v)
{
    char digits[20], *at = digits + sizeof digits;

    do
        *--at = (char)('0' + v % 10);
    while (v /= 10);
    add_ascii(w, at, (size_t)(digits + sizeof digits - at));
}

static void
add_field(struct writer *w, const struct field *f)
{
    char buf[48];
    struct mac m;

    switch (f->type) {
    case FIELD_U64: add_decimal(w, f->u); return;
    case FIELD_HEX: snprintf(buf, sizeof buf, "0x%" PRIx64, f->u); break;
    case FIELD_I64: snprintf(buf, sizeof buf, "%" PRId64, f->i); break;
    case FIELD_NS: ns_text(f->i, buf, sizeof buf); break;
    case FIELD_IPV4: ipv4_text((struct ipv4){(uint32_t)f->u}, buf); break;
    case FIELD_MAC:
        for (int i = 0; i < 6; i++)
            m.b[i] = (uint8_t)(f->u >> (40 - 8 * i));
        mac_text(m, buf);
        break;
    case FIELD_TEXT:
    case FIELD_BYTES: add_mem(w, f); return;
    }
    add_ascii(w, buf, strlen(buf));
}

/* The field named by the len bytes at name, or NULL. */
static const struct field *
named(const struct event *e, const char *name, size_t len)
{
    for (unsigned i = 0; i < e->nfields; i++)
        if (strncmp(e->fields[i].name, name, len) == 0 &&
            e->fields[i].name[len] == 0)
            return &e->fields[i];
    return NULL;
}

char *
field_text(const struct field *f, char *buf, size_t size)
{
    struct writer w = writer_of(buf, size - 1);

    add_field(&w, f);
    *w.at = 0;
    return buf;
}

char *
event_text(const struct event *e, char *buf, size_t size)
{
    struct writer w = writer_of(buf, size - 1);
    const char *at = event_info(e->kind)->what;

    while (*at) {
        size_t plain = strcspn(at, "{");
        const struct field *f;

        add_ascii(&w, at, plain);
        at += plain;
        if (*at == 0)
            break;
        plain = strcspn(++at, "}");
        f = named(e, at, plain);
        if (f)
            add_field(&w, f);
        else
            add(&w, "?", 1); /* a file written by an older layerwalk */
        at += plain + (at[plain] == '}');
    }
    *w.at = 0;
    return buf;
}
