/*
 * proc_net.h: the files of /proc/net.
 */
#ifndef LW_PROC_NET_H
#define LW_PROC_NET_H

#include "file.h"

/* -ENOENT: no such file here; -EACCES: they are read only; -ENOMEM. */
int proc_net_open(
    struct kernel *k, const char *path, int flags, struct file **out);

#endif
