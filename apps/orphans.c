/*
 * orphans.c: proc(5) lists a thread's children; when one ends, its own
 * children come to us and are in the next list.
 */
#include "orphans.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void
orphans_adopt(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Kills all children that there are now; false: the list cannot be read. */
static bool
kill_children(void)
{
    char path[64];
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *list = fopen(path, "r");
    if (!list)
        return false;
    while (fscanf(list, "%d", &pid) == 1)
        kill(pid, SIGKILL);
    fclose(list);
    return true;
}

void
orphans_end(void)
{
    while (kill_children())
        if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
            break;
}
