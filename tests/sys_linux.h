/*
 * sys_linux.h: sys.h on Linux itself, an independent hand. A program of
 * apps/ linked with this file instead of our kernel runs on the real stack,
 * so that real clients can judge it and both runs can be compared.
 */
#ifndef LW_SYS_LINUX_H
#define LW_SYS_LINUX_H

#include "sys.h"

/*
 * The calling process as seen through sys.h. Absolute paths (and the names
 * of Unix sockets) are looked up below root_dir; `..` is refused. The env's
 * journal has no listener: add one with journal_listen(sys_env(p)->journal).
 * Its clock is read anew at each sys_env; sys_linux_free does what sys_at_end
 * asked for. NULL: no memory.
 */
struct proc *sys_linux_new(const char *root_dir);
void sys_linux_free(struct proc *p);

#endif
