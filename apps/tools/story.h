/*
 * story.h: a run, kept: every event with its fields, and the bytes of every
 * frame. Filled by listening to a journal, or from a saved file, or from a
 * capture that somebody else made. The window and `play` read it; nothing in
 * it is ever changed, only added, so a position in it is a number.
 *
 * Of a capture that somebody else made only an index is kept, some dozens of
 * bytes a frame: the file stays open, and what is looked at is read off its
 * frames again (story_pages.c). A million frames are a small story so.
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
};

struct story *story_new(void); /* empty; NULL: no memory */
void story_free(struct story *s);

/*
 * The listener to add to `j` (journal_listen), which must outlive its use;
 * host names are taken from it. It wants everything (LEVEL_MICRO).
 */
struct listener *story_listener(struct story *s, const struct journal *j);

/*
 * A saved run or any capture file, as a story: its beginning, so that there
 * is something to be seen at once. story_more reads about so many bytes on:
 * 1 while there is more, 0 when all has been read. Both give a negative errno
 * and a fault when the file is damaged; what came before it can be looked at
 * then, but for the first. fault must live until the last call. "-": standard
 * input.
 */
int story_open(const char *path, struct story **out, struct fault *fault);
int story_more(struct story *s, size_t bytes);

/* All of it. 0, or -errno and a fault. */
int story_load(const char *path, struct story **out, struct fault *fault);

/* The same with every event kept, whatever the file: to compare with. */
int story_load_kept(const char *path, struct story **out, struct fault *fault);

/* Bytes of memory that the story holds. */
size_t story_memory(const struct story *s);

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
 * The event at a position. Texts and bytes of its fields are zero-terminated
 * behind their length. It is valid as long as the story; but of a foreign
 * capture (story_passes) until story_more, or until events near 250 other
 * places (15 where frames are long) have been asked for: who walks far copies
 * what is wanted later.
 */
const struct event *story_event(const struct story *s, uint64_t i);

bool story_passes(const struct story *s);

/*
 * How often there was no memory to read an event, or a recap, of a foreign
 * capture again: an event of no kind was given in its place, or the recap
 * was not told whole. Asked for again it may be there.
 */
uint64_t story_missed(const struct story *s);

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

/* LINKTYPE_ of the frame that the event at i is about: 1, Ethernet, unless
 * a capture says otherwise. */
unsigned story_linktype(const struct story *s, uint64_t i);

/* Is there any event of that kind? */
bool story_has(const struct story *s, enum event_kind kind);

/*
 * The events that a level lists (its own, and the coarser ones), as rows
 * from 0: how many there are, how many come before position i (1 ..
 * story_count + 1), and the position of one.
 */
uint64_t story_rows(const struct story *s, enum level level);
uint64_t story_row(const struct story *s, enum level level, uint64_t i);
uint64_t story_at_row(const struct story *s, enum level level, uint64_t row);

/*
 * For states: tells in few events all that counts of those before a place at
 * or before position i, and returns that place: the events from there + 1 on
 * are to be folded next. 0, and nothing told: from the beginning.
 */
uint64_t story_recap(const struct story *s, uint64_t i,
    void (*tell)(void *owner, const struct event *e), void *owner);

/* --- stages --------------------------------------------------------- */

unsigned story_stages(const struct story *s);
struct stage story_stage(const struct story *s, unsigned k);

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
