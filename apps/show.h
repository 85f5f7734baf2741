/*
 * show.h: the window, if there is one. Two files implement it, and the
 * Makefile takes one: show_window.c where SDL is installed, show_none.c
 * where it is not.
 */
#ifndef LW_SHOW_H
#define LW_SHOW_H

#include "story.h"

/* Can pictures be drawn at all; can a window be opened here? If not, `why`
 * says it in a few words. */
bool show_built(const char **why);
bool show_possible(const char **why);

/* Shows the run until the window is closed, and reads it on meanwhile when
 * its file is not yet at its end. 0, or -errno and a fault. */
int show_story(struct story *story, const char *title, struct fault *fault);

/*
 * The same for a run that still grows: show_poll lets the window take in what
 * is new and what its user did, sleeping at most timeout_ms, and answers
 * whether it is still open. NULL and a fault when none can be opened.
 */
struct window;
struct window *show_open(
    const struct story *story, const char *title, struct fault *fault);
bool show_poll(struct window *window, int timeout_ms);
void show_close(struct window *window); /* NULL: nothing */

/* Writes the pictures into dir (made if need be); how many, or -errno. */
int show_shots(const struct story *story, const char *dir, struct fault *fault);

#endif
