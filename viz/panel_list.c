/*
 * panel_list.c: the events one below the other, and the stages above them.
 * The selected row always stands at a third of the height, so that the same
 * position always gives the same picture.
 */
#include "ui.h"

#include <string.h>

/* Where the columns begin, in pixels. */
struct columns {
    int mark, no, time, host, layer, what, end;
};

/* As wide as the longest name of a computer, within reason. */
static int
host_width(struct ui *ui)
{
    const struct story *s = ui->view.story;
    struct style style = {FACE_TEXT, 92, THEME_INK, LEFT};
    int em = ui->canvas.em, w = em * 3;

    for (unsigned h = 1; h < story_hosts(s) && h < 64; h++) {
        int need = canvas_width(&ui->canvas, style, story_host(s, h));

        if (need > w)
            w = need;
    }
    return w < em * 8 ? w + em / 4 : em * 8;
}

static struct columns
columns(struct ui *ui, SDL_Rect at)
{
    int em = ui->canvas.em;
    struct columns k = {.mark = at.x};

    k.no = at.x + em / 2;
    k.time = at.w < em * 34 ? k.no : k.no + em * 16 / 5; /* narrow: no "No" */
    k.host = k.time + em * 5;
    k.layer = k.host + host_width(ui) + em / 2;
    k.what = k.layer + em * 22 / 5;
    k.end = at.x + at.w;
    return k;
}

static void
cell(struct ui *ui, int from, int to, int y, struct style style,
    const char *text)
{
    SDL_Rect at = {from, y, to - from - ui->canvas.em / 2, ui_row(ui)};

    canvas_text(&ui->canvas, at, style, text);
}

static void
head(struct ui *ui, struct columns k, int y)
{
    struct style s = {FACE_TEXT, 85, THEME_SOFT, LEFT};
    struct style r = s;

    r.align = RIGHT;
    if (k.no < k.time)
        cell(ui, k.no, k.time, y, r, say("No"));
    cell(ui, k.time, k.host, y, r, say("Time ms"));
    cell(ui, k.host, k.layer, y, s, say("Host"));
    cell(ui, k.layer, k.what, y, s, say("Layer"));
    cell(ui, k.what, k.end, y, s, say("What happens"));
}

static void
replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    size_t a = strlen(from), b = strlen(to);

    if (at && b <= a) {
        memcpy(at, to, b);
        memmove(at + b, at + a, strlen(at + a) + 1);
    }
}

/* Cuts " name value" out of the text. */
static void
leave_out(char *text, const char *name)
{
    char *at = strstr(text, name);

    if (at) {
        char *end = at + strlen(name);

        end += strcspn(end, " ,");
        memmove(at, end, strlen(end) + 1);
    }
}

/*
 * A sentence that is wider than its column loses words that the row's other
 * cells say already, then what matters least, rather than its end.
 */
static void
shorten(struct ui *ui, char *text, struct style style, int room)
{
    static const struct {
        const char *from, *to; /* to NULL: a name and its value go */
    } steps[] = {{"connection ", "#"}, {"frame on ", ""}, {"neighbour ", ""},
        {"packet ", ""}, {" bytes: ", " B: "}, {", 0 bytes", ""},
        {" bytes", " B"}, {" win ", NULL}, {"process ", ""}, {"a record ", ""},
        {", request ", NULL}, {" of pool ", NULL}, {"AT_FDCWD, ", ""},
        {", next hop ", " > "}, {"0.0.0.0/0", "default"}, {" ack ", NULL},
        {" is forwarded", ""}};

    for (unsigned i = 0; i < LW_COUNT(steps); i++) {
        if (canvas_width(&ui->canvas, style, text) <= room)
            return;
        if (steps[i].to)
            replace(text, steps[i].from, steps[i].to);
        else
            leave_out(text, steps[i].from);
    }
}

