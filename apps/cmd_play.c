/*
 * cmd_play.c: a saved run or any capture, in the window or told as text.
 */
#include "cmd_common.h"
#include "narrate.h"
#include "show.h"
#include "story.h"

#include <stdio.h>

/* All that has been read, and what is read meanwhile. */
static int
tell(struct story *s, struct fault *fault)
{
    static const struct instant start;
    const struct narrate_options options = {.level = LEVEL_STEP};
    struct journal journal;
    uint64_t i = 1;
    int more = 1;

    journal_init(&journal, &start);
    struct narrator *n = narrate_new(stdout, &journal, &options);
    if (!n)
        return fault_set(fault, NULL, 0, "no memory");
    do {
        for (; i <= story_count(s); i++) {
            const struct event *e = story_event(s, i);

            if (e->kind == EV_FRAME_SENT)
                narrate_linktype(n, story_linktype(s, i));
            narrate_event(n, e, story_host(s, e->host));
        }
        more = story_more(s, 1 << 20);
    } while (more > 0 || i <= story_count(s));
    narrate_free(n);
    journal_close(&journal);
    return more;
}

int
cmd_play(const struct command_line *line)
{
    const char *path = line->operands[0];
    const char *shots = command_value(line, "shots"), *why;
    struct fault fault = {{0}};
    struct story *story = NULL;
    enum cmd_view view;
    int status =
        cmd_view(line, show_possible(&why) ? VIEW_WINDOW : VIEW_TEXT, &view);

    if (status >= 0)
        return status;
    if (shots && !show_built(&why))
        return command_fails(EXIT_FAILS, "no pictures: %s", why);
    bool all = shots != NULL; /* everything else can begin before its end */
    int err = all ? story_load(path, &story, &fault)
                  : story_open(path, &story, &fault);
    err = err > 0 ? 0 : err;
    if (!err && shots) {
        int n = show_shots(story, shots, &fault);

        if (n >= 0)
            printf("pictures: %d in %s\n", n, shots);
        err = n < 0 ? n : 0;
    } else if (!err && view == VIEW_WINDOW) {
        err = show_story(story, path, &fault);
    } else if (!err) {
        err = tell(story, &fault);
    }
    story_free(story);
    return err ? cmd_fault(&fault) : EXIT_OK;
}
