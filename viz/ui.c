/*
 * ui.c: lays the panels out and draws those that are dirty, each into its
 * part of one picture. A step forward redraws what depends on the position;
 * the mouse over a byte redraws two panels.
 *
 *     +-- stages -----------------------------------------------+
 *     | events      | scene: hosts, links  | what, why, causes  |
 *     |             | layers of the frame  |--------------------|
 *     |-------------|----------------------| state of the ends, |
 *     | fields      | bytes                | tables, processes  |
 *     +-- transport bar ----------------------------------------+
 */
#include "ui.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    void (*draw)(struct ui *ui, SDL_Rect area);
    unsigned depends;
} panels[PANEL_COUNT] = {
    [PANEL_STRIP] = {draw_strip, CHANGE_POS | CHANGE_LIST},
    [PANEL_LIST] = {draw_list, CHANGE_POS | CHANGE_LIST | CHANGE_FOCUS},
    [PANEL_SCENE] = {draw_scene, CHANGE_POS | CHANGE_FOCUS},
    [PANEL_WHY] = {draw_why, CHANGE_POS | CHANGE_WHY | CHANGE_FOCUS},
    [PANEL_TREE] = {draw_tree, CHANGE_POS | CHANGE_FIELD | CHANGE_FOCUS},
    [PANEL_LAYERS] = {draw_layers, CHANGE_POS | CHANGE_FOCUS},
    [PANEL_BYTES] = {draw_bytes, CHANGE_POS | CHANGE_FIELD | CHANGE_FOCUS},
    [PANEL_STATE] = {draw_state, CHANGE_POS | CHANGE_TAB | CHANGE_FOCUS},
    [PANEL_BAR] = {draw_bar, CHANGE_ALL},
};

static SDL_Rect
inner(SDL_Rect at, int gap)
{
    return (SDL_Rect){at.x + gap, at.y + gap, at.w - 2 * gap, at.h - 2 * gap};
}

/* Cuts the upper h pixels off and returns them. */
static SDL_Rect
cut_top(SDL_Rect *from, int h)
{
    SDL_Rect top = {from->x, from->y, from->w, h};

    from->y += h;
    from->h -= h;
    return top;
}

static void
place(struct ui *ui, enum panel panel, SDL_Rect at)
{
    struct pane *p = &ui->panes[panel];

    p->at = inner(at, 2);
    p->dirty = true;
    if (p->at.w <= 0 || p->at.h <= 0)
        p->at.w = 0;
}

static void
lay_columns(struct ui *ui, SDL_Rect area)
{
    int left = area.w * ui->left / 1000, right = area.w * ui->right / 1000;
    SDL_Rect a = {area.x, area.y, left, area.h};
    SDL_Rect b = {area.x + left, area.y, area.w - left - right, area.h};
    SDL_Rect c = {area.x + area.w - right, area.y, right, area.h};

    place(ui, PANEL_LIST, cut_top(&a, area.h * 55 / 100));
    place(ui, PANEL_TREE, a);
    place(ui, PANEL_SCENE, cut_top(&b, area.h * 37 / 100));
    place(ui, PANEL_LAYERS, cut_top(&b, area.h * 29 / 100));
    place(ui, PANEL_BYTES, b);
    place(ui, PANEL_WHY, cut_top(&c, area.h * 40 / 100));
    place(ui, PANEL_STATE, c);
}

static void
layout(struct ui *ui)
{
    SDL_Rect area = {0, 0, ui->w, ui->h};
    SDL_Rect none = {0, 0, 0, 0};

    ui->laid = true;
    ui->canvas.em = ui->present ? ui->em * 4 / 3 : ui->em;
    place(ui, PANEL_STRIP, cut_top(&area, ui->canvas.em * 7 / 2));
    int bar = ui->canvas.em * 9 / 4;
    place(
        ui, PANEL_BAR, (SDL_Rect){area.x, area.y + area.h - bar, area.w, bar});
    area.h -= bar;
    if (!ui->view.maximised) {
        lay_columns(ui, area);
        return;
    }
    for (unsigned i = 0; i < PANEL_COUNT; i++)
        if (i != PANEL_STRIP && i != PANEL_BAR)
            place(ui, i, i == ui->view.focus ? area : none);
}

int
ui_init(struct ui *ui, int w, int h, int em, const struct story *story,
    const char *font_folder, struct fault *fault)
{
    memset(ui, 0, sizeof *ui);
    ui->canvas.fonts = fonts_open(font_folder, fault);
    if (!ui->canvas.fonts)
        return -ENOENT;
    if (!image_resize(&ui->canvas.image, w, h) ||
        !view_init(&ui->view, story)) {
        image_free(&ui->canvas.image);
        fonts_close(ui->canvas.fonts);
        fault_set(fault, NULL, 0, "no memory");
        return -ENOMEM;
    }
    ui->em = em;
    ui->left = 350;
    ui->right = 320;
    ui->title = "";
    ui->w = w;
    ui->h = h;
    layout(ui);
    return 0;
}

void
ui_free(struct ui *ui)
{
    for (unsigned i = 0; i < PANEL_COUNT; i++) {
        arena_free(&ui->panes[i].arena);
        cells_forget(&ui->panes[i].cells);
        free(ui->panes[i].hits);
    }
    redraw_free(&ui->redraw);
    view_free(&ui->view);
    image_free(&ui->canvas.image);
    fonts_close(ui->canvas.fonts);
}

void
ui_resize(struct ui *ui, int w, int h)
{
    if (!image_resize(&ui->canvas.image, w, h))
        return; /* what there is stays */
    ui->w = w;
    ui->h = h;
    layout(ui);
}

