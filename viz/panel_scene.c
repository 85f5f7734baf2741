/*
 * panel_scene.c: the computers, the cables between them, and the frames
 * that are under way at this moment.
 */
#include "scene.h"
#include "ui.h"

#include <string.h>

struct stage_plan {
    uint16_t order[SCENE_HOSTS];
    SDL_Rect box[SCENE_HOSTS];
    unsigned n;
    int wire; /* y of the cables, from a box's top */
};

/* How much of a row a computer gets: more when it has processes to show. */
static int
share(const struct state *st, unsigned host)
{
    for (unsigned i = 0; i < st->nproc; i++)
        if (st->proc[i].host == host)
            return 7;
    return 5;
}

/* One row of boxes with room for cables between them. */
static void
plan_row(struct ui *ui, SDL_Rect at, const struct state *st,
    struct stage_plan *p, unsigned first, unsigned n, bool back)
{
    int wide = ui->canvas.em * 11 / 2, narrow = at.w / 7;
    int gap = wide < narrow ? wide : narrow;
    int room = at.w - gap * ((int)n - 1), sum = 0, x = at.x;

    for (unsigned i = 0; i < n; i++)
        sum += share(st, p->order[first + i]);
    for (unsigned i = 0; i < n; i++) {
        /* every other row runs back, so that neighbours stay close */
        unsigned k = first + (back ? n - 1 - i : i);
        int w = room * share(st, p->order[k]) / sum;

        p->box[k] = (SDL_Rect){x, at.y, w, at.h};
        x += w + gap;
    }
}

static void
plan(struct ui *ui, SDL_Rect at, const struct state *st, struct stage_plan *p)
{
    p->n = scene_order(st, ui->view.story, p->order);
    p->wire = ui->canvas.em * 9 / 4;
    unsigned rows = (p->n + 3) / 4;
    for (unsigned r = 0; r < rows; r++) {
        unsigned n = p->n - r * 4 < 4 ? p->n - r * 4 : 4;
        int h = at.h / (int)rows;
        SDL_Rect row = {
            at.x, at.y + (int)r * h, at.w, h - (rows > 1 ? ui->canvas.em : 0)};

        plan_row(ui, row, st, p, r * 4, n, r % 2);
    }
}

static const SDL_Rect *
box_of(const struct stage_plan *p, unsigned host)
{
    for (unsigned i = 0; i < p->n; i++)
        if (p->order[i] == host)
            return &p->box[i];
    return NULL;
}

static void
processes(struct ui *ui, SDL_Rect at, const struct state *st, unsigned host)
{
    const struct event *e = view_event(&ui->view);
    struct canvas *c = &ui->canvas;
    int h = c->em * 5 / 4;
    unsigned left = 0;

    for (unsigned i = 0; i < st->nproc; i++) {
        const struct state_proc *p = &st->proc[i];
        bool current = e->host == host && e->pid == p->pid && e->pid;
        struct style style = {current ? FACE_BOLD : FACE_TEXT, 80,
            current ? THEME_INK : THEME_SOFT, LEFT};
        SDL_Rect row = {at.x, at.y, at.w, h};

        if (p->host != host || *p->ended)
            continue;
        if (at.h < 2 * h) {
            left++;
            continue;
        }
        if (current)
            canvas_fill(c, row, THEME_RELATE);
        char text[160];
        snprintf(text, sizeof text, "%u %s%s%s", p->pid, p->name,
            *p->sleeps ? ": " : "", p->sleeps);
        if (canvas_width(c, style, text) > at.w) /* the name alone */
            snprintf(text, sizeof text, "%u %s", p->pid, p->name);
        canvas_text(c, row, style, text);
        at.y += h;
        at.h -= h;
    }
    if (left)
        canvas_textf(c, (SDL_Rect){at.x, at.y, at.w, h},
            (struct style){FACE_TEXT, 80, THEME_SOFT, LEFT}, say("%u more"),
            left);
}

