/*
 * image.h: pixels in memory, and the four things that are ever done to them:
 * a rectangle, a convex polygon, a glyph, and the limit within which all this
 * stays. The window's whole picture is one image, so that what is shown, what
 * is saved as .png and what a test looks at are the same bytes on every
 * machine, whatever draws the window on the screen.
 */
#ifndef LW_IMAGE_H
#define LW_IMAGE_H

#include "theme.h"

#include <SDL.h>

struct image {
    uint32_t *pixels; /* 0xffRRGGBB, row by row without gaps */
    int w, h;
    SDL_Rect clip; /* nothing is drawn outside; it lies inside the image */
};

/* A glyph: how much of each pixel is covered, 0..255, row by row. */
struct mask {
    uint8_t *cover;
    int w, h;
};

struct spot {
    double x, y;
};

/* Gives the image w * h pixels of unsaid content. False: no memory. */
bool image_resize(struct image *im, int w, int h);
void image_free(struct image *im);

/* Limits drawing to `at`; NULL: to the whole image. */
void image_clip(struct image *im, const SDL_Rect *at);

void image_fill(struct image *im, SDL_Rect at, struct colour colour);

/* Colours what the mask covers, its upper left corner at x, y. */
void image_mask(struct image *im, const struct mask *mask, int x, int y,
    struct colour colour);

/*
 * Fills the convex polygon with n corners, 3..16, with smooth edges. A pixel
 * is a square whose middle has the coordinates plus one half.
 */
void image_polygon(struct image *im, const struct spot *corners, unsigned n,
    struct colour colour);

#endif
