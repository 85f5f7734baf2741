/*
 * sys_file.c: paths: open(2), stat(2), fstat(2), pread(2), unlink(2),
 * getdents(2). Files are the disk's (disk.h); names of Unix sockets and
 * /proc/net are the kernel's own.
 */
#include "sys.h"
#include "disk_file.h"
#include "proc_net.h"
#include "sock.h"
#include "strace.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

static int
check_path(const char *path)
{
    if (!path[0])
        return -ENOENT;
    return strnlen(path, PATH_MAX) == PATH_MAX ? -ENAMETOOLONG : 0;
}

/* A descriptor for f, which is taken in any case. */
static int
give_file(struct proc *p, struct file *f, int flags)
{
    int fd = fd_add(p, f, flags & O_CLOEXEC, 0);

    if (fd < 0)
        file_put(f);
    return fd;
}

static int
open_path(struct proc *p, const char *path, int flags, mode_t mode)
{
    struct disk *d = p->k->disk;
    int fd = check_path(path), handle;
    struct file *f = NULL;

    if (fd)
        return fd;
    fd = proc_net_open(p->k, path, flags, &f);
    if (fd && fd != -ENOENT)
        return fd;
    if (f)
        return give_file(p, f, flags);
    if (unix_name_exists(p->k, path))
        return -ENXIO; /* open(2): the file is a Unix socket */
    if (!d)
        return -ENOENT;
    handle = d->open(d, path, flags, mode);
    if (handle < 0)
        return handle;
    f = disk_file_new(p->k, handle, flags);
    return f ? give_file(p, f, flags) : -ENOMEM;
}

int
sys_open(struct proc *p, const char *path, int flags, mode_t mode)
{
    int fd;

    call_begin(p, CALL_openat);
    fd = open_path(p, path, flags, mode);
    if (flags & O_CREAT)
        CALL_END(p, fd, fd, "AT_FDCWD, %s, %s, 0%o", tr_string(p, path),
            tr_flags_open(p, flags), mode);
    else
        CALL_END(p, fd, fd, "AT_FDCWD, %s, %s", tr_string(p, path),
            tr_flags_open(p, flags));
    return fd;
}

int
sys_stat(struct proc *p, const char *path, struct stat *st)
{
    struct disk *d = p->k->disk;
    int ret;

    call_begin(p, CALL_newfstatat);
    ret = check_path(path);
    if (!ret && unix_name_exists(p->k, path))
        *st = (struct stat){.st_mode = S_IFSOCK | 0777, .st_nlink = 1};
    else if (!ret)
        ret = d ? d->stat(d, path, st) : -ENOENT;
    CALL_END(p, -1, ret, "AT_FDCWD, %s, %s, 0", tr_string(p, path),
        ret ? "0x..." : tr_stat(p, st));
    return ret;
}

int
sys_fstat(struct proc *p, int fd, struct stat *st)
{
    struct file *f;
    int ret = 0;

    call_begin(p, CALL_fstat);
    f = fd_get(p, fd);
    if (!f)
        ret = -EBADF;
    else if (is_disk_file(f))
        ret = disk_file_stat(f, st);
    else
        *st = (struct stat){.st_ino = f->no,
            .st_nlink = 1,
            .st_mode = f->ops->sock ? S_IFSOCK | 0777 : S_IFIFO | 0600};
    CALL_END(p, fd, ret, "%d, %s", fd, ret ? "0x..." : tr_stat(p, st));
    return ret;
}

ssize_t
sys_pread64(struct proc *p, int fd, void *buf, size_t len, off_t offset)
{
    struct file *f;
    ssize_t n;

    call_begin(p, CALL_pread64);
    f = fd_get(p, fd);
    if (!f)
        n = -EBADF;
    else if (!is_disk_file(f))
        n = -ESPIPE;
    else
        n = offset < 0 ? -EINVAL : disk_file_pread(f, buf, len, offset);
    CALL_END(p, fd, n, "%d, %s, %zu, %lld", fd, tr_data(p, buf, n), len,
        (long long)offset);
    return n;
}

int
sys_unlink(struct proc *p, const char *path)
{
    struct disk *d = p->k->disk;
    int ret;

    call_begin(p, CALL_unlink);
    ret = check_path(path);
    if (!ret)
        ret = unix_name_unlink(p->k, path);
    if (ret == -ENOENT && d && path[0])
        ret = d->unlink(d, path);
    CALL_END(p, -1, ret, "%s", tr_string(p, path));
    return ret;
}

/* strace counts the entries. */
static int
entries(const void *buf, ssize_t len)
{
    struct dirent e;
    int n = 0;

    for (ssize_t at = 0; at < len; at += e.d_reclen, n++)
        memcpy(&e, (const char *)buf + at, offsetof(struct dirent, d_name));
    return n;
}

ssize_t
sys_getdents64(struct proc *p, int fd, void *buf, size_t len)
{
    struct file *f;
    ssize_t n;

    call_begin(p, CALL_getdents64);
    f = fd_get(p, fd);
    if (!f)
        n = -EBADF;
    else
        n = is_disk_file(f) ? disk_file_list(f, buf, len) : -ENOTDIR;
    CALL_END(
        p, fd, n, "%d, 0x... /* %d entries */, %zu", fd, entries(buf, n), len);
    return n;
}
