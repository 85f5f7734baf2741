/*
 * story_rows.c: a story as the rows of a list, and what else can be asked of
 * it as a whole.
 */
#include "story_in.h"

unsigned
story_linktype(const struct story *s, uint64_t i)
{
    uint64_t pkt = story_event(s, i)->pkt;

    if (s->pages)
        return pages_linktype(s->pages, pkt);
    return pkt && pkt <= s->types.n
               ? *(const uint16_t *)rows_at(&s->types, (uint32_t)pkt - 1)
               : 1;
}

bool
story_has(const struct story *s, enum event_kind kind)
{
    return s->kinds[kind / 64] >> kind % 64 & 1;
}

uint64_t
story_rows(const struct story *s, enum level level)
{
    return s->rows[level];
}

static bool
lists(const struct kept *k, enum level level)
{
    return event_info(k->e.kind)->level <= level;
}

uint64_t
story_row(const struct story *s, enum level level, uint64_t i)
{
    const struct chunk *c;
    uint64_t n;

    if (level == LEVEL_MICRO)
        return i - 1;
    if (i > story_count(s))
        return s->rows[level];
    if (s->pages)
        return pages_row(s->pages, level, i);
    c = s->chunks[(i - 1) / STORY_CHUNK];
    n = c->rows[level];
    for (uint64_t at = 0; at < (i - 1) % STORY_CHUNK; at++)
        n += lists(&c->kept[at], level);
    return n;
}

uint64_t
story_at_row(const struct story *s, enum level level, uint64_t row)
{
    size_t low = 0, high = s->nchunks;
    uint64_t n;

    if (row >= s->rows[level])
        return 0;
    if (level == LEVEL_MICRO)
        return row + 1;
    if (s->pages)
        return pages_at_row(s->pages, level, row);
    while (low + 1 < high) { /* the last chunk with no more rows before it */
        size_t mid = low + (high - low) / 2;

        if (s->chunks[mid]->rows[level] <= row)
            low = mid;
        else
            high = mid;
    }
    n = s->chunks[low]->rows[level];
    for (uint64_t i = low * STORY_CHUNK + 1; i <= s->count; i++)
        if (lists(story_kept(s, i), level) && n++ == row)
            return i;
    return 0;
}

uint64_t
story_recap(const struct story *s, uint64_t i,
    void (*tell)(void *owner, const struct event *e), void *owner)
{
    return s->pages ? pages_recap(s->pages, i, tell, owner) : 0;
}

size_t
story_memory(const struct story *s)
{
    size_t sum = sizeof *s + s->nchunks * sizeof *s->chunks + s->kept.total +
                 s->names.arena.used + s->names.room * sizeof *s->names.slots +
                 s->nhosts * sizeof *s->hosts + s->pkt_room * sizeof *s->pkts +
                 s->stage_room * sizeof *s->stages;

    sum += rows_memory(&s->types);
    return sum + (s->pages ? pages_memory(s->pages) : 0);
}
