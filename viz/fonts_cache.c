/*
 * fonts_cache.c: draws a text once and remembers it. When the memory is
 * full, the quarter that was not used for the longest time goes.
 */
#include "fonts_in.h"

#include <stdlib.h>
#include <string.h>

static uint64_t
hash_of(enum face face, int px, int max_w, const char *text, size_t len)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)face << 48 ^
                 (uint64_t)px << 32 ^ (uint64_t)max_w;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 31;
}

static void
release(struct fonts *f, struct cached *c)
{
    if (c->drawn.texture)
        SDL_DestroyTexture(c->drawn.texture);
    free(c->text);
    free(c);
    f->ncached--;
}

/* Lets go of all that was last used before `before`. */
static void
drop(struct fonts *f, uint64_t before)
{
    for (unsigned i = 0; i < CACHE_SLOTS; i++) {
        struct cached **at = &f->slots[i];

        while (*at) {
            struct cached *c = *at;

            if (c->used >= before) {
                at = &c->next;
                continue;
            }
            *at = c->next;
            release(f, c);
        }
    }
}

void
fonts_forget(struct fonts *f)
{
    drop(f, UINT64_MAX);
}

static int
by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void
make_room(struct fonts *f)
{
    uint64_t *used;
    unsigned n = 0;

    if (f->ncached < CACHE_MAX)
        return;
    used = malloc(f->ncached * sizeof *used);
    if (!used) {
        fonts_forget(f);
        return;
    }
    for (unsigned i = 0; i < CACHE_SLOTS; i++)
        for (struct cached *c = f->slots[i]; c; c = c->next)
            used[n++] = c->used;
    qsort(used, n, sizeof *used, by_number);
    drop(f, used[n / 4]);
    free(used);
}

/* Puts one run's surface behind what is there, on the same baseline. */
static void
append(SDL_Surface *whole, SDL_Surface *part, int x, int y)
{
    SDL_Rect to = {x, y, part->w, part->h};

    SDL_SetSurfaceBlendMode(part, SDL_BLENDMODE_NONE);
    SDL_BlitSurface(part, NULL, whole, &to);
}

/* Draws text in its runs; NULL: nothing to see. */
static SDL_Surface *
render(const struct sized *s, const char *text, size_t len)
{
    const SDL_Color white = {255, 255, 255, 255};
    SDL_Surface *runs[32] = {0}, *whole = NULL;
    int ascent[32] = {0}, top = TTF_FontAscent(s->font[0]);
    int w = 0, h = TTF_FontHeight(s->font[0]), x = 0;
    unsigned n = 0;

    while (len > 0 && n < 32) {
        unsigned which;
        size_t part = fonts_run(s, text, len, &which);
        char *copy = strndup(text, part);

        runs[n] =
            copy ? TTF_RenderUTF8_Blended(s->font[which], copy, white) : NULL;
        ascent[n] = TTF_FontAscent(s->font[which]);
        free(copy);
        text += part;
        len -= part;
        w += runs[n] ? runs[n]->w : 0;
        n++;
    }
    if (w > 0)
        whole = n == 1 ? runs[0]
                       : SDL_CreateRGBSurfaceWithFormat(
                             0, w, h, 32, SDL_PIXELFORMAT_ARGB8888);
    for (unsigned i = 0; i < n; i++) {
        if (!runs[i] || runs[i] == whole)
            continue;
        if (whole)
            append(whole, runs[i], x, top - ascent[i]);
        x += runs[i]->w;
        SDL_FreeSurface(runs[i]);
    }
    return whole;
}

/* Makes the entry's picture, cut to its max_w. */
static void
draw(struct fonts *f, struct cached *c)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    const struct sized *s = fonts_sized(f, c->face, c->px);
    SDL_Surface *surface;
    char *text = c->text;
    size_t len = c->len;

    if (!s->font[0] || len == 0)
        return;
    if (c->max_w && fonts_width(f, c->face, c->px, text, len) > c->max_w) {
        int room = c->max_w - fonts_width(f, c->face, c->px, ellipsis,
                                  sizeof ellipsis - 1);

        len = fonts_fit(f, c->face, c->px, text, len, room > 0 ? room : 0);
        while (len > 0 && text[len - 1] == ' ')
            len--;
        text = malloc(len + sizeof ellipsis);
        if (!text)
            return;
        memcpy(text, c->text, len);
        memcpy(text + len, ellipsis, sizeof ellipsis);
        len += sizeof ellipsis - 1;
        c->drawn.cut = true;
    }
    surface = render(s, text, len);
    if (text != c->text)
        free(text);
    if (!surface)
        return;
    c->drawn.texture = SDL_CreateTextureFromSurface(f->renderer, surface);
    c->drawn.w = surface->w;
    c->drawn.h = surface->h;
    SDL_FreeSurface(surface);
}

const struct drawn *
fonts_text(struct fonts *f, enum face face, int px, const char *text,
    size_t len, int max_w)
{
    uint64_t hash = hash_of(face, px, max_w, text, len);
    struct cached **slot = &f->slots[hash % CACHE_SLOTS];
    struct cached *c;

    for (c = *slot; c; c = c->next) {
        if (c->hash == hash && c->face == face && c->px == px &&
            c->max_w == max_w && c->len == len &&
            memcmp(c->text, text, len) == 0) {
            c->used = ++f->clock;
            return &c->drawn;
        }
    }
    make_room(f);
    c = calloc(1, sizeof *c);
    if (!c)
        return &f->nothing;
    *c = (struct cached){.hash = hash, .face = face, .px = px, .max_w = max_w};
    c->text = strndup(text, len);
    c->len = c->text ? strlen(c->text) : 0;
    c->used = ++f->clock;
    c->next = *slot;
    *slot = c;
    f->ncached++;
    if (c->text)
        draw(f, c);
    return &c->drawn;
}