/* The ends of TCP connections that this computer keeps. */
static void
connections(struct ui *ui, SDL_Rect at, const struct state *st, unsigned host)
{
    struct canvas *c = &ui->canvas;
    int h = c->em * 5 / 4;

    for (unsigned i = st->nconn; i-- > 0 && at.h >= 2 * h;) {
        const struct state_conn *k = &st->conn[i];
        SDL_Rect row = {at.x, at.y + at.h - h, at.w, h};

        if (k->host != host || !*k->remote)
            continue;
        canvas_text(
            c, row, (struct style){FACE_BOLD, 76, THEME_INK, LEFT}, k->state);
        row.y -= h;
        canvas_text(
            c, row, (struct style){FACE_MONO, 74, THEME_SOFT, LEFT}, k->local);
        at.h -= 2 * h + h / 4;
    }
}

static int
connections_height(struct ui *ui, const struct state *st, unsigned host)
{
    int n = 0;

    for (unsigned i = 0; i < st->nconn; i++)
        n += st->conn[i].host == host && *st->conn[i].remote;
    return n * ui->canvas.em * 45 / 16;
}

static void
host_box(struct ui *ui, SDL_Rect at, const struct state *st, unsigned host)
{
    struct canvas *c = &ui->canvas;
    const struct event *e = view_event(&ui->view);
    bool here = e->host == host;
    enum layer layer = event_info(e->kind)->layer;
    int h = c->em * 5 / 4;
    SDL_Rect head = {at.x, at.y, at.w, c->em * 3 / 2};

    canvas_fill(c, at, THEME_PAPER);
    canvas_fill(c, head, THEME_TITLE);
    canvas_frame(c, at, here ? THEME_INK : THEME_LINE, here ? 2 : 1);
    canvas_text(c, head, (struct style){FACE_BOLD, 95, THEME_INK, CENTRE},
        story_host(ui->view.story, host));
    SDL_Rect in = {at.x + c->em / 3, at.y + head.h + c->em / 5,
        at.w - c->em * 2 / 3, at.h - head.h - c->em / 3};
    in.y += c->em; /* the cables' height */
    in.h -= c->em;
    for (unsigned i = 0; i < st->nnetif; i++) {
        const struct state_netif *n = &st->netif[i];

        if (n->host != host || !strcmp(n->name, "lo") || in.h < 2 * h)
            continue;
        struct style mono = {FACE_MONO, 78, THEME_INK, LEFT};
        char text[64];
        snprintf(text, sizeof text, "%s %s", n->name, n->ip);
        canvas_text(c, (SDL_Rect){in.x, in.y, in.w, h}, mono,
            canvas_width(c, mono, text) > in.w ? n->ip : text);
        in.y += h;
        in.h -= h;
    }
    if (here && in.h > 2 * h) {
        SDL_Rect tile = {at.x + 2, at.y + at.h - h - 2, at.w - 4, h};

        canvas_tile(c, tile, layer, ui_layer(layer));
        in.h -= h;
    }
    int room = connections_height(ui, st, host);
    if (room > in.h / 2)
        room = in.h / 2;
    connections(ui, (SDL_Rect){in.x, in.y + in.h - room, in.w, room}, st, host);
    in.h -= room;
    processes(ui, in, st, host);
}

