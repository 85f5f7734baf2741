/*
 * kernel_fixture.h: one kernel without a network, in virtual time, for tests
 * of processes, pipes, Unix sockets and epoll. Programs note what they saw
 * in `log`, which tests compare as one text.
 */
#ifndef LW_KERNEL_FIXTURE_H
#define LW_KERNEL_FIXTURE_H

#include "kernel.h"
#include "recorder.h"
#include "sys.h"

struct sim {
    struct journal journal;
    struct timers timers;
    struct env env;
    struct kernel *k;
    struct recorder rec; /* level LEVEL_DETAIL */
    char log[4096];
};

extern struct sim sim;   /* the one that a test looks at */
void sim_setup(void);    /* a test's setup: opens it */
void sim_teardown(void); /* its teardown: closes it; no timer may be left */

/* Starts main as a process called "test". The pid. */
int sim_start(struct sim *s, program_main *main);

/* Runs everything until nothing is left to happen. */
void sim_run(struct sim *s);

/* Both; the program ends with 0. */
void sim_ends_well(struct sim *s, program_main *main);

/* Runs, but no later than ns after now. */
void sim_run_for(struct sim *s, int64_t ns);

/* Appends to s->log. */
void sim_log(struct sim *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The nth SYSCALL event of that name as strace prints it, or "". */
const char *sim_strace(struct sim *s, const char *name, unsigned nth);

#endif
