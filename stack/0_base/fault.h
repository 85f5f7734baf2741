/*
 * fault.h: why a file written by a person was refused: file, line, reason.
 * For configurations, worlds, captures: "shop.yaml:12: unknown key ..."
 */
#ifndef LW_FAULT_H
#define LW_FAULT_H

#include "words.h"

struct fault {
    char text[512]; /* "file:line: reason" without a newline; "" when none */
};

/*
 * Records the first fault (later ones are ignored) and returns -EINVAL.
 * line 0 leaves the line out; file NULL leaves both out.
 */
int fault_set(struct fault *f, const char *file, unsigned line,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
