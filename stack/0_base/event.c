/*
 * event.c: the tables of kinds, rules and layers, and the typed fields of an
 * event. How an event reads as a sentence stands in event_text.c.
 */
#include "journal.h"

#include <string.h>

static const struct event_info kinds[] = {
    {"NONE", LAYER_WORLD, LEVEL_MICRO, ""},
#define KIND(name, layer, level, what)                                         \
    {#name, LAYER_##layer, LEVEL_##level, what},
#include "kinds.def"
#undef KIND
};

static const struct rule_info rules[] = {
    {"NONE", "", ""},
#define RULE(name, source, why) {#name, source, why},
#include "rules.def"
#undef RULE
};

const struct event_info *
event_info(enum event_kind kind)
{
    return &kinds[(unsigned)kind < EV_COUNT ? kind : EV_NONE];
}

const struct rule_info *
rule_info(enum rule rule)
{
    return &rules[(unsigned)rule < RULE_COUNT ? rule : RULE_NONE];
}

const char *
layer_name(enum layer layer)
{
    static const char *const names[] = {
#define L(name, text) text,
        LAYERS(L)
#undef L
    };

    return (unsigned)layer < LAYER_COUNT ? names[layer] : "";
}

uint64_t
event_lists(void)
{
    uint64_t h = FNV_BEGIN;

    for (unsigned i = 0; i < EV_COUNT; i++) {
        h = fnv(h, kinds[i].name, strlen(kinds[i].name) + 1);
        h = fnv(h, kinds[i].what, strlen(kinds[i].what) + 1);
    }
    for (unsigned i = 0; i < RULE_COUNT; i++)
        h = fnv(h, rules[i].name, strlen(rules[i].name) + 1);
    return h;
}

enum event_kind
event_kind_of(const char *name)
{
    for (unsigned i = EV_NONE + 1; i < EV_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    return EV_NONE;
}

enum rule
rule_of(const char *name)
{
    for (unsigned i = RULE_NONE + 1; i < RULE_COUNT; i++)
        if (strcmp(rules[i].name, name) == 0)
            return i;
    return RULE_NONE;
}

struct field
f_u64(const char *name, uint64_t v)
{
    return (struct field){.name = name, .type = FIELD_U64, .u = v};
}

struct field
f_hex(const char *name, uint64_t v)
{
    return (struct field){.name = name, .type = FIELD_HEX, .u = v};
}

struct field
f_i64(const char *name, int64_t v)
{
    return (struct field){.name = name, .type = FIELD_I64, .i = v};
}

struct field
f_ns(const char *name, int64_t ns)
{
    return (struct field){.name = name, .type = FIELD_NS, .i = ns};
}

struct field
f_ip(const char *name, struct ipv4 a)
{
    return (struct field){.name = name, .type = FIELD_IPV4, .u = a.v};
}

struct field
f_mac(const char *name, struct mac m)
{
    uint64_t v = 0;

    for (int i = 0; i < 6; i++)
        v = v << 8 | m.b[i];
    return (struct field){.name = name, .type = FIELD_MAC, .u = v};
}

struct field
f_text(const char *name, const char *text)
{
    return f_textn(name, text, text ? strlen(text) : 0);
}

struct field
f_textn(const char *name, const char *text, size_t len)
{
    return (struct field){
        .name = name,
        .type = FIELD_TEXT,
        .at = text,
        .len = (uint32_t)len,
    };
}

struct field
f_bytes(const char *name, const void *data, size_t len)
{
    return (struct field){
        .name = name,
        .type = FIELD_BYTES,
        .at = data,
        .len = (uint32_t)len,
    };
}

const struct field *
event_field(const struct event *e, const char *name)
{
    for (unsigned i = 0; i < e->nfields; i++)
        if (strcmp(e->fields[i].name, name) == 0)
            return &e->fields[i];
    return NULL;
}

uint64_t
event_u64(const struct event *e, const char *name, uint64_t absent)
{
    const struct field *f = event_field(e, name);

    return f && f->type != FIELD_TEXT && f->type != FIELD_BYTES ? f->u : absent;
}
