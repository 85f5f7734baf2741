/*
 * comment.h: why each frame was sent, in words, for the packet comments of
 * capture files: what was reported about the packet before it left.
 */
#ifndef LW_COMMENT_H
#define LW_COMMENT_H

#include "journal.h"

struct comments;

struct comments *comments_new(void); /* NULL: no memory */
void comments_free(struct comments *c);

/* Notes what e says about a packet, when it is worth a comment. */
void comment_on(struct comments *c, const struct event *e);

/*
 * What was said about the packet of a FRAME_SENT event: by reports about
 * that packet since its last frame or, when there are none, by the report
 * that caused the frame. One sentence a line; "" when nothing. Valid until
 * the next call.
 */
const char *comment_for(const struct comments *c, const struct event *sent);

/* The frame has left; what comes next is about its next hop. */
void comment_clear(struct comments *c, const struct event *sent);

#endif
