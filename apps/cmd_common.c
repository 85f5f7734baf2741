/*
 * cmd_common.c: options that mean the same everywhere.
 */
#include "cmd_common.h"
#include "places.h"
#include "show.h"

#include <errno.h>
#include <stdlib.h>

int
cmd_fault(const struct fault *fault)
{
    return command_fails(
        EXIT_FAILS, "%s", fault->text[0] ? fault->text : "it failed");
}

int
cmd_seed(const struct command_line *line, uint64_t *seed)
{
    const char *text = command_value(line, "seed");
    char *end;

    if (!text)
        return -1;
    errno = 0;
    *seed = strtoull(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9')
        return command_fails(EXIT_USAGE,
            "--seed `%s` is not a whole number from 0 to %llu", text,
            (unsigned long long)UINT64_MAX);
    return -1;
}

int
cmd_view(const struct command_line *line, enum cmd_view otherwise,
    enum cmd_view *view)
{
    const char *why;

    *view = command_value(line, "text") ? VIEW_TEXT : otherwise;
    if (!command_value(line, "window"))
        return -1;
    if (command_value(line, "text"))
        return command_fails(
            EXIT_USAGE, "--text and --window exclude each other");
    if (!show_possible(&why))
        return command_fails(EXIT_FAILS, "no window: %s", why);
    *view = VIEW_WINDOW;
    return -1;
}

int
cmd_world(const struct command_line *line, struct worldfile *wf)
{
    const char *chosen = command_value(line, "world");
    struct fault fault = {{0}};
    char dir[4096];

    *wf = (struct worldfile){0};
    if (!chosen && !places_world(dir, sizeof dir))
        return command_fails(EXIT_FAILS,
            "lessons/worlds/shop is not found beside this program; name a "
            "world with --world DIR");
    if (worldfile_read(wf, chosen ? chosen : dir, &fault))
        return cmd_fault(&fault);
    return -1;
}

int
cmd_fpm(const struct worldfile *wf, char *path, size_t size)
{
    if (places_fpm(path, size) || !worldfile_running(wf, "php-fpm"))
        return -1;
    return command_fails(EXIT_FAILS,
        "world %s runs php-fpm, but %s is not there: `make` builds it where "
        "libphp8.x-embed and php8.x-dev are installed (`make install-deps`)",
        wf->name, path);
}
