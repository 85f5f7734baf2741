/*
 * image.c: rows of pixels. Whole runs are stored, edges are mixed.
 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

bool
image_resize(struct image *im, int w, int h)
{
    uint32_t *pixels;

    if (w < 1 || h < 1 || w > 32768 || h > 32768)
        return false;
    pixels = realloc(im->pixels, (size_t)w * (size_t)h * sizeof *pixels);
    if (!pixels)
        return false;
    im->pixels = pixels;
    im->w = w;
    im->h = h;
    image_clip(im, NULL);
    return true;
}

void
image_free(struct image *im)
{
    free(im->pixels);
    *im = (struct image){0};
}

void
image_clip(struct image *im, const SDL_Rect *at)
{
    const SDL_Rect whole = {0, 0, im->w, im->h};

    if (!at)
        im->clip = whole;
    else if (!SDL_IntersectRect(at, &whole, &im->clip))
        im->clip = (SDL_Rect){0, 0, 0, 0};
}

static uint32_t
packed(struct colour c)
{
    return 0xff000000u | (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b;
}

static uint32_t *
pixel(const struct image *im, int x, int y)
{
    return im->pixels + (size_t)y * (size_t)im->w + (size_t)x;
}

/* `a` of 255 parts of ink on the paper; two channels at a time. */
static inline uint32_t
mixed(uint32_t paper, uint32_t ink, uint32_t a)
{
    const uint32_t even = 0x00ff00ff;
    uint32_t b = 255 - a;
    uint32_t rb = (paper & even) * b + (ink & even) * a + 0x00800080;
    uint32_t g = (paper >> 8 & 0xff) * b + (ink >> 8 & 0xff) * a + 0x80;

    rb = (rb + (rb >> 8 & even)) >> 8 & even; /* divides by 255, rounded */
    g = (g + (g >> 8)) & 0xff00;
    return 0xff000000u | rb | g;
}

static void
run(uint32_t *at, int n, uint32_t value)
{
    for (int i = 0; i < n; i++)
        at[i] = value;
}

void
image_fill(struct image *im, SDL_Rect at, struct colour colour)
{
    const uint32_t ink = packed(colour);

    if (!SDL_IntersectRect(&at, &im->clip, &at))
        return;
    run(pixel(im, at.x, at.y), at.w, ink);
    for (int y = at.y + 1; y < at.y + at.h;
         y++) /* the fastest store is a copy */
        memcpy(pixel(im, at.x, y), pixel(im, at.x, at.y),
            (size_t)at.w * sizeof ink);
}

void
image_mask(struct image *im, const struct mask *mask, int x, int y,
    struct colour colour)
{
    const uint32_t ink = packed(colour);
    SDL_Rect at = {x, y, mask->w, mask->h};

    if (!mask->cover || !SDL_IntersectRect(&at, &im->clip, &at))
        return;
    for (int row = at.y; row < at.y + at.h; row++) {
        const uint8_t *cover = mask->cover + (row - y) * mask->w + (at.x - x);
        uint32_t *to = pixel(im, at.x, row);

        for (int i = 0; i < at.w; i++)
            if (cover[i])
                to[i] = cover[i] == 255 ? ink : mixed(to[i], ink, cover[i]);
    }
}

/* An edge: how far inside of it a point is, in pixels: a x + b y + c. */
struct edge {
    double a, b, c;
};

/* The edges with their insides to the same side; how many are not empty. */
static unsigned
edges_of(const struct spot *p, unsigned n, struct edge *edges)
{
    double area = 0;
    unsigned count = 0;

    for (unsigned i = 0; i < n; i++)
        area += p[i].x * p[(i + 1) % n].y - p[(i + 1) % n].x * p[i].y;
    for (unsigned i = 0; i < n; i++) {
        const struct spot *q = &p[(i + 1) % n];
        double dx = q->x - p[i].x, dy = q->y - p[i].y;
        double len = SDL_sqrt(dx * dx + dy * dy);

        if (len < 1e-9)
            continue;
        struct edge e = {-dy / len, dx / len, 0};
        if (area < 0)
            e = (struct edge){-e.a, -e.b, 0};
        e.c = -e.a * p[i].x - e.b * p[i].y;
        edges[count++] = e;
    }
    return count;
}

/* How much of the pixel in that row is inside: 0..255. */
static uint32_t
covered(const struct edge *edges, unsigned n, double x, double y)
{
    double least = 0.5;

    for (unsigned i = 0; i < n; i++) {
        double d = edges[i].a * x + edges[i].b * y + edges[i].c;

        if (d < least)
            least = d;
    }
    return least <= -0.5 ? 0 : (uint32_t)((least + 0.5) * 255 + 0.5);
}

/* The pixels of the row at y that lie wholly inside: *from up to *to. */
static void
inside(const struct edge *edges, unsigned n, double y, int *from, int *to)
{
    double low = *from, high = *to;

    for (unsigned i = 0; i < n; i++) {
        double at = 0.5 - edges[i].b * y - edges[i].c;

        if (edges[i].a > 1e-9 && at / edges[i].a > low)
            low = at / edges[i].a;
        else if (edges[i].a < -1e-9 && at / edges[i].a < high)
            high = at / edges[i].a;
        else if (SDL_fabs(edges[i].a) <= 1e-9 && at > 0)
            high = low;
    }
    int first = (int)SDL_ceil(low - 0.5), last = (int)SDL_floor(high - 0.5);

    if (first > last)
        *to = *from; /* none */
    else if (last + 1 < *to)
        *to = last + 1;
    if (first <= last && first > *from)
        *from = first;
}

/* Mixes the edge's pixels from x up to end, which the row's inside borders. */
static void
smooth(struct image *im, const struct edge *edges, unsigned n, int x, int end,
    int y, uint32_t ink)
{
    for (; x < end; x++) {
        uint32_t a = covered(edges, n, x + 0.5, y + 0.5);
        uint32_t *at = pixel(im, x, y);

        if (a)
            *at = mixed(*at, ink, a);
    }
}

void
image_polygon(struct image *im, const struct spot *corners, unsigned n,
    struct colour colour)
{
    const uint32_t ink = packed(colour);
    struct edge edges[16];
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;

    if (n < 3 || n > 16)
        return;
    for (unsigned i = 0; i < n; i++) {
        x0 = SDL_min(x0, corners[i].x);
        y0 = SDL_min(y0, corners[i].y);
        x1 = SDL_max(x1, corners[i].x);
        y1 = SDL_max(y1, corners[i].y);
    }
    if (!(x0 > -1e6 && y0 > -1e6 && x1 < 1e6 && y1 < 1e6))
        return;
    n = edges_of(corners, n, edges);
    SDL_Rect at = {(int)SDL_floor(x0 - 0.5), (int)SDL_floor(y0 - 0.5),
        (int)SDL_ceil(x1 - x0) + 3, (int)SDL_ceil(y1 - y0) + 3};
    if (!SDL_IntersectRect(&at, &im->clip, &at))
        return;
    for (int y = at.y; y < at.y + at.h; y++) {
        int from = at.x, to = at.x + at.w;

        inside(edges, n, y + 0.5, &from, &to);
        smooth(im, edges, n, at.x, from, y, ink);
        run(pixel(im, from, y), to - from, ink);
        smooth(im, edges, n, to, at.x + at.w, y, ink);
    }
}
