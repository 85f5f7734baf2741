/*
 * command.h: the subcommands of layerwalk as data. One table (cmd_help.c)
 * holds every option with its words; the reading of a command line, --help
 * and the man page are all made from it, so they cannot disagree.
 */
#ifndef LW_COMMAND_H
#define LW_COMMAND_H

#include <stdbool.h>

#define COMMAND_OPTIONS 12 /* most options of one command */

/* Exit statuses, as GNU programs use them. */
#define EXIT_OK    0
#define EXIT_FAILS 1 /* what was asked for could not be done */
#define EXIT_USAGE 2 /* it was not clear what was asked for */

struct command_option {
    const char *name;  /* "seed"; NULL ends the list */
    const char *value; /* "N": takes a value; NULL: takes none */
    const char *help;
};

/* What a command line said. */
struct command_line {
    const char *program; /* argv[0] of layerwalk */
    const struct command *command;
    const char *values[COMMAND_OPTIONS]; /* by place in options; NULL: not
                                            given; "" when it takes none */
    char **operands;                     /* ends with NULL */
    int noperands;
};

struct command {
    const char *name;
    const char *operands; /* "FILE"; "" when there are none */
    const char *summary;  /* one line */
    const char *text;     /* paragraphs for --help and the man page */
    int least, most;      /* how many operands; most -1: any number */
    bool passes_on;       /* what follows the first operand is not ours */
    int (*run)(const struct command_line *line); /* the exit status */
    struct command_option options[COMMAND_OPTIONS];
};

/* The table; ends with an entry without a name. */
extern const struct command commands[];

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

/*
 * Reads argv (after the subcommand's name). Returns -1 to go on, or the exit
 * status: wrong use has been told in one line, or --help has been answered.
 */
int command_read(const struct command *c, const char *program, int argc,
    char **argv, struct command_line *line);

/* The value of an option, or NULL when it was not given. */
const char *command_value(const struct command_line *line, const char *name);

/* "layerwalk: ..." in one line on stderr; returns `status`. */
int command_fails(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The help of one command, on stdout. */
void command_help(const struct command *c);

/* One file a command. */
int cmd_demo(const struct command_line *line);
int cmd_run(const struct command_line *line);
int cmd_play(const struct command_line *line);
int cmd_help(const struct command_line *line);

#endif
