/*
 * sample.h: a small run told by hand, for the tests of what listens to a
 * journal: a browser fetches a page from a web host behind a router. The
 * frames are real bytes with right checksums; the events are invented, but
 * in the order and with the fields of real ones.
 */
#ifndef LW_SAMPLE_H
#define LW_SAMPLE_H

#include "journal.h"

struct story;

/* A story that has listened to the run; NULL: no memory. */
struct story *sample_story(void);

/* Tells the run to a listener (story, narrator, ...). */
void sample_tell(
    struct listener *(*make)(void *owner, struct journal *j), void *owner);

/* A frame: TCP from 10.0.1.2:33000 to 10.0.2.2:80 or back. Its length. */
size_t sample_segment(uint8_t *buf, size_t size, bool back, uint8_t flags,
    uint32_t seq, uint32_t ack, const char *data);

#endif