static void
cable(struct ui *ui, const struct stage_plan *p, const struct state_link *l)
{
    struct canvas *c = &ui->canvas;
    const SDL_Rect *a = box_of(p, l->a), *b = box_of(p, l->b);
    struct style soft = {FACE_TEXT, 78, THEME_SOFT, CENTRE};

    if (!a || !b || a == b)
        return;
    if (a->x > b->x) {
        const SDL_Rect *other = a;

        a = b;
        b = other;
    }
    int x1 = a->x + a->w, x2 = b->x;
    if (x2 <= x1) { /* one below the other */
        canvas_line(c, a->x + a->w / 2, a->y + a->h, b->x + b->w / 2, b->y,
            THEME_SOFT, 3);
        return;
    }
    int y1 = a->y + p->wire, y2 = b->y + p->wire;
    canvas_line(c, x1, y1, x2, y2, THEME_SOFT, 3);
    canvas_text(c, (SDL_Rect){x1, y1 - c->em * 2, x2 - x1, c->em * 5 / 4}, soft,
        l->name);
    if (l->delay)
        canvas_textf(c,
            (SDL_Rect){x1, y1 + c->em * 3 / 2, x2 - x1, c->em * 5 / 4}, soft,
            "%.3g ms", (double)l->delay / 1e6);
}

static void
tile_at(struct ui *ui, const struct state_flight *f, int x, int y)
{
    struct view *v = &ui->view;
    struct canvas *c = &ui->canvas;
    const struct dissection *d = v->dissection;
    enum layer layer = LAYER_LINK;
    const char *label = "frame";
    struct arena arena;

    arena_init(&arena, 0);
    if (f->sent != v->frame) {
        uint64_t sent = story_frame(v->story, f->sent);
        size_t len = 0;
        const uint8_t *bytes =
            sent ? story_bytes(story_event(v->story, sent), &len) : NULL;

        d = bytes ? dissect(&arena, story_linktype(v->story, sent), bytes, len)
                  : NULL;
    }
    if (d)
        label = scene_label(d, &layer);
    struct style style = {FACE_BOLD, 80, THEME_INK, CENTRE};
    int w = canvas_width(c, style, label) + c->em * 2 / 3;
    SDL_Rect at = {x - w / 2, y - c->em * 3 / 4, w, c->em * 3 / 2};
    canvas_tile(c, at, layer, label);
    canvas_frame(c, at, THEME_INK, 2);
    if (*f->lost)
        canvas_cross(c, x, y, c->em * 2 / 3);
    ui_hit(ui, at, HIT_EVENT, f->sent);
    arena_free(&arena);
}

static void
flight(struct ui *ui, const struct stage_plan *p, const struct state_flight *f)
{
    struct canvas *c = &ui->canvas;
    const SDL_Rect *a = box_of(p, f->from), *b = box_of(p, f->to);
    double along = state_progress(f, ui->view.story, ui->view.pos);
    int em = c->em;

    if (!a)
        a = b;
    if (!b)
        b = a;
    if (!a)
        return;
    if (a == b) { /* lo: out of the box and back in */
        tile_at(ui, f, a->x + a->w / 2, a->y + p->wire);
        return;
    }
    int right = b->x > a->x;
    int x1 = right ? a->x + a->w : a->x, x2 = right ? b->x : b->x + b->w;
    int y1 = a->y + p->wire, y2 = b->y + p->wire;
    along = *f->lost ? 0.5 : 0.12 + along * 0.76;
    int x = x1 + (int)((x2 - x1) * along), y = y1 + (int)((y2 - y1) * along);
    canvas_arrow(c, right ? x1 + em / 4 : x1 - em / 4, y1 + em,
        right ? x2 - em / 4 : x2 + em / 4, y2 + em, THEME_INK, 2);
    tile_at(ui, f, x, y);
}

void
draw_scene(struct ui *ui, SDL_Rect area)
{
    SDL_Rect at = ui_panel(ui, PANEL_SCENE, area, "Computers and cables");
    const struct state *st = view_state(&ui->view);
    struct stage_plan p = {.n = 0};

    if (!st || !view_event(&ui->view))
        return;
    plan(ui, at, st, &p);
    for (unsigned i = 0; i < p.n; i++)
        host_box(ui, p.box[i], st, p.order[i]);
    for (unsigned i = 0; i < st->nlink; i++)
        cable(ui, &p, &st->link[i]);
    for (unsigned i = 0; i < st->nflight; i++)
        flight(ui, &p, &st->flight[i]);
}
