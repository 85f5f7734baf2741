/*
 * cmd_help.c: every command and option with its words, in one table, and the
 * two ways of printing it: --help for the terminal, roff for man.
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#define WORLD_OPTION                                                           \
    {                                                                          \
        "world", "DIR",                                                        \
            "the folder of the world (default: the shop that comes with "      \
            "layerwalk)"                                                       \
    }
#define SEED_OPTION(else_)                                                     \
    {                                                                          \
        "seed", "N", "begin all chance with this number (default: " else_ ")"  \
    }
#define WINDOW_OPTION                                                          \
    {                                                                          \
        "window", NULL, "show the walk in a window"                            \
    }
#define TEXT_OPTION                                                            \
    {                                                                          \
        "text", NULL, "tell the walk in the terminal"                          \
    }
#define SHOTS_OPTION                                                           \
    {                                                                          \
        "shots", "DIR",                                                        \
            "write the window's pictures of each stage into DIR (.png); "      \
            "needs no display"                                                 \
    }
#define SAVE_OPTION                                                            \
    {                                                                          \
        "save", "FILE",                                                        \
            "save the run: frames, names, comments and journal, as pcapng"     \
    }

const struct command commands[] = {
    {
        .name = "demo",
        .operands = "",
        .summary = "walk one web request through every layer, in virtual time",
        .text =
            "Runs a small internet inside this program: by default a browser, "
            "a router, and a web server with nginx and php-fpm. The clock is "
            "virtual and all chance comes from the seed, so the same seed "
            "gives the same bytes on every machine. The last line is the "
            "SHA-256 of the run: of the very bytes that --save writes.\n"
            "With a display the walk is shown in a window, otherwise it is "
            "told in the terminal; --text and --window decide.",
        .run = cmd_demo,
        .options = {TEXT_OPTION, WINDOW_OPTION, WORLD_OPTION,
            SEED_OPTION("the world's seed"), SAVE_OPTION, SHOTS_OPTION,
            {"until", "EVENT",
                "end at the first event of this kind (TCP_MOVE) or with this "
                "number (#123)"},
            {"quiet", NULL, "print nothing but the last line"}},
    },
    {
        .name = "run",
        .operands = "[--] [COMMAND [ARGUMENT...]]",
        .summary = "run a real program against the world's servers, live",
        .text =
            "Makes a network and a mount namespace with a TAP device in it, "
            "and starts COMMAND there, in the place of the world's browser: "
            "with its address, its hosts file and its resolv.conf. The other "
            "computers of the world run behind the device, on the wall "
            "clock. Without COMMAND it starts $SHELL. The exit status is "
            "COMMAND's own, or 128 and the signal's number. Nothing is left "
            "behind.\n"
            "COMMAND has the terminal. --text tells the walk beside it on "
            "standard error, line by line as it happens. --window shows it "
            "as it happens: at its newest event, until you step back, and "
            "again after End. When COMMAND has ended the window stays until "
            "you close it or press ^C. Closing it earlier, or ^C, which "
            "COMMAND gets and may heed, ends neither COMMAND nor the other.\n"
            "Root is not needed where the system lets everyone make user "
            "namespaces and open /dev/net/tun; where it does not, the "
            "message says which, and the command that helps.",
        .least = 0,
        .most = -1,
        .passes_on = true,
        .run = cmd_run,
        .options = {TEXT_OPTION, WINDOW_OPTION, WORLD_OPTION,
            SEED_OPTION("a new one each time"), SAVE_OPTION,
            {"no-offload", NULL,
                "let frames of at most 1514 bytes cross the device, with all "
                "checksums, as on a plain cable; else long ones of up to 64 "
                "KiB do, ten times as fast"},
            {"busy-poll", "USEC",
                "look for frames without sleeping until none has come for "
                "USEC microseconds: quicker answers, a busy processor"}},
    },
    {
        .name = "play",
        .operands = "FILE",
        .summary = "open a saved run, or any pcap or pcapng capture",
        .text = "A run that layerwalk saved opens with every layer of it; a "
                "capture from elsewhere opens with what its frames say.",
        .least = 1,
        .most = 1,
        .run = cmd_play,
        .options = {TEXT_OPTION, WINDOW_OPTION, SHOTS_OPTION},
    },
    {
        .name = "help",
        .operands = "[COMMAND]",
        .summary = "say what there is, or how one command is used",
        .text = "`layerwalk COMMAND --help` says the same.",
        .most = 1,
        .run = cmd_help,
        .options = {{"man", NULL, "print the man page layerwalk(1)"}},
    },
    {.name = NULL},
};

static const char about[] =
    "layerwalk walks one web request through every layer that it really "
    "crosses: browser, ARP, IP, TCP, HTTP, nginx, FastCGI, php-fpm, the Zend "
    "engine, and back. Every byte and every state that it shows is that of a "
    "running implementation.";

/* Words of `text` in lines of at most `width`, each after `indent` blanks;
 * the first line begins at column `at`. */
