/*
 * calls.h: the system calls of the tool, each handed to the process under
 * test; and the table of descriptors between them.
 */
#ifndef LW_PACKETDRILL_CALLS_H
#define LW_PACKETDRILL_CALLS_H

#include "engine.h"
#include "interface.h"

/* What a call may need; each uses what it needs. */
struct args {
    struct engine *e;
    int fd, a, b, c;
    unsigned long request;
    const void *in;
    void *out;
    size_t len;
    const struct sockaddr *to;
    socklen_t tolen;
    struct sockaddr *from;
    socklen_t *fromlen;
};

void calls_fill(struct packetdrill_interface *table);
void calls_io_fill(struct packetdrill_interface *table);
void ready_fill(struct packetdrill_interface *table);

/* Has the process make a call on the tool's descriptor fd. */
ssize_t calls_run(struct engine *e, int fd,
    ssize_t (*call)(struct proc *p, void *args), struct args *a);

/* A negative errno becomes -1 and errno. */
ssize_t calls_result(ssize_t ret);

/* A number for the tool that leads to our descriptor; errors pass. */
int calls_publish(struct engine *e, ssize_t ours);

/* getsockopt on one of ours, whatever thread is asleep in a call. */
int calls_getsockopt(
    void *engine, int fd, int level, int name, void *value, socklen_t *len);

/* write on one of ours. */
ssize_t calls_write(void *engine, int fd, const void *buf, size_t len);

/* Our descriptor for the tool's; -1: not one of ours. */
int calls_fd(const struct engine *e, int fd);

#endif
