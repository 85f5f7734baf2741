/*
 * panel_bar.c: the transport bar at the bottom: buttons, pace, level of
 * detail, and where we are.
 */
#include "ui.h"

#include <stdlib.h>
#include <string.h>

static int
button(struct ui *ui, int x, SDL_Rect area, const char *text,
    enum command command, bool on)
{
    struct canvas *c = &ui->canvas;
    struct style style = {FACE_TEXT, 95, on ? THEME_PAPER : THEME_INK, CENTRE};
    int w = canvas_width(c, style, text) + c->em;
    SDL_Rect at = {x, area.y + c->em / 4, w, area.h - c->em / 2};

    canvas_fill(c, at, on ? THEME_SELECT : THEME_TITLE);
    canvas_frame(c, at, THEME_LINE, 1);
    canvas_text(c, at, style, text);
    ui_hit(ui, at, HIT_COMMAND, command);
    return x + w + c->em / 4;
}

static const char *
level_text(enum level level)
{
    switch (level) {
    case LEVEL_STAGE: return "stages";
    case LEVEL_STEP: return "steps";
    case LEVEL_DETAIL: return "details";
    default: return "everything";
    }
}

/* What is being typed: on green while it finds something, else on red. */
static void
typed(struct ui *ui, SDL_Rect at)
{
    const struct view *v = &ui->view;
    struct style style = {FACE_BOLD, 95, THEME_INK, LEFT};
    bool filter = ui->input == INPUT_FILTER;
    bool found = filter ? v->nlisted > 0
                        : !ui->typed[0] || story_index(v->story,
                                               strtoull(ui->typed, NULL, 10));
    struct colour fill = found ? theme_fill(LAYER_HTTP) : THEME_WRONG;
    SDL_Rect box = {at.x, at.y + 2, at.w, at.h - 4};

    canvas_fill(&ui->canvas, box, theme_pale(fill, 170));
    box.x += ui->canvas.em / 2;
    box.w -= ui->canvas.em;
    canvas_textf(&ui->canvas, box, style, "%s %s_   %s%llu",
        say(filter ? "filter (sentence, host, layer, kind):" : "go to event:"),
        ui->typed, filter ? found ? "\xe2\x9c\x93 " : "\xe2\x9c\x98 " : "/ ",
        (unsigned long long)(filter ? v->nlisted : story_count(v->story)));
}

/* Right of the buttons: what is typed, or a message, or the position. */
static void
right_side(struct ui *ui, SDL_Rect at)
{
    const struct view *v = &ui->view;
    struct canvas *c = &ui->canvas;
    const struct event *e = view_event(v);
    struct style style = {FACE_TEXT, 95, THEME_INK, RIGHT};
    char now[40];

    if (ui->input != INPUT_NONE) {
        typed(ui, at);
        return;
    }
    if (ui->message[0]) {
        canvas_text(c, at, style, ui->message);
        return;
    }
    canvas_textf(c, at, style, "%s%s%s%s %llu / %llu    %s    %s",
        v->filter[0] ? say("filter ") : "", v->filter[0] ? "\"" : "", v->filter,
        v->filter[0] ? "\"   " : "", e ? (unsigned long long)v->pos : 0,
        (unsigned long long)story_count(v->story),
        e ? ui_time(e->at, now, sizeof now) : "", say("? help"));
}

void
draw_bar(struct ui *ui, SDL_Rect area)
{
    const struct view *v = &ui->view;
    struct canvas *c = &ui->canvas;
    char text[64];
    int x = c->em / 2;

    canvas_fill(c, area, THEME_PAPER);
    x = button(ui, x, area, "|\xe2\x97\x80", CMD_FIRST, false);
    x = button(ui, x, area, "\xe2\x97\x80\xe2\x97\x80", CMD_STAGE_BACK, false);
    x = button(ui, x, area, "\xe2\x97\x80", CMD_BACK, false);
    x = button(ui, x, area,
        v->playing ? say("\xe2\x96\xae\xe2\x96\xae pause")
                   : say("\xe2\x96\xb6 play"),
        CMD_PLAY, v->playing);
    x = button(ui, x, area, "\xe2\x96\xb6", CMD_NEXT, false);
    x = button(ui, x, area, "\xe2\x96\xb6\xe2\x96\xb6", CMD_STAGE_NEXT, false);
    x = button(ui, x, area, "\xe2\x96\xb6|", CMD_LAST, false);
    x += c->em / 2;
    x = button(ui, x, area, "\xe2\x88\x92", CMD_SLOWER, false);
    snprintf(text, sizeof text, say("%d ms an event"), v->delay_ms);
    struct style plain = {FACE_TEXT, 95, THEME_INK, CENTRE};
    SDL_Rect pace = {x, area.y, c->em * 9, area.h};
    canvas_text(c, pace, plain, text);
    x = button(ui, x + pace.w, area, "+", CMD_FASTER, false);
    x += c->em / 2;
    snprintf(text, sizeof text, say("detail: %s"), say(level_text(v->level)));
    x = button(ui, x, area, text, CMD_LEVEL, false);
    x += c->em;
    right_side(ui, (SDL_Rect){x, area.y, area.w - x - c->em * 2 / 3, area.h});
}
