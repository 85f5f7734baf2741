/*
 * event_unpack.c: bytes to events; the form is described in event_pack.h.
 * The bytes are a stranger's: every number is checked before it is used, and
 * what is kept between records, the names, has a limit.
 */
#include "event_pack.h"
#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX    65536
#define NAME_MAX_LEN 255

struct known_name {
    const char *text;
    uint16_t kind, rule; /* what it names, looked up once */
};

struct unpacker {
    struct arena texts;
    struct known_name *names; /* [0] is "" */
    uint32_t nnames, names_room;
    struct field *fields;
    size_t fields_room;
    uint64_t no;
    int64_t at;
};

struct unpacker *
unpacker_new(void)
{
    struct unpacker *u = calloc(1, sizeof *u);

    if (!u)
        return NULL;
    u->names_room = 256;
    u->names = malloc(u->names_room * sizeof *u->names);
    if (!u->names) {
        free(u);
        return NULL;
    }
    arena_init(&u->texts, 0);
    unpacker_reset(u);
    return u;
}

void
unpacker_free(struct unpacker *u)
{
    if (!u)
        return;
    arena_free(&u->texts);
    free(u->names);
    free(u->fields);
    free(u);
}

void
unpacker_reset(struct unpacker *u)
{
    arena_free(&u->texts);
    u->names[0] = (struct known_name){"", EV_NONE, RULE_NONE};
    u->nnames = 1;
    u->no = 0;
    u->at = 0;
}

static const char *
read_name(struct unpacker *u, struct cursor *c)
{
    uint64_t len = get_varint(c);
    const uint8_t *bytes = get_bytes(c, len);
    char *text;

    if (c->over)
        return "a name is cut off";
    if (len == 0 || len > NAME_MAX_LEN || memchr(bytes, 0, len))
        return "a name is empty, too long or holds a zero";
    if (u->nnames == NAMES_MAX)
        return "more names than any layerwalk writes";
    if (u->nnames == u->names_room) {
        uint32_t room = u->names_room * 2;
        void *names = realloc(u->names, room * sizeof *u->names);

        if (!names)
            return UNPACK_NO_MEMORY;
        u->names = names;
        u->names_room = room;
    }
    text = arena_text(&u->texts, (const char *)bytes, len);
    if (!text)
        return UNPACK_NO_MEMORY;
    u->names[u->nnames++] = (struct known_name){
        text, (uint16_t)event_kind_of(text), (uint16_t)rule_of(text)};
    return NULL;
}

/* A reference to a name; `over` when it was not defined. */
static const struct known_name *
get_name(const struct unpacker *u, struct cursor *c)
{
    uint64_t number = get_varint(c);

    if (number >= u->nnames) {
        c->over = true;
        number = 0;
    }
    return &u->names[number];
}

/* A number that must fit; `over` when it does not. */
static uint64_t
get_up_to(struct cursor *c, uint64_t max)
{
    uint64_t v = get_varint(c);

    if (v > max) {
        c->over = true;
        return 0;
    }
    return v;
}

static const char *
read_host(
    struct unpacker *u, struct cursor *c, const struct capture_calls *calls)
{
    uint16_t number = (uint16_t)get_up_to(c, UINT16_MAX);
    const char *name = get_name(u, c)->text;

    if (c->over)
        return "a host record is malformed";
    if (calls->host)
        calls->host(calls->owner, number, name);
    return NULL;
}

static const char *
read_world(
    struct unpacker *u, struct cursor *c, const struct capture_calls *calls)
{
    struct capture_world world = {.epoch = get_signed(c)};

    world.seed = get_varint(c);
    world.name = get_name(u, c)->text;
    if (c->over)
        return "a world record is malformed";
    if (calls->world)
        calls->world(calls->owner, &world);
    return NULL;
}

static void
read_field(struct unpacker *u, struct cursor *c, struct field *f,
    const uint8_t *frame, uint32_t frame_len)
{
    uint8_t type;

    *f = (struct field){.name = get_name(u, c)->text};
    type = get_u8(c);
    f->type = type == PACK_FRAME ? FIELD_BYTES : (enum field_type)type;
    switch (type) {
    case FIELD_U64:
    case FIELD_HEX: f->u = get_varint(c); break;
    case FIELD_IPV4: f->u = get_up_to(c, UINT32_MAX); break;
    case FIELD_MAC: f->u = get_up_to(c, (UINT64_C(1) << 48) - 1); break;
    case FIELD_I64:
    case FIELD_NS: f->i = get_signed(c); break;
    case FIELD_TEXT:
    case FIELD_BYTES:
        f->len = (uint32_t)get_up_to(c, UINT32_MAX);
        f->at = get_bytes(c, f->len);
        break;
    case PACK_FRAME:
        f->at = frame;
        f->len = frame_len;
        break;
    default: f->type = FIELD_U64; c->over = true;
    }
}

/* Room for n fields, of which each takes at least two bytes of the record. */
static bool
fields_room(struct unpacker *u, size_t n)
{
    struct field *fields;

    if (n <= u->fields_room)
        return true;
    fields = realloc(u->fields, n * sizeof *fields);
    if (!fields)
        return false;
    u->fields = fields;
    u->fields_room = n;
    return true;
}

static void
read_event_head(struct unpacker *u, struct cursor *c, struct event *e)
{
    int64_t back;

    e->no = u->no + (uint64_t)get_signed(c);
    e->at.ns = (int64_t)((uint64_t)u->at + (uint64_t)get_signed(c));
    back = get_signed(c);
    e->cause = back ? e->no - (uint64_t)back : 0;
    e->pkt = get_varint(c);
    e->off = (uint32_t)get_up_to(c, UINT32_MAX);
    e->len = (uint32_t)get_up_to(c, UINT32_MAX);
    e->pid = (uint32_t)get_up_to(c, UINT32_MAX);
    e->host = (uint16_t)get_up_to(c, UINT16_MAX);
    e->kind = get_name(u, c)->kind;
    e->rule = get_name(u, c)->rule;
    e->func = get_name(u, c)->text;
    e->nfields = (uint16_t)get_up_to(c, UINT16_MAX);
}

static const char *
read_event(struct unpacker *u, struct cursor *c, const uint8_t *frame,
    uint32_t frame_len, const struct capture_calls *calls)
{
    struct event e = {0};

    read_event_head(u, c, &e);
    if (c->over || e.nfields > cursor_left(c) / 2)
        return "an event record is malformed";
    if (!fields_room(u, e.nfields))
        return UNPACK_NO_MEMORY;
    for (unsigned i = 0; i < e.nfields; i++)
        read_field(u, c, &u->fields[i], frame, frame_len);
    if (c->over)
        return "a field of an event is malformed";
    e.fields = u->fields;
    u->no = e.no;
    u->at = e.at.ns;
    if (calls->event)
        calls->event(calls->owner, &e);
    return NULL;
}

const char *
unpack(struct unpacker *u, const void *data, size_t len, const uint8_t *frame,
    uint32_t frame_len, const struct capture_calls *calls)
{
    struct cursor c = cursor_of(data, len);
    const char *why = NULL;

    while (cursor_left(&c) > 0 && !why) {
        switch (get_u8(&c)) {
        case PACK_NAME: why = read_name(u, &c); break;
        case PACK_HOST: why = read_host(u, &c, calls); break;
        case PACK_WORLD: why = read_world(u, &c, calls); break;
        case PACK_EVENT:
            why = read_event(u, &c, frame, frame_len, calls);
            break;
        default: why = "a journal record of an unknown kind";
        }
    }
    return why;
}
