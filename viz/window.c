/*
 * window.c: SDL's window and events. When nothing moves it sleeps in
 * SDL_WaitEventTimeout, so an idle window costs nothing.
 */
#include "window.h"

#include "keys.h"

#include <errno.h>
#include <stdlib.h>

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture; /* the picture, where the renderer can show it */
    int tw, th;           /* its size; 0: there is none */
    bool stale;           /* all of the texture is to be written again */
    struct ui ui;
    bool open;       /* ui is */
    bool full;       /* full screen is on */
    bool swallow;    /* the key that opened an input is not typed into it */
    uint64_t played; /* ticks when the last event was played */
};

static bool
is_set(const char *name)
{
    const char *value = SDL_getenv(name);

    return value && *value;
}

bool
window_possible(const char **why)
{
    *why = "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set";
    return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") ||
           is_set("SDL_VIDEODRIVER");
}

static bool
make(struct window *w, const struct window_options *o, struct fault *fault)
{
    SDL_Rect screen = {0, 0, 1440, 900};
    int width = o->width, height = o->height;

    if (!is_set("SDL_VIDEODRIVER")) /* never a console's frame buffer */
        SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11,wayland");
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
        goto failed;
    SDL_GetDisplayUsableBounds(0, &screen);
    if (!width)
        width = screen.w < 1440 ? screen.w : 1440;
    if (!height)
        height = screen.h < 900 ? screen.h : 900;
    w->window = SDL_CreateWindow(o->title ? o->title : "layerwalk",
        SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height,
        SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!w->window)
        goto failed;
    SDL_SetWindowMinimumSize(w->window, 800, 500);
    w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (!w->renderer)
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    if (w->renderer)
        return true;
failed:
    fault_set(fault, NULL, 0, "no window: %s", SDL_GetError());
    return false;
}

struct window *
window_open(const struct story *s, const struct window_options *options,
    struct fault *fault)
{
    static const struct window_options usual = {0};
    const struct window_options *o = options ? options : &usual;
    struct window *w = calloc(1, sizeof *w);
    int pw, ph, lw, lh, em;

    if (!w) {
        fault_set(fault, NULL, 0, "no memory");
        return NULL;
    }
    if (!make(w, o, fault))
        goto failed;
    SDL_GetRendererOutputSize(w->renderer, &pw, &ph);
    SDL_GetWindowSize(w->window, &lw, &lh);
    em = o->text ? o->text : 14;
    if (lw > 0 && pw > lw) /* a display of many dots: larger by as much */
        em = em * pw / lw;
    if (ui_init(&w->ui, pw, ph, em, s, o->fonts, fault) != 0)
        goto failed;
    w->open = true;
    w->ui.view.playing = o->play;
    w->ui.view.follow = o->follow;
    w->played = SDL_GetTicks64();
    SDL_StartTextInput();
    return w;
failed:
    window_close(w);
    return NULL;
}

void
window_close(struct window *w)
{
    if (!w)
        return;
    if (w->open)
        ui_free(&w->ui);
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_Quit();
    free(w);
}

static void
on_key(struct window *w, SDL_Keysym key)
{
    struct ui *ui = &w->ui;
    enum command command = keys_command(key.sym, key.mod);

    if (ui->help) {
        ui_do(ui, CMD_HELP);
        return;
    }
    if (ui->input != INPUT_NONE && keys_types(key.sym) &&
        !(key.mod & (KMOD_CTRL | KMOD_ALT)))
        return; /* it comes as text */
    if (command == CMD_NONE)
        return;
    ui_do(ui, command);
    w->swallow = ui->input != INPUT_NONE && keys_types(key.sym);
}

/* Mouse places are in window units; panels in pixels. */
static void
scale(const struct window *w, int *x, int *y)
{
    int lw, lh;

    SDL_GetWindowSize(w->window, &lw, &lh);
    if (lw > 0 && lh > 0) {
        *x = *x * w->ui.w / lw;
        *y = *y * w->ui.h / lh;
    }
}

