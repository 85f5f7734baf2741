/*
 * epoll.h: the event queue, as the system calls see it.
 */
#ifndef LW_EPOLL_H
#define LW_EPOLL_H

#include "file.h"

#include <sys/epoll.h>

struct file *epoll_new(struct kernel *k); /* NULL: no memory */
bool is_epoll(const struct file *f);

/* Would target, an epoll, be watched in a ring or too deep? */
bool epoll_would_loop(struct file *ep, struct file *target);

/* As epoll_ctl(2). target is what fd leads to. */
int epoll_add(struct file *ep, int fd, struct file *target,
    const struct epoll_event *event);
int epoll_mod(struct file *ep, int fd, struct file *target,
    const struct epoll_event *event);
int epoll_del(struct file *ep, int fd, struct file *target);

/* Up to max events that are there now; 0: none. */
int epoll_collect(struct file *ep, struct epoll_event *events, int max);

#endif
