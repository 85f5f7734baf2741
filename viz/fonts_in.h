/*
 * fonts_in.h: between measuring (fonts.c) and the glyphs (glyphs.c).
 */
#ifndef LW_FONTS_IN_H
#define LW_FONTS_IN_H

#include "fonts.h"

#include <SDL_ttf.h>

#define SIZED_MAX 24 /* faces in sizes that are open at a time */

/* One character in one face and size. */
struct glyph {
    uint32_t c;
    bool drawn; /* mask is made, as far as there is something to see */
    int16_t advance;
    int16_t x, y; /* of the mask, from the pen and the line's top */
    struct mask mask;
};

/* A face in one size: its own font and the fallback's. */
struct sized {
    enum face face;
    int px, ascent;
    TTF_Font *font[2];
    struct glyph ascii[128];
    struct glyph *others; /* hash table, open addressing; c 0: free */
    unsigned nothers, room;
};

struct fonts {
    char *paths[FACE_COUNT];
    char *fallback; /* or NULL */
    struct sized open[SIZED_MAX];
    unsigned nopen;
};

struct sized *fonts_sized(struct fonts *f, enum face face, int px);

/* The character's measures; with `drawn` set its mask as well. */
const struct glyph *glyph_of(struct sized *s, uint32_t c);
const struct glyph *glyph_drawn(struct sized *s, uint32_t c);
void glyphs_free(struct sized *s);

#endif
