/*
 * canvas.h: what panels draw with. Everything lands in an image, in the part
 * that belongs to the panel and nowhere else; every text is also noted in a
 * log, so that a test can ask what was written where without looking at
 * pixels.
 */
#ifndef LW_CANVAS_H
#define LW_CANVAS_H

#include "fonts.h"
#include "redraw.h"
#include "theme.h"

#include "arena.h"

struct log_text {
    SDL_Rect at;
    const char *text;
    bool cut;
    struct log_text *next;
};

struct canvas {
    struct image image; /* of the whole window */
    struct fonts *fonts;
    struct redraw *redraw; /* notes what is to be drawn; NULL: draw at once */
    int em;                /* pixels of body text: the unit of all layout */
    struct arena *arena;   /* of the log; NULL: none is kept */
    struct log_text **log; /* where the next text is noted */
    SDL_Rect pane;         /* in the window; all places are relative to it */
};

/* The pane to draw in; then a part of it alone, NULL: all of it again. */
void canvas_pane(struct canvas *c, SDL_Rect pane);
void canvas_clip(struct canvas *c, const SDL_Rect *at);

/* How a text stands in its room. */
struct style {
    enum face face;
    int size; /* per cent of em; 0: 100 */
    struct colour ink;
    enum {
        LEFT,
        CENTRE,
        RIGHT
    } align;
};

void canvas_fill(struct canvas *c, SDL_Rect at, struct colour colour);
void canvas_frame(
    struct canvas *c, SDL_Rect at, struct colour colour, int thick);
void canvas_dashed(struct canvas *c, SDL_Rect at, struct colour colour);
void canvas_line(struct canvas *c, int x1, int y1, int x2, int y2,
    struct colour colour, int thick);
void canvas_arrow(struct canvas *c, int x1, int y1, int x2, int y2,
    struct colour colour, int thick);
void canvas_cross(struct canvas *c, int x, int y, int size);

/* A polygon that is convex: n corners. */
void canvas_polygon(struct canvas *c, const SDL_Point *corners, unsigned n,
    struct colour colour);

/* One line in `at`, centred vertically, cut with an ellipsis. Its width. */
int canvas_text(
    struct canvas *c, SDL_Rect at, struct style style, const char *text);
int canvas_textf(struct canvas *c, SDL_Rect at, struct style style,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The text broken into lines; the height that it took. at.h limits it. */
int canvas_paragraph(
    struct canvas *c, SDL_Rect at, struct style style, const char *text);

/* Width of a text; height of a line. */
int canvas_width(struct canvas *c, struct style style, const char *text);
int canvas_height(const struct canvas *c, struct style style);

/* A coloured tile with the layer's name or another label. */
void canvas_tile(
    struct canvas *c, SDL_Rect at, enum layer layer, const char *label);

#endif