void
ui_changed(struct ui *ui, unsigned what)
{
    if (what & CHANGE_SIZE)
        layout(ui);
    for (unsigned i = 0; i < PANEL_COUNT; i++)
        if (panels[i].depends & what)
            ui->panes[i].dirty = true;
}

/* A part of the window has been drawn. */
static void
drew(void *owner, SDL_Rect part)
{
    struct ui *ui = owner;

    if (ui->drawn.n < DRAWN_MAX)
        ui->drawn.at[ui->drawn.n++] = part;
    else
        SDL_UnionRect(
            &ui->drawn.at[DRAWN_MAX - 1], &part, &ui->drawn.at[DRAWN_MAX - 1]);
}

static void
draw_pane(struct ui *ui, enum panel i)
{
    struct pane *p = &ui->panes[i];

    arena_free(&p->arena);
    p->log = NULL;
    p->nhits = 0;
    ui->drawing = i;
    ui->canvas.arena = &p->arena;
    ui->canvas.log = &p->log;
    ui->canvas.redraw = &ui->redraw;
    canvas_pane(&ui->canvas, p->at);
    panels[i].draw(ui, (SDL_Rect){0, 0, p->at.w, p->at.h});
    ui->canvas.redraw = NULL;
    redraw_end(&ui->redraw, &ui->canvas.image, ui->canvas.fonts, &p->cells,
        ui->canvas.pane, drew, ui);
    p->dirty = false;
}

/* The keys, over everything else. */
static void
draw_over(struct ui *ui)
{
    int w = ui->w * 4 / 5, h = ui->h * 4 / 5;

    ui->canvas.arena = NULL;
    canvas_pane(&ui->canvas, (SDL_Rect){0, 0, ui->w, ui->h});
    draw_help(ui, (SDL_Rect){(ui->w - w) / 2, (ui->h - h) / 2, w, h});
}

void
ui_forget(struct ui *ui)
{
    for (unsigned i = 0; i < PANEL_COUNT; i++) {
        cells_forget(&ui->panes[i].cells);
        ui->panes[i].dirty = true;
    }
    ui->laid = true;
}

void
ui_draw(struct ui *ui)
{
    SDL_Rect whole = {0, 0, ui->w, ui->h};

    ui->drawn.n = 0;
    if (ui->laid) {
        ui_forget(ui);
        canvas_pane(&ui->canvas, whole);
        canvas_fill(&ui->canvas, whole, THEME_BACK);
    }
    for (unsigned i = 0; i < PANEL_COUNT; i++)
        if (ui->panes[i].at.w && ui->panes[i].dirty)
            draw_pane(ui, i);
    if (ui->drawn.n && ui->help)
        draw_over(ui);
    if (ui->laid || (ui->drawn.n && ui->help)) {
        ui->drawn.at[0] = whole;
        ui->drawn.n = 1;
    }
    ui->laid = false;
}

void
ui_hit(struct ui *ui, SDL_Rect at, enum hit kind, uint64_t value)
{
    struct pane *p = &ui->panes[ui->drawing];

    if (p->nhits == p->hit_room) {
        unsigned room = p->hit_room ? p->hit_room * 2 : 64;
        struct hit_area *hits = realloc(p->hits, room * sizeof *hits);

        if (!hits)
            return;
        p->hits = hits;
        p->hit_room = room;
    }
    at.x += p->at.x;
    at.y += p->at.y;
    p->hits[p->nhits++] = (struct hit_area){at, kind, value};
}

SDL_Rect
ui_panel(struct ui *ui, enum panel panel, SDL_Rect area, const char *title)
{
    struct canvas *c = &ui->canvas;
    bool focus = ui->view.focus == panel;
    int h = ui_row(ui);
    SDL_Rect head = {area.x, area.y, area.w, h};

    canvas_fill(c, area, THEME_PAPER);
    canvas_fill(c, head, THEME_TITLE);
    if (focus)
        canvas_fill(c, (SDL_Rect){area.x, area.y, 4, h}, THEME_SELECT);
    head.x += c->em * 2 / 3;
    head.w -= c->em * 4 / 3;
    canvas_text(c, head,
        (struct style){FACE_BOLD, 92, focus ? THEME_INK : THEME_SOFT, LEFT},
        say(title));
    return (SDL_Rect){area.x + c->em / 2, area.y + h + c->em / 4,
        area.w - c->em, area.h - h - c->em / 2};
}

char *
ui_time(struct instant at, char *buf, size_t size)
{
    if (at.ns < 100 * LW_S)
        snprintf(buf, size, "%.3f ms", (double)at.ns / 1e6);
    else
        snprintf(buf, size, "%.3f s", (double)at.ns / 1e9);
    return buf;
}

const char *
ui_layer(enum layer layer)
{
    return layer == LAYER_ZEND ? "Zend" : say(layer_name(layer));
}

const char *
ui_process(struct ui *ui, uint16_t host, uint32_t pid)
{
    const struct state *st = view_state(&ui->view);

    for (unsigned i = 0; st && pid && i < st->nproc; i++)
        if (st->proc[i].host == host && st->proc[i].pid == pid)
            return st->proc[i].name;
    return "";
}

void
ui_dump(const struct ui *ui, FILE *out)
{
    for (unsigned i = 0; i < PANEL_COUNT; i++) {
        const struct log_text *l = ui->panes[i].at.w ? ui->panes[i].log : NULL;

        for (; l; l = l->next)
            fprintf(out, "%d %d %d %d %s%s\n", l->at.x, l->at.y, l->at.w,
                l->at.h, l->text, l->cut ? " [cut]" : "");
    }
}
