/*
 * inside_trace.h: what PHP does with files, as SYSCALL events. The files are
 * real, below the host's folder, so no simulated kernel sees these calls;
 * inside_*.c report them with the same texts, and with the paths that PHP
 * named. Without a listener a call costs one branch more.
 */
#ifndef LW_INSIDE_TRACE_H
#define LW_INSIDE_TRACE_H

#include "inside.h"

#include <stdio.h>
#include <sys/stat.h>

static inline bool
traced(void)
{
    const struct inside *in = inside();

    return in->on && journal_wants(sys_env(in->proc)->journal, EV_SYSCALL);
}

/*
 * Reports the call of that name, with its arguments as text; result: what
 * Linux answered, or a negative errno. data: what read and write moved.
 */
struct traced_call {
    const char *name;
    enum rule rule;
    int fd; /* that the call is about; -1: none */
    long result;
    const void *data;
    size_t len;
};

void trace_call(const struct traced_call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The arguments are evaluated only when somebody listens. */
#define TRACE(name_, rule_, fd_, result_, ...)                                 \
    do {                                                                       \
        if (traced())                                                          \
            trace_call(&(struct traced_call){.name = (name_),                  \
                           .rule = (rule_),                                    \
                           .fd = (int)(fd_),                                   \
                           .result = (result_)},                               \
                __VA_ARGS__);                                                  \
    } while (0)

/* Pieces of arguments in the notation of strace(1). */
struct trace_text {
    char s[PATH_MAX + 64];
};

const char *trace_string(struct trace_text *t, const char *path);
const char *trace_bytes(struct trace_text *t, const void *data, long len);
const char *trace_open_flags(struct trace_text *t, int flags);
const char *trace_stat(struct trace_text *t, const struct stat *st, long ret);

#endif
