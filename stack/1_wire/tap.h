/*
 * tap.h: a network card whose other end is the Linux kernel's (or any file
 * descriptor that carries one Ethernet frame per read and write). It only
 * moves frames; who opens the device and polls it is the driver's business.
 * See Documentation/networking/tuntap.rst in Linux.
 */
#ifndef LW_TAP_H
#define LW_TAP_H

#include "netdev.h"

struct tap;

/* Plugs dev into fd (non-blocking, no packet information). NULL: no memory.
 * The fd stays the caller's. */
struct tap *tap_new(struct netdev *dev, int fd, const char *link_name);
void tap_free(struct tap *t);

/*
 * Reads frames until there are none (or `budget` were read) and hands them
 * up. Returns how many, or -errno when the device is gone.
 */
int tap_poll(struct tap *t, unsigned budget);

#endif
