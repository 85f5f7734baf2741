/*
 * netdev.h: a network card as the storey above sees it, whatever is plugged
 * into it: a cable of the simulation, a TAP device, or nothing but itself
 * (loopback).
 */
#ifndef LW_NETDEV_H
#define LW_NETDEV_H

#include "env.h"

#define NETDEV_MTU 1500

struct netdev {
    char name[16];   /* "eth0", "lo" */
    struct mac addr; /* burnt-in address; zero for lo */
    unsigned mtu;    /* largest IP packet, without the Ethernet header */
    bool loopback;
    bool sums;  /* the wire computes TCP's checksums itself (offload.h) */
    bool cuts;  /* it cuts long segments itself, when nobody looks */
    bool joins; /* whoever is above takes trains (offload.h). Set by host.c */
    struct env *env;

    /* Down: puts a whole frame on the wire; takes p. Set by the wire. */
    void (*xmit)(struct netdev *dev, struct pkt *p);
    void *wire; /* the wire's own */

    /* Up: a whole frame has arrived; takes p. Set by host.c. */
    void (*input)(struct netdev *dev, struct pkt *p);
    void *up; /* the owner above's own */
};

/*
 * What a wire calls when a frame reaches dev: reports FRAME_RECEIVED with
 * that event as the new cause, then hands p to dev->input. Takes p.
 */
void netdev_arrive(struct netdev *dev, struct pkt *p, const char *link);

/*
 * What a wire calls when dev puts p on `link`: reports FRAME_SENT, caused by
 * p->cause, and makes that event p->cause, so that whatever happens to the
 * frame from here on follows from its having been sent. The wire sets
 * p->cause to the journal's current cause when it gets p from xmit, so that
 * a frame that waits its turn remembers who sent it.
 */
void netdev_sent(struct netdev *dev, struct pkt *p, const char *link);

#endif
