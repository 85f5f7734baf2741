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
void tap_free(struct tap *t); /* frees what still waits to leave */

/*
 * The device puts a struct virtio_net_hdr in front of each frame
 * (IFF_VNET_HDR) and joins and cuts TCP segments (TUN_F_CSUM, TUN_F_TSO4):
 * from now on frames that leave wait until tap_flush, so that those which
 * belong together cross in one write. With `ends_here` the computer behind
 * the card is no router, and as long as nobody listens to the journal it gets
 * long frames as they are. -ENOMEM.
 */
int tap_offload(struct tap *t, bool ends_here);

/*
 * Without offload: frames that leave wait until tap_flush, too, and cross up
 * to 32 in one system call. -ENOSYS, -EPERM, ...: this system has no
 * io_uring(7) for us, and each crosses alone as before.
 */
int tap_batches(struct tap *t);

/* Writes what waits to leave. The driver calls it before it sleeps. */
void tap_flush(struct tap *t);

/*
 * Reads frames until there are none (or the budget is spent, one a frame,
 * eight a long one) and hands them up, as one batch (env.h). Returns how
 * many reads gave something, or -errno when the device is gone.
 */
int tap_poll(struct tap *t, unsigned budget);

#endif
