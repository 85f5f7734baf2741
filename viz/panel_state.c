/*
 * panel_state.c: the state after the selected event: tabs, and the tables of
 * sockets and addresses. By itself the panel shows what the event
 * is about; a tab that was pressed stays.
 */
#include "table.h"

#include <string.h>

static const struct {
    const char *name;
    void (*draw)(struct ui *ui, SDL_Rect area);
} tabs[TAB_COUNT] = {
    [TAB_AUTO] = {"auto", NULL},
    [TAB_TCP] = {"TCP", draw_tab_tcp},
    [TAB_SOCKETS] = {"sockets", draw_tab_sockets},
    [TAB_NET] = {"ARP, IP", draw_tab_net},
    [TAB_PROCS] = {"processes", draw_tab_procs},
    [TAB_NGINX] = {"nginx", draw_tab_nginx},
    [TAB_FPM] = {"php-fpm", draw_tab_fpm},
    [TAB_ZEND] = {"Zend", draw_tab_zend},
    [TAB_PAGE] = {"browser", draw_tab_page},
};

static int
draw_tabs(struct ui *ui, SDL_Rect at)
{
    struct canvas *c = &ui->canvas;
    struct view *v = &ui->view;
    enum tab shown = view_tab(v);
    int x = at.x, y = at.y, h = c->em * 14 / 10;

    for (unsigned i = 0; i < TAB_COUNT; i++) {
        bool on = i == shown || (i == TAB_AUTO && v->tab == TAB_AUTO);
        struct style style = {
            FACE_TEXT, 82, on ? THEME_PAPER : THEME_INK, CENTRE};
        int w = canvas_width(c, style, say(tabs[i].name)) + c->em * 3 / 4;

        if (x + w > at.x + at.w) {
            x = at.x;
            y += h + 2;
        }
        SDL_Rect box = {x, y, w, h};
        canvas_fill(c, box, on ? THEME_SELECT : THEME_TITLE);
        canvas_text(c, box, style, say(tabs[i].name));
        ui_hit(ui, box, HIT_TAB, i);
        x += w + 2;
    }
    return y + h + c->em / 3 - at.y;
}

void
draw_state(struct ui *ui, SDL_Rect area)
{
    SDL_Rect at = ui_panel(ui, PANEL_STATE, area, "State after this event");
    int used = draw_tabs(ui, at), by = ui->view.state_scroll * ui_row(ui);

    at.y += used;
    at.h -= used;
    if (!view_state(&ui->view) || !view_event(&ui->view))
        return;
    /* scrolled: drawn higher than it begins, and cut there */
    canvas_clip(&ui->canvas, &at);
    at.y -= by;
    at.h += by;
    tabs[view_tab(&ui->view)].draw(ui, at);
    canvas_clip(&ui->canvas, NULL);
}

static void
socket_row(struct ui *ui, struct table *t, const struct state_sock *s)
{
    const struct event *e = view_event(&ui->view);
    bool current = e->host == s->host && event_u64(e, "sock", 0) == s->sock;
    char rcv[24], snd[24];

    /* as ss(8): a listener's queues are its waiting calls and its backlog */
    snprintf(rcv, sizeof rcv, "%llu",
        (unsigned long long)(s->listens ? s->waiting : s->rcv));
    snprintf(snd, sizeof snd, "%llu",
        (unsigned long long)(s->listens ? s->backlog : s->snd));
    TABLE_ROW(t, current, *s->state ? s->state : s->type, rcv, snd, s->local,
        s->remote);
}

/* The sockets of each process, under its name. */
void
draw_tab_sockets(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    struct table t = table_begin(ui, area, (const int[]){25, 8, 8, 30, 29, 0});

    TABLE_HEAD(
        &t, say("state"), "Recv-Q", "Send-Q", say("local"), say("remote"));
    for (unsigned i = 0; i < st->nsock; i++) {
        const struct state_sock *s = &st->sock[i];
        char title[128];
        bool shown = false;

        for (unsigned k = 0; k < i; k++)
            shown |= st->sock[k].host == s->host && st->sock[k].pid == s->pid;
        if (shown)
            continue;
        snprintf(title, sizeof title, "%s: %u %s",
            story_host(ui->view.story, s->host), s->pid,
            ui_process(ui, s->host, s->pid));
        table_title(&t, title);
        for (unsigned k = i; k < st->nsock; k++)
            if (st->sock[k].host == s->host && st->sock[k].pid == s->pid)
                socket_row(ui, &t, &st->sock[k]);
    }
    if (st->nsock == 0)
        table_note(&t, say("no process has opened a socket"));
}

static void
arp_table(struct ui *ui, struct table *t, const struct state *st, unsigned h)
{
    const struct event *e = view_event(&ui->view);
    const struct field *f = event_field(e, "ip");
    char held[32], ip[64] = "";

    if (f)
        field_text(f, ip, sizeof ip);
    for (unsigned i = 0; i < st->narp; i++) {
        const struct state_arp *a = &st->arp[i];

        if (a->host != h)
            continue;
        snprintf(held, sizeof held, a->held ? "%llu wait" : "",
            (unsigned long long)a->held);
        TABLE_ROW(t, e->host == h && !strcmp(ip, a->ip), a->ip,
            *a->mac ? a->mac : "?", a->state, a->netif, held);
    }
}

/* Did this event choose that route? */
static bool
chosen(struct ui *ui, const struct state_route *r)
{
    const struct event *e = view_event(&ui->view);
    const struct field *f = event_field(e, "prefix");
    char prefix[32];

    return e->kind == EV_IP_ROUTE && e->host == r->host && f &&
           !strcmp(field_text(f, prefix, sizeof prefix), r->prefix);
}

void
draw_tab_net(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    struct table t =
        table_begin(ui, area, (const int[]){24, 28, 21, 12, 15, 0});
    char text[64];

    for (unsigned h = 1; h < story_hosts(ui->view.story); h++) {
        unsigned n = 0;

        for (unsigned i = 0; i < st->narp; i++)
            n += st->arp[i].host == h;
        for (unsigned i = 0; i < st->nroute; i++)
            n += st->route[i].host == h;
        for (unsigned i = 0; i < st->nnetif; i++)
            n += st->netif[i].host == h;
        if (n == 0)
            continue;
        table_title(&t, story_host(ui->view.story, h));
        for (unsigned i = 0; i < st->nnetif; i++) {
            const struct state_netif *k = &st->netif[i];

            if (k->host != h)
                continue;
            snprintf(text, sizeof text, "%s/%llu", k->ip,
                (unsigned long long)k->prefix);
            TABLE_ROW(&t, false, text, k->mac, say("own address"), k->name, "");
        }
        arp_table(ui, &t, st, h);
        for (unsigned i = 0; i < st->nroute; i++) {
            const struct state_route *r = &st->route[i];

            if (r->host == h && (!*r->type || !strcmp(r->type, "unicast")))
                TABLE_ROW(&t, chosen(ui, r), r->prefix, r->gateway,
                    say("route"), r->netif, chosen(ui, r) ? say("chosen") : "");
        }
    }
}
