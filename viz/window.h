/*
 * window.h: the window: a story to walk through. Needs SDL2 and SDL2_ttf;
 * without viz/ the rest of layerwalk still builds.
 */
#ifndef LW_WINDOW_H
#define LW_WINDOW_H

#include "story.h"

struct window_options {
    const char *title; /* NULL: "layerwalk" */
    const char *fonts; /* folder searched first; NULL: the system's */
    int width, height; /* pixels; 0: 1440 by 900, or what the screen allows */
    int text;          /* pixels of body text; 0: 14 */
    bool play;         /* starts playing */
    bool follow;       /* the story grows: show its newest event until the
                        * user steps back, and again from the end on */
};

struct window;

/* Can a window be opened here? Otherwise *why says it in a few words. */
bool window_possible(const char **why);

/*
 * Shows a story, which may grow, until the user closes the window. options
 * may be NULL. 0, or -errno and a fault.
 */
int window_run(const struct story *s, const struct window_options *options,
    struct fault *fault);

/*
 * The same in pieces, for a driver that has other things to do: poll handles
 * what the user did within timeout_ms, takes in what is new in the story,
 * redraws, and returns 0 while the window is open, 1 afterwards.
 */
struct window *window_open(const struct story *s,
    const struct window_options *options, struct fault *fault);
int window_poll(struct window *w, int timeout_ms);
void window_close(struct window *w);

/*
 * Writes a picture of each stage, and some of single steps, into dir (made
 * when it is not there): 01-world.png and so on. Needs no display; the same
 * story gives the same files. How many, or -errno and a fault.
 */
int window_shots(const struct story *s, const char *dir,
    const struct window_options *options, struct fault *fault);

#endif
