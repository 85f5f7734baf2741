/*
 * command.c: reading a command line by the table. Long options, with their
 * value after `=` or as the next word; `--` ends them.
 */
#include "command.h"
#include "nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
command_fails(int status, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(stderr, "layerwalk: %s\n", text);
    return status;
}

const struct command *
command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const char *
command_value(const struct command_line *line, const char *name)
{
    const struct command_option *o = line->command->options;

    for (int i = 0; i < COMMAND_OPTIONS && o[i].name; i++)
        if (strcmp(o[i].name, name) == 0)
            return line->values[i];
    return NULL;
}

/* The place of the option `word` (without its value) names, or -1. */
static int
option_of(const struct command *c, const char *word, size_t len)
{
    for (int i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++)
        if (strlen(c->options[i].name) == len &&
            strncmp(c->options[i].name, word, len) == 0)
            return i;
    return -1;
}

static int
unknown_option(const struct command *c, const char *word)
{
    size_t n = 0;
    char name[64];

    while (n < COMMAND_OPTIONS && c->options[n].name)
        n++;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    const char *near =
        strncmp(name, "--", 2) == 0
            ? nearest(name + 2, &c->options[0].name, n, sizeof c->options[0])
            : NULL;
    if (near)
        return command_fails(EXIT_USAGE,
            "%s has no option %s; did you mean --%s?", c->name, name, near);
    return command_fails(EXIT_USAGE,
        "%s has no option %s; see `layerwalk %s --help`", c->name, name,
        c->name);
}

/* Reads the option at argv[*i]; -1 to go on. */
static int
read_option(struct command_line *line, int argc, char **argv, int *i)
{
    const struct command *c = line->command;
    const char *word = argv[*i];
    size_t len = strcspn(word, "=");
    int o = len > 2 ? option_of(c, word + 2, len - 2) : -1;

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        command_help(c);
        return EXIT_OK;
    }
    if (strncmp(word, "--", 2) != 0 || o < 0)
        return unknown_option(c, word);
    if (line->values[o])
        return command_fails(
            EXIT_USAGE, "--%s is given twice", c->options[o].name);
    if (!c->options[o].value) {
        if (word[len] == '=')
            return command_fails(
                EXIT_USAGE, "--%s takes no value", c->options[o].name);
        line->values[o] = "";
        return -1;
    }
    if (word[len] == '=')
        line->values[o] = word + len + 1;
    else if (*i + 1 < argc)
        line->values[o] = argv[++*i];
    if (!line->values[o] || line->values[o][0] == 0)
        return command_fails(EXIT_USAGE, "--%s needs a value: %s",
            c->options[o].name, c->options[o].value);
    return -1;
}

int
command_read(const struct command *c, const char *program, int argc,
    char **argv, struct command_line *line)
{
    int kept = 0;
    bool ended = false;

    *line = (struct command_line){.program = program, .command = c};
    line->operands = argv;
    for (int i = 0; i < argc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && argv[i][0] == '-' && argv[i][1]) {
            int status = read_option(line, argc, argv, &i);

            if (status >= 0)
                return status;
        } else {
            argv[kept++] = argv[i];
            ended |= c->passes_on;
        }
    }
    argv[kept] = NULL;
    line->noperands = kept;
    if (kept < c->least)
        return command_fails(EXIT_USAGE,
            "%s needs %s; see `layerwalk %s "
            "--help`",
            c->name, c->operands, c->name);
    if (c->most >= 0 && kept > c->most)
        return command_fails(EXIT_USAGE,
            "%s: `%s` is too much; see "
            "`layerwalk %s --help`",
            c->name, argv[c->most], c->name);
    return -1;
}
