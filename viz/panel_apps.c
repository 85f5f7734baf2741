/*
 * panel_apps.c: what the programs do: nginx with its connections and phases,
 * php-fpm's pool, the Zend engine's opcodes, and the browser's page.
 */
#include "table.h"

#include <string.h>

/* The newest events of these kinds at or before the position. */
static unsigned
latest(const struct view *v, bool (*wanted)(enum event_kind kind),
    unsigned host, uint64_t *found, unsigned max)
{
    unsigned n = 0;

    for (uint64_t i = v->pos; i > 0 && n < max && v->pos - i < 3000; i--) {
        const struct event *e = story_event(v->story, i);

        if (e->host == host && wanted(e->kind))
            found[n++] = i;
    }
    return n;
}

static bool
of_nginx(enum event_kind kind)
{
    enum layer layer = event_info(kind)->layer;

    return (layer == LAYER_NGINX || layer == LAYER_FCGI) &&
           event_info(kind)->level <= LEVEL_STEP;
}

static void
log_of(struct ui *ui, struct table *t, const char *title,
    bool (*wanted)(enum event_kind kind), unsigned host)
{
    uint64_t found[24];
    unsigned n = latest(&ui->view, wanted, host, found, 24);
    struct table rows;
    char no[24], text[400];

    if (n == 0)
        return;
    table_title(t, title);
    rows = table_begin(ui, t->at, (const int[]){12, 88, 0});
    unsigned room = (unsigned)(rows.at.h / (ui->canvas.em * 13 / 10));
    if (n > room)
        n = room;
    while (n-- > 0) { /* the oldest first, as in a log */
        const struct event *e = story_event(ui->view.story, found[n]);

        snprintf(no, sizeof no, "%llu", (unsigned long long)e->no);
        TABLE_ROW(&rows, found[n] == ui->view.pos, no,
            event_text(e, text, sizeof text));
    }
    t->at = rows.at;
}

void
draw_tab_nginx(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    struct table t = table_begin(ui, area, (const int[]){22, 78, 0});
    unsigned host = view_event(&ui->view)->host;
    char text[256];

    for (unsigned i = 0; i < st->nnginx; i++) {
        const struct state_nginx *n = &st->nginx[i];

        host = n->host;
        snprintf(text, sizeof text, "*%llu %s", (unsigned long long)n->conn,
            n->remote);
        table_title(&t, text);
        snprintf(text, sizeof text, "%s %s", n->method, n->uri);
        TABLE_ROW(&t, false, say("request"), text);
        if (*n->server)
            TABLE_ROW(&t, false, "server", n->server);
        if (*n->location)
            TABLE_ROW(&t, false, "location", n->location);
        if (*n->phase) {
            snprintf(text, sizeof text, "%s: %s", n->phase, n->result);
            TABLE_ROW(&t, true, say("phase"), text);
        }
        if (*n->upstream) {
            snprintf(
                text, sizeof text, "%s: %s", n->upstream, n->upstream_state);
            TABLE_ROW(&t, false, "upstream", text);
        }
        if (n->status) {
            snprintf(text, sizeof text, "%llu, %llu bytes",
                (unsigned long long)n->status, (unsigned long long)n->len);
            TABLE_ROW(&t, false, say("answer"), text);
        }
    }
    if (st->nnginx == 0)
        table_note(&t, say("nginx holds no connection at this moment"));
    log_of(ui, &t, say("what nginx did last"), of_nginx, host);
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
    struct table t = table_begin(ui, area, (const int[]){12, 18, 54, 16, 0});
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
    log_of(ui, &t, say("what php-fpm did last"), of_fpm, host);
}

/* The engine of the event's process, else the one that did most lately. */
static const struct state_zend *
engine(struct ui *ui, const struct state *st)
{
    const struct event *e = view_event(&ui->view);
    const struct state_zend *best = NULL;

    for (unsigned i = 0; i < st->nzend; i++) {
        const struct state_zend *z = &st->zend[i];

        if (z->host == e->host && z->pid == e->pid)
            return z;
        if (*z->file && (!best || z->step > best->step))
            best = z;
    }
    return best;
}

