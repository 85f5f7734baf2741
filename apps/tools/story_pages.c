/*
 * story_pages.c: the events of a capture that somebody else made, read off
 * its frames when somebody looks at them.
 *
 * The file is read once from its beginning to its end. That keeps of each
 * frame where it stands (24 bytes), of each page of PAGE_FRAMES frames the
 * number of its first event, and what known.h says. A page that is looked at
 * is read again by the same code, which then tells the events that it only
 * counted before; the PAGES_HELD pages asked for last are held, fewer where
 * frames are so long that they would take more than BYTES_HELD.
 */
#include "frames.h"
#include "intern.h"
#include "story_in.h"

#include "capture.h"

#include <stdlib.h>
#include <string.h>

#define PAGES_HELD  256
#define PAGES_LEAST 16 /* held, however large they are */
#define BYTES_HELD  (UINT64_C(64) << 20)

/* Where a frame stands. */
struct place {
    uint64_t offset;
    struct instant at;
    uint32_t len;
    uint16_t port;
};

struct page {
    uint32_t first;             /* position of its first event */
    uint32_t saves;             /* the first row of known.saves of it */
    uint32_t rows[LEVEL_MICRO]; /* listed by each level before it */
    uint16_t slot;              /* of pages.held, + 1; 0: not held */
};

/* A page's events. */
struct held {
    uint32_t page, n;
    uint64_t used; /* when it was asked for last */
    struct kept *kept;
    struct arena arena;
};

struct pages {
    struct story *story;
    struct capture *file;
    struct known known;
    struct frames learn;
    struct rows places, pages;
    struct held held[PAGES_HELD];
    unsigned nheld;  /* of held that have been used */
    unsigned npages; /* of them that hold a page */
    uint64_t bytes;  /* that these take */
    uint64_t asked;  /* counts what was asked for */
    uint64_t missed; /* what could not be told: no memory */
    uint32_t newest; /* page asked for last */
    bool timed;      /* base_ns is set */
    int64_t base_ns; /* time of the first frame */
};

static const struct kept nothing = {.e = {.func = ""}};

struct pages *
pages_new(struct story *s)
{
    struct pages *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->story = s;
    p->places.size = sizeof(struct place);
    p->pages.size = sizeof(struct page);
    if (!known_init(&p->known)) {
        free(p);
        return NULL;
    }
    frames_init(&p->learn, &p->known, s);
    p->learn.learning = true;
    return p;
}

void
pages_file(struct pages *p, struct capture *file)
{
    p->file = file;
}

static void
let_go(struct pages *p, struct held *h)
{
    struct page *page = rows_at(&p->pages, h->page);

    page->slot = 0;
    p->npages--;
    p->bytes -= h->arena.used;
    arena_free(&h->arena);
    h->kept = NULL;
    h->used = 0;
}

void
pages_free(struct pages *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < p->nheld; i++)
        if (p->held[i].kept)
            let_go(p, &p->held[i]);
    frames_free(&p->learn);
    known_free(&p->known);
    rows_free(&p->places);
    rows_free(&p->pages);
    free(p);
}

void
pages_name(struct pages *p, struct ipv4 addr, const char *name)
{
    frames_name(&p->learn, addr, name);
}

uint64_t
pages_count(const struct pages *p)
{
    return p->learn.no;
}

/* The page of the frame that comes next; a new one where one begins. */
static struct page *
next_page(struct pages *p)
{
    struct page *page;

    if (p->places.n % PAGE_FRAMES != 1) {
        page = rows_at(&p->pages, p->pages.n - 1);
        if (page->slot) /* it is not whole any more */
            let_go(p, &p->held[page->slot - 1]);
        return page;
    }
    page = rows_add(&p->pages);
    if (!page)
        return NULL;
    *page = (struct page){
        .first = (uint32_t)p->learn.no + 1, .saves = p->known.saves.n};
    for (unsigned l = 0; l < LEVEL_MICRO; l++)
        page->rows[l] = (uint32_t)p->story->rows[l];
    p->learn.page = p->pages.n - 1;
    return page;
}

