/*
 * pcap_read.h: the classic capture format, read by libpcap.
 */
#ifndef LW_PCAP_READ_H
#define LW_PCAP_READ_H

#include "capture.h"

#include <stdio.h>

/*
 * Reads stream, positioned at its first byte, to the end, and closes it (not
 * standard input). file: the name to use in faults. 0, or a negative errno
 * with the reason in fault.
 */
int pcap_read(FILE *stream, const char *file, const struct capture_calls *calls,
    struct fault *fault);

#endif
