/*
 * reasm_model.h: what a receiver should say, worked out the plain way: a flag
 * for each unit of text, and when it came last. No runs, no lists, nothing
 * of how tcp_reasm.c does it. Units are numbered from 0; what they weigh in
 * bytes is the caller's business.
 */
#ifndef LW_REASM_MODEL_H
#define LW_REASM_MODEL_H

#include <stdbool.h>

#define MODEL_UNITS  64
#define MODEL_BLOCKS 4

struct model_range {
    unsigned from, to;
};

/* How it is spoken on this connection. */
struct model_rules {
    bool sack, dsack;
    unsigned blocks; /* that fit into the options */
};

struct reasm_model {
    struct model_rules rules;
    unsigned nxt;               /* all below are here */
    bool here[MODEL_UNITS + 1]; /* the last one never is */
    unsigned came[MODEL_UNITS]; /* number of the segment */
    unsigned segments;          /* that have come */
    bool owed;                  /* an ACK may wait */
};

/* What the receiver is to say to a segment. */
struct model_answer {
    bool at_once; /* else nothing yet */
    unsigned ack, nblocks;
    struct model_range block[MODEL_BLOCKS];
};

void reasm_model_init(struct reasm_model *m, const struct model_rules *rules);

/* The units from..to-1 arrive, from < to <= MODEL_UNITS. */
void reasm_model_arrive(
    struct reasm_model *m, struct model_range seg, struct model_answer *answer);

/* What the delayed ACK says, if one is owed. */
bool reasm_model_late(struct reasm_model *m, struct model_answer *answer);

#endif