static void
row(struct ui *ui, struct columns k, int y, uint64_t pos)
{
    const struct view *v = &ui->view;
    const struct event *e = story_event(v->story, pos);
    const struct event *now = view_event(v);
    const struct event_info *info = event_info(e->kind);
    bool selected = pos == v->pos;
    struct colour ink = selected ? THEME_PAPER : THEME_INK;
    struct style left = {
        info->level == LEVEL_STAGE ? FACE_BOLD : FACE_TEXT, 92, ink, LEFT};
    struct style right = {
        FACE_TEXT, 85, selected ? THEME_PAPER : THEME_SOFT, RIGHT};
    SDL_Rect all = {k.mark - ui->canvas.em / 2, y,
        k.end - k.mark + ui->canvas.em, ui_row(ui)};
    char text[512];

    if (selected)
        canvas_fill(&ui->canvas, all, THEME_SELECT);
    else if (now && (e->no == now->cause || (e->pkt && e->pkt == now->pkt)))
        canvas_fill(&ui->canvas, all, THEME_RELATE);
    ui_hit(ui, all, HIT_EVENT, pos);
    const char *sign = view_marked(v, pos)                   ? "\xe2\x97\x86"
                       : view_breaks(v, e->kind)             ? "\xe2\x97\x8f"
                       : now && e->no == now->cause          ? "\xe2\x86\xb3"
                       : now && e->pkt && e->pkt == now->pkt ? "\xc2\xb7"
                                                             : "";
    cell(ui, k.mark, k.no + ui->canvas.em, y, left, sign);
    snprintf(text, sizeof text, "%llu", (unsigned long long)e->no);
    if (k.no < k.time)
        cell(ui, k.no, k.time, y, right, text);
    snprintf(text, sizeof text, "%.3f", (double)e->at.ns / 1e6);
    cell(ui, k.time, k.host, y, right, text);
    struct style host = left;
    host.face = FACE_TEXT;
    cell(ui, k.host, k.layer, y, host, story_host(v->story, e->host));
    SDL_Rect tile = {k.layer, y + ui_row(ui) / 8,
        k.what - k.layer - ui->canvas.em / 2, ui_row(ui) * 3 / 4};
    canvas_tile(&ui->canvas, tile, info->layer, ui_layer(info->layer));
    story_text(v->story, pos, text, sizeof text);
    shorten(ui, text, left, k.end - k.what);
    cell(ui, k.what, k.end + ui->canvas.em / 2, y, left, text);
}

static bool
is_listed(const struct view *v)
{
    uint64_t at = view_row(v, v->pos);

    return v->pos == 0 || (at < v->nlisted && view_at_row(v, at) == v->pos);
}

/* The position in a row: one that is not listed is put in its place. */
static uint64_t
row_pos(const struct view *v, int64_t row, int64_t selected, bool listed)
{
    if (listed || row < selected)
        return view_at_row(v, (uint64_t)row);
    return row == selected ? v->pos : view_at_row(v, (uint64_t)row - 1);
}

void
draw_list(struct ui *ui, SDL_Rect area)
{
    struct view *v = &ui->view;
    SDL_Rect at = ui_panel(ui, PANEL_LIST, area, "Events");
    struct columns k = columns(ui, at);
    int h = ui_row(ui), rows = at.h / h - 1;
    int64_t selected = (int64_t)view_row(v, v->pos);
    bool listed = is_listed(v);
    int64_t n = (int64_t)v->nlisted + !listed;
    int64_t top = selected - rows / 3 + v->scroll;

    if (top > n - rows)
        top = n - rows;
    if (top < 0)
        top = 0;
    head(ui, k, at.y);
    if (v->nlisted == 0)
        cell(ui, k.no, k.end, at.y + h,
            (struct style){FACE_TEXT, 0, THEME_SOFT, LEFT},
            say(v->filter[0] ? "no event has this in its sentence"
                             : "nothing has happened yet"));
    for (int i = 0; i < rows && top + i < n; i++)
        row(ui, k, at.y + (i + 1) * h, row_pos(v, top + i, selected, listed));
}

/* --- the strip of stages -------------------------------------------- */

