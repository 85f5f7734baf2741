/*
 * cmd_demo.c: one request in virtual time, watched by whoever was asked for.
 *
 *     world file -> computers -> servers -> the browser -> all is quiet
 *
 * The listeners are there before the first event. They stop when the last
 * connection is forgotten; what the servers do when they are ended is no
 * part of the walk.
 */
#include "cmd_common.h"
#include "places.h"
#include "recording.h"
#include "show.h"
#include "worldmake.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST (600 * LW_S) /* virtual time after which a run is cut off */

struct demo {
    struct worldfile file;
    struct made made;
    struct recording recording;
    enum cmd_view view;
    const char *shots, *save;
    bool quiet;
    char failed[128]; /* what became of a program that called; "": all well */
    char fpm[4096];   /* path of the program that runs PHP */
    char hash[SHA256_TEXT];
};

static bool
over(void *owner)
{
    struct demo *d = owner;

    return d->recording.reached || made_quiet(&d->made);
}

/* From an empty world to the end of the walk. */
static int
walk(struct demo *d, struct fault *fault)
{
    int err = made_build(&d->made, fault);

    if (!err)
        err = made_servers(&d->made, fault);
    if (!err)
        err = made_clients(&d->made, fault);
    if (!err)
        made_run(&d->made, (struct instant){LONGEST}, over, d);
    return err;
}

static int
attach(struct demo *d, const char *until, struct fault *fault)
{
    struct capture_world world = {
        d->file.name, d->made.options.seed, d->file.epoch};
    struct recording_options options = {
        .save = d->save,
        .until = until,
        .hash = true,
        .story = d->view == VIEW_WINDOW || d->shots,
        .tell = d->view == VIEW_TEXT && !d->quiet ? stdout : NULL,
    };

    return recording_open(
        &d->recording, &d->made.journal, &world, &options, fault);
}

/* Remembers a program that called and did not get what it wanted. */
static void
note_failure(struct demo *d)
{
    int status;
    const struct world_task *t = made_failure(&d->made, &status);

    if (t && WIFEXITED(status))
        snprintf(d->failed, sizeof d->failed, "%s ended with exit status %d",
            t->name, WEXITSTATUS(status));
    else if (t)
        snprintf(d->failed, sizeof d->failed, "%s was ended by signal %d",
            t->name, WTERMSIG(status));
}

/* The walk, and the end of all that runs, whatever became of it. */
static int
perform(struct demo *d, const struct world_options *options, const char *until,
    struct fault *fault)
{
    int err = made_open(&d->made, &d->file, options, fault);

    if (err)
        return err;
    err = attach(d, until, fault);
    if (!err)
        err = walk(d, fault);
    note_failure(d);
    int end = recording_end(&d->recording, d->hash, fault);
    made_close(&d->made);
    return err ? err : end;
}

/* The last lines: where things are, and what the run was. */
static int
report(struct demo *d, struct fault *fault)
{
    if (d->shots) {
        int n = show_shots(d->recording.story, d->shots, fault);

        if (n < 0)
            return n;
        if (!d->quiet)
            printf("pictures: %d in %s\n", n, d->shots);
    }
    if (d->save && !d->quiet)
        printf("saved: %s (Wireshark opens it, and layerwalk play)\n", d->save);
    printf("sha256 %s (seed %llu", d->hash,
        (unsigned long long)d->made.options.seed);
    if (d->recording.php[0])
        printf(", PHP %s", d->recording.php);
    printf(")\n");
    return 0;
}

static int
demo(struct demo *d, const struct command_line *line,
    struct world_options *options)
{
    struct fault fault = {{0}};
    const char *why;
    int status = cmd_world(line, &d->file);

    if (status < 0)
        status = cmd_fpm(&d->file, d->fpm, sizeof d->fpm);
    if (status >= 0)
        return status;
    options->fpm = d->fpm;
    if (!command_value(line, "seed"))
        options->seed = d->file.seed;
    if (d->shots && !show_built(&why))
        return command_fails(EXIT_FAILS, "no pictures: %s", why);
    int err = perform(d, options, command_value(line, "until"), &fault);
    if (!err)
        err = report(d, &fault);
    if (!err && d->view == VIEW_WINDOW) {
        fflush(stdout);
        err = show_story(d->recording.story, d->file.name, &fault);
    }
    bool missed = command_value(line, "until") && !d->recording.reached;
    recording_close(&d->recording);
    if (!err && missed)
        return command_fails(EXIT_FAILS, "--until `%s` never happened",
            command_value(line, "until"));
    if (!err && d->failed[0])
        return command_fails(EXIT_FAILS, "%s", d->failed);
    return err ? cmd_fault(&fault) : EXIT_OK;
}

int
cmd_demo(const struct command_line *line)
{
    const char *until = command_value(line, "until"), *why;
    struct world_options options = {0};
    struct demo d = {.shots = command_value(line, "shots"),
        .save = command_value(line, "save"),
        .quiet = command_value(line, "quiet") != NULL};

    int status = cmd_seed(line, &options.seed);
    if (status < 0)
        status = cmd_view(
            line, show_possible(&why) ? VIEW_WINDOW : VIEW_TEXT, &d.view);
    if (status < 0 && until && !recording_until_known(until))
        status = command_fails(EXIT_USAGE,
            "--until `%s` is neither an event such as TCP_MOVE nor a number "
            "such as #123",
            until);
    if (status >= 0)
        return status;
    status = demo(&d, line, &options);
    worldfile_free(&d.file);
    return status;
}