bool
pages_add(struct pages *p, const struct capture_frame *frame)
{
    uint32_t port = frames_port(&p->learn, frame->interface, frame->linktype,
        *frame->link ? frame->link : "wire");
    struct place *place = port == UINT32_MAX || p->learn.no > UINT32_MAX - 64
                              ? NULL
                              : rows_add(&p->places);
    struct instant at = p->learn.at;

    if (!place || !next_page(p))
        return false;
    if (!p->timed)
        p->base_ns = frame->time_ns;
    p->timed = true;
    /* time never goes back: captures of several cards are not sorted */
    if (frame->timed && frame->time_ns - p->base_ns > at.ns)
        at.ns = frame->time_ns - p->base_ns;
    *place = (struct place){frame->offset, at, frame->len, (uint16_t)port};
    frames_add(
        &p->learn, &(struct frames_frame){at, port, frame->len, frame->data});
    return !p->learn.failed;
}

/* --- a page again --------------------------------------------------- */

struct reading {
    struct held *held;
    uint32_t first, room;
    uint32_t last; /* position of the newest event about the frame */
    bool failed;
};

static void
keep(void *owner, const struct event *e)
{
    struct reading *r = owner;
    struct held *h = r->held;
    struct kept *k = &h->kept[h->n];
    struct field *f;

    if (h->n == r->room || r->failed)
        return;
    f = arena_alloc(&h->arena, e->nfields * sizeof *f);
    *k = (struct kept){.e = *e};
    for (unsigned i = 0; f && i < e->nfields; i++) {
        f[i] = e->fields[i];
        if (f[i].type == FIELD_TEXT)
            f[i].at = arena_text(&h->arena, f[i].at, f[i].len);
        if (f[i].type == FIELD_TEXT && !f[i].at)
            f = NULL;
    }
    k->e.fields = f;
    r->failed = !f;
    h->n += !r->failed;
    if (r->failed || !e->pkt)
        return;
    if (r->last && h->kept[r->last - r->first].e.pkt == e->pkt) {
        k->before = r->last;
        h->kept[r->last - r->first].next = (uint32_t)e->no;
    }
    r->last = (uint32_t)e->no;
}

/* How the page's connections stood before it. */
static unsigned
take_saves(const struct pages *p, uint32_t number, struct known_save *to)
{
    const struct page *page = rows_at(&p->pages, number);
    unsigned n = 0;

    for (uint32_t i = page->saves; i < p->known.saves.n; i++) {
        const struct known_save *s = rows_at(&p->known.saves, i);

        if (s->page != number || n == PAGE_FRAMES)
            break;
        to[n++] = *s;
    }
    return n;
}

/* False: no memory for it, and h->arena may hold a part. */
static bool
read_page(struct pages *p, uint32_t number, struct held *h)
{
    const struct page *page = rows_at(&p->pages, number);
    struct reading r = {.held = h, .first = page->first};
    uint32_t first = number * PAGE_FRAMES, end = first + PAGE_FRAMES;
    struct known_save saves[PAGE_FRAMES];
    struct frames f;

    r.room = (uint32_t)p->learn.no + 1 - page->first;
    if (number + 1 < p->pages.n)
        r.room = ((const struct page *)rows_at(&p->pages, number + 1))->first -
                 page->first;
    h->n = 0;
    h->kept = arena_alloc(&h->arena, r.room * sizeof *h->kept);
    frames_init(&f, &p->known, p->story);
    f.tell = keep;
    f.owner = &r;
    f.page = number;
    f.no = page->first - 1;
    f.pkt = first;
    f.saves = saves;
    f.nsaves = take_saves(p, number, saves);
    r.failed = !h->kept;
    for (uint32_t i = first; i < end && i < p->places.n && !r.failed; i++) {
        const struct place *at = rows_at(&p->places, i);
        /* one byte more: a zero behind it; a file that has become shorter
         * reads as zeros */
        uint8_t *data = arena_alloc(&h->arena, at->len + 1u);

        r.failed = !data;
        if (!data)
            break;
        capture_again(p->file, at->offset, data, at->len);
        frames_add(&f, &(struct frames_frame){at->at, at->port, at->len, data});
    }
    frames_free(&f);
    if (r.failed || f.failed)
        return false;
    for (; h->n < r.room; h->n++) /* none of these, if all is well */
        h->kept[h->n] = (struct kept){
            .e = {.no = page->first + h->n, .at = f.at, .func = ""}};
    return true;
}

/* The page that was asked for longest ago. */
static struct held *
oldest(struct pages *p)
{
    struct held *h = NULL;

    for (unsigned i = 0; i < p->nheld; i++)
        if (p->held[i].kept && (!h || p->held[i].used < h->used))
            h = &p->held[i];
    return h;
}

