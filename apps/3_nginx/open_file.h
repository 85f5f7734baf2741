/*
 * open_file.h: what stands behind a path: a file, a folder, or an error;
 * from the disk, or as open_file_cache remembers it.
 */
#ifndef LW_OPEN_FILE_H
#define LW_OPEN_FILE_H

#include "words.h"

struct request;
struct worker;

struct file_info {
    int fd;             /* of a file; -1: none is open */
    int err;            /* an errno; 0: the path leads somewhere */
    const char *failed; /* "open()": the call that said so */
    uint64_t ino;
    int64_t size, mtime;
    bool is_dir, is_file;
};

/*
 * The file at `path`, which is zero-terminated. Without open_file_cache it is
 * opened, or only looked at when `look` says that this is enough. With it, it
 * is opened in any case, as in nginx, so that who comes next finds it open.
 * What is open belongs to the request until its end: file_release. 0 or
 * -errno, which out->err and out->failed say as well.
 */
int file_find(struct request *r, const char *path, size_t len, bool look,
    struct file_info *out);

/* The request needs none of its files any more: closed, or kept for the
 * next. It may be called again. */
void file_release(struct request *r);

/* The worker's caches go with it; its descriptors the kernel closes. */
void file_caches_free(struct worker *w);

#endif
