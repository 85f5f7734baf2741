/*
 * unix_name.h: the names of Unix sockets on one host: what the file system
 * would hold as entries of type socket.
 */
#ifndef LW_UNIX_NAME_H
#define LW_UNIX_NAME_H

#include "proc.h"

#include <sys/un.h>

enum {
    /* sun_path need not end in a zero byte; ours do (unix(7), BUGS). */
    UNIX_PATH = sizeof(((struct sockaddr_un *)0)->sun_path) + 1
};

struct unix_sock;

struct sock_name {
    struct sock_name *next;
    struct unix_sock *owner; /* NULL: its socket is closed */
    struct sock_name **back; /* the owner's pointer to this name */
    char path[UNIX_PATH];
};

struct sock_name *unix_name_find(const struct kernel *k, const char *path);

/* Enters a path; *back points to it until it is unlinked. NULL: no memory. */
struct sock_name *unix_name_add(struct kernel *k, const char *path,
    struct sock_name **back, struct unix_sock *owner);

#endif
