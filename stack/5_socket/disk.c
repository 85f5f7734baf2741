/*
 * disk.c: how a folder's entry is written for getdents64(2): a record of the
 * length of its name, rounded up to eight bytes.
 *
 *     | inode (8) | next (8) | length (2) | type (1) | name, zero, padding |
 */
#include "disk.h"

#include <dirent.h>
#include <string.h>

size_t
disk_put_entry(
    void *buf, size_t room, off_t next, unsigned type, const char *name)
{
    struct dirent e = {.d_ino = 1, .d_off = next, .d_type = (uint8_t)type};
    size_t len = strlen(name);
    size_t whole = (offsetof(struct dirent, d_name) + len + 1 + 7) & ~(size_t)7;

    if (len >= sizeof e.d_name || whole > room)
        return 0;
    e.d_reclen = (unsigned short)whole;
    memcpy(e.d_name, name, len);
    memcpy(buf, &e, whole);
    return whole;
}
