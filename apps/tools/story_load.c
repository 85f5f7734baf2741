/*
 * story_load.c: a story from a file. A file that layerwalk wrote brings its
 * journal along; of any other the frames are read.
 */
#include "frames.h"
#include "story_in.h"

#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES (64 * 1024) /* of what is read before anything is shown */

struct load {
    struct story *story;
    struct capture *file;
    struct fault *fault;
    char *path;
    struct known known; /* of a foreign file with every event kept */
    struct frames *kept;
    bool keep;       /* every event is to be kept */
    bool ours;       /* the file has a journal */
    bool begun;      /* a foreign frame has been taken */
    bool done;       /* nothing is left to be read */
    int64_t base_ns; /* time of the first one, when kept */
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

    if (l->kept)
        frames_name(l->kept, addr, name);
    else if (l->story->pages)
        pages_name(l->story->pages, addr, name);
}

static void
keep_event(void *owner, const struct event *e)
{
    story_add(owner, e);
}

/* Every event of the frame is told to the story. */
static void
keep_frame(struct load *l, const struct capture_frame *frame)
{
    struct instant at = l->kept->at;
    uint32_t port = frames_port(l->kept, frame->interface, frame->linktype,
        *frame->link ? frame->link : "wire");

    uint16_t *type = rows_add(&l->story->types);

    if (port == UINT32_MAX || !type) {
        l->story->full = true;
        return;
    }
    *type = (uint16_t)frame->linktype;
    if (l->kept->pkt == 0)
        l->base_ns = frame->time_ns;
    if (frame->timed && frame->time_ns - l->base_ns > at.ns)
        at.ns = frame->time_ns - l->base_ns;
    l->kept->page = (uint32_t)(l->kept->pkt / PAGE_FRAMES);
    frames_add(
        l->kept, &(struct frames_frame){at, port, frame->len, frame->data});
    l->story->full |= l->kept->failed;
}

static void
on_frame(void *owner, const struct capture_frame *frame)
{
    struct load *l = owner;

    if (l->ours)
        return;
    l->begun = true;
    if (l->kept)
        keep_frame(l, frame);
    else if (!l->story->full && !pages_add(l->story->pages, frame))
        l->story->full = true;
}

static void
on_event(void *owner, const struct event *e)
{
    struct load *l = owner;
    uint64_t count = l->story->count;

    l->ours |= !l->begun;
    if (!l->ours)
        return;
    if (count && e->no <= story_kept(l->story, count)->e.no)
        return; /* numbers that do not grow are no journal's */
    story_add(l->story, e);
}

void
story_load_end(struct story *s)
{
    struct load *l = s->load;

    if (!l)
        return;
    s->load = NULL;
    capture_close(l->file);
    if (l->kept) {
        frames_free(l->kept);
        known_free(&l->known);
    }
    free(l->kept);
    free(l->path);
    free(l);
}

/* What is needed before the file is opened. */
static bool
prepare(struct load *l, const char *path)
{
    l->path = strdup(path);
    if (!l->path)
        return false;
    if (!l->keep)
        return (l->story->pages = pages_new(l->story)) != NULL;
    if (!known_init(&l->known))
        return false;
    l->kept = malloc(sizeof *l->kept);
    if (!l->kept) {
        known_free(&l->known);
        return false;
    }
    frames_init(l->kept, &l->known, l->story);
    l->kept->learning = true;
    l->kept->tell = keep_event;
    l->kept->owner = l->story;
    return true;
}

/* The file has been read, or cannot be read further. */
static int
judge(struct load *l, int got)
{
    struct story *s = l->story;

    if (got >= 0 && s->full) {
        fault_set(l->fault, l->path, 0, "no memory for all of its events");
        got = -ENOMEM;
    }
    if (got == 0 && story_count(s) == 0)
        got = fault_set(l->fault, l->path, 0, "holds no frame and no event");
    return got;
}

/* A file with a journal has no pages: its events are kept as they come. */
static void
drop_pages(struct load *l)
{
    if (!l->ours || !l->story->pages)
        return;
    pages_free(l->story->pages);
    l->story->pages = NULL;
}

int
story_more(struct story *s, size_t bytes)
{
    struct load *l = s->load;
    int got;

    if (!l || l->done)
        return 0;
    got = capture_more(l->file, bytes);
    drop_pages(l);
    got = judge(l, got);
    l->done = got <= 0;
    if (l->done && !s->pages) /* else it is read again and again */
        story_load_end(s);
    return got;
}

static int
begin(const char *path, bool keep, struct story **out, struct fault *fault)
{
    struct story *s = story_new();
    struct load *l = calloc(1, sizeof *l);
    int got = -ENOMEM;

    *out = NULL;
    if (!s || !l) {
        free(l);
        goto out;
    }
    *l = (struct load){.story = s, .fault = fault, .keep = keep};
    s->load = l;
    const struct capture_calls calls = {.owner = l,
        .world = on_world,
        .host = on_host,
        .name = on_name,
        .frame = on_frame,
        .event = on_event};
    if (!prepare(l, path))
        goto out;
    got = capture_open(l->path, &calls, fault, &l->file);
    if (got)
        goto out_told;
    if (!keep)
        pages_file(s->pages, l->file);
    do {
        got = story_more(s, FIRST_BYTES);
    } while (got > 0 && story_count(s) == 0);
    if (got < 0)
        goto out_told;
    *out = s;
    return got;
out:
    fault_set(fault, path, 0, "no memory");
out_told:
    story_free(s);
    return got;
}

static int
whole(int got, struct story **out)
{
    while (got > 0)
        got = story_more(*out, SIZE_MAX / 2);
    if (got < 0) {
        story_free(*out);
        *out = NULL;
    }
    return got;
}

int
story_open(const char *path, struct story **out, struct fault *fault)
{
    return begin(path, false, out, fault);
}

int
story_load(const char *path, struct story **out, struct fault *fault)
{
    return whole(begin(path, false, out, fault), out);
}

int
story_load_kept(const char *path, struct story **out, struct fault *fault)
{
    return whole(begin(path, true, out, fault), out);
}
