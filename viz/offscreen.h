/*
 * offscreen.h: the window's picture without a window, for pictures (--shots)
 * and tests; it needs no display. Driven by a script of one command a line:
 *
 *     key Right            a key by its name in keys.c
 *     type 42              characters, as typed
 *     click 100 200        the mouse; also: move X Y, wheel X Y ROWS,
 *                          drag X Y X2 Y2
 *     play                 the next event, when playing
 *     shot picture.png     writes what is to be seen
 */
#ifndef LW_OFFSCREEN_H
#define LW_OFFSCREEN_H

#include "story.h"

#include <stdio.h>

struct offscreen;

/* fonts: a folder searched first, or NULL. NULL and a fault on failure. */
struct offscreen *offscreen_open(const struct story *s, int w, int h, int em,
    const char *fonts, struct fault *fault);
void offscreen_close(struct offscreen *o);

/* Runs the lines of a script. 0, or -errno and a fault with the line. */
int offscreen_script(
    struct offscreen *o, const char *script, struct fault *fault);

/* Where the reader stands; going there. */
uint64_t offscreen_position(const struct offscreen *o);
void offscreen_go(struct offscreen *o, uint64_t pos);

/* Draws and gives the pixels: w * h of 0xAARRGGBB, valid until a change. */
const uint32_t *offscreen_pixels(struct offscreen *o, int *w, int *h);

/* What is on the screen is forgotten: the next picture is drawn whole. */
void offscreen_forget(struct offscreen *o);

/* How many pixels the last picture had to be drawn of. */
uint64_t offscreen_drawn(const struct offscreen *o);

int offscreen_png(struct offscreen *o, const char *path, struct fault *fault);

/* Draws and lists the texts: "x y w h text", one a line. */
void offscreen_dump(struct offscreen *o, FILE *out);

#endif
