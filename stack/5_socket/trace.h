/*
 * trace.h: the scratch text of strace.c and its companions.
 */
#ifndef LW_TRACE_H
#define LW_TRACE_H

#include "strace.h"

struct trace {
    char text[16384]; /* texts of one call, one after the other */
    size_t used;
    const char *result; /* when it is more than the number */
    const void *data;   /* what a data call moved */
    size_t data_len;
};

/* Begins a text; trace_put appends to it; both cut at the end of `text`. */
char *trace_text(struct proc *p);
void trace_put(struct proc *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void trace_string(struct proc *p, const void *data, size_t len);

struct flag {
    unsigned long value;
    const char *name;
};

/* A list of them: FLAG(O_CREAT), FLAG(O_EXCL), FLAGS_END. */
#define FLAG(name)                                                             \
    {                                                                          \
        (unsigned long)(name), #name                                           \
    }
#define FLAGS_END                                                              \
    {                                                                          \
        0, NULL                                                                \
    }

/* "A|B|0x100": the names of the bits, what has none in hexadecimal. */
void trace_flags(struct proc *p, unsigned long value, const struct flag *flags);

/* The name of exactly this value, or NULL. */
const char *flag_name(unsigned long value, const struct flag *flags);

#endif
