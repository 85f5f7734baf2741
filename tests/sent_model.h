/*
 * sent_model.h: what is out, as a model that knows nothing but single
 * segments (see test_sent_model.c): an array of them in order of sequence
 * numbers, and an array of those whose fate is open in the order in which
 * they were sent last. Slow and plain. Each function does what the one of
 * tcp_sent.c with the like name promises.
 */
#ifndef LW_SENT_MODEL_H
#define LW_SENT_MODEL_H

#include "tcp_conn.h"

enum {
    MODEL_MOST = 3000 /* segments */
};

struct model {
    struct {
        uint32_t seq, len, flags;
        int64_t at;
    } seg[MODEL_MOST];
    unsigned n;
    uint32_t order[MODEL_MOST]; /* of the open ones, the sequence numbers */
    unsigned nopen;
    uint32_t lost[MODEL_MOST]; /* told to be lost in this step, likewise */
    unsigned nlost;
    struct tcp_conn rack; /* what tcp_rack.c notes of each by itself */
    struct tcp_told told; /* what this step's ACK tells */
};

void model_push(struct model *m, uint32_t seq, uint32_t len, uint8_t flags);
void model_ack(struct model *m, uint32_t una);
void model_sack(struct model *m, uint32_t from, uint32_t to);
/* The segments that begin in so many numbers from `from` on are lost. */
void model_lose(struct model *m, uint32_t from, uint32_t len);
void model_lose_all(struct model *m, bool forget_sacks);
void model_unlose(struct model *m);
/* The segment at seq goes again, cut to `most`, and with it all that will. */
void model_again(struct model *m, uint32_t seq, uint32_t most, bool probe);

#endif
