/*
 * flight.h: descriptors in flight: sent through a Unix socket (unix(7),
 * SCM_RIGHTS) and not received yet. Each is a reference to an open file
 * description, held by the receive queue where it waits.
 *
 * Sockets can travel through sockets, so the last reference to a socket may
 * wait in its own queue, or two sockets in each other's: nobody can ever
 * receive them, and counting references alone would keep them for ever.
 *
 *     descriptor table --X      a's queue: b      b's queue: a
 *
 * flight_settle finds such rings, as Linux does when a Unix socket closes.
 */
#ifndef LW_FLIGHT_H
#define LW_FLIGHT_H

#include "sock_unix.h"

/* When there are too many, those that nobody can receive are let go; sockets
 * may be closed by that, also the peer of the one that is written to. */
void flight_make_room(struct kernel *k);

/* May n more be in flight? Linux counts those of a user, against his
 * RLIMIT_NOFILE. -ETOOMANYREFS. */
int flight_may_begin(const struct kernel *k, unsigned n);

/* m, whose references are taken, begins to wait in the queue of u. */
void flight_begin(struct unix_sock *u, struct unix_mark *m);

/* The files of m, which waits at u, wait no longer: they are the caller's. */
void flight_end(struct unix_sock *u, struct unix_mark *m);

/* m, of no queue, is freed and its references are given up at the next
 * flight_settle: what that closes may let go of further ones, and so on. */
void flight_drop(struct kernel *k, struct unix_mark *m);

/* Somebody has let go of the Unix socket f: it may be in flight only, now. */
void flight_left(struct file *f);

/* Gives up what was dropped, then what nobody can reach. */
void flight_settle(struct kernel *k);

#endif