/* A place for a page. */
static struct held *
place_for_one(struct pages *p)
{
    while (p->npages == PAGES_HELD ||
           (p->npages >= PAGES_LEAST && p->bytes > BYTES_HELD))
        let_go(p, oldest(p));
    for (unsigned i = 0; i < p->nheld; i++)
        if (!p->held[i].kept)
            return &p->held[i];
    arena_init(&p->held[p->nheld].arena, 0);
    return &p->held[p->nheld++];
}

static struct held *
hold(struct pages *p, uint32_t number)
{
    struct page *page = rows_at(&p->pages, number);
    struct held *h;

    if (page->slot)
        return &p->held[page->slot - 1];
    h = place_for_one(p);
    h->page = number;
    if (!read_page(p, number, h)) {
        p->missed++;
        arena_free(&h->arena);
        h->kept = NULL;
        return NULL;
    }
    page->slot = (uint16_t)(h - p->held + 1);
    p->npages++;
    p->bytes += h->arena.used;
    return h;
}

/* The page of a position: the last that begins at or before it. */
static uint32_t
page_of(struct pages *p, uint64_t i)
{
    uint32_t low = 0, high = p->pages.n, mid = p->newest;

    while (low + 1 < high) {
        const struct page *page = rows_at(&p->pages, mid);

        if (page->first <= i) {
            low = mid;
            if (mid + 1 < high &&
                ((const struct page *)rows_at(&p->pages, mid + 1))->first > i)
                break;
        } else {
            high = mid;
        }
        mid = low + (high - low) / 2;
    }
    p->newest = low;
    return low;
}

const struct kept *
pages_kept(struct pages *p, uint64_t i)
{
    uint32_t number = page_of(p, i);
    const struct page *page = rows_at(&p->pages, number);
    struct held *h = hold(p, number);

    if (!h)
        return &nothing;
    h->used = ++p->asked;
    return &h->kept[i - page->first];
}

uint64_t
pages_pkt_first(struct pages *p, uint64_t pkt)
{
    uint32_t number = (uint32_t)((pkt - 1) / PAGE_FRAMES);
    struct held *h;

    if (pkt < 1 || pkt > p->places.n || !(h = hold(p, number)))
        return 0;
    for (uint32_t i = 0; i < h->n; i++)
        if (h->kept[i].e.pkt == pkt)
            return ((const struct page *)rows_at(&p->pages, number))->first + i;
    return 0;
}

unsigned
pages_linktype(const struct pages *p, uint64_t pkt)
{
    const struct place *at;

    if (pkt < 1 || pkt > p->places.n)
        return 1;
    at = rows_at(&p->places, (uint32_t)pkt - 1);
    return ((const struct known_port *)rows_at(&p->known.ports, at->port))
        ->linktype;
}

/* --- rows of a list, states, memory --------------------------------- */

uint64_t
pages_row(struct pages *p, enum level level, uint64_t i)
{
    uint32_t number = page_of(p, i);
    const struct page *page = rows_at(&p->pages, number);
    uint64_t n = page->rows[level];

    for (uint64_t at = page->first; at < i; at++)
        n += event_info(pages_kept(p, at)->e.kind)->level <= level;
    return n;
}

uint64_t
pages_at_row(struct pages *p, enum level level, uint64_t row)
{
    uint32_t low = 0, high = p->pages.n;

    while (low + 1 < high) { /* the last page with no more rows before it */
        uint32_t mid = low + (high - low) / 2;

        if (((const struct page *)rows_at(&p->pages, mid))->rows[level] <= row)
            low = mid;
        else
            high = mid;
    }
    const struct page *page = rows_at(&p->pages, low);
    uint64_t n = page->rows[level], i = page->first;
    for (; i <= p->learn.no; i++) {
        if (event_info(pages_kept(p, i)->e.kind)->level > level)
            continue;
        if (n++ == row)
            return i;
    }
    return 0;
}

uint64_t
pages_recap(struct pages *p, uint64_t i,
    void (*tell)(void *owner, const struct event *e), void *owner)
{
    uint32_t number = page_of(p, i);
    const struct page *page = rows_at(&p->pages, number);
    struct frames f;

    frames_init(&f, &p->known, p->story);
    f.tell = tell;
    f.owner = owner;
    frames_retell(&f, number);
    frames_free(&f);
    p->missed += f.failed;
    return page->first - 1u;
}

uint64_t
pages_missed(const struct pages *p)
{
    return p->missed;
}

size_t
pages_memory(const struct pages *p)
{
    return sizeof *p + known_memory(&p->known) + rows_memory(&p->places) +
           rows_memory(&p->pages) + p->bytes;
}
