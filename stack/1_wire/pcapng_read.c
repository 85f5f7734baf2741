/*
 * pcapng_read.c: finds the blocks in a stream of bytes. A block that lies
 * whole in the piece that was fed is read in place; one that does not is
 * collected first.
 */
#include "pcapng_read.h"
#include "pcapng.h"
#include "pcapng_block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN 12                 /* type and length twice */
#define BLOCK_MAX (16 * 1024 * 1024) /* no sensible block comes near it */

struct pcapng_reader {
    const char *file;
    struct capture_calls calls;
    struct fault *fault;
    struct pcapng_section section;
    struct buffer part; /* the beginning of a block */
    uint64_t blocks;    /* read so far */
    uint64_t offset;    /* of the next block in the file */
    bool failed;
};

struct pcapng_reader *
pcapng_reader_new(
    const char *file, const struct capture_calls *calls, struct fault *fault)
{
    struct pcapng_reader *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->section.unpacker = unpacker_new();
    if (!r->section.unpacker) {
        free(r);
        return NULL;
    }
    r->file = file;
    r->calls = *calls;
    r->section.calls = &r->calls;
    r->fault = fault;
    return r;
}

void
pcapng_reader_free(struct pcapng_reader *r)
{
    if (!r)
        return;
    unpacker_free(r->section.unpacker);
    buffer_free(&r->section.last);
    buffer_free(&r->section.comment);
    free(r->section.interfaces);
    buffer_free(&r->part);
    free(r);
}

static int
refuse(struct pcapng_reader *r, const char *why)
{
    int error = fault_set(r->fault, r->file, 0, "block %llu at byte %llu: %s",
        (unsigned long long)r->blocks + 1, (unsigned long long)r->offset, why);

    r->failed = true;
    return strcmp(why, UNPACK_NO_MEMORY) == 0 ? -ENOMEM : error;
}

static uint32_t
get32(const struct pcapng_reader *r, const uint8_t *at)
{
    struct cursor c = cursor_of(at, 4);

    return r->section.big ? get_be32(&c) : get_le32(&c);
}

/* The total length that the 12 bytes at `at` announce; NULL, or the fault. */
static const char *
block_length(struct pcapng_reader *r, const uint8_t *at, uint32_t *total)
{
    /* The type of a section header reads the same in both orders. */
    if (get32(r, at) == PCAPNG_SECTION) {
        r->section.big = false;
        if (get32(r, at + 8) != PCAPNG_BYTE_ORDER) {
            r->section.big = true;
            if (get32(r, at + 8) != PCAPNG_BYTE_ORDER)
                return "a section without its byte order";
        }
    } else if (r->blocks == 0) {
        return "this is not a pcapng file";
    }
    *total = get32(r, at + 4);
    if (*total < BLOCK_MIN || *total % 4 != 0)
        return "an impossible block length";
    if (*total > BLOCK_MAX)
        return "a block of more than 16 MiB";
    return NULL;
}

/* A whole block of `total` bytes. */
static const char *
read_block(struct pcapng_reader *r, const uint8_t *at, uint32_t total)
{
    uint32_t type = get32(r, at);
    const uint8_t *body = at + 8;
    size_t len = total - BLOCK_MIN;

    if (get32(r, at + total - 4) != total)
        return "the lengths before and after a block differ";
    r->section.body = body;
    r->section.body_offset = r->offset + 8;
    if (type == PCAPNG_SECTION)
        return pcapng_section_header(&r->section, body, len);
    return pcapng_block(&r->section, type, body, len);
}

/*
 * How many bytes of the `len` at `at` belong to the first block: reads it
 * when it is whole, otherwise sets *used to 0.
 */
static int
try_block(struct pcapng_reader *r, const uint8_t *at, size_t len, size_t *used)
{
    uint32_t total;
    const char *why;

    *used = 0;
    if (len < BLOCK_MIN)
        return 0;
    why = block_length(r, at, &total);
    if (!why && len < total)
        return 0;
    if (!why)
        why = read_block(r, at, total);
    if (why)
        return refuse(r, why);
    r->blocks++;
    r->offset += total;
    *used = total;
    return 0;
}

/* Adds what the collected part still lacks: first its head, then the rest. */
static int
complete_part(struct pcapng_reader *r, const uint8_t **at, size_t *len)
{
    while (*len > 0) {
        uint32_t total = BLOCK_MIN;
        size_t n, used;
        const char *why = NULL;
        int error;

        if (r->part.len >= BLOCK_MIN)
            why = block_length(r, r->part.data, &total);
        if (why)
            return refuse(r, why);
        n = total - r->part.len;
        n = n < *len ? n : *len;
        buffer_add(&r->part, *at, n);
        if (r->part.failed)
            return refuse(r, UNPACK_NO_MEMORY);
        *at += n;
        *len -= n;
        error = try_block(r, r->part.data, r->part.len, &used);
        if (error)
            return error;
        if (used > 0) {
            buffer_clear(&r->part);
            break;
        }
    }
    return 0;
}

int
pcapng_reader_feed(struct pcapng_reader *r, const void *data, size_t len)
{
    const uint8_t *at = data;
    int error = 0;

    if (r->failed)
        return -EINVAL;
    if (r->part.len > 0)
        error = complete_part(r, &at, &len);
    while (len > 0 && !error) {
        size_t used;

        error = try_block(r, at, len, &used);
        if (error)
            break;
        if (used == 0) {
            buffer_add(&r->part, at, len);
            if (r->part.failed)
                error = refuse(r, UNPACK_NO_MEMORY);
            break;
        }
        at += used;
        len -= used;
    }
    return error;
}

int
pcapng_reader_end(struct pcapng_reader *r)
{
    if (r->failed)
        return -EINVAL;
    if (r->part.len > 0)
        return refuse(r, "the file ends in the middle of it");
    if (r->blocks == 0)
        return fault_set(r->fault, r->file, 0, "the file is empty");
    return 0;
}
