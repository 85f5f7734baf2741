/*
 * canvas.c: rectangles, lines, arrows and text on an SDL renderer.
 */
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
ink(struct canvas *c, struct colour colour)
{
    SDL_SetRenderDrawColor(c->renderer, colour.r, colour.g, colour.b, 255);
}

void
canvas_fill(struct canvas *c, SDL_Rect at, struct colour colour)
{
    if (at.w <= 0 || at.h <= 0)
        return;
    ink(c, colour);
    SDL_RenderFillRect(c->renderer, &at);
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

void
canvas_polygon(struct canvas *c, const SDL_Point *corners, unsigned n,
    struct colour colour)
{
    const SDL_Color col = {colour.r, colour.g, colour.b, 255};
    SDL_Vertex v[16];
    int order[42];
    int k = 0;

    if (n < 3 || n > 16)
        return;
    for (unsigned i = 0; i < n; i++)
        v[i] = (SDL_Vertex){
            {(float)corners[i].x, (float)corners[i].y}, col, {0, 0}};
    for (int i = 1; i + 1 < (int)n; i++) {
        order[k++] = 0;
        order[k++] = i;
        order[k++] = i + 1;
    }
    SDL_RenderGeometry(c->renderer, NULL, v, (int)n, order, k);
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
    if (thick <= 1) {
        ink(c, colour);
        SDL_RenderDrawLine(c->renderer, x1, y1, x2, y2);
        return;
    }
    int ox = (int)SDL_lround(-dy / len * thick / 2);
    int oy = (int)SDL_lround(dx / len * thick / 2);
    SDL_Point corners[] = {{x1 + ox, y1 + oy}, {x2 + ox, y2 + oy},
        {x2 - ox, y2 - oy}, {x1 - ox, y1 - oy}};
    canvas_polygon(c, corners, 4, colour);
}

void
canvas_arrow(struct canvas *c, int x1, int y1, int x2, int y2,
    struct colour colour, int thick)
{
    double dx = x2 - x1, dy = y2 - y1, len = SDL_sqrt(dx * dx + dy * dy);
    double head = c->em * 0.35 + thick * 2;

    if (len < 1)
        return;
    dx /= len;
    dy /= len;
    double bx = x2 - dx * head, by = y2 - dy * head;
    canvas_line(
        c, x1, y1, (int)SDL_lround(bx), (int)SDL_lround(by), colour, thick);
    SDL_Point corners[] = {{x2, y2},
        {(int)SDL_lround(bx - dy * head / 2),
            (int)SDL_lround(by + dx * head / 2)},
        {(int)SDL_lround(bx + dy * head / 2),
            (int)SDL_lround(by - dx * head / 2)}};
    canvas_polygon(c, corners, 3, colour);
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
    at.x += c->x;
    at.y += c->y;
    entry->text = arena_text(c->arena, text, len);
    if (!entry->text)
        return;
    entry->at = at;
    entry->cut = cut;
    *c->log = entry;
    c->log = &entry->next;
}

/* One line of len bytes in `at`. */
static int
line(struct canvas *c, SDL_Rect at, struct style style, const char *text,
    size_t len)
{
    const struct drawn *d;
    SDL_Rect to;

    if (at.w <= 0 || len == 0)
        return 0;
    d = fonts_text(c->fonts, style.face, pixels(c, style), text, len, at.w);
    if (!d->texture)
        return 0;
    to = (SDL_Rect){at.x, at.y + (at.h - d->h) / 2, d->w, d->h};
    if (style.align == CENTRE)
        to.x += (at.w - d->w) / 2;
    else if (style.align == RIGHT)
        to.x += at.w - d->w;
    SDL_SetTextureColorMod(d->texture, style.ink.r, style.ink.g, style.ink.b);
    SDL_RenderCopy(c->renderer, d->texture, NULL, &to);
    note(c, to, text, len, d->cut);
    return d->w;
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