static void
fill(const char *text, int at, int indent, int width)
{
    int column = at;

    while (*text) {
        int len = (int)strcspn(text, " \n");

        if (column > indent && column + 1 + len > width) {
            putchar('\n');
            column = 0;
        }
        if (column < indent)
            column += printf("%*s", indent - column, "");
        else if (column > indent)
            column += printf(" ");
        column += printf("%.*s", len, text);
        text += len;
        if (*text == '\n') {
            printf("\n");
            column = 0;
        }
        text += *text != 0;
    }
    putchar('\n');
}

static void
help_option(const struct command_option *o)
{
    int column = printf(
        "  --%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");

    fill(o->help, column, 19, 78);
}

void
command_help(const struct command *c)
{
    static const struct command_option help = {"help", NULL, "print this"};

    printf("usage: layerwalk %s [OPTION]...%s%s\n\n", c->name,
        c->operands[0] ? " " : "", c->operands);
    fill(c->text, 0, 0, 78);
    putchar('\n');
    for (int i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++)
        help_option(&c->options[i]);
    help_option(&help);
}

static void
help_all(void)
{
    printf("usage: layerwalk COMMAND [OPTION]...\n\n");
    fill(about, 0, 0, 78);
    putchar('\n');
    for (const struct command *c = commands; c->name; c++)
        fill(c->summary, printf("  %s", c->name), 9, 78);
    printf("\n`layerwalk COMMAND --help` says more, and `layerwalk --version` "
           "which one\nthis is.\n");
}

/* roff takes a line that begins with `.` or `'` for a request, and `-` for a
 * hyphen; `\` begins an escape. */
static void
roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        printf("\\&");
    for (; *text; text++)
        if (*text == '\n')
            printf("\n.PP\n");
        else if (*text == '-')
            printf("\\-");
        else if (*text == '\\')
            printf("\\e");
        else
            putchar(*text);
    putchar('\n');
}

static void
man_command(const struct command *c)
{
    printf(".SS layerwalk %s [\\fIOPTION\\fR]... ", c->name);
    roff(c->operands);
    roff(c->summary);
    printf(".PP\n");
    roff(c->text);
    for (int i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++) {
        const struct command_option *o = &c->options[i];

        printf(".TP\n\\fB\\-\\-%s\\fR", o->name);
        if (o->value)
            printf(" \\fI%s\\fR", o->value);
        putchar('\n');
        roff(o->help);
    }
}

static void
man_page(void)
{
    printf(".TH LAYERWALK 1\n.SH NAME\nlayerwalk \\- one web request, walked "
           "through every layer\n.SH SYNOPSIS\n.B layerwalk\n"
           ".I COMMAND\n[\\fIOPTION\\fR]...\n.SH DESCRIPTION\n");
    roff(about);
    printf(".SH COMMANDS\n");
    for (const struct command *c = commands; c->name; c++)
        man_command(c);
    printf(".SH EXIT STATUS\n");
    roff("0 when all went well, 1 when what was asked for could not be done, "
         "2 when the command line was wrong; `run` ends with its command's "
         "own status.");
    printf(".SH ENVIRONMENT\n.TP\n.B LAYERWALK_PHP_FPM\n");
    roff("the program that runs the PHP pool (default: layerwalk-php-fpm "
         "beside layerwalk).");
    printf(".SH SEE ALSO\n.BR wireshark (1),\n.BR tcp (7),\n.BR ip (7)\n");
}

int
cmd_help(const struct command_line *line)
{
    if (command_value(line, "man")) {
        man_page();
        return EXIT_OK;
    }
    if (line->noperands == 0) {
        help_all();
        return EXIT_OK;
    }
    const struct command *c = command_find(line->operands[0]);
    if (!c)
        return command_fails(EXIT_USAGE,
            "there is no command `%s`; see `layerwalk help`",
            line->operands[0]);
    command_help(c);
    return EXIT_OK;
}
