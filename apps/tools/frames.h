/*
 * frames.h: events read off the frames of a capture that somebody else made
 * (story_frames.c, story_tcp.c). The same code runs twice: once over all of
 * the file, when it learns what is true from which frame on and counts the
 * events, and again over one page when somebody looks at it, when it tells
 * them.
 */
#ifndef LW_FRAMES_H
#define LW_FRAMES_H

#include "arena.h"
#include "known.h"
#include "story.h"

struct dissect_keys;

struct frames {
    struct known *known;
    struct intern *texts; /* for names, when learning */
    struct story *story;  /* its hosts get numbers and names, the same */
    bool learning;        /* the first reading; false: a page again */
    bool failed;          /* no memory */
    /* whom the events are told, as a journal would; NULL: nobody */
    void (*tell)(void *owner, const struct event *e);
    void *owner;
    uint32_t page;            /* being read */
    struct known_save *saves; /* a page again: how its connections stood */
    unsigned nsaves;
    uint64_t no, pkt; /* of the newest event, and frame */
    struct instant at;
    uint64_t of_pkt; /* what notes are about */
    uint32_t len;
    const struct known_peer *told; /* the card that this frame showed first */
    struct arena arena;            /* of what is taken apart */
};

/* A frame as the file has it. port: its row of known->ports. */
struct frames_frame {
    struct instant at;
    uint32_t port, len;
    const uint8_t *data;
};

void frames_init(struct frames *f, struct known *known, struct story *story);
void frames_free(struct frames *f);

/* The row of an interface of the file; UINT32_MAX: no memory, or too many. */
uint32_t frames_port(
    struct frames *f, uint32_t interface, unsigned linktype, const char *link);

/* The next frame: f->pkt + 1. */
void frames_add(struct frames *f, const struct frames_frame *frame);

/* A name for an address: of hosts not yet seen. */
void frames_name(struct frames *f, struct ipv4 addr, const char *name);

/* Tells in a few events all that was known before a page of that number, so
 * that who folds them stands where the page begins. */
void frames_retell(struct frames *f, uint32_t page);

/* A computer's card. */
void frames_card(struct frames *f, const struct known_peer *p);

/* Reports one event: its number. Fields are made only when they are told. */
uint64_t frames_tell(struct frames *f, enum event_kind kind, unsigned host,
    uint64_t cause, const struct field *fields, size_t nfields);
uint64_t frames_count(struct frames *f, enum event_kind kind);

#define FRAMES_NOTE(f_, kind_, host_, cause_, ...)                             \
    ((f_)->tell ? frames_tell((f_), (kind_), (host_), (cause_),                \
                      LW_FIELDS(__VA_ARGS__))                                  \
                : frames_count((f_), (kind_)))

/* The connection that a segment belongs to, and who sent it. */
struct tracked {
    uint32_t conn;
    unsigned who;
    struct known_end *ends;
};

/* False: there are too many connections. */
bool track_find(struct frames *f, const struct dissect_keys *k, unsigned from,
    unsigned to, struct tracked *out);

/* What a segment does to its sender, before it leaves, and its receiver. */
void track_sent(
    struct frames *f, const struct dissect_keys *k, const struct tracked *of);
void track_arrived(struct frames *f, const struct dissect_keys *k,
    const struct tracked *of, uint64_t cause);

/* How an end stands, in three events; and whether it stands at all. */
void track_retell(struct frames *f, uint32_t conn, unsigned who,
    const struct known_end ends[2]);
bool track_open(const struct known_end *end);

#endif
