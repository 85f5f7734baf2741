/*
 * table.c: rows and columns of text.
 */
#include "table.h"

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