static void
on_mouse(struct window *w, const SDL_Event *e)
{
    int x, y;

    if (e->type == SDL_MOUSEWHEEL)
        SDL_GetMouseState(&x, &y);
    else if (e->type == SDL_MOUSEMOTION)
        x = e->motion.x, y = e->motion.y;
    else
        x = e->button.x, y = e->button.y;
    scale(w, &x, &y);
    if (e->type == SDL_MOUSEWHEEL)
        ui_wheel(&w->ui, x, y, e->wheel.y);
    else if (e->type == SDL_MOUSEMOTION)
        ui_hover(&w->ui, x, y);
    else if (e->type == SDL_MOUSEBUTTONDOWN && e->button.button == 1)
        ui_press(&w->ui, x, y);
    else if (e->type == SDL_MOUSEBUTTONUP)
        ui_release(&w->ui);
}

static void
on_event(struct window *w, const SDL_Event *e)
{
    switch (e->type) {
    case SDL_QUIT: w->ui.quit = true; break;
    case SDL_KEYDOWN: on_key(w, e->key.keysym); break;
    case SDL_TEXTINPUT:
        if (!w->swallow)
            ui_text(&w->ui, e->text.text);
        w->swallow = false;
        break;
    case SDL_WINDOWEVENT:
        if (e->window.event == SDL_WINDOWEVENT_SIZE_CHANGED) {
            int pw, ph;

            SDL_GetRendererOutputSize(w->renderer, &pw, &ph);
            ui_resize(&w->ui, pw, ph);
        }
        w->stale = true; /* uncovered: show again */
        break;
    case SDL_RENDER_DEVICE_RESET:
    case SDL_RENDER_TARGETS_RESET: w->stale = true; break;
    case SDL_MOUSEMOTION:
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
    case SDL_MOUSEWHEEL: on_mouse(w, e); break;
    default: break;
    }
}

/* Plays the next event when it is time. */
static void
play(struct window *w)
{
    struct view *v = &w->ui.view;
    uint64_t now = SDL_GetTicks64();

    if (!v->playing || now - w->played < (uint64_t)v->delay_ms)
        return;
    w->played = now;
    ui_play(&w->ui);
}

/* Brings what was drawn to the screen. */
static void
show(struct window *w)
{
    const struct image *im = &w->ui.canvas.image;
    const SDL_Rect whole = {0, 0, im->w, im->h};

    ui_draw(&w->ui);
    if (!w->texture || w->tw != im->w || w->th != im->h) {
        if (w->texture)
            SDL_DestroyTexture(w->texture);
        w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_ARGB8888,
            SDL_TEXTUREACCESS_STREAMING, im->w, im->h);
        w->tw = im->w;
        w->th = im->h;
        w->stale = true;
        if (!w->texture)
            return;
        SDL_SetTextureBlendMode(w->texture, SDL_BLENDMODE_NONE);
    }
    if (w->stale) {
        w->ui.drawn.at[0] = whole;
        w->ui.drawn.n = 1;
    }
    if (!w->ui.drawn.n)
        return;
    for (unsigned i = 0; i < w->ui.drawn.n; i++) {
        const SDL_Rect *at = &w->ui.drawn.at[i];

        SDL_UpdateTexture(w->texture, at,
            im->pixels + (size_t)at->y * (size_t)im->w + (size_t)at->x,
            im->w * (int)sizeof *im->pixels);
    }
    SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_RenderPresent(w->renderer);
    w->stale = false;
}

int
window_poll(struct window *w, int timeout_ms)
{
    struct ui *ui = &w->ui;
    SDL_Event e;

    if (ui->view.playing && timeout_ms > ui->view.delay_ms / 2)
        timeout_ms = ui->view.delay_ms / 2;
    if (view_grow(&ui->view))
        ui_changed(ui, CHANGE_POS | CHANGE_LIST);
    show(w);
    if (SDL_WaitEventTimeout(&e, timeout_ms)) {
        do {
            on_event(w, &e);
        } while (SDL_PollEvent(&e));
    }
    play(w);
    if (w->full != ui->full_screen) {
        w->full = ui->full_screen;
        SDL_SetWindowFullscreen(
            w->window, w->full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    }
    return ui->quit;
}

int
window_run(const struct story *s, const struct window_options *options,
    struct fault *fault)
{
    struct window *w = window_open(s, options, fault);

    if (!w)
        return -ENXIO;
    while (window_poll(w, 1000) == 0)
        ;
    window_close(w);
    return 0;
}
