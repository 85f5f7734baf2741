/*
 * recorder.c: deep copies of events, in the order in which they came.
 */
#include "recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
must(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static void
keep(void *owner, const struct event *e)
{
    struct recorder *r = owner;
    struct field *fields;

    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 256;
        r->events = must(realloc(r->events, r->room * sizeof *r->events));
    }
    fields = must(calloc(e->nfields + 1u, sizeof *fields));
    for (unsigned i = 0; i < e->nfields; i++) {
        fields[i] = e->fields[i];
        if (fields[i].type == FIELD_TEXT || fields[i].type == FIELD_BYTES) {
            char *bytes = must(calloc(1, fields[i].len + 1u));

            if (fields[i].len)
                memcpy(bytes, fields[i].at, fields[i].len);
            fields[i].at = bytes;
        }
    }
    r->events[r->count] = *e;
    r->events[r->count++].fields = fields;
}

void
recorder_open(struct recorder *r, struct journal *j, enum level level)
{
    *r = (struct recorder){.journal = j};
    r->listener = (struct listener){.event = keep, .owner = r, .level = level};
    journal_listen(j, &r->listener);
}

void
recorder_clear(struct recorder *r)
{
    for (unsigned i = 0; i < r->count; i++) {
        const struct event *e = &r->events[i];

        for (unsigned f = 0; f < e->nfields; f++)
            if (e->fields[f].type == FIELD_TEXT ||
                e->fields[f].type == FIELD_BYTES)
                free((void *)(uintptr_t)e->fields[f].at);
        free((void *)(uintptr_t)e->fields);
    }
    r->count = 0;
}

void
recorder_close(struct recorder *r)
{
    journal_unlisten(r->journal, &r->listener);
    recorder_clear(r);
    free(r->events);
    *r = (struct recorder){0};
}

const struct event *
recorder_find(const struct recorder *r, enum event_kind kind, unsigned nth)
{
    for (unsigned i = 0; i < r->count; i++)
        if (r->events[i].kind == kind && nth-- == 0)
            return &r->events[i];
    return NULL;
}

unsigned
recorder_count(const struct recorder *r, enum event_kind kind)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->count; i++)
        n += r->events[i].kind == kind;
    return n;
}

const struct event *
recorder_at(const struct recorder *r, uint64_t no)
{
    for (unsigned i = 0; i < r->count; i++)
        if (r->events[i].no == no)
            return &r->events[i];
    return NULL;
}

unsigned
recorder_drops(const struct recorder *r, const char *drop_name)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->count; i++)
        if (r->events[i].kind == EV_DROP &&
            strcmp(recorder_text(&r->events[i], "reason", 3), drop_name) == 0)
            n++;
    return n;
}

const char *
recorder_text(const struct event *e, const char *field, unsigned slot)
{
    static char texts[4][256];
    char *text = texts[slot % 4];
    const struct field *f = e ? event_field(e, field) : NULL;
    struct mac m;

    text[0] = 0;
    if (!f)
        return text;
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_BYTES: return f->at;
    case FIELD_IPV4: return ipv4_text((struct ipv4){(uint32_t)f->u}, text);
    case FIELD_MAC:
        for (int i = 0; i < 6; i++)
            m.b[i] = (uint8_t)(f->u >> (40 - 8 * i));
        return mac_text(m, text);
    case FIELD_HEX: snprintf(text, sizeof texts[0], "%" PRIx64, f->u); break;
    case FIELD_I64:
    case FIELD_NS: snprintf(text, sizeof texts[0], "%" PRId64, f->i); break;
    case FIELD_U64: snprintf(text, sizeof texts[0], "%" PRIu64, f->u); break;
    }
    return text;
}

const char *
recorder_strace(const struct recorder *r, const char *name, unsigned nth)
{
    static char text[2048];
    const struct event *e;

    for (unsigned i = 0; (e = recorder_find(r, EV_SYSCALL, i)); i++)
        if (strcmp(recorder_text(e, "name", 0), name) == 0 && nth-- == 0)
            return event_text(e, text, sizeof text);
    return "";
}

void
recorder_print(const struct recorder *r)
{
    char text[512];

    for (unsigned i = 0; i < r->count; i++) {
        const struct event *e = &r->events[i];

        fprintf(stderr, "%4" PRIu64 " %10" PRId64 " us %-8s <%3" PRIu64 " %s\n",
            e->no, e->at.ns / 1000, r->journal->hosts[e->host], e->cause,
            event_text(e, text, sizeof text));
    }
}
