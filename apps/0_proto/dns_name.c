/*
 * dns_name.c: reading names that a stranger wrote.
 *
 * The work is bounded by what is written down: a name has at most 255 bytes,
 * and every pointer must lead before the one that led here, so the same byte
 * is never reached twice on the same way.
 */
#include "dns_name.h"

#include <stdio.h>

const char *
dns_bad_text(enum dns_bad why)
{
    static const char *const texts[] = {
#define DNS_BAD_TEXT(name, source, text) text,
        DNS_BADS(DNS_BAD_TEXT)
#undef DNS_BAD_TEXT
    };

    return texts[why];
}

const char *
dns_bad_source(enum dns_bad why)
{
    static const char *const sources[] = {
#define DNS_BAD_SOURCE(name, source, text) source,
        DNS_BADS(DNS_BAD_SOURCE)
#undef DNS_BAD_SOURCE
    };

    return sources[why];
}

/* --- from the wire ------------------------------------------------------- */

/* Where a name is being read. */
struct walk {
    const struct cursor *message;
    struct cursor c;       /* the next label */
    const uint8_t *before; /* pointers must lead before this */
    const uint8_t *after;  /* of the first pointer; NULL: none yet */
    unsigned pointers;     /* followed so far */
    struct dns_name *name; /* read so far */
    struct dns_fault *fault;
};

enum step {
    STEP_REFUSED,
    STEP_MORE,
    STEP_END, /* that was the root */
};

static enum step
refuse(struct walk *w, enum dns_bad why, const uint8_t *at)
{
    *w->fault = (struct dns_fault){why, (uint32_t)(at - w->message->at)};
    return STEP_REFUSED;
}

/* RFC 1035 4.1.4: the bits 11 and fourteen bits of offset. */
static enum step
pointer(struct walk *w, const uint8_t *at)
{
    size_t to = (size_t)(at[0] & 0x3f) << 8 | get_u8(&w->c);

    if (w->c.over)
        return refuse(w, DNS_BAD_NAME_END, at);
    if (to >= (size_t)(w->before - w->message->at))
        return refuse(w, DNS_BAD_POINTER_FORWARD, at);
    if (to < DNS_HEADER_LEN)
        return refuse(w, DNS_BAD_POINTER_HEADER, at);
    if (++w->pointers > DNS_POINTERS_MAX)
        return refuse(w, DNS_BAD_POINTER_MANY, at);
    if (!w->after)
        w->after = w->c.at;
    w->before = w->message->at + to;
    w->c = (struct cursor){w->before, w->message->end, false};
    return STEP_MORE;
}

static enum step
label(struct walk *w, const uint8_t *at)
{
    unsigned len = at[0], root = len ? 1 : 0; /* a label is not the last */
    struct dns_name *name = w->name;

    if (!get_bytes(&w->c, len))
        return refuse(w, DNS_BAD_NAME_END, at);
    if (name->len + 1u + len + root > DNS_NAME_MAX)
        return refuse(w, DNS_BAD_NAME_LONG, at);
    memcpy(name->wire + name->len, at, 1u + len);
    name->len = (uint8_t)(name->len + 1u + len);
    return len ? STEP_MORE : STEP_END;
}

/* One label or pointer. */
static enum step
walk_step(struct walk *w)
{
    const uint8_t *at = w->c.at;
    uint8_t first = get_u8(&w->c);

    if (w->c.over)
        return refuse(w, DNS_BAD_NAME_END, at);
    switch (first >> 6) {
    case 0: return label(w, at);
    case 3: return pointer(w, at);
    default: return refuse(w, DNS_BAD_LABEL_TYPE, at);
    }
}

bool
dns_name_get(struct cursor *c, const struct cursor *message,
    struct dns_name *name, struct dns_fault *f)
{
    struct walk w = {
        .message = message, .c = *c, .before = c->at, .name = name, .fault = f};
    enum step s;

    name->len = 0;
    while ((s = walk_step(&w)) == STEP_MORE)
        ;
    if (s == STEP_END) {
        c->at = w.after ? w.after : w.c.at;
        return true;
    }
    name->len = 0;
    c->at = c->end;
    c->over = true;
    return false;
}

