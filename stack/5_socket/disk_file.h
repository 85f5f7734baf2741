/*
 * disk_file.h: an open file of the host's disk behind a descriptor.
 */
#ifndef LW_DISK_FILE_H
#define LW_DISK_FILE_H

#include "file.h"

#include <sys/stat.h>

/* Takes the disk's handle, in any case. NULL: no memory. */
struct file *disk_file_new(struct kernel *k, int handle, int flags);
bool is_disk_file(const struct file *f);
int disk_file_stat(struct file *f, struct stat *st);

/* -EBADF when it is open for writing only; -EISDIR, -EIO, ... */
ssize_t disk_file_pread(struct file *f, void *buf, size_t len, off_t offset);

/* What the file holds from offset on, one reference; or NULL: read it. */
struct page *disk_file_page(struct file *f, off_t offset);

/* At *offset, or at the end of the file (O_APPEND); *offset moves behind it.
 * -EBADF when it is open for reading only. */
ssize_t disk_file_pwrite(
    struct file *f, const struct iovec *iov, int n, off_t *offset);

/* -ENOTDIR when it is no folder. */
ssize_t disk_file_list(struct file *f, void *buf, size_t len);

off_t *disk_file_offset(struct file *f); /* where the next read begins */

#endif
