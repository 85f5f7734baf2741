/*
 * pcapng_write.c: the journal's listener that makes capture files.
 *
 *     section header
 *     per link, before its first frame: interface description
 *     host names, before the first frame after they were learnt
 *     per frame: journal block with the events before it, then the packet
 *     ...
 *     journal block with the events after the last frame
 *
 * The order of events is the order in the file: a frame's own event opens
 * the journal block that follows its packet. The first interface comes
 * before the first journal block: tools take the link type of the file from
 * what they find before anything unknown, and cannot save it otherwise.
 */
#include "pcapng_write.h"
#include "arena.h"
#include "comment.h"
#include "event_pack.h"
#include "pcapng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH       (64 * 1024) /* events are written when they are so many */
#define FIRST_BATCH (1 << 20)   /* the same, while no interface is known */

struct link {
    char name[64];
};

struct pcapng_writer {
    struct journal *journal;
    struct listener listener;
    struct pcapng_sink sink;
    enum level level;
    int64_t epoch;
    int error; /* the first one */
    struct packer *packer;
    struct comments *comments;
    struct buffer block; /* the block being made */
    struct buffer names; /* records for the next names block */
    struct link *links;  /* by interface number */
    uint32_t nlinks;
};

static void
fail(struct pcapng_writer *w, int error)
{
    if (!w->error)
        w->error = error;
}

static void
block_begin(struct pcapng_writer *w, uint32_t type)
{
    buffer_clear(&w->block);
    buffer_le32(&w->block, type);
    buffer_le32(&w->block, 0); /* the length, known at the end */
}

static void
block_end(struct pcapng_writer *w)
{
    struct buffer *b = &w->block;
    uint32_t len;

    buffer_pad4(b);
    len = (uint32_t)b->len + 4;
    buffer_le32(b, len);
    buffer_patch_le32(b, 4, len);
    if (b->failed)
        fail(w, -ENOMEM);
    else if (!w->error)
        fail(w, w->sink.write(w->sink.owner, b->data, b->len));
}

static void
option(struct buffer *b, enum pcapng_option code, const void *data, size_t len)
{
    if (len > UINT16_MAX)
        len = UINT16_MAX;
    buffer_le16(b, (uint16_t)code);
    buffer_le16(b, (uint16_t)len);
    buffer_add(b, data, len);
    buffer_pad4(b);
}

static void
options_end(struct buffer *b)
{
    buffer_le32(b, PCAPNG_OPT_END);
}

static void
write_section(struct pcapng_writer *w, const struct capture_world *world)
{
    static const char application[] = "layerwalk";
    struct buffer *b = &w->block;
    struct arena arena;
    const char *comment;

    arena_init(&arena, 0);
    comment = arena_printf(&arena, "layerwalk: world %s, seed %llu",
        world->name, (unsigned long long)world->seed);
    block_begin(w, PCAPNG_SECTION);
    buffer_le32(b, PCAPNG_BYTE_ORDER);
    buffer_le16(b, 1); /* version 1.0 */
    buffer_le16(b, 0);
    buffer_le32(b, UINT32_MAX); /* length of the section: not said */
    buffer_le32(b, UINT32_MAX);
    if (comment)
        option(b, PCAPNG_OPT_COMMENT, comment, strlen(comment));
    else
        fail(w, -ENOMEM);
    option(b, PCAPNG_OPT_APPLICATION, application, strlen(application));
    options_end(b);
    block_end(w);
    arena_free(&arena);
}

static void
write_interface(struct pcapng_writer *w, const char *name)
{
    struct buffer *b = &w->block;

    block_begin(w, PCAPNG_INTERFACE);
    buffer_le16(b, LINKTYPE_ETHERNET);
    buffer_le16(b, 0);
    buffer_le32(b, CAPTURE_FRAME_MOST);
    option(b, PCAPNG_OPT_NAME, name, strlen(name));
    option(b, PCAPNG_OPT_RESOLUTION, "\x09", 1); /* nanoseconds */
    options_end(b);
    block_end(w);
}

/* The interface of the link; described first when it is new. */
static uint32_t
interface_of(struct pcapng_writer *w, const struct field *link)
{
    char name[sizeof w->links->name] = "";
    struct link *links;
    size_t len = link ? link->len : 0;

    if (len >= sizeof name)
        len = sizeof name - 1;
    if (len > 0)
        memcpy(name, link->at, len);
    for (uint32_t i = 0; i < w->nlinks; i++)
        if (strcmp(w->links[i].name, name) == 0)
            return i;
    links = realloc(w->links, (w->nlinks + 1) * sizeof *links);
    if (!links) {
        fail(w, -ENOMEM);
        return 0;
    }
    w->links = links;
    memcpy(links[w->nlinks].name, name, sizeof name);
    write_interface(w, name);
    return w->nlinks++;
}