/* A run of events of one kind from `first`, around the current one. */
static void
listing(struct ui *ui, struct table *t, enum event_kind kind, uint64_t first,
    uint64_t count, uint64_t current, const char *function)
{
    const struct story *s = ui->view.story;
    uint64_t rows = (uint64_t)(t->at.h / (ui->canvas.em * 13 / 10)), n = 0;
    uint64_t skip = current > rows / 2 ? current - rows / 2 : 0;

    if (skip + rows > count)
        skip = count > rows ? count - rows : 0;
    for (uint64_t i = first; i && i <= story_count(s) && n < count; i++) {
        const struct event *e = story_event(s, i);
        char text[400], in[128] = "";
        const struct field *f = event_field(e, "function");

        if (e->kind != kind)
            continue;
        if (f)
            field_text(f, in, sizeof in);
        if (n >= skip) {
            bool now = function && !strcmp(in, function) && n + 1 == current;

            if (!TABLE_ROW(t, now || i == ui->view.pos,
                    now || i == ui->view.pos ? "\xe2\x96\xb6" : "",
                    event_text(e, text, sizeof text)))
                return;
        }
        n++;
    }
}

/* Which opcode, counted from 1 in the listing, the step is about. */
static uint64_t
opcode_of(
    struct ui *ui, const struct state_zend *z, char *function, size_t size)
{
    const struct story *s = ui->view.story;
    const struct event *step = z->step ? story_event(s, z->step) : NULL;
    const struct field *f = step ? event_field(step, "function") : NULL;
    uint64_t n = 0;

    function[0] = '\0';
    if (!f)
        return 0;
    field_text(f, function, size);
    for (uint64_t i = z->opcodes; i && i <= story_count(s) && n < z->nopcodes;
         i++) {
        const struct event *e = story_event(s, i);
        char in[128] = "";

        if (e->kind != EV_ZEND_OPCODE)
            continue;
        n++;
        f = event_field(e, "function");
        if (f)
            field_text(f, in, sizeof in);
        if (!strcmp(in, function) &&
            event_u64(e, "index", 0) == event_u64(step, "index", 1) &&
            event_u64(e, "line", 0) == event_u64(step, "line", 0))
            return n;
    }
    return 0;
}

void
draw_tab_zend(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    const struct state_zend *z = engine(ui, st);
    const struct event *e = view_event(&ui->view);
    struct table t = table_begin(ui, area, (const int[]){6, 94, 0});
    char text[400], function[128];

    if (!z) {
        table_note(&t, say("the Zend engine has done nothing yet"));
        return;
    }
    snprintf(text, sizeof text, "%s %s", z->file, z->doing);
    table_title(&t, text);
    snprintf(text, sizeof text,
        "OpCache %s   %llu tokens, %llu nodes, %llu opcodes, %llu executed, "
        "%llu bytes written",
        *z->cache ? z->cache : "-", (unsigned long long)z->ntokens,
        (unsigned long long)z->ntree, (unsigned long long)z->nopcodes,
        (unsigned long long)z->steps, (unsigned long long)z->output);
    table_note(&t, text);
    t.face = FACE_MONO;
    if (e->kind == EV_ZEND_TOKEN) {
        listing(ui, &t, EV_ZEND_TOKEN, z->tokens, z->ntokens, z->ntokens, NULL);
    } else if (e->kind == EV_ZEND_AST) {
        listing(ui, &t, EV_ZEND_AST, z->tree, z->ntree, z->ntree, NULL);
    } else {
        uint64_t now = opcode_of(ui, z, function, sizeof function);

        listing(ui, &t, EV_ZEND_OPCODE, z->opcodes, z->nopcodes, now, function);
    }
}

static bool
of_page(enum event_kind kind)
{
    enum layer layer = event_info(kind)->layer;

    return layer == LAYER_URL || layer == LAYER_NAME || layer == LAYER_PAGE ||
           layer == LAYER_HTTP;
}

void
draw_tab_page(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    struct table t = table_begin(ui, area, (const int[]){22, 78, 0});
    unsigned host = view_event(&ui->view)->host;
    char text[128];

    for (unsigned i = 0; i < st->npage; i++) {
        const struct state_page *p = &st->page[i];

        host = p->host;
        table_title(&t, story_host(ui->view.story, p->host));
        TABLE_ROW(&t, false, "URL", p->url);
        TABLE_ROW(&t, true, say("now"), p->doing);
        if (p->status) {
            snprintf(text, sizeof text, "%llu", (unsigned long long)p->status);
            TABLE_ROW(&t, false, say("status"), text);
        }
        if (p->len) {
            snprintf(text, sizeof text, "%llu bytes of %s",
                (unsigned long long)p->len, p->type);
            TABLE_ROW(&t, false, say("page"), text);
        }
    }
    if (st->npage == 0)
        table_note(&t, say("the browser has not been given an address yet"));
    log_of(ui, &t, say("what the browser did last"), of_page, host);
}
