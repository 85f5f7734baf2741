/*
 * panel_layers.c: the frame's layers, being put on by the sender and taken
 * off by the receiver, side by side. Each row is what one layer hands on:
 * its own header in front of all that the row above made. What is not there
 * yet, or no more, is an empty outline.
 */
#include "ui.h"

#include <string.h>

/* One frame's way over one cable. */
struct crossing {
    const struct dissection *d;
    uint64_t sent;     /* position of FRAME_SENT */
    uint64_t received; /* of FRAME_RECEIVED; 0: not in the story */
    unsigned from, to; /* hosts */
    bool added[DISSECT_LAYERS], stripped[DISSECT_LAYERS];
    bool told;   /* the story tells of single layers */
    int now;     /* layer that the present event is about; -1 */
    bool now_up; /* it is being stripped */
};

static int
layer_at(const struct dissection *d, uint32_t off)
{
    for (unsigned i = 0; i < d->nlayers; i++)
        if (d->layers[i].off == off)
            return (int)i;
    return -1;
}

/* The headers put on before the frame left, up to the present position. */
static void
read_sender(const struct view *v, struct crossing *x)
{
    const struct event *sent = story_event(v->story, x->sent);

    for (uint64_t i = story_pkt_before(v->story, x->sent); i;
         i = story_pkt_before(v->story, i)) {
        const struct event *e = story_event(v->story, i);
        int layer;

        if (e->kind == EV_FRAME_SENT || e->kind == EV_FRAME_RECEIVED)
            break;
        if (e->kind != EV_LAYER_ADDED)
            continue;
        layer = layer_at(x->d, e->off - sent->off);
        x->told = true;
        if (layer < 0)
            continue;
        x->added[layer] = i <= v->pos;
        if (i == v->pos)
            x->now = layer;
    }
}

static void
read_receiver(const struct view *v, struct crossing *x)
{
    const struct event *sent = story_event(v->story, x->sent);

    for (uint64_t i = story_pkt_next(v->story, x->sent); i;
         i = story_pkt_next(v->story, i)) {
        const struct event *e = story_event(v->story, i);
        int layer;

        if (e->kind == EV_FRAME_SENT)
            break;
        if (e->kind == EV_FRAME_RECEIVED && !x->received) {
            x->received = i;
            x->to = e->host;
        }
        if (e->kind != EV_LAYER_STRIPPED || !x->received)
            continue;
        layer = layer_at(x->d, e->off - sent->off);
        if (layer < 0)
            continue;
        x->stripped[layer] = i <= v->pos;
        if (i == v->pos) {
            x->now = layer;
            x->now_up = true;
        }
    }
}

static void
read_crossing(const struct view *v, struct crossing *x)
{
    unsigned first = DISSECT_LAYERS;

    *x = (struct crossing){.d = v->dissection, .sent = v->frame, .now = -1};
    x->from = story_event(v->story, x->sent)->host;
    read_sender(v, x);
    read_receiver(v, x);
    /* what nobody told was there from the beginning: the message itself */
    for (unsigned i = 0; i < x->d->nlayers; i++)
        if (x->added[i] && i < first)
            first = i;
    for (unsigned i = 0; i < x->d->nlayers; i++) {
        bool message = x->d->layers[i].layer != LAYER_TCP &&
                       x->d->layers[i].layer != LAYER_IP &&
                       x->d->layers[i].layer != LAYER_LINK &&
                       x->d->layers[i].layer != LAYER_UDP &&
                       x->d->layers[i].layer != LAYER_ARP &&
                       x->d->layers[i].layer != LAYER_ICMP;

        if (x->sent <= v->pos || message || (first < i && x->told))
            x->added[i] = true;
    }
}

/* Bytes that layer i and all above it make. */
static uint32_t
size_from(const struct dissection *d, unsigned i)
{
    uint32_t n = 0;

    for (; i < d->nlayers; i++)
        n += d->layers[i].len;
    return n;
}

/* Where each layer's box begins: as wide as its label needs, and a share. */
static void
boxes(struct ui *ui, const struct dissection *d, SDL_Rect at, int *left)
{
    int width[DISSECT_LAYERS], sum = 0, x = at.x;
    char label[48];

    for (unsigned i = 0; i < d->nlayers; i++) {
        snprintf(
            label, sizeof label, "%s %u", d->layers[i].name, d->layers[i].len);
        width[i] = canvas_width(
            &ui->canvas, (struct style){FACE_BOLD, 78, THEME_INK, LEFT}, label);
        sum += width[i];
    }
    for (unsigned i = 0; i < d->nlayers; i++) {
        left[i] = x;
        x += sum > at.w ? width[i] * at.w / sum
                        : width[i] + (at.w - sum) / (int)d->nlayers;
    }
    left[d->nlayers] = at.x + at.w;
}

