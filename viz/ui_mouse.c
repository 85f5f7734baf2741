/*
 * ui_mouse.c: what the mouse does. While a panel is drawn it notes the
 * places that can be pressed; here the uppermost of them is found again.
 */
#include "ui.h"

#include <stdlib.h>

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
        ui->dragging == DRAG_NOTHING);
    ui->dragging = DRAG_TIME;
    ui_changed(ui, CHANGE_POS);
}

/* Between the columns: the border can be moved. */
static void
grip(struct ui *ui, int x)
{
    int left = ui->w * ui->left / 1000, right = ui->w * ui->right / 1000;

    if (ui->view.maximised)
        return;
    if (abs(x - left) < 6)
        ui->dragging = DRAG_LEFT;
    else if (abs(x - (ui->w - right)) < 6)
        ui->dragging = DRAG_RIGHT;
}

static void
move_border(struct ui *ui, int x)
{
    int at = ui->w > 0 ? x * 1000 / ui->w : 0;
    int *width = ui->dragging == DRAG_LEFT ? &ui->left : &ui->right;

    if (ui->dragging == DRAG_RIGHT)
        at = 1000 - at;
    *width = at < 200 ? 200 : at > 450 ? 450 : at;
    ui_changed(ui, CHANGE_ALL);
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
    if (panel == PANEL_COUNT)
        grip(ui, x);
    if (!hit)
        return;
    switch (at.kind) {
    case HIT_EVENT: view_go(v, at.value, true); break;
    case HIT_STAGE:
        view_go(v, story_stage(v->story, (unsigned)at.value).first, true);
        break;
    case HIT_TIME: drag(ui, &at, x); break;
    case HIT_FIELD: view_select(v, (int)at.value); break;
    case HIT_LAYER: view_fold(v, (unsigned)at.value); break;
    case HIT_BYTE:
        view_select(v, dissect_at(v->dissection, (uint32_t)at.value));
        break;
    case HIT_TAB:
        v->tab = (enum tab)at.value;
        v->state_scroll = 0;
        ui_changed(ui, CHANGE_TAB);
        break;
    case HIT_COMMAND: ui_do(ui, (enum command)at.value); break;
    }
    ui_changed(ui, at.kind <= HIT_TIME ? CHANGE_POS : CHANGE_FIELD);
}

void
ui_release(struct ui *ui)
{
    ui->dragging = DRAG_NOTHING;
}

void
ui_hover(struct ui *ui, int x, int y)
{
    struct view *v = &ui->view;
    enum panel panel;
    const struct hit_area *hit = hit_at(ui, x, y, &panel);
    int field = -1;

    if (ui->dragging == DRAG_LEFT || ui->dragging == DRAG_RIGHT) {
        move_border(ui, x);
        return;
    }
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

/* Downwards only while the panel is full: the last row is never lost. */
static void
scroll(struct ui *ui, enum panel panel, int *by, int rows)
{
    const struct pane *p = &ui->panes[panel];
    int lowest = 0;

    for (const struct log_text *l = p->log; l; l = l->next)
        if (l->at.y + l->at.h > lowest)
            lowest = l->at.y + l->at.h;
    if (rows < 0 && lowest < p->at.y + p->at.h - 3 * ui_row(ui))
        return;
    *by -= rows * 3;
    if (*by < 0)
        *by = 0;
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
    } else if (panel == PANEL_WHY) {
        scroll(ui, panel, &v->why_scroll, rows);
        ui_changed(ui, CHANGE_WHY);
    } else if (panel == PANEL_STATE) {
        scroll(ui, panel, &v->state_scroll, rows);
        ui_changed(ui, CHANGE_TAB);
    } else {
        ui_do(ui, rows > 0 ? CMD_BACK : CMD_NEXT);
    }
}
