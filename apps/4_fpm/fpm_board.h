/*
 * fpm_board.h: the scoreboard: one page of memory that the master and the
 * workers of a pool share. Each worker writes only its own slot; master and
 * status page read them all. That is how the master learns how many are
 * idle: nobody sends it messages, and it assigns no requests.
 */
#ifndef LW_FPM_BOARD_H
#define LW_FPM_BOARD_H

#include "env.h"
#include "fpm_conf.h"

#include <stdatomic.h>

/* What a worker is doing, with php-fpm's own words. */
#define FPM_STAGES(S)                                                          \
    S(NONE, "none")                                                            \
    S(CREATING, "Creating")                                                    \
    S(IDLE, "Idle")                                                            \
    S(READING, "Reading headers")                                              \
    S(INFO, "Getting request informations")                                    \
    S(RUNNING, "Running")                                                      \
    S(ENDING, "Ending")                                                        \
    S(FINISHED, "Finishing")                                                   \
    S(GONE, "Gone")

enum fpm_stage {
#define S(name, text) FPM_STAGE_##name,
    FPM_STAGES(S)
#undef S
};

struct fpm_slot {
    _Atomic int pid;             /* 0: the slot is free */
    _Atomic int stage;           /* enum fpm_stage */
    _Atomic int64_t accepted_ns; /* when the present request began */
    int64_t started_ns;
    int64_t duration_ns; /* of the last request */
    uint64_t requests;
    uint64_t memory; /* peak of the last request, bytes */
    uint64_t content_length;
    char method[16], user[32];
    char uri[512], query[512], script[512];
};

struct fpm_board {
    char pool[64];
    enum fpm_pm pm;
    int nslots;
    int64_t started_ns;
    _Atomic uint64_t accepted; /* connections since the start */
    _Atomic int active_max, queue_max;
    _Atomic int max_children_reached;
    struct fpm_slot slots[];
};

struct fpm_counts {
    int idle, active, total;
};

/* Shared memory that survives fork; NULL: none left. */
struct fpm_board *fpm_board_new(const struct fpm_pool *pool, int64_t now_ns);
void fpm_board_free(struct fpm_board *b);

struct fpm_counts fpm_board_count(const struct fpm_board *b);

/* The slot of that process, or a free one for pid 0; NULL. */
struct fpm_slot *fpm_board_find(struct fpm_board *b, int pid);

/* Moves a worker along an arrow; no such arrow is our own mistake. */
void fpm_slot_move(struct env *env, struct fpm_board *b, struct fpm_slot *s,
    enum fpm_stage to);

const char *fpm_stage_name(int stage);

/* The arrows, for those who draw or test them. */
struct fpm_arrow {
    enum fpm_stage from, to;
    const char *why;
};
const struct fpm_arrow *fpm_arrow_at(unsigned i); /* NULL: no more */

#endif
