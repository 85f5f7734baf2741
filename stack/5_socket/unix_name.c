/*
 * unix_name.c: the table of names of Unix sockets. A host has a handful of
 * them, so it is a list.
 */
#include "unix_name.h"
#include "sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
same(const struct sock_name *n, const struct unix_addr *addr, int type)
{
    return n->addr.n == addr->n &&
           memcmp(n->addr.name, addr->name, addr->n) == 0 &&
           (addr->name[0] || n->type == type);
}

struct sock_name *
unix_name_find(const struct kernel *k, const struct unix_addr *addr, int type)
{
    struct sock_name *n = k->names;

    while (n && !same(n, addr, type))
        n = n->next;
    return n;
}

struct sock_name *
unix_name_add(struct kernel *k, const struct unix_addr *addr, int type,
    struct sock_name **back, struct unix_sock *owner)
{
    struct sock_name *n = calloc(1, sizeof *n);

    if (!n)
        return NULL;
    n->addr = *addr;
    n->type = type;
    n->owner = owner;
    n->back = back;
    n->next = k->names;
    k->names = n;
    *back = n;
    return n;
}

static void
take_away(struct kernel *k, struct sock_name *n)
{
    struct sock_name **at = &k->names;

    while (*at != n)
        at = &(*at)->next;
    if (n->owner)
        *n->back = NULL;
    *at = n->next;
    free(n);
}

void
unix_name_leave(struct kernel *k, struct sock_name **back)
{
    struct sock_name *n = *back;

    if (n && unix_addr_abstract(&n->addr))
        take_away(k, n);
    else if (n)
        n->owner = NULL;
    *back = NULL;
}

/* --- as files ------------------------------------------------------------ */

static struct sock_name *
at_path(const struct kernel *k, const char *path)
{
    struct unix_addr addr;
    size_t n = strlen(path) + 1;

    if (n == 1 || n > sizeof addr.name)
        return NULL;
    addr.n = (uint8_t)n;
    memcpy(addr.name, path, n);
    return unix_name_find(k, &addr, 0);
}

bool
unix_name_exists(const struct kernel *k, const char *path)
{
    return at_path(k, path) != NULL;
}

int
unix_name_unlink(struct kernel *k, const char *path)
{
    struct sock_name *n = at_path(k, path);

    if (!n)
        return -ENOENT;
    take_away(k, n);
    return 0;
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
