/*
 * panel_frame.c: the frame as fields and as bytes. The field that is
 * selected, or under the mouse, is marked in both.
 */
#include "ui.h"

#include <string.h>

/* The field that is marked: under the mouse, else selected, else the one
 * that the event is about. */
static int
marked(const struct view *v)
{
    return v->hover >= 0 ? v->hover : v->field >= 0 ? v->field : v->about;
}

/* Is this part of the frame not built yet, or taken off already? */
static bool
absent(const struct view *v, uint32_t off)
{
    return off < v->there_from && !(v->header_len && off >= v->header_off &&
                                      off - v->header_off < v->header_len);
}

static void
field_row(struct ui *ui, SDL_Rect at, unsigned i)
{
    const struct view *v = &ui->view;
    struct canvas *c = &ui->canvas;
    const struct dissect_field *f = &v->dissection->fields[i];
    enum layer layer = v->dissection->layers[f->layer].layer;
    bool group = f->depth == 0, mark = marked(v) == (int)i;
    bool chosen = v->field == (int)i;
    bool gone = f->len && absent(v, f->off);
    struct colour ink = chosen ? THEME_PAPER : gone ? THEME_SOFT : THEME_INK;
    char text[400];

    if (chosen)
        canvas_fill(c, at, THEME_SELECT);
    else if (mark)
        canvas_fill(c, at, THEME_HOVER);
    ui_hit(ui, at, HIT_FIELD, i);
    int x = at.x + c->em * (f->depth ? f->depth + 1 : 0);
    if (group) {
        SDL_Rect box = {at.x, at.y + 1, c->em * 5 / 4, at.h - 2};

        if (gone)
            canvas_dashed(c, box, THEME_SOFT);
        else
            canvas_fill(c, box, theme_fill(layer));
        canvas_text(c, box,
            (struct style){
                FACE_BOLD, 90, gone ? THEME_SOFT : theme_ink(layer), CENTRE},
            v->open >> f->layer & 1 ? "\xe2\x88\x92" : "+");
        ui_hit(ui, box, HIT_LAYER, f->layer);
        x += c->em * 5 / 3;
    }
    const char *note = !group || !gone     ? ""
                       : v->pos < v->frame ? "not there yet: "
                                           : "taken off: ";
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", note, f->generated ? "[" : "",
        f->name, f->value[0] && f->value[0] != ' ' ? ": " : "",
        f->value[0] != ' ' ? f->value : "", f->generated ? "]" : "",
        f->wrong ? "  \xe2\x9c\x98" : "");
    canvas_text(c, (SDL_Rect){x, at.y, at.x + at.w - x, at.h},
        (struct style){
            group || f->wrong ? FACE_BOLD : FACE_TEXT, 90, ink, LEFT},
        text);
}

void
draw_tree(struct ui *ui, SDL_Rect area)
{
    struct view *v = &ui->view;
    char title[96];
    int shown = 0, first = -1, rows, top;
    int seen = v->field >= 0 ? v->field : v->about;

    view_frame_title(v, "Fields of", title, sizeof title);
    SDL_Rect at = ui_panel(ui, PANEL_TREE, area, title);
    if (!v->dissection)
        return;
    int h = ui->canvas.em * 13 / 10;
    rows = at.h / h;
    for (unsigned i = 0; i < v->dissection->count; i++) {
        const struct dissect_field *f = &v->dissection->fields[i];

        if (!view_field_shown(v, i))
            continue;
        /* what shall be seen: the selection, else the unfolded layer */
        if (seen >= 0 ? seen == (int)i
                      : first < 0 && f->depth == 0 && v->open >> f->layer & 1)
            first = shown;
        shown++;
    }
    top = seen >= 0 ? first - rows / 2 : first - 1;
    top += v->tree_scroll;
    if (top > shown - rows)
        top = shown - rows;
    if (top < 0)
        top = 0;
    shown = 0;
    for (unsigned i = 0; i < v->dissection->count; i++) {
        if (!view_field_shown(v, i))
            continue;
        if (shown >= top && shown < top + rows)
            field_row(
                ui, (SDL_Rect){at.x, at.y + (shown - top) * h, at.w, h}, i);
        shown++;
    }
}

/* --- bytes ---------------------------------------------------------- */

struct grid {
    int across; /* bytes in a row */
    int hex, ascii, cell, letter, h;
};

static struct grid
grid(struct ui *ui, SDL_Rect at)
{
    struct grid g;
    struct style mono = {FACE_MONO, 92, THEME_INK, LEFT};

    g.letter = canvas_width(&ui->canvas, mono, "0");
    g.cell = g.letter * 2 + g.letter * 3 / 4;
    g.h = ui->canvas.em * 14 / 10;
    g.hex = at.x + g.letter * 5;
    g.across = 16;
    while (g.across > 8 && g.letter * 7 + g.across * (g.cell + g.letter) > at.w)
        g.across -= 4;
    g.ascii = g.hex + g.across * g.cell + g.letter * 2;
    return g;
}

