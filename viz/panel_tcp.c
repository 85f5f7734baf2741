/*
 * panel_tcp.c: both ends of a TCP connection side by side, and below them
 * the states and arrows of RFC 9293, with the two ends in their places.
 */
#include "table.h"

#include "tcp_state.h"

#include <string.h>

/* The ends to show: those of the event, else of the newest connection. */
static void
ends(struct ui *ui, const struct state *st, const struct state_conn **a,
    const struct state_conn **b)
{
    const struct event *e = view_event(&ui->view);
    const struct field *f = event_field(e, "conn");
    bool tcp = event_info(e->kind)->layer == LAYER_TCP;

    *a = *b = NULL;
    for (unsigned i = 0; i < st->nconn; i++) {
        const struct state_conn *c = &st->conn[i];

        if (tcp && f && c->host == e->host && c->conn == f->u)
            *a = c;
    }
    if (!*a && ui->view.dissection && ui->view.dissection->keys.tcp) {
        const struct dissect_keys *k = &ui->view.dissection->keys;
        char ip[16], local[32];

        snprintf(local, sizeof local, "%s:%u", ipv4_text(k->src, ip), k->sport);
        for (unsigned i = 0; i < st->nconn && !*a; i++)
            if (!strcmp(st->conn[i].local, local))
                *a = &st->conn[i];
    }
    for (unsigned i = st->nconn; !*a && i-- > 0;)
        if (*st->conn[i].remote)
            *a = &st->conn[i];
    for (unsigned i = 0; *a && i < st->nconn; i++) {
        const struct state_conn *c = &st->conn[i];

        if (c != *a && !strcmp(c->local, (*a)->remote) &&
            !strcmp(c->remote, (*a)->local))
            *b = c;
    }
    if (*b && (*b)->host < (*a)->host) { /* the same side always left */
        const struct state_conn *other = *a;

        *a = *b;
        *b = other;
    }
}

static void
number(char *text, size_t size, uint64_t value, bool known)
{
    snprintf(text, size, known ? "%llu" : "", (unsigned long long)value);
}

static const char *
duration(int64_t ns, char *text, size_t size)
{
    struct field f = f_ns("", ns);

    return ns ? field_text(&f, text, size) : "";
}

static void
end_column(
    struct ui *ui, SDL_Rect at, const struct state_conn *c, struct colour fill)
{
    struct canvas *k = &ui->canvas;
    SDL_Rect head = {at.x, at.y, at.w, ui_row(ui)};
    struct table t;
    char text[64];

    canvas_fill(k, head, fill);
    canvas_textf(k, head, (struct style){FACE_BOLD, 92, THEME_INK, CENTRE},
        "%s  %s", story_host(ui->view.story, c->host), c->state);
    at.y += head.h + 2;
    at.h -= head.h + 2;
    t = table_begin(ui, at, (const int[]){40, 60, 0});
    TABLE_ROW(&t, false, say("local"), c->local);
#define VALUE(name, v)                                                         \
    number(text, sizeof text, (v), c->known);                                  \
    TABLE_ROW(&t, false, name, text)
    VALUE("SND.UNA", c->una);
    VALUE("SND.NXT", c->nxt);
    VALUE("SND.WND", c->snd_wnd);
    VALUE("RCV.NXT", c->rcv_nxt);
    VALUE("RCV.WND", c->rcv_wnd);
#undef VALUE
    /* a capture by others does not tell these */
    number(text, sizeof text, c->cwnd, c->known && c->cwnd);
    TABLE_ROW(&t, false, "cwnd", text);
    number(text, sizeof text, c->ssthresh, c->known && c->cwnd);
    TABLE_ROW(&t, false, "ssthresh",
        c->known && c->ssthresh >= UINT32_MAX / 4 ? say("no limit") : text);
    TABLE_ROW(&t, false, "RTO", duration(c->rto, text, sizeof text));
    int64_t left = instant_diff(c->due, view_event(&ui->view)->at);
    if (*c->timer && left > 0) {
        char in[40];

        snprintf(text, sizeof text, "%s in %s", c->timer,
            duration(left, in, sizeof in));
        TABLE_ROW(&t, !strcmp(c->timer, "TIME-WAIT"), say("timer"), text);
    } else {
        TABLE_ROW(&t, false, say("timer"), c->timer);
    }
}

/* Where each state stands: column and row of a grid of 3 by 5. */
static const struct {
    uint8_t x, y;
} places[TCP_STATE_COUNT] = {
    [TCP_CLOSED] = {1, 0},
    [TCP_LISTEN] = {0, 1},
    [TCP_SYN_SENT] = {2, 1},
    [TCP_SYN_RECEIVED] = {0, 2},
    [TCP_ESTABLISHED] = {1, 2},
    [TCP_CLOSE_WAIT] = {2, 2},
    [TCP_FIN_WAIT_1] = {0, 3},
    [TCP_CLOSING] = {1, 3},
    [TCP_LAST_ACK] = {2, 3},
    [TCP_FIN_WAIT_2] = {0, 4},
    [TCP_TIME_WAIT] = {1, 4},
};

