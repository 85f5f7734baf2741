/*
 * regex.c: PCRE2, its memory taken from our arenas: patterns live as long as
 * the configuration, and so does what a match needs, which nginx keeps from
 * one match to the next as well (ngx_regex_exec): PCRE2 wants 20 KB for it. A
 * limit on matching steps keeps a hostile URI from burning the processor.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "regex.h"
#include "conf_reader.h"
#include "request.h"
#include "value.h"

#include <pcre2.h>
#include <string.h>

#define MATCH_LIMIT 1000000

struct named {
    struct named *next;
    unsigned group;
    struct variable_name *variable;
};

struct regex {
    pcre2_code *code;
    pcre2_match_data *data; /* of the match that runs: never two at a time */
    pcre2_match_context *context;
    unsigned groups;
    bool has_last;     /* every match has this byte somewhere: */
    char last, last_2; /* or its other case */
    struct named *named;
};

static void *
take(size_t size, void *arena)
{
    return arena_alloc(arena, size);
}

static void
give(void *at, void *arena)
{
    (void)at;
    (void)arena;
}

static int
find_names(struct reader *rd, struct regex *x)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;

    pcre2_pattern_info(x->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(x->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(x->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++, table += size) {
        const char *name = (const char *)table + 2;
        struct named *n = conf_alloc(rd, sizeof(*n));

        if (!n)
            return -1;
        n->group = (unsigned)(table[0] << 8 | table[1]);
        n->variable = value_variable(rd, name, strlen(name));
        if (!n->variable)
            return -1;
        n->variable->defined = true;
        n->next = x->named;
        x->named = n;
    }
    return 0;
}

/*
 * What PCRE2 has found out about the pattern: the last literal byte. It looks
 * for it itself before it matches, but behind a preparation that costs more
 * than all of nginx's search for a location; most URIs have no such byte.
 */
static void
find_last(struct regex *x)
{
    uint32_t type = 0, byte = 0;

    pcre2_pattern_info(x->code, PCRE2_INFO_LASTCODETYPE, &type);
    pcre2_pattern_info(x->code, PCRE2_INFO_LASTCODEUNIT, &byte);
    x->has_last = type == 1 && byte < 0x80;
    x->last = x->last_2 = (char)byte;
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
        x->last_2 ^= 0x20; /* a part of the pattern may not care: (?i) */
}

struct regex *
regex_compile(struct reader *rd, const char *text, bool nocase)
{
    struct regex *x = conf_alloc(rd, sizeof(*x));
    pcre2_general_context *memory =
        pcre2_general_context_create(take, give, &rd->conf->arena);
    pcre2_compile_context *context;
    uint32_t groups = 0;
    PCRE2_SIZE at;
    char why[128];
    int err;

    if (!x || !memory)
        return NULL;
    context = pcre2_compile_context_create(memory);
    x->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
        nocase ? PCRE2_CASELESS : 0, &err, &at, context);
    if (!x->code) {
        pcre2_get_error_message(err, (PCRE2_UCHAR *)why, sizeof(why));
        conf_fault(rd, "pcre2_compile() failed: %s in \"%s\" at \"%s\"", why,
            text, text + at);
        return NULL;
    }
    x->data = pcre2_match_data_create_from_pattern(x->code, memory);
    x->context = pcre2_match_context_create(memory);
    if (!x->data || !x->context)
        return NULL;
    pcre2_set_match_limit(x->context, MATCH_LIMIT);
    pcre2_pattern_info(x->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    x->groups = groups;
    find_last(x);
    return find_names(rd, x) == 0 ? x : NULL;
}

/* Without it there is no match. */
static bool
lacks_last(const struct regex *x, struct http_text t)
{
    if (!x->has_last || t.len == 0)
        return x->has_last;
    return !memchr(t.at, x->last, t.len) &&
           (x->last == x->last_2 || !memchr(t.at, x->last_2, t.len));
}

unsigned
regex_captures(const struct regex *x)
{
    return x->groups;
}

static void
keep(const struct regex *x, const size_t *at, int found,
    struct http_text subject, struct captures *out, struct request *r)
{
    if (out) {
        out->subject = subject;
        out->count = found < CAPTURES_MAX ? (unsigned)found : CAPTURES_MAX;
        memcpy(out->at, at, out->count * 2 * sizeof(*at));
    }
    for (const struct named *n = x->named; r && n; n = n->next) {
        struct http_text *v = &r->variables[n->variable->index];

        *v = (struct http_text){"", 0};
        if (n->group < (unsigned)found && at[n->group * 2] != SIZE_MAX)
            *v = (struct http_text){subject.at + at[n->group * 2],
                at[n->group * 2 + 1] - at[n->group * 2]};
    }
}

bool
regex_match(const struct regex *x, struct http_text subject,
    struct captures *out, struct request *r)
{
    int found;

    if (lacks_last(x, subject))
        return false;
    found = pcre2_match(x->code, (PCRE2_SPTR)subject.at, subject.len, 0, 0,
        x->data, x->context);
    if (found > 0)
        keep(x, pcre2_get_ovector_pointer(x->data), found, subject, out, r);
    return found > 0;
}
