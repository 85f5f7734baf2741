/*
 * memory_disk.c: the web host's files, read from their folder once and
 * served from memory: a figure "in memory" shall not be one of the system
 * calls with which Linux opens, examines and reads a file for every request.
 * It holds what the benchmark's nginx asks for: files, no folders.
 */
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct held {
    const char *path; /* in the host's own root */
    uint8_t *data;
    size_t size;
};

struct memory_disk {
    struct disk disk;
    struct held files[2];
};

static struct held *
files_of(struct disk *d)
{
    return LW_CONTAINER(d, struct memory_disk, disk)->files;
}

static int
disk_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    struct held *files = files_of(d);

    (void)flags;
    (void)mode;
    for (int i = 0; i < 2; i++)
        if (strcmp(files[i].path, path) == 0)
            return i;
    return -ENOENT;
}

static int
disk_fstat(struct disk *d, int handle, struct stat *st)
{
    *st = (struct stat){.st_mode = S_IFREG | 0644,
        .st_size = (off_t)files_of(d)[handle].size,
        .st_mtime = 1767323045};
    return 0;
}

static int
disk_stat(struct disk *d, const char *path, struct stat *st)
{
    int handle = disk_open(d, path, 0, 0);

    return handle < 0 ? handle : disk_fstat(d, handle, st);
}

static ssize_t
disk_pread(struct disk *d, int handle, void *buf, size_t len, off_t offset)
{
    const struct held *f = &files_of(d)[handle];

    if (offset < 0 || (size_t)offset >= f->size)
        return 0;
    if (len > f->size - (size_t)offset)
        len = f->size - (size_t)offset;
    memcpy(buf, f->data + offset, len);
    return (ssize_t)len;
}

/* The error log and the like lead nowhere. */
static ssize_t
disk_pwrite(
    struct disk *d, int handle, const void *buf, size_t len, off_t offset)
{
    (void)d;
    (void)handle;
    (void)buf;
    (void)offset;
    return (ssize_t)len;
}

static int
disk_unlink(struct disk *d, const char *path)
{
    (void)d;
    (void)path;
    return -EROFS;
}

static ssize_t
disk_list(struct disk *d, int handle, void *buf, size_t len, off_t at)
{
    (void)d;
    (void)handle;
    (void)buf;
    (void)len;
    (void)at;
    return -ENOTDIR;
}

static void
disk_close(struct disk *d, int handle)
{
    (void)d;
    (void)handle;
}

static void
disk_free(struct disk *d)
{
    for (int i = 0; i < 2; i++)
        free(files_of(d)[i].data);
    free(LW_CONTAINER(d, struct memory_disk, disk));
}

static bool
load(struct held *f, const char *folder)
{
    char name[4096];
    FILE *in;

    snprintf(name, sizeof name, "%s%s", folder, f->path);
    in = fopen(name, "rb");
    if (!in)
        return false;
    f->data = malloc(1 << 20);
    f->size = f->data ? fread(f->data, 1, 1 << 20, in) : 0;
    fclose(in);
    return f->size > 0;
}

struct disk *
memory_disk(const char *folder)
{
    struct memory_disk *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->disk = (struct disk){disk_open, disk_stat, disk_fstat, disk_pread,
        disk_pwrite, disk_unlink, disk_list, disk_close, disk_free, NULL, 0};
    m->files[0].path = "/etc/nginx/nginx.conf";
    m->files[1].path = "/srv/www/1k.html";
    for (int i = 0; i < 2; i++)
        if (!load(&m->files[i], folder)) {
            fprintf(stderr, "memory: no %s%s\n", folder, m->files[i].path);
            disk_free(&m->disk);
            return NULL;
        }
    return &m->disk;
}
