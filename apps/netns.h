/*
 * netns.h: a real program in a network of its own, whose only card is a TAP
 * device that layerwalk holds the other end of.
 *
 *     layerwalk ---- TAP fd ---- eth0 of the namespace ---- COMMAND
 *
 * The child makes the namespaces and everything in them, passes the device
 * back (unix(7), SCM_RIGHTS) and waits; netns_go lets it become COMMAND. All
 * of it belongs to the child and goes away with it: the device with its last
 * descriptor, namespaces and mounts with their last process. There is
 * nothing to clean up and so nothing that could be left behind.
 */
#ifndef LW_NETNS_H
#define LW_NETNS_H

#include "fault.h"

#include <sys/types.h>

struct netns_config {
    const char *card; /* name of the device: "eth0" */
    struct mac mac;
    struct ipv4 addr;
    unsigned prefix;
    struct ipv4 gateway; /* 0.0.0.0: none */
    unsigned mtu;
    bool offload;       /* the device joins and cuts segments (tap_offload) */
    const char *hosts;  /* path of the file that covers /etc/hosts; or NULL */
    const char *resolv; /* ... /etc/resolv.conf; or NULL */
};

struct netns {
    pid_t child;
    int control; /* our end of the socket pair */
    int tap;     /* the device, non-blocking */
};

/*
 * Starts the child and waits until its network is there. 0, or -errno with a
 * sentence in the fault that names what is closed and the one command that
 * opens it.
 */
int netns_open(struct netns *ns, const struct netns_config *config,
    char *const command[], struct fault *fault);

/* Lets the child become its command. */
void netns_go(struct netns *ns);

/* Kills and awaits the child if it still is there; closes the device. */
void netns_close(struct netns *ns);

#endif
