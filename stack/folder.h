/*
 * folder.h: a computer's disk (disk.h) that is a real folder. What a host
 * calls /etc/hosts is etc/hosts in there; links and `..` are resolved as if
 * the folder were the root, so nothing outside can be reached.
 */
#ifndef LW_FOLDER_H
#define LW_FOLDER_H

#include "disk.h"
#include "fault.h"

struct folder_options {
    bool read_only; /* writing calls fail with EROFS */
    /*
     * stat reports what is the same on every machine: owner 0, inode numbers
     * made from paths, permissions as the owner has them, all times at
     * `time` (Unix seconds). For simulations.
     */
    bool fixed;
    int64_t time;
};

/* NULL with the reason in *fault: no such folder, no openat2(2), no memory. */
struct disk *folder_new(
    const char *path, const struct folder_options *o, struct fault *fault);

#endif
