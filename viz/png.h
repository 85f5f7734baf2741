/*
 * png.h: a picture as a PNG file (ISO/IEC 15948), with zlib and nothing
 * else: 8-bit RGB, no filter, no time stamp, so that the same picture is the
 * same file.
 */
#ifndef LW_PNG_H
#define LW_PNG_H

#include "fault.h"

/* pixels: 0xAARRGGBB, rows of `pitch` bytes. 0, or -errno and a fault. */
int png_write(const char *path, const void *pixels, unsigned w, unsigned h,
    unsigned pitch, struct fault *fault);

#endif
