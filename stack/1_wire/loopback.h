/*
 * loopback.h: the wire of `lo`: what the card sends comes back to the card,
 * at the same instant but never by recursion. As in Linux the frames carry
 * an Ethernet header with zero addresses, and the MTU is 65536.
 */
#ifndef LW_LOOPBACK_H
#define LW_LOOPBACK_H

#include "netdev.h"

#define LOOPBACK_MTU 65536

struct loopback;

/* Plugs dev into itself: sets xmit, mtu, loopback and the zero address.
 * link_name ("web:lo") is copied. NULL: no memory. */
struct loopback *loopback_new(
    struct timers *timers, struct netdev *dev, const char *link_name);
void loopback_free(struct loopback *l); /* frees frames under way */

#endif
