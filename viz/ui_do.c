/*
 * ui_do.c: what commands, the mouse and typed text do.
 */
#include "ui.h"

#include <stdlib.h>
#include <string.h>

static const int delays[] = {50, 100, 200, 350, 500, 800, 1200, 2000, 4000};
#define DELAYS ((int)(sizeof delays / sizeof *delays))

static void
change_delay(struct ui *ui, int dir)
{
    int at = 0;

    while (at + 1 < DELAYS && delays[at] < ui->view.delay_ms)
        at++;
    at += dir;
    if (at >= 0 && at < DELAYS)
        ui->view.delay_ms = delays[at];
}

static void
change_size(struct ui *ui, int em)
{
    ui->em = em < 9 ? 9 : em > 40 ? 40 : em;
    ui_changed(ui, CHANGE_ALL);
}

static void
next_pane(struct ui *ui, int dir)
{
    int at = (int)ui->view.focus;

    do {
        at = (at + dir + PANEL_COUNT) % PANEL_COUNT;
    } while (at == PANEL_STRIP || at == PANEL_BAR);
    ui->view.focus = (enum panel)at;
    ui_changed(ui, ui->view.maximised ? CHANGE_ALL : CHANGE_FOCUS);
}

static void
up_down(struct ui *ui, int dir)
{
    struct view *v = &ui->view;

    if (v->focus == PANEL_TREE || v->focus == PANEL_BYTES) {
        view_move_field(v, dir);
        ui_changed(ui, CHANGE_FIELD);
        return;
    }
    if (dir > 0)
        view_next(v);
    else
        view_back(v);
    ui_changed(ui, CHANGE_POS);
}

static void
begin_input(struct ui *ui, enum input input)
{
    ui->input = input;
    ui->typed[0] = '\0';
    if (input == INPUT_FILTER)
        memcpy(ui->typed, ui->view.filter, sizeof ui->typed);
}

static void
finish_input(struct ui *ui)
{
    if (ui->input == INPUT_GOTO && ui->typed[0]) {
        uint64_t no = strtoull(ui->typed, NULL, 10);
        uint64_t i = story_index(ui->view.story, no);

        if (i)
            view_go(&ui->view, i, true);
        else
            SDL_snprintf(ui->message, sizeof ui->message,
                say("there is no event %s"), ui->typed);
    }
    ui->input = INPUT_NONE;
    ui_changed(ui, CHANGE_POS | CHANGE_LIST);
}

static void
erase(struct ui *ui)
{
    size_t n = strlen(ui->typed);

    while (n > 0 && ((unsigned char)ui->typed[n - 1] & 0xc0) == 0x80)
        n--;
    if (n > 0)
        ui->typed[n - 1] = '\0';
    if (ui->input == INPUT_FILTER)
        view_set_filter(&ui->view, ui->typed);
    ui_changed(ui, CHANGE_LIST | CHANGE_INPUT);
}

void
ui_text(struct ui *ui, const char *text)
{
    size_t n = strlen(ui->typed), len = strlen(text);

    if (ui->input == INPUT_NONE || n + len >= sizeof ui->typed)
        return;
    if (ui->input == INPUT_GOTO && strspn(text, "0123456789") != len)
        return;
    memcpy(ui->typed + n, text, len + 1);
    if (ui->input == INPUT_FILTER)
        view_set_filter(&ui->view, ui->typed);
    ui_changed(ui, CHANGE_LIST | CHANGE_INPUT);
}

/* Commands that move in the story. False: it is another one. */
static bool
move(struct ui *ui, enum command command)
{
    struct view *v = &ui->view;

    switch (command) {
    case CMD_NEXT: view_next(v); break;
    case CMD_BACK: view_back(v); break;
    case CMD_OVER_NEXT: view_over(v, 1); break;
    case CMD_OVER_BACK: view_over(v, -1); break;
    case CMD_STAGE_NEXT: view_stage(v, 1); break;
    case CMD_STAGE_BACK: view_stage(v, -1); break;
    case CMD_FIRST: view_go(v, v->nlisted ? v->listed[0] : 1, true); break;
    case CMD_LAST:
        view_go(v, v->nlisted ? v->listed[v->nlisted - 1] : 1, true);
        break;
    case CMD_FRAME_NEXT: view_frame(v, 1); break;
    case CMD_FRAME_BACK: view_frame(v, -1); break;
    case CMD_FLOW_NEXT: view_flow(v, 1); break;
    case CMD_FLOW_BACK: view_flow(v, -1); break;
    case CMD_CAUSE: view_cause(v); break;
    case CMD_VISITED_BACK: view_visited(v, -1); break;
    case CMD_VISITED_NEXT: view_visited(v, 1); break;
    case CMD_NEXT_MARK: view_next_mark(v); break;
    case CMD_MARK: view_mark(v); break;
    case CMD_LEVEL:
        view_set_level(v, v->level == LEVEL_MICRO ? LEVEL_STAGE : v->level + 1);
        break;
    default: return false;
    }
    ui_changed(ui, CHANGE_POS | CHANGE_LIST);
    return true;
}

