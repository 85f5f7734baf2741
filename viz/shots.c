/*
 * shots.c: pictures of a run without a display: one for each stage, at the
 * moment that shows it best, and a few of single steps.
 */
#include "window.h"

#include "offscreen.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* The first event of that kind in first .. end-1; 0: none. */
static uint64_t
find(const struct story *s, enum event_kind kind, uint64_t first, uint64_t end)
{
    for (uint64_t i = first; i < end; i++)
        if (story_event(s, i)->kind == kind)
            return i;
    return 0;
}

/*
 * The moment of a stage: where its first frame is sent, when it is a stage
 * of frames; otherwise its first event.
 */
static uint64_t
moment(const struct story *s, unsigned k)
{
    const struct stage stage = story_stage(s, k);
    uint64_t end = k + 1 < story_stages(s) ? story_stage(s, k + 1).first
                                           : story_count(s) + 1;
    uint64_t at = 0;

    if (stage.layer == LAYER_ARP || stage.layer == LAYER_TCP ||
        stage.layer == LAYER_HTTP)
        at = find(s, EV_FRAME_SENT, stage.first, end);
    if (stage.layer == LAYER_ZEND)
        at = find(s, EV_ZEND_STEP, stage.first, end);
    return at ? at : stage.first;
}

static int
shot(struct offscreen *o, const char *dir, unsigned number, const char *name,
    uint64_t pos, struct fault *fault)
{
    char path[1024], plain[32];
    size_t n = 0;

    for (; name[n] && n < sizeof plain - 1; n++)
        plain[n] = isalnum((unsigned char)name[n])
                       ? (char)tolower((unsigned char)name[n])
                       : '-';
    plain[n] = '\0';
    snprintf(path, sizeof path, "%s/%02u-%s.png", dir, number, plain);
    offscreen_go(o, pos);
    return offscreen_png(o, path, fault);
}

/* Single steps that a reader should have seen. */
static int
steps(struct offscreen *o, const struct story *s, const char *dir,
    unsigned number, struct fault *fault)
{
    static const struct {
        enum event_kind kind;
        const char *name;
    } wanted[] = {
        {EV_LAYER_ADDED, "a-layer-put-on"},
        {EV_LAYER_STRIPPED, "a-layer-taken-off"},
        {EV_TCP_MOVE, "a-state-moved"},
        {EV_SYSCALL, "a-system-call"},
    };
    unsigned stage = story_stages(s) > 5 ? 5 : 0;
    uint64_t from = story_stages(s) ? story_stage(s, stage).first : 1;

    for (unsigned i = 0; i < LW_COUNT(wanted); i++) {
        uint64_t at = find(s, wanted[i].kind, from, story_count(s) + 1);
        int err;

        if (!at)
            continue;
        err = shot(o, dir, number++, wanted[i].name, at, fault);
        if (err)
            return err;
    }
    return (int)number;
}

int
window_shots(const struct story *s, const char *dir,
    const struct window_options *options, struct fault *fault)
{
    static const struct window_options usual = {0};
    const struct window_options *w = options ? options : &usual;
    struct offscreen *o;
    unsigned number = 1;
    int err = 0;

    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        err = -errno;
        fault_set(fault, dir, 0, "%s", strerror(errno));
        return err;
    }
    o = offscreen_open(s, w->width ? w->width : 1600,
        w->height ? w->height : 1000, w->text ? w->text : 14, w->fonts, fault);
    if (!o)
        return -ENOENT;
    for (unsigned k = 0; k < story_stages(s) && !err; k++)
        err =
            shot(o, dir, number++, story_stage(s, k).name, moment(s, k), fault);
    if (!err)
        err = steps(o, s, dir, number, fault);
    offscreen_close(o);
    return err < 0 ? err : err - 1;
}
