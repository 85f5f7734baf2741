/*
 * ui_do.c: what commands and typed text do.
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

static void
toggle_break(struct ui *ui)
{
    const struct event *e = view_event(&ui->view);

    if (!e)
        return;
    view_break(&ui->view);
    SDL_snprintf(ui->message, sizeof ui->message,
        view_breaks(&ui->view, e->kind) ? say("playing stops at every %s")
                                        : say("no longer stops at %s"),
        event_info(e->kind)->name);
}

void
ui_play(struct ui *ui)
{
    struct view *v = &ui->view;

    if (!v->playing)
        return;
    ui->message[0] = '\0';
    if (!view_play(v)) {
        v->playing = false;
    } else if (view_breaks(v, view_event(v)->kind)) {
        v->playing = false;
        SDL_snprintf(ui->message, sizeof ui->message, say("stopped at %s"),
            event_info(view_event(v)->kind)->name);
    }
    ui_changed(ui, CHANGE_POS | CHANGE_LIST);
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
    case CMD_FIRST: view_go(v, v->nlisted ? view_at_row(v, 0) : 1, true); break;
    case CMD_LAST:
        view_go(v, v->nlisted ? view_at_row(v, v->nlisted - 1) : 1, true);
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
    case CMD_BREAK: toggle_break(ui); break;
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
