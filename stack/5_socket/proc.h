/*
 * proc.h: processes and the kernel they run in, as the files of this folder
 * see them. The storeys above use kernel.h and sys.h.
 */
#ifndef LW_PROC_H
#define LW_PROC_H

#include "coro.h"
#include "kernel.h"
#include "list.h"
#include "wait.h"

#include <signal.h>
#include <sys/socket.h>

struct file;
struct many;
struct pollfd;
struct remote;
struct remote_name;
struct sock_name;
struct trace;
struct unix_mark;

enum {
    REMOTE_BUCKETS = 256
};

enum call {
#define CALL(name, rule) CALL_##name,
#include "calls.def"
#undef CALL
    CALL_COUNT
};

enum {
    FD_LIMIT = 65536, /* RLIMIT_NOFILE: EMFILE beyond */
    SIGNALS = 64,
    NAME_MAX_LEN = 63 /* sys_prctl_name */
};

enum proc_state {
    PROC_RUNNABLE,
    PROC_RUNNING,
    PROC_SLEEPING,
    PROC_ZOMBIE /* ended; its parent has not asked yet */
};

/* Open descriptors of one process; descriptions are shared (fork, dup). */
struct fds {
    struct file **at;  /* [room]; NULL: free */
    uint64_t *cloexec; /* one bit each */
    uint64_t *used;    /* one bit each, to find the lowest free fast */
    unsigned room;     /* a multiple of 64 */
    unsigned low;      /* no free one below this word of `used` */
};

struct at_end {
    void (*done)(void *arg);
    void *arg;
    struct at_end *next;
};

struct proc {
    struct kernel *k;
    struct link link;     /* in the run queue, when runnable */
    struct link children; /* ring of their `sibling`, oldest first */
    struct link sibling;
    struct proc *parent; /* NULL: started by the machine itself */
    int pid;
    enum proc_state state;
    char name[NAME_MAX_LEN + 1];
    struct coro coro;
    struct fds fds;

    /* What it runs. */
    program_main *main;
    int argc;
    char **argv;
    int (*start)(struct proc *child, void *arg);
    void *arg;
    struct remote *remote; /* a real process's end of the wire; NULL: none */
    struct at_end *at_end;

    /* The call in progress. */
    enum call call;
    struct instant entered;
    uint64_t cause; /* what woke it, entered when it runs */

    /* Sleeping. */
    struct watch watch; /* on the file it waits for */
    struct file *waits; /* that file, or NULL */
    struct many *many;  /* [many_room]: on several, in poll(2) */
    unsigned nmany, many_room;
    struct pollfd *polls; /* select(2): its sets as a list */
    struct timer timer;   /* its timeout */
    bool timed_out;
    bool spends;           /* sleeps only in the model: it computes */
    bool waits_child;      /* in wait4 */
    uint64_t waits_signal; /* the set of rt_sigtimedwait; bit n-1: signal n */

    uint64_t blocked, pending; /* signals */
    uint64_t late;             /* those that will end it at its next turn */
    int status;                /* for wait4, once a zombie */
};

/* Descriptors that were sent through Unix sockets and not received yet. */
struct flight {
    unsigned files;            /* so many references */
    unsigned sockets;          /* and so many of them to Unix sockets */
    struct link holders;       /* the Unix sockets in whose queues they wait */
    struct unix_mark *dropped; /* to be given up */
    bool settling;
    bool suspect; /* one has gone adrift since the last collection */
    uint64_t collections;
};

struct kernel {
    struct env *env;
    struct ip *ip;
    struct tcp *tcp;
    struct udp *udp;
    struct disk *disk;
    struct link runnable; /* first come, first served */
    struct proc *current; /* NULL: nobody's coroutine runs */
    struct proc **procs;  /* [npids]: by pid - 1; NULL: gone */
    int *status;          /* [npids]: -1 while it runs */
    int npids, pid_room;
    unsigned alive;
    int64_t call_cost_ns;
    bool live;               /* remote processes: wait for the driver */
    uint64_t last_file;      /* number of the newest file description */
    struct sock_name *names; /* Unix sockets by path */
    struct flight flight;    /* descriptors in flight (flight.h) */
    struct link bound;       /* TCP sockets that hold a local port */
    struct trace *trace;     /* scratch of strace.c */
    struct remote_name *remote_names[REMOTE_BUCKETS];
    uint8_t *scratch; /* SCRATCH_SIZE bytes, never across a sleep */
};

enum {
    SCRATCH_SIZE = 65536
};

/* --- proc.c -------------------------------------------------------------- */

/*
 * Sleeps until proc_wake or until timeout_ns is over (negative: no limit).
 * False when the time ran out. Only for the process that runs now.
 */
bool proc_sleep(struct proc *p, int64_t timeout_ns);

/*
 * The process computes for that long: nobody can wake it, only its end.
 */
void proc_spend(struct proc *p, int64_t ns);

/*
 * The same for an unknown time, until proc_resume: a real process computes.
 */
void proc_compute(struct proc *p);
void proc_resume(struct proc *p);

/* Makes a sleeping process runnable; it continues with the current cause. */
void proc_wake(struct proc *p);

/* The same for one that may be awake: then false, and nothing happens. */
bool proc_wake_asleep(struct proc *p);

/* Gives p, if it sleeps, its next turn: to take what is `late`. */
void proc_look(struct proc *p);

/* Ends a process with this wait status. Does not return to p's own code. */
void proc_end(struct proc *p, int status);

/* Takes back a new process that never began. */
void proc_discard(struct proc *p);

/* A process that can be given a main or a start; NULL: -ENOMEM. */
struct proc *proc_new(struct kernel *k, struct proc *parent, const char *name);

/* Puts a new process on the run queue and reports it. */
void proc_begin(struct proc *p);

/* Forgets a zombie. */
void proc_reap(struct proc *p);

struct proc *proc_find(const struct kernel *k, int pid); /* or NULL */

/* --- signal.c ------------------------------------------------------------ */

/* Sends a signal; the default action may end p (and not return, if p runs). */
void proc_signal(struct proc *p, int signal);

/* The same from the middle of a call or of a segment, where closing p's
 * descriptors could take away what is being worked on: a signal that would
 * end p does so at p's next call or turn (proc_signal_late). */
void proc_signal_later(struct proc *p, int signal);
void proc_signal_late(struct proc *p);

/* Blocks the signals of `set` and no others; freed ones that were pending
 * take their default action now, and may end p. */
void proc_mask(struct proc *p, uint64_t set);

static inline uint64_t
signal_bit(int signal)
{
    return 1ull << (signal - 1);
}

/* --- sys_time.c ---------------------------------------------------------- */

/* How long a program asks to sleep, cut to a century; -1: no valid time. */
int64_t time_left_ns(const struct timespec *d);

/* --- strace.c ------------------------------------------------------------ */

/* A call begins: takes its time, when calls cost time. */
void call_begin(struct proc *p, enum call call);

const char *call_name(enum call call);
enum rule call_rule(enum call call);

#endif
