/*
 * loopback.c: a cable with one end. Frames wait in a list until the timer,
 * armed for the present instant, hands them up.
 */
#include "loopback.h"

#include <stdio.h>
#include <stdlib.h>

struct loopback {
    char name[64];
    struct timers *timers;
    struct netdev *dev;
    struct timer arrive;
    struct pkt *first, **end; /* frames under way */
};

static void
loopback_arrive(void *owner)
{
    struct loopback *l = owner;
    struct pkt *p = l->first;

    /* What is sent from here on arrives with the next firing. */
    l->first = NULL;
    l->end = &l->first;
    while (p) {
        struct pkt *next = p->next;

        p->next = NULL;
        netdev_arrive(l->dev, p, l->name);
        p = next;
    }
}

static void
loopback_xmit(struct netdev *dev, struct pkt *p)
{
    struct loopback *l = dev->wire;

    if (dev->env->journal->cause)
        p->cause = dev->env->journal->cause;
    netdev_sent(dev, p, l->name);
    p->next = NULL;
    *l->end = p;
    l->end = &p->next;
    if (!timer_armed(&l->arrive))
        timer_arm(l->timers, &l->arrive, l->timers->now);
}

struct loopback *
loopback_new(struct timers *timers, struct netdev *dev, const char *link_name)
{
    struct loopback *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    snprintf(l->name, sizeof l->name, "%s", link_name);
    l->timers = timers;
    l->dev = dev;
    l->arrive = (struct timer){.fire = loopback_arrive, .owner = l};
    l->end = &l->first;
    dev->addr = (struct mac){{0}};
    dev->mtu = LOOPBACK_MTU;
    dev->loopback = true;
    dev->xmit = loopback_xmit;
    dev->wire = l;
    return l;
}

void
loopback_free(struct loopback *l)
{
    if (!l)
        return;
    timer_cancel(l->timers, &l->arrive);
    while (l->first) {
        struct pkt *p = l->first;

        l->first = p->next;
        pkt_free(p);
    }
    free(l);
}
