/*
 * show_window.c: layerwalk with a window: the one in viz/.
 */
#include "show.h"

#include "window.h"

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

int
show_story(const struct story *story, const char *title, struct fault *fault)
{
    const struct window_options options = {.title = title};

    return window_run(story, &options, fault);
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
