/*
 * pcapng_block.c: the blocks of a pcapng file that carry something for us:
 * section headers, interfaces, packets in three forms, names, and our
 * own journal. All others are none of our business.
 */
#include "pcapng_block.h"
#include "pcapng.h"

#include <stdlib.h>
#include <string.h>

#define INTERFACES_MAX 4096

static uint16_t
get16(const struct pcapng_section *s, struct cursor *c)
{
    return s->big ? get_be16(c) : get_le16(c);
}

static uint32_t
get32(const struct pcapng_section *s, struct cursor *c)
{
    return s->big ? get_be32(c) : get_le32(c);
}

static uint64_t
get64(const struct pcapng_section *s, struct cursor *c)
{
    uint64_t first = get32(s, c), second = get32(s, c);

    return s->big ? first << 32 | second : second << 32 | first;
}

/* Takes the zeros away that pad n bytes to a multiple of four. */
static void
skip_pad(struct cursor *c, size_t n)
{
    get_bytes(c, -n % 4);
}

struct option {
    uint16_t code;
    struct cursor value;
};

/* The next option; false after the last one, and when they are malformed
 * (which shows in c->over). Some writers leave out the end mark. */
static bool
next_option(const struct pcapng_section *s, struct cursor *c, struct option *o)
{
    uint16_t len;

    if (cursor_left(c) == 0)
        return false;
    o->code = get16(s, c);
    len = get16(s, c);
    if (o->code == PCAPNG_OPT_END)
        return false;
    o->value = get_slice(c, len);
    skip_pad(c, len);
    return !c->over;
}

/* Adds a comment line to s->comment. */
static void
add_comment(struct pcapng_section *s, const struct cursor *value)
{
    if (s->comment.len > 0)
        buffer_u8(&s->comment, '\n');
    buffer_add(&s->comment, value->at, cursor_left(value));
}

/* s->comment as a text that ends at its first zero; NULL: no memory. */
static const char *
comment_text(struct pcapng_section *s)
{
    buffer_u8(&s->comment, 0);
    return s->comment.failed ? NULL : (const char *)s->comment.data;
}

static void
copy_text(char *to, size_t size, const struct cursor *value)
{
    size_t len = cursor_left(value);

    if (len >= size)
        len = size - 1;
    memcpy(to, value->at, len);
    to[len] = 0;
}

const char *
pcapng_section_header(struct pcapng_section *s, const uint8_t *body, size_t len)
{
    struct cursor c = cursor_of(body, len);
    char application[128] = "";
    const char *comment;
    struct option o;

    get_bytes(&c, 4); /* the magic */
    if (get16(s, &c) != 1)
        return "a version of pcapng that is not 1";
    get_bytes(&c, 2 + 8); /* minor version, length of the section */
    buffer_clear(&s->comment);
    while (next_option(s, &c, &o))
        if (o.code == PCAPNG_OPT_COMMENT)
            add_comment(s, &o.value);
        else if (o.code == PCAPNG_OPT_APPLICATION)
            copy_text(application, sizeof application, &o.value);
    if (c.over)
        return "the section header is malformed";
    s->before += s->ninterfaces;
    s->ninterfaces = 0;
    s->ours = false;
    buffer_clear(&s->last);
    unpacker_reset(s->unpacker);
    comment = comment_text(s);
    if (!comment)
        return UNPACK_NO_MEMORY;
    if (s->calls->section)
        s->calls->section(s->calls->owner, application, comment);
    return NULL;
}

static const char *
read_interface(struct pcapng_section *s, struct cursor c)
{
    struct pcapng_interface new = {.resolution = 6};
    struct option o;

    new.linktype = get16(s, &c);
    get_bytes(&c, 2);
    new.snaplen = get32(s, &c);
    while (next_option(s, &c, &o))
        if (o.code == PCAPNG_OPT_NAME)
            copy_text(new.name, sizeof new.name, &o.value);
        else if (o.code == PCAPNG_OPT_RESOLUTION)
            new.resolution = get_u8(&o.value);
        else if (o.code == PCAPNG_OPT_OFFSET)
            new.offset = (int64_t)get64(s, &o.value);
    if (c.over)
        return "an interface description is malformed";
    if (s->ninterfaces == INTERFACES_MAX)
        return "too many interfaces";
    if (s->ninterfaces == s->room) {
        uint32_t room = s->room ? s->room * 2 : 8;
        void *interfaces = realloc(s->interfaces, room * sizeof new);

        if (!interfaces)
            return UNPACK_NO_MEMORY;
        s->interfaces = interfaces;
        s->room = room;
    }
    s->interfaces[s->ninterfaces++] = new;
    return NULL;
}

/* A time in units of the interface as nanoseconds since 1970. */
static int64_t
time_ns(const struct pcapng_interface *i, uint64_t units)
{
    unsigned n = i->resolution & 0x7f;
    __int128 ns = units;

    if (i->resolution & 0x80) {
        ns = ns * LW_S >> n; /* units of 2^-n s; n < 128 */
    } else {
        for (; n < 9; n++)
            ns *= 10;
        for (; n > 9 && ns > 0; n--)
            ns /= 10;
    }
    ns += (__int128)i->offset * LW_S;
    if (ns > INT64_MAX)
        return INT64_MAX;
    return ns < INT64_MIN ? INT64_MIN : (int64_t)ns;
}

