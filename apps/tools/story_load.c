/*
 * story_load.c: a story from a file. A file that layerwalk wrote brings its
 * journal along; of any other the frames are read.
 */
#include "story_in.h"

#include "capture.h"

#include <errno.h>
#include <string.h>

struct load {
    struct story *story;
    struct frames *frames;
    bool ours;       /* the file has a journal */
    bool begun;      /* a foreign frame has been taken */
    int64_t base_ns; /* time of the first one */
    struct instant last;
};

static void
on_world(void *owner, const struct capture_world *world)
{
    struct load *l = owner;

    (void)world;
    l->ours = !l->begun;
}

static void
on_host(void *owner, uint16_t number, const char *name)
{
    struct load *l = owner;

    l->ours |= !l->begun;
    if (l->ours)
        story_set_host(l->story, number, name);
}

static void
on_name(void *owner, struct ipv4 addr, const char *name)
{
    struct load *l = owner;

    frames_name(l->frames, addr, name);
}

static void
on_frame(void *owner, const struct capture_frame *frame)
{
    struct load *l = owner;
    struct instant at = l->last;

    if (l->ours)
        return;
    if (!l->begun)
        l->base_ns = frame->time_ns;
    l->begun = true;
    /* time never goes back: captures of several cards are not sorted */
    if (frame->timed && frame->time_ns - l->base_ns > at.ns)
        at.ns = frame->time_ns - l->base_ns;
    l->last = at;
    frames_add(l->frames, frame->linktype, at,
        *frame->link ? frame->link : "wire", frame->data, frame->len);
}

static void
on_event(void *owner, const struct event *e)
{
    struct load *l = owner;
    uint64_t count = story_count(l->story);

    l->ours |= !l->begun;
    if (!l->ours)
        return;
    if (count && e->no <= story_event(l->story, count)->no)
        return; /* numbers that do not grow are no journal's */
    story_add(l->story, e);
}

int
story_load(const char *path, struct story **out, struct fault *fault)
{
    struct load l = {.story = story_new()};
    struct capture_calls calls = {.owner = &l,
        .world = on_world,
        .host = on_host,
        .name = on_name,
        .frame = on_frame,
        .event = on_event};
    int err = -ENOMEM;

    *out = NULL;
    l.frames = l.story ? frames_new(l.story) : NULL;
    if (!l.frames) {
        fault_set(fault, path, 0, "no memory");
        goto out;
    }
    err = capture_read(path, &calls, fault);
    if (err == 0 && story_full(l.story)) {
        fault_set(fault, path, 0, "no memory for all of its events");
        err = -ENOMEM;
    }
    if (err == 0 && story_count(l.story) == 0)
        err = fault_set(fault, path, 0, "holds no frame and no event");
    if (err == 0) {
        *out = l.story;
        l.story = NULL;
    }
out:
    frames_free(l.frames);
    story_free(l.story);
    return err;
}