static SDL_Rect
state_box(SDL_Rect at, enum tcp_state s)
{
    int w = at.w / 3, h = at.h / 5;

    return (SDL_Rect){at.x + places[s].x * w + w / 10,
        at.y + places[s].y * h + h / 6, w * 8 / 10, h * 2 / 3};
}

/* Where the line from the middle of `at` towards (x, y) leaves the box. */
static SDL_Point
edge(SDL_Rect at, int x, int y)
{
    int cx = at.x + at.w / 2, cy = at.y + at.h / 2;
    int dx = x - cx, dy = y - cy;

    if (abs(dx) * at.h > abs(dy) * at.w)
        return (SDL_Point){dx > 0 ? at.x + at.w : at.x,
            cy + (dx ? dy * (at.w / 2) / abs(dx) : 0)};
    return (SDL_Point){
        cx + (dy ? dx * (at.h / 2) / abs(dy) : 0), dy > 0 ? at.y + at.h : at.y};
}

static void
arrow(struct ui *ui, SDL_Rect at, const struct tcp_arrow *a, bool now)
{
    SDL_Rect from = state_box(at, a->from), to = state_box(at, a->to);
    SDL_Point p, q;

    if (a->from == a->to)
        return;
    if (a->to == TCP_CLOSED && places[a->from].y > 1)
        return; /* every state may end there: a star of lines hides the rest */
    p = edge(from, to.x + to.w / 2, to.y + to.h / 2);
    q = edge(to, from.x + from.w / 2, from.y + from.h / 2);
    canvas_arrow(&ui->canvas, p.x, p.y, q.x, q.y, now ? THEME_INK : THEME_LINE,
        now ? 3 : 1);
}

static void
diagram(struct ui *ui, SDL_Rect at, const struct state_conn *a,
    const struct state_conn *b)
{
    struct canvas *c = &ui->canvas;
    const struct event *e = view_event(&ui->view);
    char from[32] = "", to[32] = "";

    if (e->kind == EV_TCP_MOVE) {
        const struct field *f = event_field(e, "from");
        const struct field *t = event_field(e, "to");

        if (f && t) {
            field_text(f, from, sizeof from);
            field_text(t, to, sizeof to);
        }
    }
    for (unsigned i = 0; i < tcp_arrow_count; i++)
        arrow(ui, at, &tcp_arrows[i],
            !strcmp(tcp_state_text(tcp_arrows[i].from), from) &&
                !strcmp(tcp_state_text(tcp_arrows[i].to), to));
    for (enum tcp_state s = 0; s < TCP_STATE_COUNT; s++) {
        SDL_Rect box = state_box(at, s);
        bool at_a = a && !strcmp(a->state, tcp_state_text(s));
        bool at_b = b && !strcmp(b->state, tcp_state_text(s));
        SDL_Rect half = box;

        canvas_fill(c, box, THEME_PAPER);
        half.w /= 2;
        if (at_a)
            canvas_fill(c, at_b ? half : box, theme_fill(LAYER_TCP));
        half.x += half.w;
        if (at_b)
            canvas_fill(c, at_a ? half : box, theme_fill(LAYER_IP));
        canvas_frame(c, box, at_a || at_b ? THEME_INK : THEME_LINE, 1);
        canvas_text(c, box,
            (struct style){
                at_a || at_b ? FACE_BOLD : FACE_TEXT, 76, THEME_INK, CENTRE},
            tcp_state_text(s));
    }
}

void
draw_tab_tcp(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    const struct state_conn *a, *b;
    int rows = ui_row(ui) + ui->canvas.em * 13;
    SDL_Rect left = {area.x, area.y, area.w / 2 - ui->canvas.em / 4, rows};
    SDL_Rect right = {area.x + area.w / 2 + ui->canvas.em / 4, area.y,
        area.w / 2 - ui->canvas.em / 4, rows};

    if (left.h > area.h)
        left.h = right.h = area.h;
    ends(ui, st, &a, &b);
    if (a)
        end_column(ui, left, a, theme_fill(LAYER_TCP));
    else
        canvas_text(&ui->canvas, (SDL_Rect){area.x, area.y, area.w, ui_row(ui)},
            (struct style){FACE_TEXT, 90, THEME_SOFT, LEFT},
            say("there is no connection at this moment"));
    if (b)
        end_column(ui, right, b, theme_fill(LAYER_IP));
    if (!a)
        rows = ui_row(ui);
    SDL_Rect rest = {area.x, area.y + rows, area.w, area.h - rows};
    if (rest.h > ui->canvas.em * 10)
        diagram(ui, rest, a, b);
}
