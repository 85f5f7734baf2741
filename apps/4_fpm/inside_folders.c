/*
 * inside_folders.c: what a folder contains, always in the order of the
 * names: the order in which a real disk gives them is that of its own
 * bookkeeping and differs between two machines with the same files.
 */
#include "inside_trace.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What we give out as DIR *: the C library's own is never seen by PHP. */
struct listing {
    int fd;
    struct dirent **names; /* sorted */
    int count, at;
};

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void
forget(struct listing *l)
{
    for (int i = 0; i < l->count; i++)
        free(l->names[i]);
    free(l->names);
    l->names = NULL;
    l->count = l->at = 0;
}

static bool
take_names(struct listing *l)
{
    int bytes = 0;

    l->at = 0;
    l->count = scandirat(l->fd, ".", &l->names, NULL, by_name);
    for (int i = 0; i < l->count; i++) /* getdents64(2): multiples of 8 */
        bytes += (int)((19 + strlen(l->names[i]->d_name) + 1 + 7) & ~7u);
    TRACE("getdents64", RULE_SYS_GETDENTS, l->fd, l->count < 0 ? -errno : bytes,
        "%d, 0x... /* %d entries */, 32768", l->fd, l->count);
    if (l->count < 0)
        l->count = 0;
    else
        TRACE("getdents64", RULE_SYS_GETDENTS, l->fd, 0,
            "%d, 0x... /* 0 entries */, 32768", l->fd);
    return l->names != NULL;
}

DIR *
fdopendir(int fd)
{
    struct listing *l = calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->fd = fd;
    if (!take_names(l)) {
        free(l);
        return NULL;
    }
    return (DIR *)l;
}

DIR *
opendir(const char *path)
{
    int flags = O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_CLOEXEC;
    int fd = open(path, flags);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (fd >= 0 && !d)
        close(fd);
    return d;
}

struct dirent *
readdir(DIR *d)
{
    struct listing *l = (struct listing *)d;

    return l->at < l->count ? l->names[l->at++] : NULL;
}

struct dirent64 *readdir64(DIR *d) __attribute__((alias("readdir")));

void
rewinddir(DIR *d)
{
    struct listing *l = (struct listing *)d;

    forget(l);
    take_names(l);
}

long
telldir(DIR *d)
{
    return ((struct listing *)d)->at;
}

void
seekdir(DIR *d, long at)
{
    struct listing *l = (struct listing *)d;

    if (at >= 0 && at <= l->count)
        l->at = (int)at;
}

int
dirfd(DIR *d)
{
    return ((struct listing *)d)->fd;
}

int
closedir(DIR *d)
{
    struct listing *l = (struct listing *)d;
    int fd = l->fd;

    forget(l);
    free(l);
    return close(fd);
}

int
scandir(const char *path, struct dirent ***list,
    int (*filter)(const struct dirent *),
    int (*compare)(const struct dirent **, const struct dirent **))
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_CLOEXEC);
    int n;

    if (fd < 0)
        return -1;
    n = scandirat(fd, ".", list, filter, compare ? compare : by_name);
    close(fd);
    return n;
}

/* --- glob ------------------------------------------------------------ */

static void *
glob_open(const char *path)
{
    return opendir(path);
}

static void
glob_close(void *d)
{
    closedir(d);
}

static struct dirent *
glob_next(void *d)
{
    return readdir(d);
}

int
glob(const char *pattern, int flags, int (*trouble)(const char *, int),
    glob_t *out)
{
    int (*next)(const char *, int, int (*)(const char *, int), glob_t *);

    *(void **)&next = dlsym(RTLD_NEXT, "glob");
    out->gl_opendir = glob_open;
    out->gl_closedir = glob_close;
    out->gl_readdir = glob_next;
    out->gl_stat = stat;
    out->gl_lstat = lstat;
    return next(pattern, flags | GLOB_ALTDIRFUNC, trouble, out);
}
