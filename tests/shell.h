/*
 * shell.h: runs a command line as a user would and keeps what it printed.
 */
#ifndef LW_SHELL_H
#define LW_SHELL_H

#include "words.h"

#include <sys/types.h>

struct shell {
    int status; /* exit status; 128 and the signal's number; -1: not run */
    char *out;  /* what it printed, zero-terminated */
    char *err;
    size_t out_len;
};

/*
 * Runs `sh -c command` in the top folder with these in its environment:
 * LW, the layerwalk beside this test program; TMP, a folder of its own that
 * shell_clean removes. It has no input, its signals are not ignored whatever
 * the caller does, and after three minutes it is killed. shell_free
 * afterwards.
 */
struct shell shell(const char *command, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * The same, and once the file `ready` is in TMP, all processes of the command
 * get the signal, as ^C at a terminal gives SIGINT to all in the foreground.
 */
struct shell shell_signalled(
    const char *command, const char *ready, int signal);

void shell_free(struct shell *s);

/* The group of the command that runs now; 0: none. For who ends the tests. */
extern volatile pid_t shell_running;

/* The folder TMP, made at the first call; removed with all in it. */
const char *shell_tmp(void);
void shell_clean(void);

/* The command prints nothing on stdout, one line on stderr, this status. */
void shell_refused(const char *command, int status, const char *line);

#endif
