/*
 * redraw.c: a list of what is to be drawn, and a grid of hashes over it.
 */
#include "redraw.h"

#include "words.h"

#include <stdlib.h>
#include <string.h>

#define CELL_W 64 /* pixels: a word, and half a row of text */
#define CELL_H 16

/* Room for `more` items behind n; false: no memory. */
static bool
reserve(void **items, size_t n, size_t more, size_t *room, size_t size)
{
    size_t wanted = *room ? *room : 64;
    void *p;

    if (n + more <= *room)
        return true;
    while (wanted < n + more)
        wanted *= 2;
    p = realloc(*items, wanted * size);
    if (!p)
        return false;
    *items = p;
    *room = wanted;
    return true;
}

/* Notes d, whose place is not yet cut to its clip. */
static void
add(struct redraw *r, struct draw d)
{
    size_t room = r->room;

    if (!SDL_IntersectRect(&d.at, &d.clip, &d.at))
        return;
    if (!reserve((void **)&r->draws, r->n, 1, &room, sizeof *r->draws)) {
        r->failed = true;
        return;
    }
    r->room = (unsigned)room;
    /* everything is in whole words, so that no padding is hashed */
    const int32_t said[] = {(int32_t)d.what, d.clip.x, d.clip.y, d.clip.w,
        d.clip.h, d.at.x, d.at.y, d.at.w, d.at.h, d.ink.r, d.ink.g, d.ink.b,
        (int32_t)d.face, d.px, d.x, d.y, (int32_t)d.n};
    d.hash = fnv(d.hash ? d.hash : FNV_BEGIN, said, sizeof said);
    r->draws[r->n++] = d;
}

void
redraw_fill(struct redraw *r, SDL_Rect clip, SDL_Rect at, struct colour ink)
{
    add(r,
        (struct draw){.what = DRAW_FILL, .clip = clip, .at = at, .ink = ink});
}

void
redraw_polygon(struct redraw *r, SDL_Rect clip, const struct spot *corners,
    unsigned n, struct colour ink)
{
    struct draw d = {.what = DRAW_POLYGON,
        .clip = clip,
        .at = clip, /* its edges reach a little further than its corners */
        .ink = ink,
        .n = n,
        .begin = r->nspots};
    double x0 = 1e6, y0 = 1e6, x1 = -1e6, y1 = -1e6;

    if (n < 3 || n > SPOTS_MAX)
        return;
    if (!reserve((void **)&r->spots, r->nspots, n, &r->spot_room,
            sizeof *r->spots)) {
        r->failed = true;
        return;
    }
    memcpy(r->spots + r->nspots, corners, n * sizeof *corners);
    r->nspots += n;
    for (unsigned i = 0; i < n; i++) {
        x0 = SDL_min(x0, corners[i].x);
        y0 = SDL_min(y0, corners[i].y);
        x1 = SDL_max(x1, corners[i].x);
        y1 = SDL_max(y1, corners[i].y);
    }
    if (x0 > -1e6 && y0 > -1e6 && x1 < 1e6 && y1 < 1e6)
        d.at = (SDL_Rect){
            (int)x0 - 3, (int)y0 - 3, (int)(x1 - x0) + 7, (int)(y1 - y0) + 7};
    d.hash = fnv(FNV_BEGIN, corners, n * sizeof *corners);
    add(r, d);
}

int
redraw_text(struct redraw *r, SDL_Rect clip, struct fonts *f, enum face face,
    int px, const char *text, size_t len, int x, int y, struct colour ink)
{
    struct draw d = {.what = DRAW_TEXT,
        .clip = clip,
        .ink = ink,
        .n = (unsigned)len,
        .begin = r->ntexts,
        .face = face,
        .px = px,
        .x = x,
        .y = y};
    int w = fonts_ink(f, face, px, text, len, x, y, &d.at);

    if (!reserve((void **)&r->texts, r->ntexts, len, &r->text_room, 1)) {
        r->failed = true;
        return w;
    }
    if (len)
        memcpy(r->texts + r->ntexts, text, len);
    r->ntexts += len;
    d.hash = fnv(FNV_BEGIN, text, len);
    add(r, d);
    return w;
}

static void
draw(const struct redraw *r, const struct draw *d, struct image *im,
    struct fonts *f, const SDL_Rect *part)
{
    SDL_Rect clip;

