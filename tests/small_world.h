/*
 * small_world.h: every pattern of a few faults in a short conversation.
 *
 * Two computers open a connection, send some segments and close; a world is
 * one run of that in which some frames are lost, doubled, or held until the
 * one behind them has passed. The patterns are a tree: behind the run with
 * the faults chosen so far stand those with one fault more, at each later
 * frame that this run really sent (what a loss made go again as well), with
 * each of the three fates. So none is left out, and none is tried twice.
 */
#ifndef LW_SMALL_WORLD_H
#define LW_SMALL_WORLD_H

#include "tcp_talk.h"

#define SMALL_FAULTS 3 /* at most, in one world */
#define SMALL_FATES  3 /* lost, doubled, held */

struct small_shape {
    const char *name;
    struct talk_plan plan;
    bool no_sack, no_timestamps, no_scaling;
    bool ecn;        /* asked for, and the cable marks who must wait */
    bool at_once;    /* the cable is infinitely fast: flights stay together */
    uint32_t rcvbuf; /* 0: the default */
};

struct small_faults {
    unsigned n;
    uint64_t at[SMALL_FAULTS]; /* frame, from 1; ascending */
    enum cable_fate fate[SMALL_FAULTS];
};

/* What one world was like, for who asks whether it was what it should be. */
struct small_seen {
    uint64_t frames; /* that left, both ways */
    unsigned hit;    /* faults that met a frame */
    unsigned calls;  /* SYNs without ACK */
    unsigned shut;   /* segments with a window of nothing */
    bool fin, a_ends_first;
    unsigned closing; /* ends whose FIN was crossed by the other's: only
                         looked for in a run without faults */
    bool sack, timestamps, scaling; /* options that both SYNs carried */
    unsigned marked, echoed;        /* CE in an IP header, ECE behind it */
};

/*
 * One world. True if both programs read every byte rightly and to its end,
 * both connections reached CLOSED, and no packet, timer or piece of memory
 * was left. What it read was a correct prefix all the time.
 */
bool small_world(const struct small_shape *shape,
    const struct small_faults *faults, struct small_seen *seen);

/* All of them with at most so many faults. `by_faults`: how many there are
 * with none, one and so on; their sum is how many were run. */
struct small_count {
    unsigned worlds, bad;
    unsigned by_faults[SMALL_FAULTS + 1];
    struct small_seen clean; /* the run without a fault */
    uint64_t longest;        /* frames in the longest of all runs */
};
struct small_count small_every(const struct small_shape *shape, unsigned most);

/*
 * The same number found in another way: every pattern of at most two faults
 * at the first `frames` frames is tried, possible or not, and those are
 * counted whose faults all met a frame. For frames >= the longest run both
 * numbers must agree.
 */
unsigned small_count_two(const struct small_shape *shape, uint64_t frames);

#endif
