/*
 * story.h: a run, kept: every event with its fields, and the bytes of every
 * frame. Filled by listening to a journal, or from a saved file, or from a
 * capture that somebody else made. The window and `play` read it; nothing in
 * it is ever changed, only added, so a position in it is a number.
 *
 * Positions count from 1 to story_count. They are the journal's numbers when
 * the story listened from the beginning; a cause is turned into a position
 * by story_index.
 */
#ifndef LW_STORY_H
#define LW_STORY_H

#include "fault.h"
#include "journal.h"

struct story;

/* A part of the walk, for the strip above the window. */
struct stage {
    const char *name; /* "TCP" */
    enum layer layer; /* for its colour */
    uint64_t first;   /* position of its first event */
    struct instant at;
};

struct story *story_new(void); /* empty; NULL: no memory */
void story_free(struct story *s);

/*
 * The listener to add to `j` (journal_listen), which must outlive its use;
 * host names are taken from it. It wants everything (LEVEL_MICRO).
 */
struct listener *story_listener(struct story *s, const struct journal *j);

/* A saved run or any capture file, as a story. 0, or -errno and a fault. */
int story_load(const char *path, struct story **out, struct fault *fault);

/* --- filling by hand: what the above is made of --------------------- */

/* Keeps a deep copy of e; its number must be greater than all before. */
void story_add(struct story *s, const struct event *e);

/* A number for a host; the same name gives the same number. 0 is "". */
unsigned story_add_host(struct story *s, const char *name);

/* Gives host `number` that name. */
void story_set_host(struct story *s, unsigned number, const char *name);

/* True when memory ran out: the story ends where it stands. */
bool story_full(const struct story *s);

/* --- reading -------------------------------------------------------- */

uint64_t story_count(const struct story *s);

/*
 * The event at a position, valid as long as the story. Texts and bytes of
 * its fields are zero-terminated behind their length.
 */
const struct event *story_event(const struct story *s, uint64_t i);

/* The position of the event with that number; 0: none. */
uint64_t story_index(const struct story *s, uint64_t no);

unsigned story_hosts(const struct story *s); /* numbers below this */
const char *story_host(const struct story *s, unsigned host);

/* The events about one packet, by position, in order; 0: no more. */
uint64_t story_pkt_first(const struct story *s, uint64_t pkt);
uint64_t story_pkt_next(const struct story *s, uint64_t i);
uint64_t story_pkt_before(const struct story *s, uint64_t i);

/*
 * The frame that the event at i is about: the position of the FRAME_SENT
 * event that carries its bytes (a header that is being added belongs to the
 * frame that will be sent); 0: none.
 */
uint64_t story_frame(const struct story *s, uint64_t i);

/* The bytes in a FRAME_SENT event. NULL: it carries none. */
const uint8_t *story_bytes(const struct event *sent, size_t *len);

/*
 * The sentence of the event at i; for a frame with what it carries behind:
 * "frame on lan from eth0, 74 bytes: TCP 33000 > 80 [SYN], 0 bytes".
 */
char *story_text(const struct story *s, uint64_t i, char *buf, size_t size);

/* LINKTYPE_ of the frames: 1, Ethernet, unless a capture says otherwise. */
unsigned story_linktype(const struct story *s);
void story_set_linktype(struct story *s, unsigned linktype);

/* --- stages --------------------------------------------------------- */

unsigned story_stages(const struct story *s);
const struct stage *story_stage(const struct story *s, unsigned k);

/* The stage that position i lies in; 0 when there is none before. */
unsigned story_stage_at(const struct story *s, uint64_t i);

/*
 * The rule behind the stages, for listeners that keep no story: *rank is
 * where the walk is (-1 at first). True when an event of that kind begins a
 * new stage; *rank is then its rank, and stage_name its name.
 */
bool stage_begins(int *rank, enum event_kind kind);
const char *stage_name(int rank);
enum layer stage_layer(int rank);

#endif
