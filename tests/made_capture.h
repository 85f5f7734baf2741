/*
 * made_capture.h: a capture as tcpdump would have kept it of 32 browsers at
 * one server: connections of eight requests, each answered by five segments
 * that are acknowledged two by two. As long as one likes; some of its frames
 * are ARP, DNS, ping, lost, or of no known kind. The same every time.
 */
#ifndef LW_MADE_CAPTURE_H
#define LW_MADE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes so many frames, as pcapng (one interface, or three of different
 * link types when `mixed`) or as pcap. False: it cannot be written.
 */
bool made_capture(FILE *file, uint64_t frames, bool pcapng, bool mixed);

#endif
