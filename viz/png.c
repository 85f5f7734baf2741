/*
 * png.c: writes a PNG: signature, IHDR, one IDAT, IEND.
 */
#include "png.h"

#include "bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static bool
chunk(FILE *f, const char *type, const uint8_t *data, size_t len)
{
    uint8_t head[8], tail[4];
    struct writer w = writer_of(head, sizeof head);
    uLong crc = crc32(0, (const Bytef *)type, 4);

    put_be32(&w, (uint32_t)len);
    put_text(&w, type);
    if (len)
        crc = crc32(crc, data, (uInt)len);
    w = writer_of(tail, sizeof tail);
    put_be32(&w, (uint32_t)crc);
    return fwrite(head, 1, 8, f) == 8 &&
           (len == 0 || fwrite(data, 1, len, f) == len) &&
           fwrite(tail, 1, 4, f) == 4;
}

/*
 * Rows as the file has them: a filter byte, 0 for none, then red, green, blue.
 * Panels and letters repeat to the byte; a filter would hide that from zlib.
 */
static uint8_t *
rows_of(const void *pixels, unsigned w, unsigned h, unsigned pitch)
{
    const size_t row = 1 + (size_t)w * 3;
    uint8_t *out = malloc(row * h);

    for (unsigned y = 0; out && y < h; y++) {
        const uint8_t *from = (const uint8_t *)pixels + (size_t)y * pitch;
        uint8_t *to = out + y * row;

        *to++ = 0;
        for (unsigned x = 0; x < w; x++) {
            uint32_t p;

            memcpy(&p, from + 4 * (size_t)x, 4);
            for (int shift = 16; shift >= 0; shift -= 8)
                *to++ = (uint8_t)(p >> shift);
        }
    }
    return out;
}

static bool
write_all(FILE *f, unsigned w, unsigned h, const uint8_t *packed, size_t len)
{
    static const uint8_t signature[] = {
        0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t header[13];
    struct writer to = writer_of(header, sizeof header);

    put_be32(&to, w);
    put_be32(&to, h);
    put_u8(&to, 8); /* bits a sample */
    put_u8(&to, 2); /* RGB */
    put_u8(&to, 0);
    put_u8(&to, 0);
    put_u8(&to, 0);
    return fwrite(signature, 1, 8, f) == 8 &&
           chunk(f, "IHDR", header, sizeof header) &&
           chunk(f, "IDAT", packed, len) && chunk(f, "IEND", NULL, 0);
}

int
png_write(const char *path, const void *pixels, unsigned w, unsigned h,
    unsigned pitch, struct fault *fault)
{
    uLong size = (1 + (uLong)w * 3) * h;
    uLongf len = compressBound(size);
    uint8_t *rows = rows_of(pixels, w, h, pitch);
    uint8_t *packed = malloc(len);
    FILE *f = NULL;
    int err = -ENOMEM;

    if (!rows || !packed || compress2(packed, &len, rows, size, 9) != Z_OK)
        goto out;
    f = fopen(path, "wb");
    if (!f || !write_all(f, w, h, packed, len))
        err = errno ? -errno : -EIO;
    else
        err = 0;
    if (f && fclose(f) != 0 && err == 0)
        err = -errno;
out:
    if (err)
        fault_set(fault, path, 0, "%s", strerror(-err));
    free(rows);
    free(packed);
    return err;
}
