/*
 * story_in.h: the inside of a story, for story*.c alone.
 */
#ifndef LW_STORY_IN_H
#define LW_STORY_IN_H

#include "intern.h"
#include "story.h"

#define STORY_CHUNK 1024 /* events that are allocated at a time */

/* An event as kept: links to its neighbours about the same packet. */
struct kept {
    struct event e;
    uint32_t before, next; /* positions; 0: none */
};

/* Where the events about one packet begin and end. */
struct pkt_slot {
    uint64_t pkt; /* 0: free */
    uint32_t first, last;
    uint64_t of; /* a duplicate: the packet that it is a copy of */
};

struct story {
    struct listener listener;
    const struct journal *journal; /* where host names come from; or NULL */
    struct kept **chunks;
    size_t nchunks;
    uint64_t count;
    bool full;
    unsigned linktype;
    struct intern names;
    struct arena arena; /* fields and what they point to */
    const char **hosts;
    unsigned nhosts;
    struct pkt_slot *pkts; /* hash table, open addressing */
    size_t npkts, pkt_room;
    struct stage *stages;
    unsigned nstages, stage_room;
    int rank; /* of the current stage, see story_stage.c; -1: none */
};

static inline struct kept *
story_kept(const struct story *s, uint64_t i)
{
    return &s->chunks[(i - 1) / STORY_CHUNK][(i - 1) % STORY_CHUNK];
}

/* Does a new stage begin with the event at position i? Then adds it. */
void story_stage_note(struct story *s, uint64_t i);

/*
 * A foreign capture, which holds frames alone: the events are read off them
 * (story_frames.c), connections with story_tcp.c.
 */
struct frames;
struct frames *frames_new(struct story *s); /* NULL: no memory */
void frames_free(struct frames *f);
void frames_add(struct frames *f, unsigned linktype, struct instant at,
    const char *link, const void *data, size_t len);

/* A name for an address: of hosts not yet seen. */
void frames_name(struct frames *f, struct ipv4 addr, const char *name);

/* Tells the story one derived event; its number. */
uint64_t frames_note(struct frames *f, enum event_kind kind, unsigned host,
    uint64_t cause, const struct field *fields, size_t nfields);

#define FRAMES_NOTE(f, kind, host, cause, ...)                                 \
    frames_note(f, kind, host, cause, LW_FIELDS(__VA_ARGS__))

/* The connections seen so far. */
struct tracks;
struct tracks *tracks_new(void);
void tracks_free(struct tracks *t);
struct dissect_keys;

/* What a segment does to its sender, before it leaves, and its receiver. */
void track_sent(struct tracks *t, struct frames *f,
    const struct dissect_keys *k, unsigned host);
void track_arrived(struct tracks *t, struct frames *f,
    const struct dissect_keys *k, unsigned host, uint64_t cause);

#endif
