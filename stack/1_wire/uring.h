/*
 * uring.h: many reads or writes of one descriptor in one system call
 * (io_uring(7)). A device without offload moves one frame a call; here up to
 * URING_MOST frames share one.
 */
#ifndef LW_URING_H
#define LW_URING_H

#include "words.h"

enum {
    URING_MOST = 32
};

struct uring;

/* NULL, with the reason in *err (-ENOSYS, -EPERM, -ENOMEM, ...): not on this
 * system, or not for this process. Read and write then. */
struct uring *uring_new(int *err);
void uring_free(struct uring *u); /* NULL: no effect */

/* One more transfer for the next uring_run, at most URING_MOST. */
void uring_read(struct uring *u, int fd, void *to, uint32_t len);
void uring_write(struct uring *u, int fd, const void *from, uint32_t len);

/*
 * Does them, in the order in which they were given, and puts what each of
 * them returned into results, bytes or -errno (-EAGAIN: it would have had to
 * wait). 0; or -errno: the ring is good for nothing any more, and what was
 * not done has a negative result.
 */
int uring_run(struct uring *u, int32_t results[URING_MOST]);

#endif
