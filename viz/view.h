/*
 * view.h: where the reader stands in a story: the position, what of the
 * story is listed, what is selected. No drawing and no SDL: keys and mouse
 * are turned into the calls below, and the panels only look.
 */
#ifndef LW_VIEW_H
#define LW_VIEW_H

#include "dissect.h"
#include "state.h"

/* The panels, in the order in which Tab walks through them. */
enum panel {
    PANEL_STRIP,
    PANEL_LIST,
    PANEL_SCENE,
    PANEL_WHY,
    PANEL_TREE,
    PANEL_LAYERS,
    PANEL_BYTES,
    PANEL_STATE,
    PANEL_BAR,
    PANEL_COUNT
};

/* What the state panel shows. */
enum tab {
    TAB_AUTO, /* whatever the event is about */
    TAB_TCP,
    TAB_SOCKETS,
    TAB_NET,
    TAB_PROCS,
    TAB_NGINX,
    TAB_FPM,
    TAB_ZEND,
    TAB_PAGE,
    TAB_COUNT
};

/* How the frame that is shown belongs to the event. */
enum relation {
    FRAME_OWN, /* the event is about this packet */
    FRAME_LED, /* it is among the causes */
    FRAME_WILL /* it will carry the message that is being written */
};

#define VIEW_HISTORY 64
#define VIEW_MARKS   64

struct view {
    const struct story *story;
    struct states *states;
    uint64_t pos; /* the event looked at; its effect is in the state */

    enum level level; /* the finest events that are listed */
    char filter[64];  /* only events whose sentence has this; "": all */
    uint64_t nlisted; /* events that are listed */
    uint32_t *found;  /* with a filter: their positions, ascending */
    uint64_t found_room;
    uint64_t seen;  /* events of the story that have been considered */
    int64_t scroll; /* rows by which the list is off its selected row */
    bool follow;    /* standing at the end, go along as the story grows */

    struct arena arena; /* of the dissection */
    uint64_t frame;     /* position of the FRAME_SENT shown; 0: none */
    struct dissection *dissection; /* of that frame, or NULL */
    enum relation relation;        /* of the frame to the event */
    int about;                     /* field that the event is about, -1: none */
    uint32_t header_off;           /* the header put on or taken off now */
    uint32_t header_len;
    uint32_t there_from; /* bytes before it are not there: yet, any more */
    int field;           /* selected, -1: none */
    int hover;           /* under the mouse, -1: none */
    unsigned open;       /* layers unfolded in the tree, bits */
    int tree_scroll, byte_scroll, why_scroll, state_scroll;

    enum panel focus;
    bool maximised;
    enum tab tab;
    bool playing;
    int delay_ms;

    uint64_t history[VIEW_HISTORY]; /* positions left by jumps */
    unsigned nhistory, at_history;
    uint64_t marks[VIEW_MARKS];
    unsigned nmarks;
    uint64_t breaks[(EV_COUNT + 63) / 64]; /* kinds: playing stops there */
};

bool view_init(struct view *v, const struct story *story);
void view_free(struct view *v);

/*
 * Looks at new events of a story that grows, and at those that a filter has
 * not yet been held against (FILTER_AT_ONCE a call, so that a long story does
 * not hold up the hand that types). True when there were any. Who
 * follows and stands at the newest event stands at the newest afterwards;
 * who has stepped back stays, until the end is gone to again.
 */
bool view_grow(struct view *v);

/* Goes to a position (cut to the story); a jump is kept in the history. */
void view_go(struct view *v, uint64_t pos, bool jump);

/* Steps among the listed events; false at the end. */
bool view_next(struct view *v);
bool view_back(struct view *v);

/* Until the layer changes; until the stage changes. dir: 1 or -1. */
void view_over(struct view *v, int dir);
void view_stage(struct view *v, int dir);

/* The next frame on any cable; the next event of the same flow. */
void view_frame(struct view *v, int dir);
void view_flow(struct view *v, int dir);

void view_cause(struct view *v);            /* to the event's cause */
void view_visited(struct view *v, int dir); /* through the history */

void view_set_level(struct view *v, enum level level);
void view_set_filter(struct view *v, const char *filter);
void view_mark(struct view *v); /* marks or unmarks the event */
bool view_marked(const struct view *v, uint64_t pos);
void view_next_mark(struct view *v);

/* Playing stops, or no longer stops, at events of this one's kind. */
void view_break(struct view *v);
bool view_breaks(const struct view *v, enum event_kind kind);

/* The next listed event, or one of a kind that playing stops at. */
bool view_play(struct view *v);

/* Selects a field of the tree, -1: none; moves the selection. */
void view_select(struct view *v, int field);
void view_move_field(struct view *v, int dir);
void view_fold(struct view *v, unsigned layer);

/* Finds the frame that belongs to the event (view_frame.c). */
void view_find_frame(struct view *v);

/* "Fields of frame 406, which led here". */
char *view_frame_title(
    const struct view *v, const char *what, char *buf, size_t size);

/* Is the field shown, given what is folded? */
bool view_field_shown(const struct view *v, unsigned field);

const struct event *view_event(const struct view *v); /* NULL: no events */
const struct state *view_state(struct view *v);       /* NULL: no memory */

/* The tab that is shown: TAB_AUTO resolved. */
enum tab view_tab(const struct view *v);

/* The first listed row whose position is >= pos. */
uint64_t view_row(const struct view *v, uint64_t pos);

/* The position in a row below nlisted. */
uint64_t view_at_row(const struct view *v, uint64_t row);

#endif
