/*
 * kernel.h: the part of one computer above the transport storey: processes,
 * descriptors, sockets. host.c makes it; programs see only sys.h.
 *
 * A process is a coroutine with a stack of its own, or a real Linux process
 * on the other end of a socket pair (remote.h). Either way its calls run in a
 * coroutine here, so that blocking is written once.
 */
#ifndef LW_KERNEL_H
#define LW_KERNEL_H

#include "env.h"
#include "disk.h"

struct ip;
struct tcp;
struct udp;
struct kernel;
struct proc;

typedef int program_main(struct proc *p, int argc, char **argv);

/* env, ip, tcp, udp and disk are borrowed and outlive the kernel. */
struct kernel *kernel_new(struct env *env, struct ip *ip, struct tcp *tcp,
    struct udp *udp, struct disk *disk);

/* Ends every process (SIGKILL), closes every descriptor. */
void kernel_free(struct kernel *k);

/*
 * Starts a process that runs main(p, argc, argv); argv is copied. It first
 * runs at the next kernel_run. The pid (from 1, per host), or -ENOMEM.
 */
int kernel_start(struct kernel *k, const char *name, program_main *main,
    int argc, char *const argv[]);

/* Signals a process, as kill(2) from outside. -ESRCH. */
int kernel_kill(struct kernel *k, int pid, int signal);

/*
 * Runs every process that can run until all sleep or wait for virtual time.
 * True when anything ran.
 */
bool kernel_run(struct kernel *k);

unsigned kernel_alive(const struct kernel *k); /* processes not ended */

/* -1 while pid runs; afterwards its wait status, kept until kernel_free. */
int kernel_status(const struct kernel *k, int pid);

/*
 * Modelled processor time: every system call costs this much virtual time
 * (0: none, for live use and benchmarks).
 */
void kernel_set_call_cost(struct kernel *k, int64_t ns);

#endif
