/*
 * tap.c: moves frames between a card and a file descriptor. One write is one
 * frame and one read is one frame.
 */
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct tap {
    struct netdev *dev;
    int fd;
    char name[64];
    struct pkt *spare; /* for the next frame; kept while there is none */
};

static void
tap_xmit(struct netdev *dev, struct pkt *p)
{
    struct tap *t = dev->wire;
    ssize_t n;

    if (dev->env->journal->cause)
        p->cause = dev->env->journal->cause;
    do
        n = write(t->fd, p->data, p->len);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        /* Full, or gone; that it is gone, tap_poll tells the driver. */
        pkt_drop(dev->env, p, DROP_QUEUE_FULL, RULE_TAP);
        return;
    }
    netdev_sent(dev, p, t->name);
    pkt_free(p);
}

/* The kernel on the other end is nobody's computer: host 0. */
static void
report_sent(struct tap *t, struct pkt *p)
{
    struct env outside = {.journal = t->dev->env->journal};
    uint64_t no;

    p->cause = 0;
    no = NOTE_PKT(&outside, EV_FRAME_SENT, RULE_TAP, p, pkt_off(p), p->len,
        f_text("link", t->name), f_text("if", "tap"), f_u64("len", p->len),
        f_bytes("bytes", p->data, p->len));
    if (no)
        p->cause = no;
}

/* 1: a frame was handed up; 0: there is none; -errno. */
static int
read_frame(struct tap *t)
{
    struct netdev *dev = t->dev;
    uint8_t scrap[16];
    struct pkt *p;
    ssize_t n;

    if (!t->spare)
        t->spare = pkt_new(dev->env->pool, PKT_HEADROOM,
            dev->mtu + 18 > PKT_ROOM - PKT_HEADROOM ? dev->mtu + 18
                                                    : PKT_ROOM - PKT_HEADROOM);
    p = t->spare;
    if (p)
        n = read(t->fd, p->data, p->room - pkt_off(p));
    else
        n = read(t->fd, scrap, sizeof scrap); /* the rest is cut off */
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (n == 0)
        return -EPIPE;
    if (!p) {
        dev->env->drops[DROP_NO_MEMORY]++;
        return 1;
    }
    t->spare = NULL;
    p->len = (uint32_t)n;
    report_sent(t, p);
    netdev_arrive(dev, p, t->name);
    return 1;
}

struct tap *
tap_new(struct netdev *dev, int fd, const char *link_name)
{
    struct tap *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->dev = dev;
    t->fd = fd;
    snprintf(t->name, sizeof t->name, "%s", link_name);
    dev->xmit = tap_xmit;
    dev->wire = t;
    return t;
}

void
tap_free(struct tap *t)
{
    if (!t)
        return;
    pkt_free(t->spare);
    free(t);
}

int
tap_poll(struct tap *t, unsigned budget)
{
    unsigned done = 0;

    while (done < budget) {
        int r = read_frame(t);

        if (r < 0)
            return r;
        if (r == 0)
            break;
        done++;
    }
    return (int)done;
}
