/*
 * pcap_read.h: the classic capture format, read by libpcap.
 */
#ifndef LW_PCAP_READ_H
#define LW_PCAP_READ_H

#include "capture.h"

#include <stdio.h>

struct pcap_reader;

/*
 * A reader of stream, which must be positioned at its first byte and is
 * closed with the reader (standard input is not), also when this fails. file:
 * the name to use in faults. NULL: no capture, with the reason in fault and a
 * negative errno in *error.
 */
struct pcap_reader *pcap_reader_new(FILE *stream, const char *file,
    const struct capture_calls *calls, struct fault *fault, int *error);
void pcap_reader_free(struct pcap_reader *r);

/* Reads about so many bytes on. 1: there is more, 0: the end, or a negative
 * errno with the reason in fault. */
int pcap_reader_more(struct pcap_reader *r, size_t bytes);

/* All of it. 0, or a negative errno with the reason in fault. */
int pcap_read(FILE *stream, const char *file, const struct capture_calls *calls,
    struct fault *fault);

#endif
