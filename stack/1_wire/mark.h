/*
 * mark.h: a mark instead of a drop (RFC 3168): what a queue does to a packet
 * whose ends have said that they understand it.
 */
#ifndef LW_MARK_H
#define LW_MARK_H

#include "pkt.h"

/*
 * Makes the IPv4 packet in the Ethernet frame p "congestion experienced" when
 * its header says that its ends can do ECN. False: it does not, or is marked
 * already, or p is another kind of frame; then nothing has changed.
 */
bool mark_congestion(struct pkt *p);

#endif
