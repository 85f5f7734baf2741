/*
 * worldmake.h: from the description of a world (worldfile.h) to computers
 * that run. Used by the demo, by live runs and by tests.
 */
#ifndef LW_WORLDMAKE_H
#define LW_WORLDMAKE_H

#include "fault.h"
#include "world.h"
#include "worldfile.h"

#include <sys/types.h>

struct world_options {
    uint64_t seed;
    bool live; /* the wall clock: calls cost no virtual time */
    const struct world_computer *outside; /* not made: it is a real one */
    const char *fpm; /* path of the layerwalk-php-fpm program */
};

/* A program of the world, started. */
struct world_task {
    struct host *host;
    int pid;
    const char *name;
    bool client;
    int end; /* the signal that asks it to end */
};

struct made {
    const struct worldfile *file;
    struct world_options options;
    struct journal journal; /* listeners may be added after made_open */
    struct world *world;
    struct host *hosts[WORLD_HOSTS]; /* as in the file; NULL: outside */
    struct netdev *cards[WORLD_HOSTS][WORLD_CARDS];
    struct netdev *outlet;   /* the card whose cable leads outside */
    const char *outlet_link; /* and that cable's name */
    bool outlet_forwards;    /* the computer with that card is a router */
    struct world_task tasks[WORLD_HOSTS * WORLD_RUN];
    unsigned ntasks;
    pid_t real[WORLD_HOSTS * WORLD_RUN]; /* Linux's names of some of them */
    unsigned nreal;
    struct listener ear;  /* while servers start: why do they not? */
    char last_words[200]; /* the newest error that a program logged */
};

/*
 * Checks that every program is one that layerwalk has, then starts the
 * world's clock at 0 without computers, so that listeners can be added
 * before anything happens. 0, or a negative errno and the fault.
 */
int made_open(struct made *m, const struct worldfile *file,
    const struct world_options *options, struct fault *fault);

/* Makes the computers and joins them. */
int made_build(struct made *m, struct fault *fault);

/*
 * Starts the next of the programs that wait to be called (nginx, php-fpm),
 * host by host in the file's order: 1, 0 when all have been started, or a
 * negative errno and the fault. Until made_servers_up the journal is heard.
 */
int made_next_server(struct made *m, struct fault *fault);

bool made_ended(const struct made *m); /* has one of them ended? */

/* Are all of them still there? 0, or -errno and what the one said that
 * ended. To be asked when they have had time to begin. */
int made_servers_up(struct made *m, struct fault *fault);

/* Both, for a simulation: starts all and lets them come to rest. */
int made_servers(struct made *m, struct fault *fault);

/* Starts the programs that call (browser). */
int made_clients(struct made *m, struct fault *fault);

/* world_run, and WORLD_END in the journal when all was quiet. */
void made_run(struct made *m, struct instant until, bool (*stop)(void *owner),
    void *owner);

/* Ends all programs, the last first, and frees the world. */
void made_close(struct made *m);

/* True when every client has ended and no connection is left. */
bool made_quiet(struct made *m);

/* A client that has ended without success, and its wait status; or NULL. */
const struct world_task *made_failure(struct made *m, int *status);

#endif
