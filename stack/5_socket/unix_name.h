/*
 * unix_name.h: the names of Unix sockets on one host (unix(7)). A path is
 * what the file system would hold as an entry of type socket. An abstract
 * name begins with a zero byte, is known to the kernel alone, and is gone
 * with its socket.
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

/* What getsockname(2) gives of it. */
struct unix_addr {
    uint8_t n; /* bytes of name; 0: unnamed */
    char name[UNIX_PATH];
};

static inline bool
unix_addr_abstract(const struct unix_addr *a)
{
    return a->n && !a->name[0];
}

struct sock_name {
    struct sock_name *next;
    struct unix_sock *owner; /* NULL: its socket is closed */
    struct sock_name **back; /* the owner's pointer to this name */
    int type;                /* SOCK_STREAM, ... */
    struct unix_addr addr;
};

/* As in Linux two sockets of different types may have one abstract name, but
 * not one path. NULL: nobody has it. */
struct sock_name *unix_name_find(
    const struct kernel *k, const struct unix_addr *addr, int type);

/* Enters a name; *back points to it until it is unlinked. NULL: no memory. */
struct sock_name *unix_name_add(struct kernel *k, const struct unix_addr *addr,
    int type, struct sock_name **back, struct unix_sock *owner);

/* The owner of *back is closed: a path stays behind, without it. */
void unix_name_leave(struct kernel *k, struct sock_name **back);

#endif
