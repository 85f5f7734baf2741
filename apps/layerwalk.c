/*
 * layerwalk.c: where the program begins. The first word names a command; the
 * rest is the command's business (cmd_*.c).
 */
#include "command.h"
#include "nearest.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define VERSION "0.1"

static int
no_command(const char *word)
{
    const struct command *c = commands;

    while (c->name)
        c++;
    const char *near = nearest(
        word, &commands[0].name, (size_t)(c - commands), sizeof commands[0]);
    if (near)
        return command_fails(EXIT_USAGE,
            "there is no command `%s`; did you mean `%s`?", word, near);
    return command_fails(
        EXIT_USAGE, "there is no command `%s`; see `layerwalk help`", word);
}

/* What is freed stays with us: to give it back to Linux after each request
 * and ask for it again with the next costs a third of the request's time. */
static void
keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
}

int
main(int argc, char **argv)
{
    struct command_line line;

    keep_memory();
    if (argc < 2)
        return command_fails(EXIT_USAGE,
            "say what to do: `layerwalk demo`, or `layerwalk help`");
    if (strcmp(argv[1], "--version") == 0) {
        puts("layerwalk " VERSION);
        return EXIT_OK;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        argv[1] = "help";
    if (argv[1][0] == '-')
        return command_fails(EXIT_USAGE,
            "there is no option `%s` here; see `layerwalk help`", argv[1]);
    const struct command *c = command_find(argv[1]);
    if (!c)
        return no_command(argv[1]);
    int status = command_read(c, argv[0], argc - 2, argv + 2, &line);
    if (status < 0)
        status = c->run(&line);
    if (fflush(stdout) != 0 || ferror(stdout))
        return command_fails(EXIT_FAILS, "standard output cannot be written");
    return status;
}
