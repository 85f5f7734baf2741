/*
 * offscreen.c: the panels in memory, driven by scripts.
 */
#include "offscreen.h"

#include "keys.h"
#include "png.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct offscreen {
    struct ui ui;
    bool open;
};

struct offscreen *
offscreen_open(const struct story *s, int w, int h, int em, const char *fonts,
    struct fault *fault)
{
    struct offscreen *o = calloc(1, sizeof *o);

    if (!o) {
        fault_set(fault, NULL, 0, "no memory");
        return NULL;
    }
    if (ui_init(&o->ui, w, h, em, s, fonts, fault) != 0) {
        offscreen_close(o);
        return NULL;
    }
    o->open = true;
    return o;
}

void
offscreen_close(struct offscreen *o)
{
    if (!o)
        return;
    if (o->open)
        ui_free(&o->ui);
    free(o);
}

const uint32_t *
offscreen_pixels(struct offscreen *o, int *w, int *h)
{
    const struct image *im = &o->ui.canvas.image;

    ui_draw(&o->ui);
    *w = im->w;
    *h = im->h;
    return im->pixels;
}

void
offscreen_forget(struct offscreen *o)
{
    ui_forget(&o->ui);
}

uint64_t
offscreen_drawn(const struct offscreen *o)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < o->ui.drawn.n; i++)
        sum += (uint64_t)o->ui.drawn.at[i].w * (uint64_t)o->ui.drawn.at[i].h;
    return sum;
}

int
offscreen_png(struct offscreen *o, const char *path, struct fault *fault)
{
    int w, h;
    const uint32_t *pixels = offscreen_pixels(o, &w, &h);

    return png_write(
        path, pixels, (unsigned)w, (unsigned)h, (unsigned)w * 4, fault);
}

void
offscreen_dump(struct offscreen *o, FILE *out)
{
    int w, h;

    offscreen_pixels(o, &w, &h);
    ui_dump(&o->ui, out);
}

uint64_t
offscreen_position(const struct offscreen *o)
{
    return o->ui.view.pos;
}

void
offscreen_go(struct offscreen *o, uint64_t pos)
{
    view_go(&o->ui.view, pos, true);
    ui_changed(&o->ui, CHANGE_POS | CHANGE_LIST);
}

/* One command; false: not understood. */
static bool
obey(struct offscreen *o, const char *verb, const char *rest,
    struct fault *fault)
{
    int a = 0, b = 0, c = 0, d = 0;
    int n = sscanf(rest, "%d %d %d %d", &a, &b, &c, &d);

    if (strcmp(verb, "key") == 0) {
        enum command command = keys_named(rest);

        if (command != CMD_NONE)
            ui_do(&o->ui, command);
        return command != CMD_NONE;
    }
    if (strcmp(verb, "type") == 0) {
        ui_text(&o->ui, rest);
    } else if (strcmp(verb, "click") == 0 && n == 2) {
        ui_draw(&o->ui);
        ui_press(&o->ui, a, b);
        ui_release(&o->ui);
    } else if (strcmp(verb, "drag") == 0 && n == 4) {
        ui_draw(&o->ui);
        ui_press(&o->ui, a, b);
        ui_hover(&o->ui, c, d);
        ui_release(&o->ui);
    } else if (strcmp(verb, "play") == 0) {
        ui_play(&o->ui);
    } else if (strcmp(verb, "move") == 0 && n == 2) {
        ui_draw(&o->ui);
        ui_hover(&o->ui, a, b);
    } else if (strcmp(verb, "wheel") == 0 && n == 3) {
        ui_draw(&o->ui);
        ui_wheel(&o->ui, a, b, c);
    } else if (strcmp(verb, "shot") == 0 && *rest) {
        return offscreen_png(o, rest, fault) == 0;
    } else {
        return false;
    }
    return true;
}

int
offscreen_script(struct offscreen *o, const char *script, struct fault *fault)
{
    unsigned number = 0;

    while (*script) {
        size_t len = strcspn(script, "\n");
        char line[256], *rest;

        number++;
        if (len >= sizeof line)
            return fault_set(fault, "script", number, "line too long");
        memcpy(line, script, len);
        line[len] = '\0';
        script += len + (script[len] == '\n');
        rest = line + strcspn(line, " ");
        if (*rest)
            *rest++ = '\0';
        if (*line == '\0' || *line == '#')
            continue;
        if (!obey(o, line, rest, fault))
            return fault_set(
                fault, "script", number, "cannot do: %s %s", line, rest);
    }
    return 0;
}
