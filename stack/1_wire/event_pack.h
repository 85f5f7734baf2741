/*
 * event_pack.h: events as bytes and back, exactly. The capture file keeps
 * the journal in this form, in blocks of its own (PCAPNG_JOURNAL).
 *
 * A run of records follows the eight bytes of PACK_MAGIC, the last of which
 * is the version. All numbers are LEB128 (buffer.h), `s` marks the signed
 * ones. A text is its length and its bytes, without a zero.
 *
 *     1 name    text
 *     2 host    number, name
 *     3 world   s epoch, seed, name
 *     4 event   s no - previous no, s at - previous at,
 *               0 or s no - cause, pkt, off, len, pid, host,
 *               kind (a name), rule (a name), func (a name),
 *               how many fields, and for each: name, type (one byte), value
 *
 * Kinds, rules, functions and fields are named, not numbered, so that a file
 * stays readable when the tables grow. A name is a text that was defined
 * before by a record 1 and is referred to by its number, counted from 1 in
 * order of definition; 0 is "". The value of a field depends on its type,
 * whose numbers are those of enum field_type: 0 U64, 1 HEX, 4 IPV4, 5 MAC: a
 * number; 2 I64, 3 NS: a signed number; 6 TEXT, 7 BYTES: a text; and 0x87
 * stands for BYTES that are those of the frame before, and has no value, so
 * that a frame is in the file only once.
 *
 * The names and the previous values live as long as a section of the file.
 */
#ifndef LW_EVENT_PACK_H
#define LW_EVENT_PACK_H

#include "buffer.h"
#include "capture.h"
#include "journal.h"

#define PACK_MAGIC "layerwk\1"

enum pack_tag {
    PACK_NAME = 1,
    PACK_HOST = 2,
    PACK_WORLD = 3,
    PACK_EVENT = 4
};

#define PACK_FRAME 0x87

/* --- to bytes --- */

struct packer;

struct packer *packer_new(const struct journal *j); /* NULL: no memory */
void packer_free(struct packer *p);
void pack_world(struct packer *p, const struct capture_world *world);

/* in_frame: the field that is the frame before, or NULL. */
void pack_event(
    struct packer *p, const struct event *e, const struct field *in_frame);

/* The records made since the last clear; `failed` when memory ran out. */
struct buffer *packer_records(struct packer *p);

/* --- and back --- */

struct unpacker;

struct unpacker *unpacker_new(void); /* NULL: no memory */
void unpacker_free(struct unpacker *u);
void unpacker_reset(struct unpacker *u); /* a new section begins */

/*
 * Hands the records in data (after the magic) to the calls, events with
 * `frame` as the frame before. A kind or rule that is unknown here becomes
 * EV_NONE or RULE_NONE. Returns NULL, or why the bytes are refused: they are
 * damaged, or UNPACK_NO_MEMORY.
 */
#define UNPACK_NO_MEMORY "no memory"
const char *unpack(struct unpacker *u, const void *data, size_t len,
    const uint8_t *frame, uint32_t frame_len,
    const struct capture_calls *calls);

#endif
