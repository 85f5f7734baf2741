/*
 * state.c: keeps the state of a story at one position, moves it forward by
 * folding and anywhere else by its key frames.
 */
#include "state_in.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more record of `size` bytes; the new address or NULL. */
static void *
grown(void *items, unsigned n, unsigned *room, size_t size)
{
    unsigned more = *room ? *room * 2 : 8;
    void *p;

    if (n < *room)
        return items;
    p = realloc(items, more * size);
    if (p)
        *room = more;
    return p;
}

#define T(name)                                                                \
    struct state_##name *state_add_##name(struct states *ss)                   \
    {                                                                          \
        struct state *st = &ss->now;                                           \
        void *p =                                                              \
            grown(st->name, st->n##name, &st->room_##name, sizeof *st->name);  \
                                                                               \
        if (!p) {                                                              \
            ss->full = true;                                                   \
            return NULL;                                                       \
        }                                                                      \
        st->name = p;                                                          \
        memset(&st->name[st->n##name], 0, sizeof *st->name);                   \
        return &st->name[st->n##name++];                                       \
    }                                                                          \
                                                                               \
    void state_cut_##name(struct state *st, unsigned i)                        \
    {                                                                          \
        st->n##name--;                                                         \
        memmove(&st->name[i], &st->name[i + 1],                                \
            (st->n##name - i) * sizeof *st->name);                             \
    }
STATE_TABLES(T)
#undef T

static void
clear(struct state *st)
{
#define T(name) free(st->name);
    STATE_TABLES(T)
#undef T
    *st = (struct state){0};
}

/* Makes `to` equal to `from`; to's own room is used again. */
static bool
copy(struct state *to, const struct state *from)
{
    to->at = from->at;
    to->now = from->now;
#define T(name)                                                                \
    if (to->room_##name < from->n##name) {                                     \
        void *p = realloc(to->name, from->n##name * sizeof *to->name);         \
        if (!p)                                                                \
            return false;                                                      \
        to->name = p;                                                          \
        to->room_##name = from->n##name;                                       \
    }                                                                          \
    if (from->n##name)                                                         \
        memcpy(to->name, from->name, from->n##name * sizeof *to->name);        \
    to->n##name = from->n##name;
    STATE_TABLES(T)
#undef T
    return true;
}

struct states *
states_new(const struct story *story)
{
    struct states *ss = calloc(1, sizeof *ss);

    if (!ss)
        return NULL;
    ss->story = story;
    intern_init(&ss->texts);
    return ss;
}

void
states_free(struct states *ss)
{
    if (!ss)
        return;
    clear(&ss->now);
    for (size_t k = 0; k < ss->nframes; k++)
        clear(&ss->frames[k]);
    free(ss->frames);
    intern_free(&ss->texts);
    free(ss);
}

/* Keeps the present state as the next key frame. */
static void
keep(struct states *ss)
{
    if (ss->nframes == ss->frame_room) {
        size_t room = ss->frame_room ? ss->frame_room * 2 : 16;
        struct state *frames = realloc(ss->frames, room * sizeof *frames);

        if (!frames) {
            ss->full = true;
            return;
        }
        ss->frames = frames;
        ss->frame_room = room;
    }
    ss->frames[ss->nframes] = (struct state){0};
    if (copy(&ss->frames[ss->nframes], &ss->now)) {
        ss->nframes++;
    } else {
        clear(&ss->frames[ss->nframes]);
        ss->full = true;
    }
}

/* Folds up to i, leaving a key frame wherever one is due. */
static void
forward(struct states *ss, uint64_t i)
{
    while (ss->now.at < i && !ss->full) {
        if (ss->now.at == ss->nframes * STATE_SPACING &&
            !story_passes(ss->story))
            keep(ss);
        state_apply(ss);
    }
}

void
state_fold_event(struct states *ss, const struct event *e)
{
    state_fold *fold = state_fold_net(e->kind);

    if (!fold)
        fold = state_fold_app(e->kind);
    if (fold)
        fold(ss, e);
}

static void
on_recap(void *owner, const struct event *e)
{
    state_fold_event(owner, e);
}

/* Before the first event. */
static void
rewind_to_none(struct states *ss)
{
    struct state *st = &ss->now;

#define T(name) st->n##name = 0;
    STATE_TABLES(T)
#undef T
    st->now = (struct instant){0};
    st->at = 0;
}

/* To a place at or before i by what the story says of all before it. */
static void
recap(struct states *ss, uint64_t i)
{
    struct state *st = &ss->now;

    rewind_to_none(ss);
    ss->retold = true;
    st->at = story_recap(ss->story, i, on_recap, ss);
    ss->retold = false;
}

/* To the key frame at or before i, unless the way on from here is shorter. */
static void
restore(struct states *ss, uint64_t i)
{
    size_t k = (size_t)(i / STATE_SPACING);

    if (k >= ss->nframes && ss->nframes)
        k = ss->nframes - 1;
    bool back = i < ss->now.at;
    bool far = ss->nframes && ss->frames[k].at > ss->now.at;
    if ((back || far) && !copy(&ss->now, &ss->frames[k]))
        ss->full = true;
}

const struct state *
states_at(struct states *ss, uint64_t i)
{
    uint64_t missed = story_missed(ss->story);

    if (i > story_count(ss->story))
        i = story_count(ss->story);
    if (ss->full) /* what it holds may be half */
        rewind_to_none(ss);
    ss->full = false;
    if (!story_passes(ss->story))
        restore(ss, i);
    else if (i < ss->now.at || i - ss->now.at > STATE_SPACING)
        recap(ss, i);
    forward(ss, i);
    ss->full |= story_missed(ss->story) != missed;
    return ss->full ? NULL : &ss->now;
}

bool
states_prepare(struct states *ss)
{
    return states_at(ss, story_count(ss->story)) != NULL;
}

double
state_progress(const struct state_flight *f, const struct story *s, uint64_t i)
{
    struct instant now = story_event(s, i)->at;
    uint64_t end = f->sent;

    if (f->done && f->done <= i)
        return 1;
    while ((end = story_pkt_next(s, end))) {
        enum event_kind kind = story_event(s, end)->kind;

        if (kind == EV_FRAME_RECEIVED || kind == EV_FRAME_LOST)
            break;
        if (kind == EV_FRAME_SENT)
            return 0.5;
    }
    if (!end)
        return 0.5;
    int64_t whole = instant_diff(story_event(s, end)->at, f->at);
    int64_t part = instant_diff(now, f->at);
    return whole > 0 ? (double)part / (double)whole : 0;
}