static void
cancel(struct ui *ui)
{
    if (ui->input == INPUT_FILTER)
        view_set_filter(&ui->view, "");
    if (ui->input != INPUT_NONE)
        ui->input = INPUT_NONE;
    else if (ui->help)
        ui->help = false;
    else if (ui->view.maximised)
        ui->view.maximised = false;
    else if (ui->view.filter[0])
        view_set_filter(&ui->view, "");
    else
        view_select(&ui->view, -1);
    ui_changed(ui, CHANGE_ALL);
}

static void
open_field(struct ui *ui)
{
    struct view *v = &ui->view;

    if (ui->input != INPUT_NONE) {
        finish_input(ui);
        return;
    }
    if (v->dissection && v->field >= 0)
        view_fold(v, v->dissection->fields[v->field].layer);
    ui_changed(ui, CHANGE_FIELD);
}

/* Commands about the window itself. */
static void
arrange(struct ui *ui, enum command command)
{
    struct view *v = &ui->view;

    switch (command) {
    case CMD_GOTO: begin_input(ui, INPUT_GOTO); break;
    case CMD_FILTER: begin_input(ui, INPUT_FILTER); break;
    case CMD_PLAY: v->playing = !v->playing; break;
    case CMD_FASTER: change_delay(ui, -1); break;
    case CMD_SLOWER: change_delay(ui, 1); break;
    case CMD_PANE_NEXT: next_pane(ui, 1); break;
    case CMD_PANE_BACK: next_pane(ui, -1); break;
    case CMD_MAXIMISE:
        v->maximised = !v->maximised;
        ui_changed(ui, CHANGE_ALL);
        break;
    case CMD_UP: up_down(ui, -1); break;
    case CMD_DOWN: up_down(ui, 1); break;
    case CMD_OPEN: open_field(ui); break;
    case CMD_TAB_NEXT:
    case CMD_TAB_BACK:
        v->tab = view_tab(v) == TAB_AUTO ? TAB_TCP : view_tab(v);
        v->tab =
            (v->tab - 1 + (command == CMD_TAB_NEXT ? 1u : TAB_COUNT - 2u)) %
                (TAB_COUNT - 1) +
            1;
        ui_changed(ui, CHANGE_TAB);
        break;
    case CMD_BIGGER: change_size(ui, ui->em + 1); break;
    case CMD_SMALLER: change_size(ui, ui->em - 1); break;
    case CMD_NORMAL: change_size(ui, 14); break;
    case CMD_PRESENT:
        ui->present = !ui->present;
        ui_changed(ui, CHANGE_ALL);
        break;
    case CMD_FULL_SCREEN: ui->full_screen = !ui->full_screen; break;
    case CMD_HELP:
        ui->help = !ui->help;
        ui_changed(ui, CHANGE_ALL);
        break;
    case CMD_CANCEL: cancel(ui); break;
    case CMD_QUIT: ui->quit = true; break;
    default: break;
    }
    ui_changed(ui, CHANGE_INPUT);
}

void
ui_do(struct ui *ui, enum command command)
{
    ui->message[0] = '\0';
    if (ui->input != INPUT_NONE && command == CMD_BACK) {
        erase(ui); /* Backspace while typing */
        return;
    }
    if (!move(ui, command))
        arrange(ui, command);
}

/* --- the mouse ------------------------------------------------------ */

static bool
inside(SDL_Rect at, int x, int y)
{
    return x >= at.x && x < at.x + at.w && y >= at.y && y < at.y + at.h;
}

