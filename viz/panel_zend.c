/*
 * panel_zend.c: the Zend engine at work, in three columns: the tokens that
 * the file was cut into, the tree that they grew into, and the opcodes that
 * the tree became. What the event is about is marked in each: a step of the
 * machine marks its opcode, and the tokens and nodes of its line.
 */
#include "table.h"

#include <string.h>

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

/* One of the three listings. */
struct listing {
    enum event_kind kind;
    const char *title;
    uint64_t first, count; /* its events: position of the first, how many */
    uint64_t current;      /* counted from 1; 0: none */
    uint64_t line;         /* of the source: marked; 0: none */
};

/* A token, a node or an opcode in a few words. */
static void
row_text(const struct event *e, char *text, size_t size)
{
    const struct field *f;
    char part[200] = "";

    switch (e->kind) {
    case EV_ZEND_TOKEN:
        f = event_field(e, "text");
        if (f)
            field_text(f, part, sizeof part);
        if (!strcmp(part, "\\x00"))
            snprintf(part, sizeof part, "(end)");
        snprintf(text, size, "%llu  %s",
            (unsigned long long)event_u64(e, "line", 0), part);
        break;
    case EV_ZEND_AST:
        f = event_field(e, "node");
        if (f)
            field_text(f, part, sizeof part);
        snprintf(text, size, "%*s%s", (int)event_u64(e, "depth", 0), "", part);
        break;
    default:
        f = event_field(e, "op");
        if (f)
            field_text(f, part, sizeof part);
        snprintf(text, size, "#%llu %s",
            (unsigned long long)event_u64(e, "index", 0), part);
        break;
    }
}

/* The rows around the current one, as many as there is room for. */
static void
draw_listing(struct ui *ui, SDL_Rect at, const struct listing *l)
{
    const struct story *s = ui->view.story;
    struct table t = table_begin(ui, at, (const int[]){100, 0});
    uint64_t n = 0, skip, rows;

    table_title(&t, say(l->title));
    t.face = FACE_MONO;
    rows = (uint64_t)(t.at.h / (ui->canvas.em * 13 / 10));
    skip = l->current > rows / 2 ? l->current - rows / 2 : 0;
    if (skip + rows > l->count)
        skip = l->count > rows ? l->count - rows : 0;
    for (uint64_t i = l->first; i && i <= story_count(s) && n < l->count; i++) {
        const struct event *e = story_event(s, i);
        char text[256];
        bool now;

        if (e->kind != l->kind || n++ < skip)
            continue;
        now = l->current ? n == l->current
                         : l->line && event_u64(e, "line", 0) == l->line;
        row_text(e, text, sizeof text);
        if (!TABLE_ROW(&t, now, text))
            return;
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

/* All that the script has written up to here. */
static void
output(struct ui *ui, struct table *t, const struct state_zend *z)
{
    const struct story *s = ui->view.story;
    uint64_t from = z->opcodes ? z->opcodes : z->step;
    char text[512], all[1024] = "";

    if (!z->output)
        return;
    for (uint64_t i = from; i && i <= ui->view.pos; i++) {
        const struct event *e = story_event(s, i);
        const struct field *f = event_field(e, "data");
        size_t used = strlen(all);

        if (e->kind == EV_ZEND_OUTPUT && e->pid == z->pid && f)
            snprintf(all + used, sizeof all - used, "%s",
                field_text(f, text, sizeof text));
    }
    table_title(t, say("output so far"));
    table_note(t, all);
}

static void
columns(struct ui *ui, SDL_Rect at, const struct state_zend *z)
{
    const struct event *e = view_event(&ui->view);
    char function[128];
    uint64_t line =
        z->step ? event_u64(story_event(ui->view.story, z->step), "line", 0)
                : 0;
    struct listing all[3] = {
        {EV_ZEND_TOKEN, "tokens", z->tokens, z->ntokens, 0, line},
        {EV_ZEND_AST, "tree", z->tree, z->ntree, 0, line},
        {EV_ZEND_OPCODE, "opcodes", z->opcodes, z->nopcodes, 0, 0},
    };
    const int shares[3] = {20, 26, 54};
    int x = at.x;

    all[2].current = opcode_of(ui, z, function, sizeof function);
    for (unsigned k = 0; k < 3; k++) {
        SDL_Rect box = {x, at.y, at.w * shares[k] / 100, at.h};

        if (e->kind == all[k].kind) { /* the newest is the current one */
            all[k].current = all[k].count;
            all[k].line = 0;
        }
        draw_listing(ui, box, &all[k]);
        x += box.w;
        if (k < 2)
            canvas_line(&ui->canvas, x - ui->canvas.em / 4, at.y,
                x - ui->canvas.em / 4, at.y + at.h, THEME_LINE, 1);
    }
}

void
draw_tab_zend(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    const struct state_zend *z = engine(ui, st);
    struct table t = table_begin(ui, area, (const int[]){100, 0});
    char text[400];

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
    output(ui, &t, z);
    columns(ui, t.at, z);
}
