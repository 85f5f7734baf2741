/*
 * panel_why.c: the selected event in words: what happened, why, by which
 * rule and function, and the chain of causes that led to it.
 */
#include "ui.h"

#include <string.h>

static int
labelled(struct ui *ui, SDL_Rect at, const char *label, const char *text)
{
    struct canvas *c = &ui->canvas;
    int w = c->em * 5;
    SDL_Rect head = {at.x, at.y, w, ui_row(ui)};
    SDL_Rect body = {at.x + w, at.y, at.w - w, at.h};
    struct style soft = {FACE_BOLD, 90, THEME_SOFT, LEFT};
    struct style ink = {FACE_TEXT, 95, THEME_INK, LEFT};

    if (at.h < ui_row(ui) || !*text)
        return 0;
    body.y += (ui_row(ui) - canvas_height(c, ink) * 115 / 100) / 2;
    canvas_text(c, head, soft, say(label));
    int used = canvas_paragraph(c, body, ink, text);
    return (used > ui_row(ui) ? used : ui_row(ui)) + c->em / 3;
}

/* "caused by" and its rows: each can be pressed. */
static void
causes(struct ui *ui, SDL_Rect at)
{
    const struct view *v = &ui->view;
    const struct event *e = view_event(v);
    struct canvas *c = &ui->canvas;
    struct style soft = {FACE_BOLD, 90, THEME_SOFT, LEFT};
    struct style ink = {FACE_TEXT, 90, THEME_INK, LEFT};
    uint64_t i = story_index(v->story, e->cause);
    int h = ui_row(ui), y = at.y;

    if (!i || at.h < h)
        return;
    canvas_text(c, (SDL_Rect){at.x, y, c->em * 5, h}, soft, say("led to by"));
    for (int n = 0; i && y + h <= at.y + at.h; n++) {
        if (n < v->why_scroll) {
            e = story_event(v->story, i);
            i = e->cause < e->no ? story_index(v->story, e->cause) : 0;
            continue;
        }

        SDL_Rect row = {at.x + c->em * 5, y, at.w - c->em * 5, h};
        SDL_Rect tile = {row.x, y + h / 8, c->em * 4, h * 3 / 4};
        char text[400], sentence[360];

        e = story_event(v->story, i);
        ui_hit(ui, row, HIT_EVENT, i);
        canvas_tile(c, tile, event_info(e->kind)->layer,
            ui_layer(event_info(e->kind)->layer));
        row.x += c->em * 9 / 2;
        row.w -= c->em * 9 / 2;
        snprintf(text, sizeof text, "%llu  %s", (unsigned long long)e->no,
            event_text(e, sentence, sizeof sentence));
        canvas_text(c, row, ink, text);
        y += h;
        i = e->cause < e->no ? story_index(v->story, e->cause) : 0;
    }
}

void
draw_why(struct ui *ui, SDL_Rect area)
{
    struct canvas *c = &ui->canvas;
    SDL_Rect at = ui_panel(ui, PANEL_WHY, area, "What and why");
    const struct event *e = view_event(&ui->view);
    char text[1024], by[256];

    if (!e)
        return;
    const struct event_info *info = event_info(e->kind);
    const struct rule_info *rule = rule_info(e->rule);
    SDL_Rect tile = {at.x, at.y + c->em / 8, c->em * 6, ui_row(ui)};
    canvas_tile(c, tile, info->layer, ui_layer(info->layer));
    const char *process = ui_process(ui, e->host, e->pid);
    SDL_Rect who = {
        tile.x + tile.w + c->em / 2, tile.y, at.w - tile.w - c->em / 2, tile.h};
    canvas_textf(c, who, (struct style){FACE_TEXT, 95, THEME_SOFT, LEFT},
        "%s%s%s", story_host(ui->view.story, e->host), *process ? ", " : "",
        process);
    int y = at.y + ui_row(ui) + c->em / 2;

    SDL_Rect what = {at.x, y, at.w, at.y + at.h - y};
    if (what.h > c->em * 7)
        what.h = c->em * 7; /* leave room for the why */
    y += canvas_paragraph(c, what,
             (struct style){FACE_BOLD, 110, THEME_INK, LEFT},
             story_text(ui->view.story, ui->view.pos, text, sizeof text)) +
         c->em / 2;
#define REST ((SDL_Rect){at.x, y, at.w, at.y + at.h - y})
    if (e->rule != RULE_NONE) {
        y += labelled(ui, REST, "because", say(rule->why));
        snprintf(by, sizeof by, "%s%s%s%s", rule->source,
            *e->func ? "      " : "", e->func, *e->func ? "()" : "");
        y += labelled(ui, REST, "source", by);
    }
    causes(ui, REST);
#undef REST
}
