/*
 * view.c: moving through a story.
 */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#define FILTER_AT_ONCE 50000 /* events */

static bool
lists(const struct view *v, const struct event *e)
{
    char text[512];

    if (event_info(e->kind)->level > v->level)
        return false;
    if (!v->filter[0])
        return true;
    event_text(e, text, sizeof text);
    return strcasestr(text, v->filter) ||
           strcasestr(layer_name(event_info(e->kind)->layer), v->filter) ||
           strcasestr(event_info(e->kind)->name, v->filter) ||
           strcasestr(story_host(v->story, e->host), v->filter);
}

/* Considers the events that are new since the last time. */
static void
list_more(struct view *v)
{
    uint64_t end = story_count(v->story);

    if (!v->filter[0]) { /* the story counts them itself */
        v->seen = end;
        v->nlisted = story_rows(v->story, v->level);
        return;
    }
    if (end - v->seen > FILTER_AT_ONCE)
        end = v->seen + FILTER_AT_ONCE;
    while (v->seen < end) {
        if (v->nlisted == v->found_room) {
            uint64_t room = v->found_room ? v->found_room * 2 : 1024;
            uint32_t *more = realloc(v->found, room * sizeof *more);

            if (!more)
                return;
            v->found = more;
            v->found_room = room;
        }
        v->seen++;
        if (lists(v, story_event(v->story, v->seen)))
            v->found[v->nlisted++] = (uint32_t)v->seen;
    }
}

static void
list_again(struct view *v)
{
    v->seen = v->nlisted = 0;
    list_more(v);
}

bool
view_init(struct view *v, const struct story *story)
{
    *v = (struct view){.story = story,
        .level = LEVEL_STEP,
        .field = -1,
        .hover = -1,
        .about = -1,
        .focus = PANEL_LIST,
        .delay_ms = 500};
    arena_init(&v->arena, 0);
    v->states = states_new(story);
    if (!v->states)
        return false;
    list_more(v);
    if (story_count(story))
        view_go(v, v->nlisted ? view_at_row(v, 0) : 1, false);
    return true;
}

void
view_free(struct view *v)
{
    states_free(v->states);
    free(v->found);
    arena_free(&v->arena);
}

bool
view_grow(struct view *v)
{
    uint64_t before = v->seen;
    bool newest = v->nlisted == 0 || v->pos >= view_at_row(v, v->nlisted - 1);

    list_more(v);
    if (v->seen == before)
        return false;
    if (v->follow && newest && v->nlisted)
        view_go(v, view_at_row(v, v->nlisted - 1), false);
    else if (v->pos == 0)
        view_go(v, 1, false);
    return true;
}

void
view_go(struct view *v, uint64_t pos, bool jump)
{
    uint64_t count = story_count(v->story);

    if (count == 0)
        return;
    pos = pos < 1 ? 1 : pos > count ? count : pos;
    if (jump && v->pos && pos != v->pos) {
        if (v->nhistory == VIEW_HISTORY) {
            memmove(v->history, v->history + 1,
                (VIEW_HISTORY - 1) * sizeof *v->history);
            v->nhistory--;
        }
        if (v->at_history < v->nhistory)
            v->nhistory = v->at_history;
        v->history[v->nhistory++] = v->pos;
        v->at_history = v->nhistory;
    }
    v->pos = pos;
    v->scroll = 0;
    view_find_frame(v);
}

