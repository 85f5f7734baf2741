/*
 * sys_remote.h: the system calls of sys.h for a real Linux process: each
 * becomes a message to the simulator's kernel (stack/5_socket/remote_msg.h)
 * and its answer. The program is the same either way; only this file is
 * linked instead of stack/5_socket.
 *
 * When the simulator is gone, the process ends at once.
 */
#ifndef LW_SYS_REMOTE_H
#define LW_SYS_REMOTE_H

#include "sys.h"

/* The descriptor at which the socket to the simulator stays. */
#define SYS_REMOTE_FD 3

/*
 * Makes itself known over the socket fd, which moves to SYS_REMOTE_FD. NULL:
 * there is no simulator at fd (or not of this version); errno says why.
 * Signals that a crash raises are caught once, to tell the simulator.
 */
struct proc *sys_remote_open(int fd);

/*
 * fork(2): 0 in the child, which is another process to the simulator too
 * (p then stands for the child), or the simulator's pid of the child. The
 * descriptors of sys.h are shared as fork shares them. Negative errno.
 */
pid_t sys_remote_fork(struct proc *p);

/* Sends what waits in the buffer: the journal's events and calls that are not
 * waited for. Every call that is waited for does. */
void sys_remote_flush(struct proc *p);

/* Lets go of p and its socket; for tests: others exit. */
void sys_remote_close(struct proc *p);

#endif
