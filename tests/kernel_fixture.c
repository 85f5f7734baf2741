/*
 * kernel_fixture.c: a kernel alone.
 */
#include "kernel_fixture.h"
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct sim sim;

void
sim_setup(void)
{
    struct sim *s = &sim;

    *s = (struct sim){0};
    journal_init(&s->journal, &s->timers.now);
    timers_init(&s->timers, &s->journal);
    s->timers.epoch = 1700000000;
    s->env = (struct env){.journal = &s->journal, .timers = &s->timers};
    rng_init(&s->env.rng, 1, "test");
    s->env.host = (uint16_t)journal_host(&s->journal, "test");
    recorder_open(&s->rec, &s->journal, LEVEL_DETAIL);
    s->k = kernel_new(&s->env, NULL, NULL, NULL, NULL);
}

void
sim_teardown(void)
{
    struct sim *s = &sim;
    struct instant due;

    kernel_free(s->k);
    CHECK(!timers_next(&s->timers, &due));
    recorder_close(&s->rec);
    timers_close(&s->timers);
    journal_close(&s->journal);
}

int
sim_start(struct sim *s, program_main *main)
{
    char *argv[] = {"test", NULL};

    return kernel_start(s->k, "test", main, 1, argv);
}

void
sim_run_for(struct sim *s, int64_t ns)
{
    struct instant end = instant_add(s->timers.now, ns), due;

    kernel_run(s->k);
    while (timers_next(&s->timers, &due) && !instant_lt(end, due)) {
        timers_advance(&s->timers, due);
        kernel_run(s->k);
    }
    timers_advance(&s->timers, end);
}

void
sim_run(struct sim *s)
{
    struct instant due;

    kernel_run(s->k);
    while (timers_next(&s->timers, &due)) {
        timers_advance(&s->timers, due);
        kernel_run(s->k);
    }
}

void
sim_ends_well(struct sim *s, program_main *main)
{
    int pid = sim_start(s, main);

    sim_run(s);
    CHECK_EQ(kernel_status(s->k, pid), 0);
}

void
sim_log(struct sim *s, const char *format, ...)
{
    size_t used = strlen(s->log);
    va_list ap;

    va_start(ap, format);
    vsnprintf(s->log + used, sizeof s->log - used, format, ap);
    va_end(ap);
}

const char *
sim_strace(struct sim *s, const char *name, unsigned nth)
{
    return recorder_strace(&s->rec, name, nth);
}
