/*
 * panel_page.c: what the browser has: the URL, the answer's status and
 * header fields, and the text of the page.
 */
#include "table.h"

#include <string.h>

static bool
of_page(enum event_kind kind)
{
    enum layer layer = event_info(kind)->layer;

    return layer == LAYER_URL || layer == LAYER_NAME || layer == LAYER_PAGE ||
           layer == LAYER_HTTP;
}

/* The newest event of that kind on the host at or before the position. */
static uint64_t
newest(const struct view *v, enum event_kind kind, unsigned host)
{
    for (uint64_t i = v->pos; i > 0 && story_has(v->story, kind); i--) {
        const struct event *e = story_event(v->story, i);

        if (e->host == host && e->kind == kind)
            return i;
        if (e->host == host && e->kind == EV_URL_PARSED)
            return 0; /* another page */
    }
    return 0;
}

static void
header_fields(struct ui *ui, struct table *t, unsigned host)
{
    const struct view *v = &ui->view;
    uint64_t i = newest(v, EV_HTTP_RESPONSE_READ, host);
    char name[64], value[256];

    if (!i || !story_has(v->story, EV_HTTP_HEADER))
        return;
    bool titled = false;
    for (i++; i <= v->pos; i++) {
        const struct event *e = story_event(v->story, i);

        if (e->host != host || e->kind != EV_HTTP_HEADER)
            continue;
        if (!titled)
            table_title(t, say("header of the answer"));
        titled = true;
        TABLE_ROW(t, i == v->pos,
            field_text(event_field(e, "name"), name, sizeof name),
            field_text(event_field(e, "value"), value, sizeof value));
    }
}

/* The page's text, line by line, as it would stand in the window. */
static void
body(struct ui *ui, struct table *t, unsigned host)
{
    const struct view *v = &ui->view;
    uint64_t i = newest(v, EV_PAGE_LOADED, host);
    const struct field *f =
        i ? event_field(story_event(v->story, i), "body") : NULL;
    struct canvas *c = &ui->canvas;
    struct style mono = {FACE_MONO, 92, THEME_INK, LEFT};
    const char *at, *end;

    if (!f || f->len == 0)
        return;
    table_title(t, say("page"));
    SDL_Rect box = t->at;
    at = f->at;
    end = at + f->len;
    int h = c->em * 14 / 10, y = box.y + c->em / 3;
    while (at < end && y + h <= box.y + box.h) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        struct field part = f_textn("", at, len);
        char text[400];

        canvas_text(c, (SDL_Rect){box.x + c->em / 2, y, box.w - c->em, h}, mono,
            field_text(&part, text, sizeof text));
        y += h;
        at = stop ? stop + 1 : end;
    }
    y += c->em / 3;
    canvas_frame(c, (SDL_Rect){box.x, box.y, box.w, y - box.y}, THEME_LINE, 1);
    t->at.h -= y - t->at.y + c->em / 2;
    t->at.y = y + c->em / 2;
}

void
draw_tab_page(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    struct table t = table_begin(ui, area, (const int[]){26, 74, 0});
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
        header_fields(ui, &t, host);
        body(ui, &t, host);
    }
    if (st->npage == 0)
        table_note(&t, say("the browser has not been given an address yet"));
    table_log(&t, say("what the browser did last"), of_page, host);
}
