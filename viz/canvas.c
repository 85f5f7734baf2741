/*
 * canvas.c: rectangles, lines, arrows and text.
 */
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
canvas_pane(struct canvas *c, SDL_Rect pane)
{
    c->pane = pane;
    image_clip(&c->image, &pane);
}

void
canvas_clip(struct canvas *c, const SDL_Rect *at)
{
    SDL_Rect part = c->pane;

    if (at) {
        part = (SDL_Rect){c->pane.x + at->x, c->pane.y + at->y, at->w, at->h};
        if (!SDL_IntersectRect(&part, &c->pane, &part))
            part.w = part.h = 0;
    }
    image_clip(&c->image, &part);
}

void
canvas_fill(struct canvas *c, SDL_Rect at, struct colour colour)
{
    at.x += c->pane.x;
    at.y += c->pane.y;
    if (c->redraw)
        redraw_fill(c->redraw, c->image.clip, at, colour);
    else
        image_fill(&c->image, at, colour);
}

void
canvas_frame(struct canvas *c, SDL_Rect at, struct colour colour, int thick)
{
    canvas_fill(c, (SDL_Rect){at.x, at.y, at.w, thick}, colour);
    canvas_fill(c, (SDL_Rect){at.x, at.y + at.h - thick, at.w, thick}, colour);
    canvas_fill(c, (SDL_Rect){at.x, at.y, thick, at.h}, colour);
    canvas_fill(c, (SDL_Rect){at.x + at.w - thick, at.y, thick, at.h}, colour);
}

void
canvas_dashed(struct canvas *c, SDL_Rect at, struct colour colour)
{
    const int dash = 4;

    for (int x = at.x; x < at.x + at.w; x += 2 * dash) {
        int w = x + dash > at.x + at.w ? at.x + at.w - x : dash;

        canvas_fill(c, (SDL_Rect){x, at.y, w, 1}, colour);
        canvas_fill(c, (SDL_Rect){x, at.y + at.h - 1, w, 1}, colour);
    }
    for (int y = at.y; y < at.y + at.h; y += 2 * dash) {
        int h = y + dash > at.y + at.h ? at.y + at.h - y : dash;

        canvas_fill(c, (SDL_Rect){at.x, y, 1, h}, colour);
        canvas_fill(c, (SDL_Rect){at.x + at.w - 1, y, 1, h}, colour);
    }
}

/* Corners that need not lie on whole pixels. */
static void
polygon(struct canvas *c, struct spot *p, unsigned n, struct colour colour)
{
    for (unsigned i = 0; i < n; i++) {
        p[i].x += c->pane.x;
        p[i].y += c->pane.y;
    }
    if (c->redraw)
        redraw_polygon(c->redraw, c->image.clip, p, n, colour);
    else
        image_polygon(&c->image, p, n, colour);
}

void
canvas_polygon(struct canvas *c, const SDL_Point *corners, unsigned n,
    struct colour colour)
{
    struct spot p[16];

    if (n > LW_COUNT(p))
        return;
    for (unsigned i = 0; i < n; i++)
        p[i] = (struct spot){corners[i].x, corners[i].y};
    polygon(c, p, n, colour);
}

void
canvas_line(struct canvas *c, int x1, int y1, int x2, int y2,
    struct colour colour, int thick)
{
    double dx = x2 - x1, dy = y2 - y1, len = SDL_sqrt(dx * dx + dy * dy);

    if (x1 == x2 || y1 == y2) {
        SDL_Rect at = {x1 < x2 ? x1 : x2, y1 < y2 ? y1 : y2,
            x1 == x2 ? thick : abs(x2 - x1), y1 == y2 ? thick : abs(y2 - y1)};

        if (x1 == x2)
            at.x -= thick / 2;
        else
            at.y -= thick / 2;
        canvas_fill(c, at, colour);
        return;
    }
    double ox = -dy / len * thick / 2, oy = dx / len * thick / 2;
    double h = thick % 2 ? 0.5 : 0; /* odd: along the middles of pixels */
    struct spot p[] = {{x1 + ox + h, y1 + oy + h}, {x2 + ox + h, y2 + oy + h},
        {x2 - ox + h, y2 - oy + h}, {x1 - ox + h, y1 - oy + h}};
    polygon(c, p, 4, colour);
}

void
canvas_arrow(struct canvas *c, int x1, int y1, int x2, int y2,
    struct colour colour, int thick)
{
    double dx = x2 - x1, dy = y2 - y1, len = SDL_sqrt(dx * dx + dy * dy);
    double head = c->em * 0.35 + thick * 2, h = thick % 2 ? 0.5 : 0;

    if (len < 1)
        return;
    dx /= len;
    dy /= len;
    double bx = x2 - dx * head, by = y2 - dy * head;
    canvas_line(
        c, x1, y1, (int)SDL_lround(bx), (int)SDL_lround(by), colour, thick);
    struct spot p[] = {{x2 + h, y2 + h},
        {bx - dy * head / 2 + h, by + dx * head / 2 + h},
        {bx + dy * head / 2 + h, by - dx * head / 2 + h}};
    polygon(c, p, 3, colour);
}

void
canvas_cross(struct canvas *c, int x, int y, int size)
{
    canvas_line(c, x - size, y - size, x + size, y + size, THEME_WRONG, 5);
    canvas_line(c, x - size, y + size, x + size, y - size, THEME_WRONG, 5);
}

static int
pixels(const struct canvas *c, struct style style)
{
    return style.size ? c->em * style.size / 100 : c->em;
}

