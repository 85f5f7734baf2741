/*
 * unix_name.c: the table of names of Unix sockets. A host has a handful of
 * them, so it is a list.
 */
#include "unix_name.h"
#include "sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sock_name *
unix_name_find(const struct kernel *k, const char *path)
{
    struct sock_name *n = k->names;

    while (n && strcmp(n->path, path) != 0)
        n = n->next;
    return n;
}

struct sock_name *
unix_name_add(struct kernel *k, const char *path, struct sock_name **back,
    struct unix_sock *owner)
{
    struct sock_name *n = calloc(1, sizeof *n);

    if (!n)
        return NULL;
    strcpy(n->path, path);
    n->owner = owner;
    n->back = back;
    n->next = k->names;
    k->names = n;
    *back = n;
    return n;
}

bool
unix_name_exists(const struct kernel *k, const char *path)
{
    return unix_name_find(k, path) != NULL;
}

int
unix_name_unlink(struct kernel *k, const char *path)
{
    for (struct sock_name **at = &k->names; *at; at = &(*at)->next) {
        struct sock_name *n = *at;

        if (strcmp(n->path, path) != 0)
            continue;
        if (n->owner)
            *n->back = NULL;
        *at = n->next;
        free(n);
        return 0;
    }
    return -ENOENT;
}

void
unix_names_free(struct kernel *k)
{
    while (k->names) {
        struct sock_name *n = k->names;

        k->names = n->next;
        free(n);
    }
}
