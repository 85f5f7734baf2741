/*
 * story_text.c: an event as a sentence, and what its frame carries.
 */
#include "dissect.h"
#include "story.h"

#include <stdio.h>
#include <string.h>

char *
story_text(const struct story *s, uint64_t i, char *buf, size_t size)
{
    const struct event *e = story_event(s, i);
    struct dissection *d = NULL;
    const uint8_t *bytes;
    struct arena arena;
    size_t len = 0;
    uint64_t sent;

    event_text(e, buf, size);
    if (event_info(e->kind)->layer != LAYER_WIRE)
        return buf;
    sent = story_frame(s, i);
    bytes = sent ? story_bytes(story_event(s, sent), &len) : NULL;
    arena_init(&arena, 0);
    if (bytes)
        d = dissect(&arena, story_linktype(s, sent), bytes, len);
    if (d) {
        size_t used = strlen(buf);

        snprintf(buf + used, size - used, ": %s", d->info);
    }
    arena_free(&arena);
    return buf;
}
