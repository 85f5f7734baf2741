/*
 * dialog_text.h: what the words of a dialogue mean: segments, options,
 * results. See dialog.h for the notation.
 */
#ifndef LW_DIALOG_TEXT_H
#define LW_DIALOG_TEXT_H

#include "tcp.h"

struct dialog_segment {
    uint8_t flags;
    uint8_t tos, ttl; /* of the IP header; the ECN bits are in tos */
    uint32_t seq, len, ack, win, up;
    char options[128]; /* "mss 1460,sackOK"; "" when none */
    /* Lies, of what the peer sends: */
    uint8_t offset, cut; /* the data offset; bytes missing at the end; 0: no */
    bool bad_sum;
};

/* "[ect0] P. 1:11(10) ack 1 win 1000 tos 16 ttl 64 <mss 1460>" */
bool dialog_segment_parse(struct dialog_segment *s, const char *text);

/* The same words again; win, tos, ttl and options only when `wanted` has
 * them, the ECN bits whenever one is set. */
void dialog_segment_text(
    const struct dialog_segment *s, const char *wanted, char *buf, size_t size);

/* The bytes of options; how many. ecr counts from ts_base, SACK from iss. */
size_t dialog_options_build(
    const char *text, uint8_t *buf, uint32_t ts_base, struct seq iss);

/* The words of options; the first TS val seen becomes the base. */
void dialog_options_text(const uint8_t *data, size_t len, char *buf,
    size_t size, uint32_t *ts_base, bool *ts_known, struct seq peer_iss);

/* "500", or "EAGAIN" */
void dialog_result_text(int64_t result, char *buf, size_t size);
void dialog_poll_text(unsigned ready, char *buf, size_t size);
enum tcp_option dialog_option(const char *name);
void dialog_sysctl(struct tcp_config *config, const char *name, int value);

#endif
