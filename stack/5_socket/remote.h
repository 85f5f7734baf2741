/*
 * remote.h: processes of a layerwalk computer that are real Linux processes
 * (php-fpm's master and workers: the Zend engine serves one request per
 * process and OpCache is memory that processes share). Such a process makes
 * its system calls by sending messages (remote_msg.h); a coroutine here
 * receives them, makes the calls in its name, and answers.
 *
 * In virtual time the simulator stands still while the real process
 * computes: it waits for the next message, so that a run does not depend on
 * how fast the machine is. In live use the driver watches the descriptors.
 */
#ifndef LW_REMOTE_H
#define LW_REMOTE_H

#include "kernel.h"

#include <poll.h>

struct proc;

/*
 * Takes fd, one end of a SOCK_SEQPACKET socket pair at whose other end is a
 * real process, in any case. The pid, or -ENOMEM.
 */
int kernel_adopt(struct kernel *k, const char *name, int fd);

/* Live use: do not wait in this kernel for real processes (default: do). */
void kernel_set_live(struct kernel *k, bool live);

/*
 * Live use: the descriptors that real processes are expected to write to,
 * at most max of them (events = POLLIN); returns how many.
 */
unsigned kernel_remote_fds(struct kernel *k, struct pollfd *fds, unsigned max);

/* Live use: fd is readable; its process runs at the next kernel_run. */
void kernel_remote_ready(struct kernel *k, int fd);

/* --- inside this folder -------------------------------------------------- */

int remote_main(struct proc *p);  /* what runs in its coroutine */
void remote_end(struct proc *p);  /* p has ended: so does the real one */
void remote_free(struct proc *p); /* no remote: no effect */

#endif
