/*
 * theme.h: colours. The fills are Okabe and Ito's eight, which people with
 * every kind of colour vision can tell apart; each stands with a label,
 * never alone, and carries black text (blue: white). Text itself is black or
 * grey on white, so that it survives a projector.
 */
#ifndef LW_THEME_H
#define LW_THEME_H

#include "journal.h"

struct colour {
    uint8_t r, g, b;
};

#define THEME_PAPER  ((struct colour){255, 255, 255})
#define THEME_BACK   ((struct colour){226, 229, 233}) /* between panels */
#define THEME_TITLE  ((struct colour){240, 242, 245}) /* a panel's title */
#define THEME_INK    ((struct colour){17, 17, 17})
#define THEME_SOFT   ((struct colour){89, 89, 89}) /* 7:1 on white */
#define THEME_LINE   ((struct colour){196, 201, 208})
#define THEME_SELECT ((struct colour){0, 114, 178}) /* blue, white text */
#define THEME_HOVER  ((struct colour){221, 238, 248})
#define THEME_RELATE ((struct colour){255, 244, 204})
#define THEME_WRONG  ((struct colour){213, 94, 0}) /* with a cross */

/* The fill of a layer, and the ink that can be read on it. */
struct colour theme_fill(enum layer layer);
struct colour theme_ink(enum layer layer);

/* c mixed with white: 0 is c, 255 is white. */
struct colour theme_pale(struct colour c, unsigned white);

/*
 * Every English text of the window passes through here, the one place where
 * a translation can be put in.
 */
const char *say(const char *english);

#endif
