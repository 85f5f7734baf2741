/*
 * fault.c: the first thing that was wrong with a file, in one line.
 */
#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/*
 * The text may quote a hostile file: what could end the line or steer a
 * terminal is shown as '?'.
 */
static void
make_harmless(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

int
fault_set(
    struct fault *f, const char *file, unsigned line, const char *format, ...)
{
    va_list ap;
    int n = 0;

    if (f->text[0])
        return -EINVAL;
    if (file && line)
        n = snprintf(f->text, sizeof f->text, "%s:%u: ", file, line);
    else if (file)
        n = snprintf(f->text, sizeof f->text, "%s: ", file);
    if (n >= 0 && (size_t)n < sizeof f->text) {
        va_start(ap, format);
        vsnprintf(f->text + n, sizeof f->text - (size_t)n, format, ap);
        va_end(ap);
    }
    make_harmless(f->text);
    return -EINVAL;
}
