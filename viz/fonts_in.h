/*
 * fonts_in.h: between measuring (fonts.c) and drawing with a memory
 * (fonts_cache.c).
 */
#ifndef LW_FONTS_IN_H
#define LW_FONTS_IN_H

#include "fonts.h"

#include <SDL_ttf.h>

#define SIZED_MAX   24   /* faces in sizes that are open at a time */
#define CACHE_MAX   4096 /* texts kept as textures */
#define CACHE_SLOTS 8192

/* A face in one size: its own font and the fallback's. */
struct sized {
    enum face face;
    int px;
    TTF_Font *font[2];
    int16_t ascii[128]; /* advances, so that measuring is adding */
};

/* One text in the cache; the slots of the hash table chain them. */
struct cached {
    uint64_t hash;
    enum face face;
    int px, max_w;
    char *text;
    size_t len;
    struct drawn drawn;
    uint64_t used; /* when, counted in calls */
    struct cached *next;
};

struct fonts {
    SDL_Renderer *renderer;
    char *paths[FACE_COUNT];
    char *fallback; /* or NULL */
    struct sized open[SIZED_MAX];
    unsigned nopen;
    struct cached *slots[CACHE_SLOTS];
    unsigned ncached;
    uint64_t clock;
    struct drawn nothing;
};

struct sized *fonts_sized(struct fonts *f, enum face face, int px);

/* How many bytes at the start stand in one font; which one. */
size_t fonts_run(
    const struct sized *s, const char *text, size_t len, unsigned *which);

void fonts_forget(struct fonts *f); /* empties the cache */

#endif
