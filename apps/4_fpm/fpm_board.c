/*
 * fpm_board.c: the states of a worker as a table of arrows, and one door
 * through which every change goes.
 *
 *     Creating -> Idle -> Reading headers -> Getting request informations
 *                  ^                                   |          |
 *                  |                                   v          |
 *               Finishing <------- Ending <-------- Running       |
 *                                     ^---------------------------+
 */
#include "fpm_board.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* clang-format off */
static const struct fpm_arrow arrows[] = {
    {FPM_STAGE_NONE, FPM_STAGE_CREATING, "forked by the master"},
    {FPM_STAGE_CREATING, FPM_STAGE_IDLE, "waits in accept"},
    {FPM_STAGE_IDLE, FPM_STAGE_READING, "a connection was accepted"},
    {FPM_STAGE_READING, FPM_STAGE_INFO, "all parameters have come"},
    {FPM_STAGE_READING, FPM_STAGE_FINISHED, "no request came"},
    {FPM_STAGE_INFO, FPM_STAGE_RUNNING, "the script is opened"},
    {FPM_STAGE_INFO, FPM_STAGE_ENDING, "there is no script to run"},
    {FPM_STAGE_RUNNING, FPM_STAGE_ENDING, "the script has ended"},
    {FPM_STAGE_RUNNING, FPM_STAGE_FINISHED,
        "the script called fastcgi_finish_request"},
    {FPM_STAGE_FINISHED, FPM_STAGE_ENDING, "the script has ended"},
    {FPM_STAGE_ENDING, FPM_STAGE_FINISHED, "the connection is closed"},
    {FPM_STAGE_ENDING, FPM_STAGE_IDLE, "waits in accept"},
    {FPM_STAGE_ENDING, FPM_STAGE_READING, "the connection is kept"},
    {FPM_STAGE_FINISHED, FPM_STAGE_IDLE, "waits in accept"},
    {FPM_STAGE_CREATING, FPM_STAGE_GONE, "ended"},
    {FPM_STAGE_IDLE, FPM_STAGE_GONE, "ended"},
    {FPM_STAGE_READING, FPM_STAGE_GONE, "ended"},
    {FPM_STAGE_INFO, FPM_STAGE_GONE, "ended"},
    {FPM_STAGE_RUNNING, FPM_STAGE_GONE, "ended"},
    {FPM_STAGE_ENDING, FPM_STAGE_GONE, "ended"},
    {FPM_STAGE_FINISHED, FPM_STAGE_GONE, "ended"},
    {FPM_STAGE_GONE, FPM_STAGE_CREATING, "its slot is used again"},
};
/* clang-format on */

const struct fpm_arrow *
fpm_arrow_at(unsigned i)
{
    return i < LW_COUNT(arrows) ? &arrows[i] : NULL;
}

const char *
fpm_stage_name(int stage)
{
    static const char *const names[] = {
#define S(name, text) text,
        FPM_STAGES(S)
#undef S
    };

    return names[stage];
}

struct fpm_board *
fpm_board_new(const struct fpm_pool *pool, int64_t now_ns)
{
    size_t n = (size_t)pool->max_children;
    struct fpm_board *b = mmap(NULL, sizeof(*b) + n * sizeof(b->slots[0]),
        PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (b == MAP_FAILED)
        return NULL;
    snprintf(b->pool, sizeof(b->pool), "%s", pool->name);
    b->pm = pool->pm;
    b->nslots = pool->max_children;
    b->started_ns = now_ns;
    return b;
}

void
fpm_board_free(struct fpm_board *b)
{
    if (b)
        munmap(b, sizeof(*b) + (size_t)b->nslots * sizeof(b->slots[0]));
}

/* As php-fpm counts: whoever waits in accept is idle, all others active. */
struct fpm_counts
fpm_board_count(const struct fpm_board *b)
{
    struct fpm_counts c = {0, 0, 0};

    for (int i = 0; i < b->nslots; i++) {
        if (!b->slots[i].pid)
            continue;
        c.total++;
        if (b->slots[i].stage <= FPM_STAGE_IDLE)
            c.idle++;
        else
            c.active++;
    }
    return c;
}

struct fpm_slot *
fpm_board_find(struct fpm_board *b, int pid)
{
    for (int i = 0; i < b->nslots; i++)
        if (b->slots[i].pid == pid)
            return &b->slots[i];
    return NULL;
}

static const struct fpm_arrow *
find_arrow(int from, enum fpm_stage to)
{
    for (size_t i = 0; i < LW_COUNT(arrows); i++)
        if ((int)arrows[i].from == from && arrows[i].to == to)
            return &arrows[i];
    return NULL;
}

void
fpm_slot_move(
    struct env *env, struct fpm_board *b, struct fpm_slot *s, enum fpm_stage to)
{
    const struct fpm_arrow *arrow = find_arrow(s->stage, to);
    int from = s->stage;
    struct fpm_counts c;

    assert(arrow);
    s->stage = to;
    c = fpm_board_count(b);
    if (c.active > b->active_max)
        b->active_max = c.active;
    NOTE(env, EV_FPM_WORKER, RULE_FPM_WORKER, f_u64("pid", (uint64_t)s->pid),
        f_text("pool", b->pool), f_text("from", fpm_stage_name(from)),
        f_text("to", fpm_stage_name(to)), f_text("why", arrow->why),
        f_u64("slot", (uint64_t)(s - b->slots)));
    if (to == FPM_STAGE_GONE) {
        s->pid = 0;
        c = fpm_board_count(b);
    }
    if (to == FPM_STAGE_IDLE || to == FPM_STAGE_READING || to == FPM_STAGE_GONE)
        NOTE(env, EV_FPM_POOL, RULE_FPM_BOARD, f_text("pool", b->pool),
            f_text("pm", fpm_pm_name(b->pm)), f_i64("idle", c.idle),
            f_i64("active", c.active), f_i64("total", c.total),
            f_u64("accepted", b->accepted));
}
