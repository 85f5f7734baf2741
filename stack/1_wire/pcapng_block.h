/*
 * pcapng_block.h: what one block of a pcapng file says; used by the reader
 * only, which finds the blocks (pcapng_read.c).
 */
#ifndef LW_PCAPNG_BLOCK_H
#define LW_PCAPNG_BLOCK_H

#include "buffer.h"
#include "capture.h"
#include "event_pack.h"

struct pcapng_interface {
    char name[64];
    uint16_t linktype;
    uint32_t snaplen;   /* 0: no limit */
    uint8_t resolution; /* option if_tsresol as it is in the file */
    int64_t offset;     /* seconds to add to times */
};

/* What a section's blocks leave behind for the blocks after them. */
struct pcapng_section {
    const struct capture_calls *calls;
    bool big;  /* the section's byte order */
    bool ours; /* it holds blocks of layerwalk */
    struct pcapng_interface *interfaces;
    uint32_t ninterfaces, room;
    uint32_t before;       /* interfaces of the sections before */
    uint64_t frames;       /* through the whole file */
    const uint8_t *body;   /* of the block being read */
    uint64_t body_offset;  /* its place in the file */
    struct buffer last;    /* the newest frame's bytes, when ours */
    struct buffer comment; /* scratch */
    struct unpacker *unpacker;
};

/*
 * A block other than a section header: its type and its body without the
 * lengths. NULL, or why it is refused.
 */
const char *pcapng_block(
    struct pcapng_section *s, uint32_t type, const uint8_t *body, size_t len);

/* The body of a section header, after its byte order magic was read. */
const char *pcapng_section_header(
    struct pcapng_section *s, const uint8_t *body, size_t len);

#endif
