/*
 * fonts.c: fonts, their fallbacks, measuring and drawing. A text is its
 * characters, one behind the other: kerning is left out, so that what was
 * measured is what is drawn, and a cut text has the width that was promised.
 */
#include "fonts_in.h"

#include <stdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const folders[] = {
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype/wqy",
    "/usr/share/fonts-droid-fallback/truetype",
    "/usr/share/fonts/truetype/droid",
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/dejavu",
    "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/TTF",
};

static const char *const faces[FACE_COUNT] = {
    [FACE_TEXT] = "DejaVuSans.ttf",
    [FACE_BOLD] = "DejaVuSans-Bold.ttf",
    [FACE_MONO] = "DejaVuSansMono.ttf",
    [FACE_MONO_BOLD] = "DejaVuSansMono-Bold.ttf",
};

/* Any of these gives Chinese; the first that is there. */
static const char *const fallbacks[] = {"wqy-microhei.ttc",
    "DroidSansFallback.ttf", "DroidSansFallbackFull.ttf",
    "NotoSansCJK-Regular.ttc"};

/* The file of that name in the first folder that has it. */
static bool
locate(const char *folder, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", folder ? folder : ".", name);
    if (folder && access(path, R_OK) == 0)
        return true;
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, size, "%s/%s", folders[i], name);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

static struct fonts *
no_memory(struct fonts *f, struct fault *fault)
{
    fault_set(fault, NULL, 0, "no memory");
    fonts_close(f);
    return NULL;
}

struct fonts *
fonts_open(const char *folder, struct fault *fault)
{
    struct fonts *f;
    char path[512];

    if (TTF_Init() != 0) {
        fault_set(fault, NULL, 0, "SDL_ttf: %s", TTF_GetError());
        return NULL;
    }
    f = calloc(1, sizeof *f);
    if (!f) {
        TTF_Quit();
        return no_memory(NULL, fault);
    }
    for (unsigned i = 0; i < FACE_COUNT; i++) {
        if (!locate(folder, faces[i], path, sizeof path)) {
            fault_set(fault, NULL, 0,
                "no font %s: it is in the package fonts-dejavu-core", faces[i]);
            fonts_close(f);
            return NULL;
        }
        f->paths[i] = strdup(path);
        if (!f->paths[i])
            return no_memory(f, fault);
    }
    for (unsigned i = 0; i < sizeof fallbacks / sizeof *fallbacks; i++) {
        if (!f->fallback && locate(folder, fallbacks[i], path, sizeof path)) {
            f->fallback = strdup(path);
            if (!f->fallback)
                return no_memory(f, fault);
        }
    }
    return f;
}

static void
size_close(struct sized *s)
{
    glyphs_free(s);
    for (unsigned k = 0; k < 2; k++)
        if (s->font[k])
            TTF_CloseFont(s->font[k]);
}

void
fonts_close(struct fonts *f)
{
    if (!f)
        return;
    for (unsigned i = 0; i < f->nopen; i++)
        size_close(&f->open[i]);
    for (unsigned i = 0; i < FACE_COUNT; i++)
        free(f->paths[i]);
    free(f->fallback);
    free(f);
    TTF_Quit();
}

static TTF_Font *
font_open(const char *path, int px)
{
    TTF_Font *font = path ? TTF_OpenFont(path, px) : NULL;

    if (font)
        TTF_SetFontHinting(font, TTF_HINTING_LIGHT);
    return font;
}

struct sized *
fonts_sized(struct fonts *f, enum face face, int px)
{
    struct sized *s;

    for (unsigned i = 0; i < f->nopen; i++)
        if (f->open[i].face == face && f->open[i].px == px)
            return &f->open[i];
    if (f->nopen == SIZED_MAX) { /* sizes of long ago make room */
        size_close(&f->open[0]);
        memmove(&f->open[0], &f->open[1], (SIZED_MAX - 1) * sizeof *f->open);
        f->nopen--;
    }
    s = &f->open[f->nopen++];
    *s = (struct sized){.face = face, .px = px};
    s->font[0] = font_open(f->paths[face], px);
    s->font[1] = font_open(f->fallback, px);
    if (!s->font[0]) {
        s->font[0] = s->font[1];
        s->font[1] = NULL;
    }
    s->ascent = s->font[0] ? TTF_FontAscent(s->font[0]) : px;
    return s;
}

size_t
utf8_char(const char *text, size_t len, uint32_t *c)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t n = p[0] < 0x80    ? 1
               : p[0] >= 0xf0 ? 4
               : p[0] >= 0xe0 ? 3
               : p[0] >= 0xc2 ? 2
                              : 1;

    *c = p[0];
    if (n == 1) {
        if (p[0] >= 0x80)
            *c = 0xfffd;
        return 1;
    }
    *c &= 0x7fu >> n;
    for (size_t i = 1; i < n; i++) {
        if (i >= len || (p[i] & 0xc0) != 0x80) {
            *c = 0xfffd;
            return 1;
        }
        *c = *c << 6 | (p[i] & 0x3f);
    }
    return n;
}

int
fonts_width(
    struct fonts *f, enum face face, int px, const char *text, size_t len)
{
    struct sized *s = fonts_sized(f, face, px);
    int w = 0;

    for (size_t i = 0; i < len;) {
        uint32_t c;

        i += utf8_char(text + i, len - i, &c);
        w += glyph_of(s, c)->advance;
    }
    return w;
}

size_t
fonts_fit(struct fonts *f, enum face face, int px, const char *text, size_t len,
    int max_w)
{
    struct sized *s = fonts_sized(f, face, px);
    size_t i = 0;
    int w = 0;

    while (i < len) {
        uint32_t c;
        size_t n = utf8_char(text + i, len - i, &c);

        w += glyph_of(s, c)->advance;
        if (w > max_w)
            break;
        i += n;
    }
    return i;
}

int
fonts_draw(struct fonts *f, enum face face, int px, const char *text,
    size_t len, struct image *to, int x, int y, struct colour ink)
{
    struct sized *s = fonts_sized(f, face, px);
    int pen = x;

    for (size_t i = 0; i < len;) {
        uint32_t c;

        i += utf8_char(text + i, len - i, &c);
        const struct glyph *g = glyph_drawn(s, c);
        image_mask(to, &g->mask, pen + g->x, y + g->y, ink);
        pen += g->advance;
    }
    return pen - x;
}

int
fonts_ink(struct fonts *f, enum face face, int px, const char *text, size_t len,
    int x, int y, SDL_Rect *ink)
{
    struct sized *s = fonts_sized(f, face, px);
    int x0 = INT_MAX, y0 = INT_MAX, x1 = INT_MIN, y1 = INT_MIN, pen = x;

    for (size_t i = 0; i < len;) {
        uint32_t c;

        i += utf8_char(text + i, len - i, &c);
        const struct glyph *g = glyph_drawn(s, c);
        if (g->mask.cover) {
            x0 = SDL_min(x0, pen + g->x);
            y0 = SDL_min(y0, y + g->y);
            x1 = SDL_max(x1, pen + g->x + g->mask.w);
            y1 = SDL_max(y1, y + g->y + g->mask.h);
        }
        pen += g->advance;
    }
    *ink =
        x1 > x0 ? (SDL_Rect){x0, y0, x1 - x0, y1 - y0} : (SDL_Rect){x, y, 0, 0};
    return pen - x;
}

int
fonts_height(struct fonts *f, enum face face, int px)
{
    const struct sized *s = fonts_sized(f, face, px);

    return s->font[0] ? TTF_FontHeight(s->font[0]) : px;
}
