/*
 * pkt.c: the packet pool. Buffers come in three sizes, small, usual and
 * largest; those that are free wait in a list of their size, so that the
 * data path never calls malloc once a world is warm. The most recently freed
 * is given out first: its memory is likely still in the processor's cache.
 */
#include "pkt.h"
#include "journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct pkt_pool {
    struct journal *journal;
    unsigned used, limit;
    struct pkt *small;   /* free buffers of PKT_SMALL */
    struct pkt *usual;   /* free buffers of PKT_ROOM */
    struct pkt *largest; /* free buffers of PKT_ROOM_MAX */
};

const char *
drop_name(enum drop d)
{
    static const char *const names[] = {
#define D(name, text) #name,
        DROPS(D)
#undef D
    };

    return (unsigned)d < DROP_COUNT ? names[d] : "";
}

const char *
drop_text(enum drop d)
{
    static const char *const texts[] = {
#define D(name, text) text,
        DROPS(D)
#undef D
    };

    return (unsigned)d < DROP_COUNT ? texts[d] : "";
}

struct pkt_pool *
pkt_pool_new(struct journal *journal, unsigned limit)
{
    struct pkt_pool *pool = calloc(1, sizeof *pool);

    if (pool)
        *pool = (struct pkt_pool){.journal = journal, .limit = limit};
    return pool;
}

unsigned
pkt_pool_used(const struct pkt_pool *pool)
{
    return pool->used;
}

static void
free_list(struct pkt *p)
{
    while (p) {
        struct pkt *next = p->next;

        free(p);
        p = next;
    }
}

void
pkt_pool_free(struct pkt_pool *pool)
{
    if (!pool)
        return;
    assert(pool->used == 0);
    free_list(pool->small);
    free_list(pool->usual);
    free_list(pool->largest);
    free(pool);
}

static inline struct pkt **
list_for(struct pkt_pool *pool, uint32_t room)
{
    if (room == PKT_SMALL)
        return &pool->small;
    return room == PKT_ROOM ? &pool->usual : &pool->largest;
}

struct pkt *
pkt_new(struct pkt_pool *pool, size_t headroom, size_t size)
{
    uint32_t room;
    struct pkt **list;
    struct pkt *p;

    if (pool->used >= pool->limit || headroom > PKT_ROOM_MAX ||
        size > PKT_ROOM_MAX - headroom)
        return NULL;
    room = headroom + size <= PKT_SMALL  ? PKT_SMALL
           : headroom + size <= PKT_ROOM ? PKT_ROOM
                                         : PKT_ROOM_MAX;
    list = list_for(pool, room);
    p = *list;
    if (p) {
        *list = p->next;
    } else {
        p = malloc(sizeof *p + room);
        if (!p)
            return NULL;
        p->pool = pool;
        p->room = room;
    }
    pool->used++;
    p->next = p->train = NULL;
    p->data = p->buf + headroom;
    p->len = 0;
    p->id = ++pool->journal->packets;
    p->cause = pool->journal->cause;
    p->l3 = 0;
    p->sum_ok = false;
    p->segment = 0;
    p->lent = 0;
    p->nparts = 0;
    return p;
}

static void
give_back(struct pkt *p)
{
    struct pkt **list = list_for(p->pool, p->room);

    p->next = *list;
    *list = p;
    p->pool->used--;
}

void
pkt_free(struct pkt *p)
{
    struct pkt *rest = p ? p->train : NULL;

    if (p)
        give_back(p);
    while (rest) {
        p = rest;
        rest = p->next;
        give_back(p);
    }
}

bool
pkt_lend(struct pkt *p, const uint8_t *data, uint32_t len)
{
    struct iovec *part = pkt_parts(p) + p->nparts;

    if (p->nparts == PKT_PARTS || (uint8_t *)(part + 1) > p->buf + p->room)
        return false;
    *part = (struct iovec){(void *)(uintptr_t)data, len};
    p->lent += len;
    p->nparts++;
    return true;
}

struct pkt *
pkt_copy(const struct pkt *p)
{
    uint32_t size = p->room - pkt_off(p), lent = p->lent;
    struct pkt *copy =
        pkt_new(p->pool, pkt_off(p), lent ? p->len + lent : size);

    if (!copy)
        return NULL;
    memcpy(copy->data, p->data, p->len);
    copy->len = p->len;
    copy->l3 = p->l3;
    copy->sum_ok = p->sum_ok;
    copy->segment = p->segment;
    for (unsigned i = 0; i < p->nparts; i++) {
        const struct iovec *part = &pkt_parts(p)[i];

        memcpy(pkt_put(copy, (uint32_t)part->iov_len), part->iov_base,
            part->iov_len);
    }
    return copy;
}

struct pkt *
pkt_own(struct pkt *p)
{
    struct pkt *own = p;

    if (p->lent > 0) {
        own = pkt_copy(p);
        if (own) {
            own->id = p->id;
            own->cause = p->cause;
        }
        pkt_free(p);
    }
    return own;
}
