/*
 * recorder.h: a listener that keeps what the journal told, for tests to
 * search. Events are numbered as they came; fields, texts and bytes are
 * copied, so a kept event stays valid until recorder_close.
 */
#ifndef LW_RECORDER_H
#define LW_RECORDER_H

#include "journal.h"

struct recorder {
    struct journal *journal;
    struct listener listener;
    struct event *events; /* kept, oldest first */
    unsigned count, room;
};

/* Listens to j from now on, down to `level`. Running out of memory ends the
 * test program. */
void recorder_open(struct recorder *r, struct journal *j, enum level level);
void recorder_close(struct recorder *r); /* before the journal is closed */

/* Forgets what was kept so far; keeps listening. */
void recorder_clear(struct recorder *r);

/* The nth event of that kind (0: the oldest), or NULL. */
const struct event *recorder_find(
    const struct recorder *r, enum event_kind kind, unsigned nth);
unsigned recorder_count(const struct recorder *r, enum event_kind kind);

/* The event of that number, or NULL: for walks along causes. */
const struct event *recorder_at(const struct recorder *r, uint64_t no);

/* How many packets were dropped for that reason. */
unsigned recorder_drops(const struct recorder *r, const char *drop_name);

/*
 * A field of e as text: as given for FIELD_TEXT, "10.0.0.1", "02:..:01",
 * decimal for numbers. "" when e is NULL or has no such field. The text
 * lives until the next call of the same `slot` (0..3).
 */
const char *recorder_text(
    const struct event *e, const char *field, unsigned slot);

/* The nth SYSCALL event of that name as strace prints it, or "". */
const char *recorder_strace(
    const struct recorder *r, const char *name, unsigned nth);

/* Prints every kept event as a sentence to stderr: for debugging a test. */
void recorder_print(const struct recorder *r);

#endif