/* Tells about the frame f of interface number i. */
static const char *
tell_frame(struct pcapng_section *s, uint32_t i, struct capture_frame *f)
{
    f->no = ++s->frames;
    f->offset = s->body_offset + (uint64_t)(f->data - s->body);
    f->interface = s->before + i;
    f->link = s->interfaces[i].name;
    f->linktype = s->interfaces[i].linktype;
    if (f->len > CAPTURE_FRAME_MOST)
        f->len = CAPTURE_FRAME_MOST;
    if (s->ours) {
        buffer_clear(&s->last);
        buffer_add(&s->last, f->data, f->len);
        if (s->last.failed)
            return UNPACK_NO_MEMORY;
    }
    if (s->calls->frame)
        s->calls->frame(s->calls->owner, f);
    return NULL;
}

/* An enhanced packet block, or the packet block that it replaced. */
static const char *
read_packet(struct pcapng_section *s, struct cursor c, bool old)
{
    struct capture_frame f = {.timed = true};
    uint32_t i = old ? get16(s, &c) : get32(s, &c);
    uint64_t time;
    struct option o;

    if (old)
        get_bytes(&c, 2); /* how many were dropped before */
    time = (uint64_t)get32(s, &c) << 32;
    time |= get32(s, &c);
    f.len = get32(s, &c);
    f.wire_len = get32(s, &c);
    f.data = get_bytes(&c, f.len);
    skip_pad(&c, f.len);
    if (c.over)
        return "a packet is longer than its block";
    if (i >= s->ninterfaces)
        return "a packet of an interface that was not described";
    buffer_clear(&s->comment);
    while (next_option(s, &c, &o))
        if (o.code == PCAPNG_OPT_COMMENT)
            add_comment(s, &o.value);
    if (c.over)
        return "the options of a packet are malformed";
    f.comment = comment_text(s);
    if (!f.comment)
        return UNPACK_NO_MEMORY;
    f.time_ns = time_ns(&s->interfaces[i], time);
    return tell_frame(s, i, &f);
}

/* A simple packet: of interface 0, without a time, cut at its snaplen. */
static const char *
read_simple_packet(struct pcapng_section *s, struct cursor c)
{
    struct capture_frame f = {.comment = "", .wire_len = get32(s, &c)};

    if (s->ninterfaces == 0)
        return "a packet of an interface that was not described";
    f.len = f.wire_len;
    if (s->interfaces[0].snaplen && f.len > s->interfaces[0].snaplen)
        f.len = s->interfaces[0].snaplen;
    f.data = get_bytes(&c, f.len);
    if (c.over)
        return "a packet is longer than its block";
    return tell_frame(s, 0, &f);
}

static const char *
read_names(struct pcapng_section *s, struct cursor c)
{
    for (;;) {
        uint16_t type = get16(s, &c), len = get16(s, &c);
        struct cursor record;

        if (type == 0 && !c.over)
            return NULL;
        record = get_slice(&c, len);
        skip_pad(&c, len);
        if (c.over)
            return "a names block is malformed";
        if (type == PCAPNG_NAME_IPV4 && len > 4) {
            struct ipv4 addr = get_ipv4(&record);

            if (record.end[-1] != 0)
                return "a name without its final zero";
            if (s->calls->name)
                s->calls->name(s->calls->owner, addr, (const char *)record.at);
        }
    }
}

/* The journal, when it is ours; others may use the same type. */
static const char *
read_journal(struct pcapng_section *s, struct cursor c)
{
    const size_t magic = strlen(PACK_MAGIC);
    const uint8_t *at = get_bytes(&c, magic);
    uint32_t len;

    if (!at || memcmp(at, PACK_MAGIC, magic - 1) != 0)
        return NULL;
    if (memcmp(at, PACK_MAGIC, magic) != 0)
        return "a journal written by a newer layerwalk";
    len = get_le32(&c);
    at = get_bytes(&c, len);
    if (c.over)
        return "a journal block is cut off";
    s->ours = true;
    return unpack(
        s->unpacker, at, len, s->last.data, (uint32_t)s->last.len, s->calls);
}

const char *
pcapng_block(
    struct pcapng_section *s, uint32_t type, const uint8_t *body, size_t len)
{
    struct cursor c = cursor_of(body, len);

    switch (type) {
    case PCAPNG_INTERFACE: return read_interface(s, c);
    case PCAPNG_PACKET: return read_packet(s, c, false);
    case PCAPNG_OLD_PACKET: return read_packet(s, c, true);
    case PCAPNG_SIMPLE_PACKET: return read_simple_packet(s, c);
    case PCAPNG_NAMES: return read_names(s, c);
    case PCAPNG_JOURNAL: return read_journal(s, c);
    default: return NULL;
    }
}
