/*
 * remote_call.h: one function a system call: takes its arguments out of the
 * request, makes the call, puts into the reply what is not the result.
 */
#ifndef LW_REMOTE_CALL_H
#define LW_REMOTE_CALL_H

#include "remote_proc.h"

#define REMOTE_CALL(name)                                                      \
    int64_t remote_do_##name(                                                  \
        struct proc *p, struct remote *r, const struct remote_request *q)

#define CALL(name, rule) REMOTE_CALL(name);
#include "calls.def"
#undef CALL

/* Puts what lies ahead in the stream fd at the end of the reply, as far as
 * nobody but this process can read it. */
void remote_look_ahead(struct proc *p, const struct remote_request *q, int fd);

/* How much of `want` bytes one message can carry. */
static inline size_t
remote_cut(int64_t want)
{
    return want < 0 ? 0 : want < REMOTE_DATA ? (size_t)want : REMOTE_DATA;
}

#endif
