/*
 * panel_nginx.c: nginx's connection with its request on its way through the
 * phases, and php-fpm's pool with the stage of each worker.
 */
#include "table.h"

#include <string.h>

static const char *const phases[] = {"POST_READ", "SERVER_REWRITE",
    "FIND_CONFIG", "REWRITE", "POST_REWRITE", "PREACCESS", "ACCESS",
    "POST_ACCESS", "PRECONTENT", "CONTENT", "LOG"};

#define PHASES ((unsigned)LW_COUNT(phases))

static bool
of_nginx(enum event_kind kind)
{
    enum layer layer = event_info(kind)->layer;

    return (layer == LAYER_NGINX || layer == LAYER_FCGI) &&
           event_info(kind)->level <= LEVEL_STEP;
}

static bool
is_phase(const struct event *e, unsigned phase)
{
    const struct field *f = event_field(e, "phase");
    char name[32];

    return f && strcmp(field_text(f, name, sizeof name), phases[phase]) == 0;
}

/* What each phase gave for the connection's present request; how far it is:
 * the phase that it stands in. */
static unsigned
results(const struct view *v, const struct state_nginx *n, char (*result)[24])
{
    unsigned now = 0;
    bool any = false;

    memset(result, 0, PHASES * sizeof *result);
    for (uint64_t i = v->pos; i > 0; i--) {
        const struct event *e = story_event(v->story, i);

        if (e->host != n->host || event_u64(e, "conn", 0) != n->conn)
            continue;
        if (e->kind == EV_NGINX_REQUEST || e->kind == EV_NGINX_CONN)
            break;
        if (e->kind != EV_NGINX_PHASE)
            continue;
        for (unsigned k = 0; k < PHASES; k++) {
            if (!is_phase(e, k) || result[k][0])
                continue;
            field_text(event_field(e, "result"), result[k], sizeof result[k]);
            if (!any) /* the newest; the next one has begun when it goes on */
                now = k + (i != v->pos && k + 1 < PHASES);
            any = true;
        }
    }
    return now;
}

/* The phases as a column of boxes; the present one is marked. */
static void
draw_phases(struct ui *ui, SDL_Rect at, const struct state_nginx *n)
{
    struct canvas *c = &ui->canvas;
    char result[LW_COUNT(phases)][24];
    unsigned now = results(&ui->view, n, result);
    int h = at.h / (int)PHASES;

    if (h > c->em * 8 / 5)
        h = c->em * 8 / 5;
    for (unsigned k = 0; k < PHASES; k++) {
        SDL_Rect box = {at.x, at.y + (int)k * h, at.w, h - 3};
        bool here = k == now && *n->uri, done = result[k][0];
        struct colour green = theme_fill(LAYER_NGINX);
        struct style style = {here ? FACE_BOLD : FACE_TEXT, 76,
            done || here ? THEME_INK : THEME_SOFT, LEFT};

        if (here || done)
            canvas_fill(c, box, here ? green : theme_pale(green, 180));
        else
            canvas_dashed(c, box, THEME_LINE);
        if (here)
            canvas_frame(c, box, THEME_INK, 2);
        box.x += c->em / 2;
        box.w -= c->em;
        canvas_text(c, box, style, phases[k]);
        style.align = RIGHT;
        box.x += box.w * 6 / 10;
        box.w = box.w * 4 / 10;
        canvas_text(c, box, style, result[k]);
    }
}

static void
request(struct ui *ui, SDL_Rect at, const struct state_nginx *n)
{
    struct table t = table_begin(ui, at, (const int[]){27, 73, 0});
    char text[256];

    TABLE_ROW(&t, false, say("from"), n->remote);
    snprintf(text, sizeof text, "%s %s", n->method, n->uri);
    TABLE_ROW(&t, false, say("request"), text);
    TABLE_ROW(&t, false, "server", n->server);
    TABLE_ROW(&t, false, "location", n->location);
    TABLE_ROW(&t, false, "upstream", n->upstream);
    TABLE_ROW(&t, *n->upstream, "", n->upstream_state);
    if (n->status) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)n->status);
        TABLE_ROW(&t, true, say("answer"), text);
        if ((int64_t)n->len >= 0) {
            snprintf(
                text, sizeof text, "%llu bytes", (unsigned long long)n->len);
            TABLE_ROW(&t, true, "", text);
        } else {
            TABLE_ROW(&t, true, "", say("length not known before: chunked"));
        }
    }
}

/* The connection of the event, else the newest. */
static const struct state_nginx *
connection(const struct state *st, const struct event *e)
{
    for (unsigned i = 0; i < st->nnginx; i++)
        if (event_info(e->kind)->layer == LAYER_NGINX &&
            st->nginx[i].host == e->host && event_field(e, "conn") &&
            st->nginx[i].conn == event_u64(e, "conn", 0))
            return &st->nginx[i];
    return st->nnginx ? &st->nginx[st->nnginx - 1] : NULL;
}

void
draw_tab_nginx(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    const struct event *e = view_event(&ui->view);
    const struct state_nginx *n = connection(st, e);
    struct table t = table_begin(ui, area, (const int[]){100, 0});
    char text[128];

    if (!n) {
        table_note(&t, say("nginx holds no connection at this moment"));
    } else {
        int em = ui->canvas.em, h = em * 8 / 5 * (int)PHASES;

        snprintf(text, sizeof text, say("connection *%llu, one of %u"),
            (unsigned long long)n->conn, st->nnginx);
        table_title(&t, text);
        if (h > t.at.h * 2 / 3)
            h = t.at.h * 2 / 3;
        int w = t.at.w * 45 / 100;
        draw_phases(ui, (SDL_Rect){t.at.x, t.at.y, w, h}, n);
        request(ui, (SDL_Rect){t.at.x + w + em, t.at.y, t.at.w - w - em, h}, n);
        t.at.y += h;
        t.at.h -= h;
    }
    table_log(&t, say("what nginx did last"), of_nginx, n ? n->host : e->host);
}

static bool
of_fpm(enum event_kind kind)
{
    return event_info(kind)->layer == LAYER_FPM;
}

void
draw_tab_fpm(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    const struct event *e = view_event(&ui->view);
    struct table t = table_begin(ui, area, (const int[]){10, 36, 42, 12, 0});
    char text[128], served[32];
    unsigned host = e->host;

    for (unsigned i = 0; i < st->npool; i++) {
        const struct state_pool *p = &st->pool[i];

        snprintf(text, sizeof text,
            "pool %s: pm %s, %llu idle, %llu active, %llu in all", p->pool,
            p->pm, (unsigned long long)p->idle, (unsigned long long)p->active,
            (unsigned long long)p->total);
        table_title(&t, text);
    }
    if (st->nworker)
        TABLE_HEAD(
            &t, say("worker"), say("state"), say("script"), say("served"));
    for (unsigned i = 0; i < st->nworker; i++) {
        const struct state_worker *w = &st->worker[i];

        host = w->host;
        snprintf(text, sizeof text, "%llu", (unsigned long long)w->pid);
        snprintf(served, sizeof served, "%llu", (unsigned long long)w->served);
        TABLE_ROW(&t, e->host == w->host && e->pid == w->pid, text, w->state,
            w->request, served);
    }
    if (st->nworker == 0)
        table_note(&t, say("php-fpm has no worker at this moment"));
    table_log(&t, say("what php-fpm did last"), of_fpm, host);
}
