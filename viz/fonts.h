/*
 * fonts.h: text. SDL_ttf draws each character once for each size; from then
 * on it is a mask that colours pixels. Each face is a chain of fonts: what
 * the first lacks (Chinese, say) comes from the next.
 */
#ifndef LW_FONTS_H
#define LW_FONTS_H

#include "fault.h"
#include "image.h"

enum face {
    FACE_TEXT,
    FACE_BOLD,
    FACE_MONO,
    FACE_MONO_BOLD,
    FACE_COUNT
};

struct fonts;

/*
 * Opens the fonts. folder: searched first, may be NULL. NULL and a fault
 * that names the package when there is no font.
 */
struct fonts *fonts_open(const char *folder, struct fault *fault);
void fonts_close(struct fonts *f);

/*
 * Draws len bytes of text in a face at `px` pixels; x, y: the upper left
 * corner of the line. Its width.
 */
int fonts_draw(struct fonts *f, enum face face, int px, const char *text,
    size_t len, struct image *to, int x, int y, struct colour ink);

/* Its width, and the pixels that drawing it there may colour. */
int fonts_ink(struct fonts *f, enum face face, int px, const char *text,
    size_t len, int x, int y, SDL_Rect *ink);

/* Its width alone; nothing is drawn. */
int fonts_width(
    struct fonts *f, enum face face, int px, const char *text, size_t len);

/* How many bytes of text fit in max_w: whole characters. */
size_t fonts_fit(struct fonts *f, enum face face, int px, const char *text,
    size_t len, int max_w);

int fonts_height(struct fonts *f, enum face face, int px);

/* Reads one character of UTF-8; 1 byte and U+FFFD when it is none. */
size_t utf8_char(const char *text, size_t len, uint32_t *c);

#endif
