/*
 * cycle.h: what a configuration holds open: listening sockets, log files,
 * the pid file. A new configuration takes over the sockets of the old one
 * where the addresses are the same, so that no connection is refused while
 * one follows the other.
 */
#ifndef LW_NGINX_CYCLE_H
#define LW_NGINX_CYCLE_H

#include "conf.h"

/*
 * Opens all that c needs; `old` is the configuration before, or NULL;
 * inherited as in log_open. 0; or -errno and the fault, and then what was
 * opened for c is closed again.
 */
int cycle_open(struct proc *p, struct conf *c, const struct conf *old,
    unsigned inherited, struct fault *fault);

/* Closes what c holds and `next` (NULL: nobody) has not taken over. */
void cycle_close(struct proc *p, struct conf *c, const struct conf *next);

#endif
