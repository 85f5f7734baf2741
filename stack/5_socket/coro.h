/*
 * coro.h: a coroutine: a function with a stack of its own that can stop in
 * the middle and go on later. Programs of a layerwalk computer run in
 * coroutines, so that a blocking system call blocks the process and not the
 * simulator. One thread; whoever resumes waits until the coroutine yields.
 */
#ifndef LW_CORO_H
#define LW_CORO_H

#include "words.h"

#include <setjmp.h>

struct coro {
    jmp_buf self;   /* where the coroutine stopped */
    jmp_buf caller; /* where coro_resume waits */
    void (*body)(void *arg);
    void *arg;
    uint8_t *stack; /* lowest address; a page without rights stands below */
    bool started;
    bool finished;
    /* For the address sanitizer, which must know which stack is in use. */
    void *fake_self, *fake_caller;
    const void *caller_bottom;
    size_t caller_size;
};

/* A coroutine that will run body(arg), which must end in coro_finish. */
int coro_init(struct coro *c, void (*body)(void *arg), void *arg); /* -ENOMEM */

/* Runs it until it yields or finishes. */
void coro_resume(struct coro *c);

/* Called inside: goes back to coro_resume, until resumed. */
void coro_yield(struct coro *c);

/* Called inside: goes back to coro_resume for good. */
void coro_finish(struct coro *c) __attribute__((noreturn));

/* Gives the stack back. Never called from inside; twice has no effect. */
void coro_free(struct coro *c);

#endif
