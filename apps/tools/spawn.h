/*
 * spawn.h: starts a real program whose system calls our kernel carries out:
 * the driver's half of remote.h. Used for layerwalk-php-fpm.
 *
 *     int fd;
 *     pid_t real = spawn_remote(path, argv, &fd);
 *     kernel_adopt(host_kernel(h), "php-fpm", fd);
 *     ...
 *     spawn_wait(real);
 */
#ifndef LW_SPAWN_H
#define LW_SPAWN_H

#include <sys/types.h>

/*
 * Runs executable with argv (NULL-terminated) in a process that has: the
 * socket to us as descriptor 3, /dev/null as 0, our 1 and 2, nothing else;
 * an empty environment but PATH, LANG and what sanitizers need; and that is
 * killed when we end. *fd is our end of the socket, for kernel_adopt. The
 * real pid, or a negative errno, also when the file cannot be executed.
 */
pid_t spawn_remote(const char *executable, char *const argv[], int *fd);

/*
 * Waits for the end of a process started by spawn_remote, after its kernel
 * is freed (its socket is closed then, and it ends by itself). Whoever does
 * not within a second is killed. Its wait status, or a negative errno.
 */
int spawn_wait(pid_t pid);

#endif
