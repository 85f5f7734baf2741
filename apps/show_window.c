/*
 * show_window.c: layerwalk with a window: the one in viz/.
 */
#include "show.h"

#include "window.h"

#include <errno.h>

bool
show_built(const char **why)
{
    *why = "";
    return true;
}

bool
show_possible(const char **why)
{
    return window_possible(why);
}

#define READ_ON (2 * 1024 * 1024) /* bytes between two looks at the keys */

int
show_story(struct story *story, const char *title, struct fault *fault)
{
    const struct window_options options = {.title = title};
    struct window *w = window_open(story, &options, fault);
    int more = 1;

    if (!w)
        return -ENXIO;
    while (window_poll(w, more > 0 ? 0 : 1000) == 0)
        if (more > 0)
            more = story_more(story, READ_ON);
    window_close(w);
    return more < 0 ? more : 0;
}

struct window *
show_open(const struct story *story, const char *title, struct fault *fault)
{
    const struct window_options options = {.title = title, .follow = true};

    return window_open(story, &options, fault);
}

bool
show_poll(struct window *window, int timeout_ms)
{
    return window_poll(window, timeout_ms) == 0;
}

void
show_close(struct window *window)
{
    window_close(window);
}

int
show_shots(const struct story *story, const char *dir, struct fault *fault)
{
    return window_shots(story, dir, NULL, fault);
}
