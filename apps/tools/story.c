/*
 * story.c: events copied into chunks that never move, indexed by packet.
 */
#include "story_in.h"

#include <stdlib.h>
#include <string.h>

static void
on_event(void *owner, const struct event *e)
{
    story_add(owner, e);
}

struct story *
story_new(void)
{
    struct story *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    intern_init(&s->names);
    s->types.size = sizeof(uint16_t);
    s->rank = -1;
    if (story_add_host(s, "") != 0 || s->full) {
        story_free(s);
        return NULL;
    }
    return s;
}

void
story_free(struct story *s)
{
    if (!s)
        return;
    pages_free(s->pages);
    story_load_end(s);
    free(s->chunks);
    rows_free(&s->types);
    free(s->hosts);
    free(s->pkts);
    free(s->stages);
    intern_free(&s->names);
    pieces_free(&s->kept);
    free(s);
}

struct listener *
story_listener(struct story *s, const struct journal *j)
{
    s->journal = j;
    s->listener =
        (struct listener){.event = on_event, .owner = s, .level = LEVEL_MICRO};
    return &s->listener;
}

void
story_set_host(struct story *s, unsigned n, const char *name)
{
    const char **hosts;

    if (n >= s->nhosts) {
        hosts = realloc(s->hosts, (n + 1u) * sizeof *hosts);
        if (!hosts) {
            s->full = true;
            return;
        }
        s->hosts = hosts;
        while (s->nhosts <= n)
            hosts[s->nhosts++] = "";
    }
    s->hosts[n] = intern_text(&s->names, name, strlen(name));
    if (!s->hosts[n]) {
        s->hosts[n] = "";
        s->full = true;
    }
}

unsigned
story_add_host(struct story *s, const char *name)
{
    for (unsigned i = 0; i < s->nhosts; i++)
        if (strcmp(s->hosts[i], name) == 0)
            return i;
    story_set_host(s, s->nhosts, name);
    return s->full ? 0 : s->nhosts - 1;
}

static struct pkt_slot *
pkt_slot(const struct story *s, uint64_t pkt)
{
    size_t at;

    if (!s->pkt_room)
        return NULL;
    at = (size_t)(pkt * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->pkt_room - 1);
    while (s->pkts[at].pkt && s->pkts[at].pkt != pkt)
        at = (at + 1) & (s->pkt_room - 1);
    return &s->pkts[at];
}

static bool
pkts_grow(struct story *s)
{
    struct pkt_slot *old = s->pkts;
    size_t room = s->pkt_room;
    struct pkt_slot *more = calloc(room ? room * 2 : 256, sizeof *more);

    if (!more)
        return false;
    s->pkts = more;
    s->pkt_room = room ? room * 2 : 256;
    for (size_t i = 0; i < room; i++)
        if (old[i].pkt)
            *pkt_slot(s, old[i].pkt) = old[i];
    free(old);
    return true;
}

/* Joins the event at i to those about the same packet. */
static bool
pkt_link(struct story *s, struct kept *k, uint64_t i)
{
    struct pkt_slot *slot;

    if (!k->e.pkt)
        return true;
    if (s->npkts * 2 >= s->pkt_room && !pkts_grow(s))
        return false;
    slot = pkt_slot(s, k->e.pkt);
    if (!slot->pkt) {
        *slot = (struct pkt_slot){.pkt = k->e.pkt, .first = (uint32_t)i};
        s->npkts++;
    } else {
        k->before = slot->last;
        story_kept(s, slot->last)->next = (uint32_t)i;
    }
    slot->last = (uint32_t)i;
    if (k->e.kind == EV_FRAME_DUPLICATED)
        slot->of = event_u64(&k->e, "of", 0);
    return true;
}

/* The story's copy of a name. The same name comes from the same place again
 * and again; what stands there is compared, since it may have changed. */
static const char *
name_kept(struct story *s, const char *name)
{
    size_t at = (uintptr_t)name / 4 % NAMES_MET;

    if (s->names_met[at].name == name &&
        strcmp(s->names_met[at].kept, name) == 0)
        return s->names_met[at].kept;
    const char *kept = intern_text(&s->names, name, strlen(name));
    if (kept) {
        s->names_met[at].name = name;
        s->names_met[at].kept = kept;
    }
    return kept;
}

/* The fields with all that they lead to, or NULL. */
static const struct field *
copy_fields(struct story *s, const struct event *e)
{
    struct field *f = pieces_alloc(&s->kept, e->nfields * sizeof *f);

    for (unsigned i = 0; f && i < e->nfields; i++) {
        f[i] = e->fields[i];
        if (!e->literal)
            f[i].name = name_kept(s, f[i].name);
        if (f[i].type == FIELD_BYTES || f[i].type == FIELD_TEXT)
            f[i].at = pieces_text(&s->kept, f[i].at, f[i].len);
        if (!f[i].name ||
            ((f[i].type == FIELD_BYTES || f[i].type == FIELD_TEXT) && !f[i].at))
            return NULL;
    }
    return f;
}

