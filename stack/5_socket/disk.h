/*
 * disk.h: a computer's file system, as its kernel sees it. The core opens no
 * files itself: a driver provides this table (stack/folder.h serves a real
 * folder; tests serve files from memory). Every call takes the disk first
 * and returns 0 or more, or a negative errno. Paths are absolute in the
 * host's own root; no path, link or `..` leads out of it.
 */
#ifndef LW_DISK_H
#define LW_DISK_H

#include "page.h"

#include <sys/stat.h>
#include <sys/types.h>

struct disk {
    /* A handle >= 0 for the calls below. flags and mode as open(2). */
    int (*open)(struct disk *d, const char *path, int flags, mode_t mode);
    int (*stat)(struct disk *d, const char *path, struct stat *st);
    int (*fstat)(struct disk *d, int handle, struct stat *st);
    ssize_t (*pread)(
        struct disk *d, int handle, void *buf, size_t len, off_t offset);
    /* offset -1: at the end. */
    ssize_t (*pwrite)(
        struct disk *d, int handle, const void *buf, size_t len, off_t offset);
    int (*unlink)(struct disk *d, const char *path);
    /*
     * Entries of an open folder as getdents64(2) writes them, in the order of
     * their names, from number `at` on; d_off is the number of the next one.
     * The bytes written; 0: no more. -ENOTDIR; -EINVAL: len is too small.
     */
    ssize_t (*list)(
        struct disk *d, int handle, void *buf, size_t len, off_t at);
    void (*close)(struct disk *d, int handle);
    void (*free)(struct disk *d); /* gives up the disk itself */
    /* The page of an open file that holds the byte at offset, one reference.
     * NULL: none (pread says why), or, here, this disk has no pages. */
    struct page *(*page)(struct disk *d, int handle, off_t offset);
    /*
     * The kernel counts here the turns of its processes, from 1. Whoever has
     * seen a file change can tell a process only between two of its turns, so
     * what a disk has seen in a turn it need not look at again in the same
     * one, as long as nothing was written through it.
     */
    uint64_t turn;
};

static inline void
disk_turn(struct disk *d)
{
    if (d)
        d->turn++;
}

/* For `list`: one entry (type: DT_REG, DT_DIR, ...) into room bytes. Its
 * length; 0: it does not fit. */
size_t disk_put_entry(
    void *buf, size_t room, off_t next, unsigned type, const char *name);

#endif