    if (!SDL_HasIntersection(&d->at, part) ||
        !SDL_IntersectRect(&d->clip, part, &clip))
        return;
    image_clip(im, &clip);
    if (d->what == DRAW_FILL)
        image_fill(im, d->at, d->ink);
    else if (d->what == DRAW_POLYGON)
        image_polygon(im, r->spots + d->begin, d->n, d->ink);
    else
        fonts_draw(f, d->face, d->px, r->texts + d->begin, d->n, im, d->x, d->y,
            d->ink);
}

/* The cells' new hashes; NULL: no memory. */
static uint64_t *
hashes(const struct redraw *r, SDL_Rect at, unsigned columns, unsigned rows)
{
    uint64_t *hash = calloc((size_t)columns * rows, sizeof *hash);

    for (unsigned i = 0; hash && i < r->n; i++) {
        const struct draw *d = &r->draws[i];
        int x0 = (d->at.x - at.x) / CELL_W, y0 = (d->at.y - at.y) / CELL_H;
        int x1 = (d->at.x + d->at.w - 1 - at.x) / CELL_W;
        int y1 = (d->at.y + d->at.h - 1 - at.y) / CELL_H;

        for (int y = y0; y <= y1; y++)
            for (int x = x0; x <= x1; x++) {
                uint64_t *h = &hash[(unsigned)y * columns + (unsigned)x];

                *h = (*h ^ d->hash) * UINT64_C(0x9e3779b97f4a7c15);
                *h ^= *h >> 29;
            }
    }
    return hash;
}

/* All that touches this part of the panel, in the order of drawing. */
static void
draw_part(const struct redraw *r, struct image *im, struct fonts *f,
    const SDL_Rect *pane, SDL_Rect part,
    void (*drew)(void *owner, SDL_Rect part), void *owner)
{
    if (!SDL_IntersectRect(&part, pane, &part))
        return;
    for (unsigned i = 0; i < r->n; i++)
        draw(r, &r->draws[i], im, f, &part);
    drew(owner, part);
}

/* The cells that differ, joined to parts: along a row, then over rows. */
static void
draw_changed(const struct redraw *r, struct image *im, struct fonts *f,
    const uint64_t *old, const uint64_t *new, const SDL_Rect *at,
    unsigned columns, unsigned rows, void (*drew)(void *owner, SDL_Rect part),
    void *owner)
{
    SDL_Rect part = {0, 0, 0, 0};

    for (unsigned y = 0; y < rows; y++) {
        for (unsigned x = 0; x < columns; x++) {
            unsigned begin = x, i = y * columns;

            while (x < columns && old[i + x] != new[i + x])
                x++;
            if (x == begin)
                continue;
            SDL_Rect run = {at->x + (int)begin * CELL_W,
                at->y + (int)y * CELL_H, (int)(x - begin) * CELL_W, CELL_H};
            if (run.x == part.x && run.w == part.w &&
                run.y == part.y + part.h) {
                part.h += CELL_H;
                continue;
            }
            if (part.w)
                draw_part(r, im, f, at, part, drew, owner);
            part = run;
        }
    }
    if (part.w)
        draw_part(r, im, f, at, part, drew, owner);
}

void
redraw_end(struct redraw *r, struct image *im, struct fonts *f,
    struct cells *cells, SDL_Rect at, void (*drew)(void *owner, SDL_Rect part),
    void *owner)
{
    unsigned columns = (unsigned)(at.w + CELL_W - 1) / CELL_W;
    unsigned rows = (unsigned)(at.h + CELL_H - 1) / CELL_H;
    uint64_t *new = r->failed ? NULL : hashes(r, at, columns, rows);

    if (new && cells->hash && SDL_RectEquals(&at, &cells->at))
        draw_changed(
            r, im, f, cells->hash, new, &at, columns, rows, drew, owner);
    else
        draw_part(r, im, f, &at, at, drew, owner);
    free(cells->hash);
    cells->hash = new;
    cells->at = at;
    r->n = 0;
    r->nspots = r->ntexts = 0;
    r->failed = false;
    image_clip(im, &at);
}

void
cells_forget(struct cells *c)
{
    free(c->hash);
    c->hash = NULL;
}

void
redraw_free(struct redraw *r)
{
    free(r->draws);
    free(r->spots);
    free(r->texts);
    *r = (struct redraw){0};
}
