/*
 * table.c: rows and columns of text.
 */
#include "table.h"

#include <stdio.h>

struct table
table_begin(struct ui *ui, SDL_Rect at, const int *widths)
{
    struct table t = {.ui = ui, .at = at, .face = FACE_TEXT};
    int sum = 0, used = 0;

    for (; t.n < TABLE_COLUMNS && widths[t.n]; t.n++)
        sum += widths[t.n];
    for (unsigned i = 0; i < t.n; i++) {
        t.width[i] = at.w * widths[i] / sum;
        used += t.width[i];
    }
    if (t.n)
        t.width[t.n - 1] += at.w - used;
    return t;
}

static int
row_height(const struct table *t)
{
    return t->ui->canvas.em * 13 / 10;
}

static bool
take(struct table *t, int h, SDL_Rect *row)
{
    if (t->at.h < h)
        return false;
    *row = (SDL_Rect){t->at.x, t->at.y, t->at.w, h};
    t->at.y += h;
    t->at.h -= h;
    return true;
}

void
table_title(struct table *t, const char *text)
{
    SDL_Rect row;

    if (take(t, row_height(t) * 5 / 4, &row))
        canvas_text(&t->ui->canvas, row,
            (struct style){FACE_BOLD, 92, THEME_INK, LEFT}, text);
}

static bool
cells(struct table *t, const char *const *texts, struct style style,
    const struct colour *ground)
{
    SDL_Rect row;

    if (!take(t, row_height(t), &row))
        return false;
    if (ground)
        canvas_fill(&t->ui->canvas, row, *ground);
    for (unsigned i = 0; i < t->n; i++) {
        SDL_Rect at = {row.x, row.y, t->width[i] - t->ui->canvas.em / 2, row.h};

        canvas_text(&t->ui->canvas, at, style, texts[i] ? texts[i] : "");
        row.x += t->width[i];
    }
    return true;
}

bool
table_head(struct table *t, const char *const *texts)
{
    return cells(
        t, texts, (struct style){FACE_TEXT, 82, THEME_SOFT, LEFT}, NULL);
}

bool
table_row(struct table *t, bool current, const char *const *texts)
{
    static const struct colour mark = THEME_RELATE;
    struct style style = {t->face, 88, THEME_INK, LEFT};

    if (current)
        style.face = t->face == FACE_MONO ? FACE_MONO_BOLD : FACE_BOLD;
    return cells(t, texts, style, current ? &mark : NULL);
}

void
table_note(struct table *t, const char *text)
{
    int used = t->at.h <= 0
                   ? 0
                   : canvas_paragraph(&t->ui->canvas, t->at,
                         (struct style){FACE_TEXT, 90, THEME_SOFT, LEFT}, text);

    t->at.y += used;
    t->at.h -= used;
}

/* The newest events of these kinds at or before the position. */
static unsigned
latest(const struct view *v, bool (*wanted)(enum event_kind kind),
    unsigned host, uint64_t *found, unsigned max)
{
    unsigned n = 0;

    for (uint64_t i = v->pos; i > 0 && n < max && v->pos - i < 3000; i--) {
        const struct event *e = story_event(v->story, i);

        if (e->host == host && wanted(e->kind))
            found[n++] = i;
    }
    return n;
}

void
table_log(struct table *t, const char *title,
    bool (*wanted)(enum event_kind kind), unsigned host)
{
    struct ui *ui = t->ui;
    uint64_t found[40];
    unsigned n = latest(&ui->view, wanted, host, found, 40);
    struct table rows;
    char no[24], text[400];

    if (n == 0 || t->at.h < ui->canvas.em * 3)
        return;
    table_title(t, title);
    rows = table_begin(ui, t->at, (const int[]){12, 88, 0});
    unsigned room = (unsigned)(rows.at.h / (ui->canvas.em * 13 / 10));
    if (n > room)
        n = room;
    while (n-- > 0) { /* the oldest first, as in a log */
        const struct event *e = story_event(ui->view.story, found[n]);

        snprintf(no, sizeof no, "%llu", (unsigned long long)e->no);
        TABLE_ROW(&rows, found[n] == ui->view.pos, no,
            event_text(e, text, sizeof text));
    }
    t->at = rows.at;
}
