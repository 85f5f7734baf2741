/*
 * inside_known.c: paths that were looked up before. Finding a file carefully
 * (place_open) takes Linux three calls, and a worker looks for the same
 * script and the same folders at every request.
 *
 * So the careful walk's outcome is remembered: this path led to this file.
 * The next time Linux's own, careless walk is asked, which one call does and
 * which could follow a link out of the host. When it ends at the same file,
 * so would the careful one have; when it ends elsewhere, what it found is
 * thrown away unseen. Only with a live clock: in a simulation stat shows
 * other numbers anyway, and speed matters less.
 */
#include "inside.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct known *
slot_of(const struct place *at, int follow)
{
    uint64_t h = fnv(FNV_BEGIN, at->rel, strlen(at->rel));

    h += (unsigned)at->base + (unsigned)follow;
    return &inside()->known[h % INSIDE_KNOWN];
}

const struct known *
known_find(const struct place *at, int follow, struct stat *st)
{
    struct known *k = slot_of(at, follow);

    if (!inside()->live || at->real || k->base != at->base ||
        k->follow != follow || strcmp(k->path, at->rel) != 0)
        return NULL;
    if (syscall(SYS_newfstatat, at->base, at->rel, st, follow) < 0 ||
        st->st_dev != k->dev || st->st_ino != k->ino) {
        k->path[0] = '\0';
        return NULL;
    }
    return k;
}

void
known_keep(
    const struct place *at, int follow, const struct stat *st, const char *name)
{
    struct known *k = slot_of(at, follow);

    if (!inside()->live || at->real || strlen(at->rel) >= sizeof(k->path) ||
        strlen(name) >= sizeof(k->name))
        return;
    k->base = at->base;
    k->follow = follow;
    k->dev = st->st_dev;
    k->ino = st->st_ino;
    strcpy(k->path, at->rel);
    strcpy(k->name, name);
}