static void
note(struct canvas *c, SDL_Rect at, const char *text, size_t len, bool cut)
{
    struct log_text *entry;

    if (!c->arena || !c->log)
        return;
    entry = arena_alloc(c->arena, sizeof *entry);
    if (!entry)
        return;
    at.x += c->pane.x;
    at.y += c->pane.y;
    entry->text = arena_text(c->arena, text, len);
    if (!entry->text)
        return;
    entry->at = at;
    entry->cut = cut;
    *c->log = entry;
    c->log = &entry->next;
}

/* Its width. */
static int
put(struct canvas *c, enum face face, int px, const char *text, size_t len,
    int x, int y, struct colour ink)
{
    if (c->redraw)
        return redraw_text(
            c->redraw, c->image.clip, c->fonts, face, px, text, len, x, y, ink);
    return fonts_draw(c->fonts, face, px, text, len, &c->image, x, y, ink);
}

/* One line of len bytes in `at`, with an ellipsis where it is too long. */
static int
line(struct canvas *c, SDL_Rect at, struct style style, const char *text,
    size_t len)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    const int px = pixels(c, style), h = fonts_height(c->fonts, style.face, px);
    int w = fonts_width(c->fonts, style.face, px, text, len), room = at.w;
    size_t shown = len;

    if (at.w <= 0 || len == 0)
        return 0;
    if (w > room) {
        const size_t mark = sizeof ellipsis - 1;

        room -= fonts_width(c->fonts, style.face, px, ellipsis, mark);
        shown = fonts_fit(c->fonts, style.face, px, text, len, room);
        while (shown > 0 && text[shown - 1] == ' ')
            shown--;
        w = fonts_width(c->fonts, style.face, px, text, shown) + at.w - room;
    }
    SDL_Rect to = {at.x, at.y + (at.h - h) / 2, w, h};
    if (style.align == CENTRE)
        to.x += (at.w - w) / 2;
    else if (style.align == RIGHT)
        to.x += at.w - w;
    int x = c->pane.x + to.x, y = c->pane.y + to.y;
    x += put(c, style.face, px, text, shown, x, y, style.ink);
    if (shown < len)
        put(c, style.face, px, ellipsis, sizeof ellipsis - 1, x, y, style.ink);
    note(c, to, text, len, shown < len);
    return w;
}

int
canvas_text(struct canvas *c, SDL_Rect at, struct style style, const char *text)
{
    return line(c, at, style, text, strlen(text));
}

int
canvas_textf(
    struct canvas *c, SDL_Rect at, struct style style, const char *format, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return canvas_text(c, at, style, text);
}

int
canvas_width(struct canvas *c, struct style style, const char *text)
{
    return fonts_width(
        c->fonts, style.face, pixels(c, style), text, strlen(text));
}

int
canvas_height(const struct canvas *c, struct style style)
{
    return fonts_height(c->fonts, style.face, pixels(c, style));
}

/* Han, kana and their punctuation: a line may end behind almost each. */
static bool
is_wide(uint32_t c)
{
    return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xff00 && c <= 0xffef) || (c >= 0x20000 && c <= 0x3ffff);
}

/* Must not begin a line: what closes. */
static bool
sticks(uint32_t c)
{
    static const uint32_t closing[] = {0x3001, 0x3002, 0xff0c, 0xff01, 0xff1f,
        0xff1a, 0xff1b, 0xff09, 0x300d, 0x300f, 0x201d};

    for (unsigned i = 0; i < sizeof closing / sizeof *closing; i++)
        if (c == closing[i])
            return true;
    return false;
}

/*
 * How many bytes of text make the next line: up to a newline, or as many as
 * fit, ending behind a space, between two wide characters, or, where a long
 * word leaves no choice, anywhere.
 */
static size_t
next_line(struct canvas *c, struct style style, const char *text, int w)
{
    size_t end = strcspn(text, "\n");
    size_t fit =
        fonts_fit(c->fonts, style.face, pixels(c, style), text, end, w);
    size_t at = 0, best = 0;

    if (fit == end)
        return end;
    while (at < fit) {
        uint32_t now, then = 0;
        size_t n = utf8_char(text + at, end - at, &now);

        at += n;
        if (at < end)
            utf8_char(text + at, end - at, &then);
        if (at <= fit &&
            (now == ' ' || then == ' ' ||
                ((is_wide(now) || is_wide(then)) && !sticks(then))))
            best = at;
    }
    if (best > 0)
        return best;
    return fit > 0 ? fit : utf8_char(text, end, &(uint32_t){0});
}

int
canvas_paragraph(
    struct canvas *c, SDL_Rect at, struct style style, const char *text)
{
    int row = canvas_height(c, style) * 115 / 100;
    int used = 0;

    while (*text) {
        size_t len = next_line(c, style, text, at.w);
        bool last = used + 2 * row > at.h && at.h > 0;
        SDL_Rect room = {at.x, at.y + used, at.w, row};

        if (used + row > at.h && at.h > 0)
            break;
        /* the last line takes all that is left, and is cut where it must */
        line(c, room, style, text, last ? strcspn(text, "\n") : len);
        used += row;
        text += len;
        while (*text == ' ')
            text++;
        if (*text == '\n')
            text++;
    }
    return used;
}

void
canvas_tile(struct canvas *c, SDL_Rect at, enum layer layer, const char *label)
{
    canvas_fill(c, at, theme_fill(layer));
    canvas_text(
        c, at, (struct style){FACE_BOLD, 80, theme_ink(layer), CENTRE}, label);
}
