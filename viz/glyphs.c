/*
 * glyphs.c: single characters, measured at the first use and drawn when they
 * are first to be seen. A class looks at two thousand different ones at most;
 * a table that has become larger is emptied.
 */
#include "fonts_in.h"

#include <stdlib.h>
#include <string.h>

#define OTHERS_MAX 4096 /* characters beyond ASCII that are kept for a size */

static const struct glyph nothing;

/* Which font of the chain draws c: 0, or 1 when only that one has it. */
static TTF_Font *
font_of(const struct sized *s, uint32_t c)
{
    if (c >= 128 && s->font[1] && !TTF_GlyphIsProvided32(s->font[0], c) &&
        TTF_GlyphIsProvided32(s->font[1], c))
        return s->font[1];
    return s->font[0];
}

static void
measure(const struct sized *s, struct glyph *g, uint32_t c)
{
    int advance = 0;

    TTF_GlyphMetrics32(font_of(s, c), c, NULL, NULL, NULL, NULL, &advance);
    *g = (struct glyph){.c = c, .advance = (int16_t)advance};
}

static struct glyph *
slot_of(const struct sized *s, uint32_t c)
{
    unsigned i = c * 0x9e3779b1u >> 8 & (s->room - 1);

    while (s->others[i].c && s->others[i].c != c)
        i = (i + 1) & (s->room - 1);
    return &s->others[i];
}

static void
empty(struct sized *s)
{
    for (unsigned i = 0; i < s->room; i++)
        free(s->others[i].mask.cover);
    free(s->others);
    s->others = NULL;
    s->nothers = s->room = 0;
}

static bool
grow(struct sized *s)
{
    struct sized more = *s;

    if (s->nothers >= OTHERS_MAX) {
        empty(s);
        more = *s;
    }
    more.room = s->room ? s->room * 2 : 64;
    more.others = calloc(more.room, sizeof *more.others);
    if (!more.others)
        return false;
    for (unsigned i = 0; i < s->room; i++)
        if (s->others[i].c)
            *slot_of(&more, s->others[i].c) = s->others[i];
    free(s->others);
    *s = more;
    return true;
}

static struct glyph *
find(struct sized *s, uint32_t c)
{
    struct glyph *g = c < 128 ? &s->ascii[c] : NULL;

    if (!s->font[0] || c == 0)
        return NULL;
    if (!g) {
        if (s->nothers * 2 >= s->room && !grow(s))
            return NULL;
        g = slot_of(s, c);
        s->nothers += !g->c;
    }
    if (!g->c)
        measure(s, g, c);
    return g;
}

const struct glyph *
glyph_of(struct sized *s, uint32_t c)
{
    const struct glyph *g = find(s, c);

    return g ? g : &nothing;
}

/* The rows and columns of the picture in which anything is covered. */
static SDL_Rect
ink_of(const SDL_Surface *p)
{
    int x0 = p->w, y0 = p->h, x1 = 0, y1 = 0;

    for (int y = 0; y < p->h; y++) {
        const uint32_t *row =
            (const void *)((const uint8_t *)p->pixels + y * p->pitch);

        for (int x = 0; x < p->w; x++) {
            if (row[x] >> 24 == 0)
                continue;
            x0 = x < x0 ? x : x0;
            x1 = x >= x1 ? x + 1 : x1;
            y0 = y < y0 ? y : y0;
            y1 = y + 1;
        }
    }
    return (SDL_Rect){x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0};
}

/* Takes over what the picture covers. */
static void
keep(struct glyph *g, const SDL_Surface *p)
{
    SDL_Rect at = ink_of(p);

    if (!at.w || !at.h)
        return;
    g->mask.cover = malloc((size_t)at.w * (size_t)at.h);
    if (!g->mask.cover) {
        g->drawn = false; /* no memory: when it is wanted again */
        return;
    }
    g->mask.w = at.w;
    g->mask.h = at.h;
    g->x = (int16_t)(g->x + at.x);
    g->y = (int16_t)(g->y + at.y);
    for (int y = 0; y < at.h; y++) {
        const uint32_t *row =
            (const void *)((const uint8_t *)p->pixels + (at.y + y) * p->pitch);

        for (int x = 0; x < at.w; x++)
            g->mask.cover[y * at.w + x] = (uint8_t)(row[at.x + x] >> 24);
    }
}

const struct glyph *
glyph_drawn(struct sized *s, uint32_t c)
{
    const SDL_Color white = {255, 255, 255, 255};
    struct glyph *g = find(s, c);
    int left = 0;

    if (!g)
        return &nothing;
    if (g->drawn)
        return g;
    g->drawn = true;
    TTF_Font *font = font_of(s, c);
    TTF_GlyphMetrics32(font, c, &left, NULL, NULL, NULL, NULL);
    SDL_Surface *p = TTF_RenderGlyph32_Blended(font, c, white);
    if (!p)
        return g;
    /* the picture begins at the pen, or where ink hangs out to its left */
    g->x = (int16_t)(left < 0 ? left : 0);
    g->y = (int16_t)(s->ascent - TTF_FontAscent(font));
    if (p->format->format == SDL_PIXELFORMAT_ARGB8888)
        keep(g, p);
    SDL_FreeSurface(p);
    return g;
}

void
glyphs_free(struct sized *s)
{
    empty(s);
    for (unsigned i = 0; i < LW_COUNT(s->ascii); i++)
        free(s->ascii[i].mask.cover);
    memset(s->ascii, 0, sizeof s->ascii);
}
