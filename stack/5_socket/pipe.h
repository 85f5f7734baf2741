/*
 * pipe.h: the insides of a pipe, for those who move bytes without copying
 * them through a program: splice(2), tee(2).
 */
#ifndef LW_PIPE_H
#define LW_PIPE_H

#include "file.h"
#include "ring.h"

bool is_pipe(const struct file *f);

/* The queue behind this end; NULL: f is not the end that reads (writes). */
struct ring *pipe_ring(struct file *f, bool writes);
bool pipe_alone(struct file *f); /* the other end is closed */

/* Tells the other end: EPOLLIN, there is more; EPOLLOUT, there is room. */
void pipe_moved(struct file *f, unsigned events);

#endif
