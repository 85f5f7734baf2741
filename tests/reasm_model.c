/*
 * reasm_model.c: what a receiver should say.
 */
#include "reasm_model.h"

#include <string.h>

void
reasm_model_init(struct reasm_model *m, const struct model_rules *rules)
{
    memset(m, 0, sizeof *m);
    m->rules = *rules;
}

/* The first part of the segment that is here already (RFC 2883 4.2.2). */
static struct model_range
first_twice(const struct reasm_model *m, struct model_range seg)
{
    struct model_range twice = {seg.from, seg.from};

    while (twice.from < seg.to && !m->here[twice.from])
        twice.from++;
    twice.to = twice.from;
    while (twice.to < seg.to && m->here[twice.to])
        twice.to++;
    return twice;
}

/* The run that begins at `from`, and when anything came for it. */
static unsigned
run_at(const struct reasm_model *m, unsigned from, struct model_range *run)
{
    unsigned came = 0;

    *run = (struct model_range){from, from};
    for (; m->here[run->to]; run->to++)
        if (m->came[run->to] > came)
            came = m->came[run->to];
    return came;
}

/* Of the runs beyond the ACK the one for which something came last, but
 * before `before` (RFC 2018 4); false: there is no other. */
static bool
latest_run(const struct reasm_model *m, unsigned before, unsigned *latest,
    struct model_range *run)
{
    struct model_range one;

    *latest = 0;
    for (unsigned i = m->nxt; i < MODEL_UNITS; i++) {
        unsigned came;

        if (!m->here[i])
            continue;
        came = run_at(m, i, &one);
        i = one.to;
        if (came < before && came > *latest) {
            *latest = came;
            *run = one;
        }
    }
    return *latest > 0;
}

static void
say(const struct reasm_model *m, struct model_answer *a)
{
    unsigned before = m->segments + 1;

    a->ack = m->nxt;
    while (a->nblocks < m->rules.blocks &&
           latest_run(m, before, &before, &a->block[a->nblocks]))
        a->nblocks++;
}

void
reasm_model_arrive(
    struct reasm_model *m, struct model_range seg, struct model_answer *a)
{
    struct model_range twice = first_twice(m, seg);
    bool holes = false, old = twice.from == seg.from && twice.to == seg.to;

    memset(a, 0, sizeof *a);
    for (unsigned i = m->nxt; i < MODEL_UNITS; i++)
        holes = holes || m->here[i];
    /* RFC 9293 3.10.7.4: what is no news is answered; RFC 5681 4.2: so is
     * what opens, fills or reaches into a hole; RFC 2883 4: and what brings
     * a duplicate, as long as it is the most recent. */
    a->at_once = old || seg.from > m->nxt || holes ||
                 (m->rules.dsack && twice.from < twice.to);
    m->segments++;
    for (unsigned i = seg.from; i < seg.to; i++) {
        m->here[i] = true;
        m->came[i] = m->segments;
    }
    while (m->here[m->nxt])
        m->nxt++;
    m->owed = !a->at_once;
    if (m->rules.dsack && twice.from < twice.to)
        a->block[a->nblocks++] = twice;
    say(m, a);
}

bool
reasm_model_late(struct reasm_model *m, struct model_answer *a)
{
    memset(a, 0, sizeof *a);
    a->at_once = m->owed;
    m->owed = false;
    say(m, a);
    return a->at_once;
}
