/*
 * story_in.h: the inside of a story, for story*.c alone.
 */
#ifndef LW_STORY_IN_H
#define LW_STORY_IN_H

#include "intern.h"
#include "pieces.h"
#include "rows.h"
#include "story.h"

#define NAMES_MET   256
#define STORY_CHUNK 1024 /* events that are allocated at a time */

/* An event as kept: links to its neighbours about the same packet. */
struct kept {
    struct event e;
    uint32_t before, next; /* positions; 0: none */
};

/* The first event of a chunk comes behind so many that each level lists. */
struct chunk {
    uint32_t rows[LEVEL_MICRO];
    struct kept kept[STORY_CHUNK];
};

/* A stage, as kept. */
struct stage_begin {
    uint32_t first; /* position */
    uint32_t rank;
};

/* Where the events about one packet begin and end. */
struct pkt_slot {
    uint64_t pkt; /* 0: free */
    uint32_t first, last;
    uint64_t of; /* a duplicate: the packet that it is a copy of */
};

struct pages;
const struct kept *pages_kept(struct pages *p, uint64_t i);

struct story {
    struct listener listener;
    const struct journal *journal; /* where host names come from; or NULL */
    struct chunk **chunks;
    size_t nchunks;
    uint64_t count;
    bool full;
    struct intern names;
    struct pieces kept; /* chunks, fields and what they point to */
    struct {
        const char *name, *kept;
    } names_met[NAMES_MET]; /* by the name's place: a shortcut to names */
    const char **hosts;
    unsigned nhosts;
    struct rows types;   /* uint16_t: link types of kept frames, by pkt */
    struct pages *pages; /* of a foreign capture; or NULL */
    struct load *load;   /* of the file being read; or NULL */
    uint64_t rows[LEVEL_MICRO + 1];       /* events that each level lists */
    uint64_t kinds[(EV_COUNT + 63) / 64]; /* that occur, bits */
    struct pkt_slot *pkts;                /* hash table, open addressing */
    size_t npkts, pkt_room;
    struct stage_begin *stages;
    unsigned nstages, stage_room;
    int rank; /* of the current stage, see story_stage.c; -1: none */
};

static inline struct kept *
story_kept(const struct story *s, uint64_t i)
{
    return &s->chunks[(i - 1) / STORY_CHUNK]->kept[(i - 1) % STORY_CHUNK];
}

/* The same, of a foreign capture as well. */
static inline const struct kept *
story_look(const struct story *s, uint64_t i)
{
    return s->pages ? pages_kept(s->pages, i) : story_kept(s, i);
}

/* Does a new stage begin with an event of that kind at position i? */
void story_stage_note(struct story *s, uint64_t i, enum event_kind kind);

/* A kind of event has been counted, at position i, without being kept. */
void story_counts(struct story *s, uint64_t i, enum event_kind kind);

/*
 * The events of a foreign capture are not kept: where its frames stand in
 * the file is, and a page of them is read again when one of its events is
 * asked for (story_pages.c).
 */
struct capture;
struct capture_frame;
struct pages *pages_new(struct story *s);
void pages_file(struct pages *p, struct capture *file); /* where they are */
void pages_free(struct pages *p);

/* The next frame of the file. False: no memory for it. */
bool pages_add(struct pages *p, const struct capture_frame *frame);
void pages_name(struct pages *p, struct ipv4 addr, const char *name);
uint64_t pages_count(const struct pages *p);
uint64_t pages_pkt_first(struct pages *p, uint64_t pkt);
unsigned pages_linktype(const struct pages *p, uint64_t pkt);
size_t pages_memory(const struct pages *p);
uint64_t pages_missed(const struct pages *p); /* see story_missed */

/* The reading of the file is over, and the file is closed. */
void story_load_end(struct story *s);

/* story_recap for pages. */
uint64_t pages_recap(struct pages *p, uint64_t i,
    void (*tell)(void *owner, const struct event *e), void *owner);

/* story_row and story_at_row for pages. */
uint64_t pages_row(struct pages *p, enum level level, uint64_t i);
uint64_t pages_at_row(struct pages *p, enum level level, uint64_t row);

#endif
