/*
 * live_possible.c: layerwalk itself is asked.
 */
#include "live_possible.h"
#include "check.h"
#include "shell.h"

#include <stdio.h>
#include <string.h>

bool
live_possible(void)
{
    struct shell s = shell("$LW run true");
    bool closed = strstr(s.err, "/dev/net/tun") != NULL ||
                  strstr(s.err, "namespaces") != NULL;

    if (s.status != 0 && closed)
        printf("\n    not tried here: %s", s.err);
    else
        CHECK_TEXT(s.err, "");
    bool possible = s.status == 0;
    shell_free(&s);
    return possible;
}
