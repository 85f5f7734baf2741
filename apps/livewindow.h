/*
 * livewindow.h: a live run with a window beside it. Both want the one thread:
 * the network has it most of the time, since a frame that waits changes what
 * is measured; the window some dozen times a second.
 */
#ifndef LW_LIVEWINDOW_H
#define LW_LIVEWINDOW_H

#include "live.h"
#include "recording.h"

struct window;

struct livewindow {
    struct live *live;
    struct recording *recording;
    struct window *window; /* NULL: none, or closed by its user */
    int64_t turn;          /* how long the network has the thread, ns */
};

/* Opens the window on the story of the recording. 0, or -errno and a fault. */
int livewindow_open(struct livewindow *w, struct live *live,
    struct recording *recording, const char *title, struct fault *fault);

/*
 * live_run, with the window's turns in between. When its user closes the
 * window the run goes on, and what was kept for it is forgotten.
 */
int livewindow_run(struct livewindow *w, int fd, int64_t most_ns);

/* After the run: waits until the window is closed or `fd` is readable. */
void livewindow_stay(struct livewindow *w, int fd);

void livewindow_close(struct livewindow *w);

#endif
