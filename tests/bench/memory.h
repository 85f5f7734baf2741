/*
 * memory.h: what the figures of `memory` have in common: two computers
 * joined by a cable without delay or rate, and the time that a run took.
 */
#ifndef LW_MEMORY_H
#define LW_MEMORY_H

#include "sys.h"
#include "world.h"

#include <netinet/in.h>

#define BENCH_PORT 80

struct pair {
    struct journal journal;
    struct world *world;
    struct host *client, *server; /* 10.0.0.1, 10.0.0.2 */
};

/* disk: the server's, may be NULL. Ends the program without memory. */
void pair_open(struct pair *p, struct disk *disk);
void pair_close(struct pair *p);

/* Starts main(p, 1, {arg}) on h; pair_arg gives the program its arg back. */
void pair_start(
    struct host *h, const char *name, program_main *main, void *arg);
void *pair_arg(char **argv);

/* Runs until nothing is left to do; the seconds it took. */
double pair_run(struct pair *p);

/* The files of the web host in this folder, held in memory; NULL: said. */
struct disk *memory_disk(const char *folder);

double seconds_now(void);
struct sockaddr_in server_address(void);

/* The figures of the other files: each prints its lines. */
void memory_conns(void);
void memory_http(const char *folder);

#endif