/* --- from and to text ----------------------------------------------------- */

/* RFC 1035 5.1: the byte that an escape of *used characters stands for, or
 * -1. */
static int
escaped(const char *at, size_t left, size_t *used)
{
    int v = 0;

    if (left < 2)
        return -1;
    if (at[1] < '0' || at[1] > '9') {
        *used = 2;
        return (uint8_t)at[1];
    }
    for (size_t i = 1; i <= 3; i++) {
        if (i >= left || at[i] < '0' || at[i] > '9')
            return -1;
        v = v * 10 + at[i] - '0';
    }
    *used = 4;
    return v <= 255 ? v : -1;
}

/* The label at text[*i] up to its dot into out; its length, or -1. */
static int
text_label(
    const char *text, size_t len, size_t *i, uint8_t *out, struct dns_fault *f)
{
    int n = 0;

    for (; *i < len && text[*i] != '.'; n++) {
        size_t used = 1;
        int byte = text[*i] == '\\' ? escaped(text + *i, len - *i, &used)
                                    : (uint8_t)text[*i];

        f->at = (uint32_t)*i;
        f->why = byte < 0 ? DNS_BAD_ESCAPE : DNS_BAD_LABEL_LONG;
        if (byte < 0 || n == DNS_LABEL_MAX)
            return -1;
        out[n] = (uint8_t)byte;
        *i += used;
    }
    *f = (struct dns_fault){DNS_BAD_LABEL_EMPTY, (uint32_t)*i};
    return n ? n : -1;
}

bool
dns_name_parse(
    const char *text, size_t len, struct dns_name *name, struct dns_fault *f)
{
    size_t n = 0;

    name->len = 0;
    if (len == 1 && text[0] == '.')
        len = 0; /* the root alone has no label */
    else if (len == 0) {
        *f = (struct dns_fault){DNS_BAD_LABEL_EMPTY, 0};
        return false;
    }
    for (size_t i = 0; i < len; i++) { /* i++: over the dot */
        uint8_t bytes[DNS_LABEL_MAX];
        uint32_t start = (uint32_t)i;
        int k = text_label(text, len, &i, bytes, f);

        if (k < 0)
            return false;
        if (n + 1 + (size_t)k + 1 > DNS_NAME_MAX) {
            *f = (struct dns_fault){DNS_BAD_NAME_LONG, start};
            return false;
        }
        name->wire[n] = (uint8_t)k;
        memcpy(name->wire + n + 1, bytes, (size_t)k);
        n += 1 + (size_t)k;
    }
    name->wire[n++] = 0;
    name->len = (uint8_t)n;
    *f = (struct dns_fault){DNS_BAD_NONE, 0};
    return true;
}

/* What master files give a meaning of their own (RFC 1035 5.1). */
static size_t
put_char(char *at, uint8_t byte)
{
    if (byte <= 0x20 || byte >= 0x7f)
        return (size_t)sprintf(at, "\\%03u", byte);
    if (strchr(".\\\"();@$", byte)) {
        at[0] = '\\';
        at[1] = (char)byte;
        return 2;
    }
    at[0] = (char)byte;
    return 1;
}

char *
dns_name_text(const struct dns_name *name, char *buf)
{
    size_t n = 0;

    for (size_t i = 0; i < name->len && name->wire[i];) {
        size_t end = i + 1 + name->wire[i];

        if (n)
            buf[n++] = '.';
        for (i++; i < end; i++)
            n += put_char(buf + n, name->wire[i]);
    }
    if (n == 0 && name->len)
        buf[n++] = '.';
    buf[n] = '\0';
    return buf;
}

static uint8_t
lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

bool
dns_name_eq(const struct dns_name *a, const struct dns_name *b)
{
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++) /* lengths are below 'A' */
        if (lower(a->wire[i]) != lower(b->wire[i]))
            return false;
    return true;
}

unsigned
dns_name_labels(const struct dns_name *name)
{
    unsigned n = 0;

    for (size_t i = 0; i < name->len && name->wire[i]; n++)
        i += 1u + name->wire[i];
    return n;
}
