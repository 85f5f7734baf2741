/*
 * folder.c: files of a real folder under another root. openat2(2) with
 * RESOLVE_IN_ROOT lets the kernel itself resolve every link and `..` inside
 * the folder, without the races that checking paths by hand would have.
 */
#include "folder.h"
#include "page_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    HANDLES = 4096,           /* files open at the same time */
    PAGES_MOST = 64 * 1048576 /* bytes of files that are kept in memory */
};

struct handle {
    int fd;       /* -1: free */
    uint64_t ino; /* of its path */
};

/* What fstat(2) said last: good in the turn in which it did. */
struct seen {
    int handle; /* -1: nothing */
    uint64_t turn;
    struct stat st;
};

struct folder {
    struct disk disk;
    struct folder_options options;
    int root; /* O_PATH */
    struct handle *handles;
    int room;
    struct seen seen;
    struct page_cache *pages; /* NULL: nobody has asked for one */
};

static struct folder *
folder_of(struct disk *d)
{
    return LW_CONTAINER(d, struct folder, disk);
}

/* A descriptor for path inside the folder, or -errno. */
static int
open_inside(struct folder *f, const char *path, int flags, mode_t mode)
{
    struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode & 07777 : 0,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    long fd;

    do {
        fd = syscall(SYS_openat2, f->root, path, &how, sizeof how);
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    return fd < 0 ? -errno : (int)fd;
}

/* An inode number that depends on nothing but the path. */
static uint64_t
number_of(const char *path)
{
    return fnv(FNV_BEGIN, path, strlen(path)) >> 16; /* as long as real ones */
}

static void
fix(const struct folder *f, struct stat *st, uint64_t ino)
{
    mode_t owner = st->st_mode & 0700;
    off_t size = S_ISDIR(st->st_mode) ? 4096 : st->st_size;
    struct timespec t = {f->options.time, 0};

    if (!f->options.fixed)
        return;
    *st = (struct stat){.st_mode = (st->st_mode & S_IFMT) | owner |
                                   (owner & 0500) >> 3 | (owner & 0500) >> 6,
        .st_size = size,
        .st_ino = ino,
        .st_dev = 1,
        .st_nlink = 1,
        .st_blksize = 4096,
        .st_blocks = (size + 511) / 512,
        .st_atim = t,
        .st_mtim = t,
        .st_ctim = t};
}

/* A free place in the table; -EMFILE, -ENOMEM. */
static int
new_handle(struct folder *f)
{
    int room = f->room ? 2 * f->room : 16;
    struct handle *h;

    for (int i = 0; i < f->room; i++)
        if (f->handles[i].fd < 0)
            return i;
    if (room > HANDLES)
        return -EMFILE;
    h = realloc(f->handles, (size_t)room * sizeof *h);
    if (!h)
        return -ENOMEM;
    for (int i = f->room; i < room; i++)
        h[i].fd = -1;
    f->handles = h;
    room = f->room;
    f->room = room ? 2 * room : 16;
    return room;
}

static int
fd_of(const struct folder *f, int handle)
{
    return handle >= 0 && handle < f->room ? f->handles[handle].fd : -1;
}

static int
folder_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    const int known = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND |
                      O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
                      O_NOCTTY;
    struct folder *f = folder_of(d);
    bool writes =
        (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    int h, fd;

    if (flags & ~known)
        return -EINVAL;
    if (writes && f->options.read_only)
        return -EROFS;
    h = new_handle(f);
    if (h < 0)
        return h;
    /* A real fifo in the folder must not stop the simulator. */
    fd = open_inside(f, path, flags | O_NONBLOCK | O_NOCTTY, mode);
    if (fd < 0)
        return fd;
    if (writes)
        f->seen.handle = -1;
    f->handles[h] = (struct handle){fd, number_of(path)};
    return h;
}

static int
folder_stat(struct disk *d, const char *path, struct stat *st)
{
    struct folder *f = folder_of(d);
    int fd = open_inside(f, path, O_PATH, 0), err;

    if (fd < 0)
        return fd;
    err = fstat(fd, st) ? -errno : 0;
    close(fd);
    if (!err)
        fix(f, st, number_of(path));
    return err;
}

/* 0, and what there is to know of an open file in f->seen; or -errno. */
static int
look_at(struct folder *f, int handle)
{
    f->seen.handle = -1;
    if (fstat(fd_of(f, handle), &f->seen.st))
        return -errno;
    f->seen.handle = handle;
    f->seen.turn = f->disk.turn;
    return 0;
}

static int
folder_fstat(struct disk *d, int handle, struct stat *st)
{
    struct folder *f = folder_of(d);
    int err = look_at(f, handle);

    if (err)
        return err;
    *st = f->seen.st;
    fix(f, st, f->handles[handle].ino);
    return 0;
}

static ssize_t
folder_pread(struct disk *d, int handle, void *buf, size_t len, off_t offset)
{
    ssize_t n;

    do {
        n = pread(fd_of(folder_of(d), handle), buf, len, offset);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static ssize_t
folder_pwrite(
    struct disk *d, int handle, const void *buf, size_t len, off_t offset)
{
    int fd = fd_of(folder_of(d), handle);
    ssize_t n;

    folder_of(d)->seen.handle = -1;
    if (offset < 0)
        offset = lseek(fd, 0, SEEK_END);
    if (offset < 0)
        return -errno;
    do {
        n = pwrite(fd, buf, len, offset);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

/* unlink has no RESOLVE_IN_ROOT: the folder of the name is opened first. */
static int
folder_unlink(struct disk *d, const char *path)
{
    struct folder *f = folder_of(d);
    const char *slash = strrchr(path, '/');
    char *dir;
    int fd, err;

    if (f->options.read_only)
        return -EROFS;
    dir = slash && slash != path ? strndup(path, (size_t)(slash - path))
                                 : strdup("/");
    if (!dir)
        return -ENOMEM;
    fd = open_inside(f, dir, O_PATH | O_DIRECTORY, 0);
    free(dir);
    if (fd < 0)
        return fd;
    if (slash && !slash[1]) /* as "/" or "d/": that is there, and a folder */
        err = -EISDIR;
    else
        err = unlinkat(fd, slash ? slash + 1 : path, 0) ? -errno : 0;
    close(fd);
    return err;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Sorted: the order on a real disk is that of its own bookkeeping. */
static ssize_t
folder_list(struct disk *d, int handle, void *buf, size_t len, off_t at)
{
    struct dirent **names;
    int fd = fd_of(folder_of(d), handle);
    int count = scandirat(fd, ".", &names, NULL, by_name);
    size_t used = 0;
    bool full = false;

    if (count < 0)
        return -errno;
    for (int i = 0; i < count; i++) {
        size_t n = 0;

        if (i >= at && !full)
            n = disk_put_entry((char *)buf + used, len - used, i + 1,
                names[i]->d_type, names[i]->d_name);
        full = full || (i >= at && n == 0);
        used += n;
        free(names[i]);
    }
    free(names);
    return full && used == 0 ? -EINVAL : (ssize_t)used;
}

static struct page *
folder_page(struct disk *d, int handle, off_t offset)
{
    struct folder *f = folder_of(d);
    bool seen =
        f->seen.handle == handle && d->turn > 0 && f->seen.turn == d->turn;

    if (!f->pages)
        f->pages = page_cache_new(PAGES_MOST);
    if (!f->pages || (!seen && look_at(f, handle)))
        return NULL;
    return page_cache_get(f->pages, fd_of(f, handle), &f->seen.st, offset);
}

static void
folder_close(struct disk *d, int handle)
{
    struct folder *f = folder_of(d);

    if (fd_of(f, handle) < 0)
        return;
    close(f->handles[handle].fd);
    f->handles[handle].fd = -1;
    if (f->seen.handle == handle)
        f->seen.handle = -1;
}

static void
folder_free(struct disk *d)
{
    struct folder *f = folder_of(d);

    for (int i = 0; i < f->room; i++)
        folder_close(d, i);
    close(f->root);
    page_cache_free(f->pages);
    free(f->handles);
    free(f);
}

struct disk *
folder_new(
    const char *path, const struct folder_options *o, struct fault *fault)
{
    struct folder *f = calloc(1, sizeof *f);
    int fd;

    if (!f) {
        fault_set(fault, path, 0, "%s", strerror(ENOMEM));
        return NULL;
    }
    f->options = *o;
    f->seen.handle = -1;
    f->disk = (struct disk){.open = folder_open,
        .stat = folder_stat,
        .fstat = folder_fstat,
        .pread = folder_pread,
        .pwrite = folder_pwrite,
        .unlink = folder_unlink,
        .list = folder_list,
        .close = folder_close,
        .free = folder_free,
        .page = folder_page};
    f->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (f->root < 0) {
        fault_set(fault, path, 0, "%s", strerror(errno));
        free(f);
        return NULL;
    }
    fd = open_inside(f, "/", O_PATH, 0);
    if (fd < 0) {
        fault_set(fault, path, 0,
            fd == -ENOSYS ? "this system has no openat2(2), which is needed "
                            "to keep a host inside its folder (Linux 5.6)"
                          : "%s",
            strerror(-fd));
        folder_free(&f->disk);
        return NULL;
    }
    close(fd);
    return &f->disk;
}
