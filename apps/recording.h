/*
 * recording.h: the listeners of one run: the narrator, the saved file and its
 * fingerprint, the story for the window, and the event that ends the
 * listening (--until).
 */
#ifndef LW_RECORDING_H
#define LW_RECORDING_H

#include "capture.h"
#include "narrate.h"
#include "pcapng_write.h"
#include "sha256.h"
#include "story.h"

#include <stdio.h>

struct recording_options {
    const char *save;  /* path, or NULL: only the fingerprint */
    const char *until; /* "TCP_MOVE" or "#123", or NULL */
    bool hash;         /* the fingerprint is wanted */
    bool story;        /* keep the events */
    FILE *tell;        /* where the narrator speaks, or NULL */
};

struct recording {
    struct journal *journal;
    const char *path; /* of the saved file, or NULL */
    FILE *file;
    struct sha256 *sha;
    struct pcapng_writer *writer;
    struct story *story; /* or NULL */
    struct listener *story_listener;
    struct narrator *narrator; /* or NULL */
    struct listener until;
    enum event_kind until_kind; /* EV_NONE: by number */
    uint64_t until_no;          /* 0: never */
    bool reached;               /* the event of --until was there */
    int err;                    /* the first trouble of the file */
    char php[16];               /* version of the engine; "" without */
    struct listener version;    /* hears it */
};

/* Before anything is begun: is `text` an event's name or number? */
bool recording_until_known(const char *text);

/* Begins to listen. 0, or a negative errno and the fault. */
int recording_open(struct recording *r, struct journal *journal,
    const struct capture_world *world, const struct recording_options *options,
    struct fault *fault);

/* Stops listening; the fingerprint when it was wanted ("" otherwise). 0, or
 * a negative errno and the fault when the file could not be written. */
int recording_end(
    struct recording *r, char hash[SHA256_TEXT], struct fault *fault);

/* Keeps no more events and forgets those kept. */
void recording_drop_story(struct recording *r);

/* Ends what is not ended and frees the story. */
void recording_close(struct recording *r);

#endif