/* The uppermost place under the mouse; the panel that it is in. */
static const struct hit_area *
hit_at(struct ui *ui, int x, int y, enum panel *panel)
{
    for (unsigned i = 0; i < PANEL_COUNT; i++) {
        const struct pane *p = &ui->panes[i];

        if (!p->at.w || !inside(p->at, x, y))
            continue;
        *panel = (enum panel)i;
        for (unsigned h = p->nhits; h-- > 0;)
            if (inside(p->hits[h].at, x, y))
                return &p->hits[h];
        return NULL;
    }
    *panel = PANEL_COUNT;
    return NULL;
}

/* A place on the time line as a position in the story. */
static void
drag(struct ui *ui, const struct hit_area *line, int x)
{
    uint64_t count = story_count(ui->view.story);
    int64_t along = x - line->at.x;

    if (along < 0)
        along = 0;
    if (along >= line->at.w)
        along = line->at.w - 1;
    view_go(&ui->view, 1 + (uint64_t)along * count / (uint64_t)line->at.w,
        !ui->dragging);
    ui->dragging = 1;
    ui_changed(ui, CHANGE_POS);
}

void
ui_press(struct ui *ui, int x, int y)
{
    struct view *v = &ui->view;
    enum panel panel;
    const struct hit_area *hit = hit_at(ui, x, y, &panel);
    struct hit_area at = hit ? *hit : (struct hit_area){0};

    if (ui->help) {
        ui_do(ui, CMD_HELP);
        return;
    }
    if (panel < PANEL_COUNT && panel != PANEL_STRIP && panel != PANEL_BAR) {
        v->focus = panel;
        ui_changed(ui, CHANGE_FOCUS);
    }
    if (!hit)
        return;
    switch (at.kind) {
    case HIT_EVENT: view_go(v, at.value, true); break;
    case HIT_STAGE:
        view_go(v, story_stage(v->story, (unsigned)at.value)->first, true);
        break;
    case HIT_TIME: drag(ui, &at, x); break;
    case HIT_FIELD: view_select(v, (int)at.value); break;
    case HIT_LAYER: view_fold(v, (unsigned)at.value); break;
    case HIT_BYTE:
        view_select(v, dissect_at(v->dissection, (uint32_t)at.value));
        break;
    case HIT_TAB:
        v->tab = (enum tab)at.value;
        ui_changed(ui, CHANGE_TAB);
        break;
    case HIT_COMMAND: ui_do(ui, (enum command)at.value); break;
    }
    ui_changed(ui, at.kind <= HIT_TIME ? CHANGE_POS : CHANGE_FIELD);
}

void
ui_release(struct ui *ui)
{
    ui->dragging = 0;
}

void
ui_hover(struct ui *ui, int x, int y)
{
    struct view *v = &ui->view;
    enum panel panel;
    const struct hit_area *hit = hit_at(ui, x, y, &panel);
    int field = -1;

    if (ui->dragging) {
        const struct pane *p = &ui->panes[PANEL_STRIP];

        for (unsigned i = 0; i < p->nhits; i++)
            if (p->hits[i].kind == HIT_TIME)
                drag(ui, &p->hits[i], x);
        return;
    }
    if (hit && v->dissection && hit->kind == HIT_FIELD)
        field = (int)hit->value;
    else if (hit && v->dissection && hit->kind == HIT_BYTE)
        field = dissect_at(v->dissection, (uint32_t)hit->value);
    if (field == v->hover)
        return;
    v->hover = field;
    ui_changed(ui, CHANGE_FIELD);
}

void
ui_wheel(struct ui *ui, int x, int y, int rows)
{
    struct view *v = &ui->view;
    enum panel panel;

    hit_at(ui, x, y, &panel);
    if (panel == PANEL_LIST) {
        v->scroll -= rows * 3;
        ui_changed(ui, CHANGE_LIST);
    } else if (panel == PANEL_TREE) {
        v->tree_scroll -= rows * 3;
        ui_changed(ui, CHANGE_FIELD);
    } else if (panel == PANEL_BYTES) {
        v->byte_scroll -= rows * 3;
        ui_changed(ui, CHANGE_FIELD);
    } else {
        ui_do(ui, rows > 0 ? CMD_BACK : CMD_NEXT);
    }
}
