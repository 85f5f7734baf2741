/*
 * livewindow.c: whose turn it is. The window's turn costs what drawing costs
 * here, a millisecond or thirty; the network's next turn is at least three
 * times as long, so that a slow display slows the window down and not the
 * world.
 */
#include "livewindow.h"
#include "show.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#define TURN  (20 * LW_MS) /* of the network, at least */
#define SHARE 3            /* network's turn: so many times the window's */

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * LW_S + t.tv_nsec;
}

int
livewindow_open(struct livewindow *w, struct live *live,
    struct recording *recording, const char *title, struct fault *fault)
{
    *w = (struct livewindow){live, recording, NULL, TURN};
    if (!recording->story)
        return 0; /* nobody asked for a window */
    w->window = show_open(recording->story, title, fault);
    return w->window ? 0 : -ENXIO;
}

static void
window_turn(struct livewindow *w)
{
    int64_t start = now_ns();

    if (!show_poll(w->window, 0)) {
        livewindow_close(w);
        recording_drop_story(w->recording);
        return;
    }
    w->turn = SHARE * (now_ns() - start);
    if (w->turn < TURN)
        w->turn = TURN;
}

int
livewindow_run(struct livewindow *w, int fd, int64_t most_ns)
{
    int64_t until = most_ns < 0 ? INT64_MAX : now_ns() + most_ns;

    while (w->window) {
        int64_t left = until - now_ns();

        if (left <= 0)
            return -ETIMEDOUT;
        int got = live_run(w->live, fd, left < w->turn ? left : w->turn);
        if (got != -ETIMEDOUT)
            return got;
        window_turn(w);
    }
    return live_run(w->live, fd,
        most_ns < 0        ? -1
        : until > now_ns() ? until - now_ns()
                           : 0);
}

void
livewindow_stay(struct livewindow *w, int fd)
{
    struct pollfd p = {fd, POLLIN, 0};

    while (w->window && poll(&p, 1, 0) <= 0)
        if (!show_poll(w->window, 100))
            break;
    livewindow_close(w);
}

void
livewindow_close(struct livewindow *w)
{
    show_close(w->window);
    w->window = NULL;
}
