/*
 * fonts.h: text as textures. SDL_ttf draws a text once; afterwards it is a
 * copy. Each face is a chain of fonts: what the first lacks (Chinese, say)
 * comes from the next.
 */
#ifndef LW_FONTS_H
#define LW_FONTS_H

#include "fault.h"

#include <SDL.h>

enum face {
    FACE_TEXT,
    FACE_BOLD,
    FACE_MONO,
    FACE_MONO_BOLD,
    FACE_COUNT
};

struct fonts;

/* A text ready to be copied; white, to be coloured by a texture mod. */
struct drawn {
    SDL_Texture *texture; /* NULL: nothing to see */
    int w, h;
    bool cut; /* did not fit and ends with an ellipsis */
};

/*
 * Opens the fonts. folder: searched first, may be NULL. NULL and a fault
 * that names the package when there is no font.
 */
struct fonts *fonts_open(
    SDL_Renderer *r, const char *folder, struct fault *fault);
void fonts_close(struct fonts *f);

/*
 * The text of len bytes in a face at `px` pixels, cut to max_w (0: not cut).
 * Valid until the next call.
 */
const struct drawn *fonts_text(struct fonts *f, enum face face, int px,
    const char *text, size_t len, int max_w);

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