/* Keeps address and name of a card for the names block. */
static void
learn_name(struct pcapng_writer *w, const struct event *e)
{
    uint32_t addr = (uint32_t)event_u64(e, "ip", 0);
    const char *name;
    size_t len;

    if (addr == 0 || ipv4_is_loopback((struct ipv4){addr}) ||
        e->host >= w->journal->nhosts)
        return;
    name = w->journal->hosts[e->host];
    len = strlen(name) + 1; /* with its zero, or tools refuse the file */
    if (len == 1)
        return;
    buffer_le16(&w->names, PCAPNG_NAME_IPV4);
    buffer_le16(&w->names, (uint16_t)(4 + len));
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_u8(&w->names, (uint8_t)(addr >> shift));
    buffer_add(&w->names, name, len);
    buffer_pad4(&w->names);
}

static void
write_names(struct pcapng_writer *w)
{
    if (w->names.failed)
        fail(w, -ENOMEM);
    if (w->names.len == 0)
        return;
    block_begin(w, PCAPNG_NAMES);
    buffer_add(&w->block, w->names.data, w->names.len);
    buffer_le32(&w->block, 0); /* no more records */
    block_end(w);
    buffer_clear(&w->names);
}

static void
write_events(struct pcapng_writer *w)
{
    struct buffer *records = packer_records(w->packer);

    if (records->failed)
        fail(w, -ENOMEM);
    if (records->len == 0)
        return;
    block_begin(w, PCAPNG_JOURNAL);
    buffer_text(&w->block, PACK_MAGIC);
    buffer_le32(&w->block, (uint32_t)records->len);
    buffer_add(&w->block, records->data, records->len);
    block_end(w);
    buffer_clear(records);
}

static void
write_frame(
    struct pcapng_writer *w, const struct event *e, const struct field *bytes)
{
    uint32_t interface, len = bytes->len;
    uint64_t ns = (uint64_t)w->epoch * LW_S + (uint64_t)e->at.ns;
    struct buffer *b = &w->block;
    const char *comment = comment_for(w->comments, e);
    uint8_t id[8];

    interface = interface_of(w, event_field(e, "link"));
    write_events(w);
    write_names(w);
    block_begin(w, PCAPNG_PACKET);
    buffer_le32(b, interface);
    buffer_le32(b, (uint32_t)(ns >> 32));
    buffer_le32(b, (uint32_t)ns);
    buffer_le32(b, len);
    buffer_le32(b, len);
    buffer_add(b, bytes->at, len);
    buffer_pad4(b);
    for (int i = 0; i < 8; i++)
        id[i] = (uint8_t)(e->pkt >> (8 * i));
    for (const char *end; *comment; comment = end + (*end == '\n')) {
        end = comment + strcspn(comment, "\n");
        option(b, PCAPNG_OPT_COMMENT, comment, (size_t)(end - comment));
    }
    if (e->pkt)
        option(b, PCAPNG_OPT_PACKET_ID, id, sizeof id);
    options_end(b);
    block_end(w);
    comment_clear(w->comments, e);
}

static void
on_event(void *owner, const struct event *e)
{
    struct pcapng_writer *w = owner;
    const struct field *bytes = NULL;

    if (w->error)
        return;
    if (e->kind == EV_NETDEV)
        learn_name(w, e);
    comment_on(w->comments, e);
    if (e->kind == EV_FRAME_SENT)
        bytes = event_field(e, "bytes");
    if (bytes && bytes->type == FIELD_BYTES)
        write_frame(w, e, bytes);
    else
        bytes = NULL;
    if (bytes || event_info(e->kind)->level <= w->level)
        pack_event(w->packer, e, bytes);
    if (packer_records(w->packer)->len >= (w->nlinks ? BATCH : FIRST_BATCH))
        write_events(w);
}

struct pcapng_writer *
pcapng_writer_new(struct journal *j, const struct capture_world *world,
    enum level level, const struct pcapng_sink *sink)
{
    struct pcapng_writer *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    w->packer = packer_new(j);
    w->comments = comments_new();
    if (!w->packer || !w->comments) {
        packer_free(w->packer);
        comments_free(w->comments);
        free(w);
        return NULL;
    }
    w->journal = j;
    w->sink = *sink;
    w->level = level;
    w->epoch = world->epoch;
    write_section(w, world);
    pack_world(w->packer, world);
    w->listener = (struct listener){.event = on_event,
        .owner = w,
        .level = level > LEVEL_STEP ? level : LEVEL_STEP};
    journal_listen(j, &w->listener);
    return w;
}

int
pcapng_writer_flush(struct pcapng_writer *w)
{
    write_events(w);
    return w->error;
}

int
pcapng_writer_close(struct pcapng_writer *w)
{
    int error;

    if (!w)
        return 0;
    error = pcapng_writer_flush(w);
    journal_unlisten(w->journal, &w->listener);
    packer_free(w->packer);
    comments_free(w->comments);
    buffer_free(&w->block);
    buffer_free(&w->names);
    free(w->links);
    free(w);
    return error;
}