/* Room for one more event, or NULL. */
static struct kept *
next_kept(struct story *s)
{
    if (s->count == UINT32_MAX)
        return NULL;
    if (s->count == s->nchunks * STORY_CHUNK) {
        struct chunk **chunks =
            realloc(s->chunks, (s->nchunks + 1) * sizeof *chunks);

        if (!chunks)
            return NULL;
        s->chunks = chunks;
        chunks[s->nchunks] = pieces_alloc(&s->kept, sizeof **chunks);
        if (!chunks[s->nchunks])
            return NULL;
        for (unsigned l = 0; l < LEVEL_MICRO; l++)
            chunks[s->nchunks]->rows[l] = (uint32_t)s->rows[l];
        s->nchunks++;
    }
    return story_kept(s, s->count + 1);
}

void
story_add(struct story *s, const struct event *e)
{
    struct kept *k = s->full ? NULL : next_kept(s);

    if (s->journal)
        while (s->nhosts < s->journal->nhosts && !s->full)
            story_set_host(s, s->nhosts, s->journal->hosts[s->nhosts]);
    if (!k) {
        s->full = true;
        return;
    }
    *k = (struct kept){.e = *e};
    if (!e->literal)
        k->e.func = name_kept(s, e->func ? e->func : "");
    k->e.fields = copy_fields(s, e);
    if (!k->e.func || !k->e.fields || !pkt_link(s, k, s->count + 1)) {
        s->full = true;
        return;
    }
    s->count++;
    story_counts(s, s->count, e->kind);
}

void
story_counts(struct story *s, uint64_t i, enum event_kind kind)
{
    for (unsigned l = event_info(kind)->level; l <= LEVEL_MICRO; l++)
        s->rows[l]++;
    s->kinds[kind / 64] |= UINT64_C(1) << kind % 64;
    story_stage_note(s, i, kind);
}

bool
story_full(const struct story *s)
{
    return s->full;
}

uint64_t
story_count(const struct story *s)
{
    return s->pages ? pages_count(s->pages) : s->count;
}

const struct event *
story_event(const struct story *s, uint64_t i)
{
    return &story_look(s, i)->e;
}

bool
story_passes(const struct story *s)
{
    return s->pages != NULL;
}

uint64_t
story_missed(const struct story *s)
{
    return s->pages ? pages_missed(s->pages) : 0;
}

uint64_t
story_index(const struct story *s, uint64_t no)
{
    uint64_t low = 1, high = s->count;

    if (s->pages) /* they are numbered as they stand */
        return no <= pages_count(s->pages) ? no : 0;
    if (no >= 1 && no <= s->count && story_event(s, no)->no == no)
        return no;
    while (low <= high) {
        uint64_t mid = low + (high - low) / 2;
        uint64_t at = story_event(s, mid)->no;

        if (at == no)
            return mid;
        if (at < no)
            low = mid + 1;
        else
            high = mid - 1;
    }
    return 0;
}

unsigned
story_hosts(const struct story *s)
{
    return s->nhosts;
}

const char *
story_host(const struct story *s, unsigned host)
{
    return host < s->nhosts ? s->hosts[host] : "";
}

uint64_t
story_pkt_first(const struct story *s, uint64_t pkt)
{
    const struct pkt_slot *slot;

    if (s->pages)
        return pages_pkt_first(s->pages, pkt);
    slot = pkt ? pkt_slot(s, pkt) : NULL;
    return slot && slot->pkt ? slot->first : 0;
}

uint64_t
story_pkt_next(const struct story *s, uint64_t i)
{
    return story_look(s, i)->next;
}

uint64_t
story_pkt_before(const struct story *s, uint64_t i)
{
    return story_look(s, i)->before;
}

uint64_t
story_frame(const struct story *s, uint64_t i)
{
    const struct event *e = story_event(s, i);
    bool coming = e->kind == EV_LAYER_ADDED;
    uint64_t at = i;
    size_t len;

    uint64_t pkt = e->pkt;
    if (!pkt)
        return 0;
    for (at = i; !coming && at; at = story_pkt_before(s, at))
        if (story_bytes(story_event(s, at), &len))
            return at;
    for (at = i; at; at = story_pkt_next(s, at))
        if (story_bytes(story_event(s, at), &len))
            return at;
    for (at = i; at; at = story_pkt_before(s, at))
        if (story_bytes(story_event(s, at), &len))
            return at;
    const struct pkt_slot *slot = s->pages ? NULL : pkt_slot(s, pkt);
    at = slot && slot->of != pkt ? story_pkt_first(s, slot->of) : 0;
    for (; at && at < i; at = story_pkt_next(s, at))
        if (story_bytes(story_event(s, at), &len))
            return at;
    return 0;
}

const uint8_t *
story_bytes(const struct event *sent, size_t *len)
{
    const struct field *f;

    if (sent->kind != EV_FRAME_SENT)
        return NULL;
    f = event_field(sent, "bytes");
    if (!f || f->type != FIELD_BYTES)
        return NULL;
    *len = f->len;
    return f->at;
}
