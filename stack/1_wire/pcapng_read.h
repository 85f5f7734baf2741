/*
 * pcapng_read.h: pcapng files of anybody, in pieces of any size. Blocks of
 * unknown kinds are skipped; what is malformed is refused with its place.
 * Memory is bounded: one block of at most 16 MiB, and what a section keeps
 * (interfaces, event names), which has limits too.
 */
#ifndef LW_PCAPNG_READ_H
#define LW_PCAPNG_READ_H

#include "capture.h"

struct pcapng_reader;

/* file: the name to use in faults. All is copied but file, and fault is
 * filled by the calls below. NULL: no memory. */
struct pcapng_reader *pcapng_reader_new(
    const char *file, const struct capture_calls *calls, struct fault *fault);
void pcapng_reader_free(struct pcapng_reader *r);

/* The next len bytes of the file. 0, or a negative errno (see fault), after
 * which the reader takes no more. */
int pcapng_reader_feed(struct pcapng_reader *r, const void *data, size_t len);

/* The file has ended: was it whole? */
int pcapng_reader_end(struct pcapng_reader *r);

#endif
