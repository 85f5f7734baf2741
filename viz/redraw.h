/*
 * redraw.h: draws only what has changed. What a panel draws is first noted;
 * then its part of the window is divided into cells, and each cell gets a
 * hash of all that touches it. Cells whose hash is that of the last time
 * are left alone, the others are drawn: the pixels are the same as if all had
 * been drawn anew (the suite window compares them). Seen in rxi/lite,
 * rencache.c.
 */
#ifndef LW_REDRAW_H
#define LW_REDRAW_H

#include "fonts.h"
#include "image.h"

#include <stdbool.h>
#include <stddef.h>

#define SPOTS_MAX 16

/* One thing that is to be drawn, in the window's pixels. */
struct draw {
    enum {
        DRAW_FILL,
        DRAW_POLYGON,
        DRAW_TEXT
    } what;
    SDL_Rect clip; /* nothing of it outside */
    SDL_Rect at;   /* all that it can colour, within the clip */
    struct colour ink;
    uint64_t hash; /* of everything that decides its pixels */
    unsigned n;    /* corners, or bytes of text */
    size_t begin;  /* of them, in corners or texts */
    enum face face;
    int px, x, y;
};

/* What a panel draws. Zeros are an empty one. */
struct redraw {
    struct draw *draws;
    unsigned n, room;
    struct spot *spots;
    size_t nspots, spot_room;
    char *texts;
    size_t ntexts, text_room;
    bool failed; /* no memory: what did not fit is missing, once */
};

/* The cells of one panel, as they are on the screen. */
struct cells {
    SDL_Rect at;
    uint64_t *hash; /* row by row; NULL: not known */
};

void redraw_fill(
    struct redraw *r, SDL_Rect clip, SDL_Rect at, struct colour ink);
void redraw_polygon(struct redraw *r, SDL_Rect clip, const struct spot *corners,
    unsigned n, struct colour ink);

/* As fonts_draw; its width. */
int redraw_text(struct redraw *r, SDL_Rect clip, struct fonts *f,
    enum face face, int px, const char *text, size_t len, int x, int y,
    struct colour ink);

/*
 * Draws what was noted into the panel at `at` wherever that differs from what
 * the cells say, and forgets it. `drew` is told each part of the window.
 */
void redraw_end(struct redraw *r, struct image *im, struct fonts *f,
    struct cells *cells, SDL_Rect at, void (*drew)(void *owner, SDL_Rect part),
    void *owner);

/* The screen no longer shows what the cells say. */
void cells_forget(struct cells *c);

void redraw_free(struct redraw *r);

#endif