/* One row: the header of layer i and, behind it, those above. */
static void
row(struct ui *ui, SDL_Rect at, const struct crossing *x, unsigned i,
    bool there, bool now)
{
    struct canvas *c = &ui->canvas;
    const struct dissection *d = x->d;
    int left[DISSECT_LAYERS + 1];
    char label[48];

    boxes(ui, d, at, left);
    for (unsigned k = i; k < d->nlayers; k++) {
        const struct dissect_layer *l = &d->layers[k];
        struct colour fill = theme_fill(l->layer);
        SDL_Rect box = {
            left[k] + 1, at.y + 2, left[k + 1] - left[k] - 2, at.h - 4};
        struct style style = {k == i ? FACE_BOLD : FACE_TEXT, 78,
            there ? theme_ink(l->layer) : THEME_SOFT, CENTRE};

        if (there && k != i) {
            fill = theme_pale(fill, 140);
            style.ink = THEME_INK;
        }
        if (there)
            canvas_fill(c, box, fill);
        else
            canvas_dashed(c, box, THEME_LINE);
        snprintf(label, sizeof label, "%s %u", l->name, l->len);
        if (canvas_width(c, style, label) > box.w) /* the name alone */
            snprintf(label, sizeof label, "%s", l->name);
        if (there || k == i)
            canvas_text(c, box, style, label);
    }
    if (now)
        canvas_frame(c, (SDL_Rect){left[i], at.y, at.x + at.w - left[i], at.h},
            THEME_INK, 3);
}

static void
column(struct ui *ui, SDL_Rect at, const struct crossing *x, bool receiver)
{
    struct canvas *c = &ui->canvas;
    const struct view *v = &ui->view;
    unsigned n = x->d->nlayers;
    int head = ui_row(ui), h = (at.h - head) / (int)n;
    bool arrived = x->received && x->received <= v->pos;
    const char *host = story_host(v->story, receiver ? x->to : x->from);

    if (h > ui_row(ui) * 7 / 4)
        h = ui_row(ui) * 7 / 4;
    canvas_textf(c, (SDL_Rect){at.x, at.y, at.w, head},
        (struct style){FACE_BOLD, 85, THEME_INK, LEFT}, "%s %s",
        *host ? host : say("outside"),
        receiver ? say("opens, upwards") : say("wraps, downwards"));
    for (unsigned k = 0; k < n; k++) { /* the uppermost layer first */
        unsigned i = n - 1 - k;
        SDL_Rect box = {at.x, at.y + head + (int)k * h, at.w, h};
        bool there =
            receiver ? arrived && (i == 0 || x->stripped[i - 1]) : x->added[i];
        bool now = x->now == (int)i && x->now_up == receiver;

        if (receiver && !x->told)
            there = arrived;
        row(ui, box, x, i, there, now);
    }
}

void
draw_layers(struct ui *ui, SDL_Rect area)
{
    struct canvas *c = &ui->canvas;
    const struct view *v = &ui->view;
    char title[128], of[96];
    struct crossing x;
    SDL_Rect at;

    if (!v->frame || !v->dissection || v->dissection->nlayers == 0) {
        at = ui_panel(ui, PANEL_LAYERS, area, "Layers of the frame");
        canvas_text(c, (SDL_Rect){at.x, at.y, at.w, ui_row(ui)},
            (struct style){FACE_TEXT, 90, THEME_SOFT, LEFT},
            say("no frame led to this event"));
        return;
    }
    read_crossing(v, &x);
    snprintf(title, sizeof title, "%s: %u bytes",
        view_frame_title(v, "Layers of", of, sizeof of), size_from(x.d, 0));
    at = ui_panel(ui, PANEL_LAYERS, area, title);
    int w = (at.w - c->em * 2) / 2;
    SDL_Rect left = {at.x, at.y, w, at.h};
    SDL_Rect right = {at.x + at.w - w, at.y, w, at.h};
    column(ui, left, &x, false);
    column(ui, right, &x, true);
    int n = (int)x.d->nlayers, row_h = (at.h - ui_row(ui)) / n;
    if (row_h > ui_row(ui) * 7 / 4)
        row_h = ui_row(ui) * 7 / 4;
    int y = at.y + ui_row(ui) + row_h * n - row_h / 2; /* the lowest row */
    canvas_arrow(c, left.x + w + c->em / 3, y, right.x - c->em / 3, y,
        x.sent <= v->pos ? THEME_INK : THEME_LINE, 2);
}
