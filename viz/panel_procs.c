/*
 * panel_procs.c: the processes of each computer, and what the two that act
 * do, call by call, as strace prints it: while a request is served these are
 * nginx's worker and php-fpm's, side by side. The time goes down, so that
 * who waits for whom can be seen.
 */
#include "table.h"

#include <string.h>

/* A process and, indented below it, its children. */
static void
family(struct ui *ui, struct table *t, const struct state *st, unsigned host,
    uint32_t ppid, unsigned depth)
{
    const struct event *e = view_event(&ui->view);

    for (unsigned i = 0; i < st->nproc && depth < 6; i++) {
        const struct state_proc *p = &st->proc[i];
        char pid[24], name[64], state[80];

        if (p->host != host || p->ppid != ppid || p->pid == ppid)
            continue;
        snprintf(pid, sizeof pid, "%u", p->pid);
        snprintf(name, sizeof name, "%*s%s", (int)depth * 2, "", p->name);
        snprintf(state, sizeof state, "%s%s",
            *p->ended    ? p->ended
            : *p->sleeps ? say("sleeps in ")
                         : say("runs"),
            *p->ended ? "" : p->sleeps);
        TABLE_ROW(t, e->host == host && e->pid == p->pid, pid, name, state);
        family(ui, t, st, host, p->pid, depth + 1);
    }
}

static bool
has_parent(const struct state *st, const struct state_proc *p)
{
    for (unsigned i = 0; i < st->nproc; i++)
        if (st->proc[i].host == p->host && st->proc[i].pid == p->ppid &&
            p->pid != p->ppid)
            return true;
    return false;
}

static int
process_table(struct ui *ui, SDL_Rect area, const struct state *st)
{
    struct table t = table_begin(ui, area, (const int[]){6, 34, 60, 0});

    TABLE_HEAD(&t, "PID", say("process"), say("state"));
    for (unsigned h = 1; h < story_hosts(ui->view.story); h++) {
        bool titled = false;

        for (unsigned i = 0; i < st->nproc; i++) {
            const struct state_proc *p = &st->proc[i];
            bool again = false;

            if (p->host != h || has_parent(st, p))
                continue;
            for (unsigned k = 0; k < i; k++)
                again |= st->proc[k].host == h &&
                         !has_parent(st, &st->proc[k]) &&
                         st->proc[k].ppid == p->ppid;
            if (!titled)
                table_title(&t, story_host(ui->view.story, h));
            titled = true;
            if (!again)
                family(ui, &t, st, h, p->ppid, 0);
        }
    }
    if (st->nproc == 0)
        table_note(&t, say("no process has been reported"));
    return t.at.y - area.y;
}

#define CALLS_MAX 64
#define SEARCH    4000 /* events that are looked back */

/* Who acts, and who else did last on the same computer. */
static unsigned
actors(const struct view *v, uint32_t pid[2])
{
    const struct event *now = view_event(v);
    uint16_t host = now->host;
    unsigned n = 0;

    if (now->pid)
        pid[n++] = now->pid;
    for (uint64_t i = v->pos; i > 0 && n < 2 && v->pos - i < SEARCH; i--) {
        const struct event *e = story_event(v->story, i);

        if (e->host == host && e->pid && e->kind == EV_SYSCALL &&
            !(n && pid[0] == e->pid))
            pid[n++] = e->pid;
    }
    if (n == 2 && pid[0] > pid[1]) { /* each keeps its side */
        uint32_t other = pid[0];

        pid[0] = pid[1];
        pid[1] = other;
    }
    return n;
}

/* Row by row downwards; each call in the column of who made it. */
static void
trace(struct ui *ui, SDL_Rect at, const uint32_t *pid, unsigned n)
{
    const struct view *v = &ui->view;
    const struct event *now = view_event(v);
    struct table t = table_begin(
        ui, at, n == 2 ? (const int[]){50, 50, 0} : (const int[]){100, 0});
    uint64_t found[CALLS_MAX];
    unsigned rows, k = 0;
    char name[2][80], text[300];

    for (unsigned i = 0; i < n; i++)
        snprintf(name[i], sizeof name[i], "%u %s", pid[i],
            ui_process(ui, now->host, pid[i]));
    table_row(&t, false, (const char *const[]){name[0], n == 2 ? name[1] : ""});
    t.face = FACE_MONO;
    rows = (unsigned)(t.at.h / (ui->canvas.em * 13 / 10));
    if (rows > CALLS_MAX)
        rows = CALLS_MAX;
    for (uint64_t i = v->pos; i > 0 && k < rows && v->pos - i < SEARCH; i--) {
        const struct event *e = story_event(v->story, i);

        if (e->host == now->host && e->kind == EV_SYSCALL &&
            (e->pid == pid[0] || (n == 2 && e->pid == pid[1])))
            found[k++] = i;
    }
    while (k-- > 0) {
        const struct event *e = story_event(v->story, found[k]);
        bool right = e->pid != pid[0];

        event_text(e, text, sizeof text);
        table_row(&t, found[k] == v->pos,
            (const char *const[]){right ? "" : text, right ? text : ""});
    }
}

void
draw_tab_procs(struct ui *ui, SDL_Rect area)
{
    const struct state *st = view_state(&ui->view);
    SDL_Rect top = area;
    uint32_t pid[2];
    unsigned n = actors(&ui->view, pid);

    if (n) /* the calls get half of the room */
        top.h = area.h / 2;
    int used = process_table(ui, top, st);
    area.y += used + ui->canvas.em / 2;
    area.h -= used + ui->canvas.em / 2;
    if (n && area.h > 3 * ui->canvas.em)
        trace(ui, area, pid, n);
}
