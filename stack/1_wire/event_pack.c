/*
 * event_pack.c: events to bytes; the form is described in event_pack.h.
 * Called once per event by the capture writer: names are looked up in a
 * hash table, nothing is allocated once all names have been seen.
 */
#include "event_pack.h"
#include "arena.h"

#include <stdlib.h>
#include <string.h>

struct name {
    const char *text; /* NULL: free */
    uint32_t number;
};

struct packer {
    const struct journal *journal;
    struct buffer records; /* made, not yet written */
    struct buffer event;   /* the record being made */
    struct arena texts;
    struct name *table; /* open addressing, at most half full */
    uint32_t names, room;
    uint64_t hosts_told[(UINT16_MAX + 1) / 64]; /* one bit a host */
    uint64_t no;
    int64_t at;
};

struct packer *
packer_new(const struct journal *j)
{
    struct packer *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->journal = j;
    arena_init(&p->texts, 0);
    return p;
}

void
packer_free(struct packer *p)
{
    if (!p)
        return;
    buffer_free(&p->records);
    buffer_free(&p->event);
    arena_free(&p->texts);
    free(p->table);
    free(p);
}

struct buffer *
packer_records(struct packer *p)
{
    return &p->records;
}

static struct name *
slot_of(struct packer *p, const char *text)
{
    uint32_t i = (uint32_t)fnv(FNV_BEGIN, text, strlen(text)) & (p->room - 1);

    while (p->table[i].text && strcmp(p->table[i].text, text) != 0)
        i = (i + 1) & (p->room - 1);
    return &p->table[i];
}

static bool
grow(struct packer *p)
{
    struct name *old = p->table;
    uint32_t old_room = p->room;

    p->room = old_room ? old_room * 2 : 512;
    p->table = calloc(p->room, sizeof *p->table);
    if (!p->table) {
        p->table = old;
        p->room = old_room;
        return false;
    }
    for (uint32_t i = 0; i < old_room; i++)
        if (old[i].text)
            *slot_of(p, old[i].text) = old[i];
    free(old);
    return true;
}

/* The number of a name, which is defined first when it is new. */
static uint32_t
name_number(struct packer *p, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    struct name *slot;

    if (len == 0)
        return 0;
    if (p->names >= p->room / 2 && !grow(p)) {
        p->records.failed = true;
        return 0;
    }
    slot = slot_of(p, text);
    if (!slot->text) {
        slot->text = arena_text(&p->texts, text, len);
        if (!slot->text) {
            p->records.failed = true;
            return 0;
        }
        slot->number = ++p->names;
        buffer_u8(&p->records, PACK_NAME);
        buffer_varint(&p->records, len);
        buffer_add(&p->records, text, len);
    }
    return slot->number;
}

static void
tell_host(struct packer *p, uint16_t host)
{
    uint64_t bit = UINT64_C(1) << (host % 64);
    uint32_t name;

    if (host == 0 || p->hosts_told[host / 64] & bit ||
        host >= p->journal->nhosts)
        return;
    p->hosts_told[host / 64] |= bit;
    name = name_number(p, p->journal->hosts[host]);
    buffer_u8(&p->records, PACK_HOST);
    buffer_varint(&p->records, host);
    buffer_varint(&p->records, name);
}

void
pack_world(struct packer *p, const struct capture_world *world)
{
    uint32_t name = name_number(p, world->name);

    buffer_u8(&p->records, PACK_WORLD);
    buffer_signed(&p->records, world->epoch);
    buffer_varint(&p->records, world->seed);
    buffer_varint(&p->records, name);
}

static void
pack_field(struct packer *p, const struct field *f, bool in_frame)
{
    struct buffer *b = &p->event;

    buffer_varint(b, name_number(p, f->name));
    buffer_u8(b, in_frame ? PACK_FRAME : (uint8_t)f->type);
    if (in_frame)
        return;
    switch (f->type) {
    case FIELD_U64:
    case FIELD_HEX:
    case FIELD_IPV4:
    case FIELD_MAC: buffer_varint(b, f->u); break;
    case FIELD_I64:
    case FIELD_NS: buffer_signed(b, f->i); break;
    case FIELD_TEXT:
    case FIELD_BYTES:
        buffer_varint(b, f->len);
        buffer_add(b, f->at, f->len);
        break;
    }
}

void
pack_event(
    struct packer *p, const struct event *e, const struct field *in_frame)
{
    struct buffer *b = &p->event;

    tell_host(p, e->host);
    buffer_clear(b);
    buffer_u8(b, PACK_EVENT);
    buffer_signed(b, (int64_t)(e->no - p->no));
    buffer_signed(b, (int64_t)((uint64_t)e->at.ns - (uint64_t)p->at));
    buffer_signed(b, e->cause ? (int64_t)(e->no - e->cause) : 0);
    buffer_varint(b, e->pkt);
    buffer_varint(b, e->off);
    buffer_varint(b, e->len);
    buffer_varint(b, e->pid);
    buffer_varint(b, e->host);
    buffer_varint(b, name_number(p, event_info(e->kind)->name));
    buffer_varint(b, name_number(p, rule_info(e->rule)->name));
    buffer_varint(b, name_number(p, e->func));
    buffer_varint(b, e->nfields);
    for (unsigned i = 0; i < e->nfields; i++)
        pack_field(p, &e->fields[i], &e->fields[i] == in_frame);
    p->no = e->no;
    p->at = e->at.ns;
    /* After the names that it uses. */
    buffer_add(&p->records, b->data, b->len);
    p->records.failed |= b->failed;
}