/* The layer whose header byte `off` is in; data when in none. */
static enum layer
layer_of(const struct dissection *d, uint32_t off)
{
    for (unsigned i = d->nlayers; i-- > 0;) {
        const struct dissect_layer *l = &d->layers[i];

        if (off >= l->off && off - l->off < l->len)
            return l->layer;
    }
    return LAYER_WORLD;
}

static void
one_byte(struct ui *ui, const struct grid *g, int y, int column, uint32_t off)
{
    const struct view *v = &ui->view;
    const struct dissection *d = v->dissection;
    struct canvas *c = &ui->canvas;
    const struct dissect_field *f =
        marked(v) >= 0 ? &d->fields[marked(v)] : NULL;
    bool mark = f && off >= f->off && off - f->off < f->len;
    struct colour fill = theme_pale(theme_fill(layer_of(d, off)), 150);
    struct style style = {
        FACE_MONO, 92, mark ? THEME_PAPER : THEME_INK, CENTRE};
    SDL_Rect box = {g->hex + column * g->cell, y, g->cell, g->h};
    SDL_Rect letter = {g->ascii + column * g->letter, y, g->letter, g->h};
    uint8_t byte = d->bytes[off];
    char text[4] = {byte >= 0x20 && byte < 0x7f ? (char)byte : '.', 0, 0, 0};

    if (absent(v, off)) { /* its place, empty */
        box.x += 2;
        box.w -= 4;
        box.y += g->h - 3;
        box.h = 1;
        canvas_fill(c, box, THEME_LINE);
        return;
    }

    if (mark) {
        fill = v->hover >= 0 ? THEME_SOFT : THEME_SELECT;
        style.face = FACE_MONO_BOLD;
    }
    canvas_fill(c, box, fill);
    canvas_fill(c, letter, fill);
    if (v->header_len && off >= v->header_off &&
        off - v->header_off < v->header_len) { /* the header of this event */
        canvas_fill(c, (SDL_Rect){box.x, y, g->cell, 2}, THEME_INK);
        canvas_fill(c, (SDL_Rect){box.x, y + g->h - 3, g->cell, 2}, THEME_INK);
    }
    letter.x -= 1; /* rounding must not cut a letter that just fits */
    letter.w += 2;
    if (text[0] != ' ')
        canvas_text(c, letter, style, text);
    snprintf(text, sizeof text, "%02x", byte);
    canvas_text(c, box, style, text);
    ui_hit(ui, box, HIT_BYTE, off);
    ui_hit(ui, letter, HIT_BYTE, off);
}

void
draw_bytes(struct ui *ui, SDL_Rect area)
{
    struct view *v = &ui->view;
    struct canvas *c = &ui->canvas;
    char title[200] = "Bytes";

    if (v->dissection && marked(v) >= 0) {
        const struct dissect_field *f = &v->dissection->fields[marked(v)];

        if (f->bits)
            snprintf(title, sizeof title,
                "Bytes: %s, byte %u, %u bit%s from bit %u", f->name, f->off,
                f->bits, f->bits == 1 ? "" : "s", f->bit);
        else
            snprintf(title, sizeof title, "Bytes: %s, %u from byte %u", f->name,
                f->len, f->off);
    } else if (v->dissection) {
        char of[96];

        snprintf(title, sizeof title, "%s: %s",
            view_frame_title(v, "Bytes of", of, sizeof of),
            v->dissection->info);
    }
    SDL_Rect at = ui_panel(ui, PANEL_BYTES, area, title);
    if (!v->dissection)
        return;
    struct grid g = grid(ui, at);
    int rows = at.h / g.h;
    int all = (int)((v->dissection->len + (uint32_t)g.across - 1) /
                    (uint32_t)g.across);
    int top = v->byte_scroll;
    if (v->field >= 0 || v->about >= 0)
        top += (int)v->dissection->fields[v->field >= 0 ? v->field : v->about]
                       .off /
                   g.across -
               rows / 3;
    if (top > all - rows)
        top = all - rows;
    if (top < 0)
        top = 0;
    for (int i = 0; i < rows && top + i < all; i++) {
        int y = at.y + i * g.h;
        uint32_t off = (uint32_t)((top + i) * g.across);

        canvas_textf(c, (SDL_Rect){at.x, y, g.letter * 5, g.h},
            (struct style){FACE_MONO, 92, THEME_SOFT, LEFT}, "%04x", off);
        for (int k = 0; k < g.across && off < v->dissection->len; k++, off++)
            one_byte(ui, &g, y, k, off);
    }
}
