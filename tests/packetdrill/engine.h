/*
 * engine.h: the computer under test and its virtual clock, for the files of
 * this folder. One host with one card; what the card sends is kept until the
 * tool asks for it, what the tool injects arrives at the card. One process
 * makes all system calls.
 */
#ifndef LW_PACKETDRILL_ENGINE_H
#define LW_PACKETDRILL_ENGINE_H

#include "file.h"
#include "proc.h"
#include "sock.h"
#include "tcp.h"
#include "world.h"

#include <pthread.h>

enum {
    ENGINE_FDS = 4096 /* the tool's descriptors are below this */
};

/* A system call on its way: made by the process, waited for by a thread. */
struct request {
    ssize_t (*call)(struct proc *p, void *arg);
    void *arg;
    ssize_t ret; /* as sys.h has it: a negative errno on failure */
    bool done;
    bool slept; /* the calling thread is asleep */
};

struct sent_packet {
    struct sent_packet *next;
    int64_t usecs;
    size_t len;
    uint8_t bytes[];
};

struct engine {
    pthread_mutex_t lock; /* around everything */
    pthread_cond_t changed;
    struct journal journal;
    struct world *world;
    struct host *host;
    struct netdev *card;
    struct proc *app;
    struct request *request; /* the call in progress */
    bool quit;
    int64_t now_us;
    bool stamp_due; /* a thread was woken and has not looked at the clock */
    pthread_t stamper;
    bool lock_due; /* it has, and not gone on */
    struct sent_packet *first, **last;
    struct pkt *arp;       /* answers to ARP questions, not delivered yet */
    int fds[ENGINE_FDS];   /* ours by the tool's; -1: none */
    char sysctl_path[256]; /* lines key=value; "": none */
    long sysctl_read;      /* how much of it was taken over */
    char states_path[256]; /* the connections, for sockstat; "": not kept */
};

/* flags: "linux" or "rfc", then key=value, separated by commas. Ends the
 * program on nonsense: there is nobody to tell. */
struct engine *engine_new(const char *flags);
void engine_free(struct engine *e);

/* Makes the call in the process; blocks the thread, not the clock, while the
 * process sleeps. What the call returned. */
ssize_t engine_call(
    struct engine *e, ssize_t (*call)(struct proc *p, void *arg), void *arg);

/* getsockopt past the process, which is asleep in another call. */
int engine_look(
    struct engine *e, int fd, int level, int name, void *value, socklen_t *len);

void engine_inject(struct engine *e, const void *packet, size_t len);

/* The next packet that left, letting time go by until one does. The caller
 * frees it. NULL: nothing will ever leave. */
struct sent_packet *engine_receive(struct engine *e);

void engine_sleep(struct engine *e, int64_t usecs);

/* The clock, which goes on by a microsecond each time. */
int64_t engine_clock(struct engine *e);

/* --- settings.c: profiles and sysctls ------------------------------------ */

/* mtu: the card's, if the flags name one. */
void settings_flags(
    struct engine *e, const char *flags, struct ipv4 *local, unsigned *mtu);

/* Takes over what was added to the file of sysctls. */
void settings_reread(struct engine *e);
struct tcp_config *settings_config(struct engine *e);

/* --- states.c ------------------------------------------------------------- */

/* Writes who is in which state now, if somebody wants to know. */
void states_write(struct engine *e);

#endif
