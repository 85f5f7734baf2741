/*
 * cmd_common.h: what several commands ask of their options.
 */
#ifndef LW_CMD_COMMON_H
#define LW_CMD_COMMON_H

#include "command.h"
#include "fault.h"
#include "worldfile.h"

/* "layerwalk: <fault>" on stderr; returns EXIT_FAILS. */
int cmd_fault(const struct fault *fault);

/* --seed as a number. -1 to go on, or the exit status. */
int cmd_seed(const struct command_line *line, uint64_t *seed);

enum cmd_view {
    VIEW_TEXT,
    VIEW_WINDOW,
    VIEW_NONE
};

/*
 * --text and --window, or `otherwise` when neither was given. -1 to go on,
 * or the exit status: both given, or no window can be had.
 */
int cmd_view(const struct command_line *line, enum cmd_view otherwise,
    enum cmd_view *view);

/*
 * Reads the world of --world, or the one that comes with layerwalk. -1 to go
 * on, or the exit status; worldfile_free in both cases.
 */
int cmd_world(const struct command_line *line, struct worldfile *wf);

/* The path of layerwalk-php-fpm, if the world needs one. -1 to go on. */
int cmd_fpm(const struct worldfile *wf, char *path, size_t size);

#endif
