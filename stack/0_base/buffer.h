/*
 * buffer.h: bytes that grow at the end, for what is made piece by piece and
 * whose length is not known before: blocks of capture files, records.
 *
 * Like a writer (bytes.h) it remembers trouble instead of returning it: when
 * memory runs out, `failed` is set and the contents are worth nothing.
 * Numbers are little endian, the order of capture files.
 */
#ifndef LW_BUFFER_H
#define LW_BUFFER_H

#include "bytes.h"

struct buffer {
    uint8_t *data;
    size_t len, room;
    bool failed;
};

/* A buffer of zeros is empty and ready. */
void buffer_free(struct buffer *b);  /* empty and ready again */
void buffer_clear(struct buffer *b); /* empty, keeping memory; not failed */

void buffer_add(struct buffer *b, const void *data, size_t n);
void buffer_text(struct buffer *b, const char *text);
void buffer_u8(struct buffer *b, uint8_t v);
void buffer_le16(struct buffer *b, uint16_t v);
void buffer_le32(struct buffer *b, uint32_t v);

/* Overwrites four bytes that were added before at offset `at`. */
void buffer_patch_le32(struct buffer *b, size_t at, uint32_t v);

/* Zeros until the length is a multiple of four. */
void buffer_pad4(struct buffer *b);

/*
 * LEB128: seven bits a byte, lowest first, the top bit says that more
 * follow. Small numbers are one byte. Signed numbers are folded first so
 * that small negative ones are small too (0, -1, 1, -2, ... to 0, 1, 2, 3).
 */
void buffer_varint(struct buffer *b, uint64_t v);
void buffer_signed(struct buffer *b, int64_t v);
uint64_t get_varint(struct cursor *c); /* `over` past 64 bits, too */
int64_t get_signed(struct cursor *c);

#endif
