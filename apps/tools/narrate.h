/*
 * narrate.h: a run as a story in the terminal: one line an event, in
 * columns, with headings where a new part of the walk begins and the reason
 * where a rule decides for the first time in that part.
 */
#ifndef LW_NARRATE_H
#define LW_NARRATE_H

#include "journal.h"

#include <stdio.h>

struct narrator;

struct narrate_options {
    enum level level; /* the finest grain that is told; LEVEL_STEP is usual */
    int width;        /* columns; 0: those of the terminal, or 100 */
    int colour;       /* 1: yes, -1: no, 0: when out is a terminal and the
                         environment has no NO_COLOR */
};

/*
 * Tells what j reports to out, which stays the caller's. options may be
 * NULL: LEVEL_STEP. NULL: no memory.
 */
struct narrator *narrate_new(
    FILE *out, const struct journal *j, const struct narrate_options *options);
void narrate_free(struct narrator *n);

/* The listener to add to the journal. */
struct listener *narrate_listener(struct narrator *n);

/* The link type of the frames that are told next; Ethernet at first. */
void narrate_linktype(struct narrator *n, unsigned linktype);

/* Tells one event of a saved run; `host` is the name of its computer. */
void narrate_event(struct narrator *n, const struct event *e, const char *host);

#endif
