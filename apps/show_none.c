/*
 * show_none.c: layerwalk without a window.
 */
#include "show.h"

#include <errno.h>

static const char reason[] =
    "this layerwalk was built without SDL2 and SDL2_ttf and has no window";

bool
show_built(const char **why)
{
    *why = reason;
    return false;
}

bool
show_possible(const char **why)
{
    return show_built(why);
}

int
show_story(struct story *story, const char *title, struct fault *fault)
{
    (void)story, (void)title;
    fault_set(fault, NULL, 0, "%s", reason);
    return -ENOSYS;
}

struct window *
show_open(const struct story *story, const char *title, struct fault *fault)
{
    (void)story;
    show_story(NULL, title, fault);
    return NULL;
}

bool
show_poll(struct window *window, int timeout_ms)
{
    (void)window, (void)timeout_ms;
    return false;
}

void
show_close(struct window *window)
{
    (void)window;
}

int
show_shots(const struct story *story, const char *dir, struct fault *fault)
{
    (void)story, (void)dir;
    fault_set(fault, NULL, 0, "%s", reason);
    return -ENOSYS;
}
