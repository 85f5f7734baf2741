/*
 * pcapng_write.h: a run as one pcapng file for two readers. Wireshark finds
 * frames (one interface a link), host names, and what led to each frame as
 * its comment; layerwalk finds the whole journal as well, in blocks that
 * Wireshark skips (and drops, when it saves the file anew).
 *
 * The writer is a listener of the journal and opens no file: bytes go to a
 * call of the owner's. The same events give the same bytes, always: nothing
 * of the machine or of the wall clock is in the file.
 */
#ifndef LW_PCAPNG_WRITE_H
#define LW_PCAPNG_WRITE_H

#include "capture.h"
#include "journal.h"

struct pcapng_writer;

struct pcapng_sink {
    /* Takes all bytes and returns 0, or a negative errno. */
    int (*write)(void *owner, const void *data, size_t len);
    void *owner;
};

/*
 * Begins the file and listens to j: to frames in any case, to other events up
 * to `level`. Open it before the world is built, so that it hears of the
 * cards and their addresses. NULL: no memory.
 */
struct pcapng_writer *pcapng_writer_new(struct journal *j,
    const struct capture_world *world, enum level level,
    const struct pcapng_sink *sink);

/* Writes what is still held back. Returns the first error so far, or 0. */
int pcapng_writer_flush(struct pcapng_writer *w);

/* Flushes, stops listening, frees. Returns the first error, or 0. NULL: 0. */
int pcapng_writer_close(struct pcapng_writer *w);

#endif
