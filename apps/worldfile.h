/*
 * worldfile.h: a world as its teacher wrote it: one YAML file that says which
 * computers there are, which cables join them and what each computer runs.
 *
 *     name: shop
 *     seed: 1                          # chance; --seed overrides it
 *     epoch: 2026-01-01                # the date at virtual time 0 (UTC)
 *     hosts:
 *       browser:
 *         folder: browser              # its files; its name when left out
 *         interfaces: {eth0: 10.0.1.2/24}
 *         gateway: 10.0.1.1
 *         run: [browser http://shop.test/]
 *       router:
 *         interfaces: {eth0: 10.0.1.1/24, eth1: 10.0.2.1/24}
 *         routes: {10.9.0.0/16: 10.0.2.9}
 *         forward: yes
 *     links:
 *       lan:
 *         ends: [browser:eth0, router:eth0]
 *         delay: 1ms
 *         rate: 100Mbit/s              # left out: infinitely fast
 *         queue: 1000                  # frames
 *         ecn: 100                     # with so many waiting, mark (RFC 3168)
 *         loss: 0.1%                   # also duplicate, reorder
 *         reorder_delay: 2ms
 *
 * The file is read as a whole before anything is made of it: a mistake is
 * told with file and line, and nothing has been started. worldmake.h makes
 * computers of what was read.
 */
#ifndef LW_WORLDFILE_H
#define LW_WORLDFILE_H

#include "arena.h"
#include "cable.h"
#include "fault.h"

#define WORLD_HOSTS  64 /* most computers in a world */
#define WORLD_LINKS  128
#define WORLD_CARDS  8 /* most cards in a computer */
#define WORLD_ROUTES 16
#define WORLD_RUN    16 /* most programs a computer starts */
#define WORLD_ARGS   16 /* most words in a program's line */

struct world_card {
    const char *name; /* "eth0" */
    struct ipv4 addr;
    unsigned prefix;
    bool wired; /* a link ends here */
};

struct world_route {
    struct ipv4 dst; /* 0.0.0.0/0 is the default route */
    unsigned prefix;
    struct ipv4 gateway;
};

struct world_program {
    int argc;
    char *argv[WORLD_ARGS + 1]; /* argv[0] is the program's name */
    unsigned line;              /* where the file says so */
};

struct world_computer {
    const char *name;
    const char *folder; /* path of its files */
    unsigned line;
    struct world_card cards[WORLD_CARDS];
    unsigned ncards;
    struct world_route routes[WORLD_ROUTES];
    unsigned nroutes;
    struct world_program run[WORLD_RUN];
    unsigned nrun;
    bool forward;
};

struct world_link {
    struct cable_config config;
    unsigned host[2], card[2]; /* places in hosts and in its cards */
    unsigned nends;
};

struct worldfile {
    struct arena arena; /* owns every text */
    const char *path;   /* of the file itself, for messages */
    const char *dir;    /* the folder it lies in */
    const char *name;
    uint64_t seed;
    int64_t epoch; /* seconds since 1970 */
    struct world_computer hosts[WORLD_HOSTS];
    unsigned nhosts;
    struct world_link links[WORLD_LINKS];
    unsigned nlinks;
};

/*
 * Reads DIR/world.yaml. 0, or a negative errno with the reason in *fault;
 * in both cases worldfile_free gives back what was allocated.
 */
int worldfile_read(struct worldfile *wf, const char *dir, struct fault *fault);

/* The same from memory; `path` is what messages call the file. */
int worldfile_parse(struct worldfile *wf, const char *text, size_t len,
    const char *path, const char *dir, struct fault *fault);

void worldfile_free(struct worldfile *wf);

/* The first host that runs a program of that name, or NULL. */
const struct world_computer *worldfile_running(
    const struct worldfile *wf, const char *program);

#endif