static void
chevron(struct ui *ui, SDL_Rect at, struct colour fill)
{
    int tip = at.h / 3;
    SDL_Point corners[] = {{at.x, at.y}, {at.x + at.w, at.y},
        {at.x + at.w + tip, at.y + at.h / 2}, {at.x + at.w, at.y + at.h},
        {at.x, at.y + at.h}};
    SDL_Point notch[] = {
        {at.x, at.y}, {at.x + tip, at.y + at.h / 2}, {at.x, at.y + at.h}};

    canvas_polygon(&ui->canvas, corners, 5, fill);
    canvas_polygon(&ui->canvas, notch, 3, THEME_PAPER);
}

static void
stages(struct ui *ui, SDL_Rect at)
{
    const struct view *v = &ui->view;
    unsigned n = story_stages(v->story), now = story_stage_at(v->story, v->pos);
    unsigned fit = (unsigned)(at.w / (ui->canvas.em * 6)), first = 0;

    if (n == 0)
        return;
    if (fit < 1)
        fit = 1;
    if (fit > n)
        fit = n;
    if (now > fit / 2)
        first = now - fit / 2;
    if (first + fit > n)
        first = n - fit;
    for (unsigned i = fit; i-- > 0;) { /* from the right: the tips overlap */
        const struct stage s = story_stage(v->story, first + i);
        int x = at.w * (int)i / (int)fit, end = at.w * (int)(i + 1) / (int)fit;
        SDL_Rect box = {at.x + x, at.y, end - x - at.h / 3, at.h};
        bool current = first + i == now;
        struct colour fill = theme_fill(s.layer);

        if (!current)
            fill = theme_pale(fill, first + i < now ? 120 : 200);
        chevron(ui, box, fill);
        box.x += at.h / 3;
        box.w -= at.h / 3;
        canvas_text(&ui->canvas, box,
            (struct style){current ? FACE_BOLD : FACE_TEXT, 95,
                current ? theme_ink(s.layer) : THEME_INK, CENTRE},
            say(s.name));
        if (current)
            canvas_fill(&ui->canvas,
                (SDL_Rect){box.x, at.y + at.h - 3, box.w, 3}, THEME_INK);
        ui_hit(ui, box, HIT_STAGE, first + i);
    }
}

/* Of many stages that begin within one dot one is drawn. */
static unsigned
stage_before_dot(const struct view *v, unsigned k, uint64_t next)
{
    unsigned last = story_stage_at(v->story, next);

    return last > k ? last : k;
}

void
draw_strip(struct ui *ui, SDL_Rect area)
{
    const struct view *v = &ui->view;
    struct canvas *c = &ui->canvas;
    uint64_t count = story_count(v->story);
    int em = c->em;
    SDL_Rect at = {em / 2, em / 3, area.w - em, area.h - em * 5 / 4};
    SDL_Rect line = {em / 2, area.h - em * 2 / 3, area.w - em, em / 3};

    canvas_fill(c, area, THEME_PAPER);
    stages(ui, at);
    canvas_fill(c, line, THEME_LINE);
    if (count == 0)
        return;
    int done = (int)((uint64_t)line.w * v->pos / count);
    for (unsigned k = 0, n = story_stages(v->story); k < n; k++) {
        struct stage s = story_stage(v->story, k);
        int x = (int)((uint64_t)line.w * (s.first - 1) / count);

        canvas_fill(
            c, (SDL_Rect){line.x + x, line.y, 3, line.h}, theme_fill(s.layer));
        if (n > (unsigned)line.w) /* on to the last one before the next dot */
            k = stage_before_dot(
                v, k, count * (unsigned)(x + 1) / (unsigned)line.w);
    }
    canvas_fill(c, (SDL_Rect){line.x, line.y + line.h / 3, done, line.h / 3},
        THEME_SELECT);
    canvas_fill(
        c, (SDL_Rect){line.x + done - 3, line.y - 3, 7, line.h + 6}, THEME_INK);
    line.y -= em / 4;
    line.h += em / 2;
    ui_hit(ui, line, HIT_TIME, 0);
}
