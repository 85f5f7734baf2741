/*
 * netns_child.h: the steps of the child, each of which may be refused. See
 * netns.h.
 */
#ifndef LW_NETNS_CHILD_H
#define LW_NETNS_CHILD_H

#include "netns.h"

/* Where it went wrong; the parent turns it into a sentence. */
enum netns_step {
    NETNS_READY, /* all is well: the device comes along */
    NETNS_UNSHARE,
    NETNS_MAP,
    NETNS_TUN_MISSING,
    NETNS_TUN_OPEN,
    NETNS_TUN_MAKE,
    NETNS_CARD,
    NETNS_MOUNT
};

/* 0 and the device in *tap, or the step and errno. */
enum netns_step netns_enter(const struct netns_config *config, int *tap);

#endif
