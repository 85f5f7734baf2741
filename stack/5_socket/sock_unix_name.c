/*
 * sock_unix_name.c: how a Unix socket gets its name, and how others find it
 * by that (unix(7)). Three kinds of address:
 *
 *     unnamed    as made; or with the family alone for bind(2), which then
 *                chooses an abstract name of five hexadecimal digits
 *     path       "/run/php-fpm.sock": stays behind when the socket is closed,
 *                until somebody unlinks it
 *     abstract   "\0any bytes": gone with the socket
 */
#include "sock_unix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    PATH_AT = offsetof(struct sockaddr_un, sun_path),
    AUTOBIND = 1 << 20 /* as many names does bind(2) choose from */
};

/* The name in addr, which has one: a path with a zero byte at its end. */
static int
name_of(const struct sockaddr *addr, socklen_t len, struct unix_addr *out)
{
    const struct sockaddr_un *un = (const void *)addr;
    size_t n = len - PATH_AT;

    if (len <= PATH_AT || len > sizeof *un || un->sun_family != AF_UNIX)
        return -EINVAL;
    if (un->sun_path[0]) {
        n = strnlen(un->sun_path, n);
        out->name[n] = '\0';
        out->n = (uint8_t)(n + 1);
    } else {
        out->n = (uint8_t)n;
    }
    memcpy(out->name, un->sun_path, n);
    return 0;
}

static int
take(struct unix_sock *u, const struct unix_addr *name)
{
    if (!unix_name_add(u->s.f.k, name, u->s.type, &u->name, u))
        return -ENOMEM;
    u->addr = *name;
    if (u->peer && u->peer->peer == u)
        u->peer->peer_addr = *name;
    return 0;
}

int
unix_autobind(struct unix_sock *u)
{
    struct kernel *k = u->s.f.k;
    struct unix_addr name = {.n = 6};
    uint32_t first, tries = 0;
    char digits[6];

    if (u->addr.n)
        return 0;
    first = (uint32_t)rng_below(&k->env->rng, AUTOBIND);
    do {
        if (tries == AUTOBIND)
            return -ENOSPC;
        snprintf(digits, sizeof digits, "%05x", (first + tries++) % AUTOBIND);
        memcpy(name.name + 1, digits, 5);
    } while (unix_name_find(k, &name, u->s.type));
    return take(u, &name);
}

int
unix_name_for_peer(struct unix_sock *u)
{
    return sock_rare_of(&u->s)->passcred ? unix_autobind(u) : 0;
}

int
unix_find(struct unix_sock *u, const struct sockaddr *addr, socklen_t len,
    struct unix_sock **out)
{
    struct unix_addr name;
    struct sock_name *n;
    int err = name_of(addr, len, &name);

    if (!err)
        err = unix_name_for_peer(u);
    if (err)
        return err;
    n = unix_name_find(u->s.f.k, &name, u->s.type);
    if (!n)
        return name.name[0] ? -ENOENT : -ECONNREFUSED;
    *out = n->owner;
    if (!n->owner)
        return -ECONNREFUSED;
    return n->owner->s.type == u->s.type ? 0 : -EPROTOTYPE;
}

int
unix_bind(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct unix_sock *u = unix_of(s);
    struct kernel *k = s->f.k;
    struct disk *d = k->disk;
    struct unix_addr name;
    struct stat st;
    int err;

    if (len == PATH_AT && addr->sa_family == AF_UNIX)
        return unix_autobind(u);
    err = name_of(addr, len, &name);
    if (err)
        return err;
    if (u->addr.n && unix_addr_abstract(&name))
        return -EINVAL;
    if (unix_name_find(k, &name, s->type) ||
        (name.name[0] && d && d->stat(d, name.name, &st) == 0))
        return -EADDRINUSE;
    return u->addr.n ? -EINVAL : take(u, &name);
}

void
unix_put_addr(
    const struct unix_addr *a, struct sockaddr_storage *addr, socklen_t *len)
{
    addr->ss_family = AF_UNIX;
    memcpy((char *)addr + PATH_AT, a->name, a->n);
    *len = (socklen_t)(PATH_AT + a->n);
}

int
unix_name(struct sock *s, enum sock_end which, struct sockaddr_storage *addr,
    socklen_t *len)
{
    struct unix_sock *u = unix_of(s);

    if (which != SOCK_OWN && u->state != UNIX_CONNECTED)
        return -ENOTCONN;
    unix_put_addr(which == SOCK_OWN ? &u->addr : &u->peer_addr, addr, len);
    return 0;
}
