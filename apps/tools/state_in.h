/*
 * state_in.h: between the fold (state_fold*.c) and its keeper (state.c).
 */
#ifndef LW_STATE_IN_H
#define LW_STATE_IN_H

#include "intern.h"
#include "state.h"

struct states {
    const struct story *story;
    struct intern texts; /* for values that are no texts in the event */
    struct state now;
    struct state *frames; /* frames[k] is the state after k * SPACING */
    size_t nframes, frame_room;
    bool full;   /* no memory: the fold stands still, and begins anew */
    bool retold; /* what is folded is a recap: each connection is new */
};

/* A zeroed record at the end of a table; NULL: no memory. */
#define T(name) struct state_##name *state_add_##name(struct states *ss);
STATE_TABLES(T)
#undef T

/* Takes record i out of a table, keeping the order. */
#define T(name) void state_cut_##name(struct state *st, unsigned i);
STATE_TABLES(T)
#undef T

/* Changes the tables as that event says. */
void state_fold_event(struct states *ss, const struct event *e);

/* Applies the event at ss->now.at + 1. */
void state_apply(struct states *ss);

/* A field as text: "" when absent. Lives as long as the states. */
const char *state_text(
    struct states *ss, const struct event *e, const char *name);

/* The table of one storey's events: NULL where a kind changes nothing. */
typedef void state_fold(struct states *ss, const struct event *e);
state_fold *state_fold_net(enum event_kind kind);
state_fold *state_fold_app(enum event_kind kind);

#endif