uint64_t
view_row(const struct view *v, uint64_t pos)
{
    uint64_t low = 0, high = v->nlisted;

    if (!v->filter[0] && pos > 0)
        return story_row(v->story, v->level, pos);
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;

        if (view_at_row(v, mid) < pos)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

uint64_t
view_at_row(const struct view *v, uint64_t row)
{
    return v->filter[0] ? v->found[row] : story_at_row(v->story, v->level, row);
}

bool
view_next(struct view *v)
{
    uint64_t row = view_row(v, v->pos + 1);

    if (row >= v->nlisted)
        return false;
    view_go(v, view_at_row(v, row), false);
    return true;
}

bool
view_back(struct view *v)
{
    uint64_t row = view_row(v, v->pos);

    if (row == 0)
        return false;
    view_go(v, view_at_row(v, row - 1), false);
    return true;
}

static enum layer
layer_at(const struct view *v, uint64_t pos)
{
    return event_info(story_event(v->story, pos)->kind)->layer;
}

void
view_over(struct view *v, int dir)
{
    enum layer layer;

    if (!v->pos)
        return;
    layer = layer_at(v, v->pos);
    while (dir > 0 ? view_next(v) : view_back(v))
        if (layer_at(v, v->pos) != layer)
            return;
}

void
view_stage(struct view *v, int dir)
{
    unsigned k = story_stage_at(v->story, v->pos);
    unsigned n = story_stages(v->story);

    if (n == 0)
        return;
    if (dir > 0 && v->pos < story_stage(v->story, k).first)
        view_go(v, story_stage(v->story, k).first, true);
    else if (dir > 0 && k + 1 < n)
        view_go(v, story_stage(v->story, k + 1).first, true);
    else if (dir < 0 && v->pos > story_stage(v->story, k).first)
        view_go(v, story_stage(v->story, k).first, true);
    else if (dir < 0 && k > 0)
        view_go(v, story_stage(v->story, k - 1).first, true);
}

void
view_frame(struct view *v, int dir)
{
    uint64_t i = v->pos + (uint64_t)dir;

    for (; i >= 1 && i <= story_count(v->story); i += (uint64_t)dir) {
        if (story_event(v->story, i)->kind == EV_FRAME_SENT) {
            view_go(v, i, false);
            return;
        }
    }
}

/* Whatever names a flow, beside the packet: the connection, the socket. */
static bool
same_flow(const struct event *a, const struct event *b)
{
    static const char *const names[] = {"conn", "sock", "pid"};

    for (unsigned i = 0; i < 3; i++) {
        const struct field *f = event_field(a, names[i]);
        const struct field *g = event_field(b, names[i]);

        if (f)
            return g && f->u == g->u && a->host == b->host;
    }
    return a->host == b->host && a->pid == b->pid;
}

void
view_flow(struct view *v, int dir)
{
    const struct event *e = view_event(v);
    uint64_t i = v->pos + (uint64_t)dir;

    if (e && e->pkt) {
        i = dir > 0 ? story_pkt_next(v->story, v->pos)
                    : story_pkt_before(v->story, v->pos);
        if (i)
            view_go(v, i, false);
        return;
    }
    for (; e && i >= 1 && i <= story_count(v->story); i += (uint64_t)dir) {
        /* asked for again: far away it may have been let go of */
        if (same_flow(view_event(v), story_event(v->story, i))) {
            view_go(v, i, false);
            return;
        }
    }
}

void
view_cause(struct view *v)
{
    const struct event *e = view_event(v);
    uint64_t cause = e ? story_index(v->story, e->cause) : 0;

    if (cause)
        view_go(v, cause, true);
}

void
view_visited(struct view *v, int dir)
{
    if (dir < 0 && v->at_history > 0) {
        if (v->at_history == v->nhistory && v->nhistory < VIEW_HISTORY)
            v->history[v->nhistory++] = v->pos;
        view_go(v, v->history[--v->at_history], false);
    } else if (dir > 0 && v->at_history + 1 < v->nhistory) {
        view_go(v, v->history[++v->at_history], false);
    }
}

void
view_set_level(struct view *v, enum level level)
{
    v->level = level;
    list_again(v);
}

void
view_set_filter(struct view *v, const char *filter)
{
    size_t len = strlen(filter);

    if (len >= sizeof v->filter)
        len = sizeof v->filter - 1;
    memmove(v->filter, filter, len);
    v->filter[len] = '\0';
    list_again(v);
}

bool
view_marked(const struct view *v, uint64_t pos)
{
    for (unsigned i = 0; i < v->nmarks; i++)
        if (v->marks[i] == pos)
            return true;
    return false;
}

void
view_mark(struct view *v)
{
    for (unsigned i = 0; i < v->nmarks; i++) {
        if (v->marks[i] == v->pos) {
            v->marks[i] = v->marks[--v->nmarks];
            return;
        }
    }
    if (v->nmarks < VIEW_MARKS)
        v->marks[v->nmarks++] = v->pos;
}

void
view_next_mark(struct view *v)
{
    uint64_t best = 0, first = 0;

    for (unsigned i = 0; i < v->nmarks; i++) {
        uint64_t m = v->marks[i];

        if (m > v->pos && (!best || m < best))
            best = m;
        if (!first || m < first)
            first = m;
    }
    if (best || first)
        view_go(v, best ? best : first, true);
}

void
view_break(struct view *v)
{
    const struct event *e = view_event(v);

    if (e)
        v->breaks[e->kind / 64] ^= UINT64_C(1) << e->kind % 64;
}

bool
view_breaks(const struct view *v, enum event_kind kind)
{
    return v->breaks[kind / 64] >> kind % 64 & 1;
}

bool
view_play(struct view *v)
{
    uint64_t row = view_row(v, v->pos + 1);
    uint64_t end = row < v->nlisted ? view_at_row(v, row) : v->seen;
    bool stops = false;

    for (unsigned i = 0; i < LW_COUNT(v->breaks); i++)
        stops |= v->breaks[i] != 0;
    if (!stops && row < v->nlisted) {
        view_go(v, end, false);
        return true;
    }

    for (uint64_t i = v->pos + 1; i <= end && stops; i++) {
        if ((i == end && row < v->nlisted) ||
            view_breaks(v, story_event(v->story, i)->kind)) {
            view_go(v, i, false);
            return true;
        }
    }
    return false;
}

bool
view_field_shown(const struct view *v, unsigned field)
{
    const struct dissect_field *f = &v->dissection->fields[field];

    return f->depth == 0 || v->open >> f->layer & 1;
}

void
view_select(struct view *v, int field)
{
    v->field = field;
    if (field >= 0 && v->dissection)
        v->open |= 1u << v->dissection->fields[field].layer;
}

void
view_move_field(struct view *v, int dir)
{
    int at = v->field;

    if (!v->dissection)
        return;
    for (;;) {
        at += dir;
        if (at < 0 || at >= (int)v->dissection->count)
            return;
        if (view_field_shown(v, (unsigned)at))
            break;
    }
    v->field = at;
}

void
view_fold(struct view *v, unsigned layer)
{
    v->open ^= 1u << layer;
}

const struct event *
view_event(const struct view *v)
{
    return v->pos ? story_event(v->story, v->pos) : NULL;
}

const struct state *
view_state(struct view *v)
{
    return states_at(v->states, v->pos);
}

enum tab
view_tab(const struct view *v)
{
    static const enum tab by_layer[LAYER_COUNT] = {[LAYER_WORLD] = TAB_NET,
        [LAYER_PROC] = TAB_PROCS,
        [LAYER_URL] = TAB_PAGE,
        [LAYER_NAME] = TAB_PAGE,
        [LAYER_SOCKET] = TAB_SOCKETS,
        [LAYER_TCP] = TAB_TCP,
        [LAYER_UDP] = TAB_SOCKETS,
        [LAYER_ICMP] = TAB_NET,
        [LAYER_IP] = TAB_NET,
        [LAYER_ARP] = TAB_NET,
        [LAYER_LINK] = TAB_NET,
        [LAYER_WIRE] = TAB_TCP,
        [LAYER_HTTP] = TAB_PAGE,
        [LAYER_NGINX] = TAB_NGINX,
        [LAYER_FCGI] = TAB_NGINX,
        [LAYER_FPM] = TAB_FPM,
        [LAYER_ZEND] = TAB_ZEND,
        [LAYER_PAGE] = TAB_PAGE};
    const struct event *e = view_event(v);

    if (v->tab != TAB_AUTO || !e)
        return v->tab == TAB_AUTO ? TAB_NET : v->tab;
    /* a frame shows the tables of what it carries */
    if ((layer_at(v, v->pos) == LAYER_WIRE ||
            layer_at(v, v->pos) == LAYER_LINK) &&
        e->pkt && v->dissection)
        return v->dissection->keys.tcp ? TAB_TCP : TAB_NET;
    return by_layer[layer_at(v, v->pos)];
}
