/*
 * journal.c: numbers the events and hands them to the listeners.
 *
 * For each kind one bit says whether any listener is interested; it is what
 * the NOTE macros test, so that an event that nobody wants costs a load, a
 * shift and a branch that is always predicted.
 */
#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
journal_init(struct journal *j, const struct instant *now)
{
    *j = (struct journal){.now = now};
    journal_host(j, "");
}

void
journal_close(struct journal *j)
{
    free(j->hosts);
    j->hosts = NULL;
    j->nhosts = 0;
    j->listeners = NULL;
    memset(j->wanted, 0, sizeof j->wanted);
    memset(j->read, 0, sizeof j->read);
}

int
journal_host(struct journal *j, const char *name)
{
    char(*hosts)[32];

    if (j->nhosts == UINT16_MAX ||
        (j->nhosts == 0 && *name && journal_host(j, "") < 0))
        return -ENOMEM; /* number 0 is nobody's, whatever happens */
    hosts = realloc(j->hosts, (j->nhosts + 1u) * sizeof *hosts);
    if (!hosts)
        return -ENOMEM;
    j->hosts = hosts;
    snprintf(hosts[j->nhosts], sizeof *hosts, "%s", name);
    return j->nhosts++;
}

static bool
wants(const struct listener *l, enum event_kind kind)
{
    return event_info(kind)->level <= l->level &&
           (l->only == EV_NONE || l->only == kind);
}

static void
recompute_wanted(struct journal *j)
{
    memset(j->wanted, 0, sizeof j->wanted);
    memset(j->read, 0, sizeof j->read);
    for (const struct listener *l = j->listeners; l; l = l->next)
        for (unsigned kind = EV_NONE + 1; kind < EV_COUNT; kind++) {
            uint64_t bit = wants(l, kind) ? UINT64_C(1) << (kind % 64) : 0;

            j->wanted[kind / 64] |= bit;
            j->read[kind / 64] |= l->counts ? 0 : bit;
        }
}

void
journal_listen(struct journal *j, struct listener *l)
{
    struct listener **at = &j->listeners;

    journal_settle(j); /* those who count hear it, whatever l wants */
    while (*at)
        at = &(*at)->next;
    l->next = NULL;
    *at = l;
    recompute_wanted(j);
}

void
journal_unlisten(struct journal *j, struct listener *l)
{
    struct listener **at = &j->listeners;

    while (*at && *at != l)
        at = &(*at)->next;
    if (*at)
        *at = l->next;
    recompute_wanted(j);
}

/* Is the text between braces at `at` this name? */
static bool
names(const char *at, const char *name)
{
    while (*name && *at == *name) {
        at++;
        name++;
    }
    return *name == 0 && *at == '}';
}

/* Has every {field} of the kind's sentence been given? */
static bool
sentence_complete(const struct event *e)
{
    unsigned i = 0;

    for (const char *at = event_info(e->kind)->what; *at; at++) {
        unsigned tried = 0;

        if (*at != '{')
            continue;
        /* Most reports give them in the order of the sentence. */
        for (; tried < e->nfields; tried++, i++) {
            if (i == e->nfields)
                i = 0;
            if (names(at + 1, e->fields[i].name))
                break;
        }
        if (tried == e->nfields)
            return false;
        i++;
    }
    return true;
}

/* Whoever reports a kind names the same fields every time, so they need not
 * be looked at again and again: that was a third of a report's cost. The last
 * four are known; each storey reports the header that it adds. */
bool
journal_complete(struct journal *j, const struct event *e)
{
    const unsigned most = LW_COUNT(j->checked[0]);

    for (unsigned i = 0; i < most; i++)
        if (j->checked[e->kind][i].func == e->func &&
            j->checked[e->kind][i].nfields == e->nfields)
            return true;
    if (!sentence_complete(e))
        return false;
    memmove(&j->checked[e->kind][1], &j->checked[e->kind][0],
        sizeof j->checked[0] - sizeof j->checked[0][0]);
    j->checked[e->kind][0].func = e->func;
    j->checked[e->kind][0].nfields = e->nfields;
    return true;
}

static struct event
event_of(struct journal *j, const struct note *n, const struct field *fields,
    size_t nfields)
{
    return (struct event){
        .no = ++j->last,
        .at = *j->now,
        .cause = j->cause,
        .pkt = n->pkt,
        .off = n->off,
        .len = n->len,
        .pid = j->pid,
        .host = n->host,
        .kind = (uint16_t)n->kind,
        .rule = (uint16_t)n->rule,
        .nfields = (uint16_t)nfields,
        .literal = n->literal,
        .func = n->func,
        .fields = fields,
    };
}

void
journal_repeat(struct journal *j, const struct note *n, uint32_t times)
{
    struct event e = event_of(j, n, NULL, 0);
    struct listener *next;
    bool singly = false; /* somebody wants them one by one */

    assert(!journal_reads(j, n->kind) && times > 0);
    j->last += times - 1;
    for (struct listener *l = j->listeners; l; l = next) {
        next = l->next;
        if (l->repeat && wants(l, n->kind))
            l->repeat(l->owner, &e, times);
        else if (wants(l, n->kind))
            singly = true;
    }
    for (; singly && times > 0; times--, e.no++)
        for (struct listener *l = j->listeners; l; l = next) {
            next = l->next; /* a listener may take itself off */
            if (!l->repeat && wants(l, n->kind))
                l->event(l->owner, &e);
        }
}

void
journal_settle(struct journal *j)
{
    const struct tally t = j->tally;
    uint32_t times = j->tallied;

    if (!times)
        return;
    j->tallied = 0;
    if (journal_reads(j, t.kind))
        return;
    journal_repeat(j,
        &(struct note){
            .kind = t.kind, .rule = t.rule, .func = t.func, .host = t.host},
        times);
}

uint64_t
journal_note(struct journal *j, const struct note *n,
    const struct field *fields, size_t nfields)
{
    struct listener *next;
    struct event e;

    if (j->tallied)
        journal_settle(j);
    e = event_of(j, n, fields, nfields);
    assert(n->kind > EV_NONE && n->kind < EV_COUNT && nfields <= UINT16_MAX);
    assert(journal_complete(j, &e));
    for (struct listener *l = j->listeners; l; l = next) {
        next = l->next; /* a listener may take itself off */
        if (wants(l, n->kind))
            l->event(l->owner, &e);
    }
    return e.no;
}
