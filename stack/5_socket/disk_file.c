/*
 * disk_file.c: regular files and directories. They never make a process
 * wait (the disk of this computer takes no time), which is why epoll refuses
 * them (EPERM) just as Linux does.
 */
#include "disk_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct disk_file {
    struct file f;
    int handle;
    off_t offset;
};

static struct disk_file *
disk_of(struct file *f)
{
    return LW_CONTAINER(f, struct disk_file, f);
}

ssize_t
disk_file_pread(struct file *f, void *buf, size_t len, off_t offset)
{
    struct disk *d = f->k->disk;

    if ((f->flags & O_ACCMODE) == O_WRONLY)
        return -EBADF;
    return d->pread(d, disk_of(f)->handle, buf, len, offset);
}

struct page *
disk_file_page(struct file *f, off_t offset)
{
    struct disk *d = f->k->disk;

    if (!d->page || (f->flags & O_ACCMODE) == O_WRONLY)
        return NULL;
    return d->page(d, disk_of(f)->handle, offset);
}

static ssize_t
disk_recv(struct file *f, struct io *io)
{
    struct disk_file *df = disk_of(f);
    ssize_t done = 0;

    for (int i = 0; i < io->n; i++) {
        ssize_t n = disk_file_pread(
            f, io->iov[i].iov_base, io->iov[i].iov_len, df->offset);

        if (n < 0)
            return done ? done : n;
        df->offset += n;
        done += n;
        if ((size_t)n < io->iov[i].iov_len)
            break;
    }
    return done;
}

ssize_t
disk_file_pwrite(struct file *f, const struct iovec *iov, int n, off_t *offset)
{
    struct disk *d = f->k->disk;
    bool append = f->flags & O_APPEND;
    ssize_t done = 0;

    struct stat st;

    if ((f->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    for (int i = 0; i < n; i++) {
        ssize_t got = d->pwrite(d, disk_of(f)->handle, iov[i].iov_base,
            iov[i].iov_len, append ? -1 : *offset);

        if (got < 0)
            return done ? done : got;
        *offset += got;
        done += got;
        if ((size_t)got < iov[i].iov_len)
            break;
    }
    /* Those who read through it go on behind their own bytes, open(2). */
    if (append && (f->flags & O_ACCMODE) == O_RDWR &&
        d->fstat(d, disk_of(f)->handle, &st) == 0)
        *offset = st.st_size;
    return done;
}

static ssize_t
disk_send(struct file *f, struct io *io)
{
    return disk_file_pwrite(f, io->iov, io->n, &disk_of(f)->offset);
}

static unsigned
disk_poll(struct file *f)
{
    (void)f;
    return EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
}

static void
disk_close(struct file *f)
{
    struct disk_file *df = disk_of(f);

    f->k->disk->close(f->k->disk, df->handle);
    free(df);
}

static const struct file_ops disk_ops = {.recv = disk_recv,
    .send = disk_send,
    .poll = disk_poll,
    .close = disk_close,
    .always_ready = true};

struct file *
disk_file_new(struct kernel *k, int handle, int flags)
{
    struct disk_file *df = calloc(1, sizeof *df);

    if (!df) {
        k->disk->close(k->disk, handle);
        return NULL;
    }
    df->handle = handle;
    file_init(
        &df->f, k, &disk_ops, flags & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    return &df->f;
}

bool
is_disk_file(const struct file *f)
{
    return f->ops == &disk_ops;
}

int
disk_file_stat(struct file *f, struct stat *st)
{
    return f->k->disk->fstat(f->k->disk, disk_of(f)->handle, st);
}

ssize_t
disk_file_list(struct file *f, void *buf, size_t len)
{
    struct disk_file *df = disk_of(f);
    struct disk *d = f->k->disk;
    ssize_t n = d->list(d, df->handle, buf, len, df->offset);
    struct dirent e;

    for (ssize_t at = 0; at < n; at += e.d_reclen) { /* up to the last one */
        memcpy(&e, (const char *)buf + at, offsetof(struct dirent, d_name));
        df->offset = e.d_off;
    }
    return n;
}

off_t *
disk_file_offset(struct file *f)
{
    return &disk_of(f)->offset;
}
